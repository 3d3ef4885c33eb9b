"""Running the sagas: their instances kept up with the log, their timers fired, their jobs run.

Any number of processes may run them at once: one leads each saga's fold, all of them fire. The
statutory and escalation lanes have a thread and workers of their own, so they never wait behind a
storm of reminders. APScheduler ticks and keeps the nightly hours, and holds no deadline.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from sagas.declare import Saga
from sagas.firing import where
from sagas.instances import SagaBlocks, SagaView, views_of
from sagas.jobs import Job, run_once
from sagas.tallies import Tallies
from sagas.timers import FILE, ORDINARY, URGENT, Timers
from store.casebook import Casebook
from store.log import Doorbell
from store.saga_status import OVERDUE_AFTER_S, SagaStanding, report
from store.views import run as run_views
from store.views.follower import opened
from store.views.runner import RunnerDied
from store.views.tracking import LIVE, ensure

log = structlog.get_logger(__name__)

TICK_S = 0.25
"""How often every process looks for due timers, when nothing else wakes it."""

REPORT_S = 5.0
LEASES_KEPT = timedelta(days=2)
"""Longer than the longest wait: whatever is still due is tried again before."""

WORKERS = 8
_BEHIND_S = 0.01
_GAP_S = {URGENT: 0.05, ORDINARY: TICK_S}
"""An idle look is at least so long after the one before, however often the log grows."""

_RECONNECT_S = 1.0
_WATCH_S = 0.2


@dataclass(frozen=True)
class _Watch:
    """What the threads of a process share."""

    url: str
    casebook: Casebook
    sagas: Sequence[Saga[Any]]
    senders: Any
    workers: int
    stop: threading.Event
    doorbell: Doorbell
    tallies: Tallies = field(default_factory=Tallies)


def run(
    url: str,
    casebook: Casebook,
    sagas: Sequence[Saga[Any]],
    stop: threading.Event,
    *,
    jobs: Sequence[Job] = (),
    senders: Any = None,
    workers: int = WORKERS,
    tick_s: float = TICK_S,
) -> None:
    """Keep the sagas and their timers going until `stop` is set; return when all threads ended.

    A database that is away is waited for. A thread that ends by itself is a programming error:
    everything is stopped and `RunnerDied` raised.
    """
    views = views_of(sagas)
    with opened(url, LIVE) as connection:
        for view in views:
            ensure(connection, view)
    doorbell = Doorbell(url)
    tallies = getattr(senders, "tallies", None) or Tallies()
    watch = _Watch(url, casebook, sagas, senders, workers, stop, doorbell, tallies)
    threads = [
        threading.Thread(
            target=run_views, name="views", args=(url, casebook.log_reader, views, stop)
        ),
        threading.Thread(target=_keep_firing, name="urgent", args=(watch, URGENT)),
        threading.Thread(target=_keep_firing, name="ordinary", args=(watch, ORDINARY)),
    ]
    ticker = _ticker(watch, views, jobs, tick_s)
    for thread in threads:
        thread.start()
    ticker.start()
    died: list[str] = []
    while not died and not stop.wait(_WATCH_S):
        ended = [thread.name for thread in threads if not thread.is_alive()]
        died = [] if stop.is_set() else ended
    stop.set()
    ticker.shutdown(wait=True)
    doorbell.close()
    for thread in threads:
        thread.join()
    _report(watch, views)
    if died:
        raise RunnerDied(", ".join(died))


def _ticker(
    watch: _Watch, views: Sequence[SagaView], jobs: Sequence[Job], tick_s: float
) -> BackgroundScheduler:
    """Return the scheduler, not yet started: ticks, reports, and the hours of the jobs."""
    ticker = BackgroundScheduler(timezone=UTC)
    quiet = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
    ring = {**quiet, "max_instances": 9}  # a tick that comes late on a busy machine is no news
    ticker.add_job(watch.doorbell.ring, "interval", seconds=tick_s, **ring)
    ticker.add_job(_report, "interval", [watch, views], seconds=REPORT_S, **quiet)
    ticker.add_job(_tidy, "interval", [watch, views], hours=1, **quiet)
    for job in jobs:
        at = CronTrigger(
            day_of_week="mon,tue,wed,thu,fri,sat,sun",
            hour=job.at_utc.hour,
            minute=job.at_utc.minute,
            timezone=UTC,
        )
        ticker.add_job(_look_after, at, [watch, job], **quiet)
        ticker.add_job(_look_after, "interval", [watch, job], minutes=10, **quiet)
        ticker.add_job(_look_after, "date", [watch, job], **quiet)
    return ticker


def _keep_firing(watch: _Watch, lanes: tuple[int, ...]) -> None:
    """Fire some lanes; connect again whenever the connection or the database was away."""
    while not watch.stop.is_set():
        try:
            with opened(watch.url, LIVE) as connection:
                timers = Timers(
                    connection,
                    watch.casebook,
                    watch.sagas,
                    lanes=lanes,
                    workers=watch.workers,
                    tallies=watch.tallies,
                    senders=watch.senders,
                )
                try:
                    _fire_on(watch, timers, _GAP_S[lanes])
                finally:
                    timers.close()
        except (psycopg.Error, OSError) as error:
            log.warning("timers.reconnecting", lanes=lanes, error=type(error).__name__)
            watch.stop.wait(_RECONNECT_S)


def _fire_on(watch: _Watch, timers: Timers, gap_s: float) -> None:
    seen = 0
    while not watch.stop.is_set():
        claimed = timers.tick()
        if timers.running:
            timers.await_room(TICK_S)
        if claimed:
            continue
        if timers.is_behind:
            watch.stop.wait(_BEHIND_S)
            continue
        seen = watch.doorbell.wait(seen, watch.stop.is_set)
        watch.stop.wait(gap_s)


def _look_after(watch: _Watch, job: Job) -> None:
    """Run a job when it is its time; what goes wrong is said, and tried again in some minutes."""
    try:
        if run_once(watch.url, watch.casebook, job):
            log.info("job.done", job=job.name)
    except Exception as error:  # noqa: BLE001 (said without its message, which may be personal)
        log.error("job.failed", job=job.name, error=type(error).__name__, where=where(error))


def _report(watch: _Watch, views: Sequence[SagaView]) -> None:
    """Say how many timers are due, and what was counted since the last time."""
    now = watch.casebook.clock()
    counts = watch.tallies.take()
    try:
        with opened(watch.url, LIVE) as connection:
            report(connection, [_standing(connection, view, now) for view in views], counts)
    except (psycopg.Error, OSError) as error:
        watch.tallies.give_back(counts)
        log.warning("timers.not_reported", error=type(error).__name__)


def _tidy(watch: _Watch, views: Sequence[SagaView]) -> None:
    """Forget leases that expired long ago."""
    before = watch.casebook.clock() - LEASES_KEPT
    try:
        with opened(watch.url, LIVE) as connection:
            for view in views:
                about = {"saga": view.saga.name, "before": before}
                connection.execute(SagaBlocks(FILE, view.name)["tidy"], about)
    except (psycopg.Error, OSError) as error:
        log.warning("timers.not_tidied", error=type(error).__name__)


def _standing(
    connection: psycopg.Connection[tuple[Any, ...]], view: SagaView, now: datetime
) -> SagaStanding:
    overdue_at = now - timedelta(seconds=OVERDUE_AFTER_S)
    parameters = {"saga": view.saga.name, "now": now, "overdue": overdue_at}
    row = connection.execute(SagaBlocks(FILE, view.name)["standing"], parameters).fetchone()
    assert row is not None
    due, overdue, oldest_due_at = row
    return SagaStanding(view.saga.name, due, overdue, oldest_due_at, looked_at=now)
