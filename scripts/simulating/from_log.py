"""The server's own log, read from its first event to its newest and never written."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from _connect import find_casebook
from domain import DECIDERS
from store.codec import Codec
from store.database import connect
from store.keys import KeyRing
from store.log import Log, Recorded, head

_BATCH_EVENTS = 5_000


class WrittenLog:
    """The log as it stood when it was opened: what is appended meanwhile is not looked at."""

    def __init__(self, connection: psycopg.Connection[tuple[object, ...]], log: Log) -> None:
        self._connection = connection
        self._log = log
        self.head = head(connection)

    def events(self) -> Iterator[Recorded]:
        """Go through the log in its order, some thousand events in memory at a time."""
        after = 0
        while after < self.head:
            limit = min(_BATCH_EVENTS, self.head - after)
            found = self._log.read(self._connection, after, limit)
            yield from found
            after = found[-1].position

    def active_from(self) -> dict[str, int]:
        """Return since which position each saga acts; what lies before it only folded."""
        try:
            rows = self._connection.execute("SELECT saga, active_from FROM sagas.activations")
        except psycopg.errors.UndefinedTable:  # a log from before there were sagas
            return {}
        return {str(saga): int(str(position)) for saga, position in rows.fetchall()}


@contextmanager
def open_log(data_dir: Path | None) -> Iterator[WrittenLog]:
    """Open the log of `DATABASE_URL`, else of the running server; the session can only read.

    Raises `CannotConnect` and `WrongMasterKey`.
    """
    url, keys = find_casebook(data_dir)
    with connect(url, "views") as connection:
        connection.execute("SET default_transaction_read_only = on")
        ring = KeyRing(keys)
        with suppress(psycopg.errors.ReadOnlySqlTransaction, psycopg.errors.InsufficientPrivilege):
            ring.check(connection)  # a log of nobody's personal data has no mark, and gets none
        yield WrittenLog(connection, Log(Codec(DECIDERS), ring))
