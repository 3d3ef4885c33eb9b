"""Holds a draw: closes it at its hour, seals its entries, publishes the ranking, tells the orders.

What it says of the entries it reads from the view of them, once that has read past the closing; so
it acts through `perform`, and does nothing that the log does not lead to. Orders are told in the
order of the ranking, so many together, and every one that was told is an event that moves `told`
on: whoever is killed in the middle goes on at the next one.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain import draw as d
from domain import order as o
from domain.clocks.messages import Urgency
from domain.declare import CaseNotFound, Command, Refusal
from sagas import draw_reading
from sagas.declare import Do, Hands, Saga, Wake
from sagas.draw_reading import Place, turns
from store.log import Recorded

TOLD_TOGETHER_MAX = 200
"""How many orders are told in one piece: all of them or none."""


class Step(StrEnum):
    """What is to be done next."""

    OPENING = "opening"
    CLOSING = "closing"
    SEALING = "sealing"
    REVELATION = "revelation"
    RANKING = "ranking"
    TELLING = "telling"


_NOBODYS = frozenset({Step.OPENING, Step.REVELATION})
"""Steps that the operator takes."""


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw; `at` is when to look at it, `cause` the event because of which.

    `position` is that of the closing, `told` how many orders know what they were given.
    """

    stream: UUID
    closes_at: datetime
    step: Step
    at: datetime
    cause: UUID
    position: int = 0
    places: int = 0
    told: int = 0


# --- evolve ---------------------------------------------------------------------------------------


def key(recorded: Recorded) -> UUID:
    """Return the draw that an event, of its own or of an order, belongs to."""
    event = recorded.event
    return event.draw_id if isinstance(event, o.OrderDrawn) else recorded.stream


def evolve(draw: Draw | None, recorded: Recorded, _: Any) -> Draw | None:
    """Return the draw one event later; None when every order was told."""
    event = recorded.event
    if isinstance(event, d.DrawAnnounced):
        at, cause = recorded.recorded_at, recorded.event_id
        return Draw(recorded.stream, event.closes_at, Step.OPENING, at, cause)
    if draw is None or isinstance(event, d.OutcomesHandedOut):
        return None
    match event:
        case d.DrawOpened():
            return replace(_next(draw, Step.CLOSING, recorded), at=draw.closes_at)
        case d.DrawClosed():
            return replace(_next(draw, Step.SEALING, recorded), position=recorded.position)
        case d.EntriesSealed():
            return _next(draw, Step.REVELATION, recorded)
        case d.DrawRevealed():
            return _next(draw, Step.RANKING, recorded)
        case d.DrawRanked(outcomes=outcomes):
            ranked = sum(one.entries - one.excluded for one in outcomes)
            return replace(_next(draw, Step.TELLING, recorded), places=ranked)
        case o.OrderDrawn() | d.OutcomeNotTaken():
            return replace(draw, told=draw.told + 1, at=recorded.recorded_at)
    return draw


def _next(draw: Draw, step: Step, recorded: Recorded) -> Draw:
    return replace(draw, step=step, at=recorded.recorded_at, cause=recorded.event_id)


# --- wake and perform -----------------------------------------------------------------------------


def wake(draw: Draw) -> Wake | None:
    """Return when something is to be done, which the operator does not do."""
    if draw.step in _NOBODYS:
        return None
    return Wake(draw.at, Urgency.ESCALATION if draw.step is Step.CLOSING else Urgency.REMINDER)


def perform(draw: Draw, _: datetime, hands: Hands) -> None:
    """Take the step that is next."""
    match draw.step:
        case Step.CLOSING:
            hands.act(Do((d.CloseDraw(stream=draw.stream),), draw.cause))
        case Step.SEALING:
            hands.act(Do((_sealed(draw, hands),), draw.cause))
        case Step.RANKING:
            hands.act(Do((_ranked(draw, hands),), draw.cause))
        case Step.TELLING if draw.told < draw.places:
            _tell(draw, hands)
        case Step.TELLING:
            done = d.FinishHandingOut(stream=draw.stream, places=draw.places)
            hands.act(Do((done,), draw.cause))


def _sealed(draw: Draw, hands: Hands) -> Command:
    with hands.casebook.pool.connection() as connection:
        sealed = draw_reading.seal(connection, draw.stream, draw.position)
    return d.SealEntries(
        stream=draw.stream,
        closed_position=draw.position,
        count=sealed.count,
        root=sealed.root,
        counted=tuple(
            d.ModelCount(model=model, entries=entries) for model, entries in sealed.counted.items()
        ),
    )


def _ranked(draw: Draw, hands: Hands) -> Command:
    with hands.casebook.pool.connection() as connection:
        result = draw_reading.result(connection, draw.stream, draw.position)
    return d.RecordRanking(
        stream=draw.stream,
        ranking_sha256=result["ranking_sha256"],
        proof_sha256=result["proof_sha256"],
        proof_bytes=result["proof_bytes"],
        outcomes=tuple(d.ModelOutcome(**outcome) for outcome in result["outcomes"]),
    )


def _tell(draw: Draw, hands: Hands) -> None:
    """Tell the next orders what they were given, all together; or else each by itself."""
    with hands.casebook.pool.connection() as connection:
        places = turns(connection, draw.stream, draw.told + 1, TOLD_TOGETHER_MAX)
    if not places:
        raise draw_reading.EntriesBeingRead
    tellings = [
        o.RecordOutcome(
            stream=place.order_id,
            draw_id=draw.stream,
            outcome=o.OrderDrawOutcome(place.outcome.value),
            rank=place.rank,
            quota=place.model,
        )
        for place in places
    ]
    try:
        hands.act(Do(tuple(tellings), draw.cause))
    except Refusal:
        for place, telling in zip(places, tellings, strict=True):
            _tell_one(draw, place, telling, hands)


def _tell_one(draw: Draw, place: Place, telling: o.RecordOutcome, hands: Hands) -> None:
    try:
        hands.act(Do((telling,), draw.cause))
    except (o.NotInDraw, o.AlreadyDrawn, CaseNotFound):
        skipped = d.SkipOutcome(
            stream=draw.stream,
            order_id=place.order_id,
            model=place.model,
            rank=place.rank,
            outcome=place.outcome,
        )
        hands.act(Do((skipped,), draw.cause))


SAGA: Saga[Draw] = Saga(
    name="draw",
    revision=1,
    topics=(
        "draw.announced",
        "draw.opened",
        "draw.closed",
        "draw.entries_sealed",
        "draw.revealed",
        "draw.ranked",
        "draw.outcome_not_taken",
        "draw.handed_out",
        "order.drawn",
    ),
    state_type=Draw,
    key=key,
    evolve=evolve,
    wake=wake,
    todo=lambda _, __: (),
    perform=perform,
    lease=timedelta(seconds=60),
)
