"""What a long log costs: memory of rebuilds, and reads and commands beside those of a short one."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
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
WORKING_SET = 200
"""How many cases a desk turns to again and again."""
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
    events = place.scale.long_log_events
    log = _log(place, "long", events)
    documents, others = log.rebuilds
    peak = max(documents.peak, others.peak)
    return Figure(
        name="rebuild-memory",
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
    return _growth(place, "growth-read", "a case's document read", taken)


def overview_growth(place: Place) -> Figure:
    """Measure reading a customer's 360°."""

    async def read(connection: Reading, customer: UUID) -> None:
        assert (await customer_360.fetch(connection, customer)).body

    taken = asyncio.run(_reads(place, read, lambda seeded: seeded.customers))
    return _growth(place, "growth-360", "a customer's 360° read", taken)


def command_growth(place: Place) -> Figure:
    """Measure a command on a case: loaded, folded, decided, appended."""
    turns = _Turns(place, lambda seeded: seeded.complaints)
    with (
        casebook_at(turns.short.url, cached_states_max=0) as at_short,
        casebook_at(turns.long.url, cached_states_max=0) as at_long,
    ):
        for wanted_short, wanted_long in turns:
            with turns.timed_short():
                at_short.execute(correspondence(wanted_short), actor=EXPERT)
            with turns.timed_long():
                at_long.execute(correspondence(wanted_long), actor=EXPERT)
    return _growth(place, "growth-command", "a command on a case, loaded anew", turns)


async def _reads(
    place: Place,
    read: Callable[[Reading, UUID], Awaitable[None]],
    among: Callable[[Seeded], Sequence[UUID]],
) -> "_Turns":
    turns = _Turns(place, among)
    short, long = conninfo(turns.short.url, "reader"), conninfo(turns.long.url, "reader")
    async with (
        await AsyncConnection.connect(short, autocommit=True) as at_short,
        await AsyncConnection.connect(long, autocommit=True) as at_long,
    ):
        for wanted_short, wanted_long in turns:
            with turns.timed_short():
                await read(at_short, wanted_short)
            with turns.timed_long():
                await read(at_long, wanted_long)
    return turns


class _Turns:
    """Now the short log, now the long one: equally many cases of each, from all over it.

    Both sets were touched before anything is timed. So what grows with the log shows, and not
    that a disk is slower than memory.
    """

    def __init__(self, place: Place, among: Callable[[Seeded], Sequence[UUID]]) -> None:
        self.short = _log(place, "short", place.scale.short_log_events)
        self.long = _log(place, "long", place.scale.long_log_events)
        pick = Random(SEED)  # noqa: S311 (chooses cases, guards nothing)
        of_short, of_long = among(self.short.seeded), among(self.long.seeded)
        size = min(WORKING_SET, len(of_short), len(of_long))
        self._cases = list(
            zip(pick.sample(of_short, size), pick.sample(of_long, size), strict=True)
        )
        self._turns = 100 * place.scale.repeats
        self._timing = False
        self.taken_short: list[float] = []
        self.taken_long: list[float] = []

    def __iter__(self) -> Iterator[tuple[UUID, UUID]]:
        """Yield every pair once or twice to warm up, and then as often as is measured."""
        yield from self._cases[:WARM_UP_TURNS]
        yield from self._cases
        self._timing = True
        yield from islice(cycle(self._cases), self._turns)

    @contextmanager
    def timed_short(self) -> Iterator[None]:
        """Time a turn of the short log."""
        started_s = time.perf_counter()
        yield
        if self._timing:
            self.taken_short.append(time.perf_counter() - started_s)

    @contextmanager
    def timed_long(self) -> Iterator[None]:
        """Time a turn of the long log."""
        started_s = time.perf_counter()
        yield
        if self._timing:
            self.taken_long.append(time.perf_counter() - started_s)


def _growth(place: Place, name: str, what: str, turns: _Turns) -> Figure:
    short, long = place.scale.short_log_events, place.scale.long_log_events
    return Figure(
        name=name,
        what=f"{what}: {long:,} events in the log against {short:,}",
        unit="µs",
        ours=statistics.median(turns.taken_long) * 1e6,
        peer=statistics.median(turns.taken_short) * 1e6,
        target=1.3,
        bound="at most",
    )
