from datetime import date
from typing import Any

from domain import complaint as c
from domain.declare import Role
from domain.money import Currency, Money
from domain.organisation import UnitUnknown
from domain.procedure import (
    SamePartyMayNot,
    StepNeedsEvidence,
    StepNotInProcedure,
    StepNotYours,
)
from tests.domain.complaint.desk import (
    AFTER_SALES,
    APPROVED,
    CARRIED_OUT,
    CLOSED,
    CUSTOMER,
    DEALER,
    EXPERT,
    MANAGER,
    OTHER_DEALER,
    PLAN,
    QUALITY,
    RECEIPT,
    SALES,
    SUPERVISOR,
    actor,
    an_id,
    announced,
    by,
    confirmed,
)
from tests.scenario import CASE

RIALS = Money(minor=45_000_000, currency=Currency.IRR)
TOO_MUCH = Money(minor=10**15 + 1, currency=Currency.IRR)
LOSS = Money(minor=-1, currency=Currency.IRR)


def submit(number: int = 50, cost: Money | None = None) -> c.SubmitPlan:
    return c.SubmitPlan(
        stream=CASE,
        plan_id=an_id(number),
        plan="Replace the brake discs.",
        cost=cost,
        carry_out_by_on=date(2026, 3, 10),
    )


APPROVE = c.ApprovePlan(stream=CASE, plan_id=an_id(50))
REJECT = c.RejectPlan(stream=CASE, plan_id=an_id(50), reason="Too dear.")
REJECTED = c.PlanRejected(
    plan_id=an_id(50), reason="Too dear.", undone=("plan",), by=by(SUPERVISOR)
)


def carry_out(
    on: date = date(2026, 2, 28), cost: Money | None = None, papers: bool = True
) -> c.CarryOutPlan:
    return c.CarryOutPlan(
        stream=CASE,
        plan_id=an_id(50),
        carried_out_on=on,
        cost=cost,
        paper_ids=(an_id(30),) if papers else (),
    )


def complete(number: int = 55, **facts: Any) -> c.CompleteWork:
    defaults: dict[str, Any] = {"completed_on": date(2026, 2, 28), "report": "Done."}
    return c.CompleteWork(
        stream=CASE,
        completion_id=an_id(number),
        **{**defaults, **facts},
    )


def test_the_assigned_dealer_submits_a_plan() -> None:
    case = QUALITY.when(submit(), by=DEALER).then(PLAN)
    assert case.state.status is c.Status.IN_HANDLING
    QUALITY.when(submit(), by=OTHER_DEALER).refused(c.NotTheAssignedDealer)
    QUALITY.when(submit(), by=EXPERT).refused(StepNotYours)
    SALES.when(submit(), by=DEALER).refused(StepNotInProcedure)


def test_a_plan_costs_something_or_nothing() -> None:
    QUALITY.when(submit(cost=RIALS), by=DEALER).then(
        c.PlanSubmitted(
            plan_id=an_id(50),
            plan="Replace the brake discs.",
            cost=RIALS,
            carry_out_by_on=date(2026, 3, 10),
            by=by(DEALER),
        )
    )
    QUALITY.when(submit(cost=LOSS), by=DEALER).refused(c.CostIsNegative)
    QUALITY.when(submit(cost=TOO_MUCH), by=DEALER).refused(c.CostIsTooLarge)


def test_one_plan_at_a_time() -> None:
    QUALITY.given(PLAN).when(submit(51), by=DEALER).refused(c.PlanAwaitsApproval)
    QUALITY.given(PLAN).when(submit(cost=RIALS), by=DEALER).refused(c.ItemExists)


def test_a_plan_is_approved() -> None:
    QUALITY.given(PLAN).when(APPROVE, by=SUPERVISOR).then(APPROVED)
    QUALITY.given(PLAN, APPROVED, RECEIPT, CARRIED_OUT).when(APPROVE, by=MANAGER).then_nothing()


def test_nobody_approves_the_plan_of_her_own_dealership() -> None:
    colleague = actor("delaram", Role.EXPERT, dealer_id="D-17")
    QUALITY.given(PLAN).when(APPROVE, by=colleague).refused(SamePartyMayNot, other="plan")
    QUALITY.given(PLAN).when(APPROVE, by=DEALER).refused(StepNotYours)


