"""A customer is told of points that expire soon, and of a lesser grade that is coming."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest

from domain import loyalty as lo
from domain import notification as n
from domain.money import Currency, Money
from sagas import loyalty_expiry
from sagas.points_notices import DOWNGRADE, EXPIRING, SAGA
from tests.sagas.market import LEILA, Showroom

START = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
LEDGER = lo.ledger_id(LEILA, "club")
PURCHASE = lo.EarningSource.PURCHASE
PROGRAMME = lo.LoyaltyProgramme(
    currency=Currency.IRR,
    zone="Asia/Tehran",
    enrols=True,
    earning=(
        lo.EarningRule(
            code="purchase",
            source=PURCHASE,
            points_per_step=1,
            step_minor=1_000_000,
            expiry=lo.Expiry(after_months=6),
        ),
    ),
    spending=(lo.SpendingRule(purpose=lo.SpendingPurpose.SERVICE),),
    grading=lo.GradeRules(
        grades=(lo.Grade(code="blue"), lo.Grade(code="gold", points_min=100)),
        window_months=3,
        review_months=3,
        notice_days=20,
    ),
)
LAST_ON = "2026-09-30"


class Club(Showroom):
    """A showroom in which points of March expire at the end of September."""

    def __init__(self) -> None:
        super().__init__(SAGA, loyalty_expiry.SAGA, now=START)
        self.publish("loyalty_programme", "club", PROGRAMME)
        self.customer()
        self.wish(lo.OpenLedger(stream=LEDGER, customer_id=LEILA, programme="club"))

    def earn(self, name: str, points: int) -> None:
        """Earn points for a purchase of today."""
        self.wish(
            lo.EarnPoints(
                stream=LEDGER,
                earning_id=uuid5(LEDGER, name),
                source=PURCHASE,
                reference=name,
                amount=Money(minor=points * 1_000_000, currency=Currency.IRR),
            )
        )

    def redeem(self, name: str, points: int) -> UUID:
        """Spend points."""
        redemption = uuid5(LEDGER, name)
        wish: dict[str, Any] = {"purpose": lo.SpendingPurpose.SERVICE, "points": points}
        self.wish(lo.RedeemPoints(stream=LEDGER, redemption_id=redemption, **wish))
        return redemption

    def to(self, day: str) -> None:
        """Let time pass to noon in Tehran of a day."""
        self.time.run_until(datetime.fromisoformat(f"{day}T08:30+00:00"))

    def reminded(self) -> list[tuple[str, str]]:
        """Return the days on which she was reminded, and of how many points."""
        found = []
        for each in self.all_of(n.NotificationPlanned):
            if each.event.code == EXPIRING:
                facts = {param.name: param.value for param in each.event.params}
                assert facts["last_on"] == LAST_ON
                found.append((each.recorded_at.date().isoformat(), facts["points"]))
        return found


@pytest.fixture
def club() -> Club:
    return Club()


def test_she_is_reminded_of_what_is_left_before_it_expires(club: Club) -> None:
    club.earn("car", 80)
    club.to("2026-09-01")
    assert club.reminded() == [("2026-08-31", "80")]
    club.redeem("wash", 30)
    club.to("2026-10-02")
    assert club.reminded() == [("2026-08-31", "80"), ("2026-09-23", "50")]
    assert len(club.all_of(lo.PointsExpired)) == 1
    assert club.is_as_folded_anew(SAGA)
    assert club.settle() == 0


def test_what_is_spent_is_not_reminded_of_and_what_comes_back_is(club: Club) -> None:
    club.earn("car", 80)
    club.to("2026-08-01")
    redemption = club.redeem("service", 80)
    club.to("2026-09-10")
    assert club.reminded() == []
    club.wish(
        lo.ReverseRedemption(
            stream=LEDGER, reversal_id=uuid5(LEDGER, "back"), redemption_id=redemption
        )
    )
    club.to("2026-10-02")
    assert club.reminded() == [("2026-09-23", "80")]


def test_a_balance_that_is_carried_over_is_not_reminded_of_late(club: Club) -> None:
    club.wish(
        lo.CarryOverBalance(
            stream=LEDGER,
            earning_id=uuid5(LEDGER, "old"),
            reference="old/7",
            points=500,
            origin="another club",
            occurred_at=START - timedelta(days=900),
            expires_at=datetime(2026, 3, 20, tzinfo=UTC),
        )
    )
    club.to("2026-03-11")
    assert club.told() == []
    club.to("2026-03-15")
    assert club.told() == [EXPIRING]


def test_a_lesser_grade_is_announced_to_her_once(club: Club) -> None:
    club.earn("car", 120)
    assert club.state(LEDGER).grade in {"gold", "blue"}
    club.to("2026-12-31")
    announced = [code for code in club.told() if code == DOWNGRADE]
    assert len(announced) == len(club.all_of(lo.DowngradeAnnounced)) == 1
    (notice,) = [
        each.event for each in club.all_of(n.NotificationPlanned) if each.event.code == DOWNGRADE
    ]
    facts = {param.name: param.value for param in notice.params}
    assert facts["grade"] == "blue"
    assert club.is_as_folded_anew(SAGA)
