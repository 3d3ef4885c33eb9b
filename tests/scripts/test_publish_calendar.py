"""Publishing a calendar: made of a country and an override, one line when it cannot be made."""

from pathlib import Path

import pytest

from domain.clocks.calendar import Calendar
from publishing_calendar import app
from store.calendars import OVERRIDES
from store.casebook import Casebook
from store.rulebook import publication_of
from tests.scripts.running import run

YEARS = ("--from", "2026", "--to", "2027")


def test_a_calendar_is_published_under_its_name(installation: Casebook) -> None:
    override = OVERRIDES / "uk.toml"
    result = run(app, "gb", "--name", "head_office", *YEARS, "--override", override)
    assert result.exit_code == 0, result.stderr
    assert "calendar/head_office: 2026-01-01 to 2027-12-31, 16 holidays" in result.stdout
    assert "calendar/head_office version 1, in force from 2026-01-01" in result.stdout
    [published] = installation.rules.documents[(Calendar, "head_office")]
    assert published.content.zone == "Europe/London"
    again = run(app, "gb", "--name", "head_office", *YEARS, "--override", override)
    assert "is version 1 already" in again.stdout


def test_the_shipped_override_of_the_name_is_taken_where_none_is_given(tmp_path: Path) -> None:
    path = tmp_path / "calendar" / "iran.toml"
    path.parent.mkdir()
    result = run(app, "IR", "--name", "iran", *YEARS, "--write", path)
    assert result.exit_code == 0, result.stderr
    assert publication_of(path).name == "iran"
    assert path.read_text(encoding="utf-8").startswith("# Made by scripts/publish_calendar.py IR")


def test_a_dry_run_needs_no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    result = run(app, "CN", "--name", "china", *YEARS, "--dry-run")
    assert result.exit_code == 0
    assert "special days" in result.stdout
    assert "are estimates" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("XX", "--name", "uk", *YEARS), "the library knows no country XX"),
        (("GB", "--name", "nowhere", *YEARS), "nowhere.toml: "),
        (("GB", "--name", "uk", "--from", "2027", "--to", "2026"), "give 1 to 60 years"),
    ],
)
def test_what_cannot_be_made_is_one_line(arguments: tuple[str, ...], said: str) -> None:
    result = run(app, *arguments)
    assert result.exit_code == 1
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stderr.strip().endswith("Nothing was published.")
