"""The relay by itself: it prepares while it finishes, and everybody is told what is theirs."""

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from eventsourcing.persistence import OperationalError

from store.relay import Relay

WAIT_S = 10


def doubled(numbers: Sequence[int]) -> list[int]:
    return [number * 2 for number in numbers]


def as_they_are(numbers: Sequence[int]) -> list[int]:
    return list(numbers)


def relay(
    finish: Callable[[list[int]], Sequence[int]] = as_they_are,
    prepare: Callable[[list[int]], Sequence[int]] = doubled,
) -> Relay[int, int, int]:
    return Relay(prepare, finish, touches=lambda number: {number % 100})


class Held:
    """Finishes its first group only when it may; keeps what each group was."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.began, self.may_end = threading.Event(), threading.Event()

    def __call__(self, prepared: list[int]) -> list[int]:
        self.groups.append(prepared)
        self.began.set()
        assert self.may_end.wait(WAIT_S)
        return prepared


def test_whoever_comes_while_a_group_is_finished_is_prepared_meanwhile_and_goes_together() -> None:
    held, seen = Held(), threading.Semaphore(0)

    def prepare(numbers: list[int]) -> list[int]:
        for _ in numbers:
            seen.release()
        return doubled(numbers)

    running = relay(held, prepare)
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(running.submit, 1)
        assert held.began.wait(WAIT_S)
        others = [threads.submit(running.submit, number) for number in (2, 3, 4)]
        for _ in range(4):
            assert seen.acquire(timeout=WAIT_S)
        assert held.groups == [[2]]
        held.may_end.set()
        assert [one.result(WAIT_S) for one in (first, *others)] == [2, 4, 6, 8]
    assert [sorted(group) for group in held.groups] == [[2], [4, 6, 8]]


def test_what_a_group_under_way_touches_waits_until_it_is_finished() -> None:
    held = Held()
    prepared: list[int] = []

    def prepare(numbers: list[int]) -> list[int]:
        prepared.extend(numbers)
        return doubled(numbers)

    running = relay(held, prepare)
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(running.submit, 1)
        assert held.began.wait(WAIT_S)
        same = threads.submit(running.submit, 101)
        other = threads.submit(running.submit, 2)
        while 2 not in prepared:
            pass
        assert 101 not in prepared
        held.may_end.set()
        assert [one.result(WAIT_S) for one in (first, same, other)] == [2, 202, 4]


def test_who_waited_for_a_group_goes_into_the_very_next_one() -> None:
    held = Held()
    running = relay(held)
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(running.submit, 1)
        assert held.began.wait(WAIT_S)
        others = [threads.submit(running.submit, number) for number in (101, 2, 201)]
        while 2 not in running._under_way or len(running._queue) < 2:
            pass
        held.may_end.set()
        assert [one.result(WAIT_S) for one in (first, *others)] == [2, 202, 4, 402]
    assert sorted(map(len, held.groups)) == [1, 1, 2]
    assert 4 in held.groups[1]


@pytest.mark.parametrize("leg", ["prepare", "finish"])
def test_who_fails_is_told_and_the_next_go_on(leg: str) -> None:
    def failing(numbers: Sequence[int]) -> list[int]:
        if 7 in numbers or 14 in numbers:
            raise OperationalError("away")
        return doubled(numbers)

    running = relay(prepare=failing) if leg == "prepare" else relay(finish=failing)
    with pytest.raises(OperationalError, match="away"):
        running.submit(7)
    assert running.submit(1) in (2, 4)


def test_an_interrupted_leader_leaves_nobody_behind() -> None:
    held = Held()

    def finish(prepared: list[int]) -> list[int]:
        if held(prepared) == [2]:
            raise KeyboardInterrupt
        return prepared

    running = relay(finish)

    def lead() -> str:
        try:
            return str(running.submit(1))
        except KeyboardInterrupt:
            return "interrupted"

    with ThreadPoolExecutor(2) as threads:
        leader = threads.submit(lead)
        assert held.began.wait(WAIT_S)
        waiting = threads.submit(running.submit, 2)
        held.may_end.set()
        assert leader.result(WAIT_S) == "interrupted"
        assert waiting.result(WAIT_S) == 4
        assert running.submit(3) == 6


def test_everybody_is_answered_with_their_own_and_no_two_groups_touch_the_same() -> None:
    under_way: list[int] = []
    mutex = threading.Lock()
    clashes: list[int] = []

    def prepare(numbers: list[int]) -> list[int]:
        with mutex:
            clashes.extend(n for n in numbers if n % 100 in under_way)
            under_way.extend(n % 100 for n in numbers)
        return as_they_are(numbers)

    def finish(numbers: list[int]) -> list[int]:
        with mutex:
            for number in numbers:
                under_way.remove(number % 100)
        return doubled(numbers)

    running = relay(finish, prepare)
    dice = random.Random(1)
    wanted = [[dice.randrange(1000) for _ in range(200)] for _ in range(12)]
    with ThreadPoolExecutor(12) as threads:
        found = threads.map(lambda own: [running.submit(number) for number in own], wanted)
        assert list(found) == [doubled(own) for own in wanted]
    assert clashes == []
