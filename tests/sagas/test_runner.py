"""The threads of a sagas process: firing by themselves, waiting for the database, jobs once."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from sagas.jobs import Job, run_once
from sagas.runner import _tidy, _Watch, run
from store.casebook import Casebook
from store.database import connect
from store.log import Doorbell
from store.saga_status import counted, standing
from store.views.runner import RunnerDied
from tests.sagas.desk import NOW, Desk
from tests.sagas.promises import REMINDING, Keep, Make, changed, failing
from tests.sagas.test_instances import rows

PATIENCE_S = 30.0


def wait_until(true: Callable[[], bool]) -> None:
    ends_at_s = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < ends_at_s, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def running(desk: Desk, *sagas: Any, **options: Any) -> Iterator[None]:
    stop = threading.Event()
    desk.casebook.clock = lambda: datetime.now(UTC)
    arguments = (desk.url, desk.casebook, sagas or (REMINDING,), stop)
    thread = threading.Thread(target=run, args=arguments, kwargs=options)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=PATIENCE_S)
        assert not thread.is_alive()


def reminders(desk: Desk) -> int:
    return len(desk.casebook.read(0, 10_000, ["promise.reminded"]))


def is_folded(desk: Desk) -> bool:
    """Tell whether the saga has read all that is in the log."""
    asked = "SELECT position FROM views.tracking WHERE view = 'saga_reminding'"
    return rows(desk.url, asked) == [(desk.casebook.head(),)]


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=0.1)


def test_a_process_folds_and_fires_by_itself_and_says_how_it_went(desk: Desk) -> None:
    with running(desk):
        desk.execute(*(Make(stream=uuid4(), due_at=soon()) for _ in range(20)))
        wait_until(lambda: reminders(desk) == 20)
        wait_until(lambda: is_folded(desk))
    with connect(desk.url, "reader") as connection:
        [stand] = standing(connection)
        assert (stand.saga, stand.due) == ("reminding", 0)
        counts = counted(connection)
    assert sum(count.n for count in counts if count.what == "done") == 20
    assert rows(desk.url, "SELECT count(*) FROM sagas.leases WHERE outcome IS NULL") == [(0,)]


def test_it_goes_on_when_the_database_has_cut_every_connection(desk: Desk) -> None:
    with running(desk):
        desk.execute(Make(stream=uuid4(), due_at=soon()))
        wait_until(lambda: reminders(desk) == 1)
        with connect(desk.url) as owner:
            owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <>"
                " pg_backend_pid() AND datname = current_database()"
                " AND application_name = 'parvandeh-views'"
            )
        desk.execute(Make(stream=uuid4(), due_at=soon()))
        wait_until(lambda: reminders(desk) == 2)


def test_a_saga_that_is_stuck_leaves_the_others_firing(desk: Desk) -> None:
    poisoned = changed(
        REMINDING, name="poisoned", evolve=failing(lambda each: each.topic == "promise.kept")
    )
    with running(desk, poisoned, REMINDING):
        kept, other = uuid4(), uuid4()
        desk.execute(Make(stream=kept, due_at=soon() + timedelta(hours=1)))
        desk.execute(Keep(stream=kept))
        desk.execute(Make(stream=other, due_at=soon()))
        wait_until(lambda: desk.casebook.state(other).state.reminded == 1)
        wait_until(
            lambda: (
                rows(desk.url, "SELECT view FROM views.tracking WHERE stuck_at IS NOT NULL")
                == [("saga_poisoned",)]
            )
        )


def test_a_thread_that_ends_by_itself_ends_the_process(desk: Desk) -> None:
    class Absurd(BaseException):
        pass

    def broken() -> datetime:
        raise Absurd

    desk.fold()
    desk.casebook.clock = broken
    hook, threading.excepthook = threading.excepthook, lambda _args: None
    try:
        with pytest.raises((RunnerDied, Absurd)):
            run(desk.url, desk.casebook, (REMINDING,), threading.Event())
    finally:
        threading.excepthook = hook


def test_leases_of_what_is_gone_are_forgotten(desk: Desk) -> None:
    with connect(desk.url, "views") as connection:
        connection.execute(
            "INSERT INTO sagas.leases (saga, key, until_at, tries)"
            " SELECT 'reminding', gen_random_uuid(), %s::timestamptz - n * interval '1 day', 1"
            " FROM generate_series(1, 4) n",
            [desk.now],
        )
    watch = _Watch(
        desk.url, desk.casebook, [REMINDING], None, 1, threading.Event(), Doorbell(desk.url)
    )
    _tidy(watch, desk.views)
    watch.doorbell.close()
    assert rows(desk.url, "SELECT count(*) FROM sagas.leases") == [(2,)]


# --- nightly jobs ---------------------------------------------------------------------------------


class Nightly:
    """A job that counts its runs, or fails."""

    def __init__(self) -> None:
        self.ran_at: list[datetime] = []
        self.fails = False

    def __call__(self, casebook: Casebook, _connection: object, now: datetime) -> None:
        if self.fails:
            raise psycopg.OperationalError
        self.ran_at.append(now)


@pytest.fixture
def nightly() -> Nightly:
    return Nightly()


def test_a_job_runs_once_a_night_whoever_looks(desk: Desk, nightly: Nightly) -> None:
    job = Job("counting", time_of_day(2, 0), nightly)
    assert not run_once(desk.url, desk.casebook, job)  # first heard of at nine in the morning
    for hours, ran in ((0, False), (16.9, False), (17.1, True), (17.2, False), (42, True)):
        desk.now = NOW + timedelta(hours=hours)
        assert run_once(desk.url, desk.casebook, job) is ran, hours
        assert not run_once(desk.url, desk.casebook, job)
    assert len(nightly.ran_at) == 2


def test_a_job_that_failed_or_was_killed_is_run_again(desk: Desk, nightly: Nightly) -> None:
    job = Job("counting", time_of_day(2, 0), nightly)
    run_once(desk.url, desk.casebook, job)
    desk.now += timedelta(days=1)
    nightly.fails = True
    with pytest.raises(psycopg.OperationalError):
        run_once(desk.url, desk.casebook, job)
    nightly.fails = False
    assert run_once(desk.url, desk.casebook, job)
    assert nightly.ran_at == [desk.now]


def test_two_processes_do_not_run_a_job_at_once(desk: Desk, nightly: Nightly) -> None:
    within: list[bool] = []

    def looking_again(casebook: Casebook, connection: Any, now: datetime) -> None:
        within.append(run_once(desk.url, desk.casebook, job))
        nightly(casebook, connection, now)

    job = Job("counting", time_of_day(2, 0), looking_again)
    run_once(desk.url, desk.casebook, job)
    desk.now += timedelta(days=1)
    assert run_once(desk.url, desk.casebook, job)
    assert within == [False]
