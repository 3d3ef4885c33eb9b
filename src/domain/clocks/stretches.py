"""The stretches of a derivation: gapless, like ones joined, and never too many to read."""

from datetime import datetime, timedelta

from domain.clocks.course import Stretch, Why
from domain.clocks.messages import Unit

STRETCHES_MAX = 60
_ENDS_KEPT = 20
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_NOTHING = timedelta()
_PLAIN = (Why.COUNTED, Why.OUTSIDE_HOURS, Why.NOT_A_WORKING_DAY)
_KEPT = (_PLAIN, (*_PLAIN, Why.HOLIDAY), tuple(Why))
"""What is taken together first, then also, then at last."""


class _Row:
    __slots__ = ("counted", "days", "from_at", "name", "pause", "until_at", "why")

    def __init__(
        self,
        from_at: datetime,
        until_at: datetime,
        why: Why,
        counted: timedelta,
        days: int,
        name: str | None,
        pause: int | None,
    ) -> None:
        self.from_at = from_at
        self.until_at = until_at
        self.why = why
        self.counted = counted
        self.days = days
        self.name = name
        self.pause = pause


class Stretches:
    """Stretches as they are gone through, in order."""

    __slots__ = ("_rows", "_unit")

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._rows: list[_Row] = []

    def add(
        self,
        from_at: datetime,
        until_at: datetime,
        why: Why,
        *,
        counted: timedelta = _NOTHING,
        days: int = 0,
        name: str | None = None,
        pause: int | None = None,
    ) -> None:
        """Add the next stretch; one like the last makes that longer."""
        if self._rows:
            last = self._rows[-1]
            if last.why is why and last.name == name and last.pause == pause:
                last.until_at = until_at
                last.counted += counted
                last.days += days
                return
        if from_at < until_at:
            self._rows.append(_Row(from_at, until_at, why, counted, days, name, pause))

    def cut(self, at: datetime) -> None:
        """Let the stretches end at an instant."""
        while self._rows and self._rows[-1].from_at >= at:
            self._rows.pop()
        if self._rows:
            self._rows[-1].until_at = min(at, self._rows[-1].until_at)

    def done(self) -> tuple[Stretch, ...]:
        """Return them with whole minutes that sum to the whole.

        Beyond `STRETCHES_MAX` the ones in the middle are taken together: a run of days and nights
        becomes one stretch that counted for the sum, a pause or holiday last of all.
        """
        rows = self._rows
        for kept in _KEPT:
            if len(rows) <= STRETCHES_MAX:
                break
            rows = _taken_together(rows, kept)
        found = []
        total = timedelta()
        by_started_days = self._unit is Unit.STARTED_DAYS
        for row in rows:
            before, total = total, total + row.counted
            days = row.days
            if by_started_days:
                days = (-(-total // _DAY)) - (-(-before // _DAY))
            found.append(
                Stretch(
                    from_at=row.from_at,
                    until_at=row.until_at,
                    why=row.why,
                    minutes=total // _MINUTE - before // _MINUTE,
                    days=days,
                    name=row.name,
                    pause=row.pause,
                )
            )
        return tuple(found)


def _taken_together(rows: list[_Row], whys: tuple[Why, ...]) -> list[_Row]:
    first, middle, last = rows[:_ENDS_KEPT], rows[_ENDS_KEPT:-_ENDS_KEPT], rows[-_ENDS_KEPT:]
    together: list[_Row] = []
    for row in middle:
        if row.why in whys and together and together[-1].why is Why.COUNTED:
            run = together[-1]
            run.until_at = row.until_at
            run.counted += row.counted
            run.days += row.days
        elif row.why in whys:
            counted, days = row.counted, row.days
            together.append(_Row(row.from_at, row.until_at, Why.COUNTED, counted, days, None, None))
        else:
            together.append(row)
    return [*first, *together, *last]
