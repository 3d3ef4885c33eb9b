"""The document of a referral: both of its clocks with why they are due, its letters and replies.

What the statutory pack says of the answer is derived from the pinned version: whether it has a
number of days, and if not, that the day of the letter counts, or that no day is known at all.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from domain import complaint
from domain import procedure as steps
from domain import referral as r
from domain.clocks.rules import StatutoryPack
from domain.declare import Parties
from domain.procedure import Procedure, Taken
from domain.referral import ReferralStatus, ReferralStep
from domain.rulebook import Pin, Rules
from projections.case_documents import clock_folds, escalation_folds
from projections.case_documents.folding import (
    SKELETON,
    Body,
    Category,
    Envelope,
    Fold,
    Listing,
    added,
    changed,
    item_of,
    only,
    set_to,
    uuid_of,
    without,
)
from store.views import Document

_ENDED = frozenset(status.value for status in r.ENDED)
_LISTS = (
    "milestones", "documents", "distributions", "handlings", "action_controls", "final_controls",
    "customer_informations", "replies", "clocks", "pauses", "escalations",
)  # fmt: skip
_PRIORITY_RANK = 0
"""An authority's matter goes before all others in the order of work."""

# --- folds ----------------------------------------------------------------------------------------


def _take(document: Document, step: ReferralStep) -> None:
    if step not in document["done"]:
        document["done"] = [*document["done"], step.value]


def _stands(document: Document, status: ReferralStatus) -> None:
    document["status"] = status.value


def _received(document: Document, body: Body, envelope: Envelope) -> None:
    document.update(without(body, "by", "procedure"))
    document.update(
        opened_at=body["received_at"],  # a letter that lay on a desk is not a new case
        status=ReferralStatus.RECEIVED.value,
        procedure=body["procedure"],
        receipt={**only(body, "by"), "at": envelope.at, "version": envelope.version},
        number=None,
        pack=None,
        locale=None,
        registration=None,
        handling={"unit": None, "region": None, "dealer_id": None, "handler": None},
        complaint_id=None,
        complaint_version=None,
        done=[ReferralStep.RECEIPT.value],
        round=1,
        closure=None,
        withdrawal=None,
    )
    for name in _LISTS:
        document[name] = []


def _registered(document: Document, body: Body, envelope: Envelope) -> None:
    document.update(only(body, "number", "pack", "locale"))
    document["registration"] = without(item_of(body, envelope), "number", "pack", "locale")
    _stands(document, ReferralStatus.REGISTERED)
    _take(document, ReferralStep.REGISTRATION)


def _listed(key: str) -> Fold:
    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        added(document, key, item_of(body, envelope))

    return fold


def _distributed(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "distributions", item_of(body, envelope))
    document["handling"] = only(body, "unit", "region", "dealer_id", "handler")
    if document["status"] == ReferralStatus.REGISTERED:
        _stands(document, ReferralStatus.DISTRIBUTED)
    _take(document, ReferralStep.DISTRIBUTION)


def _concluded(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "handlings", {**item_of(body, envelope), "stands": True})
    document["complaint_version"] = body["complaint_version"]
    if document["status"] == ReferralStatus.DISTRIBUTED:
        _stands(document, ReferralStatus.HANDLED)
    _take(document, ReferralStep.HANDLING)


def _back(document: Document, undone: Iterable[str]) -> None:
    gone = set(undone)
    document["done"] = [step for step in document["done"] if step not in gone]
    document["round"] += 1
    document["handlings"] = [{**each, "stands": False} for each in document["handlings"]]
    _stands(document, ReferralStatus.DISTRIBUTED)


def _resumed(document: Document, body: Body, envelope: Envelope) -> None:
    document["complaint_version"] = body["complaint_version"]
    _back(document, body["undone"])


def _controlled(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "action_controls", item_of(body, envelope))
    _take(document, ReferralStep.ACTION_CONTROL)


def _final_control(document: Document, body: Body, envelope: Envelope, outcome: str) -> None:
    item = {**item_of(body, envelope), "outcome": outcome, "round": document["round"]}
    added(document, "final_controls", item)


def _passed(document: Document, body: Body, envelope: Envelope) -> None:
    _final_control(document, body, envelope, r.ControlOutcome.ACCEPTED.value)
    _stands(document, ReferralStatus.CONTROLLED)
    _take(document, ReferralStep.FINAL_CONTROL)


def _sent_back(document: Document, body: Body, envelope: Envelope) -> None:
    _final_control(document, body, envelope, r.ControlOutcome.SENT_BACK.value)
    _back(document, body["undone"])


def _informed(document: Document, body: Body, envelope: Envelope) -> None:
    item = {**item_of(body, envelope), "round": document["round"]}
    added(document, "customer_informations", item)
    _stands(document, ReferralStatus.INFORMED)
    _take(document, ReferralStep.CUSTOMER_INFORMATION)


def _prepared(document: Document, body: Body, envelope: Envelope) -> None:
    item = {**item_of(body, envelope), "round": document["round"], "sent": None}
    added(document, "replies", item)
    if r.ReplyType(body["reply"]).concludes:
        _take(document, ReferralStep.REPLY_PREPARATION)


def _sent(document: Document, body: Body, envelope: Envelope) -> None:
    sent = without(item_of(body, envelope), "reply_id", "n", "reply")
    changed(document, "replies", "reply_id", body["reply_id"], {"sent": sent})
    if r.ReplyType(body["reply"]).concludes:
        _stands(document, ReferralStatus.REPLIED)
        _take(document, ReferralStep.REPLY)


