"""Referrals: special cases from authorities, their clocks, replies and letters, and the list."""

from typing import Any

from starlette.responses import Response

from api.commands import command_route
from api.operations import Call, Operation, Query
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
    case_route,
    list_page,
    list_route,
)
from api.shapes import ID, INSTANT, text, words
from domain import referral as r
from projections import referral_list
from projections.reading import Page
from projections.referral_list import ReferralFilter
from store.readers import ReadConnection

TAG = "referrals"
ROOT = "/v1/referrals"
CASE = f"{ROOT}/{{id}}"

WORD_MAX = 300


def _on_case(part: str, command: type, *made: str, **path_fields: str) -> Operation:
    """Make the route of a command on one referral."""
    return command_route(f"{CASE}/{part}", command, tag=TAG, made=made, path_fields=path_fields)


async def _list(call: Call) -> Response:
    request = call.request
    limit = limit_of(request)
    wanted = ReferralFilter(
        status=listed_in_query(request, "status", r.ReferralStatus),
        kind=listed_in_query(request, "kind", r.ReferralMatter),
        authority=word_in_query(request, "authority", WORD_MAX),
        pack=word_in_query(request, "pack", 64),
        number=word_in_query(request, "number", 64),
        letter_number=word_in_query(request, "letter_number", 64),
        unit=word_in_query(request, "unit", 64),
        region=word_in_query(request, "region", 64),
        handler=word_in_query(request, "handler", 64),
        customer=uuid_in_query(request, "customer"),
        complaint=uuid_in_query(request, "complaint"),
        is_open=flag_in_query(request, "open"),
        due_before_at=instant_in_query(request, "due_before"),
    )

    async def turn(connection: ReadConnection, place: str | None) -> Page:
        return await referral_list.page(connection, wanted, call.scope, cursor=place, limit=limit)

    return await list_page(call, CASES, turn)


_MAYBE = {"type": ["string", "null"], "format": "date-time"}

COMPONENTS: dict[str, Any] = {
    "ReferralSummary": {
        "type": "object",
        "description": "What a list shows of a special case.",
        "required": ["id", "version", "status", "authority", "letter_number"],
        "properties": {
            "id": ID,
            "category": {"const": "referral"},
            "version": {"type": "integer"},
            "status": words(r.ReferralStatus),
            "number": {"type": ["string", "null"]},
            "authority": {"type": "string"},
            "letter_number": {"type": "string"},
            "authority_due_at": {**_MAYBE, "description": "By when the authority wants its reply."},
            "due_at": {**_MAYBE, "description": "The company's nearest deadline."},
            "opened_at": INSTANT,
            "updated_at": INSTANT,
        },
    },
}

_LIST = list_route(
    ROOT,
    name="list_referrals",
    tag=TAG,
    summary="List special cases within the caller's sight, newest activity first.",
    handler=_list,
    queries=(
        Query(name="status", schema=words(r.ReferralStatus), about="Where they stand."),
        Query(name="kind", schema=words(r.ReferralMatter), about="What they are about, broadly."),
        Query(name="authority", schema=text(WORD_MAX), about="The authority, as it was written."),
        Query(name="pack", schema=text(), about="Under which statutory pack they are."),
        Query(name="number", schema=text(), about="The special case's own number."),
        Query(name="letter_number", schema=text(), about="The number of the authority's letter."),
        Query(name="unit", schema=text(), about="To which unit they were distributed."),
        Query(name="region", schema=text(), about="To which region they were distributed."),
        Query(name="handler", schema=text(), about="Which account owns them."),
        Query(name="customer", schema=ID, about="Whose customer's they are."),
        Query(name="complaint", schema=ID, about="As which complaint they are handled."),
        Query(name="open", schema={"type": "boolean"}, about="Still to be worked on, or ended."),
        Query(name="due_before", schema=INSTANT, about="Due before this instant."),
    ),
    items="special cases",
    schema="ReferralSummary",
)

OPERATIONS: tuple[Operation, ...] = (
    command_route(ROOT, r.ReceiveReferral, tag=TAG, opens=True),
    _LIST,
    case_route(
        CASE,
        name="read_referral",
        tag=TAG,
        summary="Read a special case: its letters, both clocks with why they are due, its replies.",
        category="referral",
        schema={"$ref": "#/components/schemas/Case"},
    ),
    # intake and handling
    _on_case("registration", r.RegisterReferral),
    _on_case("complainant", r.IdentifyReferralComplainant),
    _on_case("milestones", r.RecordMilestone, "milestone_id"),
    _on_case("distribution", r.DistributeReferral),
    # control, information, reply: in this order
    _on_case("action-controls", r.ControlAction, "control_id"),
    _on_case("final-control", r.FinalControl, "control_id"),
    _on_case("customer-information", r.InformCustomer, "information_id"),
    _on_case("reply", r.PrepareReply, "reply_id"),
    _on_case("reply/{n}/dispatch", r.SendReply, n="n"),
    # the end
    _on_case("closure", r.CloseReferral, "closure_id"),
    _on_case("withdrawal", r.WithdrawReferral, "withdrawal_id"),
    # clocks and escalation
    _on_case("deadlines", r.SetReferralDeadline),
    _on_case("deadlines/{n}/extension", r.ExtendReferralClock, n="n"),
    _on_case("deadlines/{n}/reset", r.ResetReferralClock, n="n"),
    _on_case("deadlines/{n}/cancellation", r.CancelReferralClock, n="n"),
    _on_case("deadlines/{n}/stop", r.StopReferralClock, n="n"),
    _on_case("pauses", r.PauseReferralClocks, "pause_id"),
    _on_case("pauses/{n}/end", r.EndReferralPause, n="n"),
    _on_case("escalations", r.EscalateReferral, "escalation_id"),
    _on_case("escalations/{n}/acknowledgement", r.AcknowledgeReferralEscalation, n="n"),
)
