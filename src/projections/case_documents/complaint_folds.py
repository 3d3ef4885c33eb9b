"""How a complaint's document follows the events of each phase of the case."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain import complaint
from domain.complaint import CarriedMeaning, ConfirmingParty, Status, Step
from projections.case_documents import clock_folds, escalation_folds
from projections.case_documents.folding import (
    Body,
    Envelope,
    Fold,
    added,
    changed,
    item_of,
    set_to,
    without,
)
from store.views import Document

FACTS = (
    "channel", "origin", "received_at", "occurred_on", "narrative", "customer_id",
    "complainant_name", "complainant_contact", "vehicle_id", "vin_partial", "vehicle_described",
    "mileage", "mileage_unit", "injured_count", "deaths_count", "fire", "crash", "media",
    "dealer_id", "dealer_named", "region", "number",
)  # fmt: skip
"""What a registration says and a correction can put right."""

_LISTS = (
    "inquiries", "instructions", "reminders", "vrts", "plans", "completions", "results",
    "confirmations", "correspondence", "documents", "closures", "reopenings", "callbacks",
    "corrections", "arbitrations", "litigations", "crises", "carried_steps",
    "promises", "clocks", "pauses", "escalations",
)  # fmt: skip

# --- steps and status -----------------------------------------------------------------------------


def _take(document: Document, step: Step) -> None:
    if step not in document["done"]:
        document["done"] = [*document["done"], step.value]


def _stands(document: Document, status: Status) -> None:
    document["status"] = status.value


def _undo(document: Document, steps: Iterable[str]) -> None:
    undone = set(steps)
    document["done"] = [step for step in document["done"] if step not in undone]


_BEYOND_HANDLING = (Status.COMPLETED, Status.ANNOUNCED, Status.CONFIRMED, Status.CLOSED)


def _handled(document: Document) -> None:
    if document["status"] not in _BEYOND_HANDLING:
        _stands(document, Status.IN_HANDLING)


def _asked(document: Document, unit: str | None) -> None:
    if unit is not None and unit not in document["asked_units"]:
        document["asked_units"] = [*document["asked_units"], unit]


# --- intake, judgement, sorting -------------------------------------------------------------------


def _registered(document: Document, body: Body, _: Envelope) -> None:
    document.update(body)
    document.update(
        opened_at=body["received_at"],  # a letter that lay on a desk is not a new case
        status=Status.REGISTERED.value,
        subject=None,
        priority=None,
        handling={"region": None, "dealer_id": None, "unit": None, "handler": None},
        assigned=False,
        asked_units=[],
        done=[],
        waiting_for=None,
        judgement=None,
        invalid_answer=None,
        classification=None,
        grading=None,
        assignment=None,
    )
    for name in _LISTS:
        document[name] = []


def _judged_valid(document: Document, body: Body, envelope: Envelope) -> None:
    document["judgement"] = {"valid": True, **item_of(body, envelope)}
    if document["status"] == Status.REGISTERED:
        _stands(document, Status.VALID)
    _take(document, Step.JUDGEMENT)


def _judged_invalid(document: Document, body: Body, envelope: Envelope) -> None:
    document["judgement"] = {"valid": False, **item_of(body, envelope)}
    _stands(document, Status.INVALID)


def _invalid_answered(document: Document, body: Body, envelope: Envelope) -> None:
    document["invalid_answer"] = item_of(body, envelope)
    _stands(document, Status.ANSWERED)


_CLASSIFIED_FROM = (Status.REGISTERED, Status.VALID)
_GRADED_FROM = (*_CLASSIFIED_FROM, Status.CLASSIFIED)
_STAYS_WHEN_ASSIGNED = (Status.COMPLETED, Status.ANNOUNCED, Status.CONFIRMED)


def _classified(document: Document, body: Body, envelope: Envelope) -> None:
    document["classification"] = item_of(body, envelope)
    document["kind"] = body["kind"]
    document["subject"] = body["subject"]
    document["procedure"] = body["procedure"]
    if document["status"] in _CLASSIFIED_FROM:
        _stands(document, Status.CLASSIFIED)
    _take(document, Step.CLASSIFICATION)


def _graded(document: Document, body: Body, envelope: Envelope) -> None:
    document["grading"] = item_of(body, envelope)
    document["priority"] = body["priority"]
    if document["status"] in _GRADED_FROM:
        _stands(document, Status.GRADED)
    _take(document, Step.GRADING)


def dealer_of(document: Document) -> str | None:
    """Return whose dealer's case it is: who handles it or, until it is assigned, who raised it."""
    found: str | None = document["handling"]["dealer_id"]
    if not document["assigned"] and document["origin"] == "dealer":
        found = document["dealer_id"]
    return found


