"""What every case's document has, and how a category's own part of it is declared.

A fold gets a document that it may change at its top level (a copy) and replaces whatever it
changes below; so documents that were handed out before stay what they were.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.declare import Parties
from domain.rulebook import Rules
from store.log import Recorded
from store.views import Document

Fold = Callable[[Document, Any, Recorded], None]


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
    due_at: str | None = None
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


def fields_of(event: Any) -> dict[str, Any]:
    """Return an event's fields by name."""
    return {name: getattr(event, name) for name in event.__slots__}


def item_of(event: Any, recorded: Recorded) -> dict[str, Any]:
    """Return an event as an item of a document: its fields, and when, who and why."""
    item = fields_of(event)
    item["at"] = recorded.recorded_at
    item["version"] = recorded.version
    item["actor"] = recorded.actor
    item["role"] = recorded.role
    if recorded.reason is not None:
        item["why"] = recorded.reason
    return item


def added(document: Document, key: str, item: dict[str, Any]) -> None:
    """Add an item to one of the document's lists."""
    document[key] = [*document.get(key, ()), item]


def changed(
    document: Document, key: str, name: str, wanted: Any, change: Mapping[str, Any]
) -> None:
    """Change the newest item of a list whose `name` is the wanted id or number."""
    items = list(document.get(key, ()))
    wanted = str(wanted)
    for place in range(len(items) - 1, -1, -1):
        if str(items[place][name]) == wanted:
            items[place] = {**items[place], **change}
            document[key] = items
            return


def uuid_of(value: Any) -> UUID | None:
    """Return an id of a document, which is text once the document was stored."""
    return UUID(value) if isinstance(value, str) else value


def without(item: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return an item without some of its fields."""
    return {name: value for name, value in item.items() if name not in names}


def only(item: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return some fields of an item, those it has."""
    return {name: item[name] for name in names if name in item}


SKELETON = ("id", "category", "version", "status", "opened_at", "updated_at")
