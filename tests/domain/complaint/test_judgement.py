from domain import complaint as c
from domain.procedure import StepNotYours, VariantNotInProcedure
from tests.domain.complaint.desk import (
    ACCOUNTANT,
    DEALER,
    FRESH,
    INVALID,
    JUDGED,
    OTHER_DEALER,
    REGISTERED,
    SALES,
    SPECIALIST,
    TO_DEALER,
    by,
    registered,
)
from tests.scenario import CASE

INVALID_CASE = REGISTERED.given(INVALID)


def judge(valid: bool, reason: str | None = None) -> c.JudgeComplaint:
    return c.JudgeComplaint(stream=CASE, valid=valid, reason=reason)


def answer(through: c.AnswerThrough, text: str = "It is an enquiry.") -> c.AnswerInvalidComplaint:
    return c.AnswerInvalidComplaint(
        stream=CASE, through=through, channel=c.Channel.PHONE, answer=text
    )


def test_a_complaint_is_judged_valid() -> None:
    case = REGISTERED.when(judge(True)).then(JUDGED)
    assert case.state.status is c.Status.VALID


def test_a_complaint_is_judged_invalid_with_a_reason() -> None:
    reason = "An enquiry, not a complaint."
    case = REGISTERED.when(judge(False, reason)).then(INVALID)
    assert case.state.status is c.Status.INVALID
    REGISTERED.when(judge(False)).refused(c.InvalidNeedsReason)


def test_a_complaint_is_judged_once() -> None:
    REGISTERED.given(JUDGED).when(judge(False, "On second thought.")).refused(c.AlreadyJudged)
    INVALID_CASE.when(judge(True)).refused(c.AlreadyJudged)
    INVALID_CASE.when(judge(False, "Another reason.")).refused(c.AlreadyJudged)


def test_a_complaint_is_judged_by_the_offices() -> None:
    REGISTERED.when(judge(True), by=ACCOUNTANT).refused(StepNotYours, step="judgement")


def test_an_invalid_complaint_of_a_customer_is_answered_by_the_service_specialist() -> None:
    through = c.AnswerThrough.SERVICE_SPECIALIST
    case = INVALID_CASE.when(answer(through)).then(
        c.InvalidComplaintAnswered(
            through=through,
            channel=c.Channel.PHONE,
            answer="It is an enquiry.",
            by=by(SPECIALIST),
        )
    )
    assert case.state.status is c.Status.ANSWERED
    case.when(answer(through, "Something else.")).refused(c.AlreadyAnswered)
    INVALID_CASE.when(answer(c.AnswerThrough.DEALER)).refused(c.AnswerGoesThroughSpecialist)


def test_an_invalid_complaint_of_a_dealer_is_answered_through_that_dealer() -> None:
    through = c.AnswerThrough.DEALER
    raised = FRESH.given(
        registered(origin=c.Origin.DEALER, customer_id=None, dealer_id="D-17"), INVALID
    )
    raised.when(answer(through), by=DEALER).then(
        c.InvalidComplaintAnswered(
            through=through, channel=c.Channel.PHONE, answer="It is an enquiry.", by=by(DEALER)
        )
    )
    raised.when(answer(through), by=OTHER_DEALER).refused(c.NotTheAssignedDealer)
    raised.when(answer(c.AnswerThrough.SERVICE_SPECIALIST)).refused(c.AnswerGoesThroughDealer)


def test_only_an_invalid_complaint_is_answered_so() -> None:
    SALES.when(answer(c.AnswerThrough.SERVICE_SPECIALIST)).refused(c.NotJudgedInvalid)


def test_an_invalid_complaint_is_not_handled() -> None:
    grading = c.GradeComplaint(stream=CASE, importance=c.Importance.HIGH)
    INVALID_CASE.when(grading).refused(c.ComplaintIsInvalid)


def test_a_case_is_assigned_in_the_ways_its_procedure_has() -> None:
    quality = FRESH.given(registered("dealer"), JUDGED)
    unit = c.AssignComplaint(stream=CASE, unit="sales")
    quality.when(unit).refused(VariantNotInProcedure, variants=["dealer"])


def test_a_dealer_does_not_answer_in_place_of_the_service_specialist() -> None:
    case = FRESH.given(registered("carried_over"), TO_DEALER, INVALID)
    case.when(answer(c.AnswerThrough.SERVICE_SPECIALIST), by=DEALER).refused(
        c.AnswerGoesThroughSpecialist
    )
