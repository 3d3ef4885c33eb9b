"""Points are reserved and redeemed, from the lots that expire first."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, assert_never
from uuid import UUID

from domain.declare import (
    ActorId,
    Command,
    Context,
    NotFound,
    NotPermitted,
    Refusal,
    Role,
    Unacceptable,
    command,
    event,
)
from domain.fields import Instant
from domain.loyalty.earning import Points, Reference, is_taken
from domain.loyalty.ledger import (
    CARE,
    Follow,
    Hold,
    Ledger,
    Outcome,
    Redemption,
    opened,
    programme_of,
    require_spender,
)
from domain.loyalty.lots import LotsEvent, back, first_of, settle, settled, take_all, without
from domain.loyalty.opening import past
from domain.loyalty.programme import LoyaltyProgramme, SpendingRule
from domain.loyalty.words import HoldEnd, Part, SpendingPurpose, points_of
from domain.money import Money
from domain.rulebook import Pin

# --- events ---------------------------------------------------------------------------------------


@event("loyalty.points_held")
class PointsHeld:
    """Points are reserved for something, until they are redeemed, released, or that instant."""

    hold_id: UUID
    purpose: SpendingPurpose
    points: int
    parts: tuple[Part, ...]
    held_at: datetime
    until_at: datetime | None
    by: ActorId


@event("loyalty.hold_released")
class HoldReleased:
    """What was left of a hold went back into its lots."""

    hold_id: UUID
    parts: tuple[Part, ...]
    end: HoldEnd
    released_at: datetime


@event("loyalty.points_redeemed")
class PointsRedeemed:
    """Points were spent; `worth` is what they were worth, where the programme says.

    Until `reversible_until_at` the redemption can be reversed.
    """

    redemption_id: UUID
    purpose: SpendingPurpose
    points: int
    parts: tuple[Part, ...]
    redeemed_at: datetime
    reversible_until_at: datetime
    programme: Pin
    by: ActorId
    hold_id: UUID | None = None
    reference: str | None = None
    worth: Money | None = None


# --- commands -------------------------------------------------------------------------------------


@command
class HoldPoints(Command):
    """Reserve points for something; until an instant, the programme's term, or a release.

    A customer's own hold ends with the programme's term at the latest.
    """

    hold_id: UUID
    purpose: SpendingPurpose
    points: Points
    until_at: Instant | None = None


@command
class ReleaseHold(Command):
    """Give up a hold: its points go back into their lots."""

    hold_id: UUID


@command
class RedeemPoints(Command):
    """Spend points, of a hold or of what is free.

    What a hold reserves beyond it is released. `occurred_at` is for what another system recorded.
    """

    redemption_id: UUID
    purpose: SpendingPurpose
    points: Points
    hold_id: UUID | None = None
    reference: Reference | None = None
    occurred_at: Instant | None = None


# --- refusals -------------------------------------------------------------------------------------


class PurposeNotOffered(Unacceptable, code="loyalty.purpose_not_offered"):
    """The programme does not spend points on this."""


class NotOfferedToGrade(Refusal, code="loyalty.not_offered_to_grade"):
    """This is offered to other grades only."""


class PointsNotInSteps(Unacceptable, code="loyalty.points_not_in_steps"):
    """Points are spent on this from a least number on, and in whole steps."""


class HoldNotFound(NotFound, code="loyalty.hold_not_found"):
    """There is no such hold, or it has ended."""


class HoldTooSmall(Refusal, code="loyalty.hold_too_small"):
    """The hold does not reserve so many points."""


class HoldEndsBeforeItBegins(Unacceptable, code="loyalty.hold_ends_before_it_begins"):
    """A hold ends after it begins."""


class HoldForSomethingElse(Refusal, code="loyalty.hold_for_something_else"):
    """The hold reserves points for something else."""


class SpendingIsNow(NotPermitted, code="loyalty.spending_is_now"):
    """Points are spent at the moment they are spent; only what is carried over has another time."""


# --- rules ----------------------------------------------------------------------------------------

SpendingCommand = HoldPoints | ReleaseHold | RedeemPoints
SpendingEvent = LotsEvent | PointsHeld | HoldReleased | PointsRedeemed


def decide(ledger: Ledger, command: SpendingCommand, context: Context) -> Sequence[SpendingEvent]:
    """Decide what is reserved and what is spent."""
    opened(ledger)
    require_spender(ledger, context)
    match command:
        case HoldPoints():
            return _hold(ledger, command, context)
        case ReleaseHold(hold_id=hold_id):
            return _release(ledger, hold_id, context)
        case RedeemPoints():
            return _redeem(ledger, command, context)
    assert_never(command)


def _rule(
    ledger: Ledger, programme: LoyaltyProgramme, purpose: SpendingPurpose, points: int
) -> SpendingRule:
    rule = programme.spends(purpose)
    if rule is None:
        raise PurposeNotOffered(purpose=purpose.value)
    if rule.grades and ledger.grade not in rule.grades:
        raise NotOfferedToGrade(grades=rule.grades)
    if points < rule.points_min or points % rule.points_step:
        raise PointsNotInSteps(at_least=rule.points_min, step=rule.points_step)
    return rule


def _hold(ledger: Ledger, command: HoldPoints, context: Context) -> Sequence[SpendingEvent]:
    if is_taken(ledger, command.hold_id, _hold_wish(command.purpose, command.points)):
        return []
    programme = programme_of(ledger, context).content
    _rule(ledger, programme, command.purpose, command.points)
    until = _until(programme, command.until_at, context)
    if until is not None and until <= context.now:
        raise HoldEndsBeforeItBegins
    due = settle(ledger, context.now)
    parts = take_all(settled(ledger, due), command.points, context.now)
    held = PointsHeld(
        hold_id=command.hold_id,
        purpose=command.purpose,
        points=command.points,
        parts=parts,
        held_at=context.now,
        until_at=until,
        by=context.actor.id,
    )
    return [*due, held]


def _until(
    programme: LoyaltyProgramme, wished: datetime | None, context: Context
) -> datetime | None:
    """Return when a hold ends: a customer's own within the term, for held points do not expire."""
    hours = programme.holds.lapses_after_hours
    term = None if hours is None else context.now + timedelta(hours=hours)
    if wished is None or term is None or context.actor.has(*CARE):
        return wished or term
    return min(wished, term)


