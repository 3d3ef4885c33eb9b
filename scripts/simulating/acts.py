"""What a simulation plays: the acts of people in one case, each at its instant."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.declare import Actor, Command


@dataclass(frozen=True, slots=True)
class Act:
    """What one person or source does at one instant, all of it or nothing."""

    at: datetime
    actor: Actor
    commands: tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class Play:
    """One case: its name in the source, its stream, and its acts, oldest first."""

    name: str
    stream: UUID
    acts: tuple[Act, ...]

    @property
    def begins_at(self) -> datetime:
        """Return the instant of the first act."""
        return self.acts[0].at


@dataclass(frozen=True, slots=True)
class Extent:
    """From the first to the last instant that a source speaks of, and of how many cases."""

    from_at: datetime
    until_at: datetime
    cases: int


class Source(Protocol):
    """Where plays come from. Going through it twice gives the same plays in the same order."""

    def extent(self) -> Extent:
        """Return from when to when it goes."""

    def plays(self, share: int, shares: int) -> Iterator[Play]:
        """Go through every `shares`-th case, beginning with number `share`, counted from 0."""

    @property
    def rows_left_out(self) -> int:
        """Return how many rows, of those gone through last, could not be played."""
