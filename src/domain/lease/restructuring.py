"""Restructuring: more time, a rest, or another rate; every schedule is kept, and can come back."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Annotated, assert_never
from uuid import UUID

from domain.declare import Command, Context, Refusal, Unacceptable, command, event
from domain.fields import Between, BusinessDate
from domain.finance import Part
from domain.finance.duedates import DueDate
from domain.finance.rates import PercentText, percent
from domain.lease import reckoning as accounts
from domain.lease.account import LeaseInstalment, Reallocated, preceded, succeeded
from domain.lease.case import (
    Follow,
    Lease,
    LeaseItemNotFound,
    exists,
    has_item,
    past_day,
    product_of,
    take,
    under_contract,
)
from domain.lease.product import LeaseProduct
from domain.lease.replaying import ReplayingEvent, following, require_taking
from domain.lease.schedules import (
    Ahead,
    ahead_of,
    anew,
    calendar_of,
    dates_from,
    later_by,
    period_before,
    spread,
)
from domain.lease.words import LeaseStatus, LeaseStep, RestructuringKind, ScheduleCause
from domain.lease.words import ScheduleWithdrawal as Why
from domain.procedure import Taker, taker

# --- events ---------------------------------------------------------------------------------------


@event("lease.restructured")
class LeaseRestructured:
    """A new schedule is in force from a day on, for all principal that is left.

    Interest that was due and unpaid is spread over it (`spread_minor`) or added to the principal
    (`capitalised_minor`). `carried_penalty_minor` is owed besides.
    """

    restructuring_id: UUID
    kind: RestructuringKind
    effective_on: date
    months: int | None
    annual_percent: str
    old_schedule_n: int
    schedule_n: int
    starts_on: date
    principal_minor: int
    spread_minor: int
    capitalised_minor: int
    credited_minor: int
    carried_penalty_minor: int
    instalments: tuple[LeaseInstalment, ...]
    by: Taker


@event("lease.schedule_withdrawn")
class LeaseScheduleWithdrawn:
    """The newest schedule is in force no longer, and the one before it is again.

    `changes` are the payments since, as they go under that one, and those of its last day that go
    elsewhere now. A payment with which the schedule began does not count any more.
    """

    withdrawal_id: UUID
    schedule_n: int
    in_force_n: int
    ground: Why
    payment_id: UUID | None
    changes: tuple[Reallocated, ...]
    by: Taker


# --- commands -------------------------------------------------------------------------------------


@command
class RestructureLease(Command):
    """Restructure from a day on.

    `months` is how many instalments there are from then on (`extension`), or for how many months
    nothing falls due (`deferral`); `annual_percent` is the new rate (`rate_change`).
    """

    restructuring_id: UUID
    kind: RestructuringKind
    effective_on: BusinessDate
    months: Annotated[int, Between(1, 600)] | None = None
    annual_percent: PercentText | None = None


@command
class WithdrawSchedule(Command):
    """Take the newest schedule back: it was a mistake, or the money it came from did not stay."""

    withdrawal_id: UUID
    schedule_n: Annotated[int, Between(2, 10_000)]
    ground: Why


# --- refusals -------------------------------------------------------------------------------------


class RestructuringNotOffered(Refusal, code="lease.restructuring_not_offered"):
    """The product does not let leases be restructured in this way, or not once more."""


class RestructuringUnclear(Unacceptable, code="lease.restructuring_unclear"):
    """An extension and a deferral say how many months, and a change of the rate says the rate."""


class RestructuringOutOfOrder(Refusal, code="lease.restructuring_out_of_order"):
    """A payment with a later day of value is there; restructure from that day on."""


class ExtensionTooShort(Unacceptable, code="lease.extension_too_short"):
    """An extension has more instalments than are left."""


class NotNewestSchedule(Refusal, code="lease.not_newest_schedule"):
    """Only the schedule in force can be taken back, and not the contract's own."""


# --- rules ----------------------------------------------------------------------------------------

RestructuringCommand = RestructureLease | WithdrawSchedule
RestructuringEvent = LeaseRestructured | LeaseScheduleWithdrawn

