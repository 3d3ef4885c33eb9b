"""Inquiries: a unit is asked something about the case, and answers.

The step of answering stands as taken while no inquiry is open.
"""

from collections.abc import Sequence
from typing import Annotated, assert_never
from uuid import UUID

from domain.complaint.case import (
    Complaint,
    Follow,
    handled,
    has_item,
    open_case,
    registered,
    same_wish,
    take,
)
from domain.complaint.sorting import organisation
from domain.complaint.words import Step
from domain.declare import Command, Context, NotFound, NotPermitted, Refusal, Role, command, event
from domain.fields import Between, Code, Narrative, Personal
from domain.procedure import Taker, taker

# --- events ---------------------------------------------------------------------------------------


@event("complaint.inquiry_sent")
class InquirySent:
    """A unit was asked; `n` counts the inquiries of the case from 1."""

    inquiry_id: UUID
    n: int
    unit: str
    question: Personal[str]
    by: Taker


@event("complaint.inquiry_answered")
class InquiryAnswered:
    """The unit answered inquiry `n`."""

    n: int
    inquiry_id: UUID
    answer: Personal[str]
    by: Taker


# --- commands -------------------------------------------------------------------------------------

Number = Annotated[int, Between(1, 100_000)]


@command
class SendInquiry(Command):
    """Ask a unit something."""

    inquiry_id: UUID
    unit: Code
    question: Narrative


@command
class AnswerInquiry(Command):
    """Answer inquiry `n`."""

    n: Number
    answer: Narrative


# --- refusals -------------------------------------------------------------------------------------


class InquiryNotFound(NotFound, code="complaint.inquiry_not_found"):
    """The case has no inquiry of this number."""


class InquiryAlreadyAnswered(Refusal, code="complaint.inquiry_already_answered"):
    """This inquiry has been answered already; ask again if more is to be known."""


class InquiryOfAnotherUnit(NotPermitted, code="complaint.inquiry_of_another_unit"):
    """Another unit was asked."""


# --- rules ----------------------------------------------------------------------------------------

InquiriesCommand = SendInquiry | AnswerInquiry
InquiriesEvent = InquirySent | InquiryAnswered


def decide(
    case: Complaint, command: InquiriesCommand, context: Context
) -> Sequence[InquiriesEvent]:
    """Decide on inquiries and their answers."""
    registered(case)
    match command:
        case SendInquiry():
            return _send(case, command, context)
        case AnswerInquiry():
            return _answer(case, command, context)
    assert_never(command)


def _send(case: Complaint, command: SendInquiry, context: Context) -> Sequence[InquiriesEvent]:
    made = InquirySent(
        inquiry_id=command.inquiry_id,
        n=case.number_of(InquirySent) + 1,
        unit=command.unit,
        question=command.question,
        by=taker(context.actor),
    )
    if has_item(case, command.inquiry_id, made):
        return []
    open_case(case)
    take(case, context, Step.INQUIRY)
    organisation(context).check_unit(command.unit)
    return [made]


def _answer(case: Complaint, command: AnswerInquiry, context: Context) -> Sequence[InquiriesEvent]:
    inquiry = case.numbered(InquirySent, command.n)
    if inquiry is None:
        raise InquiryNotFound(n=command.n)
    made = InquiryAnswered(
        n=command.n,
        inquiry_id=inquiry.inquiry_id,
        answer=command.answer,
        by=taker(context.actor),
    )
    standing = case.outcomes.get(inquiry.inquiry_id)
    if standing is not None:
        if same_wish(standing, made):
            return []
        raise InquiryAlreadyAnswered(n=command.n)
    open_case(case)
    acting = context.actor.roles.intersection(take(case, context, Step.INQUIRY_ANSWER).roles)
    if acting and acting <= {Role.UNIT, Role.UNIT_HEAD} and context.actor.unit != inquiry.unit:
        raise InquiryOfAnotherUnit(n=command.n, unit=inquiry.unit)
    return [made]


# --- what follows ---------------------------------------------------------------------------------


def _sent(case: Complaint, event: InquirySent) -> Complaint:
    return case.after(
        status=handled(case),
        items=case.items.with_item(event.inquiry_id, event),
        taken=case.taken.take(Step.INQUIRY, event.by).undo((Step.INQUIRY_ANSWER,)),
        work=case.work._replace(inquiries_open=case.work.inquiries_open | {event.inquiry_id}),
        asked_units=case.asked_units | {event.unit},
    )


def _answered(case: Complaint, event: InquiryAnswered) -> Complaint:
    still_open = case.work.inquiries_open - {event.inquiry_id}
    taken = case.taken.take(Step.INQUIRY_ANSWER, event.by)
    return case.after(
        outcomes=case.outcomes.with_item(event.inquiry_id, event),
        taken=taken.undo((Step.INQUIRY_ANSWER,)) if still_open else taken,
        work=case.work._replace(inquiries_open=still_open),
    )


FOLLOW: Follow = {InquirySent: _sent, InquiryAnswered: _answered}
