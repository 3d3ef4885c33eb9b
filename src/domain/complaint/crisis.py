"""Crisis: a case that has become one, with progress bulletins; the marketing unit supports."""

from collections.abc import Sequence
from typing import assert_never
from uuid import UUID

from domain.complaint.case import Complaint, Follow, has_item, is_on, registered, same_wish
from domain.complaint.sorting import organisation
from domain.complaint.words import CrisisLevel
from domain.declare import Command, Context, NotFound, Refusal, command, event
from domain.fields import Code, Narrative, Personal

# --- events ---------------------------------------------------------------------------------------


@event("complaint.crisis_declared")
class CrisisDeclared:
    """The case has become a crisis; the support unit (marketing) now has a part in it."""

    crisis_id: UUID
    level: CrisisLevel
    reason: Personal[str]
    support_unit: str


@event("complaint.crisis_bulletin_issued")
class CrisisBulletinIssued:
    """Those concerned were told how the crisis goes; `n` counts the case's bulletins from 1."""

    bulletin_id: UUID
    crisis_id: UUID
    n: int
    bulletin: Personal[str]


@event("complaint.crisis_ended")
class CrisisEnded:
    """The crisis is over."""

    crisis_id: UUID
    summary: Personal[str]


# --- commands -------------------------------------------------------------------------------------


@command
class DeclareCrisis(Command):
    """Declare the case a crisis."""

    crisis_id: UUID
    level: CrisisLevel
    reason: Narrative
    support_unit: Code = "marketing"


@command
class IssueCrisisBulletin(Command):
    """Tell those concerned how the crisis goes."""

    bulletin_id: UUID
    crisis_id: UUID
    bulletin: Narrative


@command
class EndCrisis(Command):
    """Declare the crisis over."""

    crisis_id: UUID
    summary: Narrative


# --- refusals -------------------------------------------------------------------------------------


class CrisisNotFound(NotFound, code="complaint.crisis_not_found"):
    """The case has no crisis of this id."""


class CrisisIsOn(Refusal, code="complaint.crisis_is_on"):
    """A crisis of this case is already declared and not over."""


class CrisisIsOver(Refusal, code="complaint.crisis_is_over"):
    """This crisis is over."""


# --- rules ----------------------------------------------------------------------------------------

CrisisCommand = DeclareCrisis | IssueCrisisBulletin | EndCrisis
CrisisEvent = CrisisDeclared | CrisisBulletinIssued | CrisisEnded


def decide(case: Complaint, command: CrisisCommand, context: Context) -> Sequence[CrisisEvent]:
    """Decide on a crisis; it goes its own way, also after the case has ended."""
    registered(case)
    match command:
        case DeclareCrisis():
            return _declare_crisis(case, command, context)
        case IssueCrisisBulletin():
            return _issue_bulletin(case, command)
        case EndCrisis():
            return _end_crisis(case, command)
    assert_never(command)


def _declare_crisis(
    case: Complaint, command: DeclareCrisis, context: Context
) -> Sequence[CrisisEvent]:
    made = CrisisDeclared(
        crisis_id=command.crisis_id,
        level=command.level,
        reason=command.reason,
        support_unit=command.support_unit,
    )
    if has_item(case, command.crisis_id, made):
        return []
    if is_on(case, case.work.crisis_id):
        raise CrisisIsOn
    organisation(context).check_unit(command.support_unit)
    return [made]


def _issue_bulletin(case: Complaint, command: IssueCrisisBulletin) -> Sequence[CrisisEvent]:
    made = CrisisBulletinIssued(
        bulletin_id=command.bulletin_id,
        crisis_id=command.crisis_id,
        n=case.number_of(CrisisBulletinIssued) + 1,
        bulletin=command.bulletin,
    )
    if has_item(case, command.bulletin_id, made):
        return []
    if not isinstance(case.items.get(command.crisis_id), CrisisDeclared):
        raise CrisisNotFound
    if not is_on(case, command.crisis_id):
        raise CrisisIsOver
    return [made]


def _end_crisis(case: Complaint, command: EndCrisis) -> Sequence[CrisisEvent]:
    if not isinstance(case.items.get(command.crisis_id), CrisisDeclared):
        raise CrisisNotFound
    made = CrisisEnded(crisis_id=command.crisis_id, summary=command.summary)
    standing = case.outcomes.get(command.crisis_id)
    if standing is not None:
        if same_wish(standing, made):
            return []
        raise CrisisIsOver
    return [made]


# --- what follows ---------------------------------------------------------------------------------


def _crisis_declared(case: Complaint, event: CrisisDeclared) -> Complaint:
    return case.after(
        items=case.items.with_item(event.crisis_id, event),
        work=case.work._replace(crisis_id=event.crisis_id),
        asked_units=case.asked_units | {event.support_unit},
    )


def _bulletin_issued(case: Complaint, event: CrisisBulletinIssued) -> Complaint:
    return case.after(items=case.items.with_item(event.bulletin_id, event))


def _crisis_ended(case: Complaint, event: CrisisEnded) -> Complaint:
    return case.after(outcomes=case.outcomes.with_item(event.crisis_id, event))


FOLLOW: Follow = {
    CrisisDeclared: _crisis_declared,
    CrisisBulletinIssued: _bulletin_issued,
    CrisisEnded: _crisis_ended,
}
