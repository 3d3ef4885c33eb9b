"""The document of a lease: what was applied for, papers, decision, every schedule and payment.

Figures that lists show are as of the day of the newest event, so that a document does not change by
itself; what is owed as of another day is reckoned from the case when it is asked for.
"""

from typing import Any

from domain import lease as l
from domain import procedure as steps
from domain.declare import Parties
from domain.lease import LeaseStatus
from domain.procedure import Procedure, Taken
from domain.rulebook import Pin, Rules
from projections.case_documents.folding import SKELETON, Category, Listing, only, uuid_of, without
from projections.case_documents.lease_account_folds import in_force
from projections.case_documents.lease_folds import FOLDS
from store.views import Document

_ENDED = frozenset(status.value for status in l.ENDED)
_WORKED_ON = frozenset(
    {LeaseStatus.APPLIED, LeaseStatus.CHECKED, LeaseStatus.APPROVED, LeaseStatus.CONTRACTED}
)
"""The statuses in which somebody has a next step to take; then instalments run by themselves."""


def _parties(document: Document) -> Parties:
    return Parties(
        customer_id=uuid_of(document["customer_id"]),
        dealer_id=document["dealer_id"],
        region=document["region"],
    )


def _finish(document: Document, rules: Rules) -> None:
    """Say which steps can be taken next."""
    document["next_steps"] = []
    if document["status"] not in _ENDED:
        pin = document["procedure"]
        procedure = rules.pinned(Procedure, Pin(name=pin["name"], version=pin["version"]))
        document["next_steps"] = [
            {"step": s.name, "roles": [role.value for role in s.roles], "optional": s.optional}
            for s in steps.next_steps(procedure, Taken(frozenset(document["done"])))
        ]


def _figures(document: Document) -> dict[str, Any]:
    """Return what lists show of the account, as of the day of the newest event."""
    as_of_on = document["updated_at"][:10]
    unpaid = [(line["due_on"], _unpaid(line)) for line in in_force(document) if _unpaid(line)]
    ahead = next(((on, minor) for on, minor in unpaid if on >= as_of_on), (None, 0))
    paid = document["paid"]
    return {
        "as_of_on": as_of_on,
        "paid_minor": sum(paid.values()) - document["refunded_minor"],
        "outstanding_minor": document["outstanding_minor"],
        "instalments_left": len(unpaid),
        "oldest_unpaid_due_on": unpaid[0][0] if unpaid else None,
        "oldest_unpaid_minor": unpaid[0][1] if unpaid else 0,
        "next_due_on": ahead[0],
        "next_due_minor": ahead[1],
        "arrears_minor": sum(minor for on, minor in unpaid if on < as_of_on),
        "surplus_minor": paid["surplus_minor"] - document["refunded_minor"],
        "bucket": document["bucket"],
        "arrears_grace_days": (document["arrears_terms"] or {}).get("grace_days"),
    }


def _unpaid(line: dict[str, Any]) -> int:
    owed: int = line["principal_minor"] + line["interest_minor"]
    paid: int = line["principal_paid_minor"] + line["interest_paid_minor"]
    return owed - paid


_SHOWN = (
    "number", "product", "provider", "bank", "order_id", "currency", "financed", "term_months",
    "annual_percent", "applied_on", "activated_on",
)  # fmt: skip


def _listing(document: Document) -> Listing:
    first = None
    if document["status"] in _WORKED_ON:
        first = next((step for step in document["next_steps"] if not step["optional"]), None)
    figures = _figures(document)
    outline = {
        **only(document, *SKELETON),
        **only(document, *_SHOWN),
        **figures,
        "customer_id": document["customer_id"],
    }
    summary = {
        **outline,
        **only(document, "dealer_id", "region"),
        "next_step": first["step"] if first else None,
        "next_roles": first["roles"] if first else [],
        "papers_to_verify": sum(paper["state"] == "uploaded" for paper in document["documents"]),
        "guarantees_held": sum(each["state"] == "received" for each in document["guarantees"]),
    }
    owed_on = figures["oldest_unpaid_due_on"]
    return Listing(
        summary=summary,
        outline=without(outline, "bucket", "arrears_grace_days"),
        is_open=document["status"] not in _ENDED,
        status=document["status"],
        kind=document["product"]["name"],
        number=document["number"],
        about_id=uuid_of(document["order_id"]),
        customer_due_at=None if owed_on is None else f"{owed_on}T00:00:00Z",
        next_step=first["step"] if first else None,
        next_roles=tuple(first["roles"]) if first else (),
    )


# --- what others see ------------------------------------------------------------------------------

_INSIDE = ("actor", "role", "why", "by", "judged_by", "subject_id", "version")
"""Fields of items that are for colleagues."""
_OF_CUSTOMER = (
    "price", "down_payment", "completed_on", "activated_on", "outstanding_minor", "paid",
    "refunded_minor", "schedule_n", "customer_id", "dealer_id",
)  # fmt: skip


def _outside(item: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if item is None else without(item, *_INSIDE)


def _each(document: Document, key: str, *further: str) -> list[dict[str, Any]]:
    return [without(item, *_INSIDE, *further) for item in document[key]]


def _papers(document: Document) -> list[dict[str, Any]]:
    """Return the applicant's own papers; a guarantor's are the guarantor's."""
    return [
        without(paper, *_INSIDE) for paper in document["documents"] if not paper["guarantor_id"]
    ]


def _steps(document: Document, role: str) -> list[dict[str, Any]]:
    return [step for step in document["next_steps"] if role in step["roles"]]


def _for_customer(document: Document) -> Document:
    """Her contract with all that is owed and paid; what colleagues noted of her stays inside."""
    payments = []
    for payment in document["payments"]:
        shown = without(payment, *_INSIDE)
        shown["reversed"] = _outside(payment["reversed"])
        payments.append(shown)
    schedules = []
    for schedule in document["schedules"]:
        shown = without(schedule, "withdrawal", "restructuring")
        schedules.append(shown)
    decisions = _each(document, "decisions", "reference", "decision_id")
    held = ("guarantee_id", "kind", "amount", "received_on", "expires_on", "state")
    return {
        **only(document, *SKELETON),
        **only(document, *_SHOWN, *_OF_CUSTOMER),
        "documents": _papers(document),
        "decisions": decisions,
        "guarantees": [only(each, *held) for each in document["guarantees"]],
        "contract": _outside(document["contract"]),
        "schedules": schedules,
        "payments": payments,
        "fees": _each(document, "fees"),
        "refunds": _each(document, "refunds"),
        "quotes": _each(document, "quotes", "moved"),
        "settlement": _outside(document["settlement"]),
        "standing": without(_figures(document), "bucket", "arrears_grace_days"),
        "next_steps": _steps(document, "customer"),
    }


def _for_dealer(document: Document) -> Document:
    """How far the financing of the vehicle is; the account is none of the dealer's."""
    decisions = [only(each, "outcome", "decided_on", "at") for each in document["decisions"]]
    return {
        **only(document, *SKELETON),
        **only(document, *_SHOWN, "price", "down_payment", "customer_id", "dealer_id"),
        "documents": [
            without(paper, *_INSIDE)
            for paper in document["documents"]
            if paper["role"] == "dealer" and not paper["guarantor_id"]
        ],
        "decisions": decisions,
        "contract": None
        if document["contract"] is None
        else only(document["contract"], "signed_on"),
        "next_steps": _steps(document, "dealer"),
    }


LEASE = Category(
    name="lease",
    folds=FOLDS,
    parties=_parties,
    listing=_listing,
    customer=_for_customer,
    dealer=_for_dealer,
    finish=_finish,
)
