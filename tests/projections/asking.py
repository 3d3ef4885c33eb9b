"""Asking the views' questions from tests that are not coroutines."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from psycopg import AsyncConnection

from projections.reading import Reading
from store.database import conninfo

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sees:
    """Whose cases somebody sees."""

    everything: bool = False
    unassigned: bool = False
    customer_id: UUID | None = None
    dealer_id: str | None = None
    unit: str | None = None
    region: str | None = None


EVERYTHING = Sees(everything=True)


def ask(url: str, question: Callable[[Reading], Awaitable[T]]) -> T:
    """Ask one question on a reader's connection."""

    async def asked() -> T:
        connection = await AsyncConnection.connect(conninfo(url, "reader"), autocommit=True)
        async with connection:
            return await question(connection)

    return asyncio.run(asked())
