"""What the timers count: how late they fired, and what became of it, for all processes together.

A process that fires timers answers no HTTP, so its counts go to the database, where whoever is
asked for the metrics reads them (`store.saga_status`).
"""

import threading
from collections.abc import Iterable
from datetime import timedelta

from store.saga_status import BUCKETS_S, CHANNEL, Counted

_Key = tuple[str, str, int, float]
"""Saga, what happened, lane, and the bound of the bucket."""


class Tallies:
    """Counts since they were last taken; safe for any number of threads."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._counts: dict[_Key, tuple[int, float]] = {}

    def fired(self, saga: str, lane: int, lateness: timedelta) -> None:
        """Count an instance that is fired so long after it was due."""
        late_s = max(0.0, lateness.total_seconds())
        up_to_s = next((bound_s for bound_s in BUCKETS_S if late_s <= bound_s), BUCKETS_S[-1])
        self._count((saga, "fired", lane, up_to_s), late_s)

    def ended(self, saga: str, lane: int, outcome: str) -> None:
        """Count an outcome."""
        self._count((saga, outcome, lane, BUCKETS_S[-1]), 0.0)

    def attempted(self, kind: str, outcome: str, took_s: float) -> None:
        """Count an attempt to send by a kind of channel."""
        up_to_s = next((bound_s for bound_s in BUCKETS_S if took_s <= bound_s), BUCKETS_S[-1])
        self._count((CHANNEL + kind, "fired", 0, up_to_s), took_s)
        self._count((CHANNEL + kind, outcome, 0, BUCKETS_S[-1]), 0.0)

    def take(self) -> list[Counted]:
        """Return the counts, and begin again at nought."""
        with self._mutex:
            counts, self._counts = self._counts, {}
        return [Counted(*key, n=n, sum_s=sum_s) for key, (n, sum_s) in counts.items()]

    def give_back(self, counts: Iterable[Counted]) -> None:
        """Count again what was taken and could not be written."""
        for count in counts:
            key = (count.saga, count.what, count.lane, count.up_to_s)
            self._count(key, count.sum_s, count.n)

    def _count(self, key: _Key, late_s: float, times: int = 1) -> None:
        with self._mutex:
            n, sum_s = self._counts.get(key, (0, 0.0))
            self._counts[key] = (n + times, sum_s + late_s)
