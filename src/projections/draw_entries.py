"""The entries of draws by their positions in the log, and, once all is revealed, the ranking.

Entries come and go in sets: nothing of an order is decoded. The ranking is worked out where the
view meets `draw.revealed`, from its own rows and by the rules of `domain.draw`, so a rebuilt view
has exactly the places that the live one has.
"""

import hashlib
import json
import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import Connection

from domain.draw.ranking import draw_key, ranking
from domain.draw.tree import leaf_hash, root_of
from projections.draw_proof import Ask, Facts, Row, facts_of, pieces
from store.views import Blocks, Erasure, View, Work, beside

SQL = beside(__file__)

_TABLE = re.compile(r"\b(FROM|JOIN) (draws|draw_[a-z]+)\b")


class LiveBlocks(Blocks):
    """The same statements, asked by readers, who name the schema of the live view."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._blocks = {
            name: _TABLE.sub(r"\1 views.\2", text) for name, text in self._blocks.items()
        }


LIVE_SQL = LiveBlocks(Path(__file__).with_suffix(".sql"))

PAGE_ROWS = 20_000

_FACTS = (
    "draw.committed",
    "draw.opened",
    "draw.closed",
    "draw.entries_sealed",
    "draw.revealed",
)
_ENTERED, _WITHDRAWN = "order.entered_in_draw", "order.draw_entry_withdrawn"
_EXCLUDING = ("draw.entry_excluded", "draw.entry_restored")

TOPICS = ("draw.announced", *_FACTS, _ENTERED, _WITHDRAWN, *_EXCLUDING)


class RootDiffers(RuntimeError):  # noqa: N818
    """The entries in the view are not those that were sealed; the draw is not ranked by them."""


@dataclass(frozen=True, kw_only=True)
class DrawEntries(View):
    """Carried forward by statements over a range; only a ranking passes through the process."""

    batch_events: int = 20_000

    @property
    def reads_events(self) -> bool:
        """Nothing is decoded."""
        return False

    def apply(self, work: Work) -> int:
        """Run the statements of the topics that the range has, in the order of their meaning."""
        span = {"after": work.after, "up_to": work.up_to}
        touched = {row[0] for row in work.run("touched", **span, topics=list(TOPICS))}
        if "draw.announced" in touched:
            work.run("announce", **span)
        if not touched.isdisjoint(_FACTS):
            work.run("facts_recorded", **span)
        if _ENTERED in touched:
            work.run("enter", **span)
            draws = [row[0] for row in work.run("entered", **span)]
            work.run("enter_again", **span, draws=draws)
        if _WITHDRAWN in touched:
            work.run("withdraw", **span)
        if not touched.isdisjoint(_EXCLUDING):
            work.run("exclude", **span)
            work.run("restore", **span)
        if "draw.revealed" in touched:
            for (draw_id,) in work.run("to_rank", **span).fetchall():
                rank(lambda ask: work.run(ask.block, **ask.parameters), draw_id)
        return len(touched)

    def forget(self, erasure: Erasure) -> None:
        """Nothing to do: a row holds ids and a word that stands for a person in one draw."""


VIEW = DrawEntries(
    name="draw_entries",
    sql=SQL,
    tables={
        "draws": ("draw_id",),
        "draw_entries": ("draw_id", "position"),
        "draw_exclusions": ("draw_id", "order_id"),
        "draw_places": ("draw_id", "turn"),
    },
    topics=TOPICS,
)

Run = Callable[[Ask], Any]
"""Asks a question of the tables and answers a cursor."""


def live(connection: Connection[Row]) -> Run:
    """Return how the live view is asked on a connection of a reader or writer."""

    def run(ask: Ask) -> Any:
        return connection.execute(LIVE_SQL[ask.block], ask.parameters, binary=True)

    return run


def leaves_of(run: Run, facts: Facts) -> Iterator[Sequence[Row]]:
    """Go through the entries that count, page by page: position, model, leaf, order, left out."""
    beyond = 0
    while True:
        about = {
            "draw": facts.draw_id,
            "beyond": beyond,
            "closed": facts.closed_position,
            "limit": PAGE_ROWS,
        }
        rows: Sequence[Row] = run(Ask("page_of_leaves", about)).fetchall()
        if rows:
            yield rows
        if len(rows) < PAGE_ROWS:
            return
        beyond = rows[-1][0]


@dataclass(frozen=True, slots=True)
class Sealed:
    """The entries that count, counted: in all, by model, and their root."""

    count: int
    root: str
    counted: dict[str, int]


def seal(run: Run, facts: Facts) -> Sealed:
    """Count the entries of a closed draw and work out their root."""
    hashes: list[bytes] = []
    counted = {places.model: 0 for places in facts.quotas}
    for page in leaves_of(run, facts):
        for _, model, leaf, _, _ in page:
            hashes.append(leaf_hash(leaf))
            counted[model] += 1
    return Sealed(len(hashes), root_of(hashes).hex(), counted)


def rank(run: Run, draw_id: UUID) -> None:
    """Work out the ranking of a draw that was revealed, and write it down.

    Raises `RootDiffers` where the entries at hand are not those that were sealed.
    """
    facts = facts_of(draw_id, run(Ask("facts", {"draw": draw_id})).fetchone())
    assert facts is not None and facts.sealed is not None and facts.revealed is not None
    ranked = _Ranked(facts)
    numbers = ranking(ranked.key, ranked.tickets(run), [q.model for q in facts.quotas])
    if root_of(ranked.hashes).hex() != facts.sealed["root"]:
        raise RootDiffers
    ranked.hashes.clear()
    _write(run, facts, ranked, numbers)


class _Ranked:
    """What a ranking needs to remember of its entries: little, for there may be a million."""

    def __init__(self, facts: Facts) -> None:
        assert facts.sealed is not None and facts.revealed is not None
        self.facts = facts
        self.key = draw_key(
            facts.draw_id,
            bytes.fromhex(facts.sealed["root"]),
            facts.revealed["public_value"],
            bytes.fromhex(facts.revealed["seed"]),
        )
        self.hashes: list[bytes] = []
        self.positions = array("q")
        self.excluded: dict[UUID, int] = {}
        self.left_out = dict.fromkeys((places.model for places in facts.quotas), 0)

    def tickets(self, run: Run) -> Iterator[tuple[str, bytes]]:
        """Go through the entries as `ranking` wants them."""
        hashed, positions = self.hashes, self.positions
        for page in leaves_of(run, self.facts):
            for position, model, leaf, order_id, is_excluded in page:
                hashed.append(leaf_hash(leaf))
                positions.append(position)
                if is_excluded:
                    self.excluded[order_id] = len(positions)
                    self.left_out[model] += 1
                    leaf = b""
                yield model, leaf


def _write(run: Run, facts: Facts, ranked: _Ranked, numbers: dict[str, list[int]]) -> None:
    draw_id, before = facts.draw_id, 0
    about: dict[str, Any] = {
        "draw": draw_id,
        "order_id": list(ranked.excluded),
        "number": list(ranked.excluded.values()),
    }
    run(Ask("number_exclusions", about))
    outcomes = []
    for places in facts.quotas:
        of_model = numbers.pop(places.model)
        about = {**places._asdict(), "draw": draw_id, "before": before}
        about["numbers"] = _array(of_model)
        about["positions"] = _array([ranked.positions[number - 1] for number in of_model])
        run(Ask("place", about))
        before += len(of_model)
        winners = min(places.winners, len(of_model))
        reserves = min(places.reserves, len(of_model) - winners)
        left_out = ranked.left_out[places.model]
        outcomes.append(
            {
                "model": places.model,
                "entries": len(of_model) + left_out,
                "excluded": left_out,
                "winners": winners,
                "reserves": reserves,
                "not_drawn": len(of_model) - winners - reserves,
            }
        )
    _finish(run, facts, outcomes, before)


def _array(numbers: Sequence[int]) -> str:
    """Return an array as PostgreSQL reads it, which for a million numbers is the quickest way."""
    return "{" + ",".join(map(str, numbers)) + "}"


def _finish(run: Run, facts: Facts, outcomes: list[dict[str, Any]], places: int) -> None:
    """Read the proof file once, as everybody else will, and keep what identifies it."""
    hashed, size_bytes, last = hashlib.sha256(), 0, b""
    for last in pieces(facts, lambda ask: run(ask).fetchone()):
        hashed.update(last)
        size_bytes += len(last)
    result = {
        "ranking_sha256": json.loads(last)["end"]["ranking_sha256"],
        "proof_sha256": hashed.hexdigest(),
        "proof_bytes": size_bytes,
        "places": places,
        "outcomes": outcomes,
    }
    run(Ask("finish", {"draw": facts.draw_id, "result": json.dumps(result)}))
