"""Early settlement: quoted for a time, and settled by exactly what was quoted."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import assert_never
from uuid import UUID

from domain.declare import Command, Context, Refusal, Role, Unacceptable, command, event
from domain.fields import BusinessDate, Line, Personal
from domain.finance import Part, Share, settlement
from domain.lease import reckoning as accounts
from domain.lease.account import succeeded
from domain.lease.case import (
    Follow,
    Lease,
    LeaseItemNotFound,
    LeaseLiesAhead,
    exists,
    has_item,
    in_currency,
    past,
    past_day,
    product_of,
    take,
    under_contract,
)
from domain.lease.replaying import require_taking
from domain.lease.schedules import plain
from domain.lease.words import LeasePaymentMethod, LeaseStatus, LeaseStep, ScheduleCause
from domain.money import Money
from domain.procedure import Taker, taker

# --- events ---------------------------------------------------------------------------------------


@event("lease.settlement_quoted")
class SettlementQuoted:
    """What settles the lease if paid by `valid_until_on`, by what for; `rebate` is given back.

    `moved` is how often the account had changed: the quote is for the account as it stood.
    """

    quote_id: UUID
    settle_on: date
    valid_until_on: date
    amount: Money
    principal_minor: int
    interest_minor: int
    penalty_minor: int
    fee_minor: int
    settlement_fee_minor: int
    rebate_minor: int
    moved: int
    by: Taker


@event("lease.settled")
class LeaseSettled:
    """The lease was paid off by what was quoted; nothing more is owed.

    The fee for settling is among the shares for fees. `rebate_minor` of interest is not owed.
    """

    payment_id: UUID
    quote_id: UUID
    amount: Money
    value_on: date
    received_at: datetime
    method: LeasePaymentMethod
    reference: Personal[str | None]
    shares: tuple[Share, ...]
    rebate_minor: int
    schedule_n: int
    by: Taker


# --- commands -------------------------------------------------------------------------------------


@command
class QuoteSettlement(Command):
    """Say what would settle the lease on a day, today where left out."""

    quote_id: UUID
    settle_on: BusinessDate | None = None


@command
class SettleLease(Command):
    """Settle the lease by the money that was quoted."""

    payment_id: UUID
    quote_id: UUID
    amount: Money
    value_on: BusinessDate
    method: LeasePaymentMethod = LeasePaymentMethod.BANK_TRANSFER
    reference: Line | None = None
    received_at: datetime | None = None


# --- refusals -------------------------------------------------------------------------------------


class QuoteExpired(Refusal, code="lease.quote_expired"):
    """The quote holds no longer; ask for a new one."""


class QuoteOutdated(Refusal, code="lease.quote_outdated"):
    """The account has changed since the quote; ask for a new one."""


class SettlementDiffers(Unacceptable, code="lease.settlement_differs"):
    """The lease is settled by exactly the amount that was quoted."""


class QuoteTooFarAhead(Unacceptable, code="lease.quote_too_far_ahead"):
    """A settlement is quoted for a day from the newest payment on, at most a year ahead."""


class TooManyQuotes(Refusal, code="lease.too_many_quotes"):
    """You have asked often enough what settles the lease as it stands; see the last answers."""


# --- rules ----------------------------------------------------------------------------------------

SettlementCommand = QuoteSettlement | SettleLease
SettlementEvent = SettlementQuoted | LeaseSettled

_AHEAD_MAX = timedelta(days=366)
QUOTES_MAX = 100
"""How often a customer is quoted for an account as it stands; quotes stay with the lease."""


def decide(case: Lease, command: SettlementCommand, context: Context) -> Sequence[SettlementEvent]:
    """Decide on quotes and settlements."""
    exists(case)
    match command:
        case QuoteSettlement():
            return _quote(case, command, context)
        case SettleLease():
            return _settle(case, command, context)
    assert_never(command)


def _quote(case: Lease, command: QuoteSettlement, context: Context) -> Sequence[SettlementEvent]:
    standing = case.items.get(command.quote_id)
    if isinstance(standing, SettlementQuoted) and command.settle_on in (None, standing.settle_on):
        return []
    settle_on = command.settle_on or max(context.now.date(), case.account.last_on)
    if standing is None:
        under_contract(case)
        take(case, context, LeaseStep.SETTLEMENT_QUOTE)
        _require_few(case, context)
        latest_on = context.now.date() + _AHEAD_MAX
        if not case.account.last_on <= settle_on <= latest_on:
            raise QuoteTooFarAhead(earliest=case.account.last_on.isoformat())
    made = quoted(case, command.quote_id, settle_on, context)
    if has_item(case, command.quote_id, made):
        return []
    return [made]


def _require_few(case: Lease, context: Context) -> None:
    if context.actor.roles != {Role.CUSTOMER}:
        return
    quotes = (each for each in case.items.values() if isinstance(each, SettlementQuoted))
    if sum(quote.moved == case.moved for quote in quotes) >= QUOTES_MAX:
        raise TooManyQuotes(at_most=QUOTES_MAX)


def quoted(case: Lease, quote_id: UUID, settle_on: date, context: Context) -> SettlementQuoted:
    """Return what settles the lease on a day."""
    product, account = product_of(case, context), case.account
    owed = accounts.owed_on(account, settle_on)
    instalments = plain(account.lines)
    terms, how = product.schedule, product.settlement
    found = settlement(instalments, owed, settle_on, account.starts_on, terms, how)
    return SettlementQuoted(
        quote_id=quote_id,
        settle_on=settle_on,
        valid_until_on=settle_on + timedelta(days=product.quote_valid_days),
        amount=Money(minor=found.total_minor, currency=case.currency),
        principal_minor=found.principal_minor,
        interest_minor=found.interest_minor,
        penalty_minor=found.penalty_minor,
        fee_minor=found.fee_minor,
        settlement_fee_minor=found.settlement_fee_minor,
        rebate_minor=found.rebate_minor,
        moved=case.moved,
        by=taker(context.actor),
    )


def _settle(case: Lease, command: SettleLease, context: Context) -> Sequence[SettlementEvent]:
    quote = case.items.get(command.quote_id)
    if not isinstance(quote, SettlementQuoted):
        raise LeaseItemNotFound(item=str(command.quote_id))
    made = LeaseSettled(
        payment_id=command.payment_id,
        quote_id=command.quote_id,
        amount=command.amount,
        value_on=command.value_on,
        received_at=past(command.received_at, context),
        method=command.method,
        reference=command.reference,
        shares=_shares(quote),
        rebate_minor=quote.rebate_minor,
        schedule_n=case.schedules + 1,
        by=taker(context.actor),
    )
    if has_item(case, command.payment_id, made, besides=("schedule_n",)):
        return []
    under_contract(case)
    take(case, context, LeaseStep.SETTLEMENT)
    in_currency(command.amount, case.currency)
    if quote.moved != case.moved:
        raise QuoteOutdated
    if command.value_on > quote.valid_until_on or context.now.date() > quote.valid_until_on:
        raise QuoteExpired(valid_until_on=quote.valid_until_on.isoformat())
    past_day(command.value_on, context)
    require_taking(case, command.value_on)
    if command.value_on < case.account.last_on:
        raise LeaseLiesAhead(on=case.account.last_on.isoformat())
    if command.amount != quote.amount:
        raise SettlementDiffers(amount_minor=quote.amount.minor)
    return [made]


def _shares(quote: SettlementQuoted) -> tuple[Share, ...]:
    parts = (
        (Part.PENALTY, quote.penalty_minor),
        (Part.FEE, quote.fee_minor + quote.settlement_fee_minor),
        (Part.INTEREST, quote.interest_minor),
        (Part.PRINCIPAL, quote.principal_minor),
    )
    return tuple(Share(n=0, part=part, minor=minor) for part, minor in parts if minor)


# --- what follows ---------------------------------------------------------------------------------


def _quoted(case: Lease, event: SettlementQuoted) -> Lease:
    return case.after(
        items=case.items.with_item(event.quote_id, event),
        taken=case.taken.take(LeaseStep.SETTLEMENT_QUOTE, event.by),
    )


def _settled(case: Lease, event: LeaseSettled) -> Lease:
    account = succeeded(
        case.account._replace(charges=()),
        n=event.schedule_n,
        cause=ScheduleCause.SETTLEMENT,
        began_on=event.value_on,
        starts_on=event.value_on,
        annual_percent="0",
        instalments=(),
        shares=event.shares,
        begun_by=event.payment_id,
    )
    return case.after(
        status=LeaseStatus.SETTLED,
        assessed=None,
        account=account._replace(former=case.account),
        moved=case.moved + 1,
        schedules=event.schedule_n,
        items=case.items.with_item(event.payment_id, event),
        taken=case.taken.take(LeaseStep.SETTLEMENT, event.by),
    )


FOLLOW: Follow = {SettlementQuoted: _quoted, LeaseSettled: _settled}
