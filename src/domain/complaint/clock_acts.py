"""What people and sagas do with the clocks of a complaint, decided by the rules that all share."""

from collections.abc import Sequence
from typing import assert_never

from domain.clocks import moves
from domain.clocks.book import Clock
from domain.clocks.calendar import Calendar
from domain.clocks.deriving import again, calendar_of, resumed
from domain.clocks.messages import ClockDue, RuleKind
from domain.complaint import sla
from domain.complaint.case import (
    Complaint,
    ItemExists,
    has_item,
    open_case,
    past_instant,
    registered,
)
from domain.complaint.clocks import (
    CancelClock,
    ClocksCommand,
    ClocksEvent,
    ComplaintClockCancelled,
    ComplaintClockDueSet,
    ComplaintClockExtended,
    ComplaintClockReset,
    ComplaintClocksPaused,
    ComplaintClocksRederived,
    ComplaintClocksResumed,
    ComplaintClocksStopped,
    ComplaintDeadlineBreached,
    ComplaintDeadlineForeseen,
    ComplaintDeadlineWarned,
    DeadlinesAreWatched,
    DeadlinesNotYours,
    EndPause,
    ExtendClock,
    ForeseeBreach,
    MakePromise,
    PauseClocks,
    PromiseMade,
    RecordBreach,
    RederiveClocks,
    RederivedFor,
    ResetClock,
    SetDeadline,
    StopClock,
    WarnOfDeadline,
)
from domain.complaint.papers import papers
from domain.declare import Context, Role

_KEEPERS = (
    Role.SPECIALIST,
    Role.EXPERT,
    Role.SPECIAL_EXPERT,
    Role.SUPERVISOR,
    Role.UNIT_HEAD,
    Role.MANAGER,
    Role.SYSTEM,
)
_SUPERIORS = (Role.SUPERVISOR, Role.UNIT_HEAD, Role.MANAGER, Role.SYSTEM)


def decide(case: Complaint, command: ClocksCommand, context: Context) -> Sequence[ClocksEvent]:
    """Decide on clocks."""
    registered(case)
    match command:
        case WarnOfDeadline() | ForeseeBreach() | RecordBreach():
            return _watch(case, command, context)
        case RederiveClocks():
            return _rederive(case, command, context)
        case ResetClock() | CancelClock():
            _let(context, _SUPERIORS)
            return _give_up(case, command, context)
        case PauseClocks() | EndPause():
            _let(context, _KEEPERS)
            return _pause(case, command, context)
        case SetDeadline() | ExtendClock() | StopClock():
            _let(context, _KEEPERS)
            return _keep(case, command, context)
        case MakePromise():
            _let(context, _KEEPERS)
            return _promise(case, command, context)
    assert_never(command)


def _let(context: Context, roles: Sequence[Role]) -> None:
    if not context.actor.has(*roles):
        raise DeadlinesNotYours(roles=[role.value for role in roles if role is not Role.SYSTEM])


# --- pauses ---------------------------------------------------------------------------------------


def _pause(
    case: Complaint, command: PauseClocks | EndPause, context: Context
) -> Sequence[ClocksEvent]:
    if isinstance(command, PauseClocks):
        return _begin(case, command, context)
    at = past_instant(command.ended_at, context)
    pause = moves.ending(case.clocks, command.n, at)
    if pause is None:
        return []
    warnings = sla.warnings_by(sla.pack_of(case, context))
    dues = resumed(case.clocks, pause, at, context.rules, warnings)
    return [ComplaintClocksResumed(n=pause.n, resumed_at=at, dues=dues)]


def _begin(case: Complaint, command: PauseClocks, context: Context) -> Sequence[ClocksEvent]:
    standing = case.items.get(command.pause_id)
    if standing is not None:
        if isinstance(standing, ComplaintClocksPaused) and _is_asked(standing, command):
            return []
        raise ItemExists(item=str(command.pause_id))
    if command.ordered_by is not None and not context.actor.has(Role.SYSTEM):
        raise DeadlinesAreWatched
    papers(case, command.paper_ids)
    if not command.paper_ids and command.note is None and command.ordered_by is None:
        raise moves.PauseNotProven
    paused_at = past_instant(command.paused_at, context)
    return [
        ComplaintClocksPaused(
            pause_id=command.pause_id,
            n=len(case.clocks.pauses) + 1,
            reason=command.reason,
            paused_at=paused_at,
            clocks=moves.pausing(case.clocks, command.reason, command.clocks, paused_at),
            note=command.note,
            paper_ids=command.paper_ids,
            ordered_by=command.ordered_by,
        )
    ]


def _is_asked(standing: ComplaintClocksPaused, command: PauseClocks) -> bool:
    wished = (command.reason, command.note, command.paper_ids, command.ordered_by)
    return (
        (standing.reason, standing.note, standing.paper_ids, standing.ordered_by) == wished
        and tuple(sorted(set(command.clocks))) in ((), standing.clocks)
        and command.paused_at in (None, standing.paused_at)
    )


# --- deadlines ------------------------------------------------------------------------------------


