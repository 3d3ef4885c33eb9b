"""How the sagas stand: reported by whoever fires, read by whoever is asked."""

from datetime import UTC, datetime, timedelta
from math import inf

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.exposition import generate_latest

from store.database import connect
from store.saga_status import (
    Counted,
    SagaStanding,
    activate,
    counted,
    metrics,
    report,
    standing,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def stand(due: int, overdue: int = 0, at: datetime = NOW) -> SagaStanding:
    return SagaStanding("reminding", due, overdue, None, at)


def test_the_newest_look_stands_and_counts_add_up(database_url: str) -> None:
    late = Counted("reminding", "fired", 0, 0.25, 2, 0.4)
    with connect(database_url, "views") as views:
        report(views, [stand(5, at=NOW + SECOND)], [late])
        report(views, [stand(9)], [late, Counted("reminding", "done", 0, inf, 4, 0.0)])
    with connect(database_url, "writer") as reader:
        assert standing(reader) == [stand(5, at=NOW + SECOND)]
        assert counted(reader) == [
            Counted("reminding", "done", 0, inf, 4, 0.0),
            Counted("reminding", "fired", 0, 0.25, 4, 0.8),
        ]


def test_a_saga_is_late_when_a_timer_is_overdue_or_nobody_looks() -> None:
    assert not stand(5).is_late(NOW + 60 * SECOND)
    assert stand(5).is_late(NOW + 61 * SECOND)
    assert stand(5, overdue=1).is_late(NOW)


def test_a_saga_is_active_from_where_the_log_was_when_it_was_first_heard_of(
    database_url: str,
) -> None:
    activate(database_url, ["one"])
    activate(database_url, ["one", "other"])
    with connect(database_url, "views") as views:
        rows = views.execute("SELECT saga, active_from FROM sagas.activations").fetchall()
    assert sorted(rows) == [("one", 0), ("other", 0)]


class Registry(CollectorRegistry):
    def __init__(self, found: list[Metric]) -> None:
        super().__init__()
        self.found = found

    def collect(self) -> list[Metric]:
        return self.found


def test_prometheus_sees_a_histogram_of_lateness_per_lane() -> None:
    counts = [
        Counted("reminding", "done", 3, inf, 7, 0.0),
        Counted("reminding", "fired", 0, 0.25, 2, 0.4),
        Counted("reminding", "fired", 0, 15.0, 1, 9.0),
        Counted("reminding", "fired", 3, 0.05, 4, 0.1),
        Counted("reminding", "refused", 3, inf, 1, 0.0),
    ]
    text = generate_latest(Registry(list(metrics([stand(5, 2)], counts)))).decode()
    for line in (
        'parvandeh_saga_due{saga="reminding"} 5.0',
        'parvandeh_saga_overdue{saga="reminding"} 2.0',
        'parvandeh_saga_fired_total{outcome="done",saga="reminding"} 7.0',
        'parvandeh_saga_fired_total{outcome="refused",saga="reminding"} 1.0',
        'parvandeh_saga_lateness_seconds_bucket{lane="0",le="0.1",saga="reminding"} 0.0',
        'parvandeh_saga_lateness_seconds_bucket{lane="0",le="0.25",saga="reminding"} 2.0',
        'parvandeh_saga_lateness_seconds_bucket{lane="0",le="15.0",saga="reminding"} 3.0',
        'parvandeh_saga_lateness_seconds_bucket{lane="0",le="+Inf",saga="reminding"} 3.0',
        'parvandeh_saga_lateness_seconds_sum{lane="0",saga="reminding"} 9.4',
        'parvandeh_saga_lateness_seconds_count{lane="3",saga="reminding"} 4.0',
    ):
        assert line in text.splitlines(), text
