"""A stranger checks a proof file: one that is right, and ones in which a single thing is not."""

import json
import random
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest

from domain.draw.ranking import (
    Places,
    commitment_of,
    draw_key,
    leaf_of,
    person_word,
    ranking,
)
from domain.draw.tree import leaf_hash, root_of
from tests.sagas.lottery import verified
from verify_draw import main

DRAW = UUID("018f0000-0000-7000-8000-0000000000d1")
SEED = bytes(range(32))
QUOTAS = [Places("206", 2, 2), Places("Dena", 1, 1)]
VALUE = "2,043,129.85"


def order(number: int) -> UUID:
    return UUID(int=0xA000 + number)


def proof(excluded: tuple[int, ...] = (4,)) -> list[str]:
    """Return the lines of a proof file of nine entries, made by the rules of the domain."""
    models = ["206", "206", "Dena", "206", "206", "Dena", "206", "Dena", "206"]
    leaves = [
        leaf_of(10 + 3 * n, order(n), f"P-{n}", model, person_word(DRAW, order(900 + n)))
        for n, model in enumerate(models, 1)
    ]
    root = root_of(leaf_hash(leaf.encode()) for leaf in leaves)
    key = draw_key(DRAW, root, VALUE, SEED)
    drawn = [b"" if n in excluded else leaf.encode() for n, leaf in enumerate(leaves, 1)]
    ranked = ranking(key, [(models, drawn)], [places.model for places in QUOTAS])
    header = {
        "format": "parvandeh draw proof",
        "format_version": 1,
        "draw_id": str(DRAW),
        "name": "spring",
        "rule": "one_per_person",
        "quotas": [places._asdict() for places in QUOTAS],
        "source": "Tehran Stock Exchange",
        "source_reference": None,
        "opens_at": "2026-03-01T09:00:00Z",
        "closes_at": "2026-03-04T09:00:00Z",
        "value_expected_at": "2026-03-05T09:00:00Z",
        "seed_sha256": commitment_of(SEED),
        "opened_position": 9,
        "closed_position": 60,
        "closed_at": "2026-03-04T09:00:00.250000Z",
        "entries": len(leaves),
        "root": root.hex(),
        "exclusions": len(excluded),
        "seed": SEED.hex(),
        "public_value": VALUE,
        "value_published_at": "2026-03-05T09:00:00Z",
    }
    places = [
        json.dumps([of.model, rank, of.outcome(rank).value, number])
        for of in QUOTAS
        for rank, number in enumerate(ranked[of.model], 1)
    ]
    text = "".join(f"{line}\n" for line in places)
    return [
        json.dumps(header),
        *leaves,
        *(json.dumps([number, str(order(number)), "ineligible"]) for number in excluded),
        *places,
        json.dumps({"end": {"ranking_sha256": sha256(text.encode()).hexdigest()}}),
    ]


def written(folder: Path, lines: list[str]) -> Path:
    file = folder / "proof.jsonl"
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def test_a_proof_by_the_rules_is_found_right(tmp_path: Path) -> None:
    said = verified(written(tmp_path, proof()), "--order", str(order(4)))
    assert (said.returncode, said.stderr) == (0, "")
    assert "WRONG" not in said.stdout
    assert "left out: ineligible" in said.stdout
    assert said.stdout.endswith("The draw is as it should be.\n")


def header(**said: object) -> Callable[[list[str]], None]:
    def change(lines: list[str]) -> None:
        lines[0] = json.dumps({**json.loads(lines[0]), **said})

    return change


def line(number: int, was: str, now: str) -> Callable[[list[str]], None]:
    def change(lines: list[str]) -> None:
        assert was in lines[number - 1]
        lines[number - 1] = lines[number - 1].replace(was, now)

    return change


def swap(one: int, other: int) -> Callable[[list[str]], None]:
    def change(lines: list[str]) -> None:
        lines[one - 1], lines[other - 1] = lines[other - 1], lines[one - 1]

    return change


def late(lines: list[str]) -> None:
    """An operator adds a friend after the closing, and works everything out anew."""
    friend = leaf_of(61, order(77), "P-77", "206", person_word(DRAW, order(977)))
    lines.insert(10, friend)
    header(entries=10)(lines)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (header(seed="00" * 32), "line 1: the seed's hash is"),
        (header(seed="00" * 8, seed_sha256=commitment_of(bytes(8))), "could have been guessed"),
        (header(public_value="2,043,129.86"), "by the seed, the root and the public value it is"),
        (header(root="00" * 32), "lines 2 to 10: the root of the entries is"),
        (header(value_published_at="2026-03-04T08:00:00Z"), "line 1: the public value is of"),
        (header(closed_at="2026-03-05T09:00:01Z"), "line 1: the public value is of"),
        (header(closes_at="2026-03-06T09:00:00Z"), "line 1: the announced times are not in order"),
        (header(closed_position=30), "came after the closing"),
        (header(entries=8), "this is not an exclusion"),
        (header(quotas=[{"model": "206", "winners": 3, "reserves": 2}]), "is not drawn in this"),
        (header(format="something else"), "line 1: this is no proof file"),
        (line(3, "P-2", "P-3"), "lines 2 to 10: the root of the entries is"),
        (line(3, str(order(2)), str(order(1))), "line 3: entry 2 is of an order that has entry 1"),
        (swap(3, 4), "line 4: entry 3 is not in the order of the log"),
        (swap(12, 13), "line 12: the file says"),
        (line(12, "winner", "reserve"), "line 12: the file says"),
        (line(11, "ineligible", ""), "line 11: somebody was left out without a reason"),
        (line(11, "[4,", "[5,"), "line 11: the order that is left out has no such entry"),
        (lambda lines: lines.pop(), "the file ends where the end should be"),
        (lambda lines: lines.append("{}"), "something follows the end"),
        (lambda lines: lines.pop(5), "line 10: this is not an entry"),
        (late, "line 11: entry 10 came after the closing"),
    ],
)  # fmt: skip
def test_the_line_that_is_wrong_is_named(
    change: Callable[[list[str]], None],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = proof()
    change(lines)
    assert main([str(written(tmp_path, lines))]) == 1
    found = capsys.readouterr().out
    assert said in found, found
    assert "NOT as it should be" in found


def test_a_byte_changed_anywhere_never_passes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """But for what the file only says for its readers, which proves nothing."""
    text = "".join(f"{line}\n" for line in proof()).encode()
    end_of_header = text.index(b"\n")
    chance = random.Random(20260301)  # the same places in every run
    file = tmp_path / "proof.jsonl"
    for at in chance.sample(range(end_of_header + 1, len(text)), 60):
        changed = bytearray(text)
        changed[at] ^= 1 << chance.randrange(7)
        file.write_bytes(changed)
        reason = text.find(b"ineligible") <= at < text.find(b"ineligible") + 10
        assert reason or main([str(file)]) == 1, (at, capsys.readouterr().out)


def test_what_was_noted_before_is_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(written(tmp_path, proof()))
    for option in ("--commitment", "--root", "--sha256"):
        assert main([file, option, "ab" * 32]) == 1
        assert "not the one you noted" in capsys.readouterr().out
    assert main([str(tmp_path / "none.jsonl")]) == 2
