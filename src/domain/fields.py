"""Marks that fields of events and commands carry: personal data, lengths, ranges.

The constraint marks know one hook name of pydantic's (`__get_pydantic_core_schema__`) and nothing
else of it: they answer plain dictionaries, so the rules stay importable with the standard library
alone, and an HTTP body, an import row and a test meet the same check with the same field name.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Erased:
    """Stands where a personal value stood whose subject's key has been destroyed."""

    erased: Literal[True] = True


@dataclass(frozen=True, slots=True)
class PersonalMark:
    """Marks a field that is encrypted with the key of the event's subject."""


PERSONAL = PersonalMark()

Personal = Annotated[T | Erased, PERSONAL]
"""`Personal[str]`: readable while the subject's key exists, `Erased` after."""

_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]|([\u202a-\u202e\u2066-\u2069])")


def _checked(schema: dict[str, Any], check: Callable[[Any], Any]) -> dict[str, Any]:
    return {
        "type": "function-after",
        "function": {"type": "no-info", "function": check},
        "schema": schema,
    }


def clean_text(text: str) -> str:
    """Return the text in NFC, or raise ValueError for characters that deceive or break.

    Refused: NUL and other control characters (but for tab and line feed), lone surrogates, and
    bidirectional embeddings, overrides and isolates, with which a name can be shown as another.
    The zero-width non-joiner stays: Persian is not written without it.
    """
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = _FORBIDDEN.search(text)
    if found is None:
        return unicodedata.normalize("NFC", text)
    if found.group(1):
        raise ValueError("text holds a bidirectional control character")
    raise ValueError("text holds a control character")


@dataclass(frozen=True, slots=True)
class Text:
    """A length in characters and, where given, a pattern; surrounding white space is dropped."""

    max: int
    min: int = 1
    pattern: str | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        limits: dict[str, Any] = {
            "min_length": self.min,
            "max_length": self.max,
            "strip_whitespace": True,
        }
        if self.pattern is not None:
            limits["pattern"] = self.pattern
        return _checked({**handler(source), **limits}, clean_text)


@dataclass(frozen=True, slots=True)
class Between:
    """An inclusive range of numbers or dates; a bound left out does not bind."""

    at_least: int | date | None = None
    at_most: int | date | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        schema = dict(handler(source))
        if self.at_least is not None:
            schema["ge"] = self.at_least
        if self.at_most is not None:
            schema["le"] = self.at_most
        return schema


@dataclass(frozen=True, slots=True)
class Aware:
    """An instant that says its offset from UTC, in the years 1970 to 2199."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return {
            **handler(source),
            "tz_constraint": "aware",
            "ge": datetime(1970, 1, 1, tzinfo=UTC),
            "le": datetime(2199, 12, 31, tzinfo=UTC),
        }


@dataclass(frozen=True, slots=True)
class Items:
    """How many items a list may hold."""

    max: int
    min: int = 0

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return {**handler(source), "min_length": self.min, "max_length": self.max}


Code = Annotated[str, Text(max=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/ -]*$")]
"""A name from a list somebody publishes: a unit, a region, a dealer, a subject."""

Name = Annotated[str, Text(max=120)]
Line = Annotated[str, Text(max=300)]
Narrative = Annotated[str, Text(max=20_000)]

BusinessDate = Annotated[date, Between(date(1970, 1, 1), date(2199, 12, 31))]
"""When something happened or is agreed for; `decide` judges it against the present."""

Instant = Annotated[datetime, Aware()]
"""A moment that somebody names; without an offset it could not be compared with the present."""
