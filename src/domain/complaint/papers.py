"""Papers: correspondence in and out, and documents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, assert_never
from uuid import UUID

from domain.complaint.case import (
    Complaint,
    Follow,
    PaperNotFound,
    has_item,
    past_instant,
    registered,
)
from domain.complaint.words import Channel, Correspondent, Direction, PaperKind
from domain.declare import Command, Context, command, event
from domain.document_policy import MediaType, Sha256, SizeBytes, require_admitted
from domain.fields import Code, Items, Line, Narrative, Personal

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
    media_type: MediaType
    size_bytes: SizeBytes
    content_sha256: Sha256


# --- refusals -------------------------------------------------------------------------------------


# --- rules ----------------------------------------------------------------------------------------

PapersCommand = RecordCorrespondence | AddDocument
PapersEvent = CorrespondenceRecorded | DocumentAdded
Paper = CorrespondenceRecorded | DocumentAdded


def decide(case: Complaint, command: PapersCommand, context: Context) -> Sequence[PapersEvent]:
    """Decide on papers, which come in at any time, also after the end."""
    registered(case)
    match command:
        case RecordCorrespondence():
            return _record(case, command, context)
        case AddDocument():
            return _add(case, command, context)
    assert_never(command)


def papers(case: Complaint, paper_ids: Sequence[UUID]) -> list[Paper]:
    """Return these documents and correspondence of the case, or raise `PaperNotFound`."""
    found: list[Paper] = []
    for paper_id in paper_ids:
        item = case.items.get(paper_id)
        if not isinstance(item, CorrespondenceRecorded | DocumentAdded):
            raise PaperNotFound(paper=str(paper_id))
        found.append(item)
    return found


def _record(
    case: Complaint, command: RecordCorrespondence, context: Context
) -> Sequence[PapersEvent]:
    standing = case.items.get(command.correspondence_id)
    happened_at = past_instant(command.happened_at, context)
    if command.happened_at is None and isinstance(standing, CorrespondenceRecorded):
        happened_at = standing.happened_at
    made = CorrespondenceRecorded(
        correspondence_id=command.correspondence_id,
        direction=command.direction,
        correspondent=command.correspondent,
        channel=command.channel,
        content=command.content,
        happened_at=happened_at,
        letter_number=command.letter_number,
        document_ids=command.document_ids,
    )
    if has_item(case, command.correspondence_id, made):
        return []
    papers(case, command.document_ids)
    return [made]


def _add(case: Complaint, command: AddDocument, context: Context) -> Sequence[PapersEvent]:
    made = DocumentAdded(
        document_id=command.document_id,
        kind=command.kind,
        title=command.title,
        media_type=command.media_type,
        size_bytes=command.size_bytes,
        content_sha256=command.content_sha256,
    )
    if has_item(case, command.document_id, made):
        return []
    documents = case.number_of(DocumentAdded)
    require_admitted(command.media_type, command.size_bytes, documents, context)
    return [made]


# --- what follows ---------------------------------------------------------------------------------


def _recorded(case: Complaint, event: CorrespondenceRecorded) -> Complaint:
    return case.after(items=case.items.with_item(event.correspondence_id, event))


def _added(case: Complaint, event: DocumentAdded) -> Complaint:
    return case.after(items=case.items.with_item(event.document_id, event))


FOLLOW: Follow = {CorrespondenceRecorded: _recorded, DocumentAdded: _added}
