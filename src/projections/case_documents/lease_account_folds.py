"""The account in a lease's document: every schedule, and of every payment where it went and goes.

What is paid of an instalment is the sum of the shares that stand now, added up as events come;
where a payment went first stays beside where it goes now. Nothing depends on the day it is read.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from domain import lease as l
from domain.lease import LeaseStatus
from projections.case_documents.folding import Body, Envelope, Fold, added, item_of, only, without
from store.views import Document


def stands(document: Document, status: LeaseStatus) -> None:
    """Say where the lease stands."""
    document["status"] = status.value


def take(document: Document, step: l.LeaseStep) -> None:
    """Say that a step was taken."""
    if step not in document["done"]:
        document["done"] = [*document["done"], step.value]


# --- schedules ------------------------------------------------------------------------------------


def begin_schedule(
    document: Document, body: Body, cause: str, from_on: str, credited: int = 0
) -> None:
    """Put a schedule in force; the one before it stays, as it was left."""
    instalments = []
    for each in body["instalments"]:
        part = min(credited, each["interest_minor"])
        credited -= part
        paid = {"principal_paid_minor": 0, "interest_paid_minor": part, "penalty_paid_minor": 0}
        instalments.append({**each, **paid})
    document["schedules"] = [
        *({**schedule, "in_force": False} for schedule in document["schedules"]),
        {
            "n": body["schedule_n"],
            "cause": cause,
            "in_force": True,
            "withdrawn": False,
            "from_on": from_on,
            "starts_on": body["starts_on"],
            "annual_percent": body["annual_percent"],
            "outstanding_minor": document["outstanding_minor"],
            "instalments": instalments,
        },
    ]
    document["schedule_n"] = body["schedule_n"]
    document["annual_percent"] = body["annual_percent"]


def in_force(document: Document) -> list[dict[str, Any]]:
    """Return the instalments of the schedule in force."""
    if document["schedule_n"] is None:
        return []
    found: list[dict[str, Any]] = next(
        schedule["instalments"] for schedule in document["schedules"] if schedule["in_force"]
    )
    return found


# --- the account ----------------------------------------------------------------------------------


def _count(document: Document, shares: Iterable[Body], left_minor: int, sign: int = 1) -> None:
    """Add shares of a payment to what is paid of instalments and altogether, or take them away."""
    paid = dict(document["paid"])
    paid["surplus_minor"] += sign * left_minor
    by_line: dict[int, dict[str, int]] = {}
    for share in shares:
        minor = sign * share["minor"]
        paid[f"{share['part']}_minor"] += minor
        if share["part"] == "principal":
            document["outstanding_minor"] -= minor
        if share["n"]:
            key = f"{share['part']}_paid_minor"
            line = by_line.setdefault(share["n"], {})
            line[key] = line.get(key, 0) + minor
    document["paid"] = paid
    if by_line:
        _pay_lines(document, by_line)


def _pay_lines(document: Document, by_line: Mapping[int, Mapping[str, int]]) -> None:
    schedules = list(document["schedules"])
    place = next(n for n, each in enumerate(schedules) if each["in_force"])
    instalments = list(schedules[place]["instalments"])
    first = instalments[0]["n"] if instalments else 1
    for n, parts in by_line.items():
        line = dict(instalments[n - first])
        for key, minor in parts.items():
            line[key] = line.get(key, 0) + minor
        instalments[n - first] = line
    schedules[place] = {**schedules[place], "instalments": instalments}
    document["schedules"] = schedules


def _payment(document: Document, body: Body, envelope: Envelope, **more: Any) -> None:
    """Add a payment: where it went first, and where it goes."""
    item = {
        **without(item_of(body, envelope), "shares", "left_minor", "instalments"),
        "allocated": {"shares": body["shares"], "left_minor": body.get("left_minor", 0)},
        "stands": {"shares": body["shares"], "left_minor": body.get("left_minor", 0)},
        "schedule_n": document["schedule_n"],
        "counts": True,
        "reversed": None,
        **more,
    }
    added(document, "payments", item)
    _count(document, body["shares"], body.get("left_minor", 0))


def _received(document: Document, body: Body, envelope: Envelope) -> None:
    _payment(document, body, envelope)
    take(document, l.LeaseStep.PAYMENT)


def _reversed(document: Document, body: Body, envelope: Envelope) -> None:
    reversal = without(item_of(body, envelope), "payment_id")
    _uncount(document, body["payment_id"], reversal)
    take(document, l.LeaseStep.REVERSAL)


def _uncount(document: Document, payment_id: str, reversal: Body) -> None:
    payments = list(document["payments"])
    for place, each in enumerate(payments):
        if each["payment_id"] == payment_id:
            stands = each["stands"]
            _count(document, stands["shares"], stands["left_minor"], -1)
            payments[place] = {
                **each,
                "stands": {"shares": [], "left_minor": 0},
                "counts": False,
                "reversed": reversal,
            }
    document["payments"] = payments


def _move(document: Document, changes: Iterable[Body]) -> None:
    """Let payments go elsewhere, all at once."""
    new = {change["payment_id"]: change for change in changes}
    payments = list(document["payments"])
    for place, each in enumerate(payments):
        change = new.get(each["payment_id"])
        if change is None:
            continue
        stands = each["stands"]
        _count(document, stands["shares"], stands["left_minor"], -1)
        _count(document, change["shares"], change["left_minor"])
        stands = only(change, "shares", "left_minor")
        payments[place] = {**each, "stands": stands, "schedule_n": document["schedule_n"]}
    document["payments"] = payments


def _replayed(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "replays", item_of(body, envelope))
    _move(document, body["changes"])


def _prepaid(document: Document, body: Body, envelope: Envelope) -> None:
    _payment(document, body, envelope, kind=l.LeasePaymentKind.PREPAYMENT.value)
    shorter = body["mode"] == "shorter_term"
    cause = l.ScheduleCause.PREPAYMENT_SHORTER if shorter else l.ScheduleCause.PREPAYMENT_LOWER
    begin_schedule(document, body, cause.value, body["value_on"], body["credited_minor"])
    take(document, l.LeaseStep.PREPAYMENT)


def _restructured(document: Document, body: Body, envelope: Envelope) -> None:
    document["outstanding_minor"] += body["capitalised_minor"]
    document["capitalised_minor"] += body["capitalised_minor"]
    cause = l.ScheduleCause(body["kind"]).value
    begin_schedule(document, body, cause, body["effective_on"], body["credited_minor"])
    schedules = list(document["schedules"])
    agreed = without(item_of(body, envelope), "instalments", "schedule_n")
    schedules[-1] = {**schedules[-1], "restructuring": agreed}
    document["schedules"] = schedules


def _settled(document: Document, body: Body, envelope: Envelope) -> None:
    _payment(document, body, envelope, kind=l.LeasePaymentKind.SETTLEMENT.value)
    document["settlement"] = without(item_of(body, envelope), "instalments")
    document["bucket"] = None
    nothing = {
        "schedule_n": body["schedule_n"],
        "starts_on": body["value_on"],
        "annual_percent": document["annual_percent"],
        "instalments": [],
    }
    begin_schedule(document, nothing, l.ScheduleCause.SETTLEMENT.value, body["value_on"])
    stands(document, LeaseStatus.SETTLED)
    take(document, l.LeaseStep.SETTLEMENT)


def _schedule_withdrawn(document: Document, body: Body, envelope: Envelope) -> None:
    """Put the schedule before back in force; payments since go under it."""
    moved = {change["payment_id"] for change in body["changes"]}
    moved &= {
        each["payment_id"]
        for each in document["payments"]
        if each["schedule_n"] == body["schedule_n"]
    }
    for payment in document["payments"]:
        if payment["payment_id"] in moved:  # what they paid under the withdrawn one is undone
            stands = payment["stands"]
            _count(document, stands["shares"], stands["left_minor"], -1)
    document["payments"] = [
        {**each, "stands": {"shares": [], "left_minor": 0}} if each["payment_id"] in moved else each
        for each in document["payments"]
    ]
    withdrawal = without(item_of(body, envelope), "changes")
    capitalised = 0
    schedules = []
    for each in document["schedules"]:
        if each["n"] == body["schedule_n"]:
            capitalised = each.get("restructuring", {}).get("capitalised_minor", 0)
            each = {**each, "in_force": False, "withdrawn": True, "withdrawal": withdrawal}
        elif each["n"] == body["in_force_n"]:
            each = {**each, "in_force": True}
            document["annual_percent"] = each["annual_percent"]
        schedules.append(each)
    document["schedules"] = schedules
    document["schedule_n"] = body["in_force_n"]
    document["outstanding_minor"] -= capitalised
    document["capitalised_minor"] -= capitalised
    if body["payment_id"] is not None:
        _uncount(document, body["payment_id"], withdrawal)
    _move(document, body["changes"])
    document.update(settlement=None, completed_on=None)
    if document["status"] in (LeaseStatus.SETTLED, LeaseStatus.COMPLETED):
        _run_on(document)


def _run_on(document: Document) -> None:
    begun = document["activated_on"] is not None or document["carried_over"] is not None
    stands(document, LeaseStatus.ACTIVE if begun else LeaseStatus.CONTRACTED)


def _refunded(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "refunds", item_of(body, envelope))
    document["refunded_minor"] += body["amount"]["minor"]


def _reclaimed(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "fees", {**item_of(body, envelope), "fee": "refund_reclaimed"})
    document["refunded_minor"] -= body["amount"]["minor"]


def _completed(document: Document, body: Body, _: Envelope) -> None:
    document.update(completed_on=body["completed_on"], bucket=None)
    stands(document, LeaseStatus.COMPLETED)


def _reopened(document: Document, _: Body, __: Envelope) -> None:
    document["completed_on"] = None
    _run_on(document)


FOLDS: Mapping[type[Any], Fold] = {
    l.LeasePaymentReceived: _received,
    l.LeasePaymentReversed: _reversed,
    l.LeaseAccountReplayed: _replayed,
    l.LeaseSurplusRefunded: _refunded,
    l.LeaseRefundReclaimed: _reclaimed,
    l.LeaseCompleted: _completed,
    l.LeaseReopened: _reopened,
    l.LeasePrepaid: _prepaid,
    l.LeaseSettled: _settled,
    l.LeaseRestructured: _restructured,
    l.LeaseScheduleWithdrawn: _schedule_withdrawn,
}
