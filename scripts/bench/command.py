"""The command line of the bench: which rows, where the figures go, and whether all held."""

import json
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.figures import Figure
from bench.place import FULL, TINY, Place, server
from bench.rows import ROWS
from store.private_postgres import PrivatePostgresError
from store.settings import default_data_dir

FILE_COLUMNS = 140
"""How wide the table is where it is not written to a terminal."""

out = Console(highlight=False, width=None if sys.stdout.isatty() else FILE_COLUMNS)
errors = Console(stderr=True, highlight=False, soft_wrap=True)
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help=f"Run this row alone: {', '.join(ROWS)}."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the figures here as well.")
    ] = None,
    tiny: Annotated[
        bool, typer.Option("--tiny", help="See whether everything runs; the figures mean nothing.")
    ] = False,
) -> None:
    """Measure the shipped code against its peers, in one run, with fsync on.

    The database is a private one in a new folder beside the data folder, so on the same disk, or
    databases of their own on the server of DATABASE_URL. Both are gone afterwards. Exit code 1 when
    a row does not hold its target.
    """
    unknown = [name for name in only or () if name not in ROWS]
    if unknown:
        errors.print(f"There is no row {unknown[0]}; choose from {', '.join(ROWS)}.")
        raise typer.Exit(2)
    figures: list[Figure] = []
    started_s = time.monotonic()
    with ExitStack() as opened:
        beside = default_data_dir().parent
        beside.mkdir(parents=True, exist_ok=True)
        folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir=beside))
        os.chmod(folder, 0o700)
        try:
            url = opened.enter_context(server(Path(folder)))
        except PrivatePostgresError as error:
            errors.print(str(error))
            raise typer.Exit(2) from None
        place = Place(url, TINY if tiny else FULL, Path(folder))
        opened.callback(place.drop_all)
        for name in only or ROWS:
            errors.print(f"{name} … ", end="")
            row_started_s = time.monotonic()
            with place.alone():
                figures.append(ROWS[name](place))
            errors.print(f"{time.monotonic() - row_started_s:.0f} s")
    out.print(_table(figures))
    out.print(f"{len(figures)} rows in {time.monotonic() - started_s:.0f} s")
    if json_file is not None:
        json_file.write_text(json.dumps([figure.as_json() for figure in figures], indent=1) + "\n")
    if not tiny and not all(figure.held for figure in figures):
        raise typer.Exit(1)


def _table(figures: list[Figure]) -> Table:
    table = Table(show_lines=True)
    table.add_column("row", no_wrap=True)
    table.add_column("what")
    for title in ("ours", "peer", "ratio", "target"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("held", no_wrap=True)
    for figure in figures:
        sign = "≥" if figure.bound == "at least" else "≤"
        table.add_row(
            figure.name,
            f"{figure.what}\n[dim]{figure.note}[/dim]" if figure.note else figure.what,
            f"{_figure(figure.ours)} {figure.unit}",
            f"{_figure(figure.peer)} {figure.unit}",
            f"{figure.ratio:.2f}",
            f"{sign} {figure.target:g}",
            "yes" if figure.held else "[bold]NO[/bold]",
        )
    return table


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
