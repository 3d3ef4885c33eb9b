"""Threads that do what blocks, so that the event loop does not; what has ended is told together.

A thread that has done something wakes the loop only where none has woken it already, so under load
a turn of the loop answers several requests, and handing a command over costs next to nothing.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextvars import copy_context
from queue import SimpleQueue
from typing import ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")

_Ended = tuple[object, BaseException | None]
_Future = asyncio.Future[_Ended]
_Work = tuple[_Future, Callable[[], object]]


class Crew:
    """A bounded number of threads for one event loop; each starts when it is first needed."""

    def __init__(self, threads_max: int) -> None:
        self._threads_max = threads_max
        self._threads: list[threading.Thread] = []
        self._loop = asyncio.get_running_loop()
        self._asked: SimpleQueue[_Work | None] = SimpleQueue()
        self._ended: deque[tuple[_Future, _Ended]] = deque()
        self._under_way = 0
        self._woken = False

    async def run(self, do: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what `do` returns in a thread, or raise what it raises.

        It is not broken off: when whoever waits is cancelled, it ends all the same, unseen.
        """
        context = copy_context()
        future: _Future = self._loop.create_future()
        self._under_way += 1
        if len(self._threads) < min(self._under_way, self._threads_max):
            self._start()
        self._asked.put((future, lambda: context.run(do, *args, **kwargs)))
        result, error = await future
        if error is not None:
            raise error
        return cast("R", result)

    def close(self) -> None:
        """Let what is asked already end, and the threads with it; blocks."""
        for _ in self._threads:
            self._asked.put(None)
        for thread in self._threads:
            thread.join()

    def _start(self) -> None:
        name = f"crew-{len(self._threads) + 1}"
        thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while (work := self._asked.get()) is not None:
            future, do = work
            ended: _Ended
            try:
                ended = (do(), None)
            except BaseException as error:  # noqa: BLE001 (whatever it is, who waits is told)
                ended = (None, error)
            self._ended.append((future, ended))
            if not self._woken:
                self._woken = True
                self._loop.call_soon_threadsafe(self._tell)
            del work, future, do, ended  # an idle thread holds nothing of what it did last

    def _tell(self) -> None:
        self._woken = False  # before the queue is emptied: who ends from now on wakes us again
        while self._ended:
            future, ended = self._ended.popleft()
            self._under_way -= 1
            if not future.done():
                future.set_result(ended)
