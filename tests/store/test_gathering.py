"""Gathering by itself: nobody waits for ever, the guilty alone are told, leads are handed on."""

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from eventsourcing.persistence import OperationalError

from store.gathering import Gathering
from store.recorder import RULES_TOPIC, Append, CaseEvent, Outcome, RequestRow, touched_by


def append(version: int = 1, stream: object = None) -> Append:
    return Append([CaseEvent(stream or uuid4(), version, "t", b"{}")])  # type: ignore[arg-type]


def gathering(write: Callable[[list[Append]], list[Outcome]]) -> Gathering[Append, Outcome]:
    return Gathering(write, touches=touched_by)


def recorded(appends: list[Append]) -> list[Outcome]:
    return [Outcome("recorded") for _ in appends]


def test_what_gathers_while_one_group_is_written_goes_into_the_next() -> None:
    sizes: list[int] = []
    first_runs, go_on = threading.Event(), threading.Event()

    def write(appends: list[Append]) -> list[Outcome]:
        sizes.append(len(appends))
        first_runs.set()
        assert go_on.wait(10)
        return recorded(appends)

    group = gathering(write)
    with ThreadPoolExecutor(9) as threads:
        first = threads.submit(group.submit, append())
        assert first_runs.wait(10)
        others = [threads.submit(group.submit, append()) for _ in range(8)]
        while len(group._queue) < 8:
            pass
        go_on.set()
        assert [f.result(10).outcome for f in [first, *others]] == ["recorded"] * 9
    assert sizes == [1, 8]


def test_two_appends_to_one_stream_never_share_a_group() -> None:
    together: list[list[object]] = []

    def write(appends: list[Append]) -> list[Outcome]:
        together.append([event.originator_id for a in appends for event in a.events])
        return recorded(appends)

    group, streams = gathering(write), [uuid4() for _ in range(3)]
    with ThreadPoolExecutor(16) as threads:
        for future in [
            threads.submit(group.submit, append(n, streams[n % 3])) for n in range(1, 120)
        ]:
            future.result(10)
    assert all(len(set(ids)) == len(ids) for ids in together)
    assert sum(map(len, together)) == 119


def test_one_request_never_shares_a_group_with_itself() -> None:
    one, two = append(), append()
    one.request = two.request = RequestRow(b"scope", b"mac", uuid4(), 1, created=True)
    seen: list[int] = []
    gate = threading.Event()

    def write(appends: list[Append]) -> list[Outcome]:
        seen.append(len(appends))
        gate.wait(5)
        return recorded(appends)

    group = gathering(write)
    with ThreadPoolExecutor(3) as threads:
        futures = [threads.submit(group.submit, a) for a in (append(), one, two)]
        while len(group._queue) < 2 and not any(f.done() for f in futures):
            pass
        gate.set()
        for future in futures:
            future.result(10)
    assert max(seen) == 1 or seen[1:] == [1, 1]


def test_two_publications_of_rules_never_share_a_group() -> None:
    one, two = (Append([CaseEvent(uuid4(), 1, RULES_TOPIC, b"{}")]) for _ in range(2))
    assert touched_by(one) & touched_by(two)
    assert not touched_by(one) & touched_by(append())


def test_a_group_that_the_database_refuses_is_tried_again_one_by_one() -> None:
    guilty = append(99)

    def write(appends: list[Append]) -> list[Outcome]:
        if guilty in appends:
            raise ValueError("no")
        return recorded(appends)

    group = gathering(write)
    wishes = [guilty if n == 5 else append() for n in range(12)]

    def submit(wish: Append) -> str:
        try:
            return group.submit(wish).outcome
        except ValueError:
            return "refused"

    with ThreadPoolExecutor(12) as threads:
        ends = list(threads.map(submit, wishes))
    assert ends == ["refused" if n == 5 else "recorded" for n in range(12)]


def test_when_the_database_is_away_everybody_is_told_and_nobody_tries_singly() -> None:
    calls: list[int] = []

    def write(appends: list[Append]) -> list[Outcome]:
        calls.append(len(appends))
        raise OperationalError("away")

    group = gathering(write)
    for _ in range(3):
        with pytest.raises(OperationalError):
            group.submit(append())
    assert calls == [1, 1, 1]


