"""Drawing: the order is entered in a draw, and is given what the draw decided.

The draw is a case of its own; it says whether entries are still taken, and hands its outcomes to
the orders. One person has one entry in a draw, whatever number of orders she has.
"""

from collections.abc import Sequence
from typing import Annotated, assert_never
from uuid import UUID

from domain.declare import (
    Command,
    Context,
    NotPermitted,
    Refusal,
    Role,
    Unacceptable,
    command,
    event,
)
from domain.fields import Between, Code
from domain.order.case import DrawEntry, Follow, Order, live, placed, take
from domain.order.words import (
    OrderAct,
    OrderDrawOutcome,
    OrderDrawRelease,
    OrderStage,
)
from domain.procedure import Taker, taker

# --- events ---------------------------------------------------------------------------------------


@event("order.entered_in_draw")
class OrderEnteredInDraw:
    """The order takes part in a draw for a group of models; its place in the log is its number."""

    draw_id: UUID
    person: UUID
    model_group: str
    by: Taker


@event("order.draw_entry_withdrawn")
class DrawEntryWithdrawn:
    """The order takes no part in the draw any more; it has had no outcome yet."""

    draw_id: UUID
    person: UUID
    by: Taker


@event("order.drawn")
class OrderDrawn:
    """The draw was held; `rank` is the entry's place in the ranking of its `quota`, from 1."""

    draw_id: UUID
    outcome: OrderDrawOutcome
    rank: int | None
    quota: str | None


@event("order.moved_up")
class OrderMovedUp:
    """Somebody before this order let go: a reserve is now entitled to a car."""

    draw_id: UUID
    rank: int | None
    quota: str | None


@event("order.draw_place_released")
class DrawPlaceReleased:
    """The order lets go of its place in the ranking; the next one in it moves up."""

    draw_id: UUID
    person: UUID
    reason: OrderDrawRelease
    by: Taker


# --- commands -------------------------------------------------------------------------------------

Rank = Annotated[int, Between(1, 10**9)]


@command
class EnterDraw(Command):
    """Enter the order in a draw; without `model_group` it is the order's model.

    Only staff name a group, for a model that the draw knows by another name.
    """

    draw_id: UUID
    model_group: Code | None = None


@command
class WithdrawDrawEntry(Command):
    """Take the order out of the draw before it is closed."""

    draw_id: UUID


@command
class RecordOutcome(Command):
    """Record what the draw gave the order; the draw's saga says it."""

    draw_id: UUID
    outcome: OrderDrawOutcome
    rank: Rank | None = None
    quota: Code | None = None


@command
class MoveUp(Command):
    """Record that the order, a reserve, is entitled to a car now; the draw's saga says it."""

    draw_id: UUID
    rank: Rank | None = None
    quota: Code | None = None


@command
class ReleaseDrawPlace(Command):
    """Let go of the order's place in the ranking, for good."""

    draw_id: UUID
    because: OrderDrawRelease = OrderDrawRelease.CUSTOMER_DECLINED


# --- refusals -------------------------------------------------------------------------------------


class OtherDraw(Unacceptable, code="order.other_draw"):
    """The order belongs to another draw."""


class ModelGroupNotYours(NotPermitted, code="order.model_group_not_yours"):
    """An order takes part for its own model; into another group it is put by customer care."""


class NotInDraw(Refusal, code="order.not_in_draw"):
    """The order takes no part in this draw."""


class AlreadyDrawn(Refusal, code="order.already_drawn"):
    """The draw was held and gave this order something else; that stands."""


class NothingToRelease(Refusal, code="order.nothing_to_release"):
    """The order has no place in the draw's ranking that it could let go."""


class NotReserve(Refusal, code="order.not_reserve"):
    """Only a reserve that still stands moves up."""


class CarAlreadyAllocated(Refusal, code="order.car_already_allocated"):
    """A car is allocated by this place already; take the allocation back first."""


class DrawSagaOnly(NotPermitted, code="order.draw_saga_only"):
    """What a draw decided is recorded by the draw itself, and by nobody's hand."""


# --- rules ----------------------------------------------------------------------------------------

_OUTSIDERS = frozenset({Role.CUSTOMER, Role.DEALER})
"""Who could gain by naming the group in which the fewest are entered."""

DrawingCommand = EnterDraw | WithdrawDrawEntry | RecordOutcome | MoveUp | ReleaseDrawPlace
DrawingEvent = (
    OrderEnteredInDraw | DrawEntryWithdrawn | OrderDrawn | OrderMovedUp | DrawPlaceReleased
)


def decide(order: Order, command: DrawingCommand, context: Context) -> Sequence[DrawingEvent]:
    """Decide on the order's part in its draw."""
    placed(order)
    match command:
        case EnterDraw():
            return _enter(order, command, context)
        case WithdrawDrawEntry():
            return _withdraw(order, command, context)
        case RecordOutcome() | MoveUp():
            if not context.actor.has(Role.SYSTEM):
                raise DrawSagaOnly
            if isinstance(command, RecordOutcome):
                return _outcome(order, command, context)
            return _move_up(order, command)
        case ReleaseDrawPlace():
            return _release(order, command, context)
    assert_never(command)


