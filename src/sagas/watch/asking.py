"""Which command an obligation is, for each kind of case."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import assert_never
from uuid import UUID

from domain import complaint as c
from domain.declare import Command
from sagas.declare import Do, Wake
from sagas.watch.obligations import Breach, Climb, Escalate, Foresee, Obligation, Warn, Wish

Asks = Callable[[UUID, Wish], Command | None]


def of_complaint(stream: UUID, wish: Wish) -> Command:
    """Return the complaint's command."""
    match wish:
        case Warn():
            return c.WarnOfDeadline(stream=stream, n=wish.clock.n, code=wish.code)
        case Foresee():
            known = wish.clock.forecast
            assert known is not None
            return c.ForeseeBreach(
                stream=stream,
                n=wish.clock.n,
                expected_at=wish.expected_at,
                step=known.step,
                estimates=known.estimates,
            )
        case Breach():
            return c.RecordBreach(stream=stream, n=wish.clock.n)
        case Escalate():
            concern = wish.concern
            return c.EscalateComplaint(
                stream=stream,
                escalation_id=concern.escalation_id,
                cause=c.EscalationCause(concern.cause),
                clock=concern.clock,
                reason=None,
            )
        case Climb():
            climbing = wish.escalation
            return c.ClimbEscalation(stream=stream, n=climbing.n, rung=climbing.rung + 1)
    assert_never(wish)


def due(stream: UUID, found: Iterable[Obligation], now: datetime) -> list[Do]:
    """Return what is due now, the oldest first, each by itself: one that is refused stops none."""
    return [
        Do(commands=(of_complaint(stream, each.wish),), cause=each.cause)
        for each in found
        if each.at <= now
    ]


def next_wake(found: Iterable[Obligation]) -> Wake | None:
    """Return when the earliest is due, as urgently as the most urgent of them all.

    A case that owes something urgent must not wait in the queue of what is less so.
    """
    all_of_them = list(found)
    if not all_of_them:
        return None
    urgency = min((each.urgency for each in all_of_them), key=lambda each: each.lane)
    return Wake(min(each.at for each in all_of_them), urgency)
