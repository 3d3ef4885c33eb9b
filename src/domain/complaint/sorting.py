"""Sorting: the complaint is classified, graded into a priority, and assigned to its handler."""

from collections.abc import Sequence
from typing import assert_never

from domain.complaint.case import Complaint, Follow, open_case, same_wish, take
from domain.complaint.grading import Grading, grade
from domain.complaint.intake import named_procedure, procedure_serving
from domain.complaint.words import AssignedTo, Importance, Kind, Priority, Risk, Status, Step
from domain.declare import Command, Context, Refusal, Unacceptable, command, event
from domain.fields import Code, Line, Personal
from domain.organisation import Organisation
from domain.procedure import Taker, taker
from domain.rulebook import DocumentName, Pin

# --- events ---------------------------------------------------------------------------------------


@event("complaint.classified")
class ComplaintClassified:
    """The kind and the subject are these, and from now on the case follows this procedure."""

    kind: Kind
    subject: str
    procedure: Pin
    by: Taker
    reason: Personal[str] | None = None


@event("complaint.graded")
class ComplaintGraded:
    """The priority that this version of the grading gave, with what counted for it."""

    importance: Importance
    priority: Priority
    points: int
    risks: tuple[Risk, ...]
    grading: Pin
    by: Taker
    reason: Personal[str] | None = None


@event("complaint.assigned")
class ComplaintAssigned:
    """From now on a dealer of a region, or a handling unit, works on it.

    `handler` is the account of the complaint specialist who owns the case, where one was named.
    `undone` stands no longer: a plan not carried out does not bind another dealer or unit.
    """

    region: str | None
    dealer_id: str | None
    unit: str | None
    by: Taker
    handler: str | None = None
    reason: Personal[str] | None = None
    undone: tuple[str, ...] = ()


# --- commands -------------------------------------------------------------------------------------


@command
class ClassifyComplaint(Command):
    """Say of what kind and subject it is; classifying it anew takes a reason.

    Without `procedure` the case keeps the one it has while the kind stays, else it gets the one
    that serves the kind.
    """

    kind: Kind
    subject: Code
    procedure: DocumentName | None = None
    reason: Line | None = None


@command
class GradeComplaint(Command):
    """Say how important it is; the grading in force makes a priority of it. Anew with a reason."""

    importance: Importance
    reason: Line | None = None


@command
class AssignComplaint(Command):
    """Give it to a dealer of a region, or to a handling unit; to another one with a reason."""

    region: Code | None = None
    dealer_id: Code | None = None
    unit: Code | None = None
    handler: Code | None = None
    reason: Line | None = None


# --- refusals -------------------------------------------------------------------------------------


class AlreadyClassified(Refusal, code="complaint.already_classified"):
    """The complaint is classified already; classifying it anew takes a reason."""


class AlreadyGraded(Refusal, code="complaint.already_graded"):
    """The complaint is graded already; grading it anew takes a reason."""


class AlreadyAssigned(Refusal, code="complaint.already_assigned"):
    """The complaint is assigned already; giving it to somebody else takes a reason."""


class AssignmentUnclear(Unacceptable, code="complaint.assignment_unclear"):
    """A complaint is assigned to a dealer with its region, or to one handling unit."""


# --- rules ----------------------------------------------------------------------------------------

SortingCommand = ClassifyComplaint | GradeComplaint | AssignComplaint
SortingEvent = ComplaintClassified | ComplaintGraded | ComplaintAssigned

GRADING = "default"
ORGANISATION = "default"


def organisation(context: Context) -> Organisation:
    """Return the organisation as it is now."""
    return context.rules.in_force(Organisation, ORGANISATION, context.now).content


def decide(case: Complaint, command: SortingCommand, context: Context) -> Sequence[SortingEvent]:
    """Decide on the sorting. Deciding anew, otherwise than before, takes a reason."""
    open_case(case)
    match command:
        case ClassifyComplaint():
            return _classify(case, command, context)
        case GradeComplaint():
            return _grade(case, command, context)
        case AssignComplaint():
            return _assign(case, command, context)
    assert_never(command)


def _classify(
    case: Complaint, command: ClassifyComplaint, context: Context
) -> Sequence[SortingEvent]:
    standing = case.sorting.classified
    asked = (command.kind, command.subject, command.reason)
    if standing is not None:
        same_procedure = command.procedure in (None, standing.procedure.name)
        if (standing.kind, standing.subject, standing.reason) == asked and same_procedure:
            return []
        if command.reason is None:
            raise AlreadyClassified
    take(case, context, Step.CLASSIFICATION)
    return [
        ComplaintClassified(
            kind=command.kind,
            subject=command.subject,
            procedure=_procedure(case, command, context),
            reason=command.reason,
            by=taker(context.actor),
        )
    ]


