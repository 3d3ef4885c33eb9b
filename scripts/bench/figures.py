"""What a row of the table is: our figure, the peer's, their ratio, and whether the target holds."""

from dataclasses import dataclass
from typing import Any, Literal

Bound = Literal["at least", "at most"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row. `ratio` is ours / peer; `target` is what it must at least, or at most, be."""

    name: str
    what: str
    """One line that says what was measured."""
    unit: str
    ours: float
    peer: float
    target: float
    bound: Bound
    also: bool = True
    """A condition of the row besides the ratio, e.g. that memory stayed flat."""
    note: str = ""
    """Further figures of the same run."""

    @property
    def ratio(self) -> float:
        """Return ours / peer."""
        return self.ours / self.peer if self.peer else float("inf")

    @property
    def held(self) -> bool:
        """Tell whether the row holds its target."""
        short = self.ratio < self.target if self.bound == "at least" else self.ratio > self.target
        return self.also and not short

    def as_json(self) -> dict[str, Any]:
        """Return the row as `--json` writes it."""
        return {
            "name": self.name,
            "ours": round(self.ours, 4),
            "peer": round(self.peer, 4),
            "ratio": round(self.ratio, 4),
            "target": self.target,
            "held": self.held,
        }
