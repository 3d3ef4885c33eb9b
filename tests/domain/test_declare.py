"""How events, commands, values and refusals are declared."""

import dataclasses
from collections.abc import Callable
from uuid import uuid4

import pytest

from domain.declare import (
    AlreadyExists,
    Claim,
    Command,
    Decider,
    NotFound,
    Parties,
    Refusal,
    Role,
    command,
    event,
    stored_name,
    value,
)
from tests.domain.steps import CASE, acting


@event("lamp.lit")
class LampLit:
    """The lamp was lit."""

    brightness: int


@command
class LightLamp(Command):
    """Light the lamp."""

    brightness: int


@value
class Colour:
    """A colour."""

    name: str


class LampIsBroken(Refusal, code="lamp.is_broken"):
    """The lamp is broken."""


class LampIsGone(LampIsBroken):
    """The lamp is gone (shares its family's code)."""


def test_an_event_is_a_frozen_fact_with_a_stored_name() -> None:
    lit = LampLit(brightness=3)
    assert stored_name(LampLit) == "lamp.lit"
    assert lit == LampLit(brightness=3)
    with pytest.raises(dataclasses.FrozenInstanceError):
        lit.brightness = 4  # type: ignore[misc]


def test_events_commands_and_values_take_names_only() -> None:
    classes: tuple[Callable[..., object], ...] = (LampLit, LightLamp, Colour)
    for cls in classes:
        with pytest.raises(TypeError):
            cls(1)


def test_a_command_names_its_case() -> None:
    assert LightLamp(stream=CASE, brightness=1).stream == CASE


def test_two_refusals_are_equal_when_reason_and_facts_are() -> None:
    assert LampIsBroken(since=3) == LampIsBroken(since=3)
    assert LampIsBroken(since=3) != LampIsBroken(since=4)
    assert LampIsBroken() != AlreadyExists()
    assert len({LampIsBroken(since=3), LampIsBroken(since=3)}) == 1


def test_a_refusal_shows_its_code_and_no_facts() -> None:
    assert str(LampIsBroken(name="Sara")) == "lamp.is_broken"
    assert LampIsGone.code == "lamp.is_broken"
    assert issubclass(NotFound, Refusal)


def test_an_actor_has_any_of_several_roles() -> None:
    actor = acting(Role.EXPERT, Role.UNIT, unit="parts")
    assert actor.has(Role.DEALER, Role.UNIT)
    assert not actor.has(Role.DEALER)
    assert not actor.has()


def test_a_decider_that_says_nothing_of_parties_has_none() -> None:
    decider: Decider[int, LightLamp, LampLit] = Decider(
        category="lamp",
        initial=0,
        decide=lambda _state, wish, _context: [LampLit(brightness=wish.brightness)],
        evolve=lambda _state, lit: lit.brightness,
        commands=(LightLamp,),
        events=(LampLit,),
    )
    lit = LampLit(brightness=1)
    assert decider.parties(0) == Parties()
    assert decider.subject(uuid4(), 0, lit) is None
    assert decider.claims(0, lit) == ()
    assert Claim("vin", "X") == Claim("vin", "X")
