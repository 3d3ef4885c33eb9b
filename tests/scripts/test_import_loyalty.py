"""A club's files as ledgers: imported once whatever happens, and equal to a plain recount."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid5

import pytest

from domain.loyalty import Ledger, ledger_id
from importing.cases import IMPORTS
from importing.command import app
from store.casebook import Casebook
from tests.scripts.running import run

BASKETS = """household_id,basket_id,store_id,transaction_timestamp,lines,units,sales_value
900,31198570044,330,2017-01-01 11:53:26,1,1,0.5
900,31198570047,330,2017-01-01 12:10:28,1,1,60.99
1228,31198655051,406,2017-01-01 12:26:30,1,1,1.43
900,31198570060,330,2017-01-03 09:00:00,1,1,45.0
1228,31198655052,406,2017-01-04 12:26:30,1,1,100
"""
REDEMPTIONS = """household_id,coupon_upc,campaign_id,redemption_date
900,51380041013,26,2017-01-01
900,51380041313,26,2017-01-02
900,51380041313,26,2017-01-03
1228,53377610033,26,2017-01-03
"""
OPENINGS = """household_id,row_id,as_of,points,origin
1228,card-7,2016-12-31,40,"card system, list of 31 December"
4711,card-8,2016-12-31,250,
"""


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    found = []
    for name, text in (("b", BASKETS), ("r", REDEMPTIONS), ("o", OPENINGS)):
        path = tmp_path / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        found.append(path)
    return found


def ledger(casebook: Casebook, household: int | str) -> Ledger:
    customer = uuid5(IMPORTS, f"loyalty/completejourney/household/{household}")
    state = casebook.state(ledger_id(customer, "carried_over_baskets")).state
    assert isinstance(state, Ledger)
    return state


def rejects() -> list[dict[str, str]]:
    return list(csv.DictReader(Path("loyalty.rejects.csv").read_text("utf-8").splitlines()))


def test_rows_earn_spend_and_open_in_the_order_of_time(
    installation: Casebook, files: list[Path]
) -> None:
    result = run(app, "loyalty", *files, "--processes", "1")
    assert result.exit_code == 0, result.output
    assert "11 rows read = 9 imported + 0 already there + 2 rejected" in result.stdout
    mine = ledger(installation, 900)
    assert (mine.earned, mine.spent) == (0 + 60 + 45, 50 + 50)
    assert mine.membership_number == "900"
    hers = ledger(installation, 1228)
    assert (hers.earned, hers.spent) == (1 + 100 + 40, 0)
    lots = ledger(installation, 4711).lots
    assert [(lot.points, lot.earned_at.isoformat()) for lot in lots] == [
        (250, "2016-12-31T23:59:59.999999+00:00")
    ]
    rejected = rejects()
    assert sorted((row["line"], row["code"]) for row in rejected) == [
        ("3", "loyalty.points_insufficient"),
        ("5", "loyalty.points_insufficient"),
    ]
    again = run(app, "loyalty", *files, "--processes", "1", "--strict")
    assert again.exit_code == 3
    assert "0 imported + 9 already there + 2 rejected" in again.stdout
    assert "0 events added" in again.stdout
    checked = run(app, "loyalty", *files, "--check")
    assert checked.exit_code == 0, checked.output
    assert "3 ledgers agree, 0 differ" in checked.stdout


def test_a_recount_names_the_household_that_differs(
    installation: Casebook, files: list[Path]
) -> None:
    run(app, "loyalty", files[0], "--processes", "1")
    more = files[0].read_text(encoding="utf-8") + "900,99,1,2017-02-01 10:00:00,1,1,7.99\n"
    files[0].write_text(more, encoding="utf-8")
    result = run(app, "loyalty", files[0], "--check")
    assert result.exit_code == 1
    assert "household 900: the file makes 112 - 0 = 112, the ledger says 105 - 0 = 105" in (
        result.stdout
    )


def test_rows_that_cannot_be_read_are_rejected_with_line_and_reason(
    installation: Casebook, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.csv"
    header = BASKETS.splitlines()[0]
    rows = [
        ",1,1,2017-01-01 10:00:00,1,1,5.0",
        "1,2,1,yesterday,1,1,5.0",
        "1,3,1,2017-01-01 10:00:00,1,1,-5.0",
        "1,4,1,2017-01-01 10:00:00,1,1,5.001",
        "1,5,1,2017-01-01 10:00:00,1,1",
        "1,6,1,2017-01-01 10:00:00,1,1,5.10",
    ]
    bad.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    result = run(app, "loyalty", bad, "--processes", "1")
    assert "6 rows read = 1 imported + 0 already there + 5 rejected" in result.stdout
    found = rejects()
    assert [(row["line"], row["code"], row["field"]) for row in found] == [
        ("2", "value.missing", "household_id"),
        ("3", "value.date", "transaction_timestamp"),
        ("4", "value.amount", "sales_value"),
        ("5", "value.amount", "sales_value"),
        ("6", "row.malformed", ""),
    ]


def test_a_file_whose_columns_mean_nothing_is_refused_in_one_line(
    installation: Casebook, tmp_path: Path
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    for arguments in (("--processes", "1"), ("--check",)):
        result = run(app, "loyalty", other, *arguments)
        assert result.exit_code == 1
        assert result.stderr.count("\n") == 1
        assert "its header must have these columns" in result.stderr


def test_a_killed_import_in_several_processes_goes_on_where_it_was(
    installation: Casebook, tmp_path: Path
) -> None:
    rows = [
        f"{n % 90},{n},1,2017-01-{1 + n // 100:02} 10:00:00,1,1,{n % 70}.50" for n in range(900)
    ]
    file = tmp_path / "many.csv"
    file.write_text("\n".join([BASKETS.splitlines()[0], *rows]) + "\n", encoding="utf-8")
    program = "from importing.command import app; app()"
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = {**os.environ, "PYTHONPATH": paths}
    head = installation.head()
    importing = subprocess.Popen(
        [sys.executable, "-c", program, "loyalty", str(file), "--processes", "2"],
        env=environment,
    )
    while installation.head() < head + 300 and importing.poll() is None:
        time.sleep(0.002)
    importing.send_signal(signal.SIGKILL)
    importing.wait()
    result = run(app, "loyalty", file, "--processes", "1")
    assert result.exit_code == 0, result.output
    assert "900 rows read" in result.stdout
    assert "90 ledgers agree, 0 differ" in run(app, "loyalty", file, "--check").stdout
