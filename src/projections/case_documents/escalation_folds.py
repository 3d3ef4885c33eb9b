"""How a complaint's document follows its escalations: whom they reached, and what came of them."""

from collections.abc import Mapping
from typing import Any

from domain import complaint
from projections.case_documents.folding import (
    Body,
    Envelope,
    Fold,
    added,
    changed,
    item_of,
    without,
)
from store.views import Document

_RUNG = ("rung", "role", "unit", "region", "climbs_at")


def _rung(body: Body, envelope: Envelope) -> Body:
    return {**{name: body[name] for name in _RUNG}, "at": envelope.at}


def _escalated(document: Document, body: Body, envelope: Envelope) -> None:
    item = item_of(without(body, *_RUNG), envelope)
    open_item = {
        "climbs_at": body["climbs_at"],
        "reached": [_rung(body, envelope)],
        "acknowledgement": None,
        "end": None,
    }
    added(document, "escalations", {**item, **open_item})


def _climbed(document: Document, body: Body, envelope: Envelope) -> None:
    before = document["escalations"][body["n"] - 1]
    change = {
        "climbs_at": body["climbs_at"],
        "reached": [*before["reached"], _rung(body, envelope)],
    }
    changed(document, "escalations", "n", body["n"], change)


def _said(field: str) -> Fold:
    """Say what came of it; nothing climbs any more."""

    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        said = without(item_of(body, envelope), "n")
        changed(document, "escalations", "n", body["n"], {field: said, "climbs_at": None})

    return fold


FOLDS: Mapping[type[Any], Fold] = {
    complaint.ComplaintEscalated: _escalated,
    complaint.EscalationClimbed: _climbed,
    complaint.EscalationAcknowledged: _said("acknowledgement"),
    complaint.EscalationEnded: _said("end"),
}
