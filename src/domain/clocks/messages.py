"""What can happen to a clock, in words that every kind of case shares.

A clock is derived, never stored as time left: every due instant stands in an event, together with
the rule and calendar it was derived by and the stretches of time that counted or did not. A kind
of case that has clocks declares its events by subclassing the ones here, under names of its own.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.clocks.course import Course, Stretch, read
from domain.declare import value
from domain.fields import Personal
from domain.rulebook import Pin


class Unit(StrEnum):
    """In what the length of a clock is counted."""

    HOURS = "hours"
    WORKING_HOURS = "working_hours"
    CALENDAR_DAYS = "calendar_days"
    """The day of the start is not counted; due at the end of the last day, in the zone."""
    WORKING_DAYS = "working_days"
    """As calendar days, of those that are worked; due when work ends on the last of them."""
    STARTED_DAYS = "started_days"
    """Each started 24 hours are a day, from the instant of the start (SAMR Order 43, Art. 21)."""
    WEEKS = "weeks"
    MONTHS = "months"
    BUSINESS_CLOSE = "business_close"
    """Close of business of the n-th working day after the start (FCA DISP 1.5)."""


@value
class Span:
    """A length in a unit; `from_next_working_day` begins counting when the next one does."""

    amount: int
    unit: Unit
    from_next_working_day: bool = False


class RuleKind(StrEnum):
    """Where the length of a clock comes from."""

    SLA = "sla"
    STATUTORY = "statutory"
    SET = "set"
    """Set by the complaint specialist, or promised: a named instant and no length."""
    LETTER = "letter"
    """The date that an authority's letter names."""


@value
class RuleRef:
    """The rule a clock was started by: the document's pin, the rule's code, its citation."""

    kind: RuleKind
    pack: Pin | None
    rule: str
    citation: str | None = None
    confirmed: str | None = None


@value
class Derivation:
    """Why it is due when it is due: all that the due instant was derived from.

    `span` is None where the due instant was named and not counted. Folding the stretches of
    its course again gives the due instant: the sum of their minutes or days is the span.
    """

    rule: RuleRef
    calendar: Pin | None
    zone: str
    span: Span | None
    started_at: datetime
    course: Course

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """Return the stretches of its course; they are read each time that somebody asks."""
        return read(self.course)


@value
class Warning:
    """When to warn: `share_75` of the time is used, or `lead_24h` is left."""

    code: str
    at: datetime


@value
class ClockDue:
    """When clock `n` of the case is due now; None while it is paused (nobody knows then)."""

    n: int
    due_at: datetime | None
    warnings: tuple[Warning, ...]
    derivation: Derivation


class Binds(StrEnum):
    """Whom a clock binds."""

    COMPANY = "company"
    AUTHORITY = "authority"
    """Shown beside ours; its breach is nobody's here and escalates nothing."""


class Urgency(StrEnum):
    """In which order timers fire when many are due; the first comes first."""

    STATUTORY = "statutory"
    ESCALATION = "escalation"
    WARNING = "warning"
    REMINDER = "reminder"

    @property
    def lane(self) -> int:
        """Return the place in the order, 0 first."""
        return _LANES[self]


_LANES = {urgency: lane for lane, urgency in enumerate(Urgency)}


@value
class StartedClock:
    """A clock that started: `n` counts the clocks of the case from 1, `clock` is its code.

    Codes: first_response, judgement, plan, vrt_finding, resolution, promise, reply … as packs name
    them. `about` is the item it is about (a plan, a team, an escalation), `ladder` the
    escalation ladder that is climbed when it is missed; None: nobody is escalated to.
    """

    clock: str
    due: ClockDue
    binds: Binds = Binds.COMPANY
    urgency: Urgency = Urgency.ESCALATION
    ladder: str | None = None
    about: UUID | None = None
    pausable_for: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Return the clock's number in the case."""
        return self.due.n


class PauseReason(StrEnum):
    """The stop points: for what a clock may stand still."""

    CUSTOMER = "customer"
    PARTS = "parts"
    EXPERT_OPINION = "expert_opinion"
    REGULATOR = "regulator"
    FORCE_MAJEURE = "force_majeure"
    SUPPLIER = "supplier"
    OTHER_SYSTEM = "other_system"
    """A carried-over case's source said that it waited."""


@value
class StoppedClock:
    """A clock that stopped; `met` tells whether that was in time (None: it was paused)."""

    n: int
    stopped_at: datetime
    met: bool | None


# --- bases of events: subclass them with @event("<category>.<name>") ------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ClocksStarted:
    """`<category>.clocks_started`: these clocks run from now on."""

    clocks: tuple[StartedClock, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClocksStopped:
    """`<category>.clocks_stopped`: what they were about was done."""

    stops: tuple[StoppedClock, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClocksPaused:
    """`<category>.clocks_paused`: pause `n` of the case begins; these clocks stand still."""

    pause_id: UUID
    n: int
    reason: PauseReason
    paused_at: datetime
    clocks: tuple[int, ...]
    note: Personal[str] | None
    paper_ids: tuple[UUID, ...]
    ordered_by: UUID | None
    """The publication (event id) of the class pause that ordered it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClocksResumed:
    """`<category>.clocks_resumed`: pause `n` ended; these are the due instants now."""

    n: int
    resumed_at: datetime
    dues: tuple[ClockDue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReset:
    """`<category>.clock_reset`: counting begins anew at `due.derivation.started_at`."""

    due: ClockDue
    reason: Personal[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockCancelled:
    """`<category>.clock_cancelled`: the clock no longer runs, though nothing was done."""

    n: int
    reason: Personal[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockExtended:
    """`<category>.clock_extended`: a longer span is granted (a holding response was sent)."""

    due: ClockDue
    reason: Personal[str]
    paper_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockDueSet:
    """`<category>.clock_due_set`: the complaint specialist set the due instant."""

    due: ClockDue
    reason: Personal[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClocksRederived:
    """`<category>.clocks_rederived`: other rules apply from now on, the time already used is kept.

    `cause` says what changed: `priority`, `calendar`, `pack`; `by_publication` is the event id of
    the rules that were published, where that was the cause.
    """

    cause: str
    by_publication: UUID | None
    dues: tuple[ClockDue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineWarned:
    """`<category>.deadline_warned`: warning `code` of clock `n` was due."""

    n: int
    code: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineForeseen:
    """`<category>.deadline_foreseen`: going by the estimates, clock `n` will be missed."""

    n: int
    due_at: datetime
    expected_at: datetime
    step: str
    estimates: Pin


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineBreached:
    """`<category>.deadline_breached`: clock `n` was missed."""

    n: int
    due_at: datetime
