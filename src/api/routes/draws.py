"""Draws: announced, committed to, opened, closed, revealed; and the file that proves them.

Everything of a draw is public to whoever has a token: that is what it is for.
"""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response, StreamingResponse

from api.commands import command_route
from api.conventions import (
    POSITION_HEADER,
    answer,
    not_modified,
    uuid_in_path,
    version_tag,
)
from api.middleware import STREAM_KEY
from api.operations import Answer, Call, Operation, Query
from api.queries import flag_in_query, limit_of, listed_in_query, word_in_query
from api.reads import (
    ANSWER_HEADERS,
    CASES,
    READ_FAILS,
    READ_HEADERS,
    UNCHANGED,
    asked,
    list_page,
    list_route,
)
from api.shapes import INSTANT, words
from domain import draw as d
from domain import order as o
from domain.declare import CaseNotFound, Command
from projections import draw_list
from projections.case_documents import Audience, CaseBody, fetch
from projections.draw_entries import LIVE_SQL
from projections.draw_list import DrawFilter
from projections.draw_proof import Ask, Facts, Row, facts_of, pieces_async
from projections.reading import Page
from store.casebook import Casebook
from store.readers import ReadConnection

TAG = "draws"
ROOT = "/v1/draws"
CASE = f"{ROOT}/{{id}}"
PROOFS = ("draw_entries",)
PROOF_TYPE = "application/jsonl"

# --- commands -------------------------------------------------------------------------------------


def _on_case(part: str, command: type, **further: Any) -> Operation:
    """Make the route of a command on one draw."""
    return command_route(f"{CASE}/{part}", command, tag=TAG, **further)


def _entered(casebook: Casebook, command: Command) -> Sequence[Command]:
    """Only an order that has an entry can be left out; a slip of the hand would be public."""
    assert isinstance(command, d.ExcludeEntry)
    try:
        order = casebook.state(command.order_id).state
    except CaseNotFound:
        raise d.NotEntered from None
    entry = order.entry if isinstance(order, o.Order) else None
    if entry is None or entry.draw_id != command.stream:
        raise d.NotEntered
    return ()


# --- reads ----------------------------------------------------------------------------------------


async def _read(call: Call) -> Response:
    stream = uuid_in_path(call.path("id"))

    async def ask(connection: ReadConnection) -> tuple[int, CaseBody | None]:
        found = await fetch(connection, stream, Audience.STAFF, sees_all=True)
        return found.position, found.case

    position, case = await asked(call, CASES, ask)
    if case is None or case.body is None or case.category != "draw":
        raise CaseNotFound
    return answer(call.request, case.body, etag=version_tag(case.version), position=position)


async def _list(call: Call) -> Response:
    request = call.request
    limit = limit_of(request)
    wanted = DrawFilter(
        status=listed_in_query(request, "status", d.DrawStatus),
        name=word_in_query(request, "name", 64),
        is_open=flag_in_query(request, "open"),
    )

    async def turn(connection: ReadConnection, place: str | None) -> Page:
        return await draw_list.page(connection, wanted, call.scope, cursor=place, limit=limit)

    return await list_page(call, CASES, turn)


async def _proof(call: Call) -> Response:
    """Send the proof file page by page; no connection is held while a page is being sent."""
    stream = uuid_in_path(call.path("id"))

    async def ask(connection: ReadConnection) -> tuple[int, Facts | None]:
        about = {"draw": stream}
        cursor = await connection.execute(LIVE_SQL["published"], about, binary=True)
        row = await cursor.fetchone()
        if row is None or row[1] is None:
            return (0 if row is None else row[0]), None
        return row[0], facts_of(stream, row[1:])

    position, facts = await asked(call, PROOFS, ask)
    if facts is None:
        raise CaseNotFound
    if facts.result is None:
        raise d.NoProofYet
    headers = {
        "etag": f'"{facts.result["proof_sha256"]}"',
        "cache-control": "private, no-cache",
        "vary": "Authorization",
        "content-disposition": f'attachment; filename="draw-{stream}.jsonl"',
        POSITION_HEADER: str(position),
    }
    if not_modified(call.request, headers["etag"]):
        return Response(status_code=304, headers=headers)
    headers["content-length"] = str(facts.result["proof_bytes"])

    async def one(ask: Ask) -> Row | None:
        async with call.desk.readers.connection() as connection:
            cursor = await connection.execute(LIVE_SQL[ask.block], ask.parameters, binary=True)
            return await cursor.fetchone()

    call.request.scope[STREAM_KEY] = True
    return StreamingResponse(pieces_async(facts, one), headers=headers, media_type=PROOF_TYPE)


