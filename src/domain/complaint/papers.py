"""Papers: correspondence in and out, and documents."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from domain.complaint.words import Channel, Correspondent, Direction, PaperKind
from domain.declare import Command, NotFound, Refusal, Unacceptable, command, event
from domain.fields import Between, Code, Items, Line, Narrative, Personal, Text

# --- events ---------------------------------------------------------------------------------------


@event("complaint.correspondence_recorded")
class CorrespondenceRecorded:
    """Something was said or written, in or out."""

    correspondence_id: UUID
    direction: Direction
    correspondent: Correspondent
    channel: Channel
    content: Personal[str]
    happened_at: datetime
    letter_number: str | None = None
    document_ids: tuple[UUID, ...] = ()


@event("complaint.document_added")
class DocumentAdded:
    """A document belongs to the case; its bytes are kept elsewhere, under their SHA-256."""

    document_id: UUID
    kind: PaperKind
    title: Personal[str]
    media_type: str
    size_bytes: int
    content_sha256: str


# --- commands -------------------------------------------------------------------------------------


@command
class RecordCorrespondence(Command):
    """Record what was said or written; without `happened_at`, it was now."""

    correspondence_id: UUID
    direction: Direction
    correspondent: Correspondent
    channel: Channel
    content: Narrative
    happened_at: datetime | None = None
    letter_number: Code | None = None
    document_ids: Annotated[tuple[UUID, ...], Items(max=50)] = ()


@command
class AddDocument(Command):
    """Add a document whose bytes were received, counted and hashed."""

    document_id: UUID
    kind: PaperKind
    title: Line
    media_type: Annotated[str, Text(max=100, pattern=r"^[a-z0-9.+-]+/[a-z0-9.+-]+$")]
    size_bytes: Annotated[int, Between(1, 10**12)]
    content_sha256: Annotated[str, Text(min=64, max=64, pattern=r"^[0-9a-f]{64}$")]


# --- refusals -------------------------------------------------------------------------------------


class PaperNotFound(NotFound, code="complaint.paper_not_found"):
    """The case has no document or correspondence of this id."""


class MediaTypeNotAllowed(Unacceptable, code="complaint.media_type_not_allowed"):
    """Documents of this media type are not taken."""


class DocumentTooLarge(Unacceptable, code="complaint.document_too_large"):
    """The document is larger than documents may be."""


class TooManyDocuments(Refusal, code="complaint.too_many_documents"):
    """The case has as many documents as a case may have."""
