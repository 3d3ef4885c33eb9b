"""The command line of the simulation: what is played, by which rules, and what is printed."""

import os
from datetime import UTC, date, datetime, time
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
from simulating.acts import Source
from simulating.as_it_was import AsItWas
from simulating.from_log import open_log
from simulating.from_xes import EventLog
from simulating.generated import Generated
from simulating.policies import PoliciesRefused, names_of, policies_from, shipped_rules
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
    from_: From = None,
    to: To = None,
    jobs: Jobs = None,
) -> None:
    """Play an XES event log, its rows as if they happened here, each at its own instant."""
    try:
        source = EventLog(file, xes.mapping_of(mapping))
        _simulate(source, f"xes {file.name}", policy, json, from_, to, jobs)
    except SourceRefused as refused:
        raise _fail(str(refused)) from None


@app.command("generated")
def simulate_generated(
    cases: Annotated[int, typer.Option(min=1, help="How many complaints to invent.")] = 1000,
    seed: Annotated[int, typer.Option(help="Another seed is another year.")] = 1,
    policy: Policy = None,
    json: Json = None,
    from_: From = None,
    to: To = None,
    jobs: Jobs = None,
) -> None:
    """Play invented complaints: a year of them, from registration to closure."""
    source = Generated(cases, seed)
    _simulate(source, f"generated --cases {cases} --seed {seed}", policy, json, from_, to, jobs)


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


def _simulate(
    source: Source,
    name: str,
    policy: list[Path] | None,
    json: Path | None,
    from_: str | None,
    to: str | None,
    jobs: int | None,
) -> None:
    rules = shipped_rules()
    policies = _policies(policy, rules)
    extent = source.extent()
    until_at = extent.until_at if to is None else _instant(to)
    simulation = Simulation(
        source=source,
        rules=rules,
        policies=policies,
        until_at=until_at,
        from_at=None if from_ is None else _instant(from_),
    )
    outcome = run(simulation, jobs or min(8, os.cpu_count() or 1))
    head = {
        "source": name,
        "from": max(extent.from_at, simulation.from_at or extent.from_at).isoformat(),
        "to": until_at.isoformat(),
        "what-if": ", ".join(names_of(policies)),
    }
    typer.echo(report.text(outcome, head), nl=False)
    _write(json, report.plain(outcome, head))


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
