"""Histories for tests without a database, and for tests by law."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from domain import DECIDERS
from domain.clocks import messages as m
from domain.declare import Decider, stored_name
from domain.rulebook import Pin
from store.log import Recorded
from tests import strategies as _  # noqa: F401 (registers the strategies of all types)

BEGAN_AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
BY_CATEGORY = {decider.category: decider for decider in DECIDERS}
PROCEDURES = ("sales", "after_sales", "dealer", "carried_over")


def history(stream: UUID, events: Iterable[Any], reason: str | None = None) -> list[Recorded]:
    """Return events as they would stand in the log, a minute apart."""
    return [
        Recorded(
            position=number,
            stream=stream,
            version=number,
            topic=stored_name(type(event)),
            event=event,
            event_id=UUID(int=number),
            recorded_at=BEGAN_AT + timedelta(minutes=number),
            actor="tests",
            role="system",
            reason=reason,
            correlation_id=None,
            causation_id=None,
            subject_id=stream,
            state=b"",
        )
        for number, event in enumerate(events, 1)
    ]


def _pinned(event: Any, procedure: str) -> Any:
    """Return the event with pins of a procedure and a statutory pack that there are."""
    names = {field.name for field in fields(event)}
    if "procedure" in names:
        event = replace(event, procedure=Pin(name=procedure, version=1))
    if "pack" in names:
        event = replace(event, pack=Pin(name="iran", version=1))
    return event


def _numbered(event: Any, state: Any) -> Any:
    """Return the event about clocks, pauses and escalations that the case has.

    Raises `KeyError` where it has none.
    """
    clocks, pauses = len(state.clocks.clocks), len(state.clocks.pauses)

    def one(n: int, count: int = clocks) -> int:
        if count == 0:
            raise KeyError
        return 1 + n % count

    def due(given: m.ClockDue, n: int | None = None) -> m.ClockDue:
        return replace(given, n=one(given.n) if n is None else n)

    topic = stored_name(type(event)).partition(".")[2]
    if topic == "escalated":
        return replace(event, n=len(state.escalations) + 1)
    if topic.startswith("escalation_"):
        return replace(event, n=one(event.n, len(state.escalations)))
    match event:
        case m.ClocksStarted():
            new = enumerate(event.clocks, clocks + 1)
            return replace(
                event, clocks=tuple(replace(each, due=due(each.due, n)) for n, each in new)
            )
        case m.ClocksStopped():
            stops = tuple(replace(each, n=one(each.n)) for each in event.stops)
            return replace(event, stops=stops)
        case m.ClocksPaused():
            return replace(event, n=pauses + 1, clocks=tuple(one(n) for n in event.clocks))
        case m.ClocksResumed():
            dues = tuple(due(each) for each in event.dues)
            return replace(event, n=one(event.n, pauses), dues=dues)
        case m.ClocksRederived():
            return replace(event, dues=tuple(due(each) for each in event.dues))
        case m.ClockReset() | m.ClockExtended() | m.ClockDueSet():
            return replace(event, due=due(event.due))
        case m.ClockCancelled() | m.DeadlineWarned() | m.DeadlineForeseen() | m.DeadlineBreached():
            return replace(event, n=one(event.n))
    return event


@st.composite
def histories(draw: st.DrawFn, category: str, size_max: int = 12) -> list[Any]:
    """Any events of one kind of case after the one that opens it, whether or not they may be.

    Left out are those that speak of a part which the case never had.
    """
    decider: Decider[Any, Any, Any] = BY_CATEGORY[category]
    first = decider.events[0]
    later = st.sampled_from(decider.events[1:] or decider.events).flatmap(st.from_type)
    drawn = [draw(st.from_type(first)), *draw(st.lists(later, max_size=size_max))]
    procedure = draw(st.sampled_from(PROCEDURES))
    state, kept = decider.initial, []
    for event in drawn:
        with suppress(LookupError):
            fits = _numbered(event, state) if hasattr(state, "clocks") else event
            state = decider.evolve(state, fits)
            kept.append(_pinned(fits, procedure))
    return kept
