"""Acts about clocks, pauses and escalations, done again to the counterparts in another history.

A recorded act names them by their numbers in the case as it was. Under other rules a case has
other clocks: the counterpart is what is of the same code, about the same, in the same order.
"""

from collections.abc import Callable, Mapping
from typing import Any

from domain.clocks import moves
from domain.clocks.book import Clock
from domain.complaint import (
    AcknowledgeEscalation,
    CancelClock,
    Complaint,
    ComplaintClockCancelled,
    ComplaintClockDueSet,
    ComplaintClockExtended,
    ComplaintClockReset,
    ComplaintClocksPaused,
    ComplaintClocksRederived,
    ComplaintClocksResumed,
    ComplaintClocksStopped,
    ComplaintEscalated,
    EndPause,
    EscalateComplaint,
    EscalationAcknowledged,
    ExtendClock,
    MakePromise,
    PauseClocks,
    PromiseMade,
    RederiveClocks,
    ResetClock,
    SetDeadline,
    StopClock,
)
from domain.declare import Actor, Command, Refusal
from domain.fields import Erased
from simulating.remaking import actor_of
from store.log import Recorded


class NoCounterpart(Exception):  # noqa: N818
    """What the act was about is not there."""


def act_anew(recorded: Recorded, standing: Complaint, case: Complaint) -> tuple[Command, Actor]:
    """Return the command that does a recorded act of `standing` to `case`, and who gives it.

    Raises `NoCounterpart`.
    """
    command = ACTS[type(recorded.event)](recorded, standing, case)
    actor = actor_of(recorded)
    if isinstance(recorded.event, EscalationAcknowledged):
        actor = _who_was_told(recorded, standing)
    return command, actor


def _clock(n: int, standing: Complaint, case: Complaint) -> int:
    """Return the number that clock `n` has in the other history."""
    was = standing.clocks.clocks[n - 1]
    place = [clock.n for clock in standing.clocks.clocks if _alike(clock, was)].index(n)
    there = [clock.n for clock in case.clocks.clocks if _alike(clock, was)]
    if place >= len(there):
        raise NoCounterpart
    return there[place]


def _alike(one: Clock, other: Clock) -> bool:
    """Tell whether clocks are of one code; what a promise is about, sagas may have made."""
    return one.code == other.code and (
        one.due.derivation.rule.rule == other.due.derivation.rule.rule
        if one.due.derivation.span is None
        else True
    )


def _escalation(n: int, standing: Complaint, case: Complaint) -> int:
    """Return the number that escalation `n` has: the same cause, about the same clock."""

    def about(whose: Complaint, number: int) -> tuple[object, ...]:
        raised = whose.escalations[number - 1].raised
        clock = None if raised.clock is None else whose.clocks.clock(raised.clock)
        return raised.cause, None if clock is None else clock.code

    def all_about(whose: Complaint) -> list[int]:
        numbers = range(1, len(whose.escalations) + 1)
        return [number for number in numbers if about(whose, number) == wanted]

    wanted = about(standing, n)
    place, there = all_about(standing).index(n), all_about(case)
    if place >= len(there):
        raise NoCounterpart
    return there[place]


def _who_was_told(recorded: Recorded, standing: Complaint) -> Actor:
    """Return who acknowledged, with the region she was told for, which the log does not repeat."""
    event: EscalationAcknowledged = recorded.event
    actor = actor_of(recorded)
    regions = {
        reached.region
        for reached in standing.escalations[event.n - 1].reached
        if reached.role in actor.roles
    }
    region = next(iter(sorted(region for region in regions if region is not None)), None)
    return Actor(id=actor.id, roles=actor.roles, unit=event.by.unit, region=region)


def said(words: str | Erased | None) -> Any:
    """Return a word of an event as that of the command: what was erased is said as erased again."""
    return words


# --- one function per act -------------------------------------------------------------------------


def _paused(recorded: Recorded, standing: Complaint, case: Complaint) -> Command:
    """Pause the same clocks, or all that may be where all that might were."""
    event: ComplaintClocksPaused = recorded.event
    try:
        all_of_them = moves.pausing(standing.clocks, event.reason, (), event.paused_at)
    except Refusal:
        all_of_them = ()
    clocks = tuple(
        there for n in event.clocks if (there := _clock_or_none(n, standing, case)) is not None
    )
    if not clocks and event.clocks != all_of_them:
        raise NoCounterpart
    return PauseClocks(
        stream=recorded.stream,
        pause_id=event.pause_id,
        reason=event.reason,
        note=said(event.note),
        paper_ids=event.paper_ids,
        clocks=() if event.clocks == all_of_them else clocks,
        paused_at=event.paused_at,
        ordered_by=event.ordered_by,
    )


