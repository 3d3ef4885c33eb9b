"""What was published that concerns many cases: calendars, and a regulator's pauses of a class."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from pydantic import TypeAdapter

from domain.clocks.rules import ClassPause
from domain.rulebook import RulesPublished
from store.log import Recorded

CALENDAR, CLASS_PAUSE = "calendar", "class_pause"
_CLASS_PAUSE: TypeAdapter[ClassPause] = TypeAdapter(ClassPause)


@dataclass(frozen=True, slots=True)
class CalendarVersion:
    """A version of a calendar; `at` is from when on clocks are derived by it."""

    name: str
    version: int
    at: datetime
    cause: UUID


@dataclass(frozen=True, slots=True)
class PauseOrder:
    """A version of a class pause; `at` is from when on it says what is so."""

    name: str
    at: datetime
    cause: UUID
    starts_at: datetime
    ends_at: datetime | None
    packs: tuple[str, ...]
    kinds: tuple[str, ...]
    received_from_on: date | None
    received_until_on: date | None


@dataclass(frozen=True, slots=True)
class Changes:
    """All of them, in the order of their publication."""

    calendars: tuple[CalendarVersion, ...] = ()
    orders: tuple[PauseOrder, ...] = ()

    def named(self) -> Iterator[tuple[str, tuple[PauseOrder, ...]]]:
        """Yield the class pauses by name, each with its versions, oldest first."""
        for name in dict.fromkeys(order.name for order in self.orders):
            yield name, tuple(order for order in self.orders if order.name == name)


NO_CHANGES = Changes()


def follow(changes: Changes, recorded: Recorded) -> Changes:
    """Return what is known after a publication; of other documents it says nothing."""
    event = recorded.event
    if not isinstance(event, RulesPublished):
        return changes
    at = max(event.effective_from_at, recorded.recorded_at)
    if event.kind == CALENDAR:
        made = CalendarVersion(event.name, event.version, at, recorded.event_id)
        return replace(changes, calendars=(*changes.calendars, made))
    if event.kind == CLASS_PAUSE:
        content = _CLASS_PAUSE.validate_json(event.content)
        order = PauseOrder(
            name=event.name,
            at=at,
            cause=recorded.event_id,
            starts_at=content.starts_at,
            ends_at=content.ends_at,
            packs=content.packs,
            kinds=content.kinds,
            received_from_on=content.received_from_on,
            received_until_on=content.received_until_on,
        )
        return replace(changes, orders=(*changes.orders, order))
    return changes


def tags_of(recorded: Recorded) -> tuple[str, ...]:
    """Return the words of the cases that a publication may concern."""
    event = recorded.event
    if not isinstance(event, RulesPublished):
        return ()
    if event.kind == CALENDAR:
        return (f"{CALENDAR}:{event.name}",)
    # A later version may leave out cases that an earlier one had: all that have clocks are asked.
    return ("open",) if event.kind == CLASS_PAUSE else ()
