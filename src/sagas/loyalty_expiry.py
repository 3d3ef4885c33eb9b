"""What time brings to loyalty ledgers: lots turn active and expire, holds lapse, grades are judged.

An instance knows points by the instant at which they expire, never lot by lot, so it stays small
however long the history; a ledger to which time will bring nothing has none. Its row wakes at the
first of these instants, so a run over very many ledgers looks at those alone to which one has come.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import loyalty as lo
from domain.clocks.messages import Urgency
from domain.declare import Command
from sagas.declare import Do, Saga, Wake
from store.log import Recorded


@dataclass(frozen=True, slots=True)
class Waiting:
    """A lot that is not active yet."""

    points: int
    active_from_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Dues:
    """What time will bring to one ledger. `cause` is the newest event that said anything of it."""

    ledger: UUID
    cause: UUID
    expiring: Mapping[datetime, int] = field(default_factory=dict)
    pending: Mapping[UUID, Waiting] = field(default_factory=dict)
    frozen: Mapping[UUID, datetime] = field(default_factory=dict)
    """Since when the lots would have been active that are held until they are cleared."""
    lapsing: Mapping[UUID, datetime] = field(default_factory=dict)
    review_at: datetime | None = None

    @property
    def rests(self) -> bool:
        """Tell whether time will bring nothing."""
        return not (self.expiring or self.pending or self.frozen or self.lapsing or self.review_at)


# --- evolve ---------------------------------------------------------------------------------------


def _more(dues: Dues, parts: Iterable[lo.Part], sign: int = 1) -> Dues:
    """Return the dues with parts come into, or gone from, what is active."""
    expiring = dict(dues.expiring)
    for part in parts:
        if part.expires_at is not None:
            left = expiring.get(part.expires_at, 0) + sign * part.points
            if left:
                expiring[part.expires_at] = left
            else:
                expiring.pop(part.expires_at, None)
    return replace(dues, expiring=expiring)


def _less(dues: Dues, parts: Iterable[lo.Part]) -> Dues:
    """Return the dues with parts gone from where they stood."""
    active = []
    for part in parts:
        if part.state is lo.LotState.ACTIVE:
            active.append(part)
        elif part.state is lo.LotState.PENDING:
            standing = dues.pending[part.lot_id]
            pending = {key: lot for key, lot in dues.pending.items() if key != part.lot_id}
            if standing.points > part.points:
                left = standing.points - part.points
                pending[part.lot_id] = replace(standing, points=left)
            dues = replace(dues, pending=pending)
    return _more(dues, active, -1) if active else dues


def _earned(dues: Dues, event: lo.PointsEarned) -> Dues:
    if not event.points:
        return dues
    if event.held:
        return replace(dues, frozen={**dues.frozen, event.lot_id: event.active_from_at})
    if event.active_from_at > event.occurred_at:
        lot = Waiting(event.points, event.active_from_at, event.expires_at)
        return replace(dues, pending={**dues.pending, event.lot_id: lot})
    part = lo.Part(lot_id=event.lot_id, points=event.points, expires_at=event.expires_at)
    return _more(dues, (part,))


def _held_back(dues: Dues, event: lo.EarningHeld) -> Dues:
    since = event.held_at
    if event.lot_id in dues.pending:
        since = dues.pending[event.lot_id].active_from_at
    standing = [part for part in event.parts if part.state is not lo.LotState.FROZEN]
    dues = _less(dues, standing)
    return replace(dues, frozen={event.lot_id: since, **dues.frozen}) if event.parts else dues


def _cleared(dues: Dues, event: lo.EarningCleared) -> Dues:
    since = dues.frozen.get(event.lot_id, event.cleared_at)
    dues = _thawed(dues, event.lot_id)
    for part in event.parts:
        if part.state is lo.LotState.PENDING:
            lot = Waiting(part.points, since, part.expires_at)
            dues = replace(dues, pending={**dues.pending, part.lot_id: lot})
        else:
            dues = _more(dues, (part,))
    return dues


def _thawed(dues: Dues, lot_id: UUID) -> Dues:
    return replace(dues, frozen={key: at for key, at in dues.frozen.items() if key != lot_id})


def _held(dues: Dues, event: lo.PointsHeld) -> Dues:
    dues = _less(dues, event.parts)
    if event.until_at is None:
        return dues
    return replace(dues, lapsing={**dues.lapsing, event.hold_id: event.until_at})


def _released(dues: Dues, event: lo.HoldReleased) -> Dues:
    return _more(_without_hold(dues, event.hold_id), event.parts)


def _redeemed(dues: Dues, event: lo.PointsRedeemed) -> Dues:
    if event.hold_id is not None:  # what is left of it is released in the same piece
        return _without_hold(dues, event.hold_id)
    return _less(dues, event.parts)


def _without_hold(dues: Dues, hold_id: UUID) -> Dues:
    lapsing = {key: at for key, at in dues.lapsing.items() if key != hold_id}
    return replace(dues, lapsing=lapsing)


def _adjusted(dues: Dues, event: lo.PointsAdjusted) -> Dues:
    return _more(dues, event.parts) if event.points > 0 else _less(dues, event.parts)


def _clawed_back(dues: Dues, event: lo.PointsClawedBack) -> Dues:
    gone = [part.lot_id for part in event.parts if part.state is lo.LotState.FROZEN]
    for lot_id in gone if event.is_whole else ():
        dues = _thawed(dues, lot_id)
    return _less(dues, event.parts)


def _come(dues: Dues, event: Any) -> Dues:
    return _more(dues, event.parts)


def _gone(dues: Dues, event: Any) -> Dues:
    return _less(dues, event.parts)


def _activated(dues: Dues, event: lo.LotActivated) -> Dues:
    return _more(_less(dues, event.parts), event.parts)


def _graded(dues: Dues, event: lo.GradeChanged | lo.GradeReviewed) -> Dues:
    return replace(dues, review_at=event.review_at)


def _announced(dues: Dues, event: lo.DowngradeAnnounced) -> Dues:
    return replace(dues, review_at=event.effective_at)


_FOLLOW: Mapping[type[Any], Callable[[Dues, Any], Dues]] = {
    lo.PointsEarned: _earned,
    lo.LotActivated: _activated,
    lo.PointsExpired: _gone,
    lo.DebtRepaid: _gone,
    lo.EarningHeld: _held_back,
    lo.EarningCleared: _cleared,
    lo.PointsHeld: _held,
    lo.HoldReleased: _released,
    lo.PointsRedeemed: _redeemed,
    lo.RedemptionReversed: _come,
    lo.PointsClawedBack: _clawed_back,
    lo.PointsAdjusted: _adjusted,
    lo.CashOutRequested: _gone,
    lo.CashOutRejected: _come,
    lo.PointsTransferredOut: _gone,
    lo.PointsTransferredIn: _come,
    lo.GradeChanged: _graded,
    lo.GradeReviewed: _graded,
    lo.DowngradeAnnounced: _announced,
}


def evolve(dues: Dues | None, recorded: Recorded, _: Any) -> Dues | None:
    """Return what time will bring one event later; None where it will bring nothing."""
    before = dues or Dues(recorded.stream, recorded.event_id)
    after = _FOLLOW[type(recorded.event)](before, recorded.event)
    if after.rests:
        return None
    return after if after is before else replace(after, cause=recorded.event_id)


# --- wake and do ----------------------------------------------------------------------------------


def _instants(dues: Dues) -> Iterable[datetime]:
    yield from dues.expiring
    yield from (lot.active_from_at for lot in dues.pending.values())
    yield from dues.lapsing.values()
    if dues.review_at is not None:
        yield dues.review_at


def wake(dues: Dues) -> Wake | None:
    """Return when time brings something next."""
    first = min(_instants(dues), default=None)
    return None if first is None else Wake(first, Urgency.REMINDER)


def todo(dues: Dues, now: datetime) -> Sequence[Do]:
    """Return what time has brought by now."""
    commands = list[Command]()
    if any(at <= now for at in dues.expiring):
        commands.append(lo.ExpirePoints(stream=dues.ledger, as_of_at=now))
    elif any(lot.active_from_at <= now for lot in dues.pending.values()):
        commands.append(lo.ActivateLots(stream=dues.ledger, as_of_at=now))
    for hold_id, until_at in dues.lapsing.items():
        if until_at <= now:
            commands.append(lo.ReleaseHold(stream=dues.ledger, hold_id=hold_id))
    if dues.review_at is not None and dues.review_at <= now:
        commands.append(lo.ReviewGrade(stream=dues.ledger, as_of_at=now))
    return [Do((command,), dues.cause) for command in commands]


SAGA: Saga[Dues] = Saga(
    name="loyalty_expiry",
    revision=1,
    topics=tuple(cls.__stored_name__ for cls in _FOLLOW),
    state_type=Dues,
    key=lambda recorded: recorded.stream,
    evolve=evolve,
    wake=wake,
    todo=todo,
)
