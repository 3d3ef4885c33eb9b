"""Guarantees and their life: who stands in, what was received, returned or called."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Annotated, assert_never
from uuid import UUID

from domain.declare import Command, Context, Refusal, Unacceptable, command, event
from domain.fields import BusinessDate, Line, Name, Personal, Text
from domain.finance.rates import percent
from domain.lease.case import (
    Follow,
    Lease,
    LeaseItemNotFound,
    LeaseLiesAhead,
    exists,
    has_item,
    open_case,
    past_day,
    positive,
    product_of,
    take,
)
from domain.lease.papers import GuarantorNotNamed
from domain.lease.words import ENDED, GuaranteeKind, LeaseStatus, LeaseStep
from domain.money import Money
from domain.procedure import Taker, taker

# --- events ---------------------------------------------------------------------------------------


@event("lease.guarantor_named")
class GuarantorNamed:
    """Somebody stands in for the lessee. She is a subject of her own: her key encrypts this."""

    guarantor_id: UUID
    name: Personal[str]
    national_id: Personal[str | None]
    phone: Personal[str | None]
    by: Taker


@event("lease.guarantee_received")
class GuaranteeReceived:
    """A guarantee is in the company's hands; `reference` is a cheque's or a note's number."""

    guarantee_id: UUID
    kind: GuaranteeKind
    amount: Money | None
    reference: Personal[str | None]
    guarantor_id: UUID | None
    received_on: date
    expires_on: date | None
    by: Taker


@event("lease.guarantee_returned")
class GuaranteeReturned:
    """The guarantee was handed back to whoever gave it."""

    guarantee_id: UUID
    returned_on: date
    by: Taker


@event("lease.guarantee_called")
class GuaranteeCalled:
    """The guarantee was called upon for a sum; what it brings comes in as a payment."""

    guarantee_id: UUID
    amount: Money | None
    called_on: date
    by: Taker


# --- commands -------------------------------------------------------------------------------------


@command
class NameGuarantor(Command):
    """Name somebody who stands in; the id is a customer's, where she is one, else her own."""

    guarantor_id: UUID
    name: Name
    national_id: Annotated[str, Text(max=40)] | None = None
    phone: Annotated[str, Text(max=40)] | None = None


@command
class ReceiveGuarantee(Command):
    """Record that a guarantee was received."""

    guarantee_id: UUID
    kind: GuaranteeKind
    amount: Money | None = None
    reference: Line | None = None
    guarantor_id: UUID | None = None
    received_on: BusinessDate | None = None
    expires_on: BusinessDate | None = None


@command
class ReturnGuarantee(Command):
    """Record that a guarantee was handed back."""

    guarantee_id: UUID
    returned_on: BusinessDate | None = None


@command
class CallGuarantee(Command):
    """Record that a guarantee was called upon."""

    guarantee_id: UUID
    amount: Money | None = None
    called_on: BusinessDate | None = None


# --- refusals -------------------------------------------------------------------------------------


class GuaranteeHasGone(Refusal, code="lease.guarantee_has_gone"):
    """The guarantee was returned or called already."""


class GuaranteesMissing(Refusal, code="lease.guarantees_missing"):
    """Guarantees that the product asks for are not there, or do not cover enough."""


class GuarantorUnclear(Unacceptable, code="lease.guarantor_unclear"):
    """A guarantee by a guarantor names her, and what is a guarantee of money has an amount."""


class GuaranteeStillNeeded(Refusal, code="lease.guarantee_still_needed"):
    """Without this guarantee what is still owed would not be secured as the product asks."""


class GuarantorIsApplicant(Unacceptable, code="lease.guarantor_is_applicant"):
    """Nobody stands in for herself."""


class GuaranteeExceeded(Unacceptable, code="lease.guarantee_exceeded"):
    """A guarantee is not called upon for more than it is good for."""


# --- rules ----------------------------------------------------------------------------------------

GuaranteesCommand = NameGuarantor | ReceiveGuarantee | ReturnGuarantee | CallGuarantee
GuaranteesEvent = GuarantorNamed | GuaranteeReceived | GuaranteeReturned | GuaranteeCalled

_OF_MONEY = (GuaranteeKind.CHEQUE, GuaranteeKind.PROMISSORY_NOTE, GuaranteeKind.DEPOSIT)


def decide(case: Lease, command: GuaranteesCommand, context: Context) -> Sequence[GuaranteesEvent]:
    """Decide on guarantors and guarantees."""
    exists(case)
    match command:
        case NameGuarantor():
            return _name(case, command, context)
        case ReceiveGuarantee():
            return _receive(case, command, context)
        case ReturnGuarantee() | CallGuarantee():
            return _let_go(case, command, context)
    assert_never(command)


def _name(case: Lease, command: NameGuarantor, context: Context) -> Sequence[GuaranteesEvent]:
    made = GuarantorNamed(
        guarantor_id=command.guarantor_id,
        name=command.name,
        national_id=command.national_id,
        phone=command.phone,
        by=taker(context.actor),
    )
    if has_item(case, command.guarantor_id, made):
        return []
    open_case(case)
    take(case, context, LeaseStep.GUARANTOR)
    if command.guarantor_id == case.customer_id:
        raise GuarantorIsApplicant
    return [made]


