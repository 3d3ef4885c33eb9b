"""A body of a past shape is read as the event that its present shape gives."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from domain import DECIDERS
from domain.clocks.course import Stretch, read
from domain.declare import stored_name
from domain.fields import Erased
from store.codec import CannotRead, Codec, Place
from store.past_shapes import RESHAPES, with_courses
from tests.golden import CIPHER, STREAM, VERSION
from tests.strategies import EVENT_TYPES

CODEC = Codec(DECIDERS)
STRETCHES = TypeAdapter(tuple[Stretch, ...])
RESHAPED = [cls for cls in EVENT_TYPES if stored_name(cls) in RESHAPES]


def with_stretches(node: Any) -> Any:
    """Return a body as it was stored while the stretches of a derivation were objects."""
    if isinstance(node, list):
        return [with_stretches(item) for item in node]
    if not isinstance(node, dict):
        return node
    past = {name: with_stretches(inner) for name, inner in node.items() if name != "course"}
    if "course" in node:
        past["stretches"] = STRETCHES.dump_python(read(node["course"]), mode="json")
    return past


def test_what_is_reshaped_is_stored_under_names_of_events() -> None:
    assert {stored_name(cls) for cls in RESHAPED} == set(RESHAPES)


@given(st.sampled_from(RESHAPED).flatmap(st.from_type))
def test_a_clock_with_stretches_is_read_as_one_with_a_course(happened: Any) -> None:
    place = Place(STREAM, VERSION, CODEC.topic(happened))
    body = CODEC.encode(happened, place, CIPHER)
    past = to_json(with_stretches(from_json(body)))
    assert CODEC.decode(past, place, CIPHER) == happened
    assert CODEC.decode(past, place, None) == CODEC.decode(body, place, None)


@given(st.sampled_from(RESHAPED).flatmap(st.from_type))
def test_a_body_of_the_present_shape_is_left_as_it_is(happened: Any) -> None:
    place = Place(STREAM, VERSION, CODEC.topic(happened))
    body = from_json(CODEC.encode(happened, place, CIPHER))
    assert with_courses(deepcopy(body)) == body


def due(**of_derivation: Any) -> dict[str, Any]:
    """Return the body of a clock that was reset, and how its derivation tells its way."""
    derivation = {
        "rule": {"kind": "sla", "pack": None, "rule": "resolution"},
        "calendar": None,
        "zone": "UTC",
        "span": None,
        "started_at": "2026-03-01T09:00:00Z",
        **of_derivation,
    }
    clock: dict[str, Any] = {"n": 1, "due_at": None, "warnings": [], "derivation": derivation}
    return {"due": clock, "reason": {"erased": True}}


STRETCH = {
    "from_at": "2026-03-01T09:00:00Z",
    "until_at": "2026-03-01T12:30:00.000005Z",
    "why": "holiday",
    "minutes": 210,
    "days": 1,
    "name": '"Nowruz" نوروز',
    "pause": 2,
}
PLACE = Place(STREAM, VERSION, "complaint.clock_reset")


def test_a_past_stretch_is_told_whole() -> None:
    reset = CODEC.decode(to_json(due(stretches=[STRETCH])), PLACE, None)
    assert reset.reason == Erased()
    assert reset.due.derivation.course == (
        '2026-03-01T09:00:00Z holiday 210min 1d #2 "\\"Nowruz\\" نوروز" 2026-03-01T12:30:00.000005Z'
    )


@pytest.mark.parametrize(
    "of_derivation",
    [
        {},
        {"stretches": [], "course": ""},
        {"stretches": None},
        {"stretches": [{**STRETCH, "name": 5}]},
        {"stretches": [{**STRETCH, "why": "SECRET-NAME"}]},
        {"stretches": [{**STRETCH, "more": 1}]},
        {"stretches": [], "more": 1},
    ],
)
def test_what_is_of_no_shape_is_not_guessed_at(of_derivation: dict[str, Any]) -> None:
    with pytest.raises(CannotRead) as caught:
        CODEC.decode(to_json(due(**of_derivation)), PLACE, None)
    assert str(caught.value) == (
        f"complaint.clock_reset, version {VERSION} of {STREAM}: ValidationError"
    )
