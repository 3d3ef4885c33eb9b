"""Grades: better at once, lesser after a review and its notice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from domain.loyalty import (
    AnotherPersonNeeded,
    ClawBackPoints,
    DowngradeAnnounced,
    EarningSource,
    EarnPoints,
    Figures,
    GradeChanged,
    GradeReviewed,
    GradeRule,
    GradeUnknown,
    GrantGrade,
    NotOfferedToGrade,
    RedeemPoints,
    ReviewGrade,
    SpendingPurpose,
    SystemOnly,
)
from tests.domain.loyalty.club import (
    CUSTOMER,
    GRADED,
    GRADING,
    LEDGER,
    OFFICER,
    PIN,
    SPECIALIST,
    club,
    lot,
    usd,
)
from tests.scenario import NOW, SYSTEM, Scenario

REVIEW_AT = datetime(2027, 2, 28, 20, 30, tzinfo=UTC)
"""The first of March of the next year begins in Tehran."""
NOTICE_AT = datetime(2027, 3, 30, 20, 30, tzinfo=UTC)


def figures(points: int, earnings: int, **said: Any) -> Figures:
    facts = {
        "from_on": datetime(2025, 4, 1, tzinfo=UTC).date(),
        "until_on": NOW.date(),
        "amount_minor": 0,
        **said,
    }
    return Figures(points=points, earnings=earnings, **facts)


def changed(grade: str, was: str, **said: Any) -> GradeChanged:
    facts: dict[str, Any] = {
        "by_rule": GradeRule.FIGURES,
        "figures": figures(300, 1),
        "changed_at": NOW,
        "review_at": REVIEW_AT,
        **said,
    }
    return GradeChanged(grade=grade, was=was, programme=PIN, **facts)


SILVER = changed("silver", "basic")


def silver() -> Scenario:
    return club(lot(1, 300), SILVER, **GRADED)


def later(n: int = 0) -> Figures:
    return figures(
        0,
        n,
        from_on=datetime(2026, 4, 1, tzinfo=UTC).date(),
        until_on=datetime(2027, 3, 1, tzinfo=UTC).date(),
    )


ANNOUNCED = DowngradeAnnounced(
    grade="basic", effective_at=NOTICE_AT, figures=later(), programme=PIN
)


def test_a_better_grade_is_held_as_soon_as_the_figures_reach_it() -> None:
    wish = EarnPoints(
        stream=LEDGER,
        earning_id=UUID(int=2),
        source=EarningSource.SERVICE,
        reference="visit-2",
        amount=usd(20_000),
    )
    scenario = club(**GRADED)
    outcome = scenario.when(wish, by=SPECIALIST)
    made = outcome.scenario.decide(wish, scenario.state)
    assert made[1:] == [changed("silver", "basic", figures=figures(300, 1, amount_minor=20_000))]
    again = replace(wish, earning_id=UUID(int=3), reference="visit-3", amount=None)
    more = outcome.scenario.given(*made)
    [earned, *_] = more.decide(again, more.state)
    assert earned.points == 150  # a silver customer earns half as much again


def test_a_grade_is_reviewed_when_it_is_time_and_stands_while_the_figures_reach_it() -> None:
    review = ReviewGrade(stream=LEDGER, as_of_at=REVIEW_AT)
    newer = lot(2, 400, counted_on=datetime(2026, 12, 24, tzinfo=UTC).date())
    stands = GradeReviewed(
        grade="silver",
        figures=replace(later(), points=400, earnings=1),
        review_at=datetime(2028, 2, 29, 20, 30, tzinfo=UTC),
        programme=PIN,
    )
    silver().given(newer).when(review, by=SYSTEM, at=REVIEW_AT).then(stands)
    early = ReviewGrade(stream=LEDGER, as_of_at=REVIEW_AT - timedelta(seconds=1))
    silver().when(early, by=SYSTEM, at=REVIEW_AT).then_nothing()
    silver().when(review, by=OFFICER, at=REVIEW_AT).refused(SystemOnly)


def test_a_lesser_grade_comes_after_its_notice() -> None:
    review = ReviewGrade(stream=LEDGER, as_of_at=REVIEW_AT)
    scenario = silver().when(review, by=SYSTEM, at=REVIEW_AT).then(ANNOUNCED)
    assert scenario.state.grade == "silver"
    effective = ReviewGrade(stream=LEDGER, as_of_at=NOTICE_AT)
    basic = changed(
        "basic",
        "silver",
        figures=replace(later(), until_on=datetime(2027, 3, 31, tzinfo=UTC).date()),
        changed_at=NOTICE_AT,
        review_at=None,
    )
    scenario.when(effective, by=SYSTEM, at=NOTICE_AT).then(basic)


def test_a_downgrade_is_averted_by_figures_that_recover_within_the_notice() -> None:
    newer = lot(2, 400, counted_on=datetime(2027, 3, 5, tzinfo=UTC).date())
    effective = ReviewGrade(stream=LEDGER, as_of_at=NOTICE_AT)
    stands = GradeReviewed(
        grade="silver",
        figures=replace(
            later(), points=400, earnings=1, until_on=datetime(2027, 3, 31, tzinfo=UTC).date()
        ),
        review_at=datetime(2028, 2, 29, 20, 30, tzinfo=UTC),
        programme=PIN,
    )
    scenario = silver().given(ANNOUNCED, newer)
    scenario = scenario.when(effective, by=SYSTEM, at=NOTICE_AT).then(stands)
    assert scenario.state.downgrade_at is None


def test_what_was_clawed_back_or_is_held_does_not_count() -> None:
    wish = ClawBackPoints(
        stream=LEDGER,
        claw_back_id=UUID(int=9),
        source=EarningSource.SERVICE,
        reference="visit-1",
    )
    scenario = silver().when(wish, by=SPECIALIST)
    state = scenario.before.given(*scenario.scenario.decide(wish, scenario.before.state)).state
    assert state.tallies.get(NOW.year * 12 + NOW.month).points == 0
    assert state.tallies.get(NOW.year * 12 + NOW.month).earnings == 0
    held = club(lot(1, 900, held=True), **GRADED).state
    assert held.tallies.get(NOW.year * 12 + NOW.month) is None


def test_an_officer_grants_a_grade_and_never_to_herself() -> None:
    grant = GrantGrade(stream=LEDGER, grade="gold")
    gold = changed("gold", "basic", by_rule=GradeRule.GRANTED, figures=None)
    scenario = club(lot(1, 500), **GRADED)
    scenario.when(grant, by=OFFICER).then(gold)
    herself = replace(OFFICER, customer_id=CUSTOMER)
    scenario.when(grant, by=herself).refused(AnotherPersonNeeded)
    scenario.when(replace(grant, grade="iron"), by=OFFICER).refused(GradeUnknown)


def test_an_offer_is_for_the_grades_it_names() -> None:
    wish = RedeemPoints(
        stream=LEDGER,
        redemption_id=UUID(int=9),
        purpose=SpendingPurpose.INSURANCE,
        points=10,
    )
    silver().when(wish, by=SPECIALIST).refused(NotOfferedToGrade, grades=("gold",))
    gold = changed("gold", "silver", by_rule=GradeRule.GRANTED, figures=None)
    outcome = silver().given(gold).when(wish, by=SPECIALIST)
    assert outcome.scenario.decide(wish, outcome.before.state)
    assert GRADING.rank("gold") == 2
