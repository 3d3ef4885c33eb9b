from datetime import date
from typing import Any

import pytest

from domain import complaint as c
from domain.procedure import StepNeedsEarlierStep, StepNotYours
from tests.domain.complaint.desk import (
    AFTER_SALES,
    ANNOUNCED,
    APPROVED,
    ASKED,
    CARRIED_OUT,
    CLOSED,
    CONFIRMED,
    CUSTOMER,
    DEALER,
    EXPERT,
    FRESH,
    INVALID,
    JUDGED,
    LETTER_IN,
    LETTER_OUT,
    OTHER_EXPERT,
    PLAN,
    QUALITY,
    RECEIPT,
    REGISTERED,
    REPLIED,
    SALES,
    SPECIALIST,
    SUPERVISOR,
    an_id,
    announced,
    by,
    closed,
    confirmed,
    registered,
)
from tests.scenario import CASE

G = c.ClosingGround


def close(ground: c.ClosingGround, number: int = 40, **evidence: Any) -> c.CloseComplaint:
    return c.CloseComplaint(stream=CASE, closure_id=an_id(number), ground=ground, **evidence)


def both_confirmed(outcome: c.Outcome) -> Any:
    return SALES.given(
        ASKED,
        REPLIED,
        announced(outcome),
        confirmed(c.ConfirmingParty.CUSTOMER, CUSTOMER, 21, settles=False),
        confirmed(c.ConfirmingParty.SECOND, OTHER_EXPERT, 22, settles=True),
    )


def test_ground_1_a_withdrawal_is_proven_by_the_customers_own_word() -> None:
    explained = SALES.given(ASKED, REPLIED, announced(c.Outcome.EXPLAINED), LETTER_IN, LETTER_OUT)
    case = explained.when(close(G.WITHDRAWN, paper_ids=(an_id(31),)), by=EXPERT).then(
        closed(G.WITHDRAWN, paper_ids=(an_id(31),))
    )
    assert case.state.status is c.Status.CLOSED
    for unproven in ((), (an_id(32),)):
        explained.when(close(G.WITHDRAWN, paper_ids=unproven), by=EXPERT).refused(
            c.AcceptanceNotProven
        )


def test_ground_1_a_signed_acceptance_is_her_own_word_too() -> None:
    signed = c.DocumentAdded(
        document_id=an_id(33),
        kind=c.PaperKind.CUSTOMER_ACCEPTANCE,
        title="Signed",
        media_type="application/pdf",
        size_bytes=1,
        content_sha256="ef" * 32,
    )
    ANNOUNCED.given(signed).when(close(G.WITHDRAWN, paper_ids=(an_id(33),)), by=EXPERT).then(
        closed(G.WITHDRAWN, paper_ids=(an_id(33),))
    )


def test_ground_2_is_proven_by_papers() -> None:
    CONFIRMED.given(RECEIPT).when(close(G.CARRIED_OUT, paper_ids=(an_id(30),)), by=EXPERT).then(
        closed(G.CARRIED_OUT)
    )
    CONFIRMED.when(close(G.CARRIED_OUT), by=EXPERT).refused(c.ExecutionNotProven)
    CONFIRMED.when(close(G.CARRIED_OUT, paper_ids=(an_id(30),)), by=EXPERT).refused(c.PaperNotFound)


def test_ground_2_is_proven_by_a_plan_carried_out() -> None:
    case = QUALITY.given(
        PLAN,
        APPROVED,
        RECEIPT,
        CARRIED_OUT,
        announced(c.Outcome.MET),
        confirmed(c.ConfirmingParty.CUSTOMER, CUSTOMER, 21, settles=False),
        confirmed(c.ConfirmingParty.SECOND, SUPERVISOR, 22, settles=True),
    )
    case.when(close(G.CARRIED_OUT), by=EXPERT).then(closed(G.CARRIED_OUT, paper_ids=()))


def test_ground_3_is_agreed_on_with_a_day_and_a_reason() -> None:
    planned = both_confirmed(c.Outcome.PLANNED)
    day, why = date(2026, 4, 1), c.FollowUpReason.CUSTOMER
    planned.when(close(G.FOLLOW_UP, follow_up_on=day, follow_up_reason=why), by=EXPERT).then(
        closed(G.FOLLOW_UP, paper_ids=(), follow_up_on=day, follow_up_reason=why)
    )
    planned.when(close(G.FOLLOW_UP, follow_up_on=day), by=EXPERT).refused(c.FollowUpNotAgreed)
    planned.when(close(G.FOLLOW_UP, follow_up_reason=why), by=EXPERT).refused(c.FollowUpNotAgreed)
    past = date(2026, 2, 28)
    planned.when(close(G.FOLLOW_UP, follow_up_on=past, follow_up_reason=why), by=EXPERT).refused(
        c.FollowUpInPast
    )


def test_ground_4_names_the_law_and_the_answer_that_was_given() -> None:
    declined = both_confirmed(c.Outcome.DECLINED)
    declined.when(close(G.UNFOUNDED, basis="warranty 4.2"), by=EXPERT).then(
        closed(G.UNFOUNDED, paper_ids=(), basis="warranty 4.2")
    )
    declined.when(close(G.UNFOUNDED), by=EXPERT).refused(c.BasisMissing)


