"""The state of a complaint: what its rules need to know, and the questions they all ask."""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from uuid import UUID

from domain import items
from domain.clocks.book import NO_CLOCKS, ClockBook
from domain.complaint.words import ClosingGround, Kind, Origin, Priority, Risk, Status, Step
from domain.declare import (
    CaseNotFound,
    Context,
    NotFound,
    NotPermitted,
    Parties,
    Refusal,
    Role,
    Unacceptable,
)
from domain.keyed import Keyed
from domain.procedure import NOTHING_TAKEN, Procedure, ProcedureStep, Taken, may_take
from domain.rulebook import Pin

if TYPE_CHECKING:  # the phases build on this file; only types come back from them
    from domain.complaint.escalation import Escalation
    from domain.complaint.intake import ComplaintRegistered
    from domain.complaint.judgement import (
        ComplaintJudgedInvalid,
        ComplaintJudgedValid,
        InvalidComplaintAnswered,
    )
    from domain.complaint.result import ResultAnnounced
    from domain.complaint.sorting import ComplaintAssigned, ComplaintClassified, ComplaintGraded

T = TypeVar("T", bound=items.Numbered)

Follow = Mapping[type[Any], Callable[["Complaint", Any], "Complaint"]]
"""How the state follows each event of a phase."""

# --- refusals that any phase may give -------------------------------------------------------------


class ComplaintIsClosed(Refusal, code="complaint.is_closed"):
    """The complaint is closed; reopen it first."""


class ComplaintIsInvalid(Refusal, code="complaint.is_invalid"):
    """The complaint was judged invalid; answer it, or reopen it to have it judged anew."""


class ItemExists(Refusal, code="complaint.item_exists"):
    """The case has an item of this id with other content; choose another id."""


class PaperNotFound(NotFound, code="complaint.paper_not_found"):
    """The case has no document or correspondence of this id."""


class DayInFuture(Unacceptable, code="complaint.day_in_future"):
    """What has happened cannot have happened on a day to come."""


class InstantInFuture(Unacceptable, code="complaint.instant_in_future"):
    """What has happened cannot have happened at an instant to come."""


class InstantTooEarly(Unacceptable, code="complaint.instant_too_early"):
    """No case goes back to before 1970."""


class InstantWithoutZone(Unacceptable, code="complaint.instant_without_zone"):
    """An instant is given with its time zone."""


class NotTheAssignedDealer(NotPermitted, code="complaint.not_the_assigned_dealer"):
    """The complaint is not assigned to your dealership."""


class UnitHasNoPart(NotPermitted, code="complaint.unit_has_no_part"):
    """The complaint is not assigned to your unit, and your unit was not asked about it."""


class ComplaintOfAnotherCustomer(NotPermitted, code="complaint.of_another_customer"):
    """The complaint is somebody else's."""


# --- state ----------------------------------------------------------------------------------------


NOTHING_SAID: Mapping[int, frozenset[str]] = MappingProxyType({})


class Facts(NamedTuple):
    """What is known of the matter, corrections included, as far as rules ask."""

    kind: Kind = Kind.OTHER
    origin: Origin = Origin.CUSTOMER
    received_at: datetime | None = None
    occurred_on: date | None = None
    dangers: frozenset[Risk] = frozenset()
    """The risks that were reported; `risks` has those that follow from them too."""
    customer_id: UUID | None = None
    vehicle_id: UUID | None = None
    region: str | None = None
    dealer_id: str | None = None
    said: Mapping[int, frozenset[str]] = NOTHING_SAID
    """Which fields the event of a version said; a correction of them may name that version."""

    @property
    def risks(self) -> frozenset[Risk]:
        """Return what makes the complaint dangerous; one that the media raised is in the media."""
        return self.dangers | {Risk.MEDIA} if self.origin is Origin.MEDIA else self.dangers


