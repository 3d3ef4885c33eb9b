"""The runner of views on a real PostgreSQL: exactly once, one leader, nothing skipped."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from store.casebook import Casebook
from store.database import connect
from store.log import Log
from store.views import (
    RebuildIsRunning,
    RebuildIsStuck,
    View,
    ViewIsStuck,
    catch_up,
    compare,
    rebuild,
    run,
    view_status,
)
from store.views.follower import Follower, Pass, opened
from store.views.rebuild import _alone, _built
from store.views.runner import RunnerDied
from store.views.tracking import BESIDE, LIVE, ensure
from tests.store.tally import ACTOR, MARKS, TRAIL, Mark, Note, documents, open_casebook

PATIENCE_S = 20.0
VIEWS: tuple[View, ...] = (documents(), MARKS, TRAIL)


@pytest.fixture
def casebook(database_url: str) -> Iterator[Casebook]:
    book = open_casebook(database_url)
    yield book
    book.pool.close()


def mark(casebook: Casebook, streams: list[UUID], times: int = 1, text: str = "stroke") -> int:
    """Add strokes to every tally and return the log's head."""
    position = 0
    for _ in range(times):
        wishes = [Mark(stream=stream, mark=text) for stream in streams]
        position = casebook.execute(*wishes, actor=ACTOR).position
    return position


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with connect(url, "reader") as connection:
        return connection.execute(query.encode()).fetchall()


def totals(url: str) -> dict[UUID, int]:
    return dict(rows(url, "SELECT stream, total FROM views.tallies"))


def position_of(url: str, view: str) -> int:
    [(position,)] = rows(url, f"SELECT position FROM views.tracking WHERE view = '{view}'")
    return int(position)


