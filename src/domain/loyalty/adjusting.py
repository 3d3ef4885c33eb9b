"""Points are given and taken by hand, with a reason, within the programme's limit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from domain.declare import ActorId, Command, Context, Unacceptable, command, event
from domain.fields import Between
from domain.loyalty.earning import POINTS_MAX, is_taken
from domain.loyalty.ledger import (
    Follow,
    Ledger,
    opened,
    programme_of,
    require_another,
    require_officer,
)
from domain.loyalty.lots import LotsEvent, back, settle, settled, take_all, without
from domain.loyalty.words import AdjustmentReason, Part

# --- events ---------------------------------------------------------------------------------------


@event("loyalty.points_adjusted")
class PointsAdjusted:
    """Points were given (above zero, as a lot of their own) or taken (below) by hand."""

    adjustment_id: UUID
    points: int
    parts: tuple[Part, ...]
    reason: AdjustmentReason
    adjusted_at: datetime
    by: ActorId


# --- commands -------------------------------------------------------------------------------------


@command
class AdjustPoints(Command):
    """Give points by hand, or take them where `points` is below zero; never one's own."""

    adjustment_id: UUID
    points: Annotated[int, Between(-POINTS_MAX, POINTS_MAX)]
    reason: AdjustmentReason


# --- refusals -------------------------------------------------------------------------------------


class AdjustmentOutOfLimits(Unacceptable, code="loyalty.adjustment_out_of_limits"):
    """By hand, at least one point and at most the programme's limit is given or taken at a time."""


# --- rules ----------------------------------------------------------------------------------------

AdjustingEvent = LotsEvent | PointsAdjusted


def decide(ledger: Ledger, command: AdjustPoints, context: Context) -> Sequence[AdjustingEvent]:
    """Decide what is given or taken by hand."""
    opened(ledger)
    require_officer(context)
    if is_taken(ledger, command.adjustment_id, _wish(command.points, command.reason)):
        return []
    require_another(ledger, context.actor, None)
    programme = programme_of(ledger, context).content
    rules = programme.adjustment
    if not 1 <= abs(command.points) <= rules.points_max:
        raise AdjustmentOutOfLimits(at_most=rules.points_max)
    due = settle(ledger, context.now)
    if command.points > 0:
        expires_at = programme.expires_at(programme.day_of(context.now), rules.expiry)
        lot = Part(lot_id=command.adjustment_id, points=command.points, expires_at=expires_at)
        parts: tuple[Part, ...] = (lot,)
    else:
        parts = take_all(settled(ledger, due), -command.points, context.now)
    return [
        *due,
        PointsAdjusted(
            adjustment_id=command.adjustment_id,
            points=command.points,
            parts=parts,
            reason=command.reason,
            adjusted_at=context.now,
            by=context.actor.id,
        ),
    ]


def _wish(points: int, reason: AdjustmentReason) -> int:
    return hash(("adjustment", points, reason))


# --- what follows ---------------------------------------------------------------------------------


def _adjusted(ledger: Ledger, event: PointsAdjusted) -> Ledger:
    known = ledger.knowing(event.adjustment_id, _wish(event.points, event.reason))
    if event.points > 0:
        return ledger.after(
            lots=back(ledger.lots, event.parts, event.adjusted_at),
            adjusted_up=ledger.adjusted_up + event.points,
            known=known,
        )
    return ledger.after(
        lots=without(ledger.lots, event.parts),
        adjusted_down=ledger.adjusted_down - event.points,
        known=known,
    )


FOLLOW: Follow = {PointsAdjusted: _adjusted}
