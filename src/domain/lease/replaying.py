"""What follows where the account moves: a replay, the end of the lease, or its end undone."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID, uuid5

from domain.declare import Context, Refusal, Unacceptable, event
from domain.lease import reckoning as accounts
from domain.lease.account import Account, Charge, Reallocated
from domain.lease.case import Follow, Lease, LeaseNotContracted, product_of
from domain.lease.words import RUNNING, LeaseStatus
from domain.money import Money

# --- events ---------------------------------------------------------------------------------------


@event("lease.account_replayed")
class LeaseAccountReplayed:
    """The account was told anew from a day on, since something before its end became known.

    `changes` are the payments that go elsewhere now.
    """

    cause_id: UUID
    from_on: date
    changes: tuple[Reallocated, ...]


@event("lease.refund_reclaimed")
class LeaseRefundReclaimed:
    """A refund turned out to have been of money that was owed; it is owed as a fee."""

    charge_id: UUID
    amount: Money
    charged_on: date


@event("lease.completed")
class LeaseCompleted:
    """Everything that was owed is paid."""

    completed_on: date
    payment_id: UUID | None


@event("lease.reopened")
class LeaseReopened:
    """Something is owed again, since a payment does not count."""

    cause_id: UUID


# --- refusals -------------------------------------------------------------------------------------


class PaymentBeforeContract(Unacceptable, code="lease.payment_before_contract"):
    """Nothing was owed yet on that day, since the contract was signed later."""


class PaymentBeforeSchedule(Refusal, code="lease.payment_before_schedule"):
    """A newer schedule began after that day; take the schedule back first, or name a later day."""


# --- rules ----------------------------------------------------------------------------------------

ReplayingEvent = LeaseAccountReplayed | LeaseRefundReclaimed | LeaseCompleted | LeaseReopened

TAKING = RUNNING | {LeaseStatus.COMPLETED, LeaseStatus.SETTLED}
"""The statuses in which money is taken; after the end it is a surplus, and goes back."""


def require_taking(case: Lease, value_on: date) -> None:
    """Raise unless money that counts from this day can be taken."""
    if case.status not in TAKING:
        raise LeaseNotContracted
    if value_on < case.account.began_on:
        if case.account.former is None:
            raise PaymentBeforeContract(signed_on=case.account.began_on.isoformat())
        raise PaymentBeforeSchedule(began_on=case.account.began_on.isoformat())


def ending(case: Lease, account: Account, cause_id: UUID) -> Sequence[ReplayingEvent]:
    """Return that the lease is completed, or reopened, where the account makes it so."""
    as_of_on = max([account.last_on, *(charge.on for charge in account.charges)])
    paid = not accounts.owed_on(account, as_of_on)
    if case.status in RUNNING and paid:
        return [LeaseCompleted(completed_on=account.last_on, payment_id=cause_id)]
    if case.status in (LeaseStatus.COMPLETED, LeaseStatus.SETTLED) and not paid:
        return [LeaseReopened(cause_id=cause_id)]
    return []


def replay(
    case: Lease, moved: Account, cause_id: UUID, from_on: date, context: Context
) -> Sequence[ReplayingEvent]:
    """Replay the account from a day on, and return what has to be said of it."""
    after = accounts.replayed(moved, product_of(case, context).waterfall, from_on)
    changes = accounts.changes(moved, after)
    events: list[ReplayingEvent] = []
    if changes:
        events.append(LeaseAccountReplayed(cause_id=cause_id, from_on=from_on, changes=changes))
    return [*events, *following(case, after, cause_id, from_on)]


def following(
    case: Lease, account: Account, cause_id: UUID, from_on: date
) -> Sequence[ReplayingEvent]:
    """Return what follows from where payments go now: a refund is owed again, the lease ends."""
    events: list[ReplayingEvent] = []
    if account.surplus < 0:
        reclaimed = LeaseRefundReclaimed(
            charge_id=uuid5(cause_id, "refund_reclaimed"),
            amount=Money(minor=-account.surplus, currency=case.currency),
            charged_on=max(from_on, account.last_on + timedelta(days=1)),  # nothing paid it yet
        )
        events.append(reclaimed)
        account = _with_reclaimed(account, reclaimed)
    return [*events, *ending(case, account, cause_id)]


def _with_reclaimed(account: Account, event: LeaseRefundReclaimed) -> Account:
    charge = Charge(event.charge_id, event.charged_on, event.amount.minor)
    charged = with_charge(account, charge)
    return charged._replace(refunded=account.refunded - event.amount.minor)


def with_charge(account: Account, charge: Charge) -> Account:
    """Return the account with a fee in its place."""
    charges = sorted([*account.charges, charge], key=lambda each: (each.on, each.charge_id.int))
    return account._replace(charges=tuple(charges))


# --- what follows ---------------------------------------------------------------------------------


def _replayed(case: Lease, event: LeaseAccountReplayed) -> Lease:
    return case.after(account=accounts.reallocated(case.account, event.changes))


def _reclaimed(case: Lease, event: LeaseRefundReclaimed) -> Lease:
    return case.after(account=_with_reclaimed(case.account, event), moved=case.moved + 1)


def _completed(case: Lease, _: LeaseCompleted) -> Lease:
    return case.after(status=LeaseStatus.COMPLETED, assessed=None)


def _reopened(case: Lease, _: LeaseReopened) -> Lease:
    running = LeaseStatus.CONTRACTED if case.contract and not case.activated else LeaseStatus.ACTIVE
    return case.after(status=running)


FOLLOW: Follow = {
    LeaseAccountReplayed: _replayed,
    LeaseRefundReclaimed: _reclaimed,
    LeaseCompleted: _completed,
    LeaseReopened: _reopened,
}
