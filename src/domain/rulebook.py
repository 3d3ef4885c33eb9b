"""The rulebook: rules are documents published into the log, and a case pins the version it uses.

One stream per document. A publication is an event with the full content, so replay, audit and
several nodes need nothing further, and an old version stays in force for the cases pinned to it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar, assert_never
from uuid import UUID, uuid5

from domain.declare import (
    Command,
    Context,
    Decider,
    NotFound,
    NotPermitted,
    Refusal,
    Role,
    Unacceptable,
    command,
    event,
    value,
)
from domain.fields import Between, Instant, Text

D = TypeVar("D")

RULEBOOK_NAMESPACE = UUID("6d0a3bb6-8f51-5b0c-9d53-0d7b3f1f6f35")

DocumentName = Annotated[str, Text(max=64, pattern=r"^[a-z][a-z0-9_]*$")]


def document_id(kind: str, name: str) -> UUID:
    """Return the stream of a document: the same kind and name are the same stream for ever."""
    return uuid5(RULEBOOK_NAMESPACE, f"{kind}/{name}")


@value
class Provenance:
    """Where a rule comes from and how well it was confirmed."""

    source: str
    confirmed: str = "policy"
    decided_by: str | None = None


# --- events ---------------------------------------------------------------------------------------


@event("rulebook.published")
class RulesPublished:
    """A version of a document, in force from `effective_from_at` until the next one is.

    `content` is the canonical JSON of the document; `sha256` is the hash of exactly these bytes.
    """

    kind: str
    name: str
    version: int
    effective_from_at: datetime
    content: str
    sha256: str
    provenance: Provenance


@event("rulebook.applied")
class RulesApplied:
    """Cases whose clocks were running by an older version of this pack follow this one from now on.

    Publishing moves nothing that runs: a case keeps the version it pinned until somebody says this.
    """

    kind: str
    name: str
    version: int


RulebookEvent = RulesPublished | RulesApplied

# --- commands -------------------------------------------------------------------------------------


@command
class PublishRules(Command):
    """Publish a document. The store has parsed and validated `content` before it gets here."""

    kind: DocumentName
    name: DocumentName
    effective_from_at: Instant
    content: Annotated[str, Text(max=2_000_000)]
    source: Annotated[str, Text(max=500)]
    confirmed: Annotated[str, Text(max=64)] = "policy"
    decided_by: Annotated[str, Text(max=120)] | None = None


@command
class ApplyRules(Command):
    """Let running clocks follow a version of a pack: the newest one, which is in force."""

    kind: DocumentName
    name: DocumentName
    version: Annotated[int, Between(1, 1_000_000)]


RulebookCommand = PublishRules | ApplyRules

# --- refusals -------------------------------------------------------------------------------------


class PublisherNotEntitled(NotPermitted, code="rulebook.publisher_not_entitled"):
    """Only an administrator or a customer-care manager may publish rules."""


class EffectiveDateGoesBack(Refusal, code="rulebook.effective_date_goes_back"):
    """A new version cannot take effect before the version it follows."""


class WrongDocumentStream(Unacceptable, code="rulebook.wrong_document_stream"):
    """The document's id does not belong to its kind and name."""


class RulesNotPublished(NotFound, code="rulebook.not_published"):
    """No version of this document is in force at that time."""


class RulesNotApplicable(Unacceptable, code="rulebook.not_applicable"):
    """Only packs of deadlines are applied to what runs already; nothing is pinned to the others."""


class RulesNotNewest(Refusal, code="rulebook.not_newest"):
    """Only the newest version of a pack is applied to what runs already."""


class RulesNotInForce(Refusal, code="rulebook.not_in_force"):
    """This version is not yet in force; apply it when it is."""


# --- state ----------------------------------------------------------------------------------------

APPLICABLE = ("sla_pack", "statutory_pack")
"""Kinds of document that clocks are pinned to."""


@dataclass(frozen=True, slots=True)
class Document:
    """The newest publication of one document; version 0 before the first."""

    version: int = 0
    sha256: str = ""
    effective_from_at: datetime | None = None
    provenance: Provenance | None = None
    applied: int = 0
    """The newest version that was applied to what ran already."""


def content_hash(content: str) -> str:
    """Return the SHA-256 of a document's canonical JSON, in hexadecimal."""
    return hashlib.sha256(content.encode()).hexdigest()