class Sorting(NamedTuple):
    """How the case was judged and sorted, and where it lies now."""

    judged: "ComplaintJudgedValid | ComplaintJudgedInvalid | None" = None
    answered: "InvalidComplaintAnswered | None" = None
    classified: "ComplaintClassified | None" = None
    graded: "ComplaintGraded | None" = None
    assigned: "ComplaintAssigned | None" = None
    priority: Priority | None = None
    region: str | None = None
    dealer_id: str | None = None
    unit: str | None = None
    handler: str | None = None


class Work(NamedTuple):
    """The newest of what there is one of at a time; whether it stands, `taken` says."""

    plan_id: UUID | None = None
    result: "ResultAnnounced | None" = None
    arbitration_id: UUID | None = None
    litigation_id: UUID | None = None
    crisis_id: UUID | None = None
    inquiries_open: frozenset[UUID] = frozenset()
    vrts_open: frozenset[UUID] = frozenset()
    closed_on: ClosingGround | None = None
    sent_to_unit: str | None = None
    """To whom the newest "request completed" went, to be confirmed."""


class Complaint(NamedTuple):
    """A complaint; `version` counts its events. A tuple is followed faster than a dataclass.

    `items` holds the event that made each item by the item's id, `outcomes` the newest event that
    says what became of it (an inquiry's answer, a plan's approval, a crisis's end).
    """

    version: int = 0
    status: Status = Status.NOT_REGISTERED
    registered: "ComplaintRegistered | None" = None
    procedure: Pin | None = None
    facts: Facts = Facts()
    sorting: Sorting = Sorting()
    taken: Taken = NOTHING_TAKEN
    work: Work = Work()
    asked_units: frozenset[str] = frozenset()
    items: Keyed[Any] = Keyed()
    outcomes: Keyed[Any] = Keyed()
    clocks: ClockBook = NO_CLOCKS
    escalations: "tuple[Escalation, ...]" = ()

    def after(
        self,
        *,
        status: Status | None = None,
        registered: "ComplaintRegistered | None" = None,
        procedure: Pin | None = None,
        facts: Facts | None = None,
        sorting: Sorting | None = None,
        taken: Taken | None = None,
        work: Work | None = None,
        asked_units: frozenset[str] | None = None,
        items: Keyed[Any] | None = None,
        outcomes: Keyed[Any] | None = None,
        clocks: ClockBook | None = None,
        escalations: "tuple[Escalation, ...] | None" = None,
    ) -> "Complaint":
        """Return the case one version later, with these parts new."""
        return Complaint(
            self.version + 1,
            self.status if status is None else status,
            self.registered if registered is None else registered,
            self.procedure if procedure is None else procedure,
            self.facts if facts is None else facts,
            self.sorting if sorting is None else sorting,
            self.taken if taken is None else taken,
            self.work if work is None else work,
            self.asked_units if asked_units is None else asked_units,
            self.items if items is None else items,
            self.outcomes if outcomes is None else outcomes,
            self.clocks if clocks is None else clocks,
            self.escalations if escalations is None else escalations,
        )

    def stands(self, step: Step) -> bool:
        """Tell whether a step stands as taken."""
        return step in self.taken.done

    def numbered(self, made_by: type[T], n: int) -> T | None:
        """Return the item with this number among those that one kind of event made."""
        return items.numbered(self.items.values(), made_by, n)

    def number_of(self, made_by: type[Any]) -> int:
        """Return how many items one kind of event made."""
        return items.number_of(self.items.values(), made_by)


def parties(case: Complaint) -> Parties:
    """Return whose case it is: the dealer it is assigned to, or else the one who raised it."""
    dealer_id = case.sorting.dealer_id
    if case.sorting.assigned is None and case.facts.origin is Origin.DEALER:
        dealer_id = case.facts.dealer_id
    unit = case.sorting.unit
    return Parties(
        customer_id=case.facts.customer_id,
        dealer_id=dealer_id,
        region=case.sorting.region or case.facts.region,
        units=case.asked_units if unit is None else case.asked_units | {unit},
    )


def subject(stream: UUID, case: Complaint, _event: Any) -> UUID:
    """Return whose key encrypts: the customer's if known, else one of the case's own."""
    return case.facts.customer_id or stream


