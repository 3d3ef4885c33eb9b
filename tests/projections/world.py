"""A casebook in which tests say what has happened, and the views over it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from domain import DECIDERS
from domain.declare import Actor, ActorId, Command, Decider, Role, command
from store.casebook import Casebook, Receipt
from store.database import pool
from store.keys import Keys
from store.rulebook import publish_shipped

KEYS = Keys(bytes(range(32)))
SYSTEM = Actor(id=ActorId("system:tests"), roles=frozenset({Role.SYSTEM}))


@command
class Say(Command):
    """Let events happen without asking any rule."""

    events: tuple[Any, ...]


def _saying(decider: Decider[Any, Any, Any]) -> tuple[type[Say], Decider[Any, Any, Any]]:
    say = type(f"Say{decider.category.title()}", (Say,), {})
    return say, replace(
        decider,
        decide=lambda state, wish, context: (
            wish.events if isinstance(wish, Say) else decider.decide(state, wish, context)
        ),
        commands=(*decider.commands, say),
        opens=(*decider.opens, say) if decider.opens else (),
    )


_SAID = {decider.category: _saying(decider) for decider in DECIDERS}
TOLD: tuple[Decider[Any, Any, Any], ...] = tuple(decider for _, decider in _SAID.values())
_CATEGORY = {event: decider.category for decider in DECIDERS for event in decider.events}


class World:
    """A casebook that believes what it is told."""

    def __init__(self, casebook: Casebook, url: str) -> None:
        self.casebook = casebook
        self.url = url
        self.log = casebook.log_reader

    def happened(
        self, stream: UUID, *events: Any, by: Actor = SYSTEM, reason: str | None = None
    ) -> Receipt:
        """Append events to one case."""
        say, _ = _SAID[_CATEGORY[type(events[0])]]
        return self.casebook.execute(say(stream=stream, events=events), actor=by, reason=reason)

    def happened_at_once(self, *cases: tuple[UUID, Sequence[Any]], by: Actor = SYSTEM) -> Receipt:
        """Append events to several cases in one transaction."""
        said = []
        for stream, events in cases:
            say, _ = _SAID[_CATEGORY[type(events[0])]]
            said.append(say(stream=stream, events=tuple(events)))
        return self.casebook.execute(*said, actor=by)


@contextmanager
def world(url: str, *, rules: bool = True) -> Iterator[World]:
    """Open a casebook that believes what it is told, with the shipped rules published."""
    with pool(url, "writer", size=4) as own:
        casebook = Casebook(own, url, KEYS, deciders=TOLD)
        if rules:
            publish_shipped(casebook)
        yield World(casebook, url)
