"""Money in minor units, and the only place where it is rounded and divided."""

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction

from domain.declare import Unacceptable, value


class Currency(StrEnum):
    """The currencies amounts are kept in, by ISO 4217 code."""

    IRR = "IRR"
    CNY = "CNY"
    USD = "USD"
    EUR = "EUR"
    GBP = "GBP"
    AED = "AED"
    TRY = "TRY"
    RUB = "RUB"
    IQD = "IQD"
    JPY = "JPY"
    KRW = "KRW"


MINOR_DIGITS: dict[Currency, int] = {
    Currency.IRR: 0,  # ISO 4217 lists two, but nothing below the rial is issued or accounted for
    Currency.CNY: 2,
    Currency.USD: 2,
    Currency.EUR: 2,
    Currency.GBP: 2,
    Currency.AED: 2,
    Currency.TRY: 2,
    Currency.RUB: 2,
    Currency.IQD: 3,
    Currency.JPY: 0,
    Currency.KRW: 0,
}
"""How many decimal digits of the major unit the minor unit has."""


class RoundingMode(StrEnum):
    """Where an exact amount goes that lies between two that can be paid."""

    HALF_EVEN = "half_even"
    HALF_UP = "half_up"
    UP = "up"
    DOWN = "down"


@value
class Rounding:
    """How a product rounds: the mode (of the size, whatever the sign), and to what multiple."""

    mode: RoundingMode = RoundingMode.HALF_EVEN
    to_minor: int = 1

    def __post_init__(self) -> None:
        """Refuse a step that is none, with `ValueError`."""
        if not 1 <= self.to_minor <= 10**9:
            raise ValueError(f"rounding to {self.to_minor} minor units: write 1 to 1000000000")

    def of(self, minor: Fraction | int) -> int:
        """Return an exact number of minor units as the multiple that the rule says."""
        return self.of_quotient(minor.numerator, minor.denominator)

    def of_quotient(self, above: int, below: int) -> int:
        """Return what `of` would of a fraction that need not be in its lowest terms."""
        below *= self.to_minor
        whole, over = divmod(abs(above), below)
        match self.mode:
            case RoundingMode.HALF_EVEN:
                more = 2 * over > below or (2 * over == below and whole % 2 == 1)
            case RoundingMode.HALF_UP:
                more = 2 * over >= below
            case RoundingMode.UP:
                more = over > 0
            case _:
                more = False
        size = (whole + more) * self.to_minor
        return -size if above < 0 else size


TO_THE_MINOR_UNIT = Rounding()


class CurrenciesDiffer(Unacceptable, code="money.currencies_differ"):
    """Amounts in different currencies cannot be reckoned with each other."""


class WeightsAreWrong(Unacceptable, code="money.weights_are_wrong"):
    """An amount can only be divided by weights of which none is negative and one is not zero."""


@value
class Money:
    """An amount: `minor` units of one currency, positive, zero or negative."""

    minor: int
    currency: Currency

    def _like(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrenciesDiffer(
                currency=self.currency.value, other_currency=other.currency.value
            )

    def __add__(self, other: "Money") -> "Money":
        self._like(other)
        return Money(minor=self.minor + other.minor, currency=self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._like(other)
        return Money(minor=self.minor - other.minor, currency=self.currency)

    def __neg__(self) -> "Money":
        return Money(minor=-self.minor, currency=self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._like(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._like(other)
        return self.minor <= other.minor

    def __gt__(self, other: "Money") -> bool:
        return other < self

    def __ge__(self, other: "Money") -> bool:
        return other <= self

    def times(self, rate: Fraction | int, rounding: Rounding | None = None) -> "Money":
        """Return the amount multiplied by an exact rate, rounded half to even or by a rule."""
        exact = self.minor * Fraction(rate)
        if rounding is None:
            return rounded(exact, self.currency)
        return Money(minor=rounding.of(exact), currency=self.currency)

    def basis_points(self, number: int, rounding: Rounding | None = None) -> "Money":
        """Return so many hundredths of a percent of the amount."""
        return self.times(Fraction(number, 10_000), rounding)

    def allocate(self, weights: Sequence[int]) -> tuple["Money", ...]:
        """Divide the amount by weights into parts whose sum is exactly the amount.

        Each part is its exact share rounded down in size; the minor units left over go one each
        to the largest remainders, the earlier part first where remainders are equal.
        """
        total = sum(weights)
        if any(weight < 0 for weight in weights) or total == 0:
            raise WeightsAreWrong
        sign = -1 if self.minor < 0 else 1
        shares = [divmod(abs(self.minor) * weight, total) for weight in weights]
        parts = [whole for whole, _ in shares]
        left_over = abs(self.minor) - sum(parts)
        by_remainder = sorted(range(len(parts)), key=lambda place: -shares[place][1])
        for place in by_remainder[:left_over]:
            parts[place] += 1
        return tuple(Money(minor=sign * part, currency=self.currency) for part in parts)


def zero(currency: Currency) -> Money:
    """Return no money, of one currency."""
    return Money(minor=0, currency=currency)


def rounded(minor: Fraction, currency: Currency) -> Money:
    """Return an exact number of minor units as money, rounded half to even."""
    return Money(minor=round(minor), currency=currency)


def total(amounts: Sequence[Money], currency: Currency) -> Money:
    """Return the sum of amounts of one currency; of none it is zero."""
    result = zero(currency)
    for amount in amounts:
        result = result + amount
    return result
