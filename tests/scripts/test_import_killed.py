"""Imports that end badly: killed, or with the database gone; the next run goes on."""

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from importing.carrying import Account, Carrier, DatabaseLost
from importing.cases import Case
from importing.command import app
from importing.nhtsa import cases
from importing.sources import SourceFile
from store.casebook import Casebook
from store.database import connect
from tests.scripts.running import run
from tests.scripts.sources import derived

ROWS = 900


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    file = tmp_path / "rows.csv"
    changes = [{"CMPLID": str(n), "ODINO": str(10_000 + n)} for n in range(ROWS)]
    file.write_text(derived(*changes), encoding="utf-8")
    return file


def counted(url: str) -> dict[int, int]:
    """Return how many streams have how many events, of what imports write."""
    with connect(url) as owner:
        return dict(
            owner.execute(
                "SELECT n, count(*) FROM (SELECT count(*) AS n FROM casebook.events"
                " WHERE topic <> 'rulebook.published' GROUP BY originator_id) AS s GROUP BY n"
            ).fetchall()
        )


def test_a_killed_import_goes_on_where_it_was(
    installation: Casebook, database_url: str, rows: Path
) -> None:
    program = "from importing.command import app; app()"
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = {**os.environ, "PYTHONPATH": paths}
    killed_at = []
    for _ in range(2):
        head = installation.head()
        importing = subprocess.Popen(
            [sys.executable, "-c", program, "nhtsa", str(rows)], env=environment
        )
        while installation.head() < head + 300 and importing.poll() is None:
            time.sleep(0.002)
        importing.send_signal(signal.SIGKILL)
        importing.wait()
        killed_at.append(sum(counted(database_url).values()))
    assert killed_at[0] < 2 * ROWS
    result = run(app, "nhtsa", rows)
    assert result.exit_code == 0
    assert f"{ROWS:,} rows read" in result.stdout
    assert counted(database_url) == {1: ROWS, 2: ROWS}
    assert "0 events added" in run(app, "nhtsa", rows).stdout


def test_a_database_that_is_gone_for_good_ends_the_import_and_the_next_run_finishes_it(
    installation: Casebook, database_url: str, rows: Path
) -> None:
    carrier = Carrier(installation, "nhtsa", lambda _: None, patience_seconds=0.2)
    with pytest.raises(DatabaseLost):
        _carry(carrier, rows, {300: lambda: _close(database_url)})
    carrier.stop()
    _open(database_url)
    result = run(app, "nhtsa", rows)
    assert f"{ROWS:,} rows read" in result.stdout
    assert counted(database_url) == {1: ROWS, 2: ROWS}


def _carry(carrier: Carrier, rows: Path, meanwhile: dict[int, Callable[[], None]]) -> Account:
    """Carry the rows over; after so many of them something else happens."""
    with SourceFile(rows) as source:
        for n, case in enumerate(cases(source)):
            assert isinstance(case, Case)
            carrier.submit(case)
            meanwhile.get(n, lambda: None)()
    return carrier.finish()


def _server(url: str) -> tuple[psycopg.Connection[tuple[object, ...]], str]:
    name = str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])
    admin = psycopg.conninfo.make_conninfo(url, dbname="postgres")
    return psycopg.connect(admin, autocommit=True), name


def _close(url: str) -> None:
    connection, name = _server(url)
    with connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )


def _open(url: str) -> None:
    connection, name = _server(url)
    with connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())


def test_a_short_loss_of_the_database_goes_unnoticed(
    installation: Casebook, database_url: str, rows: Path
) -> None:
    carrier = Carrier(installation, "nhtsa", lambda _: None)

    def lose() -> None:
        _close(database_url)
        _open(database_url)

    assert _carry(carrier, rows, {200: lose, 600: lose}).rows == ROWS
    assert counted(database_url) == {1: ROWS, 2: ROWS}


def test_without_a_server_there_is_one_line(
    monkeypatch: pytest.MonkeyPatch, rows: Path, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(app, "nhtsa", rows, "--data-dir", tmp_path)
    assert result.exit_code == 1
    assert "serve.py" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_without_rules_there_is_one_line(
    installation: Casebook, monkeypatch: pytest.MonkeyPatch, database_url: str, rows: Path
) -> None:
    connection, name = _server(database_url)
    with connection:
        connection.execute(f'CREATE DATABASE "{name}_bare"'.encode())
    bare = psycopg.conninfo.conninfo_to_dict(database_url) | {"dbname": f"{name}_bare"}
    monkeypatch.setenv(
        "DATABASE_URL",
        f"postgresql://{bare['user']}:{bare.get('password', '')}@/{bare['dbname']}"
        f"?host={bare['host']}&port={bare['port']}",
    )
    result = run(app, "nhtsa", rows)
    assert result.exit_code == 1
    assert "start the server on it once" in result.stderr


def test_the_reject_file_holds_whole_rows(installation: Casebook, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(derived({"LDATE": "", "CDESCR": 'SHE SAID, "NO"\nAND LEFT'}), encoding="utf-8")
    run(app, "nhtsa", file, "--rejects", tmp_path / "left.csv")
    with (tmp_path / "left.csv").open(encoding="utf-8", newline="") as left:
        (row,) = csv.DictReader(left)
    assert row["raw"] == file.read_text().split("\n", 1)[1].rstrip("\n")
