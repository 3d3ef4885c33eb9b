"""Beyond the case: arbitration, and litigation, in which the legal unit supports."""

from collections.abc import Sequence
from datetime import date
from typing import assert_never
from uuid import UUID

from domain.complaint.case import (
    Complaint,
    Follow,
    has_item,
    is_on,
    past_day,
    registered,
    same_wish,
)
from domain.complaint.sorting import organisation
from domain.complaint.words import ArbitrationOutcome, LitigationOutcome
from domain.declare import Command, Context, NotFound, Refusal, Unacceptable, command, event
from domain.fields import BusinessDate, Code, Line, Narrative, Personal

# --- events ---------------------------------------------------------------------------------------


@event("complaint.arbitration_opened")
class ArbitrationOpened:
    """A body outside the company was asked to decide between the parties."""

    arbitration_id: UUID
    body: str
    file_number: str | None
    opened_on: date


@event("complaint.arbitration_ended")
class ArbitrationEnded:
    """The arbitration has ended this way."""

    arbitration_id: UUID
    outcome: ArbitrationOutcome
    ended_on: date
    ruling: Personal[str] | None


@event("complaint.litigation_opened")
class LitigationOpened:
    """A court was asked; the support unit (legal) now has a part in the case."""

    litigation_id: UUID
    court: str
    file_number: str | None
    opened_on: date
    support_unit: str


@event("complaint.litigation_ended")
class LitigationEnded:
    """The litigation has ended this way."""

    litigation_id: UUID
    outcome: LitigationOutcome
    ended_on: date
    ruling: Personal[str] | None


# --- commands -------------------------------------------------------------------------------------


@command
class OpenArbitration(Command):
    """Record that an outside body was asked to decide."""

    arbitration_id: UUID
    body: Line
    opened_on: BusinessDate
    file_number: Code | None = None


@command
class EndArbitration(Command):
    """Record how an arbitration ended."""

    arbitration_id: UUID
    outcome: ArbitrationOutcome
    ended_on: BusinessDate
    ruling: Narrative | None = None


@command
class OpenLitigation(Command):
    """Record that a court was asked."""

    litigation_id: UUID
    court: Line
    opened_on: BusinessDate
    file_number: Code | None = None
    support_unit: Code = "legal"


@command
class EndLitigation(Command):
    """Record how a litigation ended."""

    litigation_id: UUID
    outcome: LitigationOutcome
    ended_on: BusinessDate
    ruling: Narrative | None = None


# --- refusals -------------------------------------------------------------------------------------


class ArbitrationNotFound(NotFound, code="complaint.arbitration_not_found"):
    """The case has no arbitration of this id."""


class ArbitrationIsOpen(Refusal, code="complaint.arbitration_is_open"):
    """An arbitration of this case is still open."""


class ArbitrationHasEnded(Refusal, code="complaint.arbitration_has_ended"):
    """This arbitration has ended already."""


class LitigationNotFound(NotFound, code="complaint.litigation_not_found"):
    """The case has no litigation of this id."""


class LitigationIsOpen(Refusal, code="complaint.litigation_is_open"):
    """A litigation of this case is still open."""


class LitigationHasEnded(Refusal, code="complaint.litigation_has_ended"):
    """This litigation has ended already."""


class EndedBeforeOpened(Unacceptable, code="complaint.ended_before_opened"):
    """What is ended was opened before; the day of the end is not earlier."""


# --- rules ----------------------------------------------------------------------------------------

BeyondCommand = OpenArbitration | EndArbitration | OpenLitigation | EndLitigation
BeyondEvent = ArbitrationOpened | ArbitrationEnded | LitigationOpened | LitigationEnded


def decide(case: Complaint, command: BeyondCommand, context: Context) -> Sequence[BeyondEvent]:
    """Decide on what goes beyond the case; it goes its own way, also after the case has ended."""
    registered(case)
    match command:
        case OpenArbitration():
            return _open_arbitration(case, command, context)
        case EndArbitration():
            return _end_arbitration(case, command, context)
        case OpenLitigation():
            return _open_litigation(case, command, context)
        case EndLitigation():
            return _end_litigation(case, command, context)
    assert_never(command)


