#!/usr/bin/env python3
"""Check the proof file of a draw, with nothing but Python 3.8 and this one file.

    python3 verify_draw.py proof.jsonl
    python3 verify_draw.py proof.jsonl --order 0192f6a0-7c1e-7d3a-9b52-0f2d8c4a6e10
    python3 verify_draw.py proof.jsonl --commitment HASH --root HASH --sha256 HASH

It reads the published file line by line and works everything out again: that the seed is the one
the operator committed to before anybody could enter, that the list of entries is the one whose
root was published, that the public value is from after the closing, and from these three who was
drawn. --order finds an entry and says what became of it. With --commitment and --root, the hashes
that you noted before the draw was held, it also checks that nothing was exchanged since.

Exit code 0: all of it is right. 1: something is not, and which line says so. 2: no such file.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import re
import sys
from datetime import datetime
from typing import Any, BinaryIO, Iterator  # noqa: UP035 (for Python 3.8)

FORMAT = "parvandeh draw proof"
FORMAT_VERSION = 1
KEY_WORD = b"parvandeh draw v1"
SEED_BYTES_MIN = 32
LINE_BYTES_MAX = 1_000_000
PROBLEMS_SHOWN_MAX = 10
NEEDED = {
    "draw_id": str, "name": str, "rule": str, "quotas": list, "source": str, "opens_at": str,
    "closes_at": str, "value_expected_at": str, "seed_sha256": str, "opened_position": int,
    "closed_position": int, "closed_at": str, "entries": int, "root": str, "exclusions": int,
    "seed": str, "public_value": str, "value_published_at": str,
}  # fmt: skip
INSTANTS = ("opens_at", "closes_at", "closed_at", "value_expected_at", "value_published_at")
IN_HEXADECIMAL = ("seed", "seed_sha256", "root")
Json = Any


class Unreadable(Exception):  # noqa: N818
    """What is wrong, and in which line of the file; nothing after it can be made sense of."""


class Findings:
    """Says what was checked, and what is not as it should be."""

    def __init__(self) -> None:
        self.problems = 0

    def right(self, text: str) -> None:
        """Say that something is as it should be."""
        print(f"  ok    {text}")

    def wrong(self, text: str) -> None:
        """Say that something is not as it should be."""
        self.problems += 1
        if self.problems <= PROBLEMS_SHOWN_MAX:
            print(f"  WRONG {text}")

    def check(self, holds: bool, right: str, wrong: str) -> None:
        """Say the one or the other."""
        if holds:
            self.right(right)
        else:
            self.wrong(wrong)


class Lines:
    """The lines of the file with their numbers; every byte is hashed as it passes."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hashed = hashlib.sha256()
        self.number = 0

    def next(self, what: str) -> bytes:
        """Return the next line without its end."""
        line = self._stream.readline(LINE_BYTES_MAX)
        self.number += 1
        self._hashed.update(line)
        if not line:
            raise Unreadable(f"line {self.number}: the file ends where {what} should be")
        if not line.endswith(b"\n"):
            raise Unreadable(f"line {self.number}: the file breaks off in the middle of {what}")
        return line[:-1]

    def read(self, line: bytes, what: str) -> Json:
        """Return what a line says."""
        try:
            return json.loads(line.decode("utf-8"))
        except (ValueError, RecursionError):
            raise Unreadable(f"line {self.number}: this is not {what}") from None

    def more(self) -> bool:
        """Tell whether anything follows."""
        rest = self._stream.read(1)
        self._hashed.update(rest)
        return bool(rest)

    @property
    def sha256(self) -> str:
        """Return the hash of all that was read."""
        return self._hashed.hexdigest()


def instant(text: str) -> datetime:
    """Return an instant as the file writes it."""
    return datetime.fromisoformat(re.sub(r"Z$", "+00:00", text))


# --- what the draw is worked out from -------------------------------------------------------------


