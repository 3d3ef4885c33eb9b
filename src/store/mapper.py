"""From facts to rows and back, and the factory that gives the library our recorder."""

from typing import Any, NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    InfrastructureFactory,
    Mapper,
    ProcessRecorder,
    StoredEvent,
    TrackingRecorder,
    Transcoder,
)
from eventsourcing.utils import Environment

from domain.declare import Actor, Role
from store.codec import Codec, Place, seal_reason
from store.keys import KeyRing
from store.recorder import CasebookRecorder, CaseEvent, Pool

_LEADING = (
    Role.SYSTEM, Role.ADMIN, Role.MANAGER, Role.UNIT_HEAD, Role.SUPERVISOR, Role.SPECIAL_EXPERT,
    Role.SECRETARIAT, Role.TECHNICAL, Role.EXPERT, Role.SPECIALIST, Role.UNIT,
    Role.LEASING_OFFICER, Role.LOYALTY_OFFICER, Role.AUDITOR, Role.DEALER, Role.CUSTOMER,
)  # fmt: skip


def leading_role(actor: Actor) -> str:
    """Return the role under which an act is recorded, the most responsible one held."""
    for role in _LEADING:
        if role in actor.roles:
            return role.value
    return "none"


class Fact(NamedTuple):
    """An event on its way into the log: what the mapper turns into a row."""

    originator_id: UUID
    originator_version: int
    payload: Any
    event_id: UUID
    actor: str
    role: str
    reason: str | None
    correlation_id: UUID | None
    causation_id: UUID | None
    subject_id: UUID | None
    cipher: AESGCM | None


class CaseMapper(Mapper[UUID]):
    """Rows from facts and back, through the codec: validated both ways."""

    def __init__(self, codec: Codec, ring: KeyRing, pool: Pool) -> None:
        super().__init__(transcoder=_NoTranscoder())
        self.codec = codec
        self.ring = ring
        self.pool = pool

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> CaseEvent:
        """Return the row of a fact."""
        assert isinstance(domain_event, Fact)
        fact = domain_event
        topic = self.codec.topic(fact.payload)
        place = Place(fact.originator_id, fact.originator_version, topic)
        reason = fact.reason
        if reason is not None and fact.cipher is not None:
            reason = seal_reason(reason, place, fact.cipher)
        return CaseEvent(
            originator_id=fact.originator_id,
            originator_version=fact.originator_version,
            topic=topic,
            state=self.codec.encode(fact.payload, place, fact.cipher),
            event_id=fact.event_id,
            actor=fact.actor,
            role=fact.role,
            reason=reason,
            correlation_id=fact.correlation_id,
            causation_id=fact.causation_id,
            subject_id=fact.subject_id,
        )

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        """Return the fact of a row that was read with all of its columns."""
        if not isinstance(stored_event, CaseEvent):
            raise TypeError("a plain stored event does not say whose key opens it")
        row = stored_event
        stream = UUID(str(row.originator_id))
        place = Place(stream, row.originator_version, row.topic)
        cipher = None
        if row.subject_id is not None:
            with self.pool.connection() as connection:
                cipher = self.ring.load(connection, [row.subject_id]).get(row.subject_id)
        return Fact(
            originator_id=stream,
            originator_version=row.originator_version,
            payload=self.codec.decode(row.state, place, cipher),
            event_id=row.event_id,
            actor=row.actor,
            role=row.role,
            reason=row.reason,
            correlation_id=row.correlation_id,
            causation_id=row.causation_id,
            subject_id=row.subject_id,
            cipher=cipher,
        )


class _NoTranscoder(Transcoder):
    """Stands where the library wants a transcoder; the codec does that work."""

    def encode(self, obj: Any) -> bytes:
        raise TypeError("events are encoded by store.codec")

    def decode(self, data: bytes) -> Any:
        raise TypeError("events are decoded by store.codec")


class CasebookFactory(InfrastructureFactory[TrackingRecorder]):
    """Gives the library our recorder. Views track their positions themselves (`store.views`)."""

    def __init__(self, env: Environment, recorder: CasebookRecorder) -> None:
        super().__init__(env)
        self.recorder = recorder

    def application_recorder(self) -> ApplicationRecorder:
        """Return the one recorder."""
        return self.recorder

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        """Return the one recorder: there are no snapshots to keep elsewhere."""
        return self.recorder

    def tracking_recorder(
        self, tracking_recorder_class: type[TrackingRecorder] | None = None
    ) -> TrackingRecorder:
        """Refuse: positions of views move in the transactions of their rows."""
        raise TypeError("views are run by store.views")

    def process_recorder(self) -> ProcessRecorder:
        """Refuse, as for `tracking_recorder`."""
        raise TypeError("views are run by store.views")
