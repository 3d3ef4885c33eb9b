"""What a long log costs: memory of rebuilds, and reads and commands beside those of a short one."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID

from psycopg import AsyncConnection

from bench.cases import EXPERT, correspondence
from bench.desk import environment
from bench.figures import Figure
from bench.place import Place, casebook_at
from bench.seeding import Seeded, seed
from bench.watching import MEGABYTE, Watched, script, watch
from projections import VIEWS, case_documents, customer_360
from projections.case_documents import Audience
from projections.reading import Reading
from store.database import conninfo
from store.rulebook import publish_shipped
from store.views import catch_up

MEMORY_MAX_MB = 400
GROWTH_MAX = 1.25
"""How much more a program may hold in the second half of its life: what a noisy heap does."""

WARM_UP_TURNS = 50
SEED = 7
"""Of the choice of cases, so that every run reads the same places."""


@dataclass(frozen=True, slots=True)
class LongLog:
    """A seeded log whose views were rebuilt over it, and what that took."""

    url: str
    seeded: Seeded
    rebuilds: list[Watched]


def _log(place: Place, name: str, events: int) -> LongLog:
    """Return the log of this name, seeded and rebuilt when it is asked for the first time."""
    if name not in place.shared:
        url = place.database(name)
        with casebook_at(url) as casebook:
            publish_shipped(casebook)
            catch_up(url, casebook.log_reader, VIEWS)  # makes the tables that rebuilds replace
            seeded = seed(url, casebook, events)
        others = [view.name for view in VIEWS if view is not case_documents.VIEW]
        rebuilds = watch(
            [script("rebuilding", case_documents.VIEW.name), script("rebuilding", *others)],
            environment(url, place.folder / "rebuilds"),
        )
        place.shared[name] = LongLog(url, seeded, rebuilds)
    found: LongLog = place.shared[name]
    return found


def rebuild_memory(place: Place) -> Figure:
    """Measure the resident memory of `scripts/rebuild_view.py` over the long log, all views."""
    events = place.scale.large_log_events
    log = _log(place, "large", events)
    documents, others = log.rebuilds
    peak = max(documents.peak, others.peak)
    return Figure(
        name="memory of a rebuild",
        what=f"resident memory of rebuilding all views over {events:,} events, per process",
        unit="MB",
        ours=peak / MEGABYTE,
        peer=MEMORY_MAX_MB,
        target=1,
        bound="at most",
        also=documents.growth <= GROWTH_MAX,
        note=(
            f"second half of its life / first: {documents.growth:.2f}; case documents in"
            f" {documents.seconds:.0f} s, the other views in {others.seconds:.0f} s"
        ),
    )


def read_growth(place: Place) -> Figure:
    """Measure reading a case's document."""

    async def read(connection: Reading, stream: UUID) -> None:
        found = await case_documents.fetch(connection, stream, Audience.STAFF)
        assert found.case is not None and found.case.body

    taken = asyncio.run(_reads(place, read, lambda seeded: seeded.complaints))
    return _growth(place, "a case read", "a case's document read", taken)


def overview_growth(place: Place) -> Figure:
    """Measure reading a customer's 360°."""

    async def read(connection: Reading, customer: UUID) -> None:
        assert (await customer_360.fetch(connection, customer)).body

    taken = asyncio.run(_reads(place, read, lambda seeded: seeded.customers))
    return _growth(place, "a 360 read", "a customer's 360° read", taken)


def command_growth(place: Place) -> Figure:
    """Measure a command on a case: loaded, folded, decided, appended."""
    pick = Random(SEED)  # noqa: S311 (chooses cases, guards nothing)
    small, large = _both(place)
    taken = _Taken(_turns(place))
    with (
        casebook_at(small.url, cached_states_max=0) as at_small,
        casebook_at(large.url, cached_states_max=0) as at_large,
    ):
        for turn in range(taken.turns + WARM_UP_TURNS):
            for casebook, log, kept in (
                (at_small, small, taken.small),
                (at_large, large, taken.large),
            ):
                command = correspondence(pick.choice(log.seeded.complaints))
                started_s = time.perf_counter()
                casebook.execute(command, actor=EXPERT)
                if turn >= WARM_UP_TURNS:
                    kept.append(time.perf_counter() - started_s)
    return _growth(place, "a command", "a command on a case, loaded anew", taken)


class _Taken:
    """How long each turn took, in seconds, at the short log and at the long one."""

    def __init__(self, turns: int) -> None:
        self.turns = turns
        self.small: list[float] = []
        self.large: list[float] = []


def _both(place: Place) -> tuple[LongLog, LongLog]:
    return (
        _log(place, "small", place.scale.small_log_events),
        _log(place, "large", place.scale.large_log_events),
    )


def _turns(place: Place) -> int:
    return 100 * place.scale.repeats


async def _reads(
    place: Place,
    read: Callable[[Reading, UUID], Awaitable[None]],
    among: Callable[[Seeded], Sequence[UUID]],
) -> _Taken:
    """Read now from the one log, now from the other, a case or customer at random each time."""
    pick = Random(SEED)  # noqa: S311 (chooses cases, guards nothing)
    small, large = _both(place)
    taken = _Taken(_turns(place))
    async with (
        await AsyncConnection.connect(conninfo(small.url, "reader"), autocommit=True) as at_small,
        await AsyncConnection.connect(conninfo(large.url, "reader"), autocommit=True) as at_large,
    ):
        for turn in range(taken.turns + WARM_UP_TURNS):
            for connection, log, kept in (
                (at_small, small, taken.small),
                (at_large, large, taken.large),
            ):
                wanted = pick.choice(among(log.seeded))
                started_s = time.perf_counter()
                await read(connection, wanted)
                if turn >= WARM_UP_TURNS:
                    kept.append(time.perf_counter() - started_s)
    return taken


def _growth(place: Place, name: str, what: str, taken: _Taken) -> Figure:
    small, large = place.scale.small_log_events, place.scale.large_log_events
    return Figure(
        name=f"{name}, long log / short log",
        what=f"{what}: {large:,} events in the log against {small:,}",
        unit="µs",
        ours=statistics.median(taken.large) * 1e6,
        peer=statistics.median(taken.small) * 1e6,
        target=1.3,
        bound="at most",
    )
