"""What several threads want at one moment is decided together, and each gets its own answer."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.declare import AlreadyClaimed, CaseNotFound, Command, Context, Decider
from domain.rulebook import DECIDER as RULEBOOK
from store import attempts
from store.casebook import Casebook, Receipt
from store.database import connect, pool
from store.deciding import VersionIsStale, Wish
from store.keys import Keys
from store.recorder import CommitUnknown
from tests.store.ledgers import CLERK, DECIDER, LimitReached, Note, Open, decide

BROKEN = UUID(int=7)


def decide_or_break(case: Any, wish: Any, context: Context) -> Sequence[Any]:
    if isinstance(wish, Note) and wish.note_id == BROKEN:
        raise ZeroDivisionError
    return decide(case, wish, context)


DECIDER_THAT_BREAKS: Decider[Any, Any, Any] = replace(DECIDER, decide=decide_or_break)


@pytest.fixture(params=[0, 100], ids=["nothing kept", "states kept"])
def casebook(database_url: str, request: pytest.FixtureRequest) -> Iterator[Casebook]:
    with pool(database_url, "writer", size=4) as own:
        yield Casebook(
            own,
            database_url,
            Keys(b"k" * 32),
            deciders=(RULEBOOK, DECIDER_THAT_BREAKS),
            cached_states_max=request.param,
        )


def wish(*commands: Command, expected_version: int | None = None) -> Wish:
    return Wish(commands, CLERK, None, expected_version, None, None, None, None)


def opened(casebook: Casebook) -> UUID:
    stream = uuid4()
    casebook.execute(Open(stream=stream, plate=str(stream)), actor=CLERK)
    return stream


def note(stream: UUID, **fields: Any) -> Note:
    return Note(stream=stream, note_id=uuid4(), **fields)


def outcomes(casebook: Casebook, *wishes: Wish) -> list[str | None]:
    first = casebook._first
    together = first._record(first._prepare(wishes))
    return [None if attempt is None else attempt.outcome.outcome for attempt in together]


def test_wishes_on_different_cases_are_recorded_in_their_order(casebook: Casebook) -> None:
    first, second = opened(casebook), opened(casebook)
    new = uuid4()
    wishes = [wish(note(first)), wish(Open(stream=new, plate="new")), wish(note(second))]
    assert outcomes(casebook, *wishes) == ["recorded"] * 3
    assert [recorded.stream for recorded in casebook.read(2, 10)] == [first, new, second]


def test_whoever_is_refused_leaves_the_others_alone(casebook: Casebook) -> None:
    case = opened(casebook)
    refused = [wish(note(case, limit=0)), wish(note(uuid4())), wish(note(case), expected_version=9)]
    assert outcomes(casebook, *refused, wish(note(opened(casebook)))) == [
        None, None, None, "recorded",
    ]  # fmt: skip


def test_an_error_of_one_decision_is_raised_to_its_caller_alone(casebook: Casebook) -> None:
    cases = [opened(casebook) for _ in range(8)]

    def work(number: int) -> object:
        note_id = BROKEN if number == 3 else uuid4()
        return casebook.execute(Note(stream=cases[number], note_id=note_id), actor=CLERK)

    with ThreadPoolExecutor(8) as threads:
        done = [threads.submit(work, number) for number in range(8)]
    assert isinstance(done[3].exception(), ZeroDivisionError)
    assert [one.exception() for one in done if one is not done[3]] == [None] * 7


def test_two_who_want_one_identifier_are_not_written_together(casebook: Casebook) -> None:
    rivals = [wish(Open(stream=uuid4(), plate="12-345")) for _ in range(2)]
    assert outcomes(casebook, *rivals) == ["recorded", None]


def test_a_wish_that_is_granted_already_is_left_to_its_caller(casebook: Casebook) -> None:
    case = opened(casebook)
    same = note(case)
    casebook.execute(same, actor=CLERK)
    assert outcomes(casebook, wish(same)) == [None]
    assert casebook.execute(same, actor=CLERK).events == ()


def test_a_case_too_long_to_wait_for_is_decided_by_its_caller(
    casebook: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "TOGETHER_EVENTS_MAX", 3)
    case = opened(casebook)
    for version in range(2, 8):
        assert casebook.execute(note(case), actor=CLERK).version == version


def test_a_wish_of_many_commands_is_decided_by_its_caller(casebook: Casebook) -> None:
    case = opened(casebook)
    many = [note(case) for _ in range(attempts.TOGETHER_COMMANDS_MAX + 1)]
    assert casebook.execute(*many, actor=CLERK).version == len(many) + 1


def test_refusals_keep_their_reasons_when_many_ask_at_once(casebook: Casebook) -> None:
    case = opened(casebook)

    def work(number: int) -> object:
        wanted = note(uuid4()) if number % 2 else note(case, limit=0)
        return casebook.execute(wanted, actor=CLERK)

    with ThreadPoolExecutor(8) as threads:
        done = [threads.submit(work, number) for number in range(40)]
    reasons = [type(one.exception()) for one in done]
    assert reasons == [LimitReached, CaseNotFound] * 20


APPEND_LOCK = 7305161301
WAIT_S = 20


@contextmanager
def held_up(url: str) -> Iterator[Any]:
    """Let no append go on; yields a connection that sees who waits."""
    with connect(url) as owner:
        owner.execute("SELECT pg_advisory_lock(%s)", [APPEND_LOCK])
        yield owner


def waiting(owner: Any) -> list[int]:
    """Return the server's processes that wait for the lock."""
    query = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    return [pid for (pid,) in owner.execute(query).fetchall()]


