"""An order's money: in, back, too much, too little, and on which terms it goes back."""

from datetime import date, timedelta

import pytest

from domain import order as o
from domain import procedure
from domain.money import Currency, Money
from domain.order import OrderCancelReason as Why
from domain.order import OrderStatus
from domain.procedure import taker
from tests.domain.order.desk import (
    ACCOUNTANT,
    CONTRACT_ON,
    CUSTOMER,
    DEALER,
    EXPERT,
    MANAGER,
    PRICE,
    SUPERVISOR,
    TODAY,
    VIN,
    after,
    allocate,
    an_id,
    cancel,
    contract,
    deliver,
    order,
    paid,
    pay,
    place,
    refund,
    register,
    reverse,
    rial,
    settle,
    with_car,
)
from tests.scenario import CASE, Scenario


def due(cause: o.OrderRefundCause, minor: int, on: date) -> o.OrderRefundDue:
    return o.OrderRefundDue(cause=cause, amount=rial(minor), due_on=on)


def received(minor: int, number: int = 1, on: date = CONTRACT_ON) -> o.OrderPaymentReceived:
    return o.OrderPaymentReceived(
        payment_id=an_id(number),
        amount=rial(minor),
        received_on=on,
        method=o.OrderPaymentMethod.BANK_TRANSFER,
        reference=None,
        by=taker(MANAGER),
    )


def placed(scheme: str = "immediate") -> Scenario:
    return order().after((MANAGER, place(scheme)))


def test_too_little_stays_owed_and_too_much_becomes_refundable() -> None:
    little = placed().when(pay(PRICE.minor - 100)).then(received(PRICE.minor - 100))
    assert (little.state.sums.outstanding_minor, little.state.sums.refundable_minor) == (100, 0)
    much = little.when(pay(150, 2)).then(
        received(150, 2), due(o.OrderRefundCause.OVERPAYMENT, 50, TODAY + timedelta(days=10))
    )
    assert (much.state.sums.outstanding_minor, much.state.sums.refundable_minor) == (0, 50)
    assert much.state.sums.balance_minor == PRICE.minor + 50


def test_what_is_refundable_goes_back_and_no_more() -> None:
    much = placed().after((MANAGER, pay(PRICE.minor + 50)))
    much.when(refund(51)).refused(o.RefundExceedsCredit, refundable_minor=50)
    back = much.after((MANAGER, refund(20)), (MANAGER, refund(30, 2)))
    assert back.state.sums.refundable_minor == 0
    assert back.state.sums.balance_minor == PRICE.minor
    back.when(refund(1, 3)).refused(o.RefundExceedsCredit, refundable_minor=0)


def test_a_refund_said_twice_is_paid_once() -> None:
    much = placed().after((MANAGER, pay(PRICE.minor + 50)), (MANAGER, refund(50)))
    much.when(refund(50)).then_nothing()
    much.when(refund(40)).refused(o.OrderItemExists)


def test_a_payment_is_a_positive_amount_in_the_orders_currency() -> None:
    for minor in (0, -1):
        placed().when(pay(minor)).refused(o.OrderAmountNotPositive, minor=minor)
    dollars = Money(minor=5, currency=Currency.USD)
    placed().when(pay(1, amount=dollars)).refused(
        o.OrderCurrencyDiffers, currency="IRR", other_currency="USD"
    )


def test_no_payment_is_received_before_the_contract() -> None:
    placed().when(pay(100, on=after(-1))).refused(o.PaymentBeforeContract, contract="2025-11-01")
    registered = order().after((CUSTOMER, register(placed_at=None)))
    registered.when(pay(100)).refused(o.OrderHasNoContract)
    placed().when(pay(100, on=TODAY + timedelta(days=2))).refused(o.OrderDateLiesAhead)


