"""The document of a complaint: how it follows the events of each phase of the case."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain import complaint
from domain.complaint import CarriedMeaning, ConfirmingParty, Status, Step
from domain.declare import Parties
from domain.procedure import Procedure, Taken, next_steps
from domain.rulebook import Pin, Rules
from projections.case_documents.complaint_audiences import for_customer, for_dealer, outline
from projections.case_documents.folding import (
    Category,
    Fold,
    Listing,
    added,
    changed,
    fields_of,
    item_of,
    only,
    uuid_of,
    without,
)
from store.log import Recorded
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
)  # fmt: skip

_ENDED = frozenset(status.value for status in complaint.ENDED)
_RANKS = {priority.value: priority.rank for priority in complaint.Priority}

# --- steps and status -----------------------------------------------------------------------------


def _take(document: Document, step: Step) -> None:
    if step.value not in document["done"]:
        document["done"] = [*document["done"], step.value]


def _undo(document: Document, steps: Iterable[str]) -> None:
    undone = set(steps)
    document["done"] = [step for step in document["done"] if step not in undone]


_BEYOND_HANDLING = (Status.COMPLETED, Status.ANNOUNCED, Status.CONFIRMED, Status.CLOSED)


def _handled(document: Document) -> None:
    if document["status"] not in _BEYOND_HANDLING:
        document["status"] = Status.IN_HANDLING


def _asked(document: Document, unit: str | None) -> None:
    if unit is not None and unit not in document["asked_units"]:
        document["asked_units"] = [*document["asked_units"], unit]


# --- intake, judgement, sorting -------------------------------------------------------------------


def _registered(document: Document, event: complaint.ComplaintRegistered, _: Recorded) -> None:
    document.update(fields_of(event))
    document.update(
        status=Status.REGISTERED,
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


def _fact(name: str) -> Fold:
    def fold(document: Document, event: Any, _: Recorded) -> None:
        document[name] = getattr(event, name)

    return fold


def _judged(valid: bool) -> Fold:
    def fold(document: Document, event: Any, recorded: Recorded) -> None:
        document["judgement"] = {"valid": valid, **item_of(event, recorded)}
        document["status"] = Status.VALID if valid else Status.INVALID
        if valid:
            _take(document, Step.JUDGEMENT)

    return fold


def _invalid_answered(document: Document, event: Any, recorded: Recorded) -> None:
    document["invalid_answer"] = item_of(event, recorded)
    document["status"] = Status.ANSWERED


_CLASSIFIED_FROM = (Status.REGISTERED, Status.VALID)
_GRADED_FROM = (*_CLASSIFIED_FROM, Status.CLASSIFIED)
_STAYS_WHEN_ASSIGNED = (Status.COMPLETED, Status.ANNOUNCED, Status.CONFIRMED)


def _classified(document: Document, event: Any, recorded: Recorded) -> None:
    document["classification"] = item_of(event, recorded)
    document["kind"] = event.kind
    document["subject"] = event.subject
    document["procedure"] = event.procedure
    if document["status"] in _CLASSIFIED_FROM:
        document["status"] = Status.CLASSIFIED
    _take(document, Step.CLASSIFICATION)


def _graded(document: Document, event: Any, recorded: Recorded) -> None:
    document["grading"] = item_of(event, recorded)
    document["priority"] = event.priority
    if document["status"] in _GRADED_FROM:
        document["status"] = Status.GRADED
    _take(document, Step.GRADING)


def _assigned(document: Document, event: Any, recorded: Recorded) -> None:
    document["assignment"] = item_of(event, recorded)
    document["assigned"] = True
    handler = event.handler if event.handler is not None else document["handling"]["handler"]
    document["handling"] = {
        "region": event.region,
        "dealer_id": event.dealer_id,
        "unit": event.unit,
        "handler": handler,
    }
    if document["status"] not in _STAYS_WHEN_ASSIGNED:
        document["status"] = Status.ASSIGNED
    _take(document, Step.ASSIGNMENT)


# --- handling -------------------------------------------------------------------------------------


def _listed(key: str, step: Step | None = None, *, handled: bool = False) -> Fold:
    """Add the event to a list, take its step, and say that the case is being handled."""

    def fold(document: Document, event: Any, recorded: Recorded) -> None:
        added(document, key, item_of(event, recorded))
        if handled:
            _handled(document)
        if step is not None:
            _take(document, step)

    return fold


def _followed(key: str, named: str, field: str, step: Step | None = None) -> Fold:
    """Write the event into the item that it says something about."""

    def fold(document: Document, event: Any, recorded: Recorded) -> None:
        change = {field: without(item_of(event, recorded), named)}
        changed(document, key, named, getattr(event, named), change)
        if step is not None:
            _take(document, step)

    return fold


def _inquiry_sent(document: Document, event: Any, recorded: Recorded) -> None:
    added(document, "inquiries", {**item_of(event, recorded), "answer": None})
    _handled(document)
    _take(document, Step.INQUIRY)
    _asked(document, event.unit)


def _instructed(document: Document, event: Any, recorded: Recorded) -> None:
    added(document, "instructions", item_of(event, recorded))
    _asked(document, event.to_unit)


def _vrt_reported(field: str) -> Fold:
    def fold(document: Document, event: Any, recorded: Recorded) -> None:
        report = without(item_of(event, recorded), "vrt_id", "n")
        changed(document, "vrts", "vrt_id", event.vrt_id, {"report": {"type": field, **report}})
        _take(document, Step.VRT_REPORT)

    return fold


def _plan_rejected(document: Document, event: Any, recorded: Recorded) -> None:
    change = {"rejection": without(item_of(event, recorded), "plan_id")}
    changed(document, "plans", "plan_id", event.plan_id, change)
    _undo(document, event.undone)


def _completed(document: Document, event: Any, recorded: Recorded) -> None:
    added(document, "completions", item_of(event, recorded))
    document["status"] = Status.COMPLETED
    _take(document, Step.COMPLETION)


# --- result and end -------------------------------------------------------------------------------


def _announced(document: Document, event: Any, recorded: Recorded) -> None:
    added(document, "results", item_of(event, recorded))
    document["status"] = Status.ANNOUNCED
    _take(document, Step.RESULT)


_CONFIRMATION = {
    ConfirmingParty.CUSTOMER: Step.CUSTOMER_CONFIRMATION,
    ConfirmingParty.SECOND: Step.SECOND_CONFIRMATION,
}


def _confirmed(document: Document, event: Any, recorded: Recorded) -> None:
    added(document, "confirmations", {"confirmed": True, **item_of(event, recorded)})
    if event.settles:
        document["status"] = Status.CONFIRMED
    _take(document, _CONFIRMATION[event.party])


def _not_confirmed(document: Document, event: Any, recorded: Recorded) -> None:
    added(document, "confirmations", {"confirmed": False, **item_of(event, recorded)})
    document["status"] = Status.IN_HANDLING
    _undo(document, event.undone)


def _closed(document: Document, event: Any, recorded: Recorded) -> None:
    added(document, "closures", item_of(event, recorded))
    document["status"] = Status.CLOSED
    _take(document, Step.CLOSURE)


def _reopened(document: Document, event: Any, recorded: Recorded) -> None:
    added(document, "reopenings", item_of(event, recorded))
    document["status"] = Status.IN_HANDLING
    if Step.JUDGEMENT in event.undone:
        document.update(status=Status.REGISTERED, judgement=None, invalid_answer=None)
    _undo(document, event.undone)


def _corrected(document: Document, event: Any, recorded: Recorded) -> None:
    item = {name: value for name, value in item_of(event, recorded).items() if value is not None}
    added(document, "corrections", item)
    for name in FACTS:
        if name in item:
            document[name] = item[name]


def _supported(key: str) -> Fold:
    def fold(document: Document, event: Any, recorded: Recorded) -> None:
        added(document, key, item_of(event, recorded))
        _asked(document, event.support_unit)

    return fold


def _bulletin(document: Document, event: Any, recorded: Recorded) -> None:
    wanted = str(event.crisis_id)
    bulletin = without(item_of(event, recorded), "crisis_id")
    for crisis in document["crises"]:
        if str(crisis["crisis_id"]) == wanted:
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


def _carried_over(document: Document, event: Any, recorded: Recorded) -> None:
    item = {name: value for name, value in item_of(event, recorded).items() if value is not None}
    added(document, "carried_steps", item)
    status = _CARRIED_STATUS.get(event.meaning)
    if status is not None:
        document["status"] = status
        document["waiting_for"] = event.waiting_for
    if event.unit is not None:
        document["handling"] = {**document["handling"], "unit": event.unit}
    if event.priority is not None:
        document["priority"] = event.priority


# --- what is derived ------------------------------------------------------------------------------


def _parties(document: Document) -> Parties:
    handling = document["handling"]
    dealer_id = handling["dealer_id"]
    if not document["assigned"] and document["origin"] == "dealer":
        dealer_id = document["dealer_id"]
    units = set(document["asked_units"])
    if handling["unit"] is not None:
        units.add(handling["unit"])
    return Parties(
        customer_id=uuid_of(document["customer_id"]),
        dealer_id=dealer_id,
        region=handling["region"] or document["region"],
        units=frozenset(units),
    )


def _finish(document: Document, rules: Rules) -> None:
    """Say which steps of the pinned procedure can be taken next; none where the case has ended."""
    if document["status"] in _ENDED:
        document["next_steps"] = []
        return
    pin = document["procedure"]
    pin = Pin(**pin) if isinstance(pin, Mapping) else pin
    taken = Taken(frozenset(document["done"]))
    document["next_steps"] = [
        {"step": step.name, "roles": [role.value for role in step.roles], "optional": step.optional}
        for step in next_steps(rules.pinned(Procedure, pin), taken)
    ]


def _listing(document: Document) -> Listing:
    parties = _parties(document)
    first = next((step for step in document["next_steps"] if not step["optional"]), None)
    handling = document["handling"]
    summary = {
        **outline(document, parties),
        **only(document, "priority", "origin", "channel", "customer_id", "waiting_for"),
        "region": parties.region,
        "unit": handling["unit"],
        "handler": handling["handler"],
        "next_step": first["step"] if first else None,
        "next_roles": first["roles"] if first else [],
        "due_at": None,
    }
    return Listing(
        summary=summary,
        outline=outline(document, parties),
        is_open=document["status"] not in _ENDED,
        status=document["status"],
        kind=document["kind"],
        number=document["number"],
        priority=document["priority"],
        priority_rank=_RANKS.get(document["priority"]),
        handler=handling["handler"],
        vehicle_id=uuid_of(document["vehicle_id"]),
        next_step=first["step"] if first else None,
        next_roles=tuple(first["roles"]) if first else (),
    )


COMPLAINT = Category(
    name="complaint",
    folds={
        complaint.ComplaintRegistered: _registered,
        complaint.ComplainantIdentified: _fact("customer_id"),
        complaint.VehicleLinked: _fact("vehicle_id"),
        complaint.ComplaintJudgedValid: _judged(True),
        complaint.ComplaintJudgedInvalid: _judged(False),
        complaint.InvalidComplaintAnswered: _invalid_answered,
        complaint.ComplaintClassified: _classified,
        complaint.ComplaintGraded: _graded,
        complaint.ComplaintAssigned: _assigned,
        complaint.InquirySent: _inquiry_sent,
        complaint.InquiryAnswered: _followed(
            "inquiries", "inquiry_id", "answer", Step.INQUIRY_ANSWER
        ),
        complaint.InstructionGiven: _instructed,
        complaint.ReminderSent: _listed("reminders"),
        complaint.VrtFormed: _listed("vrts", Step.VRT, handled=True),
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
    },
    parties=_parties,
    listing=_listing,
    finish=_finish,
    customer=for_customer,
    dealer=for_dealer,
)
