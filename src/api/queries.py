"""Query strings: each parameter is known, given once, and read into what it stands for."""

import re
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from starlette.requests import Request

from api.problems import wrong_query

LIMIT_DEFAULT = 50
LIMIT_MAX = 200
POSITION_MAX = 2**63 - 1

_WHOLE = re.compile(r"0|[1-9][0-9]{0,18}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)")

_DAY = re.compile(r"\d{4}-\d\d-\d\d")

W = TypeVar("W", bound=StrEnum)


def only_known_queries(request: Request, known: frozenset[str]) -> None:
    """Refuse a query parameter that does not exist or is given twice, and unprintable values."""
    if not request.url.query:
        return
    seen: set[str] = set()
    for name, value in request.query_params.multi_items():
        if name not in known:
            raise wrong_query(name[:64], "parameter_unknown")
        if name in seen:
            raise wrong_query(name, "parameter_twice")
        seen.add(name)
        if "\x00" in value or "\ufffd" in value or len(value) > 512:
            raise wrong_query(name, "parameter_unprintable")


def limit_of(request: Request) -> int:
    """Return how many items a list is asked for."""
    given = request.query_params.get("limit")
    if given is None:
        return LIMIT_DEFAULT
    if not _WHOLE.fullmatch(given) or not 1 <= int(given) <= LIMIT_MAX:
        raise wrong_query("limit", "not_in_range")
    return int(given)


def whole_in_query(
    request: Request, name: str, *, at_least: int = 0, at_most: int = POSITION_MAX
) -> int | None:
    """Return a whole number of the query, None where it is left out."""
    given = request.query_params.get(name)
    if given is None:
        return None
    if not _WHOLE.fullmatch(given) or not at_least <= int(given) <= at_most:
        raise wrong_query(name, "not_in_range")
    return int(given)


def instant_in_query(request: Request, name: str) -> datetime | None:
    """Return an instant of the query in UTC, None where it is left out."""
    given = request.query_params.get(name)
    if given is None:
        return None
    try:
        given = given[:11] + given[11:].replace(" ", "+")  # a plus sign that was not escaped
        if not _INSTANT.fullmatch(given):
            raise ValueError(given)
        found = datetime.fromisoformat(given)
        if found.tzinfo is None or not 1970 <= found.year <= 2199:
            raise ValueError(given)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong_query(name, "instant_expected") from None


def day_in_query(request: Request, name: str) -> date | None:
    """Return a day of the query, None where it is left out."""
    given = request.query_params.get(name)
    if given is None:
        return None
    try:
        if not _DAY.fullmatch(given):
            raise ValueError(given)
        found = date.fromisoformat(given)
        if not 1970 <= found.year <= 2199:
            raise ValueError(given)
        return found
    except ValueError:
        raise wrong_query(name, "date_from_datetime_parsing") from None


def uuid_in_query(request: Request, name: str) -> UUID | None:
    """Return an id of the query, None where it is left out."""
    given = request.query_params.get(name)
    if given is None:
        return None
    try:
        if len(given) != 36:
            raise ValueError(given)
        return UUID(given)
    except ValueError:
        raise wrong_query(name, "uuid_parsing") from None


def word_in_query(request: Request, name: str, characters_max: int = 128) -> str | None:
    """Return a word of the query, None where it is left out."""
    given = request.query_params.get(name)
    if given is None:
        return None
    if not 1 <= len(given) <= characters_max:
        raise wrong_query(name, "parameter_unprintable")
    return given


def listed_in_query(request: Request, name: str, words: type[W]) -> W | None:
    """Return one of the listed words of the query, None where it is left out."""
    given = request.query_params.get(name)
    if given is None:
        return None
    try:
        return words(given)
    except ValueError:
        raise wrong_query(name, "enum") from None


def flag_in_query(request: Request, name: str) -> bool | None:
    """Return `true` or `false` of the query, None where it is left out."""
    given = request.query_params.get(name)
    if given is None:
        return None
    if given not in ("true", "false"):
        raise wrong_query(name, "bool_type")
    return given == "true"
