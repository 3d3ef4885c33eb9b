"""The worklist: what to do next, and why in this order.

Most urgent first, then what is due first, by the hour; within an hour, and where no clock runs, the
customer with the better grade of loyalty; then by the minute, then the oldest.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.declare import Role
from projections.reading import (
    CursorIsWrong,
    Page,
    Reading,
    all_rows,
    bounded,
    cursor_of,
    keys_of,
)
from projections.sight import Sight, sight_parameters
from store.views import beside

SQL = beside(__file__)


class OrderOfWork(StrEnum):
    """By what one case comes after another; the first in which they differ decides."""

    PRIORITY = "priority"
    DUE = "due"
    GRADE = "grade"
    AGE = "age"


NEVER = "infinity"
"""When a case is due of which no clock runs."""
RANK_MAX = 99
"""The last rank of a priority or grade: it has none."""


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
    says `next_step`, `priority`, `due_at` and `opened_at`, with its `standing`: what places it, and
    by which of these it comes after the item before it. `outside` shows a dealer what it may see.
    Raises `CursorIsWrong`.
    """
    size = bounded(limit)
    after = keys_of(cursor, (int, int, str, str, str))
    if after is not None:
        try:
            if after[2] != NEVER:
                datetime.fromisoformat(after[2])
            datetime.fromisoformat(after[3])
            UUID(after[4])
        except ValueError:
            raise CursorIsWrong from None
        if not (0 <= after[0] <= RANK_MAX and 0 <= after[1] <= RANK_MAX):
            raise CursorIsWrong
    rows = await all_rows(
        connection,
        SQL["page"],
        {
            **sight_parameters(sight),
            "roles": [role.value for role in roles],
            "handler": handler,
            "outside": outside,
            "after_rank": after[0] if after else None,
            "after_grade_rank": after[1] if after else None,
            "after_due_at": after[2] if after else None,
            "after_opened_at": after[3] if after else None,
            "after_stream": after[4] if after else None,
            "limit": size + 1,
        },
        planned_anew=True,
    )
    found = [row for row in rows if row[1] is not None]
    more = len(found) > size
    found = found[:size]
    end = None
    if more:
        _, rank, grade_rank, due_at, opened_at, stream, _ = found[-1]
        end = cursor_of(rank, grade_rank, due_at, opened_at.isoformat(), str(stream))
    return Page(position=rows[0][0], items=[row[6] for row in found], next=end)
