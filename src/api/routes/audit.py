"""The audit trail: who did what, when, in which role and why; filtered by any of them."""

from typing import Any

from pydantic_core import to_json
from starlette.responses import Response

from api.conventions import answer, content_tag, cursor_context
from api.operations import Answer, Call, Operation, Query
from api.queries import (
    instant_in_query,
    limit_of,
    listed_in_query,
    uuid_in_query,
    word_in_query,
)
from api.reads import (
    ANSWER_HEADERS,
    CASES,
    LIST_FAILS,
    PAGE_QUERIES,
    READ_HEADERS,
    UNCHANGED,
    asked,
    page_schema,
)
from domain.declare import Role
from projections import audit_trail
from projections.audit_trail import AuditFilter, AuditRow
from store.readers import ReadConnection


async def _read(call: Call) -> Response:
    request = call.request
    limit = limit_of(request)
    context = cursor_context(call.operation.name, call.actor.id, request.query_params)
    cursor = request.query_params.get("cursor")
    before = None if cursor is None else int(call.desk.cursors.read(cursor, context)[0])
    wanted = AuditFilter(
        actor=word_in_query(request, "actor"),
        role=listed_in_query(request, "role", Role),
        topic=word_in_query(request, "topic"),
        case=uuid_in_query(request, "case"),
        customer=uuid_in_query(request, "customer"),
        from_at=instant_in_query(request, "from"),
        until_at=instant_in_query(request, "to"),
    )

    async def ask(connection: ReadConnection) -> tuple[int, list[AuditRow]]:
        return await audit_trail.page(connection, wanted, before=before, limit=limit)

    position, rows = await asked(call, (audit_trail.VIEW.name, *CASES), ask)
    more = len(rows) == limit
    following = call.desk.cursors.write([rows[-1].position], context) if more else None

    def opened() -> bytes:
        casebook = call.desk.casebook
        with casebook.pool.connection() as connection:
            reasons = audit_trail.reasons_of(casebook.log_reader, connection, rows)
        items = [_entry(row, reason) for row, reason in zip(rows, reasons, strict=True)]
        return to_json({"items": items, "next": following})

    body = await call.desk.writers.run(opened)
    return answer(request, body, etag=content_tag(body), position=position)


def _entry(row: AuditRow, reason: Any) -> dict[str, Any]:
    return {
        "position": row.position,
        "case": row.stream,
        "version": row.version,
        "topic": row.topic,
        "event_id": row.event_id,
        "recorded_at": row.recorded_at,
        "actor": row.actor,
        "role": row.role,
        "reason": reason,
        "correlation_id": row.correlation_id,
        "causation_id": row.causation_id,
        "customer": row.subject_id,
    }


_ID = {"type": "string", "format": "uuid"}
_WORD = {"type": "string", "minLength": 1, "maxLength": 128}
_INSTANT = {"type": "string", "format": "date-time"}
COMPONENTS: dict[str, Any] = {
    "AuditEntry": {
        "type": "object",
        "description": "Who did what to which case, when, in which role, why, caused by what.",
        "required": ["position", "case", "version", "topic", "recorded_at", "actor", "role"],
        "properties": {
            "position": {"type": "integer"},
            "case": _ID,
            "version": {"type": "integer"},
            "topic": {"type": "string"},
            "event_id": _ID,
            "recorded_at": _INSTANT,
            "actor": {"type": "string"},
            "role": {"type": "string"},
            "reason": {"description": "Why; an object where the person's data were erased."},
            "correlation_id": {"type": ["string", "null"], "format": "uuid"},
            "causation_id": {"type": ["string", "null"], "format": "uuid"},
            "customer": {"type": ["string", "null"], "format": "uuid"},
        },
    }
}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/v1/audit",
        name="read_audit",
        tag="audit",
        summary="Read the audit trail, newest first.",
        handler=_read,
        queries=(
            Query(name="actor", schema=_WORD, about="By whom: an account id."),
            Query(
                name="role",
                schema={"type": "string", "enum": [role.value for role in Role]},
                about="In which role.",
            ),
            Query(name="topic", schema=_WORD, about="What: an event's stored name."),
            Query(name="case", schema=_ID, about="To which case."),
            Query(name="customer", schema=_ID, about="About whom."),
            Query(name="from", schema=_INSTANT, about="Recorded at this instant or later."),
            Query(name="to", schema=_INSTANT, about="Recorded before this instant."),
            *PAGE_QUERIES,
        ),
        answers={
            200: Answer(
                about="A page of entries.", schema=page_schema("AuditEntry"), headers=ANSWER_HEADERS
            ),
            304: UNCHANGED,
        },
        headers=READ_HEADERS,
        fails=LIST_FAILS,
    ),
)
