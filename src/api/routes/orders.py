"""Purchase orders: from placing to the hand-over, with the car's own record in the same moment."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from pydantic_core import from_json, to_json
from starlette.responses import Response

from api import access
from api.commands import command_route
from api.conventions import answer, content_tag
from api.operations import Answer, Call, Operation, Query
from api.problems import wrong_query
from api.queries import (
    day_in_query,
    flag_in_query,
    limit_of,
    listed_in_query,
    uuid_in_query,
    word_in_query,
)
from api.reads import (
    ANSWER_HEADERS,
    CASES,
    READ_FAILS,
    READ_HEADERS,
    UNCHANGED,
    case_body,
    case_route,
    list_page,
    list_route,
)
from api.shapes import DAY, FLAG, ID, text, words
from domain import draw as d
from domain import order as o
from domain import vehicle as v
from domain.declare import Command
from domain.order.compensation import DAYS_MAX, days
from projections import order_list
from projections.case_documents.order import account_of, spans_of
from projections.order_list import OrderFilter
from projections.reading import Page
from store.casebook import Casebook
from store.readers import ReadConnection

TAG = "orders"
ROOT = "/v1/orders"
CASE = f"{ROOT}/{{id}}"

# --- what belongs to a command in other cases -----------------------------------------------------


def _order(casebook: Casebook, command: Command) -> o.Order:
    state = casebook.state(command.stream).state
    return state if isinstance(state, o.Order) else o.Order()


def _reserve(_casebook: Casebook, command: Command) -> Sequence[Command]:
    """The car's own record says for which order it is meant; a unit that sees no cars says it."""
    assert isinstance(command, o.AllocateVehicle)
    reserved = v.ReserveVehicle(stream=command.vehicle_id, order_id=command.stream, vin=command.vin)
    return (command, reserved)


def _free(casebook: Casebook, command: Command) -> Sequence[Command]:
    """Say which car the order has, and let it go with the order."""
    assert isinstance(command, o.WithdrawAllocation | o.CancelOrder)
    car = _order(casebook, command).allocated
    if car is None:
        return ()
    named = command.vehicle_id or car.vehicle_id
    freed = v.EndReservation(stream=car.vehicle_id, order_id=command.stream)
    return (replace(command, vehicle_id=named), freed)


def _plate(casebook: Casebook, command: Command) -> Sequence[Command]:
    """The car's own record bears the plate too."""
    assert isinstance(command, o.PlateOrder)
    car = _order(casebook, command).allocated
    if car is None:
        return ()
    named = command.vehicle_id or car.vehicle_id
    plated = v.RecordPlate(stream=car.vehicle_id, plate=command.plate)
    return (replace(command, vehicle_id=named), plated)


def _hand_over(casebook: Casebook, command: Command) -> Sequence[Command]:
    """The car's own record says from now on whose it is, and that it is meant for no order."""
    assert isinstance(command, o.DeliverOrder)
    order = _order(casebook, command)
    car = order.allocated
    if car is None or order.customer_id is None:
        return ()
    role = v.OwnershipRole.LESSEE if order.financed_minor else v.OwnershipRole.OWNER
    owned = v.RecordOwnership(
        stream=car.vehicle_id,
        ownership_id=command.delivery_id,
        customer_id=order.customer_id,
        role=role,
        from_on=command.delivered_on,
    )
    freed = v.EndReservation(
        stream=car.vehicle_id, order_id=command.stream, end=v.ReservationEnd.DELIVERED
    )
    named = command.vehicle_id or car.vehicle_id
    return (replace(command, vehicle_id=named), freed, owned)


def _admitted(casebook: Casebook, command: Command) -> Sequence[Command]:
    """The draw is asked, in the same moment, whether entries are taken."""
    assert isinstance(command, o.EnterDraw | o.WithdrawDrawEntry)
    order = _order(casebook, command)
    group = command.model_group if isinstance(command, o.EnterDraw) else None
    if isinstance(command, o.WithdrawDrawEntry) and order.entry is not None:
        group = order.entry.model_group
    return (command, d.AdmitEntry(stream=command.draw_id, model=group or order.model))


# --- reads ----------------------------------------------------------------------------------------


