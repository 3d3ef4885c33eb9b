"""Publishing rules from files: validated all, published all or none, clear when wrong."""

from pathlib import Path

import pytest

from domain.complaint.grading import Grading
from publishing import app
from store.casebook import Casebook
from store.rulebook import SHIPPED
from tests.scripts.running import run

SALES = SHIPPED / "procedure" / "sales.toml"


def changed(folder: Path, old: str, new: str, name: str = "grading/default") -> Path:
    """Return a copy of a shipped document with a change."""
    path = folder / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (SHIPPED / f"{name}.toml").read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_a_changed_document_becomes_the_next_version(
    installation: Casebook, tmp_path: Path
) -> None:
    path = changed(tmp_path, "other_subject_points = 10", "other_subject_points = 11")
    result = run(app, path, "--effective-from", "2026-03-21", "--reason", "asked for")
    assert result.exit_code == 0
    assert "grading/default version 2, in force from 2026-03-21T00:00:00+00:00" in result.stdout
    newest = installation.rules.documents[(Grading, "default")][-1]
    assert newest.content.other_subject_points == 11
    assert installation.read(0, 99, topics=["rulebook.published"])[-1].reason == "asked for"


def test_publishing_twice_is_publishing_once(installation: Casebook) -> None:
    head = installation.head()
    assert "procedure/sales is version 1 already" in run(app, SALES).stdout
    assert installation.head() == head


def test_one_wrong_file_keeps_all_back(installation: Casebook, tmp_path: Path) -> None:
    good = changed(tmp_path, "other_subject_points = 10", "other_subject_points = 12")
    wrong = changed(
        tmp_path, "size_bytes_max = 20971520", "size_max = 1", "document_policy/default"
    )
    head = installation.head()
    result = run(app, good, wrong)
    assert result.exit_code == 1
    assert f"{wrong}, line" in result.stderr
    assert "size_" in result.stderr
    assert "nothing was published" in result.stderr
    assert installation.head() == head


def test_a_dry_run_needs_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert "procedure/sales is valid" in run(app, SALES, "--dry-run").stdout
    assert run(app, tmp_path / "missing.toml", "--dry-run").exit_code == 1


def test_a_version_is_not_put_before_the_one_it_follows(
    installation: Casebook, tmp_path: Path
) -> None:
    path = changed(tmp_path, "other_subject_points = 10", "other_subject_points = 13")
    result = run(app, path, "--effective-from", "2019-01-01")
    assert result.exit_code == 1
    assert "--effective-from 2020-01-01" in result.stderr
    assert run(app, path, "--effective-from", "soon").exit_code == 1
