"""Openings: new cases, decided where they are asked for and appended together, in one event loop.

What opens a case asks nothing of the log before it is decided, neither a state nor a key, so no
thread has to wait for it: the loop decides it in passing and, while one group is being written,
gathers the next. Threads that take turns at the interpreter with the loop, which has to serve all
others meanwhile, cost each of them more than the deciding.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import structlog
from eventsourcing.persistence import OperationalError
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from store.attempts import Attempt, FirstAttempts, Prepared
from store.deciding import Wish
from store.gathering import GROUP_MEMBERS_MAX
from store.recorder import (
    LOST,
    SQL,
    CasebookRecorder,
    CommitUnknown,
    Outcome,
    may_be_lost,
    touched_by,
)

log = structlog.get_logger(__name__)

WriterPool = AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]

AT_ONCE_MAX = 32
"""So many are decided in a row before the loop sees to others."""

_Future = asyncio.Future[Attempt | None]


class _Waiting(NamedTuple):
    prepared: Prepared
    touches: set[object]
    future: _Future


class Openings:
    """Attempts wishes that open cases, for one event loop; whatever is not plain it leaves."""

    def __init__(self, first: FirstAttempts, recorder: CasebookRecorder, pool: WriterPool) -> None:
        self._first = first
        self._recorder = recorder
        self._pool = pool
        self._asked: deque[tuple[Wish, _Future]] = deque()
        self._waiting: deque[_Waiting] = deque()
        self._turn: asyncio.Handle | None = None
        self._writing: asyncio.Task[None] | None = None

    async def attempt(self, wish: Wish) -> Attempt | None:
        """Return how a wish's append ended, or None when it has to be decided on newest state.

        What was begun is not broken off when nobody waits for it any more. Raises
        `OperationalError` when the database cannot be reached.
        """
        loop = asyncio.get_running_loop()
        future: _Future = loop.create_future()
        self._asked.append((wish, future))
        if self._turn is None:
            self._turn = loop.call_soon(self._prepare)
        return await future

    async def close(self) -> None:
        """Let what was begun end."""
        while self._turn is not None or self._writing is not None:
            await (self._writing or asyncio.sleep(0))

    def _prepare(self) -> None:
        """Decide for all who came in one turn of the loop, one right after the other."""
        for _ in range(min(AT_ONCE_MAX, len(self._asked))):
            wish, future = self._asked.popleft()
            prepared = self._first.prepared_at_once(wish)
            if prepared is None:
                _tell(future, None)
            else:
                self._waiting.append(_Waiting(prepared, touched_by(prepared[1]), future))
        loop = asyncio.get_running_loop()
        self._turn = loop.call_soon(self._prepare) if self._asked else None
        if self._waiting and self._writing is None:
            self._writing = loop.create_task(self._write())

    async def _write(self) -> None:
        group: Sequence[_Waiting] = ()
        try:
            while group := self._next():
                try:
                    await self._write_for(group)
                except OperationalError as error:
                    _fail(group, error)
                    if isinstance(error.__cause__, PoolTimeout):  # who comes behind waited as long
                        self._fail_waiting(error)
        except BaseException as error:
            log.error("openings.failed", error=type(error).__name__)
            interrupted = OperationalError("the group was interrupted")
            _fail(group, interrupted)
            self._fail_waiting(interrupted)
            if not isinstance(error, Exception):
                raise
        finally:
            self._writing = None

    def _fail_waiting(self, error: OperationalError) -> None:
        _fail(self._waiting, error)
        self._waiting.clear()

    def _next(self) -> list[_Waiting]:
        """Return who goes next: those who touch nothing that another one does; the others wait."""
        group: list[_Waiting] = []
        left: list[_Waiting] = []
        touched: set[object] = set()
        while self._waiting and len(group) < GROUP_MEMBERS_MAX:
            one = self._waiting.popleft()
            (group if touched.isdisjoint(one.touches) else left).append(one)
            touched |= one.touches
        self._waiting.extendleft(reversed(left))
        return group

    async def _write_for(self, group: Sequence[_Waiting]) -> None:
        outcomes: Sequence[Outcome | None]
        try:
            outcomes = await self._written(group)
        except OperationalError:
            raise
        except Exception:  # noqa: BLE001 (each one's own attempt will meet it again, and raise it)
            outcomes = [None] * len(group)
        for one, outcome in zip(group, outcomes, strict=True):
            _tell(one.future, None if outcome is None else self._first.ended(one.prepared, outcome))

    async def _written(self, group: Sequence[_Waiting]) -> Sequence[Outcome]:
        asked = self._recorder.group_of([one.prepared[1] for one in group])
        try:
            async with self._pool.connection() as connection:
                cursor = await connection.execute(
                    SQL["append"], asked.parameters, prepare=True, binary=True
                )
                rows = await cursor.fetchall()
        except PoolTimeout as error:
            raise OperationalError("no connection to the database became free") from error
        except LOST as error:
            if not may_be_lost(error):
                raise OperationalError(str(error)) from error
            await self._pool.check()
            raise CommitUnknown("the connection to the database was lost") from error
        return self._recorder.outcomes(asked, rows)


def _tell(future: _Future, attempt: Attempt | None) -> None:
    if not future.done():  # nobody may wait any more
        future.set_result(attempt)


def _fail(waiting: Iterable[_Waiting], error: OperationalError) -> None:
    for one in waiting:
        if not one.future.done():
            one.future.set_exception(error)
