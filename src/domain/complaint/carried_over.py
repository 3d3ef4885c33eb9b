"""Carried over: the steps of a case that lived in another system, each with its source row."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from domain.complaint.case import (
    Complaint,
    ComplaintIsClosed,
    ComplaintIsInvalid,
    Follow,
    has_item,
    past_instant,
    registered,
    take,
)
from domain.complaint.words import CarriedMeaning, Priority, Status, Step, WaitingFor
from domain.declare import Command, Context, Unacceptable, command, event, value
from domain.fields import Code, Items, Line

# --- events ---------------------------------------------------------------------------------------


@value
class SourceAttribute:
    """What else the source's row said: a column's name and its value, in the source's words."""

    name: str
    value: str


@event("complaint.step_carried_over")
class StepCarriedOver:
    """A row of the source: when it happened there, what it said, and what that means here.

    `reopened` is recorded as it was found: the source had ended the case and worked on. `unit` is
    the source's group, `resource` an opaque code of whoever did it, `impact` the source's word.
    `attributes` are the row's other columns, none of which may name a person.
    """

    step_id: UUID
    source_row: str
    happened_at: datetime
    source_status: str
    meaning: CarriedMeaning
    reopened: bool = False
    unit: str | None = None
    org_role: str | None = None
    resource: str | None = None
    impact: str | None = None
    priority: Priority | None = None
    waiting_for: WaitingFor | None = None
    attributes: tuple[SourceAttribute, ...] = ()


# --- commands -------------------------------------------------------------------------------------


@value
class GivenAttribute:
    """A further column of the source's row."""

    name: Line
    value: Line


@command
class CarryOverStep(Command):
    """Carry one row of the source over, in the order in which the source has them."""

    step_id: UUID
    source_row: Line
    happened_at: datetime
    source_status: Line
    meaning: CarriedMeaning
    unit: Code | None = None
    org_role: Code | None = None
    resource: Code | None = None
    impact: Line | None = None
    priority: Priority | None = None
    waiting_for: WaitingFor | None = None
    attributes: Annotated[tuple[GivenAttribute, ...], Items(max=100)] = ()


# --- refusals -------------------------------------------------------------------------------------


class WaitingForNobody(Unacceptable, code="complaint.waiting_for_nobody"):
    """A step that waits says for whom, and no other step does."""


# --- rules ----------------------------------------------------------------------------------------

_ENDS = frozenset({CarriedMeaning.COMPLETED, CarriedMeaning.CLOSED, CarriedMeaning.CANCELLED})
_WORKS = frozenset(
    {
        CarriedMeaning.ASSIGNED,
        CarriedMeaning.IN_PROGRESS,
        CarriedMeaning.WAITING,
        CarriedMeaning.REOPENED,
    }
)


def decide(case: Complaint, command: CarryOverStep, context: Context) -> Sequence[StepCarriedOver]:
    """Carry a row over as it is. Rows are never merged: two that say the same are two steps."""
    registered(case)
    ended = case.status in (Status.COMPLETED, Status.CLOSED)
    made = StepCarriedOver(
        step_id=command.step_id,
        source_row=command.source_row,
        happened_at=past_instant(command.happened_at, context),
        source_status=command.source_status,
        meaning=command.meaning,
        reopened=ended and command.meaning in _WORKS,
        unit=command.unit,
        org_role=command.org_role,
        resource=command.resource,
        impact=command.impact,
        priority=command.priority,
        waiting_for=command.waiting_for,
        attributes=tuple(SourceAttribute(name=a.name, value=a.value) for a in command.attributes),
    )
    if has_item(case, command.step_id, made):
        return []
    if case.status in (Status.INVALID, Status.ANSWERED):  # judged here, likewise
        raise ComplaintIsInvalid
    if case.stands(Step.CLOSURE):  # it was closed here, on a ground: the source no longer leads
        raise ComplaintIsClosed
    take(case, context, Step.CARRY_OVER)
    if (command.waiting_for is not None) != (command.meaning is CarriedMeaning.WAITING):
        raise WaitingForNobody
    return [made]


# --- what follows ---------------------------------------------------------------------------------

_STATUS = {
    CarriedMeaning.ASSIGNED: Status.ASSIGNED,
    CarriedMeaning.IN_PROGRESS: Status.IN_HANDLING,
    CarriedMeaning.WAITING: Status.WAITING,
    CarriedMeaning.COMPLETED: Status.COMPLETED,
    CarriedMeaning.CLOSED: Status.CLOSED,
    CarriedMeaning.CANCELLED: Status.CLOSED,
    CarriedMeaning.REOPENED: Status.IN_HANDLING,
}


def _carried_over(case: Complaint, event: StepCarriedOver) -> Complaint:
    sorting = case.sorting
    unit = sorting.unit if event.unit is None else event.unit
    priority = sorting.priority if event.priority is None else event.priority
    if (unit, priority) != (sorting.unit, sorting.priority):
        sorting = sorting._replace(unit=unit, priority=priority)
    return case.after(
        status=_STATUS.get(event.meaning),
        sorting=sorting,
        items=case.items.with_item(event.step_id, event),
    )


FOLLOW: Follow = {StepCarriedOver: _carried_over}
