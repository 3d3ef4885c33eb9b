"""Lots: points that were earned together, taken in the order in which they expire.

A lot becomes active and ends at its time. Whoever spends does not depend on a timer having said so:
`settle` says first what the time has brought.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import assert_never

from domain.declare import Command, Context, Refusal, command, event
from domain.fields import Instant
from domain.loyalty.ledger import Follow, Ledger, Lot, opened, require_system
from domain.loyalty.opening import past
from domain.loyalty.words import LotState, Part, points_of

FOR_EVER = datetime.max.replace(tzinfo=UTC)

# --- events ---------------------------------------------------------------------------------------


@event("loyalty.lot_activated")
class LotActivated:
    """Pending lots became active; `parts` are whole lots as they were."""

    parts: tuple[Part, ...]
    as_of_at: datetime


@event("loyalty.points_expired")
class PointsExpired:
    """Lots reached their end with these points still in them."""

    parts: tuple[Part, ...]
    as_of_at: datetime


@event("loyalty.debt_repaid")
class DebtRepaid:
    """Points that came in went to what an earlier claw-back had left owing."""

    points: int
    parts: tuple[Part, ...]


# --- commands -------------------------------------------------------------------------------------


@command
class ActivateLots(Command):
    """Let the lots become active whose time has come; done by the system."""

    as_of_at: Instant


@command
class ExpirePoints(Command):
    """Let the lots end whose time has come; done by the system."""

    as_of_at: Instant


# --- refusals -------------------------------------------------------------------------------------


class PointsInsufficient(Refusal, code="loyalty.points_insufficient"):
    """There are not so many points to take."""


# --- taking and putting ---------------------------------------------------------------------------

_Order = tuple[datetime, datetime, int, str]


def order_of(lot: Lot) -> _Order:
    """Return a lot's place: what expires first, then what was earned first."""
    return (lot.expires_at or FOR_EVER, lot.earned_at, lot.lot_id.int, lot.state)


def put(lots: tuple[Lot, ...], lot: Lot) -> tuple[Lot, ...]:
    """Return the lots with this one among them; more of a lot that is there goes into it."""
    if not lot.points:
        return lots
    order = order_of(lot)
    if not lots or order_of(lots[-1]) < order:
        return (*lots, lot)
    place = bisect_left(lots, order, key=order_of)
    there = lots[place]
    if order_of(there) == order:
        more = there._replace(points=there.points + lot.points)
        return (*lots[:place], more, *lots[place + 1 :])
    return (*lots[:place], lot, *lots[place:])


def without(lots: tuple[Lot, ...], parts: Sequence[Part]) -> tuple[Lot, ...]:
    """Return the lots without these parts of them."""
    wanted = {(part.lot_id, part.expires_at, part.state): part.points for part in parts}
    left = list[Lot]()
    for place, lot in enumerate(lots):
        gone = wanted.pop((lot.lot_id, lot.expires_at, lot.state), 0)
        if gone < lot.points:
            left.append(lot._replace(points=lot.points - gone) if gone else lot)
        if not wanted:
            left.extend(lots[place + 1 :])
            break
    return tuple(left)


def is_usable(lot: Lot, at: datetime) -> bool:
    """Tell whether a lot's points could be spent at an instant."""
    return (
        lot.state is LotState.ACTIVE
        and lot.active_from_at <= at
        and (lot.expires_at is None or lot.expires_at > at)
    )


def usable(ledger: Ledger, at: datetime) -> int:
    """Return how many points could be spent at an instant."""
    return sum(lot.points for lot in ledger.lots if is_usable(lot, at))


def take(
    ledger: Ledger, points: int, at: datetime, fits: Callable[[Lot, datetime], bool] = is_usable
) -> tuple[Part, ...]:
    """Return so many points, or all there are, from the lots that expire first."""
    parts = list[Part]()
    wanted = points
    for lot in ledger.lots:
        if wanted <= 0:
            break
        if fits(lot, at):
            part = lot.part(min(wanted, lot.points))
            parts.append(part)
            wanted -= part.points
    return tuple(parts)


def take_all(ledger: Ledger, points: int, at: datetime) -> tuple[Part, ...]:
    """Return exactly so many points, or refuse."""
    parts = take(ledger, points, at)
    if points_of(parts) < points:
        raise PointsInsufficient(points=points, available=usable(ledger, at))
    return parts


