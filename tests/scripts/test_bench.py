"""The bench's programs run, at a scale at which their figures mean nothing; nothing is timed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench.command import app
from bench.figures import Figure
from bench.place import TINY, Place
from bench.rows import ROWS

SHARING = ("rebuild-memory", "growth-read", "growth-command", "growth-360")
"""Rows that share the long log, and are therefore run together."""
GROUPS = [SHARING, *((name,) for name in ROWS if name not in SHARING)]


@pytest.fixture
def place(server_url: str, tmp_path: Path) -> Iterator[Place]:
    place = Place(server_url, TINY, tmp_path)
    yield place
    place.drop_all()


@pytest.mark.parametrize("names", GROUPS, ids="+".join)
def test_every_row_runs(names: tuple[str, ...], place: Place) -> None:
    for name in names:
        figure = ROWS[name](place)
        assert figure.name == name
        assert figure.ours > 0
        assert figure.peer > 0


def test_every_figure_of_the_requirement_has_its_row() -> None:
    assert list(ROWS) == [
        "recorder",
        "recorder-plain",
        "execute",
        "catch-up-audit",
        "catch-up-documents",
        "fold",
        "get-complaint",
        "get-360",
        "post-complaint",
        "rebuild-memory",
        "growth-read",
        "growth-command",
        "growth-360",
        "growth-history",
        "import-memory",
        "tick",
        "firing",
        "storm",
        "draw",
        "import-loyalty",
        "expiry-run",
    ]


@pytest.mark.parametrize(
    ("bound", "ours", "also", "held"),
    [
        ("at least", 8.0, True, True),
        ("at least", 7.9, True, False),
        ("at most", 8.0, True, True),
        ("at most", 8.1, True, False),
        ("at most", 8.0, False, False),
    ],
)
def test_a_row_is_held_when_its_ratio_is_within_its_target(
    bound: str, ours: float, also: bool, held: bool
) -> None:
    figure = Figure(
        name="x",
        what="x",
        unit="x",
        ours=ours,
        peer=2.0,
        target=4,
        bound="at least" if bound == "at least" else "at most",
        also=also,
    )
    assert figure.held is held


def test_the_figures_are_written_as_json(
    server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", server_url)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    written = tmp_path / "figures.json"
    result = CliRunner().invoke(app, ["--tiny", "--only", "fold", "--json", str(written)])
    assert result.exit_code == 0, result.output
    [row] = json.loads(written.read_text())
    assert set(row) == {"name", "ours", "peer", "ratio", "target", "held"}
    assert row["name"] == "fold"
    assert row["ratio"] == pytest.approx(row["ours"] / row["peer"], rel=0.01)


def test_a_row_that_is_not_there_is_named() -> None:
    result = CliRunner().invoke(app, ["--only", "everything"])
    assert result.exit_code == 2
    assert "everything" in result.output