def _assigned(document: Document, body: Body, envelope: Envelope) -> None:
    since = (document["assignment"] or {}).get("dealer_since_version", 0)
    if body["dealer_id"] != dealer_of(document):
        since = envelope.version
    document["assignment"] = {**item_of(body, envelope), "dealer_since_version": since}
    document["assigned"] = True
    handler = body["handler"] if body["handler"] is not None else document["handling"]["handler"]
    document["handling"] = {
        "region": body["region"],
        "dealer_id": body["dealer_id"],
        "unit": body["unit"],
        "handler": handler,
    }
    if document["status"] not in _STAYS_WHEN_ASSIGNED:
        _stands(document, Status.ASSIGNED)
    _undo(document, body["undone"])
    _take(document, Step.ASSIGNMENT)


# --- handling -------------------------------------------------------------------------------------


def _listed(key: str, step: Step | None = None, *, handled: bool = False) -> Fold:
    """Add the event to a list, take its step, and say that the case is being handled."""

    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        added(document, key, item_of(body, envelope))
        if handled:
            _handled(document)
        if step is not None:
            _take(document, step)

    return fold


def _followed(key: str, named: str, field: str, step: Step | None = None) -> Fold:
    """Write the event into the item that it says something about."""

    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        change = {field: without(item_of(body, envelope), named)}
        changed(document, key, named, body[named], change)
        if step is not None:
            _take(document, step)

    return fold


def _inquiry_sent(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "inquiries", {**item_of(body, envelope), "answer": None})
    _handled(document)
    _take(document, Step.INQUIRY)
    _undo(document, (Step.INQUIRY_ANSWER,))
    _asked(document, body["unit"])


def _inquiry_answered(document: Document, body: Body, envelope: Envelope) -> None:
    answer = {"answer": without(item_of(body, envelope), "inquiry_id")}
    changed(document, "inquiries", "inquiry_id", body["inquiry_id"], answer)
    newest = {inquiry["inquiry_id"]: inquiry for inquiry in document["inquiries"]}
    if all(inquiry["answer"] is not None for inquiry in newest.values()):
        _take(document, Step.INQUIRY_ANSWER)


def _instructed(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "instructions", item_of(body, envelope))
    _asked(document, body["to_unit"])


def _vrt_formed(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "vrts", item_of(body, envelope))
    _handled(document)
    _take(document, Step.VRT)
    _undo(document, (Step.VRT_REPORT,))
    _asked(document, body["unit"])


def _vrt_reported(field: str) -> Fold:
    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        report = without(item_of(body, envelope), "vrt_id", "n")
        changed(document, "vrts", "vrt_id", body["vrt_id"], {"report": {"type": field, **report}})
        newest = {team["vrt_id"]: team for team in document["vrts"]}
        if all("report" in team for team in newest.values()):
            _take(document, Step.VRT_REPORT)

    return fold


def _plan_rejected(document: Document, body: Body, envelope: Envelope) -> None:
    change = {"rejection": without(item_of(body, envelope), "plan_id")}
    changed(document, "plans", "plan_id", body["plan_id"], change)
    _undo(document, body["undone"])


def _completed(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "completions", item_of(body, envelope))
    _asked(document, body["to_unit"])
    _stands(document, Status.COMPLETED)
    _take(document, Step.COMPLETION)


# --- result and end -------------------------------------------------------------------------------


def _announced(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "results", item_of(body, envelope))
    _stands(document, Status.ANNOUNCED)
    _take(document, Step.RESULT)


_CONFIRMATION = {
    ConfirmingParty.CUSTOMER: Step.CUSTOMER_CONFIRMATION,
    ConfirmingParty.SECOND: Step.SECOND_CONFIRMATION,
}


def _confirmed(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "confirmations", {"confirmed": True, **item_of(body, envelope)})
    if body["settles"]:
        _stands(document, Status.CONFIRMED)
    _take(document, _CONFIRMATION[body["party"]])


def _not_confirmed(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "confirmations", {"confirmed": False, **item_of(body, envelope)})
    _stands(document, Status.IN_HANDLING)
    _undo(document, body["undone"])


def _closed(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "closures", item_of(body, envelope))
    _stands(document, Status.CLOSED)
    _take(document, Step.CLOSURE)


def _reopened(document: Document, body: Body, envelope: Envelope) -> None:
    added(document, "reopenings", item_of(body, envelope))
    _stands(document, Status.IN_HANDLING)
    if Step.JUDGEMENT in body["undone"]:
        document.update(status=Status.REGISTERED.value, judgement=None, invalid_answer=None)
    _undo(document, body["undone"])


