"""Each procedure walked from registration to the end, as people would."""

from datetime import date
from typing import Any

from domain import complaint as c
from domain.declare import Actor
from domain.procedure import Procedure
from tests.domain.complaint.desk import (
    ACCOUNTANT,
    CUSTOMER,
    DEALER,
    EXPERT,
    FRESH,
    OTHER_EXPERT,
    RULES,
    SPECIALIST,
    SUPERVISOR,
    TECHNICAL,
    WORKSHOP,
    an_id,
    register,
)
from tests.scenario import CASE, Scenario

Steps = list[tuple[Actor, Any]]


def sorted_out(kind: c.Kind, subject: str, **to: str) -> Steps:
    return [
        (CUSTOMER, register(kind=kind)),
        (SPECIALIST, c.JudgeComplaint(stream=CASE, valid=True)),
        (SPECIALIST, c.ClassifyComplaint(stream=CASE, kind=kind, subject=subject)),
        (SPECIALIST, c.GradeComplaint(stream=CASE, importance=c.Importance.NORMAL)),
        (SPECIALIST, c.AssignComplaint(stream=CASE, **to)),
    ]


def announce(outcome: c.Outcome, number: int) -> c.AnnounceResult:
    return c.AnnounceResult(
        stream=CASE,
        result_id=an_id(number),
        outcome=outcome,
        channel=c.Channel.PHONE,
        answer="It is done.",
    )


def confirm(party: c.ConfirmingParty, number: int, comment: str | None = None) -> c.ConfirmResult:
    return c.ConfirmResult(
        stream=CASE,
        confirmation_id=an_id(number),
        party=party,
        confirmed=comment is None,
        comment=comment,
    )


def ask(number: int) -> c.SendInquiry:
    return c.SendInquiry(
        stream=CASE, inquiry_id=an_id(number), unit="accounting", question="Was it paid?"
    )


def paper(number: int) -> c.AddDocument:
    return c.AddDocument(
        stream=CASE,
        document_id=an_id(number),
        kind=c.PaperKind.REPAIR_ORDER,
        title="Repair order",
        media_type="application/pdf",
        size_bytes=900,
        content_sha256="ab" * 32,
    )


def close(number: int, *papers: int) -> c.CloseComplaint:
    return c.CloseComplaint(
        stream=CASE,
        closure_id=an_id(number),
        ground=c.ClosingGround.CARRIED_OUT,
        paper_ids=tuple(an_id(p) for p in papers),
    )


def awaited(case: Scenario) -> str | None:
    """The first step that the worklist would show."""
    state = case.state
    if state.procedure is None:
        return None
    procedure = RULES.pinned(Procedure, state.procedure)
    ahead = c.next_steps(procedure, state.taken, state.status)
    return next((step.name for step in ahead if not step.optional), None)


def walk(steps: Steps) -> tuple[Scenario, list[str | None]]:
    case, shown = FRESH, []
    for step in steps:
        case = case.after(step)
        shown.append(awaited(case))
    return case, shown


BY_CUSTOMER, BY_SECOND = c.ConfirmingParty.CUSTOMER, c.ConfirmingParty.SECOND


def test_a_sales_complaint_goes_round_twice_and_is_closed() -> None:
    case, shown = walk(
        [
            *sorted_out(c.Kind.SALES, "refund", unit="sales"),
            (EXPERT, ask(1)),
            (ACCOUNTANT, c.AnswerInquiry(stream=CASE, n=1, answer="Paid.")),
            (EXPERT, announce(c.Outcome.MET, 20)),
            (CUSTOMER, confirm(BY_CUSTOMER, 21, "Nothing came.")),
            (EXPERT, ask(2)),
            (ACCOUNTANT, c.AnswerInquiry(stream=CASE, n=2, answer="Now it is.")),
            (EXPERT, announce(c.Outcome.MET, 22)),
            (CUSTOMER, confirm(BY_CUSTOMER, 23)),
            (OTHER_EXPERT, confirm(BY_SECOND, 24)),
            (EXPERT, paper(30)),
            (EXPERT, close(40, 30)),
        ]
    )
    assert case.state.status is c.Status.CLOSED
    assert shown == [
        "judgement",
        "classification",
        "grading",
        "assignment",
        "inquiry",
        "inquiry_answer",
        "result",
        "customer_confirmation",
        "inquiry",
        "inquiry_answer",
        "result",
        "customer_confirmation",
        "second_confirmation",
        "closure",
        "closure",
        None,
    ]


def test_an_after_sales_complaint_is_confirmed_by_the_company_and_by_the_customer() -> None:
    done = c.CompleteWork(
        stream=CASE,
        completion_id=an_id(55),
        completed_on=date(2026, 2, 28),
        report="The belt was replaced.",
        to_unit="after_sales",
    )
    case, shown = walk(
        [
            *sorted_out(c.Kind.SERVICE, "repeated_repair", region="north", dealer_id="D-17"),
            (DEALER, done),
            (EXPERT, announce(c.Outcome.MET, 20)),
            (WORKSHOP, confirm(BY_SECOND, 21)),
            (SPECIALIST, confirm(BY_CUSTOMER, 22)),
            (EXPERT, paper(30)),
            (EXPERT, close(40, 30)),
        ]
    )
    assert case.state.status is c.Status.CLOSED
    assert shown[4:] == [
        "completion",
        "result",
        "second_confirmation",
        "customer_confirmation",
        "closure",
        "closure",
        None,
    ]


def test_a_quality_complaint_is_the_dealers_with_a_team_and_the_region_above() -> None:
    plan = c.SubmitPlan(stream=CASE, plan_id=an_id(50), plan="Replace the discs.")
    better = c.SubmitPlan(stream=CASE, plan_id=an_id(51), plan="Replace discs and pads.")
    done = c.CarryOutPlan(
        stream=CASE,
        plan_id=an_id(51),
        carried_out_on=date(2026, 2, 28),
        paper_ids=(an_id(30),),
    )
    case, shown = walk(
        [
            *sorted_out(c.Kind.QUALITY, "brakes", region="north", dealer_id="D-17"),
            (
                EXPERT,
                c.FormVrt(
                    stream=CASE,
                    vrt_id=an_id(60),
                    kind=c.VrtKind.QUALITY,
                    lead="tara",
                    task="Is it the disc?",
                ),
            ),
            (
                TECHNICAL,
                c.ReportVrtFinding(
                    stream=CASE,
                    n=1,
                    defect_exists=True,
                    finding="Warped.",
                    manufacturer_percent=100,
                    solution="Replace.",
                ),
            ),
            (DEALER, plan),
            (
                SUPERVISOR,
                c.RejectPlan(stream=CASE, plan_id=an_id(50), reason="The pads as well."),
            ),
            (DEALER, better),
            (SUPERVISOR, c.ApprovePlan(stream=CASE, plan_id=an_id(51))),
            (DEALER, paper(30)),
            (DEALER, done),
            (SPECIALIST, announce(c.Outcome.MET, 20)),
            (CUSTOMER, confirm(BY_CUSTOMER, 21)),
            (SUPERVISOR, confirm(BY_SECOND, 22)),
            (EXPERT, close(40)),
        ]
    )
    assert case.state.status is c.Status.CLOSED
    assert shown[4:] == [
        "plan",
        "plan",
        "plan",
        "plan_approval",
        "plan",
        "plan_approval",
        "plan_execution",
        "plan_execution",
        "result",
        "customer_confirmation",
        "second_confirmation",
        "closure",
        None,
    ]
