from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.keyed import Keyed

additions = st.lists(st.tuples(st.integers(0, 90).map(lambda n: UUID(int=n)), st.integers()))


@given(additions.filter(bool), additions)
def test_a_keyed_map_is_a_dictionary_that_is_never_changed(
    before: list[tuple[UUID, int]], after: list[tuple[UUID, int]]
) -> None:
    keyed: Keyed[int] = Keyed()
    for key, item in before:
        keyed = keyed.with_item(key, item)
    earlier, expected = keyed, dict(before)
    for key, item in after:
        keyed = keyed.with_item(key, item)
    assert list(earlier.values()) == list(expected.values())
    assert {key: keyed.get(key) for key in {**expected, **dict(after)}} == {
        **expected,
        **dict(after),
    }
    assert all(keyed.has(key) for key in expected)
    assert not keyed.has(UUID(int=91))
