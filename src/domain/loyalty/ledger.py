"""What is known of a loyalty ledger at one version of its history.

A ledger of any length is folded and decided in the time that its live lots take: a lot that is used
up is forgotten, and what has to be known for ever (which references and ids were taken) is kept in
`Memory`, which costs the same however long the history is.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from domain.declare import Actor, ActorId, CaseNotFound, Context, NotPermitted, Parties, Role
from domain.fields import Erased
from domain.loyalty.memory import Memory
from domain.loyalty.programme import LoyaltyProgramme
from domain.loyalty.words import (
    CashOutStatus,
    EarningSource,
    HeldBy,
    LotState,
    Part,
    SpendingPurpose,
    points_of,
)
from domain.rulebook import Published

Follow = dict[type[Any], Callable[["Ledger", Any], "Ledger"]]
NOTHING: Mapping[Any, Any] = MappingProxyType({})


class Lot(NamedTuple):
    """Points that were earned together and are still there, in the order in which they expire."""

    lot_id: UUID
    points: int
    expires_at: datetime | None
    state: LotState
    active_from_at: datetime
    earned_at: datetime
    source: EarningSource | None = None
    """None for what was not earned: given by hand, or by another ledger."""
    reference: str | None = None
    by: ActorId | None = None
    """Who recorded the earning."""

    def part(self, points: int | None = None) -> Part:
        """Return the lot, or so many points of it, as a part."""
        return Part(
            lot_id=self.lot_id,
            points=self.points if points is None else points,
            expires_at=self.expires_at,
            state=self.state,
        )


class Hold(NamedTuple):
    """Points that are reserved for something, and until when."""

    parts: tuple[Part, ...]
    until_at: datetime | None
    purpose: SpendingPurpose

    def has_lapsed(self, at: datetime) -> bool:
        """Tell whether the hold was over by an instant, whether or not anybody has said so."""
        return self.until_at is not None and self.until_at <= at


class Redemption(NamedTuple):
    """What a redemption took that can still be given back."""

    parts: tuple[Part, ...]
    reversible_until_at: datetime


class CashOut(NamedTuple):
    """A cash-out that is neither paid nor rejected."""

    parts: tuple[Part, ...]
    status: CashOutStatus
    requested_by: ActorId


class Outcome(NamedTuple):
    """How a hold or a cash-out ended, and a hash of what was wished for."""

    what: str
    wish: int = 0


class Earned(NamedTuple):
    """What is remembered of an earning for ever: by its source and reference."""

    lot_id: UUID
    points: int
    clawed_points: int
    wish: int
    """A hash of what was wished for; the same within one process."""
    month: int
    """The month in which it counts for the grade; 0 where it does not."""
    amount_minor: int


class Tally(NamedTuple):
    """What was earned in a day or in a month."""

    points: int = 0
    earnings: int = 0
    amount_minor: int = 0


NO_TALLY = Tally()


class FrozenLot(NamedTuple):
    """Why a lot is held, since when, and who recorded it."""

    rule: HeldBy
    held_at: datetime
    earned_by: ActorId | None


class Ledger(NamedTuple):
    """One customer's points in one programme.

    The totals are those of the equation (`sides`); `lots` is what is there and not reserved, in the
    order in which it expires.
    """

    customer_id: UUID | None = None
    programme: str = ""
    membership_number: str | Erased | None = None
    household_id: UUID | None = None
    opened_at: datetime | None = None
    lots: tuple[Lot, ...] = ()
    next_active_at: datetime | None = None
    """Before this instant no pending lot becomes active; None: none is pending."""
    holds: Mapping[UUID, Hold] = NOTHING
    cash_outs: Mapping[UUID, CashOut] = NOTHING
    redemptions: Mapping[UUID, Redemption] = NOTHING
    frozen: Mapping[UUID, FrozenLot] = NOTHING
    earned: int = 0
    adjusted_up: int = 0
    transferred_in: int = 0
    debt: int = 0
    spent: int = 0
    expired: int = 0
    reversed: int = 0
    adjusted_down: int = 0
    transferred_out: int = 0
    known: Memory[int | str, "int | Earned"] = Memory()
    """A hash of its wish by the id of every item; what was earned, by source and reference."""
    outcomes: Memory[UUID, Outcome] = Memory()
    tallies: "Tallies" = Memory()
    """What was earned from a source in a day (by its ordinal), and in all in a month."""
    grade: str | None = None
    review_at: datetime | None = None
    downgrade_to: str | None = None
    downgrade_at: datetime | None = None

    def reference(self, source: EarningSource, reference: str) -> Earned | None:
        """Return what was earned for a reference, None where nothing was."""
        found = self.known.get(reference_key(source, reference))
        return found if isinstance(found, Earned) else None

    def wish(self, item_id: UUID) -> int | None:
        """Return a hash of the wish that made the item of this id, None where there is none."""
        found = self.known.get(item_id.int)
        return found if isinstance(found, int) else None

    def knows(self, item_id: UUID) -> bool:
        """Tell whether an item was made under this id."""
        return self.known.has(item_id.int)

    def knowing(self, item_id: UUID, wish: int) -> "Memory[int | str, int | Earned]":
        """Return what is known once an item was made by this wish."""
        return self.known.knowing(item_id.int, wish)

    def tally(self, source: EarningSource, day: int) -> Tally:
        """Return what was earned from a source in a day, by its ordinal."""
        return self.tallies.get(day_key(source, day)) or NO_TALLY

    def after(self, **parts: Any) -> "Ledger":
        """Return the ledger with these parts new."""
        return self._replace(**parts)

    def points_in(self, state: LotState) -> int:
        """Return the points that stand so and are not reserved."""
        return sum(lot.points for lot in self.lots if lot.state is state)

    @property
    def held(self) -> int:
        """Return the points that holds, cash-outs and fraud rules keep from being spent."""
        reserved: list[Hold | CashOut] = [*self.holds.values(), *self.cash_outs.values()]
        return sum(points_of(each.parts) for each in reserved) + self.points_in(LotState.FROZEN)


def sides(ledger: Ledger) -> tuple[int, int]:
    """Return both sides of the ledger's equation, which are equal after every event.

    earned + adjusted up + transferred in + debt
    = active + pending + held + spent + expired + reversed + adjusted down + transferred out

    *earned*: all that earnings gave, carried-over balances included. *adjusted up* and *down*: what
    was given and taken by hand. *transferred in* and *out*: from and to ledgers of the household.
    *debt*: what claw-backs took that was not there, less what was repaid since. *active*: in lots,
    spendable. *pending*: in lots, not yet active. *held*: reserved by holds and by cash-outs that
    are not paid, or frozen by a fraud rule. *spent*: redeemed or paid out as cash, less what was
    given back. *expired*: in lots until their end. *reversed*: what claw-backs took, with what they
    took as debt. A redemption that is reversed moves points from spent to active; a debt that is
    repaid takes as much from active as from debt.
    """
    return (
        ledger.earned + ledger.adjusted_up + ledger.transferred_in + ledger.debt,
        ledger.points_in(LotState.ACTIVE)
        + ledger.points_in(LotState.PENDING)
        + ledger.held
        + ledger.spent
        + ledger.expired
        + ledger.reversed
        + ledger.adjusted_down
        + ledger.transferred_out,
    )


def month_of(on: date) -> int:
    """Return the number of a month, in the order of time."""
    return on.year * 12 + on.month


Tallies = Memory[int | str, Tally]


def reference_key(source: EarningSource, reference: str) -> str:
    """Return under which key it is known what was earned for a reference.

    Keys are words and numbers, which keep their hash or have it at once; ids and codes do not.
    """
    return f"{source}/{reference}"


def day_key(source: EarningSource, day: int) -> str:
    """Return under which key a day's tally stands; a month's has its number."""
    return f"{source}/{day}"


def counted(tallies: Tallies, month: int, more: Tally) -> Tallies:
    """Return the tallies with more (or, where it is negative, less) counted in a month."""
    return tallies.knowing(month, added(tallies.get(month), more))


def added(was: Tally | None, more: Tally) -> Tally:
    """Return two tallies together."""
    if was is None:
        return more
    return Tally(
        was.points + more.points,
        was.earnings + more.earnings,
        was.amount_minor + more.amount_minor,
    )


def parties(ledger: Ledger) -> Parties:
    """Return whose ledger it is."""
    return Parties(customer_id=ledger.customer_id)


def subject(_stream: UUID, ledger: Ledger, _event: Any) -> UUID | None:
    """Encrypt with the customer's key."""
    return ledger.customer_id


