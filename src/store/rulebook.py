"""Rule documents: read from files, validated, published into the log, and read back as values."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import Connection
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from domain import DOCUMENT_TYPES
from domain.clocks.calendar import Calendar
from domain.declare import Actor, ActorId, Role, Unacceptable
from domain.rulebook import (
    Provenance,
    Published,
    PublishRules,
    Rules,
    RulesPublished,
    content_hash,
    document_id,
)
from store.log import SQL, Log
from store.rule_checks import Dangling, Overlap, dangling, in_order, overlapping
from store.rules_files import RulesFileError, not_valid, read_toml, validated, wrong_at

if TYPE_CHECKING:
    from store.casebook import Casebook

SHIPPED = Path(__file__).parent / "shipped_rules"
_SYSTEM = Actor(id=ActorId("system:rulebook"), roles=frozenset({Role.SYSTEM}))


class UnknownDocumentKind(Unacceptable, code="rulebook.unknown_kind"):
    """There is no such kind of rule document."""


class DocumentNotValid(Unacceptable, code="rulebook.document_not_valid"):
    """The document does not have the form its kind asks for."""


@dataclass(frozen=True, slots=True)
class _Adapter:
    content_type: type[Any]
    adapter: TypeAdapter[Any]


_ADAPTERS: dict[str, _Adapter] = {}
_PUBLICATION = TypeAdapter(PublishRules)
_PROVENANCE = TypeAdapter(Provenance)
_PUBLISHED = TypeAdapter(RulesPublished)
_READ_MAX = 1_024
"""So many publications are read once only, however often somebody asks for all."""


def _adapter(kind: str) -> _Adapter:
    if kind not in _ADAPTERS:
        if kind not in DOCUMENT_TYPES:
            raise UnknownDocumentKind(kind=kind, known=sorted(DOCUMENT_TYPES))
        content_type = DOCUMENT_TYPES[kind]
        _ADAPTERS[kind] = _Adapter(content_type, TypeAdapter(content_type))
    return _ADAPTERS[kind]


def canonical(kind: str, content: object) -> str:
    """Return the canonical JSON of a document: validated, keys sorted, defaults written out.

    Raises `UnknownDocumentKind`, and pydantic's `ValidationError` naming each wrong field.
    """
    adapter = _adapter(kind).adapter
    value = adapter.validate_python(content)
    plain = adapter.dump_python(value, mode="json")
    return to_json(_sorted(plain)).decode()


def _sorted(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _sorted(node[key]) for key in sorted(node)}
    if isinstance(node, list):
        return [_sorted(item) for item in node]
    return node


def publication(
    kind: str, name: str, content: object, effective_from_at: datetime, provenance: Provenance
) -> PublishRules:
    """Return the command that publishes a document; raises as `canonical` does."""
    return _PUBLICATION.validate_python(
        {
            "stream": document_id(kind, name),
            "kind": kind,
            "name": name,
            "effective_from_at": effective_from_at,
            "content": canonical(kind, content),
            "source": provenance.source,
            "confirmed": provenance.confirmed,
            "decided_by": provenance.decided_by,
        }
    )


def publication_of_calendar(
    name: str, calendar: Calendar, effective_from_at: datetime, provenance: Provenance
) -> PublishRules:
    """Return the command that publishes a calendar that was made here."""
    content = TypeAdapter(Calendar).dump_python(calendar, mode="json")
    return publication("calendar", name, content, effective_from_at, provenance)


def publication_of(path: Path) -> PublishRules:
    """Read a rules file: `effective_from`, a `[provenance]` table and a `[content]` table.

    The kind is the folder's name and the name the file's, unless the file says `kind` or `name`.
    Raises `RulesFileError`.
    """
    text, file = read_toml(path)
    kind, name = str(file.get("kind", path.parent.name)), str(file.get("name", path.stem))
    for key in ("effective_from", "provenance", "content"):
        if key not in file:
            raise RulesFileError(f"{path}: {key} is missing; add it at the top level")
    effective = file["effective_from"]
    if isinstance(effective, date) and not isinstance(effective, datetime):
        effective = datetime.combine(effective, time(), UTC)
    if not isinstance(effective, datetime) or effective.tzinfo is None:
        message = "must be a date or an instant with its zone"
        raise wrong_at(path, text, ("effective_from",), message)
    provenance = validated(_PROVENANCE, file["provenance"], path, text, "provenance")
    if kind not in DOCUMENT_TYPES:
        known = ", ".join(sorted(DOCUMENT_TYPES))
        raise RulesFileError(f"{path}: no kind of document is called {kind}; {known}")
    validated(_adapter(kind).adapter, file["content"], path, text, "content")
    try:
        return publication(kind, name, file["content"], effective, provenance)
    except ValidationError as error:
        raise not_valid(error, path, text) from error


def content_of(publication: PublishRules) -> Any:
    """Return the document that a command publishes."""
    return _adapter(publication.kind).adapter.validate_json(publication.content)


def check_references(publications: Sequence[PublishRules], rules: Rules) -> None:
    """Raise `ReferenceUnknown` or `PacksOverlap` where a document does not fit among the others."""
    for found in _misfits(publications, rules):
        raise found.refusal


def check_files(files: Mapping[Path, PublishRules], rules: Rules) -> None:
    """Raise `RulesFileError` where a file's document does not fit among the others."""
    paths = {id(publication): path for path, publication in files.items()}
    for found in _misfits(list(files.values()), rules):
        path = paths[id(found.publication)]
        raise wrong_at(path, read_toml(path)[0], ("content", *found.place), found.message, 1)


