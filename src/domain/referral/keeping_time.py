"""How the clocks of a referral are derived, and how they follow what happens in it.

They start, stop and move in the decision of the fact that causes it, so no reader ever sees the
one without the other. Where no SLA pack for referrals is published there are no clocks of the
company's own; the authority's follow from the statutory pack alone.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from domain.clocks.book import Clock
from domain.clocks.days import days_of
from domain.clocks.deriving import counted, end_of_day, named, stops
from domain.clocks.messages import (
    Binds,
    ClockDue,
    RuleKind,
    RuleRef,
    StartedClock,
    StoppedClock,
    Urgency,
)
from domain.clocks.rules import ClockRule
from domain.declare import Context, stored_name
from domain.referral.case import Referral, pack_of
from domain.referral.clocks import (
    AUTHORITY_REPLY,
    OWN_REPLY,
    ClocksEvent,
    ReferralClockExtended,
    ReferralClocksRederived,
    ReferralClocksStarted,
    ReferralClocksStopped,
)
from domain.referral.deriving import (
    calendar_named,
    counts,
    fitting,
    letter_names,
    own_due,
    own_rule,
    pack_pin,
    reply_rule,
    sla_pack,
    statutory_ref,
)
from domain.referral.ending import ReferralClosed, ReferralWithdrawn
from domain.referral.intake import ReferralRegistered
from domain.referral.papers import MilestoneRecorded
from domain.referral.replies import ReplySent
from domain.referral.words import ReplyType
from domain.rulebook import Pin

RECEIPT = "referral_received"
LETTER = "letter_dated"
"""What statutory rules can count from besides milestones."""
HELD = "holding_reply"
"""What a rule is said to start on that a holding reply brings in for an earlier one (US-2)."""


# --- the authority's clocks -----------------------------------------------------------------------


class _Starting:
    """Clocks about to start together, numbered on from those that the case has."""

    def __init__(self, case: Referral) -> None:
        self.n = len(case.clocks.clocks)
        self.clocks: list[StartedClock] = []

    def next_n(self) -> int:
        self.n += 1
        return self.n

    def add(self, clock: str, due: ClockDue, **facts: Any) -> None:
        self.clocks.append(StartedClock(clock=clock, due=due, **facts))

    def event(self) -> list[ReferralClocksStarted]:
        return [ReferralClocksStarted(clocks=tuple(self.clocks))] if self.clocks else []


def _statutory_clocks(
    case: Referral,
    starts_on: str,
    on: date,
    at: datetime | None,
    starting: _Starting,
    context: Context,
) -> None:
    """Start what the pack counts from something that happened; the reply's own clock too."""
    pack, pin = pack_of(case, context), pack_pin(case)
    calendar = calendar_named(pack.calendar, context)
    own = own_rule(case, OWN_REPLY, context)
    for rule in pack.rules:
        if rule.starts_on != starts_on or not counts(rule, on):
            continue
        is_reply = rule.code == pack.reply_rule
        if is_reply and letter_names(case):
            continue  # the day that the letter names goes before
        if any(reply.within_rule == rule.code for reply in pack.replies):
            continue  # no duty, but the time in which a type of reply may be sent
        assert rule.span is not None
        warnings = own.warnings if is_reply and own else ()
        started_at = days_of(calendar.content).of(on.toordinal()).begins_at if at is None else at
        ref, n = statutory_ref(pin, rule), starting.next_n()
        due = counted(n, ref, rule.span, calendar, started_at, warnings)
        company = rule.binds is Binds.COMPANY
        starting.add(
            AUTHORITY_REPLY if is_reply else rule.code,
            due,
            binds=rule.binds,
            urgency=Urgency.STATUTORY,
            ladder=own.ladder if own and company else None,
            pausable_for=rule.pauses,
        )


def _letter_clock(case: Referral, starting: _Starting, context: Context) -> None:
    """Start the clock of the day that the letter names; the pack's own silence is cited with it."""
    assert case.received is not None
    day = case.received.answer_by_on
    if day is None:
        return
    pack, pin = pack_of(case, context), pack_pin(case)
    calendar = calendar_named(pack.calendar, context)
    own = own_rule(case, OWN_REPLY, context)
    rule = reply_rule(pack)
    ref = RuleRef(kind=RuleKind.LETTER, pack=pin, rule="letter")
    if rule is not None:
        ref = statutory_ref(pin, rule, RuleKind.LETTER)
    due_at, started_at = end_of_day(day, calendar.content.zone), case.received.received_at
    warnings = own.warnings if own else ()
    due = named(starting.next_n(), ref, due_at, started_at, calendar, warnings)
    starting.add(
        AUTHORITY_REPLY,
        due,
        urgency=Urgency.STATUTORY,
        ladder=own.ladder if own else None,
    )


# --- the company's own clocks ---------------------------------------------------------------------


def _names(event: Any) -> Iterator[str]:
    """Yield what SLA packs may call an event: its stored name, and whether a reply was the last."""
    name = stored_name(type(event))
    yield name
    if isinstance(event, ReplySent) and event.reply.concludes:
        yield f"{name}.last"


def _own_clocks(case: Referral, event: Any, starting: _Starting, context: Context) -> None:
    found = sla_pack(case, context)
    if found is None:
        return
    pin, pack = found
    names = set(_names(event))
    running = {clock.code for clock in case.clocks.on()}
    for code in dict.fromkeys(rule.clock for rule in pack.clocks):
        rule = fitting(case, pack, code)
        if rule is None or code in running or names.isdisjoint(rule.starts_on):
            continue
        assert case.received is not None
        at = case.received.received_at if rule.counts_from == "received" else context.now
        due = _own_due(case, starting, rule, pin, at, context)
        starting.add(
            code, due, urgency=rule.urgency, ladder=rule.ladder, pausable_for=rule.pausable_for
        )


