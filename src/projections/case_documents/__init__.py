"""Case documents: every case as one document, and its row in the lists.

One pure fold serves the live row, the state at a version or instant, the difference between two
versions, the printed replay and the rebuild. Beside each body stands a narrow row in `cases`: what
lists and the 360° view of a customer ask of it; and, while the case is open, one in `work`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import to_json

from domain.declare import Parties
from domain.rulebook import NO_RULES, Rules
from projections.case_documents.complaint import COMPLAINT
from projections.case_documents.differences import Change, diff
from projections.case_documents.draw import DRAW
from projections.case_documents.folding import (
    Audience,
    Category,
    Listing,
    body_of,
    envelope_of,
    instant_of,
)
from projections.case_documents.lease import LEASE
from projections.case_documents.loyalty import LOYALTY
from projections.case_documents.notices import NOTIFICATION
from projections.case_documents.order import ORDER
from projections.case_documents.people import CUSTOMER, STAFF
from projections.case_documents.referral import REFERRAL
from projections.case_documents.things import RULEBOOK, VEHICLE
from projections.reading import Reading, one_row
from store.log import Recorded
from store.views import Document, DocumentView, beside

SQL = beside(__file__)

CATEGORIES: Mapping[str, Category] = {
    category.name: category
    for category in (
        COMPLAINT,
        REFERRAL,
        ORDER,
        DRAW,
        LEASE,
        LOYALTY,
        CUSTOMER,
        VEHICLE,
        STAFF,
        NOTIFICATION,
        RULEBOOK,
    )
}
"""Every kind of case that has a document, by the first part of its events' stored names."""

_PARTED = "\x1f"
_FOLDS = {cls: fold for category in CATEGORIES.values() for cls, fold in category.folds.items()}


def evolve(document: Document | None, recorded: Recorded) -> Document:
    """Return the document after one more event; the one that was given stays what it is."""
    at = instant_of(recorded.recorded_at)
    if document is None:
        after: Document = {
            "id": str(recorded.stream),
            "category": recorded.topic.partition(".")[0],
            "opened_at": at,
        }
    else:
        after = document.copy()
    event = recorded.event
    _FOLDS[type(event)](after, body_of(event), envelope_of(recorded, at))
    after["version"] = recorded.version
    after["position"] = recorded.position
    after["updated_at"] = at
    after["last_topic"] = recorded.topic
    return after


def audience_body(document: Document, audience: Audience) -> Document | None:
    """Return what an audience sees of a finished document, None where it sees no such case."""
    category = CATEGORIES[document["category"]]
    match audience:
        case Audience.STAFF:
            return document
        case Audience.CUSTOMER:
            return category.customer(document) if category.customer else None
        case Audience.DEALER:
            return category.dealer(document) if category.dealer else None


def document_of(history: Iterable[Recorded], rules: Rules = NO_RULES) -> Document | None:
    """Return the document as it stands after a history, in plain JSON values; None without one.

    `rules` must hold what the case pins. This is what the row held when its version was this one.
    """
    document: Document | None = None
    for recorded in history:
        document = evolve(document, recorded)
    if document is None:
        return None
    finish = CATEGORIES[document["category"]].finish
    if finish is not None:
        finish(document, rules)
    return document


def parties_of(document: Document) -> Parties:
    """Return whose case a document is."""
    return CATEGORIES[document["category"]].parties(document)


COLUMNS = (
    "stream", "category", "version", "position", "customer_id", "dealer_id", "region", "units",
    "body", "customer_body", "dealer_body",
    "is_open", "status", "kind", "number", "priority", "priority_rank", "handler", "vehicle_id",
    "due_at", "next_step", "next_roles", "opened_at", "updated_at", "last_topic", "about_id",
    "customer_due_at", "dealer_due_at", "summary", "outline",
)  # fmt: skip


def _text(body: Any) -> str | None:
    return None if body is None else to_json(body).decode()


def _instant(at: str | None) -> datetime | None:
    return None if at is None else datetime.fromisoformat(at)


