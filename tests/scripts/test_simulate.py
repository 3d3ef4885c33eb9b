"""Simulations: who would have been told what, the same every time, and what a what-if changes."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from simulating.command import app
from simulating.generated import Generated
from simulating.policies import shipped_rules
from simulating.running import Outcome, Simulation
from store.rulebook import SHIPPED
from tests.scripts.running import run
from tests.scripts.sources import event, trace, xes

DAY = "2011-05-{:02}T10:00:00+02:00"
"""The first of May 2011 is a Sunday, and the company works from Saturday to Wednesday."""

LATE = (
    event("Queued", "Awaiting Assignment", DAY.format(1), impact="Medium"),
    event("Accepted", "In Progress", DAY.format(2), impact="Medium", **{"org:group": "Desk 2"}),
    event("Completed", "Closed", DAY.format(28), impact="Medium", **{"org:group": "Desk 2"}),
)
"""Ten working days have passed on the sixteenth, for the seventh is a holiday."""

WAITING = (
    event("Queued", "Awaiting Assignment", DAY.format(1), impact="Medium"),
    event("Accepted", "Wait - User", DAY.format(2), impact="Medium"),
    event("Accepted", "In Progress", DAY.format(27), impact="Medium"),
    event("Completed", "Closed", DAY.format(28), impact="Medium"),
)
"""The same, but the clock stands still for most of the time."""


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "log.xes"
    prompt = (LATE[0], event("Completed", "Closed", DAY.format(3), impact="Medium"))
    file.write_text(
        xes(trace("1-1", *LATE), trace("1-2", *WAITING), trace("1-3", *prompt)), encoding="utf-8"
    )
    return file


def policy(folder: Path, kind: str, name: str, old: str, new: str) -> Path:
    """Write a shipped document with something else in it."""
    text = (SHIPPED / kind / f"{name}.toml").read_text(encoding="utf-8")
    assert old in text
    path = folder / kind / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def counted(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_a_log_is_played_as_if_it_happened_here(log: Path) -> None:
    result = run(app, "xes", log, "--json", "found.json", "--jobs", "1")
    assert result.exit_code == 0, result.stderr
    baseline = counted(Path("found.json"))["baseline"]
    clock = baseline["by_clock"]["resolution"]
    assert (baseline["cases"], clock["started"], clock["met"], clock["late"]) == (3, 3, 2, 1)
    assert (clock["paused"], clock["warned"], clock["breached"], clock["escalated"]) == (1, 2, 1, 1)
    assert baseline["by_unit"]["Desk 2"]["breached"] == 1
    assert baseline["by_priority"]["normal"]["breached"] == 1
    assert baseline["told"][0] == {"rung": 0, "role": "supervisor", "of": "Desk 2", "times": 1}
    [worst] = baseline["worst"]
    assert (worst["case"], worst["due_at"]) == ("1-1", "2011-05-16T11:30:00Z")
    assert "1-1    resolution" in result.stdout


def test_the_same_input_gives_the_same_output_byte_for_byte(log: Path) -> None:
    first = run(app, "xes", log, "--json", "first.json", "--jobs", "1").stdout
    assert run(app, "xes", log, "--json", "second.json", "--jobs", "2").stdout == first
    assert Path("first.json").read_bytes() == Path("second.json").read_bytes()


def test_a_what_if_stands_beside_the_baseline(log: Path, tmp_path: Path) -> None:
    stricter = policy(
        tmp_path, "sla_pack", "complaint", "span = { amount = 10,", "span = { amount = 1,"
    )
    result = run(app, "xes", log, "--policy", stricter, "--json", "found.json", "--jobs", "1")
    assert result.exit_code == 0, result.stderr
    assert "what-if: sla_pack/complaint" in result.stdout
    found = counted(Path("found.json"))
    assert found["baseline"]["totals"]["breached"] == 1
    assert found["what_if"]["totals"]["breached"] == 2
    assert found["changes"] == {
        "cases": 3,
        "newly_breached": {"resolution": 1},
        "no_longer_breached": {},
    }


def test_a_folder_of_policies_is_read_whole_and_the_shipped_ones_change_nothing(
    log: Path, tmp_path: Path
) -> None:
    for kind in ("sla_pack", "ladder"):
        shutil.copytree(SHIPPED / kind, tmp_path / "same" / kind)
    result = run(app, "xes", log, "--policy", tmp_path / "same", "--jobs", "1")
    assert "what-if: ladder/arrears, ladder/customer_care, sla_pack/complaint" in result.stdout
    assert "0 cases differ" in result.stdout


@pytest.mark.parametrize(
    ("kind", "name", "old", "new", "said"),
    [
        ("sla_pack", "complaint", 'unit = "working_hours"', 'unit = "moons"', "line "),
        ("sla_pack", "complaint", 'calendar = "iran"', 'calendar = "atlantis"', "atlantis"),
        ("ladder", "customer_care", '{ role = "manager" },', "", "rungs"),
        ("sla_pack", "complaint", "effective_from =", "effective =", "effective_from"),
    ],
)
def test_a_wrong_policy_is_refused_with_its_place_and_nothing_is_simulated(
    log: Path, tmp_path: Path, kind: str, name: str, old: str, new: str, said: str
) -> None:
    wrong = policy(tmp_path, kind, name, old, new)
    result = run(app, "xes", log, "--policy", wrong)
    assert result.exit_code == 1
    assert str(wrong) in result.stderr
    assert said in result.stderr
    assert result.stdout == ""


def test_two_policies_of_one_name_are_one_too_many(log: Path, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        shutil.copytree(SHIPPED / "ladder", tmp_path / folder / "ladder")
    options = ("--policy", tmp_path / "a", "--policy", tmp_path / "b")
    result = run(app, "xes", log, *options)
    assert result.exit_code == 1
    assert "give one of them" in result.stderr


@pytest.mark.parametrize("text", ["<html/>", "", "<log/>"])
def test_a_file_that_is_no_log_is_one_line(log: Path, text: str) -> None:
    log.write_text(text, encoding="utf-8")
    result = run(app, "xes", log)
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1


def test_rows_that_cannot_be_played_are_counted(log: Path, tmp_path: Path) -> None:
    broken = event("Accepted", "Fell Asleep", DAY.format(2))
    log.write_text(xes(trace("1-1", LATE[0], broken, LATE[2])), encoding="utf-8")
    assert "rows that cannot be played: 1 (" in run(app, "xes", log, "--jobs", "1").stdout


def test_the_virtual_clock_stops_where_it_is_told_to(log: Path) -> None:
    result = run(app, "xes", log, "--to", "2011-05-10", "--json", "found.json", "--jobs", "1")
    assert result.exit_code == 0
    clock = counted(Path("found.json"))["baseline"]["by_clock"]["resolution"]
    assert (clock["met"], clock["breached"], clock["open"]) == (1, 0, 2)
    later = run(app, "xes", log, "--from", "2011-05-02", "--json", "found.json", "--jobs", "1")
    assert "0 cases" in later.stdout


def test_whoever_is_told_can_be_let_acknowledge_and_keep_her_promise(log: Path) -> None:
    options = ("--acknowledge", "1h", "--promise", "2d", "--json", "found.json", "--jobs", "1")
    assert run(app, "xes", log, *options).exit_code == 0
    found = counted(Path("found.json"))["baseline"]
    assert found["totals"]["acknowledged"] == found["totals"]["escalated"] == 1
    assert found["totals"]["climbed"] == 0
    assert found["by_clock"]["promise"]["met"] == 1
    result = run(app, "xes", log, "--acknowledge", "soon")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)


def test_another_calendar_counts_other_days(log: Path, tmp_path: Path) -> None:
    text = (SHIPPED / "calendar" / "iran.toml").read_text(encoding="utf-8")
    days = text.partition("holidays = [")
    never_closed = tmp_path / "calendar" / "always.toml"
    never_closed.parent.mkdir()
    friday = '{ day = "friday", windows = [{ starts_local = "08:00", ends_local = "16:00" }] },'
    thursday = friday.replace("friday", "thursday")
    week = days[0].replace("week = [", f"week = [{friday}{thursday}")
    never_closed.write_text(f"{week}holidays = []\nspecial_days = []\n", encoding="utf-8")
    result = run(app, "xes", log, "--calendar", never_closed, "--json", "found.json", "--jobs", "1")
    assert result.exit_code == 0, result.stderr
    [worst] = counted(Path("found.json"))["baseline"]["worst"]
    assert worst["due_at"] == "2011-05-11T11:30:00Z"
    assert run(app, "xes", log, "--calendar", "atlantis").exit_code == 1
    germany = run(app, "xes", log, "--calendar", "germany", "--jobs", "1").stdout
    assert "calendars that do not reach so far: iran (2020-01-01 to 2028-12-31)" in germany


def test_what_is_usually_slow_is_foreseen_to_be_missed(tmp_path: Path) -> None:
    found = {}
    for name, options in (("with", ()), ("without", ("--no-foresee",))):
        path = tmp_path / name
        arguments = ("--cases", "120", "--jobs", "1", "--json", path, *options)
        assert run(app, "generated", *arguments).exit_code == 0
        found[name] = counted(path)["baseline"]
    assert found["without"]["totals"]["foreseen"] == 0
    assert found["with"]["totals"]["foreseen"] > 0
    assert found["with"]["escalations_by_cause"]["foreseen"] > 0
    for told in found.values():
        assert told["totals"]["breached"] == found["with"]["totals"]["breached"]


def whole(cases: int, seed: int, *, shares: int) -> Outcome:
    source = Generated(cases, seed)
    extent = source.extent()
    simulation = Simulation(source, extent, shipped_rules(), (), extent.until_at)
    outcome = Outcome()
    for share in range(shares):
        outcome.add(simulation.share(share, shares))
    return outcome


def test_invented_cases_follow_from_their_seed_however_they_are_shared() -> None:
    one, three = whole(40, 7, shares=1), whole(40, 7, shares=3)
    assert one == three
    assert one.baseline.refused == {}
    assert one.baseline.totals["breached"] > 0
    assert whole(40, 8, shares=1) != one


def test_invented_cases_live_whole_lives() -> None:
    result = run(app, "generated", "--cases", "60", "--jobs", "1")
    assert result.exit_code == 0
    assert "60 cases" in result.stdout
    assert "refused" not in result.stdout
    for clock in ("first_response", "judgement", "plan", "resolution"):
        assert clock in result.stdout
