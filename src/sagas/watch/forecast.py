"""Foreseeing: when a clock will stop, going by how long closed cases took from the same step."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain.rulebook import Pin, RulesPublished
from sagas.watch.journey import Journey
from sagas.watch.state import Forecast, WatchedClock
from store.log import Recorded

KIND = "estimates"


@dataclass(frozen=True, slots=True)
class KnownEstimates:
    """The newest published estimates: median and 80th percentile in seconds, by cell."""

    pin: Pin | None = None
    cells: Mapping[str, tuple[int, int]] = field(default_factory=dict)


NOTHING_KNOWN = KnownEstimates()


def cell(clock: str, step: str, kind: str | None, priority: str | None) -> str:
    """Return the name of a cell; no kind or no priority means any."""
    return f"{clock}/{step}/{kind or '*'}/{priority or '*'}"


def follow_publication(known: KnownEstimates, recorded: Recorded) -> KnownEstimates:
    """Return the newest estimates; a publication of anything else changes nothing."""
    event = recorded.event
    if not isinstance(event, RulesPublished) or event.kind != KIND:
        return known
    cells = {
        cell(each["clock"], each["step"], each.get("kind"), each.get("priority")): (
            int(each["median_s"]),
            int(each["p80_s"]),
        )
        for each in json.loads(event.content)["estimates"]
    }
    return KnownEstimates(Pin(name=event.name, version=event.version), cells)


def forecast(
    known: KnownEstimates, journey: Journey, clock: WatchedClock, now: datetime
) -> Forecast | None:
    """Return what is usual from the step the case is in, by the closest cell that is known.

    A forecast that says the same as the one that stands keeps the instant at which it was made.
    """
    if known.pin is None:
        return None
    for kind, priority in (
        (journey.kind, journey.priority),
        (journey.kind, None),
        (None, None),
    ):
        found = known.cells.get(cell(clock.clock, journey.step, kind, priority))
        if found is not None:
            standing = clock.forecast
            made = Forecast(journey.step, clock.due_at, now, *found, known.pin)
            if standing is not None and _same(standing, made):
                return standing
            return made
    return None


def _same(one: Forecast, other: Forecast) -> bool:
    return replace(one, made_at=other.made_at, estimates=other.estimates) == other


def foreseen(clock: WatchedClock) -> tuple[datetime, datetime] | None:
    """Return from when on a breach is foreseen, and for when the stop of the clock is expected.

    At first half of all cases are expected to be done by the median; once that has passed, going
    by those that were not, the 80th percentile is expected.
    """
    known = clock.forecast
    if known is None or clock.due_at is None or clock.foreseen_at == clock.due_at:
        return None
    median_at = clock.entered_at + timedelta(seconds=known.median_s)
    p80_at = clock.entered_at + timedelta(seconds=known.p80_s)
    if median_at > clock.due_at:
        return known.made_at, median_at
    if p80_at > clock.due_at and median_at < clock.due_at:
        return max(known.made_at, median_at), p80_at
    return None
