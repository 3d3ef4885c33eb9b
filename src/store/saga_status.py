"""How the sagas' timers stand and what they counted, in tables that every process can read.

The processes that fire timers answer no HTTP: they report here, and whoever is asked for health or
metrics reads it. Labels are names of sagas and numbers of lanes, nothing else.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from math import inf
from typing import Any

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from psycopg import Connection

from store.blocks import beside
from store.database import connect

SQL = beside(__file__)

OVERDUE_AFTER_S = 60
"""A timer that is due for longer is overdue: it waits for its saga, or is refused or fails."""

CHANNEL = "channel "
"""Begins the name under which a kind of channel is counted beside the sagas."""

BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 3600.0, inf)
"""Bounds of the lateness histogram."""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class SagaStanding:
    """How many instances of a saga were due, and for how long, when a process last looked."""

    saga: str
    due: int
    overdue: int
    oldest_due_at: datetime | None
    looked_at: datetime

    def is_late(self, now: datetime) -> bool:
        """Tell whether a timer is overdue, or nobody has looked for as long."""
        return self.overdue > 0 or now - self.looked_at > timedelta(seconds=OVERDUE_AFTER_S)


@dataclass(frozen=True, slots=True)
class Counted:
    """How often something happened in a lane; for `fired`, late by no more than `up_to_s`."""

    saga: str
    what: str
    lane: int
    up_to_s: float
    n: int
    sum_s: float


def activate(url: str, sagas: Sequence[str]) -> None:
    """Say of sagas that are heard of for the first time that they act on the log from here on.

    Done before an empty log gets its first event, they act on all of it.
    """
    with connect(url, "views") as connection:
        connection.execute(SQL["activate"], {"sagas": list(sagas)})


def standing(connection: Connection[Row]) -> list[SagaStanding]:
    """Return how the sagas stand, by name."""
    return [SagaStanding(*row) for row in connection.execute(SQL["standing"])]


def counted(connection: Connection[Row]) -> list[Counted]:
    """Return all that was ever counted."""
    return [Counted(*row) for row in connection.execute(SQL["counted"])]


def report(
    connection: Connection[Row], stands: Iterable[SagaStanding], counts: Sequence[Counted]
) -> None:
    """Write how sagas stand, and add what was counted; needs the role `views`."""
    with connection.transaction():
        for stand in stands:
            connection.execute(
                SQL["stand"],
                {
                    "saga": stand.saga,
                    "due": stand.due,
                    "overdue": stand.overdue,
                    "oldest_due_at": stand.oldest_due_at,
                    "looked_at": stand.looked_at,
                },
            )
        if counts:
            fields = ("saga", "what", "lane", "up_to_s", "n", "sum_s")
            columns = {field: [getattr(count, field) for count in counts] for field in fields}
            connection.execute(SQL["count"], columns)


def metrics(stands: Sequence[SagaStanding], counts: Sequence[Counted]) -> Iterator[Metric]:
    """Yield what Prometheus sees of the timers and of sending: of all processes together."""
    due = GaugeMetricFamily("parvandeh_saga_due", "Timers that are due", labels=["saga"])
    overdue = GaugeMetricFamily(
        "parvandeh_saga_overdue",
        f"Timers that are due for more than {OVERDUE_AFTER_S} s",
        labels=["saga"],
    )
    for stand in stands:
        due.add_metric([stand.saga], stand.due)
        overdue.add_metric([stand.saga], stand.overdue)
    yield due
    yield overdue
    of_sagas = [count for count in counts if not count.saga.startswith(CHANNEL)]
    of_kinds = [
        replace(count, saga=count.saga.removeprefix(CHANNEL))
        for count in counts
        if count.saga.startswith(CHANNEL)
    ]
    ended = CounterMetricFamily(
        "parvandeh_saga_fired", "Timers fired, by what became of it", labels=["saga", "outcome"]
    )
    yield _outcomes(of_sagas, ended)
    lateness = HistogramMetricFamily(
        "parvandeh_saga_lateness_seconds",
        "Seconds from a timer's due instant to its firing",
        labels=["saga", "lane"],
    )
    yield _histogram(of_sagas, lateness, with_lane=True)
    attempts = CounterMetricFamily(
        "parvandeh_channel_attempts",
        "Attempts to send, by the kind of channel and what became of it",
        labels=["kind", "outcome"],
    )
    yield _outcomes(of_kinds, attempts)
    took = HistogramMetricFamily(
        "parvandeh_channel_seconds", "Seconds that attempts to send took", labels=["kind"]
    )
    yield _histogram(of_kinds, took, with_lane=False)


def _outcomes(counts: Sequence[Counted], family: CounterMetricFamily) -> Metric:
    of_outcome: dict[tuple[str, str], int] = {}
    for count in counts:
        if count.what != "fired":
            key = (count.saga, count.what)
            of_outcome[key] = of_outcome.get(key, 0) + count.n
    for (name, outcome), n in of_outcome.items():
        family.add_metric([name, outcome], n)
    return family


def _histogram(
    counts: Sequence[Counted], family: HistogramMetricFamily, *, with_lane: bool
) -> Metric:
    fired = [count for count in counts if count.what == "fired"]
    for (name, lane), group in groupby(fired, key=lambda count: (count.saga, count.lane)):
        by_bound = {count.up_to_s: count for count in group}
        total, sum_s, buckets = 0, 0.0, []
        for bound_s in BUCKETS_S:
            if bound_s in by_bound:
                total += by_bound[bound_s].n
                sum_s += by_bound[bound_s].sum_s
            buckets.append(("+Inf" if bound_s == inf else str(bound_s), float(total)))
        labels = [name, str(lane)] if with_lane else [name]
        family.add_metric(labels, buckets, sum_s)
    return family