def _own_due(
    case: Referral, starting: _Starting, rule: ClockRule, pin: Pin, at: datetime, context: Context
) -> ClockDue:
    authority = next((c.due for c in starting.clocks if c.clock == AUTHORITY_REPLY), None)
    running = next((c.due for c in case.clocks.on() if c.code == AUTHORITY_REPLY), None)
    return own_due(starting.next_n(), rule, pin, at, authority or running, (), context)


# --- following ------------------------------------------------------------------------------------


def follow(case: Referral, event: Any, context: Context) -> Sequence[ClocksEvent]:
    """Return what an event that was just decided means for the clocks of the case."""
    made: list[ClocksEvent] = []
    stopping = _stopping(case, event, context)
    if stopping:
        made.append(ReferralClocksStopped(stops=stopping))
    if isinstance(event, ReferralClosed | ReferralWithdrawn):
        return made
    starting = _Starting(case)
    if isinstance(event, ReferralRegistered):
        assert case.received is not None
        received_at, letter_on = case.received.received_at, case.received.letter_on
        _letter_clock(case, starting, context)
        _statutory_clocks(case, RECEIPT, letter_on, received_at, starting, context)
        _statutory_clocks(case, LETTER, letter_on, None, starting, context)
    elif isinstance(event, MilestoneRecorded):
        on = event.happened_on
        _statutory_clocks(case, event.milestone, on, None, starting, context)
    elif isinstance(event, ReplySent) and event.reply is ReplyType.HOLDING:
        made.extend(_held(case, event, {stop.n for stop in stopping}, starting, context))
    for started in tuple(starting.clocks):
        if started.clock == AUTHORITY_REPLY:  # our own, where it runs already, ends before it
            made.extend(own_follows(case, started.due, context))
    _own_clocks(case, event, starting, context)
    return [*made, *starting.event()]


def _stopping(case: Referral, event: Any, context: Context) -> tuple[StoppedClock, ...]:
    found: list[Clock] = []
    ended = isinstance(event, ReferralClosed | ReferralWithdrawn)
    names = set(_names(event))
    at = event.sent_at if isinstance(event, ReplySent) else context.now
    for clock in case.clocks.on():
        if ended or _stops_it(case, clock, event, names, context):
            found.append(clock)
    return stops(found, at)


def _stops_it(case: Referral, clock: Clock, event: Any, names: set[str], context: Context) -> bool:
    if clock.code == AUTHORITY_REPLY:
        if not isinstance(event, ReplySent):
            return False
        replies = pack_of(case, context).replies
        return any(rule.reply == event.reply and rule.stops for rule in replies)
    rule = own_rule(case, clock.code, context)
    return rule is not None and not names.isdisjoint(rule.stops_on)


def _held(
    case: Referral, event: ReplySent, ended: set[int], starting: _Starting, context: Context
) -> Iterator[ClocksEvent]:
    """A holding reply lengthens the authority's clock where the rule says so.

    Where it ends that clock instead, what it promised is the next one: the last word is still owed.
    """
    clock = next((c for c in case.clocks.clocks[::-1] if c.code == AUTHORITY_REPLY), None)
    if clock is None:
        return
    pack, pin = pack_of(case, context), pack_pin(case)
    calendar = calendar_named(pack.calendar, context)
    own = own_rule(case, OWN_REPLY, context)
    warnings = own.warnings if own else ()
    ref = clock.due.derivation.rule
    rule = next((each for each in pack.rules if each.code == ref.rule), None)
    prepared = case.items.get(event.reply_id)
    expected_on = None if prepared is None else prepared.expected_on
    if clock.n in ended and expected_on is not None:
        promised = RuleRef(
            kind=RuleKind.SET,
            pack=pin,
            rule=ref.rule,
            citation=ref.citation,
            confirmed=ref.confirmed,
        )
        due_at = end_of_day(expected_on, calendar.content.zone)
        due = named(starting.next_n(), promised, due_at, event.sent_at, calendar, warnings)
        starting.add(
            AUTHORITY_REPLY,
            due,
            urgency=Urgency.STATUTORY,
            ladder=clock.started.ladder,
            pausable_for=clock.started.pausable_for,
        )
        return
    counts_anew = rule is not None and rule.extended_span is not None
    if not counts_anew or ref.kind is not RuleKind.STATUTORY or clock.by_hand:
        return
    assert rule is not None and rule.extended_span is not None
    longer = (law for law in pack.rules if law.starts_on == HELD)
    cited = next((law for law in longer if law.span == rule.extended_span), rule)
    ref, started_at = statutory_ref(pin, cited), clock.due.derivation.started_at
    pauses = case.clocks.standstills(clock.n)
    due = counted(clock.n, ref, rule.extended_span, calendar, started_at, warnings, pauses)
    yield ReferralClockExtended(due=due, reason=HELD, paper_ids=event.paper_ids)
    yield from own_follows(case, due, context)


def own_follows(
    case: Referral, authority: ClockDue, context: Context
) -> Iterator[ReferralClocksRederived]:
    """The company's own clock stays before the authority's when that one moves."""
    clock = next((c for c in case.clocks.on() if c.code == OWN_REPLY), None)
    found = sla_pack(case, context)
    if clock is None or found is None:
        return
    rule = fitting(case, found[1], OWN_REPLY)
    if rule is None or clock.due.derivation.rule.kind is not RuleKind.SLA:
        return
    started_at, pauses = clock.due.derivation.started_at, case.clocks.standstills(clock.n)
    due = own_due(clock.n, rule, found[0], started_at, authority, pauses, context)
    if due != clock.due:
        yield ReferralClocksRederived(cause="authority", by_publication=None, dues=(due,))
