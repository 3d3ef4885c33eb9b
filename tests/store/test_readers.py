"""Read connections after a restart of the server: one reader is told, the others notice nothing."""

import asyncio
from contextlib import AsyncExitStack

import psycopg
import pytest

from store.database import connect
from store.readers import Readers

CONNECTIONS = 4


def end_all(url: str) -> None:
    with connect(url) as owner:
        owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'parvandeh-reader' AND datname = current_database()"
        )


async def read(readers: Readers) -> object:
    async with readers.connection() as connection:
        cursor = await connection.execute("SELECT 1")
        return await cursor.fetchone()


async def after_a_restart(url: str) -> list[object]:
    readers = Readers.make(url, size=CONNECTIONS)
    await readers.open()
    try:
        async with AsyncExitStack() as held:
            for _ in range(CONNECTIONS):
                await held.enter_async_context(readers.connection())
        await asyncio.to_thread(end_all, url)
        with pytest.raises(psycopg.OperationalError):
            await read(readers)
        readers.replace_dead()
        readers.replace_dead()
        assert readers._check is not None
        await readers._check
        return [await read(readers) for _ in range(2 * CONNECTIONS)]
    finally:
        await readers.close()


def test_one_reader_is_told_of_a_restart_and_the_others_are_spared(database_url: str) -> None:
    assert asyncio.run(after_a_restart(database_url)) == [(1,)] * (2 * CONNECTIONS)
