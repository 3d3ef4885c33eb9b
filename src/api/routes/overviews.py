"""The 360° view of a customer: everything in one answer, and each section by a path of its own."""

from functools import partial
from typing import Any

from starlette.responses import Response

from api import access, sight
from api.conventions import answer, content_tag, uuid_in_path
from api.operations import Answer, Call, Operation
from api.queries import limit_of
from api.reads import (
    ANSWER_HEADERS,
    CASES,
    PAGE_QUERIES,
    READ_FAILS,
    READ_HEADERS,
    UNCHANGED,
    asked,
    list_page,
    page_schema,
)
from domain.declare import CaseNotFound
from projections import customer_360
from projections.customer_360 import Section
from projections.reading import Page
from store.readers import ReadConnection

CASE = "/v1/customers/{id}"


async def _read_360(call: Call) -> Response:
    stream = uuid_in_path(call.path("id"))
    outside = access.is_outsider(call.actor)

    async def ask(connection: ReadConnection) -> tuple[int, customer_360.Everything]:
        found = await customer_360.fetch(connection, stream, outside=outside)
        return found.position, found

    position, found = await asked(call, CASES, ask)
    if found.body is None or not await sight.sees(call, found.parties):
        raise CaseNotFound
    return answer(call.request, found.body, etag=content_tag(found.body), position=position)


async def _read_section(call: Call, *, section: Section) -> Response:
    stream = uuid_in_path(call.path("id"))
    limit = limit_of(call.request)
    outside = access.is_outsider(call.actor)
    parties = customer_360.NOBODYS

    async def turn(connection: ReadConnection, place: str | None) -> Page:
        nonlocal parties
        found = await customer_360.section(
            connection, stream, section, outside=outside, cursor=place, limit=limit
        )
        parties = found.parties
        return found.page

    page = await list_page(call, CASES, turn)
    if parties.customer_id is None or not await sight.sees(call, parties):
        raise CaseNotFound
    return page


_ID = {"type": "string", "format": "uuid"}
_SECTION = {
    "type": "object",
    "required": ["total", "items"],
    "properties": {
        "total": {"type": "integer", "minimum": 0},
        "open": {"type": "integer", "minimum": 0},
        "items": {
            "type": "array",
            "maxItems": customer_360.ITEMS_MAX,
            "items": {"$ref": "#/components/schemas/Overview"},
        },
    },
}

COMPONENTS: dict[str, Any] = {
    "Overview": {
        "type": "object",
        "description": "A case as a section shows it; what it has besides depends on its kind.",
        "required": ["id"],
        "properties": {
            "id": _ID,
            "merged_from": {
                **_ID,
                "description": "The record, merged into this one, whose case it is.",
            },
        },
    },
    "Everything": {
        "type": "object",
        "description": "The 360° view: sections with whole counts and the newest items of each.",
        "required": ["customer", "merged", *Section, "recent"],
        "properties": {
            "customer": {"type": "object"},
            "merged": {"type": "array", "items": _ID},
            **{section.value: _SECTION for section in Section},
            "recent": {
                "type": "array",
                "maxItems": customer_360.ITEMS_MAX,
                "items": {
                    "type": "object",
                    "required": ["case", "category", "at"],
                    "properties": {
                        "case": _ID,
                        "category": {"type": "string"},
                        "topic": {"type": "string"},
                        "at": {"type": "string", "format": "date-time"},
                    },
                },
            },
        },
    },
}

_ABOUT = {
    Section.VEHICLES: "the vehicles that the customer has",
    Section.COMPLAINTS: "a customer's complaints",
    Section.ORDERS: "a customer's purchase orders",
    Section.LEASES: "a customer's leases",
    Section.LOYALTY: "a customer's loyalty ledgers",
    Section.NOTIFICATIONS: "the notices that tell of a customer's cases",
}


def _section_route(section: Section) -> Operation:
    return Operation(
        method="GET",
        path=f"{CASE}/{section.value}",
        name=f"read_customer_{section.value}",
        tag="customers",
        summary=f"List {_ABOUT[section]}, newest activity first.",
        about=(
            "As in the section of the 360° view; those of records that were merged into this one "
            "say `merged_from`."
            + (
                " A customer sees what she was told herself."
                if section is Section.NOTIFICATIONS
                else ""
            )
        ),
        handler=partial(_read_section, section=section),
        queries=PAGE_QUERIES,
        answers={
            200: Answer(
                about="A page of the section.",
                schema=page_schema("Overview"),
                headers=ANSWER_HEADERS,
            ),
            304: UNCHANGED,
        },
        headers=READ_HEADERS,
        fails=READ_FAILS,
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path=f"{CASE}/360",
        name="read_customer_360",
        tag="customers",
        summary="Read everything about a customer in one answer.",
        about=(
            "Who she is and how she is reached, her vehicles, complaints, orders, leases and "
            "loyalty ledgers, and the notices about them: each section with its whole count and "
            "its newest items, and a path of its own on which it goes on."
        ),
        handler=_read_360,
        answers={
            200: Answer(
                about="The sections.",
                schema={"$ref": "#/components/schemas/Everything"},
                headers=ANSWER_HEADERS,
            ),
            304: UNCHANGED,
        },
        headers=READ_HEADERS,
        fails=READ_FAILS,
    ),
    *(_section_route(section) for section in Section),
)
