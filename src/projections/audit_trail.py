"""The audit trail: one row per event, found by who, what, where, whom and when.

Nothing is decoded: the view is one `INSERT … SELECT` per batch. A reason given for a person's case
stays sealed in the table; whoever may read it opens it with `reasons_of`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.fields import Erased
from projections.reading import Reading, all_rows, bounded
from store.codec import Place, open_reason
from store.log import Log
from store.views import SqlView, beside

SQL = beside(__file__)

VIEW = SqlView(name="audit_trail", sql=SQL, tables={"audit_trail": ("position",)})


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """What to look for; what is None does not filter. `until_at` is not included."""

    actor: str | None = None
    role: str | None = None
    topic: str | None = None
    case: UUID | None = None
    customer: UUID | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did what to which case, when, in which role, why, and caused by what."""

    position: int
    stream: UUID
    version: int
    topic: str
    event_id: UUID
    recorded_at: datetime
    actor: str
    role: str
    reason: str | None
    """As stored; sealed where it is a person's (`reasons_of` opens it)."""
    correlation_id: UUID | None
    causation_id: UUID | None
    subject_id: UUID | None


async def page(
    connection: Reading, wanted: AuditFilter, *, before: int | None = None, limit: int = 50
) -> tuple[int, list[AuditRow]]:
    """Return the view's position and up to `limit` rows, newest first, before a position."""
    rows = await all_rows(
        connection,
        SQL["page"],
        {
            "actor": wanted.actor,
            "role": wanted.role,
            "topic": wanted.topic,
            "stream": wanted.case,
            "customer": wanted.customer,
            "from_at": wanted.from_at,
            "until_at": wanted.until_at,
            "before": before,
            "limit": bounded(limit),
        },
        planned_anew=True,
    )
    return rows[0][0], [AuditRow(*row[1:]) for row in rows if row[1] is not None]


def reasons_of(log: Log, connection: Any, rows: Sequence[AuditRow]) -> list[str | Erased | None]:
    """Open the reasons of a page; needs a connection that may read the subjects' keys."""
    subjects = {row.subject_id for row in rows if row.subject_id is not None and row.reason}
    ciphers = log.ring.load(connection, subjects) if subjects else {}
    return [
        open_reason(
            row.reason,
            Place(row.stream, row.version, row.topic),
            ciphers.get(row.subject_id) if row.subject_id is not None else None,
        )
        for row in rows
    ]
