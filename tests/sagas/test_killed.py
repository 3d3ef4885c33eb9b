"""Three operating-system processes, one killed and one added while 20,000 timers are due."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from sagas.instances import view_of
from store.casebook import Casebook
from store.views import catch_up, compare
from tests.sagas.desk import CLERK
from tests.sagas.promises import REMINDING, Make, open_casebook
from tests.sagas.test_instances import rows

ROOT = Path(__file__).parents[2]
TIMERS = 20_000
PATIENCE_S = 120.0


def wait_until(true: Callable[[], bool]) -> None:
    ends_at_s = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < ends_at_s, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def part(url: str) -> Iterator[subprocess.Popen[str]]:
    """Run a process of the sagas, as the server would."""
    sources = os.pathsep.join(map(str, (ROOT / "src", ROOT / "scripts", ROOT)))
    environment = {**os.environ, "PYTHONPATH": sources}
    command = [sys.executable, "-m", "tests.sagas.part", url]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        try:
            yield process
        finally:
            process.terminate()


def due_timers(casebook: Casebook, url: str, count: int) -> None:
    """Make promises that are due, and let the saga read them: what an outage leaves behind."""
    due_at = datetime.now(UTC)
    for _ in range(count // 500):
        wishes = [Make(stream=uuid4(), due_at=due_at) for _ in range(500)]
        casebook.execute(*wishes, actor=CLERK)
    catch_up(url, casebook.log_reader, [view_of(REMINDING)])


def test_of_20_000_timers_none_is_lost_and_none_fires_twice_whoever_is_killed(
    database_url: str,
) -> None:
    casebook = open_casebook(database_url)
    due_timers(casebook, database_url, TIMERS)

    def fired() -> int:
        return casebook.head() - TIMERS

    with part(database_url), part(database_url) as doomed, part(database_url):
        wait_until(lambda: fired() > TIMERS // 5)
        doomed.kill()
        doomed.wait()
        assert fired() < TIMERS
        with part(database_url):
            wait_until(lambda: fired() >= TIMERS)
            catch_up(database_url, casebook.log_reader, [view_of(REMINDING)])
    per_promise = rows(
        database_url,
        "SELECT n, count(*) FROM (SELECT originator_id, count(*) AS n FROM casebook.events"
        " WHERE topic = 'promise.reminded' GROUP BY originator_id) AS reminded(promise, n)"
        " GROUP BY n",
    )
    assert per_promise == [(1, TIMERS)]
    assert fired() == TIMERS
    assert rows(database_url, "SELECT count(*) FROM sagas.leases") == [(0,)]
    done = "SELECT sum(n) FROM sagas.counted WHERE what = 'done'"
    [(counted,)] = rows(database_url, done)
    assert 0 < counted <= TIMERS  # the killed one's are not all told
    assert compare(database_url, casebook.log_reader, view_of(REMINDING)) == []
    casebook.pool.close()
