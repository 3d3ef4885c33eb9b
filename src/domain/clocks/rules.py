"""Rule documents about time: SLA and statutory packs, ladders, limits, estimates, class pauses."""

from datetime import date, datetime

from domain.clocks.checks import (
    Misfit,
    check_each_once,
    check_known,
    check_length,
    check_not_empty,
    check_order,
)
from domain.clocks.messages import Binds, PauseReason, Span, Urgency
from domain.declare import Role, value
from domain.money import Money

_COUNTS_FROM = ("received", "recorded")
_REASONS = tuple(PauseReason)


@value
class WarningRule:
    """When to warn: after a share of the span (`share_percent`), or a fixed lead before the end."""

    share_percent: int | None = None
    lead: Span | None = None

    def __post_init__(self) -> None:
        """Refuse a warning with both or neither, or one that is none, with `ValueError`."""
        if (self.share_percent is None) == (self.lead is None):
            raise Misfit("a warning has a share_percent or a lead; write exactly one of them")
        if self.share_percent is not None and not 1 <= self.share_percent <= 99:
            message = f"a share of {self.share_percent} percent warns of nothing; write 1 to 99"
            raise Misfit(message, "share_percent")
        check_length(self.lead, "lead")


@value
class ClockRule:
    """One clock of an SLA pack: whom it is for, from what event to what event, and how long.

    Empty `kinds`, `priorities`, `origins` mean any. `starts_on` and `stops_on` are stored names of
    events. `counts_from` is `received` (the instant the case came in) or `recorded` (the event's).
    The first rule of a clock that fits a case is the one.
    """

    clock: str
    starts_on: tuple[str, ...]
    stops_on: tuple[str, ...]
    span: Span
    kinds: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    counts_from: str = "recorded"
    warnings: tuple[WarningRule, ...] = ()
    pausable_for: tuple[str, ...] = ()
    urgency: Urgency = Urgency.ESCALATION
    ladder: str | None = None
    before_authority: Span | None = None
    """Of a referral's clock: it ends at least so long before the authority's own does."""

    def __post_init__(self) -> None:
        """Refuse a clock without length, start or known words, with `ValueError`."""
        check_not_empty(self.clock, "the clock's code", "clock")
        if not self.starts_on:
            raise Misfit("no event starts this clock; name one at least", "starts_on")
        check_length(self.span, "span")
        check_length(self.before_authority, "before_authority")
        check_known(self.counts_from, _COUNTS_FROM, "instant to count from", "counts_from")
        check_each_once(self.warnings, "the warning", "warnings")
        for number, reason in enumerate(self.pausable_for):
            check_known(reason, _REASONS, "reason for a pause", "pausable_for", number)


@value
class SlaPack:
    """The company's own clocks, on one calendar (by the calendar document's name)."""

    calendar: str
    clocks: tuple[ClockRule, ...]
    serves: tuple[str, ...] = ()
    """Kinds of case it is for: `complaint`, `referral`."""

    def __post_init__(self) -> None:
        """Refuse a pack without clocks, or a rule that another hides, with `ValueError`."""
        check_not_empty(self.calendar, "the calendar's name", "calendar")
        if not self.clocks:
            raise Misfit("a pack has one clock at least", "clocks")
        for number, rule in enumerate(self.clocks):
            for earlier in self.clocks[:number]:
                if _hides(earlier, rule):
                    raise Misfit(
                        f"clock {rule.clock}: a rule above fits every case that this one fits;"
                        " put the narrower rule first",
                        *("clocks", number),
                    )


def _hides(earlier: ClockRule, rule: ClockRule) -> bool:
    """Tell whether a rule is never reached because an earlier one fits whatever it fits."""
    return (
        earlier.clock == rule.clock
        and set(earlier.starts_on) >= set(rule.starts_on)
        and all(
            not wide or (narrow and set(narrow) <= set(wide))
            for wide, narrow in (
                (earlier.kinds, rule.kinds),
                (earlier.priorities, rule.priorities),
                (earlier.origins, rule.origins),
            )
        )
    )


@value
class StatutoryRule:
    """One deadline of a law or a regulator, with its source and how well that was confirmed.

    `span` None: no number in the source; the date of the letter counts. `actor` is the
    source's word for who is bound; `binds` says whether that is us.
    """

    code: str
    citation: str
    confirmed: str
    actor: str
    binds: Binds
    starts_on: str
    span: Span | None = None
    extended_span: Span | None = None
    pauses: tuple[str, ...] = ()
    must_send: str | None = None
    until_on: date | None = None
    from_on: date | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        """Refuse a rule without citation or length, with `ValueError`."""
        check_not_empty(self.code, "the rule's code", "code")
        check_not_empty(self.citation, f"the citation of rule {self.code}", "citation")
        check_not_empty(self.confirmed, f"how well rule {self.code} was confirmed", "confirmed")
        check_length(self.span, "span")
        check_length(self.extended_span, "extended_span")
        check_order(self.from_on, self.until_on, f"rule {self.code}", "until_on")
        for number, reason in enumerate(self.pauses):
            check_known(reason, _REASONS, "reason for a pause", "pauses", number)


