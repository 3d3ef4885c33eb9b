"""The end: the case is closed on one ground, called back about, and perhaps reopened."""

from datetime import date
from typing import Annotated
from uuid import UUID

from domain.complaint.words import ClosingGround, FollowUpReason
from domain.declare import Command, Refusal, Unacceptable, command, event
from domain.fields import Between, BusinessDate, Items, Line, Narrative, Personal
from domain.procedure import Taker

# --- events ---------------------------------------------------------------------------------------


@event("complaint.closed")
class ComplaintClosed:
    """The case is closed on one of four grounds.

    `paper_ids` are the documents and correspondence that prove the ground, `follow_up_*` belong
    to ground 3, and `basis` (a law's article, a term of warranty) to ground 4.
    """

    closure_id: UUID
    ground: ClosingGround
    paper_ids: tuple[UUID, ...]
    follow_up_on: date | None
    follow_up_reason: FollowUpReason | None
    basis: str | None
    by: Taker


@event("complaint.reopened")
class ComplaintReopened:
    """The case is taken up again; the steps `undone` are to be taken anew."""

    reopening_id: UUID
    reason: Personal[str]
    undone: tuple[str, ...]
    by: Taker


@event("complaint.called_back")
class CalledBack:
    """After the end somebody called; `satisfaction` is 1 to 5, None when nobody was reached."""

    callback_id: UUID
    reached: bool
    satisfaction: int | None
    comment: Personal[str] | None


# --- commands -------------------------------------------------------------------------------------


@command
class CloseComplaint(Command):
    """Close the case on one ground, with that ground's evidence and no other's."""

    closure_id: UUID
    ground: ClosingGround
    paper_ids: Annotated[tuple[UUID, ...], Items(max=50)] = ()
    follow_up_on: BusinessDate | None = None
    follow_up_reason: FollowUpReason | None = None
    basis: Line | None = None


@command
class ReopenComplaint(Command):
    """Take an ended case up again."""

    reopening_id: UUID
    reason: Narrative


@command
class RecordCallback(Command):
    """Record a call after the end: whether anybody was reached, and how satisfied she is."""

    callback_id: UUID
    reached: bool
    satisfaction: Annotated[int, Between(1, 5)] | None = None
    comment: Narrative | None = None


# --- refusals -------------------------------------------------------------------------------------


class ComplaintIsClosed(Refusal, code="complaint.is_closed"):
    """The complaint is closed; reopen it first."""


class ComplaintIsInvalid(Refusal, code="complaint.is_invalid"):
    """The complaint was judged invalid; it is answered, not handled."""


class ComplaintNotEnded(Refusal, code="complaint.not_ended"):
    """The complaint has not ended."""


class GroundContradictsResult(Refusal, code="complaint.ground_contradicts_result"):
    """The ground for closing does not fit the result that was announced."""


class AcceptanceNotProven(Unacceptable, code="complaint.acceptance_not_proven"):
    """A withdrawal is proven by the customer's own acceptance, as a document or a message of hers."""


class ExecutionNotProven(Unacceptable, code="complaint.execution_not_proven"):
    """This ground is proven by a plan carried out, or by papers that show the work."""


class FollowUpNotAgreed(Unacceptable, code="complaint.follow_up_not_agreed"):
    """This ground takes the day of the follow-up and the reason why the plan waits."""


class FollowUpInPast(Unacceptable, code="complaint.follow_up_in_past"):
    """A follow-up is agreed on for a day to come."""


class BasisMissing(Unacceptable, code="complaint.basis_missing"):
    """This ground names the law or the warranty term that the demand is against."""


class EvidenceOfAnotherGround(Unacceptable, code="complaint.evidence_of_another_ground"):
    """The evidence given belongs to another ground for closing."""


class SatisfactionUnclear(Unacceptable, code="complaint.satisfaction_unclear"):
    """Whoever is reached says how satisfied she is, from 1 to 5; nobody else does."""
