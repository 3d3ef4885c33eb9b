"""What time brings to ledgers: lots turn active and end, holds lapse, grades are judged."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain import loyalty as lo
from domain.clocks.messages import Urgency
from domain.declare import Actor, ActorId, Role
from sagas.instances import view_of
from sagas.loyalty_expiry import SAGA
from store.casebook import Casebook
from store.database import connect, pool
from store.keys import Keys
from store.rulebook import SHIPPED, publication_of
from store.views import compare, rebuild
from tests.domain.loyalty.club import LEDGER, PIN, SPECIALIST, lot
from tests.sagas.desk import NOW, Desk
from tests.scenario import SYSTEM, SagaScenario, saga

DAY = timedelta(days=1)
SOON, LATER = NOW + 10 * DAY, NOW + 100 * DAY


def earned(n: int, points: int, expires_at: Any = None, **said: Any) -> Any:
    facts = {"occurred_at": NOW, "active_from_at": NOW, **said}
    return lot(n, points, expires_at, **facts)


def ledger(*events: Any) -> SagaScenario:
    return saga(SAGA).given(*events, at=NOW, stream=LEDGER)


def expire(at: Any) -> Any:
    return lo.ExpirePoints(stream=LEDGER, as_of_at=at)


def test_a_ledger_wakes_when_its_first_lot_expires() -> None:
    scenario = ledger(earned(1, 100, LATER), earned(2, 60, SOON))
    scenario.wakes(SOON, Urgency.REMINDER, key=LEDGER)
    scenario.at(SOON - DAY).then_nothing(key=LEDGER)
    scenario.at(SOON).then(expire(SOON), key=LEDGER)


def test_a_ledger_to_which_time_brings_nothing_is_not_kept_in_mind() -> None:
    assert ledger(earned(1, 100)).state(LEDGER) is None
    part = lo.Part(lot_id=UUID(int=1), points=100, expires_at=SOON)
    spent = lo.PointsRedeemed(
        redemption_id=UUID(int=9),
        purpose=lo.SpendingPurpose.SERVICE,
        points=100,
        parts=(part,),
        redeemed_at=NOW,
        reversible_until_at=LATER,
        programme=PIN,
        by=SPECIALIST.id,
    )
    gone = ledger(earned(1, 100, SOON), spent)
    assert gone.state(LEDGER) is None
    back = lo.RedemptionReversed(
        reversal_id=UUID(int=10),
        redemption_id=UUID(int=9),
        points=100,
        parts=(part,),
        reversed_at=NOW,
        by=SPECIALIST.id,
    )
    gone.given(back, stream=LEDGER).wakes(SOON, key=LEDGER)


def test_a_pending_lot_is_activated_and_then_expires() -> None:
    scenario = ledger(earned(1, 100, LATER, active_from_at=SOON)).wakes(SOON, key=LEDGER)
    scenario.at(SOON).then(lo.ActivateLots(stream=LEDGER, as_of_at=SOON), key=LEDGER)
    part = lo.Part(lot_id=UUID(int=1), points=100, expires_at=LATER, state=lo.LotState.PENDING)
    activated = lo.LotActivated(parts=(part,), as_of_at=SOON)
    scenario.given(activated, at=SOON, stream=LEDGER).wakes(LATER, key=LEDGER)


def test_a_held_lot_does_not_expire_before_it_is_cleared() -> None:
    part = lo.Part(lot_id=UUID(int=1), points=100, expires_at=SOON, state=lo.LotState.FROZEN)
    held = lo.EarningHeld(
        lot_id=UUID(int=1),
        rule=lo.HeldBy.VELOCITY,
        parts=(part,),
        held_at=NOW,
        earned_by=SPECIALIST.id,
    )
    scenario = ledger(earned(1, 100, SOON, held=True), held).sleeps(key=LEDGER)
    cleared = lo.EarningCleared(
        lot_id=UUID(int=1),
        parts=(replace(part, expires_at=LATER, state=lo.LotState.ACTIVE),),
        cleared_at=NOW,
        by=ActorId("u-officer"),
    )
    scenario.given(cleared, stream=LEDGER).wakes(LATER, key=LEDGER)


def test_a_hold_lapses_and_a_grade_is_reviewed_at_their_time() -> None:
    part = lo.Part(lot_id=UUID(int=1), points=100, expires_at=SOON)
    hold = lo.PointsHeld(
        hold_id=UUID(int=8),
        purpose=lo.SpendingPurpose.SERVICE,
        points=100,
        parts=(part,),
        held_at=NOW,
        until_at=NOW + DAY,
        by=SPECIALIST.id,
    )
    graded = lo.GradeChanged(
        grade="silver",
        was="basic",
        by_rule=lo.GradeRule.GRANTED,
        figures=None,
        changed_at=NOW,
        review_at=NOW + 2 * DAY,
        programme=PIN,
    )
    scenario = ledger(earned(1, 100, SOON), hold, graded).wakes(NOW + DAY, key=LEDGER)
    at = NOW + 2 * DAY
    scenario.at(at).then(
        lo.ReleaseHold(stream=LEDGER, hold_id=UUID(int=8)),
        lo.ReviewGrade(stream=LEDGER, as_of_at=at),
        key=LEDGER,
    )


# --- on a real PostgreSQL -------------------------------------------------------------------------

OFFICER = Actor(id=ActorId("u-officer"), roles=frozenset({Role.LOYALTY_OFFICER}))
CUSTOMERS = [UUID(int=1_000 + n) for n in range(6)]


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    with pool(database_url, "writer", size=2) as own:
        casebook = Casebook(own, database_url, Keys(b"k" * 32))
        desk = Desk(database_url, casebook, [SAGA], now=NOW)
        programme = publication_of(SHIPPED / "loyalty_programme" / "club.toml")
        casebook.execute(programme, actor=SYSTEM)
        for n, customer in enumerate(CUSTOMERS):
            stream = lo.ledger_id(customer, "club")
            source = (lo.EarningSource.SURVEY, lo.EarningSource.GAME)[n % 2]
            desk.execute(
                lo.OpenLedger(stream=stream, customer_id=customer, programme="club"),
                lo.EarnPoints(
                    stream=stream, earning_id=UUID(int=n + 1), source=source, reference=f"r-{n}"
                ),
                actor=OFFICER,
            )
        yield desk


def test_only_the_ledgers_that_are_due_are_looked_at(desk: Desk) -> None:
    assert desk.settle() == 0
    head = desk.casebook.head()
    desk.now += 230 * DAY  # the games' points have ended, the surveys' have not
    desk.fold()
    assert desk.tick() == 3
    expired = desk.casebook.read(head, 100)
    games = {lo.ledger_id(customer, "club") for customer in CUSTOMERS[1::2]}
    assert {each.topic for each in expired} == {"loyalty.points_expired"}
    assert {each.stream for each in expired} == games
    assert {each.actor for each in expired} == {"saga:loyalty_expiry"}
    assert desk.settle() == 0
    with connect(desk.url, "views") as views:
        left = views.execute("SELECT count(*) FROM views.saga_loyalty_expiry").fetchone()
    assert left == (3,)


def test_after_a_rebuild_the_saga_knows_the_same_and_does_nothing_again(desk: Desk) -> None:
    desk.now += 230 * DAY
    desk.settle()
    assert compare(desk.url, desk.casebook.log_reader, view_of(SAGA)) == []
    head = desk.casebook.head()
    rebuild(desk.url, desk.casebook.log_reader, view_of(SAGA))
    assert desk.settle() == 0
    assert desk.casebook.head() == head


def test_a_grade_is_lost_after_review_and_notice_by_timers_alone(desk: Desk) -> None:
    stream = lo.ledger_id(CUSTOMERS[0], "club")
    desk.execute(lo.GrantGrade(stream=stream, grade="gold"), actor=OFFICER)
    topics = []
    for _ in range(16):
        desk.now += 30 * DAY
        desk.settle()
    history = desk.casebook.history(stream)
    topics = [each.topic for each in history if "grade" in each.topic]
    assert topics == [
        "loyalty.grade_changed",
        "loyalty.downgrade_announced",
        "loyalty.grade_changed",
    ]
    assert desk.casebook.state(stream).state.grade == "basic"
