"""Given events, when a command, then events or a refusal: for deciders, nothing else touched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from domain.declare import Actor, ActorId, Context, Decider, Refusal, Role
from domain.rulebook import NO_RULES

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
CASE = UUID("018f0000-0000-7000-8000-000000000001")


def acting(*roles: Role, **place: Any) -> Actor:
    return Actor(id=ActorId("account-7"), roles=frozenset(roles), **place)


SPECIALIST = acting(Role.SPECIALIST)
CUSTOMER = acting(Role.CUSTOMER)


@dataclass(frozen=True)
class Case:
    """A decider with a history."""

    decider: Decider[Any, Any, Any]
    history: tuple[Any, ...] = ()

    def given(self, *events: Any) -> "Case":
        return Case(self.decider, (*self.history, *events))

    @property
    def state(self) -> Any:
        state = self.decider.initial
        for event in self.history:
            state = self.decider.evolve(state, event)
        return state

    def when(self, command: Any, actor: Actor = SPECIALIST, now: datetime = NOW) -> "Outcome":
        context = Context(now=now, actor=actor, rules=NO_RULES)
        try:
            return Outcome(self, command, tuple(self.decider.decide(self.state, command, context)))
        except Refusal as refusal:
            return Outcome(self, command, (), refusal)


@dataclass(frozen=True)
class Outcome:
    """What a command led to."""

    case: Case
    command: Any
    events: Sequence[Any]
    refusal: Refusal | None = None

    def then(self, *events: Any) -> Case:
        assert self.refusal is None, repr(self.refusal)
        assert tuple(self.events) == events
        return self.case.given(*events)

    def refused(self, reason: type[Refusal], **params: Any) -> None:
        assert type(self.refusal) is reason, (self.refusal, self.events)
        for name, value in params.items():
            assert self.refusal.params[name] == value


def claims_of(case: Case, event: Any) -> list[Any]:
    return list(case.decider.claims(case.state, event))
