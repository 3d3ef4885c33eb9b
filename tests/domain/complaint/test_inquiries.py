from domain import complaint as c
from domain.organisation import UnitUnknown
from domain.procedure import StepIsPast, StepNeedsEarlierStep, StepNotYours
from tests.domain.complaint.desk import (
    ACCOUNTANT,
    ANNOUNCED,
    ASKED,
    CUSTOMER,
    EXPERT,
    GRADED,
    JUDGED,
    REGISTERED,
    REPLIED,
    SALES,
    SELLER,
    WORKSHOP,
    an_id,
    by,
    classified,
)
from tests.scenario import CASE


def ask(number: int = 1, unit: str = "accounting", question: str = "Was it paid?") -> c.SendInquiry:
    return c.SendInquiry(stream=CASE, inquiry_id=an_id(number), unit=unit, question=question)


def reply(n: int = 1, answer: str = "It is paid today.") -> c.AnswerInquiry:
    return c.AnswerInquiry(stream=CASE, n=n, answer=answer)


def test_a_unit_is_asked_and_has_a_part_in_the_case_from_then_on() -> None:
    case = SALES.when(ask(), by=EXPERT).then(ASKED)
    assert case.state.status is c.Status.IN_HANDLING
    assert c.parties(case.state).units == {"sales", "accounting"}


def test_inquiries_are_counted() -> None:
    SALES.given(ASKED).when(ask(2, "sales", "Who promised it?"), by=EXPERT).then(
        c.InquirySent(
            inquiry_id=an_id(2), n=2, unit="sales", question="Who promised it?", by=by(EXPERT)
        )
    )


def test_an_id_stands_for_one_inquiry() -> None:
    SALES.given(ASKED).when(ask(question="Is it paid?"), by=EXPERT).refused(c.ItemExists)


def test_only_an_assigned_case_is_inquired_into() -> None:
    graded = REGISTERED.given(JUDGED, classified("sales", c.Kind.SALES, "refund"), GRADED)
    graded.when(ask(), by=EXPERT).refused(StepNeedsEarlierStep, missing=("assignment",))


def test_a_unit_that_is_asked_exists() -> None:
    SALES.when(ask(unit="astrology"), by=EXPERT).refused(UnitUnknown)


def test_nothing_is_asked_once_the_result_is_announced() -> None:
    ANNOUNCED.when(ask(2), by=EXPERT).refused(StepIsPast, taken=["result"])


def test_the_unit_that_was_asked_answers() -> None:
    SALES.given(ASKED).when(reply(), by=ACCOUNTANT).then(REPLIED)


def test_another_unit_does_not_answer() -> None:
    asked = SALES.given(ASKED)
    asked.when(reply(), by=SELLER).refused(c.InquiryOfAnotherUnit, unit="accounting")
    asked.when(reply(), by=WORKSHOP).refused(c.UnitHasNoPart)
    asked.when(reply(), by=CUSTOMER).refused(StepNotYours)


def test_an_inquiry_is_answered_once() -> None:
    SALES.given(ASKED, REPLIED).when(reply(answer="No."), by=ACCOUNTANT).refused(
        c.InquiryAlreadyAnswered, n=1
    )


def test_an_inquiry_that_was_not_sent_is_not_answered() -> None:
    SALES.when(reply(), by=ACCOUNTANT).refused(c.InquiryNotFound, n=1)