def root_of(hashes: list[bytes]) -> bytes:
    """Return the Merkle tree hash of RFC 9162, section 2.1."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    while len(hashes) > 1:
        joined = [
            hashlib.sha256(b"\x01" + hashes[n] + hashes[n + 1]).digest()
            for n in range(0, len(hashes) - 1, 2)
        ]
        if len(hashes) % 2:
            joined.append(hashes[-1])
        hashes = joined
    return hashes[0]


def draw_key(header: Json) -> bytes:
    """Return the key of the ranking: each part of it stands behind its length."""
    parts = (
        KEY_WORD,
        header["draw_id"].encode(),
        bytes.fromhex(header["root"]),
        header["public_value"].encode(),
        bytes.fromhex(header["seed"]),
    )
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()


# --- the parts of the file ------------------------------------------------------------------------


def read_header(lines: Lines) -> Json:
    """Return the first line, of which every field is there and written as it should be."""
    header = lines.read(lines.next("the header"), "the header of a proof file")
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise Unreadable("line 1: this is no proof file of a draw")
    if header.get("format_version") != FORMAT_VERSION:
        raise Unreadable("line 1: the file is of another format than this script knows")
    for name, kind in NEEDED.items():
        if type(header.get(name)) is not kind:
            raise Unreadable(f"line 1: the header does not say '{name}' as it should")
    for name in IN_HEXADECIMAL:
        if not re.fullmatch(r"(?:[0-9a-f]{2})+", header[name]):
            raise Unreadable(f"line 1: '{name}' is not written in hexadecimal")
    for quota in header["quotas"]:
        for name, kind in (("model", str), ("winners", int), ("reserves", int)):
            if not isinstance(quota, dict) or type(quota.get(name)) is not kind:
                raise Unreadable(f"line 1: a quota does not say '{name}' as it should")
    for name in INSTANTS:
        try:
            instant(header[name])
        except ValueError:
            raise Unreadable(f"line 1: '{name}' is no instant") from None
    return header


def check_header(header: Json, found: Findings, noted: argparse.Namespace) -> None:
    """Check the seed against its commitment, and the order of what happened."""
    seed = bytes.fromhex(header["seed"])
    hashed, committed = hashlib.sha256(seed).hexdigest(), header["seed_sha256"]
    found.check(
        hashed == committed,
        f"the seed is the one that was committed to ({hashed})",
        f"line 1: the seed's hash is {hashed}, but {committed} was committed to",
    )
    found.check(
        len(seed) >= SEED_BYTES_MIN,
        f"the seed has {len(seed)} bytes, too many to be guessed",
        f"line 1: a seed of {len(seed)} bytes could have been guessed",
    )
    at = {name: instant(header[name]) for name in INSTANTS}
    found.check(
        at["opens_at"] < at["closes_at"] < at["value_expected_at"],
        "the draw was to close before the public value would be known",
        "line 1: the announced times are not in order: opening, closing, public value",
    )
    found.check(
        at["closed_at"] >= at["closes_at"]
        and header["opened_position"] < header["closed_position"],
        f"it was closed at {header['closed_at']}, not before the announced time",
        "line 1: the draw was closed before its announced time, or before it was opened",
    )
    found.check(
        at["value_published_at"] >= max(at["value_expected_at"], at["closed_at"]),
        f"the public value is of {header['value_published_at']}, as announced and after closing",
        "line 1: the public value is of a time at which entries could still be steered by it",
    )
    for name, said in (("seed_sha256", noted.commitment), ("root", noted.root)):
        if said is not None:
            found.check(
                said.lower() == header[name],
                f"'{name}' is the one you noted",
                f"line 1: '{name}' is {header[name]}, not the one you noted",
            )


class Entries:
    """The entries as the file lists them."""

    def __init__(self) -> None:
        self.leaves: list[bytes] = []
        self.models: list[str] = []
        self.number_of: dict[str, int] = {}
        self.hashes: list[bytes] = []


def read_entries(lines: Lines, header: Json, found: Findings) -> Entries:
    """Read the entries, and check that each is in its place and nobody has two."""
    entries, last = Entries(), 0
    persons: dict[str, int] = {}
    models = {quota["model"] for quota in header["quotas"]}
    for number in range(1, header["entries"] + 1):
        line = lines.next(f"entry {number}")
        entry = lines.read(line, "an entry")
        if not isinstance(entry, list) or len(entry) != 5 or type(entry[0]) is not int:
            raise Unreadable(f"line {lines.number}: this is not an entry")
        position, order, _, model, person = entry
        at = f"line {lines.number}: entry {number}"
        if position <= last:
            found.wrong(f"{at} is not in the order of the log")
        if position >= header["closed_position"]:
            found.wrong(f"{at} came after the closing")
        if model not in models:
            found.wrong(f"{at} is for a model that is not drawn in this draw")
        if order in entries.number_of:
            found.wrong(f"{at} is of an order that has entry {entries.number_of[order]} already")
        if person in persons:
            found.wrong(f"{at} is of a person who has entry {persons[person]} already")
        persons[person] = number
        last = position
        entries.number_of[order] = number
        entries.leaves.append(line)
        entries.models.append(model)
        entries.hashes.append(hashlib.sha256(b"\x00" + line).digest())
    return entries


def read_exclusions(
    lines: Lines, header: Json, entries: Entries, found: Findings
) -> dict[int, str]:
    """Return the reasons of the entries that were left out, by their numbers."""
    excluded: dict[int, str] = {}
    for _ in range(header["exclusions"]):
        exclusion = lines.read(lines.next("an exclusion"), "an exclusion")
        if not isinstance(exclusion, list) or len(exclusion) != 3:
            raise Unreadable(f"line {lines.number}: this is not an exclusion")
        number, order, reason = exclusion
        if entries.number_of.get(order) != number:
            found.wrong(f"line {lines.number}: the order that is left out has no such entry")
        if not isinstance(reason, str) or not reason:
            found.wrong(f"line {lines.number}: somebody was left out without a reason")
        if number in excluded:
            found.wrong(f"line {lines.number}: an entry is left out twice")
        excluded[number] = reason
    return excluded


def ranked(header: Json, entries: Entries, excluded: dict[int, str]) -> Iterator[list[Json]]:
    """Work the ranking out: model, rank, outcome and number, in the order of the file."""
    key = draw_key(header)
    tickets: dict[str, list[tuple[bytes, int]]] = {q["model"]: [] for q in header["quotas"]}
    for number, leaf in enumerate(entries.leaves, 1):
        model = entries.models[number - 1]
        if number not in excluded and model in tickets:
            tickets[model].append((hmac.new(key, leaf, "sha256").digest(), number))
    for quota in header["quotas"]:
        winners, drawn = quota["winners"], quota["winners"] + quota["reserves"]
        for rank, (_, number) in enumerate(sorted(tickets.pop(quota["model"], [])), 1):
            outcome = "winner" if rank <= winners else "reserve" if rank <= drawn else "not_drawn"
            yield [quota["model"], rank, outcome, number]


def check_ranking(
    lines: Lines, header: Json, entries: Entries, excluded: dict[int, str], found: Findings
) -> dict[int, tuple[int, str]]:
    """Compare the file's ranking with ours; return what became of each entry, by its number."""
    became: dict[int, tuple[int, str]] = {}
    counts: dict[tuple[str, str], int] = {}
    before, hashed = found.problems, hashlib.sha256()
    for ours in ranked(header, entries, excluded):
        model, rank, outcome, number = ours
        line = lines.next(f"the place of entry {number}")
        hashed.update(line + b"\n")
        said = lines.read(line, "a place in the ranking")
        if said != ours:
            found.wrong(
                f"line {lines.number}: the file says {json.dumps(said)}, but by the seed,"
                f" the root and the public value it is {json.dumps(ours)}"
            )
        became[number] = (rank, outcome)
        counts[model, outcome] = counts.get((model, outcome), 0) + 1
    if found.problems == before:
        found.right(f"the ranking of all {len(became)} entries is the one that follows")
        for quota in header["quotas"]:
            model = quota["model"]
            drawn, reserves, others = (
                counts.get((model, outcome), 0) for outcome in ("winner", "reserve", "not_drawn")
            )
            found.right(
                f"{model}: {drawn} drawn for {quota['winners']} places, {reserves} of"
                f" {quota['reserves']} reserves, {others} not drawn"
            )
    end = lines.read(lines.next("the end"), "the end of the file")
    if end != {"end": {"ranking_sha256": hashed.hexdigest()}}:
        found.wrong(f"line {lines.number}: the ranking's hash is {hashed.hexdigest()}, not this")
    if lines.more():
        found.wrong(f"line {lines.number + 1}: something follows the end")
    return became


