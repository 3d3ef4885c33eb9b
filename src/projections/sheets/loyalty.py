"""A loyalty ledger on paper: what was earned and spent, what there is, and what expires when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from domain import loyalty as l
from domain.loyalty.ledger import Ledger
from domain.loyalty.words import LotState, points_of
from projections.sheets import Column, Sheet, Table, newest
from projections.sheets.lease import Name
from projections.sheets.writer import Writer
from store.log import Recorded


class Move(NamedTuple):
    """A line of the ledger: what the points are now more or less by, and for what."""

    at: datetime
    what: str
    points: int
    purpose: str | None = None


def folded(history: Sequence[Recorded]) -> Ledger:
    """Return a ledger from the events of its case, oldest first."""
    ledger: Ledger = l.DECIDER.initial
    for recorded in history:
        ledger = l.DECIDER.evolve(ledger, recorded.event)
    return ledger


def loyalty_sheet(history: Sequence[Recorded], name: Name, locale: str, zone: str) -> Sheet:
    """Return the statement of a ledger, as it stands after the last of its events."""
    ledger = folded(history)
    writer = Writer(locale, None, zone)
    member = ledger.membership_number
    masked = f"••••{member[-4:]}" if isinstance(member, str) and len(member) > 4 else None
    soonest = next((lot for lot in ledger.lots if lot.expires_at is not None), None)
    expiry = None
    if soonest is not None:
        expiry = f"{writer.number(soonest.points)} · {writer.day(soonest.expires_at)}"
    return Sheet(
        locale=locale,
        direction=writer.words["direction"],
        words=writer.words,
        title=writer.words["loyalty_statement"],
        subtitle=writer.said("as_of", day=writer.day(history[-1].recorded_at)),
        addressee=writer.name(name),
        head=writer.lines(
            programme=writer.word("programmes", ledger.programme),
            membership=None if masked is None else writer.plain(masked),
            grade=None if ledger.grade is None else writer.word("grades", ledger.grade),
        ),
        facts=writer.lines(
            points_active=writer.number(ledger.points_in(LotState.ACTIVE)),
            points_pending=writer.number(ledger.points_in(LotState.PENDING)),
            points_held=writer.number(ledger.held),
            points_debt=writer.number(ledger.debt) if ledger.debt else None,
            next_expiry=expiry,
        ),
        tables=(_moves(history, writer), _lots(ledger, writer)),
        notes=() if masked is None else (writer.said("masked"),),
    )


def _moves(history: Sequence[Recorded], writer: Writer) -> Table:
    words = writer.words
    balance = 0
    rows = []
    for recorded in history:
        move = _move(recorded.event)
        if move is None:
            continue
        balance += move.points
        what = writer.word("points", move.what)
        if move.purpose is not None:
            what = what.format(purpose=writer.word("points", move.purpose))
        rows.append(
            (writer.short(move.at), what, writer.number(move.points), writer.number(balance))
        )
    shown, left_out = newest(rows, writer.locale)
    columns = (
        Column(words["day"]),
        Column(words["what"]),
        Column(words["points"], is_number=True),
        Column(words["balance"], is_number=True),
    )
    return Table(heading=words["movements"], columns=columns, rows=shown, note=left_out)


def _move(event: Any) -> Move | None:
    """Return what an event does to all points there are; holds only reserve and move none."""
    match event:
        case l.PointsEarned():
            return Move(event.occurred_at, event.source.value, event.points)
        case l.PointsRedeemed():
            return Move(event.redeemed_at, "redeemed", -event.points, event.purpose.value)
        case l.RedemptionReversed():
            return Move(event.reversed_at, "reversal", event.points)
        case l.PointsExpired():
            return Move(event.as_of_at, "expired", -points_of(event.parts))
        case l.PointsAdjusted():
            return Move(event.adjusted_at, "adjusted", event.points)
        case l.PointsClawedBack():
            taken = points_of(event.parts) + event.debt_points
            return Move(event.clawed_back_at, "clawed_back", -taken)
        case l.CashOutRequested():
            return Move(event.requested_at, "cash_out", -event.points)
        case l.CashOutRejected():
            return Move(event.rejected_at, "cash_out_rejected", points_of(event.parts))
        case l.PointsTransferredOut():
            return Move(event.transferred_at, "transferred_out", -event.points)
        case l.PointsTransferredIn():
            return Move(event.transferred_at, "transferred_in", event.points)
    return None


def _lots(ledger: Ledger, writer: Writer) -> Table:
    words = writer.words
    rows = [
        (
            writer.said("never") if lot.expires_at is None else writer.short(lot.expires_at),
            writer.short(lot.active_from_at),
            writer.number(lot.points),
        )
        for lot in ledger.lots
    ]
    columns = (
        Column(words["expires_on"]),
        Column(words["spendable_from"]),
        Column(words["points"], is_number=True),
    )
    shown, left_out = newest(rows, writer.locale)
    return Table(heading=words["lots"], columns=columns, rows=shown, note=left_out)
