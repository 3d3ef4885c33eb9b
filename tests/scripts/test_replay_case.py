"""The printed replay: who, when, what, why, and what changed at each step."""

import json
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from _demo import load_demo
from projections.case_documents import document_of
from replaying import app
from store.casebook import Casebook
from tests.scripts.running import run


@pytest.fixture
def case(installation: Casebook) -> UUID:
    return load_demo(installation, datetime.now(UTC)).complaint_id


def test_it_says_who_when_what_and_what_changed(installation: Casebook, case: UUID) -> None:
    result = run(app, str(case))
    assert result.exit_code == 0
    assert "demo-expert (Complaint specialist)" in result.stdout
    assert "The complaint was closed.  [complaint.closed]" in result.stdout
    assert "~ /status: confirmed → closed" in result.stdout
    assert "+ /callbacks/0/satisfaction = 5" in result.stdout
    assert "ترمز دستی در سراشیبی" in result.stdout


def test_it_goes_up_to_a_version_or_an_instant(installation: Casebook, case: UUID) -> None:
    third = installation.history(case)[2]
    by_version = run(app, str(case), "--version", "3").stdout
    by_instant = run(app, str(case), "--at", third.recorded_at.isoformat()).stdout
    assert by_version == by_instant
    assert "complaint.judged_valid" not in by_version
    long_ago = (third.recorded_at - timedelta(days=9)).isoformat()
    assert run(app, str(case), "--at", long_ago).exit_code == 1


def test_it_speaks_the_readers_language(case: UUID) -> None:
    assert "شکایت مختومه شد" in run(app, str(case), "--locale", "fa").stdout


def test_it_can_leave_out_what_is_personal(case: UUID) -> None:
    shown = run(app, str(case), "--redact").stdout
    assert "ترمز" not in shown
    assert "/narrative = (erased)" in shown


def test_json_holds_the_very_document_and_all_changes(installation: Casebook, case: UUID) -> None:
    whole = json.loads(run(app, str(case), "--version", "8", "--json").stdout)
    history = installation.history(case, up_to_version=8)
    assert whole["document"] == document_of(history, installation.rules)
    assert [event["version"] for event in whole["events"]] == list(range(1, 9))
    changed = {c["pointer"] for event in whole["events"][1:] for c in event["changes"]}
    assert "/status" in changed


def test_the_reason_is_shown(installation: Casebook, case: UUID) -> None:
    rules = installation.read(0, 1, topics=["rulebook.published"])[0]
    assert "Why: shipped with the program" in run(app, str(rules.stream)).stdout


@pytest.mark.parametrize(
    "arguments",
    [
        [str(uuid4())],
        ["--locale", "xx"],
        ["--at", "noon"],
        ["--at", "2026-01-01", "--version", "1"],
    ],
)
def test_what_cannot_be_shown_is_one_line(case: UUID, arguments: list[str]) -> None:
    given = arguments if "-" not in arguments[0][:2] else [str(case), *arguments]
    result = run(app, *given)
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1


def test_it_tells_why_a_deadline_is_due_when_it_is_due(installation: Casebook, case: UUID) -> None:
    told = run(app, str(case)).stdout
    assert re.search(
        r"First response: due \w{3} [0-9: -]+, 8 Working hours, by sla complaint v1 "
        r"\(first_response\), calendar iran v1 \(Asia/Tehran\)\n"
        r"( +\w{3} [0-9: -]+ → \w{3} [0-9: -]+  (Counted  \d h \d\d min|[A-Z][a-z ]+)\n)+",
        told,
    )
    assert "/derivation/" not in told
