"""Guidance: instructions from above, and reminders (催办) to whoever is late."""

from collections.abc import Sequence
from typing import Annotated, assert_never
from uuid import UUID

from domain.complaint.ahead import next_steps
from domain.complaint.case import Complaint, Follow, has_item, open_case, procedure_of, registered
from domain.complaint.inquiries import InquirySent
from domain.complaint.sorting import organisation
from domain.complaint.vrt import VrtFormed
from domain.complaint.words import Awaited
from domain.declare import (
    Command,
    Context,
    NotPermitted,
    Refusal,
    Role,
    Unacceptable,
    command,
    event,
)
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


# --- rules ----------------------------------------------------------------------------------------

GuidanceCommand = GiveInstruction | SendReminder
GuidanceEvent = InstructionGiven | ReminderSent


def decide(case: Complaint, command: GuidanceCommand, context: Context) -> Sequence[GuidanceEvent]:
    """Decide on instructions and reminders."""
    registered(case)
    match command:
        case GiveInstruction():
            return _instruct(case, command, context)
        case SendReminder():
            return _remind(case, command, context)
    assert_never(command)


def _instruct(
    case: Complaint, command: GiveInstruction, context: Context
) -> Sequence[GuidanceEvent]:
    made = InstructionGiven(
        instruction_id=command.instruction_id,
        instruction=command.instruction,
        to_unit=command.to_unit,
    )
    if has_item(case, command.instruction_id, made):
        return []
    open_case(case)
    if not context.actor.has(Role.SUPERVISOR, Role.UNIT_HEAD, Role.MANAGER):
        raise InstructionFromBelow
    if command.to_unit is not None:
        organisation(context).check_unit(command.to_unit)
    return [made]


def _remind(case: Complaint, command: SendReminder, context: Context) -> Sequence[GuidanceEvent]:
    standing = case.items.get(command.reminder_id)
    if isinstance(standing, ReminderSent):
        asked = (command.awaited, command.n, command.note)
        if (standing.awaited, standing.n, standing.note) == asked:
            return []
    has_item(case, command.reminder_id, command)  # an item of this id that is no such reminder
    open_case(case)
    if (command.n is not None) != (command.awaited in (Awaited.INQUIRY_ANSWER, Awaited.VRT_REPORT)):
        raise ReminderUnclear
    unit, dealer_id, handler = _late(case, command, context)
    return [
        ReminderSent(
            reminder_id=command.reminder_id,
            awaited=command.awaited,
            n=command.n,
            to_unit=unit,
            to_dealer_id=dealer_id,
            to_handler=handler,
            note=command.note,
        )
    ]


def _late(
    case: Complaint, command: SendReminder, context: Context
) -> tuple[str | None, str | None, str | None]:
    """Return the unit, the dealer and the account that owe it, or raise `NothingAwaited`."""
    nothing = NothingAwaited(awaited=command.awaited.value, n=command.n)
    if command.awaited is Awaited.INQUIRY_ANSWER:
        inquiry = case.numbered(InquirySent, command.n or 0)
        if inquiry is None or case.outcomes.has(inquiry.inquiry_id):
            raise nothing
        return inquiry.unit, None, None
    if command.awaited is Awaited.VRT_REPORT:
        team = case.numbered(VrtFormed, command.n or 0)
        if team is None or case.outcomes.has(team.vrt_id):
            raise nothing
        return None, None, team.lead
    ahead = next_steps(procedure_of(case, context), case.taken, case.status)
    if all(step.name != command.awaited for step in ahead):
        raise nothing
    if command.awaited in (Awaited.PLAN, Awaited.PLAN_EXECUTION, Awaited.COMPLETION):
        return case.sorting.unit, case.sorting.dealer_id, None
    return None, None, case.sorting.handler


# --- what follows ---------------------------------------------------------------------------------


def _instructed(case: Complaint, event: InstructionGiven) -> Complaint:
    asked = case.asked_units if event.to_unit is None else case.asked_units | {event.to_unit}
    return case.after(items=case.items.with_item(event.instruction_id, event), asked_units=asked)


def _reminded(case: Complaint, event: ReminderSent) -> Complaint:
    return case.after(items=case.items.with_item(event.reminder_id, event))


FOLLOW: Follow = {InstructionGiven: _instructed, ReminderSent: _reminded}
