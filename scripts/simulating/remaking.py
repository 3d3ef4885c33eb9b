"""Making again what sagas made: from a log without it the same has to come of the same rules.

The log is walked in its order. What sagas made is dropped; in its place they do again, in virtual
time, what they find to be done. When they do it follows the log: a saga was late, or stopped for a
day, as it was; what is looked at is *what* it did, and that it did no more and no less.
"""

import heapq
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from domain import DECIDERS
from domain.declare import Actor, ActorId, Role
from domain.rulebook import NO_RULES, Rules
from sagas import SAGAS
from sagas.declare import Do, Saga
from sagas.virtual import VirtualTime
from simulating.playing import JUST_BEFORE
from store.log import Recorded

SAGA_ACTOR = "saga:"

GRACE = timedelta(minutes=4)
"""How long a saga may take to do what is due, where the log does not say when it did; by then it
may be somebody else's act that has settled the matter."""


def purely_made() -> tuple[Saga[Any], ...]:
    """Return the sagas that are only rules. What one met that acts on the world is kept as it was.

    Whether a mail server took a letter cannot be worked out again.
    """
    return tuple(saga for saga in SAGAS if saga.perform is None)


class Difference(NamedTuple):
    """An event that the log has or that was made again, and the other one does not have so."""

    stream: UUID
    version: int
    recorded: str | None
    """The topic that stands in the log there; None: nothing of a saga's."""
    made: str | None
    fields: tuple[str, ...] = ()
    """Where the topics are the same, which fields are not."""


@dataclass(slots=True)
class Remade:
    """What came of making a log again."""

    events: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    """How many events each saga had made, by its name."""
    differences: list[Difference] = field(default_factory=list)
    still_to_be_done: int = 0


