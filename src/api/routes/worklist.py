"""The worklist: what this person should do next, most urgent first, with its due instants."""

from typing import Any

from starlette.responses import Response

from api import access
from api.operations import Answer, Call, Operation, Query
from api.queries import flag_in_query, limit_of
from api.reads import (
    ANSWER_HEADERS,
    CASES,
    LIST_FAILS,
    PAGE_QUERIES,
    READ_HEADERS,
    UNCHANGED,
    list_page,
    page_schema,
)
from projections import worklist
from projections.reading import Page
from store.readers import ReadConnection


async def _read(call: Call) -> Response:
    limit = limit_of(call.request)
    mine = flag_in_query(call.request, "mine")
    roles = sorted(call.actor.roles)

    async def turn(connection: ReadConnection, place: str | None) -> Page:
        return await worklist.page(
            connection,
            roles,
            call.scope,
            handler=call.actor.id if mine else None,
            outside=access.is_outsider(call.actor),
            cursor=place,
            limit=limit,
        )

    return await list_page(call, CASES, turn)


COMPONENTS: dict[str, Any] = {
    "Work": {
        "type": "object",
        "description": "A case, the step to take next, and by when.",
        "required": [
            "id",
            "version",
            "status",
            "opened_at",
            "next_step",
            "priority",
            "standing",
        ],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "version": {"type": "integer", "minimum": 1},
            "status": {"type": "string"},
            "opened_at": {"type": "string", "format": "date-time"},
            "next_step": {"type": ["string", "null"]},
            "priority": {"type": ["string", "null"]},
            "owed": {
                "type": "array",
                "description": "Answers and reports owed besides the next step, and by whom.",
                "items": {"type": "object"},
            },
            "due_at": {"type": ["string", "null"]},
            "standing": {
                "type": "object",
                "description": (
                    "Why it stands here: by priority, then by the hour in which it is due, then by "
                    "the grade of the customer's loyalty, then by the minute, then by age. "
                    "`after_previous_by` is the first of them in which it differs from the item "
                    "before it; null for the first of all."
                ),
                "required": [
                    "priority",
                    "rank",
                    "due_at",
                    "grade",
                    "grade_rank",
                    "opened_at",
                    "after_previous_by",
                ],
                "properties": {
                    "priority": {"type": ["string", "null"]},
                    "rank": {"type": "integer", "minimum": 0, "maximum": worklist.RANK_MAX},
                    "due_at": {"type": ["string", "null"], "format": "date-time"},
                    "grade": {"type": ["string", "null"]},
                    "grade_rank": {"type": ["integer", "null"], "minimum": 0},
                    "opened_at": {"type": "string", "format": "date-time"},
                    "after_previous_by": {"enum": [*worklist.OrderOfWork, None]},
                },
            },
        },
    },
}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/v1/worklist",
        name="read_worklist",
        tag="worklist",
        summary="Read what the caller should do next, most urgent first.",
        about=(
            "Open cases within sight whose next step one of the caller's roles takes, or to which "
            "such a role owes an answer or a report (`owed`)."
        ),
        handler=_read,
        queries=(
            Query(
                name="mine",
                schema={"type": "boolean"},
                about="Only the cases that the caller's account owns.",
            ),
            *PAGE_QUERIES,
        ),
        answers={
            200: Answer(
                about="A page of work.", schema=page_schema("Work"), headers=ANSWER_HEADERS
            ),
            304: UNCHANGED,
        },
        headers=READ_HEADERS,
        fails=LIST_FAILS,
    ),
)
