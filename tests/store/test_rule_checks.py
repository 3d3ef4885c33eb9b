"""Rules files that are refused at load, naming file, line and fix; the old version stays."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.clocks.rules import Ladder
from domain.declare import Actor, ActorId, Role
from store.casebook import Casebook
from store.database import pool
from store.keys import Keys
from store.rule_checks import PacksOverlap, ReferenceUnknown, in_order
from store.rulebook import (
    SHIPPED,
    check_files,
    check_references,
    publication_of,
    publish_shipped,
)
from store.rules_files import RulesFileError

MANAGER = Actor(id=ActorId("m-1"), roles=frozenset({Role.MANAGER}))

LADDER = """\
effective_from = 2026-01-01

[provenance]
source = "a test"

[content]
calendar = "iran"

[[content.rungs]]
role = "supervisor"
climb_after = { amount = 4, unit = "working_hours" }

[[content.rungs]]
role = "manager"
"""

SLA_PACK = """\
effective_from = 2026-01-01

[provenance]
source = "a test"

[content]
calendar = "iran"

[[content.clocks]]
clock = "first_response"
starts_on = ["complaint.registered"]
stops_on = ["complaint.judged_valid"]
span = { amount = 4, unit = "working_hours" }

[[content.clocks]]
clock = "resolution"
starts_on = ["complaint.registered"]
stops_on = ["complaint.closed"]
ladder = "ours"

[content.clocks.span]
amount = 10
unit = "working_days"
"""

STATUTORY_PACK = """\
effective_from = 2026-01-01

[provenance]
source = "a test"

[content]
regime = "iran"
authority = "dispute board"
calendar = "iran"
locale = "fa"
replies = []

