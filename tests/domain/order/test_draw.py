"""An order in a draw: one entry of a person, an outcome by the draw alone, and letting go."""

from domain import order as o
from domain import procedure
from domain.declare import Claim, Release
from domain.order import OrderCancelReason as Why
from domain.order import OrderDrawRelease
from domain.procedure import taker
from tests.domain.order.desk import (
    CUSTOMER,
    DEALER,
    DRAW,
    EXPERT,
    LEASE,
    LEILA,
    LET_GO,
    LOST,
    MANAGER,
    MOVE_UP,
    PRICE,
    RESERVE,
    SAGA,
    TODAY,
    WON,
    allocate,
    cancel,
    contract,
    drawn,
    enter,
    order,
    pay,
    register,
)
from tests.scenario import CASE

WITHDRAW = o.WithdrawDrawEntry(stream=CASE, draw_id=DRAW)
ENTRY = f"{DRAW}/{LEILA}"


def test_an_order_is_entered_once_and_its_person_has_no_other_entry() -> None:
    registered = order().after((CUSTOMER, register(placed_at=None)))
    entered = registered.when(enter(), by=CUSTOMER).then(
        o.OrderEnteredInDraw(draw_id=DRAW, person=LEILA, model_group="E5", by=taker(CUSTOMER))
    )
    claims = o.DECIDER.claims(registered.state, entered.events[-1])
    assert list(claims) == [Claim(o.DRAW_ENTRY, ENTRY)]
    entered.when(enter(draw_id=LEASE), by=CUSTOMER).refused(o.OtherDraw)


def test_nobody_outside_enters_an_order_where_few_others_are_entered() -> None:
    registered = order().after((CUSTOMER, register(placed_at=None)))
    elsewhere = enter(model_group="T7")
    for outsider in (CUSTOMER, DEALER):
        registered.when(elsewhere, by=outsider).refused(o.ModelGroupNotYours, model="E5")
        assert registered.after((outsider, enter(model_group="E5"))).state.entry is not None
    entered = registered.after((EXPERT, elsewhere))
    assert entered.state.entry.model_group == "T7"


def test_an_order_enters_the_draw_that_it_was_placed_for() -> None:
    registered = order().after((CUSTOMER, register(placed_at=None, draw_id=LEASE)))
    registered.when(enter(), by=CUSTOMER).refused(o.OtherDraw, draw=str(LEASE))


def test_an_entry_withdrawn_is_free_to_be_made_again() -> None:
    out = drawn().after((CUSTOMER, WITHDRAW))
    released = o.DECIDER.claims(drawn().state, out.events[-1])
    assert list(released) == [Release(o.DRAW_ENTRY, ENTRY)]
    out.when(WITHDRAW, by=CUSTOMER).then_nothing()
    again = out.after((CUSTOMER, enter()))
    assert again.state.entry is not None
    assert not again.state.entry.withdrawn


def test_only_the_draw_says_who_won() -> None:
    drawn().when(WON, by=MANAGER).refused(o.DrawSagaOnly)
    won = drawn(WON)
    won.when(WON, by=SAGA).then_nothing()
    won.when(LOST, by=SAGA).refused(o.AlreadyDrawn, outcome="winner")
    won.when(WITHDRAW, by=CUSTOMER).refused(o.AlreadyDrawn)
    assert "draw" in won.state.done
    assert "draw" not in drawn(RESERVE).state.done


def test_a_car_goes_to_a_winner_or_to_a_reserve_that_moved_up() -> None:
    sign = contract(contract_on=TODAY)
    for outcome in (RESERVE, LOST):
        drawn(outcome).when(sign, by=DEALER).refused(procedure.StepNeedsEarlierStep)
    moved = drawn(RESERVE).after((SAGA, MOVE_UP), (DEALER, sign))
    assert "contract" in moved.state.done
    drawn(LOST).when(MOVE_UP, by=SAGA).refused(o.NotReserve)
    drawn(WON).when(MOVE_UP, by=SAGA).refused(o.NotReserve)
    moved.when(MOVE_UP, by=SAGA).then_nothing()


def test_a_winner_who_lets_go_has_no_claim_to_a_car() -> None:
    invited = o.InviteToPay(stream=CASE, invited_on=TODAY)
    signed = drawn(WON).after(
        (DEALER, contract(contract_on=TODAY)),
        (DEALER, pay(PRICE.minor, on=TODAY)),
        (EXPERT, invited),
    )
    let_go = signed.after((CUSTOMER, LET_GO))
    let_go.when(allocate()).refused(procedure.StepNeedsEarlierStep, missing=("draw",))
    let_go.when(LET_GO, by=CUSTOMER).then_nothing()
    with_car = signed.after((MANAGER, allocate()))
    with_car.when(LET_GO, by=CUSTOMER).refused(procedure.StepIsPast)
    drawn(LOST).when(LET_GO, by=CUSTOMER).refused(o.NothingToRelease)
    drawn().when(LET_GO, by=CUSTOMER).refused(o.NothingToRelease)


def test_a_cancelled_order_leaves_its_draw() -> None:
    before = drawn().after((CUSTOMER, cancel(Why.CUSTOMER_WITHDREW)))
    assert isinstance(before.events[-2], o.DrawEntryWithdrawn)
    winner = drawn(WON).after((CUSTOMER, cancel(Why.CUSTOMER_WITHDREW)))
    released = winner.events[-2]
    assert isinstance(released, o.DrawPlaceReleased)
    assert released.reason is OrderDrawRelease.ORDER_CANCELLED
    lost = drawn(LOST).after((MANAGER, cancel(Why.NOT_DRAWN)))
    assert isinstance(lost.events[-1], o.OrderCancelled)


def test_an_order_cancelled_after_the_closing_gives_its_place_on_at_once() -> None:
    gone = drawn().after((CUSTOMER, cancel(Why.CUSTOMER_WITHDREW)))
    told = gone.after((SAGA, WON))
    assert isinstance(told.events[-2], o.OrderDrawn)
    assert isinstance(told.events[-1], o.DrawPlaceReleased)
    told.when(WON, by=SAGA).then_nothing()
    assert isinstance(gone.after((SAGA, LOST)).events[-1], o.OrderDrawn)


def test_an_order_that_was_never_entered_has_no_outcome() -> None:
    registered = order().after((CUSTOMER, register(placed_at=None)))
    registered.when(WON, by=SAGA).refused(o.NotInDraw)
    registered.when(WITHDRAW, by=CUSTOMER).refused(o.NotInDraw)
