"""Laws of schedules and waterfalls: sums are exact, balances fall, and plain fractions agree."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from uuid import UUID

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.finance import (
    AllocationStep,
    DayCount,
    DueDate,
    DueDates,
    InAdvance,
    Instalment,
    Method,
    Owed,
    Part,
    Payment,
    Prepayment,
    Processing,
    Rebate,
    ScheduleDoesNotRepay,
    SettlementTerms,
    Terms,
    Waterfall,
    after_prepayment,
    allocate,
    due_dates,
    replay,
    schedule,
    settlement,
)
from domain.finance.allocation import remaining
from domain.finance.daycounts import year_fraction
from domain.money import Rounding, RoundingMode

MODEST = settings(max_examples=60)
ROUNDINGS = st.builds(
    Rounding, mode=st.sampled_from(RoundingMode), to_minor=st.sampled_from([1, 5, 100, 1000])
)


@dataclass(frozen=True)
class Loan:
    """What a schedule is made of, and the schedule."""

    principal: int
    balloon: int
    rate: Fraction
    terms: Terms
    starts_on: date
    dates: tuple[DueDate, ...]
    instalments: tuple[Instalment, ...]


@st.composite
def loans(
    draw: st.DrawFn, methods: tuple[Method, ...] = tuple(Method), *, rounded: bool = True
) -> Loan:
    """Draw a loan whose terms repay it, its equal instalment rounded to handy amounts or not."""
    count = draw(st.integers(1, 40))
    terms = Terms(
        method=draw(st.sampled_from(methods)),
        day_count=draw(st.sampled_from(DayCount)),
        due_dates=DueDates(every_months=draw(st.integers(1, 3))),
        rounding=draw(ROUNDINGS),
        instalment_rounding=draw(ROUNDINGS) if rounded else Rounding(),
        principal_free=draw(st.integers(0, min(3, count - 1))),
        accrue_to_due=draw(st.booleans()),
    )
    principal = draw(st.integers(0, 10**10))
    balloon = draw(st.integers(0, principal))
    rate = Fraction(draw(st.integers(0, 4_000)), 10_000)
    starts_on = draw(st.dates(date(2020, 1, 1), date(2030, 1, 1)))
    dates = due_dates(terms.due_dates, starts_on, count + 1)[1:]
    try:
        made = schedule(principal, rate, terms, starts_on, dates, balloon_minor=balloon)
    except ScheduleDoesNotRepay:
        assume(False)
        raise
    return Loan(principal, balloon, rate, terms, starts_on, dates, made)


@MODEST
@given(loans())
def test_principals_sum_to_the_principal_and_the_balance_never_rises(loan: Loan) -> None:
    balance = loan.principal
    for each in loan.instalments:
        assert each.principal_minor >= 0
        assert each.interest_minor >= 0
        balance -= each.principal_minor
    assert balance == 0
    assert loan.instalments[-1].principal_minor >= loan.balloon
    free = loan.instalments[: loan.terms.principal_free]
    assert all(each.principal_minor == 0 for each in free)
    assert [each.due_on for each in loan.instalments] == [each.due_on for each in loan.dates]


@MODEST
@given(loans())
def test_the_interest_is_that_of_plain_fractions(loan: Loan) -> None:
    """Go through the periods by days of the calendar; only rounding may differ."""
    periods = []
    from_on = loan.starts_on
    for due in loan.dates:
        if loan.terms.day_count is DayCount.EQUAL_PERIODS:
            periods.append(loan.rate * loan.terms.due_dates.every_months / 12)
        else:
            part = year_fraction(loan.terms.day_count, from_on, due.nominal_on)
            periods.append(loan.rate * part)
        from_on = due.nominal_on
    count = len(periods)
    balance = Fraction(loan.principal)
    step = loan.terms.rounding.to_minor
    for place, (each, period) in enumerate(zip(loan.instalments, periods, strict=True)):
        if loan.terms.method is Method.FLAT:
            exact = loan.principal * period
        elif loan.terms.method is Method.SUM_OF_DIGITS:
            exact = loan.principal * period * Fraction(count - place, count)
        else:
            exact = balance * period
        balance -= each.principal_minor
        slack = step * (count if place == count - 1 or each.interest_minor < exact else 1)
        assert abs(each.interest_minor - exact) <= slack


@MODEST
@given(loans(methods=(Method.ANNUITY,), rounded=False))
def test_equal_instalments_are_equal_but_for_the_last(loan: Loan) -> None:
    repaid = 0
    totals = set()
    for each in loan.instalments[loan.terms.principal_free : -1]:
        repaid += each.principal_minor
        if repaid < loan.principal - loan.balloon:
            totals.add(each.total_minor)
    assert len(totals) <= 1


@MODEST
@given(loans(), st.data())
def test_a_prepayment_repays_exactly_what_is_left(loan: Loan, data: st.DataObject) -> None:
    left = data.draw(st.integers(0, loan.principal))
    mode = data.draw(st.sampled_from(Prepayment))
    equal = loan.instalments[0].total_minor or 1
    try:
        found = after_prepayment(
            mode, left, loan.rate, loan.terms, loan.starts_on, loan.dates, equal
        )
    except ScheduleDoesNotRepay:
        return
    assert sum(each.principal_minor for each in found) == left
    assert [each.due_on for each in found] == [each.due_on for each in loan.dates[: len(found)]]


# --- waterfalls -----------------------------------------------------------------------------------

DAYS = st.dates(date(2026, 1, 1), date(2026, 4, 1))
DEBTS = st.lists(
    st.builds(
        Owed,
        n=st.integers(0, 4),
        due_on=DAYS,
        part=st.sampled_from(Part),
        minor=st.integers(0, 500),
    ),
    max_size=12,
    unique_by=lambda debt: (debt.n, debt.part),
)
WATERFALLS = st.builds(
    Waterfall,
    transaction=st.just("payment"),
    order=st.permutations(list(AllocationStep)).flatmap(
        lambda steps: st.integers(1, 12).map(lambda count: tuple(steps[:count]))
    ),
    processing=st.sampled_from(Processing),
    in_advance=st.sampled_from(InAdvance),
)


@MODEST
@given(DEBTS, st.integers(0, 3_000), DAYS, WATERFALLS)
def test_the_shares_and_what_is_left_sum_to_the_payment(
    owed: list[Owed], amount: int, on: date, waterfall: Waterfall
) -> None:
    found = allocate(amount, owed, on, waterfall)
    assert sum(share.minor for share in found.shares) + found.left_minor == amount
    debts = {(debt.n, debt.part): debt.minor for debt in owed}
    assert all(0 < share.minor <= debts[share.n, share.part] for share in found.shares)
    left = remaining(owed, found.shares)
    paid = sum(share.minor for share in found.shares)
    assert sum(debt.minor for debt in left) == sum(debts.values()) - paid


@MODEST
@given(DEBTS, st.integers(0, 3_000), st.integers(0, 3_000), DAYS, WATERFALLS)
def test_two_payments_of_one_day_pay_what_one_of_both_would(
    owed: list[Owed], first: int, second: int, on: date, waterfall: Waterfall
) -> None:
    """A payment that is divided in two pays the same debts altogether."""
    halves = [Payment(UUID(int=n), on, part) for n, part in enumerate((first, second))]
    apart = replay(owed, halves, {"payment": waterfall})
    shares = [share for half in apart.values() for share in half.shares]
    whole = allocate(first + second, owed, on, waterfall)
    assert remaining(owed, shares) == remaining(owed, whole.shares)
    assert sum(half.left_minor for half in apart.values()) == whole.left_minor


@MODEST
@given(
    DEBTS,
    st.lists(st.tuples(DAYS, st.integers(0, 800)), max_size=5),
    WATERFALLS,
    st.randoms(use_true_random=False),
)
def test_a_replay_does_not_know_in_which_order_payments_arrived(
    owed: list[Owed], paid: list[tuple[date, int]], waterfall: Waterfall, random: object
) -> None:
    payments = [Payment(UUID(int=n), on, amount) for n, (on, amount) in enumerate(paid)]
    shuffled = list(payments)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    waterfalls = {"payment": waterfall}
    assert replay(owed, payments, waterfalls) == replay(owed, shuffled, waterfalls)


# --- settlement -----------------------------------------------------------------------------------


@MODEST
@given(loans(), st.data())
def test_a_settlement_and_its_rebate_are_all_that_was_owed(loan: Loan, data: st.DataObject) -> None:
    owed = [
        Owed(n=each.n, due_on=each.due_on, part=part, minor=minor)
        for each in loan.instalments
        for part, minor in (
            (Part.INTEREST, each.interest_minor),
            (Part.PRINCIPAL, each.principal_minor),
        )
    ]
    waterfall = Waterfall(transaction="payment")
    amount = data.draw(st.integers(0, 2 * loan.principal + 1))
    on = data.draw(st.dates(loan.starts_on, loan.dates[-1].due_on))
    left = remaining(owed, allocate(amount, owed, on, waterfall).shares)
    how = SettlementTerms(rebate=data.draw(st.sampled_from(Rebate)))
    quote = settlement(loan.instalments, left, on, loan.starts_on, loan.terms, how)
    assert quote.total_minor + quote.rebate_minor == sum(debt.minor for debt in left)
    assert min(quote.interest_minor, quote.principal_minor, quote.rebate_minor) >= 0
