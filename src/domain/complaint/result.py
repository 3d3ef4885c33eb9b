"""The result: it is announced to the customer and confirmed by her and by a second party."""

from uuid import UUID

from domain.complaint.words import Channel, ConfirmingParty, Outcome
from domain.declare import Command, Refusal, Unacceptable, command, event
from domain.fields import Narrative, Personal
from domain.procedure import Taker

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
    """The party confirms the result."""

    confirmation_id: UUID
    party: ConfirmingParty
    channel: Channel | None
    comment: Personal[str] | None
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


class NotConfirmedNeedsReason(Unacceptable, code="complaint.not_confirmed_needs_reason"):
    """Whoever does not confirm a result says why."""
