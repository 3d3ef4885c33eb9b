"""How a watched case follows what is recorded of it, whatever kind of case it is.

Clock events are known by the bases that every kind of case subclasses, escalations by their names.
Nothing here says that something is to be done; `obligations` does.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from domain import complaint as c
from domain.clocks import messages as m
from domain.clocks.messages import Binds, ClockDue, Urgency, Warning
from sagas.declare import made_by
from sagas.watch import journey as journeys
from sagas.watch.forecast import KnownEstimates, forecast
from sagas.watch.state import Concern, OpenEscalation, WatchedCase, WatchedClock
from store.log import Recorded

NO_PLAN_CLOCK = "plan"
"""The complaint's clock whose breach means that a dealer made no plan."""


def evolve(case: WatchedCase | None, recorded: Recorded, estimates: KnownEstimates) -> WatchedCase:
    """Return the case one event later."""
    if case is None:
        case = WatchedCase(journeys.begun(recorded))
    case = _journeyed(case, recorded)
    follow = _BY_NAME.get(recorded.topic.partition(".")[2]) or _by_base(recorded.event.__class__)
    if follow is not None:
        case = follow(case, recorded.event, recorded)
    return _forecast(case, recorded, estimates)


@cache
def _by_base(kind: type[Any]) -> "_Follow | None":
    return next((follow for base, follow in _BY_BASE.items() if issubclass(kind, base)), None)


def _journeyed(case: WatchedCase, recorded: Recorded) -> WatchedCase:
    """Follow the case's way; a clock's own time in the step begins with the step."""
    journey = journeys.followed(case.journey, recorded)
    if journey is case.journey:
        return case
    clocks, concerns = case.clocks, case.concerns
    if (journey.step, journey.entered_at) != (case.journey.step, case.journey.entered_at):
        clocks = tuple(replace(clock, entered_at=journey.entered_at) for clock in clocks)
    if journey.ended:  # a promise may outlive the case, and is kept or missed like any other
        concerns = tuple(each for each in concerns if each.clock is not None)
    return WatchedCase(journey, clocks, concerns, case.escalations)


def _forecast(case: WatchedCase, recorded: Recorded, estimates: KnownEstimates) -> WatchedCase:
    """Where no estimates are known none ever were, and no clock has a forecast."""
    if not case.clocks or estimates.pin is None:
        return case
    clocks = tuple(
        clock if known == clock.forecast else replace(clock, forecast=known)
        for clock in case.clocks
        for known in (forecast(estimates, case.journey, clock, recorded.recorded_at),)
    )
    return WatchedCase(case.journey, clocks, case.concerns, case.escalations)


def _clock(case: WatchedCase, n: int) -> WatchedClock | None:
    return next((clock for clock in case.clocks if clock.n == n), None)


def _with(case: WatchedCase, *changed: WatchedClock) -> WatchedCase:
    by_number = {clock.n: clock for clock in changed}
    return replace(case, clocks=tuple(by_number.get(clock.n, clock) for clock in case.clocks))


def _without(case: WatchedCase, numbers: frozenset[int]) -> WatchedCase:
    """A clock that ended is watched no longer, and nobody is brought in for it any more."""
    return replace(
        case,
        clocks=tuple(clock for clock in case.clocks if clock.n not in numbers),
        concerns=tuple(each for each in case.concerns if each.clock not in numbers),
    )


# --- clocks ---------------------------------------------------------------------------------------


def _started(case: WatchedCase, event: m.ClocksStarted, recorded: Recorded) -> WatchedCase:
    """Watch the clocks that bind the company; the breach of an authority's is nobody's here."""
    new = tuple(
        WatchedClock(
            n=started.n,
            clock=started.clock,
            due_at=started.due.due_at,
            cause=recorded.event_id,
            urgency=started.urgency,
            ladder=started.ladder,
            warnings=started.due.warnings,
            entered_at=case.journey.entered_at,
            still_since_at=recorded.recorded_at if started.due.due_at is None else None,
        )
        for started in event.clocks
        if started.binds is Binds.COMPANY
    )
    return replace(case, clocks=(*case.clocks, *new))