def _body_for(audience: Callable[[Document], Document] | None, document: Document) -> str | None:
    return None if audience is None else _text(audience(document))


def row(document: Document, rules: Rules) -> tuple[Any, ...]:
    """Return the row of a document, its bodies as JSON text."""
    category = CATEGORIES[document["category"]]
    if category.finish is not None:
        category.finish(document, rules)
    parties = category.parties(document)
    listed = category.listing(document)
    summary = _text(listed.summary)
    return (
        UUID(document["id"]), category.name, document["version"], document["position"],
        parties.customer_id, parties.dealer_id, parties.region,
        _PARTED.join(sorted(parties.units)),
        _text(document),
        None if parties.customer_id is None else _body_for(category.customer, document),
        None if parties.dealer_id is None else _body_for(category.dealer, document),
        listed.is_open, listed.status, listed.kind, listed.number,
        listed.priority, listed.priority_rank, listed.handler, listed.vehicle_id,
        _instant(listed.due_at),
        listed.next_step, _PARTED.join(listed.next_roles),
        datetime.fromisoformat(document["opened_at"]),
        datetime.fromisoformat(document["updated_at"]),
        document["last_topic"], listed.about_id,
        _instant(listed.customer_due_at), _instant(listed.dealer_due_at), summary,
        summary if listed.outline is None else _text(listed.outline),
    )  # fmt: skip


VIEW = DocumentView(
    name="case_documents",
    sql=SQL,
    tables={
        "case_documents": ("stream",),
        "cases": ("stream",),
        "customer_tallies": ("customer_id", "section"),
        "work": ("stream",),
        "lease_desk": ("stream",),
        "regraded": ("customer_id",),
        "customer_pages": ("customer_id", "outside"),
        "repaged": ("customer_id", "section"),
    },
    evolve=evolve,
    row=row,
    columns=COLUMNS,
    writes=(
        "upsert_documents",
        "tally",
        "mark_regraded",
        "mark_repaged",
        "upsert_cases",
        "attribute",
        "tidy_tallies",
        "remove_work",
        "upsert_work",
        "regrade",
        "unmark_regraded",
        "remove_leases",
        "upsert_leases",
    ),
    settles=("by_index", "page", "tidy_pages", "unmark_repaged"),
)


class CaseBody(NamedTuple):
    """One case as an audience sees it: JSON bytes ready to be sent, and whose it is."""

    category: str
    version: int
    body: bytes | None
    """None where this audience sees no such case."""
    parties: Parties


class Found(NamedTuple):
    """An answer with the position up to which the view had applied the log."""

    position: int
    case: CaseBody | None


NOBODYS = Parties()


async def fetch(
    connection: Reading, stream: UUID, audience: Audience, *, sees_all: bool = False
) -> Found:
    """Return a case's body in one statement; whether the reader may see it is the caller's ask.

    For staff who see every case anyway (`sees_all`), whose it is is left out.
    """
    if sees_all and audience is Audience.STAFF:
        found = await one_row(connection, SQL["fetch_for_all_seeing"], {"stream": stream})
    else:
        found = await one_row(connection, SQL[f"fetch_for_{audience.value}"], {"stream": stream})
    if found is None:
        return Found(0, None)
    position, category, version, body, *whose = found
    if category is None:
        return Found(position, None)
    return Found(position, CaseBody(category, version, body, _parties(*whose)))


def _parties(
    customer_id: UUID | None = None,
    dealer_id: str | None = None,
    region: str | None = None,
    units: Sequence[str] | None = None,
) -> Parties:
    if units is None:
        return NOBODYS
    return Parties(
        customer_id=customer_id, dealer_id=dealer_id, region=region, units=frozenset(units)
    )


__all__ = [
    "CATEGORIES",
    "VIEW",
    "Audience",
    "CaseBody",
    "Change",
    "Found",
    "Listing",
    "audience_body",
    "diff",
    "document_of",
    "evolve",
    "fetch",
    "parties_of",
]
