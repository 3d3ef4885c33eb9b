"""Coverage: every breach and escalation has its notice, or a recorded reason not to send one.

The check trusts nothing that plans or sends: it reads the raw log, finds what somebody has to be
told of by its stored name, and looks for a notice that names it as its cause. What it misses is a
gap, and stays one until a notice turns up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from prometheus_client import Gauge
from psycopg import Connection

from store.views import beside

SQL = beside(__file__)

DAYS_LOOKED_AT = 7
"""How far back a nightly check looks; gaps found before are looked at whatever their age."""
GRACE = timedelta(minutes=15)
"""How long telling somebody may take before its absence is a gap."""
CHECKS_KEPT = timedelta(days=400)
GAPS_NAMED_MAX = 100

OPEN_GAPS = Gauge(
    "parvandeh_coverage_gaps",
    "Breaches and escalations that nobody was told of and no reason is recorded for",
)
CHECKED_AT = Gauge("parvandeh_coverage_checked_timestamp_seconds", "When coverage was checked last")

Reader = Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Gap:
    """What somebody should have been told of."""

    event_id: UUID
    position: int
    stream: UUID
    topic: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Check:
    """What a check found; `gaps` are the oldest open ones, `gaps_count` counts them all."""

    owed: int
    told: int
    withheld: int
    pending: int
    gaps_count: int
    gaps: Sequence[Gap]


@dataclass(frozen=True, slots=True)
class Standing:
    """How coverage stands by the newest check; `checked_at` is None before the first."""

    gaps: int
    checked_at: datetime | None


def check(connection: Reader, now: datetime, *, days: int | None = DAYS_LOOKED_AT) -> Check:
    """Check coverage and record what was found; `days` None looks at the whole log.

    The connection needs the role `views`; everything happens in one transaction of it.
    """
    with connection.transaction():
        up_to = _number(connection, "head")
        after = 0
        if days is not None:
            since = _position_before(connection, now - timedelta(days=days), up_to)
            after = min(since, _number(connection, "last"))
        topics = [row[0] for row in connection.execute(SQL["topics"])]
        about = {"after": after, "up_to": up_to, "now": now}
        found = connection.execute(
            SQL["check"], {**about, "topics": topics, "grace_from_at": now - GRACE}
        ).fetchone()
        assert found is not None
        owed, told, withheld, pending, gaps = found
        counts = {"owed": owed, "told": told, "withheld": withheld, "pending": pending}
        connection.execute(SQL["record"], {**about, **counts, "gaps": gaps})
        connection.execute(SQL["let_go"], {"before": now - CHECKS_KEPT})
        named = connection.execute(SQL["gaps"], {"limit": GAPS_NAMED_MAX}).fetchall()
    return Check(owed, told, withheld, pending, gaps, [Gap(*row) for row in named])


def standing(connection: Reader) -> Standing:
    """Return how coverage stands, and show it to Prometheus."""
    row = connection.execute(SQL["standing"]).fetchone()
    assert row is not None
    OPEN_GAPS.set(row[0])
    if row[1] is not None:
        CHECKED_AT.set(row[1].timestamp())
    return Standing(*row)


def _number(connection: Reader, block: str) -> int:
    row = connection.execute(SQL[block]).fetchone()
    assert row is not None
    return int(row[0])


def _position_before(connection: Reader, at: datetime, head: int) -> int:
    """Return the last position recorded before an instant, 0 where there is none.

    Positions have no gaps and their instants never go back, so it is found by halving.
    """
    low, high = 0, head
    while low < high:
        middle = (low + high + 1) // 2
        row = connection.execute(SQL["recorded_at"], {"position": middle}).fetchone()
        if row is not None and row[0] < at:
            low = middle
        else:
            high = middle - 1
    return low