def _procedure(case: Complaint, command: ClassifyComplaint, context: Context) -> Pin:
    assert case.procedure is not None
    if command.procedure is not None:
        if command.procedure == case.procedure.name:
            return case.procedure
        return named_procedure(command.procedure, context)
    if command.kind is case.facts.kind:
        return case.procedure
    serving = procedure_serving(command.kind, context)
    return case.procedure if serving.name == case.procedure.name else serving


def _grade(case: Complaint, command: GradeComplaint, context: Context) -> Sequence[SortingEvent]:
    standing = case.sorting.graded
    if standing is not None:
        if (standing.importance, standing.reason) == (command.importance, command.reason):
            return []
        if command.reason is None:
            raise AlreadyGraded
    take(case, context, Step.GRADING)
    published = context.rules.in_force(Grading, GRADING, context.now)
    classified = case.sorting.classified
    graded = grade(
        published.content,
        case.facts.kind,
        "" if classified is None else classified.subject,
        command.importance,
        case.facts.risks,
    )
    return [
        ComplaintGraded(
            importance=command.importance,
            priority=graded.priority,
            points=graded.points,
            risks=tuple(risk for risk in Risk if risk in case.facts.risks),
            grading=published.pin,
            reason=command.reason,
            by=taker(context.actor),
        )
    ]


def _assign(case: Complaint, command: AssignComplaint, context: Context) -> Sequence[SortingEvent]:
    to_dealer = command.dealer_id is not None and command.region is not None
    to_unit = command.unit is not None
    if to_dealer == to_unit or (command.dealer_id is not None) != to_dealer:
        raise AssignmentUnclear
    made = ComplaintAssigned(
        region=command.region,
        dealer_id=command.dealer_id,
        unit=command.unit,
        handler=command.handler,
        reason=command.reason,
        undone=_plan_left_behind(case, command),
        by=taker(context.actor),
    )
    standing = case.sorting.assigned
    if standing is not None:
        if same_wish(standing, made):
            return []
        if command.reason is None:
            raise AlreadyAssigned
    variant = AssignedTo.DEALER if to_dealer else AssignedTo.UNIT
    take(case, context, Step.ASSIGNMENT, variant=variant)
    if command.unit is not None:
        organisation(context).check_unit(command.unit)
    if command.region is not None:
        organisation(context).check_region(command.region)
    return [made]


def _plan_left_behind(case: Complaint, command: AssignComplaint) -> tuple[str, ...]:
    """Return the steps of a plan that goes with whoever made it: one neither told nor done."""
    now = (case.sorting.dealer_id, case.sorting.unit)
    if now == (command.dealer_id, command.unit):
        return ()
    if case.stands(Step.PLAN_EXECUTION) or case.stands(Step.RESULT):
        return ()
    return tuple(step.value for step in (Step.PLAN, Step.PLAN_APPROVAL) if case.stands(step))


# --- what follows ---------------------------------------------------------------------------------

_CLASSIFIED_FROM = frozenset({Status.REGISTERED, Status.VALID})
_GRADED_FROM = _CLASSIFIED_FROM | {Status.CLASSIFIED}
_STAYS_WHEN_ASSIGNED = frozenset({Status.COMPLETED, Status.ANNOUNCED, Status.CONFIRMED})


def _classified(case: Complaint, event: ComplaintClassified) -> Complaint:
    return case.after(
        status=Status.CLASSIFIED if case.status in _CLASSIFIED_FROM else None,
        procedure=event.procedure,
        facts=case.facts._replace(kind=event.kind),
        sorting=case.sorting._replace(classified=event),
        taken=case.taken.take(Step.CLASSIFICATION, event.by),
    )


def _graded(case: Complaint, event: ComplaintGraded) -> Complaint:
    return case.after(
        status=Status.GRADED if case.status in _GRADED_FROM else None,
        sorting=case.sorting._replace(graded=event, priority=event.priority),
        taken=case.taken.take(Step.GRADING, event.by),
    )


def _assigned(case: Complaint, event: ComplaintAssigned) -> Complaint:
    sorting = case.sorting._replace(
        assigned=event,
        region=event.region,
        dealer_id=event.dealer_id,
        unit=event.unit,
        handler=event.handler if event.handler is not None else case.sorting.handler,
    )
    return case.after(
        status=None if case.status in _STAYS_WHEN_ASSIGNED else Status.ASSIGNED,
        sorting=sorting,
        taken=case.taken.undo(event.undone).take(Step.ASSIGNMENT, event.by),
    )


FOLLOW: Follow = {
    ComplaintClassified: _classified,
    ComplaintGraded: _graded,
    ComplaintAssigned: _assigned,
}
