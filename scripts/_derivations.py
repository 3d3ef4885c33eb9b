"""Why a deadline is due when it is due, told in lines of text: the rule, and what counted."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

Words = Mapping[str, Mapping[str, str]]

MINUTES_PER_HOUR = 60


def derivation_lines(clock: Mapping[str, Any], words: Words) -> Iterator[str]:
    """Tell a clock of a case's document: when it is due by which rule, then stretch by stretch.

    Times are those of the derivation's zone, in which its days begin and its work is done.
    """
    derivation = clock["derivation"]
    zone = ZoneInfo(derivation["zone"])
    named = _word(words, "clock", clock["clock"])
    yield f"{named}: {_due(clock, zone)}, {_rule(derivation, words)}"
    stretches = derivation["stretches"]
    spans = [f"{_at(s['from_at'], zone)} → {_at(s['until_at'], zone)}" for s in stretches]
    for span, stretch in zip(spans, stretches, strict=True):
        yield f"  {span}  {_said(stretch, words)}"


def _due(clock: Mapping[str, Any], zone: ZoneInfo) -> str:
    if clock["due_at"] is None:
        return str(clock["state"])
    return f"due {_at(clock['due_at'], zone)}"


def _rule(derivation: Mapping[str, Any], words: Words) -> str:
    rule, span, calendar = derivation["rule"], derivation["span"], derivation["calendar"]
    parts = []
    if span is not None:
        parts.append(f"{span['amount']} {_word(words, 'unit', span['unit'])}")
    pack = rule["pack"]
    named = f"{rule['kind']} {pack['name']} v{pack['version']} " if pack else f"{rule['kind']} "
    parts.append(f"by {named}({rule['rule']})")
    if rule["citation"]:
        parts.append(rule["citation"])
    if calendar is not None:
        parts.append(f"calendar {calendar['name']} v{calendar['version']} ({derivation['zone']})")
    return ", ".join(parts)


def _said(stretch: Mapping[str, Any], words: Words) -> str:
    said = _word(words, "why", stretch["why"])
    if stretch.get("name"):
        said += f" ({stretch['name']})"
    if stretch.get("pause"):
        said += f" {stretch['pause']}"
    if stretch.get("days"):
        said += f"  {stretch['days']} d"
    elif stretch.get("minutes"):
        hours, minutes = divmod(stretch["minutes"], MINUTES_PER_HOUR)
        said += f"  {hours} h {minutes:02} min"
    return said


def _at(instant: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(instant).astimezone(zone).strftime("%a %Y-%m-%d %H:%M")


def _word(words: Words, of: str, code: str) -> str:
    return words.get(of, {}).get(code, code)
