"""Contracts and statements: true to their cases, in three languages, calendars and digits."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings

from domain import lease as l
from domain import loyalty as lo
from domain import order as o
from domain.fields import Erased
from domain.loyalty.words import LotState
from domain.money import Currency
from projections import sheets
from projections.letters.writing import amount_in_figures, day_in_figures, number_in_figures
from projections.sheets import Sheet, Table, pictures, render, texts
from projections.sheets.lease import LeaseNotSignedHere, account_sheet, contract_sheet
from projections.sheets.lease import folded as folded_lease
from projections.sheets.lease_account import movements
from projections.sheets.loyalty import folded as folded_ledger
from projections.sheets.loyalty import loyalty_sheet
from projections.sheets.order import folded as folded_order
from projections.sheets.order import order_sheet
from tests.domain.lease import desk as d
from tests.domain.lease.test_laws import Anything
from tests.domain.loyalty import club as c
from tests.domain.order import desk as s
from tests.projections.test_letters import unpacked
from tests.projections.told import history
from tests.scenario import CASE, NOW, Scenario

ZONE = "Asia/Tehran"
ON = date(2026, 7, 1)
LOCALES = pytest.mark.parametrize("locale", sheets.LOCALES)


def contract(product: str, locale: str, name: Any = "Sara Rad") -> Sheet:
    scenario = d.until(product, "active")
    lease = folded_lease(history(CASE, scenario.events))
    assert lease.product is not None
    return contract_sheet(lease, scenario.rules.pinned(l.LeaseProduct, lease.product), name, locale)


def account(scenario: Scenario, locale: str = "en", on: date = ON) -> Sheet:
    return account_sheet(history(CASE, scenario.events), "Sara Rad", locale, on, ZONE)


def moved() -> Scenario:
    """Return a lease with payments in time, late, out of order and taken back."""
    due = [line.due_on for line in folded_lease(history(CASE, d.ACTIVE.events)).account.lines]
    return d.ACTIVE.after(
        (d.OFFICER, d.pay(1, 49_376, due[0])),
        (d.OFFICER, d.pay(2, 98_752, due[3])),
        (d.OFFICER, d.pay(3, 24_688, due[2])),
        (d.OFFICER, d.pay(4, 49_376, due[5])),
        (d.OFFICER, d.take_back(4, reversed_on=date(2026, 6, 20))),
    )


def figures(table: Table, column: int) -> list[int]:
    return [
        int(re.sub(r"[^0-9]", "", row[column]) or 0) * (-1 if "\u2212" in row[column] else 1)
        for row in table.rows
    ]


# --- languages ------------------------------------------------------------------------------------


def test_every_sentence_stands_in_every_language_with_the_same_facts() -> None:
    english = texts("en")
    for locale in sheets.LOCALES:
        other = texts(locale)
        assert {name: set(table) for name, table in other.items()} == {
            name: set(table) for name, table in english.items()
        }
        for name, said in english["sentences"].items():
            facts = set(re.findall(r"\{(\w+)\}", said))
            assert set(re.findall(r"\{(\w+)\}", other["sentences"][name])) == facts, name


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("statuses", l.LeaseStatus),
        ("guarantees", l.GuaranteeKind),
        ("movements", l.LeasePaymentKind),
        ("currencies", Currency),
        ("methods", o.OrderPaymentMethod),
        ("stages", o.OrderStage),
        ("order_statuses", o.OrderStatus),
        ("points", lo.EarningSource),
        ("points", lo.SpendingPurpose),
    ],
)
def test_every_word_of_the_cases_has_a_name(table: str, words: Any) -> None:
    assert {word.value for word in words} <= set(texts("en")[table])


def test_days_numbers_and_amounts_are_written_as_their_reader_writes_them() -> None:
    nowruz = date(2026, 3, 21)
    assert day_in_figures(nowruz, "fa") == "۱۴۰۵/۰۱/۰۱"
    assert day_in_figures(nowruz, "zh") == "2026-03-21"
    assert day_in_figures(nowruz, "en") == "21 Mar 2026"
    assert number_in_figures(-1_234_567, "fa") == "\u2212۱٬۲۳۴٬۵۶۷"
    assert amount_in_figures(-1_234_507, Currency.USD, "en") == "\u221212,345.07"
    assert amount_in_figures(1_234_507, Currency.USD, "fa") == "۱۲٬۳۴۵٫۰۷"
    assert amount_in_figures(5, Currency.IQD, "zh") == "0.005"
    assert amount_in_figures(9_000, Currency.IRR, "en") == "9,000"


# --- the lease contract ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("product", "locale", "font"),
    [
        ("ir_in_house", "fa", b"Vazirmatn"),
        ("cn_auto_finance", "zh", b"NotoSansSC"),
        ("us_simple_interest", "en", b"NotoSerif"),
    ],
)
def test_a_contract_is_a_pdf_with_its_whole_schedule(
    product: str, locale: str, font: bytes
) -> None:
    sheet = contract(product, locale)
    pdf = render(sheet)
    assert pdf.startswith(b"%PDF-")
    assert font in unpacked(pdf)
    assert len(pictures(sheet, 20)) == 2
    schedule = sheet.tables[-1]
    assert len(schedule.rows) == d.PRICES[product][2]
    assert schedule.total[2] == amount_in_figures(
        d.PRICES[product][0] - d.PRICES[product][1], d.CURRENCIES[product], locale
    )


def test_a_contract_says_days_and_amounts_of_its_readers_calendar_and_digits() -> None:
    sheet = contract("ir_in_house", "fa")
    head = {line.name: line.value for line in sheet.head}
    assert head["تاریخ امضا"] == "۱۳ بهمن ۱۴۰۳"
    assert {line.name: line.value for line in sheet.facts}["مبلغ تسهیلات"] == "۹٬۰۰۰٬۰۰۰٬۰۰۰ ریال"
    assert sheet.tables[-1].rows[0][1] == "۱۴۰۳/۱۲/۱۳"
    assert sheet.direction == "rtl"
    assert sheet.signatures == ("تسهیلات‌گیرنده", "ضامن", "از طرف شرکت")
    assert any("شمسی" in clause for clause in sheet.clauses)
    assert any("۲۹٪".replace("٪", "\u066a") in clause for clause in sheet.clauses)  # 23 and 6


def test_a_contract_without_signature_is_not_printed() -> None:
    lease = folded_lease(history(CASE, d.APPROVED.events))
    assert lease.product is not None
    product = d.APPROVED.rules.pinned(l.LeaseProduct, lease.product)
    with pytest.raises(l.LeaseNotContracted):
        contract_sheet(lease, product, None, "en")
    with pytest.raises(l.LeaseNotContracted):
        account(d.APPROVED)


def test_what_people_wrote_is_text_and_never_markup() -> None:
    sheet = contract("us_simple_interest", "en", '#panic() #read("x") $x^2$ *b* \\u{41} ]')
    assert render(sheet).startswith(b"%PDF-")


def test_whoever_was_erased_has_no_name_on_paper() -> None:
    sheet = contract("us_simple_interest", "en", Erased())
    assert sheet.addressee == ("(erased at the request of the person concerned)",)


# --- the lease account ----------------------------------------------------------------------------


@LOCALES
def test_an_account_is_a_pdf_in_every_language(locale: str) -> None:
    assert render(account(moved(), locale)).startswith(b"%PDF-")


def test_the_lines_of_an_account_end_at_what_is_outstanding() -> None:
    scenario = moved()
    told = history(CASE, scenario.events)
    lease = folded_lease(told)
    lines = movements(told, lease)
    assert lines[-1].principal_left == l.standing(lease, ON).outstanding_minor
    for line in lines:
        if line.amount > 0:
            paid = line.penalty + line.fee + line.interest + line.principal
            assert paid <= line.amount
    sheet = account(scenario)
    assert figures(sheet.tables[0], 2)[-2:] == [49_376, -49_376]
    assert [row[0] for row in sheet.tables[0].rows] == [
        "1 Feb 2025", "1 Mar 2025", "1 May 2025", "1 Jun 2025", "1 Aug 2025", "20 Jun 2026",
    ]  # fmt: skip


class OnPaper(Anything):
    """Whatever happens to a lease, its lines on paper end at what is outstanding."""

    # laws of the lease itself, which are held elsewhere
    nothing_is_lost_or_made_up = None  # type: ignore[assignment]
    what_stands_is_what_a_replay_makes = None  # type: ignore[assignment]
    an_ended_lease_owes_nothing = None  # type: ignore[assignment]

    def teardown(self) -> None:
        assert self.begun.contract is not None
        told = history(CASE, [self.begun.contract, *self.events])
        lines = movements(told, self.state)
        assert lines[-1].principal_left == self.state.account.principal_left
        paid = self.state.account.paid
        assert sum(line.interest for line in lines) == paid.interest
        assert sum(line.penalty for line in lines) == paid.penalty
        assert sum(line.fee for line in lines) == paid.fee


TestOnPaper = OnPaper.TestCase
TestOnPaper.settings = settings(max_examples=10, stateful_step_count=25)


def test_an_account_as_of_an_earlier_day_knows_nothing_of_later_payments() -> None:
    sheet = account(moved(), on=date(2025, 3, 15))
    assert [row[1] for row in sheet.tables[0].rows] == ["Sum financed", "Payment"]
    assert "In arrears" in {line.name for line in sheet.facts}


def test_an_account_says_that_payments_go_elsewhere_since_it_was_told_anew() -> None:
    [_, replayed] = account(moved()).notes
    assert "reckoned anew" in replayed
    assert len(account(d.ACTIVE).notes) == 1


def test_a_lease_that_was_carried_over_has_an_account_and_no_contract_here() -> None:
    carried = l.CarryOverLease(
        stream=CASE,
        source="elsewhere",
        source_row="row 1",
        contract_number="E-1",
        product="us_simple_interest",
        customer_id=d.SARA,
        original=d.money(1_000_000),
        annual_percent="6",
        term_months=24,
        originated_on=date(2025, 1, 1),
        as_of_on=date(2026, 6, 30),
        outstanding=d.money(300_000),
        next_due_on=date(2026, 7, 1),
        remaining=6,
    )
    scenario = d.FRESH.after((d.SAGA, carried))
    lease = folded_lease(history(CASE, scenario.events))
    sheet = account(scenario)
    assert figures(sheet.tables[0], 6) == [300_000]
    assert lease.product is not None
    product = scenario.rules.pinned(l.LeaseProduct, lease.product)
    with pytest.raises(LeaseNotSignedHere):
        contract_sheet(lease, product, None, "en")


# --- the order ------------------------------------------------------------------------------------


def ordered() -> Scenario:
    return s.order().after(
        (s.MANAGER, s.place()),
        (s.MANAGER, s.pay(3_000_000_000, 1)),
        (s.MANAGER, s.pay(6_800_000_000, 2, on=s.after(3))),
        (s.MANAGER, s.pay(100_000_000, 3, on=s.after(9))),
        (s.MANAGER, s.reverse(3)),
    )


TODAY = NOW.date()


def statement(scenario: Scenario, locale: str = "en", on: date = TODAY) -> Sheet:
    order = folded_order(history(CASE, scenario.events))
    assert order.scheme is not None
    scheme = scenario.rules.pinned(o.SaleScheme, order.scheme)
    return order_sheet(order, scheme, "Leila", locale, on, ZONE)


@LOCALES
def test_an_order_is_a_pdf_in_every_language(locale: str) -> None:
    assert render(statement(ordered(), locale)).startswith(b"%PDF-")


def test_what_a_delay_accrued_adds_up_by_months_of_the_readers_calendar() -> None:
    english, persian = statement(ordered()), statement(ordered(), "fa")
    assert [row[0] for row in english.tables[2].rows] == [
        "31 Dec 2025", "31 Jan 2026", "28 Feb 2026", "1 Mar 2026",
    ]  # fmt: skip
    assert [row[0] for row in persian.tables[2].rows] == [
        "۱۴۰۴/۰۹/۳۰", "۱۴۰۴/۱۰/۳۰", "۱۴۰۴/۱۱/۳۰", "۱۴۰۴/۱۲/۱۰",
    ]  # fmt: skip
    assert sum(figures(english.tables[2], 3)) == 735_000_000 == figures(english.tables[2], 4)[-1]
    assert sum(figures(english.tables[1], 3)) == 9_800_000_000
    assert english.tables[0].rows[0][3:] == ("0", "paid")


def test_an_order_without_contract_has_no_statement() -> None:
    scenario = s.order().after((s.MANAGER, s.register()))
    with pytest.raises(o.OrderHasNoContract):
        statement(scenario)


# --- the ledger -----------------------------------------------------------------------------------


def earned() -> Scenario:
    day = timedelta(days=1)
    purchase = lo.EarningSource.PURCHASE
    ledger = c.club(
        c.lot(1, 500, NOW + 300 * day),
        c.lot(2, 1_200, NOW + 30 * day, source=purchase, reference="p1"),
        c.lot(3, 10, None, source=lo.EarningSource.GAME, reference="g1"),
        grading=c.GRADING,
    )
    spend = lo.RedeemPoints(
        stream=c.LEDGER,
        redemption_id=UUID(int=77),
        purpose=lo.SpendingPurpose.SERVICE,
        points=700,
    )
    back = lo.ReverseRedemption(
        stream=c.LEDGER, reversal_id=UUID(int=78), redemption_id=UUID(int=77)
    )
    return ledger.after((c.HERSELF, spend), (c.OFFICER, back), (c.HERSELF, replace_id(spend)))


def replace_id(spend: lo.RedeemPoints) -> lo.RedeemPoints:
    return replace(spend, redemption_id=UUID(int=79), points=200)


@LOCALES
def test_a_ledger_is_a_pdf_in_every_language(locale: str) -> None:
    sheet = loyalty_sheet(history(c.LEDGER, earned().events), "Leila", locale, ZONE)
    assert render(sheet).startswith(b"%PDF-")


def test_the_lines_of_a_ledger_end_at_the_points_that_are_there() -> None:
    told = history(c.LEDGER, earned().events)
    ledger = folded_ledger(told)
    sheet = loyalty_sheet(told, "Leila", "en", ZONE)
    there = ledger.points_in(LotState.ACTIVE) + ledger.points_in(LotState.PENDING) + ledger.held
    assert figures(sheet.tables[0], 3)[-1] == there == 1_510
    assert sum(figures(sheet.tables[0], 2)) == there
    assert [row[1] for row in sheet.tables[0].rows][-3:] == [
        "Spent on Service visit", "Given back", "Spent on Service visit",
    ]  # fmt: skip
    assert sheet.tables[1].rows[-1][0] == "never"
    facts = {line.name: line.value for line in sheet.facts}
    assert facts["Next to expire"].startswith("1,000 · ")


def test_a_long_table_shows_its_newest_lines_and_says_how_many_it_leaves_out() -> None:
    lots = [
        c.lot(n, 1, source=lo.EarningSource.GAME, reference=f"g{n}")
        for n in range(1, sheets.ROWS_MAX + 21)
    ]
    told = history(c.LEDGER, c.club(*lots).events)
    moves = loyalty_sheet(told, "Leila", "en", ZONE).tables[0]
    assert len(moves.rows) == sheets.ROWS_MAX
    assert moves.rows[-1][3] == str(sheets.ROWS_MAX + 20)
    assert moves.note == "20 earlier lines are left out."
