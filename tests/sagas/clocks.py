"""Clocks of a complaint as events, for tests of sagas."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from domain import complaint as c
from domain.clocks import messages as m
from domain.clocks.course import Course
from domain.rulebook import Pin

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PACK = Pin(name="complaint", version=1)


def derivation(started_at: datetime = START) -> m.Derivation:
    rule = m.RuleRef(kind=m.RuleKind.SLA, pack=PACK, rule="resolution")
    return m.Derivation(
        rule=rule, calendar=None, zone="UTC", span=None, started_at=started_at, course=Course("")
    )


def due(n: int, due_at: datetime | None, *warnings: tuple[str, datetime]) -> m.ClockDue:
    return m.ClockDue(
        n=n,
        due_at=due_at,
        warnings=tuple(m.Warning(code=code, at=at) for code, at in warnings),
        derivation=derivation(),
    )


def started(
    n: int, due_at: datetime | None, *warnings: tuple[str, datetime], **facts: Any
) -> m.StartedClock:
    facts = {"clock": "resolution", "ladder": "customer_care", **facts}
    return m.StartedClock(due=due(n, due_at, *warnings), **facts)


def clocks(*started_clocks: m.StartedClock) -> c.ComplaintClocksStarted:
    return c.ComplaintClocksStarted(clocks=started_clocks)


def stopped(n: int, at: datetime, *, met: bool | None = True) -> c.ComplaintClocksStopped:
    return c.ComplaintClocksStopped(stops=(m.StoppedClock(n=n, stopped_at=at, met=met),))


def paused(n: int, at: datetime, *numbers: int) -> c.ComplaintClocksPaused:
    return c.ComplaintClocksPaused(
        pause_id=UUID(int=0x900 + n),
        n=n,
        reason=m.PauseReason.PARTS,
        paused_at=at,
        clocks=numbers,
        note=None,
        paper_ids=(),
        ordered_by=None,
    )


def resumed(n: int, at: datetime, *dues: m.ClockDue) -> c.ComplaintClocksResumed:
    return c.ComplaintClocksResumed(n=n, resumed_at=at, dues=dues)


def breached(n: int, due_at: datetime) -> c.ComplaintDeadlineBreached:
    return c.ComplaintDeadlineBreached(n=n, due_at=due_at)


def warned(n: int, code: str, due_at: datetime) -> c.ComplaintDeadlineWarned:
    return c.ComplaintDeadlineWarned(n=n, code=code, due_at=due_at)
