"""The nightly check in the views' process: a gap is an error in the log."""

import os
from datetime import UTC, datetime, timedelta

from structlog.testing import capture_logs

from _parts import _cover
from projections import coverage
from store.database import connect
from tests.projections.test_coverage import breached
from tests.projections.world import world


def test_a_gap_is_logged_as_an_error_that_names_the_event(database_url: str) -> None:
    with world(database_url, rules=True) as told:
        _, event_id = breached(told)
    with connect(database_url, "views") as connection:
        coverage.check(connection, datetime.now(UTC) + timedelta(minutes=20))
    with capture_logs() as logs:
        _cover(database_url)
    errors = [entry for entry in logs if entry["log_level"] == "error"]
    assert [(entry["event"], entry["event_id"]) for entry in errors] == [
        ("nobody_was_told", str(event_id))
    ]


def test_a_database_that_is_away_is_said_and_ends_nothing(database_url: str) -> None:
    with capture_logs() as logs:
        _cover(database_url.replace("test_", f"gone_{os.getpid()}_"))
    assert [entry["event"] for entry in logs] == ["coverage_not_checked"]
