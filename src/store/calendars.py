"""Calendars as documents: a country's holidays worked out once, and an override that always wins.

The library of holidays is asked only when a calendar is made, never when a clock is derived: what
was published stands, whatever a later release of the library says.
"""

import json
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any

from holidays import country_holidays, list_supported_countries
from persiantools.jdatetime import JalaliDate
from pydantic import TypeAdapter

from domain.clocks.calendar import (
    Calendar,
    CivilYear,
    Holiday,
    SpecialDay,
    Weekday,
    Window,
    WorkingDay,
)
from domain.declare import value
from domain.rulebook import Provenance
from store.rules_files import read_toml, validated

OVERRIDES = Path(__file__).parent / "calendar_overrides"
YEARS_MAX = 60
CIVIL_YEARS_BEYOND = 15
"""How much further than the covered days civil months reach: as long as contracts may run."""
_WEEKDAYS = tuple(Weekday)


class CalendarNotMade(Exception):  # noqa: N818 (an answer to whoever asked)
    """No calendar can be made of this; the message names the fix."""


class CivilCalendar(StrEnum):
    """The civil calendars other than the Gregorian one whose months can be worked out."""

    PERSIAN = "persian"


@value
class NamedDay:
    """A day off that the library does not know."""

    on: date
    name: str


@value
class Override:
    """What is decided here and not in the library; it wins over it, day by day.

    `week` says when which weekday is worked; the weekend is the rest. `remove_holidays` are days
    that are worked after all. `make_up_name` names the weekend days that the library says are
    worked to make up for a holiday; they have the hours of the first day of `week`.
    `civil_calendar` is the one by which people agree upon days, where it is not the Gregorian.
    """

    zone: str
    week: tuple[WorkingDay, ...]
    language: str | None = None
    subdivision: str | None = None
    make_up_name: str = "make-up workday"
    remove_holidays: tuple[date, ...] = ()
    add_holidays: tuple[NamedDay, ...] = ()
    special_days: tuple[SpecialDay, ...] = ()
    civil_calendar: CivilCalendar | None = None
    note: str | None = None


_OVERRIDE = TypeAdapter(Override)


def read_override(path: Path) -> Override:
    """Read an override file. Raises `RulesFileError` naming file, line and fix."""
    text, table = read_toml(path)
    return validated(_OVERRIDE, table, path, text)


def materialise(country: str, from_year: int, until_year: int, override: Override) -> Calendar:
    """Return a country's calendar for some years, every holiday and make-up day written out.

    A holiday is an estimate where the library says so (a lunar month not yet seen), or where the
    country announces which weekend days are worked in return and has not yet done so for the year.
    Days that the week leaves free anyway are not listed. Raises `CalendarNotMade`.
    """
    if until_year < from_year or until_year - from_year >= YEARS_MAX:
        raise CalendarNotMade(f"from {from_year} to {until_year}: give 1 to {YEARS_MAX} years")
    years = range(from_year, until_year + 1)
    found = _library(country, years, override)
    worked = {working.day for working in override.week}
    special = {day.on: day for day in _make_up_days(found, years, override)}
    special.update({day.on: day for day in override.special_days})
    holidays = {day.on: day for day in _holidays(found, years)}
    for on in override.remove_holidays:
        holidays.pop(on, None)
    holidays.update({day.on: Holiday(on=day.on, name=day.name) for day in override.add_holidays})
    return Calendar(
        zone=override.zone,
        week=override.week,
        holidays=tuple(
            holidays[on]
            for on in sorted(holidays)
            if _WEEKDAYS[on.weekday()] in worked and on not in special
        ),
        special_days=tuple(special[on] for on in sorted(special)),
        covers_from_on=date(from_year, 1, 1),
        covers_until_on=date(until_year, 12, 31),
        civil_years=tuple(_civil_years(override.civil_calendar, years)),
    )


def provenance(country: str, calendar: Calendar, override: Override) -> Provenance:
    """Return where a materialised calendar comes from, and what in it is an estimate."""
    estimated = [day.on for day in calendar.holidays if day.estimated]
    said = f"{len(estimated)} dates from {min(estimated)} on are estimates; " if estimated else ""
    place = f"{country}/{override.subdivision}" if override.subdivision else country
    decided = f": {override.note}" if override.note else ""
    months = ""
    if calendar.civil_years:
        months = f"Persian months by persiantools {version('persiantools')}; "
    return Provenance(
        source=f"holidays {version('holidays')} for {place}; {said}{months}"
        f"working hours and exceptions by override{decided}",
        confirmed="estimated" if estimated else "library",
    )


