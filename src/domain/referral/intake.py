"""Intake: an authority's letter is received, registered as a special case, and gets its papers."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, assert_never
from uuid import UUID

from domain import identifiers
from domain.clocks.rules import StatutoryPack
from domain.declare import AlreadyExists, Command, Context, Refusal, Unacceptable, command, event
from domain.fields import (
    BusinessDate,
    Code,
    Instant,
    Line,
    Name,
    Narrative,
    Personal,
    Text,
)
from domain.procedure import NOTHING_TAKEN, Procedure, Taker, may_take, taker
from domain.referral.case import (
    PROCEDURE,
    Follow,
    Referral,
    open_case,
    past,
    received,
    same_wish,
    take,
)
from domain.referral.words import (
    ReferralMatter,
    ReferralRoute,
    ReferralStatus,
    ReferralStep,
    ReplyLocale,
)
from domain.rulebook import DocumentName, Pin

# --- events ---------------------------------------------------------------------------------------


@event("referral.received")
class ReferralReceived:
    """An authority's letter about a complainant's matter came in.

    `answer_by_on` is the day that the letter itself names. `matter` is what the letter says the
    complainant says; the special complaint gets it as its narrative.
    """

    route: ReferralRoute
    authority: str
    authority_ref: str | None
    letter_number: str
    letter_on: date
    received_at: datetime
    answer_by_on: date | None
    kind: ReferralMatter
    matter: Personal[str]
    complainant_name: Personal[str] | None
    complainant_contact: Personal[str] | None
    customer_id: UUID | None
    vehicle_id: UUID | None
    vin_partial: Personal[str] | None
    procedure: Pin
    by: Taker


@event("referral.registered")
class ReferralRegistered:
    """The secretariat registered the special case under a number of its own.

    From now on this version of the statutory pack says what is owed to whom.
    """

    number: str
    pack: Pin
    locale: ReplyLocale
    by: Taker


@event("referral.complainant_identified")
class ReferralComplainantIdentified:
    """The complainant is this customer."""

    customer_id: UUID


# --- commands -------------------------------------------------------------------------------------

LetterNumber = Annotated[str, Text(max=64)]


@command
class ReceiveReferral(Command):
    """Take in an authority's letter; without `received_at`, it came in now."""

    route: ReferralRoute
    authority: Line
    letter_number: LetterNumber
    letter_on: BusinessDate
    kind: ReferralMatter
    matter: Narrative
    received_at: Instant | None = None
    authority_ref: LetterNumber | None = None
    answer_by_on: BusinessDate | None = None
    complainant_name: Name | None = None
    complainant_contact: Line | None = None
    customer_id: UUID | None = None
    vehicle_id: UUID | None = None
    vin_partial: Annotated[str, Text(max=40, min=3)] | None = None


@command
class RegisterReferral(Command):
    """Register the letter as a special case, with its number and the statutory pack it is under."""

    number: Code
    pack: DocumentName
    locale: ReplyLocale | None = None


@command
class IdentifyReferralComplainant(Command):
    """Say who the complainant is, once that is known."""

    customer_id: UUID


# --- refusals -------------------------------------------------------------------------------------


class LetterAfterReceipt(Unacceptable, code="referral.letter_after_receipt"):
    """A letter is not dated after the day on which it came in."""


class AnswerBeforeLetter(Unacceptable, code="referral.answer_before_letter"):
    """A letter does not ask for an answer by a day before its own."""


class ReferralAlreadyRegistered(Refusal, code="referral.already_registered"):
    """The special case is registered already, with another number, pack or language."""


class PackNotInForce(Unacceptable, code="referral.pack_not_in_force"):
    """This statutory pack is not for letters of that day; another one was in force then."""


class ReferralComplainantKnown(Refusal, code="referral.complainant_known"):
    """The complainant is already known to be somebody else."""


# --- rules ----------------------------------------------------------------------------------------

IntakeCommand = ReceiveReferral | RegisterReferral | IdentifyReferralComplainant
IntakeEvent = ReferralReceived | ReferralRegistered | ReferralComplainantIdentified


