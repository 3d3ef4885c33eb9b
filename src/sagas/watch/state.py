"""What is known of a case whose clocks are watched: codes, numbers and instants, nobody's name."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.clocks.messages import Urgency, Warning
from domain.rulebook import Pin
from sagas.watch.journey import Journey


@dataclass(frozen=True, slots=True)
class Forecast:
    """How long closed cases took from this step to the stop of a clock, as published by then.

    `made_at` is the instant of the event that made it; before it nothing can be foreseen. It is
    made anew when the due instant moves.
    """

    step: str
    due_at: datetime | None
    made_at: datetime
    median_s: int
    p80_s: int
    estimates: Pin


@dataclass(frozen=True, slots=True)
class WatchedClock:
    """A clock of the company's that runs or stands still.

    `due_at` is None while it stands still, since `still_since_at`. `entered_at` is when the case
    entered the step it is in, moved on by every pause since, so that a forecast can be added to it.
    `warnings` are those not given yet; `given` those that were, each with the instant it was for.
    """

    n: int
    clock: str
    due_at: datetime | None
    cause: UUID
    """The event that derived the due instant."""
    urgency: Urgency
    ladder: str | None
    warnings: tuple[Warning, ...]
    entered_at: datetime
    still_since_at: datetime | None = None
    given: tuple[Warning, ...] = ()
    forecast: Forecast | None = None
    foreseen_at: datetime | None = None
    """The due instant whose breach was foreseen."""
    breached_at: datetime | None = None
    """The due instant whose breach is recorded."""


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that is to be brought before somebody above, and was not yet.

    `at` is the instant of the obligation, `made_by` the event that it follows from.
    """

    escalation_id: UUID
    cause: str
    clock: int | None
    at: datetime
    made_by: UUID
    urgency: Urgency


@dataclass(frozen=True, slots=True)
class OpenEscalation:
    """An escalation that nobody has acknowledged, and when it climbs."""

    n: int
    cause: str
    clock: int | None
    rung: int
    climbs_at: datetime | None
    made_by: UUID
    urgency: Urgency


@dataclass(frozen=True, slots=True)
class WatchedCase:
    """A case with its clocks, and what is still to be said of them."""

    journey: Journey
    clocks: tuple[WatchedClock, ...] = ()
    concerns: tuple[Concern, ...] = ()
    escalations: tuple[OpenEscalation, ...] = ()
