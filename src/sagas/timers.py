"""The timers: rows whose wake-up is due, claimed by one process each, fired in order of urgency.

A deadline is a row of a saga's instances, so nothing is lost when processes end and nothing has to
be rescheduled. Claiming is one short transaction; executing happens outside of it, under a lease.
Whoever dies with a lease loses it to another when it has expired, and what was done by then is
found in the log: commands of a saga carry ids made from their cause, so that twice equals once.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, LiteralString
from uuid import UUID

import structlog
from psycopg import Connection
from pydantic import ValidationError

from domain.clocks.messages import Urgency
from sagas.declare import Saga
from sagas.firing import Claimed, Outcome, fire
from sagas.instances import SagaBlocks, SagaView, view_of
from sagas.tallies import Tallies
from store.casebook import Casebook
from store.views.declare import Row

log = structlog.get_logger(__name__)

LANES = tuple(urgency.lane for urgency in Urgency)
URGENT = (Urgency.STATUTORY.lane, Urgency.ESCALATION.lane)
ORDINARY = tuple(lane for lane in LANES if lane not in URGENT)

CLAIMED_PER_WORKER = 8
"""How many instances wait for each worker at most; few, so that the next look comes soon."""

_Put = tuple[UUID, datetime, datetime, str]
"""An instance, until when it was held, until when it waits now, and why."""

FILE = Path(__file__).with_suffix(".sql")


@dataclass(frozen=True)
class _Timed:
    """One saga as the timers see it."""

    view: SagaView

    @property
    def saga(self) -> Saga[Any]:
        return self.view.saga

    @cached_property
    def sql(self) -> SagaBlocks:
        return SagaBlocks(FILE, self.view.name)


class Timers:
    """Fires what is due in some lanes of some sagas, over one connection of the role `views`.

    Without workers everything is fired in the caller's thread, in exact order. With them, commands
    are executed by so many threads at once, and each saga that may have to wait for the world has
    as many of its own.
    """

    def __init__(
        self,
        connection: Connection[Row],
        casebook: Casebook,
        sagas: Sequence[Saga[Any]],
        *,
        lanes: Sequence[int] = LANES,
        workers: int = 0,
        tallies: Tallies | None = None,
        senders: Any = None,
    ) -> None:
        self._connection = connection
        self._casebook = casebook
        self._timed = [_Timed(view_of(saga)) for saga in sagas]
        self._lanes = sorted(lanes)
        self._workers = workers
        self._tallies = tallies if tallies is not None else Tallies()
        self._senders = senders
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._running: dict[str, int] = {}
        self._ended: SimpleQueue[tuple[Claimed, Outcome]] = SimpleQueue()
        self._read_to: dict[str, int] = {}
        self._ending = False
        look = "\nUNION ALL\n".join(timed.sql["look"] for timed in self._timed)
        self._look: LiteralString = look
        connection.execute("SET enable_seqscan = off")

    @property
    def is_behind(self) -> bool:
        """Tell whether something was due of a saga that has not read far enough yet."""
        return bool(self._read_to)

    @property
    def running(self) -> int:
        """Return how many instances are claimed and not yet settled."""
        return sum(self._running.values())

    def tick(self, *, at_most: int = 1_000) -> int:
        """Claim what is due, as far as there is room, begin to fire it, and return how many.

        Of a saga that has not read up to what was the log's head when its timer was first seen
        due, nothing is fired: what it still has to read may say that the thing was done.
        """
        self._settle()
        if not self._timed:
            return 0
        now = self._casebook.clock()
        ready = self._ready(now)
        claimed = 0
        for lane in self._lanes:
            for timed, lanes in ready:
                if lane in lanes:
                    room = min(at_most - claimed, self._room(timed))
                    if room > 0:
                        claimed += self._claim(timed, lane, now, room)
        for timed, _ in ready:
            self._read_to.pop(timed.saga.name, None)
        self._timed.append(self._timed.pop(0))  # so that no saga's storm is always first
        self._settle()
        return claimed

    def await_room(self, patience_s: float) -> None:
        """Wait until half of what was claimed is done, or until patience is at its end."""
        enough = self.running // 2
        while self.running > enough:
            try:
                ended = [self._ended.get(timeout=patience_s)]
            except Empty:
                return
            self._settle(ended)

    def close(self) -> None:
        """Let what is being executed end, and give back what is not."""
        self._ending = True
        for pool in self._pools.values():
            pool.shutdown(wait=True)
        self._settle()

    def _ready(self, now: datetime) -> list[tuple[_Timed, Sequence[int]]]:
        """Return the sagas that have something due and know all they need, with those lanes."""
        with self._connection.transaction():
            head = self._connection.execute(self._timed[0].sql["head"]).fetchone()
            rows = self._connection.execute(self._look, {"lanes": self._lanes, "now": now})
            found = {row[0]: row[1:] for row in rows}
        assert head is not None
        ready = []
        for timed in self._timed:
            name = timed.saga.name
            position, revision, shape, lanes = found.get(timed.view.name, (0, 0, "", ()))
            is_ours = (revision, shape) == (timed.view.revision, timed.view.shape)
            if not lanes or not is_ours:
                self._read_to.pop(name, None)
            elif position >= self._read_to.setdefault(name, head[0]):
                ready.append((timed, lanes))
        return ready

    def _claim(self, timed: _Timed, lane: int, now: datetime, room: int) -> int:
        saga, view = timed.saga, timed.view
        until = now + saga.lease
        rows = self._connection.execute(
            timed.sql["claim"],
            {
                "saga": saga.name,
                "lane": lane,
                "now": now,
                "until": until,
                "read_to": self._read_to[saga.name],
                "revision": view.revision,
                "shape": view.shape,
                "at_most": room,
            },
        ).fetchall()
        for key, state, wake_at, tries in rows:
            claimed = Claimed(saga, key, None, lane, wake_at, until, tries)
            self._running[saga.name] = self._running.get(saga.name, 0) + 1
            try:
                claimed = replace(claimed, state=view.states.validate_json(state))
            except ValidationError as error:
                log.error(
                    "saga.unreadable", saga=saga.name, key=str(key), errors=error.error_count()
                )
                self._ended.put((claimed, Outcome.FAILED))
                continue
            self._submit(claimed)
        return len(rows)

    def _submit(self, claimed: Claimed) -> None:
        if self._workers == 0:
            self._fire(claimed)
        else:
            self._pool(claimed.saga).submit(self._fire, claimed)

    def _fire(self, claimed: Claimed) -> None:
        clock = self._casebook.clock
        outcome = Outcome.LEFT
        try:
            if not self._ending:
                self._tallies.fired(claimed.saga.name, claimed.lane, clock() - claimed.wake_at)
                outcome = Outcome.FAILED
                outcome = fire(claimed, self._casebook, clock, self._senders)
                self._tallies.ended(claimed.saga.name, claimed.lane, outcome.value)
        finally:
            self._ended.put((claimed, outcome))

    def _pool(self, saga: Saga[Any]) -> ThreadPoolExecutor:
        name = saga.name if saga.has_own_workers else ""
        if name not in self._pools:
            self._pools[name] = ThreadPoolExecutor(self._workers, f"saga-{name or 'commands'}")
        return self._pools[name]

    def _room(self, timed: _Timed) -> int:
        """Return how many more instances of a saga may be claimed now."""
        if self._workers == 0:
            return 1_000
        if timed.saga.has_own_workers:
            return self._workers - self._running.get(timed.saga.name, 0)
        together = sum(
            self._running.get(one.saga.name, 0)
            for one in self._timed
            if not one.saga.has_own_workers
        )
        return self._workers * CLAIMED_PER_WORKER - together

    def _settle(self, ended: list[tuple[Claimed, Outcome]] | None = None) -> None:
        """Give back, or put off, what was not finished."""
        ended = ended or []
        while not self._ended.empty():
            ended.append(self._ended.get())
        blocks: dict[tuple[str, str], list[_Put]] = {}
        for claimed, outcome in ended:
            name = claimed.saga.name
            self._running[name] -= 1
            if outcome is not Outcome.DONE:
                block = "let_go" if outcome is Outcome.LEFT else "put_off"
                until = self._casebook.clock() + claimed.back_off(outcome)
                put = (claimed.key, claimed.held_until, until, outcome.value)
                blocks.setdefault((block, name), []).append(put)
        for (block, name), puts in blocks.items():
            fields = ("key", "held_until", "until", "outcome")
            columns = dict(zip(fields, map(list, zip(*puts, strict=True)), strict=True))
            self._connection.execute(self._timed[0].sql[block], {"saga": name, **columns})