def _misfits(publications: Sequence[PublishRules], rules: Rules) -> Iterator[Dangling | Overlap]:
    yield from dangling(publications, rules, content_of)
    yield from overlapping(publications, rules, content_of)


def publish_shipped(casebook: "Casebook", folder: Path = SHIPPED) -> list[str]:
    """Publish the shipped documents that the log does not have at all; return their names.

    What somebody has published since is left in force: shipping never overrides a decision.
    """
    files = _shipped() if folder == SHIPPED else _files_in(folder)
    rules = casebook.rules
    check_files(files, rules)
    done = []
    for command in in_order(list(files.values())):
        if rules.documents.get((DOCUMENT_TYPES[command.kind], command.name)):
            continue
        casebook.execute(command, actor=_SYSTEM, reason="shipped with the program")
        done.append(f"{command.kind}/{command.name}")
    return done


def _files_in(folder: Path) -> dict[Path, PublishRules]:
    return {path: publication_of(path) for path in sorted(folder.glob("*/*.toml"))}


@cache
def _shipped() -> Mapping[Path, PublishRules]:
    """Return what the program ships with, of which it is made and which stays what it is."""
    return _files_in(SHIPPED)


def rules_position(connection: Connection[tuple[Any, ...]]) -> int:
    """Return the position of the newest publication, 0 before the first."""
    row = connection.execute(SQL["rules_position"]).fetchone()
    assert row is not None
    return int(row[0])


def published_rules(log: Log, connection: Connection[tuple[Any, ...]]) -> Rules:
    """Return every publication in the log as frozen values."""
    rows = connection.execute(SQL["publications"], binary=True).fetchall()
    return _rules(_stored(row[0]) for row in rows)


def rules_from(publications: Iterable[RulesPublished]) -> Rules:
    """Return publications as rules; checks that each content still has its hash."""
    return _rules(map(_document, publications))


_Document = tuple[tuple[type[Any], str], Published[Any]]


def _rules(found: Iterable[_Document]) -> Rules:
    documents: dict[tuple[type[Any], str], list[Published[Any]]] = {}
    for key, published in found:
        documents.setdefault(key, []).append(published)
    frozen: Mapping[tuple[type[Any], str], tuple[Published[Any], ...]] = {
        key: tuple(published) for key, published in documents.items()
    }
    return Rules(frozen)


@lru_cache(maxsize=_READ_MAX)
def _stored(state: bytes) -> _Document:
    """Return a stored publication; what was read once stays what it is."""
    return _document(_PUBLISHED.validate_json(state))


def _document(event: RulesPublished) -> _Document:
    if content_hash(event.content) != event.sha256:
        raise ValueError(f"{event.kind}/{event.name} version {event.version} was altered")
    entry = _adapter(event.kind)
    content = entry.adapter.validate_json(event.content)
    published = Published(event.name, event.version, event.effective_from_at, content)
    return (entry.content_type, event.name), published
