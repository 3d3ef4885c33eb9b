"""The portals' homes: what a customer, a dealer or a leasing officer looks at first, in one answer.

A home is of whoever asks, by what her token says she may act for; nobody can ask for another's.
What is done from there are the commands of the cases it shows.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import Response

from api.conventions import answer, content_tag
from api.operations import Answer, Call, Handler, Operation
from api.reads import ANSWER_HEADERS, CASES, READ_FAILS, READ_HEADERS, UNCHANGED, asked
from domain.declare import CaseNotFound
from projections import inbox, portals
from projections.portals import Home
from store.readers import ReadConnection

Question = Callable[[ReadConnection], Awaitable[Home]]


async def _home(call: Call, question: Question, *views: str) -> Response:
    async def ask(connection: ReadConnection) -> tuple[int, Home]:
        found = await question(connection)
        return found.position, found

    position, found = await asked(call, (*CASES, *views), ask)
    if found.body is None:
        raise CaseNotFound
    return answer(call.request, found.body, etag=content_tag(found.body), position=position)


async def _customer(call: Call) -> Response:
    own = call.scope.customer_id
    if own is None:
        raise CaseNotFound
    return await _home(call, lambda c: portals.customer(c, own), inbox.VIEW.name)


async def _dealer(call: Call) -> Response:
    own = call.scope.dealer_id
    if own is None:
        raise CaseNotFound
    return await _home(call, lambda c: portals.dealer(c, own))


async def _leasing(call: Call) -> Response:
    return await _home(call, lambda c: portals.leasing(c, call.scope))


# --- what is answered -----------------------------------------------------------------------------

_ID = {"type": "string", "format": "uuid"}
_ITEMS = {
    "type": "array",
    "maxItems": portals.ITEMS_MAX,
    "items": {"$ref": "#/components/schemas/Overview"},
}
_COUNT_PROPERTIES = {
    "count": {"type": "integer", "minimum": 0, "maximum": portals.COUNT_MAX},
    "more": {
        "type": "boolean",
        "description": "Whether there are more than were counted.",
    },
}
_COUNT = {"type": "object", "required": ["count", "more"], "properties": _COUNT_PROPERTIES}
_OPEN = {
    "type": "object",
    "required": ["total", "open", "items"],
    "properties": {
        "total": {"type": "integer", "minimum": 0},
        "open": {"type": "integer", "minimum": 0},
        "items": _ITEMS,
    },
}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _counted(name: str, **more: Any) -> dict[str, Any]:
    properties = {name: {"type": "string"}, **_COUNT_PROPERTIES, **more}
    return {"type": "array", "items": _object(**properties)}


_DATE = {"type": "string", "format": "date"}
_INSTANT = {"type": "string", "format": "date-time"}

COMPONENTS: dict[str, Any] = {
    "CustomerHome": {
        **_object(
            customer={"type": "object"},
            next_instalment={
                "oneOf": [
                    {"type": "null"},
                    _object(
                        case=_ID,
                        category={"enum": ["order", "lease"]},
                        number={"type": ["string", "null"]},
                        due_on=_DATE,
                        amount=_object(
                            minor={"type": ["integer", "null"]},
                            currency={"type": ["string", "null"]},
                        ),
                    ),
                ],
                "description": "The first amount owed of any order or lease, late ones first.",
            },
            next_expiry={
                "oneOf": [
                    {"type": "null"},
                    _object(
                        case=_ID,
                        programme={"type": "string"},
                        at=_INSTANT,
                        on=_DATE,
                        points={"type": "integer"},
                    ),
                ],
                "description": "The points that expire first, and the last day of their use.",
            },
            orders=_OPEN,
            leases=_OPEN,
            loyalty=_OPEN,
            complaints=_OPEN,
            vehicles=_OPEN,
            notices=_object(
                unseen={"type": "integer", "minimum": 0},
                more={"type": "boolean"},
                items={
                    "type": "array",
                    "maxItems": portals.ITEMS_MAX,
                    "items": _object(
                        id=_ID,
                        code={"type": "string"},
                        case_id=_ID,
                        case_category={"type": "string"},
                        seen={"type": "boolean"},
                        planned_at=_INSTANT,
                        params={"type": "object"},
                    ),
                },
            ),
        ),
        "description": "What a customer has to do and may expect: of each kind what is open.",
    },
    "DealerHome": {
        **_object(
            dealer_id={"type": "string"},
            complaints=_object(open=_COUNT, ours=_COUNT, plans_due=_COUNT, items=_ITEMS),
            orders=_object(by_next_stage=_counted("stage"), items=_ITEMS),
            vehicles=_object(items=_ITEMS),
        ),
        "description": (
            "A dealer's open complaints, most urgent first (`ours`: the next step is the "
            "dealer's), its orders by the stage that comes next, and the vehicles of both."
        ),
    },
    "LeasingHome": {
        **_object(
            applications=_object(by_status=_counted("status"), items=_ITEMS),
            papers=_object(to_verify=_COUNT, items=_ITEMS),
            arrears=_object(by_bucket=_counted("bucket", oldest_unpaid_due_on=_DATE), items=_ITEMS),
            guarantees=_object(held=_COUNT, to_return=_COUNT, items=_ITEMS),
        ),
        "description": (
            "The leases within sight: applications that wait longest, papers to verify, arrears as "
            "they were last assessed, and guarantees, those first that are held of an ended lease."
        ),
    },
}


def _route(whose: str, summary: str, handler: Handler, about: str = "") -> Operation:
    return Operation(
        method="GET",
        path=f"/v1/portal/{whose}",
        name=f"read_{whose}_portal",
        tag="portals",
        summary=summary,
        about=about,
        handler=handler,
        answers={
            200: Answer(
                about="The portal's home.",
                schema={"$ref": f"#/components/schemas/{whose.title()}Home"},
                headers=ANSWER_HEADERS,
            ),
            304: UNCHANGED,
        },
        headers=READ_HEADERS,
        fails=READ_FAILS,
    )


OPERATIONS: tuple[Operation, ...] = (
    _route(
        "customer",
        "Read a customer's home: what is open of all that is hers, and what is due first.",
        _customer,
        "Who she is follows from the token. Lists go on under `/v1/customers/{id}/…`.",
    ),
    _route(
        "dealer",
        "Read a dealer's home: its complaints with plans due, its orders and vehicles.",
        _dealer,
        "Which dealer it is follows from the token.",
    ),
    _route(
        "leasing",
        "Read a leasing desk's home: applications, papers to verify, arrears, guarantees.",
        _leasing,
    ),
)
