"""Money in minor units."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import (
    MINOR_DIGITS,
    CurrenciesDiffer,
    Currency,
    Money,
    Rounding,
    RoundingMode,
    WeightsAreWrong,
    rounded,
    total,
    zero,
)

AMOUNTS = st.integers(-(10**18), 10**18).map(lambda m: Money(minor=m, currency=Currency.IRR))


def rials(minor: int) -> Money:
    return Money(minor=minor, currency=Currency.IRR)


def yuan(minor: int) -> Money:
    return Money(minor=minor, currency=Currency.CNY)


def test_amounts_of_one_currency_are_added_and_subtracted() -> None:
    assert rials(3) + rials(4) - rials(9) == rials(-2)
    assert -rials(5) == rials(-5)
    assert total([rials(1), rials(2)], Currency.IRR) == rials(3)
    assert total([], Currency.EUR) == zero(Currency.EUR)


def test_amounts_of_one_currency_are_compared() -> None:
    assert rials(1) < rials(2) <= rials(2)
    assert rials(3) > rials(2) >= rials(2)


def test_rials_and_yuan_are_not_reckoned_with_each_other() -> None:
    for reckon in (
        lambda: rials(1) + yuan(1),
        lambda: rials(1) - yuan(1),
        lambda: rials(1) < yuan(1),
        lambda: rials(1) <= yuan(1),
    ):
        with pytest.raises(CurrenciesDiffer):
            reckon()


@pytest.mark.parametrize(("half", "even"), [(1, 0), (3, 2), (5, 2), (-1, 0), (-3, -2)])
def test_a_half_is_rounded_to_the_even_unit(half: int, even: int) -> None:
    assert rounded(Fraction(half, 2), Currency.CNY) == yuan(even)
    assert yuan(half).times(Fraction(1, 2)) == yuan(even)


def test_a_third_of_ten_goes_first_to_the_first() -> None:
    assert rials(10).allocate([1, 1, 1]) == (rials(4), rials(3), rials(3))
    assert rials(-10).allocate([1, 1, 1]) == (rials(-4), rials(-3), rials(-3))


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [2, -1]])
def test_nothing_is_divided_by_weights_that_say_nothing(weights: list[int]) -> None:
    with pytest.raises(WeightsAreWrong):
        rials(10).allocate(weights)


@given(AMOUNTS, st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any))
def test_the_parts_are_exactly_the_whole(amount: Money, weights: list[int]) -> None:
    parts = amount.allocate(weights)
    assert total(parts, Currency.IRR) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor - Fraction(amount.minor * weight, sum(weights))) < 1


@given(AMOUNTS, AMOUNTS)
def test_what_is_added_can_be_taken_away(one: Money, other: Money) -> None:
    assert one + other - other == one
    assert (one < other) == (one.minor < other.minor)


def test_every_currency_says_how_many_digits_its_minor_unit_has() -> None:
    assert set(MINOR_DIGITS) == set(Currency)
    assert MINOR_DIGITS[Currency.IRR] == 0


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (RoundingMode.HALF_EVEN, (0, 20, -20, 20)),
        (RoundingMode.HALF_UP, (10, 20, -20, 20)),
        (RoundingMode.UP, (10, 20, -20, 20)),
        (RoundingMode.DOWN, (0, 10, -10, 10)),
    ],
)
def test_a_rule_rounds_to_its_step_and_alike_on_both_sides_of_zero(
    mode: RoundingMode, expected: tuple[int, ...]
) -> None:
    rule = Rounding(mode=mode, to_minor=10)
    exact = (5, 15, -15, Fraction(161, 10))
    assert tuple(rule.of(minor) for minor in exact) == expected


@given(st.fractions(-(10**9), 10**9), st.sampled_from(RoundingMode), st.integers(1, 1000))
def test_a_rounded_amount_is_a_multiple_less_than_a_step_away(
    exact: Fraction, mode: RoundingMode, step: int
) -> None:
    found = Rounding(mode=mode, to_minor=step).of(exact)
    assert found % step == 0
    assert abs(found - exact) < step
    assert mode not in (RoundingMode.HALF_EVEN, RoundingMode.HALF_UP) or (
        2 * abs(found - exact) <= step
    )


def test_a_share_in_basis_points_is_rounded_by_the_rule_given() -> None:
    assert yuan(10_050).basis_points(150) == yuan(151)  # 150.75
    assert yuan(10_050).basis_points(150, Rounding(mode=RoundingMode.DOWN)) == yuan(150)
    assert rials(1_000).times(Fraction(1, 3), Rounding(to_minor=100)) == rials(300)
    with pytest.raises(ValueError, match="rounding to 0"):
        Rounding(to_minor=0)
