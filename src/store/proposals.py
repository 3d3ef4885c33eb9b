"""What a set of commands would append, before the append says whether it may."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.declare import AlreadyClaimed, Claim, Release
from store.states import Known


@dataclass(slots=True)
class Proposal:
    """What a set of commands would append, and the states that would follow."""

    first: UUID
    facts: list[tuple[UUID, int, Any, UUID | None]] = field(default_factory=list)
    before: dict[UUID, Known] = field(default_factory=dict)
    after: dict[UUID, Known] = field(default_factory=dict)
    rules_position: int = 0
    settled_claims: list[tuple[str, str, UUID, bool]] = field(default_factory=list)
    """By kind, value and case: whether it is held (or free) in the end."""
    _claims: dict[tuple[str, str, UUID], list[bool]] = field(default_factory=dict)

    def changes_all(self) -> bool:
        """Tell whether every case gets an event, so that the append checks each one's version."""
        return not self.looked_at()

    def looked_at(self) -> list[tuple[UUID, int]]:
        """Return the cases that get no event, with the versions that were looked at."""
        before = self.before
        return [
            (s, known.version)
            for s, known in self.after.items()
            if known.version == before[s].version
        ]

    def claim(self, stream: UUID, claims: Sequence[Claim | Release]) -> None:
        """Note what a case takes and gives back."""
        for claim in claims:
            words = self._claims.setdefault((claim.kind, claim.value, stream), [])
            words.append(isinstance(claim, Claim))

    def settle_claims(self) -> None:
        """Keep each case's last word; what it took and gave back at once it never had.

        Raises `AlreadyClaimed` where two of these very cases would hold the same in the end.
        """
        holders: set[tuple[str, str]] = set()
        for (kind, value, stream), words in self._claims.items():
            took, holds = words[0], words[-1]
            if holds and (kind, value) in holders:
                raise AlreadyClaimed(kind=kind)
            if holds:
                holders.add((kind, value))
            if holds or not took:
                self.settled_claims.append((kind, value, stream, holds))