def _stopped(case: WatchedCase, event: m.ClocksStopped, _: Recorded) -> WatchedCase:
    return _without(case, frozenset(stop.n for stop in event.stops))


def _cancelled(case: WatchedCase, event: m.ClockCancelled, _: Recorded) -> WatchedCase:
    return _without(case, frozenset({event.n}))


def _paused(case: WatchedCase, event: m.ClocksPaused, _: Recorded) -> WatchedCase:
    still = (clock for clock in case.clocks if clock.n in event.clocks)
    return _with(
        case,
        *(
            replace(
                clock,
                due_at=None,
                warnings=(),
                still_since_at=clock.still_since_at or event.paused_at,
            )
            for clock in still
        ),
    )


def _resumed(case: WatchedCase, event: m.ClocksResumed, recorded: Recorded) -> WatchedCase:
    return _due(case, recorded, *event.dues)


def _rederived(case: WatchedCase, event: m.ClocksRederived, recorded: Recorded) -> WatchedCase:
    return _due(case, recorded, *event.dues)


def _due_anew(
    case: WatchedCase, event: m.ClockReset | m.ClockExtended | m.ClockDueSet, recorded: Recorded
) -> WatchedCase:
    return _due(case, recorded, event.due)


def _due(case: WatchedCase, recorded: Recorded, *dues: ClockDue) -> WatchedCase:
    """What was foreseen of another due instant is brought before nobody any more."""
    changed = [_due_again(clock, due, recorded) for due in dues if (clock := _clock(case, due.n))]
    moved = {clock.n for clock in changed if clock.due_at != clock.foreseen_at}
    foreseen = c.EscalationCause.FORESEEN
    left = tuple(
        each for each in case.concerns if each.clock not in moved or each.cause != foreseen
    )
    return _with(replace(case, concerns=left), *changed)


def _due_again(clock: WatchedClock, due: ClockDue, recorded: Recorded) -> WatchedClock:
    """Return the clock with another due instant; a pause moves the time in the step on."""
    at = recorded.recorded_at
    if isinstance(recorded.event, m.ClocksResumed):
        at = recorded.event.resumed_at
    still_since, entered_at = clock.still_since_at, clock.entered_at
    if due.due_at is None:
        still_since = still_since or at
    elif still_since is not None:
        entered_at += max(at - max(still_since, entered_at), timedelta())
        still_since = None
    return replace(
        clock,
        due_at=due.due_at,
        cause=recorded.event_id,
        warnings=tuple(each for each in due.warnings if each not in clock.given),
        entered_at=entered_at,
        still_since_at=still_since,
    )


# --- deadlines ------------------------------------------------------------------------------------


def _warned(case: WatchedCase, event: m.DeadlineWarned, _: Recorded) -> WatchedCase:
    clock = _clock(case, event.n)
    if clock is None:
        return case
    said = tuple(each for each in clock.warnings if each.code == event.code)
    left = tuple(each for each in clock.warnings if each.code != event.code)
    return _with(case, replace(clock, warnings=left, given=_given(clock, said)))


def _given(clock: WatchedClock, said: tuple[Warning, ...]) -> tuple[Warning, ...]:
    codes = {each.code for each in said}
    return (*(each for each in clock.given if each.code not in codes), *said)


def _foreseen(case: WatchedCase, event: m.DeadlineForeseen, recorded: Recorded) -> WatchedCase:
    clock = _clock(case, event.n)
    if clock is None:
        return case
    case = _with(case, replace(clock, foreseen_at=event.due_at))
    return _concerned(case, clock, c.EscalationCause.FORESEEN, recorded, recorded.recorded_at)


def _breached(case: WatchedCase, event: m.DeadlineBreached, recorded: Recorded) -> WatchedCase:
    clock = _clock(case, event.n)
    if clock is None:
        return case
    case = _with(case, replace(clock, breached_at=event.due_at))
    no_plan = clock.clock == NO_PLAN_CLOCK and recorded.topic.startswith("complaint.")
    cause = c.EscalationCause.NO_PLAN if no_plan else c.EscalationCause.BREACH
    return _concerned(case, clock, cause, recorded, event.due_at)


