"""Replies to the authority: each of a type, with what its pack asks for, and the last one last.

An acknowledgement, an interim and a holding reply go out at any time before the last word. The
last word is prepared and sent after the final control and after the customer was informed; that
order is a rule of this file, whatever the procedure in force says.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, assert_never
from uuid import UUID

from domain.clocks.rules import ReplyRule
from domain.declare import Command, Context, NotFound, Refusal, Unacceptable, command, event, value
from domain.fields import Between, BusinessDate, Instant, Items, Line, Narrative, Personal, Text
from domain.procedure import Taker, taker
from domain.referral.case import (
    Follow,
    Referral,
    has_item,
    open_case,
    pack_of,
    past,
    received,
    take,
)
from domain.referral.deriving import window_closes_at
from domain.referral.papers import papers
from domain.referral.words import (
    ReferralRoute,
    ReferralStatus,
    ReferralStep,
    ReplyLocale,
    ReplyType,
)

# --- values and events ----------------------------------------------------------------------------


@value
class ReplyElement:
    """One element of a reply, as a pack names it, and what the reply says in it."""

    element: str
    text: Personal[str]


@event("referral.reply_prepared")
class ReplyPrepared:
    """Reply `n` of the case was written. `expected_on` is when a later reply is promised for."""

    reply_id: UUID
    n: int
    reply: ReplyType
    locale: ReplyLocale
    subject: Personal[str] | None
    elements: tuple[ReplyElement, ...]
    expected_on: date | None
    by: Taker


@event("referral.reply_sent")
class ReplySent:
    """Reply `n` went out to the authority under a letter number of the company's."""

    reply_id: UUID
    n: int
    reply: ReplyType
    route: ReferralRoute
    letter_number: str
    sent_at: datetime
    paper_ids: tuple[UUID, ...]
    by: Taker


# --- commands -------------------------------------------------------------------------------------

ElementName = Annotated[str, Text(max=64, pattern=r"^[a-z][a-z0-9_]*$")]


@value
class ElementGiven:
    """One element of a reply and what it says."""

    element: ElementName
    text: Narrative


@command
class PrepareReply(Command):
    """Write a reply of one type, with the elements that the statutory pack asks of it."""

    reply_id: UUID
    reply: ReplyType
    elements: Annotated[tuple[ElementGiven, ...], Items(max=40, min=1)]
    locale: ReplyLocale | None = None
    subject: Line | None = None
    expected_on: BusinessDate | None = None


@command
class SendReply(Command):
    """Record that a prepared reply went out; without `sent_at`, now."""

    n: Annotated[int, Between(1, 100_000)]
    route: ReferralRoute
    letter_number: Annotated[str, Text(max=64)]
    sent_at: Instant | None = None
    paper_ids: Annotated[tuple[UUID, ...], Items(max=50)] = ()


# --- refusals -------------------------------------------------------------------------------------


class ReplyTypeNotInPack(Refusal, code="referral.reply_type_not_in_pack"):
    """The statutory pack of this case knows no reply of this type."""


class ReplyElementsMissing(Unacceptable, code="referral.reply_elements_missing"):
    """The statutory pack asks for elements that this reply does not have."""


class ReplyElementTwice(Unacceptable, code="referral.reply_element_twice"):
    """A reply says each of its elements once."""


class ExpectedDayMissing(Unacceptable, code="referral.expected_day_missing"):
    """A holding reply says by which coming day the last word is expected; a last word does not."""


class ReplyBeforeFinalControl(Refusal, code="referral.reply_before_final_control"):
    """The last word waits for the final control."""


class ReplyBeforeCustomerInformation(Refusal, code="referral.reply_before_customer_information"):
    """The last word waits until the customer has been informed."""


class ReplyNotFound(NotFound, code="referral.reply_not_found"):
    """The special case has no reply of this number."""


class ReplyIsOfEarlierRound(Refusal, code="referral.reply_is_of_earlier_round"):
    """The case was sent back after this reply was written; write a new one."""


class ReplyAlreadySent(Refusal, code="referral.reply_already_sent"):
    """This reply was sent already, otherwise than you say."""


class SummaryResolutionTooLate(Refusal, code="referral.summary_resolution_too_late"):
    """The time within which a summary resolution replaces the final reply has passed."""


# --- rules ----------------------------------------------------------------------------------------

RepliesCommand = PrepareReply | SendReply
RepliesEvent = ReplyPrepared | ReplySent


def decide(case: Referral, command: RepliesCommand, context: Context) -> Sequence[RepliesEvent]:
    """Decide on replies."""
    received(case)
    match command:
        case PrepareReply():
            return _prepare(case, command, context)
        case SendReply():
            return _send(case, command, context)
    assert_never(command)


def in_order(case: Referral, reply: ReplyType) -> None:
    """Raise unless it is this reply's turn: the last word comes last."""
    if not reply.concludes:
        return
    if case.controlled_at is None or not case.stands(ReferralStep.FINAL_CONTROL):
        raise ReplyBeforeFinalControl
    if case.informed_at is None or not case.stands(ReferralStep.CUSTOMER_INFORMATION):
        raise ReplyBeforeCustomerInformation


