"""Driving sagas step by step on a real casebook: for the tests of any saga."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from domain.declare import Actor, ActorId, Command, Role
from sagas.declare import Saga
from sagas.instances import views_of
from sagas.timers import LANES, Timers
from store.casebook import Casebook
from store.views import catch_up
from store.views.follower import opened
from store.views.tracking import LIVE

CLERK = Actor(id=ActorId("u-17"), roles=frozenset({Role.SPECIALIST}))
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Desk:
    """A casebook whose sagas are folded and fired at an instant that the test says: `now`."""

    def __init__(
        self, url: str, casebook: Casebook, sagas: Sequence[Saga[Any]], now: datetime = NOW
    ) -> None:
        self.url = url
        self.casebook = casebook
        self.sagas = sagas
        self.views = views_of(sagas)
        self.now = now
        casebook.clock = lambda: self.now

    def execute(self, *wishes: Command, actor: Actor = CLERK) -> int:
        """Execute what somebody wants and return the log's position."""
        return self.casebook.execute(*wishes, actor=actor).position

    def fold(self) -> int:
        """Let every saga read up to the head of the log."""
        return catch_up(self.url, self.casebook.log_reader, self.views)

    @contextmanager
    def timers(self, lanes: Sequence[int] = LANES, **options: Any) -> Iterator[Timers]:
        """Open timers that stay open for several ticks."""
        with opened(self.url, LIVE) as connection:
            timers = Timers(connection, self.casebook, self.sagas, lanes=lanes, **options)
            yield timers
            timers.close()

    def tick(self, *, at_most: int = 1_000, senders: Any = None) -> int:
        """Fire once what is due, in order, in this thread; return how many instances it was."""
        with self.timers(senders=senders) as timers:
            return timers.tick(at_most=at_most)

    def settle(self, senders: Any = None) -> int:
        """Fold and fire until nothing is due any more, and return how many were fired."""
        fired = 0
        while True:
            self.fold()
            now = self.tick(senders=senders)
            if not now:
                return fired
            fired += now
