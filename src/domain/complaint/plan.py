"""The plan and the work: a plan is submitted, approved or rejected, carried out; work is done."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, assert_never
from uuid import UUID

from domain.complaint.case import (
    Complaint,
    Follow,
    handled,
    has_item,
    open_case,
    past_day,
    procedure_of,
    registered,
    same_wish,
    take,
)
from domain.complaint.papers import papers
from domain.complaint.sorting import organisation
from domain.complaint.words import Status, Step
from domain.declare import Command, Context, NotFound, Refusal, Unacceptable, command, event
from domain.fields import BusinessDate, Code, Items, Narrative, Personal
from domain.money import Money
from domain.procedure import Taker, taker, undone_by

# --- events ---------------------------------------------------------------------------------------


@event("complaint.plan_submitted")
class PlanSubmitted:
    """A handling plan, what it would cost, and by when it would be carried out."""

    plan_id: UUID
    plan: Personal[str]
    cost: Money | None
    carry_out_by_on: date | None
    by: Taker


@event("complaint.plan_approved")
class PlanApproved:
    """The plan may be carried out."""

    plan_id: UUID
    by: Taker


@event("complaint.plan_rejected")
class PlanRejected:
    """The plan may not be carried out; another one is awaited. `undone` stands no longer."""

    plan_id: UUID
    reason: Personal[str]
    undone: tuple[str, ...]
    by: Taker


@event("complaint.plan_carried_out")
class PlanCarriedOut:
    """The approved plan was carried out, at this cost; `paper_ids` prove it."""

    plan_id: UUID
    carried_out_on: date
    cost: Money | None
    report: Personal[str] | None
    paper_ids: tuple[UUID, ...]
    by: Taker


@event("complaint.work_completed")
class WorkCompleted:
    """The request is completed, says whoever worked on it; it goes to `to_unit` to be confirmed."""

    completion_id: UUID
    completed_on: date
    report: Personal[str]
    paper_ids: tuple[UUID, ...]
    by: Taker
    to_unit: str | None = None


# --- commands -------------------------------------------------------------------------------------

PaperIds = Annotated[tuple[UUID, ...], Items(max=50)]


@command
class SubmitPlan(Command):
    """Submit a handling plan for approval."""

    plan_id: UUID
    plan: Narrative
    cost: Money | None = None
    carry_out_by_on: BusinessDate | None = None


@command
class ApprovePlan(Command):
    """Approve the plan that awaits it."""

    plan_id: UUID


@command
class RejectPlan(Command):
    """Reject the plan that awaits approval."""

    plan_id: UUID
    reason: Narrative


@command
class CarryOutPlan(Command):
    """Report that the approved plan was carried out."""

    plan_id: UUID
    carried_out_on: BusinessDate
    cost: Money | None = None
    report: Narrative | None = None
    paper_ids: PaperIds = ()


@command
class CompleteWork(Command):
    """Report that what was asked for is done; `to_unit` gets a part in the case and confirms it."""

    completion_id: UUID
    completed_on: BusinessDate
    report: Narrative
    paper_ids: PaperIds = ()
    to_unit: Code | None = None


# --- refusals -------------------------------------------------------------------------------------


class PlanNotFound(NotFound, code="complaint.plan_not_found"):
    """The case has no plan of this id."""


class PlanAwaitsApproval(Refusal, code="complaint.plan_awaits_approval"):
    """A plan is already submitted; another one is submitted when it is rejected."""


class PlanAlreadyApproved(Refusal, code="complaint.plan_already_approved"):
    """The plan has been approved already."""


class PlanAlreadyRejected(Refusal, code="complaint.plan_already_rejected"):
    """The plan has been rejected already."""


class PlanNotApproved(Refusal, code="complaint.plan_not_approved"):
    """Only an approved plan is carried out."""


class PlanAlreadyCarriedOut(Refusal, code="complaint.plan_already_carried_out"):
    """The plan has been carried out already."""


class PlanNoLongerStands(Refusal, code="complaint.plan_no_longer_stands"):
    """The plan is of an earlier round or another handler; a new one is to be submitted."""


class CostIsTooLarge(Unacceptable, code="complaint.cost_is_too_large"):
    """A cost is not more than any care could cost; see whether a digit was typed too often."""


class CostIsNegative(Unacceptable, code="complaint.cost_is_negative"):
    """A cost is not less than zero."""


# --- rules ----------------------------------------------------------------------------------------

PlanCommand = SubmitPlan | ApprovePlan | RejectPlan | CarryOutPlan | CompleteWork
PlanEvent = PlanSubmitted | PlanApproved | PlanRejected | PlanCarriedOut | WorkCompleted

COST_MINOR_MAX = 10**15
"""Not a policy but a guard: more would not be counted exactly everywhere that counts."""

PAPER = "paper"
"""The evidence that procedures ask for where work has to be proven."""


def decide(case: Complaint, command: PlanCommand, context: Context) -> Sequence[PlanEvent]:
    """Decide on plans and on work done."""
    registered(case)
    match command:
        case SubmitPlan():
            return _submit(case, command, context)
        case ApprovePlan():
            return _approve(case, command, context)
        case RejectPlan():
            return _reject(case, command, context)
        case CarryOutPlan():
            return _carry_out(case, command, context)
        case CompleteWork():
            return _complete(case, command, context)
    assert_never(command)


def _submit(case: Complaint, command: SubmitPlan, context: Context) -> Sequence[PlanEvent]:
    made = PlanSubmitted(
        plan_id=command.plan_id,
        plan=command.plan,
        cost=command.cost,
        carry_out_by_on=command.carry_out_by_on,
        by=taker(context.actor),
    )
    if has_item(case, command.plan_id, made):
        return []
    open_case(case)
    if case.stands(Step.PLAN):
        raise PlanAwaitsApproval(plan=str(case.work.plan_id))
    take(case, context, Step.PLAN)
    _check_cost(command.cost)
    return [made]


def _outcome(case: Complaint, plan_id: UUID) -> PlanEvent | None:
    if not isinstance(case.items.get(plan_id), PlanSubmitted):
        raise PlanNotFound
    outcome: PlanEvent | None = case.outcomes.get(plan_id)
    return outcome


def _approve(case: Complaint, command: ApprovePlan, context: Context) -> Sequence[PlanEvent]:
    outcome = _outcome(case, command.plan_id)
    if isinstance(outcome, PlanApproved | PlanCarriedOut):
        return []
    if outcome is not None:
        raise PlanAlreadyRejected
    open_case(case)
    _check_current(case, command.plan_id)
    take(case, context, Step.PLAN_APPROVAL)
    return [PlanApproved(plan_id=command.plan_id, by=taker(context.actor))]


def _reject(case: Complaint, command: RejectPlan, context: Context) -> Sequence[PlanEvent]:
    outcome = _outcome(case, command.plan_id)
    undone = undone_by(procedure_of(case, context), case.taken, Step.PLAN_APPROVAL)
    made = PlanRejected(
        plan_id=command.plan_id,
        reason=command.reason,
        undone=undone or (Step.PLAN.value,),
        by=taker(context.actor),
    )
    if isinstance(outcome, PlanRejected):
        if same_wish(outcome, made):
            return []
        raise PlanAlreadyRejected
    if outcome is not None:
        raise PlanAlreadyApproved
    open_case(case)
    _check_current(case, command.plan_id)
    take(case, context, Step.PLAN_APPROVAL)
    return [made]


def _carry_out(case: Complaint, command: CarryOutPlan, context: Context) -> Sequence[PlanEvent]:
    outcome = _outcome(case, command.plan_id)
    made = PlanCarriedOut(
        plan_id=command.plan_id,
        carried_out_on=command.carried_out_on,
        cost=command.cost,
        report=command.report,
        paper_ids=command.paper_ids,
        by=taker(context.actor),
    )
    if isinstance(outcome, PlanCarriedOut):
        if same_wish(outcome, made):
            return []
        raise PlanAlreadyCarriedOut
    open_case(case)
    if not isinstance(outcome, PlanApproved):
        raise PlanNotApproved
    _check_current(case, command.plan_id)
    take(case, context, Step.PLAN_EXECUTION, evidence=_evidence(command.paper_ids))
    papers(case, command.paper_ids)
    past_day(command.carried_out_on, context)
    _check_cost(command.cost)
    return [made]


def _complete(case: Complaint, command: CompleteWork, context: Context) -> Sequence[PlanEvent]:
    made = WorkCompleted(
        completion_id=command.completion_id,
        completed_on=command.completed_on,
        report=command.report,
        paper_ids=command.paper_ids,
        by=taker(context.actor),
        to_unit=command.to_unit,
    )
    if has_item(case, command.completion_id, made):
        return []
    open_case(case)
    take(case, context, Step.COMPLETION, evidence=_evidence(command.paper_ids))
    papers(case, command.paper_ids)
    past_day(command.completed_on, context)
    if command.to_unit is not None:
        organisation(context).check_unit(command.to_unit)
    return [made]


def _evidence(paper_ids: Sequence[UUID]) -> tuple[str, ...]:
    return (PAPER,) if paper_ids else ()


def _check_current(case: Complaint, plan_id: UUID) -> None:
    """A plan of an earlier round is history; only the one that stands is decided on."""
    if not case.stands(Step.PLAN) or case.work.plan_id != plan_id:
        raise PlanNoLongerStands


def _check_cost(cost: Money | None) -> None:
    if cost is not None and cost.minor < 0:
        raise CostIsNegative
    if cost is not None and cost.minor > COST_MINOR_MAX:
        raise CostIsTooLarge(minor_max=COST_MINOR_MAX)


# --- what follows ---------------------------------------------------------------------------------


def _submitted(case: Complaint, event: PlanSubmitted) -> Complaint:
    return case.after(
        status=handled(case),
        items=case.items.with_item(event.plan_id, event),
        taken=case.taken.take(Step.PLAN, event.by),
        work=case.work._replace(plan_id=event.plan_id),
    )


def _approved(case: Complaint, event: PlanApproved) -> Complaint:
    return case.after(
        outcomes=case.outcomes.with_item(event.plan_id, event),
        taken=case.taken.take(Step.PLAN_APPROVAL, event.by),
    )


def _rejected(case: Complaint, event: PlanRejected) -> Complaint:
    return case.after(
        outcomes=case.outcomes.with_item(event.plan_id, event),
        taken=case.taken.undo(event.undone),
    )


def _carried_out(case: Complaint, event: PlanCarriedOut) -> Complaint:
    return case.after(
        outcomes=case.outcomes.with_item(event.plan_id, event),
        taken=case.taken.take(Step.PLAN_EXECUTION, event.by),
    )


def _completed(case: Complaint, event: WorkCompleted) -> Complaint:
    return case.after(
        status=Status.COMPLETED,
        items=case.items.with_item(event.completion_id, event),
        taken=case.taken.take(Step.COMPLETION, event.by),
        work=case.work._replace(sent_to_unit=event.to_unit),
        asked_units=case.asked_units
        if event.to_unit is None
        else case.asked_units | {event.to_unit},
    )


FOLLOW: Follow = {
    PlanSubmitted: _submitted,
    PlanApproved: _approved,
    PlanRejected: _rejected,
    PlanCarriedOut: _carried_out,
    WorkCompleted: _completed,
}
