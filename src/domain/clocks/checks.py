"""What is wrong with a rule document about time, said with the place and the fix."""

import re
from collections.abc import Hashable, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from domain.clocks.messages import Span

Place = tuple[str | int, ...]

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_END = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")


class Misfit(ValueError):  # noqa: N818 (it is a sentence about a document, not an error of ours)
    """A document contradicts itself at a place inside it; the message names the fix."""

    def __init__(self, message: str, *place: str | int) -> None:
        super().__init__(message)
        self.place: Place = place


AMOUNT_MAX = {
    "hours": 87_600,
    "working_hours": 87_600,
    "weeks": 520,
    "months": 120,
}
"""Ten years of each unit; of days as many as there are in them."""
DAYS_MAX = 3_650


def check_length(span: "Span | None", *place: str | int) -> None:
    """Refuse a span without length, and one without a sensible end: each of its days is counted."""
    if span is None:
        return
    if span.amount <= 0:
        raise Misfit(f"a span of {span.amount} {span.unit}: write 1 or more", *place, "amount")
    most = AMOUNT_MAX.get(span.unit, DAYS_MAX)
    if span.amount > most:
        raise Misfit(f"a span of {span.amount} {span.unit}: write {most} or less", *place, "amount")


def check_each_once(keys: Iterable[Hashable], what: str, *place: str) -> None:
    """Refuse the second of two items that have one key."""
    seen: set[Hashable] = set()
    for number, key in enumerate(keys):
        if key in seen:
            raise Misfit(f"{what} {key} stands twice; leave one of them", *place, number)
        seen.add(key)


def check_not_empty(text: str, what: str, *place: str | int) -> None:
    """Refuse a text that says nothing."""
    if not text.strip():
        raise Misfit(f"{what} is missing; write it", *place)


def check_known(word: str, known: Sequence[str], what: str, *place: str | int) -> None:
    """Refuse a word that is none of those known."""
    if word not in known:
        raise Misfit(f"{word} is no {what}; write one of {', '.join(known)}", *place)


def check_order(first: date | None, last: date | None, what: str, *place: str | int) -> None:
    """Refuse an end before its start."""
    if first is not None and last is not None and last < first:
        raise Misfit(f"{what} ends on {last}, before it begins on {first}; swap them", *place)


def check_zone(zone: str) -> None:
    """Refuse a time zone that the IANA database does not have."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"{zone} is no IANA time zone; write one such as Asia/Tehran"
        raise Misfit(message, "zone") from None


def check_window(starts_local: str, ends_local: str) -> None:
    """Refuse a window that is not written `08:00`, or that ends where it begins or before."""
    if not _TIME.fullmatch(starts_local):
        message = f"{starts_local} is no time of day; write it from 00:00 to 23:59"
        raise Misfit(message, "starts_local")
    if not _END.fullmatch(ends_local):
        message = f"{ends_local} is no end of a window; write it from 00:01 to 24:00"
        raise Misfit(message, "ends_local")
    if ends_local <= starts_local:
        raise Misfit(
            f"a window from {starts_local} ends at {ends_local}; one that passes midnight is two:"
            " until 24:00, and from 00:00 on the day after",
            "ends_local",
        )


def check_windows(windows: Sequence[tuple[str, str]], *place: str | int) -> None:
    """Refuse windows of a day that overlap or are out of order."""
    for number in range(1, len(windows)):
        end, start = windows[number - 1][1], windows[number][0]
        if start < end:
            message = f"a window begins at {start}, before the one above it ends at {end}"
            raise Misfit(f"{message}; put them in order without overlap", *place, number)
