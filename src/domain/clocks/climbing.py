"""When an escalation climbs: whoever was told has had the time of her rung to acknowledge it."""

from datetime import datetime, timedelta

from domain.clocks.calendar import Calendar
from domain.clocks.days import CalendarDoesNotCover
from domain.clocks.messages import Span, Unit
from domain.clocks.reckoning import reckon

OUTAGE = timedelta(minutes=5)
"""How late an obligation may be seen to without moving those that follow from it."""

_PLAIN = {
    Unit.HOURS: timedelta(hours=1),
    Unit.WORKING_HOURS: timedelta(hours=1),
    Unit.WEEKS: timedelta(weeks=1),
    Unit.MONTHS: timedelta(days=30),
}


def climbs_at(
    span: Span | None, since: datetime, calendar: Calendar, now: datetime
) -> datetime | None:
    """Return when a rung's time is over, counted from the obligation's instant; None: never.

    So it follows from what was missed and not from when somebody looked; only after an outage does
    the time begin when she could be told. Where the calendar says nothing of those days every hour
    counts: somebody must be told also when nobody has published next year's holidays.
    """
    if span is None:
        return None
    if now - since > OUTAGE:
        since = now
    try:
        return reckon(span, since, calendar).due_at
    except CalendarDoesNotCover:
        return since + span.amount * _PLAIN.get(span.unit, timedelta(days=1))
