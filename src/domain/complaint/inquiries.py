"""Inquiries: a unit is asked something about the case, and answers."""

from typing import Annotated
from uuid import UUID

from domain.declare import Command, NotFound, NotPermitted, Refusal, command, event
from domain.fields import Between, Code, Narrative, Personal
from domain.procedure import Taker

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
