"""Around every request: nothing personal in logs and traces, and failures that say nothing."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
import structlog
from fastapi import FastAPI, Request
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from api import problems
from api.middleware import ROUTE_KEY, Envelope
from api.texts import Texts
from api.tracing import Tracing
from tests.api.service import Service, problem

SECRET = "Sara Rad, +98 912 000 0042"


def failing(tracing: Tracing | None = None) -> FastAPI:
    """Make an application of which one route fails, with something personal in the message."""
    app = FastAPI(openapi_url=None)
    app.state.texts = Texts.load()
    problems.install(app)

    @app.get("/cases/{id}")
    async def fails(request: Request) -> None:
        request.scope[ROUTE_KEY] = "/cases/{id}"
        raise RuntimeError(SECRET)

    app.add_middleware(Envelope, tracing=tracing)
    return app


def asked(app: FastAPI, path: str, **headers: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


def test_a_failure_says_nothing_to_the_caller_and_where_it_was_to_the_log() -> None:
    with structlog.testing.capture_logs() as lines:
        answer = asked(failing(), "/cases/7")
    problem(answer, 500, "service.failed")
    assert "RuntimeError" not in answer.text
    [failure] = [line for line in lines if line["event"] == "failure"]
    assert failure["chain"][0]["kind"] == "RuntimeError"
    assert any("test_middleware.py" in place for place in failure["chain"][0]["at"])
    assert failure["correlation_id"] == answer.headers["x-correlation-id"]
    assert SECRET not in json.dumps(lines, default=str)


def test_a_span_has_the_template_of_the_route_and_nothing_of_the_request() -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    asked(failing(Tracing(provider)), "/cases/7?q=Sara", traceparent=caller, cookie=SECRET)
    [span] = exporter.get_finished_spans()
    assert span.name == "GET /cases/{id}"
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
    attributes = dict(span.attributes or {})
    assert attributes["http.response.status_code"] == 500
    assert set(attributes) == {
        "http.request.method", "http.route", "http.response.status_code",
        "parvandeh.correlation_id",
    }  # fmt: skip
    assert "Sara" not in span.to_json()


def test_tracing_is_off_unless_an_endpoint_is_named() -> None:
    assert Tracing.make({}) is None
    tracing = Tracing.make({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"})
    assert tracing is not None
    tracing.close()


def test_the_log_has_neither_bodies_nor_queries_nor_names(service: Service) -> None:
    specialist = service.specialist
    with structlog.testing.capture_logs() as lines:
        made = specialist.done(
            "/v1/complaints",
            {
                "kind": "quality",
                "channel": "phone",
                "narrative": SECRET,
                "complainant_name": "Zahra",
            },
        )
        specialist.get("/v1/complaints?q=Zahra")
        specialist.get(f"/v1/complaints/{made['id']}")
        specialist.post("/v1/complaints", {"narrative": SECRET, "Zahra": 1})
        specialist.post(
            "/v1/customers/identification", {"identifiers": [{"kind": "vin", "value": SECRET}]}
        )
        service.client.get("/Zahra", headers={"authorization": "Bearer Zahra", "referer": SECRET})
    said = json.dumps(lines, default=str)
    for secret in (SECRET, "Zahra", made["id"]):
        assert secret not in said
    requests = [line for line in lines if line["event"] == "request"]
    assert {line["route"] for line in requests} >= {
        "/v1/complaints", "/v1/complaints/{id}", "/v1/customers/identification", "unmatched",
    }  # fmt: skip
    assert {line["actor"] for line in requests} == {"u-specialist", None}


def test_problems_do_not_repeat_what_was_sent(service: Service) -> None:
    body: dict[str, Any] = {"kind": "Zahra", "channel": SECRET, "mileage": "Zahra", "fire": "Zahra"}
    answer = service.specialist.post("/v1/complaints", body)
    problem(answer, 422, "request.invalid")
    assert "Zahra" not in answer.text
    assert "912" not in answer.text


def test_a_database_that_is_away_is_said_to_be_away(service: Service) -> None:
    case = service.complaint()
    url = service.app.state.desk.readers.primary.conninfo
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    owner = psycopg.conninfo.make_conninfo(url, dbname="postgres", options="")
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        try:
            for answer in (
                service.expert.get(f"/v1/complaints/{case}"),
                service.expert.post(
                    f"/v1/complaints/{case}/judgement",
                    {"valid": True},
                    idempotency_key=str(uuid4()),
                ),
            ):
                problem(answer, 503, answer.json()["type"])
                assert answer.json()["type"] in ("service.busy", "service.outcome_unknown")
                assert int(answer.headers["retry-after"]) >= 1
            assert service.client.get("/health").status_code == 200
            assert service.client.get("/ready").status_code == 503
        finally:
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    assert service.expert.get(f"/v1/complaints/{case}").status_code == 200


@pytest.mark.parametrize("secret", ["Bearer", "token"])
def test_a_wrong_token_is_not_repeated(service: Service, secret: str) -> None:
    answer = service.client.get(
        "/v1/complaints", headers={"authorization": f"Bearer {secret}.secret.part"}
    )
    problem(answer, 401, "token.invalid")
    assert "secret" not in answer.text
    assert answer.headers["www-authenticate"].startswith("Bearer")
