"""What a customer's own long history costs: her 360° beside that of one with a short one."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from uuid import UUID

from psycopg import AsyncConnection

from bench.cases import open_cases
from bench.customers import whole_customer
from bench.figures import Figure
from bench.place import Place, casebook_at
from projections import VIEWS, customer_360
from projections.reading import Reading
from store.database import connect, conninfo
from store.views import catch_up

CUSTOMERS = 3
TURNS = 300
LONGER = 10
"""By how much the longer histories are longer."""


def overview_history(place: Place) -> Figure:
    """Measure reading the 360° of customers with ten times as many events behind them."""
    url, few = place.database("histories"), place.scale.customer_events
    with casebook_at(url) as casebook:
        open_cases(casebook, [])
        short = [whole_customer(casebook, few) for _ in range(CUSTOMERS)]
        long = [whole_customer(casebook, few * LONGER) for _ in range(CUSTOMERS)]
        catch_up(url, casebook.log_reader, VIEWS)
    with connect(url) as owner:
        owner.execute("VACUUM (ANALYZE)")
    of_short, of_long = asyncio.run(_taken(place, url, short, long))
    return Figure(
        name="growth-history",
        what=f"a customer's 360°, full, with {few * LONGER:,} events behind it against {few:,}",
        unit="µs",
        ours=statistics.median(of_long) * 1e6,
        peer=statistics.median(of_short) * 1e6,
        target=1.1,
        bound="at most",
    )


async def _taken(
    place: Place, url: str, short: Sequence[UUID], long: Sequence[UUID]
) -> tuple[list[float], list[float]]:
    """Read one of each in turn, and return how long each reading took, the first ones left out."""
    taken: tuple[list[float], list[float]] = ([], [])
    reader = conninfo(url, "reader")
    async with await AsyncConnection.connect(reader, autocommit=True) as connection:
        for turn in range(TURNS * place.scale.repeats // 9 + CUSTOMERS * 10):
            for which, customers in enumerate((short, long)):
                seconds = await _read(connection, customers[turn % CUSTOMERS])
                if turn >= CUSTOMERS * 10:
                    taken[which].append(seconds)
    return taken


async def _read(connection: Reading, customer: UUID) -> float:
    started_s = time.perf_counter()
    assert (await customer_360.fetch(connection, customer)).body
    return time.perf_counter() - started_s
