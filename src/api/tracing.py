"""One span per request, where OTEL_EXPORTER_OTLP_ENDPOINT says where to; else nothing at all.

A span carries the method, the route's template, the status and the correlation id; never a path,
a query, a header or a body.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

ENDPOINT_VARIABLES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class Tracing:
    """Makes spans; `make` answers None where tracing is not configured."""

    def __init__(self, provider: Any) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("parvandeh.api")

    @classmethod
    def make(cls, environment: Mapping[str, str] = os.environ) -> "Tracing | None":
        """Set up the exporter that the environment asks for (OpenTelemetry's own variables)."""
        if not any(environment.get(name) for name in ENDPOINT_VARIABLES):
            return None
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        name = environment.get("OTEL_SERVICE_NAME", "parvandeh")
        provider = TracerProvider(resource=Resource.create({"service.name": name}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        return cls(provider)

    @contextmanager
    def span(self, method: str, carrier: Mapping[str, str]) -> Iterator[Any]:
        """Open a server span that goes on a caller's trace (W3C `traceparent`)."""
        from opentelemetry.propagate import extract
        from opentelemetry.trace import SpanKind

        with self._tracer.start_as_current_span(
            method,
            context=extract(dict(carrier)),
            kind=SpanKind.SERVER,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            yield span

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


def finish(span: Any, *, method: str, route: str, status: int, correlation_id: str) -> None:
    """Say what came of a request."""
    from opentelemetry.trace import StatusCode

    span.update_name(f"{method} {route}")
    span.set_attribute("http.request.method", method)
    span.set_attribute("http.route", route)
    span.set_attribute("http.response.status_code", status)
    span.set_attribute("parvandeh.correlation_id", correlation_id)
    if status >= 500:
        span.set_status(StatusCode.ERROR)
