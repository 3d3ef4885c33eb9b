"""How questions are asked of the views: one statement each, on a reader's connection."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import AsyncConnection
from pydantic_core import from_json, to_json

from domain.declare import Unacceptable

Reading = AsyncConnection[tuple[Any, ...]]

LIMIT_MAX = 200


class CursorIsWrong(Unacceptable, code="list.cursor_is_wrong"):
    """This cursor was not given out by this list; begin without one."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: the items as JSON texts ready to be sent, and where it goes on."""

    position: int
    items: list[str]
    next: str | None


async def all_rows(
    connection: Reading,
    statement: LiteralString,
    parameters: Mapping[str, Any],
    *,
    planned_anew: bool = False,
) -> list[tuple[Any, ...]]:
    """Run one statement and return its rows.

    `planned_anew` is for filters of which most are absent: a plan made once for all of them would
    use none of the indexes.
    """
    cursor = await connection.execute(
        statement, parameters, binary=True, prepare=False if planned_anew else None
    )
    return await cursor.fetchall()


async def one_row(
    connection: Reading, statement: LiteralString, parameters: Mapping[str, Any]
) -> tuple[Any, ...] | None:
    """Run one statement and return its only row, or None."""
    cursor = await connection.execute(statement, parameters, binary=True)
    return await cursor.fetchone()


def cursor_of(*keys: int | str) -> str:
    """Return the keys after which a list goes on, as an opaque word."""
    return base64.urlsafe_b64encode(to_json(keys)).decode().rstrip("=")


def keys_of(cursor: str | None, kinds: tuple[type[Any], ...]) -> tuple[Any, ...] | None:
    """Return the keys of a cursor, checked against their types; raises `CursorIsWrong`."""
    if cursor is None:
        return None
    try:
        keys = from_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        raise CursorIsWrong from None
    if not isinstance(keys, list) or [type(key) for key in keys] != list(kinds):
        raise CursorIsWrong
    if any(isinstance(key, int) and not -(2**63) <= key < 2**63 for key in keys):
        raise CursorIsWrong
    return tuple(keys)


def bounded(limit: int) -> int:
    """Return a page's size within what a list answers."""
    return max(1, min(limit, LIMIT_MAX))
