"""Points go to another ledger of the same household, if the programme allows: lots as they are.

Both ledgers are decided in one piece, all or nothing. The terms (which parts of which lots) are
read off the giving ledger before; if they are not what it would give now, it refuses, and whoever
asked reads them again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never
from uuid import UUID, uuid5

from domain.declare import ActorId, Command, Context, Refusal, Unacceptable, command, event, value
from domain.loyalty.earning import Points, is_taken
from domain.loyalty.ledger import (
    Follow,
    Ledger,
    opened,
    programme_of,
    require_spender,
)
from domain.loyalty.lots import LotsEvent, back, settle, settled, take, take_all, without
from domain.loyalty.words import Part, points_of


@value
class TransferTerms:
    """What goes over, as the giving ledger has it, and in which household and programme."""

    household_id: UUID | None
    programme: str
    parts: tuple[Part, ...]


# --- events ---------------------------------------------------------------------------------------


@event("loyalty.points_transferred_out")
class PointsTransferredOut:
    """Points went to another ledger of the household."""

    transfer_id: UUID
    to_ledger_id: UUID
    points: int
    parts: tuple[Part, ...]
    transferred_at: datetime
    by: ActorId


@event("loyalty.points_transferred_in")
class PointsTransferredIn:
    """Points came from another ledger of the household; their lots keep their expiry.

    `parts` are lots of this ledger, named after the transfer and the lot they came from.
    """

    transfer_id: UUID
    from_ledger_id: UUID
    points: int
    parts: tuple[Part, ...]
    transferred_at: datetime
    by: ActorId


# --- commands -------------------------------------------------------------------------------------


@command
class TransferPoints(Command):
    """Ask for points to go to another ledger of the household; it is granted in both at once."""

    transfer_id: UUID
    to_ledger_id: UUID
    points: Points


@command
class GiveTransfer(Command):
    """Give what the terms say to another ledger, in the same piece as its taking."""

    transfer_id: UUID
    to_ledger_id: UUID
    points: Points
    terms: TransferTerms


@command
class AcceptTransfer(Command):
    """Take what another ledger of the household gives, in the same piece as its giving."""

    transfer_id: UUID
    from_ledger_id: UUID
    points: Points
    terms: TransferTerms


# --- refusals -------------------------------------------------------------------------------------


class TransferNotOffered(Unacceptable, code="loyalty.transfer_not_offered"):
    """The programme does not let points go to another ledger."""


class TransferOutOfLimits(Unacceptable, code="loyalty.transfer_out_of_limits"):
    """So many points cannot go over at a time."""


class NotOneHousehold(Unacceptable, code="loyalty.not_one_household"):
    """Points go only to another ledger of the same household and programme."""


class TransferTermsChanged(Refusal, code="loyalty.transfer_terms_changed"):
    """The ledger has changed since its lots were looked at; ask again."""


# --- rules ----------------------------------------------------------------------------------------

TransferCommand = TransferPoints | GiveTransfer | AcceptTransfer
TransferEvent = LotsEvent | PointsTransferredOut | PointsTransferredIn


def pieces(asked: TransferPoints, ledger: Ledger, at: datetime) -> tuple[Command, Command]:
    """Return the commands on both ledgers that grant a transfer, as the giving one stands now."""
    terms = TransferTerms(
        household_id=ledger.household_id,
        programme=ledger.programme,
        parts=take(settled(ledger, settle(ledger, at)), asked.points, at),
    )
    return (
        GiveTransfer(
            stream=asked.stream,
            transfer_id=asked.transfer_id,
            to_ledger_id=asked.to_ledger_id,
            points=asked.points,
            terms=terms,
        ),
        AcceptTransfer(
            stream=asked.to_ledger_id,
            transfer_id=asked.transfer_id,
            from_ledger_id=asked.stream,
            points=asked.points,
            terms=terms,
        ),
    )


def decide(ledger: Ledger, command: TransferCommand, context: Context) -> Sequence[TransferEvent]:
    """Decide what goes over, and what comes in; neither is decided without the other."""
    opened(ledger)
    match command:
        case TransferPoints():
            raise TransferTermsChanged
        case GiveTransfer():
            require_spender(ledger, context)
            return _give(ledger, command, context)
        case AcceptTransfer():
            return _accept(ledger, command, context)
    assert_never(command)


def _give(ledger: Ledger, command: GiveTransfer, context: Context) -> Sequence[TransferEvent]:
    if is_taken(ledger, command.transfer_id, _wish(command.to_ledger_id, command.points)):
        return []
    terms = command.terms
    rules = programme_of(ledger, context).content.transfer
    if rules is None:
        raise TransferNotOffered
    if not rules.points_min <= command.points <= rules.points_max:
        raise TransferOutOfLimits(at_least=rules.points_min, at_most=rules.points_max)
    if command.to_ledger_id == command.stream or ledger.household_id is None:
        raise NotOneHousehold
    due = settle(ledger, context.now)
    parts = take_all(settled(ledger, due), command.points, context.now)
    if (ledger.household_id, ledger.programme, parts) != (
        terms.household_id,
        terms.programme,
        terms.parts,
    ):
        raise TransferTermsChanged
    return [
        *due,
        PointsTransferredOut(
            transfer_id=command.transfer_id,
            to_ledger_id=command.to_ledger_id,
            points=command.points,
            parts=parts,
            transferred_at=context.now,
            by=context.actor.id,
        ),
    ]


def _accept(ledger: Ledger, command: AcceptTransfer, context: Context) -> Sequence[TransferEvent]:
    terms, points = command.terms, command.points
    if is_taken(ledger, command.transfer_id, _wish(command.from_ledger_id, points)):
        return []
    if points_of(terms.parts) != points:
        raise TransferTermsChanged
    if (ledger.household_id, ledger.programme) != (terms.household_id, terms.programme):
        raise NotOneHousehold
    parts = tuple(
        Part(
            lot_id=uuid5(command.transfer_id, str(part.lot_id)),
            points=part.points,
            expires_at=part.expires_at,
        )
        for part in terms.parts
    )
    return [
        PointsTransferredIn(
            transfer_id=command.transfer_id,
            from_ledger_id=command.from_ledger_id,
            points=points,
            parts=parts,
            transferred_at=context.now,
            by=context.actor.id,
        )
    ]


def _wish(other: UUID, points: int) -> int:
    return hash(("transfer", other, points))


# --- what follows ---------------------------------------------------------------------------------


def _out(ledger: Ledger, event: PointsTransferredOut) -> Ledger:
    wish = _wish(event.to_ledger_id, event.points)
    return ledger.after(
        lots=without(ledger.lots, event.parts),
        transferred_out=ledger.transferred_out + event.points,
        known=ledger.knowing(event.transfer_id, wish),
    )


def _in(ledger: Ledger, event: PointsTransferredIn) -> Ledger:
    wish = _wish(event.from_ledger_id, event.points)
    return ledger.after(
        lots=back(ledger.lots, event.parts, event.transferred_at),
        transferred_in=ledger.transferred_in + event.points,
        known=ledger.knowing(event.transfer_id, wish),
    )


FOLLOW: Follow = {PointsTransferredOut: _out, PointsTransferredIn: _in}
