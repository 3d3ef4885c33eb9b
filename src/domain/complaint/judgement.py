"""Judgement: is it a complaint? One that is not is answered with a reason, and ends."""

from collections.abc import Sequence
from typing import assert_never

from domain.complaint.case import Complaint, Follow, open_case, registered, same_wish, take
from domain.complaint.words import AnswerThrough, Channel, Origin, Status, Step
from domain.declare import Command, Context, Refusal, Role, Unacceptable, command, event
from domain.fields import Narrative, Personal
from domain.procedure import Taker, taker

# --- events ---------------------------------------------------------------------------------------


@event("complaint.judged_valid")
class ComplaintJudgedValid:
    """It is a complaint, and is handled."""

    by: Taker
    reason: Personal[str] | None = None


@event("complaint.judged_invalid")
class ComplaintJudgedInvalid:
    """It is not a complaint, for this reason; it is answered and ends."""

    by: Taker
    reason: Personal[str]


@event("complaint.invalid_answered")
class InvalidComplaintAnswered:
    """An invalid complaint was answered, and the case has ended."""

    through: AnswerThrough
    channel: Channel
    answer: Personal[str]
    by: Taker


# --- commands -------------------------------------------------------------------------------------


@command
class JudgeComplaint(Command):
    """Say whether it is a complaint; saying no takes a reason."""

    valid: bool
    reason: Narrative | None = None


@command
class AnswerInvalidComplaint(Command):
    """Answer an invalid complaint, through the party that has to, and end the case."""

    through: AnswerThrough
    channel: Channel
    answer: Narrative


# --- refusals -------------------------------------------------------------------------------------


class AlreadyJudged(Refusal, code="complaint.already_judged"):
    """The complaint has been judged already; one judged invalid is reopened to be judged anew."""


class InvalidNeedsReason(Unacceptable, code="complaint.invalid_needs_reason"):
    """A complaint is judged invalid only with a reason."""


class NotJudgedInvalid(Refusal, code="complaint.not_judged_invalid"):
    """Only a complaint that was judged invalid is answered in this way."""


class AlreadyAnswered(Refusal, code="complaint.already_answered"):
    """The invalid complaint has been answered already."""


class AnswerGoesThroughSpecialist(Refusal, code="complaint.answer_goes_through_specialist"):
    """This complaint was not raised by a dealer; the service specialist gives the answer."""


class AnswerGoesThroughDealer(Refusal, code="complaint.answer_goes_through_dealer"):
    """A dealer raised this complaint; the answer goes through the dealer."""


# --- rules ----------------------------------------------------------------------------------------

JudgementCommand = JudgeComplaint | AnswerInvalidComplaint
JudgementEvent = ComplaintJudgedValid | ComplaintJudgedInvalid | InvalidComplaintAnswered


def decide(
    case: Complaint, command: JudgementCommand, context: Context
) -> Sequence[JudgementEvent]:
    """Decide on the judgement, and on the answer to an invalid complaint."""
    registered(case)
    match command:
        case JudgeComplaint():
            return _judge(case, command, context)
        case AnswerInvalidComplaint():
            return _answer_invalid(case, command, context)
    assert_never(command)


def _judge(case: Complaint, command: JudgeComplaint, context: Context) -> Sequence[JudgementEvent]:
    if not command.valid and command.reason is None:
        raise InvalidNeedsReason
    by = taker(context.actor)
    made: ComplaintJudgedValid | ComplaintJudgedInvalid
    if command.valid or command.reason is None:
        made = ComplaintJudgedValid(reason=command.reason, by=by)
    else:
        made = ComplaintJudgedInvalid(reason=command.reason, by=by)
    standing = case.sorting.judged
    if standing is not None:
        if same_wish(standing, made):
            return []
        raise AlreadyJudged
    open_case(case)
    take(case, context, Step.JUDGEMENT)
    return [made]


def _answer_invalid(
    case: Complaint, command: AnswerInvalidComplaint, context: Context
) -> Sequence[JudgementEvent]:
    made = InvalidComplaintAnswered(
        through=command.through,
        channel=command.channel,
        answer=command.answer,
        by=taker(context.actor),
    )
    if case.status is Status.ANSWERED:
        if same_wish(case.sorting.answered, made):
            return []
        raise AlreadyAnswered
    if case.status is not Status.INVALID:
        raise NotJudgedInvalid
    raised_by_dealer = case.facts.origin is Origin.DEALER
    if raised_by_dealer and command.through is not AnswerThrough.DEALER:
        raise AnswerGoesThroughDealer
    if not raised_by_dealer and command.through is not AnswerThrough.SERVICE_SPECIALIST:
        raise AnswerGoesThroughSpecialist
    if not raised_by_dealer and context.actor.roles == {Role.DEALER}:
        raise AnswerGoesThroughSpecialist
    take(case, context, Step.INVALID_ANSWER, variant=command.through)
    return [made]


# --- what follows ---------------------------------------------------------------------------------


def _judged_valid(case: Complaint, event: ComplaintJudgedValid) -> Complaint:
    return case.after(
        status=Status.VALID if case.status is Status.REGISTERED else None,
        sorting=case.sorting._replace(judged=event),
        taken=case.taken.take(Step.JUDGEMENT, event.by),
    )


def _judged_invalid(case: Complaint, event: ComplaintJudgedInvalid) -> Complaint:
    return case.after(status=Status.INVALID, sorting=case.sorting._replace(judged=event))


def _invalid_answered(case: Complaint, event: InvalidComplaintAnswered) -> Complaint:
    return case.after(status=Status.ANSWERED, sorting=case.sorting._replace(answered=event))


FOLLOW: Follow = {
    ComplaintJudgedValid: _judged_valid,
    ComplaintJudgedInvalid: _judged_invalid,
    InvalidComplaintAnswered: _invalid_answered,
}
