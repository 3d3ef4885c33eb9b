"""The casebook on a real PostgreSQL: all or nothing, one winner, nothing lost, nothing doubled."""

import hashlib
import os
import signal
import struct
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent

from domain.declare import ActorId, AlreadyClaimed, AlreadyExists, CaseNotFound, Refusal
from domain.fields import Erased
from domain.rulebook import DECIDER as RULEBOOK
from store.casebook import (
    Casebook,
    Idempotency,
    KeyReusedWithOtherBody,
    RequestIsRunning,
    VersionIsStale,
)
from store.database import connect, pool
from store.keys import Keys
from tests.store.ledgers import CLERK, DECIDER, Let, LetGo, LimitReached, Note, Noted, Open, Opened

KEYS = Keys(b"k" * 32)


@pytest.fixture
def casebook(database_url: str) -> Iterator[Casebook]:
    with opened(database_url) as book:
        yield book


@contextmanager
def opened(url: str) -> Iterator[Casebook]:
    """Open a casebook with a pool of its own, as another process would."""
    with pool(url, "writer", size=20) as own:
        yield Casebook(own, url, KEYS, deciders=(RULEBOOK, DECIDER))


def new_case(casebook: Casebook) -> UUID:
    stream = uuid4()
    casebook.execute(Open(stream=stream, plate=str(stream)), actor=CLERK)
    return stream


def test_a_command_is_recorded_with_who_when_and_why(casebook: Casebook) -> None:
    stream, correlation, cause = uuid4(), uuid4(), uuid4()
    before = datetime.now(UTC) - timedelta(minutes=1)
    receipt = casebook.execute(
        Open(stream=stream, plate="12B345"),
        actor=CLERK,
        reason="she called",
        correlation_id=correlation,
        causation_id=cause,
    )
    assert (receipt.version, receipt.position, receipt.created) == (1, 1, True)
    [recorded] = casebook.history(stream)
    assert recorded.event == Opened(plate="12B345", owner="Shirin")
    assert (recorded.actor, recorded.role, recorded.reason) == ("u-17", "specialist", "she called")
    assert (recorded.correlation_id, recorded.causation_id) == (correlation, cause)
    assert recorded.subject_id == stream
    assert before < recorded.recorded_at < before + timedelta(minutes=5)


def test_the_same_wish_again_appends_nothing_and_says_where_it_stands(casebook: Casebook) -> None:
    stream = new_case(casebook)
    again = casebook.execute(Open(stream=stream, plate=str(stream)), actor=CLERK)
    assert (again.version, again.position, again.created, again.events) == (1, 1, False, ())


def test_an_id_that_exists_with_other_content_is_refused(casebook: Casebook) -> None:
    stream = new_case(casebook)
    with pytest.raises(AlreadyExists):
        casebook.execute(Open(stream=stream, plate="other"), actor=CLERK)


def test_a_wish_for_a_case_that_is_not_there_is_refused(casebook: Casebook) -> None:
    with pytest.raises(CaseNotFound):
        casebook.execute(Note(stream=uuid4(), note_id=uuid4()), actor=CLERK)
    with pytest.raises(CaseNotFound):
        casebook.state(uuid4())


def test_several_commands_on_several_cases_are_all_or_nothing(casebook: Casebook) -> None:
    one, two = uuid4(), new_case(casebook)
    head = casebook.head()
    with pytest.raises(LimitReached):
        casebook.execute(
            Open(stream=one, plate="p1"),
            Note(stream=one, note_id=uuid4()),
            Note(stream=two, note_id=uuid4(), limit=0),
            actor=CLERK,
        )
    assert casebook.head() == head
    receipt = casebook.execute(
        Open(stream=one, plate="p1"),
        Note(stream=one, note_id=uuid4()),
        Note(stream=two, note_id=uuid4()),
        actor=CLERK,
    )
    assert (receipt.stream, receipt.version, casebook.head()) == (one, 2, head + 3)


def test_a_stale_version_is_refused_and_the_newest_one_taken(casebook: Casebook) -> None:
    stream = new_case(casebook)
    casebook.execute(Note(stream=stream, note_id=uuid4()), actor=CLERK, expected_version=1)
    with pytest.raises(VersionIsStale) as stale:
        casebook.execute(Note(stream=stream, note_id=uuid4()), actor=CLERK, expected_version=1)
    assert stale.value.params == {"version": 2}


def test_an_older_cached_state_never_refuses_wrongly(database_url: str) -> None:
    with opened(database_url) as here, opened(database_url) as there:
        stream = new_case(here)
        first, second = uuid4(), uuid4()
        there.execute(Note(stream=stream, note_id=first), actor=CLERK)
        receipt = here.execute(Note(stream=stream, note_id=second), actor=CLERK)
        assert receipt.version == 3
        there.execute(Let(stream=stream), actor=CLERK)
        again = here.execute(Let(stream=stream), actor=CLERK)
        assert (again.version, again.events) == (4, ())
        with pytest.raises(VersionIsStale):
            here.execute(Note(stream=stream, note_id=uuid4()), actor=CLERK, expected_version=3)


