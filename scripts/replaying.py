"""The history of one case, told in the terminal or as JSON."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from pydantic_core import from_json, to_json
from rich.console import Console
from rich.text import Text

from _connect import CannotConnect, open_casebook
from _derivations import derivation_lines
from api.texts import LOCALES, Texts
from domain.fields import Erased
from projections.case_documents import Change, diff, document_of, evolve
from store.casebook import Casebook
from store.codec import Place
from store.keys import WrongMasterKey
from store.log import Recorded

VALUE_CHARACTERS_MAX = 240
_ENVELOPE = frozenset({"version", "at", "actor", "role"})
"""What every item repeats of the event that made it, and the heading says already."""

_STRETCH = frozenset({"from_at", "until_at", "why"})
"""What makes an item a stretch of time that counted for a deadline, or did not."""

_BOOKKEEPING = frozenset({"version", "position", "updated_at", "last_topic", "opened_at"})

errors = Console(stderr=True, highlight=False, soft_wrap=True)
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@dataclass(frozen=True, slots=True)
class Step:
    """One event of the case, and what it changed in the document that the desk sees."""

    recorded: Recorded
    changes: Sequence[Change]
    clocks: Sequence[Mapping[str, Any]] = ()
    """Those of the case's clocks that were derived, or derived anew."""


@app.command()
def replay(
    case: Annotated[UUID, typer.Argument(metavar="ID", help="The case's id.")],
    version: Annotated[int | None, typer.Option(min=1, help="Up to this version.")] = None,
    at: Annotated[
        str | None,
        typer.Option(help="Up to this recorded instant (RFC 3339; without an offset: UTC)."),
    ] = None,
    locale: Annotated[str, typer.Option(help="en, fa or zh.")] = "en",
    redact: Annotated[
        bool, typer.Option("--redact", help="Show the case as if every person were erased.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, values in full.")] = False,
    data_dir: Annotated[
        Path | None, typer.Option(help="The data folder of the running server.")
    ] = None,
) -> None:
    """Print the history of a case: who, when, what, why, and what changed at each step.

    Personal data are shown, since the history says little without them and whoever reaches the
    database with its master key can read them anyway; --redact leaves them out. Exit code 1 and one
    line when there is no such case, or no database.
    """
    if locale not in LOCALES:
        raise _fail(f"There is no locale {locale}; choose one of {', '.join(LOCALES)}.")
    if version is not None and at is not None:
        raise _fail("Give a version or an instant, not both.")
    try:
        with open_casebook(data_dir) as casebook:
            history = casebook.history(case, up_to_version=version, up_to_at=_instant(at))
            if redact:
                history = [_redacted(casebook, recorded) for recorded in history]
            if not history:
                raise _fail(f"There is no case {case}" + (" at that time." if at else "."))
            document = document_of(history, casebook.rules)
    except (CannotConnect, WrongMasterKey) as refused:
        raise _fail(str(refused)) from None
    texts = Texts.load().locales[locale].tables
    if as_json:
        sys.stdout.buffer.write(_json(case, history, document, texts.get("topics", {})))
    else:
        _print(history, texts)


def _fail(line: str) -> typer.Exit:
    errors.print(line, markup=False)
    return typer.Exit(1)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise _fail(f"{text} is no instant; write it like 2026-03-01T14:30:00Z.") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _redacted(casebook: Casebook, recorded: Recorded) -> Recorded:
    """Return an event as it reads once its person's key is destroyed."""
    place = Place(recorded.stream, recorded.version, recorded.topic)
    event = casebook.codec.decode(recorded.state, place, None)
    reason: str | Erased | None = None if recorded.reason is None else Erased()
    return recorded._replace(event=event, reason=reason)


# --- what changed ---------------------------------------------------------------------------------


def steps(history: Sequence[Recorded]) -> Iterator[Step]:
    """Go through a history, each event with what it changed in the staff's document."""
    before: Mapping[str, Any] = {}
    for recorded in history:
        after = evolve(dict(before) if before else None, recorded)
        names = [
            name
            for name in sorted(before.keys() | after.keys())
            if name not in _BOOKKEEPING and before.get(name) is not after.get(name)
        ]
        old = _plain({name: before[name] for name in names if name in before})
        new = _plain({name: after[name] for name in names if name in after})
        clocks = [
            clock
            for place, clock in enumerate(new.get("clocks", ()))
            if "derivation" in clock and _derivation(old, place) != clock["derivation"]
        ]
        yield Step(recorded, diff(old, new), clocks)
        before = after


def _derivation(document: Mapping[str, Any], place: int) -> Any:
    clocks = document.get("clocks", ())
    return clocks[place].get("derivation") if place < len(clocks) else None


def _plain(document: Mapping[str, Any]) -> Any:
    return from_json(to_json(document))


