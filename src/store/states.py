"""Folded states and rules at hand, and reading what is newer than they are."""

import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from eventsourcing.persistence import OperationalError
from psycopg_pool import PoolTimeout

from domain.declare import Decider
from domain.rulebook import Rules
from store.database import replace_dead
from store.gathering import Gathering
from store.log import Log, News
from store.recorder import Pool
from store.rulebook import published_rules, rules_position

AnyDecider = Decider[Any, Any, Any]


class Known(NamedTuple):
    """A folded state as of a version, and the position of that version's event."""

    decider: AnyDecider
    state: Any
    version: int
    position: int


class States:
    """A bounded cache of folded states; whoever needs certainty asks for what is newer."""

    def __init__(self, log: Log, pool: Pool, *, states_max: int) -> None:
        self._log = log
        self._pool = pool
        self._known: OrderedDict[UUID, Known] = OrderedDict()
        self._known_max = states_max
        self._mutex = threading.Lock()
        self._reads = Gathering(self._read)
        self._rules: tuple[int, Rules] = (-1, Rules({}))

    def at_hand(self, stream: UUID) -> Known | None:
        """Return the state as last folded here, which may be older than the log."""
        with self._mutex:
            known = self._known.get(stream)
            if known is not None:
                self._known.move_to_end(stream)
            return known

    def newest(self, stream: UUID) -> Known | None:
        """Return the state folded to the newest event of the log, None where there is no case."""
        known = self.at_hand(stream)
        news = self._reads.submit((stream, known.version if known is not None else 0))
        if not news.rows:
            return known
        found = self._folded(stream, known, news)
        self.remember(stream, found)
        return found

    def load(self, streams: Collection[UUID], *, events_max: int) -> dict[UUID, Known]:
        """Return the folded states of several cases, read in one question.

        Left out are those that are not there, that have more events, or that cannot be folded.
        """
        wanted = [(stream, 0) for stream in streams]
        loaded = {}
        for (stream, _), news in zip(wanted, self._read(wanted, events_max + 1), strict=True):
            if not 0 < len(news.rows) <= events_max:
                continue
            try:
                loaded[stream] = self._folded(stream, None, news)
            except Exception:  # noqa: BLE001, S112 (whoever wants this very case will be told)
                continue
            self.remember(stream, loaded[stream])
        return loaded

    def _folded(self, stream: UUID, known: Known | None, news: News) -> Known:
        if known is None:
            decider = self._log.codec.decider(news.topic)
            state = decider.initial
        else:
            decider, state = known.decider, known.state
        evolve = decider.evolve
        for event in self._log.events(stream, news):
            state = evolve(state, event)
        return Known(decider, state, news.version, news.position)

    def _read(
        self, wanted: Sequence[tuple[UUID, int]], events_max: int | None = None
    ) -> list[News]:
        """Read for all threads that want to know at this moment; each folds what is its own.

        A connection that a restarted server left dead is bridged. Raises `OperationalError` for
        all threads at once when the database is away.
        """
        try:
            try:
                return self._read_once(wanted, events_max)
            except PoolTimeout:
                raise
            except (psycopg.OperationalError, psycopg.InterfaceError):
                replace_dead(self._pool)
                return self._read_once(wanted, events_max)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise OperationalError("the database could not be asked") from error

    def _read_once(self, wanted: Sequence[tuple[UUID, int]], events_max: int | None) -> list[News]:
        with self._pool.connection() as connection:
            return self._log.newer(connection, wanted, events_max)

    def remember(self, stream: UUID, known: Known) -> None:
        """Keep a state, unless a newer one is kept already."""
        if self._known_max == 0:
            return
        with self._mutex:
            present = self._known.get(stream)
            if present is None or present.version < known.version:
                self._known[stream] = known
            self._known.move_to_end(stream)
            while len(self._known) > self._known_max:
                self._known.popitem(last=False)

    def has_rules(self) -> bool:
        """Tell whether the rules were read already."""
        return self._rules[0] >= 0

    def rules(self, *, fresh: bool) -> tuple[int, Rules]:
        """Return the published rules and the position of the newest publication among them."""
        position, rules = self._rules
        if position >= 0 and not fresh:
            return position, rules
        with self._pool.connection() as connection:
            newest = rules_position(connection)
            if newest != position:
                rules = published_rules(self._log, connection)
                self._rules = (newest, rules)
        return newest, rules