def _concerned(
    case: WatchedCase,
    clock: WatchedClock,
    cause: c.EscalationCause,
    recorded: Recorded,
    at: datetime,
) -> WatchedCase:
    """Remember that somebody above is to be told; a clock without a ladder tells nobody."""
    if clock.ladder is None:
        return case
    return _worried(
        case,
        Concern(
            escalation_id=made_by(recorded.event_id, "escalation"),
            cause=cause.value,
            clock=clock.n,
            at=at,
            made_by=recorded.event_id,
            urgency=escalating(clock.urgency),
        ),
    )


def _worried(case: WatchedCase, concern: Concern) -> WatchedCase:
    """Whoever is told of this clock, and has not answered yet, is not told of it a second time.

    What was missed goes before what was only foreseen to be, where neither was said yet.
    """
    if any(_is_about(each, concern) for each in case.escalations):
        return case
    same = [each for each in case.concerns if _is_about(each, concern)]
    if any(each.cause != c.EscalationCause.FORESEEN for each in same):
        return case
    others = (each for each in case.concerns if each not in same)
    return replace(case, concerns=(*others, concern))


def _is_about(one: Concern | OpenEscalation, other: Concern | OpenEscalation) -> bool:
    return one.clock == other.clock and (one.clock is not None or one.cause == other.cause)


def escalating(urgency: Urgency) -> Urgency:
    """Return how urgent the escalation of such a clock is: a statutory one goes before others."""
    return Urgency.STATUTORY if urgency is Urgency.STATUTORY else Urgency.ESCALATION


# --- escalations ----------------------------------------------------------------------------------


def _vrt_failed(case: WatchedCase, _: Any, recorded: Recorded) -> WatchedCase:
    return _worried(
        case,
        Concern(
            escalation_id=made_by(recorded.event_id, "escalation"),
            cause=c.EscalationCause.VRT_FAILED.value,
            clock=None,
            at=recorded.recorded_at,
            made_by=recorded.event_id,
            urgency=Urgency.ESCALATION,
        ),
    )


def _escalated(case: WatchedCase, event: Any, recorded: Recorded) -> WatchedCase:
    clock = None if event.clock is None else _clock(case, event.clock)
    opened = OpenEscalation(
        n=event.n,
        cause=str(event.cause),
        clock=event.clock,
        rung=event.rung,
        climbs_at=event.climbs_at,
        made_by=recorded.event_id,
        urgency=Urgency.ESCALATION if clock is None else escalating(clock.urgency),
    )
    left = tuple(each for each in case.concerns if not _is_about(each, opened))
    return replace(case, concerns=left, escalations=(*case.escalations, opened))


def _climbed(case: WatchedCase, event: Any, recorded: Recorded) -> WatchedCase:
    return replace(
        case,
        escalations=tuple(
            replace(each, rung=event.rung, climbs_at=event.climbs_at, made_by=recorded.event_id)
            if each.n == event.n
            else each
            for each in case.escalations
        ),
    )


def _settled(case: WatchedCase, event: Any, _: Recorded) -> WatchedCase:
    left = tuple(each for each in case.escalations if each.n != event.n)
    return replace(case, escalations=left)


_Follow = Callable[[WatchedCase, Any, Recorded], WatchedCase]

_BY_BASE: Mapping[type[Any], _Follow] = {
    m.ClocksStarted: _started,
    m.ClocksStopped: _stopped,
    m.ClocksPaused: _paused,
    m.ClocksResumed: _resumed,
    m.ClockReset: _due_anew,
    m.ClockCancelled: _cancelled,
    m.ClockExtended: _due_anew,
    m.ClockDueSet: _due_anew,
    m.ClocksRederived: _rederived,
    m.DeadlineWarned: _warned,
    m.DeadlineForeseen: _foreseen,
    m.DeadlineBreached: _breached,
}
_BY_NAME: Mapping[str, _Follow] = {
    "vrt_failed": _vrt_failed,
    "escalated": _escalated,
    "escalation_climbed": _climbed,
    "escalation_acknowledged": _settled,
    "escalation_ended": _settled,
}
"""By the name within a kind of case: these say the same of each, in fields of the same names."""
