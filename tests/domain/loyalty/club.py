"""A small club, its people, and a customer's ledger in it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from domain.declare import Actor, ActorId, Role
from domain.loyalty import (
    DECIDER,
    AdjustmentRules,
    CashOutRules,
    EarningRule,
    EarningSource,
    Expiry,
    ExpiryEnd,
    FraudRules,
    Grade,
    GradeRules,
    HoldRules,
    LedgerOpened,
    LoyaltyProgramme,
    PointsEarned,
    SpendingPurpose,
    SpendingRule,
    TransferRules,
    Velocity,
    ledger_id,
)
from domain.money import Currency, Money
from domain.rulebook import Pin, Published, Rules
from tests.scenario import NOW, Scenario, case

CUSTOMER = UUID(int=100)
SISTER = UUID(int=200)
HOUSEHOLD = UUID(int=300)
LEDGER = ledger_id(CUSTOMER, "club")
SISTERS = ledger_id(SISTER, "club")
PIN = Pin(name="club", version=1)

OFFICER = Actor(id=ActorId("u-officer"), roles=frozenset({Role.LOYALTY_OFFICER}))
OTHER_OFFICER = Actor(id=ActorId("u-other"), roles=frozenset({Role.LOYALTY_OFFICER}))
SPECIALIST = Actor(id=ActorId("u-specialist"), roles=frozenset({Role.SPECIALIST}))
HERSELF = Actor(id=ActorId("u-sara"), roles=frozenset({Role.CUSTOMER}), customer_id=CUSTOMER)
STRANGER = Actor(id=ActorId("u-x"), roles=frozenset({Role.CUSTOMER}), customer_id=UUID(int=9))
AUDITOR = Actor(id=ActorId("u-auditor"), roles=frozenset({Role.AUDITOR}))

PROGRAMME = LoyaltyProgramme(
    currency=Currency.USD,
    zone="Asia/Tehran",
    earning=(
        EarningRule(
            code="purchase",
            source=EarningSource.PURCHASE,
            points_per_step=1,
            step_minor=100,
            pending_days=14,
            expiry=Expiry(after_months=24),
        ),
        EarningRule(
            code="service",
            source=EarningSource.SERVICE,
            points_each=100,
            points_per_step=1,
            step_minor=100,
            earned_per_day_max=500,
            expiry=Expiry(after_months=12),
        ),
        EarningRule(
            code="survey",
            source=EarningSource.SURVEY,
            points_each=50,
            earnings_per_day_max=2,
            expiry=Expiry(after_months=1, end=ExpiryEnd.DAY),
        ),
        EarningRule(code="game", source=EarningSource.GAME, points_each=10),
    ),
    spending=(
        SpendingRule(purpose=SpendingPurpose.SERVICE, minor_per_point=2),
        SpendingRule(purpose=SpendingPurpose.CAR_WASH, points_min=50, points_step=10),
    ),
    holds=HoldRules(lapses_after_hours=72),
    cash_out=CashOutRules(points_min=100, points_max=1_000, minor_per_point=1),
    transfer=TransferRules(points_min=10, points_max=1_000),
    adjustment=AdjustmentRules(points_max=5_000, expiry=Expiry(after_months=6)),
    fraud=FraudRules(velocity=(Velocity(source=EarningSource.GAME, earnings_max=3),)),
)

GRADING = GradeRules(
    grades=(
        Grade(code="basic", queue_rank=2),
        Grade(code="silver", points_min=300, earning_percent=150, queue_rank=1),
        Grade(code="gold", points_min=1_000, earnings_min=2, offers=("own_adviser",)),
    ),
    window_months=12,
    review_months=12,
    notice_days=30,
)


def rules_of(programme: LoyaltyProgramme = PROGRAMME) -> Rules:
    """Return rules in which a programme is in force, as `club`."""
    published = Published("club", 1, datetime(2010, 1, 1, tzinfo=UTC), programme)
    return Rules({(LoyaltyProgramme, "club"): (published,)})


GRADED: dict[str, Any] = {
    "grading": GRADING,
    "spending": (
        *PROGRAMME.spending,
        SpendingRule(purpose=SpendingPurpose.INSURANCE, grades=("gold",)),
    ),
}
"""What makes the club one with grades."""

RULES = rules_of()
OPENED = LedgerOpened(
    customer_id=CUSTOMER, programme=PIN, opened_at=NOW, household_id=HOUSEHOLD, grade=None
)


def club(*events: Any, **programme: Any) -> Scenario:
    """Begin with an opened ledger, in the club or in one that differs from it so."""
    made = replace(PROGRAMME, **programme)
    first = OPENED
    if made.grading is not None:
        first = replace(OPENED, grade=made.grading.grades[0].code)
    return case(DECIDER, stream=LEDGER, rules=rules_of(made)).given(first, *events)


def lot(n: int, points: int, expires_at: datetime | None = None, **fields: Any) -> PointsEarned:
    """Return an earning of a service: lot `n` with so many points, active at once."""
    said: dict[str, Any] = {
        "lot_id": UUID(int=n),
        "source": EarningSource.SERVICE,
        "reference": f"visit-{n}",
        "points": points,
        "occurred_at": NOW,
        "counted_on": NOW.date(),
        "active_from_at": NOW,
        "expires_at": expires_at,
        "held": False,
        "rule": "service",
        "programme": PIN,
        "by": ActorId("u-specialist"),
    }
    return PointsEarned(**{**said, **fields})


def usd(minor: int) -> Money:
    """Return dollars, in cents."""
    return Money(minor=minor, currency=Currency.USD)
