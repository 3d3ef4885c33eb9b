"""Leases of a filing of auto loans: each loan a customer who is not named, and her lease.

The lease runs on as it stood at the end of the reporting period: what is outstanding, the filed
instalment, the payments that remain. The customer has the loan's number for a name; whoever learns
who she is corrects it. What else the row says of the loan is kept in the source's words.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import uuid5

from domain.customer import RegisterCustomer
from domain.finance import DueDates, due_dates
from domain.lease.carried_over import CarryOverLease, LeaseCarriedOver
from domain.money import Currency
from importing.abs_loans import Loan, loans
from importing.cases import IMPORTS, Case, Fields, Reject, RowRefused, Step, checked
from importing.sources import SourceFile

SOURCE = "abs-ee"
PRODUCT = "us_simple_interest"
CURRENCY = Currency.USD

_FIELDS = Fields(
    {
        "contract_number": "assetNumber",
        "source_row": "assetNumber",
        "original": "originalLoanAmount",
        "annual_percent": "originalInterestRatePercentage",
        "term_months": "originalLoanTerm",
        "originated_on": "originationDate",
        "first_due_on": "originalFirstPaymentDate",
        "as_of_on": "reportingPeriodEndingDate",
        "outstanding": "reportingPeriodActualEndBalanceAmount",
        "instalment": "reportingPeriodScheduledPaymentAmount",
        "remaining": "remainingTermToMaturityNumber",
        "days_past_due": "currentDelinquencyStatus",
        "region": "obligorGeographicLocation",
    }
)

_KEPT = (
    "originatorName", "loanMaturityDate", "originalFirstPaymentDate", "gracePeriodNumber",
    "interestCalculationTypeCode", "paymentTypeCode", "subvented", "vehicleManufacturerName",
    "vehicleModelName", "vehicleModelYear", "vehicleNewUsedCode", "vehicleValueAmount",
    "reportingPeriodBeginningDate", "reportingPeriodBeginningLoanBalanceAmount",
    "scheduledInterestAmount", "scheduledPrincipalAmount", "totalActualAmountPaid",
    "actualInterestCollectedAmount", "actualPrincipalCollectedAmount",
    "actualOtherCollectedAmount", "otherAssessedUncollectedServicerFeeAmount",
    "nextReportingPeriodPaymentAmountDue", "interestPaidThroughDate", "paymentExtendedNumber",
    "primaryLoanServicerName",
)  # fmt: skip
"""What of a row is kept beside what the lease knows; nothing that tells of the person."""


def cases(source: SourceFile, product: str = PRODUCT) -> Iterator[Case | Reject]:
    """Go through the loans of a filing as leases to carry over."""
    for loan in loans(source):
        if isinstance(loan, Reject):
            yield loan
            continue
        try:
            yield _case(loan, product)
        except RowRefused as refused:
            yield refused.of(loan.row)


def _case(loan: Loan, product: str) -> Case:
    if loan.balance_minor == 0:
        raise RowRefused(
            "loan.is_paid_off",
            "nothing is outstanding any more",
            "reportingPeriodActualEndBalanceAmount",
        )
    stream = uuid5(IMPORTS, f"{SOURCE} {loan.key}")
    contract_number = f"{loan.number}.{stream.hex[:6]}"
    customer_id = uuid5(stream, "customer")
    customer = checked(
        RegisterCustomer,
        Fields({"name": "assetNumber"}),
        stream=customer_id,
        name=contract_number,
    )
    step = checked(
        CarryOverLease,
        _FIELDS,
        stream=stream,
        source=SOURCE,
        source_row=f"assetNumber {loan.key}"[:300],
        contract_number=contract_number,
        product=product,
        customer_id=customer_id,
        original=_dollars(loan.amount_minor),
        annual_percent=percent_text(loan.annual_rate),
        term_months=loan.payments,
        originated_on=loan.originated_on,
        first_due_on=loan.first_due_on,
        as_of_on=loan.as_of_on,
        outstanding=_dollars(loan.balance_minor),
        instalment=_dollars(loan.scheduled_minor) if loan.scheduled_minor else None,
        next_due_on=next_due_on(loan),
        remaining=max(loan.remaining_months, 1),
        days_past_due=loan.days_past_due,
        region=f"US-{loan.state}" if loan.state else None,
        columns=[
            {"name": name, "value": loan.fields[name]} for name in _KEPT if loan.fields.get(name)
        ],
    )
    return Case(stream, (customer,), (Step(loan.row, step),), carried=LeaseCarriedOver)


def next_due_on(loan: Loan) -> date:
    """Return the first due date after the reporting period.

    The day of the month is not filed: a loan that is behind tells it by its days past due, of the
    others it is the first.
    """
    following = loan.as_of_on + timedelta(days=1)
    if not loan.days_past_due:
        return following
    oldest_on = loan.as_of_on - timedelta(days=loan.days_past_due)
    ahead = due_dates(DueDates(), oldest_on, loan.days_past_due // 28 + 2)
    return next(each.due_on for each in ahead if each.due_on > loan.as_of_on)


def percent_text(rate: Fraction) -> str:
    """Return a rate as percent in decimal text, without zeros at its end."""
    percent = Decimal(rate.numerator) * 100 / Decimal(rate.denominator)
    return f"{percent.normalize():f}"


def _dollars(minor: int) -> Mapping[str, object]:
    return {"minor": minor, "currency": CURRENCY}
