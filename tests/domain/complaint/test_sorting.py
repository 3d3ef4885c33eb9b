import pytest

from domain import complaint as c
from domain.organisation import RegionUnknown, UnitUnknown
from domain.procedure import StepNeedsEarlierStep
from domain.rulebook import Pin
from tests.domain.complaint.desk import (
    FRESH,
    GRADED,
    JUDGED,
    REGISTERED,
    RULES,
    SALES,
    SPECIALIST,
    TO_DEALER,
    TO_UNIT,
    by,
    classified,
    registered,
)
from tests.scenario import CASE

JUDGED_CASE = REGISTERED.given(JUDGED)
CLASSIFIED = JUDGED_CASE.given(classified("sales", c.Kind.SALES, "refund"))


def classify(
    kind: c.Kind, subject: str, procedure: str | None = None, reason: str | None = None
) -> c.ClassifyComplaint:
    return c.ClassifyComplaint(
        stream=CASE, kind=kind, subject=subject, procedure=procedure, reason=reason
    )


def grade(importance: c.Importance, reason: str | None = None) -> c.GradeComplaint:
    return c.GradeComplaint(stream=CASE, importance=importance, reason=reason)


def test_a_valid_complaint_is_classified() -> None:
    case = JUDGED_CASE.when(classify(c.Kind.SALES, "refund")).then(
        classified("sales", c.Kind.SALES, "refund")
    )
    assert case.state.status is c.Status.CLASSIFIED


def test_a_complaint_is_not_classified_before_it_is_judged() -> None:
    REGISTERED.when(classify(c.Kind.SALES, "refund")).refused(
        StepNeedsEarlierStep, missing=("judgement",)
    )


def test_another_kind_brings_the_procedure_that_serves_it() -> None:
    case = JUDGED_CASE.when(classify(c.Kind.QUALITY, "brakes")).then(
        classified("dealer", c.Kind.QUALITY, "brakes")
    )
    assert case.state.procedure == Pin(name="dealer", version=1)


def test_a_procedure_that_is_named_is_followed() -> None:
    JUDGED_CASE.when(classify(c.Kind.SALES, "refund", "after_sales")).then(
        classified("after_sales", c.Kind.SALES, "refund")
    )
    JUDGED_CASE.when(classify(c.Kind.QUALITY, "brakes", "sales")).then(
        classified("sales", c.Kind.QUALITY, "brakes")
    )


def test_a_case_that_began_here_is_not_classified_as_carried_over() -> None:
    REGISTERED.given(JUDGED).when(
        c.ClassifyComplaint(
            stream=CASE, kind=c.Kind.SALES, subject="refund", procedure="carried_over"
        )
    ).refused(c.ProcedureNotYours)


def test_kinds_of_one_procedure_keep_the_version_the_case_is_pinned_to() -> None:
    old = Pin(name="after_sales", version=1)
    parts = FRESH.given(registered("after_sales", kind=c.Kind.PARTS), JUDGED)
    case = parts.when(classify(c.Kind.SERVICE, "conduct")).then(
        classified("after_sales", c.Kind.SERVICE, "conduct")
    )
    assert case.state.procedure == old


def test_a_complaint_is_classified_anew_with_a_reason() -> None:
    CLASSIFIED.when(classify(c.Kind.SALES, "contract")).refused(c.AlreadyClassified)
    CLASSIFIED.when(classify(c.Kind.SALES, "contract", reason="The deposit was paid.")).then(
        c.ComplaintClassified(
            kind=c.Kind.SALES,
            subject="contract",
            procedure=Pin(name="sales", version=1),
            by=by(SPECIALIST),
            reason="The deposit was paid.",
        )
    )


def test_subject_importance_and_risk_make_a_priority() -> None:
    case = CLASSIFIED.when(grade(c.Importance.NORMAL)).then(GRADED)
    assert case.state.sorting.priority is c.Priority.NORMAL
    assert case.state.status is c.Status.GRADED


def test_a_risk_puts_a_floor_under_the_priority() -> None:
    burning = FRESH.given(
        registered(fire=True, origin=c.Origin.MEDIA),
        JUDGED,
        classified("sales", c.Kind.SALES, "price"),
    )
    burning.when(grade(c.Importance.LOW)).then(
        c.ComplaintGraded(
            importance=c.Importance.LOW,
            priority=c.Priority.URGENT,
            points=70,
            risks=(c.Risk.FIRE, c.Risk.MEDIA),
            grading=Pin(name="default", version=1),
            by=by(SPECIALIST),
        )
    )


