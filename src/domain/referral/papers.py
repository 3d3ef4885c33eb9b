"""Papers and milestones: documents of the case, and what the pack's rules count from."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, assert_never
from uuid import UUID

from domain.declare import Command, Context, Refusal, Unacceptable, command, event
from domain.document_policy import MediaType, Sha256, SizeBytes, require_admitted
from domain.fields import BusinessDate, Items, Line, Personal, Text
from domain.referral.case import (
    Follow,
    Referral,
    ReferralPaperNotFound,
    has_item,
    open_case,
    pack_of,
    past_day,
    received,
    take,
)
from domain.referral.words import ReferralPaper, ReferralStep

# --- events ---------------------------------------------------------------------------------------


@event("referral.milestone_recorded")
class MilestoneRecorded:
    """Something happened from which a rule of the pack counts, such as a ruling served."""

    milestone_id: UUID
    milestone: str
    happened_on: date
    paper_ids: tuple[UUID, ...]


@event("referral.document_added")
class ReferralDocumentAdded:
    """A document belongs to the case; its bytes are kept elsewhere, under their SHA-256."""

    document_id: UUID
    kind: ReferralPaper
    title: Personal[str]
    media_type: str
    size_bytes: int
    content_sha256: str


# --- commands -------------------------------------------------------------------------------------

Milestone = Annotated[str, Text(max=64, pattern=r"^[a-z][a-z0-9_]*$")]


@command
class RecordMilestone(Command):
    """Record what a rule of the statutory pack counts from: a ruling served, a request made."""

    milestone_id: UUID
    milestone: Milestone
    happened_on: BusinessDate
    paper_ids: Annotated[tuple[UUID, ...], Items(max=50)] = ()


@command
class AddReferralDocument(Command):
    """Add a document whose bytes were received, counted and hashed."""

    document_id: UUID
    kind: ReferralPaper
    title: Line
    media_type: MediaType
    size_bytes: SizeBytes
    content_sha256: Sha256


# --- refusals -------------------------------------------------------------------------------------


class MilestoneNotInPack(Unacceptable, code="referral.milestone_not_in_pack"):
    """No rule of the statutory pack counts from this."""


class MilestoneAlreadyRecorded(Refusal, code="referral.milestone_already_recorded"):
    """This was recorded already, of another day; reset the clock instead."""


# --- rules ----------------------------------------------------------------------------------------

PapersCommand = RecordMilestone | AddReferralDocument
PapersEvent = MilestoneRecorded | ReferralDocumentAdded


def decide(case: Referral, command: PapersCommand, context: Context) -> Sequence[PapersEvent]:
    """Decide on papers, which come in at any time, and on milestones."""
    received(case)
    match command:
        case RecordMilestone():
            return _record_milestone(case, command, context)
        case AddReferralDocument():
            return _add(case, command, context)
    assert_never(command)


def _record_milestone(
    case: Referral, command: RecordMilestone, context: Context
) -> Sequence[PapersEvent]:
    made = MilestoneRecorded(
        milestone_id=command.milestone_id,
        milestone=command.milestone,
        happened_on=command.happened_on,
        paper_ids=command.paper_ids,
    )
    if has_item(case, command.milestone_id, made):
        return []
    open_case(case)
    take(case, context, ReferralStep.MILESTONE)
    pack = pack_of(case, context)
    known = sorted({rule.starts_on for rule in pack.rules})
    if command.milestone not in known:
        raise MilestoneNotInPack(known=known)
    if command.milestone in case.milestones:
        raise MilestoneAlreadyRecorded(happened_on=case.milestones[command.milestone].isoformat())
    past_day(command.happened_on, context)
    papers(case, command.paper_ids)
    return [made]


def papers(case: Referral, paper_ids: Sequence[UUID]) -> list[ReferralDocumentAdded]:
    """Return these documents of the case, or raise `ReferralPaperNotFound`."""
    found: list[ReferralDocumentAdded] = []
    for paper_id in paper_ids:
        item = case.items.get(paper_id)
        if not isinstance(item, ReferralDocumentAdded):
            raise ReferralPaperNotFound(paper=str(paper_id))
        found.append(item)
    return found


def _add(case: Referral, command: AddReferralDocument, context: Context) -> Sequence[PapersEvent]:
    made = ReferralDocumentAdded(
        document_id=command.document_id,
        kind=command.kind,
        title=command.title,
        media_type=command.media_type,
        size_bytes=command.size_bytes,
        content_sha256=command.content_sha256,
    )
    if has_item(case, command.document_id, made):
        return []
    documents = case.number_of(ReferralDocumentAdded)
    require_admitted(command.media_type, command.size_bytes, documents, context)
    return [made]


# --- what follows ---------------------------------------------------------------------------------


def _milestone(case: Referral, event: MilestoneRecorded) -> Referral:
    return case.after(
        milestones={**case.milestones, event.milestone: event.happened_on},
        items=case.items.with_item(event.milestone_id, event),
    )


def _document(case: Referral, event: ReferralDocumentAdded) -> Referral:
    return case.after(items=case.items.with_item(event.document_id, event))


FOLLOW: Follow = {MilestoneRecorded: _milestone, ReferralDocumentAdded: _document}
