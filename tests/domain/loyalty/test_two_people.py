"""What needs another person (cash, fraud), and what needs another ledger (transfers)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest

from domain.loyalty import (
    DECIDER,
    AcceptTransfer,
    AnotherPersonNeeded,
    ApproveCashOut,
    CashOutApproved,
    CashOutIsOver,
    CashOutNotApproved,
    CashOutNotFound,
    CashOutNotOffered,
    CashOutOutOfLimits,
    CashOutPaid,
    CashOutRejected,
    CashOutRejection,
    CashOutRequested,
    ClearEarning,
    EarningCleared,
    EarningHeld,
    EarningNotFound,
    EarningSource,
    EarnPoints,
    HeldBy,
    HoldEarning,
    LotState,
    LoyaltyOfficersOnly,
    NotOneHousehold,
    OpenedInFuture,
    Part,
    PayCashOut,
    PointsInsufficient,
    PointsTransferredIn,
    PointsTransferredOut,
    RejectCashOut,
    RequestCashOut,
    TransferNotOffered,
    TransferOutOfLimits,
    TransferPoints,
    TransferTermsChanged,
    pieces,
    sides,
)
from tests.domain.loyalty.club import (
    CUSTOMER,
    HERSELF,
    HOUSEHOLD,
    LEDGER,
    OFFICER,
    OPENED,
    OTHER_OFFICER,
    PIN,
    RULES,
    SISTER,
    SISTERS,
    SPECIALIST,
    club,
    lot,
    usd,
)
from tests.scenario import NOW, Scenario, case

DAY = timedelta(days=1)
SOON = NOW + 10 * DAY
LOT = lot(1, 500, SOON)
ITEM = UUID(int=20)
TAKEN = Part(lot_id=UUID(int=1), points=200, expires_at=SOON)
REQUEST = RequestCashOut(stream=LEDGER, cash_out_id=ITEM, points=200)
APPROVE = ApproveCashOut(stream=LEDGER, cash_out_id=ITEM)
REJECT = RejectCashOut(stream=LEDGER, cash_out_id=ITEM, why=CashOutRejection.SUSPICION)
PAY = PayCashOut(stream=LEDGER, cash_out_id=ITEM, paid_on=NOW.date(), payment_reference="T-1")


def requested(by: Any = SPECIALIST) -> CashOutRequested:
    return CashOutRequested(
        cash_out_id=ITEM,
        points=200,
        amount=usd(200),
        parts=(TAKEN,),
        requested_at=NOW,
        programme=PIN,
        by=by.id,
    )


APPROVED = CashOutApproved(cash_out_id=ITEM, by=OFFICER.id)
PAID = CashOutPaid(
    cash_out_id=ITEM, paid_on=NOW.date(), points=200, payment_reference="T-1", by=OFFICER.id
)

# --- cash -----------------------------------------------------------------------------------------


def test_cash_is_asked_for_approved_by_another_person_and_paid() -> None:
    scenario = club(LOT).when(REQUEST, by=SPECIALIST).then(requested())
    assert scenario.state.held == 200
    scenario = scenario.when(APPROVE, by=OFFICER).then(APPROVED)
    scenario = scenario.when(PAY, by=OFFICER).then(PAID)
    assert (scenario.state.held, scenario.state.spent) == (0, 200)
    assert sides(scenario.state) == (500, 500)
    scenario.when(replace(PAY, payment_reference="T-2"), by=OFFICER).refused(CashOutIsOver)
    scenario.when(REJECT, by=OFFICER).refused(CashOutIsOver)
    scenario.when(APPROVE, by=OTHER_OFFICER).then_nothing()


def test_cash_is_paid_on_a_day_that_has_begun_where_the_club_is() -> None:
    evening = NOW.replace(hour=21)  # past midnight in Tehran
    approved = club(LOT).after((SPECIALIST, REQUEST), (OFFICER, APPROVE))
    tomorrow_on = (NOW + timedelta(days=1)).date()
    approved.when(replace(PAY, paid_on=tomorrow_on), by=OFFICER).refused(OpenedInFuture)
    approved.when(replace(PAY, paid_on=tomorrow_on), by=OFFICER, at=evening).then(
        replace(PAID, paid_on=tomorrow_on)
    )


def test_who_asked_for_cash_does_not_approve_it_nor_does_whose_points_they_are() -> None:
    club(LOT, requested(OFFICER)).when(APPROVE, by=OFFICER).refused(AnotherPersonNeeded)
    herself = replace(OFFICER, customer_id=CUSTOMER)
    club(LOT, requested()).when(APPROVE, by=herself).refused(AnotherPersonNeeded)
    club(LOT, requested()).when(APPROVE, by=SPECIALIST).refused(LoyaltyOfficersOnly)


def test_cash_is_not_paid_before_it_is_approved() -> None:
    club(LOT, requested()).when(PAY, by=OFFICER).refused(CashOutNotApproved)


def test_points_of_a_rejected_cash_out_go_back_into_their_lots() -> None:
    rejected = CashOutRejected(
        cash_out_id=ITEM,
        why=CashOutRejection.SUSPICION,
        parts=(TAKEN,),
        rejected_at=NOW,
        by=OFFICER.id,
    )
    scenario = club(LOT, requested()).when(REJECT, by=OFFICER).then(rejected)
    assert scenario.state.points_in(LotState.ACTIVE) == 500
    assert len(scenario.state.lots) == 1


def test_cash_is_within_the_programmes_limits_if_it_pays_any() -> None:
    club(LOT).when(replace(REQUEST, points=99), by=HERSELF).refused(CashOutOutOfLimits)
    club(LOT).when(replace(REQUEST, points=501), by=HERSELF).refused(PointsInsufficient)
    club(LOT, cash_out=None).when(REQUEST, by=HERSELF).refused(CashOutNotOffered)
    club(LOT).when(APPROVE, by=OFFICER).refused(CashOutNotFound)


# --- transfers ------------------------------------------------------------------------------------

ASKED = TransferPoints(stream=LEDGER, transfer_id=UUID(int=30), to_ledger_id=SISTERS, points=200)
SISTERS_OPENED = replace(OPENED, customer_id=SISTER)


def sisters(**facts: Any) -> Scenario:
    first = replace(SISTERS_OPENED, **facts)
    return case(DECIDER, stream=SISTERS, rules=RULES).given(first)


def test_a_transfer_goes_over_in_lots_that_keep_their_expiry() -> None:
    scenario = club(LOT)
    give, accept = pieces(ASKED, scenario.state, NOW)
    out = PointsTransferredOut(
        transfer_id=UUID(int=30),
        to_ledger_id=SISTERS,
        points=200,
        parts=(TAKEN,),
        transferred_at=NOW,
        by=HERSELF.id,
    )
    scenario.when(give, by=HERSELF).then(out)
    new = Part(lot_id=uuid5(UUID(int=30), str(UUID(int=1))), points=200, expires_at=SOON)
    came = PointsTransferredIn(
        transfer_id=UUID(int=30),
        from_ledger_id=LEDGER,
        points=200,
        parts=(new,),
        transferred_at=NOW,
        by=HERSELF.id,
    )
    sisters().when(accept, by=HERSELF).then(came)


def test_a_transfer_stays_within_the_household_and_the_limits() -> None:
    scenario = club(LOT)
    _, accept = pieces(ASKED, scenario.state, NOW)
    assert isinstance(accept, AcceptTransfer)
    for facts in ({"household_id": None}, {"household_id": UUID(int=1)}):
        sisters(**facts).when(accept, by=HERSELF).refused(NotOneHousehold)
    few = pieces(replace(ASKED, points=5), scenario.state, NOW)[0]
    scenario.when(few, by=HERSELF).refused(TransferOutOfLimits)
    many = pieces(replace(ASKED, points=501), scenario.state, NOW)[0]
    scenario.when(many, by=HERSELF).refused(PointsInsufficient)
    give = pieces(ASKED, scenario.state, NOW)[0]
    club(LOT, transfer=None).when(give, by=HERSELF).refused(TransferNotOffered)
    own = replace(ASKED, to_ledger_id=LEDGER)
    scenario.when(pieces(own, scenario.state, NOW)[0], by=HERSELF).refused(NotOneHousehold)
    assert scenario.state.household_id == HOUSEHOLD


def test_terms_that_the_ledger_would_not_give_any_more_are_refused() -> None:
    give, accept = pieces(ASKED, club(LOT).state, NOW)
    earlier = lot(2, 50, NOW + DAY)
    club(LOT, earlier).when(give, by=HERSELF).refused(TransferTermsChanged)
    assert isinstance(accept, AcceptTransfer)
    sisters().when(replace(accept, points=300), by=HERSELF).refused(TransferTermsChanged)
    club(LOT).when(ASKED, by=HERSELF).refused(TransferTermsChanged)


# --- fraud ----------------------------------------------------------------------------------------


def game(n: int, **said: Any) -> EarnPoints:
    wish = {"source": EarningSource.GAME, "reference": f"game-{n}", **said}
    return EarnPoints(stream=LEDGER, earning_id=UUID(int=n), **wish)


GAMES = [
    lot(n, 10, source=EarningSource.GAME, reference=f"game-{n}", rule="game") for n in range(1, 4)
]


def held_games() -> Scenario:
    scenario = club(*GAMES)
    outcome = scenario.when(game(4), by=SPECIALIST)
    return scenario.given(*outcome.scenario.decide(game(4), scenario.state))


def test_too_many_earnings_in_a_short_time_are_held_and_not_lost() -> None:
    scenario = held_games()
    first, second = scenario.events[-2:]
    assert first.held
    assert isinstance(second, EarningHeld)
    assert (second.rule, second.earned_by) == (HeldBy.VELOCITY, SPECIALIST.id)
    assert (scenario.state.points_in(LotState.ACTIVE), scenario.state.held) == (30, 10)
    assert sides(scenario.state) == (40, 40)


@pytest.mark.parametrize(
    ("wish", "actor"),
    [
        (game(1, referred_id=CUSTOMER), SPECIALIST),
        (game(1), replace(SPECIALIST, customer_id=CUSTOMER)),
    ],
    ids=["she brings herself", "she records it herself"],
)
def test_nobody_earns_from_herself_without_another_looking_at_it(wish: Any, actor: Any) -> None:
    scenario = club()
    made = scenario.when(wish, by=actor).scenario.decide(wish, scenario.state)
    assert [getattr(event, "rule", None) for event in made] == ["game", HeldBy.SELF_REFERRAL]


def test_another_person_clears_what_was_held() -> None:
    clear = ClearEarning(stream=LEDGER, earning_id=UUID(int=4))
    recorder = replace(OFFICER, id=SPECIALIST.id)
    held_games().when(clear, by=recorder).refused(AnotherPersonNeeded)
    held_games().when(clear, by=SPECIALIST).refused(LoyaltyOfficersOnly)
    part = Part(lot_id=UUID(int=4), points=10)
    cleared = EarningCleared(lot_id=UUID(int=4), parts=(part,), cleared_at=NOW, by=OFFICER.id)
    scenario = held_games().when(clear, by=OFFICER).then(cleared)
    assert scenario.state.points_in(LotState.ACTIVE) == 40


def test_the_time_that_a_lot_is_held_is_added_to_its_life() -> None:
    hold = HoldEarning(stream=LEDGER, earning_id=UUID(int=1))
    frozen = EarningHeld(
        lot_id=UUID(int=1),
        rule=HeldBy.BY_HAND,
        parts=(Part(lot_id=UUID(int=1), points=500, expires_at=SOON),),
        held_at=NOW,
        earned_by=SPECIALIST.id,
    )
    scenario = club(LOT).when(hold, by=OFFICER).then(frozen)
    clear = ClearEarning(stream=LEDGER, earning_id=UUID(int=1))
    part = Part(lot_id=UUID(int=1), points=500, expires_at=SOON + 30 * DAY)
    at = NOW + 30 * DAY
    cleared = EarningCleared(lot_id=UUID(int=1), parts=(part,), cleared_at=at, by=OFFICER.id)
    scenario.when(clear, by=OFFICER, at=at).then(cleared)
    unknown = ClearEarning(stream=LEDGER, earning_id=UUID(int=99))
    scenario.when(unknown, by=OFFICER).refused(EarningNotFound)
