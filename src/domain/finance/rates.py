"""Rates: written as decimal text or basis points, reckoned with as exact fractions."""

from fractions import Fraction
from typing import Annotated

from domain.fields import Text

PercentText = Annotated[str, Text(max=12, pattern=r"^[0-9]{1,4}(\.[0-9]{1,6})?$")]
"""A share of a hundred in decimal text, such as `18` or `6.87`; never negative."""


def percent(text: str) -> Fraction:
    """Return a percentage of decimal text as an exact fraction: `18` is 9/50."""
    return Fraction(text) / 100


def basis_points(number: int) -> Fraction:
    """Return a number of hundredths of a percent as an exact fraction: 1,800 is 9/50."""
    return Fraction(number, 10_000)
