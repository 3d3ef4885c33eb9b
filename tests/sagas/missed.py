"""Which deadlines a history missed, worked out from it alone and in the plainest way."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from domain.clocks import messages as m
from domain.clocks.messages import Binds
from store.log import Recorded


class Missed(NamedTuple):
    """Clock `n` ran on past this due instant."""

    n: int
    due_at: datetime


def missed(log: Sequence[Recorded], until: datetime) -> set[Missed]:
    """Return every due instant that came while its clock ran, up to an instant.

    What stops, pauses or moves a clock at its very due instant came just in time, if the log has
    it before the breach; the order of the log decides.
    """
    due: dict[int, datetime] = {}
    found: set[Missed] = set()
    for each in log:
        found |= {Missed(n, at) for n, at in due.items() if at < each.recorded_at}
        match each.event:
            case m.ClocksStarted(clocks=clocks):
                ours = [clock for clock in clocks if clock.binds is Binds.COMPANY]
                due.update({clock.n: clock.due.due_at for clock in ours if clock.due.due_at})
            case m.ClocksStopped(stops=stops):
                for stop in stops:
                    due.pop(stop.n, None)
            case m.ClockCancelled(n=n):
                due.pop(n, None)
            case m.ClocksPaused(clocks=numbers):
                for n in numbers:
                    due.pop(n, None)
            case m.ClocksResumed(dues=dues) | m.ClocksRederived(dues=dues):
                _move(due, dues)
            case m.ClockReset(due=one) | m.ClockExtended(due=one) | m.ClockDueSet(due=one):
                _move(due, (one,))
            case m.DeadlineBreached(n=n, due_at=due_at):
                assert due.get(n) == due_at <= each.recorded_at, "a breach of nothing"
                found.add(Missed(n, due_at))
    return found | {Missed(n, at) for n, at in due.items() if at <= until}


def _move(due: dict[int, datetime], dues: Sequence[m.ClockDue]) -> None:
    for one in dues:
        due.pop(one.n, None)
        if one.due_at is not None:
            due[one.n] = one.due_at
