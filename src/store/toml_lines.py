"""On which line of a TOML text a value stands, so that an error can name it.

Only the layout is read here; `tomllib` reads the values, and has refused what is not TOML.
"""

import re
from collections.abc import Sequence

Place = tuple[str | int, ...]

_HEADER = re.compile(r"^[ \t]*(\[\[?)[ \t]*([^\[\]\n]+?)[ \t]*\]\]?[ \t]*(#.*)?$")
_PART = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|([A-Za-z0-9_-]+)")
_KEY = re.compile(
    r"[ \t]*((?:\"[^\"\n]*\"|'[^'\n]*'|[A-Za-z0-9_-]+)"
    r"(?:[ \t]*\.[ \t]*(?:\"[^\"\n]*\"|'[^'\n]*'|[A-Za-z0-9_-]+))*)[ \t]*=[ \t]*"
)
_BLANK = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*")
_QUOTES = ('"""', "'''", '"', "'")


def line_of(text: str, place: Sequence[str | int]) -> int:
    """Return the line of the value at a place, or of the nearest thing around it; 1 where none is.

    A place is a path such as `("content", "clocks", 3, "span", "unit")`: the fourth item of a list,
    whether it is written as the fourth `[[content.clocks]]` or inside brackets.
    """
    wanted = tuple(place)
    best, best_at = -1, 0
    for found, at, value_at in _entries(text):
        if len(found) > len(wanted) > best and found[: len(wanted)] == wanted:
            best, best_at = len(wanted), at
            continue
        if found != wanted[: len(found)] or len(found) < best:
            continue
        if value_at is None:
            best, best_at = len(found), at
            continue
        depth, deeper_at = _inside(text, value_at, wanted[len(found) :])
        if len(found) + depth >= best:
            best, best_at = len(found) + depth, deeper_at if depth else at
    return text.count("\n", 0, best_at) + 1


def _entries(text: str) -> list[tuple[Place, int, int | None]]:
    """Return every header and key outside brackets: its place, its offset, its value's offset."""
    found: list[tuple[Place, int, int | None]] = []
    counts: dict[Place, int] = {}
    table: Place = ()
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        header = _HEADER.match(text[at:end])
        key = None if header else _KEY.match(text, at, end)
        if header:
            table = _table(header.group(2), header.group(1) == "[[", counts)
            found.append((table, at, None))
        elif key:
            found.append(((*table, *_parts(key.group(1))), at, key.end()))
            end = max(end, _after(text, key.end()))
            end = text.find("\n", end) if text.find("\n", end) >= 0 else len(text)
        at = end + 1
    return found


def _table(header: str, is_item: bool, counts: dict[Place, int]) -> Place:
    """Return the place of a table, lists on the way at their newest item."""
    place: Place = ()
    parts = _parts(header)
    for number, part in enumerate(parts):
        place = (*place, part)
        if is_item and number == len(parts) - 1:
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            place = (*place, counts[place])
    return place


def _parts(key: str) -> list[str]:
    return [next(group for group in part if group) for part in _PART.findall(key) if any(part)]


def _inside(text: str, at: int, place: Place) -> tuple[int, int]:
    """Return how far a place leads into the value at an offset, and the offset it ends at."""
    if not place or at >= len(text):
        return 0, at
    if text[at] == "[" and isinstance(place[0], int):
        return _into(text, place, at, _items(text, at))
    if text[at] == "{" and isinstance(place[0], str):
        return _into(text, place, at, _fields(text, at))
    return 0, at


def _into(
    text: str, place: Place, at: int, members: list[tuple[Place, int, int]]
) -> tuple[int, int]:
    for keys, member_at, value_at in members:
        if keys == place[: len(keys)]:
            depth, deeper_at = _inside(text, value_at, place[len(keys) :])
            return depth + len(keys), deeper_at if depth else member_at
    return 0, at


def _items(text: str, at: int) -> list[tuple[Place, int, int]]:
    """Return the items of the list at an offset with their offsets."""
    found: list[tuple[Place, int, int]] = []
    at = _skipped(text, at + 1)
    while at < len(text) and text[at] != "]":
        found.append(((len(found),), at, at))
        at = _skipped(text, max(_after(text, at), at + 1))
    return found


def _fields(text: str, at: int) -> list[tuple[Place, int, int]]:
    """Return the fields of the inline table at an offset: their keys, offsets and values'."""
    found: list[tuple[Place, int, int]] = []
    at = _skipped(text, at + 1)
    while (key := _KEY.match(text, at)) is not None:
        found.append((tuple(_parts(key.group(1))), at, key.end()))
        at = _skipped(text, _after(text, key.end()))
    return found


def _skipped(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _after(text: str, at: int) -> int:
    """Return the offset after the value at an offset."""
    depth = 0
    while at < len(text):
        quote = next((quote for quote in _QUOTES if text.startswith(quote, at)), None)
        if quote is not None:
            at = _after_string(text, at, quote)
        elif text[at] == "#" and depth:
            at = _skipped(text, at)
            continue
        elif text[at] in "[{":
            depth += 1
            at += 1
        elif text[at] in "]}":
            if depth == 0:
                return at
            depth -= 1
            at += 1
        elif depth == 0 and text[at] in ",\n#":
            return at
        else:
            at += 1
            continue
        if depth == 0:
            return at
    return at


def _after_string(text: str, at: int, quote: str) -> int:
    at += len(quote)
    while at < len(text) and not text.startswith(quote, at):
        at += 2 if text[at] == "\\" and quote[0] == '"' else 1
    return at + len(quote)
