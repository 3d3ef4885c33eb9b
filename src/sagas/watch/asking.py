"""Which command an obligation is, for each kind of case."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import assert_never
from uuid import UUID

from domain import complaint as c
from domain import referral as r
from domain.declare import Command
from sagas.declare import Do, Wake
from sagas.watch.obligations import Breach, Climb, Escalate, Foresee, Obligation, Warn, Wish
from sagas.watch.state import WatchedCase


def _of_complaint(stream: UUID, wish: Wish) -> Command:
    match wish:
        case Warn(clock=clock, code=code):
            return c.WarnOfDeadline(stream=stream, n=clock.n, code=code)
        case Foresee(clock=clock, known=known, expected_at=expected_at):
            return c.ForeseeBreach(
                stream=stream,
                n=clock.n,
                expected_at=expected_at,
                step=known.step,
                estimates=known.estimates,
            )
        case Breach(clock=clock):
            return c.RecordBreach(stream=stream, n=clock.n)
        case Escalate(concern=concern):
            return c.EscalateComplaint(
                stream=stream,
                escalation_id=concern.escalation_id,
                cause=c.EscalationCause(concern.cause),
                clock=concern.clock,
                reason=None,
            )
        case Climb(escalation=escalation):
            return c.ClimbEscalation(stream=stream, n=escalation.n, rung=escalation.rung + 1)
    assert_never(wish)


def _of_referral(stream: UUID, wish: Wish) -> Command:
    match wish:
        case Warn(clock=clock, code=code):
            return r.WarnOfReferralDeadline(stream=stream, n=clock.n, code=code)
        case Foresee(clock=clock, known=known, expected_at=expected_at):
            return r.ForeseeReferralBreach(
                stream=stream,
                n=clock.n,
                expected_at=expected_at,
                step=known.step,
                estimates=known.estimates,
            )
        case Breach(clock=clock):
            return r.RecordReferralBreach(stream=stream, n=clock.n)
        case Escalate(concern=concern):
            return r.EscalateReferral(
                stream=stream,
                escalation_id=concern.escalation_id,
                cause=concern.cause,
                clock=concern.clock,
                reason=None,
            )
        case Climb(escalation=climbing):
            return r.ClimbReferralEscalation(stream=stream, n=climbing.n, rung=climbing.rung + 1)
    assert_never(wish)


_ASKS: Mapping[str, Callable[[UUID, Wish], Command]] = {
    c.DECIDER.category: _of_complaint,
    r.DECIDER.category: _of_referral,
}
"""How each kind of case that has clocks is asked."""


def due(case: WatchedCase, found: Iterable[Obligation], now: datetime) -> list[Do]:
    """Return what is due now, the oldest first, each by itself: one that is refused stops none."""
    asks = _ASKS[case.journey.category]
    return [
        Do(commands=(asks(case.journey.stream, each.wish),), cause=each.cause)
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
