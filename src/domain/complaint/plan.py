"""The plan and the work: a plan is submitted, approved or rejected, carried out; work is done."""

from datetime import date
from typing import Annotated
from uuid import UUID

from domain.declare import Command, NotFound, Refusal, Unacceptable, command, event
from domain.fields import BusinessDate, Items, Narrative, Personal
from domain.money import Money
from domain.procedure import Taker

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
    """The request is completed, says whoever worked on it; it is for others to confirm."""

    completion_id: UUID
    completed_on: date
    report: Personal[str]
    paper_ids: tuple[UUID, ...]
    by: Taker


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
    """Report that what was asked for is done."""

    completion_id: UUID
    completed_on: BusinessDate
    report: Narrative
    paper_ids: PaperIds = ()


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


class CostIsNegative(Unacceptable, code="complaint.cost_is_negative"):
    """A cost is not less than zero."""