def test_a_rejected_plan_makes_room_for_another() -> None:
    case = QUALITY.given(PLAN).when(REJECT, by=SUPERVISOR).then(REJECTED)
    case.when(submit(51), by=DEALER).then(
        c.PlanSubmitted(
            plan_id=an_id(51),
            plan="Replace the brake discs.",
            cost=None,
            carry_out_by_on=date(2026, 3, 10),
            by=by(DEALER),
        )
    )


def test_a_plan_is_decided_on_once() -> None:
    approved, rejected = QUALITY.given(PLAN, APPROVED), QUALITY.given(PLAN, REJECTED)
    approved.when(REJECT, by=SUPERVISOR).refused(c.PlanAlreadyApproved)
    rejected.when(APPROVE, by=SUPERVISOR).refused(c.PlanAlreadyRejected)
    other = c.RejectPlan(stream=CASE, plan_id=an_id(50), reason="Too late.")
    rejected.when(other, by=SUPERVISOR).refused(c.PlanAlreadyRejected)


def test_a_plan_that_is_not_there_is_not_decided_on() -> None:
    for command in (APPROVE, REJECT, carry_out()):
        QUALITY.when(command, by=SUPERVISOR).refused(c.PlanNotFound)


def test_an_approved_plan_is_carried_out_with_proof() -> None:
    approved = QUALITY.given(PLAN, APPROVED)
    approved.given(RECEIPT).when(carry_out(), by=DEALER).then(CARRIED_OUT)
    approved.when(carry_out(papers=False), by=DEALER).refused(StepNeedsEvidence, missing=["paper"])
    approved.when(carry_out(), by=DEALER).refused(c.PaperNotFound)


def test_only_an_approved_plan_is_carried_out() -> None:
    QUALITY.given(PLAN, RECEIPT).when(carry_out(), by=DEALER).refused(c.PlanNotApproved)
    QUALITY.given(PLAN, REJECTED, RECEIPT).when(carry_out(), by=DEALER).refused(c.PlanNotApproved)


def test_a_plan_is_carried_out_once_and_not_tomorrow() -> None:
    done = QUALITY.given(PLAN, APPROVED, RECEIPT, CARRIED_OUT)
    done.when(carry_out(cost=RIALS), by=DEALER).refused(c.PlanAlreadyCarriedOut)
    approved = QUALITY.given(PLAN, APPROVED, RECEIPT)
    approved.when(carry_out(on=date(2026, 3, 3)), by=DEALER).refused(c.DayInFuture)
    approved.when(carry_out(cost=LOSS), by=DEALER).refused(c.CostIsNegative)


def test_a_plan_of_an_earlier_round_is_history() -> None:
    refused = c.ResultNotConfirmed(
        confirmation_id=an_id(21),
        party=c.ConfirmingParty.CUSTOMER,
        channel=None,
        reason="It squeals again.",
        undone=("plan", "plan_approval", "result"),
        by=by(SUPERVISOR),
    )
    back = QUALITY.given(PLAN, APPROVED, RECEIPT, announced(c.Outcome.PLANNED), refused)
    back.when(carry_out(), by=DEALER).refused(c.PlanNoLongerStands)
    QUALITY.given(PLAN, RECEIPT, announced(c.Outcome.PLANNED), refused).when(
        APPROVE, by=SUPERVISOR
    ).refused(c.PlanNoLongerStands)


def test_work_is_completed_and_goes_to_the_unit_that_confirms_it() -> None:
    case = AFTER_SALES.when(complete(to_unit="after_sales"), by=DEALER).then(
        c.WorkCompleted(
            completion_id=an_id(55),
            completed_on=date(2026, 2, 28),
            report="Done.",
            paper_ids=(),
            by=by(DEALER),
            to_unit="after_sales",
        )
    )
    assert case.state.status is c.Status.COMPLETED
    assert c.parties(case.state).units == {"after_sales"}
    case.when(complete(report="Done twice."), by=DEALER).refused(c.ItemExists)


