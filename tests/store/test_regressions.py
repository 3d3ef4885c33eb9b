"""What once went wrong on a real PostgreSQL, each shown by the smallest story that shows it."""

import contextlib
import logging
import os
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eventsourcing.persistence import OperationalError
from psycopg.conninfo import conninfo_to_dict

from domain.declare import AlreadyClaimed, Command, Context, Decider, command, event
from domain.fields import Personal
from domain.rulebook import DECIDER as RULEBOOK
from store.casebook import Casebook, Idempotency, KeyReusedWithOtherBody
from store.codec import CannotWrite, Codec, Place
from store.database import connect, conninfo, pool
from store.files import Files
from store.keys import Keys, WrongMasterKey
from store.private_files import create_private_file
from store.recorder import RULES_TOPIC, Append, CaseEvent, ClaimRow, CommitUnknown
from store.views import RebuildIsRunning, RebuildIsStuck, catch_up
from store.views.follower import opened as opened_views
from store.views.rebuild import _beside_name, _built, _drop_beside, _swap
from store.views.tracking import BESIDE, create
from tests.store.ledgers import CLERK, DECIDER, Let, LimitReached, Note, Open, Opened
from tests.store.tally import ACTOR, Mark, documents, open_casebook

KEYS = Keys(b"k" * 32)


@event("lamp.switched")
class LampSwitched:
    on: bool


@event("lamp.remarked")
class LampRemarked:
    about: UUID
    text: Personal[str]


@command
class SwitchLamp(Command):
    on: bool


@command
class RemarkLamp(Command):
    about: UUID


@dataclass(frozen=True, slots=True)
class Lamp:
    on: bool = False
    about: UUID | None = None


def decide(lamp: Lamp, wish: SwitchLamp | RemarkLamp, _context: Context) -> Sequence[object]:
    if isinstance(wish, RemarkLamp):
        return [LampRemarked(about=wish.about, text="x")]
    return [] if lamp.on == wish.on else [LampSwitched(on=wish.on)]


def evolve(lamp: Lamp, fact: object) -> Lamp:
    if isinstance(fact, LampRemarked):
        return replace(lamp, about=fact.about)
    return replace(lamp, on=isinstance(fact, LampSwitched) and fact.on)


LAMP: Decider[Lamp, SwitchLamp | RemarkLamp, object] = Decider(
    category="lamp",
    initial=Lamp(),
    decide=decide,
    evolve=evolve,
    commands=(SwitchLamp, RemarkLamp),
    events=(LampSwitched, LampRemarked),
    subject=lambda _stream, lamp, _fact: lamp.about,
)


@contextmanager
def opened(url: str, keys: Keys = KEYS) -> Iterator[Casebook]:
    """Open a casebook with a pool of its own, as another process would."""
    with pool(url, "writer", size=20) as own:
        yield Casebook(own, url, keys, deciders=(RULEBOOK, DECIDER, LAMP))


@pytest.fixture
def casebook(database_url: str) -> Iterator[Casebook]:
    with opened(database_url) as book:
        yield book


def test_threads_that_read_while_the_database_is_away_are_told_together() -> None:
    url = "postgresql://owner@/nowhere?host=/nowhere"
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
    with pool(url, "writer", size=4, timeout_s=0.3) as own, ThreadPoolExecutor(16) as threads:
        book = Casebook(own, url, KEYS, deciders=(DECIDER,))
        together = threading.Barrier(16)

        def ask(_number: int) -> float:
            together.wait()
            began_s = time.monotonic()
            with pytest.raises(OperationalError):
                book.state(uuid4())
            return time.monotonic() - began_s

        assert max(threads.map(ask, range(16))) < 2


def test_a_wish_that_is_true_of_a_state_at_hand_is_checked_beside_others(
    casebook: Casebook, database_url: str
) -> None:
    lamp, other = uuid4(), uuid4()
    casebook.execute(SwitchLamp(stream=lamp, on=True), actor=CLERK)
    with opened(database_url) as elsewhere:
        elsewhere.execute(SwitchLamp(stream=lamp, on=False), actor=CLERK)
    open_other = Open(stream=other, plate=str(other))
    casebook.execute(open_other, SwitchLamp(stream=lamp, on=True), actor=CLERK)
    assert casebook.state(lamp).state.on


