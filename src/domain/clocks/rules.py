"""Rule documents about time: SLA and statutory packs, ladders, limits, estimates, class pauses."""

from datetime import date, datetime

from domain.clocks.messages import Binds, Span, Urgency
from domain.declare import Role, value
from domain.money import Money


@value
class WarningRule:
    """When to warn: after a share of the span (`share_percent`), or a fixed lead before the end."""

    share_percent: int | None = None
    lead: Span | None = None


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


@value
class SlaPack:
    """The company's own clocks, on one calendar (by the calendar document's name)."""

    calendar: str
    clocks: tuple[ClockRule, ...]
    serves: tuple[str, ...] = ()
    """Kinds of case it is for: `complaint`, `referral`."""


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
    span: Span | None
    extended_span: Span | None = None
    pauses: tuple[str, ...] = ()
    must_send: str | None = None
    until_on: date | None = None
    from_on: date | None = None
    note: str | None = None


@value
class ReplyRule:
    """A type of reply (acknowledgement, interim, holding, final, summary_resolution)."""

    reply: str
    elements: tuple[str, ...]
    stops: bool = False
    """Whether it ends the authority's clock."""
    within_rule: str | None = None
    """Code of the rule of the pack within whose time only this type of reply may be sent."""


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
    """Letters of which days it is for; None: of any. A regime that another one follows has an end."""


@value
class Rung:
    """A step of a ladder: whom it reaches and how long she has to acknowledge before it climbs."""

    role: Role
    climb_after: Span | None
    """None on the last rung only: a ladder has an end."""


@value
class Ladder:
    """An escalation ladder, lowest rung first, on one calendar."""

    calendar: str
    rungs: tuple[Rung, ...]
    repeat_after: Span | None = None
    """On the last rung: remind again after this while nobody acknowledges."""


@value
class Limit:
    """Up to which care cost a role may approve; None: without limit."""

    role: Role
    up_to: Money | None


@value
class AuthorisationLimits:
    """Who may approve which care cost."""

    limits: tuple[Limit, ...]


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
