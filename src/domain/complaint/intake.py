"""Intake: the complaint is registered, judged, and, where it is invalid, answered and ended."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from domain.complaint.words import AnswerThrough, Channel, Kind, MileageUnit, Origin
from domain.declare import Command, Refusal, Unacceptable, command, event
from domain.fields import Between, BusinessDate, Code, Line, Name, Narrative, Personal, Text
from domain.procedure import Taker
from domain.rulebook import DocumentName, Pin

# --- events ---------------------------------------------------------------------------------------


@event("complaint.registered")
class ComplaintRegistered:
    """The case begins. What was not known then is None; later events find it out.

    `received_at` is the original instant, also of a case that comes from another system;
    `dealer_id` is the dealer who raised it (origin dealer) or whom it is about.
    """

    kind: Kind
    channel: Channel
    origin: Origin
    received_at: datetime
    procedure: Pin
    occurred_on: date | None = None
    narrative: Personal[str] | None = None
    customer_id: UUID | None = None
    complainant_name: Personal[str] | None = None
    complainant_contact: Personal[str] | None = None
    vehicle_id: UUID | None = None
    vin_partial: Personal[str] | None = None
    vehicle_described: Personal[str] | None = None
    mileage: int | None = None
    mileage_unit: MileageUnit | None = None
    injured_count: int = 0
    deaths_count: int = 0
    fire: bool = False
    crash: bool = False
    media: bool = False
    dealer_id: str | None = None
    dealer_named: Personal[str] | None = None
    region: str | None = None
    number: str | None = None
    source_ref: str | None = None


@event("complaint.judged_valid")
class ComplaintJudgedValid:
    """It is a complaint, and is handled."""

    by: Taker
    reason: Personal[str] | None = None


@event("complaint.judged_invalid")
class ComplaintJudgedInvalid:
    """It is not a complaint, for this reason; it is answered and ends."""

    by: Taker
    reason: Personal[str]


@event("complaint.invalid_answered")
class InvalidComplaintAnswered:
    """An invalid complaint was answered, and the case has ended."""

    through: AnswerThrough
    channel: Channel
    answer: Personal[str]
    by: Taker


@event("complaint.complainant_identified")
class ComplainantIdentified:
    """The complainant is this customer."""

    customer_id: UUID


@event("complaint.vehicle_linked")
class VehicleLinked:
    """The complaint is about this vehicle."""

    vehicle_id: UUID


# --- commands -------------------------------------------------------------------------------------

VinGiven = Annotated[str, Text(max=40, min=3)]
Odometer = Annotated[int, Between(0, 10_000_000)]
People = Annotated[int, Between(0, 10_000)]


@command
class RegisterComplaint(Command):
    """Open a case. Without `procedure`, the one that serves the kind; without `received_at`, now."""

    kind: Kind
    channel: Channel
    origin: Origin = Origin.CUSTOMER
    received_at: datetime | None = None
    procedure: DocumentName | None = None
    occurred_on: BusinessDate | None = None
    narrative: Narrative | None = None
    customer_id: UUID | None = None
    complainant_name: Name | None = None
    complainant_contact: Line | None = None
    vehicle_id: UUID | None = None
    vin_partial: VinGiven | None = None
    vehicle_described: Line | None = None
    mileage: Odometer | None = None
    mileage_unit: MileageUnit = MileageUnit.KM
    injured_count: People = 0
    deaths_count: People = 0
    fire: bool = False
    crash: bool = False
    media: bool = False
    dealer_id: Code | None = None
    dealer_named: Line | None = None
    region: Code | None = None
    number: Code | None = None
    source_ref: Line | None = None


@command
class JudgeComplaint(Command):
    """Say whether it is a complaint; saying no takes a reason."""

    valid: bool
    reason: Narrative | None = None


@command
class AnswerInvalidComplaint(Command):
    """Answer an invalid complaint, through the party that has to, and end the case."""

    through: AnswerThrough
    channel: Channel
    answer: Narrative


@command
class IdentifyComplainant(Command):
    """Say who the complainant is, once that is known."""

    customer_id: UUID


@command
class LinkVehicle(Command):
    """Say which vehicle it is about, once that is known."""

    vehicle_id: UUID


# --- refusals -------------------------------------------------------------------------------------


class NarrativeMissing(Unacceptable, code="complaint.narrative_missing"):
    """A complaint says what it is about, unless it is carried over from a source that does not."""


class OccurredAfterReceipt(Unacceptable, code="complaint.occurred_after_receipt"):
    """What is complained about cannot have happened after the complaint came in."""


class DealerMissing(Unacceptable, code="complaint.dealer_missing"):
    """A complaint that a dealer raises names that dealer."""


class NoProcedureServes(Refusal, code="complaint.no_procedure_serves"):
    """No procedure in force serves this kind of complaint; name one or publish one."""


class AlreadyJudged(Refusal, code="complaint.already_judged"):
    """The complaint has been judged already, and differently."""


class InvalidNeedsReason(Unacceptable, code="complaint.invalid_needs_reason"):
    """A complaint is judged invalid only with a reason."""


class NotJudgedInvalid(Refusal, code="complaint.not_judged_invalid"):
    """Only a complaint that was judged invalid is answered in this way."""


class AlreadyAnswered(Refusal, code="complaint.already_answered"):
    """The invalid complaint has been answered already."""


class AnswerGoesThroughSpecialist(Refusal, code="complaint.answer_goes_through_specialist"):
    """This complaint was not raised by a dealer; the service specialist gives the answer."""


class AnswerGoesThroughDealer(Refusal, code="complaint.answer_goes_through_dealer"):
    """A dealer raised this complaint; the answer goes through the dealer."""


class ComplainantAlreadyIdentified(Refusal, code="complaint.complainant_already_identified"):
    """The complainant is already known to be somebody else; a correction can say otherwise."""


class VehicleAlreadyLinked(Refusal, code="complaint.vehicle_already_linked"):
    """Another vehicle is already linked; a correction can say otherwise."""
