"""What a customer and a dealer see of a complaint; what is not named here is left out."""

from collections.abc import Iterable
from typing import Any

from domain.declare import Parties
from projections.case_documents.clock_folds import first_due
from projections.case_documents.folding import SKELETON, only
from store.views import Document

_MATTER = (
    "number", "kind", "subject", "channel", "received_at", "occurred_on", "narrative",
    "customer_id", "complainant_name", "complainant_contact", "vehicle_id", "vin_partial",
    "vehicle_described", "mileage", "mileage_unit", "injured_count", "deaths_count", "fire",
    "crash", "dealer_id", "dealer_named", "waiting_for",
)  # fmt: skip


def outline(document: Document, parties: Parties) -> dict[str, Any]:
    """Return what lists show to anybody whose case it is."""
    return {
        **only(document, *SKELETON),
        **only(document, "number", "kind", "subject", "received_at", "vehicle_id"),
        "dealer_id": parties.dealer_id,
    }


def _each(items: Iterable[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    return [only(item, *names) for item in items]


def _papers(document: Document, correspondents: frozenset[str], roles: frozenset[str]) -> Document:
    """Return the correspondence with these people, and the documents in it or added by them."""
    letters = [c for c in document["correspondence"] if c["correspondent"] in correspondents]
    attached = {str(paper) for letter in letters for paper in letter["document_ids"]}
    names = ("correspondence_id", "direction", "correspondent", "channel", "content")
    about = ("document_id", "kind", "title", "media_type", "size_bytes", "content_sha256", "at")
    return {
        "correspondence": _each(letters, *names, "happened_at", "letter_number", "document_ids"),
        "documents": [
            only(paper, *about)
            for paper in document["documents"]
            if paper["role"] in roles or str(paper["document_id"]) in attached
        ],
    }


def _ends(document: Document) -> Document:
    """Return how it was judged, answered, announced and closed: what the customer was told."""
    judgement, answer = document["judgement"], document["invalid_answer"]
    return {
        "judgement": None if judgement is None else only(judgement, "valid", "at"),
        "invalid_answer": None if answer is None else only(answer, "channel", "answer", "at"),
        "results": _each(document["results"], "result_id", "outcome", "channel", "answer", "at"),
        "closures": _each(
            document["closures"], "ground", "follow_up_on", "follow_up_reason", "basis", "at"
        ),
        "reopenings": _each(document["reopenings"], "at"),
    }


def _next(document: Document, role: str) -> list[dict[str, Any]]:
    return [step for step in document["next_steps"] if role in step["roles"]]


_OF_CUSTOMER = frozenset({"first_response", "judgement", "resolution"})
_OF_DEALER = frozenset({"plan", "vrt_finding", "resolution"})
_PROMISES = frozenset({"promise", "promise/plan", "promise/follow_up"})
"""What promises are made by that somebody outside was told of; one to a superior is not."""


def _shown(document: Document, codes: frozenset[str]) -> list[dict[str, Any]]:
    return [
        clock
        for clock in document["clocks"]
        if clock["clock"] in codes
        or (clock["clock"] == "promise" and clock["derivation"]["rule"]["rule"] in _PROMISES)
    ]


def due_for_customer(document: Document) -> str | None:
    """Return when the first of the running clocks that a customer sees is due."""
    return first_due(_shown(document, _OF_CUSTOMER))


def due_for_dealer(document: Document) -> str | None:
    """Return when the first of the running clocks that a dealer sees is due."""
    return first_due(_shown(document, _OF_DEALER))


def _clocks(document: Document, shown: frozenset[str], *further: str) -> Document:
    """Return the clocks of these codes, the promises, and the pauses of any of them."""
    clocks = _shown(document, shown)
    numbers = {clock["n"] for clock in clocks}
    pauses = [p for p in document["pauses"] if not numbers.isdisjoint(p["clocks"])]
    names = ("n", "clock", "state", "due_at", "stopped_at", "met", "about", "at")
    return {
        "clocks": _each(clocks, *names, *further),
        "promises": _each(document["promises"], "promise_id", "promise", "due_at", "at"),
        "pauses": _each(pauses, "n", "reason", "paused_at", "resumed_at"),
    }


_CUSTOMER = frozenset({"customer"})
_DEALER = frozenset({"customer", "dealer"})


def for_customer(document: Document) -> Document:
    """What she said and was told, where the case stands, and what she can do next."""
    own = [c for c in document["confirmations"] if c["party"] == "customer"]
    beyond = ("file_number", "opened_on", "end")
    return {
        **only(document, *SKELETON, *_MATTER),
        **_ends(document),
        **_papers(document, _CUSTOMER, _CUSTOMER),
        **_clocks(document, _OF_CUSTOMER),
        "confirmations": _each(own, "confirmed", "channel", "comment", "reason", "at"),
        "arbitrations": [_proceeding(a, "body", *beyond) for a in document["arbitrations"]],
        "litigations": [_proceeding(a, "court", *beyond) for a in document["litigations"]],
        "next_steps": _next(document, "customer"),
    }


def _proceeding(item: dict[str, Any], *names: str) -> dict[str, Any]:
    shown = only(item, *names)
    if shown.get("end") is not None:
        shown["end"] = only(shown["end"], "outcome", "ended_on", "ruling")
    return shown


def _without_former_dealers(document: Document) -> Document:
    """Return the document without what dealers who had the case before said and planned in it."""
    since: int = (document["assignment"] or {}).get("dealer_since_version", 0)
    if since == 0:
        return document

    def its(item: dict[str, Any], of_dealers: bool) -> bool:
        return not of_dealers or item["version"] >= since

    shown = dict(document)
    for key in ("plans", "completions"):
        shown[key] = [i for i in document[key] if its(i, i["by"]["dealer_id"] is not None)]
    shown["correspondence"] = [
        i for i in document["correspondence"] if its(i, i["correspondent"] == "dealer")
    ]
    shown["documents"] = [i for i in document["documents"] if its(i, i["role"] == "dealer")]
    return shown


def for_dealer(document: Document) -> Document:
    """The matter, what the dealer has to do and has done, and what the customer was told."""
    document = _without_former_dealers(document)
    dealer_id = document["handling"]["dealer_id"] or document["dealer_id"]
    general = [i for i in document["instructions"] if i["to_unit"] is None]
    reminders = [r for r in document["reminders"] if dealer_id and r["to_dealer_id"] == dealer_id]
    confirmations = document["confirmations"]
    return {
        **only(document, *SKELETON, *_MATTER, "priority", "handling"),
        **_ends(document),
        **_papers(document, _DEALER, _DEALER),
        **_clocks(document, _OF_DEALER, "warnings", "derivation"),
        "instructions": _each(general, "instruction_id", "instruction", "at"),
        "reminders": _each(reminders, "reminder_id", "awaited", "n", "note", "at"),
        "vrts": [_vrt(team) for team in document["vrts"]],
        "plans": [_plan(plan) for plan in document["plans"]],
        "completions": _each(
            document["completions"], "completion_id", "completed_on", "report", "paper_ids", "at"
        ),
        "confirmations": _each(confirmations, "party", "confirmed", "channel", "at"),
        "callbacks": _each(document["callbacks"], "reached", "satisfaction", "at"),
        "next_steps": _next(document, "dealer"),
    }


_REPORT = (
    "type", "defect_exists", "manufacturer_percent", "dealer_percent", "supplier_percent",
    "customer_percent", "finding", "solution", "proposal", "at",
)  # fmt: skip


def _vrt(team: dict[str, Any]) -> dict[str, Any]:
    shown = only(team, "vrt_id", "n", "kind", "lead", "task", "at")
    if "report" in team:
        shown["report"] = only(team["report"], *_REPORT)
    return shown


def _plan(plan: dict[str, Any]) -> dict[str, Any]:
    shown = only(plan, "plan_id", "plan", "cost", "carry_out_by_on", "at")
    for name in ("approval", "rejection", "execution"):
        if name in plan:
            shown[name] = only(
                plan[name], "reason", "carried_out_on", "cost", "report", "paper_ids", "at"
            )
    return shown