_CAUSES = {
    RestructuringKind.EXTENSION: ScheduleCause.EXTENSION,
    RestructuringKind.DEFERRAL: ScheduleCause.DEFERRAL,
    RestructuringKind.RATE_CHANGE: ScheduleCause.RATE_CHANGE,
}


def decide(
    case: Lease, command: RestructuringCommand, context: Context
) -> Sequence[RestructuringEvent | ReplayingEvent]:
    """Decide on schedules that replace others."""
    exists(case)
    match command:
        case RestructureLease():
            return _restructure(case, command, context)
        case WithdrawSchedule():
            return _withdraw(case, command, context)
    assert_never(command)


def _restructure(
    case: Lease, command: RestructureLease, context: Context
) -> Sequence[RestructuringEvent]:
    standing = case.items.get(command.restructuring_id)
    if isinstance(standing, LeaseRestructured):
        wish = (command.kind, command.effective_on, command.months)
        rate = command.annual_percent or standing.annual_percent
        if (*wish, rate) == (
            standing.kind,
            standing.effective_on,
            standing.months,
            standing.annual_percent,
        ):
            return []
    has_item(case, command.restructuring_id, command)
    under_contract(case)
    take(case, context, LeaseStep.RESTRUCTURING)
    product = product_of(case, context)
    if (
        command.kind not in product.restructuring
        or case.restructurings >= product.restructurings_at_most
    ):
        raise RestructuringNotOffered(
            offered=[kind.value for kind in product.restructuring],
            at_most=product.restructurings_at_most,
        )
    by_rate = command.kind is RestructuringKind.RATE_CHANGE
    if (command.months is None) != by_rate or (command.annual_percent is not None) != by_rate:
        raise RestructuringUnclear
    past_day(command.effective_on, context)
    require_taking(case, command.effective_on)
    if command.effective_on < case.account.last_on:
        raise RestructuringOutOfOrder(latest=case.account.last_on.isoformat())
    return [_restructured(case, command, context)]


def _restructured(case: Lease, command: RestructureLease, context: Context) -> LeaseRestructured:
    product, account, on = product_of(case, context), case.account, command.effective_on
    ahead = ahead_of(account, on)
    owed = [debt for debt in accounts.owed_on(account, on) if debt.due_on <= on]
    penalty = sum(debt.minor for debt in owed if debt.part is Part.PENALTY)
    interest = sum(debt.minor for debt in owed if debt.part is Part.INTEREST)
    rate = command.annual_percent or account.annual_percent
    dates = _dates(product, ahead, command, context)
    starts_on = ahead.period_from_on
    if command.kind is RestructuringKind.DEFERRAL:
        assert command.months is not None
        starts_on = period_before(product, calendar_of(product, context), dates[0].nominal_on)
        rested = account.principal_left * percent(rate) * Fraction(command.months, 12)
        interest += product.schedule.rounding.of(rested)
    capitalised = interest if product.capitalise_arrears else 0
    principal = account.principal_left + capitalised
    instalments = spread(anew(product, principal, rate, starts_on, dates), interest - capitalised)
    return LeaseRestructured(
        restructuring_id=command.restructuring_id,
        kind=command.kind,
        effective_on=on,
        months=command.months,
        annual_percent=rate,
        old_schedule_n=account.n,
        schedule_n=case.schedules + 1,
        starts_on=starts_on,
        principal_minor=principal,
        spread_minor=interest - capitalised,
        capitalised_minor=capitalised,
        credited_minor=ahead.interest_paid,
        carried_penalty_minor=penalty,
        instalments=instalments,
        by=taker(context.actor),
    )


