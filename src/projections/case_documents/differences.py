"""What is different between two documents, as a list of changes by JSON pointer (RFC 6901)."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """One value that is new, gone or another one; `before` is None for what is new."""

    op: str
    """`add`, `remove` or `replace`."""
    pointer: str
    before: Any = None
    after: Any = None


def diff(before: Any, after: Any, pointer: str = "") -> list[Change]:
    """Return what turns one plain JSON value into the other; lists are compared place by place.

    Lists of cases only grow at their end, so a place is the same item before and after.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        found: list[Change] = []
        for name in sorted(before.keys() | after.keys()):
            where = f"{pointer}/{_escaped(name)}"
            if name not in after:
                found.append(Change("remove", where, before=before[name]))
            elif name not in before:
                found.append(Change("add", where, after=after[name]))
            else:
                found.extend(diff(before[name], after[name], where))
        return found
    if isinstance(before, list) and isinstance(after, list):
        found = []
        for place in range(max(len(before), len(after))):
            where = f"{pointer}/{place}"
            if place >= len(after):
                found.append(Change("remove", where, before=before[place]))
            elif place >= len(before):
                found.append(Change("add", where, after=after[place]))
            else:
                found.extend(diff(before[place], after[place], where))
        return found
    if type(before) is not type(after) or before != after:
        return [Change("replace", pointer, before=before, after=after)]
    return []


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
