"""Nightly jobs: each occurrence runs once, in one of however many processes there are.

An occurrence is a night, named by its date in UTC, where no hour occurs twice. A job that was
killed, failed or slept through is caught up by whoever looks next.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from psycopg import Connection

from store.blocks import beside
from store.casebook import Casebook
from store.views.follower import opened
from store.views.tracking import LIVE

SQL = beside(__file__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is done once a night: `run(casebook, connection, now)`.

    The connection has the role `views`. What an interrupted run did is done again.
    """

    name: str
    at_utc: time
    run: Callable[[Casebook, Connection[tuple[Any, ...]], datetime], object]

    def occurrence(self, now: datetime) -> str:
        """Return the name of the newest occurrence that has come by now."""
        night = now.date() if now.time() >= self.at_utc else now.date() - timedelta(days=1)
        return night.isoformat()


def run_once(url: str, casebook: Casebook, job: Job) -> bool:
    """Run the newest occurrence of a job unless somebody did, or does; tell whether it was run."""
    now = casebook.clock()
    occurrence = job.occurrence(now)
    with opened(url, LIVE) as connection:
        mine = connection.execute(SQL["alone"], {"job": job.name}).fetchone()
        if mine is None or not mine[0]:
            return False
        about = {"job": job.name, "occurrence": occurrence, "now": now}
        last = connection.execute(SQL["last"], about).fetchone()
        if last is None:
            connection.execute(SQL["skip"], about)
            return False
        if last[0] > occurrence or last == (occurrence, True):
            return False
        connection.execute(SQL["start"], about)
        job.run(casebook, connection, now)
        connection.execute(SQL["end"], {"job": job.name, "now": casebook.clock()})
        return True
