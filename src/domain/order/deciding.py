"""The order's decider: every command to the phase that decides on it, every event to its."""

from collections.abc import Sequence
from typing import Any, assert_never

from domain.declare import Claim, Context, Decider, Release
from domain.order import (
    allocating,
    cancelling,
    delivering,
    drawing,
    financing,
    inviting,
    paying,
    placing,
    promising,
)
from domain.order.case import Follow, Order, parties, subject

OrderCommand = (
    placing.PlacingCommand
    | paying.PayingCommand
    | drawing.DrawingCommand
    | inviting.InvitingCommand
    | financing.FinancingCommand
    | allocating.AllocatingCommand
    | promising.PromisingCommand
    | delivering.DeliveringCommand
    | cancelling.CancellingCommand
)
OrderEvent = (
    placing.PlacingEvent
    | paying.PayingEvent
    | drawing.DrawingEvent
    | inviting.InvitingEvent
    | financing.FinancingEvent
    | allocating.AllocatingEvent
    | promising.PromisingEvent
    | delivering.DeliveringEvent
    | cancelling.OrderCancelled
    | cancelling.OrderCorrected
)


def decide(order: Order, command: OrderCommand, context: Context) -> Sequence[OrderEvent]:
    """Return the events that grant the command, with what they mean for money, or refuse it."""
    made = _decide(order, command, context)
    if not made:
        return made
    after = order
    for event in made:
        after = evolve(after, event)
    return [*made, *paying.refund_due(order, after, context)]


def _decide(order: Order, command: OrderCommand, context: Context) -> Sequence[OrderEvent]:
    match command:
        case placing.PlaceOrder() | placing.SignOrderContract():
            return placing.decide(order, command, context)
        case paying.ReceiveOrderPayment() | paying.ReverseOrderPayment() | paying.RefundOrder():
            return paying.decide(order, command, context)
        case (
            drawing.EnterDraw()
            | drawing.WithdrawDrawEntry()
            | drawing.RecordOutcome()
            | drawing.MoveUp()
            | drawing.ReleaseDrawPlace()
        ):
            return drawing.decide(order, command, context)
        case inviting.InviteToPay():
            return inviting.decide(order, command, context)
        case financing.ConfirmFinancing() | financing.FailFinancing():
            return financing.decide(order, command, context)
        case (
            allocating.AllocateVehicle()
            | allocating.WithdrawAllocation()
            | allocating.ReleaseOrder()
            | allocating.PrepareDocuments()
            | allocating.PlateOrder()
        ):
            return allocating.decide(order, command, context)
        case promising.MovePromise() | promising.SettleCompensation():
            return promising.decide(order, command, context)
        case delivering.ScheduleDelivery() | delivering.DeliverOrder():
            return delivering.decide(order, command, context)
        case cancelling.CancelOrder() | cancelling.CorrectOrder():
            return cancelling.decide(order, command, context)
    assert_never(command)


FOLLOW: Follow = {
    **placing.FOLLOW,
    **inviting.FOLLOW,
    **paying.FOLLOW,
    **drawing.FOLLOW,
    **financing.FOLLOW,
    **allocating.FOLLOW,
    **promising.FOLLOW,
    **delivering.FOLLOW,
    **cancelling.FOLLOW,
}


def evolve(order: Order, event: OrderEvent) -> Order:
    """Return the order one event later."""
    return FOLLOW[type(event)](order, event)


VIN_ON_ORDER = "vin_on_order"
DRAW_ENTRY = "draw_entry"
ORDER_NUMBER = "order_number"


def claims(order: Order, event: Any) -> Sequence[Claim | Release]:
    """Return what belongs to this order alone.

    A car belongs to one live order; after the delivery it is its owner's, and may be sold again. A
    person has one entry in a draw, and a number is one order's.
    """
    match event:
        case placing.OrderPlaced(number=str(number)):
            return [Claim(ORDER_NUMBER, number)]
        case placing.OrderContracted(number=number) | cancelling.OrderCorrected(number=number):
            return _renumbered(order.number, number)
        case drawing.OrderEnteredInDraw(draw_id=draw_id, person=person):
            return [Claim(DRAW_ENTRY, f"{draw_id}/{person}")]
        case drawing.DrawEntryWithdrawn(draw_id=draw_id, person=person):
            return [Release(DRAW_ENTRY, f"{draw_id}/{person}")]
        case allocating.VehicleAllocated(vin=vin):
            return [Claim(VIN_ON_ORDER, vin)]
        case allocating.AllocationWithdrawn(vin=vin):
            return [Release(VIN_ON_ORDER, vin)]
        case delivering.OrderDelivered() if order.allocated is not None:
            return [Release(VIN_ON_ORDER, order.allocated.vin)]
    return ()


def _renumbered(was: str | None, number: str | None) -> Sequence[Claim | Release]:
    if was == number:
        return ()
    released = [] if was is None else [Release(ORDER_NUMBER, was)]
    return [*released, *([] if number is None else [Claim(ORDER_NUMBER, number)])]


DECIDER: Decider[Order, OrderCommand, OrderEvent] = Decider(
    category="order",
    initial=Order(),
    decide=decide,
    evolve=evolve,
    commands=(
        placing.PlaceOrder,
        placing.SignOrderContract,
        inviting.InviteToPay,
        paying.ReceiveOrderPayment,
        paying.ReverseOrderPayment,
        paying.RefundOrder,
        drawing.EnterDraw,
        drawing.WithdrawDrawEntry,
        drawing.RecordOutcome,
        drawing.MoveUp,
        drawing.ReleaseDrawPlace,
        financing.ConfirmFinancing,
        financing.FailFinancing,
        allocating.AllocateVehicle,
        allocating.WithdrawAllocation,
        allocating.ReleaseOrder,
        allocating.PrepareDocuments,
        allocating.PlateOrder,
        promising.MovePromise,
        promising.SettleCompensation,
        delivering.ScheduleDelivery,
        delivering.DeliverOrder,
        cancelling.CancelOrder,
        cancelling.CorrectOrder,
    ),
    opens=(placing.PlaceOrder,),
    events=tuple(FOLLOW),
    parties=parties,
    subject=subject,
    claims=claims,
)