@value
class ReplyRule:
    """A type of reply (acknowledgement, interim, holding, final, summary_resolution)."""

    reply: str
    elements: tuple[str, ...]
    stops: bool = False
    """Whether it ends the authority's clock."""
    within_rule: str | None = None
    """Code of the rule of the pack within whose time only this type of reply may be sent."""
    citation: str | None = None
    """What asks for the elements; None: the company's own policy."""


@value
class StatutoryPack:
    """The deadlines of one regime, and the replies that it asks for."""

    regime: str
    authority: str
    calendar: str
    locale: str
    rules: tuple[StatutoryRule, ...]
    replies: tuple[ReplyRule, ...]
    reply_rule: str | None = None
    """Code of the rule that is the referral's own clock, None: the letter's date alone."""
    from_on: date | None = None
    until_on: date | None = None
    """Letters of which days it is for; None: of any. A regime that another follows has an end."""

    def __post_init__(self) -> None:
        """Refuse a pack that names rules or replies which are not there, with `ValueError`."""
        check_not_empty(self.calendar, "the calendar's name", "calendar")
        check_order(self.from_on, self.until_on, "the pack", "until_on")
        codes = [rule.code for rule in self.rules]
        check_each_once(codes, "rule", "rules")
        check_each_once((rule.reply for rule in self.replies), "reply", "replies")
        if self.reply_rule is not None:
            check_known(self.reply_rule, codes, "rule of this pack", "reply_rule")
        for number, reply in enumerate(self.replies):
            if reply.within_rule is not None:
                place = ("replies", number, "within_rule")
                check_known(reply.within_rule, codes, "rule of this pack", *place)


@value
class Rung:
    """A step of a ladder: whom it reaches and how long she has to acknowledge before it climbs."""

    role: Role
    climb_after: Span | None = None
    """None on the last rung only: a ladder has an end."""

    def __post_init__(self) -> None:
        """Refuse a rung that is left at once or that is of no staff, with `ValueError`."""
        check_length(self.climb_after, "climb_after")
        if self.role in (Role.CUSTOMER, Role.AUDITOR, Role.SYSTEM):
            raise Misfit(
                f"nothing is brought before a {self.role}; write a role that decides on cases,"
                " such as supervisor",
                "role",
            )


@value
class Ladder:
    """An escalation ladder, lowest rung first, on one calendar."""

    calendar: str
    rungs: tuple[Rung, ...]
    repeat_after: Span | None = None
    """On the last rung: remind again after this while nobody acknowledges."""

    def __post_init__(self) -> None:
        """Refuse a ladder without rungs, without end or with a gap, with `ValueError`."""
        check_not_empty(self.calendar, "the calendar's name", "calendar")
        check_length(self.repeat_after, "repeat_after")
        if not self.rungs:
            raise Misfit("a ladder has one rung at least", "rungs")
        last = len(self.rungs) - 1
        for number, rung in enumerate(self.rungs):
            place = ("rungs", number, "climb_after")
            if number == last and rung.climb_after is not None:
                message = f"the ladder has no end: its last rung, {rung.role}, would climb on"
                raise Misfit(f"{message}; leave out its climb_after", *place)
            if number < last and rung.climb_after is None:
                message = f"nothing above {rung.role} is ever reached; say after how long it climbs"
                raise Misfit(message, *place)


@value
class Limit:
    """Up to which care cost a role may approve; None: without limit."""

    role: Role
    up_to: Money | None = None

    def __post_init__(self) -> None:
        """Refuse a limit below which there is nothing to approve, with `ValueError`."""
        if self.up_to is not None and self.up_to.minor <= 0:
            message = f"{self.role} could approve nothing up to {self.up_to.minor}; write more"
            raise Misfit(f"{message}, or leave the role out", "up_to", "minor")


@value
class AuthorisationLimits:
    """Who may approve which care cost."""

    limits: tuple[Limit, ...]

    def __post_init__(self) -> None:
        """Refuse a role with two limits, with `ValueError`."""
        check_each_once((limit.role for limit in self.limits), "the role", "limits")


@value
class Estimate:
    """How long closed cases took from entering `step` to the stop of a clock, in seconds."""

    clock: str
    step: str
    kind: str | None
    priority: str | None
    cases: int
    median_s: int
    p80_s: int


@value
class Estimates:
    """What the project's own closed cases say, worked out nightly and published."""

    from_at: datetime
    until_at: datetime
    position: int
    estimates: tuple[Estimate, ...]

    def __post_init__(self) -> None:
        """Refuse estimates that are given twice, or from a time that ends first."""
        if self.until_at < self.from_at:
            raise Misfit("until_at lies before from_at; swap them", "until_at")
        check_each_once(
            ((one.clock, one.step, one.kind, one.priority) for one in self.estimates),
            "the estimate of",
            "estimates",
        )


@value
class ClassPause:
    """A regulator's pause of a class of cases; empty lists mean any."""

    authority: str
    citation: str
    packs: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    received_from_on: date | None = None
    received_until_on: date | None = None
    starts_at: datetime
    ends_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a pause without citation, or that ends before it starts, with `ValueError`."""
        check_not_empty(self.citation, "the citation of the pause", "citation")
        received = (self.received_from_on, self.received_until_on)
        check_order(*received, "the class of cases", "received_until_on")
        if self.ends_at is not None and self.ends_at <= self.starts_at:
            raise Misfit("the pause ends before it starts; put ends_at later", "ends_at")