def decide(
    document: Document, command: RulebookCommand, context: Context
) -> Sequence[RulebookEvent]:
    """Publish the next version, or nothing when the newest one is exactly this."""
    match command:
        case PublishRules():
            if not context.actor.has(Role.ADMIN, Role.MANAGER, Role.SYSTEM):
                raise PublisherNotEntitled
            if command.stream != document_id(command.kind, command.name):
                raise WrongDocumentStream
            sha256 = content_hash(command.content)
            provenance = Provenance(
                source=command.source,
                confirmed=command.confirmed,
                decided_by=command.decided_by,
            )
            newest = (document.sha256, document.effective_from_at, document.provenance)
            if newest == (sha256, command.effective_from_at, provenance):
                return []
            before = document.effective_from_at
            if before is not None and command.effective_from_at < before:
                raise EffectiveDateGoesBack(not_before=before.isoformat())
            return [
                RulesPublished(
                    kind=command.kind,
                    name=command.name,
                    version=document.version + 1,
                    effective_from_at=command.effective_from_at,
                    content=command.content,
                    sha256=sha256,
                    provenance=provenance,
                )
            ]
        case ApplyRules():
            return _apply(document, command, context)
    assert_never(command)


def _apply(document: Document, command: ApplyRules, context: Context) -> Sequence[RulebookEvent]:
    if not context.actor.has(Role.ADMIN, Role.MANAGER, Role.SYSTEM):
        raise PublisherNotEntitled
    if command.stream != document_id(command.kind, command.name):
        raise WrongDocumentStream
    if command.kind not in APPLICABLE:
        raise RulesNotApplicable(kind=command.kind, kinds=APPLICABLE)
    if document.effective_from_at is None or command.version > document.version:
        raise RulesNotPublished(kind=command.kind, name=command.name)
    if command.version < document.version:
        raise RulesNotNewest(newest=document.version)
    if document.effective_from_at > context.now:
        raise RulesNotInForce(effective_from_at=document.effective_from_at.isoformat())
    if document.applied == command.version:
        return []
    return [RulesApplied(kind=command.kind, name=command.name, version=command.version)]


def evolve(document: Document, event: RulebookEvent) -> Document:
    """Follow the newest publication, and what was applied."""
    if isinstance(event, RulesApplied):
        return replace(document, applied=event.version)
    return replace(
        document,
        version=event.version,
        sha256=event.sha256,
        effective_from_at=event.effective_from_at,
        provenance=event.provenance,
    )


DECIDER: Decider[Document, RulebookCommand, RulebookEvent] = Decider(
    category="rulebook",
    initial=Document(),
    decide=decide,
    evolve=evolve,
    commands=(PublishRules, ApplyRules),
    events=(RulesPublished, RulesApplied),
)

# --- what a decision sees of it -------------------------------------------------------------------


@value
class Pin:
    """The version of a document that a case uses from now on."""

    name: str
    version: int


@dataclass(frozen=True, slots=True)
class Published(Generic[D]):
    """One version of a document with its content as a frozen value."""

    name: str
    version: int
    effective_from_at: datetime
    content: D

    @property
    def pin(self) -> Pin:
        """Return what a case records to keep using this version."""
        return Pin(name=self.name, version=self.version)


@dataclass(frozen=True, slots=True)
class Rules:
    """Every published version of every document, by content type and name, oldest first."""

    documents: Mapping[tuple[type[Any], str], Sequence[Published[Any]]]

    def in_force(self, content_type: type[D], name: str, at: datetime) -> Published[D]:
        """Return the version in force at an instant; raise `RulesNotPublished` where none is."""
        for published in reversed(self.documents.get((content_type, name), ())):
            if published.effective_from_at <= at:
                found: Published[D] = published
                return found
        raise RulesNotPublished(kind=content_type.__name__.lower(), name=name)

    def pinned(self, content_type: type[D], pin: Pin) -> D:
        """Return the content of a pinned version."""
        for published in self.documents.get((content_type, pin.name), ()):
            if published.version == pin.version:
                content: D = published.content
                return content
        raise RulesNotPublished(kind=content_type.__name__.lower(), name=pin.name)


NO_RULES = Rules({})
