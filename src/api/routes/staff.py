"""Staff: who works where, by which channels she is reached, and when she is left in peace."""

from typing import Any

from pydantic_core import from_json
from starlette.responses import Response

from api.commands import command_route
from api.conventions import answer, uuid_in_path, version_tag
from api.doors import RULE_MAKERS
from api.operations import Answer, Call, Operation, Query
from api.queries import flag_in_query, limit_of, listed_in_query, word_in_query
from api.reads import (
    ANSWER_HEADERS,
    CASES,
    LIST_FAILS,
    PAGE_QUERIES,
    READ_FAILS,
    READ_HEADERS,
    UNCHANGED,
    asked,
    list_page,
    page_schema,
)
from domain import staff as s
from domain.declare import CaseNotFound, Command, Role
from projections import staff_list
from projections.case_documents import Audience, CaseBody, fetch
from projections.reading import Page
from projections.staff_list import StaffFilter
from store.readers import ReadConnection

TAG = "staff"
ROOT = "/v1/staff"
CASE = f"{ROOT}/{{id}}"
OVERSEEN_BY = RULE_MAKERS | {Role.AUDITOR}
"""Who reads everybody's record here; everybody reads her own."""


async def _read(call: Call) -> Response:
    stream = uuid_in_path(call.path("id"))

    async def ask(connection: ReadConnection) -> tuple[int, CaseBody | None]:
        found = await fetch(connection, stream, Audience.STAFF)
        return found.position, found.case

    position, case = await asked(call, CASES, ask)
    if case is None or case.body is None or case.category != "staff":
        raise CaseNotFound
    if call.actor.roles.isdisjoint(OVERSEEN_BY) and (
        from_json(case.body)["account"] != call.actor.id
    ):
        raise CaseNotFound
    return answer(call.request, case.body, etag=version_tag(case.version), position=position)


async def _list(call: Call) -> Response:
    request = call.request
    limit = limit_of(request)
    wanted = StaffFilter(
        role=listed_in_query(request, "role", Role),
        unit=word_in_query(request, "unit"),
        region=word_in_query(request, "region"),
        active=flag_in_query(request, "active"),
    )

    async def turn(connection: ReadConnection, place: str | None) -> Page:
        return await staff_list.page(connection, wanted, call.scope, cursor=place, limit=limit)

    return await list_page(call, CASES, turn)


COMPONENTS: dict[str, Any] = {
    "StaffMember": {
        "type": "object",
        "description": "A member of staff, as the list shows her.",
        "required": ["id", "version", "account", "roles", "active"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "version": {"type": "integer", "minimum": 1},
            "account": {"type": "string", "description": "Her login id, the token's `sub`."},
            "name": {},
            "locale": {"type": "string"},
            "roles": {"type": "array", "items": {"type": "string"}},
            "unit": {"type": ["string", "null"]},
            "region": {"type": ["string", "null"]},
            "dealer_id": {"type": ["string", "null"]},
            "active": {"type": "boolean"},
        },
    },
}

_WORD = {"type": "string", "minLength": 1, "maxLength": 128}

_LIST = Operation(
    method="GET",
    path=ROOT,
    name="list_staff",
    tag=TAG,
    summary="List members of staff, the newest change first.",
    handler=_list,
    queries=(
        Query(
            name="role",
            schema={"type": "string", "enum": [role.value for role in Role]},
            about="Only who has this role.",
        ),
        Query(name="unit", schema=_WORD, about="Only who works for this unit."),
        Query(name="region", schema=_WORD, about="Only who works for this region."),
        Query(name="active", schema={"type": "boolean"}, about="Only who works here at present."),
        *PAGE_QUERIES,
    ),
    answers={
        200: Answer(
            about="A page of staff.", schema=page_schema("StaffMember"), headers=ANSWER_HEADERS
        ),
        304: UNCHANGED,
    },
    headers=READ_HEADERS,
    fails=LIST_FAILS,
)

_READ = Operation(
    method="GET",
    path=CASE,
    name="read_staff_member",
    tag=TAG,
    summary="Read a member of staff's record: one's own, or any for administrators.",
    handler=_read,
    answers={
        200: Answer(
            about="The record.",
            schema={"$ref": "#/components/schemas/Case"},
            headers=ANSWER_HEADERS,
        ),
        304: UNCHANGED,
    },
    headers=READ_HEADERS,
    fails=READ_FAILS,
)


def _on_record(part: str, command: type, **path_fields: str) -> Operation:
    """Make the route of a command on one person's record."""
    return command_route(f"{CASE}/{part}", command, tag=TAG, path_fields=path_fields)


def _leads_out(call: Call, command: Command) -> None:
    """Refuse a webhook to this machine itself, unless the settings let webhooks be tried out."""
    assert isinstance(command, s.AddStaffChannel)
    is_inside = command.kind is s.StaffChannelKind.WEBHOOK and s.is_loopback(command.address)
    if is_inside and not call.desk.webhooks_to_loopback:
        raise s.WebhookIsWrong


_ADD_CHANNEL = command_route(
    f"{CASE}/channels", s.AddStaffChannel, tag=TAG, made=("channel_id",), check=_leads_out
)


OPERATIONS: tuple[Operation, ...] = (
    command_route(ROOT, s.RegisterStaffMember, tag=TAG, opens=True),
    _READ,
    _LIST,
    _on_record("place", s.PlaceStaffMember),
    _on_record("name", s.CorrectStaffName),
    _ADD_CHANNEL,
    _on_record("channels/{channel_id}/removal", s.RemoveStaffChannel, channel_id="channel_id"),
    _on_record("quiet-hours", s.SetQuietHours),
    _on_record("quiet-hours/lifting", s.LiftQuietHours),
    _on_record("deactivation", s.DeactivateStaffMember),
    _on_record("reactivation", s.ReactivateStaffMember),
)
