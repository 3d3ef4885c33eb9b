"""The list of draws: every one is public, newest activity first."""

from projections.complaint_list import Page
from projections.reading import Reading, all_rows, bounded, cursor_of, keys_of
from store.views import beside

SQL = beside(__file__)


async def page(
    connection: Reading,
    *,
    status: str | None = None,
    name: str | None = None,
    is_open: bool | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page:
    """Return one page of the list; what is None does not filter. Raises `CursorIsWrong`."""
    before = keys_of(cursor, (int,))
    size = bounded(limit)
    about = {
        "status": status,
        "name": name,
        "is_open": is_open,
        "before": before[0] if before else None,
        "limit": size + 1,
    }
    rows = await all_rows(connection, SQL["page"], about, planned_anew=True)
    found = [row for row in rows if row[1] is not None]
    more = len(found) > size
    found = found[:size]
    return Page(
        position=rows[0][0],
        items=[row[2] for row in found],
        next=cursor_of(found[-1][1]) if more else None,
    )
