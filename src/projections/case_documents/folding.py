"""What every case's document has, and how a category's own part of it is declared.

Documents are plain JSON values throughout, so a document reads the same whether it was folded just
now or loaded. A fold gets a document that it may change at its top level (a copy), the event's body
as plain values, and its envelope; whatever it changes below the top it replaces, so documents that
were handed out before stay what they were.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import TypeAdapter
from pydantic_core import SchemaSerializer

from domain.declare import Parties
from domain.fields import Erased
from domain.rulebook import Rules
from store.log import Recorded
from store.views import Document

Body = dict[str, Any]
Fold = Callable[[Document, Body, "Envelope"], None]


class Audience(StrEnum):
    """For whom a case's body is made."""

    STAFF = "staff"
    CUSTOMER = "customer"
    DEALER = "dealer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What lists and worklists ask of a case.

    `summary` is what a list shows of it to staff, `outline` what it shows to the customer and the
    dealer whose case it is (the summary, where nothing else is said).
    """

    summary: Mapping[str, Any]
    outline: Mapping[str, Any] | None = None
    is_open: bool = True
    status: str | None = None
    kind: str | None = None
    number: str | None = None
    priority: str | None = None
    priority_rank: int | None = None
    handler: str | None = None
    vehicle_id: UUID | None = None
    about_id: UUID | None = None
    """The case that this one tells of."""
    due_at: str | None = None
    customer_due_at: str | None = None
    """When the first thing is due that the customer awaits or owes, by what she is shown."""
    dealer_due_at: str | None = None
    next_step: str | None = None
    next_roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One kind of case: its folds by event class, whose it is, and what each audience sees.

    An audience whose function is None has no body of such a case.
    """

    name: str
    folds: Mapping[type[Any], Fold]
    parties: Callable[[Document], Parties]
    listing: Callable[[Document], Listing]
    customer: Callable[[Document], Document] | None = None
    dealer: Callable[[Document], Document] | None = None
    finish: Callable[[Document, Rules], None] | None = None
    """Derives, from pinned rules, what is not said by the events themselves."""


_SERIALIZERS: dict[type[Any], SchemaSerializer] = {}


def body_of(event: Any) -> Body:
    """Return an event's fields as plain JSON values."""
    serializer = _SERIALIZERS.get(type(event))
    if serializer is None:
        found = TypeAdapter(type(event)).serializer
        assert isinstance(found, SchemaSerializer)
        serializer = _SERIALIZERS[type(event)] = found
    body: Body = serializer.to_python(event, mode="json")
    return body


def instant_of(at: datetime) -> str:
    """Return an instant in UTC as documents hold it (RFC 3339)."""
    return at.isoformat().replace("+00:00", "Z")


class Envelope(NamedTuple):
    """Who, when and why, as plain values."""

    version: int
    at: str
    actor: str
    role: str
    why: str | Body | None
    subject_id: str | None


def envelope_of(recorded: Recorded, at: str) -> Envelope:
    """Return what stands beside an event in its row."""
    reason, subject = recorded.reason, recorded.subject_id
    return Envelope(
        recorded.version,
        at,
        recorded.actor,
        recorded.role,
        {"erased": True} if isinstance(reason, Erased) else reason,
        None if subject is None else str(subject),
    )


def item_of(body: Body, envelope: Envelope) -> Body:
    """Return an event as an item of a document: its fields, and when, who and why."""
    item = {
        **body,
        "at": envelope.at,
        "version": envelope.version,
        "actor": envelope.actor,
        "role": envelope.role,
    }
    if envelope.why is not None:
        item["why"] = envelope.why
    return item


def added(document: Document, key: str, item: dict[str, Any]) -> None:
    """Add an item to one of the document's lists."""
    document[key] = [*document.get(key, ()), item]


def changed(
    document: Document, key: str, name: str, wanted: str | int, change: Mapping[str, Any]
) -> None:
    """Change the newest item of a list whose `name` is the wanted id."""
    items = list(document[key])
    for place in range(len(items) - 1, -1, -1):
        if items[place][name] == wanted:
            items[place] = {**items[place], **change}
            document[key] = items
            return


def uuid_of(value: str | None) -> UUID | None:
    """Return an id of a document as an id."""
    return None if value is None else UUID(value)


def set_to(*names: str) -> Fold:
    """Return the fold that takes these fields over from the event."""

    def fold(document: Document, body: Body, _: Envelope) -> None:
        for name in names:
            document[name] = body[name]

    return fold


def without(item: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return an item without some of its fields."""
    return {name: value for name, value in item.items() if name not in names}


def only(item: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return some fields of an item, those it has."""
    return {name: item[name] for name in names if name in item}


SKELETON = ("id", "category", "version", "status", "opened_at", "updated_at")