@pytest.mark.parametrize(
    ("subject", "importance", "risks", "priority"),
    [
        ("unheard_of", c.Importance.LOW, [], c.Priority.LOW),
        ("refund", c.Importance.LOW, [], c.Priority.NORMAL),
        ("brakes", c.Importance.NORMAL, [], c.Priority.HIGH),
        ("unheard_of", c.Importance.LOW, [c.Risk.CRASH], c.Priority.HIGH),
        ("unheard_of", c.Importance.LOW, [c.Risk.DEATH], c.Priority.URGENT),
        ("brakes", c.Importance.HIGH, [c.Risk.MEDIA], c.Priority.URGENT),
    ],
)
def test_points_reach_thresholds(
    subject: str, importance: c.Importance, risks: list[c.Risk], priority: c.Priority
) -> None:
    grading = RULES.documents[c.Grading, "default"][0].content
    graded = c.grade(grading, c.Kind.SALES, subject, importance, risks)
    assert graded.priority is priority


def test_a_subject_counts_for_its_kind_only() -> None:
    grading = RULES.documents[c.Grading, "default"][0].content
    sales = c.grade(grading, c.Kind.SALES, "late_delivery", c.Importance.LOW, [])
    parts = c.grade(grading, c.Kind.PARTS, "late_delivery", c.Importance.LOW, [])
    assert (sales.points, parts.points) == (20, 10)


def test_a_grading_leaves_nothing_without_points() -> None:
    with pytest.raises(ValueError, match="every importance"):
        c.Grading(subjects=(), importances=(), risks=(), thresholds=())


def test_a_complaint_is_graded_anew_with_a_reason() -> None:
    graded = CLASSIFIED.given(GRADED)
    graded.when(grade(c.Importance.HIGH)).refused(c.AlreadyGraded)
    case = graded.when(grade(c.Importance.HIGH, "She depends on the car.")).then(
        c.ComplaintGraded(
            importance=c.Importance.HIGH,
            priority=c.Priority.HIGH,
            points=45,
            risks=(),
            grading=Pin(name="default", version=1),
            by=by(SPECIALIST),
            reason="She depends on the car.",
        )
    )
    assert case.state.sorting.priority is c.Priority.HIGH


def test_a_complaint_is_assigned_to_a_unit_or_to_a_dealer_of_a_region() -> None:
    graded = CLASSIFIED.given(GRADED)
    to_unit = graded.when(c.AssignComplaint(stream=CASE, unit="sales")).then(TO_UNIT)
    assert c.parties(to_unit.state).units == {"sales"}
    to_dealer = graded.when(c.AssignComplaint(stream=CASE, region="north", dealer_id="D-17")).then(
        TO_DEALER
    )
    assert c.parties(to_dealer.state).dealer_id == "D-17"
    assert c.parties(to_dealer.state).region == "north"
    assert to_dealer.state.status is c.Status.ASSIGNED


def test_an_assignment_is_clear() -> None:
    graded = CLASSIFIED.given(GRADED)
    for unclear in (
        c.AssignComplaint(stream=CASE),
        c.AssignComplaint(stream=CASE, dealer_id="D-17"),
        c.AssignComplaint(stream=CASE, region="north"),
        c.AssignComplaint(stream=CASE, region="north", dealer_id="D-17", unit="sales"),
    ):
        graded.when(unclear).refused(c.AssignmentUnclear)


def test_a_complaint_is_assigned_to_what_there_is() -> None:
    graded = CLASSIFIED.given(GRADED)
    graded.when(c.AssignComplaint(stream=CASE, unit="astrology")).refused(UnitUnknown)
    graded.when(c.AssignComplaint(stream=CASE, region="moon", dealer_id="D-17")).refused(
        RegionUnknown
    )


def test_a_complaint_is_given_to_somebody_else_with_a_reason() -> None:
    SALES.when(c.AssignComplaint(stream=CASE, unit="accounting")).refused(c.AlreadyAssigned)
    case = SALES.when(
        c.AssignComplaint(
            stream=CASE, unit="accounting", handler="erfan", reason="Paid, not booked."
        )
    ).then(
        c.ComplaintAssigned(
            region=None,
            dealer_id=None,
            unit="accounting",
            by=by(SPECIALIST),
            handler="erfan",
            reason="Paid, not booked.",
        )
    )
    assert c.parties(case.state).units == {"accounting"}