# --- questions that any phase may ask -------------------------------------------------------------

_DECIDED = frozenset({"by", "n", "undone", "reopened", "settles"})
"""Fields of events that say what was decided, not what was wished for."""


def same_wish(standing: object, made: object) -> bool:
    """Tell whether the event that stands grants exactly the wish that would make the other."""
    return items.same_wish(standing, made, _DECIDED)


def has_item(case: Complaint, item_id: UUID, made: object) -> bool:
    """Tell whether exactly this item is there; raise `ItemExists` where another one is."""
    standing = case.items.get(item_id)
    if standing is None:
        return False
    if not same_wish(standing, made):
        raise ItemExists(item=str(item_id))
    return True


def is_on(case: Complaint, item_id: UUID | None) -> bool:
    """Tell whether an item is there of which nothing is known to have become."""
    return item_id is not None and not case.outcomes.has(item_id)


def registered(case: Complaint) -> None:
    """Raise `CaseNotFound` where nothing was registered."""
    if case.registered is None:
        raise CaseNotFound


def open_case(case: Complaint) -> None:
    """Raise unless the case is registered, was not judged invalid and has not ended."""
    registered(case)
    if case.status is Status.CLOSED:
        raise ComplaintIsClosed
    if case.status in (Status.INVALID, Status.ANSWERED):
        raise ComplaintIsInvalid


def procedure_of(case: Complaint, context: Context) -> Procedure:
    """Return the procedure that the case follows, in the version it is pinned to."""
    assert case.procedure is not None
    return context.rules.pinned(Procedure, case.procedure)


def take(
    case: Complaint,
    context: Context,
    step: Step,
    *,
    variant: str | None = None,
    evidence: Collection[str] = (),
) -> ProcedureStep:
    """Return the step of the procedure if the actor may take it in this case now, or refuse.

    Whoever acts as a dealer, a unit or a customer alone has to be the one whose case it is.
    """
    procedure = procedure_of(case, context)
    found = may_take(procedure, case.taken, step, context.actor, variant=variant, evidence=evidence)
    own_case(case, context, found.roles)
    return found


def own_case(case: Complaint, context: Context, roles: Collection[Role]) -> None:
    """Refuse an actor who acts as dealer, unit or customer alone in a case that is not theirs."""
    actor = context.actor
    acting = actor.roles.intersection(roles) if roles else actor.roles
    whose = parties(case)
    if acting == {Role.DEALER} and (actor.dealer_id is None or actor.dealer_id != whose.dealer_id):
        raise NotTheAssignedDealer
    if acting == {Role.UNIT} and actor.unit not in whose.units:
        raise UnitHasNoPart
    if acting == {Role.CUSTOMER} and (
        actor.customer_id is None or actor.customer_id != whose.customer_id
    ):
        raise ComplaintOfAnotherCustomer


_EARLIEST_AT = datetime(1970, 1, 1, tzinfo=UTC)


def past_day(day: date, context: Context) -> date:
    """Return the day, or raise `DayInFuture`; it may be tomorrow in UTC, as it is in the east."""
    if day > context.now.date() + timedelta(days=1):
        raise DayInFuture(day=day.isoformat())
    return day


def past_instant(at: datetime | None, context: Context) -> datetime:
    """Return the instant in UTC, now if none was given, or refuse what cannot be."""
    if at is None:
        return context.now
    if at.tzinfo is None:
        raise InstantWithoutZone
    if at < _EARLIEST_AT:
        raise InstantTooEarly
    if at > context.now + timedelta(minutes=5):  # clocks of other machines run ahead a little
        raise InstantInFuture
    return at.astimezone(UTC)


def handled(case: Complaint) -> Status:
    """Return the status of a case on which work has begun."""
    if case.status in (Status.COMPLETED, Status.ANNOUNCED, Status.CONFIRMED, Status.CLOSED):
        return case.status
    return Status.IN_HANDLING
