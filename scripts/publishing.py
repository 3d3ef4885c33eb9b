"""Publishing rule documents from files: validated all, published all or none."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from _connect import CannotConnect, open_casebook
from domain import DOCUMENT_TYPES
from domain.declare import Actor, ActorId, Refusal, Role
from domain.rulebook import EffectiveDateGoesBack, PublishRules, RulesPublished
from store.keys import WrongMasterKey
from store.rule_checks import in_order
from store.rulebook import check_files, publication_of
from store.rules_files import RulesFileError

errors = Console(stderr=True, highlight=False, soft_wrap=True)
out = Console(highlight=False, soft_wrap=True)
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def publish(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="TOML rule documents.")],
    effective_from: Annotated[
        str | None,
        typer.Option(help="In force from then (a date, or RFC 3339), instead of the files' own."),
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why; it is recorded.")] = None,
    actor: Annotated[
        str, typer.Option(help="The account that publishes, as an opaque id.")
    ] = "system:publish_rules",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only validate the files.")] = False,
    data_dir: Annotated[
        Path | None, typer.Option(help="The data folder of the running server.")
    ] = None,
) -> None:
    """Validate rule documents and publish them, all or none.

    A file has `effective_from` and the tables `provenance` and `content`; its folder names the
    kind of document and the file the document. Cases keep the version that they are pinned to.
    Exit code 1 when a file is wrong or nothing could be published.
    """
    starts_at = None if effective_from is None else instant(effective_from)
    commands: dict[Path, PublishRules] = {}
    problems = 0
    for path in files:
        try:
            command = publication_of(path)
        except RulesFileError as error:
            errors.print(str(error), markup=False)
            problems += 1
            continue
        commands[path] = (
            command if starts_at is None else replace(command, effective_from_at=starts_at)
        )
    if problems:
        errors.print(f"{problems} of {len(files)} files are wrong; nothing was published.")
        raise typer.Exit(1)
    if dry_run:
        for command in commands.values():
            out.print(f"{command.kind}/{command.name} is valid", markup=False)
        return
    who = Actor(id=ActorId(actor), roles=frozenset({Role.ADMIN}))
    publish_all(list(commands.values()), who, reason, data_dir, commands)


def publish_all(
    publications: list[PublishRules],
    actor: Actor,
    reason: str | None,
    data_dir: Path | None,
    files: dict[Path, PublishRules] | None = None,
) -> None:
    """Publish documents, all or none, and say what became of each; exit code 1 when refused."""
    commands = in_order(publications)
    try:
        with open_casebook(data_dir) as casebook:
            check_files(files or {}, casebook.rules)
            receipt = casebook.execute(*commands, actor=actor, reason=reason)
            published = {
                (event.kind, event.name): event
                for event in receipt.events
                if isinstance(event, RulesPublished)
            }
            rules = casebook.rules
    except (CannotConnect, WrongMasterKey) as refused:
        raise _fail(str(refused)) from None
    except RulesFileError as wrong:
        raise _fail(f"{wrong}. Nothing was published.") from None
    except EffectiveDateGoesBack as refused:
        raise _fail(
            "A version in force from later on is published already: give --effective-from"
            f" {refused.params['not_before']} or later. Nothing was published."
        ) from None
    except Refusal as refused:
        text = (type(refused).__doc__ or refused.code).splitlines()[0]
        raise _fail(f"{text} ({refused.code}) Nothing was published.") from None
    for command in commands:
        event = published.get((command.kind, command.name))
        if event is None:
            versions = rules.documents[(DOCUMENT_TYPES[command.kind], command.name)]
            said = f"is version {versions[-1].version} already"
        else:
            said = f"version {event.version}, in force from {event.effective_from_at.isoformat()}"
        out.print(f"{command.kind}/{command.name} {said}", markup=False)


def instant(text: str) -> datetime:
    """Read a date or an instant that somebody typed; exit code 1 when it is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        message = f"{text} is no date and no instant; write 2026-03-21 or 2026-03-21T00:00:00Z."
        raise _fail(message) from None
    if len(text) == len("2026-03-21"):
        at = datetime.combine(date.fromisoformat(text), time())
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _fail(line: str) -> typer.Exit:
    errors.print(line, markup=False)
    return typer.Exit(1)
