"""The recorder: group commit of appends under one lock, plugged in at the library's seams.

The stock recorder locks the table for every append, so writers queue behind each other's fsync.
Here the threads of a process hand their appends to whichever of them is first; it writes all that
has gathered in one transaction (`casebook.append`: one advisory lock, one notification, one fsync)
and hands the lead on. Positions stay in the order of commits, so no reader reasons about gaps.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    ListenNotifySubscription,
    Notification,
    OperationalError,
    StoredEvent,
    Subscription,
)
from psycopg import Connection
from psycopg_pool import ConnectionPool, PoolTimeout

from store.arrays import Packed, bigints, booleans, byte_strings, integers, texts, uuids
from store.blocks import beside
from store.database import replace_dead
from store.gathering import Gathering
from store.ids import new_id
from store.log import Doorbell, head

SQL = beside(__file__)

Pool = ConnectionPool[Connection[tuple[Any, ...]]]


@dataclass(frozen=True)
class CaseEvent(StoredEvent):
    """A stored event with the columns that the library's own row has not."""

    event_id: UUID = field(default_factory=new_id)
    actor: str = "system"
    role: str = "system"
    reason: str | None = None
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    subject_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """An identifier taken (`held`) or given back by a stream."""

    kind: str
    value_hash: bytes
    stream: UUID
    held: bool


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A new subject's wrapped key."""

    subject_id: UUID
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class RequestRow:
    """The answer to keep for a request that may be repeated."""

    scope_hash: bytes
    body_mac: bytes
    stream: UUID
    version: int
    created: bool


@dataclass(slots=True)
class Append:
    """What one caller wants recorded, all or nothing."""

    events: Sequence[CaseEvent]
    looked_at: Sequence[tuple[UUID, int]] = ()
    """Cases that get no event, with the versions that the decision rests on."""
    claims: Sequence[ClaimRow] = ()
    keys: Sequence[KeyRow] = ()
    request: RequestRow | None = None
    rules_position: int | None = None

    def publishes_rules(self) -> bool:
        """Tell whether whatever follows it in the log has to be decided by newer rules."""
        return any(event.topic == RULES_TOPIC for event in self.events)


@dataclass(slots=True)
class Outcome:
    """How an append ended: `recorded`, or what it lost to.

    `version`: somebody else appended to one of its streams. `claim`: another case holds `detail`.
    `key`: somebody else made a subject's key. `rules`: newer rules were published. `replayed`: the
    request was answered before, and the `answer_…` fields say how.
    """

    outcome: str
    detail: str | None = None
    first_position: int = 0
    last_position: int = 0
    recorded_at: datetime | None = None
    answer_stream: UUID | None = None
    answer_version: int = 0
    answer_position: int = 0
    answer_created: bool = False
    answer_body_mac: bytes = b""


RULES_TOPIC = "rulebook.published"
"""The stored name of the one event that other decisions are checked against."""


class CommitUnknown(OperationalError):  # noqa: N818
    """The connection was lost while committing: the append may or may not stand in the log."""


LOST = (psycopg.OperationalError, psycopg.InterfaceError)
"""What is raised where a connection is lost, and by what only takes too long."""


def may_be_lost(error: Exception) -> bool:
    """Tell whether the connection may be gone; if not, nothing was recorded for certain."""
    return not isinstance(error, psycopg.errors.LockNotAvailable | psycopg.errors.QueryCanceled)


class Group(NamedTuple):
    """Appends as the database is asked to record them, and the stored names that are new in it."""

    parameters: list[Packed | None]
    size: int
    topics: set[str]


def touched_by(append: Append) -> set[object]:
    """Return what no other member of the same group may touch."""
    touched: set[object] = {event.originator_id for event in append.events}
    touched.update(stream for stream, _ in append.looked_at)
    touched.update((claim.kind, claim.value_hash) for claim in append.claims)
    touched.update(("key", key.subject_id) for key in append.keys)
    if append.request is not None:
        touched.add(append.request.scope_hash)
    if append.publishes_rules():
        touched.add(RULES_TOPIC)
    return touched