def test_the_guard_sees_each_case_before_anything_is_decided(casebook: Casebook) -> None:
    stream = new_case(casebook)
    seen = []

    def guard(_decider: object, case: UUID, _state: object, version: int) -> None:
        seen.append((case, version))
        raise CaseNotFound

    for version in (None, 1, 9):  # a stale version says nothing of a case that is not hers to see
        wish = Note(stream=stream, note_id=uuid4())
        with pytest.raises(CaseNotFound):
            casebook.execute(wish, actor=CLERK, guard=guard, expected_version=version)
    assert set(seen) == {(stream, 1)}
    assert casebook.head() == 1


def test_an_identifier_belongs_to_one_case_until_it_is_given_back(casebook: Casebook) -> None:
    holder, other = uuid4(), uuid4()
    casebook.execute(Open(stream=holder, plate="12B345"), actor=CLERK)
    with pytest.raises(AlreadyClaimed) as refused:
        casebook.execute(Open(stream=other, plate="12B345"), actor=CLERK)
    assert refused.value.params == {"kind": "plate"}
    casebook.execute(Let(stream=holder), actor=CLERK)
    casebook.execute(Open(stream=other, plate="12B345"), actor=CLERK)
    with pytest.raises(AlreadyClaimed):
        casebook.execute(Open(stream=uuid4(), plate="12B345"), actor=CLERK)


def test_giving_back_and_taking_in_one_transaction_passes_the_claim_on(casebook: Casebook) -> None:
    holder, other = uuid4(), uuid4()
    casebook.execute(Open(stream=holder, plate="12B345"), actor=CLERK)
    casebook.execute(Let(stream=holder), Open(stream=other, plate="12B345"), actor=CLERK)
    with pytest.raises(AlreadyClaimed):
        casebook.execute(Open(stream=uuid4(), plate="12B345"), actor=CLERK)


def test_racing_for_one_identifier_has_one_winner(casebook: Casebook) -> None:
    def take(_: int) -> str:
        try:
            casebook.execute(Open(stream=uuid4(), plate="12B345"), actor=CLERK)
        except AlreadyClaimed:
            return "claimed"
        return "won"

    with ThreadPoolExecutor(16) as threads:
        ends = Counter(threads.map(take, range(64)))
    assert ends == {"won": 1, "claimed": 63}


def test_a_repeated_request_gets_the_stored_answer(database_url: str) -> None:
    with opened(database_url) as here, opened(database_url) as there:
        stream, note = new_case(here), uuid4()
        request = Idempotency("u-17 POST /notes", "key-1", b"body")
        wish = Note(stream=stream, note_id=note, limit=1)
        first = here.execute(wish, actor=CLERK, idempotency=request)
        here.execute(Let(stream=stream), actor=CLERK)
        for book in (here, there):
            again = book.execute(wish, actor=CLERK, idempotency=request)
            assert (again.version, again.position, again.replayed) == (2, first.position, True)
        other_id = Note(stream=stream, note_id=uuid4())
        again = there.execute(other_id, actor=CLERK, idempotency=request)
        assert (again.version, again.replayed) == (2, True)
        with pytest.raises(KeyReusedWithOtherBody):
            there.execute(
                wish, actor=CLERK, idempotency=Idempotency(request.scope, "key-1", b"other")
            )
        assert here.head() == 3


def test_a_refused_request_is_not_remembered(casebook: Casebook) -> None:
    stream, request = new_case(casebook), Idempotency("scope", "key", b"body")
    with pytest.raises(LimitReached):
        casebook.execute(
            Note(stream=stream, note_id=uuid4(), limit=0), actor=CLERK, idempotency=request
        )
    receipt = casebook.execute(
        Note(stream=stream, note_id=uuid4()), actor=CLERK, idempotency=request
    )
    assert (receipt.version, receipt.replayed) == (2, False)


def test_one_request_sent_sixteen_times_at_once_is_done_once(database_url: str) -> None:
    with opened(database_url) as here, opened(database_url) as there:
        stream = new_case(here)
        request = Idempotency("scope", "key", b"body")

        def send(number: int) -> str:
            book = here if number % 2 else there
            try:
                wish = Note(stream=stream, note_id=uuid4())
                receipt = book.execute(wish, actor=CLERK, idempotency=request)
            except RequestIsRunning:
                return "running"
            return f"version {receipt.version}"

        with ThreadPoolExecutor(16) as threads:
            ends = Counter(threads.map(send, range(16)))
        assert set(ends) <= {"running", "version 2"}
        assert ends["version 2"] >= 1
        assert here.state(stream).version == 2


