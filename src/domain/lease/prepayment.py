"""Prepayment: principal paid before its time, for a shorter term or a lower instalment."""

from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from math import floor
from uuid import UUID

from domain.declare import Command, Context, Refusal, Unacceptable, command, event
from domain.fields import BusinessDate, Line, Personal
from domain.finance import Part, Prepayment, Share, after_prepayment, allocate
from domain.finance.rates import percent
from domain.finance.schedules import Method
from domain.lease import reckoning as accounts
from domain.lease.account import LeaseInstalment, succeeded
from domain.lease.case import (
    Follow,
    Lease,
    exists,
    has_item,
    past,
    past_day,
    positive,
    product_of,
    take,
    under_contract,
)
from domain.lease.contract import issued
from domain.lease.replaying import require_taking
from domain.lease.schedules import Ahead, ahead_of, part_of_period
from domain.lease.words import LeasePaymentKind, LeasePaymentMethod, LeaseStep, ScheduleCause
from domain.money import Money
from domain.procedure import Taker, taker

# --- events ---------------------------------------------------------------------------------------


@event("lease.prepaid")
class LeasePrepaid:
    """Money paid what was due, then principal before its time; a new schedule is in force.

    Shares of no instalment (number 0) are the principal that was prepaid, and the interest on it
    since the last due date. `credited_minor` is interest that was paid in advance under the old
    schedule and counts for the new one.
    """

    payment_id: UUID
    mode: Prepayment
    amount: Money
    value_on: date
    received_at: datetime
    method: LeasePaymentMethod
    reference: Personal[str | None]
    shares: tuple[Share, ...]
    principal_minor: int
    credited_minor: int
    schedule_n: int
    starts_on: date
    annual_percent: str
    instalments: tuple[LeaseInstalment, ...]
    by: Taker


# --- commands -------------------------------------------------------------------------------------


@command
class PrepayLease(Command):
    """Record money that pays principal before its time, and what becomes of the instalments."""

    payment_id: UUID
    mode: Prepayment
    amount: Money
    value_on: BusinessDate
    method: LeasePaymentMethod = LeasePaymentMethod.BANK_TRANSFER
    reference: Line | None = None
    received_at: datetime | None = None


# --- refusals -------------------------------------------------------------------------------------


class PrepaymentNotOffered(Unacceptable, code="lease.prepayment_not_offered"):
    """The product does not let principal be paid early in this way."""


class PrepaymentTooSmall(Unacceptable, code="lease.prepayment_too_small"):
    """The money does not go beyond what is due on that day; record it as a payment."""


class PrepaymentTooLarge(Unacceptable, code="lease.prepayment_too_large"):
    """The money pays all principal there is; settle the lease instead."""


class PrepaymentOutOfOrder(Refusal, code="lease.prepayment_out_of_order"):
    """A payment with a later day of value is there; prepay from that day on."""


# --- rules ----------------------------------------------------------------------------------------


def decide(case: Lease, command: PrepayLease, context: Context) -> Sequence[LeasePrepaid]:
    """Decide on a prepayment."""
    exists(case)
    standing = case.items.get(command.payment_id)
    if isinstance(standing, LeasePrepaid):
        has_item(case, command.payment_id, _again(command, standing))
        return []
    has_item(case, command.payment_id, command)
    under_contract(case)
    take(case, context, LeaseStep.PREPAYMENT)
    product = product_of(case, context)
    if command.mode not in product.prepayment:
        raise PrepaymentNotOffered(offered=[mode.value for mode in product.prepayment])
    positive(case, command.amount)
    past_day(command.value_on, context)
    require_taking(case, command.value_on)
    if command.value_on < case.account.last_on:
        raise PrepaymentOutOfOrder(latest=case.account.last_on.isoformat())
    return [_prepaid(case, command, context)]


