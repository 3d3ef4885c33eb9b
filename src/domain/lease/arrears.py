"""Arrears: what stands still for a reason, and into which class a lease falls."""

from collections.abc import Sequence
from datetime import date
from typing import assert_never
from uuid import UUID

from domain.declare import Command, Context, Refusal, Unacceptable, command, event
from domain.fields import BusinessDate
from domain.lease.account import Account, Pause, standing
from domain.lease.case import (
    Follow,
    Lease,
    LeaseItemNotFound,
    exists,
    has_item,
    past_day,
    take,
    under_contract,
)
from domain.lease.reckoning import told
from domain.lease.replaying import ReplayingEvent, replay
from domain.lease.words import RUNNING, ArrearsPauseReason, LeaseStep
from domain.money import Money
from domain.procedure import Taker, taker

# --- events ---------------------------------------------------------------------------------------


@event("lease.arrears_paused")
class ArrearsPaused:
    """From a day on nothing becomes more overdue; to a day not included, or until it is said."""

    pause_id: UUID
    ground: ArrearsPauseReason
    from_on: date
    to_on: date | None
    by: Taker


@event("lease.arrears_resumed")
class ArrearsResumed:
    """The pause ends on that day, which counts again."""

    pause_id: UUID
    to_on: date
    by: Taker


@event("lease.bucket_changed")
class ArrearsBucketChanged:
    """The lease fell into another class of arrears, or out of all of them (`bucket` None)."""

    as_of_on: date
    was: str | None
    bucket: str | None
    arrears: Money
    penalty: Money
    oldest_unpaid_due_on: date | None
    days_past_due: int


# --- commands -------------------------------------------------------------------------------------


@command
class PauseArrears(Command):
    """Let arrears stand still for a reason."""

    pause_id: UUID
    ground: ArrearsPauseReason
    from_on: BusinessDate
    to_on: BusinessDate | None = None


@command
class ResumeArrears(Command):
    """Let arrears run again from a day on."""

    pause_id: UUID
    to_on: BusinessDate


@command
class AssessArrears(Command):
    """Record into which class of arrears the lease falls as of a day, if that is a new one."""

    as_of_on: BusinessDate


# --- refusals -------------------------------------------------------------------------------------


class PausesOverlap(Refusal, code="lease.pauses_overlap"):
    """Arrears stand still at that time already."""


class PauseUnclear(Unacceptable, code="lease.pause_unclear"):
    """A pause ends after it begins, and begins when there is a contract."""


class PauseHasEnded(Refusal, code="lease.pause_has_ended"):
    """The pause has ended on another day."""


# --- rules ----------------------------------------------------------------------------------------

ArrearsCommand = PauseArrears | ResumeArrears | AssessArrears
ArrearsEvent = ArrearsPaused | ArrearsResumed | ArrearsBucketChanged


def decide(
    case: Lease, command: ArrearsCommand, context: Context
) -> Sequence[ArrearsEvent | ReplayingEvent]:
    """Decide on pauses and classes of arrears."""
    exists(case)
    match command:
        case PauseArrears():
            return _pause(case, command, context)
        case ResumeArrears():
            return _resume(case, command, context)
        case AssessArrears():
            return _assess(case, command, context)
    assert_never(command)


def _pause(
    case: Lease, command: PauseArrears, context: Context
) -> Sequence[ArrearsEvent | ReplayingEvent]:
    made = ArrearsPaused(
        pause_id=command.pause_id,
        ground=command.ground,
        from_on=command.from_on,
        to_on=command.to_on,
        by=taker(context.actor),
    )
    if has_item(case, command.pause_id, made):
        return []
    under_contract(case)
    take(case, context, LeaseStep.ARREARS_PAUSE)
    ends_early = command.to_on is not None and command.to_on <= command.from_on
    if ends_early or command.from_on < case.account.began_on:
        raise PauseUnclear
    past_day(command.from_on, context)
    for other in case.account.pauses:
        before = other.to_on is not None and other.to_on <= command.from_on
        after = command.to_on is not None and command.to_on <= other.from_on
        if not (before or after):
            raise PausesOverlap(from_on=other.from_on.isoformat())
    moved = with_pause(case.account, Pause(command.pause_id, command.from_on, command.to_on))
    events = replay(case, moved, command.pause_id, command.from_on, context)
    return [made, *events]


def with_pause(account: Account, pause: Pause) -> Account:
    """Return the account with a pause in its place, instead of one of the same id."""
    others = [each for each in account.pauses if each.pause_id != pause.pause_id]
    pauses = sorted([*others, pause], key=lambda each: each.from_on)
    return account._replace(pauses=tuple(pauses))


def _resume(
    case: Lease, command: ResumeArrears, context: Context
) -> Sequence[ArrearsEvent | ReplayingEvent]:
    pause = next((p for p in case.account.pauses if p.pause_id == command.pause_id), None)
    if pause is None:
        raise LeaseItemNotFound(item=str(command.pause_id))
    if pause.to_on == command.to_on:
        return []
    under_contract(case)
    take(case, context, LeaseStep.ARREARS_PAUSE)
    if case.outcomes.has(command.pause_id):
        raise PauseHasEnded
    if command.to_on <= pause.from_on or command.to_on < case.account.began_on:
        raise PauseUnclear
    if pause.to_on is not None and command.to_on > pause.to_on:
        raise PauseHasEnded
    past_day(command.to_on, context)
    made = ArrearsResumed(pause_id=command.pause_id, to_on=command.to_on, by=taker(context.actor))
    moved = with_pause(case.account, pause._replace(to_on=command.to_on))
    events = replay(case, moved, command.pause_id, command.to_on, context)
    return [made, *events]


def _assess(
    case: Lease, command: AssessArrears, context: Context
) -> Sequence[ArrearsEvent | ReplayingEvent]:
    if case.status not in RUNNING:
        return []
    take(case, context, LeaseStep.ARREARS)
    found = standing(case, past_day(command.as_of_on, context))
    older = case.assessed_on is not None and command.as_of_on < case.assessed_on
    if older or found.bucket == case.assessed:
        return []
    return [
        ArrearsBucketChanged(
            as_of_on=command.as_of_on,
            was=case.assessed,
            bucket=found.bucket,
            arrears=Money(minor=found.arrears_minor, currency=case.currency),
            penalty=Money(minor=found.penalty_minor, currency=case.currency),
            oldest_unpaid_due_on=found.oldest_unpaid_due_on,
            days_past_due=found.days_past_due,
        )
    ]


# --- what follows ---------------------------------------------------------------------------------


def _with(case: Lease, pause: Pause) -> Account:
    account = with_pause(case.account, pause)
    return told(account.entries, account)


def _paused(case: Lease, event: ArrearsPaused) -> Lease:
    pause = Pause(event.pause_id, event.from_on, event.to_on)
    return case.after(
        account=_with(case, pause),
        moved=case.moved + 1,
        items=case.items.with_item(event.pause_id, event),
    )


def _resumed(case: Lease, event: ArrearsResumed) -> Lease:
    pause = next(p for p in case.account.pauses if p.pause_id == event.pause_id)
    return case.after(
        account=_with(case, pause._replace(to_on=event.to_on)),
        moved=case.moved + 1,
        outcomes=case.outcomes.with_item(event.pause_id, event),
    )


def _bucket(case: Lease, event: ArrearsBucketChanged) -> Lease:
    return case.after(assessed=event.bucket, assessed_on=event.as_of_on)


FOLLOW: Follow = {
    ArrearsPaused: _paused,
    ArrearsResumed: _resumed,
    ArrearsBucketChanged: _bucket,
}
