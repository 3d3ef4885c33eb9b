"""What credit costs a year, whatever the product calls its rate."""

from collections.abc import Sequence

_BP_MAX = 1_000_000
_STEPS = 100
"""Into how many parts a basis point is divided while the rate is sought."""


def annual_percentage_rate_bp(
    principal_minor: int, payments_minor: Sequence[int], every_months: int = 1
) -> int | None:
    """Return the nominal annual rate that payments at equal periods earn on a principal.

    In basis points, to the nearest. It is the actuarial method of 12 CFR 1026, Appendix J, for a
    single advance and regular periods, and the internal rate of return that announcement 3 of 2021
    of the People's Bank of China asks for (simple by the year). None where nothing was lent, where
    the payments do not return it, or beyond 10,000 percent.
    """
    if principal_minor <= 0 or sum(payments_minor) < principal_minor:
        return None
    low, high = 0, _BP_MAX * _STEPS
    if _left(principal_minor, payments_minor, high, every_months) < 0:
        return None
    while low < high:  # the least rate at which something is left in the end
        middle = (low + high) // 2
        if _left(principal_minor, payments_minor, middle, every_months) >= 0:
            high = middle
        else:
            low = middle + 1
    return (low + _STEPS // 2) // _STEPS


def _left(principal_minor: int, payments: Sequence[int], rate: int, every_months: int) -> int:
    """Return what is owed in the end at a rate, times a positive number."""
    below = 12 * 10_000 * _STEPS
    above = below + rate * every_months
    left, scale = principal_minor, 1
    for payment in payments:
        scale *= below
        left = left * above - payment * scale
    return left
