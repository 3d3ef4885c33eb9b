"""The account of a lease: how it stands as of a day, and what becomes of it by a new schedule.

An account is a pure fold of payments in the order of their days of value (`reckoning`) under one
schedule (`ledger`). A new schedule begins a new account; the one before it is kept with it.
"""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from domain.finance import Part, Share
from domain.lease.ledger import (
    NO_ACCOUNT,
    Account,
    AgreedArrears,
    AgreedPenalty,
    Charge,
    Entry,
    LeaseInstalment,
    Line,
    Paid,
    Pause,
    Reallocated,
    lines_of,
)
from domain.lease.reckoning import due_on, paused_days, reallocated, told
from domain.lease.words import ScheduleCause

if TYPE_CHECKING:
    from domain.lease.case import Lease

__all__ = [
    "NO_ACCOUNT",
    "Account",
    "AgreedArrears",
    "AgreedPenalty",
    "Charge",
    "Entry",
    "LeaseInstalment",
    "Line",
    "Paid",
    "Pause",
    "Reallocated",
    "Standing",
    "lines_of",
    "paused_days",
    "preceded",
    "standing",
    "standing_of",
    "succeeded",
]

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
        account = told(kept, account)
    owed = due_on(account, as_of_on)
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
