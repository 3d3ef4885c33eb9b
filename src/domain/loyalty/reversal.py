"""A redemption is reversed: its points go back into the lots they came from, with their old expiry.

Giving back a part of it leaves what spending so much less would have left: what was taken last,
from the lots that expire last, goes back first.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.declare import ActorId, Command, Context, NotFound, Refusal, command, event
from domain.loyalty.earning import Points, is_taken
from domain.loyalty.ledger import Follow, Ledger, Redemption, opened, programme_of, require_care
from domain.loyalty.lots import LotsEvent, back, first_of, settle
from domain.loyalty.programme import ExpiredMeanwhile
from domain.loyalty.words import Part, points_of

# --- events ---------------------------------------------------------------------------------------


@event("loyalty.redemption_reversed")
class RedemptionReversed:
    """Points of a redemption went back; `parts` are as they stand again in their lots.

    `wished_points` is None where all that was left of it was to be given back.
    """

    reversal_id: UUID
    redemption_id: UUID
    points: int
    parts: tuple[Part, ...]
    reversed_at: datetime
    by: ActorId
    wished_points: int | None = None


# --- commands -------------------------------------------------------------------------------------


@command
class ReverseRedemption(Command):
    """Give points of a redemption back, or all of it that was not given back yet."""

    reversal_id: UUID
    redemption_id: UUID
    points: Points | None = None


# --- refusals -------------------------------------------------------------------------------------


class RedemptionNotFound(NotFound, code="loyalty.redemption_not_found"):
    """Nothing was redeemed under this id."""


class ReversalTooLate(Refusal, code="loyalty.reversal_too_late"):
    """The time in which this redemption could be reversed is over."""


class ReversalTooLarge(Refusal, code="loyalty.reversal_too_large"):
    """Not so many points of this redemption are left to be given back."""


# --- rules ----------------------------------------------------------------------------------------

ReversalEvent = LotsEvent | RedemptionReversed


def decide(ledger: Ledger, command: ReverseRedemption, context: Context) -> Sequence[ReversalEvent]:
    """Decide what goes back; what expired meanwhile expires at once, or has a grace."""
    opened(ledger)
    require_care(context)
    if is_taken(ledger, command.reversal_id, _wish(command.redemption_id, command.points)):
        return []
    standing = ledger.redemptions.get(command.redemption_id)
    if standing is None or standing.reversible_until_at <= context.now:
        if standing is None and not ledger.knows(command.redemption_id):
            raise RedemptionNotFound
        raise ReversalTooLate
    left = points_of(standing.parts)
    points = left if command.points is None else command.points
    if points > left or not left:
        raise ReversalTooLarge(points=points, left=left)
    _, last = first_of(standing.parts, left - points)
    rules = programme_of(ledger, context).content.reversal
    if rules.expired_meanwhile is ExpiredMeanwhile.GRACE:
        last = _with_grace(last, context.now, context.now + timedelta(days=rules.grace_days))
    made = RedemptionReversed(
        reversal_id=command.reversal_id,
        redemption_id=command.redemption_id,
        points=points,
        parts=last,
        reversed_at=context.now,
        by=context.actor.id,
        wished_points=command.points,
    )
    return [made, *settle(_reversed(ledger, made), context.now)]


def _with_grace(parts: Sequence[Part], now: datetime, until: datetime) -> tuple[Part, ...]:
    return tuple(
        part
        if part.expires_at is None or part.expires_at > now
        else Part(lot_id=part.lot_id, points=part.points, expires_at=until, state=part.state)
        for part in parts
    )


def _wish(redemption_id: UUID, points: int | None) -> int:
    return hash(("reversal", redemption_id, points))


# --- what follows ---------------------------------------------------------------------------------


def _reversed(ledger: Ledger, event: RedemptionReversed) -> Ledger:
    standing = ledger.redemptions[event.redemption_id]
    kept, _ = first_of(standing.parts, points_of(standing.parts) - event.points)
    left = Redemption(kept, standing.reversible_until_at)
    wish = _wish(event.redemption_id, event.wished_points)
    return ledger.after(
        lots=back(ledger.lots, event.parts, event.reversed_at),
        redemptions={**ledger.redemptions, event.redemption_id: left},
        spent=ledger.spent - event.points,
        known=ledger.knowing(event.reversal_id, wish),
    )


FOLLOW: Follow = {RedemptionReversed: _reversed}
