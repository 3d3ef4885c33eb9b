"""The command line of the importer: what it reads, how it reports, and how it ends."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from _connect import CannotConnect, open_casebook
from domain.procedure import Procedure
from domain.rulebook import RulesNotPublished
from importing import abs_loans, agreement, leases, nhtsa, orders, xes
from importing.carrying import Account, Carrier, DatabaseLost
from importing.cases import Case, Reject, SourceRefused
from importing.loyalty_command import import_loyalty
from importing.rejects import RejectFile
from importing.sources import SourceFile
from store.casebook import Casebook
from store.keys import WrongMasterKey

errors = Console(stderr=True, highlight=False, soft_wrap=True)
out = Console(highlight=False, soft_wrap=True)
app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="""Bring complaints, orders, leases and ledgers of another system into the casebook.

    Every source row is imported, found there already, or written to the reject file with its line,
    its reason and its text; the summary adds them up. Running it again adds nothing that is there,
    and goes on where a killed run was.

    Exit code 0: every row is accounted for. 1: the import could not be done, or not to its end.
    With --strict, 3: some rows were rejected.
    """,
)

Source = Annotated[Path, typer.Argument(metavar="FILE", help="The file, plain or gzip.")]
Rejects = Annotated[
    Path | None,
    typer.Option(help="Where rejected rows go. [default: FILE.rejects.csv, working directory]"),
]
Limit = Annotated[int | None, typer.Option(min=1, help="Read only so many cases.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only check the rows; change nothing.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 3 when rows were rejected.")]
DataDir = Annotated[
    Path | None, typer.Option(help="The data folder of the running server, unless DATABASE_URL.")
]

Reading = Callable[[SourceFile, Callable[[str], str]], Iterator[Case | Reject]]


@app.command("nhtsa")
def import_nhtsa(
    file: Source,
    rejects: Rejects = None,
    limit: Limit = None,
    dry_run: DryRun = False,
    strict: Strict = False,
    data_dir: DataDir = None,
) -> None:
    """Import NHTSA vehicle-owner complaints (FLAT_CMPL, or CSV with its field names)."""
    run = Run("nhtsa", file, rejects, limit, strict, data_dir)
    run.go(lambda source, _opaque: nhtsa.cases(source), dry_run=dry_run)


@app.command("xes")
def import_xes(
    file: Source,
    mapping: Annotated[
        Path, typer.Option(help="What the log's attributes and statuses mean (TOML).")
    ] = xes.SHIPPED_MAPPING,
    rejects: Rejects = None,
    limit: Limit = None,
    dry_run: DryRun = False,
    strict: Strict = False,
    data_dir: DataDir = None,
) -> None:
    """Import an XES event log: a trace becomes a case, an event a step of it."""
    run = Run("xes", file, rejects, limit, strict, data_dir)
    try:
        meanings = xes.mapping_of(mapping)
    except SourceRefused as refused:
        raise run.fail(str(refused)) from None
    run.go(lambda source, opaque: xes.cases(source, meanings, opaque), dry_run=dry_run)


@app.command("orders")
def import_orders(
    file: Source,
    draw: Annotated[
        UUID | None, typer.Option(help="The draw that the orders enter; it has to be open.")
    ] = None,
    scheme: Annotated[
        str, typer.Option(help="The sale scheme that the orders are placed under.")
    ] = orders.SCHEME,
    rejects: Rejects = None,
    limit: Limit = None,
    dry_run: DryRun = False,
    strict: Strict = False,
    data_dir: DataDir = None,
) -> None:
    """Import a published list of a lottery's applicants: customers, orders, entries of a draw."""
    run = OrdersRun("orders", file, rejects, limit, strict, data_dir)
    if draw is None and not dry_run:
        raise run.fail("Say with --draw which draw the orders enter.")
    run.draw_id, run.scheme = draw or UUID(int=0), scheme
    run.go(lambda source, _: orders.cases(source, run.draw_id, scheme), dry_run=dry_run)


@app.command("leases")
def import_leases(
    file: Source,
    product: Annotated[
        str, typer.Option(help="The lease product that the loans become leases of.")
    ] = leases.PRODUCT,
    check: Annotated[
        bool,
        typer.Option("--check", help="Import nothing; reckon each schedule and compare it."),
    ] = False,
    rejects: Rejects = None,
    limit: Limit = None,
    dry_run: DryRun = False,
    strict: Strict = False,
    data_dir: DataDir = None,
) -> None:
    """Import the auto loans of an asset-backed security (SEC form ABS-EE, as CSV).

    With --check, every loan's schedule is reckoned from its amount, rate and term, and compared
    with the filed scheduled payment and maturity; how many agree is printed by category.
    """
    run = Run("leases", file, rejects, limit, strict, data_dir)
    if check:
        run.compare()
        return
    run.go(lambda source, _opaque: leases.cases(source, product), dry_run=dry_run)


app.command("loyalty")(import_loyalty)