def _corrected(document: Document, body: Body, envelope: Envelope) -> None:
    item = {name: value for name, value in item_of(body, envelope).items() if value is not None}
    added(document, "corrections", item)
    for name in FACTS:
        if name in item:
            document[name] = item[name]
    document["opened_at"] = document["received_at"]


def _supported(key: str) -> Fold:
    def fold(document: Document, body: Body, envelope: Envelope) -> None:
        added(document, key, item_of(body, envelope))
        _asked(document, body["support_unit"])

    return fold


def _bulletin(document: Document, body: Body, envelope: Envelope) -> None:
    wanted = body["crisis_id"]
    bulletin = without(item_of(body, envelope), "crisis_id")
    for crisis in document["crises"]:
        if crisis["crisis_id"] == wanted:
            bulletins = [*crisis.get("bulletins", ()), bulletin]
            changed(document, "crises", "crisis_id", wanted, {"bulletins": bulletins})


# --- carried over ---------------------------------------------------------------------------------

_CARRIED_STATUS = {
    CarriedMeaning.ASSIGNED: Status.ASSIGNED,
    CarriedMeaning.IN_PROGRESS: Status.IN_HANDLING,
    CarriedMeaning.WAITING: Status.WAITING,
    CarriedMeaning.COMPLETED: Status.COMPLETED,
    CarriedMeaning.CLOSED: Status.CLOSED,
    CarriedMeaning.CANCELLED: Status.CLOSED,
    CarriedMeaning.REOPENED: Status.IN_HANDLING,
}


def _carried_over(document: Document, body: Body, envelope: Envelope) -> None:
    said = item_of(body, envelope).items()
    item = {name: value for name, value in said if value is not None and value != []}
    added(document, "carried_steps", item)
    status = _CARRIED_STATUS.get(body["meaning"])
    if status is not None:
        _stands(document, status)
        document["waiting_for"] = body["waiting_for"]
    if body["unit"] is not None:
        document["handling"] = {**document["handling"], "unit": body["unit"]}
    if body["priority"] is not None:
        document["priority"] = body["priority"]


FOLDS: Mapping[type[Any], Fold] = {
    complaint.ComplaintRegistered: _registered,
    complaint.ComplainantIdentified: set_to("customer_id"),
    complaint.VehicleLinked: set_to("vehicle_id"),
    complaint.ComplaintJudgedValid: _judged_valid,
    complaint.ComplaintJudgedInvalid: _judged_invalid,
    complaint.InvalidComplaintAnswered: _invalid_answered,
    complaint.ComplaintClassified: _classified,
    complaint.ComplaintGraded: _graded,
    complaint.ComplaintAssigned: _assigned,
    complaint.InquirySent: _inquiry_sent,
    complaint.InquiryAnswered: _inquiry_answered,
    complaint.InstructionGiven: _instructed,
    complaint.ReminderSent: _listed("reminders"),
    complaint.VrtFormed: _vrt_formed,
    complaint.VrtFindingReported: _vrt_reported("finding"),
    complaint.VrtProposalMade: _vrt_reported("proposal"),
    complaint.VrtFailed: _vrt_reported("failure"),
    complaint.PlanSubmitted: _listed("plans", Step.PLAN, handled=True),
    complaint.PlanApproved: _followed("plans", "plan_id", "approval", Step.PLAN_APPROVAL),
    complaint.PlanRejected: _plan_rejected,
    complaint.PlanCarriedOut: _followed("plans", "plan_id", "execution", Step.PLAN_EXECUTION),
    complaint.WorkCompleted: _completed,
    complaint.ResultAnnounced: _announced,
    complaint.ResultConfirmed: _confirmed,
    complaint.ResultNotConfirmed: _not_confirmed,
    complaint.ComplaintClosed: _closed,
    complaint.ComplaintReopened: _reopened,
    complaint.CalledBack: _listed("callbacks"),
    complaint.ComplaintCorrected: _corrected,
    complaint.CorrespondenceRecorded: _listed("correspondence"),
    complaint.DocumentAdded: _listed("documents"),
    complaint.ArbitrationOpened: _listed("arbitrations"),
    complaint.ArbitrationEnded: _followed("arbitrations", "arbitration_id", "end"),
    complaint.LitigationOpened: _supported("litigations"),
    complaint.LitigationEnded: _followed("litigations", "litigation_id", "end"),
    complaint.CrisisDeclared: _supported("crises"),
    complaint.CrisisBulletinIssued: _bulletin,
    complaint.CrisisEnded: _followed("crises", "crisis_id", "end"),
    complaint.StepCarriedOver: _carried_over,
    complaint.PromiseMade: _listed("promises"),
    **escalation_folds.FOLDS,
    **clock_folds.folds_of(complaint.DECIDER.events),
}
