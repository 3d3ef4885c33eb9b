"""What people and sagas may do with the clocks of a referral, and what is said of a deadline."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, assert_never
from uuid import UUID

from domain.clocks import moves
from domain.clocks.book import Clock, ClockState
from domain.clocks.deriving import WarningsOf, calendar_of, resumed, stops
from domain.clocks.messages import Binds, PauseReason, RuleKind
from domain.declare import Command, Context, NotPermitted, Refusal, Role, command
from domain.fields import Between, Code, Instant, Items, Narrative
from domain.referral.case import Referral, ReferralItemExists, open_case, past, received
from domain.referral.clocks import (
    AUTHORITY_REPLY,
    ClocksEvent,
    ReferralClockCancelled,
    ReferralClockDueSet,
    ReferralClockExtended,
    ReferralClockReset,
    ReferralClocksPaused,
    ReferralClocksRederived,
    ReferralClocksResumed,
    ReferralClocksStopped,
    ReferralDeadlineBreached,
    ReferralDeadlineForeseen,
    ReferralDeadlineWarned,
)
from domain.referral.deriving import due_by_newer_rules, warnings_of
from domain.referral.keeping_time import own_follows
from domain.referral.papers import papers
from domain.rulebook import Pin

# --- commands -------------------------------------------------------------------------------------

Number = Annotated[int, Between(1, 100_000)]
PaperIds = Annotated[tuple[UUID, ...], Items(max=50)]


@command
class PauseReferralClocks(Command):
    """Let clocks stand still for a named reason; without `clocks`, all that may for this one.

    Without `paused_at` they stand still from now on. `ordered_by` is the publication of a class
    pause; only the system names one.
    """

    pause_id: UUID
    reason: PauseReason
    note: Narrative | None = None
    paper_ids: PaperIds = ()
    clocks: Annotated[tuple[Number, ...], Items(max=200)] = ()
    paused_at: Instant | None = None
    ordered_by: UUID | None = None


@command
class EndReferralPause(Command):
    """End a pause; without `ended_at`, now."""

    n: Number
    ended_at: Instant | None = None


@command
class SetReferralDeadline(Command):
    """Name the instant by which one of the company's own clocks is due."""

    n: Number
    due_at: Instant
    reason: Narrative


@command
class ExtendReferralClock(Command):
    """Record that the authority gave time until an instant, with the paper that says so."""

    n: Number
    due_at: Instant
    reason: Narrative
    paper_ids: Annotated[tuple[UUID, ...], Items(max=50, min=1)]


@command
class ResetReferralClock(Command):
    """Let a clock count anew from an instant."""

    n: Number
    from_at: Instant
    reason: Narrative


@command
class CancelReferralClock(Command):
    """Say that a clock no longer runs, though nothing was done."""

    n: Number
    reason: Narrative


@command
class StopReferralClock(Command):
    """Say that what a clock is about was done; without `done_at`, now."""

    n: Number
    done_at: Instant | None = None


@command
class RederiveReferralClocks(Command):
    """Let the rules and calendars that are in force now apply to the clocks that run."""

    cause: Code
    by_publication: UUID | None = None


@command
class WarnOfReferralDeadline(Command):
    """Say that a warning of a clock was due."""

    n: Number
    code: Code


@command
class ForeseeReferralBreach(Command):
    """Say that a clock will be missed, going by the estimates."""

    n: Number
    expected_at: Instant
    step: Code
    estimates: Pin


@command
class RecordReferralBreach(Command):
    """Say that a clock was missed."""

    n: Number


# --- refusals -------------------------------------------------------------------------------------


class ReferralClocksNotYours(NotPermitted, code="referral.clocks_not_yours"):
    """Clocks are moved by the special-customers expert, a supervisor or the manager."""


class DeadlineIsTheAuthoritys(Refusal, code="referral.deadline_is_the_authoritys"):
    """The authority's deadline is not ours to set; record the paper by which it gave more time."""


# --- rules ----------------------------------------------------------------------------------------

