"""The list of staff: who works where, in which roles; the newest change first."""

from pydantic_core import from_json, to_json

from projections.complaint_list import Page
from projections.reading import Reading, all_rows, bounded, cursor_of, keys_of
from store.views import beside

SQL = beside(__file__)


async def page(
    connection: Reading,
    *,
    role: str | None = None,
    unit: str | None = None,
    region: str | None = None,
    active: bool | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page:
    """Return one page; what is None does not filter. Raises `CursorIsWrong`."""
    before = keys_of(cursor, (int,))
    size = bounded(limit)
    rows = await all_rows(
        connection,
        SQL["page"],
        {
            "role": role,
            "unit": unit,
            "region": region,
            "active": active,
            "before": before[0] if before else None,
            "limit": size + 1,
        },
        planned_anew=True,
    )
    found = [row for row in rows if row[1] is not None]
    more = len(found) > size
    found = found[:size]
    items = [
        to_json({"id": stream, "version": version, **from_json(summary)}).decode()
        for _, _, stream, version, summary in found
    ]
    return Page(rows[0][0], items, cursor_of(found[-1][1]) if more else None)
