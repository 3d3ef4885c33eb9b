"""The clocks of one case: how they stand, and how that follows what is recorded of them.

Every kind of case that has clocks keeps a book of them in its state. It is never changed, only
followed by another one; nothing here derives anything or refuses.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from domain.clocks.messages import (
    ClockCancelled,
    ClockDue,
    ClockDueSet,
    ClockExtended,
    ClockReset,
    ClocksPaused,
    ClocksRederived,
    ClocksResumed,
    ClocksStarted,
    ClocksStopped,
    DeadlineBreached,
    DeadlineForeseen,
    DeadlineWarned,
    PauseReason,
    RuleKind,
    StartedClock,
)
from domain.clocks.reckoning import Standstill
from domain.rulebook import Pin


class ClockState(StrEnum):
    """How a clock stands."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    CANCELLED = "cancelled"


def _codes(due: ClockDue) -> tuple[str, ...]:
    return tuple(warning.code for warning in due.warnings)


class Clock(NamedTuple):
    """One clock: how it started, when it is due now, and what was said of its deadline.

    `due.due_at` is None while it is paused. `warned` and `foreseen` are of the due instant that
    stands; `breached_at` is the newest due instant that was missed. `by_hand` is set where a person
    named or lengthened the deadline: other rules move it no longer. `codes` are those of its
    warnings, also while it stands still and nobody knows when they are due.
    """

    started: StartedClock
    due: ClockDue
    state: ClockState = ClockState.RUNNING
    stopped_at: datetime | None = None
    met: bool | None = None
    warned: frozenset[str] = frozenset()
    foreseen: bool = False
    breached_at: datetime | None = None
    by_hand: bool = False
    codes: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Return the clock's number in the case."""
        return self.due.n

    @property
    def code(self) -> str:
        """Return what the clock measures: first_response, resolution, promise, and so on."""
        return self.started.clock

    @property
    def about(self) -> UUID | None:
        """Return the item it is about."""
        return self.started.about

    @property
    def is_on(self) -> bool:
        """Tell whether it runs or stands still, and has not ended."""
        return self.state is ClockState.RUNNING or self.state is ClockState.PAUSED

    @property
    def due_at(self) -> datetime | None:
        """Return when it is due; None where it stands still or has ended."""
        return self.due.due_at if self.state is ClockState.RUNNING else None

    def due_again(self, due: ClockDue) -> "Clock":
        """Return the clock with another derivation.

        A warning that was given stands where its instant stays; of another due instant nothing was
        foreseen. Without a due instant the clock stands still.
        """
        same = {(warning.code, warning.at) for warning in self.due.warnings}
        stay = {each.code for each in due.warnings if (each.code, each.at) in same}
        return self._replace(
            due=due,
            state=ClockState.PAUSED if due.due_at is None else ClockState.RUNNING,
            warned=self.warned & stay,
            foreseen=self.foreseen and due.due_at == self.due.due_at,
            codes=self.codes if due.due_at is None else _codes(due),
        )


class Pause(NamedTuple):
    """A pause of some of the case's clocks; it is over too when the last of them has ended."""

    pause_id: UUID
    n: int
    reason: PauseReason
    paused_at: datetime
    clocks: tuple[int, ...]
    resumed_at: datetime | None = None
    is_open: bool = True


class ClockBook(NamedTuple):
    """Every clock and every pause of a case, each at the place of its number."""

    clocks: tuple[Clock, ...] = ()
    pauses: tuple[Pause, ...] = ()

    def clock(self, n: int) -> Clock | None:
        """Return clock `n`, None where there is none."""
        return self.clocks[n - 1] if 0 < n <= len(self.clocks) else None

    def pause(self, n: int) -> Pause | None:
        """Return pause `n`, None where there is none."""
        return self.pauses[n - 1] if 0 < n <= len(self.pauses) else None

    def on(self) -> Iterator[Clock]:
        """Go through the clocks that have not ended."""
        return (clock for clock in self.clocks if clock.is_on)

    @property
    def pack(self) -> Pin | None:
        """Return the SLA pack that the case is pinned to, None before its first clock."""
        rules = (clock.due.derivation.rule for clock in self.clocks)
        pins = [rule.pack for rule in rules if rule.kind is RuleKind.SLA and rule.pack is not None]
        return max(pins, key=lambda pin: pin.version, default=None)

    def standstills(self, n: int) -> tuple[Standstill, ...]:
        """Return the pauses that clock `n` stood or stands still in."""
        return tuple(
            Standstill(pause.n, pause.paused_at, pause.resumed_at)
            for pause in self.pauses
            if n in pause.clocks
        )

    def open_pauses(self, n: int) -> tuple[Pause, ...]:
        """Return the pauses that clock `n` stands still in now."""
        return tuple(p for p in self.pauses if p.is_open and n in p.clocks)

    def with_clock(self, clock: Clock) -> "ClockBook":
        """Return the book with this clock in the place of its number."""
        place = clock.due.n - 1
        return self._replace(clocks=(*self.clocks[:place], clock, *self.clocks[place + 1 :]))


