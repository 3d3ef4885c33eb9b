"""What the sagas of draws read of the view of entries, when it has read far enough."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection

from domain.declare import Refusal
from domain.draw import DrawOutcome
from domain.draw.tree import leaf_hashes, root_of
from store.views import beside
from store.views.declare import Row

SQL = beside(__file__)


class EntriesBeingRead(Refusal, code="draw.entries_being_read"):
    """The view of the entries has not read far enough; it is asked again a little later."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """The entries that count, counted: in all, by model, and their root."""

    count: int
    root: str
    counted: dict[str, int]


class Place(NamedTuple):
    """A place in the ranking, and the order that has it."""

    model: str
    outcome: DrawOutcome
    rank: int
    order_id: UUID


def _standing(connection: Connection[Row], draw_id: UUID, closed_position: int) -> Row:
    row = connection.execute(SQL["standing"], {"draw": draw_id}).fetchone()
    if row is None or row[0] != closed_position:
        raise EntriesBeingRead
    return row


def seal(connection: Connection[Row], draw_id: UUID, closed_position: int) -> Sealed:
    """Count the entries of a closed draw and work out their root; raises `EntriesBeingRead`."""
    _, _, models = _standing(connection, draw_id, closed_position)
    hashes: list[bytes] = []
    counted = Counter({str(place): 0 for place in range(len(models))})
    beyond = 0
    while True:
        about = {"draw": draw_id, "beyond": beyond}
        row = connection.execute(SQL["piece"], about, binary=True).fetchone()
        if row is None:
            break
        beyond, kinds, lines = row
        counted.update(kinds.split(","))
        hashes += leaf_hashes(lines.split(b"\n")[:-1])
    of_model = {model: counted[str(place)] for place, model in enumerate(models)}
    return Sealed(len(hashes), root_of(hashes).hex(), of_model)


def result(connection: Connection[Row], draw_id: UUID, closed_position: int) -> Mapping[str, Any]:
    """Return what the ranking came to; raises `EntriesBeingRead`."""
    _, found, _ = _standing(connection, draw_id, closed_position)
    if found is None:
        raise EntriesBeingRead
    read: Mapping[str, Any] = json.loads(found)
    return read


def turns(connection: Connection[Row], draw_id: UUID, turn: int, limit: int) -> list[Place]:
    """Return places in the order of the ranking from a turn on: some, and none after the last."""
    return _places(connection, "turns", {"draw": draw_id, "turn": turn, "limit": limit})


def reserves(
    connection: Connection[Row], draw_id: UUID, model: str, rank: int, limit: int
) -> list[Place]:
    """Return reserves of a model from a rank on: some, and none after the last."""
    about = {"draw": draw_id, "model": model, "rank": rank, "limit": limit}
    return _places(connection, "reserves", about)


def _places(connection: Connection[Row], block: str, about: Mapping[str, Any]) -> list[Place]:
    return [
        Place(model, DrawOutcome(outcome), place, order_id)
        for model, outcome, place, order_id in connection.execute(SQL[block], about)
    ]
