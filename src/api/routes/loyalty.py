"""Loyalty ledgers: points earned, reserved, spent, given back and taken back, and what is there."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic_core import to_json
from starlette.responses import Response

from api import access, sight
from api.commands import command_route
from api.conventions import answer, uuid_in_path, version_tag
from api.operations import Answer, Call, Operation, Query
from api.queries import limit_of, uuid_in_query, word_in_query
from api.reads import (
    ANSWER_HEADERS,
    CASES,
    PAGE_QUERIES,
    READ_FAILS,
    UNCHANGED,
    case_route,
    list_page,
    list_route,
    page_schema,
)
from api.shapes import ID, INSTANT
from domain import loyalty as lo
from domain.declare import CaseNotFound, Command
from projections import ledger_list
from projections.ledger_list import LedgerFilter
from projections.reading import Page
from store.casebook import Casebook
from store.readers import ReadConnection

TAG = "loyalty"
ROOT = "/v1/loyalty-ledgers"
CASE = f"{ROOT}/{{id}}"


def _on_case(part: str, command: type, *made: str, **path_fields: str) -> Operation:
    """Make the route of a command on one ledger."""
    return command_route(f"{CASE}/{part}", command, tag=TAG, made=made, path_fields=path_fields)


def _in_its_place(command: Command) -> Sequence[Command]:
    """Open a ledger under the id that follows from its customer and programme."""
    assert isinstance(command, lo.OpenLedger)
    stream = lo.ledger_id(command.customer_id, command.programme)
    return (replace(command, stream=stream),)


def _in_both(casebook: Casebook, command: Command) -> Sequence[Command]:
    """Grant a transfer in both ledgers, as the giving one stands now."""
    assert isinstance(command, lo.TransferPoints)
    ledger = casebook.state(command.stream).state
    return lo.pieces(command, ledger, casebook.clock())


async def _list(call: Call) -> Response:
    request = call.request
    limit = limit_of(request)
    wanted = LedgerFilter(
        programme=word_in_query(request, "programme", 64),
        grade=word_in_query(request, "grade", 64),
        customer=uuid_in_query(request, "customer"),
        household=uuid_in_query(request, "household"),
    )
    outside = access.is_outsider(call.actor)

    async def turn(connection: ReadConnection, place: str | None) -> Page:
        return await ledger_list.page(
            connection, wanted, call.scope, outside=outside, cursor=place, limit=limit
        )

    return await list_page(call, CASES, turn)


def _lot(lot: lo.Lot) -> dict[str, Any]:
    return {
        "lot_id": lot.lot_id,
        "points": lot.points,
        "state": lot.state,
        "source": lot.source,
        "reference": lot.reference,
        "earned_at": lot.earned_at,
        "active_from_at": lot.active_from_at,
        "expires_at": lot.expires_at,
    }


async def _lots(call: Call) -> Response:
    """Answer the lots as the ledger has them now; read off the log, so always the newest."""
    stream = uuid_in_path(call.path("id"))
    limit = limit_of(call.request)
    context = [call.operation.name, call.actor.id, str(stream)]
    cursor = call.request.query_params.get("cursor")
    first = 0 if cursor is None else int(call.desk.cursors.read(cursor, context)[0])

    def read() -> tuple[bytes, int, int]:
        known = call.desk.casebook.state(stream)
        if not isinstance(known.state, lo.Ledger):
            raise CaseNotFound
        parties = known.decider.parties(known.state)
        access.require_sight(sight.as_merged(call, parties).scope, parties)
        shown = known.state.lots[first : first + limit]
        more = first + limit < len(known.state.lots)
        following = call.desk.cursors.write([first + limit], context) if more else None
        body = to_json({"items": [_lot(lot) for lot in shown], "next": following})
        return body, known.version, known.position

    body, version, position = await call.desk.writers.run(read)
    return answer(call.request, body, etag=version_tag(version), position=position)


_MAYBE_INSTANT = {"type": ["string", "null"], "format": "date-time"}
_MAYBE_TEXT = {"type": ["string", "null"]}
_POINTS = {"type": "integer", "minimum": 0}
_WORD = {"type": "string", "minLength": 1, "maxLength": 64}

COMPONENTS: dict[str, Any] = {
    "LedgerSummary": {
        "type": "object",
        "description": "What a list shows of a loyalty ledger.",
        "required": ["id", "version", "programme", "balance_points"],
        "properties": {
            "id": ID,
            "category": {"const": "loyalty"},
            "version": {"type": "integer"},
            "customer_id": ID,
            "programme": {"type": "string"},
            "membership_number": {
                "type": ["string", "object", "null"],
                "description": "Only its end is shown.",
            },
            "balance_points": {**_POINTS, "description": "What can be spent."},
            "pending_points": _POINTS,
            "held_points": {**_POINTS, "description": "Reserved, or held until it is cleared."},
            "debt_points": _POINTS,
            "next_expiry": {
                "type": ["object", "null"],
                "description": "What expires next: the last day on which it can be spent.",
                "properties": {
                    "at": INSTANT,
                    "on": {"type": "string", "format": "date"},
                    "points": _POINTS,
                },
            },
            "grade": _MAYBE_TEXT,
            "offers": {"type": "array", "items": {"type": "string"}},
        },
    },
    "Lot": {
        "type": "object",
        "description": "Points that were earned together and are still there.",
        "required": ["lot_id", "points", "state", "earned_at", "active_from_at", "expires_at"],
        "properties": {
            "lot_id": ID,
            "points": {"type": "integer", "minimum": 1},
            "state": {"type": "string", "enum": [state.value for state in lo.LotState]},
            "source": _MAYBE_TEXT,
            "reference": _MAYBE_TEXT,
            "earned_at": INSTANT,
            "active_from_at": INSTANT,
            "expires_at": _MAYBE_INSTANT,
        },
    },
}

_LIST = list_route(
    ROOT,
    name="list_ledgers",
    tag=TAG,
    summary="List loyalty ledgers within the caller's sight, newest activity first.",
    handler=_list,
    queries=(
        Query(name="programme", schema=_WORD, about="Of which programme they are."),
        Query(name="grade", schema=_WORD, about="Which grade their customers hold."),
        Query(name="customer", schema=ID, about="Whose they are."),
        Query(name="household", schema=ID, about="Of which household they are."),
    ),
    items="ledgers",
    schema="LedgerSummary",
)

_READ_LOTS = Operation(
    method="GET",
    path=f"{CASE}/lots",
    name="list_lots",
    tag=TAG,
    summary="List a ledger's lots that are there and not reserved, what expires first first.",
    handler=_lots,
    queries=PAGE_QUERIES,
    answers={
        200: Answer(about="A page of lots.", schema=page_schema("Lot"), headers=ANSWER_HEADERS),
        304: UNCHANGED,
    },
    headers=("If-None-Match",),
    fails=READ_FAILS,
)

OPERATIONS: tuple[Operation, ...] = (
    command_route(ROOT, lo.OpenLedger, tag=TAG, opens=True, expand=_in_its_place),
    _LIST,
    case_route(
        CASE,
        name="read_ledger",
        tag=TAG,
        summary="Read a loyalty ledger: balance, what expires when, holds, cash-outs, grade.",
        category="loyalty",
        schema={"$ref": "#/components/schemas/Case"},
    ),
    _READ_LOTS,
    _on_case("household", lo.ChangeHousehold),
    # earning
    _on_case("earnings", lo.EarnPoints, "earning_id"),
    _on_case("opening-balances", lo.CarryOverBalance, "earning_id"),
    _on_case("earnings/{item_id}/hold", lo.HoldEarning, item_id="earning_id"),
    _on_case("earnings/{item_id}/clearance", lo.ClearEarning, item_id="earning_id"),
    _on_case("claw-backs", lo.ClawBackPoints, "claw_back_id"),
    # spending
    _on_case("holds", lo.HoldPoints, "hold_id"),
    _on_case("holds/{item_id}/release", lo.ReleaseHold, item_id="hold_id"),
    _on_case("redemptions", lo.RedeemPoints, "redemption_id"),
    _on_case("reversals", lo.ReverseRedemption, "reversal_id"),
    _on_case("adjustments", lo.AdjustPoints, "adjustment_id"),
    _on_case("cash-outs", lo.RequestCashOut, "cash_out_id"),
    _on_case("cash-outs/{item_id}/approval", lo.ApproveCashOut, item_id="cash_out_id"),
    _on_case("cash-outs/{item_id}/rejection", lo.RejectCashOut, item_id="cash_out_id"),
    _on_case("cash-outs/{item_id}/payment", lo.PayCashOut, item_id="cash_out_id"),
    command_route(
        f"{CASE}/transfers", lo.TransferPoints, tag=TAG, made=("transfer_id",), attach=_in_both
    ),
    # grade
    _on_case("grade", lo.GrantGrade),
)