def test_completed_work_is_real() -> None:
    AFTER_SALES.when(complete(completed_on=date(2026, 3, 9)), by=DEALER).refused(c.DayInFuture)
    AFTER_SALES.when(complete(paper_ids=(an_id(30),)), by=DEALER).refused(c.PaperNotFound)
    AFTER_SALES.when(complete(to_unit="astrology"), by=DEALER).refused(UnitUnknown)
    AFTER_SALES.when(complete(), by=OTHER_DEALER).refused(c.NotTheAssignedDealer)


def test_a_closed_case_is_not_worked_on() -> None:
    CLOSED.when(submit(), by=DEALER).refused(c.ComplaintIsClosed)
    CLOSED.when(complete(), by=DEALER).refused(c.ComplaintIsClosed)


ANEW = c.SubmitPlan(stream=CASE, plan_id=an_id(51), plan="Replace discs and pads.")
MOVED = c.AssignComplaint(
    stream=CASE, region="south", dealer_id="D-99", reason="She moved to the south."
)


def moved(*undone: str) -> c.ComplaintAssigned:
    return c.ComplaintAssigned(
        region="south",
        dealer_id="D-99",
        unit=None,
        by=by(SUPERVISOR),
        reason="She moved to the south.",
        undone=undone,
    )


def test_another_dealer_makes_a_plan_of_its_own() -> None:
    approved = QUALITY.given(PLAN, APPROVED)
    case = approved.when(MOVED, by=SUPERVISOR).then(moved("plan", "plan_approval"))
    case.when(
        c.CarryOutPlan(stream=CASE, plan_id=an_id(50), carried_out_on=date(2026, 2, 28)),
        by=OTHER_DEALER,
    ).refused(c.PlanNoLongerStands)
    case.when(ANEW, by=OTHER_DEALER).then(
        c.PlanSubmitted(
            plan_id=an_id(51),
            plan="Replace discs and pads.",
            cost=None,
            carry_out_by_on=None,
            by=by(OTHER_DEALER),
        )
    )


def test_a_plan_that_awaits_approval_stays_with_whoever_made_it() -> None:
    case = QUALITY.given(PLAN).when(MOVED, by=SUPERVISOR).then(moved("plan"))
    case.when(c.ApprovePlan(stream=CASE, plan_id=an_id(50)), by=SUPERVISOR).refused(
        c.PlanNoLongerStands
    )


def test_what_was_carried_out_or_told_stands_whoever_handles_the_case() -> None:
    done = QUALITY.given(PLAN, APPROVED, RECEIPT, CARRIED_OUT)
    told = QUALITY.given(PLAN, APPROVED, announced(c.Outcome.PLANNED))
    for case in (done, told):
        case.when(MOVED, by=SUPERVISOR).then(moved())


def test_the_same_dealer_keeps_its_plan_when_the_handler_changes() -> None:
    QUALITY.given(PLAN).when(
        c.AssignComplaint(
            stream=CASE, region="north", dealer_id="D-17", handler="erfan", reason="On leave."
        ),
        by=SUPERVISOR,
    ).then(
        c.ComplaintAssigned(
            region="north",
            dealer_id="D-17",
            unit=None,
            handler="erfan",
            by=by(SUPERVISOR),
            reason="On leave.",
        )
    )


def test_after_sales_work_that_was_not_confirmed_is_planned_anew() -> None:
    case = AFTER_SALES.given(
        PLAN,
        APPROVED,
        RECEIPT,
        CARRIED_OUT,
        announced(c.Outcome.PLANNED),
        confirmed(c.ConfirmingParty.SECOND, EXPERT, 21, settles=False),
    ).after(
        (
            CUSTOMER,
            c.ConfirmResult(
                stream=CASE,
                confirmation_id=an_id(22),
                party=c.ConfirmingParty.CUSTOMER,
                confirmed=False,
                comment="It still judders.",
            ),
        ),
    )
    case.when(ANEW, by=DEALER).then(
        c.PlanSubmitted(
            plan_id=an_id(51),
            plan="Replace discs and pads.",
            cost=None,
            carry_out_by_on=None,
            by=by(DEALER),
        )
    )
