"""The statutory packs as shipped: complete, cited, and saying how well they were confirmed."""

import re
import tomllib
from pathlib import Path

import pytest

from domain import referral as r
from domain.clocks.calendar import Calendar
from domain.clocks.messages import Binds
from domain.clocks.rules import StatutoryPack
from projections.letters import texts
from tests.domain.complaint.desk import CLOCK_RULES

ROWS = (
    "UK-1", "UK-2", "UK-3", "UK-4", "UK-5", "UK-6", "UK-7",
    "US-1", "US-2", "US-3", "US-4", "US-5", "US-6",
    "EU-1", "EU-2",
    "CN-1", "CN-2", "CN-3", "CN-4", "CN-5", "CN-6", "CN-7", "CN-8", "CN-9",
    "IR-1", "IR-2", "IR-3", "IR-4", "IR-5", "IR-6", "IR-7", "IR-8", "IR-9", "IR-10",
    "BR-1", "ISO-1",
)  # fmt: skip
"""Every deadline that was compiled, by its id."""

FROM_MEMORY = ("US-6", "EU-2")
SECOND_HAND = ("US-1", "US-2", "US-3", "EU-1", "IR-3")
OF_THE_AUTHORITY = (
    "US-3", "US-4", "EU-1", "EU-2", "CN-6", "CN-7", "CN-8", "CN-9", "IR-6", "IR-7", "IR-10", "UK-6",
)  # fmt: skip
WITHOUT_NUMBER = ("IR-5", "IR-6", "ISO-1", "UK-1")

PACKS = {
    name: published[0].content
    for (kind, name), published in CLOCK_RULES.documents.items()
    if kind is StatutoryPack
}
RULES = [rule for pack in PACKS.values() for rule in pack.rules]


def test_every_deadline_that_was_compiled_stands_in_some_pack_and_no_other() -> None:
    assert len(ROWS) == len(set(ROWS)) == 36
    assert {rule.code for rule in RULES} == set(ROWS)


def test_a_rule_is_the_same_in_every_pack_that_has_it() -> None:
    for code in ROWS:
        stands = {(rule.citation, rule.confirmed) for rule in RULES if rule.code == code}
        assert len(stands) == 1, code


def test_how_well_a_rule_was_confirmed_is_said() -> None:
    for rule in RULES:
        assert rule.citation and rule.confirmed
        assert rule.confirmed.startswith("memory") == (rule.code in FROM_MEMORY), rule.code
        assert rule.confirmed.startswith("secondary") == (rule.code in SECOND_HAND), rule.code


def test_what_binds_the_authority_is_the_authoritys() -> None:
    bound = {rule.code for rule in RULES if rule.binds is Binds.AUTHORITY}
    assert bound == set(OF_THE_AUTHORITY)


def test_where_the_source_has_no_number_the_pack_has_none() -> None:
    assert all(rule.span is None for rule in RULES if rule.code in WITHOUT_NUMBER)


def test_order_20_ends_on_the_day_before_order_121_begins() -> None:
    old, new = PACKS["china_20"], PACKS["china_121"]
    assert old.until_on is not None and new.from_on is not None
    assert old.until_on.isoformat() == "2026-04-14"
    assert (new.from_on - old.until_on).days == 1


@pytest.mark.parametrize("name", sorted(PACKS))
def test_a_pack_is_one_that_letters_can_be_written_and_clocks_derived_by(name: str) -> None:
    pack = PACKS[name]
    assert (Calendar, pack.calendar) in CLOCK_RULES.documents
    assert r.ReplyLocale(pack.locale)
    replies = {r.ReplyType(rule.reply): rule for rule in pack.replies}
    assert replies[r.ReplyType.FINAL].stops
    for rule in pack.replies:
        assert rule.elements
        for locale in r.ReplyLocale:
            known = texts(locale.value)["element"]
            assert set(rule.elements) <= set(known), f"{name}/{rule.reply} in {locale}"
    for law in pack.rules:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", law.starts_on), law.starts_on


def test_letters_say_the_same_in_every_language() -> None:
    shapes = [
        {table: set(entries) for table, entries in texts(locale.value).items()}
        for locale in r.ReplyLocale
    ]
    assert all(shape == shapes[0] for shape in shapes)
    for locale in r.ReplyLocale:
        said = texts(locale.value)
        assert set(said["title"]) == set(said["opening"]) == {kind.value for kind in r.ReplyType}
        assert set(said["channel"]) == {channel.value for channel in r.InformingChannel}


def test_nothing_of_the_machine_it_was_made_on_is_shipped() -> None:
    folder = Path(__file__).parents[3] / "src" / "store" / "shipped_rules" / "statutory_pack"
    for path in folder.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"/(?:work|home|tmp|root)/", text)
        assert tomllib.loads(text)["provenance"]["source"]
