"""Intake: the complaint is registered; who complains and about which vehicle may come later."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, assert_never
from uuid import UUID

from domain import identifiers
from domain.complaint.case import (
    Complaint,
    ComplaintOfAnotherCustomer,
    Facts,
    Follow,
    NotTheAssignedDealer,
    past_instant,
    registered,
    same_wish,
)
from domain.complaint.words import (
    Channel,
    Kind,
    MileageUnit,
    Origin,
    Risk,
    Status,
)
from domain.declare import (
    Actor,
    AlreadyExists,
    Command,
    Context,
    NotPermitted,
    Refusal,
    Role,
    Unacceptable,
    command,
    event,
)
from domain.fields import Between, BusinessDate, Code, Line, Name, Narrative, Personal, Text
from domain.procedure import Procedure
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
    """Open a case. Without `procedure`, by the one that serves the kind; `received_at` is now."""

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


class ProcedureNotYours(NotPermitted, code="complaint.procedure_not_yours"):
    """You may not choose this procedure; leave it out, and the one that serves is followed."""


class ComplainantAlreadyIdentified(Refusal, code="complaint.complainant_already_identified"):
    """The complainant is already known to be somebody else; a correction can say otherwise."""


class VehicleAlreadyLinked(Refusal, code="complaint.vehicle_already_linked"):
    """Another vehicle is already linked; a correction can say otherwise."""


FACTS = (
    "channel", "origin", "received_at", "occurred_on", "narrative", "customer_id",
    "complainant_name", "complainant_contact", "vehicle_id", "vin_partial", "vehicle_described",
    "mileage", "mileage_unit", "injured_count", "deaths_count", "fire", "crash", "media",
    "dealer_id", "dealer_named", "region", "number",
)  # fmt: skip
"""What a correction can say one by one, by the names that the registration has too."""

# --- rules ----------------------------------------------------------------------------------------

IntakeCommand = RegisterComplaint | IdentifyComplainant | LinkVehicle
IntakeEvent = ComplaintRegistered | ComplainantIdentified | VehicleLinked

CARRIED_OVER = "carried_over"
"""The procedure of cases from another system, which asks for no step their source does not know."""


def decide(case: Complaint, command: IntakeCommand, context: Context) -> Sequence[IntakeEvent]:
    """Decide on the intake."""
    match command:
        case RegisterComplaint():
            return _register(case, command, context)
        case IdentifyComplainant(customer_id=customer_id):
            registered(case)
            if case.facts.customer_id == customer_id:
                return []
            if case.facts.customer_id is not None:
                raise ComplainantAlreadyIdentified
            return [ComplainantIdentified(customer_id=customer_id)]
        case LinkVehicle(vehicle_id=vehicle_id):
            registered(case)
            if case.facts.vehicle_id == vehicle_id:
                return []
            if case.facts.vehicle_id is not None:
                raise VehicleAlreadyLinked
            return [VehicleLinked(vehicle_id=vehicle_id)]
    assert_never(command)


def _register(
    case: Complaint, command: RegisterComplaint, context: Context
) -> Sequence[IntakeEvent]:
    standing = case.registered
    if standing is None:
        return [_registration(command, context)]
    if command.procedure not in (None, standing.procedure.name):
        raise AlreadyExists
    received_at = command.received_at or standing.received_at
    if not same_wish(standing, _registration_as(command, context, received_at, standing.procedure)):
        raise AlreadyExists
    return []


def _registration(command: RegisterComplaint, context: Context) -> ComplaintRegistered:
    received_at = past_instant(command.received_at, context)
    if command.procedure is None:
        procedure = procedure_serving(command.kind, context)
    else:
        procedure = named_procedure(command.procedure, context)
    if command.narrative is None and procedure.name != CARRIED_OVER:
        raise NarrativeMissing
    occurred_on = command.occurred_on
    if occurred_on is not None and occurred_on > received_at.date() + timedelta(days=1):
        raise OccurredAfterReceipt
    made = _registration_as(command, context, received_at, procedure)
    if made.origin is Origin.DEALER and made.dealer_id is None:
        raise DealerMissing
    return made


def _registration_as(
    command: RegisterComplaint, context: Context, received_at: datetime, procedure: Pin
) -> ComplaintRegistered:
    return ComplaintRegistered(
        kind=command.kind,
        channel=command.channel,
        origin=command.origin,
        received_at=received_at,
        procedure=procedure,
        occurred_on=command.occurred_on,
        narrative=command.narrative,
        customer_id=_customer_registering(command, context.actor),
        complainant_name=command.complainant_name,
        complainant_contact=command.complainant_contact,
        vehicle_id=command.vehicle_id,
        vin_partial=None if command.vin_partial is None else vin_or_part(command.vin_partial),
        vehicle_described=command.vehicle_described,
        mileage=command.mileage,
        mileage_unit=None if command.mileage is None else command.mileage_unit,
        injured_count=command.injured_count,
        deaths_count=command.deaths_count,
        fire=command.fire,
        crash=command.crash,
        media=command.media,
        dealer_id=_dealer_registering(command, context.actor),
        dealer_named=command.dealer_named,
        region=command.region,
        number=command.number,
        source_ref=command.source_ref,
    )


def _customer_registering(command: RegisterComplaint, actor: Actor) -> UUID | None:
    """A customer complains for herself; staff and dealers say who complains."""
    if actor.roles != {Role.CUSTOMER}:
        return command.customer_id
    if command.customer_id not in (None, actor.customer_id):
        raise ComplaintOfAnotherCustomer
    return actor.customer_id


def _dealer_registering(command: RegisterComplaint, actor: Actor) -> str | None:
    """A dealer raises a complaint in its own name; anybody else says which dealer it is about."""
    if actor.roles != {Role.DEALER} or command.origin is not Origin.DEALER:
        return command.dealer_id
    if command.dealer_id not in (None, actor.dealer_id):
        raise NotTheAssignedDealer
    return actor.dealer_id


def vin_or_part(text: str) -> str:
    """Return a full VIN or a part of one in its normal form, or refuse it."""
    try:
        return identifiers.vin_part(text)
    except identifiers.VinPartIsWrong:
        return identifiers.vin(text)


def named_procedure(name: str, context: Context) -> Pin:
    """Return the pin of a procedure in force by its name, or refuse it.

    Whoever complains does not choose how it is handled, and what asks for no step is for what
    another system has done: it is no way round the steps here.
    """
    imports = context.actor.has(Role.SYSTEM, Role.ADMIN)
    if context.actor.roles <= {Role.CUSTOMER, Role.DEALER} or (
        name == CARRIED_OVER and not imports
    ):
        raise ProcedureNotYours(procedure=name)
    return context.rules.in_force(Procedure, name, context.now).pin


def procedure_serving(kind: Kind, context: Context) -> Pin:
    """Return the pin of the procedure in force that serves a kind of complaint, or refuse."""
    wanted = f"complaint.{kind}"
    for (content_type, name), published in context.rules.documents.items():
        if content_type is Procedure and name != CARRIED_OVER:
            if published[0].effective_from_at > context.now:
                continue
            newest = context.rules.in_force(Procedure, name, context.now)
            if wanted in newest.content.serves:
                return newest.pin
    raise NoProcedureServes(kind=kind.value)


# --- what follows ---------------------------------------------------------------------------------


def dangers_of(event: ComplaintRegistered) -> frozenset[Risk]:
    """Return the risks that a registration reports."""
    reported = {
        Risk.DEATH: event.deaths_count > 0,
        Risk.INJURY: event.injured_count > 0,
        Risk.FIRE: event.fire,
        Risk.CRASH: event.crash,
        Risk.MEDIA: event.media,
    }
    return frozenset(risk for risk, there in reported.items() if there)


def _registered(case: Complaint, event: ComplaintRegistered) -> Complaint:
    facts = Facts(
        kind=event.kind,
        origin=event.origin,
        received_at=event.received_at,
        occurred_on=event.occurred_on,
        dangers=dangers_of(event),
        customer_id=event.customer_id,
        vehicle_id=event.vehicle_id,
        region=event.region,
        dealer_id=event.dealer_id,
        said={case.version + 1: frozenset(FACTS)},
    )
    return case.after(
        status=Status.REGISTERED, registered=event, procedure=event.procedure, facts=facts
    )


def _complainant_identified(case: Complaint, event: ComplainantIdentified) -> Complaint:
    said = {**case.facts.said, case.version + 1: frozenset({"customer_id"})}
    return case.after(facts=case.facts._replace(customer_id=event.customer_id, said=said))


def _vehicle_linked(case: Complaint, event: VehicleLinked) -> Complaint:
    said = {**case.facts.said, case.version + 1: frozenset({"vehicle_id"})}
    return case.after(facts=case.facts._replace(vehicle_id=event.vehicle_id, said=said))


FOLLOW: Follow = {
    ComplaintRegistered: _registered,
    ComplainantIdentified: _complainant_identified,
    VehicleLinked: _vehicle_linked,
}