# --- who ------------------------------------------------------------------------------------------

CARE = frozenset(
    {
        Role.LOYALTY_OFFICER,
        Role.SPECIALIST,
        Role.EXPERT,
        Role.SUPERVISOR,
        Role.UNIT_HEAD,
        Role.MANAGER,
        Role.ADMIN,
        Role.SYSTEM,
    }
)
"""Who keeps ledgers."""

OFFICERS = frozenset(
    {Role.LOYALTY_OFFICER, Role.SUPERVISOR, Role.UNIT_HEAD, Role.MANAGER, Role.SYSTEM}
)
"""Who gives and takes points by hand, clears what was held, and lets cash go out."""


class LoyaltyCareOnly(NotPermitted, code="loyalty.care_only"):
    """Only customer care keeps loyalty ledgers."""


class LoyaltyOfficersOnly(NotPermitted, code="loyalty.officers_only"):
    """This is decided by a loyalty officer, or by a superior."""


class AnotherPersonNeeded(NotPermitted, code="loyalty.another_person_needed"):
    """Another person has to decide this: neither who asked for it nor whose points they are."""


class SystemOnly(NotPermitted, code="loyalty.system_only"):
    """This is done by the system at its time; nobody else has to."""


def require_care(context: Context) -> None:
    """Refuse whoever does not keep ledgers."""
    if not context.actor.has(*CARE):
        raise LoyaltyCareOnly


def require_spender(ledger: Ledger, context: Context) -> None:
    """Refuse whoever is neither the customer herself nor keeps ledgers."""
    own = context.actor.has(Role.CUSTOMER) and context.actor.customer_id == ledger.customer_id
    if not own:
        require_care(context)


def require_officer(context: Context) -> None:
    """Refuse whoever may not decide on points by hand."""
    if not context.actor.has(*OFFICERS):
        raise LoyaltyOfficersOnly


def require_another(ledger: Ledger, actor: Actor, first: ActorId | None) -> None:
    """Refuse who did the first step of two, and whose points they are."""
    if actor.id == first or (
        actor.customer_id is not None and actor.customer_id == ledger.customer_id
    ):
        raise AnotherPersonNeeded


def require_system(context: Context) -> None:
    """Refuse everybody but the system."""
    if not context.actor.has(Role.SYSTEM):
        raise SystemOnly


def opened(ledger: Ledger) -> UUID:
    """Return whose ledger it is, or raise `CaseNotFound` where none was opened."""
    if ledger.customer_id is None:
        raise CaseNotFound
    return ledger.customer_id


def programme_of(
    ledger: Ledger, context: Context, at: datetime | None = None
) -> Published[LoyaltyProgramme]:
    """Return the version of the programme that was in force then, or is now."""
    return context.rules.in_force(LoyaltyProgramme, ledger.programme, at or context.now)
