"""The command line of the import of a club: files in, ledgers out, or the two compared."""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from _connect import CannotConnect, open_casebook
from domain.loyalty import EarningRule, LoyaltyProgramme
from domain.rulebook import RulesNotPublished
from importing.carrying import Account, DatabaseLost
from importing.cases import Reject, SourceRefused
from importing.crediting import Crediting
from importing.loyalty import SHIPPED_MAPPING, Club, Files, Meanings, Row, meanings_of
from importing.recounting import SHOWN_MAX, compare, counted
from importing.rejects import RejectFile
from store.casebook import Casebook
from store.keys import WrongMasterKey

errors = Console(stderr=True, highlight=False, soft_wrap=True)
out = Console(highlight=False, soft_wrap=True)

LEDGERS_AT_HAND = 10_000
"""How many ledgers are kept folded while rows come in the order of time, not of ledgers."""


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
    run.go(mapping, check=check)
    if run.account.rejected and strict:
        raise typer.Exit(3)


class LoyaltyRun:
    """One run, from the files to the summary."""

    def __init__(self, paths: list[Path], rejects: Path, data_dir: Path | None) -> None:
        self.paths = paths
        self.rejects_path = rejects
        self.data_dir = data_dir
        self.account = Account()
        self.rows_read = 0

    def fail(self, line: str) -> typer.Exit:
        """Say in one line why the import stops, and return the exit."""
        errors.print(line, markup=False)
        return typer.Exit(1)

    def go(self, mapping: Path, *, check: bool) -> None:
        """Do the run."""
        try:
            meanings = meanings_of(mapping)
            with open_casebook(self.data_dir, cached_states_max=LEDGERS_AT_HAND) as casebook:
                programme, rule = _rules(casebook, meanings)
                club = Club(meanings, programme.currency)
                files = Files(self.paths, meanings, programme.currency)
                try:
                    if check:
                        self._check(files, casebook, club, rule)
                    else:
                        self._import(files, casebook, club)
                finally:
                    files.close()
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

    def _import(self, files: Files, casebook: Casebook, club: Club) -> None:
        rejects = RejectFile(self.rejects_path)
        started = time.monotonic()
        crediting = Crediting(casebook, club, rejects.write)

        def reject(found: Reject) -> None:
            self.rows_read += 1
            crediting.reject(found)

        try:
            for row in self._progress(files, files.rows(reject)):
                self.rows_read += 1
                crediting.submit(row)
            self.account = crediting.finish()
        except BaseException:
            crediting.stop()
            raise
        finally:
            rejects.close()
        self._summary(time.monotonic() - started)

    def _check(self, files: Files, casebook: Casebook, club: Club, rule: EarningRule) -> None:
        found = compare(casebook, club, counted(files.rows(lambda _: None), rule))
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

    def _progress(self, files: Files, rows: Iterator[Row]) -> Iterator[Row]:
        """Pass every row on, and show how far the reading has come."""
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[rows]:,} rows"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=errors, disable=not errors.is_terminal) as shown:
            task = shown.add_task("loyalty", total=files.size_bytes or 1, rows=0)
            for number, row in enumerate(rows):
                if number % 1_000 == 0:
                    with suppress(ValueError):  # a file is closed once it was read to its end
                        shown.update(task, completed=files.read_bytes, rows=self.rows_read)
                yield row
            shown.update(task, completed=files.size_bytes, rows=self.rows_read)

    def _summary(self, seconds: float) -> None:
        account = self.account
        out.print(
            f"{self.rows_read:,} rows read = {account.imported:,} imported"
            f" + {account.already_there:,} already there + {account.rejected:,} rejected"
        )
        out.print(
            f"{account.cases:,} ledgers ({account.cases_new:,} new), {account.events:,} events"
            f" added in {seconds:.1f} s ({self.rows_read / max(seconds, 0.001):,.0f} rows/s)"
        )
        if account.rejected:
            out.print(f"Rejected rows with their reasons: {self.rejects_path}", markup=False)
        if account.rows != self.rows_read:
            raise self.fail(f"{self.rows_read - account.rows} rows are unaccounted for")


def _rules(casebook: Casebook, meanings: Meanings) -> tuple[LoyaltyProgramme, EarningRule]:
    """Return the programme that is in force, and its rule for baskets; or refuse."""
    try:
        found = casebook.rules.in_force(LoyaltyProgramme, meanings.programme, casebook.clock())
    except RulesNotPublished:
        raise SourceRefused(
            f"no programme {meanings.programme} is published in this database; start the server on"
            " it once, or publish it"
        ) from None
    rule = found.content.earns(meanings.earns_as)
    if rule is None:
        raise SourceRefused(f"{meanings.programme} has no rule for {meanings.earns_as}")
    return found.content, rule