async def _list(call: Call) -> Response:
    request = call.request
    limit = limit_of(request)
    wanted = OrderFilter(
        status=listed_in_query(request, "status", o.OrderStatus),
        scheme=word_in_query(request, "scheme", 64),
        stage=listed_in_query(request, "stage", o.OrderStage),
        number=word_in_query(request, "number", 64),
        model=word_in_query(request, "model", 120),
        dealer=word_in_query(request, "dealer", 64),
        region=word_in_query(request, "region", 64),
        customer=uuid_in_query(request, "customer"),
        vehicle=uuid_in_query(request, "vehicle"),
        draw=uuid_in_query(request, "draw"),
        lease=uuid_in_query(request, "lease"),
        is_open=flag_in_query(request, "open"),
        refundable=flag_in_query(request, "refundable"),
        promised_before_on=day_in_query(request, "promised_before"),
    )
    outside = access.is_outsider(call.actor)

    async def turn(connection: ReadConnection, place: str | None) -> Page:
        return await order_list.page(
            connection, wanted, call.scope, outside=outside, cursor=place, limit=limit
        )

    return await list_page(call, CASES, turn)


async def _compensation(call: Call) -> Response:
    """Reckon from the order's document, by the day asked for, what has accrued each day."""
    today = call.desk.casebook.clock().date()
    as_of = day_in_query(call.request, "as_of") or today
    position, case = await case_body(call, "order")
    assert case.body is not None
    document = from_json(case.body)
    account = account_of(document)
    shown = []
    for span, said in zip(spans_of(document), document["compensation"], strict=True):
        if as_of > span.after_on + timedelta(days=DAYS_MAX):
            raise wrong_query("as_of", "not_in_range")
        each = [
            {
                "on": day.on.isoformat(),
                "balance_minor": day.balance_minor,
                "counted": day.counted,
                "accrued_minor": day.accrued_minor,
                "total_minor": day.total_minor,
            }
            for day in days(span, account, as_of)
        ]
        accrued_minor = each[-1]["total_minor"] if each else 0
        settled_minor = said["settled_minor"]
        shown.append(
            {
                **{name: said[name] for name in ("kind", "rate", "after_on", "until_on")},
                "accrued_minor": accrued_minor,
                "settled_minor": settled_minor,
                "owed_minor": max(0, accrued_minor - settled_minor),
                "days": each,
            }
        )
    body = to_json(
        {
            "id": document["id"],
            "version": case.version,
            "as_of_on": as_of.isoformat(),
            "currency": document["currency"],
            "promised_on": document["promised_on"],
            "first_promised_on": document["first_promised_on"],
            "counts_from_on": document["counts_from_on"],
            "accruals": shown,
        }
    )
    return answer(call.request, body, etag=content_tag(body), position=position)


# --- the table ------------------------------------------------------------------------------------


_MAYBE_DAY = {"type": ["string", "null"], "format": "date"}
_MINOR = {"type": "integer"}
_MAYBE_TEXT = {"type": ["string", "null"]}

