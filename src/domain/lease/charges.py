"""Fees that are charged, and a surplus that is paid back."""

from collections.abc import Sequence
from datetime import date
from typing import assert_never
from uuid import UUID

from domain.declare import Command, Context, Unacceptable, command, event
from domain.fields import BusinessDate, Line, Personal
from domain.lease.account import Charge
from domain.lease.case import (
    Follow,
    Lease,
    LeaseNotContracted,
    exists,
    has_item,
    past_day,
    positive,
    take,
    under_contract,
)
from domain.lease.replaying import TAKING, ReplayingEvent, replay, require_taking, with_charge
from domain.lease.words import LeaseFee, LeaseStep
from domain.money import Money
from domain.procedure import Taker, taker

# --- events ---------------------------------------------------------------------------------------


@event("lease.fee_charged")
class LeaseFeeCharged:
    """A fee is owed from `charged_on`."""

    charge_id: UUID
    fee: LeaseFee
    amount: Money
    charged_on: date
    by: Taker


@event("lease.surplus_refunded")
class LeaseSurplusRefunded:
    """What was paid beyond all that is owed went back to the payer."""

    refund_id: UUID
    amount: Money
    refunded_on: date
    reference: Personal[str | None]
    by: Taker


# --- commands -------------------------------------------------------------------------------------


@command
class ChargeLeaseFee(Command):
    """Charge a fee."""

    charge_id: UUID
    fee: LeaseFee
    amount: Money
    charged_on: BusinessDate | None = None


@command
class RefundLeaseSurplus(Command):
    """Record that a surplus was paid back."""

    refund_id: UUID
    amount: Money
    refunded_on: BusinessDate | None = None
    reference: Line | None = None


# --- refusals -------------------------------------------------------------------------------------


class RefundTooLarge(Unacceptable, code="lease.refund_too_large"):
    """No more can be refunded than was paid beyond all that is owed."""


# --- rules ----------------------------------------------------------------------------------------

ChargesCommand = ChargeLeaseFee | RefundLeaseSurplus
ChargesEvent = LeaseFeeCharged | LeaseSurplusRefunded


def decide(
    case: Lease, command: ChargesCommand, context: Context
) -> Sequence[ChargesEvent | ReplayingEvent]:
    """Decide on fees and refunds."""
    exists(case)
    match command:
        case ChargeLeaseFee():
            return _charge(case, command, context)
        case RefundLeaseSurplus():
            return _refund(case, command, context)
    assert_never(command)


def _charge(
    case: Lease, command: ChargeLeaseFee, context: Context
) -> Sequence[ChargesEvent | ReplayingEvent]:
    standing = case.items.get(command.charge_id)
    charged_on = command.charged_on
    if charged_on is None and isinstance(standing, LeaseFeeCharged):
        charged_on = standing.charged_on
    made = LeaseFeeCharged(
        charge_id=command.charge_id,
        fee=command.fee,
        amount=command.amount,
        charged_on=past_day(charged_on, context),
        by=taker(context.actor),
    )
    if has_item(case, command.charge_id, made):
        return []
    under_contract(case)
    take(case, context, LeaseStep.FEE)
    positive(case, command.amount)
    require_taking(case, made.charged_on)
    charge = Charge(made.charge_id, made.charged_on, made.amount.minor)
    moved = with_charge(case.account, charge)
    if made.charged_on > case.account.last_on:
        return [made]
    events = replay(case, moved, made.charge_id, made.charged_on, context)
    return [made, *events]


def _refund(
    case: Lease, command: RefundLeaseSurplus, context: Context
) -> Sequence[ChargesEvent | ReplayingEvent]:
    standing = case.items.get(command.refund_id)
    refunded_on = command.refunded_on
    if refunded_on is None and isinstance(standing, LeaseSurplusRefunded):
        refunded_on = standing.refunded_on
    made = LeaseSurplusRefunded(
        refund_id=command.refund_id,
        amount=command.amount,
        refunded_on=past_day(refunded_on, context),
        reference=command.reference,
        by=taker(context.actor),
    )
    if has_item(case, command.refund_id, made):
        return []
    if case.status not in TAKING:
        raise LeaseNotContracted
    take(case, context, LeaseStep.REFUND)
    positive(case, command.amount)
    if command.amount.minor > case.account.surplus:
        raise RefundTooLarge(at_most_minor=case.account.surplus)
    return [made]


# --- what follows ---------------------------------------------------------------------------------


def _charged(case: Lease, event: LeaseFeeCharged) -> Lease:
    charge = Charge(event.charge_id, event.charged_on, event.amount.minor)
    return case.after(
        account=with_charge(case.account, charge),
        moved=case.moved + 1,
        items=case.items.with_item(event.charge_id, event),
        taken=case.taken.take(LeaseStep.FEE, event.by),
    )


def _refunded(case: Lease, event: LeaseSurplusRefunded) -> Lease:
    account = case.account._replace(refunded=case.account.refunded + event.amount.minor)
    return case.after(account=account, items=case.items.with_item(event.refund_id, event))


FOLLOW: Follow = {LeaseFeeCharged: _charged, LeaseSurplusRefunded: _refunded}
