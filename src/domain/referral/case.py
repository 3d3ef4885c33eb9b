"""The state of a referral: what its rules need to know, and the questions they all ask."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from uuid import UUID

from domain import items
from domain.clocks.book import NO_CLOCKS, ClockBook
from domain.clocks.rules import StatutoryPack
from domain.declare import CaseNotFound, Context, NotFound, Parties, Refusal, Unacceptable
from domain.keyed import Keyed
from domain.procedure import NOTHING_TAKEN, Procedure, ProcedureStep, Taken, may_take
from domain.referral.words import ENDED, ReferralStatus, ReferralStep
from domain.rulebook import Pin

if TYPE_CHECKING:  # the phases build on this file; only types come back from them
    from domain.referral.distribution import HandlingConcluded, ReferralDistributed
    from domain.referral.escalation import Escalation
    from domain.referral.intake import ReferralReceived, ReferralRegistered

T = TypeVar("T", bound=items.Numbered)

Follow = Mapping[type[Any], Callable[["Referral", Any], "Referral"]]
"""How the state follows each event of a phase."""

PROCEDURE = "referral"
"""The procedure document that referrals follow."""

# --- refusals that any phase may give -------------------------------------------------------------


class ReferralIsOver(Refusal, code="referral.is_over"):
    """The special case is closed or was withdrawn; nothing more is done in it."""


class ReferralItemExists(Refusal, code="referral.item_exists"):
    """The special case has an item of this id with other content; choose another id."""


class ReferralPaperNotFound(NotFound, code="referral.paper_not_found"):
    """The special case has no document of this id."""


class LiesAhead(Unacceptable, code="referral.lies_ahead"):
    """What has happened cannot have happened at a time to come."""


# --- state ----------------------------------------------------------------------------------------


NOTHING: Mapping[str, Any] = MappingProxyType({})


class Referral(NamedTuple):
    """A special case; `version` counts its events, `round` how often it was sent back.

    `items` holds the event that made each item by the item's id, `outcomes` the newest event that
    says what became of it (a reply that was sent).
    """

    version: int = 0
    status: ReferralStatus = ReferralStatus.NOT_RECEIVED
    received: "ReferralReceived | None" = None
    registered: "ReferralRegistered | None" = None
    distributed: "ReferralDistributed | None" = None
    procedure: Pin | None = None
    customer_id: UUID | None = None
    complaint_id: UUID | None = None
    handling: "HandlingConcluded | None" = None
    """The newest result of the handling, None where it stands no longer."""
    concluded_version: int = 0
    """The version of the complaint that the newest word about its handling speaks of."""
    taken: Taken = NOTHING_TAKEN
    round: int = 1
    controlled_at: datetime | None = None
    informed_at: datetime | None = None
    actions: Mapping[str, Any] = NOTHING
    """The newest control of each action by its name."""
    milestones: Mapping[str, date] = NOTHING
    clocks: ClockBook = NO_CLOCKS
    escalations: "tuple[Escalation, ...]" = ()
    items: Keyed[Any] = Keyed()
    outcomes: Keyed[Any] = Keyed()
    rounds: Keyed[int] = Keyed()
    """In which round each reply was prepared."""

    def after(self, **parts: Any) -> "Referral":
        """Return the case one version later, with these parts new."""
        return self._replace(version=self.version + 1, **parts)

    def stands(self, step: ReferralStep) -> bool:
        """Tell whether a step stands as taken."""
        return step in self.taken.done

    def numbered(self, made_by: type[T], n: int) -> T | None:
        """Return the item with this number among those that one kind of event made."""
        return items.numbered(self.items.values(), made_by, n)

    def number_of(self, made_by: type[Any]) -> int:
        """Return how many items one kind of event made."""
        return items.number_of(self.items.values(), made_by)


def parties(case: Referral) -> Parties:
    """Return whose case it is: the customer's, and the body's that it was distributed to."""
    given = case.distributed
    if given is None:
        return Parties(customer_id=case.customer_id)
    return Parties(
        customer_id=case.customer_id,
        dealer_id=given.dealer_id,
        region=given.region,
        units=frozenset() if given.unit is None else frozenset({given.unit}),
    )


def subject(stream: UUID, case: Referral, _event: Any) -> UUID:
    """Return whose key encrypts: the customer's if known, else one of the case's own."""
    return case.customer_id or stream


# --- questions that any phase may ask -------------------------------------------------------------

_DECIDED = frozenset({"by", "n", "undone", "verdict", "controlled_at"})
"""Fields of events that say what was decided, not what was wished for."""


def same_wish(standing: object, made: object, *, besides: Collection[str] = ()) -> bool:
    """Tell whether the event that stands grants exactly the wish that would make the other."""
    return items.same_wish(standing, made, _DECIDED.union(besides))


def has_item(case: Referral, item_id: UUID, made: object, *, besides: Collection[str] = ()) -> bool:
    """Tell whether exactly this item is there; raise where another one is."""
    standing = case.items.get(item_id)
    if standing is None:
        return False
    if not same_wish(standing, made, besides=besides):
        raise ReferralItemExists(item=str(item_id))
    return True


def received(case: Referral) -> None:
    """Raise `CaseNotFound` where nothing was received."""
    if case.received is None:
        raise CaseNotFound


def open_case(case: Referral) -> None:
    """Raise unless the case was received and has not ended."""
    received(case)
    if case.status in ENDED:
        raise ReferralIsOver(status=case.status.value)


def procedure_of(case: Referral, context: Context) -> Procedure:
    """Return the procedure that the case follows, in the version it is pinned to."""
    assert case.procedure is not None
    return context.rules.pinned(Procedure, case.procedure)


def pack_of(case: Referral, context: Context) -> StatutoryPack:
    """Return the statutory pack of a registered case, in the version it is pinned to."""
    assert case.registered is not None
    return context.rules.pinned(StatutoryPack, case.registered.pack)


def take(
    case: Referral, context: Context, step: ReferralStep, *, variant: str | None = None
) -> ProcedureStep:
    """Return the step of the procedure if the actor may take it in this case now, or refuse."""
    return may_take(procedure_of(case, context), case.taken, step, context.actor, variant=variant)


def past(at: datetime | None, context: Context) -> datetime:
    """Return the instant, now if none was given, or refuse what is still to come."""
    if at is None:
        return context.now
    if at > context.now + timedelta(minutes=5):  # clocks of other machines run ahead a little
        raise LiesAhead(at=at.isoformat())
    return at


def past_day(day: date, context: Context) -> date:
    """Return the day, or refuse it; it may be tomorrow in UTC, as it is in the east."""
    if day > context.now.date() + timedelta(days=1):
        raise LiesAhead(at=day.isoformat())
    return day
