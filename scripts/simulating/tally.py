"""What came of the cases that were played: counted by clock, priority and unit, the worst kept."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from domain.clocks.messages import (
    ClocksPaused,
    ClocksStarted,
    ClocksStopped,
    DeadlineBreached,
    DeadlineForeseen,
    DeadlineWarned,
)
from domain.complaint import (
    Complaint,
    ComplaintEscalated,
    EscalationAcknowledged,
    EscalationClimbed,
    EscalationEnded,
)

COLUMNS = (
    "started", "met", "late", "open", "paused", "warned", "foreseen", "breached", "escalated",
    "climbed", "acknowledged", "ended",
)  # fmt: skip
"""What is counted of clocks; `late` stopped after it was due, `open` ran when the play ended."""

WORST_MAX = 10
NO_CLOCK = "(none)"
"""The clock of an escalation that was raised by hand, or because a team or dealer failed."""


class Missed(NamedTuple):
    """A clock that was missed; sorted, the latest comes first."""

    late_s: int
    """From the due instant to the stop, or to the end of the play; negative, for sorting."""
    case: str
    clock: str
    priority: str
    unit: str
    due_at: datetime
    stopped_at: datetime | None
    rungs: int
    """How many rungs the escalations of the case reached in the end."""

    @property
    def late_by(self) -> timedelta:
        """Return by how much it was late."""
        return timedelta(seconds=-self.late_s)


class Told(NamedTuple):
    """Whom escalations reached: the rung from 0, the role there, and the unit or region."""

    rung: int
    role: str
    place: str


Figures = Counter[str]


@dataclass(slots=True)
class Tally:
    """The sum over cases; tallies of several shares are added up."""

    cases: int = 0
    acts: int = 0
    events: int = 0
    totals: Figures = field(default_factory=Counter)
    by_clock: dict[str, Figures] = field(default_factory=dict)
    by_priority: dict[str, Figures] = field(default_factory=dict)
    by_unit: dict[str, Figures] = field(default_factory=dict)
    warnings: Counter[str] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)
    told: Counter[Told] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    """Acts that the rules refused, by the topic or command and the refusal's code."""
    without_cause: Counter[str] = field(default_factory=Counter)
    """Acts of people that other rules leave nothing to be about, by topic."""
    worst: list[Missed] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Add what another share came to."""
        self.cases += other.cases
        self.acts += other.acts
        self.events += other.events
        for mine, theirs in (
            (self.totals, other.totals),
            (self.warnings, other.warnings),
            (self.causes, other.causes),
            (self.refused, other.refused),
            (self.without_cause, other.without_cause),
        ):
            mine.update(theirs)
        self.told.update(other.told)
        for groups, others in (
            (self.by_clock, other.by_clock),
            (self.by_priority, other.by_priority),
            (self.by_unit, other.by_unit),
        ):
            for name, figures in others.items():
                groups.setdefault(name, Counter()).update(figures)
        self.keep_worst(other.worst)

    def keep_worst(self, missed: Iterable[Missed]) -> None:
        """Keep the latest of these and of those kept so far."""
        self.worst = sorted((*self.worst, *missed))[:WORST_MAX]


class Watch:
    """Counts one case while it is played; each event at the unit and priority of its moment."""

    def __init__(self, name: str, tally: Tally) -> None:
        self._name = name
        self._tally = tally
        self.marks: list[tuple[object, ...]] = []
        """What happened to the case's deadlines and when, to compare two plays of it by."""
        self.breached: dict[tuple[str, int], tuple[datetime, str, str]] = {}
        """By clock and its number: when it was due, and the priority and unit it had then."""

    def see(self, at: datetime, event: Any, case: Complaint) -> None:
        """Count an event of the case, given how it stands now."""
        self._at = at
        counted = _COUNTED.get(type(event))
        if counted is None:
            counted = next((how for base, how in _BY_BASE.items() if isinstance(event, base)), _no)
            _COUNTED[type(event)] = counted
        counted(self, event, case)

    def end(self, case: Complaint, until_at: datetime) -> None:
        """Count what is left when the play is over."""
        rungs = max((len(one.reached) for one in case.escalations), default=0)
        missed = []
        for clock in case.clocks.clocks:
            if clock.is_on:
                self._count("open", clock.code, case)
            if (clock.code, clock.n) in self.breached:
                due_at, priority, unit = self.breached[clock.code, clock.n]
                late = (clock.stopped_at or until_at) - due_at
                missed.append(
                    Missed(
                        -int(late.total_seconds()), self._name, clock.code, priority, unit, due_at,
                        clock.stopped_at, rungs,
                    )
                )  # fmt: skip
        self._tally.keep_worst(missed)

    def _count(self, column: str, clock: str, case: Complaint) -> None:
        tally = self._tally
        tally.totals[column] += 1
        self.marks.append((self._at, column, clock))
        priority, unit = _where(case)
        for groups, name in (
            (tally.by_clock, clock),
            (tally.by_priority, priority),
            (tally.by_unit, unit),
        ):
            figures = groups.get(name)
            if figures is None:
                figures = groups[name] = Counter()
            figures[column] += 1

    # --- one method per event ---------------------------------------------------------------------

    def _started(self, event: ClocksStarted, case: Complaint) -> None:
        for clock in event.clocks:
            self._count("started", clock.clock, case)

    def _stopped(self, event: ClocksStopped, case: Complaint) -> None:
        for stop in event.stops:
            clock = case.clocks.clocks[stop.n - 1]
            late = stop.met is False or (clock.code, clock.n) in self.breached
            self._count("late" if late else "met", clock.code, case)

    def _paused(self, event: ClocksPaused, case: Complaint) -> None:
        for n in event.clocks:
            self._count("paused", case.clocks.clocks[n - 1].code, case)

    def _warned(self, event: DeadlineWarned, case: Complaint) -> None:
        self._count("warned", _code(case, event.n), case)
        self._tally.warnings[event.code] += 1

    def _foreseen(self, event: DeadlineForeseen, case: Complaint) -> None:
        self._count("foreseen", _code(case, event.n), case)

    def _breached(self, event: DeadlineBreached, case: Complaint) -> None:
        code = _code(case, event.n)
        self._count("breached", code, case)
        self.breached.setdefault((code, event.n), (event.due_at, *_where(case)))

    def _escalated(self, event: ComplaintEscalated, case: Complaint) -> None:
        self._count("escalated", _code(case, event.clock), case)
        self._tally.causes[event.cause] += 1
        self._tell(event)

    def _climbed(self, event: EscalationClimbed, case: Complaint) -> None:
        self._count("climbed", _code(case, case.escalations[event.n - 1].raised.clock), case)
        self._tell(event)

    def _acknowledged(self, event: EscalationAcknowledged, case: Complaint) -> None:
        self._count("acknowledged", _code(case, case.escalations[event.n - 1].raised.clock), case)

    def _ended(self, event: EscalationEnded, case: Complaint) -> None:
        self._count("ended", _code(case, case.escalations[event.n - 1].raised.clock), case)

    def _tell(self, event: ComplaintEscalated | EscalationClimbed) -> None:
        place = event.unit or event.region or "-"
        self._tally.told[Told(event.rung, event.role, place)] += 1
        self.marks.append((self._at, event.rung, event.role, place))


