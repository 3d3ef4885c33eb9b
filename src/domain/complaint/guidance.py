"""Guidance: instructions from above, and reminders (催办) to whoever is late."""

from typing import Annotated
from uuid import UUID

from domain.complaint.words import Awaited
from domain.declare import Command, NotPermitted, Refusal, Unacceptable, command, event
from domain.fields import Between, Code, Line, Narrative, Personal

# --- events ---------------------------------------------------------------------------------------


@event("complaint.instruction_given")
class InstructionGiven:
    """A superior told those who handle the case, or one unit, what to do."""

    instruction_id: UUID
    instruction: Personal[str]
    to_unit: str | None = None


@event("complaint.reminder_sent")
class ReminderSent:
    """Whoever owes something was reminded; whom that reached is recorded as it was then."""

    reminder_id: UUID
    awaited: Awaited
    n: int | None = None
    to_unit: str | None = None
    to_dealer_id: str | None = None
    to_handler: str | None = None
    note: Personal[str] | None = None


# --- commands -------------------------------------------------------------------------------------


@command
class GiveInstruction(Command):
    """Tell those who handle the case, or one unit, what to do."""

    instruction_id: UUID
    instruction: Narrative
    to_unit: Code | None = None


@command
class SendReminder(Command):
    """Remind whoever owes `awaited`; of an inquiry or a VRT, `n` says which."""

    reminder_id: UUID
    awaited: Awaited
    n: Annotated[int, Between(1, 100_000)] | None = None
    note: Line | None = None


# --- refusals -------------------------------------------------------------------------------------


class InstructionFromBelow(NotPermitted, code="complaint.instruction_from_below"):
    """Instructions are given by a supervisor, a unit head or the manager."""


class NothingAwaited(Refusal, code="complaint.nothing_awaited"):
    """Nobody owes this, or it was given already."""


class ReminderUnclear(Unacceptable, code="complaint.reminder_unclear"):
    """A reminder of an inquiry or of a VRT says which; a reminder of anything else does not."""
