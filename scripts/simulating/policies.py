"""The rules a simulation goes by: the published or shipped ones, and those of a what-if."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from domain import DOCUMENT_TYPES
from domain.rulebook import Provenance, Published, PublishRules, Rules, RulesPublished, content_hash
from store.rulebook import SHIPPED, check_files, publication_of, rules_from
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
