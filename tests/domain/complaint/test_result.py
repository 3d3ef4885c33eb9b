from datetime import date

from domain import complaint as c
from domain.procedure import (
    SamePartyMayNot,
    StepNeedsEarlierStep,
    StepNotYours,
    VariantNotInProcedure,
)
from tests.domain.complaint.desk import (
    ACCOUNTANT,
    AFTER_SALES,
    ANNOUNCED,
    ASKED,
    CONFIRMED,
    CUSTOMER,
    DEALER,
    EXPERT,
    OTHER_CUSTOMER,
    OTHER_EXPERT,
    QUALITY,
    REPLIED,
    SALES,
    SPECIALIST,
    WORKSHOP,
    an_id,
    announced,
    by,
    confirmed,
)
from tests.scenario import CASE

BY_CUSTOMER, BY_SECOND = c.ConfirmingParty.CUSTOMER, c.ConfirmingParty.SECOND
DEMAND_MET = "Your deposit was paid back today."


def announce(outcome: c.Outcome, number: int = 20, answer: str = DEMAND_MET) -> c.AnnounceResult:
    return c.AnnounceResult(
        stream=CASE,
        result_id=an_id(number),
        outcome=outcome,
        channel=c.Channel.PHONE,
        answer=answer,
    )


def confirm(
    party: c.ConfirmingParty, number: int, *, yes: bool = True, comment: str | None = None
) -> c.ConfirmResult:
    return c.ConfirmResult(
        stream=CASE,
        confirmation_id=an_id(number),
        party=party,
        confirmed=yes,
        comment=comment,
    )


def test_the_result_is_announced() -> None:
    case = (
        SALES.given(ASKED, REPLIED)
        .when(announce(c.Outcome.MET), by=EXPERT)
        .then(announced(c.Outcome.MET))
    )
    assert case.state.status is c.Status.ANNOUNCED


def test_a_result_needs_what_it_rests_on() -> None:
    SALES.when(announce(c.Outcome.MET), by=EXPERT).refused(
        StepNeedsEarlierStep, missing=("inquiry_answer",)
    )
    QUALITY.when(announce(c.Outcome.MET), by=EXPERT).refused(
        StepNeedsEarlierStep, missing=("plan_execution",)
    )
    QUALITY.when(announce(c.Outcome.PLANNED), by=EXPERT).refused(
        StepNeedsEarlierStep, missing=("plan_approval",)
    )
    AFTER_SALES.when(announce(c.Outcome.MET), by=EXPERT).refused(
        StepNeedsEarlierStep, missing=("completion",)
    )


def test_one_result_stands() -> None:
    ANNOUNCED.when(announce(c.Outcome.DECLINED, 25), by=EXPERT).refused(c.ResultAlreadyAnnounced)
    ANNOUNCED.when(announce(c.Outcome.MET, answer="Soon."), by=EXPERT).refused(c.ItemExists)


def test_the_customer_and_a_second_party_confirm() -> None:
    case = ANNOUNCED.when(confirm(BY_CUSTOMER, 21), by=CUSTOMER).then(
        confirmed(BY_CUSTOMER, CUSTOMER, 21, settles=False)
    )
    assert case.state.status is c.Status.ANNOUNCED
    case = case.when(confirm(BY_SECOND, 22), by=OTHER_EXPERT).then(
        confirmed(BY_SECOND, OTHER_EXPERT, 22, settles=True)
    )
    assert case.state.status is c.Status.CONFIRMED


def test_nobody_confirms_before_the_result_is_announced() -> None:
    SALES.when(confirm(BY_CUSTOMER, 21), by=CUSTOMER).refused(c.ResultNotAnnounced)


def test_the_two_confirmations_are_of_different_parties() -> None:
    phoned = ANNOUNCED.given(confirmed(BY_CUSTOMER, EXPERT, 21, settles=False))
    phoned.when(confirm(BY_SECOND, 22), by=EXPERT).refused(
        SamePartyMayNot, other="customer_confirmation"
    )
    phoned.when(confirm(BY_SECOND, 22), by=OTHER_EXPERT).then(
        confirmed(BY_SECOND, OTHER_EXPERT, 22, settles=True)
    )


def test_whoever_did_the_work_does_not_confirm_it() -> None:
    answered = c.InquiryAnswered(
        n=1, inquiry_id=an_id(1), answer="I looked it up.", by=by(OTHER_EXPERT)
    )
    case = SALES.given(ASKED, answered, announced(c.Outcome.MET))
    case.when(confirm(BY_SECOND, 22), by=OTHER_EXPERT).refused(
        SamePartyMayNot, other="inquiry_answer"
    )
    ANNOUNCED.when(confirm(BY_SECOND, 22), by=ACCOUNTANT).refused(StepNotYours)


