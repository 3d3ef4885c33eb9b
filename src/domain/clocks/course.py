"""The course of a clock: the stretches that it went through, written in one line.

    2026-03-01T09:00:00Z counted 210min 2026-03-01T12:30:00Z outside_hours 2026-03-02T04:30:00Z

Instants stand where one stretch ends and the next begins, and between them why the time counted or
not, for how many `min` or `d`, the pause as `#1` and a holiday's name as a JSON string. So it is
stored: most of what reads a clock asks for its due instant and never for the way to it.
"""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple, NewType

from domain.declare import value

Course = NewType("Course", str)
"""Empty where nothing was gone through."""


class Why(StrEnum):
    """Why a stretch of time counted, or why not."""

    COUNTED = "counted"
    OUTSIDE_HOURS = "outside_hours"
    NOT_A_WORKING_DAY = "not_a_working_day"
    HOLIDAY = "holiday"
    PAUSED = "paused"
    BEFORE_START = "before_start"
    """Counting begins later than the event that started the clock."""


@value
class Stretch:
    """A stretch of time and whether it counted; stretches follow each other without a gap.

    `minutes` is what it counted for, in working minutes where the unit has them; `days` in days.
    `name` is the holiday's, `pause` the number of the pause.
    """

    from_at: datetime
    until_at: datetime
    why: Why
    minutes: int = 0
    days: int = 0
    name: str | None = None
    pause: int | None = None


class Step(NamedTuple):
    """A stretch as it is written, its instants in ISO 8601."""

    from_at: str
    until_at: str
    why: str
    minutes: int
    days: int
    name: str | None
    pause: int | None


_STEP = re.compile(
    r" ([a-z_]+)(?: (-?\d+)min)?(?: (-?\d+)d)?(?: #(-?\d+))?(?: (\"(?:[^\"\\]|\\.)*\"))?"
    r" (\d[^ ]*Z)"
)


def written(stretches: Sequence[Stretch]) -> Course:
    """Return the course of stretches that leave no gap."""
    if not stretches:
        return Course("")
    return starting(stretches[0].from_at, way_on(stretches))


def way_on(stretches: Sequence[Stretch]) -> str:
    """Return a course without the instant at which it starts."""
    return "".join(_way_on(stretch) for stretch in stretches)


def starting(at: datetime, way: str) -> Course:
    """Return the course that starts at an instant and goes on in a way."""
    return Course(_instant(at) + way)


def _way_on(stretch: Stretch) -> str:
    parts = [f" {stretch.why.value}"]
    if stretch.minutes:
        parts.append(f" {stretch.minutes}min")
    if stretch.days:
        parts.append(f" {stretch.days}d")
    if stretch.pause is not None:
        parts.append(f" #{stretch.pause}")
    if stretch.name is not None:
        parts.append(f" {json.dumps(stretch.name, ensure_ascii=False)}")
    return f"{''.join(parts)} {_instant(stretch.until_at)}"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC).isoformat()[:-6]}Z"


def steps(course: Course) -> Iterator[Step]:
    """Yield the stretches of a course as they are written; raises ValueError for what is no course.

    Nothing is passed over: with a stretch left out, a due instant would seem wrongly derived.
    """
    if not course:
        return
    from_at = course.partition(" ")[0]
    read_to = len(from_at) or -1
    for found in _STEP.finditer(course, len(from_at)):
        if found.start() != read_to:
            break
        read_to = found.end()
        why, minutes, days, pause, name, until_at = found.groups()
        yield Step(
            from_at,
            until_at,
            why,
            int(minutes or 0),
            int(days or 0),
            None if name is None else json.loads(name),
            None if pause is None else int(pause),
        )
        from_at = until_at
    if read_to != len(course):
        raise ValueError(f"a course cannot be read from character {read_to} on")


def read(course: Course) -> tuple[Stretch, ...]:
    """Return the stretches of a course."""
    return tuple(
        Stretch(
            from_at=datetime.fromisoformat(step.from_at),
            until_at=datetime.fromisoformat(step.until_at),
            why=Why(step.why),
            minutes=step.minutes,
            days=step.days,
            name=step.name,
            pause=step.pause,
        )
        for step in steps(course)
    )