def _no(_watch: Watch, _event: Any, _case: Complaint) -> None:
    """Count nothing: it says nothing of deadlines."""


_BY_BASE: dict[type[Any], Callable[[Watch, Any, Complaint], None]] = {
    ClocksStarted: Watch._started,
    ClocksStopped: Watch._stopped,
    ClocksPaused: Watch._paused,
    DeadlineWarned: Watch._warned,
    DeadlineForeseen: Watch._foreseen,
    DeadlineBreached: Watch._breached,
    ComplaintEscalated: Watch._escalated,
    EscalationClimbed: Watch._climbed,
    EscalationAcknowledged: Watch._acknowledged,
    EscalationEnded: Watch._ended,
}
_COUNTED: dict[type[Any], Callable[[Watch, Any, Complaint], None]] = {}


def _code(case: Complaint, n: int | None) -> str:
    clock = None if n is None else case.clocks.clock(n)
    return NO_CLOCK if clock is None else clock.code


def _where(case: Complaint) -> tuple[str, str]:
    """Return the priority and the unit of a case as they are now; a dealer's is its region."""
    sorting = case.sorting
    return sorting.priority or "-", sorting.unit or sorting.region or "-"


@dataclass(slots=True)
class Changes:
    """How a what-if differs from what it is compared with, case by case and clock by clock."""

    cases: int = 0
    """Cases in which something happened to a deadline otherwise, or at another instant."""
    no_longer_breached: Counter[str] = field(default_factory=Counter)
    newly_breached: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Changes") -> None:
        """Add what another share came to."""
        self.cases += other.cases
        self.no_longer_breached.update(other.no_longer_breached)
        self.newly_breached.update(other.newly_breached)

    def compare(self, before: Watch, after: Watch) -> None:
        """Compare one case's two plays; of a clock's code, as many count as are missed more."""
        self.cases += before.marks != after.marks
        was = Counter(code for code, _ in before.breached)
        now = Counter(code for code, _ in after.breached)
        self.no_longer_breached.update(was - now)
        self.newly_breached.update(now - was)
