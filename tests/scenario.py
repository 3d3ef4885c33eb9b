"""One grammar for tests of every decider: given these events, when this command, then those.

    case(DECIDER, stream=CASE, rules=RULES).given(REGISTERED).when(Judge(...), by=EXPERT).then(...)
    case(DECIDER, stream=CASE, rules=RULES).given(CLOSED).when(Judge(...)).refused(IsClosed)

`then` also repeats the command on what it led to: repeated exactly, it must change nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from domain.declare import Actor, ActorId, Context, Decider, Refusal, Role
from domain.rulebook import NO_RULES, Rules

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
SYSTEM = Actor(id=ActorId("system:test"), roles=frozenset({Role.SYSTEM}))
CASE = UUID(int=1)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A case of one decider with what has happened to it so far."""

    decider: Decider[Any, Any, Any]
    stream: UUID = CASE
    rules: Rules = NO_RULES
    actor: Actor = SYSTEM
    now: datetime = NOW
    events: tuple[Any, ...] = ()

    def given(self, *events: Any) -> "Scenario":
        """Go on from these further events."""
        return replace(self, events=(*self.events, *events))

    def by(self, actor: Actor) -> "Scenario":
        """Let this actor act from here on."""
        return replace(self, actor=actor)

    def at(self, now: datetime) -> "Scenario":
        """Let it be this instant from here on."""
        return replace(self, now=now)

    def when(
        self, *commands: Any, by: Actor | None = None, at: datetime | None = None
    ) -> "Outcome":
        """Decide on one command, or on several in order, as this actor at this instant."""
        scenario = replace(self, actor=by or self.actor, now=at or self.now)
        return Outcome(self, scenario, commands)

    def after(self, *steps: tuple[Actor, Any]) -> "Scenario":
        """Go on from the events that these commands of these actors lead to."""
        scenario = self
        for actor, command in steps:
            made = scenario.decide(command, scenario.state, actor)
            scenario = scenario.given(*made)
        return scenario

    def decide(self, command: Any, state: Any, actor: Actor | None = None) -> Sequence[Any]:
        """Return the events that the command leads to in this state."""
        context = Context(now=self.now, actor=actor or self.actor, rules=self.rules)
        return self.decider.decide(state, command, context)

    @property
    def state(self) -> Any:
        """Return the state that the events fold into."""
        return self.fold(self.decider.initial, self.events)

    def fold(self, state: Any, events: Sequence[Any]) -> Any:
        """Return the state after these events."""
        for event in events:
            state = self.decider.evolve(state, event)
        return state


@dataclass(frozen=True, slots=True)
class Outcome:
    """What commands lead to; nothing is decided before it is asked for."""

    before: Scenario
    scenario: Scenario
    commands: tuple[Any, ...]

    def then(self, *expected: Any) -> Scenario:
        """Expect exactly these events, and that every command repeated changes nothing."""
        state, made = self._decided()
        assert made == list(expected), f"decided {made}, expected {list(expected)}"
        again = self.scenario.decide(self.commands[-1], state)
        assert list(again) == [], "the same command changed something again"
        return self.before.given(*made)

    def then_nothing(self) -> Scenario:
        """Expect that exactly this is already so."""
        return self.then()

    def refused(self, refusal: type[Refusal], **params: Any) -> None:
        """Expect this refusal, and of its facts at least these."""
        with pytest.raises(refusal) as raised:
            self._decided()
        assert type(raised.value) is refusal, f"refused as {type(raised.value).__name__}"
        facts = {name: raised.value.params.get(name) for name in params}
        assert facts == params, f"the refusal says {facts}"

    def _decided(self) -> tuple[Any, list[Any]]:
        state = self.scenario.state
        made: list[Any] = []
        for command in self.commands:
            events = self.scenario.decide(command, state)
            state = self.scenario.fold(state, events)
            made.extend(events)
        return state, made


def case(
    decider: Decider[Any, Any, Any],
    *,
    stream: UUID = CASE,
    rules: Rules = NO_RULES,
    actor: Actor = SYSTEM,
    now: datetime = NOW,
) -> Scenario:
    """Begin with a case of which nothing is known yet."""
    return Scenario(decider, stream, rules, actor, now)
