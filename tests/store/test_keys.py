"""Keys: one per person, wrapped; keyed hashes that cannot be told apart from noise."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.keys import Keys, WrongMasterKey, seal, unseal

KEYS = Keys(b"k" * 32)


@given(st.binary(max_size=200), st.binary(max_size=50))
def test_what_is_sealed_opens_again_under_the_same_key_and_place(plain: bytes, at: bytes) -> None:
    cipher = KEYS.unwrap(SUBJECT, WRAPPED)
    assert unseal(cipher, seal(cipher, plain, at), at) == plain


def test_a_wrapped_key_opens_for_its_subject_and_master_only() -> None:
    subject = uuid4()
    wrapped = KEYS.wrap(subject, b"s" * 32)
    KEYS.unwrap(subject, wrapped)
    with pytest.raises(WrongMasterKey):
        KEYS.unwrap(uuid4(), wrapped)
    with pytest.raises(WrongMasterKey, match="APP_MASTER_KEY"):
        Keys(b"o" * 32).unwrap(subject, wrapped)


def test_a_lookup_hash_depends_on_kind_value_and_master_key() -> None:
    phone = KEYS.lookup_hash("phone", "989121234567")
    assert phone == KEYS.lookup_hash("phone", "989121234567")
    assert phone != KEYS.lookup_hash("plate", "989121234567")
    assert phone != Keys(b"o" * 32).lookup_hash("phone", "989121234567")


def test_the_parts_of_a_request_do_not_run_into_each_other() -> None:
    assert KEYS.request_hash(b"ab", b"c") != KEYS.request_hash(b"a", b"bc")


def test_a_master_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Keys(b"short")


SUBJECT = uuid4()
WRAPPED = KEYS.wrap(SUBJECT, b"s" * 32)
