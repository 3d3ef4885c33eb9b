"""Threads that take turns stay on one core, and are free again afterwards."""

import asyncio
import os
import sys
import threading
from collections.abc import Iterator

import pytest

from api import one_core

MANY_CORES = sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1
AT_MOST_S = 20
pytestmark = pytest.mark.skipif(not MANY_CORES, reason="this machine has nothing to choose from")


class Others:
    """A thread of our own, and one that sets pages."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self.threads = [
            threading.Thread(target=self._ended.wait, args=(AT_MOST_S,), name=name)
            for name in ("crew-1", "AnyIO worker thread")
        ]
        for thread in self.threads:
            thread.start()

    def cores(self) -> list[int]:
        """Return on how many cores each of them may run."""
        ids = [thread.native_id for thread in self.threads]
        return [len(os.sched_getaffinity(each)) for each in ids if each is not None]

    def end(self) -> None:
        self._ended.set()
        for thread in self.threads:
            thread.join()


@pytest.fixture
def others() -> Iterator[Others]:
    two = Others()
    yield two
    two.end()


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_core, "TOGETHER_S", 0.05)
    monkeypatch.setattr(one_core, "FREE_S", 0.001)


def _work(size: int = 20_000) -> None:
    sum(range(size))


def _seen(others: Others, *, busy: str) -> set[tuple[int, ...]]:
    async def look() -> set[tuple[int, ...]]:
        seen = set()
        async with one_core.on_one_core():
            until = asyncio.get_running_loop().time() + 0.5
            while asyncio.get_running_loop().time() < until:
                work = asyncio.to_thread(_work) if busy == "thread" else asyncio.sleep(0.001)
                _work(20_000 if busy == "loop" else 0)
                await work
                seen.add(tuple(others.cores()))
        return seen

    return asyncio.run(look())


def test_threads_at_work_are_kept_together_but_those_that_set_pages(others: Others) -> None:
    free = len(os.sched_getaffinity(0))
    assert (1, free) in _seen(others, busy="thread")
    assert others.cores() == [free, free]
    assert len(os.sched_getaffinity(0)) == free


@pytest.mark.parametrize("busy", ["nothing", "loop"])
def test_a_loop_that_works_alone_may_run_anywhere(others: Others, busy: str) -> None:
    free = len(os.sched_getaffinity(0))
    assert _seen(others, busy=busy) == {(free, free)}
