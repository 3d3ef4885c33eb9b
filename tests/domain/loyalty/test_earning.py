"""Earning by the programme's rules: references, caps, expiry, carried-over balances."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.declare import AlreadyExists
from domain.loyalty import (
    DECIDER,
    AmountIsNegative,
    CarryOverBalance,
    EarningSource,
    EarningTooLate,
    EarnPoints,
    ItemExists,
    LedgerOpened,
    LoyaltyCareOnly,
    OpenedInFuture,
    OpenLedger,
    PointsEarned,
    ReferenceDiffers,
    SourceEarnsNothing,
    WrongLedgerId,
    sides,
)
from domain.money import CurrenciesDiffer, Currency, Money
from domain.rulebook import Provenance
from tests.domain.loyalty.club import (
    AUDITOR,
    CUSTOMER,
    HERSELF,
    LEDGER,
    OFFICER,
    OPENED,
    PIN,
    RULES,
    SPECIALIST,
    club,
    lot,
    usd,
)
from tests.scenario import NOW, case

SERVICE = EarningSource.SERVICE
TEHRAN_YEAR_AFTER = datetime(2027, 3, 31, 20, 30, tzinfo=UTC)
"""The end of March of the next year in Tehran."""


def earn(n: int, source: EarningSource = SERVICE, **said: Any) -> EarnPoints:
    wish = {"reference": f"visit-{n}", "amount": usd(2_599), **said}
    return EarnPoints(stream=LEDGER, earning_id=UUID(int=n), source=source, **wish)


def earned(n: int, points: int, **said: Any) -> PointsEarned:
    facts: dict[str, Any] = {
        "expires_at": TEHRAN_YEAR_AFTER,
        "amount": usd(2_599),
        "by": SPECIALIST.id,
        **said,
    }
    return lot(n, points, **facts)


def test_a_service_earns_what_the_programme_gives_until_the_end_of_a_month() -> None:
    club().when(earn(1), by=SPECIALIST).then(earned(1, 125))


def test_a_purchase_is_pending_until_its_days_are_over() -> None:
    scenario = club().when(earn(1, EarningSource.PURCHASE), by=SPECIALIST)
    made = scenario.scenario.decide(scenario.commands[0], scenario.before.state)
    assert made[0].active_from_at == NOW + timedelta(days=14)


def test_the_same_reference_earns_once_whatever_id_it_comes_under() -> None:
    again = replace(earn(1), earning_id=UUID(int=77))
    club(earned(1, 125)).when(again, by=SPECIALIST).then_nothing()


def test_a_reference_that_earned_for_another_amount_is_refused() -> None:
    other = earn(1, amount=usd(10_000))
    club(earned(1, 125)).when(other, by=SPECIALIST).refused(ReferenceDiffers)


def test_an_id_that_earned_for_another_reference_is_refused() -> None:
    club(earned(1, 125)).when(earn(1, reference="else"), by=SPECIALIST).refused(ItemExists)


def test_a_cap_takes_off_what_is_beyond_it_and_says_so() -> None:
    full = earned(1, 450, amount=usd(35_000))
    capped = earned(2, 50, capped_points=75)
    club(full).when(earn(2), by=SPECIALIST).then(capped)


def test_what_is_earned_the_day_after_has_a_cap_of_its_own() -> None:
    yesterday = earned(1, 500, occurred_at=NOW - timedelta(days=1))
    yesterday = replace(yesterday, counted_on=NOW.date() - timedelta(days=1))
    club(yesterday).when(earn(2), by=SPECIALIST).then(earned(2, 125))


def test_more_earnings_a_day_than_the_programme_counts_earn_nothing() -> None:
    survey = {"source": EarningSource.SURVEY, "rule": "survey", "expires_at": None}
    two = [replace(earned(n, 50, **survey), reference=f"survey-{n}") for n in (1, 2)]
    third = earn(3, EarningSource.SURVEY, amount=None)
    outcome = club(*two).when(third, by=SPECIALIST)
    [made] = outcome.scenario.decide(third, outcome.before.state)
    assert (made.points, made.capped_points) == (0, 50)


def test_a_day_is_the_customers_and_begins_at_her_midnight() -> None:
    late = datetime(2026, 2, 28, 20, 30, tzinfo=UTC)  # midnight in Tehran
    outcome = club().when(earn(1, occurred_at=late), by=SPECIALIST)
    [made] = outcome.scenario.decide(earn(1, occurred_at=late), outcome.before.state)
    assert made.counted_on.isoformat() == "2026-03-01"
    before = late - timedelta(seconds=1)
    [made] = outcome.scenario.decide(earn(2, occurred_at=before), outcome.before.state)
    assert made.counted_on.isoformat() == "2026-02-28"


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        (earn(1, EarningSource.CALLBACK), SourceEarnsNothing),
        (earn(1, amount=usd(-1)), AmountIsNegative),
        (earn(1, amount=Money(minor=1, currency=Currency.IRR)), CurrenciesDiffer),
        (earn(1, occurred_at=NOW + timedelta(hours=1)), OpenedInFuture),
        (earn(1, occurred_at=NOW - timedelta(days=91)), EarningTooLate),
    ],
)
def test_what_earns_nothing_is_refused(wish: EarnPoints, refusal: Any) -> None:
    club().when(wish, by=SPECIALIST).refused(refusal)


@pytest.mark.parametrize("actor", [HERSELF, AUDITOR])
def test_nobody_else_than_who_keeps_ledgers_records_an_earning(actor: Any) -> None:
    club().when(earn(1), by=actor).refused(LoyaltyCareOnly)


def test_a_carried_over_balance_says_where_it_comes_from() -> None:
    wish = CarryOverBalance(
        stream=LEDGER,
        earning_id=UUID(int=5),
        reference="card-5",
        points=750,
        origin="Club cards, list of 5 March, line 17",
        occurred_at=NOW - timedelta(days=400),
    )
    made = lot(
        5,
        750,
        source=EarningSource.OPENING,
        reference="card-5",
        occurred_at=wish.occurred_at,
        active_from_at=wish.occurred_at,
        counted_on=wish.occurred_at.date(),
        rule="opening",
        by=OFFICER.id,
        counts_for_grade=False,
        provenance=Provenance(source=wish.origin, confirmed="carried_over"),
    )
    scenario = club().when(wish, by=OFFICER).then(made)
    other = replace(wish, points=751, earning_id=UUID(int=6))
    scenario.when(other, by=OFFICER).refused(ReferenceDiffers)
    assert sides(scenario.state) == (750, 750)


def test_a_ledger_is_opened_once_under_the_id_that_is_its_own() -> None:
    wish = OpenLedger(stream=LEDGER, customer_id=CUSTOMER, programme="club")
    opened = LedgerOpened(customer_id=CUSTOMER, programme=PIN, opened_at=NOW)
    empty = case(DECIDER, stream=LEDGER, rules=RULES)
    empty.when(wish, by=SPECIALIST).then(opened)
    empty.when(replace(wish, stream=UUID(int=1)), by=SPECIALIST).refused(WrongLedgerId)
    empty.when(wish, by=HERSELF).refused(LoyaltyCareOnly)


def test_a_saga_that_knows_less_of_a_ledger_finds_it_open_already() -> None:
    numbered = replace(OPENED, membership_number="CL-7")
    wish = OpenLedger(stream=LEDGER, customer_id=CUSTOMER, programme="club")
    standing = case(DECIDER, stream=LEDGER, rules=RULES).given(numbered)
    standing.when(wish, by=SPECIALIST).then_nothing()
    other = replace(wish, membership_number="CL-8")
    standing.when(other, by=SPECIALIST).refused(AlreadyExists)
