"""Timers: what a tick costs, how many fire a second, and how late urgent ones are in a storm."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from uuid import UUID, uuid4

from psycopg import Connection

from bench.cases import adding, open_cases
from bench.execute import EVENTS_PER_CASE
from bench.figures import Figure
from bench.place import Place, casebook_at
from bench.reminding import SAGA, owe, prepare, processes
from bench.rounds import median_round, per_second
from domain.clocks.messages import Urgency
from sagas.runner import TICK_S
from sagas.timers import Timers
from store.casebook import Casebook
from store.database import connect

Connected = Connection[tuple[object, ...]]

DUE = 100
_TICKS = 15
_FIRING_ROUNDS = 3
_AFTER = timedelta(seconds=0.5)
_PATIENCE_S = 300.0


# --- a tick ---------------------------------------------------------------------------------------


def tick(place: Place) -> Figure:
    """Compare a tick that finds 100 due among many open clocks with one among few."""
    scale = place.scale
    with (
        casebook_at(place.database("many")) as many,
        casebook_at(place.database("few")) as few,
        connect(many.case_recorder.url, "views") as many_views,
        connect(few.case_recorder.url, "views") as few_views,
    ):
        ours, peer = median_round(
            _ticking(many, many_views, scale.open_clocks),
            _ticking(few, few_views, scale.few_open_clocks),
            scale.repeats,
        )
    return Figure(
        name="tick",
        what=f"a tick that finds {DUE} due among {scale.open_clocks:,} open clocks, against one"
        f" among {scale.few_open_clocks:,}",
        unit="ms",
        ours=ours,
        peer=peer,
        target=1.3,
        bound="at most",
    )


def _ticking(casebook: Casebook, views: Connected, clocks: int) -> Callable[[], float]:
    """Put clocks in place and return what measures a tick over them, in milliseconds."""
    prepare(casebook.case_recorder.url)
    now = datetime.now(UTC)
    dues = [now - timedelta(seconds=n) for n in range(DUE)]
    dues += [now + timedelta(days=1, seconds=n) for n in range(clocks - DUE)]
    owe(views, [uuid4() for _ in dues], [uuid4()], dues, Urgency.ESCALATION)
    views.execute("ANALYZE views.saga_bench")
    timers = Timers(views, casebook, [replace(SAGA, todo=lambda _state, _now: ())])

    def measured() -> float:
        found = []
        for _ in range(_TICKS):
            views.execute("DELETE FROM sagas.leases")
            started_s = time.perf_counter()
            claimed = timers.tick()
            found.append((time.perf_counter() - started_s) * 1_000)
            assert claimed == DUE
        return median(found)

    return measured


# --- firing ---------------------------------------------------------------------------------------


def firing(place: Place) -> Figure:
    """Compare timers that fire, each a command on a case of its own, with the bare commands."""
    scale = place.scale
    url, lengths = place.database("firing"), _lengths(place)
    prepare(url)
    with (
        casebook_at(url) as casebook,
        casebook_at(place.database("bare"), cached_states_max=0) as bare,
    ):
        cases = open_cases(casebook, lengths)
        steps = adding(bare, open_cases(bare, lengths), scale.threads)

        def fired() -> float:
            keys = [uuid4() for _ in range(scale.timers)]
            with connect(url, "views") as views:
                before = _head(views)
                due_at = datetime.now(UTC) + _AFTER
                owe(views, keys, cases, [due_at] * len(keys), Urgency.REMINDER)
                last_at = max(_recorded(views, keys, before).values())
            return len(keys) / (last_at - due_at).total_seconds()

        with processes(url, scale.timer_processes):
            fired()
            ours, peer = median_round(
                fired,
                lambda: per_second(steps, scale.threads, scale.rounds.seconds),
                min(_FIRING_ROUNDS, scale.rounds.count),
            )
    return Figure(
        name="firing",
        what=f"timers that {scale.timer_processes} processes fire, against the bare commands in"
        f" {scale.threads} threads of one; cases of 10 to 20 events, loaded anew",
        unit="timers/s",
        ours=ours,
        peer=peer,
        target=0.5,
        bound="at least",
    )


# --- a storm --------------------------------------------------------------------------------------


def storm(place: Place) -> Figure:
    """Compare how late urgent timers are while reminders drain with what is asked for."""
    scale = place.scale
    url = place.database("storm")
    prepare(url)
    with casebook_at(url) as casebook, connect(url, "views") as views:
        cases = open_cases(casebook, _lengths(place))
        with processes(url, scale.timer_processes):
            _urgent(views, cases, scale.urgent_timers)
            idle_s = _urgent(views, cases, scale.urgent_timers)
            now = datetime.now(UTC)
            reminders = [uuid4() for _ in range(scale.reminders)]
            dues = [now - timedelta(milliseconds=n) for n in range(len(reminders))]
            owe(views, reminders, cases, dues, Urgency.REMINDER)
            before = _left(views)
            stormy_s = _urgent(views, cases, scale.urgent_timers)
            drained = before - _left(views)
    asked_s = max(2 * idle_s, 2.0)
    return Figure(
        name="storm",
        what=f"lateness of the 99th of a hundred urgent timers while {scale.reminders:,} reminders"
        " drain, against the larger of twice the idle one and 2 s",
        unit="s",
        ours=stormy_s,
        peer=asked_s,
        target=1,
        bound="at most",
        note=f"idle {idle_s:.2f} s, ticks each {TICK_S} s; {drained:,} reminders fired meanwhile",
    )


def _urgent(views: Connected, cases: Sequence[UUID], count: int) -> float:
    """Let urgent timers come due one after the other and return the p99 of their lateness."""
    begins_at = datetime.now(UTC) + _AFTER
    dues = [begins_at + timedelta(milliseconds=50 * n) for n in range(count)]
    late = []
    keys = [uuid4() for _ in dues]
    before = _head(views)
    owe(views, keys, cases, dues, Urgency.STATUTORY)
    due_of = dict(zip(keys, dues, strict=True))
    for key, recorded_at in _recorded(views, keys, before).items():
        late.append((recorded_at - due_of[key]).total_seconds())
    return sorted(late)[max(0, -(-len(late) * 99 // 100) - 1)]


def _left(views: Connected) -> int:
    row = views.execute("SELECT count(*) FROM views.saga_bench WHERE lane = 3").fetchone()
    assert row is not None and isinstance(row[0], int)
    return row[0]


def _lengths(place: Place) -> list[int]:
    return [EVENTS_PER_CASE[n % len(EVENTS_PER_CASE)] for n in range(place.scale.cases)]


def _recorded(views: Connected, keys: Sequence[UUID], before: int) -> dict[UUID, datetime]:
    """Wait until every letter is recorded, each once, and return when each was."""
    head = before
    found: dict[UUID, datetime] = {}
    ends_at_s = time.monotonic() + _PATIENCE_S
    wanted = set(keys)
    while len(found) < len(keys):
        if time.monotonic() > ends_at_s:
            raise RuntimeError(f"{len(keys) - len(found)} timers did not fire")
        time.sleep(0.05)
        rows = views.execute(
            "SELECT e.notification_id, e.causation_id, e.recorded_at FROM casebook.events e"
            " WHERE e.notification_id > %s ORDER BY e.notification_id",
            [head],
        ).fetchall()
        for position, cause, recorded_at in rows:
            assert isinstance(position, int) and isinstance(recorded_at, datetime)
            head = position
            if isinstance(cause, UUID) and cause in wanted:
                assert cause not in found, "a timer fired twice"
                found[cause] = recorded_at
    return found


def _head(views: Connected) -> int:
    row = views.execute("SELECT coalesce(max(notification_id), 0) FROM casebook.events").fetchone()
    assert row is not None and isinstance(row[0], int)
    return row[0]
