"""Delivering: an appointment, and the hand-over record by which the car is the customer's."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, assert_never
from uuid import UUID

from domain.declare import Command, Context, Unacceptable, command, event, value
from domain.fields import Between, BusinessDate, Code, Instant, Items, Line, Name, Personal
from domain.order import compensation
from domain.order.allocating import require_car
from domain.order.case import Follow, Order, has_item, live, past_day, scheme_of, take
from domain.order.contract import local_day, require_worked
from domain.order.scheme import SaleScheme
from domain.order.words import (
    OrderCreditKind,
    OrderPaper,
    OrderSignatory,
    OrderStage,
    OrderStatus,
)
from domain.procedure import Taker, taker

# --- events ---------------------------------------------------------------------------------------


@value
class NotedDefect:
    """A defect that was seen at the hand-over, by its code, and in words."""

    code: str
    remark: Personal[str | None] = None


@event("order.delivery_scheduled")
class DeliveryScheduled:
    """The hand-over is agreed for this time and place; it stands in place of an earlier one."""

    appointment_id: UUID
    at: datetime
    place: str | None
    by: Taker


@event("order.delivered")
class OrderDelivered:
    """The car was handed over; from now on it is the customer's, and no delay accrues.

    `late_by_days` and `compensation_minor` are what was reckoned then, by the money known then.
    """

    delivery_id: UUID
    vehicle_id: UUID
    delivered_on: date
    mileage_km: int
    keys: int
    papers: tuple[OrderPaper, ...]
    signed_by: tuple[OrderSignatory, ...]
    receiver_name: Personal[str | None]
    defects: tuple[NotedDefect, ...]
    late_by_days: int
    compensation_minor: int
    by: Taker


# --- commands -------------------------------------------------------------------------------------


@value
class SeenDefect:
    """A defect that was seen at the hand-over, by its code, and in words."""

    code: Code
    remark: Line | None = None


@command
class ScheduleDelivery(Command):
    """Agree with the customer on when and where the car is handed over."""

    appointment_id: UUID
    at: Instant
    place: Code | None = None


@command
class DeliverOrder(Command):
    """Hand the car over; its own record says in the same moment whose it is.

    `vehicle_id` is the car that is allocated.
    """

    delivery_id: UUID
    delivered_on: BusinessDate
    mileage_km: Annotated[int, Between(0, 3_000_000)]
    keys: Annotated[int, Between(0, 20)]
    papers: Annotated[tuple[OrderPaper, ...], Items(max=20)] = ()
    signed_by: Annotated[tuple[OrderSignatory, ...], Items(max=10)]
    receiver_name: Name | None = None
    defects: Annotated[tuple[SeenDefect, ...], Items(max=50)] = ()
    vehicle_id: UUID | None = None


# --- refusals -------------------------------------------------------------------------------------


class AppointmentInPast(Unacceptable, code="order.appointment_in_past"):
    """Nobody can come to an appointment that has passed."""


class DeliveredBeforeRelease(Unacceptable, code="order.delivered_before_release"):
    """A car is not handed over before its contract and its release."""


class HandOverIncomplete(Unacceptable, code="order.hand_over_incomplete"):
    """The hand-over record lacks papers, keys or signatures that the scheme asks for."""


class MileageTooHigh(Unacceptable, code="order.mileage_too_high"):
    """A new car has not driven that far."""


# --- rules ----------------------------------------------------------------------------------------

DeliveringCommand = ScheduleDelivery | DeliverOrder
DeliveringEvent = DeliveryScheduled | OrderDelivered


def decide(order: Order, command: DeliveringCommand, context: Context) -> Sequence[DeliveringEvent]:
    """Decide on the hand-over."""
    match command:
        case ScheduleDelivery():
            return _schedule(order, command, context)
        case DeliverOrder():
            return _deliver(order, command, context)
    assert_never(command)


def _schedule(order: Order, command: ScheduleDelivery, context: Context) -> list[DeliveryScheduled]:
    live(order)
    made = DeliveryScheduled(
        appointment_id=command.appointment_id,
        at=command.at,
        place=command.place,
        by=taker(context.actor),
    )
    if has_item(order, command.appointment_id, made):
        return []
    take(order, context, OrderStage.DELIVERY_APPOINTMENT)
    if command.at < context.now:
        raise AppointmentInPast(at=command.at.isoformat())
    scheme = scheme_of(order, context)
    require_worked(scheme, local_day(scheme, command.at, context), context)
    return [made]


def _deliver(order: Order, command: DeliverOrder, context: Context) -> list[OrderDelivered]:
    standing = order.delivered
    if standing is not None and standing.delivery_id == command.delivery_id:
        wished = _record(command, standing.vehicle_id, context)
        has_item(order, command.delivery_id, wished, {"late_by_days", "compensation_minor"})
        return []
    live(order)
    scheme = scheme_of(order, context)
    take(order, context, OrderStage.DELIVERY)
    require_car(order, command.vehicle_id)
    assert order.allocated is not None
    past_day(command.delivered_on, context)
    days = [order.contract_on, None if order.release is None else order.release.released_on]
    not_before = max(day for day in days if day is not None)
    if command.delivered_on < not_before:
        raise DeliveredBeforeRelease(not_before=not_before.isoformat())
    _require_complete(scheme, command)
    made = _record(command, order.allocated.vehicle_id, context)
    late_by_days, owed_minor = _lateness(_delivered(order, made), scheme, command.delivered_on)
    return [_record(command, made.vehicle_id, context, late_by_days, owed_minor)]


def _record(
    command: DeliverOrder,
    vehicle_id: UUID,
    context: Context,
    late_by_days: int = 0,
    compensation_minor: int = 0,
) -> OrderDelivered:
    return OrderDelivered(
        delivery_id=command.delivery_id,
        vehicle_id=vehicle_id,
        delivered_on=command.delivered_on,
        mileage_km=command.mileage_km,
        keys=command.keys,
        papers=tuple(dict.fromkeys(command.papers)),
        signed_by=tuple(dict.fromkeys(command.signed_by)),
        receiver_name=command.receiver_name,
        defects=tuple(NotedDefect(code=d.code, remark=d.remark) for d in command.defects),
        late_by_days=late_by_days,
        compensation_minor=compensation_minor,
        by=taker(context.actor),
    )


def _lateness(order: Order, scheme: SaleScheme, delivered_on: date) -> tuple[int, int]:
    promised_on = compensation.counts_from_on(order)
    assert promised_on is not None
    span = compensation.span_of(order, scheme, OrderCreditKind.DELAY_COMPENSATION)
    owed_minor = 0
    if span is not None:
        account = compensation.account_of(order)
        owed_minor = compensation.accrued_minor(span, account, delivered_on)
    return max(0, (delivered_on - promised_on).days), owed_minor


def _require_complete(scheme: SaleScheme, command: DeliverOrder) -> None:
    terms = scheme.hand_over
    papers = [paper.value for paper in terms.papers if paper not in command.papers]
    signatories = [one.value for one in terms.signatories if one not in command.signed_by]
    if papers or signatories or command.keys < terms.keys_min:
        raise HandOverIncomplete(
            papers=papers, signatures=signatories, keys_at_least=terms.keys_min
        )
    if terms.mileage_km_max is not None and command.mileage_km > terms.mileage_km_max:
        raise MileageTooHigh(at_most_km=terms.mileage_km_max)


# --- what follows ---------------------------------------------------------------------------------


def _scheduled(order: Order, event: DeliveryScheduled) -> Order:
    return order.with_item(
        event.appointment_id,
        event,
        appointment=event,
        taken=order.taken.take(OrderStage.DELIVERY_APPOINTMENT, event.by),
    )


def _delivered(order: Order, event: OrderDelivered) -> Order:
    return order.with_item(
        event.delivery_id,
        event,
        status=OrderStatus.DELIVERED,
        delivered=event,
        taken=order.taken.take(OrderStage.DELIVERY, event.by),
    )


FOLLOW: Follow = {DeliveryScheduled: _scheduled, OrderDelivered: _delivered}
