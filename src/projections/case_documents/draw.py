"""The documents of draws, in which everything is public: nobody who did or entered is named.

Entries are not in it: they are the orders', a million perhaps. Of what was left out and of places
that moved up the newest stand here; all of them are in the proof file and in the case's events.
"""

from typing import Any

from domain import draw
from domain.declare import Parties
from projections.case_documents.folding import (
    Body,
    Category,
    Envelope,
    Listing,
    only,
)
from store.views import Document

NEWEST_MAX = 100
"""How many exclusions and moves a document shows."""

_STATUSES = draw.DrawStatus


def _announced(document: Document, body: Body, envelope: Envelope) -> None:
    document.update(
        body,
        status=_STATUSES.ANNOUNCED.value,
        announced_at=envelope.at,
        seed_sha256=None,
        sealed=None,
        closed=None,
        revealed=None,
        ranked=None,
        handed_out=None,
        not_taken=0,
        exclusions={"total": 0, "reasons": {}, "newest": []},
        moves={"total": 0, "newest": []},
    )


def _at(name: str, status: draw.DrawStatus) -> Any:
    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        document.update(body, status=status.value)
        document[name] = envelope.at

    return fold


def _part(name: str, status: draw.DrawStatus) -> Any:
    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        document["status"] = status.value
        document[name] = {**body, "at": envelope.at}

    return fold


def _excluded(document: Document, body: Body, envelope: Envelope) -> None:
    standing = document["exclusions"]
    item = {**body, "at": envelope.at}
    document["exclusions"] = {
        "total": standing["total"] + 1,
        "reasons": _counted(standing["reasons"], body["reason"], 1),
        "newest": [*standing["newest"], item][-NEWEST_MAX:],
    }


def _restored(document: Document, body: Body, _: Envelope) -> None:
    standing = document["exclusions"]
    document["exclusions"] = {
        "total": standing["total"] - 1,
        "reasons": _counted(standing["reasons"], body["reason"], -1),
        "newest": [one for one in standing["newest"] if one["order_id"] != body["order_id"]],
    }


def _counted(reasons: dict[str, int], reason: str, more: int) -> dict[str, int]:
    counts = {**reasons, reason: reasons.get(reason, 0) + more}
    return {name: count for name, count in sorted(counts.items()) if count}


def _not_taken(document: Document, _: Body, __: Envelope) -> None:
    document["not_taken"] += 1


def _passed_on(document: Document, body: Body, envelope: Envelope) -> None:
    standing = document["moves"]
    newest = [*standing["newest"], {**body, "at": envelope.at}][-NEWEST_MAX:]
    document["moves"] = {"total": standing["total"] + 1, "newest": newest}


def _nobody(_document: Document) -> Parties:
    return Parties()


def _listing(document: Document) -> Listing:
    summary = {
        **only(
            document, "id", "category", "version", "status", "name", "quotas", "source",
            "opens_at", "closes_at", "value_expected_at", "updated_at",
        ),
        "entries": None if document["sealed"] is None else document["sealed"]["count"],
    }  # fmt: skip
    return Listing(
        summary=summary,
        status=document["status"],
        number=document["name"],
        is_open=document["status"] != _STATUSES.HANDED_OUT.value,
    )


DRAW = Category(
    name="draw",
    folds={
        draw.DrawAnnounced: _announced,
        draw.SeedCommitted: _at("committed_at", _STATUSES.COMMITTED),
        draw.DrawOpened: _at("entries_from_at", _STATUSES.OPEN),
        draw.EntryExcluded: _excluded,
        draw.EntryRestored: _restored,
        draw.DrawClosed: _part("closed", _STATUSES.CLOSED),
        draw.EntriesSealed: _part("sealed", _STATUSES.SEALED),
        draw.DrawRevealed: _part("revealed", _STATUSES.REVEALED),
        draw.DrawRanked: _part("ranked", _STATUSES.RANKED),
        draw.OutcomeNotTaken: _not_taken,
        draw.OutcomesHandedOut: _part("handed_out", _STATUSES.HANDED_OUT),
        draw.PlacePassedOn: _passed_on,
    },
    parties=_nobody,
    listing=_listing,
)
