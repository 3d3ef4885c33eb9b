"""Openings: new cases, decided where they are asked for and appended together, in one event loop.

What opens a case asks nothing of the log before it is decided, neither a state nor a key, so no
thread has to wait for it: the loop decides it in passing and, while one group is being written,
gathers the next. Threads that take turns at the interpreter with the loop, which has to serve all
others meanwhile, cost each of them more than the deciding.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

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

WriterPool = AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]

_Future = asyncio.Future[Attempt | None]
_Waiting = tuple[Prepared, _Future]


class Openings:
    """Attempts wishes that open cases, for one event loop; whatever is not plain it leaves."""

    def __init__(self, first: FirstAttempts, recorder: CasebookRecorder, pool: WriterPool) -> None:
        self._first = first
        self._recorder = recorder
        self._pool = pool
        self._asked: list[tuple[Wish, _Future]] = []
        self._waiting: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def attempt(self, wish: Wish) -> Attempt | None:
        """Return how a wish's append ended, or None when it has to be decided on newest state.

        What was begun is not broken off when nobody waits for it any more. Raises
        `OperationalError` when the database cannot be reached.
        """
        loop = asyncio.get_running_loop()
        future: _Future = loop.create_future()
        if not self._asked:
            loop.call_soon(self._prepare)
        self._asked.append((wish, future))
        return await future

    async def close(self) -> None:
        """Let what was begun end."""
        if self._writing is not None:
            await self._writing

    def _prepare(self) -> None:
        """Decide for all who came in one turn of the loop, one right after the other."""
        asked, self._asked = self._asked, []
        for wish, future in asked:
            prepared = self._first.prepared_at_once(wish)
            if prepared is not None:
                self._waiting.append((prepared, future))
            elif not future.done():
                future.set_result(None)
        if self._waiting and self._writing is None:
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        try:
            while group := self._next():
                await self._write_for(group)
        finally:
            self._writing = None

    def _next(self) -> list[_Waiting]:
        """Return who goes next: those who touch nothing that another one does; the others wait."""
        group: list[_Waiting] = []
        left: list[_Waiting] = []
        touched: set[object] = set()
        for one in self._waiting:
            wants = touched_by(one[0][1])
            if len(group) < GROUP_MEMBERS_MAX and touched.isdisjoint(wants):
                group.append(one)
            else:
                left.append(one)
            touched |= wants
        self._waiting = left
        return group

    async def _write_for(self, group: Sequence[_Waiting]) -> None:
        try:
            outcomes = await self._written(group)
        except OperationalError as error:
            for _, future in group:
                if not future.done():
                    future.set_exception(error)
            return
        except Exception:  # noqa: BLE001 (each one's own attempt will meet it again, and raise it)
            outcomes = [None] * len(group)
        for (prepared, future), outcome in zip(group, outcomes, strict=True):
            attempt = None if outcome is None else self._first.ended(prepared, outcome)
            if not future.done():
                future.set_result(attempt)

    async def _written(self, group: Sequence[_Waiting]) -> Sequence[Outcome | None]:
        asked = self._recorder.group_of([append for (_, append), _ in group])
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