def _said(pack: Callable[[list[Any]], Packed], array: list[Any]) -> Packed | None:
    """Return an array, or null for one that says nothing: it costs nothing to send, nor to read."""
    for value in array:
        if value is not None:
            return pack(array)
    return None


def _parameters(appends: Sequence[Append], new_topics: list[str]) -> list[Packed | None]:
    """Return the arrays of a group; new rules come last, for the others were decided by the old."""
    in_order = sorted(enumerate(appends), key=lambda member: member[1].publishes_rules())
    events = [(n, e) for n, append in in_order for e in append.events]
    looked_at = [(n, *seen) for n, append in enumerate(appends) for seen in append.looked_at]
    rules = [(n, a.rules_position) for n, a in enumerate(appends) if a.rules_position is not None]
    claims = [(n, c) for n, append in enumerate(appends) for c in append.claims]
    keys = [(n, k) for n, append in enumerate(appends) for k in append.keys]
    requests = [(n, a.request) for n, a in enumerate(appends) if a.request is not None]
    return [
        _said(integers, [n for n, _ in events]),
        _said(uuids, [e.originator_id for _, e in events]),
        _said(integers, [e.originator_version for _, e in events]),
        _said(texts, [e.topic for _, e in events]),
        _said(byte_strings, [e.state for _, e in events]),
        _said(uuids, [e.event_id for _, e in events]),
        _said(texts, [e.actor for _, e in events]),
        _said(texts, [e.role for _, e in events]),
        _said(texts, [e.reason for _, e in events]),
        _said(uuids, [e.correlation_id for _, e in events]),
        _said(uuids, [e.causation_id for _, e in events]),
        _said(uuids, [e.subject_id for _, e in events]),
        _said(integers, [n for n, _, _ in looked_at]),
        _said(uuids, [stream for _, stream, _ in looked_at]),
        _said(integers, [version for _, _, version in looked_at]),
        _said(integers, [n for n, _ in rules]),
        _said(bigints, [position for _, position in rules]),
        _said(integers, [n for n, _ in claims]),
        _said(texts, [c.kind for _, c in claims]),
        _said(byte_strings, [c.value_hash for _, c in claims]),
        _said(uuids, [c.stream for _, c in claims]),
        _said(booleans, [c.held for _, c in claims]),
        _said(integers, [n for n, _ in keys]),
        _said(uuids, [k.subject_id for _, k in keys]),
        _said(byte_strings, [k.wrapped for _, k in keys]),
        _said(integers, [n for n, _ in requests]),
        _said(byte_strings, [r.scope_hash for _, r in requests]),
        _said(byte_strings, [r.body_mac for _, r in requests]),
        _said(uuids, [r.stream for _, r in requests]),
        _said(integers, [r.version for _, r in requests]),
        _said(booleans, [r.created for _, r in requests]),
        _said(texts, new_topics),
    ]


