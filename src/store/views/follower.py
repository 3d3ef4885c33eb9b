"""One view moving along the log: a pass applies one batch in one transaction."""

import time
from enum import Enum
from pathlib import PurePath
from typing import LiteralString

import psycopg
import structlog
from psycopg import Connection, sql

from domain.rulebook import NO_RULES, Rules
from store.database import connect
from store.log import Log, Recorded
from store.rulebook import published_rules, rules_position
from store.views import metrics
from store.views.cache import DocumentCache
from store.views.declare import Row, View, Work
from store.views.tracking import SQL, is_ours

log = structlog.get_logger(__name__)

BATCH_BYTES_MAX = 4 * 1024 * 1024
_GROWTH = 4
_TRANSIENT_CLASSES = frozenset({"08", "40", "53", "55", "57", "58"})


class PublishedRules:
    """The published rules, read again when the log has a newer publication."""

    def __init__(self, casebook: Log) -> None:
        self._log = casebook
        self._known: tuple[int, Rules] = (0, NO_RULES)

    def newest(self, connection: Connection[Row]) -> Rules:
        """Return every publication that the connection's transaction sees."""
        position = rules_position(connection)
        if position != self._known[0]:
            self._known = (position, published_rules(self._log, connection))
        return self._known[1]


class Pass(Enum):
    """How a pass ended."""

    APPLIED = "applied"
    CAUGHT_UP = "caught_up"
    ELSEWHERE = "elsewhere"
    """Another process leads this view at the moment."""
    HALVED = "halved"
    """Something in the batch cannot be applied; a smaller one is tried."""
    STUCK = "stuck"
    """The next event cannot be applied."""
    NOT_OURS = "not_ours"
    """The tables are those of another revision of the view."""


def opened(url: str, schema: str) -> Connection[Row]:
    """Open a connection of the views whose unqualified tables are those of one schema.

    Commits do not wait for the disk: rows and position are lost or kept together, so a crash
    costs some milliseconds of work that is done again.
    """
    connection = connect(url, "views")
    connection.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(schema)))
    connection.execute("SET synchronous_commit = off")
    return connection


def is_transient(error: Exception) -> bool:
    """Tell whether trying again can help: connections, locks and resources, not the data."""
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return error.sqlstate is None or error.sqlstate[:2] in _TRANSIENT_CLASSES
    return isinstance(error, OSError)


