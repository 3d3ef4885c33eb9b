"""The entries of draws by their positions in the log, and, once all is revealed, the ranking.

Entries come and go in sets: nothing of an order is decoded. The ranking is worked out where the
view meets `draw.revealed`, from its own rows and by the rules of `domain.draw`, so a rebuilt view
has exactly the places that the live one has.
"""

import hashlib
import json
import re
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import Connection

from domain.draw.ranking import Places, draw_key, ranking
from domain.draw.tree import leaf_hashes, root_of
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

LINES_IN_PIECE = 10_000
PLACES_IN_PIECE = 5_000

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
        if "draw.closed" in touched:
            work.run("fix", **span, lines=LINES_IN_PIECE)
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
        "draw_pieces": ("draw_id", "number"),
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


def facts(run: Run, draw_id: UUID) -> Facts | None:
    """Return what the view knows of a draw; None where it knows of no such draw."""
    return facts_of(draw_id, run(Ask("facts", {"draw": draw_id})).fetchone())


def pieces_of(run: Run, known: Facts) -> Iterator[Row]:
    """Go through the entries that count: number, models, positions and lines of a piece each."""
    beyond = 0
    while True:
        row = run(Ask("piece", {"draw": known.draw_id, "beyond": beyond})).fetchone()
        if row is None:
            return
        yield row
        beyond = row[0]


def rank(run: Run, draw_id: UUID) -> None:
    """Work out the ranking of a draw that was revealed, and write it down.

    Raises `RootDiffers` where the entries at hand are not those that were sealed.
    """
    known = facts(run, draw_id)
    assert known is not None and known.sealed is not None and known.revealed is not None
    entries = _Entries(run, known)
    key = draw_key(
        draw_id,
        bytes.fromhex(known.sealed["root"]),
        known.revealed["public_value"],
        bytes.fromhex(known.revealed["seed"]),
    )
    numbers = ranking(key, entries.pages(), [places.model for places in known.quotas])
    if root_of(entries.hashes).hex() != known.sealed["root"]:
        raise RootDiffers
    entries.hashes.clear()
    about = {
        "draw": draw_id,
        "order_id": list(entries.excluded),
        "number": list(entries.excluded.values()),
    }
    run(Ask("number_exclusions", about))
    turn = 1
    for places in known.quotas:
        turn = _place(run, known, places, numbers[places.model], entries.positions, turn)
    _finish(run, known, [entries.outcome(p, len(numbers[p.model])) for p in known.quotas])


class _Entries:
    """What a ranking needs to remember of its entries: little, for there may be a million."""

    def __init__(self, run: Run, known: Facts) -> None:
        self._run = run
        self._known = known
        self._left_out: Counter[str] = Counter()
        self.hashes: list[bytes] = []
        self.positions = array("q")
        self.excluded: dict[UUID, int] = {}

    def pages(self) -> Iterator[tuple[list[str], list[bytes]]]:
        """Go through the entries as `ranking` wants them."""
        models = {str(n): places.model for n, places in enumerate(self._known.quotas)}
        about = {"draw": self._known.draw_id, "closed": self._known.closed_position}
        orders = {at: order for order, at in self._run(Ask("excluded", about)).fetchall()}
        for number, kinds, positions, lines in pieces_of(self._run, self._known):
            leaves = lines.split(b"\n")
            leaves.pop()  # the last line has an end too
            self.hashes += leaf_hashes(leaves)
            self.positions.extend(map(int, positions.split(",")))
            of_models = [models[kind] for kind in kinds.split(",")]
            for at in [at for at in orders if at <= self.positions[-1]]:
                self.excluded[orders.pop(at)] = place = bisect_left(self.positions, at) + 1
                self._left_out[of_models[place - number]] += 1
                leaves[place - number] = b""
            yield of_models, leaves

    def outcome(self, places: Places, ranked: int) -> dict[str, Any]:
        """Return what became of the entries of a model, of which so many are ranked."""
        winners = min(places.winners, ranked)
        reserves = min(places.reserves, ranked - winners)
        left_out = self._left_out[places.model]
        return {
            "model": places.model,
            "entries": ranked + left_out,
            "excluded": left_out,
            "winners": winners,
            "reserves": reserves,
            "not_drawn": ranked - winners - reserves,
        }


def _place(
    run: Run, known: Facts, places: Places, numbers: list[int], positions: "array[int]", turn: int
) -> int:
    """Write one model's places down, piece by piece; return the turn that is next.

    A piece has one outcome: the winners, the reserves and the others begin with one of their own.
    """
    model = json.dumps(places.model, ensure_ascii=False)
    drawn = places.winners + places.reserves
    ends = sorted({min(end, len(numbers)) for end in (places.winners, drawn, len(numbers))})
    first = 0
    while first < len(numbers):
        end = min(first + PLACES_IN_PIECE, next(end for end in ends if end > first))
        piece, outcome = numbers[first:end], places.outcome(end).value
        lines = [f'[{model}, {r}, "{outcome}", {n}]\n' for r, n in enumerate(piece, first + 1)]
        about = {
            "draw": known.draw_id,
            "turn": turn + first,
            "places": len(piece),
            "model": places.model,
            "outcome": outcome,
            "rank": first + 1,
            "positions": f"{{{','.join([str(positions[number - 1]) for number in piece])}}}",
            "lines": "".join(lines),
        }
        run(Ask("place", about))
        first = end
    return turn + len(numbers)


def _finish(run: Run, known: Facts, outcomes: list[dict[str, Any]]) -> None:
    """Read the proof file once, as everybody else will, and keep what identifies it."""
    hashed, size_bytes, last = hashlib.sha256(), 0, b""
    for last in pieces(known, lambda ask: run(ask).fetchone()):
        hashed.update(last)
        size_bytes += len(last)
    result = {
        "ranking_sha256": json.loads(last)["end"]["ranking_sha256"],
        "proof_sha256": hashed.hexdigest(),
        "proof_bytes": size_bytes,
        "outcomes": outcomes,
    }
    run(Ask("finish", {"draw": known.draw_id, "result": json.dumps(result)}))