def _open_arbitration(
    case: Complaint, command: OpenArbitration, context: Context
) -> Sequence[BeyondEvent]:
    made = ArbitrationOpened(
        arbitration_id=command.arbitration_id,
        body=command.body,
        file_number=command.file_number,
        opened_on=command.opened_on,
    )
    if has_item(case, command.arbitration_id, made):
        return []
    if is_on(case, case.work.arbitration_id):
        raise ArbitrationIsOpen
    past_day(command.opened_on, context)
    return [made]


def _end_arbitration(
    case: Complaint, command: EndArbitration, context: Context
) -> Sequence[BeyondEvent]:
    opened = case.items.get(command.arbitration_id)
    if not isinstance(opened, ArbitrationOpened):
        raise ArbitrationNotFound
    made = ArbitrationEnded(
        arbitration_id=command.arbitration_id,
        outcome=command.outcome,
        ended_on=command.ended_on,
        ruling=command.ruling,
    )
    standing = case.outcomes.get(command.arbitration_id)
    if standing is not None:
        if same_wish(standing, made):
            return []
        raise ArbitrationHasEnded
    _end_day(opened.opened_on, command.ended_on, context)
    return [made]


def _open_litigation(
    case: Complaint, command: OpenLitigation, context: Context
) -> Sequence[BeyondEvent]:
    made = LitigationOpened(
        litigation_id=command.litigation_id,
        court=command.court,
        file_number=command.file_number,
        opened_on=command.opened_on,
        support_unit=command.support_unit,
    )
    if has_item(case, command.litigation_id, made):
        return []
    if is_on(case, case.work.litigation_id):
        raise LitigationIsOpen
    past_day(command.opened_on, context)
    organisation(context).check_unit(command.support_unit)
    return [made]


def _end_litigation(
    case: Complaint, command: EndLitigation, context: Context
) -> Sequence[BeyondEvent]:
    opened = case.items.get(command.litigation_id)
    if not isinstance(opened, LitigationOpened):
        raise LitigationNotFound
    made = LitigationEnded(
        litigation_id=command.litigation_id,
        outcome=command.outcome,
        ended_on=command.ended_on,
        ruling=command.ruling,
    )
    standing = case.outcomes.get(command.litigation_id)
    if standing is not None:
        if same_wish(standing, made):
            return []
        raise LitigationHasEnded
    _end_day(opened.opened_on, command.ended_on, context)
    return [made]


def _end_day(opened_on: date, ended_on: date, context: Context) -> None:
    past_day(ended_on, context)
    if ended_on < opened_on:
        raise EndedBeforeOpened(opened=opened_on.isoformat(), ended=ended_on.isoformat())


# --- what follows ---------------------------------------------------------------------------------


def _arbitration_opened(case: Complaint, event: ArbitrationOpened) -> Complaint:
    return case.after(
        items=case.items.with_item(event.arbitration_id, event),
        work=case.work._replace(arbitration_id=event.arbitration_id),
    )


def _arbitration_ended(case: Complaint, event: ArbitrationEnded) -> Complaint:
    return case.after(outcomes=case.outcomes.with_item(event.arbitration_id, event))


def _litigation_opened(case: Complaint, event: LitigationOpened) -> Complaint:
    return case.after(
        items=case.items.with_item(event.litigation_id, event),
        work=case.work._replace(litigation_id=event.litigation_id),
        asked_units=case.asked_units | {event.support_unit},
    )


def _litigation_ended(case: Complaint, event: LitigationEnded) -> Complaint:
    return case.after(outcomes=case.outcomes.with_item(event.litigation_id, event))


FOLLOW: Follow = {
    ArbitrationOpened: _arbitration_opened,
    ArbitrationEnded: _arbitration_ended,
    LitigationOpened: _litigation_opened,
    LitigationEnded: _litigation_ended,
}
