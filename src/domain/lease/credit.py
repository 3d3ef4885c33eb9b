"""The credit check, and the decision of the committee or the bank."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, assert_never
from uuid import UUID

from domain.declare import Command, Context, Refusal, Unacceptable, command, event
from domain.fields import Between, BusinessDate, Code, Narrative, Personal
from domain.lease.case import (
    Follow,
    Lease,
    before_contract,
    exists,
    has_item,
    past_day,
    product_of,
    take,
)
from domain.lease.papers import require_papers
from domain.lease.words import (
    CreditOutcome,
    LeaseDecisionBy,
    LeaseOutcome,
    LeaseStatus,
    LeaseStep,
    RejectionGround,
)
from domain.procedure import Taker, taker

# --- events ---------------------------------------------------------------------------------------


@event("lease.credit_checked")
class CreditChecked:
    """A credit check of the applicant was made; `source` is whoever made it, by its code."""

    check_id: UUID
    outcome: CreditOutcome
    source: str
    score: int | None
    checked_on: date
    remark: Personal[str | None]
    by: Taker


@event("lease.decided")
class LeaseDecided:
    """The committee or the bank decided; an approval holds until `valid_until_on`."""

    decision_id: UUID
    outcome: LeaseOutcome
    decided_by: LeaseDecisionBy
    ground: RejectionGround | None
    reference: str | None
    conditions: Personal[str | None]
    decided_on: date
    valid_until_on: date | None
    by: Taker


# --- commands -------------------------------------------------------------------------------------


@command
class CheckCredit(Command):
    """Record what a credit check found."""

    check_id: UUID
    outcome: CreditOutcome
    source: Code
    score: Annotated[int, Between(0, 10_000)] | None = None
    checked_on: BusinessDate | None = None
    remark: Narrative | None = None


@command
class DecideOnLease(Command):
    """Record what was decided; `reference` is that of the minutes, or of the bank's letter."""

    decision_id: UUID
    outcome: LeaseOutcome
    decided_by: LeaseDecisionBy
    ground: RejectionGround | None = None
    reference: Code | None = None
    conditions: Narrative | None = None
    decided_on: BusinessDate | None = None


# --- refusals -------------------------------------------------------------------------------------


class LeaseIsDecided(Refusal, code="lease.is_decided"):
    """The application was decided on already."""


class DecidedBySomebodyElse(Unacceptable, code="lease.decided_by_somebody_else"):
    """Leases of this product are not decided on by this body."""


class RejectionUnclear(Unacceptable, code="lease.rejection_unclear"):
    """A rejection says on which ground, and an approval has none."""


class BankReferenceMissing(Unacceptable, code="lease.bank_reference_missing"):
    """A decision of a bank is recorded with the reference of its letter."""


class CreditNotGoodEnough(Refusal, code="lease.credit_not_good_enough"):
    """The product does not let an application with this credit be approved."""


class CreditCheckTooOld(Refusal, code="lease.credit_check_too_old"):
    """The credit check is older than the product lets it be; have it made again."""


class DecisionBeforeCheck(Unacceptable, code="lease.decision_before_check"):
    """The decision cannot have been made before the credit check it rests on."""


# --- rules ----------------------------------------------------------------------------------------

CreditCommand = CheckCredit | DecideOnLease
CreditEvent = CreditChecked | LeaseDecided


def decide(case: Lease, command: CreditCommand, context: Context) -> Sequence[CreditEvent]:
    """Decide on a credit check and on the decision."""
    exists(case)
    match command:
        case CheckCredit():
            return _check(case, command, context)
        case DecideOnLease():
            return _decide(case, command, context)
    assert_never(command)


