"""The command line of the simulation: what is played, by which rules, and what is printed."""

import os
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

import typer
from pydantic_core import to_json
from rich.console import Console

from _connect import CannotConnect
from domain.rulebook import PublishRules, Rules, RulesPublished
from importing import xes
from importing.cases import SourceRefused
from simulating import report
from simulating.acknowledging import Acknowledging
from simulating.acts import Source
from simulating.as_it_was import AsItWas
from simulating.from_log import open_log
from simulating.from_xes import EventLog
from simulating.generated import Generated
from simulating.policies import (
    PoliciesRefused,
    names_of,
    on_calendar,
    policies_from,
    shipped_rules,
    uncovered,
)
from simulating.rederiving import compared
from simulating.remaking import Remaking
from simulating.running import Outcome, Simulation, run
from store.keys import WrongMasterKey
from store.rulebook import rules_from

errors = Console(stderr=True, highlight=False, soft_wrap=True)
app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="""Play a log through the rules on a virtual clock: who would have been warned, when what
    would have been escalated to whom, and what would have been missed.

    Nothing is written to any database and nobody is told anything. The same input gives the same
    output, byte for byte. With --policy it is played twice, and the what-if stands beside the
    baseline.
    """,
)

Policy = Annotated[
    list[Path] | None,
    typer.Option(help="A rules file, or a folder of them, for a what-if; may be repeated."),
]
Json = Annotated[Path | None, typer.Option("--json", help="Write all that was counted there.")]
From = Annotated[
    str | None,
    typer.Option("--from", help="Only cases that began then or later (a date, or RFC 3339)."),
]
To = Annotated[
    str | None,
    typer.Option("--to", help="Stop the virtual clock then. [default: the source's last instant]"),
]
OnCalendar = Annotated[
    str | None,
    typer.Option("--calendar", help="Count by this calendar alone: its name, or a rules file."),
]
Acknowledge = Annotated[
    str | None,
    typer.Option(help="Whoever is told acknowledges after so long (90m, 4h, 2d). [default: never]"),
]
Promise = Annotated[str, typer.Option(help="What she promises then is done after so long.")]
Foresee = Annotated[
    bool,
    typer.Option(help="Learn first how long the cases take, and foresee what will be missed."),
]
Jobs = Annotated[
    int | None, typer.Option(min=1, help="Processes. [default: one per processor, at most 8]")
]


@app.command("xes")
def simulate_xes(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The event log, plain or gzip.")],
    policy: Policy = None,
    json: Json = None,
    mapping: Annotated[
        Path, typer.Option(help="What the log's attributes and statuses mean (TOML).")
    ] = xes.SHIPPED_MAPPING,
    calendar: OnCalendar = None,
    from_: From = None,
    to: To = None,
    acknowledge: Acknowledge = None,
    promise: Promise = "1d",
    foresee: Foresee = True,
    jobs: Jobs = None,
) -> None:
    """Play an XES event log, its rows as if they happened here, each at its own instant."""
    try:
        source = EventLog(file, xes.mapping_of(mapping))
        asked = Asked(policy, calendar, from_, to, acknowledge, promise, foresee, jobs)
        _simulate(source, f"xes {file.name}", asked, json)
    except SourceRefused as refused:
        raise _fail(str(refused)) from None


@app.command("generated")
def simulate_generated(
    cases: Annotated[int, typer.Option(min=1, help="How many complaints to invent.")] = 1000,
    seed: Annotated[int, typer.Option(help="Another seed is another year.")] = 1,
    policy: Policy = None,
    json: Json = None,
    calendar: OnCalendar = None,
    from_: From = None,
    to: To = None,
    acknowledge: Acknowledge = None,
    promise: Promise = "1d",
    foresee: Foresee = True,
    jobs: Jobs = None,
) -> None:
    """Play invented complaints: a year of them, from registration to closure."""
    source = Generated(cases, seed)
    asked = Asked(policy, calendar, from_, to, acknowledge, promise, foresee, jobs)
    _simulate(source, f"generated --cases {cases} --seed {seed}", asked, json)


