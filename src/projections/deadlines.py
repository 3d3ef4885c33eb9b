"""Deadlines: one row for every clock of every case, and one for every escalation.

What reports filter by (whose case it is, its kind and priority) stands in each row, so that no
question about deadlines joins or grows with the log. The rows hold codes, numbers and instants.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import DECIDERS, complaint, referral
from domain.clocks import messages as m
from domain.declare import stored_name
from domain.referral import escalation as of_referral
from store.log import Recorded
from store.views import TableView, Work, beside

SQL = beside(__file__)

PARTED = "\x1f"

Stream = UUID
Key = tuple[UUID, int]

# --- rows -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Case:
    """What reports ask of a case; `dealer_raised` is the dealer who raised it."""

    stream: UUID
    category: str
    number: str | None = None
    kind: str | None = None
    priority: str | None = None
    dealer_raised: str | None = None
    by_dealer: bool = False
    is_assigned: bool = False
    dealer_given: str | None = None
    region_given: str | None = None
    region_raised: str | None = None
    unit: str | None = None
    asked: str = ""
    handler: str | None = None

    @property
    def dealer_id(self) -> str | None:
        """Return whose dealer's case it is: who handles it or, before that, who raised it."""
        return self.dealer_raised if self.by_dealer and not self.is_assigned else self.dealer_given

    @property
    def region(self) -> str | None:
        """Return the region whose case it is."""
        return self.region_given or self.region_raised

    @property
    def units(self) -> str:
        """Return the units that have a part in it, sorted and parted."""
        asked = set(self.asked.split(PARTED)) if self.asked else set()
        return PARTED.join(sorted(asked | ({self.unit} if self.unit is not None else set())))

    def with_asked(self, unit: str | None) -> "_Case":
        """Return the case with another unit that was asked for something."""
        if unit is None or unit in self.asked.split(PARTED):
            return self
        return replace(self, asked=f"{self.asked}{PARTED}{unit}" if self.asked else unit)


@dataclass(slots=True)
class _Clock:
    """A clock as it stands. `order_at` is the last due instant that was known."""

    stream: UUID
    n: int
    clock: str
    rule: str
    binds: str
    urgency: str
    ladder: str | None
    started_at: datetime
    due_at: datetime | None
    order_at: datetime
    state: str = "running"
    stopped_at: datetime | None = None
    met: bool | None = None
    warned_at: datetime | None = None
    foreseen_at: datetime | None = None
    expected_at: datetime | None = None
    breached_at: datetime | None = None


@dataclass(slots=True)
class _Escalation:
    """An escalation as it stands, on the rung that it has reached."""

    stream: UUID
    n: int
    cause: str
    clock_n: int | None
    clock: str | None
    rung: int
    role: str
    to_unit: str | None
    to_region: str | None
    raised_at: datetime
    climbs_at: datetime | None
    state: str = "open"
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    done_by_at: datetime | None = None
    ended_at: datetime | None = None
    end_why: str | None = None


_CASE = tuple(one.name for one in fields(_Case))
_CLOCK = tuple(one.name for one in fields(_Clock))
_ESCALATION = tuple(one.name for one in fields(_Escalation))
_FACTS = ("category", "number", "kind", "priority", "dealer_id", "region", "unit", "units",
          "handler")  # fmt: skip


# --- what follows of an event ---------------------------------------------------------------------

_ASKS: Mapping[type[Any], str] = {
    complaint.InquirySent: "unit",
    complaint.InstructionGiven: "to_unit",
    complaint.VrtFormed: "unit",
    complaint.WorkCompleted: "to_unit",
    complaint.LitigationOpened: "support_unit",
    complaint.CrisisDeclared: "support_unit",
}
"""Events by which another unit gets a part in a case, and the field that names it."""


def _case_after(case: _Case, event: Any) -> _Case:
    """Return what reports ask of a case after an event."""
    match event:
        case complaint.ComplaintRegistered():
            return replace(
                case, kind=event.kind.value, number=event.number, region_raised=event.region,
                dealer_raised=event.dealer_id, by_dealer=event.origin == complaint.Origin.DEALER,
            )  # fmt: skip
        case complaint.ComplaintCorrected():
            return _corrected(case, event)
        case complaint.ComplaintClassified():
            return replace(case, kind=event.kind.value)
        case complaint.ComplaintGraded():
            return replace(case, priority=event.priority.value)
        case complaint.ComplaintAssigned() | referral.ReferralDistributed():
            handler = event.handler if event.handler is not None else case.handler
            return replace(
                case, is_assigned=True, dealer_given=event.dealer_id, region_given=event.region,
                unit=event.unit, handler=handler,
            )  # fmt: skip
        case complaint.StepCarriedOver():
            unit = event.unit if event.unit is not None else case.unit
            priority = event.priority.value if event.priority is not None else case.priority
            return replace(case, unit=unit, priority=priority)
        case referral.ReferralReceived():
            return replace(case, kind=event.kind.value)
        case referral.ReferralRegistered():
            return replace(case, number=event.number)
    asks = _ASKS.get(type(event))
    return case if asks is None else case.with_asked(getattr(event, asks))


