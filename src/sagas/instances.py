"""A saga's instances as a view: one row each, folded from the log in the order of the log.

The runner of the views drives it, so whatever is killed an event is folded exactly once, one
process leads, a saga that cannot go on stops alone, and a rebuilt one takes the live one's place.
Only the timers act, and they read the live table: a rebuild sends nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from sagas.declare import Saga
from store.log import Recorded
from store.views import Blocks, Erasure, View, Work

_FILE = Path(__file__).with_suffix(".sql")
_TABLE = "saga_instances"
_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_TAG = re.compile(r"[!-~]+")
_NAME_LENGTH_MAX = 40
AT_HAND_MAX = 2_000
"""How many instances that an event reaches are in memory at once."""

_SHARED = UUID(int=0)
"""Under which the shared value stands in the view's cache; no instance has this key."""

Instance = dict[str, Any]
"""What is known of an instance: `state` (None: there is none) and the `position` folded."""


class SagaBlocks(Blocks):
    """The blocks of a `.sql` file in which one saga's table is named."""

    def __init__(self, path: Path, table: str) -> None:
        super().__init__(path)
        self._blocks = {name: text.replace(_TABLE, table) for name, text in self._blocks.items()}


def table_of(saga: Saga[Any]) -> str:
    """Return the name of a saga's table; raises `ValueError` for a name that cannot be one."""
    name = saga.name
    fits = _NAME.fullmatch(name) is not None and len(name) <= _NAME_LENGTH_MAX
    if not fits or name.endswith("_shared"):
        raise ValueError(f"{name!r} cannot be the name of a saga")
    return f"saga_{name}"


@dataclass(frozen=True, kw_only=True)
class SagaView(View):
    """One saga's instances, and the value that they share."""

    saga: Saga[Any]

    @cached_property
    def states(self) -> TypeAdapter[Any]:
        """Reads and writes the states of instances."""
        return TypeAdapter(self.saga.state_type)

    @cached_property
    def shared_values(self) -> TypeAdapter[Any]:
        """Reads and writes the shared value."""
        assert self.saga.shared is not None
        return TypeAdapter(self.saga.shared.state_type)

    def apply(self, work: Work) -> int:
        """Fold the batch in memory, then write every touched instance once."""
        if not work.events:
            return 0
        fold = _Fold(self, work)
        for recorded, key in fold.keyed:
            fold.take(recorded, key)
        fold.write()
        return len(work.events)

    def forget(self, erasure: Erasure) -> None:
        """Nothing to do: states hold codes, ids and instants, and nothing of a person."""


def view_of(saga: Saga[Any]) -> SagaView:
    """Return the view of a saga's instances."""
    table = table_of(saga)
    shared = saga.shared.topics if saga.shared is not None else ()
    return SagaView(
        name=table,
        revision=saga.revision,
        sql=SagaBlocks(_FILE, table),
        tables={table: ("key",), f"{table}_shared": ("one",)},
        topics=tuple(dict.fromkeys((*saga.topics, *shared))),
        saga=saga,
    )


def views_of(sagas: Iterable[Saga[Any]]) -> tuple[SagaView, ...]:
    """Return the views of several sagas."""
    return tuple(view_of(saga) for saga in sagas)


