"""Threads that do what blocks: what they end with is told, once, and none of it is broken off."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TypeVar

import pytest

from api.crew import Crew

R = TypeVar("R")
AT_MOST_S = 20
_said: ContextVar[str] = ContextVar("_said")


def _with_crew(threads_max: int, do: Callable[[Crew], Awaitable[R]]) -> R:
    async def within() -> R:
        crew = Crew(threads_max)
        try:
            return await asyncio.wait_for(do(crew), AT_MOST_S)
        finally:
            await asyncio.to_thread(crew.close)

    return asyncio.run(within())


def test_what_a_thread_returns_is_told_to_whoever_asked_for_it() -> None:
    async def ask(crew: Crew) -> list[str]:
        return await asyncio.gather(*(crew.run(str, n) for n in range(500)))

    assert _with_crew(4, ask) == [str(n) for n in range(500)]


@pytest.mark.parametrize("error", [ValueError("no"), StopIteration(), SystemExit(3)])
def test_what_a_thread_raises_is_raised_and_the_thread_goes_on(error: BaseException) -> None:
    def fail() -> None:
        raise error

    async def ask(crew: Crew) -> str:
        with pytest.raises(BaseException) as raised:  # noqa: PT011 (whatever it is)
            await crew.run(fail)
        told = raised.value  # Python lets no coroutine raise `StopIteration`, and says so
        assert told is error or told.__cause__ is error
        return await crew.run(str, "on")

    assert _with_crew(1, ask) == "on"


def test_no_more_threads_work_than_the_bound_and_no_more_than_are_needed() -> None:
    names: set[str] = set()

    def note() -> None:
        names.add(threading.current_thread().name)

    async def ask(crew: Crew, at_once: int) -> None:
        await asyncio.gather(*(crew.run(note) for _ in range(at_once)))

    _with_crew(3, lambda crew: ask(crew, 200))
    assert names <= {"crew-1", "crew-2", "crew-3"}
    names.clear()
    _with_crew(3, lambda crew: ask(crew, 1))
    assert names == {"crew-1"}


def test_a_thread_knows_the_context_of_whoever_asked() -> None:
    async def ask(crew: Crew) -> str:
        _said.set("hers")
        return await crew.run(_said.get)

    assert _with_crew(2, ask) == "hers"


def test_what_nobody_waits_for_any_longer_ends_all_the_same() -> None:
    go_on, ended = threading.Event(), threading.Event()

    def work() -> None:
        go_on.wait(AT_MOST_S)
        ended.set()

    async def ask(crew: Crew) -> str:
        waiting = asyncio.create_task(crew.run(work))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        go_on.set()
        return await crew.run(str, "next")

    assert _with_crew(1, ask) == "next"
    assert ended.is_set()


def test_closing_lets_end_what_was_asked_before() -> None:
    done: list[int] = []

    async def ask(crew: Crew) -> None:
        for n in range(50):
            asyncio.ensure_future(crew.run(done.append, n))  # noqa: RUF006 (awaited by closing)
        await asyncio.sleep(0)

    _with_crew(2, ask)
    assert sorted(done) == list(range(50))
