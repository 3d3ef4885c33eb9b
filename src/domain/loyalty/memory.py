"""What is remembered for ever, in little: a map that is never changed, only followed by another."""

from collections.abc import Hashable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_TIER = 16


class Memory(NamedTuple, Generic[K, V]):
    """A persistent map in tiers, each sixteen times as large as the one before it.

    An addition copies the first tier, of at most 16 items; a full tier goes into the next. So an
    addition costs some dozens of copied items whatever the length, and a question one look a tier.
    """

    tiers: tuple[Mapping[K, V], ...] = ()

    def get(self, key: K) -> V | None:
        """Return what is remembered of a key, None where nothing is."""
        for tier in self.tiers:
            found = tier.get(key)
            if found is not None:
                return found
        return None

    def has(self, key: K) -> bool:
        """Tell whether anything is remembered of a key."""
        return any(key in tier for tier in self.tiers)

    def knowing(self, key: K, item: V) -> "Memory[K, V]":
        """Return a memory that knows this too, in place of what was known of the same key."""
        return self.knowing_all({key: item})

    def knowing_all(self, items: Mapping[K, V]) -> "Memory[K, V]":
        """Return a memory that knows these too, a few at once for the cost of one."""
        tiers = self.tiers
        grown: Mapping[K, V] = items
        room = _TIER
        for place, tier in enumerate(tiers):
            if len(tier) + len(grown) <= room:
                return Memory((*_EMPTY[:place], {**tier, **grown}, *tiers[place + 1 :]))
            grown = {**tier, **grown}
            room *= _TIER
        return Memory((*_EMPTY[: len(tiers)], grown))


_EMPTY: tuple[Mapping[Any, Any], ...] = ({},) * 12