class _Fold:
    """One batch being folded."""

    def __init__(self, view: SagaView, work: Work) -> None:
        self._view = view
        self._saga = view.saga
        self._work = work
        self._known: dict[UUID, Instance] = {}
        self._touched: set[UUID] = set()
        self._shared: Any = None
        self._shared_moved = False
        own = frozenset(view.saga.topics)
        self.keyed = [
            (recorded, view.saga.key(recorded) if recorded.topic in own else None)
            for recorded in work.events
        ]
        self._own = own
        self._active_from = self._read_active_from()
        self._load({key for _, key in self.keyed if key is not None})
        self._tagged: dict[str, set[UUID]] = {}
        self._reaches_many = False
        if view.saga.reaches is not None:
            self._load_tagged()
        if view.saga.shared is not None:
            self._load_shared()

    def take(self, recorded: Recorded, key: UUID | None) -> None:
        """Fold one event: into the shared value, its own instance, and all that it reaches."""
        shared = self._saga.shared
        if shared is not None and recorded.topic in shared.topics:
            self._shared = shared.evolve(self._shared, recorded)
            self._shared_moved = True
        if recorded.topic not in self._own:
            return
        if key is not None and self._evolve(key, recorded):
            self._touched.add(key)
        wanted = self._saga.reaches(recorded) if self._saga.reaches is not None else ()
        if wanted:
            for other in self._at_hand(wanted):
                before = self._known[other]
                self._evolve(other, recorded)
                if self._known[other]["state"] is before["state"]:
                    self._known[other] = before
                else:
                    self._touched.add(other)
            if self._reaches_many:
                self._reach_the_others(wanted, recorded)

    def write(self) -> None:
        """Write what the batch changed, and let go of the leases on it."""
        touched = {key: self._known[key] for key in sorted(self._touched)}
        for key, size_bytes in self._put(touched).items():
            self._work.cache.put(key, touched[key], size_bytes)
        if self._shared_moved:
            text = self._view.shared_values.dump_json(self._shared).decode()
            self._work.cache.put(_SHARED, {"state": self._shared}, len(text))
            self._work.run("share", state=text)

    def _put(self, instances: Mapping[UUID, Instance]) -> dict[UUID, int]:
        """Write instances, or remove what has no state any more; return the bytes of each."""
        gone = [key for key, instance in instances.items() if instance["state"] is None]
        rows = [
            self._row(key, instance)
            for key, instance in instances.items()
            if instance["state"] is not None
        ]
        columns = ("key", "state", "position", "lane", "wake_at", "tags")
        self._work.write("upsert", columns, rows)
        if gone:
            self._work.run("remove", keys=gone)
        if instances:
            self._work.run("release", saga=self._saga.name, keys=list(instances))
        return {**dict.fromkeys(gone, 1), **{row[0]: len(row[1]) for row in rows}}

    def _row(self, key: UUID, instance: Instance) -> tuple[Any, ...]:
        state, position = instance["state"], instance["position"]
        wake = self._saga.wake(state) if position > self._active_from else None
        tags = self._saga.tags(state) if self._saga.tags is not None else ()
        assert all(_TAG.fullmatch(tag) for tag in tags), "a tag is one word of ASCII"
        return (
            key,
            self._view.states.dump_json(state).decode(),
            position,
            wake.urgency.lane if wake is not None else None,
            wake.at if wake is not None else None,
            " ".join(sorted(set(tags))) or None,
        )

    def _evolve(self, key: UUID, recorded: Recorded) -> bool:
        """Fold an event into an instance, unless that was done before."""
        known = self._known.get(key) or {"state": None, "position": 0}
        if recorded.position <= known["position"]:
            return False
        state = self._saga.evolve(known["state"], recorded, self._shared)
        if state is None and known["state"] is None:
            return False
        self._retag(key, known["state"], state)
        self._known[key] = {"state": state, "position": recorded.position}
        return True

    def _at_hand(self, wanted: tuple[str, ...]) -> list[UUID]:
        """Return the instances at hand that have one of the tags as of the event being folded."""
        return sorted(set().union(*(self._tagged.get(tag, ()) for tag in wanted)))

    def _load_tagged(self) -> None:
        """Load, once, whatever the events of this batch may reach, unless those are too many.

        An instance that gets a tag within the batch is at hand anyway.
        """
        reaches, tags = self._saga.reaches, self._saga.tags
        assert reaches is not None and tags is not None, "what reaches instances needs their tags"
        own = [recorded for recorded in self._work.events if recorded.topic in self._own]
        wanted = {tag for recorded in own for tag in reaches(recorded)}
        if wanted:
            keys = self._tagged_with(wanted)
            self._reaches_many = len(keys) > AT_HAND_MAX
            if not self._reaches_many:
                self._load(set(keys))
        for key, instance in self._known.items():
            if instance["state"] is not None:
                for tag in tags(instance["state"]):
                    self._tagged.setdefault(tag, set()).add(key)

    def _tagged_with(self, wanted: Iterable[str]) -> list[UUID]:
        found = self._work.run("tagged", tags=list(wanted))
        return [key for (key,) in found if key not in self._known]

    def _reach_the_others(self, wanted: tuple[str, ...], recorded: Recorded) -> None:
        """Fold an event into all that are not at hand, so many at a time, written at once."""
        self._work.cache.clear()
        keys = self._tagged_with(wanted)
        for first in range(0, len(keys), AT_HAND_MAX):
            changed = {}
            for key, before in self._read(keys[first : first + AT_HAND_MAX]):
                state = self._saga.evolve(before["state"], recorded, self._shared)
                if state is not before["state"] and recorded.position > before["position"]:
                    changed[key] = {"state": state, "position": recorded.position}
            self._put(changed)

    def _retag(self, key: UUID, before: Any, after: Any) -> None:
        tags = self._saga.tags
        if self._saga.reaches is None or tags is None or before is after:
            return
        for tag in tags(before) if before is not None else ():
            self._tagged[tag].discard(key)
        for tag in tags(after) if after is not None else ():
            self._tagged.setdefault(tag, set()).add(key)

    def _load(self, keys: set[UUID]) -> None:
        missing = []
        for key in keys:
            known = self._work.cache.get(key)
            if known is None:
                missing.append(key)
            else:
                self._known[key] = known
        self._known.update(self._read(missing))

    def _read(self, keys: list[UUID]) -> Iterator[tuple[UUID, Instance]]:
        if keys:
            state_of = self._view.states.validate_json
            for key, state, position in self._work.run("load", keys=keys).fetchall():
                yield key, {"state": state_of(state), "position": position}

    def _load_shared(self) -> None:
        shared = self._saga.shared
        assert shared is not None
        known: Mapping[str, Any] | None = self._work.cache.get(_SHARED)
        if known is not None:
            self._shared = known["state"]
            return
        row = self._work.run("shared").fetchone()
        read = self._view.shared_values.validate_json
        self._shared = shared.initial if row is None else read(row[0])

    def _read_active_from(self) -> int:
        row = self._work.run("active_from", saga=self._saga.name).fetchone()
        return 0 if row is None else int(row[0])
