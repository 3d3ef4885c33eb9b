"""Papers: what identifies an applicant and her guarantors, verified or rejected, and checklists."""

from collections.abc import Sequence
from typing import assert_never
from uuid import UUID

from domain.declare import Command, Context, NotFound, Refusal, command, event
from domain.document_policy import MediaType, Sha256, SizeBytes, require_admitted
from domain.fields import Line, Personal
from domain.lease.case import Follow, Lease, exists, has_item, open_case, product_of, take
from domain.lease.product import ChecklistItem
from domain.lease.words import LeasePaper, LeaseStep, PaperParty, PaperRejection
from domain.procedure import Taker, taker

# --- events ---------------------------------------------------------------------------------------


@event("lease.document_uploaded")
class LeaseDocumentUploaded:
    """A paper came in; its bytes are kept elsewhere, under their SHA-256.

    `guarantor_id` says that it is a guarantor's; else it is the applicant's.
    """

    document_id: UUID
    kind: LeasePaper
    title: Personal[str]
    media_type: str
    size_bytes: int
    content_sha256: str
    guarantor_id: UUID | None
    by: Taker


@event("lease.document_verified")
class LeaseDocumentVerified:
    """Somebody looked at the paper, and it is what it should be."""

    document_id: UUID
    by: Taker


@event("lease.document_rejected")
class LeaseDocumentRejected:
    """The paper is not taken, for a reason; another one has to come in."""

    document_id: UUID
    ground: PaperRejection
    by: Taker


# --- commands -------------------------------------------------------------------------------------


@command
class AddLeaseDocument(Command):
    """Add a paper whose bytes were received, counted and hashed."""

    document_id: UUID
    kind: LeasePaper
    title: Line
    media_type: MediaType
    size_bytes: SizeBytes
    content_sha256: Sha256
    guarantor_id: UUID | None = None


@command
class VerifyLeaseDocument(Command):
    """Say that a paper is what it should be."""

    document_id: UUID


@command
class RejectLeaseDocument(Command):
    """Say why a paper cannot be taken."""

    document_id: UUID
    ground: PaperRejection


# --- refusals -------------------------------------------------------------------------------------


class LeasePaperNotFound(NotFound, code="lease.paper_not_found"):
    """The lease has no paper of this id."""


class PaperIsJudged(Refusal, code="lease.paper_is_judged"):
    """The paper was judged otherwise already; have another one sent."""


class LeasePapersMissing(Refusal, code="lease.papers_missing"):
    """Papers that the product asks for are not there or not verified."""


class GuarantorNotNamed(NotFound, code="lease.guarantor_not_named"):
    """Nobody of this id was named as a guarantor of the lease."""


# --- rules ----------------------------------------------------------------------------------------

PapersCommand = AddLeaseDocument | VerifyLeaseDocument | RejectLeaseDocument
PapersEvent = LeaseDocumentUploaded | LeaseDocumentVerified | LeaseDocumentRejected


def decide(case: Lease, command: PapersCommand, context: Context) -> Sequence[PapersEvent]:
    """Decide on papers, which come in until the lease ends."""
    match command:
        case AddLeaseDocument():
            return _add(case, command, context)
        case VerifyLeaseDocument() | RejectLeaseDocument():
            return _judge(case, command, context)
    assert_never(command)


def _add(case: Lease, command: AddLeaseDocument, context: Context) -> Sequence[PapersEvent]:
    exists(case)
    made = LeaseDocumentUploaded(
        document_id=command.document_id,
        kind=command.kind,
        title=command.title,
        media_type=command.media_type,
        size_bytes=command.size_bytes,
        content_sha256=command.content_sha256,
        guarantor_id=command.guarantor_id,
        by=taker(context.actor),
    )
    if has_item(case, command.document_id, made):
        return []
    open_case(case)
    take(case, context, LeaseStep.PAPERS)
    if command.guarantor_id is not None and command.guarantor_id not in case.guarantors:
        raise GuarantorNotNamed(guarantor=str(command.guarantor_id))
    documents = case.number_of(LeaseDocumentUploaded)
    require_admitted(command.media_type, command.size_bytes, documents, context)
    return [made]


def _judge(
    case: Lease, command: VerifyLeaseDocument | RejectLeaseDocument, context: Context
) -> Sequence[PapersEvent]:
    exists(case)
    if not isinstance(case.items.get(command.document_id), LeaseDocumentUploaded):
        raise LeasePaperNotFound(paper=str(command.document_id))
    by = taker(context.actor)
    standing = case.outcomes.get(command.document_id)
    made: LeaseDocumentVerified | LeaseDocumentRejected
    if isinstance(command, VerifyLeaseDocument):
        made = LeaseDocumentVerified(document_id=command.document_id, by=by)
        same = isinstance(standing, LeaseDocumentVerified)
    else:
        made = LeaseDocumentRejected(document_id=command.document_id, ground=command.ground, by=by)
        same = isinstance(standing, LeaseDocumentRejected) and standing.ground is command.ground
    if same:
        return []
    open_case(case)
    if isinstance(standing, LeaseDocumentRejected):
        raise PaperIsJudged(paper=str(command.document_id))
    take(case, context, LeaseStep.VERIFICATION)
    return [made]


def missing(case: Lease, item: ChecklistItem) -> bool:
    """Tell whether an item of the checklist lacks a verified paper, of any of whom it asks for."""
    asked: Sequence[UUID | None] = (None,)
    if item.party is PaperParty.GUARANTOR:
        asked = case.guarantors
    verified = {
        (paper.guarantor_id, paper.kind)
        for paper in case.items.values()
        if isinstance(paper, LeaseDocumentUploaded)
        and isinstance(case.outcomes.get(paper.document_id), LeaseDocumentVerified)
    }
    return any(not any((who, kind) in verified for kind in item.any_of) for who in asked)


def require_papers(case: Lease, context: Context, step: LeaseStep) -> None:
    """Raise `LeasePapersMissing` where the checklist asks for papers before this step."""
    checklist = product_of(case, context).checklist
    lacking = [item.code for item in checklist if item.before == step and missing(case, item)]
    if lacking:
        raise LeasePapersMissing(missing=lacking)


# --- what follows ---------------------------------------------------------------------------------


def _uploaded(case: Lease, event: LeaseDocumentUploaded) -> Lease:
    return case.after(
        items=case.items.with_item(event.document_id, event),
        taken=case.taken.take(LeaseStep.PAPERS, event.by),
    )


def _judged(case: Lease, event: LeaseDocumentVerified | LeaseDocumentRejected) -> Lease:
    return case.after(
        outcomes=case.outcomes.with_item(event.document_id, event),
        taken=case.taken.take(LeaseStep.VERIFICATION, event.by),
    )


FOLLOW: Follow = {
    LeaseDocumentUploaded: _uploaded,
    LeaseDocumentVerified: _judged,
    LeaseDocumentRejected: _judged,
}