def _corrected(case: _Case, event: complaint.ComplaintCorrected) -> _Case:
    changes: dict[str, Any] = {
        name: value
        for name, value in (
            ("number", event.number),
            ("dealer_raised", event.dealer_id),
            ("region_raised", event.region),
        )
        if value is not None
    }
    if event.origin is not None:
        changes["by_dealer"] = event.origin == complaint.Origin.DEALER
    return replace(case, **changes)


def _started(stream: UUID, started: m.StartedClock) -> _Clock:
    derivation = started.due.derivation
    return _Clock(
        stream=stream, n=started.n, clock=started.clock, rule=derivation.rule.rule,
        binds=started.binds.value, urgency=started.urgency.value, ladder=started.ladder,
        started_at=derivation.started_at, due_at=started.due.due_at,
        order_at=started.due.due_at or derivation.started_at,
    )  # fmt: skip


@dataclass(slots=True)
class _Batch:
    """The rows of the cases of one batch, as they stood before it and as they follow it."""

    cases: dict[Stream, _Case] = field(default_factory=dict)
    clocks: dict[Key, _Clock] = field(default_factory=dict)
    escalations: dict[Key, _Escalation] = field(default_factory=dict)
    changed_cases: set[Stream] = field(default_factory=set)
    changed_clocks: set[Key] = field(default_factory=set)
    changed_escalations: set[Key] = field(default_factory=set)

    def take(self, recorded: Recorded) -> None:
        stream, event = recorded.stream, recorded.event
        case = self.cases.get(stream) or _Case(stream, recorded.topic.partition(".")[0])
        after = _case_after(case, event)
        if after != case or stream not in self.cases:
            self.cases[stream] = after
            self.changed_cases.add(stream)
        if isinstance(event, m.ClocksStarted):
            for started in event.clocks:
                self.clocks[(stream, started.n)] = _started(stream, started)
                self.changed_clocks.add((stream, started.n))
        else:
            self._clock(recorded)
            self._escalation(recorded)

    def _clock(self, recorded: Recorded) -> None:
        stream, at = recorded.stream, recorded.recorded_at
        match recorded.event:
            case m.ClocksStopped(stops=stops):
                for stop in stops:
                    change = {"state": "stopped", "stopped_at": stop.stopped_at, "met": stop.met}
                    self._change((stream, stop.n), **change)
            case m.ClocksPaused(clocks=clocks):
                for n in clocks:
                    self._change((stream, n), state="paused", due_at=None)
            case m.ClocksResumed(dues=dues) | m.ClocksRederived(dues=dues):
                for due in dues:
                    self._due(stream, due)
            case m.ClockReset(due=due) | m.ClockExtended(due=due) | m.ClockDueSet(due=due):
                self._due(stream, due)
            case m.ClockCancelled(n=n):
                self._change((stream, n), state="cancelled", due_at=None)
            case m.DeadlineWarned(n=n):
                self._change((stream, n), warned_at=at)
            case m.DeadlineForeseen(n=n, expected_at=expected_at):
                self._change((stream, n), foreseen_at=at, expected_at=expected_at)
            case m.DeadlineBreached(n=n, due_at=due_at):
                self._change((stream, n), breached_at=due_at)

    def _due(self, stream: UUID, due: m.ClockDue) -> None:
        known = {} if due.due_at is None else {"order_at": due.due_at}
        self._change(
            (stream, due.n),
            state="paused" if due.due_at is None else "running",
            due_at=due.due_at,
            started_at=due.derivation.started_at,
            **known,
        )

    def _change(self, key: Key, **change: Any) -> None:
        """Change a clock; one that never started is nobody's."""
        clock = self.clocks.get(key)
        if clock is not None:
            for name, value in change.items():
                setattr(clock, name, value)
            self.changed_clocks.add(key)

    def _escalation(self, recorded: Recorded) -> None:
        stream, at = recorded.stream, recorded.recorded_at
        match recorded.event:
            case complaint.ComplaintEscalated() | of_referral.ReferralEscalated():
                event = recorded.event
                about = None if event.clock is None else self.clocks.get((stream, event.clock))
                self.escalations[(stream, event.n)] = _Escalation(
                    stream=stream, n=event.n, cause=str(event.cause), clock_n=event.clock,
                    clock=None if about is None else about.clock, rung=event.rung,
                    role=event.role.value, to_unit=event.unit, to_region=event.region,
                    raised_at=at, climbs_at=event.climbs_at,
                )  # fmt: skip
                self.changed_escalations.add((stream, event.n))
            case complaint.EscalationClimbed() | of_referral.ReferralEscalationClimbed():
                climbed = recorded.event
                self._follow(
                    (stream, climbed.n), rung=climbed.rung, role=climbed.role.value,
                    to_unit=climbed.unit, to_region=climbed.region, climbs_at=climbed.climbs_at,
                )  # fmt: skip
            case complaint.EscalationAcknowledged() | of_referral.ReferralEscalationAcknowledged():
                said = recorded.event
                self._follow(
                    (stream, said.n), state="acknowledged", climbs_at=None, acknowledged_at=at,
                    acknowledged_by=said.by.id, done_by_at=said.done_by_at,
                )  # fmt: skip
            case complaint.EscalationEnded() | of_referral.ReferralEscalationEnded():
                end = recorded.event
                self._follow(
                    (stream, end.n), state="ended", climbs_at=None, ended_at=at,
                    end_why=str(end.why),
                )  # fmt: skip

    def _follow(self, key: Key, **change: Any) -> None:
        escalation = self.escalations.get(key)
        if escalation is not None:
            for name, value in change.items():
                setattr(escalation, name, value)
            self.changed_escalations.add(key)


