"""NHTSA vehicle-owner complaints: flat rows, in the agency's own layout or a derived one.

Read are: the agency's tab-separated file as it ships it (no header, 48 or 49 fields), the same
fields as CSV with a header (47 or 48), and the derived CSV of 19 columns with ISO dates. Every row
is one component of one complaint; rows of one ODINO are one case, and each row is a step of it.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid5

from domain.complaint import (
    CarriedMeaning,
    CarryOverStep,
    Channel,
    Correspondent,
    Direction,
    Kind,
    MileageUnit,
    RecordCorrespondence,
    RegisterComplaint,
)
from domain.declare import Command, Unacceptable
from domain.identifiers import vin as full_vin
from domain.identifiers import vin_part
from domain.vehicle.identity import RegisterVehicle
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
from importing.sources import Lines, SourceFile, delimited_rows, readable

RULES = Path(__file__).with_name("nhtsa.toml")
PROCEDURE = "carried_over"
_NEEDED = ("ODINO", "LDATE", "CDESCR")
_UNKNOWN_YEAR = 9999

_COMMAND_FIELDS = Fields(
    {
        "received_at": "LDATE",
        "occurred_on": "FAILDATE",
        "narrative": "CDESCR",
        "mileage": "MILES",
        "injured_count": "INJURED",
        "deaths_count": "DEATHS",
        "dealer_named": "DEALER_NAME",
        "region": "STATE",
        "number": "ODINO",
        "source_ref": "CMPLID",
        "vin_partial": "VIN",
        "source_status": "COMPDESC",
        "source_row": "CMPLID",
        "make": "MAKETXT",
        "model": "MODELTXT",
        "model_year": "YEARTXT",
        "vin": "VIN",
        "content": "CDESCR",
    }
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the fields stand in a row; `tabs` is the agency's own form, without quotes."""

    names: tuple[str, ...]
    tabs: bool


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the agency's codes mean here, from `nhtsa.toml`."""

    columns: tuple[str, ...]
    aliases: Mapping[str, str]
    unknown: frozenset[str]
    regions: Mapping[str, str]
    channels: Mapping[str, str]

    def region(self, state: str | None) -> str | None:
        """Return the region of a state given by name or postal code; an unlisted one as it is."""
        return None if state is None else self.regions.get(state.casefold(), state)

    def channel(self, form: str | None) -> Channel:
        """Return by which way the agency got the complaint."""
        return Channel(self.channels.get(form or "", Channel.OTHER_SYSTEM))


def vocabulary() -> Vocabulary:
    """Read the vocabulary that ships with the importer."""
    rules = tomllib.loads(RULES.read_text(encoding="utf-8"))
    regions = {}
    for code, name in rules["regions"].items():
        regions[code.casefold()] = regions[name.casefold()] = f"US-{code}"
    return Vocabulary(
        columns=tuple(rules["columns"]),
        aliases=rules["aliases"],
        unknown=frozenset(word.casefold() for word in rules["unknown"]),
        regions=regions,
        channels=rules["channels"],
    )


def cases(source: SourceFile) -> Iterator[Case | Reject]:
    """Go through the cases of a file, and the rows that cannot be part of one."""
    words = vocabulary()
    lines = Lines(source.stream)
    layout = _layout(source, lines, words)
    group: list[_Row] = []
    for found in delimited_rows(lines, columns=len(layout.names), tabs=layout.tabs):
        if isinstance(found, Reject):
            yield found
            continue
        row = _row(*found, layout, words)
        if isinstance(row, Reject):
            yield row
            continue
        if group and group[0].odino != row.odino:
            yield from _case(group, words)
            group = []
        group.append(row)
    if group:
        yield from _case(group, words)


