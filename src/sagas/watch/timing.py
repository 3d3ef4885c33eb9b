"""How long cases took from each of their steps to the stop of each clock, pauses left out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from domain.clocks import messages as m
from domain.clocks.messages import Binds
from domain.clocks.rules import Estimate
from sagas.watch import journey as journeys
from sagas.watch.journey import Journey
from store.log import Recorded


@dataclass(frozen=True, slots=True)
class Entered:
    """When the case entered a step, as a clock counts: moved on by the pauses since."""

    step: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TimedClock:
    """A clock that runs or stands still, with the steps that the case entered meanwhile."""

    n: int
    clock: str
    entered: tuple[Entered, ...]
    still_since_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """From entering the step to the stop of the clock it took so many seconds."""

    clock: str
    step: str
    kind: str | None
    priority: str | None
    seconds: int


@dataclass(frozen=True, slots=True)
class TimedCase:
    """A case, the clocks that run in it, and how long it took to what was done."""

    journey: Journey
    clocks: tuple[TimedClock, ...] = ()
    samples: tuple[Sample, ...] = ()


def evolve(case: TimedCase | None, recorded: Recorded) -> TimedCase:
    """Return the case one event later."""
    if case is None:
        case = TimedCase(journeys.begun(recorded))
    case = _journeyed(case, journeys.followed(case.journey, recorded))
    event = recorded.event
    match event:
        case m.ClocksStarted():
            first = (Entered(case.journey.step, case.journey.entered_at),)
            new = (
                TimedClock(started.n, started.clock, first)
                for started in event.clocks
                if started.binds is Binds.COMPANY
            )
            return replace(case, clocks=(*case.clocks, *new))
        case m.ClocksPaused():
            return _each(case, event.clocks, lambda clock: _still(clock, event.paused_at))
        case m.ClocksResumed():
            running = tuple(due.n for due in event.dues if due.due_at is not None)
            return _each(case, running, lambda clock: _running(clock, event.resumed_at))
        case m.ClockCancelled():
            return replace(case, clocks=tuple(each for each in case.clocks if each.n != event.n))
        case m.ClocksStopped():
            return _stopped(case, event)
    return case


def _journeyed(case: TimedCase, journey: Journey) -> TimedCase:
    before = case.journey
    if journey is before:
        return case
    if (journey.step, journey.entered_at) == (before.step, before.entered_at):
        return replace(case, journey=journey)
    entered = Entered(journey.step, journey.entered_at)
    clocks = tuple(
        replace(
            clock,
            entered=(*(each for each in clock.entered if each.step != entered.step), entered),
        )
        for clock in case.clocks
    )
    return replace(case, journey=journey, clocks=clocks)


def _each(
    case: TimedCase, numbers: Sequence[int], change: Callable[[TimedClock], TimedClock]
) -> TimedCase:
    changed = tuple(change(each) if each.n in numbers else each for each in case.clocks)
    return replace(case, clocks=changed)


def _still(clock: TimedClock, at: datetime) -> TimedClock:
    return replace(clock, still_since_at=clock.still_since_at or at)


def _running(clock: TimedClock, at: datetime) -> TimedClock:
    since = clock.still_since_at
    if since is None:
        return clock
    entered = tuple(
        replace(each, at=each.at + max(at - max(since, each.at), timedelta()))
        for each in clock.entered
    )
    return replace(clock, entered=entered, still_since_at=None)


def _stopped(case: TimedCase, event: m.ClocksStopped) -> TimedCase:
    stops = {stop.n: stop.stopped_at for stop in event.stops}
    made = [
        sample
        for clock in case.clocks
        if clock.n in stops
        for sample in _samples(_running(clock, stops[clock.n]), case.journey, stops[clock.n])
    ]
    anew = {(sample.clock, sample.step) for sample in made}
    kept = (each for each in case.samples if (each.clock, each.step) not in anew)
    left = tuple(clock for clock in case.clocks if clock.n not in stops)
    return replace(case, clocks=left, samples=(*kept, *made))


def _samples(clock: TimedClock, journey: Journey, stopped_at: datetime) -> Iterator[Sample]:
    """The step with which the clock stops was entered just then, and says nothing."""
    for entered in clock.entered:
        seconds = int((stopped_at - entered.at).total_seconds())
        if seconds > 0:
            yield Sample(clock.clock, entered.step, journey.kind, journey.priority, seconds)


def percentile(ordered: Sequence[int], share: float) -> int:
    """Return the first value that at least this share of all values do not exceed."""
    return ordered[max(ceil(len(ordered) * share), 1) - 1]


def estimates_of(samples: Iterable[Sample], *, cases_min: int) -> tuple[Estimate, ...]:
    """Return what samples of ended cases say, by clock, step, kind and priority and by fewer.

    The same as the statement that the nightly job runs over the log's own cases.
    """
    cells: dict[tuple[str, str, str | None, str | None], list[int]] = {}
    for each in samples:
        places: list[tuple[str | None, str | None]] = [(None, None)]
        if each.kind is not None:
            places.append((each.kind, None))
            if each.priority is not None:
                places.append((each.kind, each.priority))
        for kind, priority in places:
            cells.setdefault((each.clock, each.step, kind, priority), []).append(each.seconds)
    found = [
        Estimate(
            clock=clock,
            step=step,
            kind=kind,
            priority=priority,
            cases=len(seconds),
            median_s=percentile(sorted(seconds), 0.5),
            p80_s=percentile(sorted(seconds), 0.8),
        )
        for (clock, step, kind, priority), seconds in cells.items()
        if len(seconds) >= cases_min
    ]
    return tuple(sorted(found, key=lambda e: (e.clock, e.step, e.kind or "", e.priority or "")))