def test_sixteen_threads_on_one_case_lose_nothing_and_double_nothing(casebook: Casebook) -> None:
    stream = new_case(casebook)
    notes = [uuid4() for _ in range(200)]
    with ThreadPoolExecutor(16) as threads:
        receipts = list(
            threads.map(
                lambda n: casebook.execute(Note(stream=stream, note_id=n), actor=CLERK), notes
            )
        )
    assert sorted(receipt.version for receipt in receipts) == list(range(2, 202))
    recorded = casebook.history(stream)
    assert [r.version for r in recorded] == list(range(1, 202))
    assert {r.event.note_id for r in recorded[1:]} == set(notes)


def test_positions_are_gapless_and_recorded_instants_never_go_back(casebook: Casebook) -> None:
    streams = [new_case(casebook) for _ in range(8)]
    with ThreadPoolExecutor(16) as threads:
        list(
            threads.map(
                lambda n: casebook.execute(
                    Note(stream=streams[n % 8], note_id=uuid4()), actor=CLERK
                ),
                range(160),
            )
        )
    recorded = casebook.read(0, 1000)
    assert [r.position for r in recorded] == list(range(1, 169))
    instants = [r.recorded_at for r in recorded]
    assert instants == sorted(instants)


def test_one_bad_append_does_not_take_the_innocent_of_its_group_with_it(
    casebook: Casebook,
) -> None:
    streams = [new_case(casebook) for _ in range(16)]

    def note(number: int) -> str:
        nul = replace(CLERK, id=ActorId("u\x0017"))
        wish = Note(stream=streams[number], note_id=uuid4())
        try:
            casebook.execute(wish, actor=nul if number % 4 == 0 else CLERK)
        except psycopg.DataError:
            return "refused"
        return "recorded"

    with ThreadPoolExecutor(16) as threads:
        ends = Counter(threads.map(note, range(16)))
    assert ends == {"refused": 4, "recorded": 12}


def test_a_history_stops_at_a_version_or_an_instant(casebook: Casebook) -> None:
    stream = new_case(casebook)
    for _ in range(3):
        casebook.execute(Note(stream=stream, note_id=uuid4()), actor=CLERK)
    recorded = casebook.history(stream)
    assert casebook.history(stream, up_to_version=2) == recorded[:2]
    assert casebook.history(stream, up_to_at=recorded[2].recorded_at) == recorded[:3]
    assert casebook.history(stream, after_version=1, limit=2) == recorded[1:3]


def test_destroying_a_key_erases_the_person_and_keeps_the_history(
    casebook: Casebook, database_url: str
) -> None:
    stream = new_case(casebook)
    with connect(database_url) as owner:
        owner.execute("DELETE FROM casebook.subject_keys WHERE subject_id = %s", (stream,))
    with opened(database_url) as later:
        [recorded] = later.history(stream)
        assert recorded.event == Opened(plate=str(stream), owner=Erased())


def leaf(row: tuple[object, ...]) -> bytes:
    """Hash a row as the documentation says, with the standard library alone."""

    def part(cell: object) -> bytes:
        match cell:
            case None:
                return struct.pack(">i", -1)
            case str():
                data = cell.encode()
            case bytes():
                data = cell
            case UUID():
                data = cell.bytes
            case datetime():
                data = struct.pack(">q", (cell - datetime(1970, 1, 1, tzinfo=UTC)) // MICROSECOND)
            case _:
                raise TypeError
        return struct.pack(">i", len(data)) + data

    position, stream, version, *others = row
    assert isinstance(position, int) and isinstance(version, int)
    return hashlib.sha256(
        b"\x00"
        + part(struct.pack(">q", position))
        + part(stream)
        + part(struct.pack(">i", version))
        + b"".join(part(other) for other in others)
    ).digest()


MICROSECOND = timedelta(microseconds=1)


def test_every_row_carries_the_hash_of_all_of_its_columns(
    casebook: Casebook, database_url: str
) -> None:
    stream = new_case(casebook)
    casebook.execute(
        Note(stream=stream, note_id=uuid4(), text="پلاک"), actor=CLERK, reason="r",
        correlation_id=uuid4(), causation_id=uuid4(),
    )  # fmt: skip
    with connect(database_url) as owner:
        rows = owner.execute(
            "SELECT notification_id, originator_id, originator_version, topic, state, event_id,"
            " recorded_at, actor, role, reason, correlation_id, causation_id, subject_id,"
            " leaf_hash FROM casebook.events ORDER BY notification_id",
            binary=True,
        ).fetchall()
    assert [leaf(row[:-1]) for row in rows] == [row[-1] for row in rows]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE casebook.events SET actor = 'x'",
        "DELETE FROM casebook.events",
        "TRUNCATE casebook.events",
        "DELETE FROM casebook.claims",
    ],
)
def test_the_log_is_never_changed_not_even_by_its_owner(
    casebook: Casebook, database_url: str, change: str
) -> None:
    new_case(casebook)
    with connect(database_url) as owner, pytest.raises(psycopg.errors.RestrictViolation):
        owner.execute(change.encode())
    for role in ("writer", "views", "reader"):
        with (
            connect(database_url, role) as other,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            other.execute(change.encode())


def test_the_librarys_own_recorder_questions_are_answered(casebook: Casebook) -> None:
    recorder = casebook.recorder
    stream = uuid4()
    rows = [StoredEvent(stream, version, "tried.let_go", b'{"plate":"p"}') for version in (1, 2)]
    assert list(recorder.insert_events(rows) or []) == [1, 2]
    with pytest.raises(IntegrityError):
        recorder.insert_events(rows[1:])
    assert [row.originator_version for row in recorder.select_events(stream, desc=True)] == [2, 1]
    assert [n.id for n in recorder.select_notifications(1, 10)] == [1, 2]
    assert [n.id for n in recorder.select_notifications(1, 10, inclusive_of_start=False)] == [2]
    assert recorder.max_notification_id() == 2
    assert casebook.history(stream)[0].event == LetGo(plate="p")


def test_a_subscription_survives_the_loss_of_its_connection(
    casebook: Casebook, database_url: str
) -> None:
    stream = new_case(casebook)
    with casebook.recorder.subscribe(gt=0) as subscription:
        assert next(subscription).id == 1
        with connect(database_url) as owner:
            owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ILIKE 'LISTEN%'"
            )
        later = threading.Timer(
            0.2, lambda: casebook.execute(Note(stream=stream, note_id=uuid4()), actor=CLERK)
        )
        later.start()
        assert next(subscription).id == 2
        later.join()


