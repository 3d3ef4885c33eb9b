"""Waiting for views: while anybody waits, one task looks where they stand and wakes all."""

import asyncio
import time
from dataclasses import dataclass, field

import structlog

from api.problems import Problem
from store.readers import UNAVAILABLE, Readers

log = structlog.get_logger(__name__)

WAIT_S = 2.0
LOOK_EVERY_S = 0.015
WAITERS_MAX = 1_000


@dataclass(eq=False)
class _Waiter:
    view: str
    position: int
    woken: asyncio.Event = field(default_factory=asyncio.Event)


class Freshness:
    """Lets a read wait, bounded, until a view has reached a position."""

    def __init__(self, readers: Readers, *, wait_s: float = WAIT_S) -> None:
        self._readers = readers
        self._wait_s = wait_s
        self._waiters: set[_Waiter] = set()
        self._looking: asyncio.Task[None] | None = None

    async def reached(self, view: str, position: int) -> None:
        """Return when the view has reached the position; raise the 503 problem after a while."""
        if len(self._waiters) >= WAITERS_MAX:
            raise Problem("service.behind", view=view)
        waiter = _Waiter(view, position)
        self._waiters.add(waiter)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            async with asyncio.timeout(self._wait_s):
                await waiter.woken.wait()
        except TimeoutError:
            raise Problem("service.behind", view=view) from None
        finally:
            self._waiters.discard(waiter)

    async def _look(self) -> None:
        while self._waiters:
            started_s = time.monotonic()
            try:
                standing = await self._standing()
            except UNAVAILABLE as error:
                log.warning("freshness_cannot_look", kind=type(error).__name__)
                standing = {}
            for waiter in tuple(self._waiters):
                if standing.get(waiter.view, -1) >= waiter.position:
                    waiter.woken.set()
                    self._waiters.discard(waiter)
            await asyncio.sleep(max(0.0, LOOK_EVERY_S - (time.monotonic() - started_s)))

    async def _standing(self) -> dict[str, int]:
        async with self._readers.connection(freshest=True) as connection:
            cursor = await connection.execute("SELECT view, position FROM views.tracking")
            return {str(view): int(position) for view, position in await cursor.fetchall()}

    async def close(self) -> None:
        """Stop looking."""
        if self._looking is not None:
            self._looking.cancel()
