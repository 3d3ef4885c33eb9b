"""The folds of a lease's document: papers and decisions, and the account under every schedule.

What is paid of an instalment is the sum of the shares that stand now, added up as events come;
where a payment went first stays beside where it goes now. Nothing depends on the day it is read.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from domain import lease as l
from domain.lease import LeaseStatus
from projections.case_documents.folding import (
    Body,
    Envelope,
    Fold,
    added,
    changed,
    item_of,
    only,
    without,
)
from store.views import Document

_LISTS = (
    "documents", "credit_checks", "decisions", "guarantors", "guarantees", "schedules", "payments",
    "replays", "fees", "refunds", "pauses", "quotes", "arrears_changes",
)  # fmt: skip
_PAID = ("principal_minor", "interest_minor", "fee_minor", "penalty_minor", "surplus_minor")
_TERMS = ("price", "down_payment", "financed", "term_months", "annual_percent")


def _stands(document: Document, status: LeaseStatus) -> None:
    document["status"] = status.value


def _take(document: Document, step: l.LeaseStep) -> None:
    if step not in document["done"]:
        document["done"] = [*document["done"], step.value]


def _begin(document: Document) -> None:
    for name in _LISTS:
        document[name] = []
    document.update(
        done=[],
        contract=None,
        activated_on=None,
        number=None,
        carried_over=None,
        schedule_n=None,
        arrears_terms=None,
        bucket=None,
        paid=dict.fromkeys(_PAID, 0),
        outstanding_minor=None,
        refunded_minor=0,
        completed_on=None,
        settlement=None,
        default=None,
        withdrawal=None,
    )


def _applied(document: Document, body: Body, envelope: Envelope) -> None:
    _begin(document)
    document.update(without(body, "by"), currency=body["price"]["currency"])
    document["application"] = {**only(body, "by", *_TERMS), "at": envelope.at}
    _stands(document, LeaseStatus.APPLIED)
    _take(document, l.LeaseStep.APPLICATION)


def _terms_changed(document: Document, body: Body, envelope: Envelope) -> None:
    document.update(only(body, *_TERMS))
    _take(document, l.LeaseStep.TERMS)


# --- before the contract --------------------------------------------------------------------------


def _listed(key: str, step: l.LeaseStep | None = None, **more: Any) -> Fold:
    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        item = {**item_of(body, envelope), **more}
        if envelope.subject_id is not None:
            item["subject_id"] = envelope.subject_id
        added(document, key, item)
        if step is not None:
            _take(document, step)

    return fold


def _judged(state: str) -> Fold:
    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        change = {"state": state, "ground": body.get("ground"), "judged_at": envelope.at}
        change["judged_by"] = body["by"]
        changed(document, "documents", "document_id", body["document_id"], change)
        _take(document, l.LeaseStep.VERIFICATION)

    return fold


def _checked(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "credit_checks", item_of(body, envelope))
    _stands(document, LeaseStatus.CHECKED)
    _take(document, l.LeaseStep.CREDIT_CHECK)


def _decided(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "decisions", item_of(body, envelope))
    approved = body["outcome"] == l.LeaseOutcome.APPROVED
    _stands(document, LeaseStatus.APPROVED if approved else LeaseStatus.REJECTED)
    _take(document, l.LeaseStep.DECISION)


def _guarantee(state: l.GuaranteeStatus) -> Fold:
    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        change = {
            "state": state.value,
            state.value: without(item_of(body, envelope), "guarantee_id"),
        }
        changed(document, "guarantees", "guarantee_id", body["guarantee_id"], change)

    return fold


# --- schedules ------------------------------------------------------------------------------------


def _schedule(document: Document, body: Body, cause: str, from_on: str, credited: int = 0) -> None:
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


def _signed(document: Document, body: Body, envelope: Envelope) -> None:
    document["number"] = body["contract_number"]
    document["outstanding_minor"] = body["financed"]["minor"]
    document["arrears_terms"] = body["arrears"]
    document["contract"] = without(item_of(body, envelope), "instalments")
    _schedule(document, body, l.ScheduleCause.CONTRACT.value, body["signed_on"])
    _stands(document, LeaseStatus.CONTRACTED)
    _take(document, l.LeaseStep.CONTRACT)


def _activated(document: Document, body: Body, envelope: Envelope) -> None:
    document.update(only(body, "activated_on", "order_id"))
    _stands(document, LeaseStatus.ACTIVE)
    _take(document, l.LeaseStep.ACTIVATION)


def _carried_over(document: Document, body: Body, envelope: Envelope) -> None:
    _begin(document)
    document.update(only(body, "customer_id", "product", "procedure", "bank", "order_id"))
    document.update(only(body, "dealer_id", "region", "term_months", "annual_percent"))
    paid = body["original"]["minor"] - body["outstanding"]["minor"]
    document.update(
        provider=None,
        price=None,
        down_payment=None,
        financed=body["original"],
        currency=body["original"]["currency"],
        applied_on=body["originated_on"],
        application=None,
        number=body["contract_number"],
        arrears_terms=body["arrears"],
        paid={**document["paid"], "principal_minor": paid},
        outstanding_minor=body["outstanding"]["minor"],
        carried_over=without(item_of(body, envelope), "instalments", "columns"),
        source_columns=body["columns"],
        opened_at=f"{body['as_of_on']}T00:00:00Z",
    )
    _schedule(document, body, l.ScheduleCause.CARRIED_OVER.value, body["as_of_on"])
    _stands(document, LeaseStatus.ACTIVE)
    for step in (l.LeaseStep.CARRY_OVER, l.LeaseStep.CONTRACT):
        _take(document, step)


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
    _take(document, l.LeaseStep.PAYMENT)


def _reversed(document: Document, body: Body, envelope: Envelope) -> None:
    reversal = without(item_of(body, envelope), "payment_id")
    _uncount(document, body["payment_id"], reversal)
    _take(document, l.LeaseStep.REVERSAL)


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
    _schedule(document, body, cause.value, body["value_on"], body["credited_minor"])
    _take(document, l.LeaseStep.PREPAYMENT)


def _restructured(document: Document, body: Body, envelope: Envelope) -> None:
    document["outstanding_minor"] += body["capitalised_minor"]
    document["capitalised_minor"] = document.get("capitalised_minor", 0) + body["capitalised_minor"]
    cause = l.ScheduleCause(body["kind"]).value
    _schedule(document, body, cause, body["effective_on"], body["credited_minor"])
    schedules = list(document["schedules"])
    agreed = without(item_of(body, envelope), "instalments", "schedule_n")
    schedules[-1] = {**schedules[-1], "restructuring": agreed}
    document["schedules"] = schedules


def _settled(document: Document, body: Body, envelope: Envelope) -> None:
    _payment(document, body, envelope, kind=l.LeasePaymentKind.SETTLEMENT.value)
    document["settlement"] = without(item_of(body, envelope), "instalments")
    nothing = {
        "schedule_n": body["schedule_n"],
        "starts_on": body["value_on"],
        "annual_percent": document["annual_percent"],
        "instalments": [],
    }
    _schedule(document, nothing, l.ScheduleCause.SETTLEMENT.value, body["value_on"])
    _stands(document, LeaseStatus.SETTLED)
    _take(document, l.LeaseStep.SETTLEMENT)


def _schedule_withdrawn(document: Document, body: Body, envelope: Envelope) -> None:
    """Put the schedule before back in force; payments since go under it."""
    moved = {change["payment_id"] for change in body["changes"]}
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
    document["capitalised_minor"] = document.get("capitalised_minor", 0) - capitalised
    if body["payment_id"] is not None:
        _uncount(document, body["payment_id"], withdrawal)
    _move(document, body["changes"])
    document.update(settlement=None, completed_on=None)
    if document["status"] in (LeaseStatus.SETTLED, LeaseStatus.COMPLETED):
        _run_on(document)


def _run_on(document: Document) -> None:
    begun = document["activated_on"] is not None or document["carried_over"] is not None
    _stands(document, LeaseStatus.ACTIVE if begun else LeaseStatus.CONTRACTED)


def _refunded(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "refunds", item_of(body, envelope))
    document["refunded_minor"] += body["amount"]["minor"]


def _reclaimed(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "fees", {**item_of(body, envelope), "fee": "refund_reclaimed"})
    document["refunded_minor"] -= body["amount"]["minor"]


def _completed(document: Document, body: Body, _: Envelope) -> None:
    document["completed_on"] = body["completed_on"]
    _stands(document, LeaseStatus.COMPLETED)


def _reopened(document: Document, _: Body, __: Envelope) -> None:
    document["completed_on"] = None
    _run_on(document)


def _resumed(document: Document, body: Body, _: Envelope) -> None:
    changed(document, "pauses", "pause_id", body["pause_id"], only(body, "to_on"))


def _bucket(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "arrears_changes", item_of(body, envelope))
    document["bucket"] = body["bucket"]


def _ended(key: str, status: LeaseStatus) -> Fold:
    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        document[key] = item_of(body, envelope)
        _stands(document, status)

    return fold


def _reinstated(document: Document, body: Body, envelope: Envelope) -> None:
    reinstated = {**only(body, "reinstated_on"), "at": envelope.at}
    document["default"] = {**document["default"], **reinstated}
    _stands(document, LeaseStatus.ACTIVE)


FOLDS: Mapping[type[Any], Fold] = {
    l.LeaseApplied: _applied,
    l.LeaseTermsChanged: _terms_changed,
    l.LeaseDocumentUploaded: _listed(
        "documents", l.LeaseStep.PAPERS, state="uploaded", ground=None
    ),
    l.LeaseDocumentVerified: _judged("verified"),
    l.LeaseDocumentRejected: _judged("rejected"),
    l.CreditChecked: _checked,
    l.LeaseDecided: _decided,
    l.GuarantorNamed: _listed("guarantors", l.LeaseStep.GUARANTOR),
    l.GuaranteeReceived: _listed("guarantees", l.LeaseStep.GUARANTEE, state="received"),
    l.GuaranteeReturned: _guarantee(l.GuaranteeStatus.RETURNED),
    l.GuaranteeCalled: _guarantee(l.GuaranteeStatus.CALLED),
    l.LeaseContractSigned: _signed,
    l.LeaseActivated: _activated,
    l.LeasePaymentReceived: _received,
    l.LeasePaymentReversed: _reversed,
    l.LeaseAccountReplayed: _replayed,
    l.LeaseFeeCharged: _listed("fees", l.LeaseStep.FEE),
    l.LeaseSurplusRefunded: _refunded,
    l.LeaseRefundReclaimed: _reclaimed,
    l.LeaseCompleted: _completed,
    l.LeaseReopened: _reopened,
    l.ArrearsPaused: _listed("pauses"),
    l.ArrearsResumed: _resumed,
    l.ArrearsBucketChanged: _bucket,
    l.LeasePrepaid: _prepaid,
    l.SettlementQuoted: _listed("quotes", l.LeaseStep.SETTLEMENT_QUOTE),
    l.LeaseSettled: _settled,
    l.LeaseRestructured: _restructured,
    l.LeaseScheduleWithdrawn: _schedule_withdrawn,
    l.LeaseWithdrawn: _ended("withdrawal", LeaseStatus.WITHDRAWN),
    l.LeaseDefaulted: _ended("default", LeaseStatus.DEFAULTED),
    l.LeaseReinstated: _reinstated,
    l.LeaseCarriedOver: _carried_over,
}
