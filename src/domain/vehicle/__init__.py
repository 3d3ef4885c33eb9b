"""A vehicle: which one it is, who had it when, its papers and its service record.

There is one record per VIN. A part of a VIN, or none, is enough to begin with; only a full one
is claimed.
"""

from collections.abc import Sequence
from typing import assert_never

from domain.declare import CaseNotFound, Context, Decider
from domain.vehicle import identity, papers, reservation
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
    ReservationEnd,
    ReservationEnded,
    VehicleDocumentKind,
    VehicleDocumentRecorded,
    VehicleDocumentWithdrawn,
    VehicleEvent,
    VehicleRegistered,
    VehicleReserved,
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
from domain.vehicle.reservation import EndReservation, ReserveVehicle
from domain.vehicle.state import Vehicle, claims, evolve, parties, subject

VehicleCommand = identity.IdentityCommand | papers.PapersCommand | reservation.ReservationCommand


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
        case ReserveVehicle() | EndReservation():
            return reservation.decide(vehicle, command, context)
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
        ReserveVehicle,
        EndReservation,
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
    "EndReservation",
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
    "ReservationEnd",
    "ReservationEnded",
    "ReserveVehicle",
    "Vehicle",
    "VehicleCommand",
    "VehicleDocumentKind",
    "VehicleDocumentRecorded",
    "VehicleDocumentWithdrawn",
    "VehicleEvent",
    "VehicleRegistered",
    "VehicleReserved",
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
