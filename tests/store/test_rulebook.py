"""The rulebook in the store: validated before it is published, in force from its date, pinned."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import domain
from domain.declare import Actor, ActorId, Role
from domain.procedure import Procedure
from domain.rulebook import EffectiveDateGoesBack, Pin, Provenance, RulesNotPublished, document_id
from store.casebook import Casebook
from store.database import pool
from store.keys import Keys
from store.rulebook import (
    SHIPPED,
    UnknownDocumentKind,
    publication_of,
    publish_shipped,
)
from store.rules_files import RulesFileError

MANAGER = Actor(id=ActorId("m-1"), roles=frozenset({Role.MANAGER}))
NOT_SHIPPED = {"estimates", "class_pause"}
"""Kinds that only time brings: a nightly job publishes the one, a regulator's order the other."""
SALES = SHIPPED / "procedure" / "sales.toml"


@pytest.fixture
def casebook(database_url: str) -> Iterator[Casebook]:
    with pool(database_url, "writer", size=4) as own:
        yield Casebook(own, database_url, Keys(b"k" * 32))


def test_every_shipped_document_is_published_once(casebook: Casebook) -> None:
    files = sorted(SHIPPED.glob("*/*.toml"))
    assert len(publish_shipped(casebook)) == len(files)
    assert publish_shipped(casebook) == []
    assert casebook.head() == len(files)
    assert {path.parent.name for path in files} == set(domain.DOCUMENT_TYPES) - NOT_SHIPPED


def test_a_case_keeps_the_version_it_pinned_when_a_newer_one_takes_effect(
    casebook: Casebook,
) -> None:
    publish_shipped(casebook)
    first = casebook.rules.in_force(Procedure, "sales", datetime.now(UTC))
    newer = replace(publication_of(SALES), effective_from_at=datetime(2099, 1, 1, tzinfo=UTC))
    casebook.execute(newer, actor=MANAGER)
    rules = casebook.rules
    assert rules.in_force(Procedure, "sales", datetime.now(UTC)).version == 1
    assert rules.in_force(Procedure, "sales", datetime(2099, 6, 1, tzinfo=UTC)).version == 2
    assert rules.pinned(Procedure, first.pin) == first.content
    with pytest.raises(RulesNotPublished):
        rules.pinned(Procedure, Pin(name="sales", version=3))


def test_what_somebody_published_is_not_overridden_by_shipping(casebook: Casebook) -> None:
    own = replace(publication_of(SALES), source="our own house rule")
    casebook.execute(own, actor=MANAGER)
    publish_shipped(casebook)
    assert len(casebook.history(document_id("procedure", "sales"))) == 1


def test_a_publication_reaches_another_process_that_has_rules_at_hand(database_url: str) -> None:
    with pool(database_url, "writer", size=4) as one, pool(database_url, "writer", size=4) as two:
        here = Casebook(one, database_url, Keys(b"k" * 32))
        there = Casebook(two, database_url, Keys(b"k" * 32))
        publish_shipped(here)
        assert there.rules.in_force(Procedure, "sales", datetime.now(UTC)).version == 1


def test_a_version_cannot_take_effect_before_the_one_it_follows(casebook: Casebook) -> None:
    publish_shipped(casebook)
    earlier = replace(publication_of(SALES), effective_from_at=datetime(1999, 1, 1, tzinfo=UTC))
    with pytest.raises(EffectiveDateGoesBack):
        casebook.execute(earlier, actor=MANAGER)


def rules_file(tmp_path: Path, text: str, kind: str = "procedure") -> Path:
    folder = tmp_path / kind
    folder.mkdir()
    path = folder / "sales.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("[provenance]", "[provenances]"), "provenance is missing"),
        (lambda text: text.replace("effective_from", "effective_since"), "effective_from is"),
        (lambda text: text + "\nsurprise = 1\n", "surprise"),
        (lambda text: "= broken", "sales.toml"),
    ],
)
def test_a_rules_file_that_is_wrong_is_refused_naming_file_and_field(
    tmp_path: Path, change: object, said: str
) -> None:
    assert callable(change)
    path = rules_file(tmp_path, change(SALES.read_text(encoding="utf-8")))
    with pytest.raises(RulesFileError, match=said) as caught:
        publication_of(path)
    assert str(path) in str(caught.value)


def test_an_unknown_kind_of_document_is_refused(tmp_path: Path) -> None:
    path = rules_file(tmp_path, SALES.read_text(encoding="utf-8"), kind="horoscope")
    with pytest.raises(RulesFileError, match="horoscope"):
        publication_of(path)
    assert UnknownDocumentKind.code == "rulebook.unknown_kind"


def test_provenance_is_kept_with_the_publication(casebook: Casebook) -> None:
    publish_shipped(casebook)
    [recorded] = casebook.history(document_id("procedure", "sales"))
    assert isinstance(recorded.event.provenance, Provenance)
    assert recorded.event.provenance.source