def test_an_unreadable_stored_name_is_said_at_start(casebook: Casebook) -> None:
    casebook.recorder.insert_events([StoredEvent(uuid4(), 1, "tried.forgotten", b"{}")])
    with pytest.raises(ValueError, match=r"tried\.forgotten"):
        casebook.check_topics()


APPENDER = """
import os, sys
from uuid import UUID, uuid4
from domain.declare import Refusal
from tests.store.ledgers import CLERK, Note
from tests.store.test_casebook import opened
from concurrent.futures import ThreadPoolExecutor
url, *streams = sys.argv[1:]
def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())
with opened(url) as book:
    say("ready")
    def work(number):
        stream = UUID(streams[number % len(streams)])
        note = uuid4()
        limit = 0 if number % 10 == 0 else 1_000_000
        try:
            receipt = book.execute(Note(stream=stream, note_id=note, limit=limit), actor=CLERK)
        except Refusal as refusal:
            say("refused", refusal.code)
        else:
            say("won", stream, receipt.version, note)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(400)))
"""


def test_two_processes_on_the_same_cases_with_one_killed_leave_a_gapless_log(
    casebook: Casebook, database_url: str
) -> None:
    streams = [new_case(casebook) for _ in range(4)]
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"}
    arguments = [sys.executable, "-c", APPENDER, database_url, *map(str, streams)]
    processes = [
        subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(2)
    ]
    killed, survivor = processes
    assert killed.stdout is not None
    told = [killed.stdout.readline() for _ in range(60)]
    killed.send_signal(signal.SIGKILL)
    told += killed.stdout.readlines()
    out, _ = survivor.communicate(timeout=60)
    killed.wait(timeout=10)
    killed.stdout.close()
    said = [line.split() for line in [*told, *out.splitlines()]]

    recorded = casebook.read(0, 10_000)
    assert [r.position for r in recorded] == list(range(1, len(recorded) + 1))
    by_stream: dict[UUID, list[int]] = {}
    for r in recorded:
        by_stream.setdefault(r.stream, []).append(r.version)
    assert all(versions == list(range(1, len(versions) + 1)) for versions in by_stream.values())

    won = [(UUID(w[1]), int(w[2]), UUID(w[3])) for w in said if w[0] == "won" and len(w) == 4]
    assert len({(stream, version) for stream, version, _ in won}) == len(won)
    stands = {
        (r.stream, r.version, r.event.note_id) for r in recorded if isinstance(r.event, Noted)
    }
    assert set(won) <= stands
    assert {w[1] for w in said if w[0] == "refused"} == {"tried.limit_reached"}
    assert sum(w[0] == "refused" for w in map(str.split, out.splitlines())) == 40


def test_what_is_refused_is_a_refusal_with_a_code(casebook: Casebook) -> None:
    with pytest.raises(Refusal) as caught:
        casebook.execute(Note(stream=uuid4(), note_id=uuid4()), actor=CLERK)
    assert caught.value.code == "case.not_found"
