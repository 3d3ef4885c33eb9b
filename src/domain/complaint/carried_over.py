"""Carried over: the steps of a case that lived in another system, each with its source row."""

from datetime import datetime
from uuid import UUID

from domain.complaint.words import CarriedMeaning, Priority, WaitingFor
from domain.declare import Command, Unacceptable, command, event
from domain.fields import Code, Line

# --- events ---------------------------------------------------------------------------------------


@event("complaint.step_carried_over")
class StepCarriedOver:
    """A row of the source: when it happened there, what it said, and what that means here.

    `reopened` is recorded as it was found: the source had ended the case and worked on. `unit` is
    the source's group, `resource` an opaque code of whoever did it, `impact` the source's word.
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


# --- commands -------------------------------------------------------------------------------------


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


# --- refusals -------------------------------------------------------------------------------------


class WaitingForNobody(Unacceptable, code="complaint.waiting_for_nobody"):
    """A step that waits says for whom, and no other step does."""
