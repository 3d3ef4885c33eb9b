"""Making again what sagas made: from a log without it the same has to come of the same rules.

The log is walked in its order. What sagas made is dropped; in its place they do again, in virtual
time, what they find to be done. When they do it follows the log: a saga was late, or stopped for a
day, as it was; what is looked at is *what* it did, and that it did no more and no less.
"""

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
"""How long after something is due a saga that runs has certainly done it."""


PERFORMING = frozenset({"referral"})
"""Sagas that act with their own hands, but only by commands, and from how cases stand."""


def made_again() -> tuple[Saga[Any], ...]:
    """Return the sagas whose work can be done again; what one met in the world is kept as it was.

    Whether a mail server took a letter cannot be worked out.
    """
    return tuple(saga for saga in SAGAS if saga.perform is None or saga.name in PERFORMING)


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
        self._sagas = made_again() if sagas is None else sagas
        self._rules = rules
        self._active_from = active_from
        self._actors = {saga.actor.id for saga in self._sagas}
        self._by_name = {saga.name: saga for saga in self._sagas}
        self._ran: dict[str, datetime] = {}
        self._pending: dict[tuple[str, UUID], deque[int]] = defaultdict(deque)
        self._held: dict[tuple[str, UUID], dict[tuple[str, UUID], Any]] = defaultdict(dict)
        self._unheard: dict[str, dict[UUID, datetime]] = defaultdict(dict)
        """By saga, the instances that have something to do of which the log says nothing."""
        self._ids: dict[UUID, deque[tuple[str, UUID]]] = defaultdict(deque)
        self._recorded: dict[UUID, list[tuple[int, str, Any]]] = defaultdict(list)
        self._made: dict[UUID, list[tuple[int, str, Any]]] = defaultdict(list)
        self._reached_at = [0]
        """By the position in virtual time, where in the log the walk was then."""
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
            performs=PERFORMING,
            holds_back=self._holds_back,
            keeps_log=False,
        )
        for recorded in events:
            self._reach(recorded)
        self._world.run_until(events[-1].recorded_at)
        remade.still_to_be_done = self._still_to_be_done()
        remade.differences = sorted(self._differences(), key=lambda found: found[:2])
        return remade

    def _is_made(self, recorded: Recorded) -> bool:
        return recorded.actor in self._actors

    def _reach(self, recorded: Recorded) -> None:
        """Come to an event of the log: a saga's is left for the saga to make, others happen."""
        world = self._world
        world.run_until(recorded.recorded_at - JUST_BEFORE)
        world.sleep_until(recorded.recorded_at)
        self._reached = recorded.position
        if self._is_made(recorded):
            self._recorded[recorded.stream].append(
                (recorded.version, recorded.topic, recorded.event)
            )
            world.run_until(recorded.recorded_at)
            self._fire_held(recorded)
            self._fire_unheard(recorded)
            return
        if recorded.stream in self._lost:
            return
        self._appending = recorded.event_id
        try:
            world.append(recorded.stream, recorded.event, actor=actor_of(recorded))
        except (LookupError, AttributeError, AssertionError, TypeError):
            self._lost.add(recorded.stream)  # it follows from what was not made again
        self._appending = None

    def _fire_held(self, recorded: Recorded) -> None:
        """Let be done what waited for this event; if it is not made, nothing waits any longer."""
        place = recorded.actor, recorded.stream
        for saga, key in self._held.pop(place, {}).values():
            self._world.fire(saga, key)
        pending = self._pending[place]
        while pending and pending[0] <= recorded.position:
            pending.popleft()

    # --- what virtual time asks -------------------------------------------------------------------

    def _holds_back(self, saga: Saga[Any], key: UUID, todo: Sequence[Do]) -> bool:
        """Tell whether the log has the saga do this later, or not at all: it was not active yet.

        What is found to be done at once is begun when the log has the first of it.
        """
        folded_to = self._reached_at[self._world.folded_to(saga, key)]
        if folded_to <= self._active_from.get(saga.name, 0):
            return True
        places = {(saga.actor.id, command.stream) for do in todo for command in do.commands}
        pending = [(self._pending[place][0], place) for place in places if self._pending[place]]
        if not pending:
            return self._is_unheard(saga, key)
        position, place = min(pending)
        if position <= self._reached:
            return False
        self._held[place][saga.name, key] = saga, key
        return True

    def _is_unheard(self, saga: Saga[Any], key: UUID) -> bool:
        """Hold back what the log has no act of, until the log shows that the saga ran since.

        Until then it may have been down; and by then somebody else may have settled the matter.
        """
        since = self._unheard[saga.name].setdefault(key, self._world.now)
        ran = self._ran.get(saga.actor.id)
        return ran is None or ran < since + GRACE

    def _fire_unheard(self, recorded: Recorded) -> None:
        """A saga that acts now has done all that was due for some while, or never will."""
        self._ran[recorded.actor] = recorded.recorded_at
        name = recorded.actor.removeprefix(SAGA_ACTOR)
        waiting = self._unheard[name]
        for key in [k for k, at in waiting.items() if at + GRACE <= recorded.recorded_at]:
            self._world.fire(self._by_name[name], key)
            del waiting[key]

    def _still_to_be_done(self) -> int:
        """Return how much is due at the end of the log that no saga has done."""
        found = 0
        for name, waiting in self._unheard.items():
            states = self._world.instances(self._by_name[name])
            for key in waiting.keys() & states.keys():
                found += len(self._world.todo(self._by_name[name], states[key]))
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
        self._reached_at.append(self._reached)
        if self._appending is None:
            pending = self._pending.get((recorded.actor, recorded.stream))
            if pending:
                pending.popleft()
            self._made[recorded.stream].append((recorded.version, recorded.topic, recorded.event))

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
