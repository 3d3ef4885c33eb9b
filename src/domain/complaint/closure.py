"""The end: the case is closed on one ground, called back about, and perhaps reopened."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, assert_never
from uuid import UUID

from domain.complaint.case import (
    Complaint,
    Follow,
    has_item,
    open_case,
    procedure_of,
    registered,
    take,
)
from domain.complaint.papers import CorrespondenceRecorded, DocumentAdded, Paper, papers
from domain.complaint.plan import PlanAlreadyCarriedOut
from domain.complaint.words import (
    ENDED,
    ClosingGround,
    Correspondent,
    Direction,
    FollowUpReason,
    Outcome,
    PaperKind,
    Status,
    Step,
)
from domain.declare import Command, Context, Refusal, Unacceptable, command, event
from domain.fields import Between, BusinessDate, Items, Line, Narrative, Personal
from domain.procedure import Taker, taker, undone_by

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
    """Take an ended case up again, or have one that was judged invalid judged anew."""

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


class ComplaintNotEnded(Refusal, code="complaint.not_ended"):
    """The complaint has not ended."""


class GroundContradictsResult(Refusal, code="complaint.ground_contradicts_result"):
    """The ground for closing does not fit the result that was announced."""


class AcceptanceNotProven(Unacceptable, code="complaint.acceptance_not_proven"):
    """A withdrawal is proven by the customer's own, new word: a document or a message from her."""


class ExecutionNotProven(Unacceptable, code="complaint.execution_not_proven"):
    """This ground is proven by the plan carried out, or by new papers that show the work."""


class FollowUpNotAgreed(Unacceptable, code="complaint.follow_up_not_agreed"):
    """This ground takes the day of the follow-up and the reason why the plan waits."""


class FollowUpInPast(Unacceptable, code="complaint.follow_up_in_past"):
    """A follow-up is agreed on for today or for a day to come."""


class BasisMissing(Unacceptable, code="complaint.basis_missing"):
    """This ground names the law or the warranty term that the demand is against."""


class AnswerNotGiven(Unacceptable, code="complaint.answer_not_given"):
    """This ground takes the clear answer that the customer was given."""


class EvidenceOfAnotherGround(Unacceptable, code="complaint.evidence_of_another_ground"):
    """The evidence given belongs to another ground for closing."""


class SatisfactionUnclear(Unacceptable, code="complaint.satisfaction_unclear"):
    """Whoever is reached says how satisfied she is, from 1 to 5; nobody else does."""


# --- rules ----------------------------------------------------------------------------------------

ClosureCommand = CloseComplaint | ReopenComplaint | RecordCallback
ClosureEvent = ComplaintClosed | ComplaintReopened | CalledBack

FITTING_OUTCOMES = {
    ClosingGround.WITHDRAWN: frozenset(Outcome),
    ClosingGround.CARRIED_OUT: frozenset({Outcome.MET, Outcome.PLANNED}),
    ClosingGround.FOLLOW_UP: frozenset({Outcome.PLANNED}),
    ClosingGround.UNFOUNDED: frozenset({Outcome.DECLINED}),
}
"""Which announced results a ground for closing fits; a planned repair may be done by then."""


def decide(case: Complaint, command: ClosureCommand, context: Context) -> Sequence[ClosureEvent]:
    """Decide on the end of the case, and on what comes after it."""
    registered(case)
    match command:
        case CloseComplaint():
            return _close(case, command, context)
        case ReopenComplaint():
            return _reopen(case, command, context)
        case RecordCallback():
            return _call_back(case, command)
    assert_never(command)


def _close(case: Complaint, command: CloseComplaint, context: Context) -> Sequence[ClosureEvent]:
    made = ComplaintClosed(
        closure_id=command.closure_id,
        ground=command.ground,
        paper_ids=command.paper_ids,
        follow_up_on=command.follow_up_on,
        follow_up_reason=command.follow_up_reason,
        basis=command.basis,
        by=taker(context.actor),
    )
    if has_item(case, command.closure_id, made):
        return []
    open_case(case)
    take(case, context, Step.CLOSURE, variant=command.ground)
    outcome = _outcome(case)
    if outcome is not None and outcome not in FITTING_OUTCOMES[command.ground]:
        raise GroundContradictsResult(ground=command.ground.value, outcome=outcome.value)
    given = papers(case, command.paper_ids)
    _check_evidence(case, command, _new(case, command, given), context)
    return [made]


def _new(case: Complaint, command: CloseComplaint, given: Sequence[Paper]) -> list[Paper]:
    """Return the papers that did not prove the same ground before the case was reopened."""
    used: set[UUID] = set()
    for item in case.items.values():
        if isinstance(item, ComplaintClosed) and item.ground is command.ground:
            used.update(item.paper_ids)
    pairs = zip(command.paper_ids, given, strict=True)
    return [paper for paper_id, paper in pairs if paper_id not in used]


