"""The state of a lease: what its rules need to know, and the questions they all ask."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from domain import items
from domain.declare import (
    CaseNotFound,
    Context,
    NotFound,
    Parties,
    Refusal,
    Unacceptable,
)
from domain.keyed import Keyed
from domain.lease.account import NO_ACCOUNT, Account
from domain.lease.product import LeaseProduct
from domain.lease.words import ENDED, RUNNING, LeaseStatus, LeaseStep, LeaseWithdrawal
from domain.money import CurrenciesDiffer, Currency, Money
from domain.procedure import NOTHING_TAKEN, Procedure, ProcedureStep, Taken, may_take
from domain.rulebook import Pin

if TYPE_CHECKING:  # the phases build on this file; only types come back from them
    from domain.lease.application import LeaseApplied
    from domain.lease.carried_over import LeaseCarriedOver
    from domain.lease.contract import LeaseActivated, LeaseContractSigned
    from domain.lease.credit import CreditChecked, LeaseDecided
    from domain.lease.ending import LeaseDefaulted

Follow = Mapping[type[Any], Callable[["Lease", Any], "Lease"]]
"""How the state follows each event of a phase."""

# --- refusals that any phase may give -------------------------------------------------------------


class LeaseIsOver(Refusal, code="lease.is_over"):
    """The lease has ended; nothing more is done in it."""


class LeaseItemExists(Refusal, code="lease.item_exists"):
    """The lease has an item of this id with other content; choose another id."""


class LeaseLiesAhead(Unacceptable, code="lease.lies_ahead"):
    """What has happened cannot have happened on a day to come."""


class LeaseNotContracted(Refusal, code="lease.not_contracted"):
    """There is no signed contract yet, so nothing is owed and no money can be taken for it."""


class LeaseContractStands(Refusal, code="lease.contract_stands"):
    """The contract is signed; what was applied for is settled."""


class LeaseAmountNotPositive(Unacceptable, code="lease.amount_not_positive"):
    """The amount has to be more than nothing."""


class LeaseItemNotFound(NotFound, code="lease.item_not_found"):
    """The lease has no such item."""


# --- state ----------------------------------------------------------------------------------------

NOTHING: Mapping[UUID, Any] = MappingProxyType({})


class LeaseTerms(NamedTuple):
    """What is applied for, as it was changed last."""

    price: Money
    down_payment: Money
    financed: Money
    term_months: int
    annual_percent: str


class Lease(NamedTuple):
    """A lease; `version` counts its events.

    `items` holds the event that made each item by the item's id, `outcomes` the newest event that
    says what became of it (a paper's verification, a guarantee's return, a payment's reversal).
    """

    version: int = 0
    status: LeaseStatus = LeaseStatus.NOT_APPLIED
    applied: "LeaseApplied | None" = None
    terms: LeaseTerms | None = None
    carried: "LeaseCarriedOver | None" = None
    product: Pin | None = None
    procedure: Pin | None = None
    customer_id: UUID | None = None
    order_id: UUID | None = None
    guarantors: tuple[UUID, ...] = ()
    taken: Taken = NOTHING_TAKEN
    credit: "CreditChecked | None" = None
    decided: "LeaseDecided | None" = None
    contract: "LeaseContractSigned | None" = None
    activated: "LeaseActivated | None" = None
    account: Account = NO_ACCOUNT
    moved: int = 0
    """How often the account changed; a quote holds for the account as it stood."""
    schedules: int = 0
    """How many schedules there were, those taken back too."""
    restructurings: int = 0
    withdrawn: LeaseWithdrawal | None = None
    defaulted: "LeaseDefaulted | None" = None
    """How the lease was given up last, also where it runs on."""
    assessed: str | None = None
    """The class of arrears that was recorded last."""
    assessed_on: date | None = None
    items: Keyed[Any] = Keyed()
    outcomes: Keyed[Any] = Keyed()

    def after(self, **parts: Any) -> "Lease":
        """Return the lease one version later, with these parts new."""
        return self._replace(version=self.version + 1, **parts)

    def stands(self, step: LeaseStep) -> bool:
        """Tell whether a step stands as taken."""
        return step in self.taken.done

    def number_of(self, made_by: type[Any]) -> int:
        """Return how many items one kind of event made."""
        return items.number_of(self.items.values(), made_by)

    @property
    def currency(self) -> Currency:
        """Return the currency of everything that is owed in the lease."""
        if self.applied is not None:
            return self.applied.price.currency
        assert self.carried is not None
        return self.carried.original.currency


def parties(case: Lease) -> Parties:
    """Return whose case it is: the applicant's, and the dealer's who sells the vehicle."""
    said = case.applied or case.carried
    if said is None:
        return Parties(customer_id=case.customer_id)
    return Parties(customer_id=case.customer_id, dealer_id=said.dealer_id, region=said.region)


def subject(stream: UUID, case: Lease, event: Any) -> UUID:
    """Return whose key encrypts: a guarantor's own for what is said of her, else the customer's."""
    guarantor: UUID | None = getattr(event, "guarantor_id", None)
    if guarantor is not None and guarantor in case.guarantors:
        return guarantor
    return case.customer_id or stream


# --- questions that any phase may ask -------------------------------------------------------------

_DECIDED = frozenset(
    {"by", "n", "shares", "left_minor", "received_at", "moved", "paid", "instalments"}
)
"""Fields of events that say what was decided, not what was wished for."""


def has_item(case: Lease, item_id: UUID, made: object, *, besides: Collection[str] = ()) -> bool:
    """Tell whether exactly this item is there; raise `LeaseItemExists` where another one is."""
    standing = case.items.get(item_id)
    if standing is None:
        return False
    if not items.same_wish(standing, made, _DECIDED.union(besides)):
        raise LeaseItemExists(item=str(item_id))
    return True


def exists(case: Lease) -> None:
    """Raise `CaseNotFound` where nothing was applied for or carried over."""
    if case.status is LeaseStatus.NOT_APPLIED:
        raise CaseNotFound


def open_case(case: Lease) -> None:
    """Raise unless there is a lease that has not ended."""
    exists(case)
    if case.status in ENDED:
        raise LeaseIsOver(status=case.status.value)


def before_contract(case: Lease) -> None:
    """Raise unless the lease is open and no contract was signed."""
    open_case(case)
    if case.status in RUNNING:
        raise LeaseContractStands


def under_contract(case: Lease) -> None:
    """Raise unless there is a contract under which money is owed."""
    open_case(case)
    if case.status not in RUNNING:
        raise LeaseNotContracted


def product_of(case: Lease, context: Context) -> LeaseProduct:
    """Return the product in the version that the lease is pinned to."""
    assert case.product is not None
    return context.rules.pinned(LeaseProduct, case.product)


def procedure_of(case: Lease, context: Context) -> Procedure:
    """Return the procedure in the version that the lease is pinned to."""
    assert case.procedure is not None
    return context.rules.pinned(Procedure, case.procedure)


def take(
    case: Lease, context: Context, step: LeaseStep, *, variant: str | None = None
) -> ProcedureStep:
    """Return the step of the procedure if the actor may take it in this lease now, or refuse."""
    return may_take(procedure_of(case, context), case.taken, step, context.actor, variant=variant)


def past_day(day: date | None, context: Context) -> date:
    """Return the day, today if none was given, or refuse what is still to come.

    It may be tomorrow in UTC, as it is in the east.
    """
    if day is None:
        return context.now.date()
    if day > context.now.date() + timedelta(days=1):
        raise LeaseLiesAhead(on=day.isoformat())
    return day


def past(at: datetime | None, context: Context) -> datetime:
    """Return the instant, now if none was given, or refuse what is still to come."""
    if at is None:
        return context.now
    if at > context.now + timedelta(minutes=5):  # clocks of other machines run ahead a little
        raise LeaseLiesAhead(on=at.isoformat())
    return at


def positive(case: Lease, amount: Money) -> Money:
    """Return an amount of the lease's currency that is more than nothing, or refuse it."""
    in_currency(amount, case.currency)
    if amount.minor <= 0:
        raise LeaseAmountNotPositive
    return amount


def in_currency(amount: Money, currency: Currency) -> None:
    """Raise `CurrenciesDiffer` unless the amount is of this currency."""
    if amount.currency is not currency:
        raise CurrenciesDiffer(currency=currency.value, other_currency=amount.currency.value)