def first_of(parts: Sequence[Part], points: int) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Divide parts into the first so many points, and the rest."""
    first, rest = list[Part](), list[Part]()
    for part in parts:
        taken = min(points, part.points)
        points -= taken
        for into, share in ((first, taken), (rest, part.points - taken)):
            if share:
                into.append(_share(part, share))
    return tuple(first), tuple(rest)


def _share(part: Part, points: int) -> Part:
    return Part(lot_id=part.lot_id, points=points, expires_at=part.expires_at, state=part.state)


def back(lots: tuple[Lot, ...], parts: Iterable[Part], at: datetime) -> tuple[Lot, ...]:
    """Return the lots with parts put back; a lot that was used up stands again, as active."""
    for part in parts:
        lots = put(lots, _standing_again(lots, part, at))
    return lots


def _standing_again(lots: tuple[Lot, ...], part: Part, at: datetime) -> Lot:
    for lot in lots:
        if lot.lot_id == part.lot_id:
            return lot._replace(points=part.points, expires_at=part.expires_at, state=part.state)
    return Lot(part.lot_id, part.points, part.expires_at, part.state, at, at)


def sooner(ledger: Ledger, at: datetime) -> datetime:
    """Return when a pending lot becomes active next, with one more that does at an instant."""
    return at if ledger.next_active_at is None else min(ledger.next_active_at, at)


# --- what time brings -----------------------------------------------------------------------------


def to_activate(ledger: Ledger, at: datetime) -> tuple[Part, ...]:
    """Return the pending lots whose time has come."""
    if ledger.next_active_at is None or ledger.next_active_at > at:
        return ()
    return tuple(
        lot.part()
        for lot in ledger.lots
        if lot.state is LotState.PENDING and lot.active_from_at <= at
    )


def to_expire(ledger: Ledger, at: datetime) -> tuple[Part, ...]:
    """Return the lots that have ended; what is frozen waits, so that nothing is lost by it."""
    ended = list[Part]()
    for lot in ledger.lots:
        if lot.expires_at is None or lot.expires_at > at:
            break
        if lot.state is not LotState.FROZEN:
            ended.append(lot.part())
    return tuple(ended)


def settle(ledger: Ledger, at: datetime) -> list["LotsEvent"]:
    """Return what the time has brought by an instant: activation first, then expiry."""
    made = list[LotsEvent]()
    if activated := to_activate(ledger, at):
        made.append(LotActivated(parts=activated, as_of_at=at))
        ledger = settled(ledger, made)
    if ended := to_expire(ledger, at):
        made.append(PointsExpired(parts=ended, as_of_at=at))
    return made


def settled(ledger: Ledger, made: Iterable["LotsEvent"]) -> Ledger:
    """Return the ledger after what time has brought."""
    for each in made:
        ledger = FOLLOW[type(each)](ledger, each)
    return ledger


def repay(ledger: Ledger, at: datetime) -> list["LotsEvent"]:
    """Return what goes to a debt of what is there."""
    if not ledger.debt:
        return []
    parts = take(ledger, ledger.debt, at)
    return [DebtRepaid(points=points_of(parts), parts=parts)] if parts else []


LotsCommand = ActivateLots | ExpirePoints
LotsEvent = LotActivated | PointsExpired | DebtRepaid


def decide(ledger: Ledger, command: LotsCommand, context: Context) -> Sequence[LotsEvent]:
    """Decide what became active or ended by an instant that has passed."""
    opened(ledger)
    require_system(context)
    match command:
        case ActivateLots(as_of_at=at):
            past(at, context)
            parts = to_activate(ledger, at)
            return [LotActivated(parts=parts, as_of_at=at)] if parts else []
        case ExpirePoints(as_of_at=at):
            past(at, context)
            return settle(ledger, at)
    assert_never(command)


# --- what follows ---------------------------------------------------------------------------------


def _activated(ledger: Ledger, event: LotActivated) -> Ledger:
    lots = without(ledger.lots, event.parts)
    by_id = {part.lot_id for part in event.parts}
    for lot in ledger.lots:
        if lot.lot_id in by_id and lot.state is LotState.PENDING:
            lots = put(lots, lot._replace(state=LotState.ACTIVE))
    waiting = [lot.active_from_at for lot in lots if lot.state is LotState.PENDING]
    return ledger.after(lots=lots, next_active_at=min(waiting, default=None))


def _expired(ledger: Ledger, event: PointsExpired) -> Ledger:
    return ledger.after(
        lots=without(ledger.lots, event.parts), expired=ledger.expired + points_of(event.parts)
    )


def _repaid(ledger: Ledger, event: DebtRepaid) -> Ledger:
    return ledger.after(lots=without(ledger.lots, event.parts), debt=ledger.debt - event.points)


FOLLOW: Follow = {LotActivated: _activated, PointsExpired: _expired, DebtRepaid: _repaid}
