"""The course of a clock is written in one line and read as it was."""

from datetime import UTC, datetime

import pytest
from hypothesis import given

from domain.clocks.course import Course, Stretch, Why, read, steps, written
from tests.strategies import stretches


@given(stretches())
def test_a_course_is_read_as_it_was_written(found: tuple[Stretch, ...]) -> None:
    assert read(written(found)) == found


def test_a_course_is_one_legible_line() -> None:
    nine, noon = datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 3, 1, 12, 0, 0, 5, UTC)
    found = (
        Stretch(from_at=nine, until_at=noon, why=Why.COUNTED, minutes=180),
        Stretch(from_at=noon, until_at=noon, why=Why.HOLIDAY, name='"Nowruz" نوروز'),
        Stretch(from_at=noon, until_at=nine, why=Why.PAUSED, pause=2),
    )

    assert written(found) == (
        "2026-03-01T09:00:00Z counted 180min 2026-03-01T12:00:00.000005Z"
        ' holiday "\\"Nowruz\\" نوروز" 2026-03-01T12:00:00.000005Z paused #2 2026-03-01T09:00:00Z'
    )
    assert read(written(found)) == found


def test_where_nothing_was_gone_through_the_course_is_empty() -> None:
    assert written(()) == ""
    assert list(steps(Course(""))) == []


@pytest.mark.parametrize(
    "line",
    [
        " counted 5min 2026-03-01T12:00:00Z",
        "2026-03-01T09:00:00Z counted 5min",
        "2026-03-01T09:00:00Z ?! 2026-03-01T10:00:00Z counted 5min 2026-03-01T12:00:00Z",
        "2026-03-01T09:00:00Z counted 5min 2026-03-01T12:00:00Z ",
        "2026-03-01T09:00:00Z counted 5min 2026-03-01T12:00:00Z paused #",
        '2026-03-01T09:00:00Z holiday "Now\\xruz" 2026-03-01T12:00:00Z',
        "2026-03-01T09:00:00Z counted  5min 2026-03-01T12:00:00Z",
        f"2026-03-01T09:00:00Z counted {'9' * 5000}min 2026-03-01T12:00:00Z",
    ],
)
def test_what_is_no_course_is_not_read_in_part(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        list(steps(Course(line)))


def test_a_course_without_instants_is_not_read() -> None:
    with pytest.raises(ValueError, match="isoformat"):
        read(Course("yesterday counted 1Z"))
