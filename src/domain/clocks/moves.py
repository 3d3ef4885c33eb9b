"""What may be done with a clock, and what comes of it: the rules that every kind of case shares.

Each answers what is to be recorded, None where exactly that is already so, or refuses. Nothing is
recorded here: a kind of case puts the answers into events of its own.
"""

from collections.abc import Sequence
from datetime import datetime

from domain.clocks.book import Clock, ClockBook, ClockState, Pause
from domain.clocks.calendar import Calendar
from domain.clocks.deriving import WarningsOf, again, named, stops
from domain.clocks.messages import ClockDue, PauseReason, RuleKind, RuleRef, Span, StoppedClock
from domain.declare import NotFound, Refusal, Unacceptable
from domain.rulebook import Published, Rules

# --- refusals -------------------------------------------------------------------------------------


class ClockNotFound(NotFound, code="clocks.not_found"):
    """The case has no clock of this number."""


class PauseNotFound(NotFound, code="clocks.pause_not_found"):
    """The case has no pause of this number."""


class ClockHasEnded(Refusal, code="clocks.has_ended"):
    """The clock has stopped or was cancelled; nothing can be done with it any more."""


class ClockStandsStill(Refusal, code="clocks.stands_still"):
    """The clock stands still, and nobody knows by when it will be due; end the pause first."""


class ClockNotPausable(Unacceptable, code="clocks.not_pausable"):
    """The clock is not paused for this reason."""


class NothingToPause(Refusal, code="clocks.nothing_to_pause"):
    """No clock of the case that runs is paused for this reason."""


class PauseNotProven(Unacceptable, code="clocks.pause_not_proven"):
    """A pause is proven by a document of the case or by a note that says why."""


class PauseHasEnded(Refusal, code="clocks.pause_has_ended"):
    """The pause has ended already."""


class PauseEndsBeforeStart(Unacceptable, code="clocks.pause_ends_before_start"):
    """A pause does not end before it began."""


class PauseBeforeStart(Unacceptable, code="clocks.pause_before_start"):
    """A clock is not paused before it started."""


class DueInPast(Unacceptable, code="clocks.due_in_past"):
    """A deadline is set for an instant to come."""


class NotYetDue(Refusal, code="clocks.not_yet_due"):
    """The instant of this has not come, or the deadline has been moved."""


class ClockIsNamed(Refusal, code="clocks.is_named"):
    """The instant by which it is due was named and not counted; set another one instead."""


class NotLonger(Unacceptable, code="clocks.not_longer"):
    """An extension is longer than what the clock has; to shorten it, set the deadline."""


class ResetBeforeStart(Unacceptable, code="clocks.reset_before_start"):
    """A clock counts anew from after its start, and not from an instant to come."""


class StoppedBeforeStart(Unacceptable, code="clocks.stopped_before_start"):
    """A promise is not kept before it was made."""


class ClockStopsByItself(Refusal, code="clocks.stops_by_itself"):
    """This clock stops when what it is about is done; only promises are stopped by hand."""


# --- questions ------------------------------------------------------------------------------------


def clock_of(book: ClockBook, n: int) -> Clock:
    """Return clock `n`, or raise `ClockNotFound`."""
    clock = book.clock(n)
    if clock is None:
        raise ClockNotFound(n=n)
    return clock


def clock_on(book: ClockBook, n: int) -> Clock:
    """Return clock `n` if it has not ended, or refuse."""
    clock = clock_of(book, n)
    if not clock.is_on:
        raise ClockHasEnded(n=n, state=clock.state.value)
    return clock


def clock_running(book: ClockBook, n: int) -> Clock:
    """Return clock `n` if it runs, or refuse."""
    clock = clock_on(book, n)
    if clock.state is ClockState.PAUSED:
        raise ClockStandsStill(n=n)
    return clock


# --- pauses ---------------------------------------------------------------------------------------


def pausing(
    book: ClockBook, reason: PauseReason, wanted: Sequence[int], paused_at: datetime
) -> tuple[int, ...]:
    """Return the clocks that stand still from an instant on; without a wish all that may.

    A clock whose instant was named does not move with a pause, and so is not paused.
    """
    if not wanted:
        may = tuple(
            clock.n
            for clock in book.on()
            if _may_pause(clock, reason) and clock.due.derivation.started_at <= paused_at
        )
        if not may:
            raise NothingToPause(reason=reason.value)
        return may
    for n in wanted:
        clock = clock_on(book, n)
        if not _may_pause(clock, reason):
            raise ClockNotPausable(n=n, reason=reason.value, reasons=clock.started.pausable_for)
        if paused_at < clock.due.derivation.started_at:
            raise PauseBeforeStart(n=n)
    return tuple(sorted(set(wanted)))


def _may_pause(clock: Clock, reason: PauseReason) -> bool:
    return reason in clock.started.pausable_for and clock.due.derivation.span is not None


