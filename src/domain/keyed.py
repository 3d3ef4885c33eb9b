"""Items by their UUID in a map that is never changed, only followed by a larger one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

V = TypeVar("V")

_BUCKETS = 64
_MASK = _BUCKETS - 1


@dataclass(frozen=True, slots=True)
class Keyed(Generic[V]):
    """A small persistent map. Adding to one of 1,000 items copies some 16 of them, not all.

    Buckets are chosen by the low bits of the id, which are random in every version of UUID that
    callers make.
    """

    buckets: tuple[dict[int, V] | None, ...] = (None,) * _BUCKETS
    count: int = 0

    def get(self, key: UUID) -> V | None:
        """Return the item of this id, None where there is none."""
        bucket = self.buckets[key.int & _MASK]
        return None if bucket is None else bucket.get(key.int)

    def with_item(self, key: UUID, item: V) -> "Keyed[V]":
        """Return a map that has this item too, in place of an older one of the same id."""
        number = key.int
        place = number & _MASK
        bucket = self.buckets[place]
        grown = {number: item} if bucket is None else {**bucket, number: item}
        size = self.count + (bucket is None or number not in bucket)
        return Keyed((*self.buckets[:place], grown, *self.buckets[place + 1 :]), size)

    def __len__(self) -> int:
        return self.count

    def __contains__(self, key: UUID) -> bool:
        return self.get(key) is not None

    def __iter__(self) -> Iterator[V]:
        """Go through the items, in no order that means anything."""
        for bucket in self.buckets:
            if bucket is not None:
                yield from bucket.values()
