"""A kind of case made for the tests of the runner, and a view of each sort over it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from domain.declare import Actor, ActorId, Command, Context, Decider, Role, command, event
from domain.fields import Line, Personal
from domain.rulebook import Rules
from store.casebook import Casebook
from store.database import pool
from store.keys import Keys
from store.log import Recorded
from store.views import Blocks, Document, DocumentView, SqlView, TableView, Work

MASTER_KEY = bytes(range(32))
ACTOR = Actor(id=ActorId("tests"), roles=frozenset({Role.SYSTEM}))


@event("tally.marked")
class Marked:
    """A stroke was added; `mark` may make a view fail that is told to."""

    mark: Personal[str]
    amount: int


@event("tally.noted")
class Noted:
    """Something was said that counts nothing."""

    note: str


@command
class Mark(Command):
    """Add a stroke."""

    mark: Line
    amount: int = 1


@command
class Note(Command):
    """Say something."""

    note: Line


@dataclass(frozen=True, slots=True)
class Tally:
    """How much was marked."""

    total: int = 0


def decide(_tally: Tally, wish: Mark | Note, _context: Context) -> Sequence[Marked | Noted]:
    """Grant every wish."""
    if isinstance(wish, Mark):
        return [Marked(mark=wish.mark, amount=wish.amount)]
    return [Noted(note=wish.note)]


def evolve(tally: Tally, event: Marked | Noted) -> Tally:
    """Add up."""
    return Tally(tally.total + event.amount) if isinstance(event, Marked) else tally


TALLY: Decider[Any, Any, Any] = Decider(
    category="tally",
    initial=Tally(),
    decide=decide,
    evolve=evolve,
    commands=(Mark, Note),
    events=(Marked, Noted),
    opens=(Mark, Note),
    subject=lambda stream, _state, _event: stream,
)


def open_casebook(url: str) -> Casebook:
    """Open a casebook that knows tallies only."""
    return Casebook(pool(url, "writer", size=4), url, Keys(MASTER_KEY), deciders=(TALLY,))


SQL = Blocks(Path(__file__).with_name("tally.sql"))


class CannotCount(Exception):  # noqa: N818
    """Raised by the poisoned view."""


def next_document(document: Document | None, recorded: Recorded) -> Document:
    """Count strokes and keep the marks."""
    before = document or {"id": str(recorded.stream), "total": 0, "marks": []}
    after = {**before, "version": recorded.version, "position": recorded.position}
    if isinstance(recorded.event, Marked):
        after["total"] = before["total"] + recorded.event.amount
        after["marks"] = [*before["marks"], recorded.event.mark]
    return after


def poisoned_document(document: Document | None, recorded: Recorded) -> Document:
    """Fail on a mark that says so."""
    if isinstance(recorded.event, Marked) and recorded.event.mark == "poison":
        raise CannotCount("never to be shown: poison")
    return next_document(document, recorded)


def row(document: Document, _rules: Rules) -> tuple[Any, ...]:
    """Return a document's row."""
    body = to_json(document).decode()
    return (
        UUID(document["id"]), document["version"], document["position"], document["total"], body
    )  # fmt: skip


def documents(
    *, poisoned: bool = False, batch_events: int = 100, revision: int = 1
) -> DocumentView:
    """Return the view of one document per tally."""
    return DocumentView(
        name="tallies",
        sql=SQL,
        tables={"tallies": ("stream",)},
        evolve=poisoned_document if poisoned else next_document,
        row=row,
        columns=("stream", "version", "position", "total", "body"),
        batch_events=batch_events,
        revision=revision,
    )


def _fill(work: Work) -> None:
    rows = [(r.position, r.stream, r.event.amount) for r in work.events]
    work.write("insert_marks", ("position", "stream", "amount"), rows)


MARKS = TableView(
    name="marks",
    sql=Blocks(Path(__file__).with_name("tally_marks.sql")),
    tables={"marks": ("position",)},
    topics=("tally.marked",),
    fill=_fill,
    batch_events=100,
)

TRAIL = SqlView(
    name="trail",
    sql=Blocks(Path(__file__).with_name("tally_trail.sql")),
    tables={"trail": ("position",)},
    batch_events=100,
)
