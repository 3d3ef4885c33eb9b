"""The proof file of a draw: what was committed to, all entries, who was left out, the ranking.

One JSON value per line: a header, a line per entry (whose bytes are its leaf), a line per excluded
entry, a line per place, an end. docs/draws.md says what each field means, and
`scripts/verify_draw.py` checks it without this program. The file follows from the log alone, so it
is the same bytes whenever and wherever it is asked for, and it is never held as a whole: each page
is one statement on a connection that is given back before the page is sent.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from domain.draw.ranking import Places

FORMAT = "parvandeh draw proof"
FORMAT_VERSION = 1
PAGE_LINES = 10_000

Row = tuple[Any, ...]


class Ask(NamedTuple):
    """One question of the view's tables, by the name of its block."""

    block: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the log says of a draw, as plain JSON values; None for what has not happened."""

    draw_id: UUID
    announced: Mapping[str, Any]
    seed_sha256: str | None
    opened_position: int | None
    closed_position: int | None
    closed: Mapping[str, Any] | None
    sealed: Mapping[str, Any] | None
    revealed: Mapping[str, Any] | None
    result: Mapping[str, Any] | None

    @property
    def quotas(self) -> list[Places]:
        """Return how many places each model has."""
        return [Places(**quota) for quota in self.announced["quotas"]]


def facts_of(draw_id: UUID, row: Row | None) -> Facts | None:
    """Return the facts of a row of block `facts`."""
    if row is None:
        return None
    announced, seed_sha256, opened, closed_position, closed, sealed, revealed, result = row
    return Facts(
        draw_id,
        json.loads(announced),
        seed_sha256,
        opened,
        closed_position,
        _read(closed),
        _read(sealed),
        _read(revealed),
        _read(result),
    )


def _read(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def proof(facts: Facts, page_lines: int = PAGE_LINES) -> Generator[Ask | bytes, Row | None, None]:
    """Make the proof file of a ranked draw, bytes and questions in turn.

    A question is answered with its row (`send`); whoever drives this decides on which connection.
    """
    assert facts.closed and facts.sealed and facts.revealed
    excluded = yield Ask("exclusions_total", {"draw": facts.draw_id})
    assert excluded is not None
    yield _line(_header(facts, excluded[0]))
    hashed = hashlib.sha256()
    for block in ("page_of_entries", "page_of_exclusions", "page_of_places"):
        beyond: int = 0
        while True:
            about = {
                "draw": facts.draw_id,
                "beyond": beyond,
                "limit": page_lines,
            }
            found = yield Ask(block, about)
            if found is None or found[0] is None:
                break
            beyond, lines = found
            if block == "page_of_places":
                hashed.update(lines)
            yield lines
    yield _line({"end": {"ranking_sha256": hashed.hexdigest()}})


def _header(facts: Facts, excluded: int) -> dict[str, Any]:
    announced, closed, sealed, revealed = (
        facts.announced,
        facts.closed or {},
        facts.sealed or {},
        facts.revealed or {},
    )
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "draw_id": str(facts.draw_id),
        "name": announced["name"],
        "rule": announced["rule"],
        "quotas": announced["quotas"],
        "source": announced["source"],
        "source_reference": announced["source_reference"],
        "opens_at": announced["opens_at"],
        "closes_at": announced["closes_at"],
        "value_expected_at": announced["value_expected_at"],
        "seed_sha256": facts.seed_sha256,
        "opened_position": facts.opened_position,
        "closed_position": facts.closed_position,
        "closed_at": closed["closed_at"],
        "entries": sealed["count"],
        "root": sealed["root"],
        "exclusions": excluded,
        "seed": revealed["seed"],
        "public_value": revealed["public_value"],
        "value_published_at": revealed["value_published_at"],
    }


def pieces(
    facts: Facts, answer: Callable[[Ask], Row | None], page_lines: int = PAGE_LINES
) -> Iterator[bytes]:
    """Go through the proof file piece by piece."""
    steps = proof(facts, page_lines)
    step = next(steps)
    while True:
        try:
            if isinstance(step, bytes):
                yield step
                step = next(steps)
            else:
                step = steps.send(answer(step))
        except StopIteration:
            return


async def pieces_async(
    facts: Facts, answer: Callable[[Ask], Awaitable[Row | None]], page_lines: int = PAGE_LINES
) -> AsyncIterator[bytes]:
    """Go through the proof file piece by piece, as `pieces` does."""
    steps = proof(facts, page_lines)
    step = next(steps)
    while True:
        try:
            if isinstance(step, bytes):
                yield step
                step = next(steps)
            else:
                step = steps.send(await answer(step))
        except StopIteration:
            return