class Remaking:
    """The walk along one log; `active_from` is the position from which each saga acts.

    `rules` are those that hold before the log's first publication.
    """

    def __init__(
        self,
        active_from: Mapping[str, int],
        *,
        sagas: Sequence[Saga[Any]] | None = None,
        rules: Rules = NO_RULES,
    ) -> None:
        self._sagas = purely_made() if sagas is None else sagas
        self._rules = rules
        self._active_from = active_from
        self._actors = {saga.actor.id for saga in self._sagas}
        self._pending: dict[tuple[str, UUID], deque[int]] = defaultdict(deque)
        self._held: dict[tuple[str, UUID], dict[tuple[str, UUID], Any]] = defaultdict(dict)
        self._since: dict[tuple[str, Do], datetime] = {}
        self._graced: list[tuple[datetime, int, Saga[Any], UUID]] = []
        self._ids: dict[UUID, deque[tuple[str, UUID]]] = defaultdict(deque)
        self._recorded: dict[UUID, list[tuple[int, str, Any]]] = defaultdict(list)
        self._made: dict[UUID, list[tuple[int, str, Any]]] = defaultdict(list)
        self._positions: dict[UUID, int] = {}
        self._reached = 0
        self._appending: UUID | None = None
        self._lost: set[UUID] = set()

    def run(self, log: Iterable[Recorded]) -> Remade:
        """Walk the log once; it is kept in memory meanwhile."""
        events = list(log)
        remade = Remade(events=len(events))
        if not events:
            return remade
        for recorded in events:
            if self._is_made(recorded):
                saga = recorded.actor.removeprefix(SAGA_ACTOR)
                remade.dropped[saga] = remade.dropped.get(saga, 0) + 1
                self._pending[recorded.actor, recorded.stream].append(recorded.position)
                self._ids[recorded.stream].append((recorded.topic, recorded.event_id))
        self._world = VirtualTime(
            DECIDERS,
            self._sagas,
            now=events[0].recorded_at,
            rules=self._rules,
            event_id=self._event_id,
            heard=self._heard,
            holds_back=self._holds_back,
            keeps_log=False,
        )
        for recorded in events:
            self._reach(recorded)
        self._pass_time(events[-1].recorded_at)
        remade.still_to_be_done = self._still_to_be_done()
        remade.differences = sorted(self._differences(), key=lambda found: found[:2])
        return remade

    def _is_made(self, recorded: Recorded) -> bool:
        return recorded.actor in self._actors

    def _reach(self, recorded: Recorded) -> None:
        """Come to an event of the log: a saga's is left for the saga to make, others happen."""
        world = self._world
        self._reached = recorded.position
        self._pass_time(recorded.recorded_at - JUST_BEFORE)
        world.sleep_until(recorded.recorded_at)
        self._positions[recorded.event_id] = recorded.position
        if self._is_made(recorded):
            self._recorded[recorded.stream].append(
                (recorded.version, recorded.topic, recorded.event)
            )
            world.run_until(recorded.recorded_at)
            self._fire_held(recorded)
            return
        if recorded.stream in self._lost:
            return
        self._appending = recorded.event_id
        try:
            world.append(recorded.stream, recorded.event, actor=actor_of(recorded))
        except (LookupError, AttributeError, AssertionError, TypeError):
            self._lost.add(recorded.stream)  # it follows from what was not made again
        self._appending = None

    def _pass_time(self, until_at: datetime) -> None:
        """Let time pass, and look again at what was given its grace."""
        while self._graced and self._graced[0][0] <= until_at:
            at, _, saga, key = heapq.heappop(self._graced)
            self._world.run_until(at)
            self._world.fire(saga, key)
        self._world.run_until(until_at)

    def _fire_held(self, recorded: Recorded) -> None:
        """Let be done what waited for this event; if it is not made, nothing waits any longer."""
        place = recorded.actor, recorded.stream
        for saga, key in self._held.pop(place, {}).values():
            self._world.fire(saga, key)
        pending = self._pending[place]
        while pending and pending[0] <= recorded.position:
            pending.popleft()

    # --- what virtual time asks -------------------------------------------------------------------

    def _holds_back(self, saga: Saga[Any], key: UUID, do: Do) -> bool:
        """Tell whether the log has the saga do this later, or not at all: its cause is too old."""
        if self._positions.get(do.cause, self._reached) <= self._active_from.get(saga.name, 0):
            return True
        for command in do.commands:
            place = saga.actor.id, command.stream
            pending = self._pending.get(place)
            if pending and pending[0] > self._reached:
                self._held[place][saga.name, key] = saga, key
                return True
            if pending:
                return False
        return self._has_grace(saga, key, do)

    def _has_grace(self, saga: Saga[Any], key: UUID, do: Do) -> bool:
        now = self._world.now
        until_at = self._since.setdefault((saga.name, do), now) + GRACE
        if now >= until_at:
            return False
        heapq.heappush(self._graced, (until_at, len(self._since), saga, key))
        return True

    def _still_to_be_done(self) -> int:
        """Return how much became due so late in the log that no saga may have got to it yet."""
        waiting = {(saga.name, key): saga for _, _, saga, key in self._graced}
        found = 0
        for (_, key), saga in waiting.items():
            state = self._world.instances(saga).get(key)
            found += 0 if state is None else len(saga.todo(state, self._world.now))
        return found

    def _event_id(self, stream: UUID, version: int, event: Any) -> UUID:
        """Name an event as the log does, where the log has it."""
        if self._appending is not None:
            return self._appending
        ids = self._ids.get(stream)
        if ids and ids[0][0] == type(event).__stored_name__:
            return ids.popleft()[1]
        return uuid5(stream, f"made again {version}")

    def _heard(self, recorded: Recorded) -> None:
        if self._appending is None:
            pending = self._pending.get((recorded.actor, recorded.stream))
            if pending:
                pending.popleft()
            self._made[recorded.stream].append((recorded.version, recorded.topic, recorded.event))
            self._positions[recorded.event_id] = self._reached

    # --- what differs -----------------------------------------------------------------------------

    def _differences(self) -> Iterator[Difference]:
        for stream in self._recorded.keys() | self._made.keys():
            there, here = self._recorded[stream], self._made[stream]
            for standing, made in zip(there, here, strict=False):
                if standing[:2] != made[:2]:
                    yield Difference(stream, standing[0], standing[1], made[1])
                elif standing[2] != made[2]:
                    names = _unequal(standing[2], made[2])
                    yield Difference(stream, standing[0], standing[1], made[1], names)
            for version, topic, _ in there[len(here) :]:
                yield Difference(stream, version, topic, None)
            for version, topic, _ in here[len(there) :]:
                yield Difference(stream, version, None, topic)


def _unequal(one: Any, other: Any) -> tuple[str, ...]:
    if not is_dataclass(one):
        return ()
    return tuple(f.name for f in fields(one) if getattr(one, f.name) != getattr(other, f.name))


def actor_of(recorded: Recorded) -> Actor:
    """Return who did it, as far as the log says: one role, and neither unit nor region."""
    roles = frozenset({Role(recorded.role)}) if recorded.role in set(Role) else frozenset[Role]()
    return Actor(id=ActorId(recorded.actor), roles=roles)
