"""Auto loans of a filing: every row accounted for, a second run adds nothing, schedules agree."""

import csv
import gzip
from datetime import date
from pathlib import Path
from uuid import uuid5

import pytest

from domain.customer import CustomerRegistered
from domain.lease import standing
from domain.lease.carried_over import LeaseCarriedOver
from domain.lease.case import Lease
from domain.money import Currency, Money
from importing.abs_loans import Loan, loans
from importing.agreement import Maturity, Payment, compare
from importing.cases import IMPORTS
from importing.command import app
from importing.leases import next_due_on
from importing.sources import SourceFile
from store.casebook import Casebook
from tests.scripts.abs_loans import ROW, filing
from tests.scripts.running import events, run


def written(tmp_path: Path, *changes: dict[str, str]) -> Path:
    path = tmp_path / "loans.csv.gz"
    path.write_bytes(gzip.compress(filing(*changes).encode()))
    return path


def read(path: Path) -> list[Loan]:
    with SourceFile(path) as source:
        return [loan for loan in loans(source) if isinstance(loan, Loan)]


def usd(minor: int) -> Money:
    return Money(minor=minor, currency=Currency.USD)


def test_a_loan_becomes_a_lease_of_a_customer_who_is_not_named(
    installation: Casebook, tmp_path: Path
) -> None:
    file = written(tmp_path, {}, {"obligorCreditScore": "702", "currentDelinquencyStatus": "40"})
    result = run(app, "leases", file)
    assert "2 rows read = 2 imported + 0 already there + 0 rejected" in result.stdout
    prompt, late = read(file)
    stream = uuid5(IMPORTS, f"abs-ee {prompt.key}")
    [carried] = events(installation.history(stream))
    assert isinstance(carried, LeaseCarriedOver)
    assert (carried.original, carried.outstanding) == (usd(10_000_00), usd(5_563_21))
    assert (carried.annual_percent, carried.term_months) == ("6", 24)
    assert (carried.originated_on, carried.as_of_on) == (date(2019, 8, 1), date(2020, 7, 31))
    assert (carried.region, carried.days_past_due) == ("US-NC", 0)
    assert len(carried.instalments) == 13
    assert sum(each.principal_minor for each in carried.instalments) == 5_563_21
    kept = {column.name: column.value for column in carried.columns}
    assert kept["vehicleModelName"] == "P1"
    assert "obligorCreditScore" not in kept
    [customer] = events(installation.history(uuid5(stream, "customer")))
    assert isinstance(customer, CustomerRegistered)
    assert customer.customer_id == carried.customer_id
    assert customer.name == carried.contract_number
    assert carried.contract_number.startswith("900000000000000128.")

    state = installation.state(uuid5(IMPORTS, f"abs-ee {late.key}")).state
    assert isinstance(state, Lease)
    found = standing(state, date(2020, 7, 31))
    assert found.oldest_unpaid_due_on == date(2020, 6, 21)
    assert found.days_past_due == 40


