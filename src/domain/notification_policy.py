"""How notices reach people, by what they say: a rule document.

Whether a notice wants an acknowledgement, by which channels and in which order it is tried, how
often and how soon again, whether it may wait for a daily digest, and whether it may wake somebody.
Notices to customers also want a consent, keep the same quiet hours for all of them, and may come
some days before what they tell of.
"""

from datetime import time
from zoneinfo import ZoneInfo

from domain.channels import StaffChannelKind
from domain.clocks.messages import Urgency
from domain.declare import value
from domain.quiet_hours import QuietHours

ANY_CODE = "*"
PRIORITIES = ("urgent", "high", "normal", "low")
"""The priorities of cases, which a rule may name."""
TOLD_WITHOUT_EVENT = (
    "lease.in_arrears",
    "lease.instalment_due",
    "loyalty.points_expiring",
    "order.delivery_late",
    "order.financed_cancelled",
)
"""What is told though no event is called so: a day that comes or passes, or another's words for
what an event means to her. A rule may name these too."""

CONSENTS = ("service_notices", "marketing", "surveys", "data_sharing", "call_recording")
"""What a customer may agree to, which a rule may ask for."""
DAYS_BEFORE_MAX = 366
ATTEMPTS_MAX = 20
BACK_OFF_S_MAX = 7 * 24 * 3600


@value
class NoticeRule:
    """What holds for notices of one code; the code `*` stands for all that have no rule.

    `channels` are the kinds of channels in the order in which they are tried; where none is named,
    all that somebody has are, in her own order. `overrides_quiet_hours_for` lists priorities of
    cases (`urgent`) and urgencies of clocks (`statutory`) whose notices do not wait for the end of
    quiet hours, if she lets them. A notice that says the same of the same case to the same person
    within `same_within_minutes` is not sent again.

    A customer gets it only where she agreed to `consent`. What is known beforehand (an instalment,
    points that expire) is told so many days before it as `days_before` lists, 0 being the day
    itself, at `digest_local`; where none is listed it is not told. What is recorded more than
    `news_for_days` days after it happened is not told either.
    """

    code: str
    must_acknowledge: bool = False
    channels: tuple[StaffChannelKind, ...] = ()
    overrides_quiet_hours_for: tuple[str, ...] = ()
    digest: bool = False
    same_within_minutes: int = 60
    attempts_max: int = 4
    back_off_s: tuple[int, ...] = (60, 300, 1800)
    """How long to wait after the first, second … failure; the last one holds for all further."""
    consent: str = "service_notices"
    days_before: tuple[int, ...] = ()
    news_for_days: int = 7

    def __post_init__(self) -> None:
        """Refuse a rule under which nothing could be sent, with `ValueError`."""
        if not 1 <= self.attempts_max <= ATTEMPTS_MAX:
            raise ValueError(f"{self.code}: attempts_max is from 1 to {ATTEMPTS_MAX}")
        if not self.back_off_s or not all(1 <= s <= BACK_OFF_S_MAX for s in self.back_off_s):
            raise ValueError(f"{self.code}: back_off_s lists seconds, from 1 to a week")
        if self.same_within_minutes < 0:
            raise ValueError(f"{self.code}: same_within_minutes is not negative")
        if not set(self.overrides_quiet_hours_for) <= {*PRIORITIES, *Urgency}:
            known = ", ".join((*PRIORITIES, *Urgency))
            raise ValueError(f"{self.code}: overrides_quiet_hours_for lists any of {known}")
        if self.consent not in CONSENTS:
            raise ValueError(f"{self.code}: consent is one of {', '.join(CONSENTS)}")
        if not all(0 <= days <= DAYS_BEFORE_MAX for days in self.days_before):
            raise ValueError(f"{self.code}: days_before lists days, from 0 to {DAYS_BEFORE_MAX}")
        if self.news_for_days < 0:
            raise ValueError(f"{self.code}: news_for_days is not negative")
        if self.code != ANY_CODE and "." not in self.code:
            raise ValueError(f"{self.code}: a code is an event's name, as in complaint.escalated")


@value
class NotificationPolicy:
    """The rules of all notices; `zone` is that of people of whom none is known.

    `customers_quiet` are the hours in which no notice goes out to a customer, whatever it tells of.
    """

    rules: tuple[NoticeRule, ...] = ()
    digest_local: str = "08:00"
    zone: str = "UTC"
    customers_quiet: QuietHours | None = None

    def __post_init__(self) -> None:
        """Refuse two rules of one code, a time or a zone that there is not, with `ValueError`."""
        codes = [rule.code for rule in self.rules]
        if len(set(codes)) != len(codes):
            raise ValueError("a notification policy has two rules of one code")
        time.fromisoformat(self.digest_local)
        try:
            ZoneInfo(self.zone)
        except (KeyError, OSError):
            raise ValueError(f"there is no time zone {self.zone}") from None
        _check_quiet(self.customers_quiet)

    def rule(self, code: str) -> NoticeRule:
        """Return the rule of a code: its own, that of all others, or the plainest there is."""
        found = {rule.code: rule for rule in self.rules}
        return found.get(code) or found.get(ANY_CODE) or NoticeRule(code=ANY_CODE)


def _check_quiet(hours: QuietHours | None) -> None:
    """Refuse quiet hours without an end, or of times or a zone that there are not."""
    if hours is None:
        return
    for local in (hours.starts_local, hours.ends_local):
        if time.fromisoformat(local).strftime("%H:%M") != local:
            raise ValueError(f"customers_quiet: {local} is not written as in 22:00")
    if hours.starts_local == hours.ends_local:
        raise ValueError("customers_quiet must leave some time of the day")
    try:
        ZoneInfo(hours.zone)
    except (KeyError, OSError):
        raise ValueError(f"there is no time zone {hours.zone}") from None