# --- the whole ------------------------------------------------------------------------------------


def verify(lines: Lines, noted: argparse.Namespace, found: Findings) -> None:
    """Check a file from its first line to its last."""
    header = read_header(lines)
    print(f"Draw {header['name']} ({header['draw_id']}), public source: {header['source']}")
    check_header(header, found, noted)
    before = found.problems
    entries = read_entries(lines, header, found)
    if found.problems == before:
        found.right(f"{header['entries']} entries, in the order of the log, one a person")
    root = root_of(entries.hashes).hex()
    entries.hashes = []
    found.check(
        root == header["root"],
        f"their root is the one that was published ({root})",
        f"lines 2 to {lines.number}: the root of the entries is {root},"
        f" but {header['root']} was published",
    )
    before = found.problems
    excluded = read_exclusions(lines, header, entries, found)
    if found.problems == before:
        found.right(f"{len(excluded)} entries are left out, each with its reason")
    became = check_ranking(lines, header, entries, excluded, found)
    if noted.sha256 is not None:
        found.check(
            lines.sha256 == noted.sha256.lower(),
            "the file is byte for byte the one you noted",
            f"the file's SHA-256 is {lines.sha256}, not the one you noted",
        )
    if noted.order is not None:
        number = entries.number_of.get(noted.order.lower())
        if number is None:
            print(f"  Order {noted.order} has no entry in this draw.")
        elif number in excluded:
            print(f"  Order {noted.order} is entry {number}; left out: {excluded[number]}.")
        else:
            rank, outcome = became[number]
            said = outcome.replace("_", " ")
            print(f"  Order {noted.order} is entry {number}; its rank is {rank}: {said}.")


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and check the file."""
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    parser.add_argument("file", help="the proof file, as it was published")
    parser.add_argument("--order", help="the id of an order: say what became of it")
    parser.add_argument("--commitment", help="the seed's hash that you noted before the draw")
    parser.add_argument("--root", help="the entries' root that you noted after the closing")
    parser.add_argument("--sha256", help="the hash of the file that the draw names")
    noted = parser.parse_args(arguments)
    found = Findings()
    try:
        with open(noted.file, "rb") as stream:
            verify(Lines(stream), noted, found)
    except OSError as error:
        print(f"{noted.file} cannot be read: {error.strerror}", file=sys.stderr)
        return 2
    except Unreadable as wrong:
        found.wrong(str(wrong))
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        found.wrong(f"the file is not written as a proof file is ({type(error).__name__})")
    if found.problems:
        print(f"The draw is NOT as it should be: {found.problems} findings.")
        return 1
    print("The draw is as it should be.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
