"""Who acts, and when, in the tests of customers, vehicles, staff and rules."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from domain.declare import Actor, ActorId, Decider, Role
from tests.scenario import Scenario, case

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
CASE = UUID("018f0000-0000-7000-8000-000000000001")


def acting(*roles: Role, **place: Any) -> Actor:
    return Actor(id=ActorId("account-7"), roles=frozenset(roles), **place)


SPECIALIST = acting(Role.SPECIALIST)
CUSTOMER = acting(Role.CUSTOMER)


def fresh(decider: Decider[Any, Any, Any]) -> Scenario:
    """A case that nothing has happened to yet, for a service specialist at `NOW`."""
    return case(decider, stream=CASE, actor=SPECIALIST, now=NOW)


def claims_of(scenario: Scenario, event: Any) -> list[Any]:
    return list(scenario.decider.claims(scenario.state, event))
