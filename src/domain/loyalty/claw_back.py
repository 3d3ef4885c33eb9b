"""A purchase is returned, or was never made: what was earned for it is taken back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.declare import ActorId, Command, Context, NotFound, Refusal, command, event
from domain.loyalty.earning import Points, Reference, is_taken
from domain.loyalty.ledger import (
    Earned,
    Follow,
    Ledger,
    Tally,
    counted,
    opened,
    programme_of,
    reference_key,
    require_care,
)
from domain.loyalty.lots import LotsEvent, settle, settled, take, without
from domain.loyalty.words import EarningSource, HeldBy, Part, points_of

# --- events ---------------------------------------------------------------------------------------


@event("loyalty.points_clawed_back")
class PointsClawedBack:
    """What was earned for a reference was taken back, in whole or in part.

    `parts` are from what is left of that very lot, then from the lots that expire first. What was
    not there any more is owed (`debt_points`) where the programme says so, else `forgone_points`.
    `is_whole` says that nothing earned for the reference is left, so that it counts no more.
    """

    claw_back_id: UUID
    source: EarningSource
    reference: str
    points: int
    parts: tuple[Part, ...]
    debt_points: int
    forgone_points: int
    is_whole: bool
    clawed_back_at: datetime
    by: ActorId
    wished_points: int | None = None


# --- commands -------------------------------------------------------------------------------------


@command
class ClawBackPoints(Command):
    """Take back what was earned for a reference, or so many points of it."""

    claw_back_id: UUID
    source: EarningSource
    reference: Reference
    points: Points | None = None


# --- refusals -------------------------------------------------------------------------------------


class ReferenceEarnedNothing(NotFound, code="loyalty.reference_earned_nothing"):
    """Nothing was earned for this reference."""


class ClawBackTooLarge(Refusal, code="loyalty.claw_back_too_large"):
    """Not so many points are left of what was earned for this reference."""


# --- rules ----------------------------------------------------------------------------------------

ClawBackEvent = LotsEvent | PointsClawedBack


def decide(ledger: Ledger, command: ClawBackPoints, context: Context) -> Sequence[ClawBackEvent]:
    """Decide what is taken back, and what is owed where it is not there any more."""
    opened(ledger)
    require_care(context)
    wish = _wish(command.source, command.reference, command.points)
    if is_taken(ledger, command.claw_back_id, wish):
        return []
    earned = ledger.reference(command.source, command.reference)
    if earned is None:
        raise ReferenceEarnedNothing(source=command.source.value)
    left = earned.points - earned.clawed_points
    points = left if command.points is None else command.points
    if points > left or not left:
        raise ClawBackTooLarge(points=points, left=left)
    due = settle(ledger, context.now)
    parts = _parts(settled(ledger, due), earned, points, context.now)
    short = points - points_of(parts)
    owes = programme_of(ledger, context).content.debt_allowed
    return [
        *due,
        PointsClawedBack(
            claw_back_id=command.claw_back_id,
            source=command.source,
            reference=command.reference,
            points=points,
            parts=parts,
            debt_points=short if owes else 0,
            forgone_points=0 if owes else short,
            is_whole=points == left,
            clawed_back_at=context.now,
            by=context.actor.id,
            wished_points=command.points,
        ),
    ]


def _parts(ledger: Ledger, earned: Earned, points: int, at: datetime) -> tuple[Part, ...]:
    """Return what is taken: the lot itself, whatever its state, then what expires first."""
    own = take(ledger, points, at, lambda lot, _: lot.lot_id == earned.lot_id)
    rest = ledger.after(lots=tuple(lot for lot in ledger.lots if lot.lot_id != earned.lot_id))
    return (*own, *take(rest, points - points_of(own), at))


def _wish(source: EarningSource, reference: str, points: int | None) -> int:
    return hash(("claw_back", source, reference, points))


# --- what follows ---------------------------------------------------------------------------------


def _clawed_back(ledger: Ledger, event: PointsClawedBack) -> Ledger:
    key = (event.source, event.reference)
    earned = ledger.reference(*key)
    assert earned is not None
    lots = without(ledger.lots, event.parts)
    frozen = ledger.frozen.get(earned.lot_id)
    tallies = ledger.tallies
    uncounted = frozen is not None and frozen.rule is not HeldBy.BY_HAND
    if earned.month and not uncounted:
        whole = Tally(-event.points, -1, -earned.amount_minor)
        less = whole if event.is_whole else Tally(-event.points)
        tallies = counted(tallies, earned.month, less)
    if frozen is not None and all(lot.lot_id != earned.lot_id for lot in lots):
        ledger = ledger.after(
            frozen={k: each for k, each in ledger.frozen.items() if k != earned.lot_id}
        )
    clawed = earned._replace(clawed_points=earned.clawed_points + event.points)
    wish = _wish(event.source, event.reference, event.wished_points)
    return ledger.after(
        lots=lots,
        tallies=tallies,
        debt=ledger.debt + event.debt_points,
        reversed=ledger.reversed + points_of(event.parts) + event.debt_points,
        known=ledger.known.knowing_all({reference_key(*key): clawed, event.claw_back_id.int: wish}),
    )


FOLLOW: Follow = {PointsClawedBack: _clawed_back}
