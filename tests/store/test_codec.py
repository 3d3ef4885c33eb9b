"""Events open for ever: round trips, golden files, sealed values that stay in their place."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from domain import DECIDERS
from domain.declare import Decider, event, stored_name, value
from domain.fields import Erased, Personal
from store.codec import CannotRead, Codec, Place, Upcast, open_reason, seal_reason
from tests.golden import CIPHER, STREAM, VERSION, Golden, golden
from tests.strategies import EVENT_TYPES, events

CODEC = Codec(DECIDERS)
GOLDEN = list(golden())


@value
class Driver:
    name: Personal[str]
    licence_class: str


@event("codec_test.noted")
class Noted:
    note: Personal[str] | None = None
    drivers: tuple[Driver, ...] = ()
    main: Driver | None = None
    count: int = 0


@event("codec_test.renamed")
class Renamed:
    amount_minor: int


def decider(*classes: type[Any]) -> Decider[Any, Any, Any]:
    return Decider(
        category="codec_test",
        initial=None,
        decide=lambda *_: [],
        evolve=lambda state, _: state,
        commands=(),
        events=classes,
    )


@event("codec_test.said")
class Said:
    words: str
    note: Personal[str | Driver | None]
    last_words: str = ""


@value
class Quoted:
    note: str


@event("codec_test.retold")
class Retold:
    quoted: Quoted
    note: Personal[str]


RETOLD = Codec([decider(Retold)])
PLACE = Place(uuid4(), 3, "codec_test.noted")
TINY = Codec([decider(Noted, Said)])


@given(events())
def test_every_event_comes_back_from_the_log_as_it_went_in(happened: Any) -> None:
    place = Place(STREAM, VERSION, CODEC.topic(happened))
    body = CODEC.encode(happened, place, CIPHER)
    assert CODEC.decode(body, place, CIPHER) == happened


@pytest.mark.parametrize("kept", GOLDEN, ids=lambda kept: kept.path.stem)
def test_a_stored_body_reads_as_it_always_did(kept: Golden) -> None:
    read = CODEC.decode(kept.body, Place(STREAM, VERSION, kept.topic), CIPHER)
    assert TypeAdapter(type(read)).dump_python(read, mode="json") == kept.reads_as


def test_every_stored_name_has_a_golden_file() -> None:
    have = {kept.topic for kept in GOLDEN}
    assert [stored_name(cls) for cls in EVENT_TYPES if stored_name(cls) not in have] == []


def test_a_body_is_legible_json_whose_personal_values_are_sealed() -> None:
    noted = Noted(note="پژو ۲۰۷", drivers=(Driver(name="Ali", licence_class="B"),), count=2)
    body = TINY.encode(noted, PLACE, CIPHER)
    legible = json.loads(body)
    assert set(legible["note"]) == {"$personal"}
    assert set(legible["drivers"][0]["name"]) == {"$personal"}
    assert legible["drivers"][0]["licence_class"] == "B"
    assert b"Ali" not in body


def test_without_the_key_a_personal_value_reads_as_erased_and_the_rest_stays() -> None:
    noted = Noted(note="private", main=Driver(name="Ali", licence_class="B"), count=2)
    body = TINY.encode(noted, PLACE, CIPHER)
    assert TINY.decode(body, PLACE, None) == Noted(
        note=Erased(), main=Driver(name=Erased(), licence_class="B"), count=2
    )


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place(uuid4(), 3, "codec_test.noted"),
        Place(PLACE.stream, 4, "codec_test.noted"),
    ],
)
def test_a_sealed_value_opens_nowhere_but_in_its_place(elsewhere: Place) -> None:
    body = TINY.encode(Noted(note="private"), PLACE, CIPHER)
    with pytest.raises(CannotRead):
        TINY.decode(body, elsewhere, CIPHER)


def test_a_sealed_value_does_not_open_under_another_field() -> None:
    body = json.loads(
        TINY.encode(Noted(note="x", main=Driver(name="y", licence_class="B")), PLACE, CIPHER)
    )
    body["note"], body["main"]["name"] = body["main"]["name"], body["note"]
    with pytest.raises(CannotRead):
        TINY.decode(json.dumps(body).encode(), PLACE, CIPHER)


@pytest.mark.parametrize(
    "words",
    [
        "$personal",
        '"$personal"',
        '{"$personal":"',
        '","note":{"$personal":"',
        'note":{"$personal":"AAAA"},"last_words":"',
        '"}',
        "\\",
        '\\"note":{"$personal":"',
    ],
)
def test_words_that_look_like_a_sealed_value_are_words(words: str) -> None:
    place = PLACE._replace(topic="codec_test.said")
    for note in words, Driver(name=words, licence_class=words), None:
        said = Said(words=words, note=note, last_words=words)
        body = TINY.encode(said, place, CIPHER)
        assert TINY.decode(body, place, CIPHER) == said
        erased = said if note is None else Said(words=words, note=Erased(), last_words=words)
        assert TINY.decode(body, place, None) == erased


@pytest.mark.parametrize("cipher", [CIPHER, None])
@pytest.mark.parametrize("indent", [None, 1])
def test_a_body_that_is_spaced_otherwise_reads_the_same(
    cipher: AESGCM | None, indent: int | None
) -> None:
    noted = Noted(note="x", drivers=(Driver(name="y", licence_class="B"),), count=2)
    body = TINY.encode(noted, PLACE, CIPHER)
    spaced = json.dumps(json.loads(body), indent=indent).encode()
    half_spaced = body.replace(b'"}', b'" }')
    expected = TINY.decode(body, PLACE, cipher)
    assert [TINY.decode(each, PLACE, cipher) for each in (spaced, half_spaced)] == [expected] * 2


def test_another_key_opens_nothing() -> None:
    body = TINY.encode(Noted(note="private"), PLACE, CIPHER)
    with pytest.raises(CannotRead):
        TINY.decode(body, PLACE, AESGCM(bytes(32)))


def test_what_cannot_be_read_is_said_without_its_content() -> None:
    with pytest.raises(CannotRead) as caught:
        TINY.decode(b'{"count": "SECRET-NAME"}', PLACE, None)
    assert "SECRET-NAME" not in str(caught.value)
    assert "codec_test.noted" in str(caught.value)


def test_a_personal_event_without_a_subject_is_a_programming_error() -> None:
    with pytest.raises(TypeError, match="no subject"):
        TINY.encode(Noted(note="x"), PLACE, None)


def test_a_reason_is_sealed_with_its_event() -> None:
    stored = seal_reason("she asked for it", PLACE, CIPHER)
    assert "asked" not in stored
    assert open_reason(stored, PLACE, CIPHER) == "she asked for it"
    assert open_reason(stored, PLACE, None) == Erased()
    assert open_reason("a plain reason", PLACE, None) == "a plain reason"


OLD_SHAPES: Mapping[str, Upcast] = {
    "codec_test.first": ("codec_test.second", lambda body: {"minor": body["euros"] * 100}),
    "codec_test.second": ("codec_test.renamed", lambda body: {"amount_minor": body["minor"]}),
}
"""An event renamed twice; its first body held euros, not cents."""


def test_an_old_shape_is_read_through_all_of_its_upcasts() -> None:
    codec = Codec([decider(Renamed)], OLD_SHAPES)
    place = Place(uuid4(), 1, "codec_test.first")
    assert codec.decode(b'{"euros": 3}', place, None) == Renamed(amount_minor=300)
    assert codec.decider("codec_test.first").category == "codec_test"


def test_upcasts_that_go_round_or_nowhere_are_refused_at_start() -> None:
    def same(body: dict[str, Any]) -> dict[str, Any]:
        return body

    with pytest.raises(ValueError, match="circle"):
        Codec([decider(Renamed)], {"a.a": ("a.b", same), "a.b": ("a.a", same)})
    with pytest.raises(ValueError, match="no event is stored as"):
        Codec([decider(Renamed)], {"a.a": ("a.b", same)})
    with pytest.raises(ValueError, match="although"):
        Codec([decider(Renamed)], {"codec_test.renamed": ("a.b", same)})


def test_two_classes_under_one_stored_name_are_refused_at_start() -> None:
    with pytest.raises(ValueError, match="two event classes"):
        Codec([decider(Renamed, Renamed)])


def test_an_unknown_stored_name_is_not_guessed_at() -> None:
    with pytest.raises(CannotRead):
        TINY.decode(b"{}", Place(UUID(int=1), 1, "codec_test.unknown"), None)


@given(st.text(), st.text() | st.none(), st.text())
def test_no_words_keep_a_personal_text_from_being_sealed(
    words: str, note: str | None, last_words: str
) -> None:
    place = Place(uuid4(), 1, "codec_test.said")
    before = Said(words=f'{words}"note":{json.dumps(note)}', note=note, last_words=last_words)
    body = TINY.encode(before, place, CIPHER)
    stored = json.loads(body)
    assert stored["note"] is None if note is None else stored["note"].keys() == {"$personal"}
    assert TINY.decode(body, place, CIPHER) == before


def test_a_name_that_stands_twice_in_a_body_has_its_own_value_sealed() -> None:
    place = Place(uuid4(), 1, "codec_test.retold")
    before = Retold(quoted=Quoted(note="the same"), note="the same")
    stored = json.loads(RETOLD.encode(before, place, CIPHER))
    assert stored["quoted"] == {"note": "the same"}
    assert stored["note"].keys() == {"$personal"}
    assert RETOLD.decode(RETOLD.encode(before, place, CIPHER), place, CIPHER) == before
