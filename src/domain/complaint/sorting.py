"""Sorting: the complaint is classified, graded into a priority, and assigned to its handler."""

from domain.complaint.words import Importance, Kind, Priority, Risk
from domain.declare import Command, Refusal, Unacceptable, command, event
from domain.fields import Code, Line, Personal
from domain.procedure import Taker
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
    """

    region: str | None
    dealer_id: str | None
    unit: str | None
    by: Taker
    handler: str | None = None
    reason: Personal[str] | None = None


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
