"""Reckoning an account: what is owed on a day, and where payments go, in order or told anew.

A payment that comes in the order of days of value is added at once; for one that does not, or that
does no longer count, the account is replayed. Penalties are never stored: they follow from what was
overdue for how many days.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from uuid import UUID

from domain.finance import (
    WATERFALL_ORDER,
    InAdvance,
    Owed,
    Part,
    Processing,
    Share,
    Waterfall,
    allocate,
)
from domain.finance.rates import percent
from domain.lease.ledger import Account, Entry, Line, Pause, Reallocated

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
    above, below = _daily(account.penalty.annual_percent)
    whole, rest = divmod(line.minor_days * above, below)
    rounded_up = 2 * rest > below or (2 * rest == below and whole % 2 == 1)
    return whole + rounded_up - line.penalty_paid


@lru_cache(maxsize=256)
def _daily(annual_percent: str) -> tuple[int, int]:
    """Return a rate for a day of 365 as numerator and denominator."""
    rate = percent(annual_percent)
    return rate.numerator, rate.denominator * 365


class _Run:
    """A payment after the other on a copy of the account's instalments."""

    def __init__(self, account: Account, *, anew: bool) -> None:
        self.account = account
        self.lines = list(account.opening if anew else account.lines)
        self.fee_paid = 0 if anew else account.fee_paid
        self.carried_paid = 0 if anew else account.carried_paid
        self.settled = 0
        """How many instalments from the first on are paid, penalties too."""

    def owed(
        self,
        on: date,
        *,
        enough: int | None = None,
        last: bool = False,
        oldest: bool = False,
    ) -> list[Owed]:
        """Return what is owed on a day; of what is not yet due no more than is enough.

        Where the `oldest` instalment is paid first in all its parts, no more of what is due either.
        """
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
        place, due = self._owed_by_now(on, found, enough if oldest else None)
        if oldest and enough is not None:
            enough -= due
        ahead = range(place, len(self.lines))
        for place in reversed(ahead) if last else ahead:
            if enough is not None and enough <= 0:
                break
            line = self.lines[place]
            self._owed_of(line, on, found)
            if enough is not None:
                enough -= line.unpaid
        return found

    def _owed_by_now(self, on: date, found: list[Owed], enough: int | None) -> tuple[int, int]:
        """Add what is due by a day; return the place of the first that is not, and the sum."""
        lines = self.lines
        place, due = self.settled, 0
        while place < len(lines) and lines[place].due_on <= on:
            if enough is not None and due >= enough:
                break
            minor = self._owed_of(lines[place], on, found)
            if place == self.settled and not minor:
                self.settled += 1
            due += minor
            place += 1
        return place, due

    def _owed_of(self, line: Line, on: date, found: list[Owed]) -> int:
        """Add what is owed of an instalment; return the sum."""
        if not line.unpaid and not line.minor_days:
            return 0
        penalty = _penalty_of(self.account, _counted(self.account, line, on))
        interest = line.interest_minor - line.interest_paid
        principal = line.principal_minor - line.principal_paid
        owed = 0
        for part, minor in (
            (Part.PENALTY, penalty),
            (Part.INTEREST, interest),
            (Part.PRINCIPAL, principal),
        ):
            if minor > 0:
                found.append(Owed(n=line.n, due_on=line.due_on, part=part, minor=minor))
                owed += minor
        return owed

    def allocated(self, entry: Entry, waterfall: Waterfall) -> Entry:
        """Return the payment with where it goes now."""
        last = waterfall.in_advance is InAdvance.LAST
        oldest = waterfall.processing is Processing.HORIZONTAL and not last
        oldest = oldest and waterfall.order == WATERFALL_ORDER
        owed = self.owed(entry.value_on, enough=entry.minor, last=last, oldest=oldest)
        if oldest and (not owed or owed[0].n):  # no fee or carried penalty: in order already
            shares, left = _straight(entry.minor, owed)
        else:
            found = allocate(entry.minor, owed, entry.value_on, waterfall)
            shares, left = found.shares, found.left_minor
        return Entry(entry.value_on, entry.payment_id, entry.minor, entry.kind, shares, left)

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


def _straight(minor: int, owed: Iterable[Owed]) -> tuple[tuple[Share, ...], int]:
    """Return the shares of a payment that pays debts as they stand, and what is left of it."""
    shares = []
    for debt in owed:
        if minor == 0:
            break
        share = min(minor, debt.minor)
        minor -= share
        shares.append(Share(n=debt.n, part=debt.part, minor=share))
    return tuple(shares), minor


def owed_on(account: Account, on: date) -> list[Owed]:
    """Return everything that is owed as of a day, due or not; payments all count."""
    return _Run(account, anew=False).owed(on)


def due_on(account: Account, on: date) -> list[Owed]:
    """Return what is owed and due as of a day; payments all count."""
    return _Run(account, anew=False).owed(on, enough=0)


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
    return told([*account.entries, entry], account)


def without_entry(account: Account, payment_id: UUID) -> Account:
    """Return the account without a payment; where the others go stays as it is."""
    return told([each for each in account.entries if each.payment_id != payment_id], account)


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
    return told(entries, account)


def told(entries: Iterable[Entry], account: Account) -> Account:
    """Return the account told anew from these payments, as where they go stands."""
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