def test_ground_4_without_an_announced_result_takes_the_answer_as_a_paper() -> None:
    carried = FRESH.given(registered("carried_over"), LETTER_IN, LETTER_OUT)
    carried.when(
        close(G.UNFOUNDED, basis="warranty 4.2", paper_ids=(an_id(31),)), by=EXPERT
    ).refused(c.AnswerNotGiven)
    carried.when(close(G.UNFOUNDED, basis="warranty 4.2", paper_ids=(an_id(32),)), by=EXPERT).then(
        closed(G.UNFOUNDED, paper_ids=(an_id(32),), basis="warranty 4.2")
    )


def test_a_case_is_closed_on_the_evidence_of_its_own_ground() -> None:
    case = CONFIRMED.given(RECEIPT)
    for alien in (
        {"basis": "warranty 4.2"},
        {"follow_up_on": date(2026, 4, 1)},
        {"follow_up_reason": c.FollowUpReason.OBJECTIVE},
    ):
        case.when(close(G.CARRIED_OUT, paper_ids=(an_id(30),), **alien), by=EXPERT).refused(
            c.EvidenceOfAnotherGround
        )


@pytest.mark.parametrize(
    ("ground", "outcome"),
    [
        (G.CARRIED_OUT, c.Outcome.DECLINED),
        (G.CARRIED_OUT, c.Outcome.EXPLAINED),
        (G.FOLLOW_UP, c.Outcome.MET),
        (G.UNFOUNDED, c.Outcome.MET),
    ],
)
def test_a_ground_fits_the_result(ground: c.ClosingGround, outcome: c.Outcome) -> None:
    both_confirmed(outcome).when(close(ground), by=EXPERT).refused(c.GroundContradictsResult)


def test_a_case_is_closed_after_the_confirmations_its_ground_needs() -> None:
    ANNOUNCED.when(close(G.CARRIED_OUT), by=EXPERT).refused(
        StepNeedsEarlierStep, missing=("customer_confirmation", "second_confirmation")
    )
    SALES.when(close(G.WITHDRAWN), by=EXPERT).refused(StepNeedsEarlierStep, missing=("result",))
    CONFIRMED.when(close(G.CARRIED_OUT), by=CUSTOMER).refused(StepNotYours)


def test_a_case_is_closed_once() -> None:
    CLOSED.when(close(G.CARRIED_OUT, 41, paper_ids=(an_id(30),)), by=EXPERT).refused(
        c.ComplaintIsClosed
    )
    CLOSED.when(close(G.WITHDRAWN), by=EXPERT).refused(c.ItemExists)


REOPEN = c.ReopenComplaint(stream=CASE, reopening_id=an_id(42), reason="The cheque bounced.")


def test_a_closed_case_is_reopened_with_a_reason_and_goes_back_to_the_units() -> None:
    case = CLOSED.when(REOPEN, by=SUPERVISOR).then(
        c.ComplaintReopened(
            reopening_id=an_id(42),
            reason="The cheque bounced.",
            undone=(
                "inquiry",
                "inquiry_answer",
                "result",
                "customer_confirmation",
                "second_confirmation",
                "closure",
            ),
            by=by(SUPERVISOR),
        )
    )
    assert case.state.status is c.Status.IN_HANDLING
    again = c.ReopenComplaint(stream=CASE, reopening_id=an_id(42), reason="No reason.")
    case.when(again, by=SUPERVISOR).refused(c.ItemExists)


def agreed(case: Any, second: Any = SUPERVISOR) -> Any:
    """Both parties confirm the plan that was announced."""
    return case.given(
        announced(c.Outcome.PLANNED),
        confirmed(c.ConfirmingParty.SECOND, second, 22, settles=False),
        confirmed(c.ConfirmingParty.CUSTOMER, CUSTOMER, 21, settles=True),
    )


FOLLOWED_UP = closed(
    G.FOLLOW_UP,
    paper_ids=(),
    follow_up_on=date(2026, 4, 1),
    follow_up_reason=c.FollowUpReason.OBJECTIVE,
)


@pytest.mark.parametrize("assigned", [QUALITY, AFTER_SALES])
def test_a_case_closed_with_a_follow_up_is_reopened_to_carry_out_the_agreed_plan(
    assigned: Any,
) -> None:
    case = agreed(assigned.given(PLAN, APPROVED)).given(FOLLOWED_UP)
    reopened = case.after((SUPERVISOR, REOPEN)).given(RECEIPT)
    assert reopened.state.taken.done.issuperset({"plan", "plan_approval"})
    assert reopened.state.taken.done.isdisjoint({"result", "customer_confirmation", "closure"})
    reopened.when(
        c.CarryOutPlan(
            stream=CASE,
            plan_id=an_id(50),
            carried_out_on=date(2026, 2, 28),
            paper_ids=(an_id(30),),
        ),
        by=DEALER,
    ).then(CARRIED_OUT)


