"""Arrays that we write ourselves are read by PostgreSQL as what went into them."""

from collections.abc import Callable, Sequence
from typing import Any, LiteralString

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.arrays import Packed, bigints, booleans, byte_strings, integers, texts, uuids

Pack = Callable[[Sequence[Any]], Packed]

_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
ARRAYS: dict[LiteralString, tuple[Pack, st.SearchStrategy[Any]]] = {
    "SELECT %b::integer[]": (integers, st.integers(-(2**31), 2**31 - 1)),
    "SELECT %b::bigint[]": (bigints, st.integers(-(2**63), 2**63 - 1)),
    "SELECT %b::boolean[]": (booleans, st.booleans()),
    "SELECT %b::uuid[]": (uuids, st.none() | st.uuids()),
    "SELECT %b::text[]": (texts, st.none() | _TEXT),
    "SELECT %b::bytea[]": (byte_strings, st.none() | st.binary(max_size=40)),
}


@pytest.mark.parametrize("statement", ARRAYS)
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_packed_is_what_arrives(
    server_url: str, statement: LiteralString, data: st.DataObject
) -> None:
    pack, items = ARRAYS[statement]
    with psycopg.connect(server_url) as connection:
        for values in data.draw(st.lists(st.lists(items, min_size=1), min_size=1, max_size=20)):
            row = connection.execute(statement, [pack(values)]).fetchone()
            assert row == (values,)


def test_an_id_may_be_given_as_its_text(server_url: str) -> None:
    text = "0192f6a0-7c1e-7d3a-9b52-0f2d8c4a6e10"
    with psycopg.connect(server_url) as connection:
        row = connection.execute("SELECT (%b::uuid[])[1]::text", [uuids([text])]).fetchone()
    assert row == (text,)