def decide(case: Referral, command: IntakeCommand, context: Context) -> Sequence[IntakeEvent]:
    """Decide on the intake."""
    match command:
        case ReceiveReferral():
            return _receive(case, command, context)
        case RegisterReferral():
            return _register(case, command, context)
        case IdentifyReferralComplainant(customer_id=customer_id):
            received(case)
            if case.customer_id == customer_id:
                return []
            if case.customer_id is not None:
                raise ReferralComplainantKnown
            return [ReferralComplainantIdentified(customer_id=customer_id)]
    assert_never(command)


def _receive(case: Referral, command: ReceiveReferral, context: Context) -> Sequence[IntakeEvent]:
    standing = case.received
    if standing is not None:
        received_at = command.received_at or standing.received_at
        if not same_wish(standing, _receipt(command, context, received_at, standing.procedure)):
            raise AlreadyExists
        return []
    received_at = past(command.received_at, context)
    procedure = context.rules.in_force(Procedure, PROCEDURE, context.now)
    may_take(procedure.content, NOTHING_TAKEN, ReferralStep.RECEIPT, context.actor)
    if command.letter_on > received_at.date() + timedelta(days=1):  # it is tomorrow in the east
        raise LetterAfterReceipt
    if command.answer_by_on is not None and command.answer_by_on < command.letter_on:
        raise AnswerBeforeLetter
    return [_receipt(command, context, received_at, procedure.pin)]


def _receipt(
    command: ReceiveReferral, context: Context, received_at: datetime, procedure: Pin
) -> ReferralReceived:
    vin = command.vin_partial
    return ReferralReceived(
        route=command.route,
        authority=command.authority,
        authority_ref=command.authority_ref,
        letter_number=command.letter_number,
        letter_on=command.letter_on,
        received_at=received_at,
        answer_by_on=command.answer_by_on,
        kind=command.kind,
        matter=command.matter,
        complainant_name=command.complainant_name,
        complainant_contact=command.complainant_contact,
        customer_id=command.customer_id,
        vehicle_id=command.vehicle_id,
        vin_partial=None if vin is None else _vin_or_part(vin),
        procedure=procedure,
        by=taker(context.actor),
    )


def _vin_or_part(text: str) -> str:
    try:
        return identifiers.vin_part(text)
    except identifiers.VinPartIsWrong:
        return identifiers.vin(text)


def _register(case: Referral, command: RegisterReferral, context: Context) -> Sequence[IntakeEvent]:
    open_case(case)
    assert case.received is not None
    standing = case.registered
    if standing is not None:
        locale = command.locale or standing.locale
        asked = (command.number, command.pack, locale)
        if asked != (standing.number, standing.pack.name, standing.locale):
            raise ReferralAlreadyRegistered
        return []
    take(case, context, ReferralStep.REGISTRATION)
    published = context.rules.in_force(StatutoryPack, command.pack, context.now)
    pack = published.content
    letter_on = case.received.letter_on
    if (pack.from_on is not None and letter_on < pack.from_on) or (
        pack.until_on is not None and letter_on > pack.until_on
    ):
        raise PackNotInForce(
            pack=command.pack,
            letter_on=letter_on.isoformat(),
            from_on=None if pack.from_on is None else pack.from_on.isoformat(),
            until_on=None if pack.until_on is None else pack.until_on.isoformat(),
        )
    return [
        ReferralRegistered(
            number=command.number,
            pack=published.pin,
            locale=command.locale or ReplyLocale(pack.locale),
            by=taker(context.actor),
        )
    ]


# --- what follows ---------------------------------------------------------------------------------


def _received(case: Referral, event: ReferralReceived) -> Referral:
    return case.after(
        status=ReferralStatus.RECEIVED,
        received=event,
        procedure=event.procedure,
        customer_id=event.customer_id,
        taken=case.taken.take(ReferralStep.RECEIPT, event.by),
    )


def _registered(case: Referral, event: ReferralRegistered) -> Referral:
    return case.after(
        status=ReferralStatus.REGISTERED,
        registered=event,
        taken=case.taken.take(ReferralStep.REGISTRATION, event.by),
    )


def _identified(case: Referral, event: ReferralComplainantIdentified) -> Referral:
    return case.after(customer_id=event.customer_id)


FOLLOW: Follow = {
    ReferralReceived: _received,
    ReferralRegistered: _registered,
    ReferralComplainantIdentified: _identified,
}
