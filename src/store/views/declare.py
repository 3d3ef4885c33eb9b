"""What a view is: plain data that the runner drives.

There are three kinds, by what applying a batch means. A `SqlView` is one statement over a range
of positions and decodes nothing; a `TableView` turns the decoded events of a batch into rows of its
own; a `DocumentView` folds events into one document per stream. All of them write set-based, in the
transaction that moves their tracking row, so an event is applied exactly once whatever is killed.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from psycopg import Connection, Cursor
from pydantic_core import from_json

from domain.rulebook import Rules
from store.blocks import Blocks
from store.keys import Keys
from store.log import Recorded
from store.views.cache import DocumentCache

Row = tuple[Any, ...]
Document = dict[str, Any]


class Work:
    """One batch, as a view sees it: a cursor in the batch's transaction and a range of the log.

    `after` is the position already applied, `up_to` the last one of this batch. Tables are named
    without a schema: the live view and the one that is rebuilt run the same statements. `sweeps`
    tells that a rebuild still reads what is long past, and has no block `index` run.
    """

    def __init__(
        self,
        cursor: Cursor[Row],
        sql: Blocks,
        after: int,
        up_to: int,
        *,
        read: Callable[[], list[Recorded]],
        rules: Callable[[], Rules],
        cache: DocumentCache,
        keys: Keys,
        sweeps: bool = False,
    ) -> None:
        self.cursor = cursor
        self.after = after
        self.up_to = up_to
        self.sweeps = sweeps
        self.cache = cache
        self.keys = keys
        self._sql = sql
        self._read = read
        self._rules = rules

    @cached_property
    def events(self) -> list[Recorded]:
        """The decoded events of the view's topics, in log order."""
        return self._read()

    @cached_property
    def rules(self) -> Rules:
        """The published rules, at least up to the end of this batch.

        A fold asks them for pinned versions only: what a pin names is the same for ever, so the
        rows follow from the log alone.
        """
        return self._rules()

    def run(self, block: str, **parameters: Any) -> Cursor[Row]:
        """Execute a block of the view's `.sql`."""
        return self.cursor.execute(self._sql[block], parameters, binary=True)

    def write(self, block: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Execute a block once for many rows: every column is one array parameter."""
        if rows:
            arrays = dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True))
            self.cursor.execute(self._sql[block], arrays)


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """A person whose key was destroyed, as a view sees her: where her data stood, read anew.

    `history` answers a case's events up to where the view stands; what was hers reads as erased.
    """

    connection: Connection[Row]
    subject_id: UUID
    streams: Sequence[UUID]
    rules: Rules
    history: Callable[[UUID, Sequence[str]], Sequence[Recorded]]


@dataclass(frozen=True, kw_only=True)
class View(ABC):
    """One read model.

    Its `.sql` has the blocks `create` (tables with what keeps them right) and, optionally, `index`
    (what only makes reading fast; a rebuild runs it after its first sweep). `tables` names its
    tables with their key columns. `revision` is raised when the meaning of the rows changes: a view
    whose revision or tables differ from the stored ones is rebuilt beside the old one at start-up.
    """

    name: str
    revision: int = 1
    sql: Blocks
    tables: Mapping[str, tuple[str, ...]]
    topics: tuple[str, ...] = ()
    batch_events: int = 5_000
    settles: tuple[str, ...] = ()
    """Blocks that make rows from rows which a batch has marked, so many at a time; the last one
    answers whether others are marked. They take no parameters and want the view's indexes, so a
    rebuild puts them off until it has swept the log."""

    @property
    def shape(self) -> str:
        """Return a hash of the statements that make the tables, and rows from their rows."""
        settles = (self.sql[block] for block in self.settles)
        text = "".join((self.sql["create"], self.sql.get("index", ""), *settles))
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def reads_events(self) -> bool:
        """Tell whether a batch is decoded, and therefore bounded by its bytes too."""
        return True

    @abstractmethod
    def apply(self, work: Work) -> int:
        """Apply one batch and return how many events it had for this view."""

    def settle(self, cursor: Cursor[Row]) -> bool:
        """Run the blocks `settles` once; tell whether they have to be run again."""
        for block in self.settles:
            cursor.execute(self.sql[block])
        found = cursor.fetchone() if self.settles else None
        return found is not None and bool(found[0])

    @abstractmethod
    def forget(self, erasure: Erasure) -> None:
        """Erase what the view keeps readable of a person, in the erasure's transaction."""


@dataclass(frozen=True, kw_only=True)
class SqlView(View):
    """A view that one statement carries forward: block `apply`, with `after` and `up_to`."""

    batch_events: int = 20_000

    @property
    def reads_events(self) -> bool:
        """Nothing is decoded."""
        return False

    def apply(self, work: Work) -> int:
        """Run the statement over the range."""
        work.run("apply", after=work.after, up_to=work.up_to)
        return work.up_to - work.after

    def forget(self, erasure: Erasure) -> None:
        """Nothing to do: what was not decoded is sealed as it is in the log."""


@dataclass(frozen=True, kw_only=True)
class TableView(View):
    """A view whose rows are made by a function of the batch.

    Block `forget` removes what the rows keep of a `subject`, by which she could be found again.
    """

    fill: Callable[[Work], None]

    def apply(self, work: Work) -> int:
        """Hand the batch to the function; a batch without events for it needs no statement."""
        if work.events:
            self.fill(work)
        return len(work.events)

    def forget(self, erasure: Erasure) -> None:
        """Run the view's own statement, where it has one."""
        if "forget" in self.sql:
            erasure.connection.execute(self.sql["forget"], {"subject": erasure.subject_id})


@dataclass(frozen=True, kw_only=True)
class DocumentView(View):
    """A view of one document per stream.

    `evolve(document, recorded)` answers the next document and never changes the one it was given
    (None before the first event). `row(document, rules)` answers the values of `columns`, of which
    `body` is the document as JSON text; what can be derived is derived there, once per batch. Block
    `load` selects `stream, body` for an array `streams`; the blocks `writes` take one array per
    column, and the blocks `settles` follow them.
    """

    evolve: Callable[[Document | None, Recorded], Document]
    row: Callable[[Document, Rules], Sequence[Any]]
    columns: tuple[str, ...]
    writes: tuple[str, ...] = ("upsert",)

    def apply(self, work: Work) -> int:
        """Fold the batch in memory, then write every touched document once."""
        if not work.events:
            return 0
        touched = self._fold(work)
        body, rules = self.columns.index("body"), work.rules
        rows = []
        for stream, document in touched.items():
            row = self.row(document, rules)
            work.cache.put(stream, document, len(row[body]))
            rows.append(row)
        for block in self.writes:
            work.write(block, self.columns, rows)
        while not work.sweeps and self.settle(work.cursor):
            pass
        return len(work.events)

    def forget(self, erasure: Erasure) -> None:
        """Fold the cases anew in which the person's data stood, and write them."""
        for stream in erasure.streams:
            document: Document | None = None
            for recorded in erasure.history(stream, self.topics):
                document = self.evolve(document, recorded)
            if document is not None:
                row = self.row(document, erasure.rules)
                arrays = {name: [value] for name, value in zip(self.columns, row, strict=True)}
                for block in self.writes:
                    erasure.connection.execute(self.sql[block], arrays)
        with erasure.connection.cursor() as cursor:
            while self.settle(cursor):
                pass

    def _fold(self, work: Work) -> dict[UUID, Document]:
        documents: dict[UUID, Document | None] = {}
        missing = []
        for stream in {recorded.stream for recorded in work.events}:
            known = documents[stream] = work.cache.get(stream)
            if known is None:
                missing.append(stream)
        if missing:
            for stream, body in work.run("load", streams=missing):
                documents[stream] = from_json(body)
        evolve = self.evolve
        touched: dict[UUID, Document] = {}
        for recorded in work.events:
            stream = recorded.stream
            document = touched.get(stream)
            if document is None:
                document = documents[stream]
            if document is None or document["version"] < recorded.version:
                touched[stream] = evolve(document, recorded)
        return touched
