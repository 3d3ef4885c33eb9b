"""The rules of a draw: what comes after what, and what nobody may do once it could steer.

The operator knows her seed from the beginning, and everybody knows the public value from its time
on. So whatever could change who wins is over before that time: entries end with the closing, and
nobody is left out of the ranking, or taken in again, from the announced time of the value on.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from domain.declare import AlreadyExists, CaseNotFound, Context, Role
from domain.draw.commands import (
    EXCLUSIONS_MAX,
    AdmitEntry,
    AnnounceDraw,
    CloseDraw,
    ClosingLiesBehind,
    CommitSeed,
    DatesOutOfOrder,
    DrawCommand,
    DrawNotClosed,
    DrawNotOpen,
    EntriesNotSealed,
    EntryIsExcluded,
    ExcludeEntry,
    ExclusionsAreOver,
    FinishHandingOut,
    ModelNotInDraw,
    ModelTwice,
    NotHandedOut,
    NotRanked,
    NotRevealed,
    NotYet,
    OpenDraw,
    OperatorOnly,
    PassPlaceOn,
    PlaceIsPassedOn,
    RankedOtherwise,
    RecordRanking,
    RestoreEntry,
    RevealDraw,
    RevealedOtherwise,
    SealedOtherwise,
    SealEntries,
    SeedDoesNotMatch,
    SeedIsCommitted,
    SeedNotCommitted,
    SkipOutcome,
    SystemOnly,
    TooLateToOpen,
    TooManyExclusions,
    ValueTooEarly,
)
from domain.draw.events import (
    DrawAnnounced,
    DrawClosed,
    DrawEvent,
    DrawOpened,
    DrawRanked,
    DrawRevealed,
    EntriesSealed,
    EntryExcluded,
    EntryRestored,
    OutcomeNotTaken,
    OutcomesHandedOut,
    PlacePassedOn,
    Quota,
    SeedCommitted,
)
from domain.draw.ranking import commitment_of
from domain.draw.state import Draw

_CLOCKS_DIFFER_BY = timedelta(minutes=5)


def decide(draw: Draw, command: DrawCommand, context: Context) -> Sequence[DrawEvent]:
    """Decide a wish of one draw."""
    if draw.announced is None and not isinstance(command, AnnounceDraw):
        raise CaseNotFound
    match command:
        case AdmitEntry():
            return _admit(draw, command, context)
        case AnnounceDraw() | CommitSeed() | OpenDraw() | CloseDraw() | RevealDraw():
            return _of_operator(draw, command, context)
        case ExcludeEntry() | RestoreEntry():
            return _excluding(draw, command, context)
        case SealEntries() | RecordRanking():
            return _of_system(draw, command, context)
        case SkipOutcome() | FinishHandingOut() | PassPlaceOn():
            return _handing_out(draw, command, context)
    assert_never(command)


def _admit(draw: Draw, command: AdmitEntry, context: Context) -> Sequence[DrawEvent]:
    """Nothing is recorded here: the entry is an event of the order, and so of the order's person.

    The casebook appends it only if no event of the draw came in between; so no entry that was let
    in before the closing is recorded after it.
    """
    announced = draw.announced
    assert announced is not None
    if not draw.opened or draw.closed is not None:
        raise DrawNotOpen(closes_at=announced.closes_at.isoformat())
    if not announced.opens_at <= context.now < announced.closes_at:
        raise DrawNotOpen(closes_at=announced.closes_at.isoformat())
    if all(quota.model != command.model for quota in announced.quotas):
        raise ModelNotInDraw(model=command.model)
    return []


# --- the operator ---------------------------------------------------------------------------------


def _of_operator(
    draw: Draw,
    command: AnnounceDraw | CommitSeed | OpenDraw | CloseDraw | RevealDraw,
    context: Context,
) -> Sequence[DrawEvent]:
    if not context.actor.has(Role.MANAGER, Role.ADMIN, Role.SYSTEM):
        raise OperatorOnly
    match command:
        case AnnounceDraw():
            return _announce(draw, command, context)
        case CommitSeed(seed_sha256=hashed):
            if draw.seed_sha256 == hashed:
                return []
            if draw.seed_sha256 is not None:
                raise SeedIsCommitted
            return [SeedCommitted(seed_sha256=hashed)]
        case OpenDraw():
            return _open(draw, context)
        case CloseDraw():
            return _close(draw, context)
        case RevealDraw():
            return _reveal(draw, command, context)
    assert_never(command)


def _announce(draw: Draw, command: AnnounceDraw, context: Context) -> Sequence[DrawEvent]:
    made = DrawAnnounced(
        name=command.name,
        rule=command.rule,
        quotas=tuple(
            Quota(model=asked.model, winners=asked.winners, reserves=asked.reserves)
            for asked in command.quotas
        ),
        source=command.source,
        source_reference=command.source_reference,
        value_expected_at=command.value_expected_at,
        opens_at=command.opens_at,
        closes_at=command.closes_at,
    )
    if draw.announced == made:
        return []
    if draw.announced is not None:
        raise AlreadyExists
    models = [quota.model for quota in made.quotas]
    if len(set(models)) != len(models):
        raise ModelTwice
    if not made.opens_at < made.closes_at < made.value_expected_at:
        raise DatesOutOfOrder
    if made.closes_at <= context.now:
        raise ClosingLiesBehind(closes_at=made.closes_at.isoformat())
    return [made]


def _open(draw: Draw, context: Context) -> Sequence[DrawEvent]:
    assert draw.announced is not None
    if draw.opened:
        return []
    if draw.seed_sha256 is None:
        raise SeedNotCommitted
    if context.now < draw.announced.opens_at:
        raise NotYet(from_at=draw.announced.opens_at.isoformat())
    if context.now >= draw.announced.closes_at:
        raise TooLateToOpen(closes_at=draw.announced.closes_at.isoformat())
    return [DrawOpened()]


def _close(draw: Draw, context: Context) -> Sequence[DrawEvent]:
    """The announced time is a promise to whoever still means to enter, so nobody closes earlier."""
    assert draw.announced is not None
    if draw.closed is not None:
        return []
    if not draw.opened:
        raise DrawNotOpen(closes_at=draw.announced.closes_at.isoformat())
    if context.now < draw.announced.closes_at:
        raise NotYet(from_at=draw.announced.closes_at.isoformat())
    return [DrawClosed(closed_at=context.now)]


def _reveal(draw: Draw, command: RevealDraw, context: Context) -> Sequence[DrawEvent]:
    assert draw.announced is not None
    expected_at = draw.announced.value_expected_at
    made = DrawRevealed(
        seed=command.seed,
        public_value=command.public_value,
        value_published_at=command.value_published_at or expected_at,
    )
    if draw.revealed == made:
        return []
    if draw.revealed is not None:
        raise RevealedOtherwise
    if draw.closed is None:
        raise DrawNotClosed
    if context.now < expected_at:
        raise NotYet(from_at=expected_at.isoformat())
    if commitment_of(bytes.fromhex(command.seed)) != draw.seed_sha256:
        raise SeedDoesNotMatch
    earliest_at = max(expected_at, draw.closed.closed_at)  # a closing that came late needs another
    if made.value_published_at < earliest_at:
        raise ValueTooEarly(expected_at=earliest_at.isoformat())
    if made.value_published_at > context.now + _CLOCKS_DIFFER_BY:
        raise NotYet(from_at=made.value_published_at.isoformat())
    if draw.sealed is None:
        raise EntriesNotSealed
    return [made]


# --- exclusions -----------------------------------------------------------------------------------


def _excluding(
    draw: Draw, command: ExcludeEntry | RestoreEntry, context: Context
) -> Sequence[DrawEvent]:
    if not context.actor.has(Role.MANAGER, Role.ADMIN, Role.SYSTEM):
        raise OperatorOnly
    assert draw.announced is not None
    standing = draw.excluded.get(command.order_id)
    match command:
        case RestoreEntry() if standing is None:
            return []
        case ExcludeEntry() if standing == command.reason:
            return []
    if not draw.opened:
        raise DrawNotOpen(closes_at=draw.announced.closes_at.isoformat())
    if draw.revealed is not None or context.now >= draw.announced.value_expected_at:
        raise ExclusionsAreOver(from_at=draw.announced.value_expected_at.isoformat())
    if isinstance(command, RestoreEntry):
        assert standing is not None
        return [EntryRestored(order_id=command.order_id, reason=standing)]
    if standing is not None:
        raise EntryIsExcluded(reason=standing.value)
    if draw.exclusions >= EXCLUSIONS_MAX:
        raise TooManyExclusions(exclusions_max=EXCLUSIONS_MAX)
    return [EntryExcluded(order_id=command.order_id, reason=command.reason)]


# --- what follows from the log --------------------------------------------------------------------


def _of_system(
    draw: Draw, command: SealEntries | RecordRanking, context: Context
) -> Sequence[DrawEvent]:
    if not context.actor.has(Role.SYSTEM):
        raise SystemOnly
    match command:
        case SealEntries():
            sealed = EntriesSealed(
                closed_position=command.closed_position,
                count=command.count,
                root=command.root,
                counted=command.counted,
            )
            if draw.closed is None:
                raise DrawNotClosed
            if draw.sealed is not None and draw.sealed != sealed:
                raise SealedOtherwise
            return [] if draw.sealed == sealed else [sealed]
        case RecordRanking():
            ranked = DrawRanked(
                ranking_sha256=command.ranking_sha256,
                proof_sha256=command.proof_sha256,
                proof_bytes=command.proof_bytes,
                outcomes=command.outcomes,
            )
            if draw.revealed is None:
                raise NotRevealed
            if draw.ranked is not None and draw.ranked != ranked:
                raise RankedOtherwise
            return [] if draw.ranked == ranked else [ranked]
    assert_never(command)


def _handing_out(
    draw: Draw, command: SkipOutcome | FinishHandingOut | PassPlaceOn, context: Context
) -> Sequence[DrawEvent]:
    if not context.actor.has(Role.SYSTEM):
        raise SystemOnly
    if draw.ranked is None:
        raise NotRanked
    match command:
        case SkipOutcome(order_id=order):
            if draw.not_taken.has(order):
                return []
            return [
                OutcomeNotTaken(
                    order_id=order,
                    model=command.model,
                    rank=command.rank,
                    outcome=command.outcome,
                )
            ]
        case FinishHandingOut(places=places):
            done = OutcomesHandedOut(places=places)
            return [] if draw.handed_out is not None else [done]
        case PassPlaceOn():
            return _pass_on(draw, command)
    assert_never(command)


def _pass_on(draw: Draw, command: PassPlaceOn) -> Sequence[DrawEvent]:
    if draw.handed_out is None:
        raise NotHandedOut
    made = PlacePassedOn(
        from_order=command.from_order, to_order=command.to_order, model=command.model
    )
    standing = draw.passed_on.get(command.from_order)
    if standing == made:
        return []
    if standing is not None:
        raise PlaceIsPassedOn
    if command.to_order is not None and draw.moved_up.has(command.to_order):
        raise PlaceIsPassedOn
    return [made]


# --- how the state follows ------------------------------------------------------------------------


def evolve(draw: Draw, event: DrawEvent) -> Draw:
    """Follow one event of a draw."""
    match event:
        case DrawAnnounced():
            return replace(draw, announced=event)
        case SeedCommitted(seed_sha256=hashed):
            return replace(draw, seed_sha256=hashed)
        case DrawOpened():
            return replace(draw, opened=True)
        case EntryExcluded(order_id=order, reason=reason):
            kept = draw.excluded.with_item(order, reason)
            return replace(draw, excluded=kept, exclusions=draw.exclusions + 1)
        case EntryRestored(order_id=order):
            kept = draw.excluded.with_item(order, None)
            return replace(draw, excluded=kept, exclusions=draw.exclusions - 1)
        case DrawClosed():
            return replace(draw, closed=event)
        case EntriesSealed():
            return replace(draw, sealed=event)
        case DrawRevealed():
            return replace(draw, revealed=event)
        case DrawRanked():
            return replace(draw, ranked=event)
        case OutcomeNotTaken(order_id=order):
            return replace(draw, not_taken=draw.not_taken.with_item(order, event))
        case OutcomesHandedOut():
            return replace(draw, handed_out=event)
        case PlacePassedOn(from_order=source, to_order=target):
            draw = replace(draw, passed_on=draw.passed_on.with_item(source, event))
            if target is None:
                return draw
            return replace(draw, moved_up=draw.moved_up.with_item(target, source))
    assert_never(event)
