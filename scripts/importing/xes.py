"""XES event logs (IEEE 1849): a trace is a carried-over case, an event one step of it.

The file is read by expat in small pieces and never as a whole; a document type declaration, which
no event log needs and entity bombs do, is refused before anything is imported.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid5
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from domain.complaint import (
    CarriedMeaning,
    CarryOverStep,
    Channel,
    Kind,
    Origin,
    Priority,
    RegisterComplaint,
    WaitingFor,
)
from importing.cases import (
    IMPORTS,
    Case,
    Fields,
    Reject,
    RowRefused,
    SourceRefused,
    SourceRow,
    Step,
    checked,
)
from importing.sources import READ_ERRORS, SourceFile, damaged

PROCEDURE = "carried_over"
SHIPPED_MAPPING = Path(__file__).with_name("bpic2013.toml")

EVENTS_OF_A_TRACE_MAX = 20_000
_CHUNK_BYTES = 64 * 1024
_TOKEN_BYTES_MAX = 4 * 1024 * 1024
_DEPTH_MAX = 200

_NAME = "concept:name"
TIME = "time:timestamp"

# --- the mapping ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a status of the source means; `status` may hold the wildcards of file names."""

    status: str
    meaning: CarriedMeaning
    waiting_for: WaitingFor | None = None


@dataclass(frozen=True, slots=True)
class LogMapping:
    """How a log's attributes become fields of a step, read from a TOML file."""

    source: str
    kind: Kind
    origin: Origin
    channel: Channel
    status: tuple[str, ...]
    unit: tuple[str, ...]
    org_role: tuple[str, ...]
    resource: str
    resources_plain: frozenset[str]
    impact: str
    keep: tuple[str, ...]
    unknown: frozenset[str]
    priorities: Mapping[str, Priority]
    meanings: tuple[Meaning, ...]
    known: dict[str, Meaning] = field(default_factory=dict)

    def meaning(self, status: str) -> Meaning:
        """Return what a status means, or raise `RowRefused` where no line of the mapping fits."""
        found = self.known.get(status)
        if found is not None:
            return found
        for meaning in self.meanings:
            if fnmatchcase(status, meaning.status):
                self.known[status] = meaning
                return meaning
        message = f"no line of the mapping says what {status!r} means"
        raise RowRefused("mapping.status_unknown", message, "/".join(self.status))


def mapping_of(path: Path) -> LogMapping:
    """Read a mapping file; raises `SourceRefused` naming what is wrong with it."""
    try:
        file = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceRefused(f"the mapping {path} cannot be read: {error}") from error
    try:
        event = file["event"]
        case = file.get("case", {})
        return LogMapping(
            source=str(file["source"]),
            kind=Kind(case.get("kind", Kind.OTHER)),
            origin=Origin(case.get("origin", Origin.CUSTOMER)),
            channel=Channel(case.get("channel", Channel.OTHER_SYSTEM)),
            status=_names(event["status"]),
            unit=_names(event.get("unit", ())),
            org_role=_names(event.get("org_role", ())),
            resource=str(event.get("resource", "org:resource")),
            resources_plain=frozenset(event.get("resources_plain", ())),
            impact=str(event.get("impact", "")),
            keep=_names(event.get("keep", ())),
            unknown=frozenset(event.get("unknown", ("",))),
            priorities={
                str(word): Priority(priority)
                for word, priority in file.get("priorities", {}).items()
            },
            meanings=tuple(
                Meaning(
                    status=str(line["status"]),
                    meaning=CarriedMeaning(line["meaning"]),
                    waiting_for=WaitingFor(line["waiting_for"]) if "waiting_for" in line else None,
                )
                for line in file["meanings"]
            ),
        )
    except KeyError as error:
        raise SourceRefused(f"the mapping {path} lacks {error}") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise SourceRefused(f"the mapping {path} is wrong: {error}") from error


