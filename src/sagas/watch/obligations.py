"""What is still to be said of a case's deadlines, and from when on. Oldest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.clocks.messages import Urgency
from sagas.watch.forecast import foreseen
from sagas.watch.state import Concern, Forecast, OpenEscalation, WatchedCase, WatchedClock


@dataclass(frozen=True, slots=True)
class Warn:
    """A warning before a deadline is due."""

    clock: WatchedClock
    code: str


@dataclass(frozen=True, slots=True)
class Foresee:
    """Going by the estimates, the deadline will be missed."""

    clock: WatchedClock
    known: Forecast
    expected_at: datetime


@dataclass(frozen=True, slots=True)
class Breach:
    """The deadline was missed."""

    clock: WatchedClock


@dataclass(frozen=True, slots=True)
class Escalate:
    """Somebody above is to be told."""

    concern: Concern


@dataclass(frozen=True, slots=True)
class Climb:
    """Nobody has acknowledged in time."""

    escalation: OpenEscalation


Wish = Warn | Foresee | Breach | Escalate | Climb


@dataclass(frozen=True, slots=True)
class Obligation:
    """Something to be done from `at` on, because of the event `cause`."""

    at: datetime
    urgency: Urgency
    wish: Wish
    cause: UUID


def obligations(case: WatchedCase) -> list[Obligation]:
    """Return all that can be foreseen to be done, the oldest first.

    What was due before the case came in from another system is nobody's any more.
    """
    silent_before = case.journey.carried_at
    found = [*_of_clocks(case), *_of_escalations(case)]
    if silent_before is not None:
        found = [each for each in found if each.at >= silent_before]
    return sorted(found, key=lambda each: each.at)


def _of_clocks(case: WatchedCase) -> Iterator[Obligation]:
    for clock in case.clocks:
        if clock.due_at is None or clock.breached_at == clock.due_at:
            continue
        for warning in clock.warnings:
            if warning.at < clock.due_at:
                wish = Warn(clock, warning.code)
                yield Obligation(warning.at, _before(clock.urgency), wish, clock.cause)
        expected = foreseen(clock)
        if expected is not None and clock.forecast is not None and expected[0] < clock.due_at:
            from_at, expected_at = expected
            foresee = Foresee(clock, clock.forecast, expected_at)
            yield Obligation(from_at, _before(clock.urgency), foresee, clock.cause)
        yield Obligation(clock.due_at, clock.urgency, Breach(clock), clock.cause)


def _of_escalations(case: WatchedCase) -> Iterator[Obligation]:
    for concern in case.concerns:
        yield Obligation(concern.at, concern.urgency, Escalate(concern), concern.made_by)
    for escalation in case.escalations:
        if escalation.climbs_at is not None:
            at, urgency = escalation.climbs_at, escalation.urgency
            yield Obligation(at, urgency, Climb(escalation), escalation.made_by)


def _before(urgency: Urgency) -> Urgency:
    """Return how urgent it is to warn of such a deadline: less than its breach, but a law's is."""
    if urgency is Urgency.STATUTORY:
        return urgency
    return max(urgency, Urgency.WARNING, key=lambda each: each.lane)
