"""Search: the words by which a case is found, in every script."""

from typing import Any
from uuid import UUID

from pydantic_core import to_json

from domain import complaint, customer
from domain.fields import Erased
from domain.rulebook import Rules
from domain.vehicle import events as vehicle
from projections.search_terms import TERMS_MAX, terms_of
from store.log import Recorded
from store.views import Document, DocumentView, beside

SQL = beside(__file__)

_SAYS: dict[type[Any], tuple[str, ...]] = {
    complaint.ComplaintRegistered: (
        "number",
        "source_ref",
        "narrative",
        "complainant_name",
        "vehicle_described",
        "vin_partial",
        "dealer_named",
    ),
    complaint.ComplaintCorrected: (
        "number",
        "narrative",
        "complainant_name",
        "vehicle_described",
        "vin_partial",
        "dealer_named",
    ),
    complaint.ComplaintClassified: ("subject",),
    customer.CustomerRegistered: ("name",),
    customer.NameCorrected: ("name",),
    vehicle.VehicleRegistered: ("vin", "vin_part", "make", "model"),
    vehicle.DescriptionCorrected: ("make", "model"),
    vehicle.VinCompleted: ("vin",),
    vehicle.VinCorrected: ("vin",),
    vehicle.PlateRecorded: ("plate",),
}
"""Which fields of which events are words to find a case by; a newer one replaces an older one."""

TOPICS = tuple(cls.__stored_name__ for cls in _SAYS)

_PARTED = "\n"


def evolve(document: Document | None, recorded: Recorded) -> Document:
    """Follow what a case can be found by, field by field."""
    parts = dict(document["parts"]) if document else {}
    for name in _SAYS[type(recorded.event)]:
        value = getattr(recorded.event, name)
        if isinstance(value, str):
            parts[name] = terms_of(value)
        elif isinstance(value, Erased):
            parts.pop(name, None)
    return {
        "id": str(recorded.stream),
        "category": recorded.topic.partition(".")[0],
        "version": recorded.version,
        "parts": parts,
    }


def row(document: Document, _rules: Rules) -> tuple[Any, ...]:
    """Return the row of a case: its words, each once and bounded."""
    words = dict.fromkeys(term for terms in document["parts"].values() for term in terms)
    return (
        UUID(document["id"]),
        document["category"],
        to_json(document).decode(),
        _PARTED.join(list(words)[:TERMS_MAX]),
    )


VIEW = DocumentView(
    name="search",
    sql=SQL,
    tables={"search": ("stream",)},
    topics=TOPICS,
    evolve=evolve,
    row=row,
    columns=("stream", "category", "body", "words"),
)
