"""Reading the log: a case's history, the log from a position on, and waking up when it grows."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
import structlog
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import Connection

from domain.fields import Erased
from store.arrays import integers, uuids
from store.blocks import beside
from store.codec import Codec, Place, open_reason
from store.database import connect
from store.keys import KeyRing

log = structlog.get_logger(__name__)

CHANNEL = "casebook"

SQL = beside(__file__)


class Recorded(NamedTuple):
    """An event as it stands in the log, decrypted as far as its subject's key exists."""

    position: int
    """Place in the whole log, gapless from 1, in the order of commits."""
    stream: UUID
    """The case."""
    version: int
    """Place in the case's own history, gapless from 1."""
    topic: str
    """Stored name, e.g. `complaint.registered`."""
    event: Any
    """The domain event."""
    event_id: UUID
    recorded_at: datetime
    """When the database took it, UTC; never earlier than the event before it."""
    actor: str
    role: str
    """In which role the actor did it."""
    reason: str | Erased | None
    correlation_id: UUID | None
    """Shared by all that one request caused."""
    causation_id: UUID | None
    """The `event_id` of the event that caused this one."""
    subject_id: UUID | None
    """The person whose key encrypts the personal fields."""
    state: bytes
    """The stored JSON body, personal fields sealed."""


Row = tuple[Any, ...]


class Log:
    """Turns rows of the log into `Recorded`; needs a connection for every question."""

    def __init__(self, codec: Codec, ring: KeyRing) -> None:
        self.codec = codec
        self.ring = ring

    def history(
        self,
        connection: Connection[Row],
        stream: UUID,
        *,
        after_version: int = 0,
        up_to_version: int | None = None,
        up_to_at: datetime | None = None,
        limit: int | None = None,
    ) -> list[Recorded]:
        """Return a case's events, oldest first; empty where there is no such case."""
        rows = connection.execute(
            SQL["history"],
            {
                "stream": stream,
                "after": after_version,
                "version": up_to_version,
                "at": up_to_at,
                "limit": limit,
            },
            binary=True,
        ).fetchall()
        return self.recorded(connection, rows)

    def read(
        self,
        connection: Connection[Row],
        after_position: int,
        limit: int,
        topics: Sequence[str] = (),
    ) -> list[Recorded]:
        """Return up to `limit` events after a position, of all or of some topics, in log order."""
        rows = connection.execute(
            SQL["read"],
            {"after": after_position, "topics": list(topics), "limit": limit},
            binary=True,
        ).fetchall()
        return self.recorded(connection, rows)

    def recorded(self, connection: Connection[Row], rows: Sequence[Row]) -> list[Recorded]:
        """Decode rows of `history` and `read`; the subjects' keys are fetched in one question."""
        ciphers = self.ring.load(connection, {row[12] for row in rows if row[12] is not None})
        return [self._recorded(row, ciphers.get(row[12])) for row in rows]

    def _recorded(self, row: Row, cipher: AESGCM | None) -> Recorded:
        place = Place(row[1], row[2], row[3])
        event = self.codec.decode(row[4], place, cipher)
        reason = open_reason(row[9], place, cipher) if row[9] is not None else None
        return Recorded(
            row[0], row[1], row[2], row[3], event, row[5], row[6], row[7], row[8],
            reason, row[10], row[11], row[12], row[4],
        )  # fmt: skip

    def newer(
        self,
        connection: Connection[Row],
        wanted: Sequence[tuple[UUID, int]],
        events_max: int | None = None,
    ) -> list["News"]:
        """Return what is newer than a version, of several streams at once, bounded per stream."""
        rows = connection.execute(
            SQL["newer"],
            (
                uuids([stream for stream, _ in wanted]),
                integers([after for _, after in wanted]),
                events_max,
            ),
            binary=True,
        ).fetchall()
        subjects = {UUID(bytes=own) for own in {row[4] for row in rows} if own is not None}
        loaded = self.ring.load(connection, subjects)
        ciphers = {subject.bytes: cipher for subject, cipher in loaded.items()}
        found = [News([], ciphers) for _ in wanted]
        for row in rows:
            found[row[0] - 1].rows.append(row)
        return found

    def events(self, stream: UUID, news: "News") -> list[Any]:
        """Return the decoded events of what was read of one stream."""
        decode, ciphers, text = self.codec.decode, news.ciphers, str(stream)
        return [
            decode(state, Place(text, version, topic), ciphers.get(subject))
            for _, version, topic, state, subject, _ in news.rows
        ]


class News(NamedTuple):
    """What was read of a stream: rows as `Log.newer` selects them, and its subjects' ciphers.

    Subjects are their bytes here: each event names one, and a UUID costs more than what it is for.
    """

    rows: list[Row]
    ciphers: Mapping[bytes, AESGCM]

    @property
    def topic(self) -> str:
        """The stored name of the first event."""
        return str(self.rows[0][2])

    @property
    def version(self) -> int:
        """The newest version."""
        return int(self.rows[-1][1])

    @property
    def position(self) -> int:
        """The newest version's position."""
        return int(self.rows[-1][5])


def head(connection: Connection[Row]) -> int:
    """Return the newest position, 0 for an empty log."""
    row = connection.execute(SQL["head"]).fetchone()
    assert row is not None
    return int(row[0])


class Doorbell:
    """Rings when the log grows: LISTEN on one connection, reconnected when it drops.

    A lost notification costs one poll interval, nothing else: whoever waits looks at the log again
    after `poll_s` seconds at the latest.
    """

    def __init__(self, url: str, *, poll_s: float = 1.0) -> None:
        self._url = url
        self._poll_s = poll_s
        self._stopped = threading.Event()
        self._condition = threading.Condition()
        self._rings = 0
        self._thread = threading.Thread(target=self._listen, name="doorbell", daemon=True)
        self._thread.start()

    def wait(self, seen: int, stopped: Callable[[], bool] = lambda: False) -> int:
        """Return the number of rings: at once if it is above `seen`, else after a ring or poll."""
        with self._condition:
            if self._rings <= seen and not stopped():
                self._condition.wait(self._poll_s)
            return self._rings

    def ring(self) -> None:
        """Wake everybody who waits."""
        with self._condition:
            self._rings += 1
            self._condition.notify_all()

    def close(self) -> None:
        """Stop listening and wake everybody."""
        self._stopped.set()
        self.ring()
        self._thread.join(timeout=2)

    def _listen(self) -> None:
        while not self._stopped.is_set():
            try:
                with connect(self._url, "views") as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self.ring()
                    while not self._stopped.is_set():
                        for _ in connection.notifies(timeout=0.5, stop_after=1):
                            self.ring()
            except psycopg.Error as error:
                log.warning("doorbell.reconnecting", error=type(error).__name__)
                self._stopped.wait(0.5)
