"""A kind of case made for the tests of sagas, promises to be reminded of, and sagas over it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.clocks.messages import Urgency
from domain.declare import (
    Command,
    Context,
    Decider,
    Refusal,
    command,
    event,
)
from sagas.declare import Do, Saga, Shared, Wake
from store.casebook import Casebook
from store.database import pool
from store.keys import Keys
from store.log import Recorded

MASTER_KEY = bytes(range(32))
MINUTE = timedelta(minutes=1)


@event("promise.made")
class Made:
    due_at: datetime
    urgency: Urgency
    topic: str


@event("promise.reminded")
class Reminded:
    n: int


@event("promise.kept")
class Kept:
    pass


@event("promise.topic_moved")
class TopicMoved:
    """All promises of a topic are due later."""

    topic: str
    by: timedelta


@command
class Make(Command):
    due_at: datetime
    urgency: Urgency = Urgency.REMINDER
    topic: str = "any"


@command
class Remind(Command):
    n: int


@command
class Keep(Command):
    pass


@command
class MoveTopic(Command):
    topic: str
    by: timedelta


class WasKept(Refusal, code="promise.was_kept"):
    """The promise was kept."""


@dataclass(frozen=True, slots=True)
class Promise:
    made: bool = False
    kept: bool = False
    reminded: int = 0


Wish = Make | Remind | Keep | MoveTopic
Fact = Made | Reminded | Kept | TopicMoved


def decide(promise: Promise, wish: Wish, _context: Context) -> Sequence[Fact]:
    match wish:
        case Make(due_at=due_at, urgency=urgency, topic=topic):
            return [Made(due_at=due_at, urgency=urgency, topic=topic)] if not promise.made else []
        case Remind(n=n):
            if promise.kept:
                raise WasKept
            return [Reminded(n=n)] if n > promise.reminded else []
        case Keep():
            return [] if promise.kept else [Kept()]
        case MoveTopic(topic=topic, by=by):
            return [TopicMoved(topic=topic, by=by)]


def evolve(promise: Promise, fact: Fact) -> Promise:
    match fact:
        case Made():
            return replace(promise, made=True)
        case Reminded(n=n):
            return replace(promise, reminded=n)
        case Kept():
            return replace(promise, kept=True)
        case TopicMoved():
            return promise


DECIDER: Decider[Promise, Wish, Fact] = Decider(
    category="promise",
    initial=Promise(),
    decide=decide,
    evolve=evolve,
    commands=(Make, Remind, Keep, MoveTopic),
    events=(Made, Reminded, Kept, TopicMoved),
    opens=(Make, MoveTopic),
)


@dataclass(frozen=True)
class Awaited:
    """What the saga remembers of a promise."""

    promise: UUID
    cause: UUID
    due_at: datetime
    urgency: Urgency
    topic: str
    reminded: int = 0
    kept_after: int | None = None
    """How many promises had been made at all when this one was kept."""


def _evolve(awaited: Awaited | None, recorded: Recorded, shared: Any) -> Awaited | None:
    match recorded.event:
        case Made(due_at=due_at, urgency=urgency, topic=topic):
            return Awaited(recorded.stream, recorded.event_id, due_at, urgency, topic)
        case Reminded(n=n):
            assert awaited is not None
            return replace(awaited, reminded=n)
        case Kept():
            assert awaited is not None
            return replace(awaited, kept_after=shared.made if shared is not None else 0)
        case TopicMoved(topic=topic, by=by):
            if awaited is None or awaited.topic != topic:
                return awaited
            return replace(awaited, due_at=awaited.due_at + by)
    raise TypeError(recorded.topic)


def _wake(awaited: Awaited) -> Wake | None:
    if awaited.reminded or awaited.kept_after is not None:
        return None
    return Wake(awaited.due_at, awaited.urgency)


def _todo(awaited: Awaited, now: datetime) -> Sequence[Do]:
    if awaited.due_at > now:
        return []
    return [Do((Remind(stream=awaited.promise, n=1),), awaited.cause)]


def _key(recorded: Recorded) -> UUID | None:
    return None if recorded.topic == "promise.topic_moved" else recorded.stream


@dataclass(frozen=True)
class HowMany:
    made: int = 0


ALL_TOPICS = ("promise.made", "promise.reminded", "promise.kept", "promise.topic_moved")

REMINDING: Saga[Awaited] = Saga(
    name="reminding",
    revision=1,
    topics=ALL_TOPICS,
    state_type=Awaited,
    key=_key,
    evolve=_evolve,
    wake=_wake,
    todo=_todo,
    shared=Shared(
        topics=("promise.made",),
        state_type=HowMany,
        initial=HowMany(),
        evolve=lambda before, _recorded: HowMany(before.made + 1),
    ),
    tags=lambda awaited: (f"topic:{awaited.topic}",) if awaited.kept_after is None else (),
    reaches=lambda recorded: (
        (f"topic:{recorded.event.topic}",) if recorded.topic == "promise.topic_moved" else ()
    ),
)


def open_casebook(url: str, *, size: int = 8) -> Casebook:
    return Casebook(pool(url, "writer", size=size), url, Keys(MASTER_KEY), deciders=(DECIDER,))


def changed(saga: Saga[Awaited], **fields: Any) -> Saga[Awaited]:
    """Return a saga like another, with other functions."""
    return replace(saga, **fields)


def failing(
    at: Callable[[Recorded], bool],
) -> Callable[[Awaited | None, Recorded, Any], Awaited | None]:
    """Return an `evolve` that cannot fold some events."""

    def _fail(awaited: Awaited | None, recorded: Recorded, shared: Any) -> Awaited | None:
        if at(recorded):
            raise ZeroDivisionError
        return _evolve(awaited, recorded, shared)

    return _fail