def _outcome(case: Complaint) -> Outcome | None:
    """Return the outcome of the result that stands, None where none does."""
    result = case.work.result
    return result.outcome if result is not None and case.stands(Step.RESULT) else None


def _check_evidence(
    case: Complaint, command: CloseComplaint, given: Sequence[Paper], context: Context
) -> None:
    """Each ground is closed on its own evidence, and on no other ground's."""
    on, why, basis = command.follow_up_on, command.follow_up_reason, command.basis
    ground = command.ground
    if ground is not ClosingGround.FOLLOW_UP and (on is not None or why is not None):
        raise EvidenceOfAnotherGround
    if ground is not ClosingGround.UNFOUNDED and basis is not None:
        raise EvidenceOfAnotherGround
    match ground:
        case ClosingGround.WITHDRAWN:
            if not any(_is_acceptance(paper) for paper in given):
                raise AcceptanceNotProven
        case ClosingGround.CARRIED_OUT:
            carried_out = case.stands(Step.PLAN_EXECUTION)
            waits = case.stands(Step.PLAN_APPROVAL) and _outcome(case) is Outcome.PLANNED
            if not carried_out and (waits or not given):
                raise ExecutionNotProven
        case ClosingGround.FOLLOW_UP:
            if case.stands(Step.PLAN_EXECUTION):
                raise PlanAlreadyCarriedOut
            if on is None or why is None:
                raise FollowUpNotAgreed
            if on < context.now.date():
                raise FollowUpInPast(day=on.isoformat())
        case ClosingGround.UNFOUNDED:
            if basis is None:
                raise BasisMissing
            if not case.stands(Step.RESULT) and not any(_is_answer(paper) for paper in given):
                raise AnswerNotGiven
        case _:
            assert_never(ground)


def _is_acceptance(paper: Paper) -> bool:
    """The customer's own word: a signed acceptance, or a message that came from her."""
    if isinstance(paper, DocumentAdded):
        return paper.kind is PaperKind.CUSTOMER_ACCEPTANCE
    return paper.direction is Direction.IN and paper.correspondent is Correspondent.CUSTOMER


def _is_answer(paper: Paper) -> bool:
    return (
        isinstance(paper, CorrespondenceRecorded)
        and paper.direction is Direction.OUT
        and paper.correspondent is Correspondent.CUSTOMER
    )


def _reopen(case: Complaint, command: ReopenComplaint, context: Context) -> Sequence[ClosureEvent]:
    procedure = procedure_of(case, context)
    judged_invalid = case.status in (Status.INVALID, Status.ANSWERED)
    if judged_invalid:
        undone: tuple[str, ...] = (Step.JUDGEMENT.value,)
    else:
        undone = undone_by(procedure, case.taken, Step.CLOSURE, case.work.closed_on)
        undone = undone or (Step.CLOSURE.value,)
    made = ComplaintReopened(
        reopening_id=command.reopening_id,
        reason=command.reason,
        undone=undone,
        by=taker(context.actor),
    )
    if has_item(case, command.reopening_id, made):
        return []
    if case.status not in ENDED and not judged_invalid:
        raise ComplaintNotEnded
    return [made]


def _call_back(case: Complaint, command: RecordCallback) -> Sequence[ClosureEvent]:
    made = CalledBack(
        callback_id=command.callback_id,
        reached=command.reached,
        satisfaction=command.satisfaction,
        comment=command.comment,
    )
    if has_item(case, command.callback_id, made):
        return []
    if case.status not in ENDED:
        raise ComplaintNotEnded
    if command.reached != (command.satisfaction is not None):
        raise SatisfactionUnclear
    return [made]


# --- what follows ---------------------------------------------------------------------------------


def _closed(case: Complaint, event: ComplaintClosed) -> Complaint:
    return case.after(
        status=Status.CLOSED,
        items=case.items.with_item(event.closure_id, event),
        taken=case.taken.take(Step.CLOSURE, event.by),
        work=case.work._replace(closed_on=event.ground),
    )


def _reopened(case: Complaint, event: ComplaintReopened) -> Complaint:
    sorting, status = case.sorting, Status.IN_HANDLING
    if Step.JUDGEMENT in event.undone:
        sorting, status = sorting._replace(judged=None, answered=None), Status.REGISTERED
    return case.after(
        status=status,
        sorting=sorting,
        items=case.items.with_item(event.reopening_id, event),
        taken=case.taken.undo(event.undone),
    )


def _called_back(case: Complaint, event: CalledBack) -> Complaint:
    return case.after(items=case.items.with_item(event.callback_id, event))


FOLLOW: Follow = {
    ComplaintClosed: _closed,
    ComplaintReopened: _reopened,
    CalledBack: _called_back,
}
