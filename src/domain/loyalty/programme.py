"""The programme of a loyalty club as a rule document: how points are earned, kept and spent.

No number of it is a constant in code. An earning is decided by the version that was in force when
it occurred, everything else by the version in force now; what a rule answered stands in the event.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.declare import value
from domain.loyalty.words import EarningSource, SpendingPurpose
from domain.money import Currency

CODE_CHARACTERS_MAX = 64
DAYS_MAX = 36_600
GRADES_MAX = 20


class ExpiryEnd(StrEnum):
    """On which day a lot's last month ends."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@value
class Expiry:
    """Points live so many months from the day they were earned, then to the end of that period."""

    after_months: int
    end: ExpiryEnd = ExpiryEnd.MONTH

    def __post_init__(self) -> None:
        """Refuse a life that is none, with `ValueError`."""
        if not 1 <= self.after_months <= 1_200:
            raise ValueError("points live from 1 to 1200 months; leave expiry out for ever")


@value
class EarningRule:
    """What one source earns: so many points a time, and so many for each whole step of an amount.

    The caps hold for a customer's day in the programme's zone; what is beyond them is not earned.
    `late_days` bounds how long ago something may have happened that staff record by hand.
    """

    code: str
    source: EarningSource
    points_each: int = 0
    points_per_step: int = 0
    step_minor: int = 0
    amount_minor_min: int = 0
    earned_per_day_max: int | None = None
    earnings_per_day_max: int | None = None
    pending_days: int = 0
    late_days: int = 90
    expiry: Expiry | None = None
    counts_for_grade: bool = True

    def __post_init__(self) -> None:
        """Refuse a rule that could take points away, with `ValueError`."""
        if min(self.points_each, self.points_per_step, self.amount_minor_min) < 0:
            raise ValueError(f"{self.code}: a rule earns no less than nothing")
        if (self.points_per_step > 0) != (self.step_minor > 0):
            raise ValueError(f"{self.code}: points_per_step and step_minor go together")
        if not (0 <= self.pending_days <= DAYS_MAX and 0 <= self.late_days <= DAYS_MAX):
            raise ValueError(f"{self.code}: days are from 0 to {DAYS_MAX}")
        caps = (self.earned_per_day_max, self.earnings_per_day_max)
        if any(cap is not None and cap < 0 for cap in caps):
            raise ValueError(f"{self.code}: a cap is not negative")

    def points(self, units: int, amount_minor: int | None) -> int:
        """Return what so many units and such an amount earn, before caps."""
        if amount_minor is None:
            return self.points_each * units
        if amount_minor < self.amount_minor_min:
            return 0
        steps = amount_minor // self.step_minor if self.step_minor else 0
        return self.points_each * units + self.points_per_step * steps