def _layout(source: SourceFile, lines: Lines, words: Vocabulary) -> Layout:
    try:
        first = next(lines)
    except StopIteration:
        raise SourceRefused(f"{source.path} is empty") from None
    except (OSError, EOFError) as error:
        raise SourceRefused(f"{source.path} cannot be read: {error}") from error
    tabs = first.count("\t") + 1
    if tabs in (len(words.columns), len(words.columns) - 1):
        lines.give_back([first])
        return Layout(words.columns[:tabs], tabs=True)
    names = [name.strip().strip('"').upper() for name in first.lstrip("\ufeff").split(",")]
    names = [words.aliases.get(name, name) for name in names]
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise SourceRefused(
            f"{source.path} is no file of NHTSA complaints: its first line names no"
            f" {', '.join(missing)}"
        )
    return Layout(tuple(names), tabs=False)


# --- rows -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Row:
    """A source row with its fields; a field that says nothing is absent."""

    source: SourceRow
    odino: str
    fields: Mapping[str, str]

    def get(self, name: str) -> str | None:
        return self.fields.get(name)

    @property
    def product(self) -> tuple[str | None, str | None, int | None]:
        """Return make, model and model year, of which 9999 says that it is not known."""
        year = self.number("YEARTXT")
        return self.get("MAKETXT"), self.get("MODELTXT"), None if year == _UNKNOWN_YEAR else year

    @property
    def product_name(self) -> str:
        return " ".join(str(part) for part in self.product if part is not None)

    def number(self, name: str) -> int | None:
        """Return a whole number; some tools write 2019.0 for 2019."""
        text = self.fields.get(name)
        if text is None:
            return None
        whole = re.fullmatch(r"(\d{1,12})(?:\.0+)?", text)
        if whole is None:
            raise RowRefused("value.int_parsing", "this is no whole number", name)
        return int(whole[1])

    def day(self, name: str) -> date | None:
        text = self.fields.get(name)
        if text is None:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            message = "this is no date, written 2024-02-29 or 20240229"
            raise RowRefused("value.date_parsing", message, name) from None

    def says_yes(self, name: str) -> bool:
        text = self.fields.get(name, "N").upper()
        if text not in ("Y", "N"):
            raise RowRefused("value.yes_or_no", "this is neither Y nor N", name)
        return text == "Y"


def _row(source: SourceRow, values: list[str], layout: Layout, words: Vocabulary) -> _Row | Reject:
    fields = {}
    for name, text in zip(layout.names, values, strict=True):
        text = readable(text.strip())
        if text.casefold() not in words.unknown:
            fields[name] = text
    odino = fields.get("ODINO", "")
    named = replace(source, ref=fields.get("CMPLID", ""))
    if not re.fullmatch(r"[0-9]{1,12}", odino):
        return Reject(named, "value.odino", "the complaint's number (ODINO) is missing", "ODINO")
    if not re.fullmatch(r"[0-9]{1,12}", fields.get("CMPLID", "")):
        return Reject(named, "value.cmplid", "the row's number (CMPLID) is missing", "CMPLID")
    return _Row(named, odino, fields)


# --- cases ----------------------------------------------------------------------------------------


def _case(group: list[_Row], words: Vocabulary) -> Iterator[Case | Reject]:
    """Make a case of the rows of one complaint; a row that is wrong is a reject of its own."""
    stream = uuid5(IMPORTS, f"nhtsa/complaint/{group[0].odino}")
    opened: tuple[_Row, tuple[Command, ...], str] | None = None
    steps: list[Step] = []
    for row in group:
        try:
            received_at = _received_at(row)
            if opened is None:
                opening = _opening(stream, row, received_at, words)
                step = _step(stream, row, row, received_at)
                opened = row, opening, _source_ref(row)
            else:
                step = _step(stream, row, opened[0], received_at)
            steps.append(step)
        except RowRefused as refused:
            yield refused.of(row.source)
    if opened is not None:
        first, opening, source_ref = opened
        vehicle = opening[0]
        full = isinstance(vehicle, RegisterVehicle) and vehicle.vin_source is None
        vin = first.get("VIN") if full else None
        yield Case(stream, opening, tuple(steps), source_ref, vin)


def _source_ref(row: _Row) -> str:
    return f"NHTSA ODINO {row.odino} CMPLID {row.fields['CMPLID']}"


