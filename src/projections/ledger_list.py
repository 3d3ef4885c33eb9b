"""The list of loyalty ledgers: filtered, newest activity first."""

from dataclasses import dataclass
from uuid import UUID

from projections.complaint_list import Page, Sight, sight_parameters
from projections.reading import Reading, all_rows, bounded, cursor_of, keys_of
from store.views import beside

SQL = beside(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFilter:
    """What to look for; what is None does not filter."""

    programme: str | None = None
    grade: str | None = None
    customer: UUID | None = None
    household: UUID | None = None


async def page(
    connection: Reading,
    wanted: LedgerFilter,
    sight: Sight,
    *,
    outside: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Page:
    """Return one page of the list, as outlines for those outside; raises `CursorIsWrong`."""
    before = keys_of(cursor, (int,))
    size = bounded(limit)
    household = wanted.household
    rows = await all_rows(
        connection,
        SQL["page"],
        {
            **sight_parameters(sight),
            "own_customer": sight.customer_id,
            "outside": outside,
            "programme": wanted.programme,
            "grade": wanted.grade,
            "customer": wanted.customer,
            "household": None if household is None else str(household),
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
