"""The list of special cases: filtered, newest activity first, with the authority's deadline."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from projections.complaint_list import Page, Sight, sight_parameters
from projections.reading import Reading, all_rows, bounded, cursor_of, keys_of
from store.views import beside

SQL = beside(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralFilter:
    """What to look for; what is None does not filter. `due_before_at` is not included."""

    status: str | None = None
    kind: str | None = None
    authority: str | None = None
    pack: str | None = None
    number: str | None = None
    letter_number: str | None = None
    unit: str | None = None
    region: str | None = None
    handler: str | None = None
    customer: UUID | None = None
    complaint: UUID | None = None
    is_open: bool | None = None
    due_before_at: datetime | None = None


async def page(
    connection: Reading,
    wanted: ReferralFilter,
    sight: Sight,
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> Page:
    """Return one page of the list; raises `CursorIsWrong`."""
    before = keys_of(cursor, (int,))
    size = bounded(limit)
    complaint = wanted.complaint
    rows = await all_rows(
        connection,
        SQL["page"],
        {
            **sight_parameters(sight),
            "status": wanted.status,
            "kind": wanted.kind,
            "authority": wanted.authority,
            "pack": wanted.pack,
            "number": wanted.number,
            "letter_number": wanted.letter_number,
            "unit": wanted.unit,
            "region": wanted.region,
            "handler": wanted.handler,
            "customer": wanted.customer,
            "complaint": None if complaint is None else str(complaint),
            "is_open": wanted.is_open,
            "due_before_at": wanted.due_before_at,
            "before": before[0] if before else None,
            "limit": size + 1,
        },
        planned_anew=True,
    )
    found = [row for row in rows if row[1] is not None]
    more = len(found) > size
    found = found[:size]
    return Page(
        position=rows[0][0],
        items=[row[2] for row in found],
        next=cursor_of(found[-1][1]) if more else None,
    )