def test_a_payment_that_bounced_never_was() -> None:
    bounced = placed().after((MANAGER, pay(PRICE.minor)), (MANAGER, reverse()))
    assert bounced.state.sums.balance_minor == 0
    bounced.when(reverse()).then_nothing()
    again = o.ReverseOrderPayment(
        stream=CASE,
        reversal_id=an_id(199),
        payment_id=an_id(1),
        reason=o.OrderReversalReason.CHARGEBACK,
        reversed_on=TODAY,
    )
    bounced.when(again).refused(o.PaymentAlreadyReversed)
    placed().when(reverse(7)).refused(o.OrderPaymentNotFound)
    paid().when(reverse(on=after(-3))).refused(o.ReversalBeforePayment)


def test_a_payment_that_bounces_after_it_went_back_is_owed() -> None:
    scenario = placed().after(
        (MANAGER, pay(PRICE.minor)), (MANAGER, pay(50, 2)), (MANAGER, refund(50))
    )
    bounced = scenario.after((MANAGER, reverse(2)))
    assert bounced.state.sums.balance_minor == PRICE.minor - 50
    assert bounced.state.sums.outstanding_minor == 50


def test_a_payment_after_the_end_is_not_lost() -> None:
    cancelled = paid().after((MANAGER, cancel(Why.MISTAKE)))
    late = cancelled.after((MANAGER, pay(500, 9, TODAY)))
    assert late.state.sums.refundable_minor == PRICE.minor + 500
    over = with_car().after((DEALER, deliver()), (MANAGER, pay(500, 9, TODAY)))
    assert over.state.sums.refundable_minor == 500
    assert isinstance(over.events[-1], o.OrderRefundDue)


# --- cancellation ---------------------------------------------------------------------------------


def test_a_customer_withdraws_within_her_days_for_nothing() -> None:
    new = order().after((MANAGER, place(contract_on=TODAY)), (MANAGER, pay(PRICE.minor, on=TODAY)))
    gone = new.after((CUSTOMER, cancel(Why.CUSTOMER_WITHDREW)))
    assert gone.state.status is OrderStatus.CANCELLED
    assert gone.state.cancelled.fee == rial(0)
    assert gone.state.sums.refundable_minor == PRICE.minor
    assert gone.events[-1] == due(
        o.OrderRefundCause.CANCELLATION, PRICE.minor, TODAY + timedelta(days=10)
    )


def test_a_customer_who_withdraws_later_pays_the_fee_of_the_scheme() -> None:
    gone = paid().after((CUSTOMER, cancel(Why.CUSTOMER_WITHDREW)))
    fee = PRICE.minor * 2 // 100
    assert gone.state.cancelled.fee == rial(fee)
    assert gone.state.sums.refundable_minor == PRICE.minor - fee
    back = gone.after((ACCOUNTANT, refund(PRICE.minor - fee)))
    assert back.state.sums.balance_minor == fee
    back.when(refund(1, 2), by=ACCOUNTANT).refused(o.RefundExceedsCredit)


def test_the_day_of_a_customers_own_cancellation_is_todays() -> None:
    earlier = cancel(Why.CUSTOMER_WITHDREW, on=after(3))
    paid().when(earlier, by=CUSTOMER).refused(o.CancelledEarlier)
    by_letter = paid().after((EXPERT, earlier))
    assert by_letter.state.cancelled.fee == rial(0)


def test_a_scheme_says_until_when_and_for_what_it_is_cancelled() -> None:
    paid().after((MANAGER, allocate())).when(
        cancel(Why.CUSTOMER_WITHDREW, vehicle_id=allocate().vehicle_id), by=CUSTOMER
    ).refused(o.CancellationNotOffered)
    new = order().after((MANAGER, place(contract_on=TODAY)))
    new.when(cancel(Why.LATE_DELIVERY), by=CUSTOMER).refused(o.CancellationNotOffered)
    new.when(cancel(Why.CANNOT_SUPPLY), by=CUSTOMER).refused(o.CancellationNotOffered)
    with_car().after((DEALER, deliver())).when(cancel(Why.MISTAKE)).refused(o.OrderIsDelivered)


