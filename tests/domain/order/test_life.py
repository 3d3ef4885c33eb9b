"""An order's life under every scheme, and what is refused on the way."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain import identifiers, procedure
from domain import order as o
from domain.declare import AlreadyExists, Claim, Release
from domain.money import Currency, Money
from domain.order import OrderStage, OrderStatus
from domain.rulebook import Published, Rules
from tests.domain.order.desk import (
    CONTRACT_ON,
    CUSTOMER,
    DEALER,
    DRAW,
    EXPERT,
    LEASE,
    LEILA,
    MANAGER,
    NOW,
    OTHER_CAR,
    OTHER_VIN,
    PRICE,
    READY,
    SAGA,
    TAKE_BACK,
    VIN,
    WON,
    after,
    allocate,
    an_id,
    contract,
    deliver,
    enter,
    order,
    paid,
    pay,
    place,
    register,
    release,
    reverse,
    rial,
    with_car,
)
from tests.domain.order.desk import (
    papers as prepare,
)
from tests.scenario import CASE, Scenario

INVITE = o.InviteToPay(stream=CASE, invited_on=NOW.date())
HALF = PRICE.minor // 2
MOST = PRICE.minor * 7 // 10
FINANCED = MOST


def lives() -> dict[str, list[tuple[Any, Any]]]:
    """Who does what, under each scheme, from the first step to the hand-over."""
    car = [(MANAGER, step) for step in (allocate(), *READY)] + [(DEALER, deliver())]
    halves = [(MANAGER, pay(HALF)), (EXPERT, INVITE), (MANAGER, pay(HALF, 2, NOW.date()))]
    confirmed = o.ConfirmFinancing(stream=CASE, lease_id=LEASE, amount=rial(FINANCED))
    return {
        "immediate": [(DEALER, place()), (DEALER, pay(PRICE.minor)), *car],
        "definitive_pre_sale": [(DEALER, place("definitive_pre_sale")), *halves, *car],
        "participation": [
            (DEALER, place("participation")),
            (DEALER, pay(MOST)),
            (EXPERT, INVITE),
            (DEALER, pay(PRICE.minor - MOST, 2, NOW.date())),
            *car,
        ],
        "custom_order": [(DEALER, place("custom_order")), (DEALER, pay(PRICE.minor)), *car],
        "ordinary_pre_sale": [
            (CUSTOMER, register(placed_at=None)),
            (CUSTOMER, enter()),
            (SAGA, WON),
            (DEALER, contract(contract_on=NOW.date())),
            (DEALER, pay(HALF, on=NOW.date())),
            *halves[1:],
            *car,
        ],
        "leased": [
            (DEALER, place("leased")),
            (DEALER, pay(PRICE.minor - FINANCED)),
            (SAGA, confirmed),
            *car,
        ],
    }


@pytest.mark.parametrize("scheme", lives())
def test_an_order_goes_through_all_stages_of_its_scheme(scheme: str) -> None:
    state = order().after(*lives()[scheme]).state
    stages = state_scheme(state).stages.steps
    required = {step.name for step in stages if not step.optional}
    assert state.status is OrderStatus.DELIVERED
    assert required <= state.done
    assert state.sums.outstanding_minor == 0


def state_scheme(state: o.Order) -> o.SaleScheme:
    assert state.scheme is not None
    return order().rules.pinned(o.SaleScheme, state.scheme)


@pytest.mark.parametrize("scheme", lives())
def test_every_step_of_an_order_twice_is_once(scheme: str) -> None:
    scenario = order()
    for who, wish in lives()[scheme]:
        before = scenario.state
        scenario = scenario.after((who, wish))
        assert scenario.state != before
        assert list(scenario.decide(wish, scenario.state, who)) == []


@pytest.mark.parametrize("scheme", lives())
def test_no_required_stage_can_be_left_out(scheme: str) -> None:
    """Without any one of its steps, the order does not come to be delivered."""
    for left_out in range(1, len(lives()[scheme]) - 1):
        steps = [step for place, step in enumerate(lives()[scheme]) if place != left_out]
        with pytest.raises((procedure.StepNeedsEarlierStep, o.NoCarAllocated, *EARLIER)):
            order().after(*steps)


EARLIER = (
    o.NotInDraw,
    o.OrderHasNoContract,
    o.OrderCurrencyDiffers,
    o.NotReserve,
)


def test_a_stage_of_payment_falls_when_the_bank_takes_the_money_back() -> None:
    ready = with_car()
    assert OrderStage.FULL_PAYMENT in ready.state.done
    bounced = ready.after((MANAGER, reverse()))
    assert OrderStage.FULL_PAYMENT not in bounced.state.done
    bounced.when(deliver()).refused(procedure.StepNeedsEarlierStep, step="delivery")


# --- placing --------------------------------------------------------------------------------------


def test_the_scheme_says_price_promise_and_plan_where_the_order_does_not() -> None:
    placed = order().after((DEALER, place("definitive_pre_sale"))).state
    assert placed.promised_on == after(180)
    assert [part.minor for part in placed.instalments] == [HALF, HALF]
    assert sum(part.minor for part in placed.instalments) == PRICE.minor
    assert placed.number is None


def test_a_price_that_nobody_says_is_missing() -> None:
    order().when(place(price=None)).refused(o.PriceIsMissing)


def test_due_days_are_moved_to_days_that_are_worked() -> None:
    """Three days after Tuesday is Friday, a day of rest in Iran."""
    tuesday = date(2026, 2, 24)
    placed = order().after((MANAGER, place(contract_on=tuesday))).state
    assert placed.instalments[0].due_on == date(2026, 2, 28)


def test_an_own_plan_adds_up_to_the_price_and_is_due_on_days_that_are_worked() -> None:
    def plan(*parts: tuple[str, date, int]) -> Any:
        planned = tuple(o.PlannedInstalment(code=c, due_on=d, minor=m) for c, d, m in parts)
        return order().when(place("custom_order", instalments=planned))

    later, friday = date(2026, 2, 24), date(2026, 2, 27)
    half = PRICE.minor - 1_000
    plan(("one", later, 1_000), ("two", later, 5)).refused(
        o.PlanDiffersFromPrice, price_minor=PRICE.minor, planned_minor=1_005
    )
    plan(("one", friday, PRICE.minor)).refused(
        o.DueDayNotWorked, on="2026-02-27", next="2026-02-28"
    )
    plan(("one", later, 1_000), ("one", later, half)).refused(o.InstalmentTwice)
    plan(("one", after(-1), PRICE.minor)).refused(o.InstalmentBeforeContract)
    planned = (o.PlannedInstalment(code="one", due_on=later, minor=PRICE.minor),)
    order().when(place(instalments=planned)).refused(o.PlanNotOpen)


def test_an_order_is_in_the_currency_of_its_scheme() -> None:
    dollars = Money(minor=1_000_000, currency=Currency.USD)
    order().when(place(price=dollars)).refused(
        o.OrderCurrencyDiffers, currency="IRR", other_currency="USD"
    )
    for minor in (0, -5):
        order().when(place(price=rial(minor))).refused(o.OrderAmountNotPositive, minor=minor)


def test_a_customer_names_no_terms_of_her_own() -> None:
    for terms in (
        {"price": PRICE},
        {"contract_on": CONTRACT_ON},
        {"promised_on": after(30)},
        {"placed_at": NOW - timedelta(days=9)},
        {"number": "P-1"},
        {"source_ref": "row-1"},
    ):
        wish = register(**{"placed_at": None, **terms})
        order().when(wish, by=CUSTOMER).refused(o.TermsNotYours)


def test_an_order_is_carried_over_from_another_system_with_its_own_date() -> None:
    then = datetime(2020, 6, 10, tzinfo=UTC)
    wish = register(placed_at=then, source_ref="ikco-2020-06/17", draw_id=DRAW)
    carried = order().after((SAGA, wish), (SAGA, enter()))
    assert carried.state.placed.placed_at == then
    assert carried.state.entry is not None
    assert list(carried.decide(wish, carried.state, SAGA)) == []


def test_a_time_to_come_is_not_when_an_order_was_placed() -> None:
    wish = register(placed_at=NOW + timedelta(days=1))
    order().when(wish).refused(o.OrderDateLiesAhead)
    order().when(place(contract_on=date(2026, 4, 1))).refused(o.OrderDateLiesAhead)


def test_a_scheme_takes_only_what_belongs_to_it() -> None:
    order().when(place(draw_id=DRAW)).refused(o.SchemeHasNoDraw)
    order().when(place(lease_id=LEASE)).refused(o.SchemeHasNoLease)
    order().when(register(price=PRICE)).refused(o.ContractComesLater)
    order().when(place(promised_on=after(-1))).refused(o.PromiseBeforeContract)


def test_the_same_id_is_not_another_order() -> None:
    order().after((MANAGER, place())).when(place(model="E7")).refused(AlreadyExists)
    order().after((MANAGER, place())).when(place("leased")).refused(AlreadyExists)


def test_a_contract_says_the_same_thing_once() -> None:
    signed = order().after(
        (CUSTOMER, register(placed_at=None)),
        (CUSTOMER, enter()),
        (SAGA, WON),
        (DEALER, contract(contract_on=NOW.date())),
    )
    signed.when(contract(contract_on=NOW.date(), price=rial(5)), by=DEALER).refused(
        o.AlreadyContracted
    )
    assert signed.state.promised_on == NOW.date() + timedelta(days=360)


def test_an_order_number_belongs_to_one_order() -> None:
    scenario = order().after((MANAGER, place(number="p-17")))
    assert claims(order(), scenario.events[0]) == [Claim(o.ORDER_NUMBER, "P-17")]
    wish = o.CorrectOrder(stream=CASE, number="P-18", model="E5")
    corrected = scenario.after((EXPERT, wish))
    assert claims(scenario, corrected.events[-1]) == [
        Release(o.ORDER_NUMBER, "P-17"),
        Claim(o.ORDER_NUMBER, "P-18"),
    ]


def claims(scenario: Scenario, event: Any) -> list[Any]:
    return list(scenario.decider.claims(scenario.state, event))


def test_a_contract_repeated_after_the_invitation_is_still_the_same() -> None:
    dearer = rial(PRICE.minor + 300)
    wish = o.InviteToPay(stream=CASE, invited_on=NOW.date(), price=dearer)
    signed = contract(contract_on=NOW.date())
    invited = order().after(
        (CUSTOMER, register(placed_at=None)),
        (CUSTOMER, enter()),
        (SAGA, WON),
        (DEALER, signed),
        (DEALER, pay(HALF, on=NOW.date())),
        (EXPERT, wish),
    )
    invited.when(signed, by=DEALER).then_nothing()


# --- the invitation -------------------------------------------------------------------------------


def test_the_final_price_is_the_invitations_where_the_scheme_lets_it() -> None:
    dearer = rial(PRICE.minor + 300)
    wish = o.InviteToPay(stream=CASE, invited_on=NOW.date(), price=dearer)
    mostly_paid = order().after((DEALER, place("participation")), (DEALER, pay(MOST)))
    invited = mostly_paid.after((EXPERT, wish)).state
    assert invited.sums.outstanding_minor == PRICE.minor + 300 - MOST
    assert [part.minor for part in invited.instalments] == [MOST, dearer.minor - MOST]
    definitive = order().after((DEALER, place("definitive_pre_sale")), (DEALER, pay(HALF)))
    definitive.when(wish, by=EXPERT).refused(o.PriceIsFinal)
    earlier = replace(INVITE, invited_on=NOW.date() - timedelta(days=1))
    mostly_paid.after((EXPERT, wish)).when(earlier, by=EXPERT).refused(o.AlreadyInvited)


def test_a_price_that_has_fallen_makes_what_was_paid_refundable() -> None:
    cheaper = rial(HALF // 2)
    wish = o.InviteToPay(stream=CASE, invited_on=NOW.date(), price=cheaper)
    scenario = order().after((DEALER, place("participation")), (DEALER, pay(MOST)))
    invited = scenario.after((EXPERT, wish)).state
    assert sum(part.minor for part in invited.instalments) == cheaper.minor
    assert invited.sums.refundable_minor == MOST - cheaper.minor


# --- the car --------------------------------------------------------------------------------------


def test_a_vin_has_no_i_o_or_q() -> None:
    for letter in "IOQ":
        wish = allocate(vin=f"{letter}{VIN[1:]}")
        paid().when(wish).refused(identifiers.VinIsWrong)
    paid().when(allocate(vin=VIN[1:])).refused(identifiers.VinIsWrong)


def test_a_market_that_uses_check_digits_has_them_checked() -> None:
    documents = dict(order().rules.documents)
    published = documents[o.SaleScheme, "immediate"][0]
    strict = replace(published.content, vin_check_digit=True)
    documents[o.SaleScheme, "immediate"] = [
        Published("immediate", 1, published.effective_from_at, strict)
    ]
    scenario = replace(paid(), rules=Rules(documents))
    scenario.when(allocate(vin="1M8GDM9A3KP042788")).refused(identifiers.VinCheckDigitIsWrong)
    allocated = scenario.after((MANAGER, allocate(vin="1m8gdm9axkp042788")))
    assert allocated.state.allocated is not None
    assert allocated.state.allocated.vin == "1M8GDM9AXKP042788"


def test_an_order_has_one_car_which_no_other_order_has() -> None:
    scenario = paid().after((MANAGER, allocate()))
    scenario.when(allocate(OTHER_VIN, OTHER_CAR, 2)).refused(o.OtherCarAllocated)
    assert claims(paid(), scenario.events[-1]) == [Claim(o.VIN_ON_ORDER, VIN)]


def test_a_car_taken_back_takes_back_what_was_done_with_it() -> None:
    scenario = with_car().after((MANAGER, TAKE_BACK))
    assert claims(with_car(), scenario.events[-1]) == [Release(o.VIN_ON_ORDER, VIN)]
    left = scenario.state
    assert (left.allocated, left.release, left.papers, left.plating) == (None,) * 4
    assert left.done & {"allocation", "release", "documents", "plating"} == set()
    again = scenario.after((MANAGER, allocate(OTHER_VIN, OTHER_CAR, 2)))
    assert again.state.allocated.vin == OTHER_VIN


def test_the_car_that_is_spoken_of_is_the_one_that_is_allocated() -> None:
    with_car().when(deliver(vehicle_id=OTHER_CAR)).refused(o.CarIsAnother)
    with_car().when(deliver(vehicle_id=None)).refused(o.CarIsAnother)


def test_a_release_is_recorded_once_and_papers_as_often_as_they_change() -> None:
    scenario = with_car()
    scenario.when(release(source=o.OrderReleaseSource.CUSTOMS)).refused(o.ReleaseIsOtherwise)
    twice = o.PrepareDocuments(
        stream=CASE,
        prepared_on=NOW.date(),
        papers=(o.PaperReady(kind=o.OrderPaper.TITLE), o.PaperReady(kind=o.OrderPaper.TITLE)),
    )
    scenario.when(twice).refused(o.PaperTwice)
    scenario.when(prepare(NOW.date() - timedelta(days=1))).then(
        o.DocumentsPrepared(
            prepared_on=NOW.date() - timedelta(days=1),
            papers=(o.PreparedPaper(kind=o.OrderPaper.REGISTRATION, number="R-1"),),
            by=procedure.taker(MANAGER),
        )
    )


# --- the hand-over --------------------------------------------------------------------------------


def test_a_hand_over_is_complete_or_is_none() -> None:
    with_car().when(deliver(keys=1)).refused(o.HandOverIncomplete, keys_at_least=2)
    with_car().when(deliver(papers=())).refused(o.HandOverIncomplete)
    signed = (o.OrderSignatory.CUSTOMER,)
    with_car().when(deliver(signed_by=signed)).refused(o.HandOverIncomplete, signatures=["dealer"])
    with_car().when(deliver(mileage_km=900)).refused(o.MileageTooHigh, at_most_km=200)


def test_a_car_is_not_handed_over_before_its_release_or_in_days_to_come() -> None:
    with_car().when(deliver(NOW.date() - timedelta(days=1))).refused(o.DeliveredBeforeRelease)
    with_car().when(deliver(NOW.date() + timedelta(days=2))).refused(o.OrderDateLiesAhead)


def test_an_appointment_is_ahead_and_on_a_day_that_is_worked() -> None:
    def at(when: datetime, number: int = 1) -> o.ScheduleDelivery:
        return o.ScheduleDelivery(stream=CASE, appointment_id=an_id(600 + number), at=when)

    friday = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)
    with_car().when(at(friday)).refused(o.DueDayNotWorked, next="2026-03-08")
    thursday_in_utc = datetime(2026, 3, 5, 21, 0, tzinfo=UTC)
    with_car().when(at(thursday_in_utc)).refused(o.DueDayNotWorked, on="2026-03-06")
    with_car().when(at(NOW - timedelta(hours=1))).refused(o.AppointmentInPast)
    monday = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
    agreed = with_car().after((DEALER, at(monday)), (DEALER, at(monday + timedelta(days=1), 2)))
    assert agreed.state.appointment.at == monday + timedelta(days=1)


def test_nothing_is_done_with_a_car_that_was_handed_over() -> None:
    over = with_car().after((DEALER, deliver()))
    for wish in (release(), allocate(OTHER_VIN, OTHER_CAR, 2), contract()):
        over.when(wish).refused(o.OrderIsDelivered)
    assert claims(with_car(), over.events[-1]) == [Release(o.VIN_ON_ORDER, VIN)]
    over.when(deliver(mileage_km=13), by=DEALER).refused(o.OrderItemExists)


# --- financing ------------------------------------------------------------------------------------


def leased() -> Scenario:
    return order().after(
        (DEALER, place("leased", lease_id=LEASE)), (DEALER, pay(PRICE.minor - FINANCED))
    )


def confirm(minor: int = FINANCED, lease: Any = LEASE) -> o.ConfirmFinancing:
    return o.ConfirmFinancing(stream=CASE, lease_id=lease, amount=rial(minor))


def test_only_a_lease_of_the_orders_own_pays_for_it() -> None:
    scenario = leased()
    scenario.when(confirm(lease=DRAW), by=SAGA).refused(o.OtherLease)
    scenario.when(confirm(PRICE.minor + 1), by=SAGA).refused(o.FinancingExceedsPrice)
    scenario.when(confirm(), by=MANAGER).refused(o.FinancingSagaOnly)
    paid().when(confirm(), by=SAGA).refused(o.NotLeased)
    scenario.when(confirm(), by=SAGA).then(
        o.FinancingConfirmed(lease_id=LEASE, amount=rial(FINANCED), by=procedure.taker(SAGA))
    )


def test_a_lease_that_fails_leaves_the_rest_to_be_paid() -> None:
    fails = o.FailFinancing(stream=CASE, lease_id=LEASE, because=o.OrderFinancingFailure.REJECTED)
    scenario = leased().after((SAGA, confirm()))
    assert scenario.state.sums.outstanding_minor == 0
    failed = scenario.after((SAGA, fails))
    assert failed.state.sums.outstanding_minor == FINANCED
    failed.when(fails, by=SAGA).then_nothing()
    failed.when(allocate()).refused(procedure.StepNeedsEarlierStep)
    alone = failed.after((DEALER, pay(FINANCED, 2)), (MANAGER, allocate()))
    assert alone.state.allocated is not None


def test_a_lease_says_nothing_to_an_order_that_has_ended() -> None:
    over = leased().after(
        (SAGA, confirm()), *((MANAGER, step) for step in (allocate(), *READY)), (DEALER, deliver())
    )
    over.when(confirm(), by=SAGA).then_nothing()
    assert over.state.customer_id == LEILA


def test_a_lease_that_is_withdrawn_after_the_hand_over_leaves_its_part_to_be_paid() -> None:
    over = leased().after(
        (SAGA, confirm()), *((MANAGER, step) for step in (allocate(), *READY)), (DEALER, deliver())
    )
    because = o.OrderFinancingFailure.WITHDRAWN
    fails = o.FailFinancing(stream=CASE, lease_id=LEASE, because=because)
    failed = over.after((SAGA, fails))
    assert failed.state.sums.outstanding_minor == FINANCED
    failed.when(fails, by=SAGA).then_nothing()


def test_no_lease_fails_an_order_that_none_pays_for() -> None:
    because = o.OrderFinancingFailure.REJECTED
    fails = o.FailFinancing(stream=CASE, lease_id=LEASE, because=because)
    paid().when(fails, by=SAGA).refused(o.NotLeased)
