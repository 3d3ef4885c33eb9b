"""Any case's history: its events, its document as it stood, and what changed between versions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from starlette.responses import Response

from api import access
from api.conventions import (
    VERSION_MAX,
    answer,
    content_tag,
    uuid_in_path,
    version_tag,
)
from api.operations import Answer, Call, Operation, Query
from api.problems import wrong_query
from api.queries import instant_in_query, limit_of, whole_in_query
from api.reads import (
    ANSWER_HEADERS,
    PAGE_QUERIES,
    READ_FAILS,
    READ_HEADERS,
    UNCHANGED,
    case_body,
    page_schema,
)
from domain.declare import CaseNotFound
from projections.case_documents import diff, document_of
from store.log import Recorded


def event_entry(recorded: Recorded) -> dict[str, Any]:
    """Return an event of the log as JSON shows it: the envelope, and the body as decrypted."""
    return {
        "position": recorded.position,
        "case": recorded.stream,
        "version": recorded.version,
        "topic": recorded.topic,
        "event_id": recorded.event_id,
        "recorded_at": recorded.recorded_at,
        "actor": recorded.actor,
        "role": recorded.role,
        "reason": recorded.reason,
        "correlation_id": recorded.correlation_id,
        "causation_id": recorded.causation_id,
        "subject_id": recorded.subject_id,
        "body": recorded.event,
    }


def visible(call: Call, stream: UUID) -> tuple[str, int]:
    """Return a case's category and version if it is within the caller's sight; blocks."""
    known = call.desk.casebook.state(stream)
    access.require_category(call.actor, known.decider.category)
    access.require_sight(call.scope, known.decider.parties(known.state))
    return known.decider.category, known.version


async def _events(call: Call) -> Response:
    stream = uuid_in_path(call.path("id"))
    limit = limit_of(call.request)
    context = [call.operation.name, call.actor.id, str(stream)]
    cursor = call.request.query_params.get("cursor")
    after = 0 if cursor is None else int(call.desk.cursors.read(cursor, context)[0])

    def read() -> tuple[bytes, int]:
        _, newest = visible(call, stream)
        events = call.desk.casebook.history(stream, after_version=after, limit=limit)
        more = bool(events) and events[-1].version < newest
        following = call.desk.cursors.write([events[-1].version], context) if more else None
        items = [event_entry(recorded) for recorded in events]
        body = to_json({"items": items, "next": following})
        return body, events[-1].position if events else call.desk.casebook.head()

    body, position = await call.desk.writers.run(read)
    return answer(call.request, body, etag=content_tag(body), position=position)


async def _read(call: Call) -> Response:
    request = call.request
    stream = uuid_in_path(call.path("id"))
    version = whole_in_query(request, "version", at_least=1, at_most=VERSION_MAX)
    at = instant_in_query(request, "at")
    if version is not None and at is not None:
        raise wrong_query("at", "version_or_instant")
    if version is None and at is None:
        position, case = await case_body(call, None)
        access.require_category(call.actor, case.category)
        assert case.body is not None
        return answer(request, case.body, etag=version_tag(case.version), position=position)

    def read() -> tuple[bytes, int, int]:
        document, position = _standing(call, stream, version=version, at=at)
        return to_json(document), document["version"], position

    body, found, position = await call.desk.writers.run(read)
    return answer(request, body, etag=version_tag(found), position=position)


def _standing(
    call: Call, stream: UUID, *, version: int | None = None, at: datetime | None = None
) -> tuple[dict[str, Any], int]:
    """Return a case's document as it stood, and the position of its last event then; blocks."""
    _, newest = visible(call, stream)
    if version is not None and version > newest:
        raise CaseNotFound
    history = call.desk.casebook.history(stream, up_to_version=version, up_to_at=at)
    document = document_of(history, call.desk.casebook.rules)
    if document is None:
        raise CaseNotFound
    return document, history[-1].position


