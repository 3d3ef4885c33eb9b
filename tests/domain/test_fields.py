"""The marks on fields, as an HTTP body, an import row and a test meet them."""

import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.declare import Command, command, value
from domain.fields import (
    Between,
    BusinessDate,
    Code,
    Erased,
    Instant,
    Items,
    Name,
    Personal,
    Text,
    clean_text,
)


@command
class TellStory(Command):
    """Tell a story."""

    title: Name
    pages: Annotated[int, Between(1, 9)] = 1
    tags: Annotated[tuple[Code, ...], Items(max=2)] = ()


@value
class Secret:
    """A part with a personal field."""

    text: Personal[str]


def errors(cls: Any, body: Any) -> list[tuple[tuple[int | str, ...], str]]:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(cls).validate_python(body)
    return [(error["loc"], error["type"]) for error in caught.value.errors()]


STREAM = "018f0000-0000-7000-8000-000000000001"


def test_a_constraint_names_its_field() -> None:
    assert errors(TellStory, {"stream": STREAM, "title": "x" * 121}) == [
        (("title",), "string_too_long")
    ]
    assert errors(TellStory, {"stream": STREAM, "title": "  "}) == [
        (("title",), "string_too_short")
    ]
    assert errors(TellStory, {"stream": STREAM, "title": "T", "pages": 10}) == [
        (("pages",), "less_than_equal")
    ]
    assert errors(TellStory, {"stream": STREAM, "title": "T", "pages": 0}) == [
        (("pages",), "greater_than_equal")
    ]
    assert errors(TellStory, {"stream": STREAM, "title": "T", "tags": ["a", "b", "c"]}) == [
        (("tags",), "too_long")
    ]
    assert errors(TellStory, {"stream": STREAM, "title": "T", "tags": ["\u0627"]}) == [
        (("tags", 0), "string_pattern_mismatch")
    ]


def test_white_space_around_a_text_is_dropped() -> None:
    assert TypeAdapter(Name).validate_python("  Sara \n") == "Sara"


@pytest.mark.parametrize(
    "deceiving", ["a\x00b", "a\x1bb", "a\u202eb", "a\u2066b", "a\u202ab", "a\x85b"]
)
def test_characters_that_deceive_or_break_are_refused(deceiving: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        clean_text(deceiving)
    assert errors(Name, deceiving) == [((), "value_error")]


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(ValueError, match="control character"):
        clean_text("\ud800")


def test_persian_keeps_its_zero_width_non_joiner() -> None:
    assert clean_text("می\u200cخواهم") == "می\u200cخواهم"


def test_line_ends_are_of_one_kind_and_letters_composed() -> None:
    assert clean_text("a\r\nb\rc\td") == "a\nb\nc\td"
    assert clean_text("e\u0301") == "\u00e9"


@given(st.text())
def test_clean_text_is_clean(text: str) -> None:
    try:
        cleaned = clean_text(text)
    except ValueError:
        return
    assert clean_text(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)


@pytest.mark.parametrize("impossible", [date(1948, 1, 1), date(9999, 1, 1)])
def test_dates_of_another_age_are_refused(impossible: date) -> None:
    assert errors(BusinessDate, impossible)


@pytest.mark.parametrize(
    "impossible",
    ["2026-07-01T09:00:00", "1948-07-01T09:00:00Z", "9999-07-01T09:00:00Z"],
)
def test_an_instant_has_an_offset_and_is_of_this_age(impossible: str) -> None:
    assert errors(Instant, impossible)


def test_an_instant_of_this_age_is_taken() -> None:
    at = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
    assert TypeAdapter(Instant).validate_python("2026-07-01T12:30:00+03:30") == at


def test_a_pattern_binds_the_whole_text() -> None:
    exact = Annotated[str, Text(max=5, pattern="^[a-z]+$")]
    assert TypeAdapter(exact).validate_python("abc") == "abc"
    assert errors(exact, "ab1") == [((), "string_pattern_mismatch")]


def test_a_personal_field_may_be_erased() -> None:
    adapter = TypeAdapter(Secret)
    assert adapter.validate_python({"text": "Sara"}) == Secret(text="Sara")
    assert adapter.validate_python({"text": {"erased": True}}) == Secret(text=Erased())


def test_a_part_refuses_unknown_keys() -> None:
    assert errors(Secret, {"text": "a", "more": 1}) == [(("more",), "unexpected_keyword_argument")]