def test_a_request_that_had_nothing_to_do_does_nothing_when_it_is_repeated(
    casebook: Casebook,
) -> None:
    lamp = uuid4()
    on, off = SwitchLamp(stream=lamp, on=True), SwitchLamp(stream=lamp, on=False)
    casebook.execute(on, actor=CLERK)
    request = Idempotency("u-17 POST /lamps", "k-1", b"on")
    answer = casebook.execute(on, actor=CLERK, idempotency=request)
    assert (answer.version, answer.events, answer.created) == (1, (), False)
    casebook.execute(off, actor=CLERK)
    again = casebook.execute(on, actor=CLERK, idempotency=request)
    assert again == replace(answer, replayed=True)
    assert not casebook.state(lamp).state.on
    with pytest.raises(KeyReusedWithOtherBody):
        casebook.execute(on, actor=CLERK, idempotency=replace(request, body=b"off"))


def test_a_person_whose_key_is_older_than_her_record_can_be_registered(
    casebook: Casebook, database_url: str
) -> None:
    person = uuid4()
    with opened(database_url) as elsewhere:
        elsewhere.execute(RemarkLamp(stream=uuid4(), about=person), actor=CLERK)
    opening = Open(stream=person, plate="12-345")
    assert casebook.execute(opening, actor=CLERK).version == 1
    assert casebook.history(person)[0].event.owner == "Shirin"


def test_two_cases_opened_together_cannot_hold_one_identifier(casebook: Casebook) -> None:
    one, two = Open(stream=uuid4(), plate="12-345"), Open(stream=uuid4(), plate="12-345")
    with pytest.raises(AlreadyClaimed):
        casebook.execute(one, two, actor=CLERK)
    assert casebook.head() == 0


def test_what_is_taken_and_given_back_at_once_stays_free(casebook: Casebook) -> None:
    short = uuid4()
    casebook.execute(Open(stream=short, plate="12-345"), Let(stream=short), actor=CLERK)
    holder = uuid4()
    casebook.execute(Open(stream=holder, plate="12-345"), actor=CLERK)
    passing = uuid4()
    casebook.execute(Open(stream=passing, plate="12-345"), Let(stream=passing), actor=CLERK)
    with pytest.raises(AlreadyClaimed):
        casebook.execute(Open(stream=uuid4(), plate="12-345"), actor=CLERK)


def test_nothing_of_one_group_stands_behind_rules_it_was_not_decided_by(
    casebook: Casebook,
) -> None:
    rules = Append([CaseEvent(uuid4(), 1, RULES_TOPIC, b"{}")], rules_position=0)
    others = [Append([CaseEvent(uuid4(), 1, "t", b"{}")], rules_position=0) for _ in range(2)]
    first, published, second = casebook.case_recorder.write([others[0], rules, others[1]])
    positions = [outcome.first_position for outcome in (first, second, published)]
    assert positions == [1, 2, 3]


def test_a_database_with_another_isolation_level_refuses_no_append(database_url: str) -> None:
    with connect(database_url) as owner:
        name = owner.info.dbname
        owner.execute(
            f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'"
        )

    def work(book: Casebook) -> None:
        for _ in range(10):
            book.execute(SwitchLamp(stream=uuid4(), on=True), actor=CLERK)

    with (
        opened(database_url) as one,
        opened(database_url) as two,
        ThreadPoolExecutor(6) as threads,
    ):
        for done in [threads.submit(work, book) for book in (one, two) * 3]:
            done.result()
        assert one.head() == 60


def test_a_peer_that_vanished_is_noticed_by_both_sides_in_half_a_minute(
    database_url: str,
) -> None:
    asked = conninfo_to_dict(conninfo("postgresql://u@db.example/p?keepalives_idle=60", "views"))
    assert asked["keepalives_idle"] == "60"
    assert asked["tcp_user_timeout"] == "30000"
    assert "-c tcp_keepalives_idle=15" in str(asked["options"])
    with connect(database_url, "views") as connection:
        level = connection.execute("SHOW transaction_isolation").fetchone()
    assert level == ("read committed",)


