"""What the account of a lease is made of: instalments, fees, pauses, and payments that count."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from domain.declare import value
from domain.finance import Part, Share
from domain.lease.product import Bucket
from domain.lease.words import ScheduleCause


@value
class AgreedPenalty:
    """What was agreed for being late: percent a year of what is overdue (`PenaltyTerms`)."""

    annual_percent: str = "0"
    grace_days: int = 0
    after_grace_only: bool = False
    on_principal_only: bool = False


@value
class AgreedArrears:
    """How arrears are classed under the contract (`ArrearsTerms`)."""

    grace_days: int = 0
    buckets: tuple[Bucket, ...] = ()
    default_from_days: int = 90


@value
class LeaseInstalment:
    """What falls due on a day: the one that was agreed, or the one to which it moved."""

    n: int
    nominal_on: date
    due_on: date
    principal_minor: int
    interest_minor: int


@value
class Reallocated:
    """Where a payment goes since the account was replayed; shares and the rest sum to it."""

    payment_id: UUID
    shares: tuple[Share, ...]
    left_minor: int


class Line(NamedTuple):
    """An instalment with what was paid of it.

    `minor_days` are minor units times the days they were overdue, counted up to `counted_on`.
    """

    n: int
    nominal_on: date
    due_on: date
    principal_minor: int
    interest_minor: int
    principal_paid: int = 0
    interest_paid: int = 0
    penalty_paid: int = 0
    minor_days: int = 0
    counted_on: date | None = None

    @property
    def unpaid(self) -> int:
        """Return what is still to be paid of principal and interest, in minor units."""
        paid = self.principal_paid + self.interest_paid
        return self.principal_minor + self.interest_minor - paid


class Charge(NamedTuple):
    """A fee that is owed from a day on, in minor units."""

    charge_id: UUID
    on: date
    minor: int


class Pause(NamedTuple):
    """Days on which nothing becomes more overdue: from one to another that is not included."""

    pause_id: UUID
    from_on: date
    to_on: date | None


class Entry(NamedTuple):
    """A payment that counts, with where it goes as things stand."""

    value_on: date
    payment_id: UUID
    minor: int
    kind: str
    shares: tuple[Share, ...]
    left_minor: int

    @property
    def key(self) -> tuple[date, int]:
        """Return the payment's place: its day of value, then its id."""
        return self.value_on, self.payment_id.int


class Paid(NamedTuple):
    """What was paid before the schedule in force began, by what for, in minor units."""

    principal: int = 0
    interest: int = 0
    fee: int = 0
    penalty: int = 0
    left: int = 0

    def plus(self, shares: Iterable[Share], left: int = 0) -> "Paid":
        """Return what was paid with these shares too."""
        found = dict.fromkeys(Part, 0)
        for share in shares:
            found[share.part] += share.minor
        return Paid(
            self.principal + found[Part.PRINCIPAL],
            self.interest + found[Part.INTEREST],
            self.fee + found[Part.FEE],
            self.penalty + found[Part.PENALTY],
            self.left + left,
        )


class Account(NamedTuple):
    """The account under the schedule in force; `former` is the one before it, as it stood.

    `opening` are the instalments as the schedule began. A fee, and a penalty from before the
    schedule, belong to no instalment: their shares have the number 0.
    """

    n: int = 0
    cause: ScheduleCause = ScheduleCause.CONTRACT
    began_on: date = date.min
    starts_on: date = date.min
    """The day from which the interest of the schedule's first instalment runs."""
    annual_percent: str = "0"
    penalty: AgreedPenalty = AgreedPenalty()
    arrears: AgreedArrears = AgreedArrears()
    opening: tuple[Line, ...] = ()
    lines: tuple[Line, ...] = ()
    charges: tuple[Charge, ...] = ()
    fee_paid: int = 0
    carried_penalty: int = 0
    carried_paid: int = 0
    pauses: tuple[Pause, ...] = ()
    entries: tuple[Entry, ...] = ()
    before: Paid = Paid()
    refunded: int = 0
    former: "Account | None" = None
    capitalised: int = 0
    """Interest that was added to the principal as the schedule began, in minor units."""
    begun_by: UUID | None = None
    """The payment with which the schedule began: a prepayment's, or the settlement's."""

    @property
    def last_on(self) -> date:
        """Return the day of value of the latest payment, or the day the schedule began."""
        return self.entries[-1].value_on if self.entries else self.began_on

    @property
    def principal_left(self) -> int:
        """Return the principal that is still to be paid, in minor units."""
        return sum(line.principal_minor - line.principal_paid for line in self.lines)

    @property
    def paid(self) -> Paid:
        """Return what was paid altogether, by what for."""
        paid = self.before
        for entry in self.entries:
            paid = paid.plus(entry.shares, entry.left_minor)
        return paid

    @property
    def paid_any(self) -> bool:
        """Tell whether any payment counts."""
        return bool(self.entries) or any(self.before)

    @property
    def surplus(self) -> int:
        """Return what was paid beyond all that is owed and not refunded, in minor units."""
        left = self.before.left + sum(entry.left_minor for entry in self.entries)
        return left - self.refunded


NO_ACCOUNT = Account()


def lines_of(instalments: Iterable[LeaseInstalment]) -> tuple[Line, ...]:
    """Return instalments of which nothing is paid."""
    return tuple(
        Line(each.n, each.nominal_on, each.due_on, each.principal_minor, each.interest_minor)
        for each in instalments
    )