def test_after_sales_the_company_confirms_first_and_not_the_unit_that_did_the_work() -> None:
    done = c.WorkCompleted(
        completion_id=an_id(55),
        completed_on=date(2026, 2, 28),
        report="Done.",
        paper_ids=(),
        by=by(DEALER),
        to_unit="after_sales",
    )
    case = AFTER_SALES.given(done, announced(c.Outcome.MET))
    case.when(confirm(BY_CUSTOMER, 21), by=SPECIALIST).refused(
        StepNeedsEarlierStep, missing=("second_confirmation",)
    )
    case = case.when(confirm(BY_SECOND, 22), by=WORKSHOP).then(
        confirmed(BY_SECOND, WORKSHOP, 22, settles=False)
    )
    case.when(confirm(BY_CUSTOMER, 21), by=SPECIALIST).then(
        confirmed(BY_CUSTOMER, SPECIALIST, 21, settles=True)
    )


def test_the_unit_that_the_completed_request_went_to_confirms_it() -> None:
    done = c.WorkCompleted(
        completion_id=an_id(55),
        completed_on=date(2026, 2, 28),
        report="The belt was replaced.",
        paper_ids=(),
        by=by(DEALER),
        to_unit="after_sales",
    )
    asked_too = AFTER_SALES.given(ASKED, REPLIED, done, announced(c.Outcome.MET))
    asked_too.when(confirm(BY_SECOND, 21), by=ACCOUNTANT).refused(
        c.SentToAnotherUnit, unit="after_sales"
    )
    asked_too.when(confirm(BY_SECOND, 21), by=WORKSHOP).then(
        confirmed(BY_SECOND, WORKSHOP, 21, settles=False)
    )


def test_a_customer_confirms_her_own_complaint_only() -> None:
    ANNOUNCED.when(confirm(BY_CUSTOMER, 21), by=OTHER_CUSTOMER).refused(
        c.ComplaintOfAnotherCustomer
    )


def test_a_party_confirms_once() -> None:
    CONFIRMED.when(confirm(BY_CUSTOMER, 29), by=CUSTOMER).refused(c.AlreadyConfirmed)
    CONFIRMED.when(confirm(BY_CUSTOMER, 29, yes=False, comment="No."), by=CUSTOMER).refused(
        c.AlreadyConfirmed
    )
    CONFIRMED.when(confirm(BY_CUSTOMER, 21, comment="Yes!"), by=CUSTOMER).refused(c.ItemExists)


def test_a_result_that_is_not_confirmed_sends_the_case_back_to_the_units() -> None:
    case = ANNOUNCED.when(
        confirm(BY_CUSTOMER, 21, yes=False, comment="Nothing came."), by=CUSTOMER
    ).then(
        c.ResultNotConfirmed(
            confirmation_id=an_id(21),
            party=BY_CUSTOMER,
            channel=None,
            reason="Nothing came.",
            undone=("inquiry", "inquiry_answer", "result"),
            by=by(CUSTOMER),
        )
    )
    assert case.state.status is c.Status.IN_HANDLING
    case.when(announce(c.Outcome.MET, 25), by=EXPERT).refused(
        StepNeedsEarlierStep, missing=("inquiry_answer",)
    )


def test_whoever_did_the_work_of_an_earlier_round_does_not_confirm_the_next() -> None:
    refused = c.ResultNotConfirmed(
        confirmation_id=an_id(21),
        party=BY_CUSTOMER,
        channel=None,
        reason="Nothing came.",
        undone=("inquiry", "inquiry_answer", "result"),
        by=by(CUSTOMER),
    )
    mine = c.InquiryAnswered(n=1, inquiry_id=an_id(1), answer="Paid.", by=by(OTHER_EXPERT))
    again = c.InquirySent(
        inquiry_id=an_id(2), n=2, unit="accounting", question="Where is it?", by=by(EXPERT)
    )
    yours = c.InquiryAnswered(n=2, inquiry_id=an_id(2), answer="Now.", by=by(ACCOUNTANT))
    case = SALES.given(ASKED, mine, announced(c.Outcome.MET), refused, again, yours).given(
        announced(c.Outcome.MET, number=25)
    )
    case.when(confirm(BY_SECOND, 22), by=OTHER_EXPERT).refused(SamePartyMayNot)
    case.when(confirm(BY_SECOND, 22), by=EXPERT).then(
        confirmed(BY_SECOND, EXPERT, 22, settles=False)
    )


def test_whoever_does_not_confirm_says_why() -> None:
    ANNOUNCED.when(confirm(BY_CUSTOMER, 21, yes=False), by=CUSTOMER).refused(
        c.NotConfirmedNeedsReason
    )


def test_an_assignment_is_a_way_the_procedure_knows() -> None:
    QUALITY.when(
        c.AssignComplaint(stream=CASE, unit="sales", reason="Not a quality matter.")
    ).refused(VariantNotInProcedure)
