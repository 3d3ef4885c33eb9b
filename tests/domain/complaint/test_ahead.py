"""What is said to be done next, at every turn of a complaint's life."""

from typing import Any

from domain import complaint as c
from domain.procedure import Procedure, StepIsPast
from tests.domain.complaint.desk import (
    APPROVED,
    ASKED,
    CLOSED,
    DEALER,
    EXPERT,
    INVALID,
    JUDGED,
    PLAN,
    QUALITY,
    REGISTERED,
    REPLIED,
    RULES,
    SALES,
    TECHNICAL,
    an_id,
    announced,
    by,
)
from tests.scenario import CASE, Scenario


def offered(case: Scenario) -> list[tuple[str, bool]]:
    """The names of the steps ahead, and whether the case can do without each."""
    state = case.state
    procedure = RULES.pinned(Procedure, state.procedure)
    ahead = c.next_steps(procedure, state.taken, state.status)
    return [(step.name, step.optional) for step in ahead]


def names(case: Scenario) -> list[str]:
    return [name for name, _ in offered(case)]


def test_a_registered_complaint_is_judged_and_nothing_else() -> None:
    assert offered(REGISTERED) == [("judgement", False)]


def test_a_valid_complaint_is_not_answered_as_an_invalid_one() -> None:
    assert offered(REGISTERED.given(JUDGED)) == [("classification", False)]


def test_an_invalid_complaint_is_answered_and_nothing_else() -> None:
    assert offered(REGISTERED.given(INVALID)) == [("invalid_answer", False)]


def test_after_the_end_nothing_is_ahead() -> None:
    assert offered(CLOSED) == []


AGAIN = c.InquirySent(
    inquiry_id=an_id(2), n=2, unit="sales", question="And the rest?", by=by(EXPERT)
)


def test_an_answer_is_awaited_as_long_as_one_inquiry_is_open() -> None:
    both = SALES.given(ASKED, AGAIN)
    one = both.given(REPLIED)
    assert names(both)[0] == names(one)[0] == "inquiry_answer"
    all_answered = one.given(
        c.InquiryAnswered(n=2, inquiry_id=an_id(2), answer="Tomorrow.", by=by(EXPERT))
    )
    assert "result" in names(all_answered)
    assert "inquiry_answer" not in names(all_answered)
    assert names(all_answered.given(AGAIN_LATER))[0] == "inquiry_answer"


AGAIN_LATER = c.InquirySent(
    inquiry_id=an_id(3), n=3, unit="sales", question="Which day?", by=by(EXPERT)
)


def formed(n: int) -> c.VrtFormed:
    return c.VrtFormed(
        vrt_id=an_id(60 + n),
        n=n,
        kind=c.VrtKind.SERVICE,
        lead="tara",
        unit="technical",
        task="?",
        by=by(EXPERT),
    )


def failed(n: int) -> c.VrtFailed:
    return c.VrtFailed(n=n, vrt_id=an_id(60 + n), reason="No car came.", by=by(TECHNICAL))


def test_a_report_is_awaited_as_long_as_one_team_owes_it() -> None:
    assert "vrt_report" not in names(QUALITY.given(formed(1), failed(1)))
    assert "vrt_report" in names(QUALITY.given(formed(1), failed(1), formed(2)))
    assert "vrt_report" in names(QUALITY.given(formed(1), formed(2), failed(1)))


def test_what_prepares_a_result_is_not_offered_after_it() -> None:
    explained = QUALITY.given(announced(c.Outcome.EXPLAINED))
    assert {"plan", "plan_approval", "vrt", "inquiry"}.isdisjoint(names(explained))
    pending = QUALITY.given(PLAN, announced(c.Outcome.EXPLAINED))
    assert names(pending)[0] == "customer_confirmation"


def test_an_approved_plan_can_still_be_carried_out_after_the_result() -> None:
    assert "plan_execution" in names(QUALITY.given(PLAN, APPROVED, announced(c.Outcome.PLANNED)))


def test_a_plan_after_the_result_is_too_late() -> None:
    late: Any = c.SubmitPlan(stream=CASE, plan_id=an_id(51), plan="Replace.")
    QUALITY.given(announced(c.Outcome.EXPLAINED)).when(late, by=DEALER).refused(StepIsPast)