def test_a_late_car_lets_the_customer_go_with_her_compensation() -> None:
    gone = paid().after((CUSTOMER, cancel(Why.LATE_DELIVERY)))
    assert gone.state.cancelled.fee == rial(0)
    owed = gone.after((SUPERVISOR, settle()))
    assert owed.state.settlements[0].amount == rial(PRICE.minor * 25 * 90 // 1000 // 30)


def test_a_withdrawal_from_a_pre_sale_earns_interest_on_what_was_paid() -> None:
    half = PRICE.minor // 2
    pre = order().after((MANAGER, place("definitive_pre_sale")), (MANAGER, pay(half)))
    gone = pre.after((CUSTOMER, cancel(Why.CUSTOMER_WITHDREW)))
    days = (TODAY - CONTRACT_ON).days
    interest = settle(o.OrderCreditKind.CANCELLATION_INTEREST)
    settled = gone.after((SUPERVISOR, interest))
    expected = round(half * 12 * days / 36_500)
    assert settled.state.settlements[0].amount.minor == pytest.approx(expected, abs=1)
    assert settled.state.sums.refundable_minor == half, "interest is beside her own money"
    gone.when(settle()).refused(o.NothingToSettle, kind="delay_compensation")


def test_a_cancellation_lets_the_car_go() -> None:
    gone = with_car().after((MANAGER, cancel(Why.CANNOT_SUPPLY, vehicle_id=allocate().vehicle_id)))
    withdrawn = next(e for e in gone.events if isinstance(e, o.AllocationWithdrawn))
    assert (withdrawn.vin, withdrawn.reason.value) == (VIN, "order_cancelled")
    with_car().when(cancel(Why.CANNOT_SUPPLY)).refused(o.CarIsAnother)


def test_an_order_is_cancelled_once() -> None:
    gone = paid().after((MANAGER, cancel(Why.MISTAKE)))
    gone.when(cancel(Why.MISTAKE)).then_nothing()
    gone.when(cancel(Why.CANNOT_SUPPLY)).refused(o.CancelledOtherwise, reason="mistake")
    for wish in (allocate(), contract(), pay_plan()):
        gone.when(wish).refused(o.OrderIsCancelled)
    paid().when(cancel(Why.MISTAKE, on=after(-1))).refused(o.CancelledBeforeContract)


def pay_plan() -> o.InviteToPay:
    return o.InviteToPay(stream=CASE, invited_on=TODAY)


def test_who_cancels_an_order_does_not_pay_its_money_back() -> None:
    gone = paid().after((MANAGER, cancel(Why.MISTAKE)))
    gone.when(refund(PRICE.minor)).refused(procedure.SamePartyMayNot, other="cancellation")
    gone.when(refund(PRICE.minor), by=ACCOUNTANT).then(
        o.OrderRefunded(
            refund_id=an_id(201),
            amount=PRICE,
            paid_on=TODAY,
            method=o.OrderPaymentMethod.BANK_TRANSFER,
            reference=None,
            by=taker(ACCOUNTANT),
        )
    )


def test_a_customer_records_no_money_herself() -> None:
    placed().when(pay(100), by=CUSTOMER).refused(procedure.StepNotYours)
    paid().when(refund(1), by=CUSTOMER).refused(procedure.StepNotYours)


# --- corrections ----------------------------------------------------------------------------------


def test_a_correction_says_all_of_it() -> None:
    wish = o.CorrectOrder(stream=CASE, model="E5", trim="full", dealer_id="D-9", region="north")
    corrected = paid().after((EXPERT, wish)).state
    assert (corrected.trim, corrected.dealer_id, corrected.region) == ("full", "D-9", "north")
    other = o.CorrectOrder(stream=CASE, model="E7")
    with_car().when(other, by=EXPERT).refused(o.ModelIsSettled)