def _check(case: Lease, command: CheckCredit, context: Context) -> Sequence[CreditEvent]:
    standing = case.items.get(command.check_id)
    checked_on = command.checked_on
    if checked_on is None and isinstance(standing, CreditChecked):
        checked_on = standing.checked_on
    made = CreditChecked(
        check_id=command.check_id,
        outcome=command.outcome,
        source=command.source,
        score=command.score,
        checked_on=past_day(checked_on, context),
        remark=command.remark,
        by=taker(context.actor),
    )
    if has_item(case, command.check_id, made):
        return []
    before_contract(case)
    _undecided(case, context)
    take(case, context, LeaseStep.CREDIT_CHECK)
    require_papers(case, context, LeaseStep.CREDIT_CHECK)
    return [made]


def _decide(case: Lease, command: DecideOnLease, context: Context) -> Sequence[CreditEvent]:
    product = product_of(case, context)
    approved = command.outcome is LeaseOutcome.APPROVED
    standing = case.items.get(command.decision_id)
    decided_on = command.decided_on
    if decided_on is None and isinstance(standing, LeaseDecided):
        decided_on = standing.decided_on
    decided_on = past_day(decided_on, context)
    made = LeaseDecided(
        decision_id=command.decision_id,
        outcome=command.outcome,
        decided_by=command.decided_by,
        ground=command.ground,
        reference=command.reference,
        conditions=command.conditions,
        decided_on=decided_on,
        valid_until_on=decided_on + timedelta(days=product.approval_valid_days)
        if approved
        else None,
        by=taker(context.actor),
    )
    if has_item(case, command.decision_id, made):
        return []
    before_contract(case)
    _undecided(case, context)
    take(case, context, LeaseStep.DECISION, variant=command.outcome)
    if command.decided_by is not product.decided_by:
        raise DecidedBySomebodyElse(decided_by=product.decided_by.value)
    if (command.ground is None) != approved:
        raise RejectionUnclear
    if command.decided_by is LeaseDecisionBy.BANK and command.reference is None:
        raise BankReferenceMissing
    if approved:
        require_papers(case, context, LeaseStep.DECISION)
        _good_enough(case, decided_on, context)
    return [made]


def _undecided(case: Lease, context: Context) -> None:
    """Raise unless the application is to be decided on; anew, where an approval has lapsed."""
    decided = case.decided
    if decided is None:
        return
    if decided.valid_until_on is None or context.now.date() <= decided.valid_until_on:
        raise LeaseIsDecided


def _good_enough(case: Lease, on: date, context: Context) -> None:
    """Raise unless the newest credit check is one on which an approval may rest."""
    rule, check = product_of(case, context).credit, case.credit
    if check is None:  # the procedure of the product asks for none
        return
    low = rule.score_at_least is not None and (check.score or 0) < rule.score_at_least
    if check.outcome not in rule.may_be_approved or low:
        raise CreditNotGoodEnough(outcome=check.outcome.value, score=check.score)
    if on < check.checked_on:
        raise DecisionBeforeCheck(checked_on=check.checked_on.isoformat())
    if on > check.checked_on + timedelta(days=rule.valid_days):
        raise CreditCheckTooOld(checked_on=check.checked_on.isoformat(), valid_days=rule.valid_days)


# --- what follows ---------------------------------------------------------------------------------


def _checked(case: Lease, event: CreditChecked) -> Lease:
    return case.after(
        status=LeaseStatus.CHECKED,
        credit=event,
        decided=None,
        items=case.items.with_item(event.check_id, event),
        taken=case.taken.take(LeaseStep.CREDIT_CHECK, event.by),
    )


def _decided(case: Lease, event: LeaseDecided) -> Lease:
    approved = event.outcome is LeaseOutcome.APPROVED
    return case.after(
        status=LeaseStatus.APPROVED if approved else LeaseStatus.REJECTED,
        decided=event,
        items=case.items.with_item(event.decision_id, event),
        taken=case.taken.take(LeaseStep.DECISION, event.by),
    )


FOLLOW: Follow = {CreditChecked: _checked, LeaseDecided: _decided}
