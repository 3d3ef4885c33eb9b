"""Complaints: the commands of a case's life, its document, its lists and its papers."""

from typing import Any

from starlette.responses import Response

from api import access
from api.commands import command_route
from api.operations import Call, Operation, Query
from api.problems import wrong_query
from api.queries import (
    flag_in_query,
    instant_in_query,
    limit_of,
    listed_in_query,
    uuid_in_query,
    word_in_query,
)
from api.reads import (
    CASES,
    SEARCH,
    case_route,
    list_page,
    list_route,
)
from api.shapes import ID, words
from domain import complaint as c
from domain.declare import Role
from projections import complaint_list
from projections.complaint_list import ComplaintFilter
from projections.reading import Page
from store.readers import ReadConnection

TAG = "complaints"
ROOT = "/v1/complaints"
CASE = f"{ROOT}/{{id}}"

QUERY_CHARACTERS_MAX = 200

_NOT_FOR_CUSTOMERS = ("handler", "priority", "region", "due_before")
"""Filters by what a customer is not shown of her own case, so that she cannot guess it either."""


def _on_case(part: str, command: type, *made: str, **path_fields: str) -> Operation:
    """Make the route of a command on one complaint."""
    return command_route(f"{CASE}/{part}", command, tag=TAG, made=made, path_fields=path_fields)


async def _list(call: Call) -> Response:
    request = call.request
    limit = limit_of(request)
    if call.actor.has(Role.CUSTOMER):
        for name in _NOT_FOR_CUSTOMERS:
            if name in request.query_params:
                raise wrong_query(name, "parameter_unknown")
    wanted = ComplaintFilter(
        status=listed_in_query(request, "status", c.Status),
        kind=listed_in_query(request, "kind", c.Kind),
        priority=listed_in_query(request, "priority", c.Priority),
        dealer=word_in_query(request, "dealer", 64),
        region=word_in_query(request, "region", 64),
        handler=word_in_query(request, "handler", 64),
        customer=uuid_in_query(request, "customer"),
        vehicle=uuid_in_query(request, "vehicle"),
        is_open=flag_in_query(request, "open"),
        due_before_at=instant_in_query(request, "due_before"),
        text=word_in_query(request, "q", QUERY_CHARACTERS_MAX),
    )
    outside = access.is_outsider(call.actor)

    async def turn(connection: ReadConnection, place: str | None) -> Page:
        return await complaint_list.page(
            connection, wanted, call.scope, outside=outside, cursor=place, limit=limit
        )

    views = CASES if wanted.text is None else (*CASES, SEARCH)
    return await list_page(call, views, turn)


_CODE = {"type": "string", "minLength": 1, "maxLength": 64}

COMPONENTS: dict[str, Any] = {
    "ComplaintSummary": {
        "type": "object",
        "description": "What a list shows of a complaint; to customers and dealers less of it.",
        "required": ["id", "version", "status"],
        "properties": {
            "id": ID,
            "category": {"const": "complaint"},
            "version": {"type": "integer"},
            "status": words(c.Status),
            "opened_at": {"type": "string", "format": "date-time"},
            "updated_at": {"type": "string", "format": "date-time"},
        },
    },
}

_LIST = list_route(
    ROOT,
    name="list_complaints",
    tag=TAG,
    summary="List and search complaints within the caller's sight, newest activity first.",
    about=(
        "`q` searches numbers, subjects, narratives, names and VINs: English; Persian with or "
        "without ZWNJ, in Persian or Arabic letters and digits; Chinese from two characters on. "
        "Customers cannot filter by handler, priority, region or due date."
    ),
    handler=_list,
    queries=(
        Query(name="status", schema=words(c.Status), about="Where they stand."),
        Query(name="kind", schema=words(c.Kind), about="What they are about, broadly."),
        Query(name="priority", schema=words(c.Priority), about="How urgent they are."),
        Query(name="dealer", schema=_CODE, about="Whose dealer's they are."),
        Query(name="region", schema=_CODE, about="Of which region they are."),
        Query(name="handler", schema=_CODE, about="Which account owns them."),
        Query(name="customer", schema=ID, about="Whose customer's they are."),
        Query(name="vehicle", schema=ID, about="About which vehicle they are."),
        Query(name="open", schema={"type": "boolean"}, about="Still to be worked on, or ended."),
        Query(
            name="due_before",
            schema={"type": "string", "format": "date-time"},
            about="Due before this instant.",
        ),
        Query(
            name="q",
            schema={"type": "string", "minLength": 1, "maxLength": QUERY_CHARACTERS_MAX},
            about="Words to search for.",
        ),
    ),
    items="complaints",
    schema="ComplaintSummary",
)

