"""How the service does: for a load balancer without a token, in detail for those who watch it.

`/health` and `/ready` answer one word, so they may be open. What `/metrics` and `/health/views`
show (positions, lags, error kinds) is for an administrator's or auditor's token; a scraper on the
machine itself (the loopback address, not through a proxy) needs none for `/metrics`.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api import access, doors
from api.operations import Answer, Call, Operation
from projections import coverage
from store import saga_status
from store.readers import UNAVAILABLE
from store.views import metrics as view_metrics
from store.views import view_status

WORD_SCHEMA = {
    "type": "object",
    "required": ["status"],
    "properties": {"status": {"enum": ["ok"]}},
    "additionalProperties": False,
}
_OK = b'{"status":"ok"}'
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_LOOPBACK_HOST = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?", re.IGNORECASE)
_NOT_OF_A_SCRAPER = (
    "authorization", "origin", "forwarded", "via", "x-forwarded-for", "x-forwarded-host",
    "x-forwarded-proto", "x-real-ip",
)  # fmt: skip
"""Headers of whoever comes through a proxy or a browser, or wants to be known by a token."""


async def _health(call: Call) -> Response:
    return Response(_OK, media_type="application/json", headers={"cache-control": "no-store"})


async def _ready(call: Call) -> Response:
    async with call.desk.readers.connection(freshest=True) as connection:
        await connection.execute("SELECT 1 FROM views.tracking LIMIT 1")
    return await _health(call)


async def _metrics(call: Call) -> Response:
    request = call.request
    if not _is_local(request):
        access.permit(
            doors.OVERSEERS,
            await call.desk.verifier.actor(request.headers.get("authorization")),
        )
    body = await run_in_threadpool(_measured, call)
    return Response(body, media_type=CONTENT_TYPE_LATEST, headers={"cache-control": "no-store"})


def _is_local(request: Request) -> bool:
    if request.client is None or request.client.host not in _LOOPBACK:
        return False
    if not _LOOPBACK_HOST.fullmatch(request.headers.get("host", "")):
        return False  # a page whose name was made to lead to this machine
    return not any(name in request.headers for name in _NOT_OF_A_SCRAPER)


def _measured(call: Call) -> bytes:
    try:
        with call.desk.casebook.pool.connection(timeout=1.0) as connection:
            view_metrics.observe_all(view_status(connection))
            coverage.standing(connection)
            stands, counts = saga_status.standing(connection), saga_status.counted(connection)
    except UNAVAILABLE:
        return generate_latest()  # what this process knows by itself is still worth scraping
    return generate_latest() + generate_latest(_OfSagas(saga_status.metrics(stands, counts)))


class _OfSagas(CollectorRegistry):
    """What the processes of the sagas counted, for one scrape."""

    def __init__(self, found: Iterable[Metric]) -> None:
        super().__init__()
        self._found = list(found)

    def collect(self) -> Iterator[Metric]:
        """Yield it."""
        return iter(self._found)


async def _views(call: Call) -> Response:
    body = await run_in_threadpool(_standing, call)
    return Response(body, media_type="application/json", headers={"cache-control": "no-store"})


def _standing(call: Call) -> bytes:
    with call.desk.casebook.pool.connection() as connection:
        found = view_status(connection)
        covered = coverage.standing(connection)
        sagas = saga_status.standing(connection)
    views = [
        {
            "view": status.view,
            "position": status.position,
            "lag_events": status.lag_events,
            "moved_at": status.moved_at.isoformat(),
            "stuck_at": status.stuck_at,
            "stuck_topic": status.stuck_topic,
            "stuck_since": status.stuck_since.isoformat() if status.stuck_since else None,
            "attempts": status.attempts,
        }
        for status in found
    ]
    head = max((status.head for status in found), default=0)
    stuck = any(status.is_stuck for status in found)
    late = any(saga.is_late(datetime.now(UTC)) for saga in sagas)
    word = "stuck" if stuck else "uncovered" if covered.gaps else "overdue" if late else "ok"
    checked_at = covered.checked_at.isoformat() if covered.checked_at else None
    body = {
        "status": word,
        "head": head,
        "views": views,
        "coverage": {"gaps": covered.gaps, "checked_at": checked_at},
        "sagas": [
            {
                "saga": saga.saga,
                "due": saga.due,
                "overdue": saga.overdue,
                "oldest_due_at": saga.oldest_due_at.isoformat() if saga.oldest_due_at else None,
                "looked_at": saga.looked_at.isoformat(),
            }
            for saga in sagas
        ],
    }
    return json.dumps(body).encode()


async def _openapi(call: Call) -> Response:
    described: bytes = call.request.app.state.openapi_document
    return Response(
        described, media_type="application/json", headers={"cache-control": "public, max-age=60"}
    )


VIEWS_SCHEMA = {
    "type": "object",
    "required": ["status", "head", "views", "coverage", "sagas"],
    "properties": {
        "status": {
            "enum": ["ok", "stuck", "uncovered", "overdue"],
            "description": (
                "Uncovered: something was missed and nobody was told of it. Overdue: a timer of a"
                " saga is due for more than a minute, or nobody has looked for as long."
            ),
        },
        "coverage": {
            "type": "object",
            "required": ["gaps", "checked_at"],
            "properties": {
                "gaps": {"type": "integer", "minimum": 0},
                "checked_at": {"type": ["string", "null"], "format": "date-time"},
            },
        },
        "sagas": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["saga", "due", "overdue", "oldest_due_at", "looked_at"],
                "properties": {
                    "saga": {"type": "string"},
                    "due": {"type": "integer", "minimum": 0},
                    "overdue": {"type": "integer", "minimum": 0},
                    "oldest_due_at": {"type": ["string", "null"], "format": "date-time"},
                    "looked_at": {"type": "string", "format": "date-time"},
                },
            },
        },
        "head": {"type": "integer"},
        "views": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["view", "position", "lag_events", "stuck_at"],
                "properties": {
                    "view": {"type": "string"},
                    "position": {"type": "integer"},
                    "lag_events": {"type": "integer"},
                    "moved_at": {"type": "string", "format": "date-time"},
                    "stuck_at": {"type": ["integer", "null"]},
                    "stuck_topic": {"type": ["string", "null"]},
                    "stuck_since": {"type": ["string", "null"], "format": "date-time"},
                    "attempts": {"type": "integer"},
                },
            },
        },
    },
}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/health",
        name="health",
        tag="service",
        summary="Tell whether the process answers.",
        handler=_health,
        answers={200: Answer(about="It does.", schema=WORD_SCHEMA)},
        fails=(422,),
    ),
    Operation(
        method="GET",
        path="/ready",
        name="ready",
        tag="service",
        summary="Tell whether the database answers too.",
        handler=_ready,
        answers={200: Answer(about="It does.", schema=WORD_SCHEMA)},
        fails=(422, 503),
    ),
    Operation(
        method="GET",
        path="/health/views",
        name="health_of_views",
        tag="service",
        summary="Tell where every view stands, and which one is stuck at what.",
        handler=_views,
        answers={200: Answer(about="Where they stand.", schema=VIEWS_SCHEMA)},
        fails=(422, 503),
    ),
    Operation(
        method="GET",
        path="/metrics",
        name="metrics",
        tag="service",
        summary="Read the metrics, as Prometheus does.",
        about="Without a token on the loopback address; else an auditor's or administrator's.",
        handler=_metrics,
        answers={
            200: Answer(about="The metrics.", schema={"type": "string"}, media_type="text/plain")
        },
        fails=(401, 403, 422),
    ),
    Operation(
        method="GET",
        path="/openapi.json",
        name="openapi",
        tag="service",
        summary="Read this document.",
        handler=_openapi,
        answers={200: Answer(about="The document.", schema={"type": "object"})},
        fails=(422,),
    ),
)
