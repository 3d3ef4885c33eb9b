"""The application: who wants which product for what, and the terms until they are decided on."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Annotated, assert_never
from uuid import UUID

from domain.declare import (
    AlreadyExists,
    Command,
    Context,
    NotPermitted,
    Refusal,
    Role,
    Unacceptable,
    command,
    event,
)
from domain.fields import Between, BusinessDate, Code
from domain.finance.rates import PercentText, percent
from domain.items import same_wish
from domain.lease.case import (
    Follow,
    Lease,
    LeaseAmountNotPositive,
    LeaseTerms,
    before_contract,
    in_currency,
    past_day,
    product_of,
    take,
)
from domain.lease.product import LeaseProduct
from domain.lease.words import LeaseProvider, LeaseStatus, LeaseStep
from domain.money import Money, zero
from domain.procedure import Procedure, Taker, may_take, taker
from domain.rulebook import DocumentName, Pin

# --- events ---------------------------------------------------------------------------------------


@event("lease.applied")
class LeaseApplied:
    """Somebody applied for a lease of a product, by these terms."""

    customer_id: UUID
    product: Pin
    procedure: Pin
    provider: LeaseProvider
    bank: str | None
    price: Money
    down_payment: Money
    financed: Money
    term_months: int
    annual_percent: str
    applied_on: date
    order_id: UUID | None
    dealer_id: str | None
    region: str | None
    by: Taker


@event("lease.terms_changed")
class LeaseTermsChanged:
    """What is applied for was changed before it was decided on."""

    price: Money
    down_payment: Money
    financed: Money
    term_months: int
    annual_percent: str
    by: Taker


# --- commands -------------------------------------------------------------------------------------

TermMonths = Annotated[int, Between(1, 600)]


@command
class ApplyForLease(Command):
    """Apply for a lease; without `annual_percent` by the product's rate."""

    customer_id: UUID
    product: DocumentName
    price: Money
    down_payment: Money | None = None
    term_months: TermMonths
    annual_percent: PercentText | None = None
    bank: Code | None = None
    applied_on: BusinessDate | None = None
    order_id: UUID | None = None
    dealer_id: Code | None = None
    region: Code | None = None


@command
class ChangeLeaseTerms(Command):
    """Change what is applied for, before it is decided on."""

    price: Money
    down_payment: Money | None = None
    term_months: TermMonths
    annual_percent: PercentText | None = None


# --- refusals -------------------------------------------------------------------------------------


class TermNotOffered(Unacceptable, code="lease.term_not_offered"):
    """The product is not offered for this number of months."""


class RateNotOffered(Unacceptable, code="lease.rate_not_offered"):
    """The product is not offered at this rate."""


class DownPaymentTooSmall(Unacceptable, code="lease.down_payment_too_small"):
    """The product asks for a larger down payment."""


class SumNotFinanced(Unacceptable, code="lease.sum_not_financed"):
    """The product does not finance a sum of this size."""


class BankUnclear(Unacceptable, code="lease.bank_unclear"):
    """A lease that a bank finances names the bank, and no other lease does."""


class TermsAreDecided(Refusal, code="lease.terms_are_decided"):
    """The application was decided on; apply anew for other terms."""


class ApplicationNotYours(NotPermitted, code="lease.application_not_yours"):
    """You may apply for yourself only."""


# --- rules ----------------------------------------------------------------------------------------

ApplicationCommand = ApplyForLease | ChangeLeaseTerms
ApplicationEvent = LeaseApplied | LeaseTermsChanged


def decide(
    case: Lease, command: ApplicationCommand, context: Context
) -> Sequence[ApplicationEvent]:
    """Decide on an application and its terms."""
    match command:
        case ApplyForLease():
            return _apply(case, command, context)
        case ChangeLeaseTerms():
            return _change(case, command, context)
    assert_never(command)