def test_a_second_run_adds_nothing_and_another_balance_is_a_reject(
    installation: Casebook, tmp_path: Path
) -> None:
    file = written(tmp_path, {})
    run(app, "leases", file)
    again = run(app, "leases", file)
    assert "1 rows read = 0 imported + 1 already there + 0 rejected" in again.stdout
    assert "(0 new), 0 events" in again.stdout
    other = written(tmp_path, {"reportingPeriodActualEndBalanceAmount": "5000"})
    result = run(app, "leases", other, "--strict")
    assert result.exit_code == 3
    assert "0 imported + 0 already there + 1 rejected" in result.stdout
    with (tmp_path / "loans.csv.gz.rejects.csv").open(encoding="utf-8", newline="") as rejects:
        [reject] = csv.DictReader(rejects)
    assert (reject["code"], reject["field"]) == ("row.differs", "outstanding")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"paymentTypeCode": "4"}, "loan.of_another_kind", "paymentTypeCode"),
        ({"originalLoanAmount": "10.005"}, "value.not_in_cents", "originalLoanAmount"),
        ({"originalLoanAmount": "-5"}, "value.out_of_range", "originalLoanAmount"),
        ({"originalLoanAmount": "much"}, "value.decimal_parsing", "originalLoanAmount"),
        ({"originalLoanTerm": "24.5"}, "value.int_parsing", "originalLoanTerm"),
        ({"originationDate": "13/2019"}, "value.month_parsing", "originationDate"),
        ({"reportingPeriodEndingDate": "2020"}, "value.date_parsing", "reportingPeriodEndingDate"),
        (
            {"reportingPeriodActualEndBalanceAmount": "0"},
            "loan.is_paid_off",
            "reportingPeriodActualEndBalanceAmount",
        ),
        (
            {"obligorGeographicLocation": "<b>"},
            "value.string_pattern_mismatch",
            "obligorGeographicLocation",
        ),
    ],
)
def test_a_row_that_is_no_such_loan_is_rejected_with_its_line_and_field(
    change: dict[str, str],
    code: str,
    field: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(app, "leases", written(tmp_path, {}, change), "--dry-run")
    assert "2 rows read = 1 would be imported + 0 already there + 1 rejected" in result.stdout
    with (tmp_path / "loans.csv.gz.rejects.csv").open(encoding="utf-8", newline="") as file:
        [reject] = csv.DictReader(file)
    assert (reject["line"], reject["code"], reject["field"]) == ("3", code, field)


def test_another_file_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    for arguments in (("leases", path, "--dry-run"), ("leases", path, "--check")):
        result = run(app, *arguments)
        assert result.exit_code == 1
        assert "is no filing of auto loans (ABS-EE)" in result.stderr


def test_what_tools_made_of_numbers_is_read_as_they_were(tmp_path: Path) -> None:
    [loan] = read(written(tmp_path, {"originalInterestRatePercentage": "0.053900000000000003"}))
    assert loan.annual_rate * 10_000 == 539


def test_the_next_due_date_keeps_the_day_of_the_oldest_that_is_unpaid(tmp_path: Path) -> None:
    days = {"currentDelinquencyStatus": "31"}
    prompt, late = read(written(tmp_path, {}, days))
    assert next_due_on(prompt) == date(2020, 8, 1)
    assert next_due_on(late) == date(2020, 8, 30)


# --- agreement ------------------------------------------------------------------------------------


def test_schedules_are_compared_with_the_filing_by_category(tmp_path: Path) -> None:
    # 10,000 at 6 percent over 24 months is 443.2061: 443.20 where it is cut off at the cent
    file = written(
        tmp_path,
        {},
        {"reportingPeriodScheduledPaymentAmount": "443.21", "loanMaturityDate": "10/2021"},
        {"reportingPeriodScheduledPaymentAmount": "426.51", "loanMaturityDate": "07/2021"},
        {"reportingPeriodScheduledPaymentAmount": "0"},
        {"reportingPeriodScheduledPaymentAmount": "500"},
        {"paymentTypeCode": "4"},
    )
    with SourceFile(file) as source:
        found = compare(loans(source))
    assert (found.loans, found.rejected, found.sums_exact) == (5, 1, 5)
    assert dict(found.payments) == dict.fromkeys(Payment, 1)
    assert found.more_payments == {1: 1}
    assert dict(found.maturities) == {
        Maturity.SAME: 3, Maturity.EXTENDED: 1, Maturity.EARLIER: 1,
    }  # fmt: skip
    said = run(app, "leases", file, "--check").stdout
    assert "5 loans read, 1 rows rejected; principals sum to the amount: 5" in said
    assert "20.0 %  to the cent" in said
    assert "of these with +1 payments: 1" in said
    assert "months later: 2: 1" in said


def test_every_field_that_the_reader_needs_is_in_a_filing() -> None:
    assert len(filing({}).splitlines()[0].split(",")) == len(ROW)
