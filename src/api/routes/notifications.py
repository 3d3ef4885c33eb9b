"""Notices: everybody's own inbox, the stream of what comes into it, and answering for it."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from api.access import require_case
from api.bodies import STRICT, parse
from api.commands import (
    RECEIPT_EXAMPLE,
    RECEIPT_SCHEMA,
    WRITE_FAILS,
    WRITE_HEADERS,
    Wish,
    command_route,
    execute,
    idempotency_of,
    receipt_answer,
)
from api.conventions import (
    answer,
    body_of,
    content_tag,
    cursor_context,
    expected_version,
    header,
    require_json,
    uuid_in_path,
)
from api.operations import Answer, Call, Operation, Query
from api.problems import FieldError, Problem, wrong_header, wrong_query
from api.queries import POSITION_MAX, limit_of, whole_in_query
from api.reads import (
    ANSWER_HEADERS,
    LIST_FAILS,
    PAGE_QUERIES,
    READ_HEADERS,
    UNCHANGED,
    asked,
)
from api.streams import EventStream, Going
from domain.complaint import AcknowledgeEscalation, Complaint
from domain.declare import Command
from domain.fields import Instant, Narrative
from domain.notification import (
    AcknowledgeNotification,
    MarkSeen,
    Notification,
    recipient_of,
)
from domain.referral import AcknowledgeReferralEscalation, Referral
from projections import inbox
from store.casebook import Receipt
from store.readers import ReadConnection

TAG = "notifications"
ROOT = "/v1/notifications"
CASE = f"{ROOT}/{{id}}"
ESCALATION = "escalation"
"""The fact by which a notice of an escalation says which one of the case it is."""

_WHOLE = re.compile(r"0|[1-9][0-9]{0,18}")

# --- the inbox ------------------------------------------------------------------------------------


async def _list(call: Call) -> Response:
    request = call.request
    limit = limit_of(request)
    state = request.query_params.get("state", "all")
    if state not in inbox.STATES:
        raise wrong_query("state", "enum")
    whose = recipient_of(call.actor)
    context = cursor_context(call.operation.name, call.actor.id, request.query_params)
    given = request.query_params.get("cursor")
    place = None if given is None else str(call.desk.cursors.read(given, context)[0])

    async def ask(connection: ReadConnection) -> tuple[int, inbox.Page]:
        found = await inbox.page(connection, whose, state=state, cursor=place, limit=limit)
        return found.position, found

    position, found = await asked(call, (inbox.VIEW.name,), ask)
    following = call.desk.cursors.write([found.next], context) if found.next else None
    body = b'{"unseen":%d,"unacknowledged":%d,"items":[%b],"next":%b}' % (
        found.unseen,
        found.unacknowledged,
        b",".join(found.items),
        to_json(following),
    )
    return answer(request, body, etag=content_tag(body), position=position)


# --- the stream -----------------------------------------------------------------------------------


def _after(request: Request) -> int | None:
    """Return the position after which a stream goes on: the caller's last event, or her query."""
    given = header(request, b"last-event-id")
    if given is None:
        return whole_in_query(request, "after")
    if not _WHOLE.fullmatch(given.strip()) or int(given) > POSITION_MAX:
        raise wrong_header("Last-Event-ID", "position_expected")
    return int(given)


async def _stream(call: Call) -> Response:
    after = _after(call.request)
    until_s = call.desk.verifier.expires_at_s(call.request.headers.get("authorization"))
    streams = call.desk.streams
    whose = recipient_of(call.actor)
    listener = streams.open(whose)
    try:
        position, first = await streams.changes(whose, POSITION_MAX if after is None else after)
    except BaseException:
        streams.close(listener)
        raise
    going = Going(position if after is None else after, first, position, until_s)
    return EventStream(streams, listener, going)


# --- answering for it -----------------------------------------------------------------------------


class Acknowledgement(BaseModel):
    """Answer for a notice; of an escalation, say what will be done and by when."""

    model_config = STRICT

    will_do: Narrative | None = None
    done_by_at: Instant | None = None
    reason: Narrative | None = None


ANSWERS: Mapping[type[Any], type[AcknowledgeEscalation] | type[AcknowledgeReferralEscalation]] = {
    Complaint: AcknowledgeEscalation,
    Referral: AcknowledgeReferralEscalation,
}
"""By what an escalation is acknowledged, by the kind of case that has it."""


def _answer_to(call: Call, notice: Notification, said: Acknowledgement) -> Command | None:
    """Return what answers the escalation that a notice tells of, None where none waits.

    Raises the problem that such an answer says what will be done and by when.
    """
    planned = notice.planned
    facts = {} if planned is None else {fact.name: fact.value for fact in planned.params}
    if planned is None or ESCALATION not in facts:
        return None
    n = int(facts[ESCALATION])
    case = call.desk.casebook.state(planned.case_id).state
    if type(case) not in ANSWERS or not any(
        one.raised.n == n and one.is_open for one in case.escalations
    ):
        return None
    if said.will_do is None or said.done_by_at is None:
        missing = [name for name in ("will_do", "done_by_at") if getattr(said, name) is None]
        errors = [FieldError(f"#/{name}", "missing") for name in missing]
        raise Problem("request.invalid", *errors)
    return ANSWERS[type(case)](
        stream=planned.case_id, n=n, will_do=said.will_do, done_by_at=said.done_by_at
    )


