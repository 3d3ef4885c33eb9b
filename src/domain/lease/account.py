"""The account of a lease: what is owed under its schedule, and what each payment paid of it.

An account is a pure fold of payments in the order of their days of value. A payment that comes in
order is added at once; for one that does not, or does no longer count, the account is replayed.
Penalties are never stored: they follow from what was overdue for how many days.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from domain.declare import value
from domain.finance import InAdvance, Owed, Part, Share, Waterfall, allocate
from domain.finance.rates import percent
from domain.lease.product import ArrearsTerms, PenaltyTerms
from domain.lease.words import ScheduleCause

if TYPE_CHECKING:
    from domain.lease.case import Lease


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
    penalty: PenaltyTerms = PenaltyTerms()
    arrears: ArrearsTerms = ArrearsTerms()
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


# --- what is owed ---------------------------------------------------------------------------------


def paused_days(pauses: Sequence[Pause], from_on: date, to_on: date) -> int:
    """Return how many of the days from one to another are paused; pauses do not overlap."""
    days = 0
    for pause in pauses:
        ends = to_on if pause.to_on is None else min(to_on, pause.to_on)
        days += max((ends - max(from_on, pause.from_on)).days, 0)
    return days


def _counted(account: Account, line: Line, on: date) -> Line:
    """Return an instalment with its overdue days counted up to a day."""
    terms = account.penalty
    if on <= line.due_on or not terms.annual_percent.strip("0."):
        return line
    graced_on = line.due_on + timedelta(days=terms.grace_days)
    if on <= graced_on:
        return line
    from_on = line.counted_on or (graced_on if terms.after_grace_only else line.due_on)
    if on <= from_on:
        return line
    base = line.principal_minor - line.principal_paid
    if not terms.on_principal_only:
        base += line.interest_minor - line.interest_paid
    days = (on - from_on).days - paused_days(account.pauses, from_on, on)
    return line._replace(minor_days=line.minor_days + base * days, counted_on=on)


def _penalty_of(account: Account, line: Line) -> int:
    """Return the penalty of an instalment that is not paid, its days being counted."""
    if not line.minor_days:
        return 0
    rate = percent(account.penalty.annual_percent)
    return round(Fraction(line.minor_days * rate.numerator, rate.denominator * 365)) - (
        line.penalty_paid
    )


class _Run:
    """A payment after the other on a copy of the account's instalments."""

    def __init__(self, account: Account, *, anew: bool) -> None:
        self.account = account
        self.lines = list(account.opening if anew else account.lines)
        self.fee_paid = 0 if anew else account.fee_paid
        self.carried_paid = 0 if anew else account.carried_paid

    def owed(self, on: date, *, enough: int | None = None, last: bool = False) -> list[Owed]:
        """Return what is owed on a day; of what is not yet due no more than is enough."""
        found: list[Owed] = []
        account = self.account
        carried = account.carried_penalty - self.carried_paid
        if carried > 0:
            found.append(Owed(n=0, due_on=account.began_on, part=Part.PENALTY, minor=carried))
        paid = self.fee_paid
        for charge in account.charges:
            if charge.on <= on:
                left = max(charge.minor - paid, 0)
                paid = max(paid - charge.minor, 0)
                if left:
                    found.append(Owed(n=0, due_on=charge.on, part=Part.FEE, minor=left))
        place = 0
        for place, line in enumerate(self.lines):  # noqa: B007 (read after the loop)
            if line.due_on > on:
                break
            self._owed_of(line, on, found)
        else:
            return found
        ahead = self.lines[place:]
        for line in reversed(ahead) if last else ahead:
            if enough is not None and enough <= 0:
                break
            self._owed_of(line, on, found)
            if enough is not None:
                enough -= line.unpaid
        return found

    def _owed_of(self, line: Line, on: date, found: list[Owed]) -> None:
        penalty = _penalty_of(self.account, _counted(self.account, line, on))
        interest = line.interest_minor - line.interest_paid
        principal = line.principal_minor - line.principal_paid
        for part, minor in (
            (Part.PENALTY, penalty),
            (Part.INTEREST, interest),
            (Part.PRINCIPAL, principal),
        ):
            if minor > 0:
                found.append(Owed(n=line.n, due_on=line.due_on, part=part, minor=minor))

    def allocated(self, entry: Entry, waterfall: Waterfall) -> Entry:
        """Return the payment with where it goes now."""
        last = waterfall.in_advance is InAdvance.LAST
        owed = self.owed(entry.value_on, enough=entry.minor, last=last)
        found = allocate(entry.minor, owed, entry.value_on, waterfall)
        return entry._replace(shares=found.shares, left_minor=found.left_minor)

    def take(self, on: date, shares: Iterable[Share]) -> None:
        """Count what a payment paid, in the order in which its shares stand."""
        first = self.lines[0].n if self.lines else 1
        for share in shares:
            if share.n == 0:
                if share.part is Part.PENALTY:
                    self.carried_paid += share.minor
                else:
                    self.fee_paid += share.minor
                continue
            place = share.n - first
            line = _counted(self.account, self.lines[place], on)
            match share.part:
                case Part.PRINCIPAL:
                    line = line._replace(principal_paid=line.principal_paid + share.minor)
                case Part.INTEREST:
                    line = line._replace(interest_paid=line.interest_paid + share.minor)
                case _:
                    line = line._replace(penalty_paid=line.penalty_paid + share.minor)
            self.lines[place] = line

    def result(self, entries: Sequence[Entry]) -> Account:
        """Return the account with these payments."""
        return self.account._replace(
            lines=tuple(self.lines),
            fee_paid=self.fee_paid,
            carried_paid=self.carried_paid,
            entries=tuple(entries),
        )


