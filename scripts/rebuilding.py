"""Rebuilding views, and comparing them with their rebuild, from the command line."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from _connect import CannotConnect, open_casebook
from projections import VIEWS
from sagas import SAGAS
from sagas.instances import views_of
from store.casebook import Casebook
from store.keys import WrongMasterKey
from store.views import (
    Difference,
    RebuildIsRunning,
    RebuildIsStuck,
    SwapIsBlocked,
    View,
    compare,
    rebuild,
)

ALL: tuple[View, ...] = (*VIEWS, *views_of(SAGAS))
"""The instances of a saga are a view too; a rebuild of them sends nothing."""

errors = Console(stderr=True, highlight=False, soft_wrap=True)
out = Console(highlight=False, soft_wrap=True)
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Views; all when none is named.")
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Compare with the live view instead of taking its place."),
    ] = False,
    data_dir: Annotated[
        Path | None, typer.Option(help="The data folder of the running server.")
    ] = None,
) -> None:
    """Build views anew from the whole log while readers go on with the live ones.

    A rebuilt view takes the live one's place in one transaction. With --check it is compared with
    it instead, column by column, and dropped again: exit code 2 when any row differs. An
    interrupted rebuild leaves the live view as it was; the next one begins anew.
    """
    views = _chosen(names or [])
    try:
        with open_casebook(data_dir) as casebook:
            different = sum(_one(casebook, view, check=check) for view in views)
    except (CannotConnect, WrongMasterKey) as refused:
        raise _fail(str(refused)) from None
    except RebuildIsRunning as running:
        raise _fail(f"Another process rebuilds {running} now; wait for it to end.") from None
    except RebuildIsStuck as stuck:
        raise _fail(f"The view cannot be built: {stuck}. The live one was left alone.") from None
    except SwapIsBlocked as blocked:
        raise _fail(f"Long reads of {blocked} left no moment to swap; try again.") from None
    except psycopg.OperationalError as error:
        raise _fail(f"The database went away ({type(error).__name__}); try again.") from None
    if different:
        raise typer.Exit(2)


def _chosen(names: Sequence[str]) -> list[View]:
    known = {view.name: view for view in ALL}
    for name in names:
        if name not in known:
            raise _fail(f"There is no view {name}; choose from {', '.join(known)}.")
    return [known[name] for name in dict.fromkeys(names)] if names else list(ALL)


def _one(casebook: Casebook, view: View, *, check: bool) -> int:
    """Rebuild or check one view; return how many rows differ."""
    url, log = casebook.case_recorder.url, casebook.log_reader
    with _progress(view.name) as bar:
        if not check:
            position = rebuild(url, log, view, progress=bar)
            found: list[Difference] = []
        else:
            position = 0
            found = compare(url, log, view, progress=bar)
    if not check:
        out.print(f"{view.name}: rebuilt up to position {position}")
    elif not found:
        out.print(f"{view.name}: equal to its rebuild in all columns")
    for difference in found:
        where = "" if difference.live and difference.rebuilt else _where(difference)
        key = ", ".join(str(part) for part in difference.key if not isinstance(part, bytes))
        out.print(f"{view.name}: {difference.table} {key} differs{where}", markup=False)
    return len(found)


def _where(difference: Difference) -> str:
    return " (only in the live view)" if difference.live else " (only in the rebuild)"


class _Bar:
    """Hands a rebuild's progress to a progress bar."""

    def __init__(self, progress: Progress, name: str) -> None:
        self._progress = progress
        self._task = progress.add_task(name, total=None)

    def __call__(self, position: int, head: int) -> None:
        self._progress.update(self._task, completed=position, total=head)


@contextmanager
def _progress(name: str) -> Iterator[_Bar]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=errors,
        transient=True,
        disable=not sys.stderr.isatty(),
    ) as progress:
        yield _Bar(progress, name)


def _fail(sentence: str) -> typer.Exit:
    errors.print(sentence, markup=False)
    return typer.Exit(1)