NO_CLOCKS = ClockBook()

# --- how a book follows what is recorded ----------------------------------------------------------


def _started(book: ClockBook, event: ClocksStarted) -> ClockBook:
    new = (
        Clock(
            started,
            started.due,
            by_hand=started.due.derivation.span is None,
            codes=_codes(started.due),
        )
        for started in event.clocks
    )
    return book._replace(clocks=(*book.clocks, *new))


def _stopped(book: ClockBook, event: ClocksStopped) -> ClockBook:
    clocks = list(book.clocks)
    for stop in event.stops:
        clocks[stop.n - 1] = clocks[stop.n - 1]._replace(
            state=ClockState.STOPPED, stopped_at=stop.stopped_at, met=stop.met
        )
    return ClockBook(tuple(clocks), _over(book.pauses, clocks))


def _over(pauses: tuple[Pause, ...], clocks: Sequence[Clock]) -> tuple[Pause, ...]:
    """A pause in which no clock stands still any longer is over."""
    if not any(pause.is_open for pause in pauses):
        return pauses
    return tuple(
        pause._replace(is_open=pause.is_open and any(clocks[n - 1].is_on for n in pause.clocks))
        for pause in pauses
    )


def _paused(book: ClockBook, event: ClocksPaused) -> ClockBook:
    clocks = list(book.clocks)
    for n in event.clocks:
        clocks[n - 1] = clocks[n - 1]._replace(state=ClockState.PAUSED)
    pause = Pause(event.pause_id, event.n, event.reason, event.paused_at, event.clocks)
    return ClockBook(tuple(clocks), (*book.pauses, pause))


def _resumed(book: ClockBook, event: ClocksResumed) -> ClockBook:
    pauses = list(book.pauses)
    pauses[event.n - 1] = pauses[event.n - 1]._replace(resumed_at=event.resumed_at, is_open=False)
    return _due(book._replace(pauses=tuple(pauses)), *event.dues)


def _due(book: ClockBook, *dues: ClockDue) -> ClockBook:
    clocks = list(book.clocks)
    for due in dues:
        clocks[due.n - 1] = clocks[due.n - 1].due_again(due)
    return book._replace(clocks=tuple(clocks))


def _by_hand(book: ClockBook, event: ClockExtended | ClockDueSet) -> ClockBook:
    moved = _due(book, event.due)
    return moved.with_clock(moved.clocks[event.due.n - 1]._replace(by_hand=True))


def _cancelled(book: ClockBook, event: ClockCancelled) -> ClockBook:
    clock = book.clocks[event.n - 1]
    after = book.with_clock(clock._replace(state=ClockState.CANCELLED))
    return after._replace(pauses=_over(after.pauses, after.clocks))


def _warned(book: ClockBook, event: DeadlineWarned) -> ClockBook:
    clock = book.clocks[event.n - 1]
    return book.with_clock(clock._replace(warned=clock.warned | {event.code}))


def _foreseen(book: ClockBook, event: DeadlineForeseen) -> ClockBook:
    return book.with_clock(book.clocks[event.n - 1]._replace(foreseen=True))


def _breached(book: ClockBook, event: DeadlineBreached) -> ClockBook:
    return book.with_clock(book.clocks[event.n - 1]._replace(breached_at=event.due_at))


FOLLOW: Mapping[type[Any], Callable[[ClockBook, Any], ClockBook]] = {
    ClocksStarted: _started,
    ClocksStopped: _stopped,
    ClocksPaused: _paused,
    ClocksResumed: _resumed,
    ClockReset: lambda book, event: _due(book, event.due),
    ClockCancelled: _cancelled,
    ClockExtended: _by_hand,
    ClockDueSet: _by_hand,
    ClocksRederived: lambda book, event: _due(book, *event.dues),
    DeadlineWarned: _warned,
    DeadlineForeseen: _foreseen,
    DeadlineBreached: _breached,
}
"""How the book follows each event, by the base that kinds of case subclass."""


def after(book: ClockBook, events: Iterable[Any]) -> ClockBook:
    """Return the book after events of a kind of case that are about its clocks."""
    for event in events:
        book = FOLLOW[type(event).__mro__[1]](book, event)
    return book