def _commands(call: Call, said: Acknowledgement) -> tuple[Command, ...]:
    """Return what acknowledging means: of an escalation that waits, both or neither; blocks."""
    stream = uuid_in_path(call.path("id"))
    known = call.desk.casebook.state(stream)
    require_case(call.actor, call.scope, known.decider, known.state)
    acknowledge = AcknowledgeNotification(stream=stream)
    if not isinstance(known.state, Notification):
        return (acknowledge,)  # another kind of case, which the casebook refuses
    answering = _answer_to(call, known.state, said)
    return (acknowledge,) if answering is None else (acknowledge, answering)


async def _acknowledge(call: Call) -> Response:
    request = call.request
    version = expected_version(request)
    require_json(request)
    raw = await body_of(request)
    idempotency = idempotency_of(request, call.actor, raw)
    said = parse(Acknowledgement, raw)

    def acknowledge() -> Receipt:
        wish = Wish(_commands(call, said), said.reason, version, idempotency)
        return execute(call, wish)

    return receipt_answer(await call.desk.writers.run(acknowledge))


# --- what is described ----------------------------------------------------------------------------

_AT = {"type": ["string", "null"], "format": "date-time"}

COMPONENTS: dict[str, Any] = {
    "Notice": {
        "type": "object",
        "description": "What somebody was told: codes, numbers and instants, nobody's data.",
        "required": ["id", "code", "case_id", "state", "planned_at", "position", "params"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "code": {"type": "string", "description": "The event that it tells of."},
            "case_id": {"type": "string", "format": "uuid"},
            "case_category": {"type": "string"},
            "urgency": {"type": "string"},
            "must_acknowledge": {"type": "boolean"},
            "state": {
                "type": "string",
                "description": "`planned` (not seen), `seen`, `settled` or `acknowledged`.",
            },
            "delivery": {
                "type": "string",
                "description": "What became of it on her other channels.",
            },
            "planned_at": {"type": "string", "format": "date-time"},
            "seen_at": _AT,
            "acknowledged_at": _AT,
            "settled_at": _AT,
            "position": {"type": "integer", "description": "Where it last changed."},
            "params": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    },
    "Inbox": {
        "type": "object",
        "required": ["unseen", "unacknowledged", "items", "next"],
        "properties": {
            "unseen": {"type": "integer", "description": "How many of all were not seen."},
            "unacknowledged": {"type": "integer", "description": "How many want an answer."},
            "items": {"type": "array", "items": {"$ref": "#/components/schemas/Notice"}},
            "next": {"type": ["string", "null"]},
        },
    },
}

_LIST = Operation(
    method="GET",
    path=ROOT,
    name="list_notifications",
    tag=TAG,
    summary="Read the caller's own notices, newest first.",
    handler=_list,
    queries=(
        Query(
            name="state",
            schema={"type": "string", "enum": list(inbox.STATES), "default": "all"},
            about="Only what was not seen, or what waits for an acknowledgement.",
        ),
        *PAGE_QUERIES,
    ),
    answers={
        200: Answer(
            about="A page of the inbox.",
            schema={"$ref": "#/components/schemas/Inbox"},
            headers=ANSWER_HEADERS,
        ),
        304: UNCHANGED,
    },
    headers=READ_HEADERS,
    fails=LIST_FAILS,
)

_STREAM = Operation(
    method="GET",
    path=f"{ROOT}/stream",
    name="stream_notifications",
    tag=TAG,
    summary="Be told at once: the caller's notices as server-sent events.",
    about=(
        "Each event `notification` is a `Notice` as it stands, its `id` the position at which it "
        "changed; with `Last-Event-ID` (or `after`) the stream goes on there, and without either "
        "it begins now. It ends when the token expires, when the service closes or when the "
        "account opens too many, and says so (`event: end`); open it again."
    ),
    handler=_stream,
    queries=(
        Query(
            name="after",
            schema={"type": "integer", "minimum": 0, "maximum": POSITION_MAX},
            about="Go on after this position, for clients that cannot set `Last-Event-ID`.",
        ),
    ),
    answers={
        200: Answer(
            about="Events without end.",
            schema={"type": "string"},
            media_type="text/event-stream",
            headers=("Casebook-Position",),
        ),
    },
    headers=("Last-Event-ID",),
    fails=(400, 422, 503),
)

_ACKNOWLEDGE = Operation(
    method="POST",
    path=f"{CASE}/acknowledgement",
    name="acknowledge_notification",
    tag=TAG,
    summary="Answer for what a notice tells of.",
    about=(
        "Where it tells of an escalation that waits, `will_do` and `done_by_at` are required, and "
        "the escalation is acknowledged with it: both or neither."
    ),
    handler=_acknowledge,
    answers={
        200: Answer(about="Done, or already so.", schema=RECEIPT_SCHEMA, example=RECEIPT_EXAMPLE)
    },
    body_schema={
        "application/json": {
            "schema": {"$ref": "#/components/schemas/Acknowledgement"},
            "example": {
                "will_do": "I call the customer today and bring the part from the depot.",
                "done_by_at": "2026-12-01T12:00:00Z",
            },
        }
    },
    headers=WRITE_HEADERS,
    fails=WRITE_FAILS,
)

OPERATIONS: tuple[Operation, ...] = (
    _LIST,
    _STREAM,
    command_route(f"{CASE}/seen", MarkSeen, tag=TAG),
    _ACKNOWLEDGE,
)
