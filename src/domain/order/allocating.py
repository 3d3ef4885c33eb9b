"""Allocating: one car, by its VIN, is meant for one order; it is released, papered and plated."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, assert_never
from uuid import UUID

from domain import identifiers
from domain.declare import Command, Context, Refusal, Unacceptable, command, event, value
from domain.fields import BusinessDate, Code, Items, Name, Personal, Text
from domain.order.case import Follow, Order, has_item, live, past_day, scheme_of, take
from domain.order.words import (
    OrderAct,
    OrderAllocationEnd,
    OrderPaper,
    OrderReleaseSource,
    OrderStage,
)
from domain.procedure import Taker, taker

# --- events ---------------------------------------------------------------------------------------


@value
class PreparedPaper:
    """A paper that is ready; its number is the buyer's."""

    kind: OrderPaper
    number: Personal[str | None] = None


@event("order.vehicle_allocated")
class VehicleAllocated:
    """This car, and no other, is meant for the order, and for no other order."""

    allocation_id: UUID
    vehicle_id: UUID
    vin: str
    trim: str | None
    colour: str | None
    by: Taker


@event("order.allocation_withdrawn")
class AllocationWithdrawn:
    """The car is no longer meant for this order; what was done with it stands no longer."""

    vehicle_id: UUID
    vin: str
    reason: OrderAllocationEnd
    undone: tuple[str, ...]
    by: Taker


@event("order.released")
class OrderReleased:
    """The car was released to be handed over, from the factory or by the customs."""

    released_on: date
    source: OrderReleaseSource
    reference: str | None
    by: Taker


@event("order.documents_prepared")
class DocumentsPrepared:
    """These papers of the car are ready; they stand in place of what was ready before."""

    prepared_on: date
    papers: tuple[PreparedPaper, ...]
    by: Taker


@event("order.plated")
class OrderPlated:
    """The car carries this number plate (in normal form), registered to the buyer."""

    plate: Personal[str]
    plated_on: date
    by: Taker


# --- commands -------------------------------------------------------------------------------------


@value
class PaperReady:
    """A paper that is ready, with its number if it has one."""

    kind: OrderPaper
    number: Annotated[str, Text(max=64)] | None = None


@command
class AllocateVehicle(Command):
    """Mean a car for the order; the vehicle's own record says the same in the same moment."""

    allocation_id: UUID
    vehicle_id: UUID
    vin: Annotated[str, Text(max=40)]
    trim: Name | None = None
    colour: Name | None = None


@command
class WithdrawAllocation(Command):
    """Take the car back from the order; `vehicle_id` is the one that is allocated."""

    because: OrderAllocationEnd
    vehicle_id: UUID | None = None


@command
class ReleaseOrder(Command):
    """Record that the car was released to be handed over."""

    released_on: BusinessDate
    source: OrderReleaseSource
    reference: Code | None = None


@command
class PrepareDocuments(Command):
    """Record which papers of the car are ready."""

    prepared_on: BusinessDate
    papers: Annotated[tuple[PaperReady, ...], Items(max=20, min=1)]


@command
class PlateOrder(Command):
    """Record the number plate; the vehicle's own record says the same in the same moment."""

    plate: Annotated[str, Text(max=40)]
    plated_on: BusinessDate
    vehicle_id: UUID | None = None


# --- refusals -------------------------------------------------------------------------------------


class OtherCarAllocated(Refusal, code="order.other_car_allocated"):
    """Another car is allocated to this order; take that allocation back first."""


class NoCarAllocated(Refusal, code="order.no_car_allocated"):
    """No car is allocated to this order."""


class CarIsAnother(Refusal, code="order.car_is_another"):
    """The car that is allocated is another one by now; look at the order again."""


class ReleaseIsOtherwise(Refusal, code="order.release_is_otherwise"):
    """The release stands already, of another day or from elsewhere."""


class PaperTwice(Unacceptable, code="order.paper_twice"):
    """A paper is named twice."""


# --- rules ----------------------------------------------------------------------------------------

AllocatingCommand = (
    AllocateVehicle | WithdrawAllocation | ReleaseOrder | PrepareDocuments | PlateOrder
)
AllocatingEvent = (
    VehicleAllocated | AllocationWithdrawn | OrderReleased | DocumentsPrepared | OrderPlated
)

OF_THE_CAR = (
    OrderStage.ALLOCATION,
    OrderStage.RELEASE,
    OrderStage.DOCUMENTS,
    OrderStage.PLATING,
    OrderStage.DELIVERY_APPOINTMENT,
)
"""The stages that stand with the car, and fall with it."""


def decide(order: Order, command: AllocatingCommand, context: Context) -> Sequence[AllocatingEvent]:
    """Decide on the car of the order."""
    match command:
        case AllocateVehicle():
            return _allocate(order, command, context)
        case WithdrawAllocation():
            live(order)
            if order.allocated is None:
                return []
            require_car(order, command.vehicle_id)
            take(order, context, OrderAct.ALLOCATION_WITHDRAWAL)
            return withdrawn(order, command.because, taker(context.actor))
        case ReleaseOrder():
            return _release(order, command, context)
        case PrepareDocuments():
            return _prepare(order, command, context)
        case PlateOrder():
            return _plate(order, command, context)
    assert_never(command)


