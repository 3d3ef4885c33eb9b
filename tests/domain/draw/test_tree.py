"""The Merkle tree hash against the vectors of Certificate Transparency, and its laws."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.draw.tree import (
    EMPTY_ROOT,
    leaf_hash,
    leaf_hashes,
    root_of,
)

LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Roots of the first n leaves, from the reference implementation of RFC 6962 (and 9162)."""

leaves = st.lists(st.binary(max_size=24), max_size=40)


def hashes_of(entries: list[bytes]) -> list[bytes]:
    return [leaf_hash(entry) for entry in entries]


def plain_root(entries: list[bytes]) -> bytes:
    """The definition of the RFC, word for word."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    left, right = plain_root(entries[:split]), plain_root(entries[split:])
    return sha256(b"\x01" + left + right).digest()


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_the_reference(size: int) -> None:
    assert root_of(hashes_of(LEAVES[:size])).hex() == ROOTS[size]


def test_the_root_of_nothing_and_a_hash_of_each_kind_are_what_the_rfc_says() -> None:
    assert root_of([]) == EMPTY_ROOT
    assert leaf_hash(b"").hex() == ROOTS[1]
    assert leaf_hashes([b"", b"\x00"]) == hashes_of(LEAVES[:2])


@given(leaves)
def test_the_root_is_that_of_the_definition(entries: list[bytes]) -> None:
    assert root_of(hashes_of(entries)) == plain_root(entries)


@given(leaves.filter(len), st.data())
@settings(max_examples=40)
def test_one_byte_changed_anywhere_changes_the_root(
    entries: list[bytes], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(entries) - 1))
    changed = list(entries)
    changed[index] = (
        entries[index][:-1] + bytes([entries[index][-1] ^ 1]) if entries[index] else b"x"
    )
    root = root_of(hashes_of(entries))
    assert root_of(hashes_of(changed)) != root
    assert root_of(hashes_of([*entries, b""])) != root
    assert root_of(hashes_of(entries[1:])) != root
