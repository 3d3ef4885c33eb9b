"""A ledger costs what is live in it, not how long it is."""

import sys
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.loyalty import DECIDER, Ledger, PointsRedeemed, SpendingPurpose
from domain.loyalty.memory import Memory
from tests.domain.loyalty.club import PIN, SPECIALIST, club, lot
from tests.scenario import NOW

DAY = timedelta(days=1)


def used_up(lots: int) -> Any:
    """Return a ledger of which one lot after the other was earned and spent at once."""
    state = club().state
    for n in range(1, lots + 1):
        at = NOW + n * DAY
        earned = lot(n, 10, at + 300 * DAY, reference=f"visit-{n}", occurred_at=at)
        state = DECIDER.evolve(state, earned)
        spent = PointsRedeemed(
            redemption_id=UUID(int=10_000 + n),
            purpose=SpendingPurpose.SERVICE,
            points=10,
            parts=(state.lots[0].part(),),
            redeemed_at=at,
            reversible_until_at=at + 30 * DAY,
            programme=PIN,
            by=SPECIALIST.id,
        )
        state = DECIDER.evolve(state, spent)
    return state


def test_a_lot_that_is_used_up_and_a_redemption_past_reversal_are_forgotten() -> None:
    state = used_up(400)
    assert state.lots == ()
    assert len(state.redemptions) == 30
    assert state.spent == 4_000
    assert [len(tier) for tier in state.known.tiers][-1] > 1_000


def test_the_fold_copies_a_few_dozen_items_an_event_however_long_the_history() -> None:
    assert _calls(600) < 2.2 * _calls(300)


def _calls(lots: int) -> int:
    """Return how much is done to fold so many lots: calls, which no other load changes."""
    calls = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        used_up(lots)
    finally:
        sys.setprofile(None)
    return calls


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), max_size=200))
def test_a_memory_knows_what_it_was_told_last(told: list[tuple[int, int]]) -> None:
    memory: Memory[int, int] = Memory()
    plain: dict[int, int] = {}
    for key, item in told:
        before = memory
        memory = memory.knowing(key, item)
        assert before.get(key) == plain.get(key)
        plain[key] = item
    assert {key: memory.get(key) for key in range(61)} == {key: plain.get(key) for key in range(61)}


def test_a_memory_of_very_many_stays_a_few_tiers() -> None:
    memory: Memory[int, int] = Memory()
    for number in range(20_000):
        memory = memory.knowing_all({number: 1, -number: 1})
    assert len(memory.tiers) <= 5
    assert all(memory.has(number) for number in range(-19_999, 20_000, 997))


def test_a_new_ledger_knows_nothing() -> None:
    assert Ledger().wish(UUID(int=1)) is None
