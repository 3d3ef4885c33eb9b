"""Timers on a real PostgreSQL: fired once, in order, after the fold, and never lost."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.clocks.messages import Urgency
from sagas.declare import Do, Hands
from sagas.firing import Outcome
from sagas.runner import _standing
from sagas.timers import ORDINARY, URGENT, Timers
from store.database import connect
from store.log import Recorded
from store.views import rebuild
from tests.sagas.desk import NOW, Desk
from tests.sagas.promises import (
    MINUTE,
    REMINDING,
    Awaited,
    Keep,
    Remind,
    changed,
)
from tests.sagas.test_instances import promised, rows

LEASE = REMINDING.lease


def reminders(desk: Desk) -> list[Recorded]:
    return desk.casebook.read(0, 10_000, ["promise.reminded"])


def reminded(desk: Desk) -> list[UUID]:
    return [recorded.stream for recorded in reminders(desk)]


def leases(desk: Desk) -> list[tuple[Any, ...]]:
    return rows(desk.url, "SELECT key, until_at, tries FROM sagas.leases ORDER BY key")


def test_a_timer_fires_when_it_is_due_and_then_no_more(desk: Desk) -> None:
    [stream] = promised(desk, due_at=NOW + MINUTE)
    assert desk.settle() == 0
    desk.now = NOW + MINUTE
    assert desk.settle() == 1
    assert desk.settle() == 0
    assert reminded(desk) == [stream]
    assert leases(desk) == []


def test_what_fires_is_recorded_as_the_sagas_act_and_names_its_cause(desk: Desk) -> None:
    [stream] = promised(desk, due_at=NOW)
    desk.settle()
    [made, done] = desk.casebook.history(stream)
    assert (done.actor, done.role, done.causation_id) == ("saga:reminding", "system", made.event_id)


def test_nothing_fires_before_the_fold_has_read_what_the_log_held(desk: Desk) -> None:
    [stream] = promised(desk, due_at=NOW)
    desk.fold()
    desk.execute(Keep(stream=stream))
    with desk.timers() as timers:
        assert [timers.tick(), timers.is_behind] == [0, True]
        desk.fold()
        assert [timers.tick(), timers.is_behind] == [0, False]
    assert reminded(desk) == []


def test_a_log_that_grows_all_the_time_holds_no_timer_up(desk: Desk) -> None:
    [stream] = promised(desk, due_at=NOW)
    desk.fold()
    promised(desk)
    with desk.timers() as timers:
        assert timers.tick() == 0
        desk.fold()
        promised(desk)  # newer than the head when the timer was first seen due
        assert timers.tick() == 1
    assert reminded(desk) == [stream]


def test_an_instance_is_executed_by_one_process_at_a_time(desk: Desk) -> None:
    promised(desk, 30, due_at=NOW)
    desk.fold()
    quiet = Desk(desk.url, desk.casebook, [changed(REMINDING, todo=lambda _state, _now: [])])
    with quiet.timers() as one, quiet.timers() as other:
        assert [one.tick(at_most=20), other.tick(), one.tick()] == [20, 10, 0]
    assert len(leases(desk)) == 30


def test_claims_at_the_same_moment_do_not_wait_for_each_other(desk: Desk) -> None:
    promised(desk, 5, due_at=NOW)
    desk.fold()
    [oldest] = rows(desk.url, "SELECT key FROM views.saga_reminding ORDER BY key LIMIT 1")
    with connect(desk.url, "views") as claiming, claiming.transaction():
        claiming.execute("SELECT 1 FROM views.saga_reminding WHERE key = %s FOR UPDATE", oldest)
        assert desk.tick() == 4
    desk.fold()
    assert desk.tick() == 1


def test_who_dies_with_a_lease_loses_it_when_it_has_expired(desk: Desk) -> None:
    class Killed(BaseException):
        pass

    def dying(_state: Awaited, _now: datetime) -> Sequence[Do]:
        raise Killed

    [stream] = promised(desk, due_at=NOW)
    desk.fold()
    dead = Desk(desk.url, desk.casebook, [changed(REMINDING, todo=dying)])
    with pytest.raises(Killed):
        dead.tick()
    assert leases(desk) == [(stream, NOW + LEASE, 1)]
    desk = Desk(desk.url, desk.casebook, [REMINDING])
    desk.now = NOW + LEASE - timedelta(seconds=1)
    assert desk.tick() == 0
    desk.now = NOW + LEASE
    assert desk.tick() == 1
    assert reminded(desk) == [stream]


def test_what_was_done_but_not_yet_folded_is_not_done_again(desk: Desk) -> None:
    [stream] = promised(desk, due_at=NOW)
    desk.fold()
    assert desk.tick() == 1
    desk.now += LEASE
    assert desk.tick() == 0  # the saga has not read its own reminder yet
    desk.execute(Remind(stream=stream, n=1))
    assert desk.settle() == 0
    assert len(reminded(desk)) == 1


def test_a_refused_command_is_tried_again_with_growing_pauses(desk: Desk) -> None:
    def blind(_state: Awaited, _now: datetime) -> Sequence[Do]:
        return [Do((Remind(stream=_state.promise, n=1),), _state.cause)]

    def kept_is_missed(awaited: Awaited | None, recorded: Recorded, shared: Any) -> Awaited | None:
        return (
            awaited
            if recorded.topic == "promise.kept"
            else REMINDING.evolve(awaited, recorded, shared)
        )

    desk = Desk(desk.url, desk.casebook, [changed(REMINDING, todo=blind, evolve=kept_is_missed)])
    [stream] = promised(desk, due_at=NOW)
    desk.execute(Keep(stream=stream))
    desk.fold()
    waits_s = []
    for _ in range(12):
        assert desk.tick() == 1
        [(_, until_at, _)] = leases(desk)
        waits_s.append((until_at - desk.now).total_seconds())
        desk.now = until_at
    assert waits_s == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    assert reminded(desk) == []


def test_an_event_of_the_instance_ends_its_waiting(desk: Desk) -> None:
    def only_once_reminded_by_hand(state: Awaited, _now: datetime) -> Sequence[Do]:
        return []

    desk = Desk(desk.url, desk.casebook, [changed(REMINDING, todo=only_once_reminded_by_hand)])
    [stream] = promised(desk, due_at=NOW)
    desk.fold()
    assert desk.tick() == 1
    assert leases(desk) == [(stream, NOW + timedelta(seconds=1), 1)]
    desk.execute(Keep(stream=stream))
    desk.fold()
    assert leases(desk) == []


def test_one_that_is_refused_does_not_keep_back_the_others_of_the_instance(desk: Desk) -> None:
    def both(state: Awaited, _now: datetime) -> Sequence[Do]:
        return [
            Do((Remind(stream=kept, n=1),), state.cause),
            Do((Remind(stream=state.promise, n=1),), state.cause),
        ]

    desk = Desk(desk.url, desk.casebook, [changed(REMINDING, todo=both)])
    kept, other = promised(desk, 2, due_at=NOW + MINUTE)
    desk.execute(Keep(stream=kept))
    desk.now += MINUTE
    desk.fold()
    assert desk.tick() == 1
    assert reminded(desk) == [other]


def test_a_defect_of_one_instance_keeps_no_other_back(desk: Desk) -> None:
    bad, good = promised(desk, 2, due_at=NOW)

    def defective(state: Awaited, now: datetime) -> Sequence[Do]:
        if state.promise == bad:
            raise ZeroDivisionError
        return REMINDING.todo(state, now)

    desk = Desk(desk.url, desk.casebook, [changed(REMINDING, todo=defective)])
    desk.fold()
    assert desk.tick() == 2
    assert reminded(desk) == [good]
    assert leases(desk)[0][2] == 1


def test_the_oldest_obligation_goes_first_and_urgent_ones_before_all(desk: Desk) -> None:
    urgencies = [Urgency.REMINDER, Urgency.STATUTORY, Urgency.WARNING, Urgency.ESCALATION]
    made = {}
    for minutes in (3, 1, 2):
        for urgency in urgencies:
            [stream] = promised(desk, due_at=NOW + minutes * MINUTE, urgency=urgency)
            made[stream] = (urgency.lane, minutes)
    desk.now = NOW + timedelta(hours=9)  # an outage is over
    desk.settle()
    order = [made[stream] for stream in reminded(desk)]
    assert order == sorted(made.values())


def test_a_storm_is_paced(desk: Desk) -> None:
    promised(desk, 40, due_at=NOW)
    desk.fold()
    with desk.timers(lanes=ORDINARY) as ordinary:
        fired = []
        for _ in range(4):
            fired.append(ordinary.tick(at_most=16))
            desk.fold()
    assert fired == [16, 16, 8, 0]


def test_lanes_are_claimed_apart(desk: Desk) -> None:
    [ordinary] = promised(desk, due_at=NOW)
    [urgent] = promised(desk, due_at=NOW, urgency=Urgency.ESCALATION)
    desk.fold()
    with desk.timers(lanes=URGENT) as timers:
        assert timers.tick() == 1
    assert reminded(desk) == [urgent]
    with desk.timers(lanes=ORDINARY) as timers:
        assert timers.tick() == 0  # the fold is behind the urgent one's reminder
        desk.fold()
        assert timers.tick() == 1
    assert reminded(desk) == [urgent, ordinary]


def test_no_sagas_storm_is_always_first(desk: Desk) -> None:
    def nothing(_state: Awaited, _now: datetime) -> Sequence[Do]:
        return []

    both = [changed(REMINDING, name=name, todo=nothing) for name in ("one", "other")]
    desk = Desk(desk.url, desk.casebook, both)
    promised(desk, 10, due_at=NOW)
    desk.fold()
    with desk.timers() as timers:
        timers.tick(at_most=2)
        timers.tick(at_most=2)
    held = rows(desk.url, "SELECT saga, count(*) FROM sagas.leases GROUP BY saga ORDER BY saga")
    assert held == [("one", 2), ("other", 2)]


def test_a_saga_of_another_revision_fires_nothing_until_it_is_rebuilt(desk: Desk) -> None:
    [stream] = promised(desk, due_at=NOW)
    desk.fold()
    newer = Desk(desk.url, desk.casebook, [changed(REMINDING, revision=2)])
    assert newer.tick() == 0
    rebuild(newer.url, newer.casebook.log_reader, newer.views[0])
    assert desk.tick() == 0  # the older program leaves the newer one's rows alone
    assert newer.tick() == 1
    assert reminded(desk) == [stream]


def test_a_saga_that_performs_acts_through_its_hands(desk: Desk) -> None:
    told: list[tuple[UUID, object]] = []

    def perform(state: Awaited, _now: datetime, hands: Hands) -> None:
        told.append((state.promise, hands.senders))
        hands.act(Do((Remind(stream=state.promise, n=1),), state.cause))

    desk = Desk(desk.url, desk.casebook, [changed(REMINDING, perform=perform)])
    [stream] = promised(desk, due_at=NOW)
    desk.fold()
    with desk.timers(senders="the post") as timers:
        assert timers.tick() == 1
    assert desk.settle() == 0
    assert told == [(stream, "the post")]
    assert reminded(desk) == [stream]


def test_workers_fire_what_was_claimed_and_give_back_what_they_did_not_reach(desk: Desk) -> None:
    promised(desk, 60, due_at=NOW)
    desk.fold()
    with desk.timers(workers=2) as timers:
        assert timers.tick() == 16  # so many for each worker
        assert timers.tick() <= 16
    done = len(reminded(desk))
    assert done == len(leases(desk))  # of all others nobody holds a lease
    assert desk.settle() == 60 - done
    assert sorted(reminded(desk)) == sorted(set(reminded(desk)))
    assert len(reminded(desk)) == 60


def test_every_outcome_is_counted(desk: Desk) -> None:
    from sagas.tallies import Tallies

    tallies = Tallies()
    promised(desk, 3, due_at=NOW)
    desk.now += timedelta(seconds=90)
    desk.fold()
    with desk.timers(tallies=tallies) as timers:
        timers.tick()
    counts = {(count.what, count.up_to_s): (count.n, count.sum_s) for count in tallies.take()}
    assert counts == {("fired", 300.0): (3, 270.0), (Outcome.DONE.value, float("inf")): (3, 0.0)}
    assert tallies.take() == []


def test_timers_without_a_saga_do_nothing(desk: Desk) -> None:
    with connect(desk.url, "views") as connection:
        assert Timers(connection, desk.casebook, []).tick() == 0


def plan(desk: Desk, lane: int) -> dict[str, Any]:
    """Return what executing a claim of at most 100 touched, as PostgreSQL counts it."""
    [view] = desk.views
    with desk.timers() as timers, connect(desk.url, "views") as connection:
        connection.execute("SET enable_seqscan = off")
        parameters = {
            "saga": "reminding", "lane": lane, "now": desk.now, "until": desk.now + LEASE,
            "read_to": 0, "revision": view.revision, "shape": view.shape, "at_most": 100,
        }  # fmt: skip
        claim = timers._timed[0].sql["claim"]
        row = connection.execute(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {claim}".encode(), parameters
        ).fetchone()
    assert row is not None
    found: dict[str, Any] = row[0][0]["Plan"]
    return found


def nodes(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(below for part in node.get("Plans", ()) for below in nodes(part))]


def test_a_tick_among_100_000_open_clocks_touches_only_those_that_are_due(desk: Desk) -> None:
    [_] = promised(desk)
    desk.fold()
    with connect(desk.url, "views") as views:
        views.execute(
            "INSERT INTO views.saga_reminding (key, state, position, lane, wake_at)"
            " SELECT gen_random_uuid(), i.state, 1, n %% 4,"
            "   %s::timestamptz + (n - 400) * interval '1 s'"
            " FROM generate_series(1, 100000) n, views.saga_reminding i",
            [NOW],
        )
        views.execute("ANALYZE views.saga_reminding")
    for lane in range(4):
        touched = {
            node["Index Name"]: node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            for node in nodes(plan(desk, lane))
            if node.get("Relation Name") == "saga_reminding"
        }
        assert touched == {"saga_reminding_due": 100}
    assert "Seq Scan" not in {node["Node Type"] for node in nodes(plan(desk, 0))}
    with desk.timers() as timers:
        assert timers.tick() == 0  # all that is due is leased by the claims above


def test_what_the_log_holds_already_is_hardly_asked_for_again_and_not_overdue(desk: Desk) -> None:
    def deaf(awaited: Awaited | None, recorded: Recorded, shared: Any) -> Awaited | None:
        if recorded.topic == "promise.reminded":
            return awaited
        return REMINDING.evolve(awaited, recorded, shared)

    desk = Desk(desk.url, desk.casebook, [changed(REMINDING, evolve=deaf)])
    promised(desk, due_at=NOW)
    waits = []
    for _ in range(20):
        desk.fold()
        desk.tick()
        [(_, until_at, _)] = leases(desk)
        waits.append(until_at - desk.now)
        desk.now = until_at
    assert waits[:3] == [LEASE, timedelta(seconds=1), timedelta(seconds=2)]
    assert waits[-1] == timedelta(days=1)
    assert due_and_overdue(desk) == [(1, 0)]
    assert len(reminders(desk)) == 1


def due_and_overdue(desk: Desk) -> list[tuple[int, int]]:
    desk.fold()
    with connect(desk.url, "views") as connection:
        standing = _standing(connection, desk.views[0], desk.now)
    return [(standing.due, standing.overdue)]


def test_a_refused_timer_is_overdue_after_a_minute(desk: Desk) -> None:
    promised(desk, 2, due_at=NOW)
    promised(desk, due_at=NOW + MINUTE)
    assert due_and_overdue(desk) == [(2, 0)]
    desk.now += MINUTE
    assert due_and_overdue(desk) == [(3, 2)]


def test_urgent_timers_pass_a_storm_of_ordinary_ones(desk: Desk) -> None:
    """100,000 reminders are due; a statutory deadline passes now and then while they drain."""
    [one] = promised(desk, due_at=NOW)
    desk.fold()
    with connect(desk.url, "views") as views:
        views.execute(
            "INSERT INTO views.saga_reminding (key, state, position, lane, wake_at)"
            " SELECT gen_random_uuid(), i.state, 1, 3, i.wake_at - n * interval '1 ms'"
            " FROM generate_series(1, 100000) n, views.saga_reminding i"
        )
    with desk.timers(lanes=ORDINARY) as ordinary, desk.timers(lanes=URGENT) as urgent:
        for round_ in range(5):
            desk.now += timedelta(milliseconds=10)
            [stream] = promised(desk, due_at=desk.now, urgency=Urgency.STATUTORY)
            desk.fold()
            assert ordinary.tick(at_most=64) == 64, round_
            desk.fold()
            assert urgent.tick() == 1
            assert reminded(desk)[-1] == stream  # after 64 ordinary ones at the most
    tried = rows(desk.url, "SELECT count(*) FROM sagas.leases WHERE outcome = 'already'")
    assert tried == [(5 * 64 - 1,)]  # of one promise, which needs one reminder
    assert reminded(desk).count(one) == 1