@app.command("log")
def simulate_log(
    policy: Policy = None,
    json: Json = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="The data folder of the running server, unless DATABASE_URL."),
    ] = None,
) -> None:
    """Play the server's own log, without what sagas made: they make it again.

    Exit code 1 when they make something else than the log has. With --policy, the clocks are
    derived anew under the log's own rules and under those of the what-if, and acts of people that
    the what-if leaves without a cause are counted.
    """
    try:
        with open_log(data_dir) as log:
            events = list(log.events())
            active_from = log.active_from()
    except (CannotConnect, WrongMasterKey) as refused:
        raise _fail(str(refused)) from None
    if not events:
        raise _fail("The log is empty.")
    head = {
        "source": f"log, {len(events):,} events",
        "from": events[0].recorded_at.isoformat(),
        "to": events[-1].recorded_at.isoformat(),
    }
    if policy:
        rules = rules_from([e.event for e in events if isinstance(e.event, RulesPublished)])
        policies = _policies(policy, rules)
        outcome = compared(events, policies)
        head["what-if"] = ", ".join(names_of(policies))
        typer.echo(report.text(outcome, head), nl=False)
        _write(json, report.plain(outcome, head))
        return
    found = AsItWas()
    found.count(events, events[-1].recorded_at)
    remade = Remaking(active_from).run(events)
    outcome = Outcome(baseline=found.tally)
    typer.echo(report.text(outcome, head) + report.remade_text(remade), nl=False)
    _write(json, {**report.plain(outcome, head), "made_again": report.remade_plain(remade)})
    if remade.differences:
        raise typer.Exit(1)


def _policies(paths: list[Path] | None, rules: Rules) -> tuple[PublishRules, ...]:
    try:
        return policies_from(paths or (), rules)
    except PoliciesRefused as refused:
        raise _fail(f"{refused}\nNothing was simulated.") from None


def _write(path: Path | None, content: object) -> None:
    if path is None:
        return
    try:
        path.write_bytes(to_json(content, indent=2) + b"\n")
    except OSError as error:
        raise _fail(f"{path}: {error.strerror}") from None


@dataclass(frozen=True)
class Asked:
    """What was asked for on the command line, whatever is played."""

    policy: list[Path] | None
    calendar: str | None
    from_: str | None
    to: str | None
    acknowledge: str | None
    promise: str
    foresee: bool
    jobs: int | None


def _simulate(source: Source, name: str, asked: Asked, json: Path | None) -> None:
    rules = shipped_rules()
    policies = _policies(asked.policy, rules)
    if asked.calendar is not None:
        try:
            rules = on_calendar(rules, asked.calendar)
        except PoliciesRefused as refused:
            raise _fail(str(refused)) from None
    acknowledging = None
    if asked.acknowledge is not None:
        acknowledging = Acknowledging(_span(asked.acknowledge), _span(asked.promise))
    extent = source.extent()
    simulation = Simulation(
        source=source,
        extent=extent,
        rules=rules,
        policies=policies,
        until_at=extent.until_at if asked.to is None else _instant(asked.to),
        from_at=None if asked.from_ is None else _instant(asked.from_),
        acknowledging=acknowledging,
    )
    outcome = run(simulation, asked.jobs or min(8, os.cpu_count() or 1), foresee=asked.foresee)
    head = {
        "source": name,
        "from": max(extent.from_at, simulation.from_at or extent.from_at).isoformat(),
        "to": simulation.until_at.isoformat(),
        "calendar": asked.calendar or "",
        "acknowledged after": asked.acknowledge or "",
        "calendars that do not reach so far": ", ".join(uncovered(rules, extent)),
        "what-if": ", ".join(names_of(policies)),
    }
    typer.echo(report.text(outcome, head), nl=False)
    _write(json, report.plain(outcome, head))


_SPAN = re.compile(r"([1-9][0-9]{0,5})([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def _span(text: str) -> timedelta:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise _fail(f"{text} is no span of time; write 90m, 4h or 2d.")
    return int(found[1]) * _UNITS[found[2]]


def _instant(text: str) -> datetime:
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
