"""One grammar for tests of every decider: given these events, when this command, then those.

    case(DECIDER, stream=CASE, rules=RULES).given(REGISTERED).when(Judge(...), by=EXPERT).then(...)
    case(DECIDER, stream=CASE, rules=RULES).given(CLOSED).when(Judge(...)).refused(IsClosed)

`then` also repeats the command on what it led to: repeated exactly, it must change nothing.

Sagas speak the same grammar: given what is recorded, at this instant, then these commands.

    saga(SAGA).given(REGISTERED, STARTED, at=NOW).at(DUE_AT).then(RecordBreach(...))
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import pytest
from pydantic import TypeAdapter

from domain.clocks.messages import Urgency
from domain.declare import Actor, ActorId, Context, Decider, Refusal, Role, stored_name
from domain.rulebook import NO_RULES, Rules
from sagas.declare import Do, Saga, Wake
from sagas.virtual import folded_anew
from store.log import Recorded
from store.mapper import leading_role

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


# --- sagas ----------------------------------------------------------------------------------------


def recorded(
    event: Any,
    *,
    at: datetime,
    version: int,
    position: int = 1,
    stream: UUID = CASE,
    by: Actor = SYSTEM,
) -> Recorded:
    """Return an event as it would stand in the log; its id follows from stream and version."""
    return Recorded(
        position, stream, version, stored_name(type(event)), event, uuid5(stream, str(version)),
        at, by.id, leading_role(by), None, None, None, None, b"",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SagaScenario:
    """A saga with what is recorded so far, and the instant at which it is asked."""

    saga: Saga[Any]
    log: tuple[Recorded, ...] = ()
    now: datetime = NOW

    def given(
        self, *events: Any, at: datetime | None = None, stream: UUID = CASE, by: Actor = SYSTEM
    ) -> "SagaScenario":
        """Go on from these further events, recorded at this instant."""
        scenario = replace(self, now=at or self.now)
        for event in events:
            log = scenario.log
            version = sum(each.stream == stream for each in log) + 1
            one = recorded(
                event, at=scenario.now, version=version, position=len(log) + 1, stream=stream, by=by
            )
            scenario = replace(scenario, log=(*log, one))
        return scenario

    def at(self, now: datetime) -> "SagaScenario":
        """Let it be this instant from here on."""
        return replace(self, now=now)

    @property
    def event_id(self) -> UUID:
        """Return the id of the newest event, from which what it causes is made."""
        return self.log[-1].event_id

    def state(self, key: UUID = CASE) -> Any:
        """Return the instance folded from the log; it must survive being stored as JSON."""
        state = folded_anew(self.saga, self.log).get(key)
        if state is not None:
            stored = TypeAdapter(self.saga.state_type)
            assert stored.validate_json(stored.dump_json(state)) == state
        return state

    def todo(self, key: UUID = CASE) -> Sequence[Do]:
        """Return what the saga would do now."""
        return self.saga.todo(self.state(key), self.now)

    def then(self, *commands: Any, key: UUID = CASE) -> "SagaScenario":
        """Expect exactly these commands, in this order."""
        made = [command for do in self.todo(key) for command in do.commands]
        assert made == list(commands), f"would do {made}, expected {list(commands)}"
        return self

    def then_nothing(self, key: UUID = CASE) -> "SagaScenario":
        """Expect that nothing is to be done now."""
        return self.then(key=key)

    def wakes(
        self, at: datetime, urgency: Urgency | None = None, key: UUID = CASE
    ) -> "SagaScenario":
        """Expect that the saga looks again at this instant, and how urgently."""
        wake = self.saga.wake(self.state(key))
        assert wake is not None, "never wakes"
        assert wake == Wake(at, wake.urgency if urgency is None else urgency)
        return self

    def sleeps(self, key: UUID = CASE) -> "SagaScenario":
        """Expect that the saga does not look again before an event changes something."""
        assert self.saga.wake(self.state(key)) is None
        return self


def saga(saga: Saga[Any]) -> SagaScenario:
    """Begin with a saga that has seen nothing yet."""
    return SagaScenario(saga)
