"""Deadlines that were missed and nobody has said so, when their clocks are ended or moved.

The saga that says so may have been away; what a clock was due at is known no longer once it has
moved, so the breach is recorded in the same decision, before the move.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from domain.clocks.book import Clock, ClockBook
from domain.clocks.messages import (
    Binds,
    ClockCancelled,
    ClockDueSet,
    ClockExtended,
    ClockReset,
    ClocksPaused,
    ClocksRederived,
    ClocksStopped,
)
from domain.clocks.moves import missed


def unsaid(book: ClockBook, events: Sequence[Any], now: datetime) -> tuple[int, list[Clock]]:
    """Return the company's missed clocks that events end or move, and the place of the first."""
    late = [
        clock for clock in book.on() if clock.started.binds is Binds.COMPANY and missed(clock, now)
    ]
    if not late:
        return 0, []
    ended = [_moved(event) for event in events]
    place = next((i for i, numbers in enumerate(ended) if numbers), 0)
    numbers = {n for each in ended for n in each}
    return place, [clock for clock in late if clock.n in numbers]


def _moved(event: Any) -> tuple[int, ...]:
    """Return the clocks whose due instant an event ends or moves."""
    match event:
        case ClocksStopped():
            return tuple(stop.n for stop in event.stops)
        case ClocksPaused():
            return event.clocks
        case ClocksRederived():
            return tuple(due.n for due in event.dues)
        case ClockReset() | ClockExtended() | ClockDueSet():
            return (event.due.n,)
        case ClockCancelled():
            return (event.n,)
    return ()
