"""The document of an order: it says what the rules say, and is rebuilt to what it was."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from domain import order as o
from domain.order import OrderCancelReason
from projections import VIEWS
from projections.case_documents import Audience, audience_body, document_of
from projections.case_documents.order import ORDER, account_of, spans_of
from store.views import catch_up, compare, rebuild
from tests.domain.order.desk import (
    ACCOUNTANT,
    CUSTOMER,
    DEALER,
    EXPERT,
    LOST,
    MANAGER,
    MOVE_UP,
    PRICE,
    RESERVE,
    RULES,
    SAGA,
    SUPERVISOR,
    TAKE_BACK,
    TODAY,
    WON,
    cancel,
    contract,
    deliver,
    drawn,
    order,
    paid,
    pay,
    place,
    refund,
    reverse,
    settle,
    with_car,
)
from tests.domain.order.test_life import confirm, leased
from tests.projections.told import history
from tests.projections.world import world
from tests.scenario import CASE, Scenario

MOVE = o.MovePromise(stream=CASE, promised_on=TODAY, because=o.OrderPromiseReason.CUSTOMER_REQUEST)
INVITE = o.InviteToPay(stream=CASE, invited_on=TODAY)
FAIL = o.FailFinancing(
    stream=CASE, lease_id=leased().state.lease_id, because=o.OrderFinancingFailure.REJECTED
)

STORIES: dict[str, Scenario] = {
    "delivered late": with_car().after((DEALER, deliver()), (SUPERVISOR, settle())),
    "paid too much": paid().after((MANAGER, pay(70, 2)), (MANAGER, refund(20))),
    "bounced": paid().after((MANAGER, reverse())),
    "cancelled": with_car().after(
        (
            MANAGER,
            cancel(OrderCancelReason.CANNOT_SUPPLY, vehicle_id=TAKE_BACK.vehicle_id),
        ),
        (ACCOUNTANT, refund(PRICE.minor)),
    ),
    "car taken back": with_car().after((MANAGER, TAKE_BACK)),
    "lost": drawn(LOST).after((CUSTOMER, cancel(OrderCancelReason.CUSTOMER_WITHDREW))),
    "moved up": drawn(RESERVE).after(
        (SAGA, MOVE_UP), (DEALER, contract(contract_on=TODAY)), (DEALER, pay(10, on=TODAY))
    ),
    "left the draw": drawn().after((CUSTOMER, cancel(OrderCancelReason.CUSTOMER_WITHDREW))),
    "left it late": drawn().after(
        (CUSTOMER, cancel(OrderCancelReason.CUSTOMER_WITHDREW)), (SAGA, WON)
    ),
    "leased": leased().after((SAGA, confirm())),
    "not financed": leased().after((SAGA, confirm()), (SAGA, FAIL)),
    "participation": order().after(
        (DEALER, place("participation")),
        (DEALER, pay(PRICE.minor)),
        (EXPERT, INVITE),
        (EXPERT, MOVE),
        (SUPERVISOR, settle(o.OrderCreditKind.PARTICIPATION_PROFIT)),
    ),
    "corrected": paid().after((EXPERT, o.CorrectOrder(stream=CASE, model="E7", region="north"))),
}


def document(story: str, up_to: int | None = None) -> dict[str, Any]:
    events = STORIES[story].events[:up_to]
    found = document_of(history(CASE, events), RULES)
    assert found is not None
    return found


@pytest.mark.parametrize("story", STORIES)
def test_a_document_says_at_every_version_what_the_rules_say(story: str) -> None:
    scenario = STORIES[story]
    for version in range(1, len(scenario.events) + 1):
        shown = document(story, version)
        state = replace(scenario, events=scenario.events[:version]).state
        sums = state.sums
        assert shown["status"] == state.status.value
        assert shown["money"] == {
            "paid_minor": sums.paid_minor,
            "refunded_minor": sums.refunded_minor,
            "balance_minor": sums.balance_minor,
            "financed_minor": sums.financed_minor,
            "credited_minor": sums.credited_minor,
            "outstanding_minor": sums.outstanding_minor,
            "refundable_minor": sums.refundable_minor,
        }
        scheme = RULES.pinned(o.SaleScheme, state.scheme)
        reached = {stage["stage"] for stage in shown["stages"] if stage["done"]}
        assert reached == {s.name for s in scheme.stages.steps} & state.done & STAGES
        assert all(stage["at"] for stage in shown["stages"] if stage["done"])
        assert set(spans_of(shown)) == set(o_spans(state, scheme))
        assert account_of(shown) == o_account(state)


STAGES = {stage.value for stage in o.OrderStage}


def o_spans(state: o.Order, scheme: o.SaleScheme) -> Any:
    from domain.order.compensation import course_of, spans

    return spans(course_of(state), scheme)


def o_account(state: o.Order) -> Any:
    from domain.order.compensation import account_of as account

    return account(state)


def test_what_has_accrued_stands_where_the_last_day_is_known() -> None:
    late = document("delivered late")["compensation"][0]
    assert late["accrued_minor"] == late["settled_minor"] > 0
    running = document("paid too much")["compensation"][0]
    assert (running["accrued_minor"], running["until_on"]) == (None, None)


def test_the_next_stage_is_what_a_customer_waits_for() -> None:
    def following(story: str) -> list[str]:
        return [s["stage"] for s in document(story)["stages"] if s["next"]]

    assert following("bounced") == ["full_payment"]
    assert following("paid too much") == ["allocation"]
    assert following("car taken back") == ["allocation"]
    assert following("leased") == ["allocation"]
    assert following("delivered late") == []
    assert following("cancelled") == []


def test_an_order_is_open_while_a_car_or_money_is_owed() -> None:
    listed = {story: ORDER.listing(document(story)) for story in STORIES}
    assert listed["paid too much"].is_open
    assert not listed["delivered late"].is_open
    assert not listed["lost"].is_open
    assert listed["cancelled"].is_open, "its interest was not paid out yet"
    outline = listed["moved up"].outline
    assert outline is not None
    assert (outline["next_due_minor"], outline["next_stage"]) == (
        PRICE.minor // 2 - 10,
        "first_payment",
    )


@pytest.mark.parametrize("audience", [Audience.CUSTOMER, Audience.DEALER])
@pytest.mark.parametrize("story", STORIES)
def test_nobody_outside_reads_who_of_the_staff_did_what(story: str, audience: Audience) -> None:
    shown = audience_body(document(story), audience)
    assert shown is not None
    people = {MANAGER.id, SUPERVISOR.id, ACCOUNTANT.id, EXPERT.id}
    assert people.isdisjoint(_words(shown))
    assert shown["stages"] == document(story)["stages"]
    assert ("customer_id" in shown) is (audience is Audience.DEALER)


def _words(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set().union(*(_words(part) for part in value.values()), set())
    if isinstance(value, list):
        return set().union(*(_words(part) for part in value), set())
    return {value} if isinstance(value, str) else set()


def test_the_documents_of_orders_equal_their_rebuild(database_url: str) -> None:
    small = tuple(replace(view, batch_events=5) for view in (VIEWS[0],))
    with world(database_url) as told:
        richest = ("delivered late", "cancelled", "left it late", "not financed", "participation")
        stories = [(uuid4(), list(STORIES[story].events)) for story in richest]
        while stories:  # one event of each at a time, so that no batch holds a whole order
            for stream, events in stories:
                told.happened(stream, _alone(events.pop(0), stream), reason="as told")
            stories = [story for story in stories if story[1]]
        catch_up(database_url, told.log, small)
        for view in small:
            assert list(compare(told.url, told.log, view)) == [], view.name
            rebuild(database_url, told.log, view)
            assert list(compare(told.url, told.log, view)) == [], view.name


def _alone(event: Any, stream: Any) -> Any:
    """Return the event without a claim that another order of this test holds."""
    if isinstance(event, o.OrderEnteredInDraw | o.DrawEntryWithdrawn | o.DrawPlaceReleased):
        return replace(event, person=stream)
    if isinstance(event, o.VehicleAllocated | o.AllocationWithdrawn):
        return replace(event, vin=stream.hex[:17])
    return event