def _civil_years(calendar: CivilCalendar | None, years: range) -> Iterator[CivilYear]:
    """Yield the civil years that touch some Gregorian ones, and some more."""
    if calendar is None:
        return
    first = JalaliDate(date(years.start, 1, 1)).year  # type: ignore[no-untyped-call]
    last = JalaliDate(date(years.stop - 1, 12, 31)).year  # type: ignore[no-untyped-call]
    for year in range(first, last + CIVIL_YEARS_BEYOND + 1):
        starts_on = tuple(
            JalaliDate(year, month, 1).to_gregorian()  # type: ignore[no-untyped-call]
            for month in range(1, 13)
        )
        yield CivilYear(year=year, months_start_on=starts_on)


def _library(country: str, years: range, override: Override) -> Any:
    """Return the library's holidays, with a year on either side for days moved over New Year."""
    known = list_supported_countries(include_aliases=True)
    if country not in known:
        raise CalendarNotMade(
            f"the library knows no country {country}; write a code of two letters such as IR, CN,"
            " GB, US or DE"
        )
    if override.subdivision is not None and override.subdivision not in known[country]:
        offered = ", ".join(known[country]) or "none at all"
        message = f"{country} has no subdivision {override.subdivision} in the library"
        raise CalendarNotMade(f"{message}; it knows {offered}")
    asked = range(years.start - 1, years.stop + 1)
    found = country_holidays(country, subdiv=override.subdivision, years=asked, language=None)
    language = override.language or found.default_language
    if found.supported_languages and language not in found.supported_languages:
        offered = ", ".join(found.supported_languages)
        raise CalendarNotMade(f"holidays of {country} have no names in {language}; {offered}")
    return country_holidays(country, subdiv=override.subdivision, years=asked, language=language)


def _holidays(found: Any, years: range) -> Iterator[Holiday]:
    label = found.tr(getattr(found, "estimated_label", None) or "%s")
    before, _, after = label.partition("%s")
    announced_until = max((on.year for on in found.weekend_workdays), default=date.max.year)
    for on, names in found.items():
        if on.year not in years:
            continue
        parts = [part.strip() for part in names.split(";")]
        estimated = [bool(label != "%s") and part.endswith(after.strip()) for part in parts]
        clean = [part.removeprefix(before).removesuffix(after) for part in parts]
        yield Holiday(
            on=on, name="; ".join(clean), estimated=all(estimated) or on.year > announced_until
        )


def _make_up_days(found: Any, years: range, override: Override) -> Iterator[SpecialDay]:
    if not override.week:
        return
    windows = override.week[0].windows
    for on in found.weekend_workdays:
        if on.year in years:
            yield SpecialDay(on=on, windows=windows, name=override.make_up_name)


# --- as a file ------------------------------------------------------------------------------------


def written(calendar: Calendar, provenance: Provenance, effective_from_on: date, by: str) -> str:
    """Return a calendar as a rules file, a line for each day; `by` is the comment on top."""
    lines = [
        f"# {by}",
        f"effective_from = {effective_from_on}",
        "",
        "[provenance]",
        f"source = {_text(provenance.source)}",
        f"confirmed = {_text(provenance.confirmed)}",
        "",
        "[content]",
        f"zone = {_text(calendar.zone)}",
        f"covers_from_on = {calendar.covers_from_on}",
        f"covers_until_on = {calendar.covers_until_on}",
        *_listed("week", (_week_line(one) for one in calendar.week)),
        *_listed("holidays", (_holiday_line(one) for one in calendar.holidays)),
        *_listed("special_days", (_special_line(one) for one in calendar.special_days)),
    ]
    if calendar.civil_years:
        lines += _listed("civil_years", (_civil_line(one) for one in calendar.civil_years))
    return "\n".join(lines) + "\n"


def _listed(name: str, items: Iterator[str]) -> list[str]:
    found = [f"  {item}," for item in items]
    return [f"{name} = [", *found, "]"] if found else [f"{name} = []"]


def _week_line(one: WorkingDay) -> str:
    return f"{{ day = {_text(one.day)}, windows = {_windows(one.windows)} }}"


def _holiday_line(one: Holiday) -> str:
    estimated = ", estimated = true" if one.estimated else ""
    return f"{{ on = {one.on}, name = {_text(one.name)}{estimated} }}"


def _special_line(one: SpecialDay) -> str:
    return f"{{ on = {one.on}, name = {_text(one.name)}, windows = {_windows(one.windows)} }}"


def _civil_line(one: CivilYear) -> str:
    starts_on = ", ".join(str(on) for on in one.months_start_on)
    return f"{{ year = {one.year}, months_start_on = [{starts_on}] }}"


def _windows(windows: tuple[Window, ...]) -> str:
    return (
        "["
        + ", ".join(
            f"{{ starts_local = {_text(one.starts_local)}, ends_local = {_text(one.ends_local)} }}"
            for one in windows
        )
        + "]"
    )


def _text(text: str) -> str:
    return json.dumps(str(text), ensure_ascii=False)
