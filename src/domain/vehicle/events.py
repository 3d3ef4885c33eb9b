"""What can happen to a vehicle."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.declare import event
from domain.fields import Personal


class OwnershipRole(StrEnum):
    """In what sense somebody has a vehicle."""

    OWNER = "owner"
    LESSEE = "lessee"


class ReservationEnd(StrEnum):
    """Why a vehicle is reserved for an order no longer."""

    DELIVERED = "delivered"
    WITHDRAWN = "withdrawn"


class WarrantyKind(StrEnum):
    """What a warranty covers."""

    BASIC = "basic"
    POWERTRAIN = "powertrain"
    BATTERY = "battery"
    CORROSION = "corrosion"
    EXTENDED = "extended"
    GOODWILL = "goodwill"


class VehicleDocumentKind(StrEnum):
    """Which paper of a vehicle it is."""

    REGISTRATION = "registration"
    INVOICE = "invoice"
    INSURANCE_POLICY = "insurance_policy"
    INSPECTION_CERTIFICATE = "inspection_certificate"
    WARRANTY_BOOKLET = "warranty_booklet"
    CUSTOMS_PERMIT = "customs_permit"
    OTHER = "other"


class WorkKind(StrEnum):
    """What was done at a visit to a workshop."""

    PERIODIC_SERVICE = "periodic_service"
    REPAIR = "repair"
    WARRANTY_REPAIR = "warranty_repair"
    RECALL = "recall"
    INSPECTION = "inspection"
    BODY_AND_PAINT = "body_and_paint"
    DIAGNOSIS = "diagnosis"
    ACCESSORY = "accessory"
    OTHER = "other"


@event("vehicle.registered")
class VehicleRegistered:
    """A vehicle's record was opened: with its full VIN, a part of it, or neither.

    `vin_source` names where a part, or nothing, was all that could be had.
    """

    make: str
    model: str
    vin: str | None = None
    vin_part: str | None = None
    vin_source: str | None = None
    model_year: int | None = None
    trim: str | None = None
    colour: str | None = None


@event("vehicle.vin_completed")
class VinCompleted:
    """The full VIN became known."""

    vin: str


@event("vehicle.vin_corrected")
class VinCorrected:
    """The VIN `was` recorded wrongly."""

    was: str
    vin: str


@event("vehicle.description_corrected")
class DescriptionCorrected:
    """Make, model, year, trim and colour are these, whatever was recorded before."""

    make: str
    model: str
    model_year: int | None = None
    trim: str | None = None
    colour: str | None = None


@event("vehicle.plate_recorded")
class PlateRecorded:
    """The vehicle carries this number plate (in normal form) from now on."""

    plate: Personal[str]


@event("vehicle.ownership_recorded")
class OwnershipRecorded:
    """A customer has the vehicle from a day on, to a day not included or with no end known."""

    ownership_id: UUID
    customer_id: UUID
    role: OwnershipRole
    from_on: date
    to_on: date | None = None


@event("vehicle.ownership_ended")
class OwnershipEnded:
    """The customer no longer had the vehicle from that day on."""

    ownership_id: UUID
    to_on: date


@event("vehicle.ownership_withdrawn")
class OwnershipWithdrawn:
    """The ownership was recorded by mistake; it never was."""

    ownership_id: UUID


@event("vehicle.reserved")
class VehicleReserved:
    """The vehicle is meant for this purchase order, and for no other."""

    order_id: UUID


@event("vehicle.reservation_ended")
class ReservationEnded:
    """The vehicle is meant for that order no longer: it was handed over, or is free again."""

    order_id: UUID
    end: ReservationEnd


@event("vehicle.warranty_recorded")
class WarrantyRecorded:
    """A warranty covers the vehicle through `ends_on` or up to a mileage, whichever is first."""

    warranty_id: UUID
    kind: WarrantyKind
    starts_on: date
    ends_on: date
    mileage_limit_km: int | None = None


@event("vehicle.warranty_voided")
class WarrantyVoided:
    """The warranty covers nothing any more, or was recorded by mistake."""

    warranty_id: UUID


@event("vehicle.document_recorded")
class VehicleDocumentRecorded:
    """A paper of the vehicle was seen."""

    document_id: UUID
    kind: VehicleDocumentKind
    number: Personal[str | None] = None
    issued_on: date | None = None
    valid_until_on: date | None = None


@event("vehicle.document_withdrawn")
class VehicleDocumentWithdrawn:
    """The paper was recorded by mistake, or is no longer in force."""

    document_id: UUID


@event("vehicle.insurance_recorded")
class InsuranceRecorded:
    """The vehicle is insured until that day."""

    insurer: str
    expires_on: date


@event("vehicle.inspection_recorded")
class InspectionRecorded:
    """The vehicle was inspected by the roadworthiness authority."""

    inspected_on: date
    passed: bool
    next_due_on: date | None = None


@event("vehicle.visit_recorded")
class VisitRecorded:
    """The vehicle was at a dealer's workshop."""

    visit_id: UUID
    dealer_id: str
    visited_on: date
    mileage_km: int
    works: tuple[WorkKind, ...]
    next_service_due_on: date | None = None
    next_service_due_km: int | None = None


@event("vehicle.visit_withdrawn")
class VisitWithdrawn:
    """The visit was recorded by mistake; the right one, if any, is recorded anew."""

    visit_id: UUID


VehicleEvent = (
    VehicleRegistered
    | VinCompleted
    | VinCorrected
    | DescriptionCorrected
    | PlateRecorded
    | OwnershipRecorded
    | OwnershipEnded
    | OwnershipWithdrawn
    | VehicleReserved
    | ReservationEnded
    | WarrantyRecorded
    | WarrantyVoided
    | VehicleDocumentRecorded
    | VehicleDocumentWithdrawn
    | InsuranceRecorded
    | InspectionRecorded
    | VisitRecorded
    | VisitWithdrawn
)

EVENTS: tuple[type[VehicleEvent], ...] = (
    VehicleRegistered,
    VinCompleted,
    VinCorrected,
    DescriptionCorrected,
    PlateRecorded,
    OwnershipRecorded,
    OwnershipEnded,
    OwnershipWithdrawn,
    VehicleReserved,
    ReservationEnded,
    WarrantyRecorded,
    WarrantyVoided,
    VehicleDocumentRecorded,
    VehicleDocumentWithdrawn,
    InsuranceRecorded,
    InspectionRecorded,
    VisitRecorded,
    VisitWithdrawn,
)