def ending(book: ClockBook, n: int, ended_at: datetime) -> Pause | None:
    """Return the pause that ends at an instant, None where exactly that is already so."""
    pause = book.pause(n)
    if pause is None:
        raise PauseNotFound(n=n)
    if pause.resumed_at == ended_at:
        return None
    if not pause.is_open:
        raise PauseHasEnded(n=n)
    if ended_at < pause.paused_at:
        raise PauseEndsBeforeStart(n=n, paused_at=pause.paused_at.isoformat())
    return pause


# --- moves ----------------------------------------------------------------------------------------


def extending(
    book: ClockBook, n: int, amount: int, rules: Rules, warnings: WarningsOf
) -> ClockDue | None:
    """Return when a clock is due whose span has this amount of its own unit instead."""
    clock = clock_on(book, n)
    span = clock.due.derivation.span
    if span is None:
        raise ClockIsNamed(n=n)
    if amount == span.amount:
        return None
    if amount < span.amount:
        raise NotLonger(n=n, amount=span.amount, unit=span.unit.value)
    longer = Span(amount=amount, unit=span.unit, from_next_working_day=span.from_next_working_day)
    return again(clock, book.standstills(n), rules, span=longer, warnings=warnings(clock))


def resetting(
    book: ClockBook, n: int, from_at: datetime, now: datetime, rules: Rules, warnings: WarningsOf
) -> ClockDue | None:
    """Return when a clock is due that counts anew from an instant since its start."""
    clock = clock_on(book, n)
    stood = clock.due.derivation
    if stood.span is None:
        raise ClockIsNamed(n=n)
    if from_at == stood.started_at:
        return None
    if not stood.started_at < from_at <= now:
        raise ResetBeforeStart(n=n, started_at=stood.started_at.isoformat())
    return again(clock, book.standstills(n), rules, started_at=from_at, warnings=warnings(clock))


def setting(
    book: ClockBook,
    n: int,
    due_at: datetime,
    now: datetime,
    calendar: Published[Calendar] | None,
    warnings: WarningsOf,
) -> ClockDue | None:
    """Return a clock that runs and is due at a named instant to come."""
    clock = clock_running(book, n)
    if clock.by_hand and clock.due.due_at == due_at:
        return None
    if due_at <= now:
        raise DueInPast
    stood = clock.due.derivation
    rule = RuleRef(kind=RuleKind.SET, pack=stood.rule.pack, rule=stood.rule.rule)
    return named(n, rule, due_at, stood.started_at, calendar, warnings(clock))


def cancelling(book: ClockBook, n: int) -> Clock | None:
    """Return the clock that no longer runs."""
    clock = clock_of(book, n)
    if clock.state is ClockState.CANCELLED:
        return None
    return clock_on(book, n)


def keeping(book: ClockBook, n: int, at: datetime) -> StoppedClock | None:
    """Return how a promise stops that somebody says was kept."""
    clock = clock_of(book, n)
    if clock.state is ClockState.STOPPED and clock.stopped_at == at:
        return None
    clock = clock_on(book, n)
    if clock.started.due.derivation.rule.kind not in _STOPPED_BY_HAND:
        raise ClockStopsByItself(n=n, clock=clock.code)
    if at < clock.due.derivation.started_at:
        raise StoppedBeforeStart(n=n)
    return stops((clock,), at)[0]


_STOPPED_BY_HAND = frozenset({RuleKind.SET, RuleKind.LETTER})

# --- watching -------------------------------------------------------------------------------------


def warning(book: ClockBook, n: int, code: str, now: datetime) -> Clock | None:
    """Return the clock of which warning `code` is due; what is missed is warned of no more."""
    clock = clock_running(book, n)
    if code in clock.warned:
        return None
    is_due = any(each.code == code and each.at <= now for each in clock.due.warnings)
    if not is_due or clock.due_at is None or clock.due_at <= now:
        raise NotYetDue(n=n)
    return clock


def foreseeing(book: ClockBook, n: int, expected_at: datetime) -> Clock | None:
    """Return the clock that will be missed if what is awaited comes at an instant."""
    clock = clock_running(book, n)
    if clock.foreseen:
        return None
    if clock.due.due_at is None or expected_at <= clock.due.due_at:
        raise NotYetDue(n=n)
    return clock


def breaching(book: ClockBook, n: int, now: datetime) -> Clock | None:
    """Return the clock that was missed."""
    clock = clock_running(book, n)
    if clock.breached_at == clock.due.due_at:
        return None
    if not missed(clock, now):
        raise NotYetDue(n=n)
    return clock


def missed(clock: Clock, now: datetime) -> bool:
    """Tell whether a clock runs on past its due instant, and nobody has recorded it."""
    due_at = clock.due_at
    return due_at is not None and due_at <= now and due_at != clock.breached_at
