"""The items of a case: what was added to it, as the events that added it, by their makers' ids."""

from collections.abc import Collection, Iterable
from typing import Any, Protocol, TypeVar

T = TypeVar("T", bound="Numbered")


class Numbered(Protocol):
    """An event that gave its item a number in the case."""

    @property
    def n(self) -> int:
        """Return the item's number among those of its kind, from 1."""


def numbered(items: Iterable[object], made_by: type[T], n: int) -> T | None:
    """Return the item of this number among those that one kind of event made."""
    for item in items:
        if isinstance(item, made_by) and item.n == n:
            return item
    return None


def number_of(items: Iterable[object], made_by: type[Any]) -> int:
    """Return how many items one kind of event made."""
    return sum(isinstance(item, made_by) for item in items)


def same_wish(standing: Any, made: Any, decided: Collection[str]) -> bool:
    """Tell whether the event that stands grants exactly the wish that would make the other.

    `decided` names the fields that say what was decided, not what was wished for.
    """
    if type(standing) is not type(made):
        return False
    return all(
        getattr(standing, name) == getattr(made, name)
        for name in made.__dataclass_fields__
        if name not in decided
    )
