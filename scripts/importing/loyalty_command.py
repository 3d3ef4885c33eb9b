"""The command line of the import of a club: files in, ledgers out, or the two compared."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from _connect import CannotConnect, open_casebook
from importing.carrying import Account, DatabaseLost
from importing.cases import SourceRefused
from importing.loyalty import SHIPPED_MAPPING, Club, Files, meanings_of
from importing.parting import LEDGERS_AT_HAND, Carried, Parts, Say, Word, carry, few_collections
from importing.recounting import SHOWN_MAX, compare, counted
from importing.rejects import RejectFile
from store.casebook import Casebook
from store.keys import WrongMasterKey

errors = Console(stderr=True, highlight=False, soft_wrap=True)
out = Console(highlight=False, soft_wrap=True)

PARTS_MAX = 16


def parts_of_this_machine() -> int:
    """Return into how many processes the work is divided: one a processor, at most four."""
    return min(4, os.cpu_count() or 1)


def import_loyalty(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="The files, plain or gzip.")],
    mapping: Annotated[
        Path, typer.Option(help="What the files' columns mean, and of which club they are (TOML).")
    ] = SHIPPED_MAPPING,
    check: Annotated[
        bool,
        typer.Option("--check", help="Import nothing; count the files plainly and compare."),
    ] = False,
    rejects: Annotated[
        Path | None,
        typer.Option(help="Where rejected rows go. [default: loyalty.rejects.csv]"),
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(min=1, max=PARTS_MAX, help="Into how many the work is divided."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 3 when rows were rejected.")
    ] = False,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="The data folder of the running server, unless DATABASE_URL."),
    ] = None,
) -> None:
    """Import a club's baskets, redemptions and opening balances (CSV) as loyalty ledgers.

    Name all files of the club in one run: they are gone through as one, in the order of time. With
    --check, each household's ledger is compared with what plain arithmetic makes of the files.
    """
    run = LoyaltyRun(files, rejects or Path("loyalty.rejects.csv"), data_dir)
    run.go(mapping, check=check, parts=processes or parts_of_this_machine())
    if run.account.rejected and strict:
        raise typer.Exit(3)


class LoyaltyRun:
    """One run, from the files to the summary."""

    def __init__(self, paths: list[Path], rejects: Path, data_dir: Path | None) -> None:
        self.paths = paths
        self.rejects_path = rejects
        self.data_dir = data_dir
        self.account = Account()

    def fail(self, line: str) -> typer.Exit:
        """Say in one line why the import stops, and return the exit."""
        errors.print(line, markup=False)
        return typer.Exit(1)

    def go(self, mapping: Path, *, check: bool, parts: int) -> None:
        """Do the run."""
        try:
            meanings = meanings_of(mapping)
            if parts > 1 and not check:
                self._import(Parts(parts, self.paths, meanings, self.data_dir).carried)
                return
            with open_casebook(self.data_dir, cached_states_max=LEDGERS_AT_HAND) as casebook:
                club = Club.in_force(meanings, casebook.rules, casebook.clock())
                if check:
                    self._check(casebook, club)
                else:
                    self._import(lambda say: carry(casebook, self.paths, club, say))
        except (SourceRefused, CannotConnect, WrongMasterKey) as refused:
            raise self.fail(str(refused)) from None
        except DatabaseLost:
            raise self.fail(
                "The database went away. Run the import again when it is back: it goes on where"
                " it was."
            ) from None
        except KeyboardInterrupt:
            errors.print("Stopped. Run the import again: it goes on where it was.")
            raise typer.Exit(130) from None
        except OSError as error:
            raise self.fail(f"{error.filename or self.paths[0]}: {error.strerror}") from None

    def _import(self, carried_over: Callable[[Say], Carried]) -> None:
        rejects = RejectFile(self.rejects_path)
        started = time.monotonic()
        try:
            with self._progress() as hear:

                def heard(word: Word) -> None:
                    if word.reject is not None:
                        rejects.write(word.reject)
                    hear(word)

                carried = carried_over(heard)
        finally:
            rejects.close()
        self.account = carried.account
        self._summary(time.monotonic() - started)
        if carried.seen != self.account.rows:
            raise self.fail(f"{carried.seen - self.account.rows} rows are unaccounted for")

    def _check(self, casebook: Casebook, club: Club) -> None:
        files = Files(self.paths, club.meanings, club.currency)
        try:
            with few_collections():
                found = compare(casebook, club, counted(files.rows(lambda _: None), club.rule))
        finally:
            files.close()
        agreeing = found.households - len(found.differing)
        out.print(
            f"{found.households:,} households counted plainly: {found.earned:,} points earned"
            f" - {found.spent:,} spent = {found.earned - found.spent:,};"
            f" {found.refused:,} redemptions without enough"
        )
        out.print(f"{agreeing:,} ledgers agree, {len(found.differing):,} differ")
        for line in found.differing[:SHOWN_MAX]:
            out.print(line, markup=False)
        if found.differing:
            raise typer.Exit(1)

    @contextmanager
    def _progress(self) -> Iterator[Say]:
        """Show how far the reading has come, as the parts say it."""
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[rows]:,} rows"),
            TimeElapsedColumn(),
        )
        size_bytes = sum(path.stat().st_size for path in self.paths)
        with Progress(*columns, console=errors, disable=not errors.is_terminal) as shown:
            task = shown.add_task("loyalty", total=size_bytes or 1, rows=0)
            rows = 0

            def hear(word: Word) -> None:
                nonlocal rows
                rows += word.rows
                if word.rows:
                    shown.update(task, completed=word.read_bytes, rows=rows)

            yield hear
            shown.update(task, completed=size_bytes)

    def _summary(self, seconds: float) -> None:
        account = self.account
        out.print(
            f"{account.rows:,} rows read = {account.imported:,} imported"
            f" + {account.already_there:,} already there + {account.rejected:,} rejected"
        )
        out.print(
            f"{account.cases:,} ledgers ({account.cases_new:,} new), {account.events:,} events"
            f" added in {seconds:.1f} s ({account.rows / max(seconds, 0.001):,.0f} rows/s)"
        )
        if account.rejected:
            out.print(f"Rejected rows with their reasons: {self.rejects_path}", markup=False)