def _receive(case: Lease, command: ReceiveGuarantee, context: Context) -> Sequence[GuaranteesEvent]:
    standing = case.items.get(command.guarantee_id)
    received_on = command.received_on
    if received_on is None and isinstance(standing, GuaranteeReceived):
        received_on = standing.received_on
    made = GuaranteeReceived(
        guarantee_id=command.guarantee_id,
        kind=command.kind,
        amount=command.amount,
        reference=command.reference,
        guarantor_id=command.guarantor_id,
        received_on=past_day(received_on, context),
        expires_on=command.expires_on,
        by=taker(context.actor),
    )
    if has_item(case, command.guarantee_id, made):
        return []
    open_case(case)
    take(case, context, LeaseStep.GUARANTEE)
    if command.amount is not None:
        positive(case, command.amount)
    by_guarantor = command.kind is GuaranteeKind.GUARANTOR
    if by_guarantor != (command.guarantor_id is not None):
        raise GuarantorUnclear
    if command.kind in _OF_MONEY and command.amount is None:
        raise GuarantorUnclear
    if command.guarantor_id is not None and command.guarantor_id not in case.guarantors:
        raise GuarantorNotNamed(guarantor=str(command.guarantor_id))
    return [made]


def _let_go(
    case: Lease, command: ReturnGuarantee | CallGuarantee, context: Context
) -> Sequence[GuaranteesEvent]:
    held = case.items.get(command.guarantee_id)
    if not isinstance(held, GuaranteeReceived):
        raise LeaseItemNotFound(item=str(command.guarantee_id))
    standing = case.outcomes.get(command.guarantee_id)
    if isinstance(command, ReturnGuarantee):
        if isinstance(standing, GuaranteeReturned):
            on = command.returned_on
            if on in (None, standing.returned_on):
                return []
        if standing is not None:
            raise GuaranteeHasGone
        take(case, context, LeaseStep.GUARANTEE_RETURN)
        returned_on = _after(held, past_day(command.returned_on, context))
        if case.status not in ENDED:
            _still_covered(case, command.guarantee_id, context)
        by = taker(context.actor)
        return [
            GuaranteeReturned(guarantee_id=command.guarantee_id, returned_on=returned_on, by=by)
        ]
    return _call(case, command, held, context)


def _call(
    case: Lease, command: CallGuarantee, held: GuaranteeReceived, context: Context
) -> Sequence[GuaranteesEvent]:
    standing = case.outcomes.get(command.guarantee_id)
    if isinstance(standing, GuaranteeCalled):
        on = command.called_on
        if command.amount == standing.amount and on in (None, standing.called_on):
            return []
    if standing is not None:
        raise GuaranteeHasGone
    take(case, context, LeaseStep.GUARANTEE_CALL)
    if command.amount is not None:
        positive(case, command.amount)
        if held.amount is not None and command.amount > held.amount:
            raise GuaranteeExceeded(amount_minor=held.amount.minor)
    called_on = _after(held, past_day(command.called_on, context))
    by = taker(context.actor)
    return [
        GuaranteeCalled(
            guarantee_id=command.guarantee_id, amount=command.amount, called_on=called_on, by=by
        )
    ]


def _after(held: GuaranteeReceived, on: date) -> date:
    if on < held.received_on:
        raise LeaseLiesAhead(on=held.received_on.isoformat())
    return on


def lacking(case: Lease, context: Context, *, without: UUID | None = None) -> list[str]:
    """Return the kinds of guarantees that the product asks for and that are not held."""
    held = [
        each
        for each in case.items.values()
        if isinstance(each, GuaranteeReceived)
        and each.guarantee_id != without
        and not isinstance(case.outcomes.get(each.guarantee_id), GuaranteeReturned)
    ]
    assert case.terms is not None
    short: list[str] = []
    for asked in product_of(case, context).guarantees:
        found = [each for each in held if each.kind in asked.any_of]
        covered = sum(each.amount.minor for each in found if each.amount is not None)
        wanted = case.terms.financed.minor * percent(asked.cover_percent)
        if len(found) < asked.at_least or Fraction(covered) < wanted:
            short.extend(kind.value for kind in asked.any_of)
    return short


def require_guarantees(case: Lease, context: Context) -> None:
    """Raise `GuaranteesMissing` where the product asks for more than is held."""
    short = lacking(case, context)
    if short:
        raise GuaranteesMissing(missing=short)


def _still_covered(case: Lease, guarantee_id: UUID, context: Context) -> None:
    under_contract = case.status not in (
        LeaseStatus.APPLIED,
        LeaseStatus.CHECKED,
        LeaseStatus.APPROVED,
    )
    if under_contract and case.terms is not None and lacking(case, context, without=guarantee_id):
        raise GuaranteeStillNeeded


# --- what follows ---------------------------------------------------------------------------------


def _named(case: Lease, event: GuarantorNamed) -> Lease:
    return case.after(
        guarantors=(*case.guarantors, event.guarantor_id),
        items=case.items.with_item(event.guarantor_id, event),
        taken=case.taken.take(LeaseStep.GUARANTOR, event.by),
    )


def _received(case: Lease, event: GuaranteeReceived) -> Lease:
    return case.after(
        items=case.items.with_item(event.guarantee_id, event),
        taken=case.taken.take(LeaseStep.GUARANTEE, event.by),
    )


def _gone(case: Lease, event: GuaranteeReturned | GuaranteeCalled) -> Lease:
    return case.after(outcomes=case.outcomes.with_item(event.guarantee_id, event))


FOLLOW: Follow = {
    GuarantorNamed: _named,
    GuaranteeReceived: _received,
    GuaranteeReturned: _gone,
    GuaranteeCalled: _gone,
}