def _fill(work: Work) -> None:
    batch = _Batch()
    streams = list({recorded.stream for recorded in work.events})
    for row in work.run("load_cases", streams=streams):
        batch.cases[row[0]] = _Case(*row)
    for row in work.run("load_clocks", streams=streams):
        batch.clocks[(row[0], row[1])] = _Clock(*row)
    for row in work.run("load_escalations", streams=streams):
        batch.escalations[(row[0], row[1])] = _Escalation(*row)
    for recorded in work.events:
        batch.take(recorded)
    moved = batch.changed_cases
    cases = batch.cases
    work.write("upsert_cases", _CASE, [_values(cases[stream], _CASE) for stream in moved])
    for block, rows, changed, names in (
        ("upsert_clocks", batch.clocks, batch.changed_clocks, _CLOCK),
        ("upsert_escalations", batch.escalations, batch.changed_escalations, _ESCALATION),
    ):
        written: Iterable[Any] = (
            row for key, row in rows.items() if key in changed or key[0] in moved
        )
        work.write(
            block,
            (*names, *_FACTS),
            [(*_values(row, names), *_values(cases[row.stream], _FACTS)) for row in written],
        )


def _values(row: Any, names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in names)


_OF_CLOCKS = (
    m.ClocksStarted, m.ClocksStopped, m.ClocksPaused, m.ClocksResumed, m.ClockReset,
    m.ClockCancelled, m.ClockExtended, m.ClockDueSet, m.ClocksRederived, m.DeadlineWarned,
    m.DeadlineForeseen, m.DeadlineBreached,
)  # fmt: skip
_FOLLOWED = (
    *_OF_CLOCKS, *_ASKS,
    complaint.ComplaintRegistered, complaint.ComplaintCorrected, complaint.ComplaintClassified,
    complaint.ComplaintGraded, complaint.ComplaintAssigned, complaint.StepCarriedOver,
    complaint.ComplaintEscalated, complaint.EscalationClimbed, complaint.EscalationAcknowledged,
    complaint.EscalationEnded,
    referral.ReferralReceived, referral.ReferralRegistered, referral.ReferralDistributed,
    of_referral.ReferralEscalated, of_referral.ReferralEscalationClimbed,
    of_referral.ReferralEscalationAcknowledged, of_referral.ReferralEscalationEnded,
)  # fmt: skip

VIEW = TableView(
    name="deadlines",
    sql=SQL,
    tables={
        "deadline_cases": ("stream",),
        "deadlines": ("stream", "n"),
        "escalations": ("stream", "n"),
    },
    topics=tuple(
        stored_name(event)
        for decider in DECIDERS
        for event in decider.events
        if issubclass(event, _FOLLOWED)
    ),
    fill=_fill,
)