def _apply(case: Lease, command: ApplyForLease, context: Context) -> Sequence[ApplicationEvent]:
    product = context.rules.in_force(LeaseProduct, command.product, context.now)
    procedure = context.rules.in_force(Procedure, product.content.procedure, context.now)
    pin, standing = product.pin, case.applied
    if standing is not None and standing.product.name == pin.name:
        pin = standing.product  # a product that was published anew meanwhile is the same wish
        procedure_pin = standing.procedure
    else:
        procedure_pin = procedure.pin
    content = context.rules.pinned(LeaseProduct, pin)
    down_payment = command.down_payment or zero(content.currency)
    applied_on = command.applied_on
    if applied_on is None and standing is not None:
        applied_on = standing.applied_on  # said again on a later day, it is the same wish
    region = command.region
    if region is None:
        region = None if context.actor.region == "*" else context.actor.region
    in_currency(command.price, content.currency)
    made = LeaseApplied(
        customer_id=command.customer_id,
        product=pin,
        procedure=procedure_pin,
        provider=content.provider,
        bank=command.bank,
        price=command.price,
        down_payment=down_payment,
        financed=command.price - down_payment,
        term_months=command.term_months,
        annual_percent=command.annual_percent or content.annual_percent,
        applied_on=past_day(applied_on, context),
        order_id=command.order_id,
        dealer_id=command.dealer_id,
        region=region,
        by=taker(context.actor),
    )
    if case.status is not LeaseStatus.NOT_APPLIED:
        if standing is not None and same_wish(standing, made, ("by",)):
            return []
        raise AlreadyExists
    may_take(procedure.content, case.taken, LeaseStep.APPLICATION, context.actor)
    own = context.actor.customer_id
    if context.actor.roles == {Role.CUSTOMER} and own != command.customer_id:
        raise ApplicationNotYours
    if (content.provider is LeaseProvider.BANK) != (command.bank is not None):
        raise BankUnclear(provider=content.provider.value)
    _offered(content, made.price, made.down_payment, made.term_months, made.annual_percent)
    return [made]


def _offered(
    product: LeaseProduct, price: Money, down_payment: Money, term_months: int, annual: str
) -> None:
    """Raise the first reason why the product is not offered by these terms."""
    in_currency(price, product.currency)
    in_currency(down_payment, product.currency)
    if price.minor <= 0 or down_payment.minor < 0:
        raise LeaseAmountNotPositive
    if term_months not in product.terms_months:
        raise TermNotOffered(offered=[str(months) for months in product.terms_months])
    least = product.annual_percent_at_least or product.annual_percent
    most = product.annual_percent_at_most or product.annual_percent
    if not percent(least) <= percent(annual) <= percent(most):
        raise RateNotOffered(at_least=least, at_most=most)
    share = percent(product.down_payment_at_least_percent)
    if Fraction(down_payment.minor) < price.minor * share:
        raise DownPaymentTooSmall(at_least_percent=product.down_payment_at_least_percent)
    financed = price.minor - down_payment.minor
    if not product.financed_at_least_minor <= financed <= product.financed_at_most_minor:
        raise SumNotFinanced(
            at_least_minor=product.financed_at_least_minor,
            at_most_minor=product.financed_at_most_minor,
        )


def _change(case: Lease, command: ChangeLeaseTerms, context: Context) -> Sequence[ApplicationEvent]:
    before_contract(case)
    product = product_of(case, context)
    in_currency(command.price, product.currency)
    down_payment = command.down_payment or zero(product.currency)
    made = LeaseTermsChanged(
        price=command.price,
        down_payment=down_payment,
        financed=command.price - down_payment,
        term_months=command.term_months,
        annual_percent=command.annual_percent or product.annual_percent,
        by=taker(context.actor),
    )
    if case.terms == _terms_of(made):
        return []
    if case.decided is not None:
        raise TermsAreDecided
    take(case, context, LeaseStep.TERMS)
    _offered(product, made.price, made.down_payment, made.term_months, made.annual_percent)
    return [made]


def _terms_of(said: LeaseApplied | LeaseTermsChanged) -> LeaseTerms:
    return LeaseTerms(
        said.price, said.down_payment, said.financed, said.term_months, said.annual_percent
    )


# --- what follows ---------------------------------------------------------------------------------


def _applied(case: Lease, event: LeaseApplied) -> Lease:
    return case.after(
        status=LeaseStatus.APPLIED,
        applied=event,
        product=event.product,
        procedure=event.procedure,
        customer_id=event.customer_id,
        order_id=event.order_id,
        terms=_terms_of(event),
        taken=case.taken.take(LeaseStep.APPLICATION, event.by),
    )


def _changed(case: Lease, event: LeaseTermsChanged) -> Lease:
    return case.after(terms=_terms_of(event), taken=case.taken.take(LeaseStep.TERMS, event.by))


FOLLOW: Follow = {LeaseApplied: _applied, LeaseTermsChanged: _changed}