def test_a_database_that_goes_away_in_mid_retry_is_asked_once_more_and_not_by_each() -> None:
    calls: list[int] = []
    gate = threading.Event()

    def write(appends: list[Append]) -> list[Outcome]:
        calls.append(len(appends))
        if len(calls) == 1:
            gate.wait(10)
            return recorded(appends)
        raise ValueError("no") if len(appends) > 1 else OperationalError("away")

    group = gathering(write)

    def submit(wish: Append) -> str:
        try:
            return group.submit(wish).outcome
        except OperationalError:
            return "away"

    with ThreadPoolExecutor(9) as threads:
        ends = [threads.submit(submit, append()) for _ in range(9)]
        while len(group._queue) < 8:
            pass
        gate.set()
        assert sorted(end.result(10) for end in ends) == ["away"] * 8 + ["recorded"]
    assert calls == [1, 8, 1]


def test_an_interrupted_leader_hands_the_lead_on() -> None:
    runs, go_on = threading.Event(), threading.Event()

    def write(appends: list[Append]) -> list[Outcome]:
        if not runs.is_set():
            runs.set()
            assert go_on.wait(10)
            raise KeyboardInterrupt
        return recorded(appends)

    group = gathering(write)

    def lead() -> str:
        try:
            return group.submit(append()).outcome
        except KeyboardInterrupt:
            return "interrupted"

    with ThreadPoolExecutor(3) as threads:
        leader = threads.submit(lead)
        assert runs.wait(10)
        waiting = threads.submit(group.submit, append())
        while not group._queue:
            pass
        go_on.set()
        assert leader.result(10) == "interrupted"
        assert waiting.result(10).outcome == "recorded"
        assert threads.submit(group.submit, append()).result(10).outcome == "recorded"


def test_whoever_is_interrupted_while_waiting_takes_no_lead_with_her() -> None:
    runs, go_on = threading.Event(), threading.Event()

    def write(appends: list[Append]) -> list[Outcome]:
        runs.set()
        assert go_on.wait(10)
        return recorded(appends)

    group = gathering(write)
    caller = threading.get_ident()

    def interrupt() -> None:
        assert runs.wait(10)
        while not group._queue:
            pass
        signal.pthread_kill(caller, signal.SIGINT)

    with ThreadPoolExecutor(3) as threads:
        leader = threads.submit(group.submit, append())
        assert runs.wait(10)
        threads.submit(interrupt)
        with pytest.raises(KeyboardInterrupt):
            group.submit(append())
        assert not group._queue
        go_on.set()
        assert leader.result(10).outcome == "recorded"
        assert threads.submit(group.submit, append()).result(10).outcome == "recorded"


def test_a_question_that_makes_no_sense_is_said_to_its_own_thread_alone() -> None:
    runs, go_on = threading.Event(), threading.Event()

    def ask(numbers: list[int]) -> list[float]:
        runs.set()
        assert go_on.wait(10)
        return [1 / number for number in numbers]

    group = Gathering(ask, touches=lambda number: {1 / number})
    with ThreadPoolExecutor(3) as threads:
        leader = threads.submit(group.submit, 1)
        assert runs.wait(10)
        waiting = [threads.submit(group.submit, number) for number in (2, 4)]
        while len(group._queue) < 2:
            pass
        with pytest.raises(ZeroDivisionError):
            group.submit(0)
        go_on.set()
        assert [one.result(10) for one in (leader, *waiting)] == [1, 0.5, 0.25]


class InterruptedOnce(frozenset[object]):
    """What is touched, where a signal comes while somebody looks at it."""

    interrupted = threading.Event()

    def __iter__(self) -> Iterator[object]:
        if not self.interrupted.is_set():
            self.interrupted.set()
            raise KeyboardInterrupt
        return super().__iter__()


def test_a_leader_who_is_interrupted_while_a_group_gathers_loses_nobody_of_it() -> None:
    runs, go_on = threading.Event(), threading.Event()

    def ask(numbers: list[int]) -> list[int]:
        runs.set()
        assert go_on.wait(10)
        return numbers

    group = Gathering(
        ask, touches=lambda number: InterruptedOnce({3}) if number == 3 else frozenset({number})
    )

    def submit(number: int) -> object:
        try:
            return group.submit(number)
        except KeyboardInterrupt:
            return "interrupted"

    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(submit, 1)
        assert runs.wait(10)
        others = []
        for number in (2, 3):
            others.append(threads.submit(submit, number))
            while len(group._queue) < len(others):
                pass
        go_on.set()
        assert [one.result(10) for one in (first, *others)] == [1, "interrupted", 3]
