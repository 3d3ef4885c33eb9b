"""What is known of a case that changes may concern: its class, its open clocks, its pauses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import complaint as c
from domain import referral as r
from domain.clocks import messages as m
from domain.clocks.messages import Binds, ClockDue, PauseReason, RuleKind, StartedClock
from domain.rulebook import Pin
from store.log import Recorded

FACTS = (
    "complaint.registered",
    "complaint.classified",
    "complaint.corrected",
    "referral.received",
    "referral.registered",
)
"""Stored names of what says of which class a case is."""


_PACKS = {RuleKind.SLA: "sla_pack", RuleKind.STATUTORY: "statutory_pack"}
"""The kinds of pack by the rules that they hold."""


@dataclass(frozen=True, slots=True)
class OpenClock:
    """A clock that has not ended; `since_at` is from when on it can be paused."""

    n: int
    since_at: datetime
    zone: str
    calendar: Pin | None
    """None where the instant was named and not counted: no calendar moves it."""
    pack: Pin | None
    pack_kind: str
    """The kind of document that the pack is."""
    pausable: bool
    """Whether a regulator's order stops it."""
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class OrderedPause:
    """A pause that a class pause ordered; None in `until_at` while it lasts."""

    n: int
    ordered_by: UUID
    clocks: tuple[int, ...]
    from_at: datetime
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """A pack whose newest version is to be applied to the clocks that ran when it was said."""

    kind: str
    pack: Pin
    at: datetime
    cause: UUID


@dataclass(frozen=True, slots=True)
class Case:
    """A case with clocks."""

    stream: UUID
    category: str
    kind: str | None = None
    received_at: datetime | None = None
    pack: str | None = None
    """The statutory pack of a referral."""
    clocks: tuple[OpenClock, ...] = ()
    still: tuple[int, ...] = ()
    """The clocks that stand still, for whatever reason."""
    pauses: tuple[OrderedPause, ...] = ()
    applications: tuple[Application, ...] = ()


def begun(recorded: Recorded) -> Case:
    """Return a case of which nothing is known yet."""
    return Case(recorded.stream, recorded.topic.partition(".")[0])


def followed(case: Case, recorded: Recorded) -> Case:
    """Return the case one event of its own later."""
    event = recorded.event
    follow = next((each for base, each in _FOLLOW.items() if isinstance(event, base)), None)
    return case if follow is None else follow(case, event, recorded)


# --- its class ------------------------------------------------------------------------------------


def _registered(case: Case, event: c.ComplaintRegistered, _: Recorded) -> Case:
    return replace(case, kind=event.kind.value, received_at=event.received_at)


def _classified(case: Case, event: c.ComplaintClassified, _: Recorded) -> Case:
    return replace(case, kind=event.kind.value)


def _corrected(case: Case, event: c.ComplaintCorrected, _: Recorded) -> Case:
    return case if event.received_at is None else replace(case, received_at=event.received_at)


def _received(case: Case, event: r.ReferralReceived, _: Recorded) -> Case:
    return replace(case, kind=event.kind.value, received_at=event.received_at)


def _under_pack(case: Case, event: r.ReferralRegistered, _: Recorded) -> Case:
    return replace(case, pack=event.pack.name)


# --- its clocks -----------------------------------------------------------------------------------


def _is_pausable(case: Case, started: StartedClock) -> bool:
    """As the kinds of case decide: a complaint's rule says so, a referral's binds the company."""
    if case.category == "referral":
        return started.binds is Binds.COMPANY
    return PauseReason.REGULATOR in started.pausable_for


def _derived(clock: OpenClock, due: ClockDue) -> OpenClock:
    derivation = due.derivation
    rule = derivation.rule
    return replace(
        clock,
        since_at=max(clock.since_at, derivation.started_at),
        calendar=derivation.calendar if derivation.span is not None else None,
        pack=rule.pack if rule.kind in _PACKS else None,
        pack_kind=_PACKS.get(rule.kind, ""),
    )


def _started(case: Case, event: m.ClocksStarted, recorded: Recorded) -> Case:
    new = tuple(
        _derived(
            OpenClock(
                n=started.n,
                since_at=max(recorded.recorded_at, started.due.derivation.started_at),
                zone=started.due.derivation.zone,
                calendar=None,
                pack=None,
                pack_kind="",
                pausable=_is_pausable(case, started),
            ),
            started.due,
        )
        for started in event.clocks
    )
    return replace(case, clocks=(*case.clocks, *new))


def _ended(case: Case, numbers: frozenset[int]) -> Case:
    return replace(
        case,
        clocks=tuple(clock for clock in case.clocks if clock.n not in numbers),
        still=tuple(n for n in case.still if n not in numbers),
    )


def _stopped(case: Case, event: m.ClocksStopped, _: Recorded) -> Case:
    return _ended(case, frozenset(stop.n for stop in event.stops))


def _cancelled(case: Case, event: m.ClockCancelled, _: Recorded) -> Case:
    return _ended(case, frozenset({event.n}))


def _paused(case: Case, event: m.ClocksPaused, _: Recorded) -> Case:
    case = replace(case, still=tuple(sorted({*case.still, *event.clocks})))
    if event.ordered_by is None:
        return case
    made = OrderedPause(event.n, event.ordered_by, event.clocks, event.paused_at)
    return replace(case, pauses=(*case.pauses, made))


def _resumed(case: Case, event: m.ClocksResumed, _: Recorded) -> Case:
    pauses = tuple(
        replace(pause, until_at=event.resumed_at) if pause.n == event.n else pause
        for pause in case.pauses
    )
    return _due(replace(case, pauses=pauses), event.dues)


def _rederived(case: Case, event: m.ClocksRederived, _: Recorded) -> Case:
    left = tuple(one for one in case.applications if one.cause != event.by_publication)
    return _due(replace(case, applications=left), event.dues)


def _reset(case: Case, event: m.ClockReset, _: Recorded) -> Case:
    return _due(case, (event.due,))


def _set(case: Case, event: m.ClockExtended | m.ClockDueSet, _: Recorded) -> Case:
    return _due(case, (event.due,), by_hand=True)


def _due(case: Case, dues: tuple[ClockDue, ...], *, by_hand: bool = False) -> Case:
    of_clock = {due.n: due for due in dues}
    clocks = []
    for clock in case.clocks:
        due = of_clock.get(clock.n)
        if due is not None:
            clock = _derived(clock, due)
            clock = replace(clock, by_hand=clock.by_hand or by_hand)
        clocks.append(clock)
    run = {due.n for due in dues if due.due_at is not None}
    still = tuple(n for n in case.still if n not in run)
    return replace(case, clocks=tuple(clocks), still=still)


_FOLLOW: Mapping[type[Any], Callable[[Case, Any, Recorded], Case]] = {
    c.ComplaintRegistered: _registered,
    c.ComplaintClassified: _classified,
    c.ComplaintCorrected: _corrected,
    r.ReferralReceived: _received,
    r.ReferralRegistered: _under_pack,
    m.ClocksStarted: _started,
    m.ClocksStopped: _stopped,
    m.ClocksPaused: _paused,
    m.ClocksResumed: _resumed,
    m.ClockReset: _reset,
    m.ClockCancelled: _cancelled,
    m.ClockExtended: _set,
    m.ClockDueSet: _set,
    m.ClocksRederived: _rederived,
}