def _enter(order: Order, command: EnterDraw, context: Context) -> Sequence[DrawingEvent]:
    entry = order.entry
    standing = entry is not None and not entry.withdrawn
    if standing and order.draw_id == command.draw_id:
        return []
    live(order)
    if order.draw_id not in (None, command.draw_id):
        raise OtherDraw(draw=str(order.draw_id))
    take(order, context, OrderStage.DRAW_ENTRY)
    group = command.model_group or order.model
    if group != order.model and context.actor.roles <= _OUTSIDERS:
        raise ModelGroupNotYours(model=order.model)
    assert order.customer_id is not None
    return [
        OrderEnteredInDraw(
            draw_id=command.draw_id,
            person=order.customer_id,
            model_group=group,
            by=taker(context.actor),
        )
    ]


def _entry(order: Order, draw_id: UUID) -> DrawEntry:
    if order.entry is None or order.entry.draw_id != draw_id:
        raise NotInDraw(draw=str(draw_id))
    return order.entry


def _withdraw(order: Order, command: WithdrawDrawEntry, context: Context) -> Sequence[DrawingEvent]:
    entry = _entry(order, command.draw_id)
    if entry.withdrawn:
        return []
    live(order)
    if entry.outcome is not None:
        raise AlreadyDrawn(outcome=entry.outcome.value)
    take(order, context, OrderAct.DRAW_RELEASE)
    return [_withdrawn(entry, taker(context.actor))]


def _withdrawn(entry: DrawEntry, by: Taker) -> DrawEntryWithdrawn:
    return DrawEntryWithdrawn(draw_id=entry.draw_id, person=entry.person, by=by)


def _outcome(order: Order, command: RecordOutcome, context: Context) -> Sequence[DrawingEvent]:
    """Record the outcome; an order that left after the closing lets go of its place at once."""
    entry = _entry(order, command.draw_id)
    if entry.outcome is not None:
        if entry.outcome is not command.outcome:
            raise AlreadyDrawn(outcome=entry.outcome.value)
        return []
    drawn = OrderDrawn(
        draw_id=command.draw_id,
        outcome=command.outcome,
        rank=command.rank,
        quota=command.quota,
    )
    if entry.withdrawn and command.outcome is not OrderDrawOutcome.NOT_DRAWN:
        given = entry._replace(outcome=command.outcome)
        by = taker(context.actor)
        return [drawn, *_let_go(given, OrderDrawRelease.ORDER_CANCELLED, by)]
    return [drawn]


def _move_up(order: Order, command: MoveUp) -> Sequence[DrawingEvent]:
    entry = _entry(order, command.draw_id)
    if entry.moved_up:
        return []
    if entry.outcome is not OrderDrawOutcome.RESERVE or entry.released:
        raise NotReserve
    return [OrderMovedUp(draw_id=command.draw_id, rank=command.rank, quota=command.quota)]


def _release(order: Order, command: ReleaseDrawPlace, context: Context) -> Sequence[DrawingEvent]:
    entry = _entry(order, command.draw_id)
    if entry.released:
        return []
    live(order)
    take(order, context, OrderAct.DRAW_RELEASE)
    if order.allocated is not None:
        raise CarAlreadyAllocated
    return _let_go(entry, command.because, taker(context.actor))


def _let_go(entry: DrawEntry, because: OrderDrawRelease, by: Taker) -> Sequence[DrawPlaceReleased]:
    if entry.outcome not in (OrderDrawOutcome.WINNER, OrderDrawOutcome.RESERVE):
        raise NothingToRelease
    return [DrawPlaceReleased(draw_id=entry.draw_id, person=entry.person, reason=because, by=by)]


def when_cancelled(order: Order, by: Taker) -> Sequence[DrawingEvent]:
    """Return what a cancellation means for the draw: the entry, or the place, is let go."""
    entry = order.entry
    if entry is None or entry.released or entry.withdrawn:
        return []
    if entry.outcome is OrderDrawOutcome.NOT_DRAWN:
        return []
    if entry.outcome is None:
        return [_withdrawn(entry, by)]
    return _let_go(entry, OrderDrawRelease.ORDER_CANCELLED, by)


# --- what follows ---------------------------------------------------------------------------------


def _entered(order: Order, event: OrderEnteredInDraw) -> Order:
    return order.after(
        entry=DrawEntry(event.draw_id, event.person, event.model_group),
        draw_id=event.draw_id,
        taken=order.taken.take(OrderStage.DRAW_ENTRY, event.by),
    )


def _out(order: Order, _event: DrawEntryWithdrawn) -> Order:
    taken = order.taken
    done = taken.done - {OrderStage.DRAW_ENTRY}
    assert order.entry is not None
    return order.after(
        entry=order.entry._replace(withdrawn=True),
        draw_id=order.placed.draw_id,
        taken=type(taken)(done, taken.takers),
    )


def _drawn(order: Order, event: OrderDrawn) -> Order:
    assert order.entry is not None
    return order.after(entry=order.entry._replace(outcome=event.outcome))


def _moved_up(order: Order, _event: OrderMovedUp) -> Order:
    assert order.entry is not None
    return order.after(entry=order.entry._replace(moved_up=True))


def _released(order: Order, event: DrawPlaceReleased) -> Order:
    assert order.entry is not None
    return order.after(
        entry=order.entry._replace(released=True),
        taken=order.taken.take(OrderAct.DRAW_RELEASE, event.by),
    )


FOLLOW: Follow = {
    OrderEnteredInDraw: _entered,
    DrawEntryWithdrawn: _out,
    OrderDrawn: _drawn,
    OrderMovedUp: _moved_up,
    DrawPlaceReleased: _released,
}
