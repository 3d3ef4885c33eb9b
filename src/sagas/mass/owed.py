"""What changes ask of one case, each thing with the instant from which on it is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from sagas.mass.affected import Case, OpenClock, OrderedPause
from sagas.mass.changes import Changes, PauseOrder


class Change(StrEnum):
    """What is to be done to the clocks of a case."""

    CALENDAR = "calendar"
    PACK = "pack"
    PAUSE = "pause"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Owed:
    """One change: `cause` is the publication (or application) that asks for it.

    `what` names the class pause, `clocks` those to be paused, `n` the pause that ends.
    """

    change: Change
    at: datetime
    cause: UUID
    what: str = ""
    clocks: tuple[int, ...] = ()
    n: int = 0


@dataclass(frozen=True, slots=True)
class _Span:
    """For how long an order holds for a case, by which version, and whose word ends it."""

    from_at: datetime
    until_at: datetime | None
    cause: UUID
    ended_by: UUID


def owed(case: Case, changes: Changes) -> tuple[Owed, ...]:
    """Return what is still to be done in a case because of all that is known, in time order."""
    found = [*_calendars(case, changes), *_applications(case)]
    for name, versions in changes.named():
        found.extend(_pauses(case, name, versions))
    return tuple(sorted(found, key=lambda one: (one.at, one.change, one.n)))


# --- other rules ----------------------------------------------------------------------------------


def _calendars(case: Case, changes: Changes) -> Iterator[Owed]:
    """Every version newer than what an open clock was derived by asks for it to be derived anew."""
    pinned = {
        clock.calendar.name: min(
            other.calendar.version
            for other in case.clocks
            if other.calendar is not None and other.calendar.name == clock.calendar.name
        )
        for clock in case.clocks
        if clock.calendar is not None and _follows_calendar(case, clock)
    }
    for version in changes.calendars:
        if version.version > pinned.get(version.name, version.version):
            yield Owed(Change.CALENDAR, version.at, version.cause)


def _follows_calendar(case: Case, clock: OpenClock) -> bool:
    """A referral's clock that stands still, or that a person set, follows when it runs again."""
    return case.category != "referral" or not (clock.by_hand or clock.n in case.still)


def _applications(case: Case) -> Iterator[Owed]:
    for one in case.applications:
        for clock in case.clocks:
            pin = clock.pack
            if pin is None or clock.by_hand:  # no pack moves what somebody lengthened or set
                continue
            is_of_it = (clock.pack_kind, pin.name) == (one.kind, one.pack.name)
            if is_of_it and pin.version < one.pack.version:
                yield Owed(Change.PACK, one.at, one.cause)
                break


# --- a regulator's pauses -------------------------------------------------------------------------


def _pauses(case: Case, name: str, versions: tuple[PauseOrder, ...]) -> Iterator[Owed]:
    spans = list(_spans(case, versions))
    said = {version.cause for version in versions}
    ours = [pause for pause in case.pauses if pause.ordered_by in said]
    for span in spans:
        yield from _begins(case, name, span, ours)
    for pause in ours:
        if pause.until_at is None and any(clock.n in pause.clocks for clock in case.clocks):
            yield from _ends(pause, spans, versions[-1])


def _begins(case: Case, name: str, span: _Span, ours: list[OrderedPause]) -> Iterator[Owed]:
    """Clocks that the order stops and that it has not stopped yet; who resumed one meant it."""
    stopped = {
        n
        for pause in ours
        if pause.until_at is None or pause.until_at > span.from_at
        for n in pause.clocks
    }
    wanted = [
        clock
        for clock in case.clocks
        if _can_stop(clock)
        and clock.n not in stopped
        and (span.until_at is None or clock.since_at < span.until_at)
    ]
    if wanted:
        at = max(span.from_at, *(clock.since_at for clock in wanted))
        numbers = tuple(sorted(clock.n for clock in wanted))
        yield Owed(Change.PAUSE, at, span.cause, name, numbers)


def _can_stop(clock: OpenClock) -> bool:
    return clock.pausable and clock.calendar is not None


def _ends(pause: OrderedPause, spans: list[_Span], newest: PauseOrder) -> Iterator[Owed]:
    holding = [span for span in spans if _holds(span, pause.from_at)]
    if not holding:  # a later version never had this case in its class
        yield Owed(
            Change.RESUME, max(newest.at, pause.from_at), newest.cause, newest.name, n=pause.n
        )
        return
    last = holding[-1]
    if last.until_at is not None:
        yield Owed(Change.RESUME, last.until_at, last.ended_by, newest.name, n=pause.n)


def _holds(span: _Span, at: datetime) -> bool:
    return span.from_at <= at and (span.until_at is None or at < span.until_at)


def _spans(case: Case, versions: tuple[PauseOrder, ...]) -> Iterator[_Span]:
    """Yield when the order holds for the case; each version says so until the next one does."""
    open_: _Span | None = None
    for order, following in zip(versions, (*versions[1:], None), strict=True):
        if not _is_meant(order, case):
            if open_ is not None:
                yield open_
            open_ = None
            continue
        from_at = max(order.at, order.starts_at)
        until_at, ended_by = order.ends_at, order.cause
        if following is not None and (until_at is None or following.at < until_at):
            until_at, ended_by = following.at, following.cause
        if until_at is not None and until_at <= from_at:
            continue
        if open_ is not None and open_.until_at == from_at:
            open_ = _Span(open_.from_at, until_at, open_.cause, ended_by)
            continue
        if open_ is not None:
            yield open_
        open_ = _Span(from_at, until_at, order.cause, ended_by)
    if open_ is not None:
        yield open_


def _is_meant(order: PauseOrder, case: Case) -> bool:
    """Tell whether a case is of the class that an order names; what it does not name is any."""
    if order.packs and case.pack not in order.packs:
        return False
    if order.kinds and case.kind not in order.kinds:
        return False
    first, last = order.received_from_on, order.received_until_on
    if first is None and last is None:
        return True
    if case.received_at is None or not case.clocks:
        return False
    day = case.received_at.astimezone(ZoneInfo(case.clocks[0].zone)).date()
    return (first is None or first <= day) and (last is None or day <= last)
