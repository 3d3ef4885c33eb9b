"""The sentences people read, by locale and code; nothing else of the program holds prose.

`texts/<locale>.toml` holds tables (`topics`, `refusals`, `problems`, `statuses`, …) of sentences by
code. A sentence may name parameters in braces; one that the caller did not get is left as it is.
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "texts"
LOCALES = ("en", "fa", "zh")
DEFAULT_LOCALE = "en"


class _Kept(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


@dataclass(frozen=True, slots=True)
class Locale:
    """All sentences of one language, and the bytes a client gets to cache."""

    name: str
    tables: Mapping[str, Mapping[str, Any]]
    document: bytes
    etag: str

    def sentence(self, code: str, *tables: str) -> str | None:
        """Return the sentence for a code from the first of these tables that has it."""
        for table in tables:
            found = self.tables.get(table, {}).get(code)
            if isinstance(found, str):
                return found
        return None


class Texts:
    """The locales that are shipped."""

    def __init__(self, locales: Mapping[str, Locale]) -> None:
        self.locales = locales

    @classmethod
    def load(cls, folder: Path = FOLDER) -> "Texts":
        """Read every locale's file; one that is missing has no sentences (a test minds that)."""
        return cls({name: _load(name, folder / f"{name}.toml") for name in LOCALES})

    def title(self, locale: str, code: str, english: str, params: Mapping[str, object]) -> str:
        """Return the sentence for a refusal's or problem's code, or the English one given."""
        found = self.locales[locale].sentence(code, "refusals", "problems") or english
        try:
            return found.format_map(_Kept(params))
        except (ValueError, IndexError, AttributeError, KeyError):
            return found  # a stray brace is no reason to fail an answer

    def message(self, locale: str, code: str, english: str) -> str:
        """Return what is said of a field, or the English sentence given."""
        return self.locales[locale].sentence(code, "validation") or english


def _load(name: str, path: Path) -> Locale:
    tables: dict[str, Any] = {}
    if path.exists():
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    body = {"locale": name, "direction": "rtl" if name == "fa" else "ltr", **tables}
    document = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    etag = f'W/"{hashlib.sha256(document).hexdigest()[:24]}"'
    return Locale(name, tables, document, etag)


@lru_cache(maxsize=512)
def preferred_locale(accept_language: str) -> str:
    """Return the shipped locale that an Accept-Language header prefers (RFC 9110, 12.5.4)."""
    best, best_weight = DEFAULT_LOCALE, 0.0
    for part in accept_language.split(","):
        tag, _, parameter = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        if language == "*":
            language = DEFAULT_LOCALE
        if language in LOCALES and best_weight < weight <= 1.0:
            best, best_weight = language, weight
    return best
