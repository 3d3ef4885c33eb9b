"""Where reads go: replicas where some are named, the primary when they are away or behind."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import psycopg
import structlog
from eventsourcing.persistence import InterfaceError, OperationalError
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from store.database import async_pool

log = structlog.get_logger(__name__)

AsyncRow = tuple[Any, ...]
ReadConnection = AsyncConnection[AsyncRow]
ReadPool = AsyncConnectionPool[ReadConnection]

UNAVAILABLE: tuple[type[Exception], ...] = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.UndefinedTable,
    OperationalError,
    InterfaceError,
)
"""What is raised when the database is away, full or shutting down, or a view is not built yet.

Asking again may help."""

REPLICA_TIMEOUT_S = 1.0
REPLICA_LEFT_ALONE_S = 5.0


class Readers:
    """Pools of read-only connections: one per replica, taken in turn, and the primary's."""

    def __init__(self, primary: ReadPool, replicas: Sequence[ReadPool] = ()) -> None:
        self.primary = primary
        self.replicas = tuple(replicas)
        self._left_alone_until_s = [0.0] * len(self.replicas)
        self._turn = 0
        self._check: asyncio.Task[None] | None = None

    @classmethod
    def make(cls, url: str, replica_urls: Sequence[str] = (), *, size: int = 16) -> "Readers":
        """Make the pools; `open` opens them."""
        replicas = [
            async_pool(replica, "reader", size=size, timeout_s=REPLICA_TIMEOUT_S)
            for replica in replica_urls
        ]
        return cls(async_pool(url, "reader", size=size), replicas)

    async def open(self) -> None:
        """Open every pool without waiting for a replica that is away."""
        for pool in (self.primary, *self.replicas):
            await pool.open(wait=False)

    def replace_dead(self) -> None:
        """Have idle connections looked at, after one has failed: a restart leaves them all dead.

        Else each of them would fail somebody, one after the other.
        """
        if self._check is None or self._check.done():
            self._check = asyncio.create_task(self._look_at_idle())

    async def _look_at_idle(self) -> None:
        for pool in (self.primary, *self.replicas):
            await pool.check()

    async def close(self) -> None:
        """Close every pool."""
        if self._check is not None:
            self._check.cancel()
        for pool in (self.primary, *self.replicas):
            await pool.close()

    def connection(self, *, freshest: bool = False) -> AbstractAsyncContextManager[ReadConnection]:
        """Lend a connection; `freshest` asks the primary, which is never behind itself."""
        if freshest or not self.replicas:
            return self.primary.connection()
        return self._replica_or_primary()

    @asynccontextmanager
    async def _replica_or_primary(self) -> AsyncIterator[ReadConnection]:
        taken = await self._from_a_replica()
        if taken is None:
            async with self.primary.connection() as connection:
                yield connection
            return
        pool, connection = taken
        try:
            async with connection:  # commits or rolls back what the read began
                yield connection
        finally:
            await pool.putconn(connection)

    async def _from_a_replica(self) -> tuple[ReadPool, ReadConnection] | None:
        now_s = time.monotonic()
        for _ in self.replicas:
            self._turn = (self._turn + 1) % len(self.replicas)
            place = self._turn
            if self._left_alone_until_s[place] > now_s:
                continue
            pool = self.replicas[place]
            try:
                return pool, await pool.getconn()
            except PoolTimeout:
                self._left_alone_until_s[place] = now_s + REPLICA_LEFT_ALONE_S
                log.warning("replica_is_away", replica=place)
        return None
