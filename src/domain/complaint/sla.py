"""The SLA pack as a case sees it: which rules fit the case, and which version it is pinned to."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from domain.clocks.book import Clock
from domain.clocks.calendar import Calendar
from domain.clocks.deriving import WarningsOf, warnings_of
from domain.clocks.messages import RuleKind, RuleRef
from domain.clocks.rules import ClockRule, SlaPack, WarningRule
from domain.complaint.case import Complaint
from domain.declare import Context
from domain.rulebook import Pin, Published, RulesNotPublished

PACK = "complaint"
PROMISE = "promise"
"""The rule of this clock says how promises warn and escalate; each is due when somebody said."""

LADDER = "customer_care"
"""The ladder of what no rule names one for: escalations by hand, and promises without a rule."""


class Pack(NamedTuple):
    """An SLA pack with its rules by what they are asked for."""

    content: SlaPack
    pin: Pin
    rules: Mapping[str, ClockRule]
    """By the rule's own name."""
    starts: Mapping[str, tuple[ClockRule, ...]]
    """By the stored name of the event that starts the clock."""
    stops: Mapping[str, frozenset[str]]
    """By the rule's own name, the stored names of the events that stop the clock."""

    @property
    def promise(self) -> ClockRule | None:
        """Return how promises warn and escalate, None where the pack does not say."""
        return next((rule for rule in self.content.clocks if rule.clock == PROMISE), None)

    def ref(self, rule: ClockRule) -> RuleRef:
        """Return a rule as derivations cite it."""
        return RuleRef(kind=RuleKind.SLA, pack=self.pin, rule=rule_name(rule))


def rule_name(rule: ClockRule) -> str:
    """Return a rule's own name in its pack: the clock's code, and for which cases it is."""
    return "/".join((rule.clock, *rule.kinds, *rule.priorities, *rule.origins))


def _arranged(published: Published[SlaPack]) -> Pack:
    content = published.content
    starts: dict[str, list[ClockRule]] = {}
    for rule in content.clocks:
        for name in () if rule.clock == PROMISE else rule.starts_on:
            starts.setdefault(name, []).append(rule)
    return Pack(
        content,
        published.pin,
        {rule_name(rule): rule for rule in content.clocks},
        {name: tuple(rules) for name, rules in starts.items()},
        {rule_name(rule): frozenset(rule.stops_on) for rule in content.clocks},
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


def fitting(case: Complaint, rules: Iterable[ClockRule]) -> Iterator[ClockRule]:
    """Yield of every clock the first rule that fits the case."""
    kind, origin, priority = case.facts.kind, case.facts.origin, case.sorting.priority
    found: set[str] = set()
    for rule in rules:
        if (
            rule.clock not in found
            and (not rule.kinds or kind in rule.kinds)
            and (not rule.priorities or priority in rule.priorities)
            and (not rule.origins or origin in rule.origins)
        ):
            found.add(rule.clock)
            yield rule


def rule_of(pack: Pack | None, clock: Clock) -> ClockRule | None:
    """Return the rule that a clock runs by, None where the pack has none for it."""
    if pack is None:
        return None
    ref = clock.due.derivation.rule
    if clock.code == PROMISE:
        return pack.promise
    return pack.rules.get(ref.rule) if ref.pack == pack.pin else None


def warnings_by(pack: Pack | None) -> WarningsOf:
    """Return how clocks warn: by their rule in the pack, else as their codes say."""

    def warnings(clock: Clock) -> tuple[WarningRule, ...]:
        rule = rule_of(pack, clock)
        return warnings_of(clock) if rule is None else rule.warnings

    return warnings
