"""A vehicle: which one it is, who had it when, its papers and its service record.

There is one record per VIN. A part of a VIN, or none, is enough to begin with; only a full one
is claimed.
"""

from collections.abc import Sequence
from typing import assert_never

from domain.declare import CaseNotFound, Context, Decider
from domain.vehicle import identity, papers
from domain.vehicle.events import (
    EVENTS,
    DescriptionCorrected,
    InspectionRecorded,
    InsuranceRecorded,
    OwnershipEnded,
    OwnershipRecorded,
    OwnershipRole,
    OwnershipWithdrawn,
    PlateRecorded,
    VehicleDocumentKind,
    VehicleDocumentRecorded,
    VehicleDocumentWithdrawn,
    VehicleEvent,
    VehicleRegistered,
    VinCompleted,
    VinCorrected,
    VisitRecorded,
    VisitWithdrawn,
    WarrantyKind,
    WarrantyRecorded,
    WarrantyVoided,
    WorkKind,
)
from domain.vehicle.identity import (
    CompleteVin,
    CorrectDescription,
    CorrectVin,
    EndOwnership,
    RecordOwnership,
    RecordPlate,
    RegisterVehicle,
    WithdrawOwnership,
)
from domain.vehicle.papers import (
    RecordInspection,
    RecordInsurance,
    RecordVehicleDocument,
    RecordVisit,
    RecordWarranty,
    VoidWarranty,
    WithdrawVehicleDocument,
    WithdrawVisit,
)
from domain.vehicle.state import Vehicle, claims, evolve, parties, subject

VehicleCommand = identity.IdentityCommand | papers.PapersCommand


def decide(vehicle: Vehicle, command: VehicleCommand, context: Context) -> Sequence[VehicleEvent]:
    """Decide a wish of one vehicle's record."""
    if vehicle.registered_as is None and not isinstance(command, RegisterVehicle):
        raise CaseNotFound
    match command:
        case (
            RegisterVehicle()
            | CompleteVin()
            | CorrectVin()
            | CorrectDescription()
            | RecordPlate()
            | RecordOwnership()
            | EndOwnership()
            | WithdrawOwnership()
        ):
            return identity.decide(vehicle, command, context)
        case (
            RecordWarranty()
            | VoidWarranty()
            | RecordVehicleDocument()
            | WithdrawVehicleDocument()
            | RecordInsurance()
            | RecordInspection()
            | RecordVisit()
            | WithdrawVisit()
        ):
            return papers.decide(vehicle, command, context)
    assert_never(command)


DECIDER: Decider[Vehicle, VehicleCommand, VehicleEvent] = Decider(
    category="vehicle",
    initial=Vehicle(),
    decide=decide,
    evolve=evolve,
    commands=(
        RegisterVehicle,
        CompleteVin,
        CorrectVin,
        CorrectDescription,
        RecordPlate,
        RecordOwnership,
        EndOwnership,
        WithdrawOwnership,
        RecordWarranty,
        VoidWarranty,
        RecordVehicleDocument,
        WithdrawVehicleDocument,
        RecordInsurance,
        RecordInspection,
        RecordVisit,
        WithdrawVisit,
    ),
    opens=(RegisterVehicle,),
    events=EVENTS,
    parties=parties,
    subject=subject,
    claims=claims,
)

__all__ = [
    "DECIDER",
    "CompleteVin",
    "CorrectDescription",
    "CorrectVin",
    "DescriptionCorrected",
    "EndOwnership",
    "InspectionRecorded",
    "InsuranceRecorded",
    "OwnershipEnded",
    "OwnershipRecorded",
    "OwnershipRole",
    "OwnershipWithdrawn",
    "PlateRecorded",
    "RecordInspection",
    "RecordInsurance",
    "RecordOwnership",
    "RecordPlate",
    "RecordVehicleDocument",
    "RecordVisit",
    "RecordWarranty",
    "RegisterVehicle",
    "Vehicle",
    "VehicleCommand",
    "VehicleDocumentKind",
    "VehicleDocumentRecorded",
    "VehicleDocumentWithdrawn",
    "VehicleEvent",
    "VehicleRegistered",
    "VinCompleted",
    "VinCorrected",
    "VisitRecorded",
    "VisitWithdrawn",
    "VoidWarranty",
    "WarrantyKind",
    "WarrantyRecorded",
    "WarrantyVoided",
    "WithdrawOwnership",
    "WithdrawVehicleDocument",
    "WithdrawVisit",
    "WorkKind",
]