def test_a_restarted_server_costs_one_write_its_answer_and_no_read(
    casebook: Casebook, database_url: str
) -> None:
    lamp = uuid4()
    casebook.execute(SwitchLamp(stream=lamp, on=True), actor=CLERK)
    with contextlib.ExitStack() as lent:
        for _ in range(8):
            lent.enter_context(casebook.pool.connection())
    _hang_up(database_url)
    assert casebook.state(lamp).version == 1
    with contextlib.ExitStack() as lent:
        for _ in range(8):
            lent.enter_context(casebook.pool.connection())
    _hang_up(database_url)
    with pytest.raises(CommitUnknown):
        casebook.execute(SwitchLamp(stream=lamp, on=False), actor=CLERK)
    for _ in range(8):
        casebook.execute(SwitchLamp(stream=uuid4(), on=True), actor=CLERK)


def test_a_restarted_server_keeps_nobody_from_being_refused(
    casebook: Casebook, database_url: str
) -> None:
    case = uuid4()
    casebook.execute(Open(stream=case, plate="12"), actor=CLERK)
    with contextlib.ExitStack() as lent:
        for _ in range(8):
            lent.enter_context(casebook.pool.connection())
    _hang_up(database_url)
    with pytest.raises(LimitReached):
        casebook.execute(Note(stream=case, note_id=uuid4(), limit=0), actor=CLERK)


def test_a_command_is_told_that_the_database_is_away_however_it_was_asked_for() -> None:
    url = "postgresql://owner@/nowhere?host=/nowhere"
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
    with pool(url, "writer", size=1, timeout_s=0.1) as own:
        book = Casebook(own, url, KEYS, deciders=(LAMP, DECIDER))
        for wish in SwitchLamp(stream=uuid4(), on=True), Open(stream=uuid4(), plate="12"):
            with pytest.raises(OperationalError):
                book.execute(wish, actor=CLERK)