def start(
    threads: ThreadPoolExecutor, casebook: Casebook, *commands: Command, **about: Any
) -> Future[Receipt]:
    return threads.submit(lambda: casebook.execute(*commands, actor=CLERK, **about))


def test_whoever_comes_upon_a_group_under_way_is_answered_by_what_became_of_it(
    casebook: Casebook, database_url: str
) -> None:
    old, new, rival = opened(casebook), uuid4(), uuid4()
    seen: list[int] = []
    with ThreadPoolExecutor(8) as threads:
        with held_up(database_url) as owner:
            under_way = [start(threads, casebook, Open(stream=new, plate="12"), note(old))]
            while not waiting(owner):
                pass
            after = [
                start(threads, casebook, Open(stream=rival, plate="12")),
                start(threads, casebook, note(new), guard=lambda *case: seen.append(case[3])),
                start(threads, casebook, note(old), expected_version=1),
                start(threads, casebook, Open(stream=new, plate="12")),
            ]
            together = casebook._first._together
            while len(together._queue) < 3 or rival not in together._under_way:
                pass
        receipts = [one.result(WAIT_S) for one in (*under_way, after[1], after[3])]
        errors = [type(after[number].exception(WAIT_S)) for number in (0, 2)]
    assert [(receipt.version, len(receipt.events)) for receipt in receipts[:2]] == [(1, 2), (2, 1)]
    assert receipts[2].events == ()
    assert set(seen) == {1}
    assert errors == [AlreadyClaimed, VersionIsStale]
    assert [recorded.version for recorded in casebook.read(0, 10)] == [1, 1, 2, 2]


def test_a_group_whose_connection_is_lost_takes_nobody_of_the_next_with_it(
    casebook: Casebook, database_url: str
) -> None:
    first, second = opened(casebook), opened(casebook)
    with ThreadPoolExecutor(4) as threads, held_up(database_url) as owner:
        lost = start(threads, casebook, note(first))
        while not (pids := waiting(owner)):
            pass
        innocent = start(threads, casebook, note(second))
        same_case = start(threads, casebook, note(first))
        while second not in casebook._first._together._under_way:
            pass
        owner.execute("SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s::int[]) pid", [pids])
        assert isinstance(lost.exception(WAIT_S), CommitUnknown)
        owner.execute("SELECT pg_advisory_unlock(%s)", [APPEND_LOCK])
        assert [one.result(WAIT_S).version for one in (innocent, same_case)] == [2, 2]
    assert casebook.head() == 4
