"""The SLA pack as a case sees it: which rules fit the case, and which version it is pinned to."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.clocks.book import Clock
from domain.clocks.calendar import Calendar
from domain.clocks.days import CalendarDoesNotCover
from domain.clocks.deriving import WarningsOf, counted, warnings_of
from domain.clocks.messages import ClockDue, RuleKind, RuleRef, StartedClock
from domain.clocks.rules import ClockRule, SlaPack, WarningRule
from domain.complaint.case import Complaint
from domain.complaint.words import Step
from domain.declare import Context
from domain.rulebook import Pin, Published, RulesNotPublished

PACK = "complaint"
PROMISE = "promise"
"""The rule of this clock says how promises warn and escalate; each is due when somebody said."""

LADDER = "customer_care"
"""The ladder of what no rule names one for: escalations by hand, and promises without a rule."""


_STEPS: Mapping[str, Step] = {
    "complaint.judged_valid": Step.JUDGEMENT,
    "complaint.judged_invalid": Step.JUDGEMENT,
    "complaint.plan_submitted": Step.PLAN,
    "complaint.result_announced": Step.RESULT,
    "complaint.closed": Step.CLOSURE,
}
"""The step that an event takes which stops a clock: where none of them is owed, none starts."""


class Rule(NamedTuple):
    """A rule of the pack, how derivations cite it, what stops it, and the steps it waits for."""

    terms: ClockRule
    ref: RuleRef
    stops: frozenset[str]
    awaits: frozenset[Step]


class Pack(NamedTuple):
    """An SLA pack with its rules by what they are asked for."""

    content: SlaPack
    pin: Pin
    rules: Mapping[str, Rule]
    """By the name under which derivations cite it."""
    starts: Mapping[str, tuple[Rule, ...]]
    """By the stored name of the event that starts the clock."""
    promise: ClockRule | None
    """How promises warn and escalate, None where the pack does not say."""


def rule_name(rule: ClockRule) -> str:
    """Return a rule's own name in its pack: the clock's code, and for which cases it is."""
    return "/".join((rule.clock, *rule.kinds, *rule.priorities, *rule.origins))


def _arranged(published: Published[SlaPack]) -> Pack:
    rules: list[Rule] = []
    starts: dict[str, list[Rule]] = {}
    promise = None
    for terms in published.content.clocks:
        if terms.clock == PROMISE:
            promise = promise or terms
            continue
        rule = Rule(
            terms,
            RuleRef(kind=RuleKind.SLA, pack=published.pin, rule=rule_name(terms)),
            frozenset(terms.stops_on),
            frozenset(_STEPS[name] for name in terms.stops_on if name in _STEPS),
        )
        rules.append(rule)
        for name in terms.starts_on:
            starts.setdefault(name, []).append(rule)
    return Pack(
        published.content,
        published.pin,
        {rule.ref.rule: rule for rule in rules},
        {name: tuple(starting) for name, starting in starts.items()},
        promise,
    )


_PACKS: dict[int, tuple[Published[SlaPack], Pack]] = {}
_PACKS_MAX = 64


def _known(published: Published[SlaPack]) -> Pack:
    """Return a pack with its rules arranged, kept for the packs used of late."""
    found = _PACKS.get(id(published))
    if found is not None and found[0] is published:
        return found[1]
    if len(_PACKS) >= _PACKS_MAX:
        _PACKS.clear()
    made = _arranged(published)
    _PACKS[id(published)] = (published, made)
    return made


def newest_pack(context: Context) -> Pack | None:
    """Return the pack in force now, None where there is none."""
    try:
        return _known(context.rules.in_force(SlaPack, PACK, context.now))
    except RulesNotPublished:
        return None


def pack_of(case: Complaint, context: Context) -> Pack | None:
    """Return the pack that the case is pinned to, else the one in force; None without any."""
    pin = case.clocks.pack
    if pin is None:
        return newest_pack(context)
    for published in context.rules.documents.get((SlaPack, pin.name), ()):
        if published.version == pin.version:
            return _known(published)
    raise AssertionError("a case pins a pack that was published")


def calendar_of(pack: Pack, context: Context) -> Published[Calendar]:
    """Return the calendar of a pack as it is in force now."""
    return context.rules.in_force(Calendar, pack.content.calendar, context.now)


def fitting(case: Complaint, rules: Iterable[Rule]) -> list[Rule]:
    """Return of every clock the first rule that fits the case."""
    kind, origin, priority = case.facts.kind, case.facts.origin, case.sorting.priority
    found: dict[str, Rule] = {}
    for rule in rules:
        terms = rule.terms
        if (
            terms.clock not in found
            and (not terms.kinds or kind in terms.kinds)
            and (not terms.priorities or priority in terms.priorities)
            and (not terms.origins or origin in terms.origins)
        ):
            found[terms.clock] = rule
    return list(found.values())


def rule_of(pack: Pack, clock: Clock) -> Rule | None:
    """Return the rule that a clock runs by, None where the pack has none for it."""
    ref = clock.due.derivation.rule
    return pack.rules.get(ref.rule) if ref.pack == pack.pin else None


def own_rule_of(pack: Pack, clock: Clock, context: Context) -> Rule | None:
    """Return the rule that a clock runs by, also where the case has gone on to another pack.

    A clock that somebody lengthened or set by hand stays with the version that it was derived by.
    """
    pin = clock.due.derivation.rule.pack
    if pin is None or pin == pack.pin:
        return rule_of(pack, clock)
    for published in context.rules.documents.get((SlaPack, pin.name), ()):
        if published.version == pin.version:
            return rule_of(_known(published), clock)
    return None


def warnings_by(pack: Pack | None) -> WarningsOf:
    """Return how clocks warn: by their rule in the pack, else as their codes say."""

    def warnings(clock: Clock) -> tuple[WarningRule, ...]:
        if pack is not None and clock.code == PROMISE and pack.promise is not None:
            return pack.promise.warnings
        rule = None if pack is None else rule_of(pack, clock)
        return warnings_of(clock) if rule is None else rule.terms.warnings

    return warnings


def starting_due(
    n: int, rule: Rule, calendar: Published[Calendar], started_at: datetime
) -> ClockDue | None:
    """Return when a new clock is due, None where its calendar says nothing of those days."""
    terms = rule.terms
    try:
        return counted(n, rule.ref, terms.span, calendar, started_at, terms.warnings)
    except CalendarDoesNotCover:
        return None


def started(rule: Rule, due: ClockDue, about: UUID | None = None) -> StartedClock:
    """Return a clock as it starts by a rule."""
    terms = rule.terms
    return StartedClock(
        clock=terms.clock,
        due=due,
        urgency=terms.urgency,
        ladder=terms.ladder,
        about=about,
        pausable_for=terms.pausable_for,
    )
