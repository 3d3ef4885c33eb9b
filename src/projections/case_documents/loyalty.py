"""The document of a loyalty ledger: what is there by expiry, what is reserved, and the totals.

It is as long as what is live: points by the instant at which they expire, lots that are pending or
held, open holds and cash-outs. Lots one by one are read off the ledger; its history is its events.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from domain import loyalty
from domain.declare import Parties
from domain.rulebook import Pin, Rules, RulesNotPublished
from projections.case_documents.folding import (
    Body,
    Category,
    Envelope,
    Fold,
    Listing,
    only,
    uuid_of,
    without,
)
from store.views import Document

NEVER = "never"
"""Under which points stand in `expiring` that never expire."""

CASH_OUTS_SHOWN = 20
"""How many cash-outs that are over a document goes on to show."""

RANK_MAX = 98
"""The last place in the desk's queue that a grade can give; who has none stands behind it."""

_TOTALS = (
    "earned", "adjusted_up", "transferred_in", "debt", "spent", "expired", "reversed",
    "adjusted_down", "transferred_out",
)  # fmt: skip


def _opened(document: Document, body: Body, _: Envelope) -> None:
    document.update(
        body,
        graded_by=body["programme"],
        expiring={},
        balance_points=0,
        pending_points=0,
        held_points=0,
        pending={},
        frozen={},
        holds={},
        cash_outs=[],
        totals=dict.fromkeys(_TOTALS, 0),
        earnings=0,
        redemptions=0,
        last_earned_at=None,
        last_redeemed_at=None,
        review_at=None,
        downgrade=None,
        figures=None,
    )


# --- moving points --------------------------------------------------------------------------------


def _count(document: Document, name: str, points: int) -> None:
    document["totals"] = {**document["totals"], name: document["totals"][name] + points}


def _active(document: Document, parts: Iterable[Body], sign: int) -> None:
    expiring = dict(document["expiring"])
    for part in parts:
        key = part["expires_at"] or NEVER
        left = expiring.get(key, 0) + sign * part["points"]
        if left:
            expiring[key] = left
        else:
            expiring.pop(key, None)
        document["balance_points"] += sign * part["points"]
    document["expiring"] = expiring


def _waiting(document: Document, key: str, lot: str, points: int, **about: Any) -> None:
    """Change how many points of a lot are pending or frozen."""
    waiting = dict(document[key])
    standing = waiting.get(lot, {"points": 0})
    left = standing["points"] + points
    if left > 0:
        waiting[lot] = {**standing, **about, "points": left}
    else:
        waiting.pop(lot, None)
    document[key] = waiting
    document["pending_points" if key == "pending" else "held_points"] += points


def _gone(document: Document, parts: Iterable[Body]) -> None:
    """Take parts out from where they stand."""
    active = []
    for part in parts:
        match part["state"]:
            case "pending" | "frozen":
                _waiting(document, part["state"], part["lot_id"], -part["points"])
            case _:
                active.append(part)
    if active:
        _active(document, active, -1)


# --- folds ----------------------------------------------------------------------------------------


def _earned(document: Document, body: Body, _: Envelope) -> None:
    lot, points = body["lot_id"], body["points"]
    about = only(body, "expires_at", "active_from_at", "source", "reference")
    if body["held"]:
        _waiting(document, "frozen", lot, points, **about)
    elif body["active_from_at"] > body["occurred_at"]:
        _waiting(document, "pending", lot, points, **about)
    elif points:
        _active(document, [body], 1)
    _count(document, "earned", points)
    document["earnings"] += 1
    last = document["last_earned_at"]
    if last is None or last < body["occurred_at"]:
        document["last_earned_at"] = body["occurred_at"]


def _activated(document: Document, body: Body, _: Envelope) -> None:
    _gone(document, body["parts"])
    _active(document, body["parts"], 1)


def _expired(document: Document, body: Body, _: Envelope) -> None:
    _gone(document, body["parts"])
    _count(document, "expired", _sum(body["parts"]))


def _repaid(document: Document, body: Body, _: Envelope) -> None:
    _gone(document, body["parts"])
    _count(document, "debt", -body["points"])


def _held_back(document: Document, body: Body, _: Envelope) -> None:
    for part in body["parts"]:
        about = {"rule": body["rule"], "held_at": body["held_at"]}
        if part["state"] == "frozen":
            _waiting(document, "frozen", part["lot_id"], 0, **about)
        else:
            if part["state"] == "pending":
                about |= only(document["pending"].get(part["lot_id"], {}), "active_from_at")
            _gone(document, [part])
            about["expires_at"] = part["expires_at"]
            _waiting(document, "frozen", part["lot_id"], part["points"], **about)