def test_a_repair_that_did_not_hold_is_planned_anew_after_reopening() -> None:
    case = agreed(AFTER_SALES.given(PLAN, APPROVED, RECEIPT, CARRIED_OUT), EXPERT)
    reopened = case.given(closed(paper_ids=())).after((SUPERVISOR, REOPEN))
    assert reopened.state.taken.done.isdisjoint({"plan", "plan_approval", "plan_execution"})


def test_an_agreed_plan_that_waits_was_not_carried_out() -> None:
    case = agreed(QUALITY.given(PLAN, APPROVED)).given(RECEIPT)
    case.when(close(G.CARRIED_OUT, paper_ids=(an_id(30),)), by=EXPERT).refused(c.ExecutionNotProven)
    done = case.given(CARRIED_OUT)
    done.when(close(G.CARRIED_OUT), by=EXPERT).then(closed(paper_ids=()))
    late: dict[str, Any] = {
        "follow_up_on": date(2026, 4, 1),
        "follow_up_reason": c.FollowUpReason.CUSTOMER,
    }
    done.when(close(G.FOLLOW_UP, **late), by=EXPERT).refused(c.PlanAlreadyCarriedOut)


def test_after_reopening_a_withdrawal_takes_a_new_word_of_the_customer() -> None:
    explained = SALES.given(ASKED, REPLIED, announced(c.Outcome.EXPLAINED), LETTER_IN)
    withdrawn = explained.given(closed(G.WITHDRAWN, paper_ids=(an_id(31),)))
    again = withdrawn.after((SUPERVISOR, REOPEN)).given(
        ASKED_AGAIN, REPLIED_AGAIN, announced(c.Outcome.EXPLAINED, number=25)
    )
    old, new = (an_id(31),), (an_id(31), an_id(35))
    again.when(close(G.WITHDRAWN, 44, paper_ids=old), by=EXPERT).refused(c.AcceptanceNotProven)
    another = c.CorrespondenceRecorded(
        correspondence_id=an_id(35),
        direction=c.Direction.IN,
        correspondent=c.Correspondent.CUSTOMER,
        channel=c.Channel.EMAIL,
        content="Now it is clear to me.",
        happened_at=LETTER_IN.happened_at,
    )
    again.given(another).when(close(G.WITHDRAWN, 44, paper_ids=new), by=EXPERT).then(
        closed(G.WITHDRAWN, closure_id=an_id(44), paper_ids=new)
    )


ASKED_AGAIN = c.InquirySent(
    inquiry_id=an_id(2), n=2, unit="accounting", question="Why not?", by=by(EXPERT)
)
REPLIED_AGAIN = c.InquiryAnswered(n=2, inquiry_id=an_id(2), answer="It is.", by=by(EXPERT))


def test_a_case_judged_invalid_by_mistake_is_judged_anew_without_telling_the_customer() -> None:
    case = (
        REGISTERED.given(INVALID)
        .when(REOPEN, by=SUPERVISOR)
        .then(
            c.ComplaintReopened(
                reopening_id=an_id(42),
                reason="The cheque bounced.",
                undone=("judgement",),
                by=by(SUPERVISOR),
            )
        )
    )
    case.when(c.JudgeComplaint(stream=CASE, valid=True)).then(JUDGED)


def test_an_answered_invalid_case_is_reopened_to_be_judged_again() -> None:
    answered = REGISTERED.given(
        INVALID,
        c.InvalidComplaintAnswered(
            through=c.AnswerThrough.SERVICE_SPECIALIST,
            channel=c.Channel.PHONE,
            answer="An enquiry.",
            by=by(SPECIALIST),
        ),
    )
    case = answered.when(REOPEN, by=SUPERVISOR).then(
        c.ComplaintReopened(
            reopening_id=an_id(42),
            reason="The cheque bounced.",
            undone=("judgement",),
            by=by(SUPERVISOR),
        )
    )
    case.when(c.JudgeComplaint(stream=CASE, valid=True)).then(JUDGED)


def test_an_open_case_is_not_reopened() -> None:
    SALES.when(REOPEN, by=SUPERVISOR).refused(c.ComplaintNotEnded)


def call(satisfaction: int | None, reached: bool = True) -> c.RecordCallback:
    return c.RecordCallback(
        stream=CASE, callback_id=an_id(43), reached=reached, satisfaction=satisfaction
    )


def test_the_customer_is_called_back_after_the_end() -> None:
    case = CLOSED.when(call(5)).then(
        c.CalledBack(callback_id=an_id(43), reached=True, satisfaction=5, comment=None)
    )
    case.when(call(4)).refused(c.ItemExists)
    CLOSED.when(call(None, reached=False)).then(
        c.CalledBack(callback_id=an_id(43), reached=False, satisfaction=None, comment=None)
    )
    SALES.when(call(5)).refused(c.ComplaintNotEnded)


def test_whoever_is_reached_says_how_satisfied_she_is() -> None:
    CLOSED.when(call(None)).refused(c.SatisfactionUnclear)
    CLOSED.when(call(3, reached=False)).refused(c.SatisfactionUnclear)