def _clock_or_none(n: int, standing: Complaint, case: Complaint) -> int | None:
    try:
        return _clock(n, standing, case)
    except NoCounterpart:
        return None


def _resumed(recorded: Recorded, standing: Complaint, case: Complaint) -> Command:
    event: ComplaintClocksResumed = recorded.event
    was = standing.clocks.pauses[event.n - 1]
    for pause in case.clocks.pauses:
        if pause.pause_id == was.pause_id:
            return EndPause(stream=recorded.stream, n=pause.n, ended_at=event.resumed_at)
    raise NoCounterpart


def _extended(recorded: Recorded, standing: Complaint, case: Complaint) -> Command:
    event: ComplaintClockExtended = recorded.event
    span = event.due.derivation.span
    assert span is not None
    return ExtendClock(
        stream=recorded.stream,
        n=_clock(event.due.n, standing, case),
        amount=span.amount,
        reason=said(event.reason),
        paper_ids=event.paper_ids,
    )


def _reset(recorded: Recorded, standing: Complaint, case: Complaint) -> Command:
    event: ComplaintClockReset = recorded.event
    return ResetClock(
        stream=recorded.stream,
        n=_clock(event.due.n, standing, case),
        from_at=event.due.derivation.started_at,
        reason=said(event.reason),
    )


def _cancelled(recorded: Recorded, standing: Complaint, case: Complaint) -> Command:
    event: ComplaintClockCancelled = recorded.event
    n = _clock(event.n, standing, case)
    return CancelClock(stream=recorded.stream, n=n, reason=said(event.reason))


def _due_set(recorded: Recorded, standing: Complaint, case: Complaint) -> Command:
    event: ComplaintClockDueSet = recorded.event
    assert event.due.due_at is not None
    return SetDeadline(
        stream=recorded.stream,
        n=_clock(event.due.n, standing, case),
        due_at=event.due.due_at,
        reason=said(event.reason),
    )


def _promised(recorded: Recorded, _standing: Complaint, _case: Complaint) -> Command:
    event: PromiseMade = recorded.event
    return MakePromise(
        stream=recorded.stream,
        promise_id=event.promise_id,
        promise=said(event.promise),
        due_at=event.due_at,
    )


def _kept(recorded: Recorded, standing: Complaint, case: Complaint) -> Command:
    event: ComplaintClocksStopped = recorded.event
    stop = event.stops[0]
    return StopClock(
        stream=recorded.stream, n=_clock(stop.n, standing, case), stopped_at=stop.stopped_at
    )


def _rederived(recorded: Recorded, _standing: Complaint, _case: Complaint) -> Command:
    event: ComplaintClocksRederived = recorded.event
    return RederiveClocks(
        stream=recorded.stream,
        cause=said(event.cause),
        by_publication=event.by_publication,
    )


def _escalated(recorded: Recorded, standing: Complaint, case: Complaint) -> Command:
    event: ComplaintEscalated = recorded.event
    return EscalateComplaint(
        stream=recorded.stream,
        escalation_id=event.escalation_id,
        cause=event.cause,
        clock=None if event.clock is None else _clock(event.clock, standing, case),
        reason=said(event.reason),
    )


def _acknowledged(recorded: Recorded, standing: Complaint, case: Complaint) -> Command:
    event: EscalationAcknowledged = recorded.event
    return AcknowledgeEscalation(
        stream=recorded.stream,
        n=_escalation(event.n, standing, case),
        will_do=said(event.will_do),
        done_by_at=event.done_by_at,
    )


ACTS: Mapping[type[Any], Callable[[Recorded, Complaint, Complaint], Command]] = {
    ComplaintClocksPaused: _paused,
    ComplaintClocksResumed: _resumed,
    ComplaintClockExtended: _extended,
    ComplaintClockReset: _reset,
    ComplaintClockCancelled: _cancelled,
    ComplaintClockDueSet: _due_set,
    ComplaintClocksStopped: _kept,
    ComplaintClocksRederived: _rederived,
    ComplaintEscalated: _escalated,
    EscalationAcknowledged: _acknowledged,
}
"""The events that are acts of people about a clock, a pause or an escalation."""
