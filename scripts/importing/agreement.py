"""Whether what we reckon for a filing's loans is what was filed: category by category."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from domain.finance import DueDates, Terms, annuity_minor, due_dates, schedule
from domain.money import Rounding, RoundingMode
from importing.abs_loans import Loan
from importing.cases import Reject

TERMS = Terms(instalment_rounding=Rounding(mode=RoundingMode.DOWN))
"""An annuity by equal months, whose instalment is cut off at the cent, as this servicer does."""


class Payment(StrEnum):
    """How the instalment of the schedule and the filed scheduled payment agree."""

    SAME = "to the cent"
    ONE_CENT = "one cent apart"
    OTHER_COUNT = "to the cent with another number of payments"
    NOT_FILED = "no scheduled payment is filed"
    OTHERWISE = "otherwise"


class Maturity(StrEnum):
    """How the last due date of the schedule and the filed maturity agree."""

    SAME = "the same month"
    EXTENDED = "filed later: extended since"
    EARLIER = "filed earlier"


@dataclass(slots=True)
class Agreement:
    """How many loans of a filing fall into which category; `examples` are lines of the file."""

    loans: int = 0
    rejected: int = 0
    payments: Counter[Payment] = field(default_factory=Counter)
    maturities: Counter[Maturity] = field(default_factory=Counter)
    months_later: Counter[int] = field(default_factory=Counter)
    more_payments: Counter[int] = field(default_factory=Counter)
    examples: dict[Payment, list[int]] = field(default_factory=dict)
    sums_exact: int = 0


def compare(found: Iterable[Loan | Reject]) -> Agreement:
    """Reckon each loan's schedule from its amount, rate and term, and compare it with the filing.

    The schedule is made whole: every instalment, so that its principals' sum is checked too.
    """
    result = Agreement()
    for loan in found:
        if isinstance(loan, Reject):
            result.rejected += 1
            continue
        result.loans += 1
        payment, more = _payment(loan)
        result.payments[payment] += 1
        if payment is Payment.OTHER_COUNT:
            result.more_payments[more] += 1
        result.examples.setdefault(payment, []).append(loan.row.line)
        last_on, exact = _schedule(loan)
        result.sums_exact += exact
        months = _months(last_on, loan.matures_on)
        result.maturities[_maturity(months)] += 1
        if months > 0:
            result.months_later[months] += 1
    return result


def instalment_minor(loan: Loan, payments: int) -> int:
    """Return the equal instalment of so many payments, in cents."""
    exact = annuity_minor(loan.amount_minor, [loan.annual_rate / 12] * payments)
    return TERMS.instalment_rounding.of(exact)


def _payment(loan: Loan) -> tuple[Payment, int]:
    if loan.scheduled_minor == 0:
        return Payment.NOT_FILED, 0
    apart = loan.scheduled_minor - instalment_minor(loan, loan.payments)
    if apart == 0:
        return Payment.SAME, 0
    if abs(apart) == 1:
        return Payment.ONE_CENT, 0
    for more in (1, 2, 3, -1, -2, -3):
        count = loan.payments + more
        if count > 0 and abs(loan.scheduled_minor - instalment_minor(loan, count)) <= 1:
            return Payment.OTHER_COUNT, more
    return Payment.OTHERWISE, 0


def _schedule(loan: Loan) -> tuple[date, bool]:
    """Return the last due date of a loan's schedule, and whether its principals sum up."""
    dates = due_dates(DueDates(), loan.first_due_on, loan.payments)
    made = schedule(loan.amount_minor, loan.annual_rate, TERMS, loan.originated_on, dates)
    exact = sum(each.principal_minor for each in made) == loan.amount_minor
    return made[-1].due_on, exact


def _months(from_on: date, to_on: date) -> int:
    return (to_on.year - from_on.year) * 12 + to_on.month - from_on.month


def _maturity(months: int) -> Maturity:
    if months == 0:
        return Maturity.SAME
    return Maturity.EXTENDED if months > 0 else Maturity.EARLIER


def lines(found: Agreement) -> list[str]:
    """Return the comparison as lines to be read, shares to a tenth of a percent."""
    read = f"{found.loans:,} loans read, {found.rejected:,} rows rejected"
    said = [
        f"{read}; principals sum to the amount: {found.sums_exact:,}",
        "Instalment reckoned from amount, rate and term, against the filed scheduled payment:",
    ]
    for payment in Payment:
        said.append(_line(payment.value, found.payments[payment], found.loans))
    for more, count in sorted(found.more_payments.items()):
        said.append(f"    of these with {more:+d} payments: {count}")
    said.append("Last due date of the schedule, against the filed maturity:")
    for maturity in Maturity:
        said.append(_line(maturity.value, found.maturities[maturity], found.loans))
    later = ", ".join(f"{months}: {n:,}" for months, n in sorted(found.months_later.items()))
    if later:
        said.append(f"    months later: {later}")
    return said


def _line(what: str, count: int, whole: int) -> str:
    share = Fraction(1000 * count, whole or 1)
    return f"  {count:>6,}  {round(share) / 10:>5} %  {what}"
