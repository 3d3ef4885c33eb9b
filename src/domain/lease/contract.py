"""The contract: signed, its schedule issued; and the day from which the vehicle is used."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import assert_never
from uuid import UUID

from domain.clocks.calendar import Calendar
from domain.declare import Command, Context, Refusal, Unacceptable, command, event
from domain.fields import BusinessDate, Code
from domain.finance import schedule
from domain.finance.duedates import DueDate, due_dates, months_of
from domain.finance.months import day_in
from domain.finance.rates import percent
from domain.finance.schedules import Instalment
from domain.items import same_wish
from domain.lease.account import Account, LeaseInstalment, lines_of
from domain.lease.case import (
    Follow,
    Lease,
    LeaseContractStands,
    LeaseNotContracted,
    exists,
    open_case,
    past_day,
    product_of,
    take,
)
from domain.lease.guarantees import require_guarantees
from domain.lease.ledger import AgreedArrears, AgreedPenalty
from domain.lease.papers import require_papers
from domain.lease.product import LeaseProduct
from domain.lease.words import RUNNING, LeaseOutcome, LeaseStatus, LeaseStep, ScheduleCause
from domain.money import Money
from domain.procedure import Taker, taker
from domain.rulebook import Pin

# --- events ---------------------------------------------------------------------------------------


@event("lease.contract_signed")
class LeaseContractSigned:
    """The contract was signed, and the schedule issued: every instalment with its day and parts.

    The terms for being late stand here as they were agreed, whatever becomes of the product.
    """

    contract_number: str
    signed_on: date
    starts_on: date
    financed: Money
    annual_percent: str
    term_months: int
    calendar: Pin
    schedule_n: int
    instalments: tuple[LeaseInstalment, ...]
    penalty: AgreedPenalty
    arrears: AgreedArrears
    by: Taker


@event("lease.activated")
class LeaseActivated:
    """The vehicle is the lessee's to use from that day on."""

    activated_on: date
    order_id: UUID | None
    by: Taker


# --- commands -------------------------------------------------------------------------------------


@command
class SignLeaseContract(Command):
    """Record the signed contract, and issue its schedule.

    Interest runs from `starts_on`, the day of signing where left out; the first instalment is due
    on `first_due_on`, a period later where left out.
    """

    contract_number: Code
    signed_on: BusinessDate
    starts_on: BusinessDate | None = None
    first_due_on: BusinessDate | None = None


@command
class ActivateLease(Command):
    """Record from which day on the lessee has the vehicle."""

    on: BusinessDate
    order_id: UUID | None = None


# --- refusals -------------------------------------------------------------------------------------


class LeaseNotApproved(Refusal, code="lease.not_approved"):
    """The application was not approved, so there is nothing to be signed."""


class ApprovalExpired(Refusal, code="lease.approval_expired"):
    """The approval holds no longer; have the application decided on anew."""


class SignedBeforeDecision(Unacceptable, code="lease.signed_before_decision"):
    """A contract is not signed before the application was decided on."""


class FirstDueDateUnclear(Unacceptable, code="lease.first_due_date_unclear"):
    """The first instalment is due after the day from which interest runs, within two periods."""


class TermNotDivisible(Unacceptable, code="lease.term_not_divisible"):
    """The term is no whole number of periods between two instalments."""


class ActivationDiffers(Refusal, code="lease.activation_differs"):
    """The lease was activated on another day, or with another order."""


# --- rules ----------------------------------------------------------------------------------------

ContractCommand = SignLeaseContract | ActivateLease
ContractEvent = LeaseContractSigned | LeaseActivated


def decide(case: Lease, command: ContractCommand, context: Context) -> Sequence[ContractEvent]:
    """Decide on the contract and its beginning."""
    exists(case)
    match command:
        case SignLeaseContract():
            return _sign(case, command, context)
        case ActivateLease():
            return _activate(case, command, context)
    assert_never(command)


def _sign(case: Lease, command: SignLeaseContract, context: Context) -> Sequence[ContractEvent]:
    standing = case.contract
    if standing is not None:
        starts_on = command.starts_on or command.signed_on
        first_on = command.first_due_on or standing.instalments[0].nominal_on
        wish = (command.contract_number, command.signed_on, starts_on, first_on)
        stands = (standing.contract_number, standing.signed_on, standing.starts_on)
        if wish == (*stands, standing.instalments[0].nominal_on):
            return []
        raise LeaseContractStands
    open_case(case)
    if case.status in RUNNING:  # carried over: its contract was signed elsewhere
        raise LeaseContractStands
    decided = case.decided
    if decided is None or decided.outcome is not LeaseOutcome.APPROVED:
        raise LeaseNotApproved
    take(case, context, LeaseStep.CONTRACT)
    signed_on = past_day(command.signed_on, context)
    if signed_on < decided.decided_on:
        raise SignedBeforeDecision(decided_on=decided.decided_on.isoformat())
    if decided.valid_until_on is not None and signed_on > decided.valid_until_on:
        raise ApprovalExpired(valid_until_on=decided.valid_until_on.isoformat())
    require_papers(case, context, LeaseStep.CONTRACT)
    require_guarantees(case, context)
    return [_contract(case, command, context)]


