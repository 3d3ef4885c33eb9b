"""The other ends: an application withdrawn, and a lease given up."""

from collections.abc import Sequence
from datetime import date
from typing import assert_never

from domain.declare import Command, Context, Refusal, command, event
from domain.fields import BusinessDate
from domain.lease.account import standing
from domain.lease.case import (
    Follow,
    Lease,
    LeaseIsOver,
    LeaseNotContracted,
    exists,
    past_day,
    product_of,
    take,
)
from domain.lease.words import ENDED, RUNNING, DefaultReason, LeaseStatus, LeaseStep
from domain.lease.words import LeaseWithdrawal as Why
from domain.money import Money
from domain.procedure import Taker, taker

# --- events ---------------------------------------------------------------------------------------


@event("lease.withdrawn")
class LeaseWithdrawn:
    """The application was withdrawn, or the contract before anything was paid under it."""

    reason: Why
    by: Taker


@event("lease.defaulted")
class LeaseDefaulted:
    """The lease was given up; what is still owed is called in, and what is paid is still taken."""

    ground: DefaultReason
    defaulted_on: date
    outstanding: Money
    arrears: Money
    days_past_due: int
    by: Taker


@event("lease.reinstated")
class LeaseReinstated:
    """The arrears were paid, and the lease runs on by its instalments."""

    reinstated_on: date
    by: Taker


# --- commands -------------------------------------------------------------------------------------


@command
class WithdrawLease(Command):
    """Withdraw an application, or a contract that did not begin."""

    reason: Why


@command
class DefaultLease(Command):
    """Give a lease up."""

    ground: DefaultReason
    defaulted_on: BusinessDate | None = None


@command
class ReinstateLease(Command):
    """Let a lease that was given up run on, its arrears being paid."""

    reinstated_on: BusinessDate | None = None


# --- refusals -------------------------------------------------------------------------------------


class LeaseHasBegun(Refusal, code="lease.has_begun"):
    """The lessee has the vehicle or has paid; settle the lease, or reverse the payments first."""


class NotLongInArrears(Refusal, code="lease.not_long_in_arrears"):
    """The lease is not as long in arrears as the product asks for before it is given up."""


class NotDefaulted(Refusal, code="lease.not_defaulted"):
    """Only a lease that was given up can run on again."""


class StillInArrears(Refusal, code="lease.still_in_arrears"):
    """Something is still past due."""


# --- rules ----------------------------------------------------------------------------------------

EndingCommand = WithdrawLease | DefaultLease | ReinstateLease
EndingEvent = LeaseWithdrawn | LeaseDefaulted | LeaseReinstated


def decide(case: Lease, command: EndingCommand, context: Context) -> Sequence[EndingEvent]:
    """Decide on the ends of a lease that are not its being paid."""
    exists(case)
    match command:
        case WithdrawLease():
            return _withdraw(case, command, context)
        case DefaultLease():
            return _default(case, command, context)
        case ReinstateLease():
            return _reinstate(case, command, context)
    assert_never(command)


def _withdraw(case: Lease, command: WithdrawLease, context: Context) -> Sequence[EndingEvent]:
    if case.withdrawn is not None and case.withdrawn is command.reason:
        return []
    if case.status in ENDED:
        raise LeaseIsOver(status=case.status.value)
    if case.status in RUNNING and (
        case.status is not LeaseStatus.CONTRACTED or case.account.paid_any
    ):
        raise LeaseHasBegun
    take(case, context, LeaseStep.WITHDRAWAL)
    return [LeaseWithdrawn(reason=command.reason, by=taker(context.actor))]


def _default(case: Lease, command: DefaultLease, context: Context) -> Sequence[EndingEvent]:
    if case.status is LeaseStatus.DEFAULTED and case.defaulted is not None:
        same = command.defaulted_on in (None, case.defaulted.defaulted_on)
        if same and command.ground is case.defaulted.ground:
            return []
    if case.status in ENDED:
        raise LeaseIsOver(status=case.status.value)
    if case.status not in (LeaseStatus.CONTRACTED, LeaseStatus.ACTIVE):
        raise LeaseNotContracted
    take(case, context, LeaseStep.DEFAULT)
    on = past_day(command.defaulted_on, context)
    found = standing(case, on)
    asked = product_of(case, context).arrears.default_from_days
    if command.ground is DefaultReason.ARREARS and found.days_past_due < asked:
        raise NotLongInArrears(days_past_due=found.days_past_due, at_least=asked)
    return [
        LeaseDefaulted(
            ground=command.ground,
            defaulted_on=on,
            outstanding=Money(minor=found.outstanding_minor, currency=case.currency),
            arrears=Money(minor=found.arrears_minor, currency=case.currency),
            days_past_due=found.days_past_due,
            by=taker(context.actor),
        )
    ]


def _reinstate(case: Lease, command: ReinstateLease, context: Context) -> Sequence[EndingEvent]:
    if case.status is LeaseStatus.ACTIVE and case.defaulted is not None:
        return []
    if case.status is not LeaseStatus.DEFAULTED:
        raise NotDefaulted
    take(case, context, LeaseStep.DEFAULT)
    on = past_day(command.reinstated_on, context)
    if standing(case, on).oldest_unpaid_due_on is not None:
        raise StillInArrears
    return [LeaseReinstated(reinstated_on=on, by=taker(context.actor))]


# --- what follows ---------------------------------------------------------------------------------


def _withdrew(case: Lease, event: LeaseWithdrawn) -> Lease:
    return case.after(status=LeaseStatus.WITHDRAWN, withdrawn=event.reason)


def _defaulted(case: Lease, event: LeaseDefaulted) -> Lease:
    return case.after(status=LeaseStatus.DEFAULTED, defaulted=event)


def _reinstated(case: Lease, _: LeaseReinstated) -> Lease:
    return case.after(status=LeaseStatus.ACTIVE)


FOLLOW: Follow = {
    LeaseWithdrawn: _withdrew,
    LeaseDefaulted: _defaulted,
    LeaseReinstated: _reinstated,
}
