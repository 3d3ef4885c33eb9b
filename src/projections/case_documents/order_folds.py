"""How the document of a purchase order follows each of its events."""

from collections.abc import Mapping
from typing import Any

from domain import order as o
from domain.order import OrderStage, OrderStatus
from projections.case_documents.folding import (
    Body,
    Envelope,
    Fold,
    added,
    changed,
    item_of,
    only,
    without,
)
from store.views import Document

LISTS = ("payments", "refunds", "refunds_due", "promises", "settlements", "allocations")
DESCRIPTION = ("number", "model", "trim", "colour", "dealer_id", "region")
TERMS = ("price", "contract_on", "promised_on", "instalments")
OF_THE_CAR = ("release", "papers", "plating", "appointment")


def _take(document: Document, stage: OrderStage, at: str) -> None:
    document["stage_at"] = {**document["stage_at"], stage.value: at}


def _undo(document: Document, *stages: str) -> None:
    document["stage_at"] = without(document["stage_at"], *stages)


def _placed(document: Document, body: Body, envelope: Envelope) -> None:
    document.update(without(body, "by"))
    document.update(
        opened_at=body["placed_at"],
        status=OrderStatus.LIVE.value,
        first_promised_on=body["promised_on"],
        counts_from_on=body["promised_on"],
        placing=item_of(only(body, "by"), envelope),
        contract=None,
        invitation=None,
        financing=None,
        financed_minor=0,
        draw=None,
        placed_draw_id=body["draw_id"],
        vehicle=None,
        delivery=None,
        cancellation=None,
        stage_at={},
        **dict.fromkeys(OF_THE_CAR),
    )
    for name in LISTS:
        document[name] = []
    _take(document, OrderStage.PLACEMENT, body["placed_at"])
    if body["contract_on"] is not None:
        document["contract"] = item_of(only(body, "by", "contract_on"), envelope)


def _contracted(document: Document, body: Body, envelope: Envelope) -> None:
    document.update(only(body, "number", *TERMS))
    document["first_promised_on"] = document["counts_from_on"] = body["promised_on"]
    document["contract"] = item_of(only(body, "by", "contract_on"), envelope)
    _take(document, OrderStage.CONTRACT, envelope.at)


def _invited(document: Document, body: Body, envelope: Envelope) -> None:
    document.update(only(body, "price", "instalments"))
    document["invitation"] = item_of(without(body, "instalments"), envelope)
    _take(document, OrderStage.INVITATION, envelope.at)


def _paid(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "payments", {**item_of(body, envelope), "reversal": None})


def _reversed(document: Document, body: Body, envelope: Envelope) -> None:
    reversal = without(item_of(body, envelope), "payment_id")
    change = {"reversal": reversal}
    changed(document, "payments", "payment_id", body["payment_id"], change)


def _listed(key: str) -> Fold:
    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        added(document, key, item_of(body, envelope))

    return fold


def _entered(document: Document, body: Body, envelope: Envelope) -> None:
    document["draw_id"] = body["draw_id"]
    document["draw"] = {
        **item_of(without(body, "person"), envelope),
        **dict.fromkeys(("outcome", "rank", "quota", "moved_up", "released", "withdrawn")),
    }
    _take(document, OrderStage.DRAW_ENTRY, envelope.at)


def _entry_withdrawn(document: Document, _: Body, envelope: Envelope) -> None:
    document["draw"] = {**document["draw"], "withdrawn": envelope.at}
    document["draw_id"] = document["placed_draw_id"]
    _undo(document, OrderStage.DRAW_ENTRY)


def _drawn(document: Document, body: Body, envelope: Envelope) -> None:
    drawn = {**only(body, "outcome", "rank", "quota"), "drawn_at": envelope.at}
    document["draw"] = {**document["draw"], **drawn}
    won = body["outcome"] == o.OrderDrawOutcome.WINNER.value
    if won and document["draw"]["withdrawn"] is None:
        _take(document, OrderStage.DRAW, envelope.at)


