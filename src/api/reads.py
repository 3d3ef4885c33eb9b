"""Reads: one statement on a reader's connection, as fresh as asked for, sent as stored."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from pydantic_core import from_json, to_json
from starlette.responses import Response

from api import access, sight
from api.conventions import (
    answer,
    content_tag,
    cursor_context,
    page,
    uuid_in_path,
    version_tag,
    wanted_position,
)
from api.operations import Answer, Call, Handler, JsonSchema, Operation, Query
from api.problems import Problem
from api.queries import LIMIT_DEFAULT, LIMIT_MAX
from domain.declare import Actor, CaseNotFound, Role
from projections.case_documents import Audience, CaseBody, audience_body, fetch
from projections.reading import Page
from store.readers import ReadConnection

T = TypeVar("T")

CASES = ("case_documents",)
SEARCH = "search"
"""Names of views that reads wait for."""
READ_HEADERS = ("If-None-Match", "If-Position-At-Least")
READ_FAILS = (400, 404, 422, 503)
LIST_FAILS = (400, 422, 503)
ANSWER_HEADERS = ("ETag", "Casebook-Position")
UNCHANGED = Answer(about="As the caller has it.", headers=ANSWER_HEADERS)

PAGE_QUERIES = (
    Query(
        name="limit",
        schema={"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT},
        about="How many items a page holds.",
    ),
    Query(
        name="cursor",
        schema={"type": "string", "minLength": 1, "maxLength": 512},
        about="Where the list goes on: `next` of the page before.",
    ),
)


def page_schema(item: str) -> JsonSchema:
    """Return the schema of a page of such items."""
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": {"$ref": f"#/components/schemas/{item}"}},
            "next": {
                "type": ["string", "null"],
                "description": "The cursor of the next page; null on the last one.",
            },
        },
    }


Ask = Callable[[ReadConnection], Awaitable[tuple[int, T]]]


async def asked(call: Call, views: Sequence[str], ask: Ask[T]) -> tuple[int, T]:
    """Ask views, waiting for the position the caller wants; `ask` answers their position too."""
    wanted = wanted_position(call.request)
    readers = call.desk.readers
    async with readers.connection() as connection:
        position, found = await ask(connection)
    if wanted is None or position >= wanted:
        return position, found
    for view in views:
        await call.desk.freshness.reached(view, wanted)
    async with readers.connection(freshest=True) as connection:
        position, found = await ask(connection)
    if position < wanted:  # the view was swapped for one that is being rebuilt
        raise Problem("service.behind", view=views[0])
    return position, found


def audience_of(actor: Actor) -> Audience:
    """Return for whom a body is made: staff, unless the caller is a customer or dealer only."""
    if not access.is_outsider(actor):
        return Audience.STAFF
    return Audience.DEALER if Role.DEALER in actor.roles else Audience.CUSTOMER


async def case_body(call: Call, category: str | None) -> tuple[int, CaseBody]:
    """Return a case as its reader may see it, or raise `CaseNotFound`."""
    stream = uuid_in_path(call.path("id"))
    audience = audience_of(call.actor)
    scope = call.scope
    if category == "vehicle":
        scope = (await sight.of_vehicle(call, stream)).scope

    async def ask(connection: ReadConnection) -> tuple[int, CaseBody | None]:
        found = await fetch(connection, stream, audience, sees_all=scope.everything)
        case = found.case
        if case is None or audience is not Audience.DEALER:
            return found.position, case
        if scope is not call.scope:  # no dealer's case, so its body for dealers is not stored
            found = await fetch(connection, stream, Audience.STAFF)
            return found.position, _for_dealer(found.case)
        return found.position, case

    position, case = await asked(call, CASES, ask)
    if (
        case is None
        or case.body is None
        or (category is not None and case.category != category)
        or not (scope.sees(case.parties) or await sight.sees(call, case.parties))
    ):
        raise CaseNotFound
    return position, case


def _for_dealer(case: CaseBody | None) -> CaseBody | None:
    if case is None or case.body is None:
        return case
    shown = audience_body(from_json(case.body), Audience.DEALER)
    return case._replace(body=None if shown is None else to_json(shown))


async def _read_case(call: Call, *, category: str | None) -> Response:
    position, case = await case_body(call, category)
    assert case.body is not None
    return answer(call.request, case.body, etag=version_tag(case.version), position=position)


Turn = Callable[[ReadConnection, str | None], Awaitable[Page]]


async def list_page(call: Call, views: Sequence[str], turn: Turn) -> Response:
    """Answer one page of a list; `turn` gets the view's own cursor, callers a signed one."""
    request = call.request
    context = cursor_context(call.operation.name, call.actor.id, request.query_params)
    given = request.query_params.get("cursor")
    place = None if given is None else str(call.desk.cursors.read(given, context)[0])

    async def ask(connection: ReadConnection) -> tuple[int, Page]:
        found = await turn(connection, place)
        return found.position, found

    position, found = await asked(call, views, ask)
    following = call.desk.cursors.write([found.next], context) if found.next else None
    body = page([item.encode() for item in found.items], following)
    return answer(request, body, etag=content_tag(body), position=position)


def case_route(
    path: str, *, name: str, tag: str, summary: str, category: str, schema: JsonSchema
) -> Operation:
    """Make the route that reads one case's document."""
    return Operation(
        method="GET",
        path=path,
        name=name,
        tag=tag,
        summary=summary,
        handler=partial(_read_case, category=category),
        answers={
            200: Answer(about="The case's document.", schema=schema, headers=ANSWER_HEADERS),
            304: UNCHANGED,
        },
        headers=READ_HEADERS,
        fails=READ_FAILS,
    )


def list_route(
    path: str,
    *,
    name: str,
    tag: str,
    summary: str,
    handler: Handler,
    queries: Sequence[Query],
    items: str,
    schema: str,
    about: str = "",
) -> Operation:
    """Make the route of a list: its filters, and pages of items of a schema; `items` names them."""
    page = f"A page of {items}."
    return Operation(
        method="GET",
        path=path,
        name=name,
        tag=tag,
        summary=summary,
        about=about,
        handler=handler,
        queries=(*queries, *PAGE_QUERIES),
        answers={
            200: Answer(about=page, schema=page_schema(schema), headers=ANSWER_HEADERS),
            304: UNCHANGED,
        },
        headers=READ_HEADERS,
        fails=LIST_FAILS,
    )
