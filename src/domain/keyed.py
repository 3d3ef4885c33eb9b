"""Items by their UUID in a map that is never changed, only followed by a larger one."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

V = TypeVar("V")

_RECENT_MAX = 64
_NOTHING: Mapping[int, Any] = MappingProxyType({})


class Keyed(NamedTuple, Generic[V]):
    """A small persistent map, in the order in which ids came.

    An addition copies the recent items only, and once in 64 additions all of them, so that a
    thousand additions cost about as much as copying the whole thirty times.
    """

    settled: Mapping[int, V] = _NOTHING
    recent: Mapping[int, V] = _NOTHING

    def get(self, key: UUID) -> V | None:
        """Return the item of this id, None where there is none."""
        found = self.recent.get(key.int)
        return self.settled.get(key.int) if found is None else found

    def has(self, key: UUID) -> bool:
        """Tell whether there is an item of this id."""
        return key.int in self.recent or key.int in self.settled

    def with_item(self, key: UUID, item: V) -> "Keyed[V]":
        """Return a map that has this item too, in place of an older one of the same id."""
        if len(self.recent) < _RECENT_MAX:
            return Keyed(self.settled, {**self.recent, key.int: item})
        return Keyed({**self.settled, **self.recent, key.int: item}, _NOTHING)

    def values(self) -> Iterator[V]:
        """Go through the items, each once, the oldest id first."""
        if self.recent.keys().isdisjoint(self.settled):
            yield from self.settled.values()
            yield from self.recent.values()
        else:
            yield from {**self.settled, **self.recent}.values()