class CasebookRecorder(ApplicationRecorder):
    """Writes and reads the one log; the application recorder that `eventsourcing` is given."""

    def __init__(self, pool: Pool, url: str) -> None:
        self.pool = pool
        self.url = url
        self._group = Gathering(
            self.write, touches=touched_by, weight=lambda append: len(append.events)
        )
        self._topics_written: set[str] = set()

    def append(self, append: Append) -> Outcome:
        """Record, together with whatever other threads are recording just now.

        Raises `OperationalError` when the database cannot be reached, `CommitUnknown` when the
        connection broke while committing, and psycopg's own error for an append it refuses.
        """
        return self._group.submit(append)

    def write(self, appends: Sequence[Append]) -> list[Outcome]:
        """Record appends that touch nothing in common (`touched_by`) in one transaction.

        Raises as `append` does; of psycopg's own errors nobody can tell whose append it was.
        """
        group = self.group_of(appends)
        try:
            with self.pool.connection() as connection:
                rows = connection.execute(
                    SQL["append"], group.parameters, prepare=True, binary=True
                ).fetchall()
        except PoolTimeout as error:
            raise OperationalError("no connection to the database became free") from error
        except LOST as error:
            if not may_be_lost(error):
                raise OperationalError(str(error)) from error
            replace_dead(self.pool)
            raise CommitUnknown("the connection to the database was lost") from error
        return self.outcomes(group, rows)

    def group_of(self, appends: Sequence[Append]) -> "Group":
        """Return what `SQL["append"]` is asked, for appends that touch nothing in common."""
        written = self._topics_written
        topics = {e.topic for append in appends for e in append.events if e.topic not in written}
        return Group(_parameters(appends, sorted(topics)), len(appends), topics)

    def outcomes(self, group: "Group", rows: Sequence[tuple[Any, ...]]) -> list[Outcome]:
        """Return how each append of a group ended, from what was answered."""
        by_member = {
            row[0]: Outcome(
                outcome=row[1],
                detail=row[2],
                first_position=row[3] or 0,
                last_position=row[4] or 0,
                recorded_at=row[5],
                answer_stream=row[6],
                answer_version=row[7] or 0,
                answer_position=row[8] or 0,
                answer_created=bool(row[9]),
                answer_body_mac=row[10] or b"",
            )
            for row in rows
        }
        outcomes = [by_member[number] for number in range(group.size)]
        if all(outcome.outcome == "recorded" for outcome in outcomes):
            self._topics_written |= group.topics
        return outcomes

    # --- the library's own questions ---------------------------------------------------------

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Append plain stored events; raises `IntegrityError` when a version is taken."""
        events = [e if isinstance(e, CaseEvent) else CaseEvent(**vars(e)) for e in stored_events]
        if not events:
            return []
        outcome = self.append(Append(events))
        if outcome.outcome != "recorded":
            raise IntegrityError(f"the append lost: {outcome.outcome}")
        return range(outcome.first_position, outcome.last_position + 1)

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return a stream's stored events."""
        bounds = (originator_id, gt or 0, 2**31 - 1 if lte is None else lte, limit)
        with self.pool.connection() as connection:
            block = SQL["newest_first" if desc else "oldest_first"]
            rows = connection.execute(block, bounds, binary=True).fetchall()
        return [CaseEvent(*row) for row in rows]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return the log from a position on."""
        first = (start or 0) + (0 if inclusive_of_start else 1)
        with self.pool.connection() as connection:
            rows = connection.execute(
                SQL["notifications"],
                {
                    "first": first,
                    "last": 2**63 - 1 if stop is None else stop,
                    "topics": list(topics),
                    "limit": limit,
                },
                binary=True,
            ).fetchall()
        return [Notification(*row) for row in rows]

    def max_notification_id(self) -> int | None:
        """Return the newest position, None for an empty log."""
        with self.pool.connection() as connection:
            return head(connection) or None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Follow the log; survives lost connections and lost notifications."""
        return CasebookSubscription(self, gt=gt, topics=topics)


class CasebookSubscription(ListenNotifySubscription[CasebookRecorder]):
    """The library's subscription, woken by a doorbell that reconnects and polls."""

    def __init__(
        self, recorder: CasebookRecorder, gt: int | None = None, topics: Sequence[str] = ()
    ) -> None:
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._bell = Doorbell(recorder.url)
        self._ringer = threading.Thread(target=self._follow, name="subscription", daemon=True)
        self._ringer.start()

    def stop(self) -> None:
        """Stop following."""
        super().stop()
        self._bell.close()

    def _follow(self) -> None:
        rings = 0
        while not self._has_been_stopped:
            rings = self._bell.wait(rings)
            self._has_been_notified.set()