MovesCommand = (
    PauseReferralClocks
    | EndReferralPause
    | SetReferralDeadline
    | ExtendReferralClock
    | ResetReferralClock
    | CancelReferralClock
    | StopReferralClock
    | RederiveReferralClocks
    | WarnOfReferralDeadline
    | ForeseeReferralBreach
    | RecordReferralBreach
)

MOVERS = (Role.SPECIAL_EXPERT, Role.SUPERVISOR, Role.MANAGER, Role.SYSTEM)


def decide(case: Referral, command: MovesCommand, context: Context) -> Sequence[ClocksEvent]:
    """Decide on moves of clocks and on what is said of a deadline."""
    received(case)
    if not context.actor.has(*MOVERS):
        raise ReferralClocksNotYours(roles=[role.value for role in MOVERS])
    match command:
        case PauseReferralClocks():
            return _pause(case, command, context)
        case EndReferralPause():
            return _resume(case, command, context)
        case SetReferralDeadline() | ExtendReferralClock():
            return _set(case, command, context)
        case ResetReferralClock() | CancelReferralClock() | StopReferralClock():
            return _move(case, command, context)
        case RederiveReferralClocks():
            return _rederive(case, command, context)
        case WarnOfReferralDeadline() | ForeseeReferralBreach() | RecordReferralBreach():
            return _say(case, command, context)
    assert_never(command)


def _warnings(case: Referral, context: Context) -> WarningsOf:
    return lambda clock: warnings_of(case, clock, context)


# --- pauses ---------------------------------------------------------------------------------------


def _pause(case: Referral, command: PauseReferralClocks, context: Context) -> Sequence[ClocksEvent]:
    for pause in case.clocks.pauses:
        if pause.pause_id == command.pause_id:
            if pause.reason is not command.reason:
                raise ReferralItemExists(item=str(command.pause_id))
            return []
    open_case(case)
    if command.ordered_by is not None and not context.actor.has(Role.SYSTEM):
        raise ReferralClocksNotYours(roles=[Role.SYSTEM.value])
    if command.note is None and not command.paper_ids and command.ordered_by is None:
        raise moves.PauseNotProven
    papers(case, command.paper_ids)
    paused_at = past(command.paused_at, context)
    return [
        ReferralClocksPaused(
            pause_id=command.pause_id,
            n=len(case.clocks.pauses) + 1,
            reason=command.reason,
            paused_at=paused_at,
            clocks=_to_pause(case, command, paused_at),
            note=command.note,
            paper_ids=command.paper_ids,
            ordered_by=command.ordered_by,
        )
    ]


def _to_pause(case: Referral, command: PauseReferralClocks, paused_at: datetime) -> tuple[int, ...]:
    """A regulator's order stops whatever counts against the company; else each clock says."""
    if command.ordered_by is None or command.clocks:
        return moves.pausing(case.clocks, command.reason, command.clocks, paused_at)
    found = tuple(
        clock.n
        for clock in case.clocks.on()
        if clock.started.binds is Binds.COMPANY
        and clock.due.derivation.span is not None
        and clock.due.derivation.started_at <= paused_at
    )
    if not found:
        raise moves.NothingToPause(reason=command.reason.value)
    return found


def _resume(case: Referral, command: EndReferralPause, context: Context) -> Sequence[ClocksEvent]:
    standing = case.clocks.pause(command.n)
    if command.ended_at is None and standing is not None and not standing.is_open:
        return []
    ended_at = past(command.ended_at, context)
    pause = moves.ending(case.clocks, command.n, ended_at)
    if pause is None:
        return []
    open_case(case)
    dues = resumed(case.clocks, pause, ended_at, context.rules, _warnings(case, context))
    return [ReferralClocksResumed(n=pause.n, resumed_at=ended_at, dues=dues)]


# --- moves ----------------------------------------------------------------------------------------


