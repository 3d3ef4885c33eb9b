"""An error names the line of the very item that is wrong, however the file is laid out."""

import pytest

from store.toml_lines import line_of

TABLES = """\
effective_from = 2026-01-01  # line 1

[provenance]
source = "a [[content.clocks]] in a text = is none"

[content]
calendar = "iran"

[[content.clocks]]
clock = "first"
span = { amount = 1, unit = "hours" }

[[content.clocks]]
clock = "second"
[content.clocks.span]
amount = 2
unit = "fortnights"

[[content.clocks.warnings]]
share_percent = 50
[[content.clocks.warnings]]
share_percent = 500

[[content.clocks]]
"clock" = 'third'
span.amount = 3
span.unit = "days"
"""

INLINE = """\
note = \"\"\"
[content]
holidays = [ { on = 1 } ]
\"\"\"

[content]
holidays = [
  { on = 2026-01-01, name = "New Year, the [first]" },  # a comment ] with brackets }
  { on = 2026-01-02, name = 'it' },

  # another one = [
  { on = 2026-01-02, name = "again \\" ] }" },
]
week = [ { day = "monday", windows = [
  { starts_local = "08:00" },
  { starts_local = "12:00" } ] } ]
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("effective_from",), 1),
        (("provenance", "source"), 4),
        (("content", "calendar"), 7),
        (("content", "clocks", 0), 9),
        (("content", "clocks", 0, "span", "unit"), 11),
        (("content", "clocks", 0, "stops_on"), 9),
        (("content", "clocks", 1), 13),
        (("content", "clocks", 1, "span"), 15),
        (("content", "clocks", 1, "span", "unit"), 17),
        (("content", "clocks", 1, "warnings", 1, "share_percent"), 22),
        (("content", "clocks", 2, "clock"), 25),
        (("content", "clocks", 2, "span", "unit"), 27),
        (("content", "clocks", 2, "span"), 26),
        (("content", "clocks", 9), 6),
        (("content",), 6),
        ((), 1),
        (("nowhere", "at", "all"), 1),
    ],
)
def test_the_line_of_a_place_among_tables(place: tuple[str | int, ...], line: int) -> None:
    assert line_of(TABLES, place) == line


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("content", "holidays", 0), 8),
        (("content", "holidays", 0, "name"), 8),
        (("content", "holidays", 1, "on"), 9),
        (("content", "holidays", 2, "on"), 12),
        (("content", "holidays", 7), 7),
        (("content", "week", 0, "windows", 1, "starts_local"), 16),
        (("content", "week", 0, "windows", 1, "ends_local"), 16),
        (("note",), 1),
    ],
)
def test_the_line_of_a_place_within_brackets(place: tuple[str | int, ...], line: int) -> None:
    assert line_of(INLINE, place) == line


@pytest.mark.parametrize("text", ["", "\n", "[", "a = [", "a = {", 'a = "', "a", "[[x]]\n[[x]]"])
def test_a_text_that_is_cut_off_has_a_line_too(text: str) -> None:
    assert line_of(text, ("a", 0, "b")) >= 1
