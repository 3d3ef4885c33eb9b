"""The waterfall: which debts a payment pays first, and payments replayed by day of value."""

from datetime import date
from itertools import permutations
from uuid import UUID

import pytest

from domain.finance import (
    AllocationStep,
    InAdvance,
    Owed,
    Part,
    Payment,
    Processing,
    Share,
    Waterfall,
    allocate,
    replay,
)
from domain.finance.allocation import remaining

JANUARY, FEBRUARY, MARCH = date(2026, 1, 10), date(2026, 2, 10), date(2026, 3, 10)
DEFAULT = Waterfall(transaction="payment")


def owed() -> list[Owed]:
    """Return three instalments of 100 and 10, with a penalty and a fee on the first."""
    found = [
        Owed(n=n, due_on=due_on, part=part, minor=minor)
        for n, due_on in enumerate((JANUARY, FEBRUARY, MARCH), start=1)
        for part, minor in ((Part.PRINCIPAL, 100), (Part.INTEREST, 10))
    ]
    for part, minor in ((Part.FEE, 3), (Part.PENALTY, 2)):
        found.append(Owed(n=1, due_on=JANUARY, part=part, minor=minor))
    return found


def said(amount: int, on: date, waterfall: Waterfall = DEFAULT) -> list[tuple[int, str, int]]:
    return [(s.n, s.part.value, s.minor) for s in allocate(amount, owed(), on, waterfall).shares]


def test_penalty_and_fee_come_before_interest_and_principal() -> None:
    assert said(1, FEBRUARY) == [(1, "penalty", 1)]
    assert said(16, FEBRUARY) == [
        (1, "penalty", 2),
        (1, "fee", 3),
        (1, "interest", 10),
        (1, "principal", 1),
    ]


def test_past_due_comes_before_due_and_due_before_what_is_not_yet_due() -> None:
    assert said(115 + 110 + 50, FEBRUARY) == [
        (1, "penalty", 2),
        (1, "fee", 3),
        (1, "interest", 10),
        (1, "principal", 100),
        (2, "interest", 10),
        (2, "principal", 100),
        (3, "interest", 10),
        (3, "principal", 40),
    ]


def test_vertical_processing_pays_one_part_of_all_instalments_first() -> None:
    vertical = Waterfall(transaction="payment", processing=Processing.VERTICAL)
    assert said(30, date(2026, 2, 11), vertical) == [
        (1, "penalty", 2),
        (1, "fee", 3),
        (1, "interest", 10),
        (2, "interest", 10),
        (1, "principal", 5),
    ]


def test_a_goodwill_credit_may_pay_principal_first_and_the_last_instalment() -> None:
    order = (
        AllocationStep.PAST_DUE_PRINCIPAL,
        AllocationStep.PAST_DUE_INTEREST,
        AllocationStep.IN_ADVANCE_PRINCIPAL,
    )
    goodwill = Waterfall(transaction="goodwill", order=order, in_advance=InAdvance.LAST)
    assert said(150, date(2026, 1, 11), goodwill) == [
        (1, "principal", 100),
        (1, "interest", 10),
        (3, "principal", 40),
    ]


H, V = Processing.HORIZONTAL, Processing.VERTICAL
Shared = list[tuple[int, str, int]]


@pytest.mark.parametrize(
    ("amount", "processing", "expected"),
    [
        (15, H, [(3, "penalty", 15)]),
        (15, V, [(3, "penalty", 15)]),
        (35, H, [(3, "penalty", 20), (3, "principal", 15)]),
        (35, V, [(3, "penalty", 20), (4, "penalty", 15)]),
        (
            350,
            H,
            [(3, "penalty", 20), (3, "principal", 250), (4, "penalty", 20), (4, "principal", 60)],
        ),
    ],
)
def test_a_late_credit_goes_where_fineract_sends_it(
    amount: int, processing: Processing, expected: Shared
) -> None:
    # Apache Fineract, features on advanced payment allocation C2946 to C2950: two instalments past
    # due with a penalty each, and a penalty due on the day of the credit
    debts = [
        Owed(n=n, due_on=due_on, part=part, minor=minor)
        for n, due_on in ((3, date(2023, 10, 1)), (4, date(2023, 10, 16)))
        for part, minor in ((Part.PRINCIPAL, 250), (Part.PENALTY, 20))
    ]
    debts.append(Owed(n=5, due_on=date(2023, 10, 17), part=Part.PENALTY, minor=20))
    credit = Waterfall(transaction="goodwill", processing=processing, in_advance=InAdvance.LAST)
    found = allocate(amount, debts, date(2023, 10, 17), credit)
    assert [(s.n, s.part.value, s.minor) for s in found.shares] == expected


def test_a_waterfall_that_keeps_advances_leaves_them_unallocated() -> None:
    keeping = Waterfall(transaction="payment", in_advance=InAdvance.KEEP)
    found = allocate(500, owed(), JANUARY, keeping)
    assert (sum(share.minor for share in found.shares), found.left_minor) == (115, 385)


def test_an_overpayment_is_left_over() -> None:
    found = allocate(1_000, owed(), JANUARY, DEFAULT)
    assert found.left_minor == 1_000 - 335
    assert found.of(Part.PRINCIPAL) == 300


def test_a_negative_payment_and_a_step_that_stands_twice_are_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        allocate(-1, owed(), JANUARY, DEFAULT)
    with pytest.raises(ValueError, match="stands once"):
        Waterfall(transaction="payment", order=(AllocationStep.DUE_FEE, AllocationStep.DUE_FEE))


def test_two_debts_of_one_kind_are_paid_one_after_the_other() -> None:
    debts = [Owed(n=0, due_on=JANUARY, part=Part.FEE, minor=5) for _ in range(2)]
    left = remaining(debts, [Share(n=0, part=Part.FEE, minor=7)])
    assert [debt.minor for debt in left] == [3]


def test_the_order_in_which_payments_arrive_is_of_no_account() -> None:
    payments = [
        Payment(UUID(int=1), FEBRUARY, 120),
        Payment(UUID(int=2), JANUARY, 60),
        Payment(UUID(int=3), JANUARY, 70),
        Payment(UUID(int=4), MARCH, 200),
    ]
    waterfalls = {"payment": DEFAULT}
    found = [replay(owed(), order, waterfalls) for order in permutations(payments)]
    assert all(one == found[0] for one in found)
    assert found[0][UUID(int=2)].shares[0].part is Part.PENALTY
    assert sum(one.left_minor for one in found[0].values()) == 450 - 335
