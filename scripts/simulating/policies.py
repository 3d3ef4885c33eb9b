"""The rules a simulation goes by: the published or shipped ones, and those of a what-if."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from domain import DOCUMENT_TYPES
from domain.clocks.calendar import Calendar
from domain.clocks.rules import Ladder, SlaPack
from domain.rulebook import Provenance, Published, PublishRules, Rules, RulesPublished, content_hash
from simulating.acts import Extent
from store.rulebook import SHIPPED, check_files, content_of, publication_of, rules_from
from store.rules_files import RulesFileError

BEGINNING_OF_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""From when on a simulation takes rules to be in force, whatever their files say."""


VERSION = 1_000_000
"""The version of a policy: no publication ever gets as far, so it is mistaken for none."""


class PoliciesRefused(Exception):  # noqa: N818
    """Files of a what-if that cannot be used; the message has one line per problem."""


def policies_from(paths: Sequence[Path], rules: Rules) -> tuple[PublishRules, ...]:
    """Read rule files, and every `*.toml` of folders, as `publish_rules.py` reads them.

    What they name has to be among them or in `rules`. Raises `PoliciesRefused` with all that is
    wrong: file, line, and what to do.
    """
    problems: list[str] = []
    found: dict[tuple[str, str], tuple[Path, PublishRules]] = {}
    for path in _files(paths, problems):
        try:
            command = publication_of(path)
        except RulesFileError as error:
            problems.append(str(error))
            continue
        key = (command.kind, command.name)
        if key in found:
            problems.append(
                f"{path}: {found[key][0]} is {command.kind}/{command.name} too; give one of them"
            )
            continue
        found[key] = (path, command)
    if not problems:
        try:
            check_files(dict(found.values()), rules)
        except RulesFileError as error:
            problems.append(str(error))
    if problems:
        raise PoliciesRefused("\n".join(problems))
    return tuple(command for _, command in found.values())


def _files(paths: Sequence[Path], problems: list[str]) -> Iterable[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        inside = sorted(path.rglob("*.toml"))
        if not inside:
            problems.append(f"{path}: the folder has no rules file (*.toml)")
        yield from inside


def shipped_rules() -> Rules:
    """Return the rules that the program ships, in force from the beginning of time."""
    commands = [publication_of(path) for path in sorted(SHIPPED.glob("*/*.toml"))]
    return rules_from([_as_event(command) for command in commands])


def on_calendar(rules: Rules, asked: str) -> Rules:
    """Return rules in which every calendar is the one asked for: a published one, or a file.

    Raises `PoliciesRefused`.
    """
    found = rules.documents.get((Calendar, asked))
    if found is not None:
        content: Calendar = found[-1].content
    else:
        known = ", ".join(sorted(name for kind, name in rules.documents if kind is Calendar))
        path = Path(asked)
        if not path.exists():
            raise PoliciesRefused(f"{asked} is neither a calendar ({known}) nor a file")
        try:
            command = publication_of(path)
        except RulesFileError as error:
            raise PoliciesRefused(str(error)) from None
        if command.kind != "calendar":
            raise PoliciesRefused(f"{path}: this is {command.kind}/{command.name}, no calendar")
        content = content_of(command)
    documents = {
        key: tuple(replace(one, content=content) for one in published)
        if key[0] is Calendar
        else published
        for key, published in rules.documents.items()
    }
    return Rules(documents)


def uncovered(rules: Rules, extent: Extent) -> tuple[str, ...]:
    """Return the calendars of packs that say nothing of days on which a source speaks."""
    names = sorted(
        {
            published[-1].content.calendar
            for (kind, _), published in rules.documents.items()
            if kind in (SlaPack, Ladder)
        }
    )
    lacking = []
    for name in names:
        covers: Calendar = rules.documents[Calendar, name][-1].content
        first, last = extent.from_at.date(), extent.until_at.date()
        if first < covers.covers_from_on or last > covers.covers_until_on:
            lacking.append(f"{name} ({covers.covers_from_on} to {covers.covers_until_on})")
    return tuple(lacking)


def under(rules: Rules, policies: Sequence[PublishRules]) -> Rules:
    """Return rules with these policies as the newest versions, in force at any time.

    Versions that were there stay, for what is pinned to them. Doing it again changes nothing.
    """
    documents: dict[tuple[type[Any], str], Sequence[Published[Any]]] = dict(rules.documents)
    for command in policies:
        key = (DOCUMENT_TYPES[command.kind], command.name)
        before = [one for one in documents.get(key, ()) if one.version != VERSION]
        (made,) = rules_from([_as_event(command)]).documents[key]
        documents[key] = (*before, replace(made, version=VERSION))
    return Rules(documents)


def names_of(policies: Sequence[PublishRules]) -> tuple[str, ...]:
    """Return the policies as `kind/name`."""
    return tuple(f"{command.kind}/{command.name}" for command in policies)


def _as_event(command: PublishRules) -> RulesPublished:
    return RulesPublished(
        kind=command.kind,
        name=command.name,
        version=1,
        effective_from_at=BEGINNING_OF_TIME,
        content=command.content,
        sha256=content_hash(command.content),
        provenance=Provenance(
            source=command.source, confirmed=command.confirmed, decided_by=command.decided_by
        ),
    )
