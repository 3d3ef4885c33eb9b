"""Spending, holds, reversals, claw-backs and adjustments, step by step."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.declare import Refusal
from domain.loyalty import (
    AdjustmentOutOfLimits,
    AdjustmentReason,
    AdjustPoints,
    AnotherPersonNeeded,
    ClawBackPoints,
    ClawBackTooLarge,
    DebtRepaid,
    EarningSource,
    EarnPoints,
    ExpiredMeanwhile,
    HoldEnd,
    HoldForSomethingElse,
    HoldNotFound,
    HoldPoints,
    HoldReleased,
    HoldTooSmall,
    LotActivated,
    LotState,
    LoyaltyCareOnly,
    LoyaltyOfficersOnly,
    Part,
    PointsAdjusted,
    PointsClawedBack,
    PointsExpired,
    PointsHeld,
    PointsInsufficient,
    PointsNotInSteps,
    PointsRedeemed,
    PurposeNotOffered,
    RedeemPoints,
    RedemptionReversed,
    ReleaseHold,
    ReversalRules,
    ReversalTooLarge,
    ReversalTooLate,
    ReverseRedemption,
    SpendingIsNow,
    SpendingPurpose,
)
from tests.domain.loyalty.club import (
    HERSELF,
    LEDGER,
    OFFICER,
    PIN,
    SPECIALIST,
    STRANGER,
    club,
    lot,
    usd,
)
from tests.scenario import NOW, SYSTEM, Scenario

DAY = timedelta(days=1)
SOON, LATER = NOW + 10 * DAY, NOW + 100 * DAY
SERVICE = SpendingPurpose.SERVICE
TWO_LOTS = (lot(1, 100, LATER), lot(2, 60, SOON), lot(3, 40))
"""The second expires first, the third never."""


def part(n: int, points: int, expires_at: datetime | None, **said: Any) -> Part:
    return Part(lot_id=UUID(int=n), points=points, expires_at=expires_at, **said)


def redeem(n: int, points: int, **said: Any) -> RedeemPoints:
    wish = {"purpose": SERVICE, **said}
    return RedeemPoints(stream=LEDGER, redemption_id=UUID(int=n), points=points, **wish)


def redeemed(n: int, *parts: Part, at: datetime = NOW, **said: Any) -> PointsRedeemed:
    points = sum(each.points for each in parts)
    facts = {"purpose": SERVICE, "worth": usd(2 * points), "by": SPECIALIST.id, **said}
    return PointsRedeemed(
        redemption_id=UUID(int=n),
        points=points,
        parts=parts,
        redeemed_at=at,
        reversible_until_at=at + 365 * DAY,
        programme=PIN,
        **facts,
    )


def reverse(n: int, redemption: int, points: int | None = None) -> ReverseRedemption:
    return ReverseRedemption(
        stream=LEDGER,
        reversal_id=UUID(int=n),
        redemption_id=UUID(int=redemption),
        points=points,
    )


def test_spending_takes_what_expires_first_and_what_never_does_last() -> None:
    parts = (part(2, 60, SOON), part(1, 100, LATER), part(3, 10, None))
    club(*TWO_LOTS).when(redeem(9, 170), by=SPECIALIST).then(redeemed(9, *parts))


def test_more_than_there_is_is_refused_and_nothing_is_taken() -> None:
    scenario = club(*TWO_LOTS)
    scenario.when(redeem(9, 201), by=SPECIALIST).refused(PointsInsufficient, available=200)


def test_what_has_expired_or_become_active_is_said_before_anything_is_taken() -> None:
    waiting = lot(4, 30, LATER, active_from_at=SOON)
    scenario = club(*TWO_LOTS, waiting)
    scenario.when(redeem(9, 171), by=SPECIALIST, at=SOON).refused(PointsInsufficient)
    scenario.when(redeem(9, 130), by=SPECIALIST, at=SOON).then(
        LotActivated(parts=(part(4, 30, LATER, state=LotState.PENDING),), as_of_at=SOON),
        PointsExpired(parts=(part(2, 60, SOON),), as_of_at=SOON),
        redeemed(9, part(1, 100, LATER), part(4, 30, LATER), at=SOON),
    )


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        (redeem(9, 10, purpose=SpendingPurpose.DISCOUNT), PurposeNotOffered),
        (redeem(9, 40, purpose=SpendingPurpose.CAR_WASH), PointsNotInSteps),
        (redeem(9, 55, purpose=SpendingPurpose.CAR_WASH), PointsNotInSteps),
        (redeem(9, 10, hold_id=UUID(int=8)), HoldNotFound),
        (redeem(9, 10, occurred_at=NOW - DAY), SpendingIsNow),
    ],
)
def test_a_spending_that_the_programme_does_not_know_is_refused(
    wish: RedeemPoints, refusal: type[Refusal]
) -> None:
    club(*TWO_LOTS).when(wish, by=SPECIALIST).refused(refusal)


def test_a_customer_spends_her_own_points_and_nobody_elses() -> None:
    scenario = club(*TWO_LOTS)
    mine = redeemed(9, part(2, 10, SOON), by=HERSELF.id)
    scenario.when(redeem(9, 10), by=HERSELF).then(mine)
    scenario.when(redeem(9, 10), by=STRANGER).refused(LoyaltyCareOnly)


def test_what_is_carried_over_spends_only_what_was_there_by_then() -> None:
    late = lot(5, 500, occurred_at=NOW - DAY, active_from_at=NOW - DAY)
    early = lot(6, 50, occurred_at=NOW - 9 * DAY, active_from_at=NOW - 9 * DAY)
    scenario = club(early, late)
    then = NOW - 5 * DAY
    wish = redeem(9, 60, occurred_at=then)
    scenario.when(wish, by=SYSTEM).refused(PointsInsufficient, available=50)
    wish = redeem(9, 50, occurred_at=then)
    spent = redeemed(9, part(6, 50, None), at=then, by=SYSTEM.id)
    scenario.when(wish, by=SYSTEM).then(spent)


# --- holds ----------------------------------------------------------------------------------------


def held() -> Scenario:
    wish = HoldPoints(stream=LEDGER, hold_id=UUID(int=8), purpose=SERVICE, points=80)
    return (
        club(*TWO_LOTS)
        .when(wish, by=SPECIALIST)
        .then(
            PointsHeld(
                hold_id=UUID(int=8),
                purpose=SERVICE,
                points=80,
                parts=(part(2, 60, SOON), part(1, 20, LATER)),
                held_at=NOW,
                until_at=NOW + timedelta(hours=72),
                by=SPECIALIST.id,
            )
        )
    )


def test_a_hold_keeps_others_from_what_it_reserves() -> None:
    held().when(redeem(9, 121), by=SPECIALIST).refused(PointsInsufficient, available=120)


def test_a_hold_is_redeemed_and_what_it_reserved_beyond_goes_back() -> None:
    wish = redeem(9, 70, hold_id=UUID(int=8))
    spent = redeemed(9, part(2, 60, SOON), part(1, 10, LATER), hold_id=UUID(int=8))
    rest = HoldReleased(
        hold_id=UUID(int=8), parts=(part(1, 10, LATER),), end=HoldEnd.USED, released_at=NOW
    )
    scenario = held().when(wish, by=SPECIALIST).then(spent, rest)
    assert scenario.state.points_in(LotState.ACTIVE) == 130
    assert scenario.state.held == 0


def test_a_hold_serves_what_it_is_for_and_no_more_than_it_reserves() -> None:
    scenario = held()
    more = redeem(9, 81, hold_id=UUID(int=8))
    scenario.when(more, by=SPECIALIST).refused(HoldTooSmall, held=80)
    other = redeem(9, 50, hold_id=UUID(int=8), purpose=SpendingPurpose.CAR_WASH)
    scenario.when(other, by=SPECIALIST).refused(HoldForSomethingElse)


def test_points_do_not_expire_while_they_are_held_and_do_so_when_they_come_back() -> None:
    wish = ReleaseHold(stream=LEDGER, hold_id=UUID(int=8))
    back = (part(2, 60, SOON), part(1, 20, LATER))
    held().when(wish, by=SYSTEM, at=SOON).then(
        HoldReleased(hold_id=UUID(int=8), parts=back, end=HoldEnd.LAPSED, released_at=SOON),
        PointsExpired(parts=(part(2, 60, SOON),), as_of_at=SOON),
    )


def test_a_hold_that_has_lapsed_is_redeemed_no_more_even_before_anybody_has_said_so() -> None:
    until_at = NOW + timedelta(hours=72)
    wish = redeem(9, 70, hold_id=UUID(int=8))
    held().when(wish, by=SPECIALIST, at=until_at).refused(HoldNotFound)
    in_time = replace(held(), now=until_at - timedelta(seconds=1)).after((SPECIALIST, wish))
    assert any(isinstance(made, PointsRedeemed) for made in in_time.events)


def test_a_customer_keeps_no_points_from_expiring_beyond_the_programmes_term() -> None:
    wish = HoldPoints(
        stream=LEDGER, hold_id=UUID(int=8), purpose=SERVICE, points=60, until_at=NOW + 9_000 * DAY
    )
    by_herself = club(*TWO_LOTS).after((HERSELF, wish))
    assert by_herself.state.holds[UUID(int=8)].until_at == NOW + timedelta(hours=72)
    by_staff = club(*TWO_LOTS).after((SPECIALIST, wish))
    assert by_staff.state.holds[UUID(int=8)].until_at == wish.until_at


# --- reversal -------------------------------------------------------------------------------------

SPENT = redeemed(9, part(2, 60, SOON), part(1, 50, LATER))


def reversed_(n: int, *parts: Part, wished: int | None = None, at: datetime = NOW) -> Any:
    return RedemptionReversed(
        reversal_id=UUID(int=n),
        redemption_id=UUID(int=9),
        points=sum(each.points for each in parts),
        parts=parts,
        reversed_at=at,
        by=SPECIALIST.id,
        wished_points=wished,
    )


def test_a_reversal_restores_every_lot_exactly() -> None:
    before = club(*TWO_LOTS)
    back = reversed_(10, part(2, 60, SOON), part(1, 50, LATER))
    after = before.given(SPENT).when(reverse(10, 9), by=SPECIALIST).then(back)
    left = [(each.lot_id, each.points, each.expires_at) for each in after.state.lots]
    assert left == [(each.lot_id, each.points, each.expires_at) for each in before.state.lots]


def test_a_part_given_back_leaves_what_spending_less_would_have_left() -> None:
    back = reversed_(10, part(2, 10, SOON), part(1, 50, LATER), wished=60)
    scenario = club(*TWO_LOTS, SPENT).when(reverse(10, 9, 60), by=SPECIALIST).then(back)
    scenario.when(reverse(11, 9, 51), by=SPECIALIST).refused(ReversalTooLarge, left=50)
    rest = reversed_(11, part(2, 50, SOON))
    scenario.when(reverse(11, 9), by=SPECIALIST).then(rest)


def test_what_expired_meanwhile_expires_at_once() -> None:
    back = reversed_(10, part(2, 60, SOON), part(1, 50, LATER), at=SOON)
    club(*TWO_LOTS, SPENT).when(reverse(10, 9), by=SPECIALIST, at=SOON).then(
        back, PointsExpired(parts=(part(2, 60, SOON),), as_of_at=SOON)
    )


def test_what_expired_meanwhile_has_a_grace_where_the_programme_gives_one() -> None:
    rules = ReversalRules(expired_meanwhile=ExpiredMeanwhile.GRACE, grace_days=30)
    until = SOON + 30 * DAY
    back = reversed_(10, part(2, 60, until), part(1, 50, LATER), at=SOON)
    scenario = club(*TWO_LOTS, SPENT, reversal=rules)
    scenario.when(reverse(10, 9), by=SPECIALIST, at=SOON).then(back)


def test_a_redemption_can_be_reversed_for_as_long_as_the_programme_says() -> None:
    scenario = club(*TWO_LOTS, SPENT)
    late = NOW + 365 * DAY
    scenario.when(reverse(10, 9), by=SPECIALIST, at=late).refused(ReversalTooLate)


# --- claw-back ------------------------------------------------------------------------------------


def claw_back(n: int, visit: int, points: int | None = None) -> ClawBackPoints:
    return ClawBackPoints(
        stream=LEDGER,
        claw_back_id=UUID(int=n),
        source=EarningSource.SERVICE,
        reference=f"visit-{visit}",
        points=points,
    )


def clawed(n: int, visit: int, points: int, *parts: Part, **said: Any) -> PointsClawedBack:
    facts: dict[str, Any] = {"debt_points": 0, "forgone_points": 0, "is_whole": True, **said}
    return PointsClawedBack(
        claw_back_id=UUID(int=n),
        source=EarningSource.SERVICE,
        reference=f"visit-{visit}",
        points=points,
        parts=parts,
        clawed_back_at=NOW,
        by=SPECIALIST.id,
        **facts,
    )


def test_a_claw_back_takes_the_lot_itself_then_what_expires_first() -> None:
    spent = redeemed(9, part(2, 60, SOON), part(1, 90, LATER))
    scenario = club(*TWO_LOTS, spent)
    took = clawed(11, 1, 45, part(1, 10, LATER), part(3, 35, None), wished_points=45)
    took_part = clawed(
        11, 1, 45, part(1, 10, LATER), part(3, 35, None), wished_points=45, is_whole=False
    )
    assert took != took_part
    scenario.when(claw_back(11, 1, 45), by=SPECIALIST).then(took_part)


def test_what_is_gone_is_forgone_where_no_debt_is_allowed_and_never_below_zero() -> None:
    spent = redeemed(9, part(2, 60, SOON), part(1, 100, LATER), part(3, 40, None))
    took = clawed(11, 1, 100, forgone_points=100)
    scenario = club(*TWO_LOTS, spent).when(claw_back(11, 1), by=SPECIALIST).then(took)
    assert scenario.state.debt == 0
    scenario.when(claw_back(12, 1), by=SPECIALIST).refused(ClawBackTooLarge, left=0)


def test_a_debt_is_repaid_by_what_is_earned_later() -> None:
    spent = redeemed(9, part(2, 60, SOON), part(1, 100, LATER), part(3, 40, None))
    scenario = club(*TWO_LOTS, spent, debt_allowed=True)
    owing = clawed(11, 1, 100, debt_points=100)
    scenario = scenario.when(claw_back(11, 1), by=SPECIALIST).then(owing)
    assert scenario.state.debt == 100
    wish = EarnPoints(
        stream=LEDGER, earning_id=UUID(int=12), source=EarningSource.GAME, reference="game-12"
    )
    outcome = scenario.when(wish, by=SPECIALIST)
    made = outcome.scenario.decide(wish, scenario.state)
    assert made[1] == DebtRepaid(points=10, parts=(part(12, 10, None),))
    after = scenario.given(*made).state
    assert (after.debt, after.points_in(LotState.ACTIVE)) == (90, 0)


# --- adjustment -----------------------------------------------------------------------------------


def adjust(points: int) -> AdjustPoints:
    return AdjustPoints(
        stream=LEDGER,
        adjustment_id=UUID(int=15),
        points=points,
        reason=AdjustmentReason.GOODWILL,
    )


def test_points_given_by_hand_are_a_lot_that_lives_as_the_programme_says() -> None:
    outcome = club().when(adjust(25), by=OFFICER)
    [made] = outcome.scenario.decide(adjust(25), outcome.before.state)
    assert isinstance(made, PointsAdjusted)
    assert made.parts[0].lot_id == UUID(int=15)
    assert made.parts[0].expires_at is not None


@pytest.mark.parametrize("points", [0, 5_001, -5_001])
def test_more_than_the_limit_is_not_given_or_taken_by_hand(points: int) -> None:
    club(*TWO_LOTS).when(adjust(points), by=OFFICER).refused(AdjustmentOutOfLimits)


def test_who_adjusts_is_an_officer_and_never_the_customer_herself() -> None:
    club().when(adjust(25), by=SPECIALIST).refused(LoyaltyOfficersOnly)
    herself = replace(OFFICER, customer_id=HERSELF.customer_id)
    club().when(adjust(25), by=herself).refused(AnotherPersonNeeded)
