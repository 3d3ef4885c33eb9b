"""Beyond the case: arbitration, litigation (legal supports), crisis (marketing supports)."""

from datetime import date
from uuid import UUID

from domain.complaint.words import ArbitrationOutcome, CrisisLevel, LitigationOutcome
from domain.declare import Command, NotFound, Refusal, command, event
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


class CrisisNotFound(NotFound, code="complaint.crisis_not_found"):
    """The case has no crisis of this id."""


class CrisisIsOn(Refusal, code="complaint.crisis_is_on"):
    """A crisis of this case is already declared and not over."""


class CrisisIsOver(Refusal, code="complaint.crisis_is_over"):
    """This crisis is over."""
