"""Contracts and statements, rendered from a case's events: facts in, the bytes of a PDF out.

A sheet is a letter's sibling: made when it is asked for, never stored, in its reader's language,
calendar and digits. What people wrote reaches the template as JSON strings and is set as text.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from projections.letters import Line
from projections.letters.typesetting import compiled

FOLDER = Path(__file__).parent
TEMPLATE = FOLDER / "sheet.typ"
LOCALES = ("en", "fa", "zh")

ROWS_MAX = 500
"""How many rows a table shows; of a longer list the newest, and a line that sums up the others."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; numbers stand at its end."""

    heading: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A heading, columns and rows of as many cells; the last row may be a sum."""

    heading: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that is on a sheet, in its reader's language, calendar and digits."""

    locale: str
    direction: str
    words: dict[str, str]
    title: str
    subtitle: str
    addressee: tuple[str, ...]
    head: tuple[Line, ...]
    paragraphs: tuple[str, ...] = ()
    facts: tuple[Line, ...] = ()
    tables: tuple[Table, ...] = ()
    clauses: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()


@lru_cache(maxsize=8)
def texts(locale: str) -> dict[str, Any]:
    """Return the sentences of sheets in a language."""
    path = FOLDER / "texts" / f"{locale}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def newest(rows: Sequence[tuple[str, ...]], locale: str) -> tuple[tuple[tuple[str, ...], ...], str]:
    """Return the rows that a table shows, and what is said of those it leaves out."""
    if len(rows) <= ROWS_MAX:
        return tuple(rows), ""
    said: str = texts(locale)["words"]["earlier_rows"]
    return tuple(rows[-ROWS_MAX:]), said.format(count=len(rows) - ROWS_MAX)


def render(sheet: Sheet) -> bytes:
    """Return the sheet as a PDF; blocks for some tenths of a second."""
    return compiled(TEMPLATE, sheet, "pdf")[0]


def pictures(sheet: Sheet, pixels_per_inch: float = 110) -> list[bytes]:
    """Return the pages of the sheet as PNG pictures."""
    return compiled(TEMPLATE, sheet, "png", pixels_per_inch)