# --- what is described ----------------------------------------------------------------------------


_SHA256 = {"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"}
_MAYBE = {"type": ["object", "null"]}
_QUOTAS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["model", "winners", "reserves"],
        "properties": {
            "model": {"type": "string"},
            "winners": {"type": "integer"},
            "reserves": {"type": "integer"},
        },
    },
}
_SHARED = {
    "id": {"type": "string", "format": "uuid"},
    "category": {"const": "draw"},
    "version": {"type": "integer"},
    "status": words(d.DrawStatus),
    "name": {"type": "string"},
    "quotas": _QUOTAS,
    "source": {"type": "string", "description": "The public source of randomness."},
    "opens_at": INSTANT,
    "closes_at": INSTANT,
    "value_expected_at": {**INSTANT, "description": "Before it nobody can know the value."},
    "updated_at": INSTANT,
}

COMPONENTS: dict[str, Any] = {
    "DrawSummary": {
        "type": "object",
        "description": "What a list shows of a draw.",
        "required": ["id", "version", "status", "name", "quotas", "closes_at"],
        "properties": {**_SHARED, "entries": {"type": ["integer", "null"]}},
    },
    "Draw": {
        "type": "object",
        "description": "All that is known of a draw, which is public; parts are null until then.",
        "required": ["id", "version", "status", "name", "seed_sha256", "sealed", "revealed"],
        "properties": {
            **_SHARED,
            "seed_sha256": {**_SHA256, "description": "To what the operator committed."},
            "sealed": {**_MAYBE, "description": "How many entries count, and their root."},
            "revealed": {**_MAYBE, "description": "The seed and the public value."},
            "ranked": {**_MAYBE, "description": "The hashes of ranking and proof file; counts."},
            "handed_out": {**_MAYBE, "description": "That every order was told."},
            "exclusions": {"type": "object", "description": "Totals by reason, and the newest."},
            "moves": {"type": "object", "description": "Places passed on: total and newest."},
        },
    },
}

_READ = Operation(
    method="GET",
    path=CASE,
    name="read_draw",
    tag=TAG,
    summary="Read a draw: its rules, what was committed to, and what came of it.",
    handler=_read,
    answers={
        200: Answer(
            about="The draw.",
            schema={"$ref": "#/components/schemas/Draw"},
            headers=ANSWER_HEADERS,
        ),
        304: UNCHANGED,
    },
    headers=READ_HEADERS,
    fails=READ_FAILS,
)

_LIST = list_route(
    ROOT,
    name="list_draws",
    tag=TAG,
    summary="List draws, newest activity first.",
    handler=_list,
    queries=(
        Query(name="status", schema=words(d.DrawStatus), about="Where they stand."),
        Query(
            name="name",
            schema={"type": "string", "minLength": 1, "maxLength": 64},
            about="The name they were announced under.",
        ),
        Query(name="open", schema={"type": "boolean"}, about="Still to be held, or over."),
    ),
    items="draws",
    schema="DrawSummary",
)

_PROOF = Operation(
    method="GET",
    path=f"{CASE}/proof",
    name="read_draw_proof",
    tag=TAG,
    summary="Read the proof file of a draw that was ranked.",
    about=(
        "One JSON value per line, the same bytes for everybody and for ever; its SHA-256 is the"
        " draw's `ranked.proof_sha256` and the ETag. It names nobody: an entrant finds her line by"
        " her order's id. `scripts/verify_draw.py` checks it with Python alone."
    ),
    handler=_proof,
    answers={
        200: Answer(
            about="The file.", schema={"type": "string"}, media_type=PROOF_TYPE,
            headers=ANSWER_HEADERS,
        ),
        304: UNCHANGED,
    },
    headers=READ_HEADERS,
    fails=(400, 404, 409, 422, 503),
)  # fmt: skip

OPERATIONS: tuple[Operation, ...] = (
    command_route(ROOT, d.AnnounceDraw, tag=TAG, opens=True),
    _LIST,
    _READ,
    _PROOF,
    _on_case("commitment", d.CommitSeed),
    _on_case("opening", d.OpenDraw),
    _on_case("exclusions", d.ExcludeEntry, attach=_entered),
    _on_case(
        "exclusions/{order_id}/restoration", d.RestoreEntry, path_fields={"order_id": "order_id"}
    ),
    _on_case("closing", d.CloseDraw),
    _on_case("revelation", d.RevealDraw),
)
