"""Passes a place on: when whoever was drawn lets go, the next reserve of the model moves up.

Each move is one piece with its record in the draw, so a reserve gets one place and a place one
reserve, however many let go at the same moment. Nothing is passed on while orders are still being
told what they were given: a reserve that does not know yet would be passed by.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import draw as d
from domain import order as o
from domain.clocks.messages import Urgency
from domain.declare import CaseNotFound, Refusal
from sagas import draw_reading
from sagas.declare import Do, Hands, Saga, Wake, made_by
from store.log import Recorded

LOOKED_AT_TOGETHER_MAX = 500


class OrdersBeingTold(Refusal, code="draw.orders_being_told"):
    """Orders are still being told what they were given; it is asked again when they all know."""


@dataclass(frozen=True, slots=True)
class Place:
    """What an order has by a draw; `cause` is the event by which it let go, if it did, at `at`."""

    draw: UUID
    order: UUID
    model: str
    holds: bool
    at: datetime
    cause: UUID | None = None


def key(recorded: Recorded) -> UUID | None:
    """Return the place that an event is about: an order may have been in several draws."""
    match recorded.event:
        case d.OutcomesHandedOut():
            return None
        case d.OutcomeNotTaken(order_id=order) | d.PlacePassedOn(from_order=order):
            return made_by(recorded.stream, str(order))
        case event:
            return made_by(event.draw_id, str(recorded.stream))


def evolve(place: Place | None, recorded: Recorded, _: Any) -> Place | None:
    """Return the place one event later; None where nothing can be passed on, or it was."""
    at = recorded.recorded_at
    match recorded.event:
        case o.OrderDrawn(draw_id=draw, outcome=outcome, quota=model):
            if outcome is o.OrderDrawOutcome.NOT_DRAWN:
                return None
            holds = outcome is o.OrderDrawOutcome.WINNER
            return Place(draw, recorded.stream, model or "", holds, at)
        case d.OutcomeNotTaken(order_id=order, outcome=d.DrawOutcome.WINNER, model=model):
            return Place(recorded.stream, order, model, False, at, recorded.event_id)
        case o.OrderMovedUp() if place is not None:
            return replace(place, holds=True)
        case o.DrawPlaceReleased() if place is not None and place.holds:
            return replace(place, holds=False, at=at, cause=recorded.event_id)
        case d.OutcomesHandedOut() if place is not None:
            return replace(place, at=at)
    return None


def wake(place: Place) -> Wake | None:
    """Wake where a place was let go."""
    return None if place.cause is None else Wake(place.at, Urgency.REMINDER)


def tags(place: Place) -> tuple[str, ...]:
    """Return the draw's word where the place waits for all orders to be told."""
    return () if place.cause is None else (str(place.draw),)


def reaches(recorded: Recorded) -> tuple[str, ...]:
    """Return the word by which those who wait hear that all orders were told."""
    return (str(recorded.stream),) if isinstance(recorded.event, d.OutcomesHandedOut) else ()


def perform(place: Place, _: datetime, hands: Hands) -> None:
    """Give the place to the first reserve that still stands, or record that there is none."""
    draw: d.Draw = hands.casebook.state(place.draw).state
    if draw.handed_out is None:
        raise OrdersBeingTold
    assert draw.announced is not None and place.cause is not None
    quota = next(one for one in draw.announced.quotas if one.model == place.model)
    rank = quota.winners + 1
    while True:
        with hands.casebook.pool.connection() as connection:
            page = draw_reading.reserves(
                connection, place.draw, place.model, rank, LOOKED_AT_TOGETHER_MAX
            )
        for reserve in page:
            if not draw.moved_up.has(reserve.order_id) and _moved(place, reserve, hands):
                return
        if not page:
            break
        rank += len(page)
    nobody = d.PassPlaceOn(
        stream=place.draw, from_order=place.order, to_order=None, model=place.model
    )
    hands.act(Do((nobody,), place.cause))


def _moved(place: Place, reserve: draw_reading.Place, hands: Hands) -> bool:
    """Tell whether the place was passed on, to this reserve or, before, to another one."""
    assert place.cause is not None
    passing = d.PassPlaceOn(
        stream=place.draw, from_order=place.order, to_order=reserve.order_id, model=place.model
    )
    moving = o.MoveUp(
        stream=reserve.order_id, draw_id=place.draw, rank=reserve.rank, quota=place.model
    )
    try:
        hands.act(Do((passing, moving), place.cause))
    except (o.NotReserve, o.NotInDraw, CaseNotFound):
        return False
    except d.PlaceIsPassedOn:
        draw: d.Draw = hands.casebook.state(place.draw).state
        return draw.passed_on.has(place.order)
    return True


SAGA: Saga[Place] = Saga(
    name="draw_places",
    revision=1,
    topics=(
        "order.drawn",
        "order.moved_up",
        "order.draw_place_released",
        "draw.outcome_not_taken",
        "draw.handed_out",
        "draw.place_passed_on",
    ),
    state_type=Place,
    key=key,
    evolve=evolve,
    wake=wake,
    todo=lambda _, __: (),
    perform=perform,
    tags=tags,
    reaches=reaches,
)
