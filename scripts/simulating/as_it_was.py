"""What a written log says of deadlines: the same count as of a play, of what was recorded."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from domain.complaint import DECIDER, Complaint
from simulating.remaking import SAGA_ACTOR
from simulating.tally import Tally, Watch
from store.log import Recorded


class AsItWas:
    """Counts a log event by event; it follows the complaints and looks at nothing else."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.watches: dict[UUID, Watch] = {}
        self._cases: dict[UUID, Complaint] = {}
        self._events = frozenset(DECIDER.events)

    def count(self, log: Iterable[Recorded], until_at: datetime) -> None:
        """Count all of it; clocks that still run are looked at as they stand at the end."""
        for recorded in log:
            self.tally.events += 1
            self.tally.acts += not recorded.actor.startswith(SAGA_ACTOR)
            if type(recorded.event) in self._events:
                self._see(recorded)
        self.tally.cases = len(self._cases)
        for stream, case in self._cases.items():
            self.watches[stream].end(case, until_at)

    def _see(self, recorded: Recorded) -> None:
        stream = recorded.stream
        before = self._cases.get(stream)
        if before is None:
            before = DECIDER.initial
            self.watches[stream] = Watch(str(stream), self.tally)
        case = self._cases[stream] = DECIDER.evolve(before, recorded.event)
        self.watches[stream].see(recorded.recorded_at, recorded.event, case)
