"""A lease as its reminders follow it: what is to be told, and when arrears become worse."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from domain import lease as ls
from domain.lease.account import Line, standing_of
from domain.money import Currency, Money
from sagas.policies import morning_of
from sagas.to_customers import News, params_of

DUE = "lease.instalment_due"

REMINDED = frozenset({ls.LeaseStatus.CONTRACTED, ls.LeaseStatus.ACTIVE})
"""The statuses in which a lease is paid by its instalments."""

# --- state ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reminding:
    """When and by which consent a lessee is reminded, by the policy in force."""

    days_before: tuple[int, ...] = ()
    at_local: str = "08:00"
    zone: str = "UTC"
    consent: str | None = None
    arrears_consent: str | None = None

    def morning_of(self, on: date, days_before: int = 0) -> datetime:
        """Return when she is reminded of a day."""
        return morning_of(on, self.at_local, self.zone, days_before)

    def today(self, at: datetime) -> date:
        """Return the day that it is at an instant."""
        return at.astimezone(ZoneInfo(self.zone)).date()


@dataclass(frozen=True)
class Watched:
    """A lease under contract; `issued` is the event by which its schedule came into force.

    `assessed` is the class of arrears that the lease has recorded, and `silent` the one in which it
    was carried over, which is no news.
    """

    lease: UUID
    customer: UUID | None
    number: str
    currency: Currency
    status: ls.LeaseStatus
    account: ls.Account
    issued: UUID
    since: datetime
    moved: UUID
    moved_at: datetime
    reminding: Reminding = field(default_factory=Reminding)
    unpaid_since: tuple[tuple[int, datetime], ...] = ()
    """Since when an instalment is to be paid again, whose payment does not count."""
    told: tuple[datetime, int] | None = None
    """The newest reminder that was told, or said why not: its instant and its instalment."""
    assessed: str | None = None
    silent: str | None = None
    news: tuple[News, ...] = ()

    @property
    def oldest(self) -> Line | None:
        """Return the first instalment that is not paid."""
        return next((line for line in self.account.lines if line.unpaid > 0), None)

    def bucket_on(self, on: date) -> str | None:
        """Return the class of arrears of a day, as payments stand."""
        return standing_of(self.account, on).bucket

    def is_news(self, bucket: str | None) -> bool:
        """Tell whether it is a class that the lease has not recorded."""
        return bucket != self.assessed and (self.silent is None or bucket != self.silent)


# --- what is to come ------------------------------------------------------------------------------


def reminders(lease: Watched) -> Iterator[tuple[News, int]]:
    """Yield the reminders that are still to be told, with their instalments: the next ones.

    Whoever is told of them, or wakes by the first, needs none beyond those of one instalment.
    """
    ahead = lease.reminding.days_before
    if lease.status not in REMINDED or lease.customer is None or not ahead:
        return
    again = dict(lease.unpaid_since)
    told_on = None if lease.told is None else lease.reminding.today(lease.told[0])
    found_on: date | None = None
    for line in lease.account.lines:
        if line.unpaid <= 0 or (told_on is not None and line.due_on < told_on):
            continue
        if found_on is not None and line.due_on - timedelta(days=max(ahead)) > found_on:
            return
        since = again.get(line.n, lease.since)
        if line.due_on < lease.reminding.today(since):
            continue
        for days in lease.reminding.days_before:
            at = lease.reminding.morning_of(line.due_on, days)
            told = lease.told is not None and (at, line.n) <= lease.told
            if at > since and not told and not _pauses(lease, at):
                found_on = found_on or line.due_on
                yield _reminder(lease, line, days, at), line.n


def _pauses(lease: Watched, at: datetime) -> bool:
    """Tell whether arrears stand still on the day of an instant."""
    on = lease.reminding.today(at)
    return any(
        pause.from_on <= on and (pause.to_on is None or on < pause.to_on)
        for pause in lease.account.pauses
    )


def _reminder(lease: Watched, line: Line, days: int, at: datetime) -> News:
    return News(
        lease.issued,
        at,
        DUE,
        params_of(
            number=lease.number,
            instalment=line.n,
            due_on=line.due_on,
            amount=Money(minor=line.unpaid, currency=lease.currency),
        ),
        what=f"instalment/{line.n}/{line.due_on.isoformat()}/{days}",
        consent=lease.reminding.consent,
        about=f"instalment/{line.n}",
    )


def worse_on(lease: Watched) -> date | None:
    """Return the first day on which the lease is in another class of arrears than it recorded.

    Between two events arrears only grow, with the days that its oldest instalment is late.
    """
    from_on = lease.reminding.today(lease.moved_at)
    if lease.status not in ls.RUNNING:
        return None
    if lease.is_news(lease.bucket_on(from_on)):
        return from_on
    line, terms = lease.oldest, lease.account.arrears
    if line is None:
        return None
    for days in sorted({terms.grace_days + 1, *(each.from_days for each in terms.buckets)}):
        on = _late_by(lease, line.due_on, days)
        if on is not None and on > from_on and lease.is_news(lease.bucket_on(on)):
            return on
    return None


def _late_by(lease: Watched, due_on: date, days: int) -> date | None:
    """Return the day on which an instalment is so many days late; None where arrears stand still.

    Each pause that begins before that day puts it off by its length, and perhaps into the next.
    """
    on = due_on + timedelta(days=days)
    for pause in sorted(lease.account.pauses, key=lambda each: each.from_on):
        if pause.from_on >= on:
            break
        if pause.to_on is None:
            return None
        on += max(pause.to_on - max(pause.from_on, due_on), timedelta(0))
    return on


def assess_at(lease: Watched) -> datetime | None:
    """Return when arrears are to be assessed next: in the morning of that day, or at once."""
    on = worse_on(lease)
    if on is None:
        return None
    return max(lease.reminding.morning_of(on), lease.moved_at)