def _cleared(document: Document, body: Body, _: Envelope) -> None:
    lot = body["lot_id"]
    about = document["frozen"].get(lot, {"points": 0})
    _waiting(document, "frozen", lot, -about["points"])
    for part in body["parts"]:
        if part["state"] == "pending":
            kept = only(about, "active_from_at", "source", "reference")
            expires_at = part["expires_at"]
            _waiting(document, "pending", lot, part["points"], **kept, expires_at=expires_at)
        else:
            _active(document, [part], 1)


def _held(document: Document, body: Body, _: Envelope) -> None:
    _gone(document, body["parts"])
    hold = only(body, "purpose", "points", "held_at", "until_at")
    document["holds"] = {**document["holds"], body["hold_id"]: hold}
    document["held_points"] += body["points"]


def _released(document: Document, body: Body, _: Envelope) -> None:
    _active(document, body["parts"], 1)
    document["held_points"] -= _sum(body["parts"])
    document["holds"] = without(document["holds"], body["hold_id"])


def _redeemed(document: Document, body: Body, _: Envelope) -> None:
    hold = body["hold_id"]
    if hold is None:
        _gone(document, body["parts"])
    else:
        left = document["holds"][hold]["points"] - body["points"]
        holds = without(document["holds"], hold)
        if left:
            holds[hold] = {**document["holds"][hold], "points": left}
        document["holds"] = holds
        document["held_points"] -= body["points"]
    _count(document, "spent", body["points"])
    document["redemptions"] += 1
    document["last_redeemed_at"] = body["redeemed_at"]


def _reversed(document: Document, body: Body, _: Envelope) -> None:
    _active(document, body["parts"], 1)
    _count(document, "spent", -body["points"])


def _clawed_back(document: Document, body: Body, _: Envelope) -> None:
    _gone(document, body["parts"])
    _count(document, "reversed", _sum(body["parts"]) + body["debt_points"])
    _count(document, "debt", body["debt_points"])


def _adjusted(document: Document, body: Body, _: Envelope) -> None:
    if body["points"] > 0:
        _active(document, body["parts"], 1)
        _count(document, "adjusted_up", body["points"])
    else:
        _gone(document, body["parts"])
        _count(document, "adjusted_down", -body["points"])


def _given(document: Document, body: Body, _: Envelope) -> None:
    _gone(document, body["parts"])
    _count(document, "transferred_out", body["points"])


def _received(document: Document, body: Body, _: Envelope) -> None:
    _active(document, body["parts"], 1)
    _count(document, "transferred_in", body["points"])


def _cash_out_requested(document: Document, body: Body, _: Envelope) -> None:
    _gone(document, body["parts"])
    document["held_points"] += body["points"]
    asked = only(body, "cash_out_id", "points", "amount", "requested_at", "by")
    document["cash_outs"] = [*document["cash_outs"], {**asked, "status": "requested"}]


def _cash_out(document: Document, body: Body, status: str, **about: Any) -> None:
    wanted = body["cash_out_id"]
    over = ("paid", "rejected")
    items = [
        {**item, **about, "status": status} if item["cash_out_id"] == wanted else item
        for item in document["cash_outs"]
    ]
    ended = [item["cash_out_id"] for item in items if item["status"] in over]
    forgotten = ended[: max(0, len(ended) - CASH_OUTS_SHOWN)]
    document["cash_outs"] = [item for item in items if item["cash_out_id"] not in forgotten]


def _cash_out_approved(document: Document, body: Body, _: Envelope) -> None:
    _cash_out(document, body, "approved", approved_by=body["by"])


def _cash_out_rejected(document: Document, body: Body, _: Envelope) -> None:
    _active(document, body["parts"], 1)
    document["held_points"] -= _sum(body["parts"])
    _cash_out(document, body, "rejected", why=body["why"])


def _cash_out_paid(document: Document, body: Body, _: Envelope) -> None:
    document["held_points"] -= body["points"]
    _count(document, "spent", body["points"])
    _cash_out(document, body, "paid", paid_on=body["paid_on"])


def _graded(document: Document, body: Body, _: Envelope) -> None:
    document["grade"] = body["grade"]
    document["review_at"] = body["review_at"]
    document["figures"] = body["figures"]
    document["graded_by"] = body["programme"]
    document["downgrade"] = None


