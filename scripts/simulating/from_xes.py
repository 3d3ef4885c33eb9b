"""An event log of another system, its rows played as if they happened here, each at its instant."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from domain.complaint import CarryOverStep
from domain.declare import Actor, ActorId, Role
from importing import xes
from importing.cases import Case, Reject, SourceRefused
from importing.sources import SourceFile
from simulating.acts import Act, Extent, Play

IMPORTER = Actor(id=ActorId("system:import:xes"), roles=frozenset({Role.SYSTEM}))


class EventLog:
    """An XES file, read through the mapping that the importer reads it through."""

    def __init__(self, path: Path, mapping: xes.LogMapping) -> None:
        self._path = path
        self._mapping = mapping
        self.rows_left_out = 0

    def extent(self) -> Extent:
        """Return the first and the last instant of the file's events."""
        earliest: datetime | None = None
        latest: datetime | None = None
        cases = 0
        with SourceFile(self._path) as source:
            for trace in xes.traces(source):
                if isinstance(trace, Reject):
                    continue
                cases += 1
                for event in trace.events:
                    at = _instant(event.attributes.get(xes.TIME, ""))
                    if at is None:
                        continue
                    earliest = at if earliest is None or at < earliest else earliest
                    latest = at if latest is None or at > latest else latest
        if earliest is None or latest is None:
            raise SourceRefused(f"{self._path} has no event with a time")
        return Extent(earliest, latest, cases)

    def plays(self, share: int, shares: int) -> Iterator[Play]:
        """Go through the traces. Names of people are not even made codes of: nobody is shown."""

        def wanted(n: int) -> bool:
            return n % shares == share

        self.rows_left_out = 0
        with SourceFile(self._path) as source:
            for found in xes.cases(source, self._mapping, lambda _name: "person", wanted):
                if isinstance(found, Reject):
                    self.rows_left_out += 1
                else:
                    yield _play(found)


def _play(case: Case) -> Play:
    """Play each row at its own instant, or right after a row that the source has before it."""
    acts: list[Act] = []
    opening = case.opening
    for step in case.steps:
        assert isinstance(step.command, CarryOverStep)
        at = step.command.happened_at.astimezone(UTC)
        if acts and acts[-1].at > at:
            at = acts[-1].at
        acts.append(Act(at, IMPORTER, (*opening, step.command)))
        opening = ()
    name = case.steps[0].row.ref.rpartition("#")[0]
    return Play(name, case.stream, tuple(acts))


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo is not None else None
