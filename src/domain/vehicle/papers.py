"""A vehicle's warranties, documents, insurance, inspections, and its visits to workshops."""

from collections.abc import Mapping, Sequence
from typing import Annotated, TypeVar, assert_never
from uuid import UUID

from domain.declare import Command, Context, NotPermitted, Refusal, Role, Unacceptable, command
from domain.fields import Between, BusinessDate, Code, Items, Name, Text
from domain.vehicle.events import (
    InspectionRecorded,
    InsuranceRecorded,
    VehicleDocumentKind,
    VehicleDocumentRecorded,
    VehicleDocumentWithdrawn,
    VehicleEvent,
    VisitRecorded,
    VisitWithdrawn,
    WarrantyKind,
    WarrantyRecorded,
    WarrantyVoided,
    WorkKind,
)
from domain.vehicle.state import (
    ENTRIES_MAX,
    EntryExists,
    EntryIsWithdrawn,
    EntryNotFound,
    TooManyEntries,
    Vehicle,
    require_order,
    require_past,
    require_vehicle_care,
)

Kilometres = Annotated[int, Between(0, 5_000_000)]
Entry = TypeVar("Entry", WarrantyRecorded, VehicleDocumentRecorded, VisitRecorded)

# --- commands -------------------------------------------------------------------------------------


@command
class RecordWarranty(Command):
    """Record what a warranty covers and for how long."""

    warranty_id: UUID
    kind: WarrantyKind
    starts_on: BusinessDate
    ends_on: BusinessDate
    mileage_limit_km: Kilometres | None = None


@command
class VoidWarranty(Command):
    """Let a warranty cover nothing any more."""

    warranty_id: UUID


@command
class RecordVehicleDocument(Command):
    """Record a paper of the vehicle."""

    document_id: UUID
    kind: VehicleDocumentKind
    number: Annotated[str, Text(max=64)] | None = None
    issued_on: BusinessDate | None = None
    valid_until_on: BusinessDate | None = None


@command
class WithdrawVehicleDocument(Command):
    """Take back a paper that was recorded by mistake or is no longer in force."""

    document_id: UUID


@command
class RecordInsurance(Command):
    """Record until when the vehicle is insured, and by whom."""

    insurer: Name
    expires_on: BusinessDate


@command
class RecordInspection(Command):
    """Record an inspection for roadworthiness and when the next one is due."""

    inspected_on: BusinessDate
    passed: bool = True
    next_due_on: BusinessDate | None = None


@command
class RecordVisit(Command):
    """Record a visit to a dealer's workshop."""

    visit_id: UUID
    dealer_id: Code
    visited_on: BusinessDate
    mileage_km: Kilometres
    works: Annotated[tuple[WorkKind, ...], Items(max=len(WorkKind), min=1)]
    next_service_due_on: BusinessDate | None = None
    next_service_due_km: Kilometres | None = None


@command
class WithdrawVisit(Command):
    """Take back a visit that was recorded by mistake."""

    visit_id: UUID


PapersCommand = (
    RecordWarranty
    | VoidWarranty
    | RecordVehicleDocument
    | WithdrawVehicleDocument
    | RecordInsurance
    | RecordInspection
    | RecordVisit
    | WithdrawVisit
)

# --- refusals -------------------------------------------------------------------------------------


class VisitOfAnotherDealer(NotPermitted, code="vehicle.visit_of_another_dealer"):
    """A dealer records and takes back visits to its own workshop only."""


class MileageGoesBack(Unacceptable, code="vehicle.mileage_goes_back"):
    """The mileage does not fit between those of the visits before and after this one."""


class NextServiceIsNotLater(Unacceptable, code="vehicle.next_service_is_not_later"):
    """The next service must be due after this visit, in days and in kilometres."""


class OlderInspection(Refusal, code="vehicle.older_inspection"):
    """A newer inspection of the vehicle is recorded already."""


# --- decide ---------------------------------------------------------------------------------------


def decide(vehicle: Vehicle, command: PapersCommand, context: Context) -> Sequence[VehicleEvent]:
    """Decide what is recorded of a vehicle's papers and visits."""
    require_vehicle_care(context)
    match command:
        case RecordWarranty() | RecordVehicleDocument():
            return _paper(vehicle, command, context)
        case VoidWarranty(warranty_id=entry):
            gone = _withdraw(vehicle, vehicle.warranties, entry)
            return [] if gone else [WarrantyVoided(warranty_id=entry)]
        case WithdrawVehicleDocument(document_id=entry):
            gone = _withdraw(vehicle, vehicle.documents, entry)
            return [] if gone else [VehicleDocumentWithdrawn(document_id=entry)]
        case RecordInsurance():
            insured = InsuranceRecorded(insurer=command.insurer, expires_on=command.expires_on)
            return [] if vehicle.insurance == insured else [insured]
        case RecordInspection():
            return _inspection(vehicle, command, context)
        case RecordVisit() | WithdrawVisit():
            return _visit(vehicle, command, context)
    assert_never(command)