def _where(error: BaseException) -> str:
    """Return file and line of an error; its message may hold personal data and is never logged."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""


class Follower:
    """Applies the log to one view, batch by batch, over one connection."""

    def __init__(
        self,
        connection: Connection[Row],
        view: View,
        casebook: Log,
        *,
        tracked_as: str | None = None,
        batch_bytes: int = BATCH_BYTES_MAX,
    ) -> None:
        self.view = view
        self.tracked_as = tracked_as or view.name
        self.connection = connection
        self._log = casebook
        self._rules = PublishedRules(casebook)
        self._batch_bytes = batch_bytes
        self._limit = view.batch_events
        self._cache = DocumentCache()
        self._cached_at: tuple[int, int] | None = None
        self._ended_at = 0
        self._head = 0
        self.position = 0
        self.sweeps = False

    @property
    def has_more(self) -> bool:
        """Tell whether the log was known to go on when the last pass began."""
        return self.position < self._head

    def advance(self, up_to: int | None = None) -> Pass:
        """Apply the next batch, not beyond `up_to`; raises transient errors only."""
        standing = self.connection.execute(SQL["standing"], {"view": self.tracked_as}).fetchone()
        if standing is None:
            return Pass.NOT_OURS
        position, _, head = standing
        self.position = position
        self._head = head
        metrics.observe(self.tracked_as, position, head)
        if position >= (head if up_to is None else min(head, up_to)):
            return Pass.CAUGHT_UP
        started_s = time.perf_counter()
        self._ended_at = position
        try:
            with self.connection.transaction(), self.connection.cursor() as cursor:
                applied = self._lead(cursor, up_to)
        except Exception as error:
            self._forget_cached()
            if is_transient(error):
                raise
            return self._failed(position, error)
        if isinstance(applied, Pass):
            return applied
        self._cache.keep()
        self.position = self._ended_at
        self._limit = min(self.view.batch_events, self._limit * _GROWTH)
        metrics.applied(self.tracked_as, applied, self._ended_at, time.perf_counter() - started_s)
        return Pass.APPLIED

    def apply_within(self, cursor: psycopg.Cursor[Row], after: int) -> int:
        """Apply one batch inside the caller's transaction and return the position it reached."""
        self._forget_cached()
        end, _ = self._batch(cursor, after, self.view.batch_events)
        self._forget_cached()
        return end

    def _batch(self, cursor: psycopg.Cursor[Row], after: int, limit: int) -> tuple[int, int]:
        """Apply one batch; return its end and how many events it had for the view."""
        block: LiteralString = SQL["range" if self.view.reads_events else "range_of_rows"]
        bounds = {"after": after, "events": limit, "bytes": self._batch_bytes}
        found = cursor.execute(block, bounds).fetchone()
        assert found is not None
        return self._apply(cursor, after, found[0])

    def _apply(self, cursor: psycopg.Cursor[Row], after: int, end: int) -> tuple[int, int]:
        self._ended_at = end
        if end == after:
            return end, 0

        def read() -> list[Recorded]:
            block = SQL["events_of_topics" if self.view.topics else "events"]
            span = {"after": after, "up_to": end, "topics": list(self.view.topics)}
            rows = cursor.execute(block, span, binary=True).fetchall()
            return self._log.recorded(self.connection, rows)

        work = Work(
            cursor,
            self.view.sql,
            after,
            end,
            read=read,
            rules=lambda: self._rules.newest(self.connection),
            cache=self._cache,
            keys=self._log.ring.keys,
            sweeps=self.sweeps,
        )
        applied = self.view.apply(work)
        cursor.execute(SQL["move"], {"view": self.tracked_as, "position": end})
        return end, applied

    def _lead(self, cursor: psycopg.Cursor[Row], up_to: int | None) -> int | Pass:
        found = cursor.execute(SQL["lead"], {"view": self.tracked_as}).fetchone()
        if found is None:
            return Pass.ELSEWHERE
        position, generation, revision, shape = found
        if not is_ours(self.view, revision, shape):
            return Pass.NOT_OURS
        if self._cached_at != (generation, position):
            self._cache.clear()
        limit = self._limit
        if up_to is not None:
            if position >= up_to:
                return Pass.CAUGHT_UP
            limit = min(limit, up_to - position)
        end, applied = self._batch(cursor, position, limit)
        self._cached_at = (generation, end)
        return applied

    def _forget_cached(self) -> None:
        self._cache.clear()
        self._cached_at = None

    def _failed(self, position: int, error: Exception) -> Pass:
        size = self._ended_at - position
        if size > 1:
            self._limit = max(1, size // 2)
            return Pass.HALVED
        self._limit = 1
        name = type(error).__name__
        self.connection.execute(
            SQL["stick"], {"view": self.tracked_as, "position": position, "error": name}
        )
        metrics.stuck(self.tracked_as)
        log.error(
            "view.stuck",
            view=self.tracked_as,
            position=position + 1,
            error=name,
            where=_where(error),
        )
        return Pass.STUCK


def follow_to(follower: Follower, position: int) -> Pass:
    """Advance until a position is reached; CAUGHT_UP, or why it cannot be: STUCK or NOT_OURS.

    Where another process leads, its progress counts.
    """
    while True:
        ended = follower.advance(position)
        if ended in (Pass.CAUGHT_UP, Pass.STUCK, Pass.NOT_OURS):
            return ended
        if ended is Pass.ELSEWHERE:
            time.sleep(0.01)