def _dates(
    product: LeaseProduct, ahead: Ahead, command: RestructureLease, context: Context
) -> tuple[DueDate, ...]:
    """Return the due dates of the new schedule, numbered on from those that have passed."""
    calendar = calendar_of(product, context)
    every = product.schedule.due_dates.every_months
    if ahead.lines:
        first_on = ahead.lines[0].nominal_on
    else:  # everything was due already
        first_on = later_by(product, calendar, ahead.period_from_on, every)
    while first_on <= command.effective_on:
        first_on = later_by(product, calendar, first_on, every)
    count = max(len(ahead.lines), 1)
    if command.kind is RestructuringKind.RATE_CHANGE:
        return ahead.dates or dates_from(product, calendar, first_on, 1, ahead.next_n)
    assert command.months is not None
    if command.kind is RestructuringKind.EXTENSION:
        if command.months <= len(ahead.lines):
            raise ExtensionTooShort(left=len(ahead.lines))
        count = command.months
    else:
        first_on = later_by(product, calendar, first_on, command.months)
    return dates_from(product, calendar, first_on, count, ahead.next_n)


def _withdraw(
    case: Lease, command: WithdrawSchedule, context: Context
) -> Sequence[RestructuringEvent | ReplayingEvent]:
    standing = case.items.get(command.withdrawal_id)
    wish = (command.schedule_n, command.ground)
    if isinstance(standing, LeaseScheduleWithdrawn) and wish == (
        standing.schedule_n,
        standing.ground,
    ):
        return []
    has_item(case, command.withdrawal_id, command)
    if not 1 <= command.schedule_n <= case.schedules:
        raise LeaseItemNotFound(item=str(command.schedule_n))
    take(case, context, LeaseStep.RESTRUCTURING)
    account = case.account
    if account.former is None or account.n != command.schedule_n:
        raise NotNewestSchedule(newest=account.n)
    placed = preceded(account)
    waterfalls = product_of(case, context).waterfall
    after = accounts.replayed(placed, waterfalls, account.began_on)
    since = {entry.payment_id for entry in account.entries}
    of_old = {change.payment_id for change in accounts.changes(placed, after)}
    changes = tuple(
        Reallocated(payment_id=entry.payment_id, shares=entry.shares, left_minor=entry.left_minor)
        for entry in after.entries
        if entry.payment_id in since | of_old
    )
    made = LeaseScheduleWithdrawn(
        withdrawal_id=command.withdrawal_id,
        schedule_n=account.n,
        in_force_n=account.former.n,
        ground=command.ground,
        payment_id=account.begun_by,
        changes=changes,
        by=taker(context.actor),
    )
    withdrawn = case._replace(status=_status_again(case))
    return [made, *following(withdrawn, after, command.withdrawal_id, account.began_on)]


def _status_again(case: Lease) -> LeaseStatus:
    """Return where the lease stands again; one that was settled or completed runs on."""
    if case.status not in (LeaseStatus.SETTLED, LeaseStatus.COMPLETED):
        return case.status
    return LeaseStatus.CONTRACTED if case.contract and not case.activated else LeaseStatus.ACTIVE


# --- what follows ---------------------------------------------------------------------------------


def _followed(case: Lease, event: LeaseRestructured) -> Lease:
    account = succeeded(
        case.account,
        n=event.schedule_n,
        cause=_CAUSES[event.kind],
        began_on=event.effective_on,
        starts_on=event.starts_on,
        annual_percent=event.annual_percent,
        instalments=event.instalments,
        credited_minor=event.credited_minor,
        carried_penalty=event.carried_penalty_minor,
    )
    return case.after(
        account=account._replace(capitalised=event.capitalised_minor),
        moved=case.moved + 1,
        schedules=event.schedule_n,
        restructurings=case.restructurings + 1,
        items=case.items.with_item(event.restructuring_id, event),
        taken=case.taken.take(LeaseStep.RESTRUCTURING, event.by),
    )


def _withdrawn(case: Lease, event: LeaseScheduleWithdrawn) -> Lease:
    outcomes = case.outcomes
    if event.payment_id is not None:
        outcomes = outcomes.with_item(event.payment_id, event)
    restructured = case.account.begun_by is None
    return case.after(
        status=_status_again(case),
        account=preceded(case.account, event.changes),
        moved=case.moved + 1,
        restructurings=case.restructurings - restructured,
        items=case.items.with_item(event.withdrawal_id, event),
        outcomes=outcomes,
    )


FOLLOW: Follow = {LeaseRestructured: _followed, LeaseScheduleWithdrawn: _withdrawn}