class Run:
    """One run of the importer, from the file to the summary."""

    def __init__(
        self,
        source: str,
        file: Path,
        rejects: Path | None,
        limit: int | None,
        strict: bool,
        data_dir: Path | None,
    ) -> None:
        self.source = source
        self.file = file
        self.limit = limit
        self.strict = strict
        self.data_dir = data_dir
        self.rejects_path = rejects or Path(f"{file.name}.rejects.csv")
        self.rows_read = 0

    def fail(self, line: str) -> typer.Exit:
        """Say in one line why the import stops, and return the exit."""
        errors.print(line, markup=False)
        return typer.Exit(1)

    def go(self, read: Reading, *, dry_run: bool) -> None:
        """Do the run."""
        try:
            with SourceFile(self.file) as source:
                self.rejects = RejectFile(self.rejects_path)
                started = time.monotonic()
                if dry_run:
                    account = self._check(source, read)
                else:
                    with open_casebook(self.data_dir) as casebook:
                        account = self._import(source, read, casebook)
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
            raise self.fail(f"{error.filename or self.file}: {error.strerror}") from None
        self._summary(account, time.monotonic() - started, dry_run=dry_run)
        if account.rejected and self.strict:
            raise typer.Exit(3)

    def compare(self) -> None:
        """Print how the schedules of a filing's loans agree with it."""
        try:
            with SourceFile(self.file) as source:
                found = agreement.compare(islice(abs_loans.loans(source), self.limit))
        except SourceRefused as refused:
            raise self.fail(str(refused)) from None
        for line in agreement.lines(found):
            out.print(line, markup=False)

    def _check(self, source: SourceFile, read: Reading) -> Account:
        """Count what would be imported; a name stands for every person."""
        account = Account()
        for found in self._progress(source, read(source, lambda _name: "person")):
            if isinstance(found, Reject):
                account.rejected += 1
                self.rejects.write(found)
            else:
                account.cases += 1
                account.imported += len(found.steps)
        self.rejects.close()
        return account

    def _import(self, source: SourceFile, read: Reading, casebook: Casebook) -> Account:
        try:
            casebook.rules.in_force(Procedure, "carried_over", casebook.clock())
        except RulesNotPublished:
            raise SourceRefused(
                "no rules are published in this database; start the server on it once"
            ) from None

        def opaque(name: str) -> str:
            return casebook.keys.lookup_hash("resource", name)[:8].hex()

        carrier = Carrier(casebook, self.source, self.rejects.write)
        try:
            for found in self._progress(source, read(source, opaque)):
                if isinstance(found, Reject):
                    carrier.reject(found)
                else:
                    carrier.submit(found)
            return carrier.finish()
        except BaseException:
            carrier.stop()
            raise
        finally:
            self.rejects.close()

    def _progress(
        self, source: SourceFile, found: Iterator[Case | Reject]
    ) -> Iterator[Case | Reject]:
        """Pass everything on, count its rows, and show how far the reading has come."""
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[rows]:,} rows"),
            TimeElapsedColumn(),
        )
        shown = Progress(*columns, console=errors, disable=not errors.is_terminal)
        with shown:
            task = shown.add_task(self.file.name, total=source.size_bytes or 1, rows=0)
            cases = 0
            for one in found:
                if isinstance(one, Case):
                    if cases == self.limit:
                        break
                    cases += 1
                    self.rows_read += len(one.steps)
                else:
                    self.rows_read += 1
                with suppress(ValueError):  # the file is closed once it was read to its end
                    shown.update(task, completed=source.read_bytes, rows=self.rows_read)
                yield one
            shown.update(task, completed=source.size_bytes)

    def _summary(self, account: Account, seconds: float, *, dry_run: bool) -> None:
        would = "would be imported" if dry_run else "imported"
        out.print(
            f"{self.rows_read:,} rows read = {account.imported:,} {would}"
            f" + {account.already_there:,} already there + {account.rejected:,} rejected"
        )
        if not dry_run:
            out.print(
                f"{account.cases:,} cases ({account.cases_new:,} new), {account.events:,} events"
                f" added in {seconds:.1f} s ({self.rows_read / max(seconds, 0.001):,.0f} rows/s)"
            )
        if account.rejected:
            out.print(f"Rejected rows with their reasons: {self.rejects_path}", markup=False)
        if account.rows != self.rows_read:
            raise self.fail(f"{self.rows_read - account.rows} rows are unaccounted for")


class OrdersRun(Run):
    """A run whose orders enter a draw."""

    draw_id: UUID
    scheme: str

    def _import(self, source: SourceFile, read: Reading, casebook: Casebook) -> Account:
        entered = orders.entered_in(casebook, self.draw_id)

        def reading(file: SourceFile, _: Callable[[str], str]) -> Iterator[Case | Reject]:
            return orders.cases(file, self.draw_id, self.scheme, entered)

        return super()._import(source, reading, casebook)
