"""What Prometheus sees of the views; labels are the names of views, nothing else."""

from collections.abc import Iterable
from typing import Protocol

from prometheus_client import Counter, Gauge, Histogram

POSITION = Gauge("parvandeh_view_position", "Position up to which a view is applied", ["view"])
LAG = Gauge("parvandeh_view_lag_events", "Events a view has still to apply", ["view"])
STUCK = Gauge("parvandeh_view_stuck", "1 while a view cannot apply its next event", ["view"])
BATCH_SECONDS = Histogram(
    "parvandeh_view_batch_seconds",
    "Seconds from taking a view's lead to the commit of a batch",
    ["view"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
EVENTS = Counter("parvandeh_view_events_applied", "Events applied by this process", ["view"])


class Status(Protocol):
    """The part of `ViewStatus` that is measured."""

    @property
    def view(self) -> str:
        """Name the view."""
        ...

    @property
    def position(self) -> int:
        """Say up to where it is applied."""
        ...

    @property
    def head(self) -> int:
        """Say where the log ended."""
        ...

    @property
    def is_stuck(self) -> bool:
        """Tell whether it cannot go on."""
        ...


def observe(view: str, position: int, head: int) -> None:
    """Set a view's position and lag."""
    POSITION.labels(view).set(position)
    LAG.labels(view).set(max(0, head - position))


def applied(view: str, events: int, position: int, seconds: float) -> None:
    """Count a committed batch."""
    POSITION.labels(view).set(position)
    STUCK.labels(view).set(0)
    EVENTS.labels(view).inc(events)
    BATCH_SECONDS.labels(view).observe(seconds)


def stuck(view: str) -> None:
    """Say that a view is stuck."""
    STUCK.labels(view).set(1)


def observe_all(statuses: Iterable[Status]) -> None:
    """Set the gauges from tracking rows: a process that leads no view shows them all the same."""
    for status in statuses:
        observe(status.view, status.position, status.head)
        STUCK.labels(status.view).set(1 if status.is_stuck else 0)
