"""Rule documents about time that contradict themselves are refused, with the place and the fix."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from domain.clocks.calendar import Calendar
from domain.clocks.rules import (
    AuthorisationLimits,
    ClassPause,
    Estimates,
    Ladder,
    SlaPack,
    StatutoryPack,
)

DAY = {"amount": 1, "unit": "working_days"}
NOTHING = {"amount": 0, "unit": "hours"}
FOR_EVER = {"amount": 99_999_999_999, "unit": "weeks"}


def calendar() -> dict[str, Any]:
    hours = [
        {"starts_local": "08:00", "ends_local": "12:00"},
        {"starts_local": "13:00", "ends_local": "24:00"},
    ]
    return {
        "zone": "Asia/Tehran",
        "week": [{"day": "saturday", "windows": hours}],
        "holidays": [{"on": date(2026, 3, 21), "name": "Nowruz"}],
        "special_days": [{"on": date(2026, 3, 19), "windows": hours, "name": "make-up"}],
        "covers_from_on": date(2026, 1, 1),
        "covers_until_on": date(2026, 12, 31),
    }


def clock(**changes: Any) -> dict[str, Any]:
    return {
        "clock": "resolution",
        "starts_on": ["complaint.registered"],
        "stops_on": ["complaint.closed"],
        "span": dict(DAY),
        **changes,
    }


def sla_pack() -> dict[str, Any]:
    return {"calendar": "iran", "clocks": [clock(kinds=["quality"]), clock()]}


def statutory_pack() -> dict[str, Any]:
    rule = {
        "code": "ir_7",
        "citation": "by-law 1395 Art. 29",
        "confirmed": "seen",
        "actor": "dispute board",
        "binds": "authority",
        "starts_on": "referral.registered",
        "span": {"amount": 20, "unit": "calendar_days"},
    }
    return {
        "regime": "iran",
        "authority": "dispute board",
        "calendar": "iran",
        "locale": "fa",
        "rules": [rule],
        "replies": [{"reply": "final", "elements": ["decision"]}],
        "reply_rule": "ir_7",
    }


def ladder() -> dict[str, Any]:
    rungs = [{"role": "supervisor", "climb_after": dict(DAY)}, {"role": "manager"}]
    return {"calendar": "iran", "rungs": rungs, "repeat_after": dict(DAY)}


def limits() -> dict[str, Any]:
    up_to = {"minor": 1000, "currency": "IRR"}
    return {"limits": [{"role": "supervisor", "up_to": up_to}, {"role": "manager"}]}


def class_pause() -> dict[str, Any]:
    return {
        "authority": "FCA",
        "citation": "PS24/11",
        "received_from_on": date(2023, 11, 17),
        "received_until_on": date(2025, 12, 4),
        "starts_at": "2024-01-11T00:00:00Z",
        "ends_at": "2025-12-04T00:00:00Z",
    }


def estimates() -> dict[str, Any]:
    one = {
        "clock": "resolution",
        "step": "inquiry",
        "kind": None,
        "priority": None,
        "cases": 30,
        "median_s": 3600,
        "p80_s": 7200,
    }
    return {
        "from_at": "2026-01-01T00:00:00Z",
        "until_at": "2026-02-01T00:00:00Z",
        "position": 1,
        "estimates": [one],
    }


DOCUMENTS: dict[type[Any], Callable[[], dict[str, Any]]] = {
    Calendar: calendar,
    SlaPack: sla_pack,
    StatutoryPack: statutory_pack,
    Ladder: ladder,
    AuthorisationLimits: limits,
    ClassPause: class_pause,
    Estimates: estimates,
}


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document_without_contradiction_is_accepted(kind: type[Any]) -> None:
    assert isinstance(TypeAdapter(kind).validate_python(DOCUMENTS[kind]()), kind)


def put(document: Any, path: str, wrong: object) -> None:
    """Set what stands at a dotted path; `+` appends to a list, `^` puts in front of it."""
    *way, last = path.split(".")
    for step in way:
        document = document[int(step) if step.isdigit() else step]
    if last == "+":
        document.append(wrong)
    elif last == "^":
        document.insert(0, wrong)
    else:
        document[int(last) if last.isdigit() else last] = wrong


def civil(year: int, second: str = "2025-04-21") -> dict[str, Any]:
    return {"year": year, "months_start_on": ["2025-03-21", second]}


WINDOW = {"starts_local": "11:00", "ends_local": "14:00"}
WRONG: list[tuple[type[Any], str, object, str]] = [
    (Calendar, "zone", "Asia/Teheran", "no IANA time zone"),
    (Calendar, "zone", "../etc/passwd", "no IANA time zone"),
    (Calendar, "week.0.windows.1", WINDOW, "begins at 11:00, before the one above it ends"),
    (Calendar, "week.0.windows.0.starts_local", "8:00", "no time of day"),
    (Calendar, "week.0.windows.0.ends_local", "24:01", "no end of a window"),
    (Calendar, "week.0.windows.0.ends_local", "07:00", "passes midnight is two"),
    (Calendar, "week.0.windows.0.ends_local", "08:00", "passes midnight is two"),
    (Calendar, "week.0.windows", [], "leave out a day that is not worked"),
    (Calendar, "week.+", {"day": "saturday", "windows": [WINDOW]}, "saturday stands twice"),
    (Calendar, "week.0.day", "caturday", "Input should be 'monday'"),
    (Calendar, "holidays.+", {"on": date(2026, 3, 21), "name": "again"}, "2026-03-21 stands twice"),
    (Calendar, "holidays.0.on", date(2027, 1, 1), "outside the days that the calendar covers"),
    (Calendar, "special_days.0.on", date(2025, 1, 1), "outside the days that the calendar covers"),
    (Calendar, "special_days.0.windows.+", WINDOW, "begins at 11:00, before"),
    (Calendar, "covers_until_on", date(2025, 1, 1), "before it begins on 2026-01-01; swap them"),
    (Calendar, "civil_years", [civil(1404), civil(1406)], "the year 1406 follows 1404"),
    (Calendar, "civil_years", [civil(1404, "2025-05-01")], "no possible length"),
    (Calendar, "civil_years", [{"year": 1404, "months_start_on": []}], "has no months"),
    (SlaPack, "calendar", " ", "the calendar's name is missing"),
    (SlaPack, "clocks", [], "one clock at least"),
    (SlaPack, "clocks.0.span", NOTHING, "a span of 0 hours: write 1 or more"),
    (SlaPack, "clocks.0.span.unit", "fortnights", "Input should be 'hours'"),
    (SlaPack, "clocks.0.starts_on", [], "no event starts this clock"),
    (SlaPack, "clocks.0.counts_from", "yesterday", "write one of received, recorded"),
    (SlaPack, "clocks.0.pausable_for", ["coffee"], "coffee is no reason for a pause"),
    (SlaPack, "clocks.0.warnings", [{}], "exactly one of them"),
    (SlaPack, "clocks.0.warnings", [{"share_percent": 5, "lead": DAY}], "exactly one of them"),
    (SlaPack, "clocks.0.warnings", [{"share_percent": 100}], "write 1 to 99"),
    (SlaPack, "clocks.0.warnings", [{"share_percent": 0}], "write 1 to 99"),
    (SlaPack, "clocks.0.warnings", [{"lead": NOTHING}], "write 1 or more"),
    (SlaPack, "clocks.0.warnings", [{"share_percent": 75}] * 2, "stands twice"),
    (SlaPack, "clocks.^", clock(), "put the narrower rule first"),
    (SlaPack, "clocks.+", clock(), "put the narrower rule first"),
    (StatutoryPack, "rules.0.citation", "", "the citation of rule ir_7 is missing; write it"),
    (StatutoryPack, "rules.0.confirmed", "", "how well rule ir_7 was confirmed is missing"),
    (StatutoryPack, "rules.0.span", NOTHING, "write 1 or more"),
    (StatutoryPack, "rules.0.extended_span", NOTHING, "write 1 or more"),
    (StatutoryPack, "rules.0.until_on", date(2020, 1, 1), ""),
    (StatutoryPack, "rules.+", statutory_pack()["rules"][0], "rule ir_7 stands twice"),
    (StatutoryPack, "replies.+", statutory_pack()["replies"][0], "reply final stands twice"),
    (StatutoryPack, "replies.0.within_rule", "x", "x is no rule of this pack; write one of ir_7"),
    (StatutoryPack, "reply_rule", "ir_8", "ir_8 is no rule of this pack; write one of ir_7"),
    (Ladder, "rungs", [], "one rung at least"),
    (Ladder, "rungs.1.climb_after", DAY, "the ladder has no end: its last rung, manager"),
    (Ladder, "rungs.0", {"role": "supervisor"}, "nothing above supervisor is ever reached"),
    (Ladder, "rungs.0.climb_after", NOTHING, "write 1 or more"),
    (Ladder, "repeat_after", NOTHING, "write 1 or more"),
    (Ladder, "rungs.0.climb_after", FOR_EVER, "a span of 99999999999 weeks: write 520 or less"),
    (Ladder, "repeat_after", {"amount": 3_651, "unit": "working_days"}, "write 3650 or less"),
    (SlaPack, "clocks.0.span", FOR_EVER, "write 520 or less"),
    (SlaPack, "clocks.0.warnings", [{"lead": FOR_EVER}], "write 520 or less"),
    (StatutoryPack, "rules.0.extended_span", FOR_EVER, "write 520 or less"),
    (Ladder, "rungs.0.role", "customer", "nothing is brought before a customer"),
    (AuthorisationLimits, "limits.+", {"role": "manager"}, "the role manager stands twice"),
    (AuthorisationLimits, "limits.0.up_to.minor", 0, "could approve nothing up to 0"),
    (ClassPause, "citation", " ", "the citation of the pause is missing"),
    (ClassPause, "ends_at", "2024-01-11T00:00:00Z", "ends before it starts"),
    (ClassPause, "received_until_on", date(2022, 1, 1), "before it begins"),
    (Estimates, "until_at", "2025-01-01T00:00:00Z", "swap them"),
    (Estimates, "estimates.+", estimates()["estimates"][0], "stands twice"),
]


@pytest.mark.parametrize(("kind", "path", "wrong", "said"), WRONG)
def test_a_document_that_contradicts_itself_is_refused(
    kind: type[Any], path: str, wrong: object, said: str
) -> None:
    document = DOCUMENTS[kind]()
    put(document, path, wrong)
    if path == "rules.0.until_on":
        put(document, "rules.0.from_on", date(2021, 1, 1))
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(document)
    assert said in str(caught.value)


def test_rules_for_one_clock_stand_beside_each_other_when_each_has_cases_of_its_own() -> None:
    pack = sla_pack()
    pack["clocks"] = [
        clock(kinds=["quality"], priorities=["urgent"]),
        clock(kinds=["quality"]),
        clock(kinds=["sales"], starts_on=["complaint.assigned"]),
        clock(origins=["authority"]),
        clock(clock="first_response"),
        clock(),
    ]
    assert len(TypeAdapter(SlaPack).validate_python(pack).clocks) == 6


def test_a_holiday_may_have_hours_after_all() -> None:
    document = calendar()
    document["special_days"][0]["on"] = document["holidays"][0]["on"]
    assert TypeAdapter(Calendar).validate_python(document).special_days
