"""The stock library's way to a read model: `ProjectionRunner`, one event and one transaction each.

Its log holds the same events as ours, as events of the library's own; its projection writes the
same rows by the same statements.
"""

import threading
import time
from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from pydantic import TypeAdapter

from domain import DECIDERS
from domain.declare import stored_name
from domain.rulebook import Rules
from projections import case_documents
from store.log import Recorded

_EVENTS_AT_ONCE = 50
_ADAPTERS = {stored_name(cls): TypeAdapter(cls) for decider in DECIDERS for cls in decider.events}


@dataclass(frozen=True)
class StockEvent(DomainEvent):
    """An event of our log in the library's terms: identifiers as text, the body as JSON."""

    topic: str
    body: str
    event_id: str
    actor: str
    role: str
    reason: str | None
    subject_id: str | None


class StockLog(Application[UUID]):
    """The log that the stock projections follow."""

    name = "stocklog"

    def take_over(self, events: Iterable[Recorded]) -> None:
        """Record our events as the library's."""
        stored = [
            self.mapper.to_stored_event(
                StockEvent(
                    originator_id=recorded.stream,
                    originator_version=recorded.version,
                    timestamp=recorded.recorded_at,
                    topic=recorded.topic,
                    body=_ADAPTERS[recorded.topic].dump_json(recorded.event).decode(),
                    event_id=str(recorded.event_id),
                    actor=recorded.actor,
                    role=recorded.role,
                    reason=None,
                    subject_id=None if recorded.subject_id is None else str(recorded.subject_id),
                )
            )
            for recorded in events
        ]
        for start in range(0, len(stored), _EVENTS_AT_ONCE):  # many in its pipeline block for ever
            self.recorder.insert_events(stored[start : start + _EVENTS_AT_ONCE])


@dataclass
class Stopwatch:
    """When the first and the last event of interest were processed."""

    last: int = 0
    started_s: float = 0.0
    ended_s: float = 0.0

    def __post_init__(self) -> None:
        self.done = threading.Event()

    def count(self, position: int) -> None:
        """Take note of a position that was processed."""
        if position == self.last:
            self.ended_s = time.perf_counter()
            self.done.set()


class StockView(PostgresTrackingRecorder):
    """Tables of ours, made beforehand, behind the library's tracking."""

    @abstractmethod
    def add(self, tracking: Tracking, event: StockEvent) -> None:
        """Write what an event means, and the position."""


V = TypeVar("V", bound=StockView)


_AUDIT_ROW = (
    "INSERT INTO audit_trail (position, stream, version, topic, event_id, recorded_at, actor, role,"
    " reason, correlation_id, causation_id, subject_id)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


class StockAuditTrail(StockView):
    """The audit trail's table."""

    def add(self, tracking: Tracking, event: StockEvent) -> None:
        """Write the row of an event, and the position."""
        subject = None if event.subject_id is None else UUID(event.subject_id)
        row = (
            tracking.notification_id, event.originator_id, event.originator_version, event.topic,
            UUID(event.event_id), event.timestamp, event.actor, event.role, event.reason,
            None, None, subject,
        )  # fmt: skip
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(_AUDIT_ROW, row, prepare=True)
            self._insert_tracking(cursor, tracking)


class StockDocuments(StockView):
    """The case documents' tables."""

    rules: ClassVar[Rules]

    def add(self, tracking: Tracking, event: StockEvent) -> None:
        """Load the case's document, take it one event further, write it, and the position."""
        recorded = Recorded(
            tracking.notification_id, event.originator_id, event.originator_version, event.topic,
            _ADAPTERS[event.topic].validate_json(event.body), UUID(event.event_id),
            event.timestamp, event.actor, event.role, event.reason, None, None,
            None if event.subject_id is None else UUID(event.subject_id), b"",
        )  # fmt: skip
        view = case_documents.VIEW
        with self.datastore.transaction(commit=True) as cursor:
            document = None
            if event.originator_version > 1:
                cursor.execute(
                    "SELECT body::json FROM case_documents WHERE stream = %s",
                    (event.originator_id,),
                    prepare=True,
                )
                found = cursor.fetchone()
                document = None if found is None else found["body"]
            values = view.row(view.evolve(document, recorded), self.rules)
            row = {name: [value] for name, value in zip(view.columns, values, strict=True)}
            for block in view.writes:
                cursor.execute(view.sql[block], row, prepare=True)
            for block in view.settles:  # one event marks so little that once is enough
                cursor.execute(view.sql[block], prepare=True)
            self._insert_tracking(cursor, tracking)


class WatchedProjection(Projection[V], Generic[V]):
    """Follows the log into a view, one event after the other."""

    watch: ClassVar[Stopwatch]

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """Write one event."""
        self.view.add(tracking, domain_event)
        self.watch.count(tracking.notification_id)


class AuditProjection(WatchedProjection[StockAuditTrail]):
    """Follows the log into the audit trail."""

    name = "stockaudit"


class DocumentsProjection(WatchedProjection[StockDocuments]):
    """Follows the log into the case documents."""

    name = "stockdocuments"


def stock_seconds(
    environment: dict[str, str],
    projection: type[WatchedProjection[V]],
    view: type[V],
    last: int,
) -> float:
    """Return how long a stock runner takes from its start to a position."""
    projection.watch = Stopwatch(last)
    started_s = time.perf_counter()
    with ProjectionRunner[StockLog, V](
        application_class=StockLog, projection_class=projection, view_class=view, env=environment
    ) as runner:
        while not projection.watch.done.wait(0.2):
            if runner.is_interrupted.is_set():
                runner.run_forever(0)
    return projection.watch.ended_s - started_s
