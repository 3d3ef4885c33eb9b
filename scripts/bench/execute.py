"""Commands on open cases: the casebook against the stock application doing the like."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from bench.cases import CONTENT, adding, open_cases
from bench.figures import Figure
from bench.place import Place, casebook_at, stock_environment
from bench.rounds import Contender, Step, in_turn, per_second

EVENTS_PER_CASE = (10, 12, 14, 16, 18, 20)
ALIKE = 3
"""So many times as many cases as the peer has; it is slower, and cases of both grow alike."""


class StockComplaint(Aggregate):
    """The like of a complaint in the library's own terms: a state, and letters in it."""

    @event("Registered")
    def __init__(self, kind: str, narrative: str, complainant: str, contact: str) -> None:
        self.kind = kind
        self.narrative = narrative
        self.complainant = complainant
        self.contact = contact
        self.letters: dict[str, str] = {}

    @event("CorrespondenceRecorded")
    def record(
        self, correspondence_id: str, direction: str, correspondent: str, channel: str, content: str
    ) -> None:
        """Add a letter; what is there already is not added twice."""
        self.letters[correspondence_id] = content


class StockCasebook(Application[UUID]):
    """Loads, calls and saves, as the library's documentation shows."""

    name = "stock"

    def register(self, events: int) -> UUID:
        """Open a case of so many events."""
        complaint = StockComplaint("sales", CONTENT, "Shirin Example", "+98 21 0000 0000")
        for _ in range(events - 1):
            self._add_to(complaint)
        self.save(complaint)
        return complaint.id

    def add(self, complaint_id: UUID) -> None:
        """Load a case, add a letter and save it."""
        complaint: StockComplaint = self.repository.get(complaint_id)
        self._add_to(complaint)
        self.save(complaint)

    def _add_to(self, complaint: StockComplaint) -> None:
        correspondence_id = str(uuid4())
        if correspondence_id not in complaint.letters:
            complaint.record(correspondence_id, "in", "customer", "phone", STOCK_CONTENT)


STOCK_CONTENT = CONTENT + "x" * 100
"""So that its stored body is as long as ours is with its sealed field."""


@contextmanager
def stock(url: str, lengths: Sequence[int], threads: int) -> Iterator[Contender]:
    """Yield the stock application adding letters to open cases, no two threads to the same."""
    application = StockCasebook(stock_environment(url))
    try:
        streams = [application.register(events) for events in lengths]

        def step(own: Iterator[UUID]) -> None:
            application.add(next(own))

        def contender(number: int) -> Step:
            return partial(step, _round_and_round(streams[number::threads]))

        yield contender
    finally:
        application.close()


def _round_and_round(streams: Sequence[UUID]) -> Iterator[UUID]:
    while True:
        yield from random.sample(streams, len(streams))


def against_stock(place: Place) -> Figure:
    """Measure commands that load, fold, decide, encrypt and append; no folded state is kept."""
    scale = place.scale
    lengths = [EVENTS_PER_CASE[n % len(EVENTS_PER_CASE)] for n in range(scale.cases)]
    url = place.database("execute")
    with (
        casebook_at(url, cached_states_max=0) as cold,
        stock(place.empty_database("stock"), lengths, scale.threads) as stock_steps,
    ):
        streams = open_cases(cold, lengths * ALIKE)
        our_steps = adding(cold, streams, scale.threads)
        found = in_turn(our_steps, stock_steps, scale.threads, scale.rounds)
    warm_rate = _warm(place, url, streams[: len(lengths)])
    return Figure(
        name="execute",
        what=f"a command on a case of 10 to 20 events, loaded anew, {scale.threads} threads",
        unit="commands/s",
        ours=found[0],
        peer=found[1],
        target=2.5,
        bound="at least",
        note=f"with folded states at hand {warm_rate:,.0f}/s",
    )


def _warm(place: Place, url: str, streams: Sequence[UUID]) -> float:
    """Return commands a second with the shipped cache of folded states."""
    scale = place.scale
    with casebook_at(url) as casebook:
        steps = adding(casebook, streams, scale.threads)
        return max(per_second(steps, scale.threads, scale.rounds.seconds) for _ in range(4))
