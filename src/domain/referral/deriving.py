"""By which rules the clocks of a referral are derived: the pack's, and the company's own."""

from collections.abc import Sequence
from datetime import date, datetime

from domain.clocks.book import Clock
from domain.clocks.calendar import Calendar
from domain.clocks.deriving import counted, named
from domain.clocks.messages import ClockDue, RuleKind, RuleRef
from domain.clocks.reckoning import Standstill, before, reckon
from domain.clocks.rules import (
    ClockRule,
    ReplyRule,
    SlaPack,
    StatutoryPack,
    StatutoryRule,
    WarningRule,
)
from domain.declare import Context
from domain.referral.case import Referral, pack_of
from domain.referral.clocks import AUTHORITY_REPLY, OWN_REPLY
from domain.rulebook import Pin, Published, RulesNotPublished

PACK = "referral"
"""The SLA pack of the company's own clocks of referrals."""

# --- what the law says ----------------------------------------------------------------------------


def calendar_named(name: str, context: Context) -> Published[Calendar]:
    """Return a calendar as it is in force now."""
    return context.rules.in_force(Calendar, name, context.now)


def statutory_ref(pin: Pin, rule: StatutoryRule, kind: RuleKind = RuleKind.STATUTORY) -> RuleRef:
    """Return a statutory rule as a derivation cites it."""
    return RuleRef(
        kind=kind, pack=pin, rule=rule.code, citation=rule.citation, confirmed=rule.confirmed
    )


def reply_rule(pack: StatutoryPack) -> StatutoryRule | None:
    """Return the rule that is the referral's own clock, None where the pack names none."""
    return next((rule for rule in pack.rules if rule.code == pack.reply_rule), None)


def counts(rule: StatutoryRule, on: date) -> bool:
    """Tell whether a rule holds for what happened on a day, and has a number."""
    begun = rule.from_on is None or rule.from_on <= on
    return rule.span is not None and begun and (rule.until_on is None or on <= rule.until_on)


def letter_names(case: Referral) -> bool:
    """Tell whether the authority's letter names the day by which to answer."""
    return case.received is not None and case.received.answer_by_on is not None


def pack_pin(case: Referral) -> Pin:
    """Return the statutory pack that a registered case is pinned to."""
    assert case.registered is not None
    return case.registered.pack


def window_closes_at(case: Referral, rule: ReplyRule, context: Context) -> datetime | None:
    """Return until when a type of reply may be sent, None where no rule bounds it."""
    if rule.within_rule is None or case.received is None:
        return None
    pack = pack_of(case, context)
    bound = next((each for each in pack.rules if each.code == rule.within_rule), None)
    if bound is None or bound.span is None:
        return None
    calendar = calendar_named(pack.calendar, context).content
    return reckon(bound.span, case.received.received_at, calendar).due_at


# --- what the company asks of itself --------------------------------------------------------------


def sla_pack(case: Referral, context: Context) -> tuple[Pin, SlaPack] | None:
    """Return the pack of the company's own clocks: the pinned one, else the one in force."""
    pin = case.clocks.pack
    if pin is not None:
        return pin, context.rules.pinned(SlaPack, pin)
    try:
        published = context.rules.in_force(SlaPack, PACK, context.now)
    except RulesNotPublished:
        return None
    return published.pin, published.content


def own_rule(case: Referral, clock: str, context: Context) -> ClockRule | None:
    """Return the SLA rule of a clock that fits the case, None where there is none."""
    found = sla_pack(case, context)
    return None if found is None else fitting(case, found[1], clock)


def fitting(case: Referral, pack: SlaPack, clock: str) -> ClockRule | None:
    """Return the first rule of a clock that fits the case, None where none does."""
    kind = None if case.received is None else case.received.kind.value
    for rule in pack.clocks:
        if rule.clock == clock and (not rule.kinds or kind in rule.kinds):
            return rule
    return None


def warnings_of(case: Referral, clock: Clock, context: Context) -> tuple[WarningRule, ...]:
    """Return when a clock warns; the authority's warns as the company's own for the reply does."""
    code = OWN_REPLY if clock.code == AUTHORITY_REPLY else clock.code
    rule = own_rule(case, code, context)
    return () if rule is None else rule.warnings


def own_due(
    n: int,
    rule: ClockRule,
    pin: Pin,
    started_at: datetime,
    authority: ClockDue | None,
    pauses: Sequence[Standstill],
    context: Context,
) -> ClockDue:
    """Return when a clock of the company's own is due: by its span, and before the authority's."""
    pack = context.rules.pinned(SlaPack, pin)
    calendar = calendar_named(pack.calendar, context)
    ref = RuleRef(kind=RuleKind.SLA, pack=pin, rule=rule.clock)
    due = counted(n, ref, rule.span, calendar, started_at, rule.warnings, pauses)
    if authority is None or authority.due_at is None or rule.before_authority is None:
        return due
    latest_at = max(before(authority.due_at, rule.before_authority, calendar.content), started_at)
    if due.due_at is None or due.due_at <= latest_at:
        return due
    capped = RuleRef(kind=RuleKind.SLA, pack=pin, rule=f"{rule.clock}.before_authority")
    return named(n, capped, latest_at, started_at, calendar, rule.warnings)


def due_by_newer_rules(
    case: Referral, clock: Clock, context: Context, *, newer_pack: bool
) -> ClockDue | None:
    """Return when a clock is due by the calendar in force now, None if by none.

    It keeps the pack that it is pinned to, unless the newest one is asked for. The time already
    used is kept: counting begins where it began, and pauses stay left out.
    """
    derivation = clock.due.derivation
    ref, pauses = derivation.rule, case.clocks.standstills(clock.n)
    if ref.pack is None or derivation.span is None:
        return None
    if ref.kind is RuleKind.SLA:
        pin = ref.pack
        if newer_pack:
            pin = context.rules.in_force(SlaPack, pin.name, context.now).pin
        rule = fitting(case, context.rules.pinned(SlaPack, pin), clock.code)
        if rule is None:
            return None
        authority = next((c.due for c in case.clocks.on() if c.code == AUTHORITY_REPLY), None)
        if clock.code != OWN_REPLY:
            authority = None
        return own_due(clock.n, rule, pin, derivation.started_at, authority, pauses, context)
    pin = ref.pack
    if newer_pack:
        pin = context.rules.in_force(StatutoryPack, pin.name, context.now).pin
    regime = context.rules.pinned(StatutoryPack, pin)
    law = next((each for each in regime.rules if each.code == ref.rule), None)
    if law is None or law.span is None:
        return None
    held = clock.due.derivation.span != clock.started.due.derivation.span
    span = law.extended_span if held and law.extended_span is not None else law.span
    return counted(
        clock.n,
        statutory_ref(pin, law),
        span,
        calendar_named(regime.calendar, context),
        derivation.started_at,
        warnings_of(case, clock, context),
        pauses,
    )