def _again(command: PrepayLease, standing: LeasePrepaid) -> LeasePrepaid:
    """Return what stands, as the command wishes it, to be compared with it."""
    return LeasePrepaid(
        payment_id=command.payment_id,
        mode=command.mode,
        amount=command.amount,
        value_on=command.value_on,
        received_at=standing.received_at,
        method=command.method,
        reference=command.reference,
        shares=standing.shares,
        principal_minor=standing.principal_minor,
        credited_minor=standing.credited_minor,
        schedule_n=standing.schedule_n,
        starts_on=standing.starts_on,
        annual_percent=standing.annual_percent,
        instalments=standing.instalments,
        by=standing.by,
    )


def _prepaid(case: Lease, command: PrepayLease, context: Context) -> LeasePrepaid:
    product, account, on = product_of(case, context), case.account, command.value_on
    due = [debt for debt in accounts.owed_on(account, on) if debt.due_on <= on]
    waterfall = product.waterfall[LeasePaymentKind.PREPAYMENT]
    paid_first = allocate(command.amount.minor, due, on, waterfall)
    beyond = paid_first.left_minor
    if beyond <= 0 or sum(debt.minor for debt in due) > command.amount.minor - beyond:
        raise PrepaymentTooSmall(due_minor=sum(debt.minor for debt in due))
    ahead = ahead_of(account, on)
    left = sum(line.principal_minor - line.principal_paid for line in ahead.lines)
    rate = percent(account.annual_percent) * part_of_period(product, ahead, on)
    principal = floor(Fraction(beyond) / (1 + rate))
    if principal >= left:
        raise PrepaymentTooLarge(principal_minor=left)
    prepaid = (
        Share(n=0, part=Part.INTEREST, minor=beyond - principal),
        Share(n=0, part=Part.PRINCIPAL, minor=principal),
    )
    found = after_prepayment(
        command.mode,
        left - principal,
        percent(account.annual_percent),
        product.schedule,
        ahead.period_from_on,
        ahead.dates,
        _equal(product.schedule.method, ahead),
    )
    return LeasePrepaid(
        payment_id=command.payment_id,
        mode=command.mode,
        amount=command.amount,
        value_on=on,
        received_at=past(command.received_at, context),
        method=command.method,
        reference=command.reference,
        shares=(*paid_first.shares, *(share for share in prepaid if share.minor)),
        principal_minor=principal,
        credited_minor=ahead.interest_paid,
        schedule_n=case.schedules + 1,
        starts_on=ahead.period_from_on,
        annual_percent=account.annual_percent,
        instalments=issued(found, ahead.dates),
        by=taker(context.actor),
    )


def _equal(method: Method, ahead: Ahead) -> int:
    """Return the equal instalment so far; with equal principals the principal in it."""
    first = ahead.lines[0]
    if method is Method.EQUAL_PRINCIPAL:
        return first.principal_minor
    return first.principal_minor + first.interest_minor


# --- what follows ---------------------------------------------------------------------------------

_CAUSES = {
    Prepayment.SHORTER_TERM: ScheduleCause.PREPAYMENT_SHORTER,
    Prepayment.LOWER_INSTALMENT: ScheduleCause.PREPAYMENT_LOWER,
}


def _followed(case: Lease, event: LeasePrepaid) -> Lease:
    account = succeeded(
        case.account,
        n=event.schedule_n,
        cause=_CAUSES[event.mode],
        began_on=event.value_on,
        starts_on=event.starts_on,
        annual_percent=event.annual_percent,
        instalments=event.instalments,
        shares=event.shares,
        credited_minor=event.credited_minor,
        begun_by=event.payment_id,
    )
    return case.after(
        account=account,
        moved=case.moved + 1,
        schedules=event.schedule_n,
        items=case.items.with_item(event.payment_id, event),
        taken=case.taken.take(LeaseStep.PREPAYMENT, event.by),
    )


FOLLOW: Follow = {LeasePrepaid: _followed}
