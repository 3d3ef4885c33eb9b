"""What is known of a draw at one version of it. The entries are not: they are the orders'."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from domain.draw.events import (
    DrawAnnounced,
    DrawClosed,
    DrawRanked,
    DrawRevealed,
    EntriesSealed,
    ExclusionReason,
    OutcomeNotTaken,
    OutcomesHandedOut,
    PlacePassedOn,
)
from domain.keyed import Keyed


class DrawStatus(StrEnum):
    """Where a draw stands."""

    NOT_ANNOUNCED = "not_announced"
    ANNOUNCED = "announced"
    COMMITTED = "committed"
    OPEN = "open"
    CLOSED = "closed"
    SEALED = "sealed"
    REVEALED = "revealed"
    RANKED = "ranked"
    HANDED_OUT = "handed_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One draw; each part stands as it was recorded."""

    announced: DrawAnnounced | None = None
    seed_sha256: str | None = None
    opened: bool = False
    closed: DrawClosed | None = None
    sealed: EntriesSealed | None = None
    revealed: DrawRevealed | None = None
    ranked: DrawRanked | None = None
    excluded: Keyed[ExclusionReason | None] = field(default_factory=Keyed)
    """The reason by the order; None for one that was taken in again."""
    exclusions: int = 0
    not_taken: Keyed[OutcomeNotTaken] = field(default_factory=Keyed)
    handed_out: OutcomesHandedOut | None = None
    passed_on: Keyed[PlacePassedOn] = field(default_factory=Keyed)
    """By the order that let its place go."""
    moved_up: Keyed[UUID] = field(default_factory=Keyed)
    """The order whose place it got, by the order that moved up."""

    @property
    def status(self) -> DrawStatus:
        """Return where the draw stands."""
        for stands, status in (
            (self.handed_out, DrawStatus.HANDED_OUT),
            (self.ranked, DrawStatus.RANKED),
            (self.revealed, DrawStatus.REVEALED),
            (self.sealed, DrawStatus.SEALED),
            (self.closed, DrawStatus.CLOSED),
            (self.opened, DrawStatus.OPEN),
            (self.seed_sha256, DrawStatus.COMMITTED),
            (self.announced, DrawStatus.ANNOUNCED),
        ):
            if stands:
                return status
        return DrawStatus.NOT_ANNOUNCED
