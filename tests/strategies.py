"""Hypothesis strategies for every event class, made from the classes themselves."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from domain import DECIDERS
from domain.clocks.course import Course, Stretch, written
from domain.fields import Erased

texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
instants = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 (the zone is added below)
    max_value=datetime(2199, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
dates = st.dates(min_value=date(1970, 1, 1), max_value=date(2199, 12, 31))

st.register_type_strategy(str, texts)
st.register_type_strategy(datetime, instants)
st.register_type_strategy(date, dates)
st.register_type_strategy(UUID, st.uuids())
st.register_type_strategy(int, st.integers(min_value=-(2**53), max_value=2**53))
st.register_type_strategy(Erased, st.just(Erased()))
st.register_type_strategy(
    timedelta, st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=4000))
)


@st.composite
def stretches(draw: st.DrawFn) -> tuple[Stretch, ...]:
    """Any stretches that leave no gap."""
    at = draw(instants)
    found = []
    for _ in range(draw(st.integers(0, 4))):
        found.append(draw(st.builds(Stretch, from_at=st.just(at))))
        at = found[-1].until_at
    return tuple(found)


st.register_type_strategy(Course, stretches().map(written))

EVENT_TYPES: list[type[Any]] = [cls for decider in DECIDERS for cls in decider.events]


def events() -> st.SearchStrategy[Any]:
    """Any event of any kind of case."""
    return st.sampled_from(EVENT_TYPES).flatmap(st.from_type)
