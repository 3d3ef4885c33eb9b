"""Making calendars: a country's holidays written out, an override that wins, one publication."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from domain.clocks.calendar import Calendar
from domain.declare import Actor, ActorId, Role
from domain.rulebook import Provenance, PublishRules
from publishing import errors, instant, out, publish_all
from store.calendars import (
    OVERRIDES,
    CalendarNotMade,
    materialise,
    provenance,
    read_override,
    written,
)
from store.rulebook import publication_of_calendar
from store.rules_files import RulesFileError

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def publish(
    country: Annotated[str, typer.Argument(help="Two letters: IR, CN, GB, US, DE or another.")],
    name: Annotated[str, typer.Option(help="The calendar's name, as packs and ladders use it.")],
    first: Annotated[int, typer.Option("--from", help="The first year that it covers.")],
    last: Annotated[int, typer.Option("--to", help="The last year that it covers.")],
    override: Annotated[
        Path | None,
        typer.Option(help="Hours and exceptions (TOML); without it, the shipped one of this name."),
    ] = None,
    effective_from: Annotated[
        str | None,
        typer.Option(help="In force from then; without it, from the first day that it covers."),
    ] = None,
    write: Annotated[
        Path | None, typer.Option(help="Write it to this rules file and publish nothing.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only print how many days it would have.")
    ] = False,
    reason: Annotated[str | None, typer.Option(help="Why; it is recorded.")] = None,
    actor: Annotated[
        str, typer.Option(help="The account that publishes, as an opaque id.")
    ] = "system:publish_calendar",
    data_dir: Annotated[
        Path | None, typer.Option(help="The data folder of the running server.")
    ] = None,
) -> None:
    """Make a calendar of a country's holidays and an override, and publish it.

    What is published are the days themselves: a later release of the library changes nothing that
    stands. Clocks that run keep the version they were started by.
    """
    country = country.upper()
    try:
        decided = read_override(override or OVERRIDES / f"{name}.toml")
        calendar = materialise(country, first, last, decided)
    except (RulesFileError, CalendarNotMade) as wrong:
        errors.print(f"{wrong}. Nothing was published.", markup=False)
        raise typer.Exit(1) from None
    origin = provenance(country, calendar, decided)
    if write is not None:
        by = f"Made by scripts/publish_calendar.py {country} --name {name} --from {first}"
        text = written(calendar, origin, date(first, 1, 1), f"{by} --to {last}")
        write.write_text(text, encoding="utf-8")
    _tell(name, calendar, origin)
    if write is not None or dry_run:
        return
    publication: PublishRules = publication_of_calendar(
        name, calendar, instant(effective_from or f"{first}-01-01"), origin
    )
    who = Actor(id=ActorId(actor), roles=frozenset({Role.ADMIN}))
    publish_all([publication], who, reason, data_dir)


def _tell(name: str, calendar: Calendar, origin: Provenance) -> None:
    estimated = sum(day.estimated for day in calendar.holidays)
    out.print(
        f"calendar/{name}: {calendar.covers_from_on} to {calendar.covers_until_on},"
        f" {len(calendar.holidays)} holidays ({estimated} estimated),"
        f" {len(calendar.special_days)} special days; {origin.source}",
        markup=False,
    )
