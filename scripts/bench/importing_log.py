"""The importer's memory: a log of events, written by the bench itself, brought in by the script."""

import gzip
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bench.desk import environment
from bench.figures import Figure
from bench.growing import GROWTH_MAX, MEMORY_MAX_MB
from bench.place import Place, casebook_at
from bench.watching import MEGABYTE, script, watch
from store.rulebook import publish_shipped

EVENTS_PER_TRACE_MAX = 16
_STATUSES = (
    ("Queued", "Awaiting Assignment"),
    ("Accepted", "In Progress"),
    ("Accepted", "Assigned"),
    ("Accepted", "Wait - User"),
    ("Completed", "Resolved"),
    ("Completed", "Closed"),
)


def import_memory(place: Place) -> Figure:
    """Measure the resident memory of `scripts/import_cases.py xes`."""
    events = place.scale.import_events
    url = place.database("import")
    with casebook_at(url) as casebook:
        publish_shipped(casebook)
        file = place.folder / "generated.xes.gz"
        with gzip.open(file, "wt", encoding="utf-8") as written:
            written.writelines(_xes(events))
        rejects = place.folder / "generated.rejects.csv"
        arguments = ("xes", str(file), "--rejects", str(rejects), "--strict")
        [watched] = watch(
            [script("importing.command", *arguments)], environment(url, place.folder / "import")
        )
        added = casebook.head()
    return Figure(
        name="import-memory",
        what=f"resident memory of importing an XES log of {events:,} events",
        unit="MB",
        ours=watched.peak / MEGABYTE,
        peer=MEMORY_MAX_MB,
        target=1,
        bound="at most",
        also=added > events and watched.growth <= GROWTH_MAX,
        note=(
            f"second half of its life / first: {watched.growth:.2f}; {added:,} events in the log,"
            f" {events / watched.seconds:,.0f} source events/s"
        ),
    )


def _xes(events: int) -> Iterator[str]:
    """Yield an event log of incidents like that of the BPI Challenge 2013."""
    chance = random.Random(events)  # noqa: S311 (guards nothing)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0">\n'
    trace, left = 0, events
    while left > 0:
        trace += 1
        length = min(left, chance.randint(2, EVENTS_PER_TRACE_MAX))
        left -= length
        at = datetime(2012, 1, 1, tzinfo=UTC) + timedelta(minutes=trace)
        yield f'<trace><string key="concept:name" value="1-{trace:09d}"/>\n'
        for number in range(length):
            at += timedelta(minutes=chance.randint(1, 3_000))
            step = _STATUSES[min(number, 4)] if number < length - 1 else _STATUSES[5]
            yield (
                f'<event><string key="org:group" value="Unit {chance.randint(1, 40)}"/>'
                f'<string key="org:resource" value="Person {chance.randint(1, 900)}"/>'
                '<string key="organization involved" value="Org line C"/>'
                f'<string key="org:role" value="A2_{chance.randint(1, 5)}"/>'
                f'<string key="concept:name" value="{step[0]}"/>'
                f'<string key="lifecycle:transition" value="{step[1]}"/>'
                f'<string key="impact" value="{chance.choice(("Low", "Medium", "High"))}"/>'
                f'<date key="time:timestamp" value="{at.isoformat()}"/></event>\n'
            )
        yield "</trace>\n"
    yield "</log>\n"