@value
class SpendingRule:
    """What points may be spent on, from how many, in which steps, and what a point is worth there.

    `grades` lists the grades to which this is offered; where none is named, to all.
    """

    purpose: SpendingPurpose
    points_min: int = 1
    points_step: int = 1
    minor_per_point: int | None = None
    grades: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse steps of nothing, with `ValueError`."""
        if self.points_min < 1 or self.points_step < 1:
            raise ValueError(f"{self.purpose}: points_min and points_step are 1 at least")


class ExpiredMeanwhile(StrEnum):
    """What becomes of points that a reversal gives back after their expiry."""

    EXPIRES = "expires"
    GRACE = "grace"


@value
class ReversalRules:
    """Until when a redemption can be reversed, and what becomes of what expired meanwhile."""

    within_days: int = 365
    expired_meanwhile: ExpiredMeanwhile = ExpiredMeanwhile.EXPIRES
    grace_days: int = 0


@value
class CashOutRules:
    """How many points may become cash, and at which rate."""

    points_min: int
    points_max: int
    minor_per_point: int


@value
class TransferRules:
    """How many points may go to another ledger of the same household at a time."""

    points_min: int = 1
    points_max: int = 1_000_000_000


@value
class AdjustmentRules:
    """How many points may be given or taken by hand at a time, and how long given ones live."""

    points_max: int = 1_000_000_000
    expiry: Expiry | None = None


@value
class HoldRules:
    """How long a hold that names no end reserves points; None: until it is released."""

    lapses_after_hours: int | None = None


@value
class Velocity:
    """More earnings of a source than this within so many days are held until they are cleared."""

    source: EarningSource
    earnings_max: int
    within_days: int = 1

    def __post_init__(self) -> None:
        """Refuse a window that is none or too long to be looked through, with `ValueError`."""
        if not 1 <= self.within_days <= 62:
            raise ValueError(f"{self.source}: within_days is from 1 to 62")


@value
class FraudRules:
    """What holds an earning back until another person has cleared it. Nothing is lost by it."""

    velocity: tuple[Velocity, ...] = ()
    self_referral: bool = True


@value
class Grade:
    """A grade by its code: from which figures on it is held, what it offers, how urgently it is
    served. Every figure that is named has to be reached.

    `earning_percent` multiplies what is earned; `queue_rank` orders the desk's worklist, the lowest
    first.
    """

    code: str
    points_min: int = 0
    earnings_min: int = 0
    amount_minor_min: int = 0
    earning_percent: int = 100
    queue_rank: int = 0
    offers: tuple[str, ...] = ()


@value
class GradeRules:
    """The grades, the lowest first, and how a customer moves between them.

    A better grade is held at once; a lesser one after a review, every `review_months`, and
    after `notice_days` in which it can still be averted.
    """

    grades: tuple[Grade, ...]
    window_months: int = 12
    review_months: int = 12
    notice_days: int = 60

    def __post_init__(self) -> None:
        """Refuse grades among which one could not tell the lowest, with `ValueError`."""
        codes = [grade.code for grade in self.grades]
        if not 1 <= len(codes) <= GRADES_MAX or len(set(codes)) != len(codes):
            raise ValueError(f"grades: from 1 to {GRADES_MAX}, each code once")
        lowest = self.grades[0]
        if (lowest.points_min, lowest.earnings_min, lowest.amount_minor_min) != (0, 0, 0):
            raise ValueError("grades: the first one is everybody's and asks for nothing")
        if not (1 <= self.window_months <= 60 and 1 <= self.review_months <= 60):
            raise ValueError("grades: windows and reviews are from 1 to 60 months")

    def rank(self, code: str | None) -> int:
        """Return the place of a grade among all, 0 for the lowest and for one that is not there."""
        return next((n for n, grade in enumerate(self.grades) if grade.code == code), 0)

    def reached(self, points: int, earnings: int, amount_minor: int) -> Grade:
        """Return the best grade of such figures."""
        best = self.grades[0]
        for grade in self.grades:
            if (
                points >= grade.points_min
                and earnings >= grade.earnings_min
                and amount_minor >= grade.amount_minor_min
            ):
                best = grade
        return best


@value
class LoyaltyProgramme:
    """One club's rules. What is left out is not allowed: no cash, no transfer, no debt."""

    currency: Currency
    zone: str = "UTC"
    earning: tuple[EarningRule, ...] = ()
    spending: tuple[SpendingRule, ...] = ()
    reversal: ReversalRules = ReversalRules()
    holds: HoldRules = HoldRules()
    cash_out: CashOutRules | None = None
    transfer: TransferRules | None = None
    adjustment: AdjustmentRules = AdjustmentRules()
    fraud: FraudRules = FraudRules()
    grading: GradeRules | None = None
    debt_allowed: bool = False
    """Whether a claw-back may leave a debt, which later earnings repay."""
    enrols: bool = False
    """Whether a customer's first earning opens her ledger; else she joins before she earns."""

    def __post_init__(self) -> None:
        """Refuse two rules for one thing, a zone that there is not, or a grade without rules."""
        sources = [rule.source for rule in self.earning]
        purposes = [rule.purpose for rule in self.spending]
        if len(set(sources)) != len(sources) or len(set(purposes)) != len(purposes):
            raise ValueError("a programme has one rule for a source, and one for a purpose")
        known = {grade.code for grade in self.grading.grades} if self.grading else set()
        for rule in self.spending:
            if not set(rule.grades) <= known:
                raise ValueError(f"{rule.purpose}: names a grade that there is not")
        try:
            zone_of(self.zone)
        except (KeyError, OSError, ValueError):
            raise ValueError(f"there is no time zone {self.zone}") from None

    def earns(self, source: EarningSource) -> EarningRule | None:
        """Return the rule of a source, None where it earns nothing."""
        return next((rule for rule in self.earning if rule.source is source), None)

    def spends(self, purpose: SpendingPurpose) -> SpendingRule | None:
        """Return the rule of a purpose, None where points are not spent on it."""
        return next((rule for rule in self.spending if rule.purpose is purpose), None)

    def day_of(self, at: datetime) -> date:
        """Return the customer's day in which an instant falls."""
        return at.astimezone(zone_of(self.zone)).date()

    def start_of(self, on: date) -> datetime:
        """Return the instant at which a day begins, in UTC."""
        return _start(on, self.zone)

    def expires_at(self, on: date, expiry: Expiry | None) -> datetime | None:
        """Return the instant from which points of that day are no more, None where they stay."""
        return None if expiry is None else _expires_at(on, expiry, self.zone)


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its name."""
    return ZoneInfo(name)


@lru_cache(maxsize=4_096)
def _start(on: date, zone: str) -> datetime:
    return datetime.combine(on, time(), zone_of(zone)).astimezone(UTC)


@lru_cache(maxsize=4_096)
def _expires_at(on: date, expiry: Expiry, zone: str) -> datetime:
    last_on = months_after(on, expiry.after_months)
    match expiry.end:
        case ExpiryEnd.MONTH:
            last_on = last_on.replace(day=monthrange(last_on.year, last_on.month)[1])
        case ExpiryEnd.YEAR:
            last_on = date(last_on.year, 12, 31)
        case ExpiryEnd.DAY:
            pass
    return _start(last_on + timedelta(days=1), zone)


def months_after(on: date, months: int) -> date:
    """Return the same day so many months later, or that month's last where it has no such day."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))
