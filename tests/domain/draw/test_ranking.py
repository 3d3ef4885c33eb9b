"""The ranking: the same for whoever works it out, and another one when anything is changed."""

import hmac
from collections.abc import Iterator
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.draw.ranking import (
    DrawOutcome,
    Places,
    commitment_of,
    draw_key,
    leaf_of,
    person_word,
    ranking,
)
from domain.draw.tree import leaf_hash, root_of

DRAW = UUID("018f0000-0000-7000-8000-0000000000d1")
ORDER = UUID("018f0000-0000-7000-8000-0000000000a1")
SEED = bytes(range(32))
ROOT = bytes(32)
KEY = "fd858f926d69cc35b83a3bda12683c2354b97f3a70f059312c5427e01ea36ee4"

entries = st.lists(
    st.tuples(st.sampled_from(["206", "Dena"]), st.binary(min_size=1, max_size=8)),
    min_size=1,
    max_size=30,
    unique=True,
)


def pages(drawn: list[tuple[str, bytes]]) -> Iterator[tuple[list[str], list[bytes]]]:
    """Entries as they come: some at a time, the last page perhaps not full."""
    for first in range(0, len(drawn), 7):
        part = drawn[first : first + 7]
        yield [model for model, _ in part], [leaf for _, leaf in part]


def test_a_leaf_is_its_line_of_the_proof_file() -> None:
    leaf = leaf_of(1042, ORDER, "P-1404-0017", "پژو 206", "ab" * 16)
    assert leaf == f'[1042, "{ORDER}", "P-1404-0017", "پژو 206", "{"ab" * 16}"]'
    assert leaf_of(7, ORDER, None, "206", "") == f'[7, "{ORDER}", null, "206", ""]'


def test_a_person_has_one_word_in_a_draw_and_another_in_the_next() -> None:
    word = person_word(DRAW, ORDER)
    assert len(word) == 32
    assert word == person_word(DRAW, ORDER)
    assert word != person_word(ORDER, ORDER)
    assert word != person_word(DRAW, DRAW)


def test_the_commitment_is_the_plain_hash_of_the_seed() -> None:
    """So that `sha256sum` is enough to check it."""
    assert commitment_of(SEED) == "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"


def test_the_key_is_for_ever_this_one() -> None:
    """Whoever changes how it is made gives every published draw another result."""
    assert draw_key(DRAW, ROOT, "2,043,129.85", SEED).hex() == KEY


def test_the_key_reads_no_two_different_parts_alike() -> None:
    keys = {
        draw_key(DRAW, ROOT, "12", SEED),
        draw_key(DRAW, ROOT, "1", b"2" + SEED),
        draw_key(DRAW, ROOT, "12" + SEED.decode("latin-1"), b""),
        draw_key(ORDER, ROOT, "12", SEED),
        draw_key(DRAW, b"\x01" + ROOT[1:], "12", SEED),
    }
    assert len(keys) == 5


@given(entries, st.binary(min_size=32, max_size=32))
def test_the_ranking_is_by_the_keyed_hash_of_each_entry(
    drawn: list[tuple[str, bytes]], key: bytes
) -> None:
    ranked = ranking(key, pages(drawn), ["206", "Dena"])
    for model in ("206", "Dena"):
        numbers = [n for n, (of, _) in enumerate(drawn, 1) if of == model]
        by_hash = sorted(numbers, key=lambda n: hmac.digest(key, drawn[n - 1][1], "sha256"))
        assert ranked[model] == by_hash


@given(entries, st.data())
def test_whoever_is_left_out_changes_nobody_elses_place(
    drawn: list[tuple[str, bytes]], data: st.DataObject
) -> None:
    """Else an operator could draw again and again by leaving out this loser or that."""
    key = b"k" * 32
    out = data.draw(st.integers(1, len(drawn)))
    without = [(model, b"" if n == out else leaf) for n, (model, leaf) in enumerate(drawn, 1)]
    models = ["206", "Dena"]
    before, after = ranking(key, pages(drawn), models), ranking(key, pages(without), models)
    assert after == {model: [n for n in ranks if n != out] for model, ranks in before.items()}


@given(entries.filter(lambda drawn: len(drawn) > 8), st.data())
@settings(max_examples=40)
def test_one_byte_of_anything_changes_the_key(
    drawn: list[tuple[str, bytes]], data: st.DataObject
) -> None:
    leaves = [leaf for _, leaf in drawn]
    root = root_of(map(leaf_hash, leaves))
    key = draw_key(DRAW, root, "value", SEED)
    at = data.draw(st.integers(0, 31))
    other_seed = SEED[:at] + bytes([SEED[at] ^ 1]) + SEED[at + 1 :]
    assert draw_key(DRAW, root, "value", other_seed) != key
    assert draw_key(DRAW, root, "valuf", SEED) != key
    n = data.draw(st.integers(0, len(leaves) - 1))
    leaves[n] = bytes([leaves[n][0] ^ 1]) + leaves[n][1:]
    assert draw_key(DRAW, root_of(map(leaf_hash, leaves)), "value", SEED) != key


@pytest.mark.parametrize(
    ("rank", "outcome"),
    [
        (1, DrawOutcome.WINNER),
        (2, DrawOutcome.WINNER),
        (3, DrawOutcome.RESERVE),
        (4, DrawOutcome.NOT_DRAWN),
    ],
)
def test_places_are_won_then_kept_in_reserve(rank: int, outcome: DrawOutcome) -> None:
    assert Places("206", 2, 1).outcome(rank) is outcome