def _hang_up(url: str) -> None:
    """Do to every connection what a restart of the server does."""
    with connect(url) as owner:
        query = (
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        owner.execute(query)


def test_a_database_of_another_master_key_is_refused_before_anything_is_written(
    casebook: Casebook, database_url: str
) -> None:
    casebook.check()
    casebook.check()
    with opened(database_url, Keys(b"z" * 32)) as other, pytest.raises(WrongMasterKey):
        other.check()


def test_a_database_that_was_never_marked_tells_its_master_key_by_any_person(
    casebook: Casebook, database_url: str
) -> None:
    casebook.execute(Open(stream=uuid4(), plate="12-345"), actor=CLERK)
    with opened(database_url, Keys(b"z" * 32)) as other, pytest.raises(WrongMasterKey):
        other.check()
    casebook.check()


def test_an_event_that_is_not_what_its_class_says_is_refused_without_its_content() -> None:
    codec, place = Codec((DECIDER,)), Place(uuid4(), 1, "tried.opened")
    wrong: Any = ("Shirin", 7)
    with pytest.raises(CannotWrite) as refused:
        codec.encode(Opened(plate="12-345", owner=wrong), place, AESGCM(b"k" * 32))
    told = "".join(traceback.format_exception(refused.value))
    assert "Shirin" not in told
    assert "tried.opened" in str(refused.value)


def test_a_rebuild_takes_the_place_only_with_what_its_tables_really_hold(
    database_url: str,
) -> None:
    with contextlib.closing(open_casebook(database_url)) as book, book.pool:
        stream, log, view = uuid4(), book.log_reader, documents()
        for _ in range(3):
            book.execute(Mark(stream=stream, mark="stroke"), actor=ACTOR)
        catch_up(database_url, log, [view])
        with opened_views(database_url, BESIDE) as connection:
            follower = _built(connection, log, view, lambda _position, _head: None)
            _drop_beside(connection, view)  # as another rebuild does that begins meanwhile
            with connection.transaction():
                create(connection, view, _beside_name(view))
            assert _swap(connection, follower, view) == 3
            _drop_beside(connection, view)
            with pytest.raises(RebuildIsRunning):
                _swap(connection, follower, view)
        with connect(database_url, "reader") as reader:
            assert reader.execute("SELECT total FROM views.tallies").fetchall() == [(3,)]


def test_an_event_that_cannot_be_applied_stops_a_rebuild_even_when_it_comes_last(
    database_url: str,
) -> None:
    with contextlib.closing(open_casebook(database_url)) as book, book.pool:
        stream, log, view = uuid4(), book.log_reader, documents(poisoned=True)
        book.execute(Mark(stream=stream, mark="stroke"), actor=ACTOR)
        catch_up(database_url, log, [view])
        with opened_views(database_url, BESIDE) as connection:
            follower = _built(connection, log, view, lambda _position, _head: None)
            book.execute(Mark(stream=stream, mark="poison"), actor=ACTOR)
            with pytest.raises(RebuildIsStuck):
                _swap(connection, follower, view)
        with connect(database_url, "reader") as reader:
            assert reader.execute("SELECT total FROM views.tallies").fetchall() == [(1,)]


def test_the_names_of_keys_and_files_outlive_a_power_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, casebook: Casebook
) -> None:
    synced: list[tuple[int, int]] = []

    def fsync(descriptor: int) -> None:
        status = os.fstat(descriptor)
        synced.append((status.st_dev, status.st_ino))

    def is_synced(path: Path) -> bool:
        return (path.stat().st_dev, path.stat().st_ino) in synced

    monkeypatch.setattr(os, "fsync", fsync)
    create_private_file(tmp_path / "master.key", b"k")
    assert is_synced(tmp_path / "master.key")
    assert is_synced(tmp_path)
    synced.clear()
    folder = tmp_path / "files"
    address = Files(folder, casebook.ring, casebook.pool).store(b"x", stream=uuid4(), subject=None)
    assert all(is_synced(path) for path in (tmp_path, folder, folder / address[:2]))


@pytest.mark.parametrize("table", ["events", "claims", "idempotency", "topics"])
def test_the_writer_appends_by_the_one_function_and_in_no_other_way(
    database_url: str, table: str
) -> None:
    with connect(database_url, "writer") as writer:
        rows = writer.execute(
            "SELECT has_table_privilege('casebook.' || %s, 'INSERT, UPDATE, DELETE, TRUNCATE')",
            (table,),
        )
        assert rows.fetchone() == (False,)


def test_a_case_that_was_only_looked_at_must_not_have_changed(database_url: str) -> None:
    with opened(database_url) as casebook:
        seen, other, note = uuid4(), uuid4(), uuid4()
        casebook.execute(Open(stream=seen, plate="p"), Open(stream=other, plate="q"), actor=CLERK)
        recorder = casebook.case_recorder
        rows = [CaseEvent(other, 2, "tried.let_go", b'{"plate":"q"}')]
        casebook.execute(Note(stream=seen, note_id=note), actor=CLERK)
        assert recorder.append(Append(rows, looked_at=[(seen, 1)])).outcome == "version"
        assert recorder.append(Append(rows, looked_at=[(seen, 2)])).outcome == "recorded"


def test_nobody_gives_back_what_another_case_holds(database_url: str) -> None:
    with opened(database_url) as casebook:
        holder, other = uuid4(), uuid4()
        casebook.execute(Open(stream=holder, plate="p"), actor=CLERK)
        hashed = KEYS.lookup_hash("plate", "p")
        rows = [CaseEvent(other, 1, "tried.let_go", b'{"plate":"p"}')]
        claims = [ClaimRow("plate", hashed, other, held=False)]
        assert casebook.case_recorder.append(Append(rows, claims=claims)).outcome == "recorded"
        with pytest.raises(AlreadyClaimed):
            casebook.execute(Open(stream=uuid4(), plate="p"), actor=CLERK)
