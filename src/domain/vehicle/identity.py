"""Which vehicle it is, and who has it."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, assert_never
from uuid import UUID

from domain.declare import (
    AlreadyExists,
    Command,
    Context,
    NotPermitted,
    Refusal,
    Role,
    Unacceptable,
    command,
)
from domain.fields import Between, BusinessDate, Code, Name, Text
from domain.identifiers import plate_number, vin, vin_part, vin_with_check_digit
from domain.vehicle.events import (
    DescriptionCorrected,
    OwnershipEnded,
    OwnershipRecorded,
    OwnershipRole,
    OwnershipWithdrawn,
    PlateRecorded,
    VehicleEvent,
    VehicleRegistered,
    VinCompleted,
    VinCorrected,
)
from domain.vehicle.state import (
    ENTRIES_MAX,
    EntryExists,
    EntryIsWithdrawn,
    EntryNotFound,
    TooManyEntries,
    Vehicle,
    VehicleIsReserved,
    require_order,
    require_past,
    require_vehicle_care,
)

ModelYear = Annotated[int, Between(1900, 2199)]
VinText = Annotated[str, Text(max=40)]

# --- commands -------------------------------------------------------------------------------------


@command
class RegisterVehicle(Command):
    """Open a vehicle's record; `vin` is full, a part with its source, or unknown with a source."""

    make: Name
    model: Name
    vin: VinText | None = None
    vin_source: Code | None = None
    check_digit_applies: bool = False
    model_year: ModelYear | None = None
    trim: Name | None = None
    colour: Name | None = None


@command
class CompleteVin(Command):
    """Record the full VIN of a vehicle of which it was not known."""

    vin: VinText
    check_digit_applies: bool = False


@command
class CorrectVin(Command):
    """Record the right VIN in place of a wrong one."""

    vin: VinText
    check_digit_applies: bool = False


@command
class CorrectDescription(Command):
    """Record the right make, model, year, trim and colour."""

    make: Name
    model: Name
    model_year: ModelYear | None = None
    trim: Name | None = None
    colour: Name | None = None


@command
class RecordPlate(Command):
    """Record the number plate that the vehicle carries now."""

    plate: Annotated[str, Text(max=40)]


@command
class RecordOwnership(Command):
    """Record who has the vehicle, from when, and until when if that is over."""

    ownership_id: UUID
    customer_id: UUID
    role: OwnershipRole = OwnershipRole.OWNER
    from_on: BusinessDate
    to_on: BusinessDate | None = None


@command
class EndOwnership(Command):
    """Record from which day on the customer no longer had the vehicle."""

    ownership_id: UUID
    to_on: BusinessDate


@command
class WithdrawOwnership(Command):
    """Take back an ownership that never was."""

    ownership_id: UUID


IdentityCommand = (
    RegisterVehicle
    | CompleteVin
    | CorrectVin
    | CorrectDescription
    | RecordPlate
    | RecordOwnership
    | EndOwnership
    | WithdrawOwnership
)

# --- refusals -------------------------------------------------------------------------------------


class VinSourceIsMissing(Unacceptable, code="vehicle.vin_source_is_missing"):
    """Say where the vehicle is known from, since its full VIN is not known."""


class VinStands(Refusal, code="vehicle.vin_stands"):
    """The vehicle has another full VIN; correct that one instead."""


class VinIsNotKnown(Refusal, code="vehicle.vin_is_not_known"):
    """There is no full VIN to correct; complete it instead."""


class VinContradictsPart(Unacceptable, code="vehicle.vin_contradicts_part"):
    """This VIN neither begins nor ends with the part that is known."""


class ModelYearLiesAhead(Unacceptable, code="vehicle.model_year_lies_ahead"):
    """No vehicle of that model year can have been built yet."""


class OwnershipOverlaps(Refusal, code="vehicle.ownership_overlaps"):
    """Somebody else has the vehicle in this role at that time; end that ownership first."""


class OwnershipHasEnded(Refusal, code="vehicle.ownership_has_ended"):
    """The ownership has ended on another day."""


class OwnershipNotYours(NotPermitted, code="vehicle.ownership_not_yours"):
    """Only customer care may take back an ownership."""


# --- decide ---------------------------------------------------------------------------------------


def decide(vehicle: Vehicle, command: IdentityCommand, context: Context) -> Sequence[VehicleEvent]:
    """Decide which vehicle it is and who has it."""
    require_vehicle_care(context)
    match command:
        case RegisterVehicle():
            return _register(vehicle, command, context)
        case CompleteVin() | CorrectVin():
            return _vin(vehicle, command)
        case CorrectDescription():
            _require_built(command.model_year, context)
            described = DescriptionCorrected(
                make=command.make,
                model=command.model,
                model_year=command.model_year,
                trim=command.trim,
                colour=command.colour,
            )
            return [] if vehicle.description == described else [described]
        case RecordPlate():
            plate = plate_number(command.plate)
            return [] if vehicle.plate == plate else [PlateRecorded(plate=plate)]
        case RecordOwnership():
            return _own(vehicle, command, context)
        case EndOwnership() | WithdrawOwnership():
            return _end(vehicle, command, context)
    assert_never(command)