# --- output ---------------------------------------------------------------------------------------


def _json(
    case: UUID, history: Sequence[Recorded], document: Any, topics: Mapping[str, Any]
) -> bytes:
    events = [
        {
            "version": step.recorded.version,
            "position": step.recorded.position,
            "recorded_at": step.recorded.recorded_at,
            "actor": step.recorded.actor,
            "role": step.recorded.role,
            "topic": step.recorded.topic,
            "sentence": topics.get(step.recorded.topic),
            "reason": step.recorded.reason,
            "event_id": step.recorded.event_id,
            "correlation_id": step.recorded.correlation_id,
            "causation_id": step.recorded.causation_id,
            "event": step.recorded.event,
            "changes": [
                {"op": c.op, "pointer": c.pointer, "before": c.before, "after": c.after}
                for c in step.changes
            ],
        }
        for step in steps(history)
    ]
    whole = {"id": case, "events": events, "document": document}
    return to_json(whole, indent=2) + b"\n"


def _print(history: Sequence[Recorded], texts: Mapping[str, Mapping[str, Any]]) -> None:
    out = Console(highlight=False, soft_wrap=True)
    topics = texts.get("topics", {})
    roles = texts.get("words", {}).get("role", {})
    first = history[0]
    out.print(Text(f"{first.topic.partition('.')[0]} {first.stream}", style="bold"))
    with out.pager() if out.is_terminal and len(history) > 200 else nullcontext():
        for step in steps(history):
            recorded = step.recorded
            at = recorded.recorded_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
            role = roles.get(recorded.role, recorded.role)
            out.print()
            out.print(Text(f"{recorded.version}  {at}  {recorded.actor} ({role})", style="cyan"))
            said = Text(f"   {topics.get(recorded.topic, recorded.topic)}", style="bold")
            out.print(said.append(f"  [{recorded.topic}]", style="dim"))
            if recorded.reason is not None:
                out.print(Text(f"   Why: {_shown(_plain({'why': recorded.reason})['why'])}"))
            if recorded.causation_id is not None:
                out.print(Text(f"   Caused by event {recorded.causation_id}", style="dim"))
            for change in step.changes:
                for line in _lines(change):
                    out.print(line)
            for clock in step.clocks:
                for told in derivation_lines(clock, texts.get("words", {})):
                    out.print(Text(f"   {told}"))


_OF_DERIVATION = re.compile(r"/clocks/\d+/derivation(/|$)")
_MARKS = {"add": ("+", "green"), "remove": ("-", "red"), "replace": ("~", "yellow")}


def _lines(change: Change) -> Iterator[Text]:
    """Tell a change; what is new of an item is told field by field, what is empty not at all."""
    mark, style = _MARKS[change.op]
    if _OF_DERIVATION.match(change.pointer):
        return  # told whole, below
    if change.op == "add" or (change.op == "replace" and change.before is None):
        for pointer, value in _leaves(change.pointer, change.after):
            yield Text(f"   {_MARKS['add'][0]} {pointer} = {_shown(value)}", _MARKS["add"][1])
    elif change.op == "remove":
        yield Text(f"   {mark} {change.pointer} (was {_shown(change.before)})", style)
    else:
        told = f"{_shown(change.before)} → {_shown(change.after)}"
        yield Text(f"   {mark} {change.pointer}: {told}", style)


def _leaves(pointer: str, value: Any) -> Iterator[tuple[str, Any]]:
    if value is None or value == [] or value == {}:
        return
    if value == {"erased": True} or not isinstance(value, dict | list):
        yield pointer, value
        return
    if isinstance(value, dict) and value.keys() >= _STRETCH:
        yield pointer, _stretch(value)
        return
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    is_item = isinstance(value, dict) and value.keys() >= _ENVELOPE
    for name, part in parts:
        if name == "derivation":
            continue  # told whole, below
        if is_item and (name in _ENVELOPE or name == "by"):
            continue
        yield from _leaves(f"{pointer}/{name}", part)


def _stretch(value: Mapping[str, Any]) -> str:
    """Tell a stretch of time in one line: from when to when, and whether it counted."""
    counted = [f"{value[unit]} {unit}" for unit in ("days", "minutes") if value.get(unit)]
    if value.get("name"):
        counted.append(value["name"])
    if value.get("pause"):
        counted.append(f"pause {value['pause']}")
    told = ": " + ", ".join(counted) if counted else ""
    return f"{value['from_at']} … {value['until_at']} {value['why']}{told}"


def _shown(value: Any) -> str:
    if value == {"erased": True}:
        return "(erased)"
    text = value if isinstance(value, str) else to_json(value).decode()
    text = " ".join(text.split())
    if len(text) > VALUE_CHARACTERS_MAX:
        return text[:VALUE_CHARACTERS_MAX] + "…"
    return text