def owed_on(account: Account, on: date) -> list[Owed]:
    """Return everything that is owed as of a day, due or not; payments all count."""
    return _Run(account, anew=False).owed(on)


# --- payments -------------------------------------------------------------------------------------


def in_order(account: Account, entry: Entry) -> bool:
    """Tell whether a payment comes after all that are there."""
    return not account.entries or account.entries[-1].key < entry.key


def allocated(account: Account, entry: Entry, waterfall: Waterfall) -> Entry:
    """Return a payment that comes in order with where it goes."""
    return _Run(account, anew=False).allocated(entry, waterfall)


def with_entry(account: Account, entry: Entry) -> Account:
    """Return the account with one more payment; one out of order is put into its place."""
    if in_order(account, entry):
        run = _Run(account, anew=False)
        run.take(entry.value_on, entry.shares)
        return run.result((*account.entries, entry))
    return _told([*account.entries, entry], account)


def without_entry(account: Account, payment_id: UUID) -> Account:
    """Return the account without a payment; where the others go stays as it is."""
    return _told([each for each in account.entries if each.payment_id != payment_id], account)


def reallocated(account: Account, changes: Iterable[Reallocated]) -> Account:
    """Return the account in which some payments go elsewhere."""
    new = {change.payment_id: change for change in changes}
    entries = [
        each._replace(
            shares=new[each.payment_id].shares, left_minor=new[each.payment_id].left_minor
        )
        if each.payment_id in new
        else each
        for each in account.entries
    ]
    return _told(entries, account)


def retold(account: Account) -> Account:
    """Return the account told anew from its payments, as where they go stands."""
    return _told(account.entries, account)


def _told(entries: Iterable[Entry], account: Account) -> Account:
    ordered = sorted(entries, key=lambda each: each.key)
    run = _Run(account, anew=True)
    for entry in ordered:
        run.take(entry.value_on, entry.shares)
    return run.result(ordered)


def replayed(
    account: Account, waterfalls: Mapping[str, Waterfall], from_on: date | None = None
) -> Account:
    """Return the account with every payment from a day on allocated anew, in order of value."""
    ordered = sorted(account.entries, key=lambda each: each.key)
    run = _Run(account, anew=True)
    for place, entry in enumerate(ordered):
        if from_on is None or entry.value_on >= from_on:
            ordered[place] = entry = run.allocated(entry, waterfalls[entry.kind])
        run.take(entry.value_on, entry.shares)
    return run.result(ordered)


def changes(before: Account, after: Account) -> tuple[Reallocated, ...]:
    """Return where payments that are in both accounts go in the second one, if elsewhere."""
    was = {entry.payment_id: entry for entry in before.entries}
    found = []
    for entry in after.entries:
        old = was.get(entry.payment_id)
        if old is not None and (old.shares, old.left_minor) != (entry.shares, entry.left_minor):
            found.append(
                Reallocated(
                    payment_id=entry.payment_id, shares=entry.shares, left_minor=entry.left_minor
                )
            )
    return tuple(found)


# --- a new schedule -------------------------------------------------------------------------------


