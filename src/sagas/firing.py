"""Firing one instance: asking the saga what is to be done now, and doing it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

import structlog

from domain.declare import Refusal
from sagas.declare import Do, Hands, Saga
from store.casebook import Casebook
from store.requests import Receipt

log = structlog.get_logger(__name__)

BACK_OFF_S = (1, 300)
"""First and longest wait before an instance is looked at again that could not be finished."""

ALREADY_S = 86_400
"""The longest wait where all was done already: only an event can bring something new."""


class Outcome(Enum):
    """What became of an instance that was fired."""

    DONE = "done"
    """Something was recorded; the fold of it says what comes next."""
    NOTHING = "nothing"
    """Nothing is to be done yet, though it was due."""
    ALREADY = "already"
    """All that is to be done stands in the log already, so nothing was recorded."""
    REFUSED = "refused"
    """The world had moved on; it is tried again when the fold has seen how."""
    FAILED = "failed"
    """A database or a receiver was away, or the saga has a defect."""
    LEFT = "left"
    """The process was told to end before its turn came."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An instance that is ours to execute until `held_until`."""

    saga: Saga[Any]
    key: UUID
    state: Any
    lane: int
    wake_at: datetime
    held_until: datetime
    tries: int
    """How often it was claimed since an event last changed it, this time included."""

    def back_off(self, outcome: Outcome) -> timedelta:
        """Return how long it waits when it was not finished; every try doubles it."""
        first_s, longest_s = BACK_OFF_S
        if outcome is Outcome.ALREADY:
            longest_s = ALREADY_S
        return timedelta(seconds=min(first_s * 2 ** min(self.tries - 1, 30), longest_s))


def fire(
    claimed: Claimed, casebook: Casebook, clock: Callable[[], datetime], senders: Any = None
) -> Outcome:
    """Do what an instance has to do now; an exception is an outcome, and never ends a process.

    Every `Do` is executed by itself: one that is refused does not keep the others back.
    """
    saga = claimed.saga

    def act(do: Do) -> Receipt:
        return casebook.execute(*do.commands, actor=saga.actor, causation_id=do.cause)

    try:
        if saga.perform is not None:
            rests = saga.perform(claimed.state, clock(), Hands(casebook, act, senders))
            return Outcome.ALREADY if rests else Outcome.DONE
        todo = saga.todo(claimed.state, clock())
    except Refusal as refusal:
        return _refused(claimed, refusal)
    except Exception as error:  # noqa: BLE001 (one instance's defect keeps no other one back)
        return _failed(claimed, error)
    outcomes = {_outcome(claimed, act, do) for do in todo}
    for outcome in (Outcome.FAILED, Outcome.REFUSED, Outcome.DONE, Outcome.ALREADY):
        if outcome in outcomes:
            return outcome
    return Outcome.NOTHING


def _outcome(claimed: Claimed, act: Callable[[Do], Receipt], do: Do) -> Outcome:
    try:
        return Outcome.DONE if act(do).events else Outcome.ALREADY
    except Refusal as refusal:
        return _refused(claimed, refusal)
    except Exception as error:  # noqa: BLE001 (as above)
        return _failed(claimed, error)


def _refused(claimed: Claimed, refusal: Refusal) -> Outcome:
    log.info(
        "saga.refused",
        saga=claimed.saga.name,
        key=str(claimed.key),
        code=refusal.code,
        tries=claimed.tries,
    )
    return Outcome.REFUSED


def _failed(claimed: Claimed, error: Exception) -> Outcome:
    log.warning(
        "saga.failed",
        saga=claimed.saga.name,
        key=str(claimed.key),
        error=type(error).__name__,
        where=where(error),
        tries=claimed.tries,
    )
    return Outcome.FAILED


def where(error: BaseException) -> str:
    """Return file and line of an error; its message may hold personal data and is never logged."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
