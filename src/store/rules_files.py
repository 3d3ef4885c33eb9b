"""Rules files as TOML: read, and what is wrong in them said with file, line and fix."""

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from store.toml_lines import Place, line_of

T = TypeVar("T")


class RulesFileError(Exception):
    """A rules file cannot be published; the message names the file, the field and the fix."""


def read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """Return a file's text and its tables. Raises `RulesFileError`."""
    try:
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RulesFileError(f"{path}: {error}") from error


def validated(adapter: TypeAdapter[T], node: object, path: Path, text: str, *under: str | int) -> T:
    """Return a part of a file as a value; `under` is where in the file the part stands."""
    try:
        return adapter.validate_python(node)
    except ValidationError as error:
        raise not_valid(error, path, text, *under) from error


def not_valid(error: ValidationError, path: Path, text: str, *under: str | int) -> RulesFileError:
    """Return what a file is refused with: the first thing that is wrong in it."""
    first = error.errors(include_url=False, include_input=False)[0]
    place: Place = (*first["loc"], *getattr(first.get("ctx", {}).get("error"), "place", ()))
    return wrong_at(path, text, (*under, *place), first["msg"], len(under))


def wrong_at(path: Path, text: str, place: Place, message: str, unnamed: int = 0) -> RulesFileError:
    """Return the refusal of what stands at a place of a file, said without the first parts."""
    where = ".".join(str(part) for part in place[unnamed:])
    said = f"{where}: " if where else ""
    message = message.removeprefix("Value error, ")
    return RulesFileError(f"{path}, line {line_of(text, place)}: {said}{message}")