async def _diff(call: Call) -> Response:
    request = call.request
    stream = uuid_in_path(call.path("id"))
    first = whole_in_query(request, "from", at_least=0, at_most=VERSION_MAX)
    last = whole_in_query(request, "to", at_least=1, at_most=VERSION_MAX)
    if first is None or last is None:
        name = "from" if first is None else "to"
        raise wrong_query(name, "parameter_missing")

    def read() -> tuple[bytes, int]:
        after, position = _standing(call, stream, version=last)
        before = _standing(call, stream, version=first)[0] if first else {}
        changes = [
            {"op": each.op, "pointer": each.pointer, "before": each.before, "after": each.after}
            for each in diff(before, after)
        ]
        return to_json({"id": stream, "from": first, "to": last, "changes": changes}), position

    body, position = await call.desk.writers.run(read)
    return answer(request, body, etag=content_tag(body), position=position)


_ID = {"type": "string", "format": "uuid"}
_MAYBE_ID = {"type": ["string", "null"], "format": "uuid"}
_VERSION = {"type": "integer", "minimum": 1, "maximum": VERSION_MAX}
COMPONENTS: dict[str, Any] = {
    "Event": {
        "type": "object",
        "description": "An event of the log: its envelope, and its body with its topic's fields.",
        "required": [
            "position",
            "case",
            "version",
            "topic",
            "recorded_at",
            "actor",
            "role",
            "body",
        ],
        "properties": {
            "position": {"type": "integer"},
            "case": _ID,
            "version": _VERSION,
            "topic": {"type": "string"},
            "event_id": _ID,
            "recorded_at": {"type": "string", "format": "date-time"},
            "actor": {"type": "string"},
            "role": {"type": "string"},
            "reason": {"description": "Why; an object where the person's data were erased."},
            "correlation_id": _MAYBE_ID,
            "causation_id": _MAYBE_ID,
            "subject_id": _MAYBE_ID,
            "body": {"type": "object"},
        },
    },
    "Case": {
        "type": "object",
        "description": "A case's document; what it has besides depends on its category.",
        "required": ["id", "category", "version"],
        "properties": {
            "id": _ID,
            "category": {"type": "string"},
            "version": _VERSION,
            "status": {"type": ["string", "null"]},
            "opened_at": {"type": "string", "format": "date-time"},
            "updated_at": {"type": "string", "format": "date-time"},
        },
    },
    "Difference": {
        "type": "object",
        "required": ["id", "from", "to", "changes"],
        "properties": {
            "id": _ID,
            "from": {"type": "integer", "minimum": 0},
            "to": _VERSION,
            "changes": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["op", "pointer", "before", "after"],
                    "properties": {
                        "op": {"enum": ["add", "remove", "replace"]},
                        "pointer": {"type": "string"},
                        "before": {},
                        "after": {},
                    },
                },
            },
        },
    },
}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/v1/cases/{id}",
        name="read_case",
        tag="cases",
        summary="Read any case's document: as it stands, or stood at a version or an instant.",
        about="An instant is a recorded one: what the casebook held then.",
        handler=_read,
        queries=(
            Query(name="version", schema=_VERSION, about="The document after this version."),
            Query(
                name="at",
                schema={"type": "string", "format": "date-time"},
                about="The document as it was recorded up to this instant.",
            ),
        ),
        answers={
            200: Answer(about="The document.", schema=_ref("Case"), headers=ANSWER_HEADERS),
            304: UNCHANGED,
        },
        headers=READ_HEADERS,
        fails=READ_FAILS,
    ),
    Operation(
        method="GET",
        path="/v1/cases/{id}/events",
        name="read_case_events",
        tag="cases",
        summary="Read every event of a case, oldest first.",
        handler=_events,
        queries=PAGE_QUERIES,
        answers={
            200: Answer(
                about="A page of events.", schema=page_schema("Event"), headers=ANSWER_HEADERS
            ),
            304: UNCHANGED,
        },
        headers=("If-None-Match",),
        fails=READ_FAILS,
    ),
    Operation(
        method="GET",
        path="/v1/cases/{id}/diff",
        name="read_case_diff",
        tag="cases",
        summary="Read what changed in a case's document from one version to another.",
        about="Version 0 is before the case was opened.",
        handler=_diff,
        queries=(
            Query(
                name="from",
                schema={"type": "integer", "minimum": 0, "maximum": VERSION_MAX},
                about="The earlier version.",
                required=True,
            ),
            Query(name="to", schema=_VERSION, about="The later version.", required=True),
        ),
        answers={
            200: Answer(about="The changes.", schema=_ref("Difference"), headers=ANSWER_HEADERS),
            304: UNCHANGED,
        },
        headers=("If-None-Match",),
        fails=READ_FAILS,
    ),
)
