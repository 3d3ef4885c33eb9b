"""Fraud rules hold an earning until another person has cleared it; nothing is lost by the wait."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import assert_never
from uuid import UUID

from domain.declare import Actor, ActorId, Command, Context, NotFound, command, event
from domain.loyalty.ledger import (
    Follow,
    FrozenLot,
    Ledger,
    Tally,
    counted,
    opened,
    require_another,
    require_officer,
)
from domain.loyalty.lots import put, sooner, without
from domain.loyalty.programme import FraudRules
from domain.loyalty.words import EarningSource, HeldBy, LotState, Part

# --- events ---------------------------------------------------------------------------------------


@event("loyalty.earning_held")
class EarningHeld:
    """An earning waits to be cleared; `parts` are what is left of its lot, as it stood."""

    lot_id: UUID
    rule: HeldBy
    parts: tuple[Part, ...]
    held_at: datetime
    earned_by: ActorId | None


@event("loyalty.earning_cleared")
class EarningCleared:
    """Another person found nothing wrong with an earning; its lot lives on.

    `parts` are as the lot stands from now on: where it expires, the time that it was held is added
    to its life.
    """

    lot_id: UUID
    parts: tuple[Part, ...]
    cleared_at: datetime
    by: ActorId


# --- commands -------------------------------------------------------------------------------------


@command
class HoldEarning(Command):
    """Hold what is left of an earning until somebody else has looked at it."""

    earning_id: UUID


@command
class ClearEarning(Command):
    """Let the points of a held earning go; done by another person than who recorded it."""

    earning_id: UUID


# --- refusals -------------------------------------------------------------------------------------


class EarningNotFound(NotFound, code="loyalty.earning_not_found"):
    """Of this earning there is nothing left to be held or cleared."""


# --- rules ----------------------------------------------------------------------------------------

FraudCommand = HoldEarning | ClearEarning
FraudEvent = EarningHeld | EarningCleared


def suspicion(
    ledger: Ledger,
    rules: FraudRules,
    source: EarningSource,
    on: date,
    referred_id: UUID | None,
    actor: Actor,
) -> HeldBy | None:
    """Return the rule by which an earning has to wait, None where nothing speaks against it.

    Nobody brings herself, and nobody records points for herself.
    """
    if rules.self_referral and ledger.customer_id in (referred_id, actor.customer_id):
        return HeldBy.SELF_REFERRAL
    for rule in rules.velocity:
        if rule.source is source:
            last = on.toordinal()
            days = range(last - rule.within_days + 1, last + 1)
            found = sum(ledger.tally(source, day).earnings for day in days)
            if found >= rule.earnings_max:
                return HeldBy.VELOCITY
    return None


def decide(ledger: Ledger, command: FraudCommand, context: Context) -> Sequence[FraudEvent]:
    """Decide what waits, and what has waited long enough."""
    opened(ledger)
    require_officer(context)
    lot_id = command.earning_id
    standing = ledger.frozen.get(lot_id)
    lots = [lot for lot in ledger.lots if lot.lot_id == lot_id]
    match command:
        case HoldEarning():
            if standing is not None:
                return []
            if not lots:
                raise EarningNotFound
            return [
                EarningHeld(
                    lot_id=lot_id,
                    rule=HeldBy.BY_HAND,
                    parts=tuple(lot.part() for lot in lots),
                    held_at=context.now,
                    earned_by=lots[0].by,
                )
            ]
        case ClearEarning():
            if standing is None:
                if ledger.knows(lot_id):
                    return []
                raise EarningNotFound
            require_another(ledger, context.actor, standing.earned_by)
            waited = max(context.now - standing.held_at, timedelta())
            parts = tuple(
                Part(
                    lot_id=lot_id,
                    points=lot.points,
                    expires_at=None if lot.expires_at is None else lot.expires_at + waited,
                    state=(
                        LotState.PENDING if lot.active_from_at > context.now else LotState.ACTIVE
                    ),
                )
                for lot in lots
                if lot.state is LotState.FROZEN
            )
            return [
                EarningCleared(
                    lot_id=lot_id, parts=parts, cleared_at=context.now, by=context.actor.id
                )
            ]
    assert_never(command)


# --- what follows ---------------------------------------------------------------------------------


def _held(ledger: Ledger, event: EarningHeld) -> Ledger:
    lots = without(ledger.lots, [p for p in event.parts if p.state is not LotState.FROZEN])
    for lot in ledger.lots:
        if lot.lot_id == event.lot_id and lot.state is not LotState.FROZEN:
            lots = put(lots, lot._replace(state=LotState.FROZEN))
    frozen = FrozenLot(event.rule, event.held_at, event.earned_by)
    return ledger.after(lots=lots, frozen={**ledger.frozen, event.lot_id: frozen})


def _cleared(ledger: Ledger, event: EarningCleared) -> Ledger:
    frozen = [
        lot for lot in ledger.lots if lot.lot_id == event.lot_id and lot.state is LotState.FROZEN
    ]
    lots = without(ledger.lots, [lot.part() for lot in frozen])
    for lot, part in zip(frozen, event.parts, strict=True):
        lots = put(lots, lot._replace(expires_at=part.expires_at, state=part.state))
    tallies = ledger.tallies
    standing = ledger.frozen[event.lot_id]
    first = frozen[0] if frozen else None
    if standing.rule is not HeldBy.BY_HAND and first is not None:
        assert first.source is not None and first.reference is not None
        earned = ledger.reference(first.source, first.reference)
        assert earned is not None
        if earned.month:
            points = earned.points - earned.clawed_points
            tallies = counted(tallies, earned.month, Tally(points, 1, earned.amount_minor))
    for lot in frozen:
        ledger = ledger.after(next_active_at=sooner(ledger, lot.active_from_at))
    return ledger.after(
        lots=lots,
        tallies=tallies,
        frozen={k: each for k, each in ledger.frozen.items() if k != event.lot_id},
    )


FOLLOW: Follow = {EarningHeld: _held, EarningCleared: _cleared}