def succeeded(
    account: Account,
    *,
    n: int,
    cause: ScheduleCause,
    began_on: date,
    starts_on: date,
    annual_percent: str,
    instalments: Iterable[LeaseInstalment],
    shares: Iterable[Share] = (),
    left_minor: int = 0,
    credited_minor: int = 0,
    carried_penalty: int = 0,
    begun_by: UUID | None = None,
) -> Account:
    """Return the account under a new schedule; unpaid fees are owed on.

    `shares` were paid as it began. `credited_minor` is interest that was paid before its time under
    the old schedule, and counts for the new one.
    """
    shares = tuple(shares)
    lines = []
    for line in lines_of(instalments):
        part = min(credited_minor, line.interest_minor)
        credited_minor -= part
        lines.append(line._replace(interest_paid=part))
    fees = account.fee_paid + sum(s.minor for s in shares if s.n == 0 and s.part is Part.FEE)
    charges = []
    for charge in account.charges:
        paid = min(fees, charge.minor)
        fees -= paid
        if charge.minor > paid:
            charges.append(charge._replace(minor=charge.minor - paid))
    return Account(
        n=n,
        cause=cause,
        began_on=began_on,
        starts_on=starts_on,
        annual_percent=annual_percent,
        penalty=account.penalty,
        arrears=account.arrears,
        opening=tuple(lines),
        lines=tuple(lines),
        charges=tuple(charges),
        carried_penalty=carried_penalty,
        pauses=account.pauses,
        before=account.paid.plus(shares, left_minor),
        refunded=account.refunded,
        former=account,
        begun_by=begun_by,
    )


def preceded(account: Account, changes: Iterable[Reallocated] = ()) -> Account:
    """Return the account as if the schedule in force had never begun, with its later payments."""
    former = account.former
    assert former is not None
    known = {charge.charge_id for charge in former.charges}
    later = [charge for charge in account.charges if charge.charge_id not in known]
    former = former._replace(
        charges=tuple(sorted([*former.charges, *later], key=lambda each: each.on)),
        pauses=account.pauses,
        refunded=account.refunded,
        entries=(*former.entries, *(each._replace(shares=()) for each in account.entries)),
    )
    return reallocated(former, changes)


# --- how a lease stands ---------------------------------------------------------------------------


class Standing(NamedTuple):
    """How a lease stands as of a day, in minor units and days.

    `arrears_minor` is principal and interest past due, once the days of grace are over;
    `penalty_minor` and `fee_minor` are owed besides. `bucket` is None where nothing is in arrears.
    """

    as_of_on: date
    arrears_minor: int
    oldest_unpaid_due_on: date | None
    days_past_due: int
    bucket: str | None
    penalty_minor: int
    fee_minor: int
    next_due_on: date | None
    next_due_minor: int
    outstanding_minor: int
    surplus_minor: int


def standing(lease: "Lease", as_of_on: date) -> Standing:
    """Return how a lease stands as of a day; payments with a later day of value do not count."""
    return standing_of(lease.account, as_of_on)


def standing_of(account: Account, as_of_on: date) -> Standing:
    """Return how an account stands as of a day."""
    if account.entries and account.entries[-1].value_on > as_of_on:
        kept = [entry for entry in account.entries if entry.value_on <= as_of_on]
        account = _told(kept, account)
    owed = _Run(account, anew=False).owed(as_of_on, enough=0)
    past_due = [line for line in account.lines if line.due_on < as_of_on and line.unpaid > 0]
    ahead = next((line for line in account.lines if line.due_on >= as_of_on and line.unpaid), None)
    oldest_on = past_due[0].due_on if past_due else None
    days = 0
    if oldest_on is not None:
        days = (as_of_on - oldest_on).days - paused_days(account.pauses, oldest_on, as_of_on)
    in_arrears = days > account.arrears.grace_days
    fitting = [each.code for each in account.arrears.buckets if days >= each.from_days]
    return Standing(
        as_of_on=as_of_on,
        arrears_minor=sum(line.unpaid for line in past_due) if in_arrears else 0,
        oldest_unpaid_due_on=oldest_on,
        days_past_due=days,
        bucket=fitting[-1] if in_arrears and fitting else None,
        penalty_minor=sum(debt.minor for debt in owed if debt.part is Part.PENALTY),
        fee_minor=sum(debt.minor for debt in owed if debt.part is Part.FEE),
        next_due_on=None if ahead is None else ahead.due_on,
        next_due_minor=0 if ahead is None else ahead.unpaid,
        outstanding_minor=account.principal_left,
        surplus_minor=account.surplus,
    )