[[content.rules]]
code = "one"
citation = "Art. 1"
confirmed = "seen"
actor = "supplier"
binds = "company"
starts_on = "referral.registered"
from_on = 2025-01-01
until_on = 2026-01-01
"""

TEXTS = {"ladder": LADDER, "sla_pack": SLA_PACK, "statutory_pack": STATUTORY_PACK}


@pytest.fixture
def casebook(database_url: str) -> Iterator[Casebook]:
    with pool(database_url, "writer", size=4) as own:
        yield Casebook(own, database_url, Keys(b"k" * 32))


def file(folder: Path, kind: str, old: str = "", new: str = "", name: str = "ours") -> Path:
    path = folder / kind / f"{name}.toml"
    path.parent.mkdir(exist_ok=True)
    assert old in TEXTS[kind]
    path.write_text(TEXTS[kind].replace(old, new, 1), encoding="utf-8")
    return path


def publish_calendar(casebook: Casebook, name: str = "iran") -> None:
    casebook.execute(publication_of(SHIPPED / "calendar" / f"{name}.toml"), actor=MANAGER)


@pytest.mark.parametrize(
    ("kind", "old", "new", "line", "said"),
    [
        ("sla_pack", 'unit = "working_days"', 'unit = "fortnights"', 23, "Input should be 'hours'"),
        ("sla_pack", "amount = 10", "amount = 0", 22, "write 1 or more"),
        ("sla_pack", 'ladder = "ours"', 'leiter = "ours"', 19, "leiter"),
        ("ladder", '"manager"', '"manager"\nclimb_after.amount = 1\nclimb_after.unit = "hours"', 15,
         "the ladder has no end"),
        ("ladder", "climb_after", "# climb_after", 9, "nothing above supervisor"),
        ("statutory_pack", 'citation = "Art. 1"', "", 13, "citation"),
        ("statutory_pack", '"Art. 1"', '""', 15, "the citation of rule one is missing; write it"),
        ("statutory_pack", "until_on = 2026", "until_on = 2024", 21, "before it begins"),
    ],
)  # fmt: skip
def test_a_wrong_rules_file_is_refused_naming_file_line_and_fix(
    tmp_path: Path, kind: str, old: str, new: str, line: int, said: str
) -> None:
    path = file(tmp_path, kind, old, new)
    with pytest.raises(RulesFileError) as caught:
        publication_of(path)
    assert str(caught.value).startswith(f"{path}, line {line}: ")
    assert said in str(caught.value)


def test_a_calendar_with_overlapping_dates_is_refused_at_the_second(tmp_path: Path) -> None:
    path = tmp_path / "calendar" / "uk.toml"
    path.parent.mkdir()
    text = (SHIPPED / "calendar" / "uk.toml").read_text(encoding="utf-8")
    good_friday = '  { on = 2021-04-02, name = "Good Friday" },\n'
    path.write_text(text.replace(good_friday, good_friday * 2), encoding="utf-8")
    second = path.read_text(encoding="utf-8").splitlines().index(good_friday.strip("\n")) + 2
    with pytest.raises(RulesFileError, match=rf"uk.toml, line {second}: .*2021-04-02 stands twice"):
        publication_of(path)


def test_a_file_that_names_an_unknown_calendar_is_refused_with_those_there_are(
    casebook: Casebook, tmp_path: Path
) -> None:
    publish_calendar(casebook, "uk")
    path = file(tmp_path, "ladder")
    with pytest.raises(RulesFileError) as caught:
        check_files({path: publication_of(path)}, casebook.rules)
    assert str(caught.value) == (
        f"{path}, line 7: calendar: no calendar is called iran; publish it first,"
        " or write one of these: uk"
    )


def test_a_pack_that_names_an_unknown_ladder_is_refused_at_its_line(
    casebook: Casebook, tmp_path: Path
) -> None:
    publish_calendar(casebook)
    path = file(tmp_path, "sla_pack")
    with pytest.raises(RulesFileError, match=r"line 19: clocks.1.ladder: no ladder is called ours"):
        check_files({path: publication_of(path)}, casebook.rules)
    with pytest.raises(ReferenceUnknown) as refused:
        check_references([publication_of(path)], casebook.rules)
    assert refused.value.params["pointer"] == "clocks/1/ladder"


def test_a_clock_that_no_event_would_ever_start_is_refused_with_what_is_close(
    casebook: Casebook, tmp_path: Path
) -> None:
    publish_calendar(casebook)
    path = file(tmp_path, "sla_pack")
    text = path.read_text("utf-8").replace("complaint.closed", "complaint.close")
    path.write_text(text.replace('ladder = "ours"\n', ""), "utf-8")
    wanted = r"line 18: clocks.1.stops_on.0: no event is called complaint.close; .*complaint.closed"
    with pytest.raises(RulesFileError, match=wanted):
        check_files({path: publication_of(path)}, casebook.rules)


def test_two_packs_of_one_regime_are_not_for_letters_of_the_same_days(
    casebook: Casebook, tmp_path: Path
) -> None:
    publish_calendar(casebook)
    first = file(
        tmp_path, "statutory_pack", 'locale = "fa"', 'locale = "fa"\nuntil_on = 2026-04-14'
    )
    casebook.execute(publication_of(first), actor=MANAGER)
    after, same = 'locale = "fa"\nfrom_on = 2026-04-15', 'locale = "fa"\nfrom_on = 2026-04-14'
    following = file(tmp_path, "statutory_pack", 'locale = "fa"', after, "next")
    check_files({following: publication_of(following)}, casebook.rules)
    following = file(tmp_path, "statutory_pack", 'locale = "fa"', same, "next")
    with pytest.raises(RulesFileError, match=r"next.toml, line 7: regime: statutory_pack/ours is"):
        check_files({following: publication_of(following)}, casebook.rules)
    with pytest.raises(PacksOverlap):
        check_references([publication_of(following)], casebook.rules)
    check_files({first: publication_of(first)}, casebook.rules)  # a version of its own follows it


def test_documents_published_together_may_name_each_other(
    casebook: Casebook, tmp_path: Path
) -> None:
    paths = [
        file(tmp_path, "sla_pack"),
        file(tmp_path, "ladder"),
        SHIPPED / "calendar" / "iran.toml",
    ]
    publications = {path: publication_of(path) for path in paths}
    check_files(publications, casebook.rules)
    ordered = in_order(list(publications.values()))
    assert [one.kind for one in ordered] == ["calendar", "ladder", "sla_pack"]


def test_a_folder_of_rules_with_a_wrong_one_publishes_none_and_the_old_version_stays(
    casebook: Casebook, tmp_path: Path
) -> None:
    publish_calendar(casebook)
    casebook.execute(publication_of(file(tmp_path, "ladder")), actor=MANAGER)
    head = casebook.head()
    file(tmp_path, "ladder", 'role = "supervisor"', 'role = "unit_head"')
    file(tmp_path, "sla_pack", 'calendar = "iran"', 'calendar = "atlantis"')
    with pytest.raises(RulesFileError, match="no calendar is called atlantis"):
        publish_shipped(casebook, tmp_path)
    assert casebook.head() == head
    in_force = casebook.rules.in_force(Ladder, "ours", datetime(2026, 6, 1, tzinfo=UTC))
    assert (in_force.version, in_force.content.rungs[0].role) == (1, Role.SUPERVISOR)
