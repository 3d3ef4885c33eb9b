"""Reports: the supervisor's board of deadlines and escalations, and what it says of dealers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from projections.reading import CursorIsWrong, Reading, all_rows, bounded, cursor_of, keys_of
from projections.sight import Sight, sight_parameters
from store.views import beside

SQL = beside(__file__)

DEADLINE_COLUMNS = (
    "case_id", "n", "category", "number", "clock", "rule", "binds", "urgency", "state",
    "started_at", "due_at", "order_at", "stopped_at", "met", "warned_at", "foreseen_at",
    "expected_at", "breached_at", "kind", "priority", "dealer", "region", "unit", "handler",
    "ladder",
)  # fmt: skip
ESCALATION_COLUMNS = (
    "case_id", "n", "category", "number", "cause", "clock_n", "clock", "rung", "role", "to_unit",
    "to_region", "state", "raised_at", "climbs_at", "acknowledged_at", "acknowledged_by",
    "done_by_at", "ended_at", "end_why", "kind", "priority", "dealer", "region", "unit", "handler",
)  # fmt: skip
DEALER_COLUMNS = (
    "dealer", "open", "breached", "kept", "missed", "share_in_time", "median_first_response_s",
    "median_resolution_s",
)  # fmt: skip
GAP_COLUMNS = (
    "event_id", "position", "case_id", "topic", "recorded_at", "found_at", "number", "priority",
    "dealer", "region", "unit",
)  # fmt: skip
CHECK_COLUMNS = (
    "checked_at", "from_position", "up_to_position", "owed", "told", "withheld", "pending", "gaps",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFilter:
    """What a report is about; what is None does not filter. `until_at` is not included."""

    from_at: datetime | None = None
    until_at: datetime | None = None
    state: str | None = None
    standing: bool | None = None
    """Only clocks that run or stand still."""
    breached: bool | None = None
    clock: str | None = None
    region: str | None = None
    unit: str | None = None
    dealer: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One page of a report: rows by column, and where it goes on."""

    position: int
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    next: str | None
    check: Mapping[str, Any] | None = None
    """What the newest check of coverage found; None where there was none, or in other reports."""


def _parameters(wanted: ReportFilter, sight: Sight, limit: int) -> dict[str, Any]:
    return {
        **sight_parameters(sight),
        "from_at": wanted.from_at,
        "until_at": wanted.until_at,
        "state": wanted.state,
        "standing": wanted.standing,
        "breached": wanted.breached,
        "clock": wanted.clock,
        "region": wanted.region,
        "unit": wanted.unit,
        "dealer": wanted.dealer,
        "limit": limit,
    }


def _place(cursor: str | None) -> dict[str, Any]:
    """Return the instant, case and number after which a list goes on."""
    keys = keys_of(cursor, (str, str, int))
    if keys is None:
        return {"after_at": None, "after_stream": None, "after_n": None}
    try:
        at, stream = datetime.fromisoformat(keys[0]), UUID(keys[1])
    except ValueError:
        raise CursorIsWrong from None
    if at.tzinfo is None:
        raise CursorIsWrong
    return {"after_at": at, "after_stream": stream, "after_n": keys[2]}


async def _listed(
    connection: Reading,
    block: str,
    parameters: dict[str, Any],
    columns: tuple[str, ...],
    ordered_by: str,
    size: int,
) -> Report:
    rows = await all_rows(connection, SQL[block], parameters, planned_anew=True)
    found = [row[1:] for row in rows if row[1] is not None]
    more = len(found) > size
    found = found[:size]
    end = None
    if more:
        last = dict(zip(columns, found[-1], strict=True))
        end = cursor_of(last[ordered_by].isoformat(), str(last["case_id"]), last["n"])
    return Report(rows[0][0] or 0, columns, found, end)


async def deadlines(
    connection: Reading,
    wanted: ReportFilter,
    sight: Sight,
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> Report:
    """Return clocks by the instant they were or are due, the earliest first.

    A clock that stands still has no due instant; it stands where it was due before. Raises
    `CursorIsWrong`.
    """
    size = bounded(limit)
    parameters = {**_parameters(wanted, sight, size + 1), **_place(cursor)}
    return await _listed(connection, "deadlines", parameters, DEADLINE_COLUMNS, "order_at", size)


async def escalations(
    connection: Reading,
    wanted: ReportFilter,
    sight: Sight,
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> Report:
    """Return escalations that were raised in a time, the newest first. Raises `CursorIsWrong`."""
    size = bounded(limit)
    parameters = {**_parameters(wanted, sight, size + 1), **_place(cursor)}
    return await _listed(
        connection, "escalations", parameters, ESCALATION_COLUMNS, "raised_at", size
    )


async def dealers(
    connection: Reading,
    wanted: ReportFilter,
    sight: Sight,
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> Report:
    """Return how each dealer keeps the deadlines that were or are due in a time.

    The time has to have both ends: what lies within it is all that is read. Raises
    `CursorIsWrong`.
    """
    if wanted.from_at is None or wanted.until_at is None:
        raise ValueError("a report on dealers is about a time with both ends")
    size = bounded(limit)
    after = keys_of(cursor, (str,))
    parameters = {**_parameters(wanted, sight, size + 1), "after": after[0] if after else None}
    rows = await all_rows(connection, SQL["dealers"], parameters, planned_anew=True)
    found = [row[1:] for row in rows if row[1] is not None]
    end = cursor_of(found[size - 1][0]) if len(found) > size else None
    return Report(rows[0][0] or 0, DEALER_COLUMNS, found[:size], end)


async def coverage(
    connection: Reading, sight: Sight, *, cursor: str | None = None, limit: int = 50
) -> Report:
    """Return what the newest check of coverage found, and the open gaps within sight."""
    size = bounded(limit)
    after = keys_of(cursor, (int,))
    parameters = {
        **sight_parameters(sight), "after": after[0] if after else None, "limit": size + 1,
    }  # fmt: skip
    rows = await all_rows(connection, SQL["coverage"], parameters, planned_anew=True)
    checks = len(CHECK_COLUMNS)
    first = rows[0][1 : 1 + checks]
    check = None if first[0] is None else dict(zip(CHECK_COLUMNS, first, strict=True))
    found = [row[1 + checks :] for row in rows if row[1 + checks] is not None]
    end = cursor_of(found[size - 1][1]) if len(found) > size else None
    return Report(rows[0][0] or 0, GAP_COLUMNS, found[:size], end, check)