OPERATIONS: tuple[Operation, ...] = (
    command_route(ROOT, c.RegisterComplaint, tag=TAG, opens=True),
    _LIST,
    case_route(
        CASE,
        name="read_complaint",
        tag=TAG,
        summary="Read a complaint: what its reader may see of it.",
        category="complaint",
        schema={"$ref": "#/components/schemas/Case"},
    ),
    # intake
    _on_case("judgement", c.JudgeComplaint),
    _on_case("answer", c.AnswerInvalidComplaint),
    _on_case("complainant", c.IdentifyComplainant),
    _on_case("vehicle", c.LinkVehicle),
    # sorting
    _on_case("classification", c.ClassifyComplaint),
    _on_case("grading", c.GradeComplaint),
    _on_case("assignment", c.AssignComplaint),
    # handling
    _on_case("inquiries", c.SendInquiry, "inquiry_id"),
    _on_case("inquiries/{n}/answer", c.AnswerInquiry, n="n"),
    _on_case("instructions", c.GiveInstruction, "instruction_id"),
    _on_case("reminders", c.SendReminder, "reminder_id"),
    _on_case("vrt", c.FormVrt, "vrt_id"),
    _on_case("vrt/{n}/finding", c.ReportVrtFinding, n="n"),
    _on_case("vrt/{n}/proposal", c.MakeVrtProposal, n="n"),
    _on_case("vrt/{n}/failure", c.ReportVrtFailure, n="n"),
    _on_case("plan", c.SubmitPlan, "plan_id"),
    _on_case("plan/approval", c.ApprovePlan),
    _on_case("plan/rejection", c.RejectPlan),
    _on_case("plan/execution", c.CarryOutPlan),
    _on_case("completion", c.CompleteWork, "completion_id"),
    # result and end
    _on_case("result", c.AnnounceResult, "result_id"),
    _on_case("confirmations", c.ConfirmResult, "confirmation_id"),
    _on_case("closure", c.CloseComplaint, "closure_id"),
    _on_case("reopening", c.ReopenComplaint, "reopening_id"),
    _on_case("callback", c.RecordCallback, "callback_id"),
    # clocks and escalation
    _on_case("deadlines", c.SetDeadline),
    _on_case("deadlines/{n}/extension", c.ExtendClock, n="n"),
    _on_case("deadlines/{n}/reset", c.ResetClock, n="n"),
    _on_case("deadlines/{n}/cancellation", c.CancelClock, n="n"),
    _on_case("deadlines/{n}/stop", c.StopClock, n="n"),
    _on_case("promises", c.MakePromise, "promise_id"),
    _on_case("pauses", c.PauseClocks, "pause_id"),
    _on_case("pauses/{n}/end", c.EndPause, n="n"),
    _on_case("escalations", c.EscalateComplaint, "escalation_id"),
    _on_case("escalations/{n}/acknowledgement", c.AcknowledgeEscalation, n="n"),
    # papers and corrections
    _on_case("correspondence", c.RecordCorrespondence, "correspondence_id"),
    _on_case("corrections", c.CorrectComplaint, "correction_id"),
    # beyond the case
    _on_case("arbitration", c.OpenArbitration, "arbitration_id"),
    _on_case("arbitration/{item_id}/end", c.EndArbitration, item_id="arbitration_id"),
    _on_case("litigation", c.OpenLitigation, "litigation_id"),
    _on_case("litigation/{item_id}/end", c.EndLitigation, item_id="litigation_id"),
    _on_case("crisis", c.DeclareCrisis, "crisis_id"),
    _on_case(
        "crisis/{item_id}/bulletins", c.IssueCrisisBulletin, "bulletin_id", item_id="crisis_id"
    ),
    _on_case("crisis/{item_id}/end", c.EndCrisis, item_id="crisis_id"),
)
