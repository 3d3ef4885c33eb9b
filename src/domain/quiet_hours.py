"""Quiet hours: the local times between which somebody gets no notice, and when they end.

Quiet hours are told by the clock on the wall: where summer time begins or ends inside them, they
are an hour shorter or longer, and they end when the wall clock says so.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from domain.declare import value

_MINUTE = timedelta(minutes=1)
_MINUTES_OF_TWO_DAYS = 2 * 24 * 60


class Quiet(Protocol):
    """Whatever says quiet hours: local times (`22:00`), which may pass midnight, and a zone."""

    @property
    def starts_local(self) -> str:
        """The first minute that is quiet."""
        ...

    @property
    def ends_local(self) -> str:
        """The first minute that is not."""
        ...

    @property
    def zone(self) -> str:
        """The IANA name of the time zone."""
        ...


@value
class QuietHours:
    """Quiet hours as other cases than the member of staff's own record carry them."""

    starts_local: str
    ends_local: str
    zone: str


def is_quiet(hours: Quiet, at: datetime) -> bool:
    """Tell whether an aware instant lies in the quiet hours; the end itself does not."""
    local = at.astimezone(ZoneInfo(hours.zone)).strftime("%H:%M")
    if hours.starts_local < hours.ends_local:
        return hours.starts_local <= local < hours.ends_local
    return local >= hours.starts_local or local < hours.ends_local


def quiet_until(hours: Quiet | None, at: datetime) -> datetime:
    """Return the first instant from `at` on that is not quiet, in UTC; `at` itself if it is not."""
    if hours is None or not is_quiet(hours, at):
        return at.astimezone(UTC)
    local = at.astimezone(ZoneInfo(hours.zone))
    ends = time.fromisoformat(hours.ends_local)
    minutes = (ends.hour - local.hour) * 60 + ends.minute - local.minute
    minute = at.astimezone(UTC).replace(second=0, microsecond=0)
    end = minute + timedelta(minutes=minutes % (24 * 60))
    if end.astimezone(ZoneInfo(hours.zone)).utcoffset() == local.utcoffset():
        return end
    for _ in range(_MINUTES_OF_TWO_DAYS):  # the wall clock was changed meanwhile: look at it
        if not is_quiet(hours, minute):
            return minute
        minute += _MINUTE
    return end


def next_local(at: datetime, local: str, zone: str) -> datetime:
    """Return the next instant after `at` at which the wall clock of a zone shows a time, in UTC.

    A time that the beginning of summer time leaves out comes as much later as it was put forward.
    """
    there = ZoneInfo(zone)
    day = at.astimezone(there).date()
    while True:
        found = datetime.combine(day, time.fromisoformat(local), there).astimezone(UTC)
        if found > at:
            return found
        day += timedelta(days=1)