def _moved_up(document: Document, body: Body, envelope: Envelope) -> None:
    moved = {name: body[name] for name in ("rank", "quota") if body[name] is not None}
    document["draw"] = {**document["draw"], **moved, "moved_up": envelope.at}
    _take(document, OrderStage.DRAW, envelope.at)


def _place_released(document: Document, body: Body, envelope: Envelope) -> None:
    released = {"at": envelope.at, "reason": body["reason"]}
    document["draw"] = {**document["draw"], "released": released}
    _undo(document, OrderStage.DRAW)


def _financed(document: Document, body: Body, envelope: Envelope) -> None:
    document.update(lease_id=body["lease_id"], financed_minor=body["amount"]["minor"])
    document["financing"] = {**item_of(body, envelope), "confirmed": True}
    _take(document, OrderStage.FINANCING, envelope.at)


def _not_financed(document: Document, body: Body, envelope: Envelope) -> None:
    document.update(lease_id=body["lease_id"], financed_minor=0)
    document["financing"] = {**item_of(body, envelope), "confirmed": False}
    _undo(document, OrderStage.FINANCING)


def _allocated(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "allocations", {**item_of(body, envelope), "withdrawal": None})
    document["vehicle"] = only(body, "vehicle_id", "vin", "trim", "colour")
    _take(document, OrderStage.ALLOCATION, envelope.at)


def _deallocated(document: Document, body: Body, envelope: Envelope) -> None:
    withdrawal = without(item_of(body, envelope), "vehicle_id", "vin", "undone")
    *before, newest = document["allocations"]
    document["allocations"] = [*before, {**newest, "withdrawal": withdrawal}]
    document.update(vehicle=None, **dict.fromkeys(OF_THE_CAR))
    _undo(document, *body["undone"])


def _stage(key: str, stage: OrderStage) -> Fold:
    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        document[key] = item_of(body, envelope)
        _take(document, stage, envelope.at)

    return fold


def _promise_moved(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "promises", item_of(body, envelope))
    document.update(only(body, "promised_on", "counts_from_on"))


def _delivered(document: Document, body: Body, envelope: Envelope) -> None:
    document["delivery"] = item_of(body, envelope)
    document["status"] = OrderStatus.DELIVERED.value
    _take(document, OrderStage.DELIVERY, envelope.at)


def _cancelled(document: Document, body: Body, envelope: Envelope) -> None:
    document["cancellation"] = item_of(body, envelope)
    document["status"] = OrderStatus.CANCELLED.value


def _corrected(document: Document, body: Body, _: Envelope) -> None:
    document.update(only(body, *DESCRIPTION))


FOLDS: Mapping[type[Any], Fold] = {
    o.OrderPlaced: _placed,
    o.OrderContracted: _contracted,
    o.OrderInvited: _invited,
    o.OrderPaymentReceived: _paid,
    o.OrderPaymentReversed: _reversed,
    o.OrderRefundDue: _listed("refunds_due"),
    o.OrderRefunded: _listed("refunds"),
    o.OrderEnteredInDraw: _entered,
    o.DrawEntryWithdrawn: _entry_withdrawn,
    o.OrderDrawn: _drawn,
    o.OrderMovedUp: _moved_up,
    o.DrawPlaceReleased: _place_released,
    o.FinancingConfirmed: _financed,
    o.FinancingFailed: _not_financed,
    o.VehicleAllocated: _allocated,
    o.AllocationWithdrawn: _deallocated,
    o.OrderReleased: _stage("release", OrderStage.RELEASE),
    o.DocumentsPrepared: _stage("papers", OrderStage.DOCUMENTS),
    o.OrderPlated: _stage("plating", OrderStage.PLATING),
    o.PromiseMoved: _promise_moved,
    o.CompensationSettled: _listed("settlements"),
    o.DeliveryScheduled: _stage("appointment", OrderStage.DELIVERY_APPOINTMENT),
    o.OrderDelivered: _delivered,
    o.OrderCancelled: _cancelled,
    o.OrderCorrected: _corrected,
}