def _keep(
    case: Complaint, command: SetDeadline | ExtendClock | StopClock, context: Context
) -> Sequence[ClocksEvent]:
    pack = sla.pack_of(case, context)
    match command:
        case SetDeadline():
            calendar = None if pack is None else sla.calendar_of(pack, context)
            due = moves.setting(
                case.clocks,
                command.n,
                command.due_at,
                context.now,
                calendar,
                sla.warnings_by(pack),
            )
            return [] if due is None else [ComplaintClockDueSet(due=due, reason=command.reason)]
        case ExtendClock(reason=reason, paper_ids=paper_ids):
            papers(case, paper_ids)
            due = moves.extending(
                case.clocks, command.n, command.amount, context.rules, sla.warnings_by(pack)
            )
            if due is None:
                return []
            return [ComplaintClockExtended(due=due, reason=reason, paper_ids=paper_ids)]
        case StopClock():
            at = past_instant(command.stopped_at, context)
            stop = moves.keeping(case.clocks, command.n, at)
            return [] if stop is None else [ComplaintClocksStopped(stops=(stop,))]
    assert_never(command)


def _promise(case: Complaint, command: MakePromise, context: Context) -> Sequence[ClocksEvent]:
    made = PromiseMade(
        promise_id=command.promise_id, promise=command.promise, due_at=command.due_at
    )
    if has_item(case, command.promise_id, made):
        return []
    open_case(case)
    if command.due_at <= context.now:
        raise moves.DueInPast
    return [made]


def _give_up(
    case: Complaint, command: ResetClock | CancelClock, context: Context
) -> Sequence[ClocksEvent]:
    if isinstance(command, CancelClock):
        if moves.cancelling(case.clocks, command.n) is None:
            return []
        return [ComplaintClockCancelled(n=command.n, reason=command.reason)]
    warnings = sla.warnings_by(sla.pack_of(case, context))
    due = moves.resetting(
        case.clocks, command.n, command.from_at, context.now, context.rules, warnings
    )
    return [] if due is None else [ComplaintClockReset(due=due, reason=command.reason)]


# --- by the system --------------------------------------------------------------------------------


def _watch(
    case: Complaint, command: WarnOfDeadline | ForeseeBreach | RecordBreach, context: Context
) -> Sequence[ClocksEvent]:
    if not context.actor.has(Role.SYSTEM):
        raise DeadlinesAreWatched
    book, n, now = case.clocks, command.n, context.now
    match command:
        case WarnOfDeadline(code=code):
            clock = moves.warning(book, n, code, now)
        case ForeseeBreach(expected_at=expected_at):
            clock = moves.foreseeing(book, n, expected_at)
        case RecordBreach():
            clock = moves.breaching(book, n, now)
        case _:
            assert_never(command)
    if clock is None:
        return []
    due_at = clock.due.due_at
    assert due_at is not None
    match command:
        case WarnOfDeadline():
            return [ComplaintDeadlineWarned(n=n, code=command.code, due_at=due_at)]
        case ForeseeBreach():
            return [
                ComplaintDeadlineForeseen(
                    n=n,
                    due_at=due_at,
                    expected_at=command.expected_at,
                    step=command.step,
                    estimates=command.estimates,
                )
            ]
        case RecordBreach():
            return [ComplaintDeadlineBreached(n=n, due_at=due_at)]
    assert_never(command)


def _rederive(case: Complaint, command: RederiveClocks, context: Context) -> Sequence[ClocksEvent]:
    """Derive the counted clocks anew; those whose rules are what they were are left alone."""
    if not context.actor.has(Role.SYSTEM):
        raise DeadlinesAreWatched
    newest = sla.newest_pack(context) if command.cause is RederivedFor.PACK else None
    dues = []
    for clock in case.clocks.on():
        due = _by_newest(case, clock, newest, context)
        if due.derivation != clock.due.derivation:
            dues.append(due)
    if not dues:
        return []
    return [
        ComplaintClocksRederived(
            cause=command.cause, by_publication=command.by_publication, dues=tuple(dues)
        )
    ]


def _by_newest(
    case: Complaint, clock: Clock, newest: sla.Pack | None, context: Context
) -> ClockDue:
    """Return a clock by its calendar as it is now and, of the company's own, by the newest pack.

    What somebody lengthened or named by hand no pack changes.
    """
    stood, pauses = clock.due.derivation, case.clocks.standstills(clock.n)
    if stood.span is None:
        return clock.due
    if newest is not None and stood.rule.kind is RuleKind.SLA and not clock.by_hand:
        for rule in sla.fitting(case, newest.rules.values()):
            if rule.terms.clock == clock.code:
                return again(
                    clock,
                    pauses,
                    context.rules,
                    rule=rule.ref,
                    span=rule.terms.span,
                    calendar=sla.calendar_of(newest, context),
                    warnings=rule.terms.warnings,
                )
    name = calendar_of(stood, context.rules).name
    calendar = context.rules.in_force(Calendar, name, context.now)
    warnings = sla.warnings_by(sla.pack_of(case, context))(clock)
    return again(clock, pauses, context.rules, calendar=calendar, warnings=warnings)
