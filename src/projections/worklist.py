"""The worklist: what to do next; most urgent first, then what is due first, then the oldest."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.declare import Role
from projections.complaint_list import Page, Sight, sight_parameters
from projections.reading import CursorIsWrong, Reading, all_rows, bounded, cursor_of, keys_of
from store.views import beside

SQL = beside(__file__)

NEVER = "infinity"
"""When a case is due of which no clock runs."""


async def page(
    connection: Reading,
    roles: Sequence[Role],
    sight: Sight,
    *,
    handler: str | None = None,
    outside: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Page:
    """Return open cases within sight whose next step one of the roles takes.

    `handler` leaves only the cases that this account owns. An item is the case's summary, which
    says `next_step`, `priority`, `due_at` and `opened_at`; `outside` shows a dealer what it may
    see. Raises `CursorIsWrong`.
    """
    size = bounded(limit)
    after = keys_of(cursor, (int, str, str, str))
    if after is not None:
        try:
            if after[1] != NEVER:
                datetime.fromisoformat(after[1])
            datetime.fromisoformat(after[2])
            UUID(after[3])
        except ValueError:
            raise CursorIsWrong from None
    rows = await all_rows(
        connection,
        SQL["page"],
        {
            **sight_parameters(sight),
            "roles": [role.value for role in roles],
            "handler": handler,
            "outside": outside,
            "after_rank": after[0] if after else None,
            "after_due_at": after[1] if after else None,
            "after_opened_at": after[2] if after else None,
            "after_stream": after[3] if after else None,
            "limit": size + 1,
        },
        planned_anew=True,
    )
    found = [row for row in rows if row[1] is not None]
    more = len(found) > size
    found = found[:size]
    end = None
    if more:
        _, rank, due_at, opened_at, stream, _ = found[-1]
        end = cursor_of(rank, due_at, opened_at.isoformat(), str(stream))
    return Page(position=rows[0][0], items=[row[5] for row in found], next=end)
