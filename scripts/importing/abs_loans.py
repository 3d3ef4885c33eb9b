"""Auto loans of an asset-backed security, as its filing lists them: SEC form ABS-EE, a row a loan.

The field names are those of the schema that Regulation AB II prescribes (17 CFR 229.1125, schedule
AL, item 3: automobile loans), as CSV with a header. Amounts are dollars, rates parts of one, months
`08/2019`, days `07-31-2020`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from importing.cases import Reject, RowRefused, SourceRefused, SourceRow
from importing.sources import READ_ERRORS, Lines, SourceFile, delimited_rows

SIMPLE, FIXED, MONTHLY = "1", "1", "2"
"""What the codes of interest, of the rate's kind and of the payments say here."""

_NOISE = Decimal("0.000001")
"""Tools that kept numbers as floating point left errors far below a cent in the file."""

NEEDED = (
    "assetNumber", "reportingPeriodEndingDate", "originationDate", "originalLoanAmount",
    "originalLoanTerm", "loanMaturityDate", "originalInterestRatePercentage",
    "interestCalculationTypeCode", "originalInterestRateTypeCode", "originalFirstPaymentDate",
    "gracePeriodNumber", "paymentTypeCode", "remainingTermToMaturityNumber",
    "reportingPeriodActualEndBalanceAmount", "reportingPeriodScheduledPaymentAmount",
    "currentDelinquencyStatus", "obligorGeographicLocation",
)  # fmt: skip

_NAMING = (
    "assetNumber", "originationDate", "originalFirstPaymentDate", "originalLoanAmount",
    "originalLoanTerm", "originalInterestRatePercentage", "vehicleModelName", "vehicleModelYear",
    "vehicleValueAmount", "obligorCreditScore", "obligorGeographicLocation",
)  # fmt: skip
"""What a loan is told from others by: an asset number that a tool kept as floating point has lost
its last digits, and what a reporting period changes names no loan."""


@dataclass(frozen=True, slots=True)
class Loan:
    """A row: a loan as it was made, and as it stood at the end of the reporting period.

    Amounts are cents. Days of the month are not filed: a month stands as its first day.
    """

    row: SourceRow
    fields: Mapping[str, str]
    number: str
    key: str
    as_of_on: date
    originated_on: date
    first_due_on: date
    matures_on: date
    amount_minor: int
    annual_rate: Fraction
    term_months: int
    months_before_first: int
    remaining_months: int
    balance_minor: int
    scheduled_minor: int
    days_past_due: int
    state: str

    @property
    def payments(self) -> int:
        """Return how many payments there are: the filed term counts the months before them too."""
        return self.term_months - self.months_before_first


def loans(source: SourceFile) -> Iterator[Loan | Reject]:
    """Go through the loans of a filing, and the rows that are none."""
    lines = Lines(source.stream)
    names = _header(source, lines)
    for found in delimited_rows(lines, columns=len(names), tabs=False):
        if isinstance(found, Reject):
            yield found
            continue
        row, cells = found
        fields = {name: cell.strip() for name, cell in zip(names, cells, strict=True)}
        row = SourceRow(row.line, fields["assetNumber"], row.text)
        try:
            yield _Reader(row, fields).loan()
        except RowRefused as refused:
            yield refused.of(row)


def _header(source: SourceFile, lines: Lines) -> list[str]:
    try:
        first = next(lines)
    except StopIteration:
        raise SourceRefused(f"{source.path} is empty") from None
    except READ_ERRORS as error:
        raise SourceRefused(f"{source.path} cannot be read: {error}") from error
    names = [name.strip().strip('"') for name in first.lstrip("\ufeff").split(",")]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise SourceRefused(
            f"{source.path} is no filing of auto loans (ABS-EE): its first line names no"
            f" {', '.join(missing[:3])}"
        )
    return names


class _Reader:
    """Reads the fields of one row; `RowRefused` names the one that is wrong."""

    def __init__(self, row: SourceRow, fields: Mapping[str, str]) -> None:
        self.row = row
        self.fields = fields

    def loan(self) -> Loan:
        """Return the loan of the row."""
        self.code("interestCalculationTypeCode", SIMPLE, "not simple interest")
        self.code("originalInterestRateTypeCode", FIXED, "not a fixed rate")
        self.code("paymentTypeCode", MONTHLY, "not paid by the month")
        term = self.count("originalLoanTerm", 1, 600)
        return Loan(
            row=self.row,
            fields=self.fields,
            number=self.fields["assetNumber"],
            key="/".join(self.fields.get(name, "") for name in _NAMING),
            as_of_on=self.day("reportingPeriodEndingDate"),
            originated_on=self.month("originationDate"),
            first_due_on=self.month("originalFirstPaymentDate"),
            matures_on=self.month("loanMaturityDate"),
            amount_minor=self.cents("originalLoanAmount", 1),
            annual_rate=self.rate("originalInterestRatePercentage"),
            term_months=term,
            months_before_first=self.count("gracePeriodNumber", 0, term - 1),
            remaining_months=self.count("remainingTermToMaturityNumber", 0, 600),
            balance_minor=self.cents("reportingPeriodActualEndBalanceAmount", 0),
            scheduled_minor=self.cents("reportingPeriodScheduledPaymentAmount", 0),
            days_past_due=self.count("currentDelinquencyStatus", 0, 10_000),
            state=self.fields["obligorGeographicLocation"],
        )

    def code(self, name: str, wanted: str, otherwise: str) -> None:
        if self.fields[name] != wanted:
            raise RowRefused("loan.of_another_kind", otherwise, name)

    def number(self, name: str) -> Decimal:
        try:
            found = Decimal(self.fields[name])
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite():
            raise RowRefused("value.decimal_parsing", "this is no number", name)
        return found

    def count(self, name: str, at_least: int, at_most: int) -> int:
        found = self.number(name)
        if found != int(found):
            raise RowRefused("value.int_parsing", "this is no whole number", name)
        return int(self.between(name, found, at_least, at_most))

    def between(self, name: str, found: Decimal, at_least: int, at_most: int) -> Decimal:
        if not at_least <= found <= at_most:
            raise RowRefused("value.out_of_range", f"not from {at_least} to {at_most}", name)
        return found

    def cents(self, name: str, at_least: int) -> int:
        cents = self.number(name) * 100
        whole = round(cents)
        if abs(cents - whole) > _NOISE * 100:
            raise RowRefused("value.not_in_cents", "this is no whole number of cents", name)
        return int(self.between(name, Decimal(whole), at_least, 10**12))

    def rate(self, name: str) -> Fraction:
        found = self.between(name, self.number(name), 0, 1)
        return Fraction(found.quantize(Decimal("0.00000001")))

    def month(self, name: str) -> date:
        month, _, year = self.fields[name].partition("/")
        try:
            return date(int(year), int(month), 1)
        except ValueError:
            raise RowRefused("value.month_parsing", "this is no month", name) from None

    def day(self, name: str) -> date:
        month, day, year = (*self.fields[name].split("-"), "", "")[:3]
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            raise RowRefused("value.date_parsing", "this is no day", name) from None


def after(on: date) -> date:
    """Return the first day of the month after the one in which a day lies."""
    return (on.replace(day=1) + timedelta(days=32)).replace(day=1)
