"""Reports over HTTP: the board, escalations, dealers and coverage, as JSON and as a table."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.requests import Request

from api.routes.reports import as_table, wants_csv
from domain.declare import Role
from projections import coverage
from projections.reports import Report
from store.casebook import Casebook
from store.database import connect
from tests.api.service import Person, Service, problem

ROOT = "/v1/reports"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
NUMBER = "K-2026/17"


@pytest.fixture(scope="module")
def cases(service: Service) -> dict[str, str]:
    """Register cases of two regions; each starts the clocks of the shipped pack."""
    made = {}
    for region in ("north", "south"):
        case = made[region] = service.complaint(number=NUMBER)
        expert = service.expert
        expert.done(f"/v1/complaints/{case}/judgement", {"valid": True})
        expert.done(
            f"/v1/complaints/{case}/classification", {"kind": "quality", "subject": "gearbox"}
        )
        expert.done(f"/v1/complaints/{case}/grading", {"importance": "normal"})
        expert.done(
            f"/v1/complaints/{case}/assignment", {"region": region, "dealer_id": f"d-{region}"}
        )
    return made


def reader(service: Service, role: Role = Role.SUPERVISOR, **place: str) -> Person:
    person = service.person(role, **place)
    casebook: Casebook = service.app.state.desk.casebook
    person.position = casebook.head()
    return person


def items(person: Person, path: str) -> list[dict[str, Any]]:
    answer = person.get(f"{ROOT}/{path}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_a_supervisor_sees_the_clocks_of_her_region_by_what_is_due(
    service: Service, cases: dict[str, str]
) -> None:
    found = items(reader(service, region="north"), "deadlines?standing=true")
    assert found
    assert {item["case_id"] for item in found} == {cases["north"]}
    assert [item["order_at"] for item in found] == sorted(item["order_at"] for item in found)
    assert all(item["state"] == "running" and item["due_at"] for item in found)
    manager = reader(service, Role.MANAGER)
    both = items(manager, "deadlines?standing=true&dealer=d-south")
    assert {item["case_id"] for item in both} == {cases["south"]}


def test_a_report_goes_on_where_its_page_ended(service: Service, cases: dict[str, str]) -> None:
    manager = reader(service, Role.MANAGER)
    whole = items(manager, "deadlines?region=north")
    first = manager.get(f"{ROOT}/deadlines?region=north&limit=1")
    cursor = first.json()["next"]
    rest = items(manager, f"deadlines?region=north&cursor={cursor}")
    assert [*first.json()["items"], *rest] == whole
    other = manager.get(f"{ROOT}/deadlines?region=south&cursor={cursor}")
    problem(other, 422, "request.invalid")


def test_a_table_has_a_heading_and_says_where_it_goes_on(
    service: Service, cases: dict[str, str]
) -> None:
    manager = reader(service, Role.MANAGER)
    path = f"{ROOT}/deadlines?region=north&limit=1"
    answer = manager.get(path, accept="text/csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "Accept" in answer.headers["vary"]
    [row] = csv.DictReader(io.StringIO(answer.text))
    assert row["number"] == NUMBER
    assert row["case_id"] == cases["north"]
    assert row["due_at"].endswith("Z")
    following = answer.links["next"]["url"]
    [second] = csv.DictReader(io.StringIO(manager.get(following, accept="text/csv").text))
    assert second["n"] != row["n"]
    tag = answer.headers["etag"]
    assert manager.get(path, accept="text/csv", if_none_match=tag).status_code == 304
    assert manager.get(path, if_none_match=tag).status_code == 200


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_table_is_a_formula(begins: str) -> None:
    text = f'{begins}HYPERLINK("https://example.com")'
    report = Report(1, ("said", "n", "at", "met", "none"), [(text, -1, NOON, True, None)], None)
    [_, row] = csv.reader(io.StringIO(as_table(report).decode(), newline=""))
    assert row == [f"'{text}", "-1", "2026-11-21T12:00:00Z", "true", ""]


@pytest.mark.parametrize(
    ("accepted", "table"),
    [
        ("text/csv", True),
        ("text/csv, */*", True),
        ("*/*", False),
        ("application/json, text/csv;q=0.5", False),
        ("application/json;q=0.1, TEXT/CSV;q=0.5", True),
        ("text/csv;q=0", False),
        ("text/csv;q=x", False),
        ("", False),
    ],
)
def test_a_table_is_answered_to_who_would_rather_have_one(accepted: str, table: bool) -> None:
    headers = [(b"accept", accepted.encode())]
    assert wants_csv(Request({"type": "http", "headers": headers})) is table


def test_dealers_are_reported_on_within_a_time(service: Service, cases: dict[str, str]) -> None:
    manager = reader(service, Role.MANAGER)
    until = (datetime.now(UTC) + timedelta(days=60)).isoformat().replace("+00:00", "Z")
    [dealer] = items(manager, f"dealers?to={until}&region=south")
    assert dealer["dealer"] == "d-south"
    assert dealer["open"] > 0
    assert dealer["breached"] == 0
    assert items(manager, "dealers?from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z") == []
    problem(manager.get(f"{ROOT}/dealers?from=2001-01-01T00:00:00Z"), 422, "request.invalid")


def test_escalations_and_coverage_answer_though_there_are_none(
    service: Service, cases: dict[str, str], module_database_url: str
) -> None:
    manager = reader(service, Role.MANAGER)
    assert items(manager, "escalations?state=open&region=north") == []
    with connect(module_database_url, "views") as connection:
        coverage.check(connection, datetime.now(UTC))
    body = manager.get(f"{ROOT}/coverage").json()
    assert body["items"] == []
    assert body["check"]["gaps"] == 0
    health = service.auditor.get("/health/views").json()
    assert health["coverage"]["gaps"] == 0
    assert health["coverage"]["checked_at"]
    assert "parvandeh_coverage_gaps 0.0" in service.client.get("/metrics").text


@pytest.mark.parametrize(
    "query",
    ["state=late", "standing=yes", "from=yesterday", "surprise=1", "limit=0", "region="],
)
def test_what_a_report_cannot_be_asked_is_said(service: Service, query: str) -> None:
    problem(reader(service, Role.MANAGER).get(f"{ROOT}/deadlines?{query}"), 422, "request.invalid")


def test_a_specialist_has_no_reports(service: Service) -> None:
    problem(service.specialist.get(f"{ROOT}/deadlines"), 403, "role.not_entitled")