def wait_until(true: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Wait for what happens in another thread or process; fail when it does not."""
    ends_at_s = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < ends_at_s, "it did not happen in time"
        time.sleep(0.01)


@contextmanager
def running(url: str, log: Log, views: tuple[View, ...], **options: Any) -> Iterator[None]:
    """Run views in a thread, as a process would."""
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(url, log, views, stop), kwargs=options)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=PATIENCE_S)
        assert not thread.is_alive()


def are_equal_to_their_rebuilds(url: str, log: Log, *views: View) -> bool:
    return all(compare(url, log, view) == [] for view in views)


def test_every_sort_of_view_catches_up_with_the_log(casebook: Casebook, database_url: str) -> None:
    streams = [uuid4() for _ in range(30)]
    mark(casebook, streams, times=12)
    head = casebook.execute(Note(stream=streams[0], note="so far"), actor=ACTOR).position
    assert catch_up(database_url, casebook.log_reader, VIEWS) == head == 361
    assert totals(database_url) == dict.fromkeys(streams, 12)
    assert rows(database_url, "SELECT count(*) FROM views.trail") == [(361,)]
    assert rows(database_url, "SELECT count(*) FROM views.marks") == [(360,)]
    assert {position_of(database_url, view.name) for view in VIEWS} == {361}


def test_catching_up_twice_changes_nothing(casebook: Casebook, database_url: str) -> None:
    mark(casebook, [uuid4() for _ in range(5)], times=50)
    catch_up(database_url, casebook.log_reader, VIEWS)
    before = rows(database_url, "SELECT t.* FROM views.tallies t ORDER BY stream")
    catch_up(database_url, casebook.log_reader, VIEWS)
    assert rows(database_url, "SELECT t.* FROM views.tallies t ORDER BY stream") == before
    assert rows(database_url, "SELECT count(*) FROM views.marks") == [(250,)]


def test_an_event_delivered_again_to_a_document_changes_nothing(
    casebook: Casebook, database_url: str
) -> None:
    [stream] = [uuid4()]
    mark(casebook, [stream], times=5)
    catch_up(database_url, casebook.log_reader, [documents()])
    with connect(database_url) as owner:
        owner.execute("UPDATE views.tracking SET position = 2")
    catch_up(database_url, casebook.log_reader, [documents()])
    assert totals(database_url) == {stream: 5}


def test_a_batch_is_bounded_by_bytes_and_by_events(casebook: Casebook, database_url: str) -> None:
    streams = [uuid4() for _ in range(40)]
    mark(casebook, streams, times=2)
    with opened(database_url, LIVE) as connection:
        ensure(connection, VIEWS[0])
        follower = Follower(connection, VIEWS[0], casebook.log_reader, batch_bytes=1)
        assert follower.advance() is Pass.APPLIED
        assert follower.position == 1  # one event is more than a byte, and is applied all the same
        follower = Follower(connection, VIEWS[0], casebook.log_reader, batch_bytes=2_000)
        follower.advance()
        assert 1 < follower.position < 40
        follower = Follower(connection, documents(batch_events=7), casebook.log_reader)
        before = follower.position or position_of(database_url, "tallies")
        follower.advance()
        assert follower.position == before + 7
    catch_up(database_url, casebook.log_reader, VIEWS)
    assert totals(database_url) == dict.fromkeys(streams, 2)


def test_views_follow_a_growing_log_as_soon_as_it_rings(
    casebook: Casebook, database_url: str
) -> None:
    stream = uuid4()
    with running(database_url, casebook.log_reader, VIEWS, poll_s=3600.0):
        mark(casebook, [stream])
        wait_until(lambda: has(database_url, "tallies") and totals(database_url) == {stream: 1})
        for times in range(2, 6):
            mark(casebook, [stream])
            wait_until(partial(has_total, database_url, stream, times))


def has_total(url: str, stream: UUID, total: int) -> bool:
    return totals(url) == {stream: total}


def all_stand_at(url: str, position: int) -> bool:
    return all(position_of(url, view.name) == position for view in VIEWS)


def has(url: str, table: str) -> bool:
    return rows(url, f"SELECT to_regclass('views.{table}') IS NOT NULL") == [(True,)]


def test_a_dropped_connection_is_opened_again(casebook: Casebook, database_url: str) -> None:
    stream = uuid4()
    head = mark(casebook, [stream])
    with running(database_url, casebook.log_reader, VIEWS, poll_s=0.2):
        wait_until(lambda: has(database_url, "trail"))
        wait_until(lambda: position_of(database_url, "trail") == head)
        for _ in range(3):
            with connect(database_url) as owner:
                owner.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'parvandeh-views' AND datname = current_database()"
                )
            head = mark(casebook, [stream])
            wait_until(partial(all_stand_at, database_url, head))
    assert are_equal_to_their_rebuilds(database_url, casebook.log_reader, *VIEWS)


def test_a_lost_notification_costs_one_poll(casebook: Casebook, database_url: str) -> None:
    stream = uuid4()
    mark(casebook, [stream])
    with running(database_url, casebook.log_reader, VIEWS, poll_s=0.05):
        wait_until(lambda: has(database_url, "tallies") and totals(database_url) == {stream: 1})
        with connect(database_url) as owner:  # an append that rings for nobody
            owner.execute(
                "INSERT INTO casebook.events SELECT 2, originator_id, 2, 'tally.noted',"
                ' \'{"note": "quietly"}\', gen_random_uuid(), recorded_at, actor, role, reason,'
                " correlation_id, causation_id, subject_id, leaf_hash FROM casebook.events"
            )
        wait_until(lambda: position_of(database_url, "trail") == 2)


def test_a_view_whose_thread_ends_by_itself_ends_the_runner(
    casebook: Casebook, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_follower: Follower) -> Pass:
        raise AssertionError("a programming error")

    monkeypatch.setattr(Follower, "advance", fail)
    monkeypatch.setattr(threading, "excepthook", lambda _args: None)
    with pytest.raises(RunnerDied, match="view-trail"):
        run(database_url, casebook.log_reader, (TRAIL,), threading.Event(), poll_s=0.05)


# --- one leader -----------------------------------------------------------------------------------


def test_only_one_process_leads_a_view_at_a_time(casebook: Casebook, database_url: str) -> None:
    mark(casebook, [uuid4()])
    with opened(database_url, LIVE) as one, opened(database_url, LIVE) as other:
        ensure(one, MARKS)
        follower = Follower(other, MARKS, casebook.log_reader)
        with one.transaction():
            one.execute("SELECT 1 FROM views.tracking WHERE view = 'marks' FOR UPDATE")
            assert follower.advance() is Pass.ELSEWHERE
        assert follower.advance() is Pass.APPLIED
        assert follower.advance() is Pass.CAUGHT_UP


def test_many_runners_apply_every_event_once(casebook: Casebook, database_url: str) -> None:
    streams = [uuid4() for _ in range(4)]
    log = casebook.log_reader
    small = (documents(batch_events=3), MARKS, TRAIL)
    with (
        running(database_url, log, small, pace_s=0.0, poll_s=0.05),
        running(database_url, log, small, pace_s=0.0, poll_s=0.05),
        running(database_url, log, small, pace_s=0.0, poll_s=0.05),
    ):
        head = mark(casebook, streams, times=60)
        wait_until(lambda: has(database_url, "trail"))
        wait_until(lambda: all(position_of(database_url, v.name) == head for v in small))
    assert totals(database_url) == dict.fromkeys(streams, 60)
    assert rows(database_url, "SELECT count(*), sum(amount) FROM views.marks") == [(240, 240)]
    assert are_equal_to_their_rebuilds(database_url, log, *small)


def test_documents_at_hand_are_forgotten_when_another_process_led(
    casebook: Casebook, database_url: str
) -> None:
    stream, view = uuid4(), documents(batch_events=1)
    mark(casebook, [stream], times=6)
    with opened(database_url, LIVE) as one, opened(database_url, LIVE) as other:
        ensure(one, view)
        followers = [Follower(each, view, casebook.log_reader) for each in (one, other)]
        for turn in (0, 1, 1, 0, 0, 1):
            assert followers[turn].advance() is Pass.APPLIED
    assert totals(database_url) == {stream: 6}


# --- killed ---------------------------------------------------------------------------------------

CATCHING_UP = """
import sys
from store.views import catch_up
from tests.store.tally import MARKS, TRAIL, documents, open_casebook
casebook = open_casebook(sys.argv[1])
views = (documents(batch_events=20), MARKS, TRAIL)
print("ready", flush=True)
catch_up(sys.argv[1], casebook.log_reader, views)
print("done", flush=True)
"""


def test_a_process_killed_in_mid_batch_loses_and_doubles_nothing(
    casebook: Casebook, database_url: str
) -> None:
    streams = [uuid4() for _ in range(50)]
    head = mark(casebook, streams, times=40)
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{root / 'src'}:{root}"}
    reached, delay_s, kills = 0, 0.005, 0
    while kills < 6 or reached == 0:
        kills += 1
        process = subprocess.Popen(
            [sys.executable, "-c", CATCHING_UP, database_url],
            env=environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(delay_s)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        if has(database_url, "tallies"):
            after = position_of(database_url, "tallies")
            assert sum(totals(database_url).values()) == after
            reached = max(reached, after)
        delay_s *= 1.6 if reached == 0 else 1.1
    assert catch_up(database_url, casebook.log_reader, VIEWS) == head
    assert totals(database_url) == dict.fromkeys(streams, 40)
    assert are_equal_to_their_rebuilds(database_url, casebook.log_reader, *VIEWS)


# --- stuck ----------------------------------------------------------------------------------------


def test_a_view_stops_exactly_before_the_event_it_cannot_apply(
    casebook: Casebook, database_url: str
) -> None:
    streams = [uuid4() for _ in range(10)]
    mark(casebook, streams, times=5)
    poison = mark(casebook, streams[3:4], text="poison")
    mark(casebook, streams)
    poisoned = documents(poisoned=True)
    with pytest.raises(ViewIsStuck):
        catch_up(database_url, casebook.log_reader, [poisoned])
    with connect(database_url, "writer") as connection:
        [status] = view_status(connection)
    assert (status.position, status.stuck_at) == (poison - 1, poison)
    assert (status.stuck_topic, status.stuck_error) == ("tally.marked", "CannotCount")
    assert status.attempts == 1
    assert status.is_stuck
    assert status.lag_events == 11
    assert totals(database_url) == dict.fromkeys(streams, 5)


def test_a_stuck_view_stops_no_other_and_goes_on_when_it_can(
    casebook: Casebook, database_url: str
) -> None:
    stream, log = uuid4(), casebook.log_reader
    mark(casebook, [stream], times=3)
    head = mark(casebook, [stream], text="poison")
    views = (documents(poisoned=True), MARKS, TRAIL)
    with running(database_url, log, views, back_off_s=(0.01, 0.05), poll_s=0.05):
        wait_until(lambda: has(database_url, "trail") and has(database_url, "tallies"))
        wait_until(lambda: position_of(database_url, "trail") == head)
        wait_until(lambda: position_of(database_url, "marks") == head)
        wait_until(
            lambda: (
                rows(
                    database_url,
                    "SELECT stuck_at, attempts > 2 FROM views.tracking WHERE view = 'tallies'",
                )
                == [(head, True)]
            )
        )
        mark(casebook, [stream])
        wait_until(lambda: position_of(database_url, "trail") == head + 1)
    assert position_of(database_url, "tallies") == head - 1
    catch_up(database_url, log, VIEWS)
    with connect(database_url, "writer") as connection:
        assert not any(status.is_stuck for status in view_status(connection))
    assert totals(database_url) == {stream: 5}


def test_what_a_stuck_view_says_holds_no_personal_data(
    casebook: Casebook, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    mark(casebook, [uuid4()], text="poison")
    with pytest.raises(ViewIsStuck) as stuck:
        catch_up(database_url, casebook.log_reader, [documents(poisoned=True)])
    said = capsys.readouterr()
    shown = rows(database_url, "SELECT t::text FROM views.tracking t")[0][0]
    assert "poison" not in said.out + said.err + str(stuck.value) + shown


# --- rebuilding -----------------------------------------------------------------------------------


def test_a_rebuilt_view_takes_the_place_of_the_live_one_while_readers_go_on(
    casebook: Casebook, database_url: str
) -> None:
    streams, log = [uuid4() for _ in range(20)], casebook.log_reader
    mark(casebook, streams, times=30)
    catch_up(database_url, log, VIEWS)
    stop, seen, failed = threading.Event(), set(), []

    def read() -> None:
        with connect(database_url, "reader") as connection:
            while not stop.is_set():
                try:
                    query = "SELECT count(*), sum(total) FROM views.tallies"
                    seen.add(connection.execute(query).fetchone())
                except psycopg.Error as error:
                    failed.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for view in VIEWS:
            assert rebuild(database_url, log, view) == 600
        rebuild(database_url, log, VIEWS[0])
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert not failed
    assert seen == {(20, 600)}
    assert rows(
        database_url, "SELECT view, position, generation FROM views.tracking ORDER BY view"
    ) == [("marks", 600, 2), ("tallies", 600, 3), ("trail", 600, 2)]


def test_a_view_is_rebuilt_while_the_log_grows(casebook: Casebook, database_url: str) -> None:
    streams, log = [uuid4() for _ in range(5)], casebook.log_reader
    mark(casebook, streams, times=20)
    with running(database_url, log, VIEWS, poll_s=0.05):
        wait_until(lambda: has(database_url, "tallies") and has(database_url, "trail"))
        for _ in range(3):
            mark(casebook, streams, times=5)
            rebuild(database_url, log, documents())
            mark(casebook, streams, times=5)
        head = mark(casebook, streams)
        wait_until(lambda: position_of(database_url, "tallies") == head)
    assert totals(database_url) == dict.fromkeys(streams, 51)


def test_a_rebuild_mends_what_was_tampered_with_and_a_check_finds_it(
    casebook: Casebook, database_url: str
) -> None:
    streams, log = [uuid4() for _ in range(3)], casebook.log_reader
    mark(casebook, streams, times=3)
    catch_up(database_url, log, VIEWS)
    with connect(database_url) as owner:
        owner.execute("UPDATE views.tallies SET total = 99 WHERE stream = %s", [streams[0]])
        owner.execute("DELETE FROM views.tallies WHERE stream = %s", [streams[1]])
        owner.execute("INSERT INTO views.tallies VALUES (%s, 1, 1, 1, '{}')", [UUID(int=7)])
    found = {d.key[0]: (d.live, d.rebuilt) for d in compare(database_url, log, documents())}
    assert found == {
        streams[0]: (True, True), streams[1]: (False, True), UUID(int=7): (True, False),
    }  # fmt: skip
    rebuild(database_url, log, documents())
    assert compare(database_url, log, documents()) == []
    assert totals(database_url) == dict.fromkeys(streams, 3)


def test_an_interrupted_rebuild_is_begun_anew_and_two_do_not_meet(
    casebook: Casebook, database_url: str
) -> None:
    stream, log, view = uuid4(), casebook.log_reader, documents()
    mark(casebook, [stream], times=3)
    catch_up(database_url, log, [view])
    with opened(database_url, BESIDE) as interrupted:
        _built(interrupted, log, view, lambda _position, _head: None)
    assert rows(database_url, "SELECT count(*) FROM views.tracking") == [(2,)]
    with _alone(database_url, view), pytest.raises(RebuildIsRunning):
        rebuild(database_url, log, view)
    assert rebuild(database_url, log, view) == 3
    assert rows(database_url, "SELECT view FROM views.tracking") == [("tallies",)]


def test_a_rebuild_that_has_ended_stands_in_nobodys_way(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with contextlib.ExitStack() as connections_that_live_on:
        monkeypatch.setattr(
            sys.modules[_alone.__module__],
            "opened",
            lambda *which: contextlib.nullcontext(
                connections_that_live_on.enter_context(opened(*which))
            ),
        )
        for _ in range(2):
            with _alone(database_url, documents()):
                pass


def test_a_rebuild_that_gets_stuck_leaves_the_live_view_alone(
    casebook: Casebook, database_url: str
) -> None:
    stream, log = uuid4(), casebook.log_reader
    mark(casebook, [stream], text="poison")
    catch_up(database_url, log, [documents()])
    with pytest.raises(RebuildIsStuck):
        rebuild(database_url, log, documents(poisoned=True))
    assert totals(database_url) == {stream: 1}


def test_tables_of_an_older_revision_are_rebuilt_and_of_a_newer_left_alone(
    casebook: Casebook, database_url: str
) -> None:
    stream, log = uuid4(), casebook.log_reader
    mark(casebook, [stream], times=2)
    catch_up(database_url, log, [documents()])
    with connect(database_url) as owner:
        owner.execute("UPDATE views.tallies SET total = 99")
    catch_up(database_url, log, [documents(revision=2)])
    assert totals(database_url) == {stream: 2}
    mark(casebook, [stream])
    with pytest.raises(ViewIsStuck, match="not_ours"):
        catch_up(database_url, log, [documents(revision=1)])
    with running(database_url, log, (documents(revision=1),), back_off_s=(0.01, 0.02)):
        catch_up(database_url, log, [documents(revision=2)])
    assert totals(database_url) == {stream: 3}


def test_roles_hold_the_views_apart_from_the_log(casebook: Casebook, database_url: str) -> None:
    mark(casebook, [uuid4()])
    catch_up(database_url, casebook.log_reader, VIEWS)
    with connect(database_url, "views") as views:
        for forbidden in (
            "INSERT INTO casebook.topics VALUES ('x')",
            "DELETE FROM casebook.events",
            "UPDATE casebook.subject_keys SET wrapped = ''",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                views.execute(forbidden.encode())
    with connect(database_url, "reader") as reader:
        for forbidden in ("DELETE FROM views.tallies", "SELECT state FROM casebook.events"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(forbidden.encode())