def _is_recorded(
    vehicle: Vehicle, known: Mapping[UUID, Entry], entry_id: UUID, entry: Entry
) -> bool:
    """Tell whether exactly this entry stands; refuse an id that stands for something else."""
    if entry_id in vehicle.withdrawn:
        raise EntryIsWithdrawn
    if entry_id in known:
        if known[entry_id] == entry:
            return True
        raise EntryExists
    if len(known) >= ENTRIES_MAX:
        raise TooManyEntries(at_most=ENTRIES_MAX)
    return False


def _withdraw(vehicle: Vehicle, known: Mapping[UUID, Entry], entry_id: UUID) -> bool:
    """Tell whether the entry is withdrawn already; refuse one that never was."""
    if entry_id not in known:
        raise EntryNotFound
    return entry_id in vehicle.withdrawn


def _paper(
    vehicle: Vehicle, command: RecordWarranty | RecordVehicleDocument, context: Context
) -> Sequence[VehicleEvent]:
    match command:
        case RecordWarranty():
            require_order(command.starts_on, command.ends_on)
            warranty = WarrantyRecorded(
                warranty_id=command.warranty_id,
                kind=command.kind,
                starts_on=command.starts_on,
                ends_on=command.ends_on,
                mileage_limit_km=command.mileage_limit_km,
            )
            stands = _is_recorded(vehicle, vehicle.warranties, command.warranty_id, warranty)
            return [] if stands else [warranty]
        case RecordVehicleDocument():
            require_order(command.issued_on, command.valid_until_on)
            if command.issued_on is not None:
                require_past(command.issued_on, context.now)
            document = VehicleDocumentRecorded(
                document_id=command.document_id,
                kind=command.kind,
                number=command.number,
                issued_on=command.issued_on,
                valid_until_on=command.valid_until_on,
            )
            stands = _is_recorded(vehicle, vehicle.documents, command.document_id, document)
            return [] if stands else [document]
    assert_never(command)


def _inspection(
    vehicle: Vehicle, command: RecordInspection, context: Context
) -> Sequence[VehicleEvent]:
    require_past(command.inspected_on, context.now)
    require_order(command.inspected_on, command.next_due_on)
    inspected = InspectionRecorded(
        inspected_on=command.inspected_on,
        passed=command.passed,
        next_due_on=command.next_due_on,
    )
    newest = vehicle.inspection
    if newest == inspected:
        return []
    if newest is not None and newest.inspected_on > inspected.inspected_on:
        raise OlderInspection(newest=newest.inspected_on.isoformat())
    return [inspected]


def _require_own_dealer(dealer_id: str, context: Context) -> None:
    actor = context.actor
    if actor.roles == {Role.DEALER} and actor.dealer_id != dealer_id:
        raise VisitOfAnotherDealer


def _visit(
    vehicle: Vehicle, command: RecordVisit | WithdrawVisit, context: Context
) -> Sequence[VehicleEvent]:
    match command:
        case WithdrawVisit(visit_id=visit_id):
            gone = _withdraw(vehicle, vehicle.visits, visit_id)
            _require_own_dealer(vehicle.visits[visit_id].dealer_id, context)
            return [] if gone else [VisitWithdrawn(visit_id=visit_id)]
        case RecordVisit():
            _require_own_dealer(command.dealer_id, context)
            visit = VisitRecorded(
                visit_id=command.visit_id,
                dealer_id=command.dealer_id,
                visited_on=command.visited_on,
                mileage_km=command.mileage_km,
                works=tuple(dict.fromkeys(command.works)),
                next_service_due_on=command.next_service_due_on,
                next_service_due_km=command.next_service_due_km,
            )
            if _is_recorded(vehicle, vehicle.visits, command.visit_id, visit):
                return []
            require_past(visit.visited_on, context.now)
            _require_plausible(vehicle, visit)
            return [visit]
    assert_never(command)


def _require_plausible(vehicle: Vehicle, visit: VisitRecorded) -> None:
    """Refuse a mileage out of its order, and a next service that is not after this visit."""
    due_on, due_km = visit.next_service_due_on, visit.next_service_due_km
    if due_on is not None and due_on <= visit.visited_on:
        raise NextServiceIsNotLater
    if due_km is not None and due_km <= visit.mileage_km:
        raise NextServiceIsNotLater
    for other in vehicle.standing_visits:
        earlier, later = sorted((other, visit), key=lambda one: one.visited_on)
        if earlier.visited_on != later.visited_on and earlier.mileage_km > later.mileage_km:
            raise MileageGoesBack(other_on=other.visited_on.isoformat(), other_km=other.mileage_km)