def _contract(case: Lease, command: SignLeaseContract, context: Context) -> LeaseContractSigned:
    product, terms = product_of(case, context), case.terms
    assert terms is not None
    calendar = context.rules.in_force(Calendar, product.calendar, context.now)
    starts_on = command.starts_on or command.signed_on
    dates = _dates(product, calendar.content, starts_on, command.first_due_on, terms.term_months)
    rate = percent(terms.annual_percent)
    instalments = schedule(terms.financed.minor, rate, product.schedule, starts_on, dates)
    return LeaseContractSigned(
        contract_number=command.contract_number,
        signed_on=command.signed_on,
        starts_on=starts_on,
        financed=terms.financed,
        annual_percent=terms.annual_percent,
        term_months=terms.term_months,
        calendar=calendar.pin,
        schedule_n=1,
        instalments=issued(instalments, dates),
        penalty=penalty_of(product, terms.annual_percent),
        arrears=arrears_of(product),
        by=taker(context.actor),
    )


def _dates(
    product: LeaseProduct,
    calendar: Calendar,
    starts_on: date,
    first_on: date | None,
    term_months: int,
) -> tuple[DueDate, ...]:
    rule = product.schedule.due_dates
    count, over = divmod(term_months, rule.every_months)
    if over:
        raise TermNotDivisible(every_months=rule.every_months)
    months = months_of(rule, calendar)
    month, day = months.place(starts_on)
    if first_on is None:
        first_on = day_in(months, month + rule.every_months, day)
    latest_on = day_in(months, month + 2 * rule.every_months, day)
    if not starts_on < first_on <= latest_on:
        raise FirstDueDateUnclear(starts_on=starts_on.isoformat(), latest=latest_on.isoformat())
    return due_dates(rule, first_on, count, calendar)


def issued(
    instalments: Sequence[Instalment], dates: Sequence[DueDate]
) -> tuple[LeaseInstalment, ...]:
    """Return instalments as a schedule is issued: with the days that were agreed."""
    nominal = {each.n: each.nominal_on for each in dates}
    return tuple(
        LeaseInstalment(
            n=each.n,
            nominal_on=nominal[each.n],
            due_on=each.due_on,
            principal_minor=each.principal_minor,
            interest_minor=each.interest_minor,
        )
        for each in instalments
    )


def penalty_of(product: LeaseProduct, annual_percent: str) -> AgreedPenalty:
    """Return the terms for being late as they are agreed in a contract."""
    terms = product.penalty
    share = Decimal(terms.of_contract_percent) / 100
    annual = Decimal(terms.annual_percent) + Decimal(annual_percent) * share
    return AgreedPenalty(
        annual_percent=format(annual.normalize(), "f"),
        grace_days=terms.grace_days,
        after_grace_only=terms.after_grace_only,
        on_principal_only=terms.on_principal_only,
    )


def arrears_of(product: LeaseProduct) -> AgreedArrears:
    """Return how arrears are classed, as it is agreed in a contract."""
    terms = product.arrears
    return AgreedArrears(
        grace_days=terms.grace_days,
        buckets=terms.buckets,
        default_from_days=terms.default_from_days,
    )


def _activate(case: Lease, command: ActivateLease, context: Context) -> Sequence[ContractEvent]:
    order_id = command.order_id or case.order_id
    made = LeaseActivated(activated_on=command.on, order_id=order_id, by=taker(context.actor))
    if case.activated is not None:
        if same_wish(case.activated, made, ("by",)):
            return []
        raise ActivationDiffers(activated_on=case.activated.activated_on.isoformat())
    open_case(case)
    if case.status is not LeaseStatus.CONTRACTED or case.contract is None:
        raise LeaseNotContracted
    take(case, context, LeaseStep.ACTIVATION)
    past_day(command.on, context)
    if case.order_id not in (None, order_id):
        raise ActivationDiffers(activated_on=None)
    return [made]


# --- what follows ---------------------------------------------------------------------------------


def _signed(case: Lease, event: LeaseContractSigned) -> Lease:
    lines = lines_of(event.instalments)
    account = Account(
        n=event.schedule_n,
        cause=ScheduleCause.CONTRACT,
        began_on=event.signed_on,
        starts_on=event.starts_on,
        annual_percent=event.annual_percent,
        penalty=event.penalty,
        arrears=event.arrears,
        opening=lines,
        lines=lines,
    )
    return case.after(
        status=LeaseStatus.CONTRACTED,
        contract=event,
        account=account,
        schedules=event.schedule_n,
        taken=case.taken.take(LeaseStep.CONTRACT, event.by),
    )


def _activated(case: Lease, event: LeaseActivated) -> Lease:
    return case.after(
        status=LeaseStatus.ACTIVE if case.status is LeaseStatus.CONTRACTED else case.status,
        activated=event,
        order_id=event.order_id,
        taken=case.taken.take(LeaseStep.ACTIVATION, event.by),
    )


FOLLOW: Follow = {LeaseContractSigned: _signed, LeaseActivated: _activated}