def _require_built(model_year: int | None, context: Context) -> None:
    latest = context.now.year + 2  # model years are sold ahead of the calendar
    if model_year is not None and model_year > latest:
        raise ModelYearLiesAhead(at_most=latest)


def _full_vin(text: str, *, check_digit_applies: bool) -> str:
    return vin_with_check_digit(text) if check_digit_applies else vin(text)


def _register(
    vehicle: Vehicle, command: RegisterVehicle, context: Context
) -> Sequence[VehicleEvent]:
    full = part = None
    if command.vin is not None and (command.vin_source is None or len(command.vin) >= 17):
        full = _full_vin(command.vin, check_digit_applies=command.check_digit_applies)
    elif command.vin is not None:
        part = vin_part(command.vin)
    elif command.vin_source is None:
        raise VinSourceIsMissing
    _require_built(command.model_year, context)
    registered = VehicleRegistered(
        make=command.make,
        model=command.model,
        vin=full,
        vin_part=part,
        vin_source=command.vin_source,
        model_year=command.model_year,
        trim=command.trim,
        colour=command.colour,
    )
    if vehicle.registered_as is None:
        return [registered]
    if vehicle.registered_as == registered:
        return []
    raise AlreadyExists


def _vin(vehicle: Vehicle, command: CompleteVin | CorrectVin) -> Sequence[VehicleEvent]:
    full = _full_vin(command.vin, check_digit_applies=command.check_digit_applies)
    if vehicle.vin == full:
        return []
    match command:
        case CompleteVin():
            if vehicle.vin is not None:
                raise VinStands
            part = vehicle.vin_part or ""
            if not (full.startswith(part) or full.endswith(part)):
                raise VinContradictsPart
            return [VinCompleted(vin=full)]
        case CorrectVin():
            if vehicle.vin is None:
                raise VinIsNotKnown
            if vehicle.reserved_for is not None:
                raise VehicleIsReserved
            return [VinCorrected(was=vehicle.vin, vin=full)]
    assert_never(command)


def _own(vehicle: Vehicle, command: RecordOwnership, context: Context) -> Sequence[VehicleEvent]:
    recorded = OwnershipRecorded(
        ownership_id=command.ownership_id,
        customer_id=command.customer_id,
        role=command.role,
        from_on=command.from_on,
        to_on=command.to_on,
    )
    if command.ownership_id in vehicle.withdrawn:
        raise EntryIsWithdrawn
    known = vehicle.ownerships.get(command.ownership_id)
    if known is not None:
        if known == recorded:
            return []
        raise EntryExists
    if vehicle.reserved_for is not None and command.to_on is None:
        raise VehicleIsReserved
    require_past(command.to_on or command.from_on, context.now)
    require_order(command.from_on, command.to_on)
    if len(vehicle.ownerships) >= ENTRIES_MAX:
        raise TooManyEntries(at_most=ENTRIES_MAX)
    for other in vehicle.standing_ownerships:
        until = vehicle.until(other.ownership_id)
        if other.role is command.role and _overlap(other.from_on, until, recorded):
            raise OwnershipOverlaps(ownership_id=str(other.ownership_id))
    return [recorded]


def _overlap(from_on: date, to_on: date | None, recorded: OwnershipRecorded) -> bool:
    """Tell whether two spans share a day; the day of a sale belongs to the buyer alone."""
    begins_before_end = to_on is None or recorded.from_on < to_on
    ends_after_beginning = recorded.to_on is None or from_on < recorded.to_on
    return begins_before_end and ends_after_beginning


def _end(
    vehicle: Vehicle, command: EndOwnership | WithdrawOwnership, context: Context
) -> Sequence[VehicleEvent]:
    known = vehicle.ownerships.get(command.ownership_id)
    if known is None:
        raise EntryNotFound
    is_withdrawn = command.ownership_id in vehicle.withdrawn
    match command:
        case EndOwnership(ownership_id=ownership_id, to_on=to_on):
            if is_withdrawn:
                raise EntryIsWithdrawn
            until = vehicle.until(ownership_id)
            if until == to_on:
                return []
            if until is not None:
                raise OwnershipHasEnded(ended=until.isoformat())
            require_past(to_on, context.now)
            require_order(known.from_on, to_on)
            return [OwnershipEnded(ownership_id=ownership_id, to_on=to_on)]
        case WithdrawOwnership(ownership_id=ownership_id):
            if context.actor.roles == {Role.DEALER}:
                raise OwnershipNotYours
            return [] if is_withdrawn else [OwnershipWithdrawn(ownership_id=ownership_id)]
    assert_never(command)
