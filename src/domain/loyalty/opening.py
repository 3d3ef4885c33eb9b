"""A ledger is opened for a customer in a programme, once, and belongs to a household or to none."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, assert_never
from uuid import UUID

from domain.declare import AlreadyExists, Command, Context, Unacceptable, command, event
from domain.fields import Instant, Personal, Text
from domain.loyalty.ledger import Follow, Ledger, opened, require_care
from domain.loyalty.programme import LoyaltyProgramme
from domain.loyalty.words import ledger_id
from domain.rulebook import DocumentName, Pin

# --- events ---------------------------------------------------------------------------------------


@event("loyalty.ledger_opened")
class LedgerOpened:
    """A customer joined a programme; `grade` is the lowest one, where the programme has grades."""

    customer_id: UUID
    programme: Pin
    opened_at: datetime
    membership_number: Personal[str | None] = None
    household_id: UUID | None = None
    grade: str | None = None


@event("loyalty.household_changed")
class HouseholdChanged:
    """The ledger belongs to this household from now on, or to none."""

    household_id: UUID | None


# --- commands -------------------------------------------------------------------------------------


@command
class OpenLedger(Command):
    """Open a customer's ledger in a programme; one that stands and says no less is left as it is.

    The ledger's id follows from the customer and the programme (`ledger_id`).
    """

    customer_id: UUID
    programme: DocumentName
    membership_number: Annotated[str, Text(max=64)] | None = None
    household_id: UUID | None = None
    opened_at: Instant | None = None


@command
class ChangeHousehold(Command):
    """Record to which household the ledger belongs from now on; None: to none."""

    household_id: UUID | None


# --- refusals -------------------------------------------------------------------------------------


class WrongLedgerId(Unacceptable, code="loyalty.wrong_ledger_id"):
    """The ledger's id does not belong to its customer and programme."""


class OpenedInFuture(Unacceptable, code="loyalty.lies_ahead"):
    """What is recorded here must have happened already."""


# --- rules ----------------------------------------------------------------------------------------

OpeningCommand = OpenLedger | ChangeHousehold
OpeningEvent = LedgerOpened | HouseholdChanged


def decide(ledger: Ledger, command: OpeningCommand, context: Context) -> Sequence[OpeningEvent]:
    """Decide who has a ledger, and in which household."""
    match command:
        case OpenLedger():
            return _open(ledger, command, context)
        case ChangeHousehold(household_id=household):
            opened(ledger)
            require_care(context)
            same = ledger.household_id == household
            return [] if same else [HouseholdChanged(household_id=household)]
    assert_never(command)


def _open(ledger: Ledger, command: OpenLedger, context: Context) -> Sequence[OpeningEvent]:
    require_care(context)
    if command.stream != ledger_id(command.customer_id, command.programme):
        raise WrongLedgerId
    if ledger.customer_id is not None:
        said = (command.membership_number, command.household_id)
        standing = (ledger.membership_number, ledger.household_id)
        if any(
            mine is not None and mine != theirs for mine, theirs in zip(said, standing, strict=True)
        ):
            raise AlreadyExists
        return []
    at = past(command.opened_at, context)
    published = context.rules.in_force(LoyaltyProgramme, command.programme, context.now)
    grading = published.content.grading
    return [
        LedgerOpened(
            customer_id=command.customer_id,
            programme=published.pin,
            opened_at=at,
            membership_number=command.membership_number,
            household_id=command.household_id,
            grade=None if grading is None else grading.grades[0].code,
        )
    ]


def past(at: datetime | None, context: Context) -> datetime:
    """Return the instant, now if none was given, or refuse what is still to come."""
    if at is None:
        return context.now
    if at > context.now:
        raise OpenedInFuture(at=at.isoformat())
    return at


# --- what follows ---------------------------------------------------------------------------------


def _opened(ledger: Ledger, event: LedgerOpened) -> Ledger:
    return ledger.after(
        customer_id=event.customer_id,
        programme=event.programme.name,
        membership_number=event.membership_number,
        household_id=event.household_id,
        opened_at=event.opened_at,
        grade=event.grade,
    )


def _household(ledger: Ledger, event: HouseholdChanged) -> Ledger:
    return ledger.after(household_id=event.household_id)


FOLLOW: Follow = {LedgerOpened: _opened, HouseholdChanged: _household}
