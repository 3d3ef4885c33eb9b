"""Schedules that replace others: prepayment, restructuring, settlement, and taking them back."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain import lease as l
from domain.finance import Prepayment
from domain.lease.account import standing_of
from tests.domain.lease import desk as d
from tests.domain.lease.desk import money
from tests.scenario import CASE

LINES = d.ACTIVE.state.contract.instalments
FIRST = LINES[0].principal_minor + LINES[0].interest_minor
PAID_TWICE = d.ACTIVE.after(
    (d.OFFICER, d.pay(1, FIRST, date(2025, 3, 1))),
    (d.OFFICER, d.pay(2, FIRST, date(2025, 4, 1))),
)


def prepay(minor: int, on: date, mode: str = "shorter_term", number: int = 50) -> l.PrepayLease:
    return l.PrepayLease(
        stream=CASE,
        payment_id=d.an_id(100 + number),
        mode=Prepayment(mode),
        amount=money(minor),
        value_on=on,
    )


def restructure(kind: str, on: date, number: int = 1, **facts: Any) -> l.RestructureLease:
    return l.RestructureLease(
        stream=CASE,
        restructuring_id=d.an_id(800 + number),
        kind=l.RestructuringKind(kind),
        effective_on=on,
        **facts,
    )


def take_back(n: int, ground: str = "mistake", number: int = 1) -> l.WithdrawSchedule:
    return l.WithdrawSchedule(
        stream=CASE,
        withdrawal_id=d.an_id(850 + number),
        schedule_n=n,
        ground=l.ScheduleWithdrawal(ground),
    )


def quote(on: date, number: int = 1) -> l.QuoteSettlement:
    return l.QuoteSettlement(stream=CASE, quote_id=d.an_id(700 + number), settle_on=on)


def settle(quoted: l.SettlementQuoted, on: date, **facts: Any) -> l.SettleLease:
    said: dict[str, Any] = {
        "payment_id": d.an_id(750),
        "quote_id": quoted.quote_id,
        "amount": quoted.amount,
        "value_on": on,
    }
    return l.SettleLease(stream=CASE, **{**said, **facts})


# --- prepayment -----------------------------------------------------------------------------------


def test_a_prepayment_shortens_the_term_or_lowers_the_instalment() -> None:
    on = date(2025, 4, 11)
    before = PAID_TWICE.state.account
    shorter = PAID_TWICE.after((d.OFFICER, prepay(500_000, on))).state
    lower = PAID_TWICE.after((d.OFFICER, prepay(500_000, on, "lower_instalment"))).state
    for state in (shorter, lower):
        account = state.account
        assert account.paid.principal + account.principal_left == 2_500_000
        assert sum(line.principal_minor for line in account.lines) == account.principal_left
        assert account.former == before
    assert len(shorter.account.lines) < 58 == len(lower.account.lines)
    usual = [line.principal_minor + line.interest_minor for line in shorter.account.lines[:-1]]
    assert max(usual) <= FIRST
    first = lower.account.lines[0]
    assert first.due_on == date(2025, 5, 1)
    assert first.principal_minor + first.interest_minor < FIRST


def test_interest_since_the_last_due_date_is_paid_on_what_is_prepaid() -> None:
    made = PAID_TWICE.after((d.OFFICER, prepay(500_000, date(2025, 4, 11)))).events[-1]
    interest, principal = made.shares
    assert (interest.n, principal.n) == (0, 0)
    assert interest.minor + principal.minor == 500_000
    exact = principal.minor * 10 * 69 / 1000 / 365
    assert abs(interest.minor - exact) <= 1


def test_a_prepayment_pays_what_is_due_first() -> None:
    on = date(2025, 4, 11)
    one = d.ACTIVE.after((d.OFFICER, d.pay(1, FIRST, date(2025, 3, 1))))
    made = one.after((d.OFFICER, prepay(500_000, on))).events[-1]
    assert [(share.n, share.part.value) for share in made.shares] == [
        (2, "penalty"),
        (2, "interest"),
        (2, "principal"),
        (0, "interest"),
        (0, "principal"),
    ]
    assert sum(share.minor for share in made.shares) == 500_000
    one.when(prepay(1_000, on)).refused(l.PrepaymentTooSmall)
    one.when(prepay(2_600_000, on)).refused(l.PrepaymentTooLarge)
    flat = d.until("ir_bank_flat", "active")
    command = l.PrepayLease(
        stream=CASE,
        payment_id=d.an_id(150),
        mode=Prepayment.SHORTER_TERM,
        amount=money(5_000_000_000, "ir_bank_flat"),
        value_on=on,
    )
    flat.when(command).refused(l.PrepaymentNotOffered)


def test_a_payment_from_before_a_newer_schedule_waits_until_that_is_taken_back() -> None:
    prepaid = PAID_TWICE.after((d.OFFICER, prepay(500_000, date(2025, 4, 11))))
    prepaid.when(d.pay(3, 100, date(2025, 4, 10))).refused(l.PaymentBeforeSchedule)
    prepaid.when(d.take_back(1)).refused(l.PaymentBeforeSchedule)
    after = prepaid.after((d.OFFICER, d.pay(4, FIRST, date(2025, 5, 1))))
    back = after.after((d.OFFICER, take_back(2, "payment_bounced")))
    assert back.state.account.n == 1
    alone = PAID_TWICE.after((d.OFFICER, d.pay(4, FIRST, date(2025, 5, 1))))
    assert back.state.account.lines == alone.state.account.lines
    assert back.state.account.entries == alone.state.account.entries
    back.when(take_back(2, "payment_bounced")).then_nothing()
    late = back.after((d.OFFICER, d.pay(3, 100, date(2025, 4, 10))))
    again = late.after((d.OFFICER, prepay(500_000, date(2025, 5, 2), number=51)))
    assert again.state.account.n == 3, "a number is not given twice"
    assert again.state.account.former.n == 1


def test_interest_that_was_paid_ahead_counts_for_the_new_schedule() -> None:
    ahead = PAID_TWICE.after((d.OFFICER, d.pay(3, FIRST, date(2025, 4, 2))))
    made = ahead.after((d.OFFICER, prepay(300_000, date(2025, 4, 11))))
    credited = made.events[-1].credited_minor
    assert credited == LINES[2].interest_minor
    assert sum(line.interest_paid for line in made.state.account.lines) == credited
    account = made.state.account
    assert account.paid.principal + account.principal_left == 2_500_000


# --- restructuring --------------------------------------------------------------------------------


def test_an_extension_takes_up_what_is_unpaid_and_keeps_the_old_schedule() -> None:
    on = date(2025, 6, 15)
    scenario = PAID_TWICE.after((d.OFFICER, restructure("extension", on, months=80)))
    made, account = scenario.events[-1], scenario.state.account
    assert (made.old_schedule_n, made.schedule_n, len(made.instalments)) == (1, 2, 80)
    assert made.spread_minor > 0
    assert made.capitalised_minor == 0
    assert sum(line.principal_minor for line in account.lines) == made.principal_minor
    assert account.former == PAID_TWICE.state.account
    assert account.lines[0].due_on == date(2025, 7, 1)
    assert standing_of(account, date(2025, 6, 30)).arrears_minor == 0
    assert standing_of(account, date(2025, 6, 30)).penalty_minor == made.carried_penalty_minor > 0
    scenario.when(restructure("extension", on, months=80)).then_nothing()
    scenario.when(restructure("extension", on, months=81)).refused(l.LeaseItemExists)
    PAID_TWICE.when(restructure("extension", on, months=56)).refused(l.ExtensionTooShort, left=56)


def test_arrears_are_added_to_the_principal_where_the_product_says_so() -> None:
    active = d.until("cn_auto_finance", "active")
    scenario = active.after((d.OFFICER, restructure("extension", date(2025, 4, 15), months=60)))
    made, account = scenario.events[-1], scenario.state.account
    assert made.capitalised_minor > 0
    assert account.principal_left == 14_000_000 + made.capitalised_minor
    assert account.capitalised == made.capitalised_minor
    back = scenario.after((d.OFFICER, take_back(2)))
    assert back.state.account.principal_left == 14_000_000


def test_a_deferral_lets_months_go_by_and_a_rate_changes_for_what_is_left() -> None:
    on = date(2025, 4, 15)
    rested = PAID_TWICE.after((d.OFFICER, restructure("deferral", on, months=3))).events[-1]
    assert rested.instalments[0].due_on == date(2025, 8, 1)
    assert len(rested.instalments) == 58
    principal = rested.principal_minor
    assert rested.spread_minor == round(principal * 69 / 1000 * 3 / 12)
    command = restructure("rate_change", on, annual_percent="3.9")
    changed = PAID_TWICE.after((d.OFFICER, command)).events[-1]
    interest = sum(line.interest_minor for line in changed.instalments)
    assert interest < sum(line.interest_minor for line in LINES[2:])
    PAID_TWICE.when(restructure("rate_change", on)).refused(l.RestructuringUnclear)
    PAID_TWICE.when(restructure("deferral", on)).refused(l.RestructuringUnclear)


def test_a_product_says_how_and_how_often_a_lease_is_restructured() -> None:
    flat = d.until("ir_bank_flat", "active")
    on = date(2025, 4, 15)
    flat.when(restructure("deferral", on, months=2)).refused(l.RestructuringNotOffered)
    once = flat.after((d.OFFICER, restructure("extension", on, months=30)))
    once.when(restructure("extension", on, number=2, months=40)).refused(
        l.RestructuringNotOffered, at_most=1
    )
    free = once.after((d.OFFICER, take_back(2)))
    free.after((d.OFFICER, restructure("extension", on, number=3, months=40)))
    late = PAID_TWICE.after((d.OFFICER, d.pay(3, 100, date(2025, 5, 1))))
    late.when(restructure("deferral", on, months=2)).refused(l.RestructuringOutOfOrder)
    PAID_TWICE.when(take_back(2)).refused(l.LeaseItemNotFound)


# --- settlement -----------------------------------------------------------------------------------

SETTLE_ON = date(2026, 6, 28)
NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("product", sorted(d.PRICES))
def test_what_was_quoted_is_what_settles(product: str) -> None:
    active = d.until(product, "active")
    quoted = active.after((d.OFFICER, quote(SETTLE_ON)))
    offer = quoted.events[-1]
    parts = (
        offer.principal_minor,
        offer.interest_minor,
        offer.penalty_minor,
        offer.fee_minor,
        offer.settlement_fee_minor,
    )
    assert offer.amount.minor == sum(parts)
    assert offer.principal_minor == active.state.account.principal_left
    settled = quoted.after((d.OFFICER, settle(offer, SETTLE_ON)))
    made, state = settled.events[-1], settled.state
    assert sum(share.minor for share in made.shares) == offer.amount.minor
    assert state.status is l.LeaseStatus.SETTLED
    assert state.account.principal_left == 0
    assert state.account.paid.principal == active.state.contract.financed.minor
    quoted.when(quote(SETTLE_ON)).then_nothing()
    settled.when(settle(offer, SETTLE_ON)).then_nothing()


def test_a_quote_holds_for_its_time_and_for_the_account_as_it_stood() -> None:
    quoted = PAID_TWICE.after((d.OFFICER, quote(date(2025, 4, 1))))
    offer = quoted.events[-1]
    assert offer.valid_until_on == date(2025, 4, 11)
    quoted.when(settle(offer, date(2025, 4, 12))).refused(l.QuoteExpired)
    quoted.when(settle(offer, date(2025, 4, 11))).refused(l.QuoteExpired)  # it is July 2026
    current = PAID_TWICE.after((d.OFFICER, quote(SETTLE_ON)))
    offer = current.events[-1]
    less = money(offer.amount.minor - 1)
    current.when(settle(offer, SETTLE_ON, amount=less)).refused(l.SettlementDiffers)
    moved = current.after((d.OFFICER, d.pay(7, 1_000, date(2026, 6, 20))))
    moved.when(settle(offer, SETTLE_ON)).refused(l.QuoteOutdated)
    other = settle(offer, SETTLE_ON, quote_id=d.an_id(709))
    current.when(other).refused(l.LeaseItemNotFound)
    current.when(quote(date(2028, 1, 1), 2)).refused(l.QuoteTooFarAhead)


def test_a_customer_cannot_fill_her_lease_with_quotes() -> None:
    scenario = PAID_TWICE
    wishes = [
        l.QuoteSettlement(stream=CASE, quote_id=d.an_id(10_000 + number))
        for number in range(l.QUOTES_MAX)
    ]
    for wish in wishes:
        scenario = scenario.after((d.CUSTOMER, wish))
    scenario.when(wishes[-1], by=d.CUSTOMER).then_nothing()
    more = l.QuoteSettlement(stream=CASE, quote_id=d.an_id(9_999))
    scenario.when(more, by=d.CUSTOMER).refused(l.TooManyQuotes, at_most=l.QUOTES_MAX)
    assert isinstance(scenario.after((d.OFFICER, more)).events[-1], l.SettlementQuoted)
    moved = scenario.after((d.OFFICER, d.pay(7, 1_000, date(2026, 6, 20))))
    assert isinstance(moved.after((d.CUSTOMER, more)).events[-1], l.SettlementQuoted)


def test_a_settlement_whose_money_did_not_stay_is_undone() -> None:
    quoted = PAID_TWICE.after((d.OFFICER, quote(SETTLE_ON)))
    settled = quoted.after((d.OFFICER, settle(quoted.events[-1], SETTLE_ON)))
    undone = settled.after((d.OFFICER, take_back(2, "payment_bounced")))
    assert undone.state.status is l.LeaseStatus.ACTIVE
    assert undone.state.account.lines == PAID_TWICE.state.account.lines
    late = settled.after((d.OFFICER, d.pay(8, 500, date(2026, 6, 29))))
    assert late.state.account.surplus == 500, "money after the end is the payer's"