def _names(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(str(name) for name in value)


# --- the file -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Event:
    """An event as it stands in the file; `attributes` are those directly under it."""

    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def xml(self) -> str:
        """Return the event as XML again."""
        inside = "".join(
            f"<{self.kinds[key]} key={quoteattr(key)} value={quoteattr(text)}/>"
            for key, text in self.attributes.items()
        )
        return f"<event>{inside}</event>"


@dataclass(slots=True)
class Trace:
    """A trace with its events, in the order of the file; `n` counts traces from 1."""

    n: int
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    left_out: list[Event] = field(default_factory=list)


class _Reader:
    """What expat tells us, put together into traces."""

    def __init__(self) -> None:
        self.traces: list[Trace] = []
        self._path: list[str] = []
        self._trace: Trace | None = None
        self._event: Event | None = None
        self._count = 0
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.buffer_text = True
        self.parser = parser

    def _doctype(self, *_: object) -> None:
        raise SourceRefused(
            "the file declares a document type or entities, which no event log needs and which can"
            " make a small file explode; remove the declaration"
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        path = self._path
        if not path and name != "log":
            raise SourceRefused(f"this is no XES file: it begins with <{name}>, not with <log>")
        path.append(name)
        if len(path) > _DEPTH_MAX:
            raise SourceRefused(f"elements are nested more than {_DEPTH_MAX} deep")
        depth = len(path)
        if depth == 2 and name == "trace":
            self._count += 1
            self._trace = Trace(self._count, self.parser.CurrentLineNumber)
        elif self._trace is None:
            return
        elif depth == 3 and name == "event":
            self._event = Event(self.parser.CurrentLineNumber)
        elif depth == 3 or (depth == 4 and path[2] == "event"):
            key, value = attributes.get("key"), attributes.get("value")
            if key is None or value is None:
                return
            if self._event is not None:
                self._event.attributes[key] = value
                self._event.kinds[key] = name
            else:
                self._trace.attributes[key] = value

    def _end(self, _name: str) -> None:
        depth = len(self._path)
        name = self._path.pop()
        trace = self._trace
        if trace is None:
            return
        if depth == 3 and name == "event" and self._event is not None:
            full = len(trace.events) >= EVENTS_OF_A_TRACE_MAX
            (trace.left_out if full else trace.events).append(self._event)
            self._event = None
        elif depth == 2 and name == "trace":
            self.traces.append(trace)
            self._trace = None

    def unfinished(self) -> list[Event]:
        """Return the events of the trace in which the file broke off."""
        if self._trace is None:
            return []
        whole = [*self._trace.events, *self._trace.left_out]
        return [*whole, self._event] if self._event is not None else whole


def traces(source: SourceFile) -> Iterator[Trace | Reject]:
    """Go through the traces of a file; where it breaks off, what is left is rejected."""
    reader = _Reader()
    parser = reader.parser
    fed = 0
    while True:
        problem: Reject | None = None
        chunk = b""
        try:
            chunk = source.stream.read(_CHUNK_BYTES)
            fed += len(chunk)
            parser.Parse(chunk, not chunk)
        except expat.ExpatError as error:
            row = SourceRow(error.lineno, "", "")
            problem = Reject(row, "xml.malformed", expat.ErrorString(error.code))
        except READ_ERRORS as error:
            problem = damaged(parser.CurrentLineNumber, error)
        finished, reader.traces = reader.traces, []
        yield from finished
        if problem is not None:
            for event in reader.unfinished():
                yield Reject(
                    SourceRow(event.line, "", event.xml),
                    "xml.trace_unfinished",
                    "the file breaks off within this event's trace",
                )
            yield problem
            return
        if not chunk:
            return
        if fed - parser.CurrentByteIndex > _TOKEN_BYTES_MAX:
            raise SourceRefused(f"an element is larger than {_TOKEN_BYTES_MAX} bytes")


# --- cases ----------------------------------------------------------------------------------------


def cases(
    source: SourceFile,
    mapping: LogMapping,
    opaque: Callable[[str], str],
    wanted: Callable[[int], bool] = lambda _n: True,
) -> Iterator[Case | Reject]:
    """Go through the cases of a log; `opaque` makes a code of the name of a person.

    `wanted` says which traces, by their number; 0 stands for what belongs to no trace.
    """
    seen: set[int] = set()
    for found in traces(source):
        if not isinstance(found, Reject):
            name = found.attributes.get(_NAME, "").strip() or f"trace {found.n}"
            stream = uuid5(IMPORTS, f"xes/{mapping.source}/{name}")
            if wanted(found.n):
                yield from _case(found, name, stream, mapping, opaque, stream.int in seen)
            seen.add(stream.int)
        elif wanted(0):
            yield found


def _case(
    trace: Trace,
    name: str,
    stream: UUID,
    mapping: LogMapping,
    opaque: Callable[[str], str],
    name_taken: bool,
) -> Iterator[Case | Reject]:
    if name_taken:
        message = f"an earlier trace of the file is called {name} too"
        for event in (*trace.events, *trace.left_out):
            row = SourceRow(event.line, name, event.xml)
            yield Reject(row, "trace.name_taken", message, _NAME)
        return
    message = f"a trace has at most {EVENTS_OF_A_TRACE_MAX} events"
    for event in trace.left_out:
        yield Reject(SourceRow(event.line, name, event.xml), "trace.too_long", message)
    steps: list[Step] = []
    for n, event in enumerate(trace.events, 1):
        row = SourceRow(event.line, f"{name}#{n}", event.xml)
        try:
            steps.append(Step(row, _step(stream, row, event, mapping, opaque)))
        except RowRefused as refused:
            yield refused.of(row)
    if not trace.events:
        yield Reject(SourceRow(trace.line, name, "<trace/>"), "trace.empty", "it has no events")
    if not steps:
        return
    first = cast(CarryOverStep, steps[0].command)
    try:
        opening = checked(
            RegisterComplaint,
            Fields({"source_ref": _NAME, "received_at": TIME}),
            stream=stream,
            kind=mapping.kind,
            channel=mapping.channel,
            origin=mapping.origin,
            received_at=first.happened_at,
            procedure=PROCEDURE,
            source_ref=f"{mapping.source} {name}",
        )
    except RowRefused as refused:
        yield from (refused.of(step.row) for step in steps)
        return
    yield Case(stream, (opening,), tuple(steps))


def _step(
    stream: UUID,
    row: SourceRow,
    event: Event,
    mapping: LogMapping,
    opaque: Callable[[str], str],
) -> CarryOverStep:
    def said(names: tuple[str, ...]) -> str | None:
        words = [event.attributes.get(name, "").strip() for name in names]
        return "/".join(word for word in words if word not in mapping.unknown) or None

    status = said(mapping.status)
    if status is None:
        raise RowRefused("value.missing", "the event has no status", "/".join(mapping.status))
    meaning = mapping.meaning(status)
    resource = said((mapping.resource,))
    if resource is not None and resource not in mapping.resources_plain:
        resource = opaque(resource)
    impact = said((mapping.impact,))
    return checked(
        CarryOverStep,
        Fields({"happened_at": TIME, "unit": "/".join(mapping.unit), "source_row": _NAME}),
        stream=stream,
        step_id=uuid5(stream, f"event {row.ref}"),
        source_row=row.ref,
        happened_at=_instant(event),
        source_status=status,
        meaning=meaning.meaning,
        waiting_for=meaning.waiting_for,
        unit=said(mapping.unit),
        org_role=said(mapping.org_role),
        resource=resource,
        impact=impact,
        priority=mapping.priorities.get(impact or ""),
        attributes=[
            {"name": name, "value": value} for name in mapping.keep if (value := said((name,)))
        ],
    )


def _instant(event: Event) -> datetime:
    text = event.attributes.get(TIME)
    if text is None:
        raise RowRefused("value.missing", "the event has no time", TIME)
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise RowRefused("value.datetime_parsing", "this is no time", TIME) from None
    if at.tzinfo is None:
        raise RowRefused("value.timezone_aware", "the time has no offset from UTC", TIME)
    return at