def _downgrade(document: Document, body: Body, _: Envelope) -> None:
    document["downgrade"] = only(body, "grade", "effective_at")
    document["review_at"] = None
    document["figures"] = body["figures"]


def _household(document: Document, body: Body, _: Envelope) -> None:
    document["household_id"] = body["household_id"]


def _sum(parts: Iterable[Body]) -> int:
    return sum(part["points"] for part in parts)


# --- the category ---------------------------------------------------------------------------------


def _finish(document: Document, rules: Rules) -> None:
    """Say what the grade offers and how urgently it is served, and what expires next."""
    grade = None
    pin = document["graded_by"]
    try:
        programme = rules.pinned(loyalty.LoyaltyProgramme, Pin(**pin))
    except RulesNotPublished:
        programme = None
    if programme is not None and programme.grading is not None:
        grade = next((g for g in programme.grading.grades if g.code == document["grade"]), None)
    document["offers"] = [] if grade is None else list(grade.offers)
    document["queue_rank"] = None if grade is None else grade.queue_rank
    ends = [at for at in document["expiring"] if at != NEVER]
    document["next_expiry"] = None
    if ends:
        at = min(ends)
        last = datetime.fromisoformat(at) - timedelta(microseconds=1)
        last_on = last.date() if programme is None else programme.day_of(last)
        points = document["expiring"][at]
        document["next_expiry"] = {"at": at, "on": last_on.isoformat(), "points": points}


def _parties(document: Document) -> Parties:
    return Parties(customer_id=uuid_of(document["customer_id"]))


def masked(number: Any) -> Any:
    """Return a membership number of which only the end can be read."""
    if not isinstance(number, str):
        return number
    shown = number[-4:] if len(number) > 6 else number[-1:]
    return "•" * (len(number) - len(shown)) + shown


def _listing(document: Document) -> Listing:
    summary = {
        **only(document, "id", "category", "version", "customer_id", "household_id"),
        "programme": document["programme"]["name"],
        "membership_number": masked(document["membership_number"]),
        **only(
            document, "balance_points", "pending_points", "held_points", "next_expiry", "grade",
            "queue_rank", "offers", "downgrade", "opened_at", "updated_at",
        ),
        "debt_points": document["totals"]["debt"],
    }  # fmt: skip
    rank = document["queue_rank"]
    return Listing(
        summary=summary,
        outline=without(summary, "household_id", "queue_rank"),
        status="open",
        kind=document["programme"]["name"],
        priority=document["grade"],
        priority_rank=None if rank is None else max(0, min(rank, RANK_MAX)),
    )


def _for_customer(document: Document) -> Document:
    """Leave out by which rule something is held and who decided it, and her place in the queue."""
    body = without(document, "position", "queue_rank", "graded_by", "figures", "last_topic")
    body["frozen"] = {lot: without(item, "rule") for lot, item in document["frozen"].items()}
    body["cash_outs"] = [
        without(item, "by", "approved_by", "why") for item in document["cash_outs"]
    ]
    return body


FOLDS: dict[type[Any], Fold] = {
    loyalty.LedgerOpened: _opened,
    loyalty.HouseholdChanged: _household,
    loyalty.PointsEarned: _earned,
    loyalty.LotActivated: _activated,
    loyalty.PointsExpired: _expired,
    loyalty.DebtRepaid: _repaid,
    loyalty.EarningHeld: _held_back,
    loyalty.EarningCleared: _cleared,
    loyalty.PointsHeld: _held,
    loyalty.HoldReleased: _released,
    loyalty.PointsRedeemed: _redeemed,
    loyalty.RedemptionReversed: _reversed,
    loyalty.PointsClawedBack: _clawed_back,
    loyalty.PointsAdjusted: _adjusted,
    loyalty.CashOutRequested: _cash_out_requested,
    loyalty.CashOutApproved: _cash_out_approved,
    loyalty.CashOutRejected: _cash_out_rejected,
    loyalty.CashOutPaid: _cash_out_paid,
    loyalty.PointsTransferredOut: _given,
    loyalty.PointsTransferredIn: _received,
    loyalty.GradeChanged: _graded,
    loyalty.GradeReviewed: _graded,
    loyalty.DowngradeAnnounced: _downgrade,
}

LOYALTY = Category(
    name="loyalty",
    folds=FOLDS,
    parties=_parties,
    listing=_listing,
    customer=_for_customer,
    finish=_finish,
)