def _set(
    case: Referral, command: SetReferralDeadline | ExtendReferralClock, context: Context
) -> Sequence[ClocksEvent]:
    open_case(case)
    clock = moves.clock_running(case.clocks, command.n)
    extends = isinstance(command, ExtendReferralClock)
    authoritys = clock.code == AUTHORITY_REPLY or clock.started.binds is Binds.AUTHORITY
    if authoritys and not extends:
        raise DeadlineIsTheAuthoritys
    pin = clock.due.derivation.calendar
    calendar = None if pin is None else calendar_of(clock.due.derivation, context.rules)
    warnings = _warnings(case, context)
    due = moves.setting(case.clocks, command.n, command.due_at, context.now, calendar, warnings)
    if due is None:
        return []
    if not isinstance(command, ExtendReferralClock):
        return [ReferralClockDueSet(due=due, reason=command.reason)]
    papers(case, command.paper_ids)
    ref = replace(clock.due.derivation.rule, kind=RuleKind.LETTER)
    due = replace(due, derivation=replace(due.derivation, rule=ref))
    made: list[ClocksEvent] = [
        ReferralClockExtended(due=due, reason=command.reason, paper_ids=command.paper_ids)
    ]
    if clock.code == AUTHORITY_REPLY:
        made.extend(own_follows(case, due, context))
    return made


def _move(
    case: Referral,
    command: ResetReferralClock | CancelReferralClock | StopReferralClock,
    context: Context,
) -> Sequence[ClocksEvent]:
    book = case.clocks
    match command:
        case ResetReferralClock():
            open_case(case)
            rules, warnings = context.rules, _warnings(case, context)
            due = moves.resetting(book, command.n, command.from_at, context.now, rules, warnings)
            return [] if due is None else [ReferralClockReset(due=due, reason=command.reason)]
        case CancelReferralClock():
            if moves.cancelling(book, command.n) is None:
                return []
            return [ReferralClockCancelled(n=command.n, reason=command.reason)]
        case StopReferralClock():
            standing = moves.clock_of(book, command.n)
            if command.done_at is None and standing.state is ClockState.STOPPED:
                return []
            clock = moves.clock_on(book, command.n)
            return [ReferralClocksStopped(stops=stops((clock,), past(command.done_at, context)))]
    assert_never(command)


def _rederive(
    case: Referral, command: RederiveReferralClocks, context: Context
) -> Sequence[ClocksEvent]:
    open_case(case)
    dues, newer_pack = [], command.cause == "pack"
    for clock in case.clocks.on():
        if clock.by_hand or case.clocks.open_pauses(clock.n):
            continue
        due = due_by_newer_rules(case, clock, context, newer_pack=newer_pack)
        if due is not None and due != clock.due:
            dues.append(due)
    if not dues:
        return []
    return [
        ReferralClocksRederived(
            cause=command.cause, by_publication=command.by_publication, dues=tuple(dues)
        )
    ]


# --- what is said of a deadline -------------------------------------------------------------------


def _say(
    case: Referral,
    command: WarnOfReferralDeadline | ForeseeReferralBreach | RecordReferralBreach,
    context: Context,
) -> Sequence[ClocksEvent]:
    open_case(case)
    match command:
        case WarnOfReferralDeadline(n=n, code=code):
            clock = moves.warning(case.clocks, n, code, context.now)
            if clock is None:
                return []
            return [ReferralDeadlineWarned(n=n, code=code, due_at=_due_at(clock))]
        case ForeseeReferralBreach(n=n):
            clock = moves.foreseeing(case.clocks, n, command.expected_at)
            if clock is None:
                return []
            return [
                ReferralDeadlineForeseen(
                    n=n,
                    due_at=_due_at(clock),
                    expected_at=command.expected_at,
                    step=command.step,
                    estimates=command.estimates,
                )
            ]
        case RecordReferralBreach(n=n):
            clock = moves.breaching(case.clocks, n, context.now)
            if clock is None:
                return []
            if clock.started.binds is Binds.AUTHORITY:
                raise moves.NotYetDue(n=n)  # its breach is nobody's here
            return [ReferralDeadlineBreached(n=n, due_at=_due_at(clock))]
    assert_never(command)


def _due_at(clock: Clock) -> datetime:
    assert clock.due.due_at is not None
    return clock.due.due_at
