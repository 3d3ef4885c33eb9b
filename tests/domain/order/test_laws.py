"""What holds of every order, whatever is asked of it in whatever order.

A machine lets random people ask random things of one order and keeps its own small model of the
money, of the car and of who has what in a draw.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain import order as o
from domain.declare import Actor, Claim, Context, Refusal
from domain.money import Currency, Money
from domain.order import OrderStage, OrderStatus
from domain.order.compensation import account_of, course_of, days, spans
from domain.order.scheme import SaleScheme
from tests.domain.order.desk import (
    ACCOUNTANT,
    CAR,
    CONTRACT_ON,
    CUSTOMER,
    DEALER,
    DRAW,
    EXPERT,
    LEASE,
    LET_GO,
    MANAGER,
    MOVE_UP,
    NOW,
    OTHER_CAR,
    OTHER_VIN,
    PRICE,
    RULES,
    SAGA,
    SUPERVISOR,
    TAKE_BACK,
    TODAY,
    VIN,
    allocate,
    an_id,
    cancel,
    contract,
    deliver,
    enter,
    outcome,
    papers,
    place,
    plate,
    register,
    release,
)
from tests.scenario import CASE

PEOPLE = [ACCOUNTANT, CUSTOMER, DEALER, EXPERT, MANAGER, MANAGER, SUPERVISOR, SAGA]
DAYS = st.sampled_from(
    [CONTRACT_ON, CONTRACT_ON + timedelta(days=40), TODAY - timedelta(days=1), TODAY]
)
AMOUNTS = st.sampled_from([PRICE.minor, PRICE.minor // 2, PRICE.minor * 7 // 10, 1_000, 0, -1])
NUMBERS = st.integers(1, 5)
SCHEMES = (
    "immediate", "definitive_pre_sale", "ordinary_pre_sale", "participation", "custom_order",
    "leased",
)  # fmt: skip


def of(cls: type[Any], **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(cls, stream=st.just(CASE), **parts)


def ids(base: int) -> st.SearchStrategy[Any]:
    return NUMBERS.map(lambda number: an_id(base + number))


amounts = st.one_of(
    AMOUNTS.map(lambda minor: Money(minor=minor, currency=Currency.IRR)),
    st.just(Money(minor=500, currency=Currency.USD)),
)
methods = st.sampled_from(o.OrderPaymentMethod)

MONEY = st.one_of(
    of(o.ReceiveOrderPayment, payment_id=ids(0), amount=amounts, received_on=DAYS, method=methods),
    of(o.ReceiveOrderPayment, payment_id=ids(0), amount=amounts, received_on=DAYS, method=methods),
    of(
        o.ReverseOrderPayment,
        reversal_id=ids(100),
        payment_id=ids(0),
        reason=st.sampled_from(o.OrderReversalReason),
        reversed_on=DAYS,
    ),
    of(o.RefundOrder, refund_id=ids(200), amount=amounts, paid_on=DAYS, method=methods),
    of(
        o.SettleCompensation,
        settlement_id=ids(500),
        kind=st.sampled_from(o.OrderCreditKind),
        form=st.sampled_from(o.OrderCreditForm),
        settled_on=DAYS,
    ),
    of(o.ConfirmFinancing, lease_id=st.sampled_from([LEASE, DRAW]), amount=amounts),
    of(
        o.FailFinancing,
        lease_id=st.sampled_from([LEASE, DRAW]),
        because=st.sampled_from(o.OrderFinancingFailure),
    ),
    of(o.InviteToPay, invited_on=DAYS, price=st.none() | amounts),
)
CARS = st.one_of(
    st.sampled_from(
        [
            allocate(),
            allocate(OTHER_VIN, OTHER_CAR, 2),
            allocate("IIIXX00LAKA123456", CAR, 3),
            TAKE_BACK,
            release(),
            papers(),
            plate(),
            deliver(),
            deliver(mileage_km=40),
            deliver(vehicle_id=OTHER_CAR),
        ]
    ),
    of(
        o.CancelOrder,
        because=st.sampled_from(o.OrderCancelReason),
        cancelled_on=DAYS,
        vehicle_id=st.sampled_from([None, CAR]),
    ),
    of(
        o.MovePromise,
        promised_on=st.sampled_from([TODAY, TODAY + timedelta(days=30)]),
        because=st.sampled_from(o.OrderPromiseReason),
    ),
)
DRAWS = st.one_of(
    st.sampled_from([enter(), LET_GO, MOVE_UP, contract(contract_on=TODAY), contract()]),
    st.sampled_from(o.OrderDrawOutcome).map(outcome),
    of(o.WithdrawDrawEntry, draw_id=st.just(DRAW)),
    st.just(o.CorrectOrder(stream=CASE, model="E5", dealer_id="D-9")),
)


class AnOrder(RuleBasedStateMachine):
    """One order, a model of its money, and of what it has claimed."""

    def __init__(self) -> None:
        super().__init__()
        self.state: o.Order = o.DECIDER.initial
        self.claimed: set[tuple[str, str]] = set()
        self.paid: dict[Any, int] = {}
        self.refunded = 0
        self.first_promised_on: date | None = None

    @initialize(scheme=st.sampled_from(SCHEMES))
    def placed(self, scheme: str) -> None:
        if scheme == "ordinary_pre_sale":
            self.ask(CUSTOMER, register(placed_at=None))
        else:
            self.ask(DEALER, place(scheme, number="P-1"))

    @rule(who=st.sampled_from(PEOPLE), wish=MONEY)
    def about_money(self, who: Actor, wish: Any) -> None:
        self.ask(who, wish)

    @rule(who=st.sampled_from(PEOPLE), wish=CARS)
    def about_the_car(self, who: Actor, wish: Any) -> None:
        self.ask(who, wish)

    @rule(who=st.sampled_from(PEOPLE), wish=DRAWS)
    def about_the_draw(self, who: Actor, wish: Any) -> None:
        self.ask(who, wish)

    @rule(wish=st.one_of(CARS, DRAWS))
    def by_whoever_may(self, wish: Any) -> None:
        """Go further than chance would."""
        for who in (MANAGER, SAGA, DEALER, CUSTOMER):
            self.ask(who, wish)

    def ask(self, who: Actor, wish: Any) -> None:
        context = Context(now=NOW, actor=who, rules=RULES)
        try:
            made = o.DECIDER.decide(self.state, wish, context)
        except Refusal:
            return
        before = self.state
        for event in made:
            self.claim(event)
            self.state = o.DECIDER.evolve(self.state, event)
            self.follow(event)
        assert self.state.version == before.version + len(made)
        assert list(o.DECIDER.decide(self.state, wish, context)) == [], "twice is not once"
        self.refunds_are_said(before, made)

    def claim(self, event: Any) -> None:
        for claim in o.DECIDER.claims(self.state, event):
            held = (claim.kind, claim.value)
            if isinstance(claim, Claim):
                assert held not in self.claimed, "claimed twice"
                self.claimed.add(held)
            else:
                assert held in self.claimed, "released what was not held"
                self.claimed.discard(held)

    def follow(self, event: Any) -> None:
        match event:
            case o.OrderPaymentReceived():
                self.paid[event.payment_id] = event.amount.minor
            case o.OrderPaymentReversed():
                del self.paid[event.payment_id]
            case o.OrderRefunded():
                self.refunded += event.amount.minor
            case o.OrderPlaced() | o.OrderContracted():
                self.first_promised_on = self.first_promised_on or event.promised_on

    def refunds_are_said(self, before: o.Order, made: Sequence[Any]) -> None:
        """Whenever more has to go back than before, it is said how much."""
        due = [event for event in made if isinstance(event, o.OrderRefundDue)]
        more = self.state.sums.refundable_minor > before.sums.refundable_minor
        assert len(due) == (1 if more else 0)
        if due:
            assert due[0].amount.minor == self.state.sums.refundable_minor

    @invariant()
    def paid_less_refunded_is_the_balance(self) -> None:
        sums = self.state.sums
        assert sums.paid_minor == sum(self.paid.values())
        assert sums.balance_minor == sum(self.paid.values()) - self.refunded
        assert sums.outstanding_minor == 0 or sums.refundable_minor == 0
        held_back = sums.balance_minor - sums.refundable_minor
        assert held_back == sums.owed_minor - sums.outstanding_minor

    @invariant()
    def a_car_is_held_by_a_live_order_alone(self) -> None:
        held = {value for kind, value in self.claimed if kind == o.VIN_ON_ORDER}
        live = self.state.status is OrderStatus.LIVE
        car = self.state.allocated
        assert held == ({car.vin} if live and car is not None else set())
        assert held <= {VIN, OTHER_VIN}

    @invariant()
    def an_entry_is_held_while_it_stands(self) -> None:
        held = {value for kind, value in self.claimed if kind == o.DRAW_ENTRY}
        entry = self.state.entry
        stands = entry is not None and not entry.withdrawn
        assert len(held) == (1 if stands else 0)

    @invariant()
    def what_was_reached_was_reached_in_order(self) -> None:
        if self.state.scheme is None:
            return
        stages = RULES.pinned(SaleScheme, self.state.scheme).stages
        done = self.state.done
        for step in stages.steps:
            by_hand = step.name in {stage.value for stage in OrderStage}
            if step.name in self.state.taken.done and by_hand and "system" not in step.roles:
                held = {need for need in step.needs if need not in done}
                assert held <= {"full_payment", "first_payment", "draw", "financing"}

    @invariant()
    def the_first_promise_is_kept(self) -> None:
        assert self.state.first_promised_on == self.first_promised_on

    @invariant()
    def what_accrues_never_falls_and_adds_up(self) -> None:
        if self.state.scheme is None:
            return
        scheme = RULES.pinned(SaleScheme, self.state.scheme)
        account = account_of(self.state)
        for span in spans(course_of(self.state), scheme):
            each = list(days(span, account, TODAY))
            assert all(day.accrued_minor >= 0 for day in each)
            assert sum(d.accrued_minor for d in each) == (each[-1].total_minor if each else 0)


TestAnOrder = AnOrder.TestCase
TestAnOrder.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def test_the_machine_reaches_the_end_of_an_order() -> None:
    """By its own wishes, the machine can hand a car over and can cancel."""
    machine = AnOrder()
    machine.placed("immediate")
    half = o.ReceiveOrderPayment(
        stream=CASE,
        payment_id=an_id(1),
        amount=PRICE,
        received_on=CONTRACT_ON,
        method=o.OrderPaymentMethod.CARD,
    )
    for wish in (half, allocate(), release(), papers(), plate(), deliver()):
        machine.ask(MANAGER, wish)
    assert machine.state.status is OrderStatus.DELIVERED
    assert machine.claimed == {(o.ORDER_NUMBER, "P-1")}
    other = AnOrder()
    other.placed("leased")
    other.ask(MANAGER, cancel(o.OrderCancelReason.MISTAKE))
    assert other.state.status is OrderStatus.CANCELLED