COMPONENTS: dict[str, Any] = {
    "OrderSummary": {
        "type": "object",
        "description": "What a list shows of a purchase order.",
        "required": ["id", "version", "status", "scheme", "model", "stage"],
        "properties": {
            "id": ID,
            "category": {"const": "order"},
            "version": {"type": "integer"},
            "status": words(o.OrderStatus),
            "number": _MAYBE_TEXT,
            "scheme": {"type": "string"},
            "model": {"type": "string"},
            "stage": words(o.OrderStage),
            "next_stage": _MAYBE_TEXT,
            "currency": _MAYBE_TEXT,
            "price_minor": {"type": ["integer", "null"]},
            "paid_minor": _MINOR,
            "balance_minor": {**_MINOR, "description": "Paid in less paid back."},
            "outstanding_minor": _MINOR,
            "refundable_minor": _MINOR,
            "promised_on": _MAYBE_DAY,
            "accrues_from_on": {
                **_MAYBE_DAY,
                "description": "After this day a delay costs the company, until the delivery.",
            },
        },
    },
    "OrderCompensation": {
        "type": "object",
        "description": "What has accrued by a day, day by day; the days add up to the total.",
        "required": ["id", "as_of_on", "accruals"],
        "properties": {
            "id": ID,
            "version": {"type": "integer"},
            "as_of_on": DAY,
            "currency": _MAYBE_TEXT,
            "promised_on": _MAYBE_DAY,
            "first_promised_on": _MAYBE_DAY,
            "counts_from_on": _MAYBE_DAY,
            "accruals": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["kind", "rate", "accrued_minor", "days"],
                    "properties": {
                        "kind": words(o.OrderCreditKind),
                        "rate": {"type": "object"},
                        "after_on": DAY,
                        "until_on": _MAYBE_DAY,
                        "accrued_minor": _MINOR,
                        "settled_minor": _MINOR,
                        "owed_minor": _MINOR,
                        "days": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "required": ["on", "balance_minor", "accrued_minor"],
                                "properties": {
                                    "on": DAY,
                                    "balance_minor": _MINOR,
                                    "counted": FLAG,
                                    "accrued_minor": _MINOR,
                                    "total_minor": _MINOR,
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}

_LIST = list_route(
    ROOT,
    name="list_orders",
    tag=TAG,
    summary="List purchase orders within the caller's sight, newest activity first.",
    handler=_list,
    queries=(
        Query(name="status", schema=words(o.OrderStatus), about="Where they stand."),
        Query(name="scheme", schema=text(), about="Under which scheme they were sold."),
        Query(name="stage", schema=words(o.OrderStage), about="The last stage they reached."),
        Query(name="number", schema=text(), about="The number of the contract."),
        Query(name="model", schema=text(120), about="Which model was ordered."),
        Query(name="dealer", schema=text(), about="By which dealer they were sold."),
        Query(name="region", schema=text(), about="To which region they belong."),
        Query(name="customer", schema=ID, about="Whose they are."),
        Query(name="vehicle", schema=ID, about="Which car is meant for them."),
        Query(name="draw", schema=ID, about="In which draw they take part."),
        Query(name="lease", schema=ID, about="Which lease pays for them."),
        Query(name="open", schema=FLAG, about="Still to be worked on, or ended."),
        Query(name="refundable", schema=FLAG, about="Whether money has to go back."),
        Query(name="promised_before", schema=DAY, about="Promised for before this day."),
    ),
    items="purchase orders",
    schema="OrderSummary",
)

_COMPENSATION = Operation(
    method="GET",
    path=f"{CASE}/compensation",
    name="read_order_compensation",
    tag=TAG,
    summary="Read what the company owes for a delay by a day, day by day.",
    handler=_compensation,
    queries=(
        Query(name="as_of", schema=DAY, about="Through which day it is reckoned; today else."),
    ),
    answers={
        200: Answer(
            about="What has accrued.",
            schema={"$ref": "#/components/schemas/OrderCompensation"},
            headers=ANSWER_HEADERS,
        ),
        304: UNCHANGED,
    },
    headers=READ_HEADERS,
    fails=READ_FAILS,
)


def _on_case(part: str, command: type, *made: str, **further: Any) -> Operation:
    """Make the route of a command on one order."""
    return command_route(f"{CASE}/{part}", command, tag=TAG, made=made, **further)


OPERATIONS: tuple[Operation, ...] = (
    command_route(ROOT, o.PlaceOrder, tag=TAG, opens=True),
    _LIST,
    case_route(
        CASE,
        name="read_order",
        tag=TAG,
        summary="Read a purchase order: its stages, its money, its car, its promise.",
        category="order",
        schema={"$ref": "#/components/schemas/Case"},
    ),
    _COMPENSATION,
    _on_case("contract", o.SignOrderContract),
    _on_case("invitation", o.InviteToPay),
    # money
    _on_case("payments", o.ReceiveOrderPayment, "payment_id"),
    _on_case(
        "payments/{item_id}/reversal",
        o.ReverseOrderPayment,
        "reversal_id",
        path_fields={"item_id": "payment_id"},
    ),
    _on_case("refund", o.RefundOrder, "refund_id"),
    # the draw
    _on_case("draw-entry", o.EnterDraw, attach=_admitted),
    _on_case("draw-entry/withdrawal", o.WithdrawDrawEntry, attach=_admitted),
    _on_case("draw-place/release", o.ReleaseDrawPlace),
    # the car
    _on_case("allocation", o.AllocateVehicle, "allocation_id", attach=_reserve),
    _on_case("allocation/withdrawal", o.WithdrawAllocation, attach=_free),
    _on_case("release", o.ReleaseOrder),
    _on_case("documents", o.PrepareDocuments),
    _on_case("plating", o.PlateOrder, attach=_plate),
    # promise, delivery, end
    _on_case("promise", o.MovePromise),
    _on_case("compensation/settlement", o.SettleCompensation, "settlement_id"),
    _on_case("delivery-appointment", o.ScheduleDelivery, "appointment_id"),
    _on_case("delivery", o.DeliverOrder, "delivery_id", attach=_hand_over),
    _on_case("cancellation", o.CancelOrder, attach=_free),
    _on_case("corrections", o.CorrectOrder),
)
