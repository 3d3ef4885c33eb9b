"""What a late delivery costs, day by day, against the figures of the 2016 by-law."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import order as o
from domain.order import OrderCreditForm, OrderCreditKind
from domain.order.compensation import (
    Account,
    Move,
    Span,
    account_of,
    course_of,
    days,
    spans,
)
from domain.order.scheme import Accruing, OrderBase, SaleScheme
from domain.rulebook import Published, Rules
from tests.domain.order.desk import (
    DEALER,
    EXPERT,
    MANAGER,
    NOW,
    PRICE,
    SUPERVISOR,
    TODAY,
    after,
    cancel,
    deliver,
    order,
    paid,
    pay,
    place,
    rial,
    settle,
    with_car,
)
from tests.scenario import CASE, Scenario

DELAY = OrderCreditKind.DELAY_COMPENSATION


def move(on: date, because: o.OrderPromiseReason) -> o.MovePromise:
    return o.MovePromise(stream=CASE, promised_on=on, because=because)


def delay_of(scenario: Scenario) -> Span:
    state = scenario.state
    scheme = scenario.rules.pinned(SaleScheme, state.scheme)
    return next(span for span in spans(course_of(state), scheme) if span.kind is DELAY)


def total(scenario: Scenario, as_of: date) -> int:
    each = list(days(delay_of(scenario), account_of(scenario.state), as_of))
    return each[-1].total_minor if each else 0


# The rates as the reports of May 2016 give them, for 100 days after the promise on 1,000,000,000
# rial paid in full: 2.5 % or 3 % a month of thirty days; or 15 % a year and 1 % a month together.
BOTH = Fraction(15, 100) * 100 / 365 + Fraction(1, 100) * 100 / 30
BY_LAW = {
    "immediate": Fraction(25, 1000) * 100 / 30,
    "definitive_pre_sale": BOTH,
    "ordinary_pre_sale": BOTH,
    "participation": BOTH,
    "custom_order": Fraction(3, 100) * 100 / 30,
    "leased": BOTH,
}


@pytest.mark.parametrize("scheme", BY_LAW)
def test_a_hundred_days_of_delay_cost_what_the_by_law_says(scheme: str) -> None:
    terms = order().rules.in_force(SaleScheme, scheme, NOW).content
    assert terms.delay is not None
    promised = date(2016, 6, 1)
    span = Span(DELAY, terms.delay.rate, promised, None)
    account = Account(10**9, (Move(date(2016, 1, 1), 10**9),))
    each = list(days(span, account, promised + timedelta(days=100)))
    assert len(each) == 100
    assert each[-1].total_minor == round(BY_LAW[scheme] * 10**9)


def test_every_shipped_scheme_says_where_its_rates_are_from() -> None:
    for scheme in BY_LAW:
        provenance = order().rules.in_force(SaleScheme, scheme, NOW).content.rates_from
        assert provenance is not None
        assert provenance.confirmed == "secondary"


def test_a_delay_accrues_from_the_day_after_the_promise_through_the_delivery() -> None:
    """Promised for 1 December and delivered on 1 March, the car is ninety days late."""
    over = with_car().after((DEALER, deliver()))
    assert over.state.promised_on == after(30)
    assert over.state.delivered.late_by_days == 90
    each = list(days(delay_of(over), account_of(over.state), date(2030, 1, 1)))
    assert (each[0].on, each[-1].on) == (after(31), TODAY)
    assert over.state.delivered.compensation_minor == each[-1].total_minor
    assert sum(day.accrued_minor for day in each) == each[-1].total_minor


def test_a_car_that_is_in_time_costs_nothing() -> None:
    in_time = order().after(
        (MANAGER, place(contract_on=TODAY)), (MANAGER, pay(PRICE.minor, on=TODAY))
    )
    assert total(in_time, TODAY + timedelta(days=30)) == 0
    assert total(in_time, TODAY + timedelta(days=31)) > 0


def test_only_money_that_was_there_counts_from_the_day_after() -> None:
    account = Account(10**6, (Move(date(2026, 1, 3), 600), Move(date(2026, 1, 5), -300)))
    span = Span(DELAY, Accruing(monthly="0.3"), date(2026, 1, 1), date(2026, 1, 7))
    each = [
        (day.on.day, day.balance_minor, day.accrued_minor) for day in days(span, account, TODAY)
    ]
    assert each == [(2, 0, 0), (3, 0, 0), (4, 600, 6), (5, 600, 6), (6, 300, 3), (7, 300, 3)]


def test_money_beyond_the_price_earns_nothing() -> None:
    span = Span(DELAY, Accruing(monthly="0.3"), date(2026, 1, 1), date(2026, 1, 3))
    for paid_minor in (1_000, 50_000):
        account = Account(1_000, (Move(date(2026, 1, 1), paid_minor),))
        each = [(day.balance_minor, day.accrued_minor) for day in days(span, account, TODAY)]
        assert each == [(paid_minor, 10), (paid_minor, 10)]


def test_a_customer_who_is_behind_with_her_own_payments_earns_nothing_those_days() -> None:
    """Half of the price is due in five months; paid later, the days between do not count."""
    half = PRICE.minor // 2
    scenario = order().after(
        (MANAGER, place("definitive_pre_sale", contract_on=date(2025, 6, 1))),
        (MANAGER, pay(half, on=date(2025, 6, 1))),
        (MANAGER, pay(half, 2, date(2026, 1, 10))),
    )
    each = {d.on: d for d in days(delay_of(scenario), account_of(scenario.state), TODAY)}
    assert scenario.state.promised_on == date(2025, 11, 28)
    assert not each[date(2025, 12, 15)].counted
    assert not each[date(2026, 1, 10)].counted
    assert each[date(2026, 1, 11)].counted
    assert each[date(2026, 1, 10)].accrued_minor == 0


def test_the_contracts_promise_counts_however_often_it_is_moved() -> None:
    scenario = paid()
    moved = scenario.after(
        (EXPERT, move(TODAY + timedelta(days=20), o.OrderPromiseReason.SUPPLY)),
        (EXPERT, move(TODAY + timedelta(days=40), o.OrderPromiseReason.PRODUCTION)),
    )
    assert moved.state.promised_on == TODAY + timedelta(days=40)
    assert moved.state.first_promised_on == after(30)
    assert total(moved, TODAY) == total(scenario, TODAY) > 0
    moved.when(move(TODAY + timedelta(days=40), o.OrderPromiseReason.SUPPLY)).then_nothing()
    moved.when(move(after(3), o.OrderPromiseReason.SUPPLY), by=EXPERT).refused(o.PromiseInPast)


def test_a_day_moved_for_an_excused_reason_counts_instead() -> None:
    asked = o.OrderPromiseReason.CUSTOMER_REQUEST
    moved = paid().after((EXPERT, move(TODAY + timedelta(days=20), asked)))
    assert total(moved, TODAY + timedelta(days=20)) == 0
    back = moved.after((EXPERT, move(TODAY + timedelta(days=5), o.OrderPromiseReason.SUPPLY)))
    assert total(back, TODAY + timedelta(days=20)) == 0


def test_what_has_accrued_is_settled_once() -> None:
    first = paid().after((SUPERVISOR, settle(on=after(60))))
    given = first.state.settlements[0].amount.minor
    assert given == total(paid(), after(60))
    first.when(settle(on=after(60)), by=SUPERVISOR).then_nothing()
    first.when(settle(on=after(60), number=2), by=SUPERVISOR).refused(o.NothingToSettle)
    rest = first.after((SUPERVISOR, settle(number=2)))
    assert sum(s.amount.minor for s in rest.state.settlements) == total(paid(), TODAY)


def test_what_is_set_against_the_price_need_not_be_paid_and_goes_back_if_it_was() -> None:
    credited = paid().after((SUPERVISOR, settle(form=OrderCreditForm.CREDITED)))
    owed = credited.state.settlements[0].amount.minor
    assert credited.state.sums.refundable_minor == owed
    assert isinstance(credited.events[-1], o.OrderRefundDue)


def test_what_has_no_price_to_be_set_against_is_paid_out() -> None:
    """Else it would count as given, and the customer would have nothing of it."""
    scenario = paid().after((MANAGER, cancel(o.OrderCancelReason.LATE_DELIVERY)))
    set_against = settle(form=OrderCreditForm.CREDITED)
    scenario.when(set_against, by=SUPERVISOR).refused(o.NoPriceToCredit, at_most_minor=0)
    given = scenario.after((SUPERVISOR, settle()))
    assert given.state.settlements[0].amount.minor > 0


def test_a_participation_earns_its_profit_until_the_promised_day() -> None:
    part = rial(PRICE.minor * 7 // 10)
    scenario = order().after(
        (MANAGER, place("participation", contract_on=date(2024, 1, 1))),
        (MANAGER, pay(part.minor, on=date(2024, 1, 1))),
    )
    profit = OrderCreditKind.PARTICIPATION_PROFIT
    settled = scenario.after((SUPERVISOR, settle(profit)))
    assert settled.state.promised_on == date(2025, 12, 21)
    expected = part.minor * Fraction(18, 100) * 720 / 365
    assert settled.state.settlements[0].amount.minor == round(expected)


def test_a_scheme_can_reckon_by_the_price() -> None:
    rate = Accruing(annual="0.365", base=OrderBase.PRICE)
    span = Span(DELAY, rate, date(2026, 1, 1), None)
    each = list(days(span, Account(1_000, ()), date(2026, 1, 3)))
    assert [day.accrued_minor for day in each] == [1, 1]


def test_a_scheme_without_delay_terms_owes_nothing() -> None:
    documents = dict(order().rules.documents)
    published = documents[SaleScheme, "immediate"][0]
    none = replace(published.content, delay=None)
    documents[SaleScheme, "immediate"] = [
        Published("immediate", 1, published.effective_from_at, none)
    ]
    over = replace(with_car(), rules=Rules(documents)).after((DEALER, deliver()))
    assert (over.state.delivered.late_by_days, over.state.delivered.compensation_minor) == (90, 0)


moves = st.lists(
    st.tuples(st.dates(date(2026, 1, 1), date(2026, 3, 1)), st.integers(-(10**9), 10**10)),
    max_size=8,
).map(lambda pairs: tuple(Move(on, minor) for on, minor in pairs))


@given(moves, st.dates(date(2026, 1, 1), date(2026, 3, 1)), st.integers(0, 90))
def test_the_days_add_up_to_the_total_and_the_total_is_the_exact_sum(
    found: tuple[Move, ...], after_on: date, length: int
) -> None:
    rate = Accruing(monthly="0.01", annual="0.15")
    span = Span(DELAY, rate, after_on, None)
    until_on = after_on + timedelta(days=length)
    each = list(days(span, Account(10**9, found), until_on))
    exact = Fraction(0)
    for day in range(1, length + 1):
        on = after_on + timedelta(days=day)
        base = sum(move.minor for move in found if move.on < on)
        exact += max(0, min(base, 10**9)) * rate.a_day
    assert len(each) == length
    assert sum(day.accrued_minor for day in each) == round(exact)
    assert all(day.accrued_minor >= 0 for day in each)
