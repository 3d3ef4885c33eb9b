"""Deriving a clock: from its rule, its calendar and its pauses to the instant by which it is due.

What stands in a clock is all that is needed to derive it again: its span, the pin of its calendar,
when it started. Only its warnings are named by codes, which say what they were made from.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.clocks.book import Clock, ClockBook, Pause
from domain.clocks.calendar import Calendar
from domain.clocks.course import Course, Stretch, Why, starting, way_on, written
from domain.clocks.days import days_of
from domain.clocks.messages import (
    ClockDue,
    Derivation,
    RuleRef,
    Span,
    StoppedClock,
    Unit,
    Warning,
)
from domain.clocks.reckoning import Reckoned, Standstill, before, reckon, share_at
from domain.clocks.rules import WarningRule
from domain.rulebook import Published, Rules

WarningsOf = Callable[[Clock], Sequence[WarningRule]]
"""Says how a clock warns; what its rule says goes before what its codes say."""

UTC_ZONE = "UTC"
"""The zone of an instant that somebody named where no calendar is known."""


def counted(
    n: int,
    rule: RuleRef,
    span: Span,
    calendar: Published[Calendar],
    started_at: datetime,
    warnings: Sequence[WarningRule] = (),
    pauses: Sequence[Standstill] = (),
) -> ClockDue:
    """Return when a clock is due whose span is counted from an instant.

    It is due at no instant while a pause is open, also where it was missed before the pause. Raises
    `CalendarDoesNotCover` where the calendar says nothing of a day that would count.
    """
    days = calendar.content
    if pauses or span.unit not in _BY_DAY or span.from_next_working_day:
        reckoned, given = _reckoned(span, started_at, days, warnings, pauses)
        due_at, course = reckoned.due_at, written(reckoned.stretches)
    else:
        due_at, course, given = _reckoned_by_day(span, started_at, days, tuple(warnings))
    stands_still = any(pause.until_at is None for pause in pauses)
    return ClockDue(
        n=n,
        due_at=None if stands_still else due_at,
        warnings=tuple(warning for warning in given if warning.at > started_at),
        derivation=Derivation(
            rule=rule,
            calendar=calendar.pin,
            zone=days.zone,
            span=span,
            started_at=started_at,
            course=course,
        ),
    )


def _reckoned(
    span: Span,
    started_at: datetime,
    days: Calendar,
    warnings: Sequence[WarningRule],
    pauses: Sequence[Standstill],
) -> tuple[Reckoned, tuple[Warning, ...]]:
    reckoned = reckon(span, started_at, days, pauses)
    if reckoned.due_at is None or any(pause.until_at is None for pause in pauses):
        return reckoned, ()
    given = []
    for warning in warnings:
        if warning.share_percent is not None:
            at = share_at(span, started_at, days, pauses, warning.share_percent)
        else:
            assert warning.lead is not None
            at = before(reckoned.due_at, warning.lead, days)
        given.append(Warning(code=warning_code(warning), at=at))
    return reckoned, tuple(given)


_BY_DAY = frozenset({Unit.WORKING_DAYS, Unit.CALENDAR_DAYS, Unit.WEEKS, Unit.MONTHS})
"""Units in which clocks that start on one day are due at one instant."""

_Known = tuple[Calendar, datetime | None, str, tuple[Warning, ...]]
_KNOWN: dict[tuple[int, Span, tuple[WarningRule, ...], int], _Known] = {}
_KNOWN_MAX = 4096


def _reckoned_by_day(
    span: Span, started_at: datetime, days: Calendar, warnings: tuple[WarningRule, ...]
) -> tuple[datetime | None, Course, tuple[Warning, ...]]:
    """Return what is reckoned once for every clock of a kind that starts on the same day.

    Only the first stretch differs from one to the next: it begins when the clock does.
    """
    key = (id(days), span, warnings, days_of(days).at(started_at))
    known = _KNOWN.get(key)
    if known is None or known[0] is not days:
        if len(_KNOWN) >= _KNOWN_MAX:
            _KNOWN.clear()
        reckoned, given = _reckoned(span, started_at, days, warnings, ())
        known = (days, reckoned.due_at, way_on(reckoned.stretches), given)
        _KNOWN[key] = known
    _, due_at, way, given = known
    return due_at, starting(started_at, way), given


def named(
    n: int,
    rule: RuleRef,
    due_at: datetime,
    started_at: datetime,
    calendar: Published[Calendar] | None,
    warnings: Sequence[WarningRule] = (),
) -> ClockDue:
    """Return when a clock is due whose instant somebody named; nothing is counted for it."""
    given = []
    for warning in warnings:
        if warning.share_percent is not None:
            at = started_at + (due_at - started_at) * warning.share_percent // 100
        elif calendar is not None and warning.lead is not None:
            at = before(due_at, warning.lead, calendar.content)
        else:
            continue
        if at > started_at:
            given.append(Warning(code=warning_code(warning), at=at))
    return ClockDue(
        n=n,
        due_at=due_at,
        warnings=tuple(given),
        derivation=Derivation(
            rule=rule,
            calendar=None if calendar is None else calendar.pin,
            zone=UTC_ZONE if calendar is None else calendar.content.zone,
            span=None,
            started_at=started_at,
            course=written(
                (Stretch(from_at=started_at, until_at=due_at, why=Why.COUNTED),)
                if started_at < due_at
                else ()
            ),
        ),
    )


def again(
    clock: Clock,
    pauses: Sequence[Standstill],
    rules: Rules,
    *,
    rule: RuleRef | None = None,
    span: Span | None = None,
    started_at: datetime | None = None,
    calendar: Published[Calendar] | None = None,
    warnings: Sequence[WarningRule] | None = None,
) -> ClockDue:
    """Return a clock derived anew, what is not given being as it was.

    A named instant stays what it is: no rule and no pause moves what somebody said.
    """
    stood = clock.due.derivation
    span = span or stood.span
    if span is None:
        return clock.due
    return counted(
        clock.n,
        rule or stood.rule,
        span,
        calendar or calendar_of(stood, rules),
        started_at or stood.started_at,
        warnings_of(clock) if warnings is None else warnings,
        pauses,
    )


def calendar_of(derivation: Derivation, rules: Rules) -> Published[Calendar]:
    """Return the version of the calendar that a derivation counted by."""
    assert derivation.calendar is not None
    name, version = derivation.calendar.name, derivation.calendar.version
    for published in rules.documents.get((Calendar, name), ()):
        if published.version == version:
            return published
    raise AssertionError("a derivation pins a calendar that was published")


def resumed(
    book: ClockBook,
    pause: Pause,
    at: datetime,
    rules: Rules,
    warnings: WarningsOf,
) -> tuple[ClockDue, ...]:
    """Return when the clocks are due that run again when a pause ends at an instant.

    Those that stand still in another pause stay as they are.
    """
    ended = pause._replace(resumed_at=at, is_open=False)
    after = book._replace(
        pauses=tuple(ended if each.n == pause.n else each for each in book.pauses)
    )
    return tuple(
        again(clock, after.standstills(clock.n), rules, warnings=warnings(clock))
        for clock in after.on()
        if clock.n in pause.clocks and not after.open_pauses(clock.n)
    )


def stops(clocks: Iterable[Clock], at: datetime) -> tuple[StoppedClock, ...]:
    """Return how these clocks stop at an instant: in time or not, None where they stand still."""
    return tuple(
        StoppedClock(
            n=clock.n, stopped_at=at, met=None if clock.due_at is None else at < clock.due_at
        )
        for clock in clocks
    )


def end_of_day(day: date, zone: str) -> datetime:
    """Return the instant at which a day is over in a zone, in UTC."""
    midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    return midnight.astimezone(UTC)


# --- warnings by their codes ----------------------------------------------------------------------

_CODE = re.compile(r"share_([0-9]+)|lead_([0-9]+)_([a-z_]+)")


def warning_code(warning: WarningRule) -> str:
    """Return the code of a warning: `share_75`, or `lead_8_working_hours`."""
    if warning.share_percent is not None:
        return f"share_{warning.share_percent}"
    assert warning.lead is not None
    return f"lead_{warning.lead.amount}_{warning.lead.unit}"


def warnings_of(clock: Clock) -> tuple[WarningRule, ...]:
    """Return the rules of the warnings that a clock has, read from their codes."""
    found = []
    for code in clock.codes:
        parts = _CODE.fullmatch(code)
        if parts is None:
            continue
        share, amount, unit = parts.groups()
        if share is not None:
            found.append(WarningRule(share_percent=int(share)))
        else:
            found.append(WarningRule(lead=Span(amount=int(amount), unit=Unit(unit))))
    return tuple(found)