def _allocate(order: Order, command: AllocateVehicle, context: Context) -> list[VehicleAllocated]:
    live(order)
    check = scheme_of(order, context).vin_check_digit
    vin = identifiers.vin_with_check_digit if check else identifiers.vin
    made = VehicleAllocated(
        allocation_id=command.allocation_id,
        vehicle_id=command.vehicle_id,
        vin=vin(command.vin),
        trim=command.trim,
        colour=command.colour,
        by=taker(context.actor),
    )
    if has_item(order, command.allocation_id, made):
        return []
    if order.allocated is not None:
        raise OtherCarAllocated
    take(order, context, OrderStage.ALLOCATION)
    return [made]


def require_car(order: Order, vehicle_id: UUID | None) -> None:
    """Refuse what is said of another car than the one that is allocated, or of none."""
    if order.allocated is None:
        raise NoCarAllocated
    if order.allocated.vehicle_id != vehicle_id:
        raise CarIsAnother


def withdrawn(order: Order, because: OrderAllocationEnd, by: Taker) -> list[AllocationWithdrawn]:
    """Return that the car is taken back, with the stages that fall with it."""
    assert order.allocated is not None
    return [
        AllocationWithdrawn(
            vehicle_id=order.allocated.vehicle_id,
            vin=order.allocated.vin,
            reason=because,
            undone=tuple(stage for stage in OF_THE_CAR if stage in order.taken.done),
            by=by,
        )
    ]


def _release(order: Order, command: ReleaseOrder, context: Context) -> list[OrderReleased]:
    live(order)
    made = OrderReleased(
        released_on=command.released_on,
        source=command.source,
        reference=command.reference,
        by=taker(context.actor),
    )
    if order.release is not None:
        standing = order.release
        same = (standing.released_on, standing.source, standing.reference)
        if same != (made.released_on, made.source, made.reference):
            raise ReleaseIsOtherwise
        return []
    take(order, context, OrderStage.RELEASE)
    past_day(command.released_on, context)
    return [made]


def _prepare(order: Order, command: PrepareDocuments, context: Context) -> list[DocumentsPrepared]:
    live(order)
    kinds = [paper.kind for paper in command.papers]
    if len(set(kinds)) != len(kinds):
        raise PaperTwice
    made = DocumentsPrepared(
        prepared_on=command.prepared_on,
        papers=tuple(PreparedPaper(kind=p.kind, number=p.number) for p in command.papers),
        by=taker(context.actor),
    )
    standing = order.papers
    if standing is not None and (standing.prepared_on, standing.papers) == (
        made.prepared_on,
        made.papers,
    ):
        return []
    take(order, context, OrderStage.DOCUMENTS)
    past_day(command.prepared_on, context)
    return [made]


def _plate(order: Order, command: PlateOrder, context: Context) -> list[OrderPlated]:
    live(order)
    require_car(order, command.vehicle_id)
    made = OrderPlated(
        plate=identifiers.plate_number(command.plate),
        plated_on=command.plated_on,
        by=taker(context.actor),
    )
    standing = order.plating
    if standing is not None and (standing.plate, standing.plated_on) == (
        made.plate,
        made.plated_on,
    ):
        return []
    take(order, context, OrderStage.PLATING)
    past_day(command.plated_on, context)
    return [made]


# --- what follows ---------------------------------------------------------------------------------


def _allocated(order: Order, event: VehicleAllocated) -> Order:
    return order.with_item(
        event.allocation_id,
        event,
        allocated=event,
        taken=order.taken.take(OrderStage.ALLOCATION, event.by),
    )


def _withdrawn(order: Order, event: AllocationWithdrawn) -> Order:
    taken = order.taken.take(OrderAct.ALLOCATION_WITHDRAWAL, event.by)
    return order.after(
        allocated=None,
        release=None,
        papers=None,
        plating=None,
        appointment=None,
        taken=type(taken)(taken.done - {*event.undone}, taken.takers),
    )


def _released(order: Order, event: OrderReleased) -> Order:
    return order.after(release=event, taken=order.taken.take(OrderStage.RELEASE, event.by))


def _prepared(order: Order, event: DocumentsPrepared) -> Order:
    return order.after(papers=event, taken=order.taken.take(OrderStage.DOCUMENTS, event.by))


def _plated(order: Order, event: OrderPlated) -> Order:
    return order.after(plating=event, taken=order.taken.take(OrderStage.PLATING, event.by))


FOLLOW: Follow = {
    VehicleAllocated: _allocated,
    AllocationWithdrawn: _withdrawn,
    OrderReleased: _released,
    DocumentsPrepared: _prepared,
    OrderPlated: _plated,
}