def _received_at(row: _Row) -> datetime:
    """Return when the agency took the complaint in; a day, which begins at 00:00 UTC."""
    day = row.day("LDATE") or row.day("DATEA")
    if day is None:
        raise RowRefused("value.missing", "the day of receipt is missing", "LDATE")
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _opening(
    stream: UUID, row: _Row, received_at: datetime, words: Vocabulary
) -> tuple[Command, ...]:
    vehicle = _vehicle(row)
    return (
        *(() if vehicle is None else (vehicle,)),
        checked(
            RegisterComplaint,
            _COMMAND_FIELDS,
            stream=stream,
            kind=Kind.QUALITY,
            channel=words.channel(row.get("CMPL_TYPE")),
            received_at=received_at,
            procedure=PROCEDURE,
            occurred_on=row.day("FAILDATE"),
            narrative=row.get("CDESCR"),
            vehicle_id=None if vehicle is None else vehicle.stream,
            vehicle_described=row.product_name or None,
            vin_partial=_vin(row),
            mileage=row.number("MILES"),
            mileage_unit=MileageUnit.MI,
            injured_count=row.number("INJURED") or 0,
            deaths_count=row.number("DEATHS") or 0,
            fire=row.says_yes("FIRE"),
            crash=row.says_yes("CRASH"),
            dealer_named=row.get("DEALER_NAME"),
            region=words.region(row.get("STATE") or row.get("DEALER_STATE")),
            number=f"NHTSA-{row.odino}",
            source_ref=_source_ref(row),
        ),
    )


def _vehicle(row: _Row) -> RegisterVehicle | None:
    """Return the vehicle's registration; child seats, tyres and equipment are no vehicles.

    Eleven characters of a VIN belong to thousands of vehicles, so every complaint has a vehicle of
    its own unless the source gives a full VIN.
    """
    make, model, year = row.product
    if make is None or model is None or row.fields.get("PROD_TYPE", "V") != "V":
        return None
    vin = _vin(row)
    full = vin is not None and len(vin) == 17
    return checked(
        RegisterVehicle,
        _COMMAND_FIELDS,
        stream=uuid5(IMPORTS, f"nhtsa/vehicle/{row.odino}"),
        make=make,
        model=model,
        vin=vin,
        vin_source=None if full else "nhtsa",
        model_year=year,
    )


def _vin(row: _Row) -> str | None:
    """Return the VIN or the part given, None where the field holds something else.

    Drivers typed it: some wrote a letter O for a zero, or the model's name. The row keeps what
    they wrote in its raw form; a complaint is not turned away for it.
    """
    text = row.get("VIN")
    if text is None:
        return None
    try:
        return full_vin(text) if len(text) == 17 else vin_part(text)
    except Unacceptable:
        return None


def _step(stream: UUID, row: _Row, first: _Row, received_at: datetime) -> Step:
    """Return what carries a row over: its component and what it tells."""
    component = row.get("COMPDESC") or row.get("ANNOT_FAILURE_MODE") or "component not given"
    if row.fields.get("PROD_TYPE", "V") != "V" or row.product != first.product:
        component = f"{row.product_name}: {component}"
    name = f"CMPLID {row.fields['CMPLID']}"
    step = checked(
        CarryOverStep,
        _COMMAND_FIELDS,
        stream=stream,
        step_id=uuid5(stream, name),
        source_row=f"NHTSA {name}",
        happened_at=received_at,
        source_status=component,
        meaning=CarriedMeaning.NOTED,
    )
    if "CDESCR" not in row.fields:
        return Step(row.source, step)
    narrative = checked(
        RecordCorrespondence,
        _COMMAND_FIELDS,
        stream=stream,
        correspondence_id=uuid5(stream, f"{name} narrative"),
        direction=Direction.IN,
        correspondent=Correspondent.CUSTOMER,
        channel=Channel.OTHER_SYSTEM,
        content=row.fields["CDESCR"],
        happened_at=received_at,
    )
    return Step(row.source, step, narrative)
