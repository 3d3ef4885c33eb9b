"""Around every request: its correlation id, its log line, its metrics, its span, safe headers.

Pure ASGI in one class, so a request passes through one frame and not through five. A failure that
nothing else answered becomes the 500 problem here; what is logged of it is where it happened, not
the message, which could repeat personal data.
"""

import time
import traceback
from contextlib import nullcontext
from typing import Any
from uuid import UUID

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import metrics, problems
from api.tracing import Tracing, finish
from store.ids import new_id

access_log = structlog.get_logger("api.access")
failure_log = structlog.get_logger("api.failure")

UNMATCHED = "unmatched"
CORRELATION_KEY = "parvandeh.correlation_id"
ROUTE_KEY = "parvandeh.route"
ACTOR_KEY = "parvandeh.actor"
STREAM_KEY = "parvandeh.stream"
"""Set by an answer that goes on for hours: its seconds are those to the answer's head."""

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_SAFE_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_OVER_TLS = ((b"strict-transport-security", b"max-age=63072000"),)


class Envelope:
    """The one middleware; see the module."""

    def __init__(self, app: ASGIApp, tracing: Tracing | None = None) -> None:
        self.app = app
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and see its answer off."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started_s = time.perf_counter()
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        correlation_id = _correlation_id(scope)
        scope[CORRELATION_KEY] = correlation_id
        extra = [
            *_SAFE_HEADERS,
            *(_OVER_TLS if scope.get("scheme") == "https" else ()),
            (b"x-correlation-id", str(correlation_id).encode()),
        ]
        status = 0
        head_s = 0.0

        async def send_on(message: Message) -> None:
            nonlocal status, head_s
            if message["type"] == "http.response.start":
                status = message["status"]
                head_s = time.perf_counter() - started_s
                message["headers"] = [*message.get("headers", ()), *extra]
            await send(message)

        tracing = self._tracing
        opened = tracing.span(method, _headers(scope)) if tracing else nullcontext()
        metrics.RUNNING.inc()
        with opened as span:
            try:
                await self.app(scope, receive, send_on)
            except Exception as error:  # noqa: BLE001 (the outermost frame: nobody else answers)
                _log_failure(error, correlation_id)
                if status == 0:
                    answer = problems.of_failure(Request(scope))
                    await answer(scope, receive, send_on)
            finally:
                metrics.RUNNING.dec()
                whole_s = time.perf_counter() - started_s
                seconds = head_s if STREAM_KEY in scope else whole_s
                route = scope.get(ROUTE_KEY, UNMATCHED)
                metrics.observe(method, route, status, seconds)
                if span is not None:
                    finish(
                        span, method=method, route=route, status=status,
                        correlation_id=str(correlation_id),
                    )  # fmt: skip
                access_log.info(
                    "request",
                    method=method,
                    route=route,
                    status=status,
                    ms=round(whole_s * 1000, 2),
                    correlation_id=str(correlation_id),
                    actor=scope.get(ACTOR_KEY),
                )


def _correlation_id(scope: Scope) -> UUID:
    for name, value in scope["headers"]:
        if name == b"x-correlation-id":
            try:
                return UUID(value.decode("ascii"))
            except ValueError:
                break
    return new_id()


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def _log_failure(error: Exception, correlation_id: UUID) -> None:
    chain: list[Any] = []
    current: BaseException | None = error
    while current is not None and len(chain) < 5:
        frames = traceback.extract_tb(current.__traceback__)[-12:]
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        chain.append({"kind": type(current).__name__, "at": places})
        current = current.__cause__ or current.__context__
    failure_log.error("failure", correlation_id=str(correlation_id), chain=chain)