def _hold_wish(purpose: SpendingPurpose, points: int) -> int:
    return hash(("hold", purpose, points))


def _release(ledger: Ledger, hold_id: UUID, context: Context) -> Sequence[SpendingEvent]:
    hold = ledger.holds.get(hold_id)
    if hold is None:
        if ledger.outcomes.has(hold_id):
            return []
        raise HoldNotFound
    released = HoldReleased(
        hold_id=hold_id,
        parts=hold.parts,
        end=HoldEnd.LAPSED if hold.has_lapsed(context.now) else HoldEnd.RELEASED,
        released_at=context.now,
    )
    return [released, *settle(_released(ledger, released), context.now)]


def _redeem(ledger: Ledger, command: RedeemPoints, context: Context) -> Sequence[SpendingEvent]:
    wish = _redemption_wish(command.purpose, command.points, command.hold_id, command.reference)
    if is_taken(ledger, command.redemption_id, wish):
        return []
    if command.occurred_at is not None and not context.actor.has(Role.SYSTEM):
        raise SpendingIsNow
    at = past(command.occurred_at, context)
    published = programme_of(ledger, context, at)
    rule = _rule(ledger, published.content, command.purpose, command.points)
    due = settle(ledger, at)
    free = settled(ledger, due)
    rest: tuple[Part, ...] = ()
    if command.hold_id is None:
        parts = take_all(free, command.points, at)
    else:
        hold = free.holds.get(command.hold_id)
        if hold is None or hold.has_lapsed(at):
            raise HoldNotFound
        if hold.purpose is not command.purpose:
            raise HoldForSomethingElse(purpose=hold.purpose.value)
        parts, rest = first_of(hold.parts, command.points)
        if points_of(parts) < command.points:
            raise HoldTooSmall(points=command.points, held=points_of(parts))
    minor = rule.minor_per_point
    redeemed = PointsRedeemed(
        redemption_id=command.redemption_id,
        purpose=command.purpose,
        points=command.points,
        parts=parts,
        redeemed_at=at,
        reversible_until_at=at + timedelta(days=published.content.reversal.within_days),
        programme=published.pin,
        by=context.actor.id,
        hold_id=command.hold_id,
        reference=command.reference,
        worth=(
            None
            if minor is None
            else Money(minor=minor * command.points, currency=published.content.currency)
        ),
    )
    made: list[SpendingEvent] = [*due, redeemed]
    if rest and command.hold_id is not None:
        released = HoldReleased(
            hold_id=command.hold_id, parts=rest, end=HoldEnd.USED, released_at=at
        )
        made.append(released)
        made.extend(settle(_released(_redeemed(free, redeemed), released), at))
    return made


def _redemption_wish(
    purpose: SpendingPurpose, points: int, hold_id: UUID | None, reference: str | None
) -> int:
    return hash(("redemption", purpose, points, hold_id, reference))


# --- what follows ---------------------------------------------------------------------------------


def _held(ledger: Ledger, event: PointsHeld) -> Ledger:
    hold = Hold(event.parts, event.until_at, event.purpose)
    return ledger.after(
        lots=without(ledger.lots, event.parts),
        holds={**ledger.holds, event.hold_id: hold},
        known=ledger.knowing(event.hold_id, _hold_wish(event.purpose, event.points)),
    )


def _released(ledger: Ledger, event: HoldReleased) -> Ledger:
    return ledger.after(
        lots=back(ledger.lots, event.parts, event.released_at),
        holds=_less(ledger.holds, event.hold_id),
        outcomes=ledger.outcomes.knowing(event.hold_id, Outcome(event.end)),
    )


def _less(items: Mapping[UUID, Any], gone: UUID) -> Mapping[UUID, Any]:
    return {key: each for key, each in items.items() if key != gone}


def _redeemed(ledger: Ledger, event: PointsRedeemed) -> Ledger:
    lots, holds, outcomes = ledger.lots, ledger.holds, ledger.outcomes
    if event.hold_id is None:
        lots = without(lots, event.parts)
    else:
        hold = holds[event.hold_id]
        _, rest = first_of(hold.parts, event.points)
        if rest:
            holds = {**holds, event.hold_id: hold._replace(parts=rest)}
        else:
            holds = _less(holds, event.hold_id)
            outcomes = outcomes.knowing(event.hold_id, Outcome(HoldEnd.USED))
    standing = {
        key: each
        for key, each in ledger.redemptions.items()
        if each.reversible_until_at > event.redeemed_at
    }
    standing[event.redemption_id] = Redemption(event.parts, event.reversible_until_at)
    wish = _redemption_wish(event.purpose, event.points, event.hold_id, event.reference)
    return ledger.after(
        lots=lots,
        holds=holds,
        outcomes=outcomes,
        redemptions=standing,
        spent=ledger.spent + event.points,
        known=ledger.knowing(event.redemption_id, wish),
    )


FOLLOW: Follow = {PointsHeld: _held, HoldReleased: _released, PointsRedeemed: _redeemed}
