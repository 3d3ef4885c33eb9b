"""XES logs: traces become cases, no event is merged away, and no file can harm the reader."""

import csv
import gzip
import resource
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.clocks.messages import PauseReason
from domain.complaint import (
    CarriedMeaning,
    ComplaintClocksPaused,
    ComplaintClocksStarted,
    ComplaintClocksStopped,
    ComplaintRegistered,
    Priority,
    Status,
    StepCarriedOver,
    WaitingFor,
)
from importing.command import app
from sagas import SAGAS
from store.casebook import Casebook
from tests.sagas.desk import Desk
from tests.scripts.running import events, run, xes_case
from tests.scripts.sources import event, trace, xes

DAY = "2011-05-0{}T10:00:00+02:00"
LIFE = (
    event("Queued", "Awaiting Assignment", DAY.format(1)),
    event("Accepted", "In Progress", DAY.format(2), impact="Major"),
    event("Accepted", "Wait - Vendor", DAY.format(3)),
    event("Accepted", "Wait - Vendor", DAY.format(3)),
    event("Completed", "Closed", DAY.format(4), **{"org:resource": "Siebel"}),
    event("Accepted", "In Progress", DAY.format(5)),
    event("Completed", "Cancelled", DAY.format(6)),
)


def rejected(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def steps_of(casebook: Casebook, name: str) -> list[StepCarriedOver]:
    return [e for e in events(xes_case(casebook, name)) if isinstance(e, StepCarriedOver)]


@pytest.mark.parametrize("namespace", ["", ' xmlns="http://www.xes-standard.org/"'])
def test_a_trace_becomes_a_case_and_every_event_a_step_with_its_source_row(
    installation: Casebook, tmp_path: Path, namespace: str
) -> None:
    file = tmp_path / "log.xes"
    file.write_text(xes(trace("1-17", *LIFE), namespace=namespace), encoding="utf-8")
    result = run(app, "xes", file)
    assert result.exit_code == 0
    assert "7 rows read = 7 imported + 0 already there + 0 rejected" in result.stdout
    history = xes_case(installation, "1-17")
    registered = history[0].event
    assert isinstance(registered, ComplaintRegistered)
    assert registered.received_at == datetime(2011, 5, 1, 8, tzinfo=UTC)
    steps = steps_of(installation, "1-17")
    assert [step.source_row for step in steps] == [f"1-17#{n}" for n in range(1, 8)]
    assert [step.meaning for step in steps] == [
        CarriedMeaning.ASSIGNED,
        CarriedMeaning.IN_PROGRESS,
        CarriedMeaning.WAITING,
        CarriedMeaning.WAITING,
        CarriedMeaning.CLOSED,
        CarriedMeaning.IN_PROGRESS,
        CarriedMeaning.CANCELLED,
    ]
    assert [step.reopened for step in steps] == [False] * 5 + [True, False]
    assert [step.priority for step in steps[:2]] == [Priority.HIGH, Priority.URGENT]
    assert (steps[2].waiting_for, steps[2].unit) == (WaitingFor.VENDOR, "Desk 1")
    assert steps[0].org_role == "Org line C/A2_1"
    assert installation.state(history[0].stream).state.status is Status.CLOSED


def test_rows_that_wait_let_the_clock_of_the_case_stand_still(
    installation: Casebook, tmp_path: Path
) -> None:
    file = tmp_path / "log.xes"
    file.write_text(xes(trace("1", *LIFE)), encoding="utf-8")
    assert "7 imported" in run(app, "xes", file).stdout
    history = events(xes_case(installation, "1"))
    [pause] = [e for e in history if isinstance(e, ComplaintClocksPaused)]
    assert (pause.reason, pause.paused_at) == (
        PauseReason.SUPPLIER,
        datetime(2011, 5, 3, 8, tzinfo=UTC),
    )
    assert (pause.note, pause.ordered_by) == (None, None)
    first, again = [e for e in history if isinstance(e, ComplaintClocksStarted)]
    assert [clock.clock for clock in (*first.clocks, *again.clocks)] == ["resolution"] * 2
    assert first.clocks[0].due.derivation.started_at == datetime(2011, 5, 1, 8, tzinfo=UTC)
    stops = [e.stops[0] for e in history if isinstance(e, ComplaintClocksStopped)]
    assert [(stop.n, stop.stopped_at.day, stop.met) for stop in stops] == [
        (1, 4, None),
        (2, 6, True),
    ]


@pytest.mark.parametrize(
    ("waits", "reason"),
    [
        ("Wait - User", PauseReason.CUSTOMER),
        ("Wait - Customer", PauseReason.CUSTOMER),
        ("Wait - Vendor", PauseReason.SUPPLIER),
        ("Wait - Implementation", PauseReason.OTHER_SYSTEM),
        ("Wait", PauseReason.OTHER_SYSTEM),
    ],
)
def test_every_word_for_waiting_has_a_reason_for_the_pause(
    installation: Casebook, tmp_path: Path, waits: str, reason: PauseReason
) -> None:
    file = tmp_path / "log.xes"
    waiting = event("Accepted", waits, DAY.format(2))
    file.write_text(xes(trace("1", LIFE[0], waiting, LIFE[-1])), encoding="utf-8")
    assert run(app, "xes", file).exit_code == 0
    history = events(xes_case(installation, "1"))
    assert [e.reason for e in history if isinstance(e, ComplaintClocksPaused)] == [reason]


def test_sagas_say_nothing_of_what_happened_before_the_import(
    installation: Casebook, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "log.xes"
    file.write_text(xes(trace("ended", *LIFE), trace("open", *LIFE[:2])), encoding="utf-8")
    assert "9 imported" in run(app, "xes", file).stdout
    head = installation.head()
    acting = [saga for saga in SAGAS if saga.perform is None]
    desk = Desk(database_url, installation, acting, datetime.now(UTC) + timedelta(days=30))
    assert desk.settle() == 0
    assert installation.head() == head


def test_a_step_keeps_what_else_its_row_says(installation: Casebook, tmp_path: Path) -> None:
    file = tmp_path / "log.xes"
    said = {"product": "PROD582", "resource country": "France", "organization country": "-"}
    file.write_text(
        xes(trace("1-18", event("Queued", "Awaiting Assignment", DAY.format(1), **said)))
    )
    assert run(app, "xes", file).exit_code == 0
    [step] = steps_of(installation, "1-18")
    assert [(a.name, a.value) for a in step.attributes] == [
        ("product", "PROD582"),
        ("resource country", "France"),
    ]


def test_names_of_people_become_opaque_codes_that_stay_the_same(
    installation: Casebook, tmp_path: Path
) -> None:
    file = tmp_path / "log.xes"
    file.write_text(xes(trace("1", *LIFE)), encoding="utf-8")
    run(app, "xes", file)
    first, *_, closing, _, last = steps_of(installation, "1")
    assert first.resource == last.resource
    assert first.resource is not None
    assert "zarathustra" not in first.resource.lower()
    assert closing.resource == "Siebel"


def test_a_second_run_adds_nothing_and_a_longer_log_adds_what_is_new(
    installation: Casebook, tmp_path: Path
) -> None:
    file = tmp_path / "log.xes.gz"
    file.write_bytes(gzip.compress(xes(trace("1", *LIFE[:3]), trace("2", *LIFE)).encode()))
    run(app, "xes", file)
    head = installation.head()
    again = run(app, "xes", file)
    assert "10 rows read = 0 imported + 10 already there + 0 rejected" in again.stdout
    assert installation.head() == head
    file.write_bytes(gzip.compress(xes(trace("1", *LIFE), trace("2", *LIFE)).encode()))
    assert "4 imported + 10 already there" in run(app, "xes", file).stdout
    assert len(steps_of(installation, "1")) == 7
    pauses = [
        e for e in events(xes_case(installation, "1")) if isinstance(e, ComplaintClocksPaused)
    ]
    assert len(pauses) == 1


def test_a_broken_event_is_rejected_and_the_rest_of_its_trace_imported(
    installation: Casebook, tmp_path: Path
) -> None:
    broken = (
        event("Accepted", "Fell Asleep", DAY.format(2)),
        event("Accepted", "In Progress", "yesterday"),
        event("Accepted", "In Progress", "2011-05-02T10:00:00"),
        event("Accepted", "In Progress", "2911-05-02T10:00:00Z"),
        event("Accepted", "In Progress", DAY.format(2), **{"org:group": "Büro"}),
    )
    file = tmp_path / "log.xes"
    file.write_text(xes(trace("1", LIFE[0], *broken, LIFE[1]), trace("2", *LIFE)), encoding="utf-8")
    result = run(app, "xes", file)
    assert "14 rows read = 9 imported + 0 already there + 5 rejected" in result.stdout
    rows = rejected(tmp_path / "log.xes.rejects.csv")
    assert sorted((row["line"], row["row"], row["code"]) for row in rows) == [
        ("3", "1#2", "mapping.status_unknown"),
        ("4", "1#3", "value.datetime_parsing"),
        ("5", "1#4", "value.timezone_aware"),
        ("6", "1#5", "complaint.instant_in_future"),
        ("7", "1#6", "value.string_pattern_mismatch"),
    ]
    assert "Fell Asleep" in next(row["raw"] for row in rows if row["line"] == "3")
    assert [step.source_row for step in steps_of(installation, "1")] == ["1#1", "1#7"]


def test_two_traces_of_one_name_are_not_merged(installation: Casebook, tmp_path: Path) -> None:
    file = tmp_path / "log.xes"
    file.write_text(xes(trace("1", *LIFE), trace("1", *LIFE[:2])), encoding="utf-8")
    result = run(app, "xes", file)
    assert "9 rows read = 7 imported + 0 already there + 2 rejected" in result.stdout
    codes = {row["code"] for row in rejected(tmp_path / "log.xes.rejects.csv")}
    assert codes == {"trace.name_taken"}


def test_what_stands_before_a_broken_place_is_imported_and_what_follows_accounted_for(
    installation: Casebook, tmp_path: Path
) -> None:
    text = xes(trace("1", *LIFE), trace("2", *LIFE))
    file = tmp_path / "log.xes"
    file.write_text(text[: text.rindex("Cancelled")], encoding="utf-8")
    result = run(app, "xes", file)
    assert result.exit_code == 0
    codes = [row["code"] for row in rejected(tmp_path / "log.xes.rejects.csv")]
    assert codes.count("xml.malformed") == 1
    assert set(codes) == {"xml.malformed", "xml.trace_unfinished"}
    assert len(steps_of(installation, "1")) == 7


BOMB = (
    '<!DOCTYPE log [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {c} "{f"&{p};" * 10}">' for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
EXTERNAL = '<!DOCTYPE log SYSTEM "file:///etc/passwd">'


@pytest.mark.parametrize("before", [BOMB, EXTERNAL, "<!DOCTYPE log>"])
def test_a_document_type_is_refused_and_nothing_imported(
    installation: Casebook, tmp_path: Path, before: str
) -> None:
    head = installation.head()
    file = tmp_path / "log.xes"
    text = xes(trace("&i;" if before is BOMB else "1", *LIFE), before=before)
    file.write_text(text, encoding="utf-8")
    result = run(app, "xes", file)
    assert result.exit_code == 1
    assert "document type" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert installation.head() == head


@pytest.mark.parametrize(
    "text",
    ["<html/>", '<log><trace><string key="a" value="' + "x" * 9_000_000 + '"/></trace></log>'],
)
def test_a_file_of_something_else_is_refused_in_one_line(
    installation: Casebook, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "log.xes"
    file.write_text(text, encoding="utf-8")
    result = run(app, "xes", file)
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_mapping_of_ones_own_gives_its_own_cases(installation: Casebook, tmp_path: Path) -> None:
    mapping = tmp_path / "mine.toml"
    mapping.write_text(
        'source = "mine"\n[event]\nstatus = "concept:name"\n'
        '[[meanings]]\nstatus = "*"\nmeaning = "noted"\n',
        encoding="utf-8",
    )
    file = tmp_path / "log.xes"
    file.write_text(xes(trace("1", *LIFE)), encoding="utf-8")
    assert "7 imported" in run(app, "xes", file, "--mapping", mapping).stdout
    assert len(xes_case(installation, "1", source="mine")) == 8
    assert not xes_case(installation, "1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source = ", "cannot be read"),
        ('source = "x"\n', "lacks 'event'"),
        (
            'source = "x"\nmeanings = [{status = "a", meaning = "b"}]\n[event]\nstatus = "c"\n',
            "wrong",
        ),
    ],
)
def test_a_wrong_mapping_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    mapping = tmp_path / "mine.toml"
    mapping.write_text(text, encoding="utf-8")
    result = run(app, "xes", tmp_path / "log.xes", "--mapping", mapping)
    assert result.exit_code == 1
    assert said in result.stderr


def test_reading_takes_no_more_memory_for_a_longer_log(tmp_path: Path) -> None:
    file = tmp_path / "log.xes"
    traces = [trace(f"1-{n}", *LIFE) for n in range(4_000)]
    file.write_text(xes(*traces), encoding="utf-8")
    del traces
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = run(app, "xes", file, "--dry-run", "--rejects", tmp_path / "rejects.csv")
    assert "28,000 rows read" in result.stdout
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 30 * 1024
