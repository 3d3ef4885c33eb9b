"""Escalations of a case: which rung each has reached, who was told, and when it climbs.

Kinds of cases declare events and refusals of their own; how an escalation stands and climbs is the
same for all of them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Generic, NamedTuple, Protocol, TypeVar

from domain.clocks.calendar import Calendar
from domain.clocks.climbing import climbs_at
from domain.clocks.rules import Ladder
from domain.declare import Context, Role


class Rise(Protocol):
    """An event by which an escalation reached a rung."""

    @property
    def n(self) -> int:
        """Return the number of the escalation in its case, from 1."""

    @property
    def rung(self) -> int:
        """Return the rung, counted from 0."""

    @property
    def role(self) -> Role:
        """Return whom it reached."""

    @property
    def unit(self) -> str | None:
        """Return in which unit."""

    @property
    def region(self) -> str | None:
        """Return in which region."""

    @property
    def climbs_at(self) -> datetime | None:
        """Return when her time to acknowledge is over; None: it stays there."""


R = TypeVar("R", bound=Rise)
A = TypeVar("A")

# --- state ----------------------------------------------------------------------------------------


class Reached(NamedTuple):
    """A rung that an escalation reached: whoever has the role in that place was told."""

    role: Role
    unit: str | None
    region: str | None


class Escalation(NamedTuple, Generic[R, A]):
    """An escalation as it stands; open until it is acknowledged or ends."""

    raised: R
    rung: int
    climbs_at: datetime | None
    reached: tuple[Reached, ...]
    acknowledged: A | None = None
    ended: str | None = None

    @property
    def n(self) -> int:
        """Return the number of the escalation in the case."""
        return self.raised.n

    @property
    def is_open(self) -> bool:
        """Tell whether it waits for somebody."""
        return self.acknowledged is None and self.ended is None

    def after_climb(self, event: Rise) -> "Escalation[R, A]":
        """Return the escalation on the rung that it climbed to; who was told before still was."""
        reached = (*self.reached, _told(event))
        return self._replace(rung=event.rung, climbs_at=event.climbs_at, reached=reached)


Escalations = tuple[Escalation[R, A], ...]


def _told(event: Rise) -> Reached:
    return Reached(event.role, event.unit, event.region)


def with_raised(escalations: Escalations[R, A], event: R) -> Escalations[R, A]:
    """Return the escalations of a case with one more."""
    return (*escalations, Escalation(event, event.rung, event.climbs_at, (_told(event),)))


def with_standing(escalations: Escalations[R, A], standing: Escalation[R, A]) -> Escalations[R, A]:
    """Return the escalations of a case, with one as it stands now in place of what it was."""
    place = standing.n - 1
    return (*escalations[:place], standing, *escalations[place + 1 :])


def numbered(escalations: Sequence[Escalation[R, A]], n: int) -> Escalation[R, A] | None:
    """Return the escalation of this number, None where there is none."""
    return escalations[n - 1] if 0 < n <= len(escalations) else None


# --- rules ----------------------------------------------------------------------------------------


def rung_ends_at(ladder: Ladder, rung: int, since: datetime, context: Context) -> datetime | None:
    """Return when a rung's time to acknowledge is over; it begins when it should have been told.

    The last rung is told again, where the ladder says so.
    """
    last = rung == len(ladder.rungs) - 1
    span = ladder.repeat_after if last else ladder.rungs[rung].climb_after
    calendar = context.rules.in_force(Calendar, ladder.calendar, context.now).content
    return climbs_at(span, since, calendar, context.now)


def rung_above(standing: Escalation[R, A], asked: int, ladder: Ladder, now: datetime) -> int | None:
    """Return the rung that an escalation climbs to now, None where it is not the one asked for.

    It climbs one rung at a time, when its time is over; from the last one to the last one again.
    """
    last = len(ladder.rungs) - 1
    above = min(standing.rung + 1, last)
    due_at = standing.climbs_at
    return above if due_at is not None and due_at <= now and min(asked, last) == above else None