def _ended(key: str, status: ReferralStatus, step: ReferralStep) -> Fold:
    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        document[key] = item_of(body, envelope)
        _stands(document, status)
        _take(document, step)

    return fold


_ESCALATED = escalation_folds.FOLDS

FOLDS: Mapping[type[Any], Fold] = {
    r.ReferralReceived: _received,
    r.ReferralRegistered: _registered,
    r.ReferralComplainantIdentified: set_to("customer_id"),
    r.MilestoneRecorded: _listed("milestones"),
    r.ReferralDocumentAdded: _listed("documents"),
    r.ReferralDistributed: _distributed,
    r.ComplaintLinked: set_to("complaint_id"),
    r.HandlingConcluded: _concluded,
    r.HandlingResumed: _resumed,
    r.ActionControlled: _controlled,
    r.FinalControlPassed: _passed,
    r.ReferralSentBack: _sent_back,
    r.CustomerInformed: _informed,
    r.ReplyPrepared: _prepared,
    r.ReplySent: _sent,
    r.ReferralClosed: _ended("closure", ReferralStatus.CLOSED, ReferralStep.CLOSURE),
    r.ReferralWithdrawn: _ended("withdrawal", ReferralStatus.WITHDRAWN, ReferralStep.WITHDRAWAL),
    r.ReferralEscalated: _ESCALATED[complaint.ComplaintEscalated],
    r.ReferralEscalationClimbed: _ESCALATED[complaint.EscalationClimbed],
    r.ReferralEscalationAcknowledged: _ESCALATED[complaint.EscalationAcknowledged],
    r.ReferralEscalationEnded: _ESCALATED[complaint.EscalationEnded],
    **clock_folds.folds_of(r.DECIDER.events),
}

# --- what is derived ------------------------------------------------------------------------------


def _parties(document: Document) -> Parties:
    handling = document["handling"]
    unit = handling["unit"]
    return Parties(
        customer_id=uuid_of(document["customer_id"]),
        dealer_id=handling["dealer_id"],
        region=handling["region"],
        units=frozenset() if unit is None else frozenset({unit}),
    )


def _pin(pin: Body) -> Pin:
    return Pin(name=pin["name"], version=pin["version"])


def _finish(document: Document, rules: Rules) -> None:
    """Say which steps can be taken next, and what the law says of the answer."""
    document["next_steps"] = []
    if document["status"] not in _ENDED:
        procedure = rules.pinned(Procedure, _pin(document["procedure"]))
        document["next_steps"] = [
            {"step": s.name, "roles": [role.value for role in s.roles], "optional": s.optional}
            for s in steps.next_steps(procedure, Taken(frozenset(document["done"])))
        ]
    document["answer"] = _answer(document, rules)


def _answer(document: Document, rules: Rules) -> Body | None:
    """Return by what the authority's deadline is known: `letter`, `rule`, or `nothing`.

    `number_in_pack` is False where the pack has no number of days for the answer.
    """
    if document["pack"] is None:
        return None
    pack = rules.pinned(StatutoryPack, _pin(document["pack"]))
    rule = next((each for each in pack.rules if each.code == pack.reply_rule), None)
    number = rule is not None and rule.span is not None
    by = "letter" if document["answer_by_on"] else ("rule" if number else "nothing")
    return {
        "regime": pack.regime,
        "known_by": by,
        "answer_by_on": document["answer_by_on"],
        "number_in_pack": number,
        "rule": None if rule is None else rule.code,
        "citation": None if rule is None else rule.citation,
        "confirmed": None if rule is None else rule.confirmed,
        "counts_from": rule.starts_on if rule is not None and number else None,
    }


def _due_at(document: Document) -> str | None:
    """Return the nearest deadline of the company's that runs."""
    running = (
        clock["due_at"]
        for clock in document["clocks"]
        if clock["state"] == "running" and clock["binds"] == "company" and clock["due_at"]
    )
    return min(running, default=None)


def _authority_due_at(document: Document) -> str | None:
    found = [
        clock["due_at"]
        for clock in document["clocks"]
        if clock["clock"] == r.AUTHORITY_REPLY and clock["state"] == "running"
    ]
    return found[-1] if found else None


def _listing(document: Document) -> Listing:
    first = next((step for step in document["next_steps"] if not step["optional"]), None)
    due_at = _due_at(document)
    handling = document["handling"]
    summary = {
        **only(document, *SKELETON),
        **only(
            document,
            *("number", "kind", "authority", "authority_ref", "letter_number", "letter_on"),
            *("route", "received_at", "answer_by_on", "pack", "customer_id", "complaint_id"),
        ),
        **handling,
        "priority": None,
        "authority_due_at": _authority_due_at(document),
        "due_at": due_at,
        "next_step": first["step"] if first else None,
        "next_roles": first["roles"] if first else [],
    }
    return Listing(
        summary=summary,
        is_open=document["status"] not in _ENDED,
        status=document["status"],
        kind=document["kind"],
        number=document["number"],
        priority_rank=_PRIORITY_RANK,
        handler=handling["handler"],
        vehicle_id=uuid_of(document["vehicle_id"]),
        due_at=due_at,
        next_step=first["step"] if first else None,
        next_roles=tuple(first["roles"]) if first else (),
    )


REFERRAL = Category(
    name="referral", folds=FOLDS, parties=_parties, listing=_listing, finish=_finish
)
