"""Arrays as PostgreSQL reads them, made in one go.

psycopg can send any list: it asks of each item what it is, and has it written by whoever writes
such items. A group of appends is some hundreds of items in thirty-two lists of which it is known
beforehand what is in them, so they are written here, in the binary format of `array_recv`: how many
dimensions, whether there may be nulls, the type of the items, how many there are and the number of
the first; then each item behind its length, which is -1 for null.
"""

import struct
from collections.abc import Iterable, Sequence
from uuid import UUID

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_BOOL, _BYTEA, _INT8, _INT4, _TEXT, _UUID = 16, 17, 20, 23, 25, 2950
"""The types of items, by their numbers in pg_type."""

_HEAD = struct.Struct("!5i")
_LENGTH = struct.Struct("!i")
_NULL = b"\xff\xff\xff\xff"
_SIXTEEN = b"\x00\x00\x00\x10"
_FALSE, _TRUE = b"\x00\x00\x00\x01\x00", b"\x00\x00\x00\x01\x01"


class Packed(bytes):
    """An array as it is sent; the statement's cast says of what type it is (`%b::uuid[]`)."""

    __slots__ = ()


class _PackedDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Packed) -> Packed:
        return obj


psycopg.adapters.register_dumper(Packed, _PackedDumper)


def integers(values: Sequence[int]) -> Packed:
    """Return an `integer[]`."""
    items = [part for value in values for part in (4, value)]
    return Packed(struct.pack(f"!{5 + len(items)}i", 1, 0, _INT4, len(values), 1, *items))


def bigints(values: Sequence[int]) -> Packed:
    """Return a `bigint[]`."""
    items = [part for value in values for part in (8, value)]
    return Packed(struct.pack(f"!5i{'iq' * len(values)}", 1, 0, _INT8, len(values), 1, *items))


def booleans(values: Sequence[bool]) -> Packed:
    """Return a `boolean[]`."""
    return _joined(_BOOL, [_TRUE if value else _FALSE for value in values])


def uuids(values: Sequence[UUID | str | None]) -> Packed:
    """Return a `uuid[]`; an id may be given as its text."""
    return _joined(_UUID, [_NULL if value is None else _SIXTEEN + _id(value) for value in values])


def texts(values: Iterable[str | None]) -> Packed:
    """Return a `text[]`."""
    return byte_strings([None if value is None else value.encode() for value in values], _TEXT)


def byte_strings(values: Sequence[bytes | None], item: int = _BYTEA) -> Packed:
    """Return a `bytea[]`."""
    length = _LENGTH.pack
    return _joined(
        item, [_NULL if value is None else length(len(value)) + value for value in values]
    )


def _id(value: UUID | str) -> bytes:
    return value.bytes if isinstance(value, UUID) else UUID(value).bytes


def _joined(item: int, items: list[bytes]) -> Packed:
    return Packed(_HEAD.pack(1, 1, item, len(items), 1) + b"".join(items))
