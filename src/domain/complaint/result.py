"""The result: it is announced to the customer and confirmed by her and by a second party."""

from collections.abc import Sequence
from typing import assert_never
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
from domain.complaint.words import Channel, ConfirmingParty, Outcome, Status, Step
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
from domain.fields import Narrative, Personal
from domain.procedure import Procedure, Taker, taker, undone_by

# --- events ---------------------------------------------------------------------------------------


@event("complaint.result_announced")
class ResultAnnounced:
    """The customer was told the result."""

    result_id: UUID
    outcome: Outcome
    channel: Channel
    answer: Personal[str]
    by: Taker


@event("complaint.result_confirmed")
class ResultConfirmed:
    """The party confirms the result; where it `settles`, nobody else has to."""

    confirmation_id: UUID
    party: ConfirmingParty
    channel: Channel | None
    comment: Personal[str] | None
    settles: bool
    by: Taker


@event("complaint.result_not_confirmed")
class ResultNotConfirmed:
    """The party does not confirm the result; the steps `undone` are to be taken anew."""

    confirmation_id: UUID
    party: ConfirmingParty
    channel: Channel | None
    reason: Personal[str]
    undone: tuple[str, ...]
    by: Taker


# --- commands -------------------------------------------------------------------------------------


@command
class AnnounceResult(Command):
    """Record that the customer was told the result."""

    result_id: UUID
    outcome: Outcome
    channel: Channel
    answer: Narrative


@command
class ConfirmResult(Command):
    """Confirm the announced result, or say why not (`comment`), for one of the parties."""

    confirmation_id: UUID
    party: ConfirmingParty
    confirmed: bool
    channel: Channel | None = None
    comment: Narrative | None = None


# --- refusals -------------------------------------------------------------------------------------


class ResultAlreadyAnnounced(Refusal, code="complaint.result_already_announced"):
    """A result is announced already; another one is announced when it is not confirmed."""


class ResultNotAnnounced(Refusal, code="complaint.result_not_announced"):
    """The result is announced before anybody confirms it."""


class AlreadyConfirmed(Refusal, code="complaint.already_confirmed"):
    """This party has confirmed the result already."""


class SentToAnotherUnit(NotPermitted, code="complaint.sent_to_another_unit"):
    """The completed request went to another unit, and that one confirms it."""


class NotConfirmedNeedsReason(Unacceptable, code="complaint.not_confirmed_needs_reason"):
    """Whoever does not confirm a result says why."""


# --- rules ----------------------------------------------------------------------------------------

ResultCommand = AnnounceResult | ConfirmResult
ResultEvent = ResultAnnounced | ResultConfirmed | ResultNotConfirmed

CONFIRMATION = {
    ConfirmingParty.CUSTOMER: Step.CUSTOMER_CONFIRMATION,
    ConfirmingParty.SECOND: Step.SECOND_CONFIRMATION,
}
"""The step that each party's confirmation is."""


def decide(case: Complaint, command: ResultCommand, context: Context) -> Sequence[ResultEvent]:
    """Decide on the result and its confirmations."""
    registered(case)
    match command:
        case AnnounceResult():
            return _announce(case, command, context)
        case ConfirmResult(confirmed=True):
            return _confirm(case, command, context)
        case ConfirmResult():
            return _do_not_confirm(case, command, context)
    assert_never(command)


def _announce(case: Complaint, command: AnnounceResult, context: Context) -> Sequence[ResultEvent]:
    made = ResultAnnounced(
        result_id=command.result_id,
        outcome=command.outcome,
        channel=command.channel,
        answer=command.answer,
        by=taker(context.actor),
    )
    if has_item(case, command.result_id, made):
        return []
    open_case(case)
    if case.stands(Step.RESULT):
        raise ResultAlreadyAnnounced
    take(case, context, Step.RESULT, variant=command.outcome)
    return [made]


def _confirm(case: Complaint, command: ConfirmResult, context: Context) -> Sequence[ResultEvent]:
    step = CONFIRMATION[command.party]
    made = ResultConfirmed(
        confirmation_id=command.confirmation_id,
        party=command.party,
        channel=command.channel,
        comment=command.comment,
        settles=_settles(procedure_of(case, context), case, step),
        by=taker(context.actor),
    )
    if has_item(case, command.confirmation_id, made):
        return []
    _may_confirm(case, step, context)
    return [made]


def _do_not_confirm(
    case: Complaint, command: ConfirmResult, context: Context
) -> Sequence[ResultEvent]:
    if command.comment is None:
        raise NotConfirmedNeedsReason
    step = CONFIRMATION[command.party]
    undone = undone_by(procedure_of(case, context), case.taken, step)
    made = ResultNotConfirmed(
        confirmation_id=command.confirmation_id,
        party=command.party,
        channel=command.channel,
        reason=command.comment,
        undone=undone or (Step.RESULT.value,),
        by=taker(context.actor),
    )
    if has_item(case, command.confirmation_id, made):
        return []
    _may_confirm(case, step, context)
    return [made]


def _may_confirm(case: Complaint, step: Step, context: Context) -> None:
    open_case(case)
    if not case.stands(Step.RESULT):
        raise ResultNotAnnounced
    if case.stands(step):
        raise AlreadyConfirmed
    acting = context.actor.roles.intersection(take(case, context, step).roles)
    unit = case.work.sent_to_unit if case.stands(Step.COMPLETION) else None
    for_a_unit = bool(acting) and acting <= {Role.UNIT, Role.UNIT_HEAD}
    if for_a_unit and unit not in (None, context.actor.unit):
        raise SentToAnotherUnit(unit=unit)


def _settles(procedure: Procedure, case: Complaint, step: Step) -> bool:
    """Tell whether nobody else has to confirm after this one."""
    for other in CONFIRMATION.values():
        rule = procedure.step(other)
        if rule is not None and not rule.optional and other is not step and not case.stands(other):
            return False
    return True


# --- what follows ---------------------------------------------------------------------------------


def _announced(case: Complaint, event: ResultAnnounced) -> Complaint:
    return case.after(
        status=Status.ANNOUNCED,
        items=case.items.with_item(event.result_id, event),
        taken=case.taken.take(Step.RESULT, event.by),
        work=case.work._replace(result=event),
    )


def _confirmed(case: Complaint, event: ResultConfirmed) -> Complaint:
    return case.after(
        status=Status.CONFIRMED if event.settles else None,
        items=case.items.with_item(event.confirmation_id, event),
        taken=case.taken.take(CONFIRMATION[event.party], event.by),
    )


def _not_confirmed(case: Complaint, event: ResultNotConfirmed) -> Complaint:
    return case.after(
        status=Status.IN_HANDLING,
        items=case.items.with_item(event.confirmation_id, event),
        taken=case.taken.undo(event.undone),
    )


FOLLOW: Follow = {
    ResultAnnounced: _announced,
    ResultConfirmed: _confirmed,
    ResultNotConfirmed: _not_confirmed,
}
