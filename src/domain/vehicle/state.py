"""What is known of a vehicle at one version of its record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import assert_never
from uuid import UUID

from domain.declare import (
    Claim,
    Context,
    NotFound,
    NotPermitted,
    Parties,
    Refusal,
    Release,
    Role,
    Unacceptable,
)
from domain.fields import Erased
from domain.vehicle.events import (
    DescriptionCorrected,
    InspectionRecorded,
    InsuranceRecorded,
    OwnershipEnded,
    OwnershipRecorded,
    OwnershipRole,
    OwnershipWithdrawn,
    PlateRecorded,
    ReservationEnded,
    VehicleDocumentRecorded,
    VehicleDocumentWithdrawn,
    VehicleEvent,
    VehicleRegistered,
    VehicleReserved,
    VinCompleted,
    VinCorrected,
    VisitRecorded,
    VisitWithdrawn,
    WarrantyRecorded,
    WarrantyVoided,
)

ENTRIES_MAX = 2_000
"""How many ownerships, warranties, documents or visits a record holds."""


class VehicleCareOnly(NotPermitted, code="vehicle.vehicle_care_only"):
    """Only customer care or a dealer may record this of a vehicle."""


class DateLiesAhead(Unacceptable, code="vehicle.date_lies_ahead"):
    """What has happened cannot bear a date that is still to come."""


class DatesAreReversed(Unacceptable, code="vehicle.dates_are_reversed"):
    """The end comes before the beginning."""


class EntryNotFound(NotFound, code="vehicle.entry_not_found"):
    """The vehicle's record has no entry with this id."""


class EntryExists(Refusal, code="vehicle.entry_exists"):
    """An entry with this id exists with other content; choose another id."""


class EntryIsWithdrawn(Refusal, code="vehicle.entry_is_withdrawn"):
    """This entry was withdrawn; record it again under a new id."""


class TooManyEntries(Refusal, code="vehicle.too_many_entries"):
    """The vehicle has as many entries of this kind as a record can hold."""


class VehicleIsReserved(Refusal, code="vehicle.is_reserved"):
    """The vehicle is meant for a purchase order; change it there first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """One vehicle; entries stand as they were recorded, `withdrawn` and `ended` beside them."""

    registered_as: VehicleRegistered | None = None
    vin: str | None = None
    vin_part: str | None = None
    description: DescriptionCorrected | None = None
    plate: str | Erased | None = None
    ownerships: Mapping[UUID, OwnershipRecorded] = field(default_factory=dict)
    ended: Mapping[UUID, date] = field(default_factory=dict)
    warranties: Mapping[UUID, WarrantyRecorded] = field(default_factory=dict)
    documents: Mapping[UUID, VehicleDocumentRecorded] = field(default_factory=dict)
    visits: Mapping[UUID, VisitRecorded] = field(default_factory=dict)
    withdrawn: frozenset[UUID] = frozenset()
    insurance: InsuranceRecorded | None = None
    inspection: InspectionRecorded | None = None
    reserved_for: UUID | None = None
    """The purchase order that the vehicle is meant for."""

    def until(self, ownership_id: UUID) -> date | None:
        """Return the day from which an ownership was over, None where it is not."""
        return self.ended.get(ownership_id, self.ownerships[ownership_id].to_on)

    @property
    def standing_ownerships(self) -> list[OwnershipRecorded]:
        """Return what was not withdrawn, whether over or not."""
        return [o for o in self.ownerships.values() if o.ownership_id not in self.withdrawn]

    @property
    def standing_visits(self) -> list[VisitRecorded]:
        """Return the visits that were not withdrawn."""
        return [v for v in self.visits.values() if v.visit_id not in self.withdrawn]

    @property
    def holder(self) -> UUID | None:
        """Return the customer who has the vehicle now: the lessee, where there is one."""
        open_now = [o for o in self.standing_ownerships if self.until(o.ownership_id) is None]
        if not open_now:
            return None
        newest = max(open_now, key=lambda o: (o.role is OwnershipRole.LESSEE, o.from_on))
        return newest.customer_id


def require_vehicle_care(context: Context) -> None:
    """Refuse customers and auditors what only staff and dealers may record."""
    if not context.actor.has(*(frozenset(Role) - {Role.CUSTOMER, Role.AUDITOR})):
        raise VehicleCareOnly


def require_past(on: date, now: datetime) -> None:
    """Refuse a date that has not begun anywhere on earth yet."""
    latest_on = (now + timedelta(hours=14)).date()
    if on > latest_on:
        raise DateLiesAhead(on=on.isoformat(), latest=latest_on.isoformat())


def require_order(earlier: date | None, later: date | None) -> None:
    """Refuse an end before its beginning, where both are known."""
    if earlier is not None and later is not None and later < earlier:
        raise DatesAreReversed(begins=earlier.isoformat(), ends=later.isoformat())


def evolve(vehicle: Vehicle, event: VehicleEvent) -> Vehicle:
    """Follow one event of a vehicle's record."""
    match event:
        case VehicleRegistered():
            description = DescriptionCorrected(
                make=event.make,
                model=event.model,
                model_year=event.model_year,
                trim=event.trim,
                colour=event.colour,
            )
            return replace(
                vehicle,
                registered_as=event,
                vin=event.vin,
                vin_part=event.vin_part,
                description=description,
            )
        case VinCompleted(vin=vin) | VinCorrected(vin=vin):
            return replace(vehicle, vin=vin)
        case DescriptionCorrected():
            return replace(vehicle, description=event)
        case PlateRecorded(plate=plate):
            return replace(vehicle, plate=plate)
        case OwnershipRecorded():
            return replace(vehicle, ownerships={**vehicle.ownerships, event.ownership_id: event})
        case OwnershipEnded():
            return replace(vehicle, ended={**vehicle.ended, event.ownership_id: event.to_on})
        case WarrantyRecorded():
            return replace(vehicle, warranties={**vehicle.warranties, event.warranty_id: event})
        case VehicleDocumentRecorded():
            return replace(vehicle, documents={**vehicle.documents, event.document_id: event})
        case VisitRecorded():
            return replace(vehicle, visits={**vehicle.visits, event.visit_id: event})
        case (
            OwnershipWithdrawn(ownership_id=entry)
            | WarrantyVoided(warranty_id=entry)
            | VehicleDocumentWithdrawn(document_id=entry)
            | VisitWithdrawn(visit_id=entry)
        ):
            return replace(vehicle, withdrawn=vehicle.withdrawn | {entry})
        case InsuranceRecorded():
            return replace(vehicle, insurance=event)
        case InspectionRecorded():
            return replace(vehicle, inspection=event)
        case VehicleReserved(order_id=order_id):
            return replace(vehicle, reserved_for=order_id)
        case ReservationEnded():
            return replace(vehicle, reserved_for=None)
    assert_never(event)


def parties(vehicle: Vehicle) -> Parties:
    """Answer the customer who has the vehicle now."""
    return Parties(customer_id=vehicle.holder)


def subject(stream: UUID, vehicle: Vehicle, _event: VehicleEvent) -> UUID:
    """Encrypt with the key of who has the vehicle now; where nobody is known, with its own."""
    return vehicle.holder or stream


def claims(_vehicle: Vehicle, event: VehicleEvent) -> Sequence[Claim | Release]:
    """Name the full VIN, which belongs to one vehicle alone; a part of one claims nothing."""
    match event:
        case VehicleRegistered(vin=str(vin)) | VinCompleted(vin=vin):
            return [Claim("vin", vin)]
        case VinCorrected(was=was, vin=vin):
            return [Release("vin", was), Claim("vin", vin)]
        case _:
            return ()
