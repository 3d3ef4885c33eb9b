"""Warnings before a deadline is missed: a share of the time is used, little is left, or foreseen.

They are a saga of their own beside the escalations: when very many reminders are due at once they
are paced, and no breach of the same case may wait behind them.
"""

from collections.abc import Sequence
from datetime import datetime

from sagas.declare import Do, Saga, Shared, Wake
from sagas.watch import journey, topics
from sagas.watch.asking import due, next_wake
from sagas.watch.following import evolve
from sagas.watch.forecast import NOTHING_KNOWN, KnownEstimates, follow_publication
from sagas.watch.obligations import Foresee, Obligation, Warn, obligations
from sagas.watch.state import WatchedCase


def _warnings(case: WatchedCase) -> list[Obligation]:
    return [each for each in obligations(case) if isinstance(each.wish, Warn | Foresee)]


def wake(case: WatchedCase) -> Wake | None:
    """Return when somebody is to be warned next."""
    return next_wake(_warnings(case))


def todo(case: WatchedCase, now: datetime) -> Sequence[Do]:
    """Return the warnings that are due, the oldest first.

    Nobody is warned of what is missed already: after an outage the breach says it all.
    """
    early = (each for each in _warnings(case) if not _is_past(each, now))
    return due(case, early, now)


def _is_past(obligation: Obligation, now: datetime) -> bool:
    wish = obligation.wish
    due_at = wish.clock.due_at if isinstance(wish, Warn | Foresee) else None
    return due_at is not None and due_at <= now


SAGA: Saga[WatchedCase] = Saga(
    name="deadline_warnings",
    revision=1,
    topics=(*journey.TOPICS, *topics.CLOCKS, *topics.SAYINGS),
    state_type=WatchedCase,
    key=lambda recorded: recorded.stream,
    evolve=evolve,
    wake=wake,
    todo=todo,
    shared=Shared(
        topics=("rulebook.published",),
        state_type=KnownEstimates,
        initial=NOTHING_KNOWN,
        evolve=follow_publication,
    ),
)