def rule_of(case: Referral, reply: ReplyType, context: Context) -> ReplyRule:
    """Return what the pack says of a type of reply, or refuse one that it does not know."""
    pack = pack_of(case, context)
    for rule in pack.replies:
        if rule.reply == reply:
            return rule
    raise ReplyTypeNotInPack(reply=reply.value, known=[rule.reply for rule in pack.replies])


def _prepare(case: Referral, command: PrepareReply, context: Context) -> Sequence[RepliesEvent]:
    registered = case.registered
    made = ReplyPrepared(
        reply_id=command.reply_id,
        n=case.number_of(ReplyPrepared) + 1,
        reply=command.reply,
        locale=command.locale or (registered.locale if registered else ReplyLocale.EN),
        subject=command.subject,
        elements=tuple(
            ReplyElement(element=given.element, text=given.text) for given in command.elements
        ),
        expected_on=command.expected_on,
        by=taker(context.actor),
    )
    if has_item(case, command.reply_id, made):
        return []
    open_case(case)
    in_order(case, command.reply)
    if command.reply.concludes:
        take(case, context, ReferralStep.REPLY_PREPARATION)
    else:
        take(case, context, ReferralStep.INTERIM_REPLY, variant=command.reply)
    rule = rule_of(case, command.reply, context)
    given = [each.element for each in command.elements]
    if len(set(given)) != len(given):
        raise ReplyElementTwice
    missing = [name for name in rule.elements if name not in given]
    if missing:
        raise ReplyElementsMissing(missing=missing)
    _expected(command, context)
    _within(case, rule, context.now, context)
    return [made]


def _expected(command: PrepareReply, context: Context) -> None:
    """A holding reply promises a day; an interim one may; a last word promises nothing more."""
    day = command.expected_on
    if command.reply is ReplyType.HOLDING and (day is None or day < context.now.date()):
        raise ExpectedDayMissing
    if command.reply.concludes and day is not None:
        raise ExpectedDayMissing


def _within(case: Referral, rule: ReplyRule, at: datetime, context: Context) -> None:
    closes_at = window_closes_at(case, rule, context)
    if closes_at is not None and at > closes_at:
        raise SummaryResolutionTooLate(rule=rule.within_rule, until_at=closes_at.isoformat())


def _send(case: Referral, command: SendReply, context: Context) -> Sequence[RepliesEvent]:
    prepared = case.numbered(ReplyPrepared, command.n)
    if prepared is None:
        raise ReplyNotFound
    standing = case.outcomes.get(prepared.reply_id)
    sent_at = past(command.sent_at, context)
    if command.sent_at is None and standing is not None:
        sent_at = standing.sent_at
    made = ReplySent(
        reply_id=prepared.reply_id,
        n=prepared.n,
        reply=prepared.reply,
        route=command.route,
        letter_number=command.letter_number,
        sent_at=sent_at,
        paper_ids=command.paper_ids,
        by=taker(context.actor),
    )
    if standing is not None:
        if same_sending(standing, made):
            return []
        raise ReplyAlreadySent
    open_case(case)
    in_order(case, prepared.reply)
    if prepared.reply.concludes:
        if case.rounds.get(prepared.reply_id) != case.round:
            raise ReplyIsOfEarlierRound
        take(case, context, ReferralStep.REPLY, variant=prepared.reply)
        assert case.informed_at is not None
        if sent_at < case.informed_at:
            raise ReplyBeforeCustomerInformation(informed_at=case.informed_at.isoformat())
    else:
        take(case, context, ReferralStep.INTERIM_REPLY, variant=prepared.reply)
    _within(case, rule_of(case, prepared.reply, context), sent_at, context)
    papers(case, command.paper_ids)
    return [made]


def same_sending(standing: ReplySent, made: ReplySent) -> bool:
    """Tell whether a reply went out exactly like this already."""
    mine = (made.route, made.letter_number, made.sent_at, made.paper_ids)
    return (standing.route, standing.letter_number, standing.sent_at, standing.paper_ids) == mine


# --- what follows ---------------------------------------------------------------------------------


def _prepared(case: Referral, event: ReplyPrepared) -> Referral:
    step = ReferralStep.REPLY_PREPARATION if event.reply.concludes else None
    return case.after(
        items=case.items.with_item(event.reply_id, event),
        rounds=case.rounds.with_item(event.reply_id, case.round),
        taken=case.taken if step is None else case.taken.take(step, event.by),
    )


def _sent(case: Referral, event: ReplySent) -> Referral:
    last = event.reply.concludes
    step = ReferralStep.REPLY if last else ReferralStep.INTERIM_REPLY
    return case.after(
        status=ReferralStatus.REPLIED if last else case.status,
        outcomes=case.outcomes.with_item(event.reply_id, event),
        taken=case.taken.take(step, event.by),
    )


FOLLOW: Follow = {ReplyPrepared: _prepared, ReplySent: _sent}
