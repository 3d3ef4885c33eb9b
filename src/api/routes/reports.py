"""Reports for those who answer for deadlines: clocks, escalations, dealers, and coverage.

Each is a page of rows, as JSON or, where `Accept` asks for `text/csv`, as a table.
"""

import csv
import io
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from api.conventions import Stored, content_tag, cursor_context, header, not_modified
from api.operations import Answer, Call, JsonSchema, Operation, Query
from api.problems import wrong_query
from api.queries import (
    flag_in_query,
    instant_in_query,
    limit_of,
    listed_in_query,
    word_in_query,
)
from api.reads import ANSWER_HEADERS, LIST_FAILS, PAGE_QUERIES, READ_HEADERS, UNCHANGED, asked
from domain.clocks.book import ClockState
from projections import deadlines, reports
from projections.reports import Report, ReportFilter
from store.readers import ReadConnection

DEALERS_WITHIN = timedelta(days=90)
"""About which time dealers are reported on where none is named."""
DEALERS_WITHIN_MAX = timedelta(days=1100)

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would take for a formula."""


class EscalationState(StrEnum):
    """How an escalation stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ENDED = "ended"


Ask = Callable[[ReadConnection, str | None], Awaitable[Report]]


async def _report(call: Call, turn: Ask) -> Response:
    """Answer one page of a report in the form the caller asks for."""
    request = call.request
    context = cursor_context(call.operation.name, call.actor.id, request.query_params)
    given = request.query_params.get("cursor")
    place = None if given is None else str(call.desk.cursors.read(given, context)[0])

    async def ask(connection: ReadConnection) -> tuple[int, Report]:
        found = await turn(connection, place)
        return found.position, found

    position, report = await asked(call, (deadlines.VIEW.name,), ask)
    following = call.desk.cursors.write([report.next], context) if report.next else None
    if wants_csv(request):
        return _answer(request, position, as_table(report), b"text/csv; charset=utf-8", following)
    body: dict[str, Any] = {
        "items": [dict(zip(report.columns, row, strict=True)) for row in report.rows],
        "next": following,
    }
    if call.operation.name == "report_coverage":
        body["check"] = report.check
    return _answer(request, position, to_json(body), b"application/json", None)


def wants_csv(request: Request) -> bool:
    """Tell whether the caller takes a table rather than JSON."""
    accepted = header(request, b"accept") or ""
    best = {"text/csv": 0.0, "application/json": 0.0}
    for part in accepted.lower().split(","):
        media, *parameters = (word.strip() for word in part.split(";"))
        if media in best:
            weights = [word[2:] for word in parameters if word.startswith("q=")]
            best[media] = _weight(weights[0]) if weights else 1.0
    return best["text/csv"] > best["application/json"]


def _weight(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


def _answer(
    request: Request, position: int, body: bytes, media_type: bytes, following: str | None
) -> Response:
    etag = content_tag(media_type + body)
    headers = [
        (b"etag", etag.encode()),
        (b"cache-control", b"private, no-cache"),
        (b"casebook-position", b"%d" % position),
        (b"vary", b"Authorization, Accept"),
    ]
    if following is not None:
        there = request.url.include_query_params(cursor=following)
        link = f'<{there.path}?{there.query}>; rel="next"'
        headers.append((b"link", link.encode("latin-1")))
    if not_modified(request, etag):
        return Stored(b"", headers, 304)
    headers.append((b"content-type", media_type))
    headers.append((b"content-length", b"%d" % len(body)))
    return Stored(body, headers)


def as_table(report: Report) -> bytes:
    """Return a page as a table with a heading; no cell is a formula, whatever a field says."""
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(report.columns)
    table.writerows([_cell(value) for value in row] for row in report.rows)
    return out.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


# --- the reports ----------------------------------------------------------------------------------


def _filter(call: Call, states: type[StrEnum] | None = None) -> ReportFilter:
    request = call.request
    state = None if states is None else listed_in_query(request, "state", states)
    return ReportFilter(
        from_at=instant_in_query(request, "from"),
        until_at=instant_in_query(request, "to"),
        state=None if state is None else state.value,
        standing=flag_in_query(request, "standing"),
        breached=flag_in_query(request, "breached"),
        clock=word_in_query(request, "clock"),
        region=word_in_query(request, "region"),
        unit=word_in_query(request, "unit"),
        dealer=word_in_query(request, "dealer"),
    )


async def _deadlines(call: Call) -> Response:
    wanted, limit = _filter(call, ClockState), limit_of(call.request)

    async def turn(connection: ReadConnection, place: str | None) -> Report:
        return await reports.deadlines(connection, wanted, call.scope, cursor=place, limit=limit)

    return await _report(call, turn)


async def _escalations(call: Call) -> Response:
    wanted, limit = _filter(call, EscalationState), limit_of(call.request)

    async def turn(connection: ReadConnection, place: str | None) -> Report:
        return await reports.escalations(connection, wanted, call.scope, cursor=place, limit=limit)

    return await _report(call, turn)


async def _dealers(call: Call) -> Response:
    wanted, limit = _within(_filter(call)), limit_of(call.request)

    async def turn(connection: ReadConnection, place: str | None) -> Report:
        return await reports.dealers(connection, wanted, call.scope, cursor=place, limit=limit)

    return await _report(call, turn)


def _within(wanted: ReportFilter) -> ReportFilter:
    """Return the filter with both ends of its time: until tomorrow, and the 90 days before."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if wanted.until_at is not None:
        until_at = wanted.until_at
    elif wanted.from_at is not None:
        until_at = max(today + timedelta(days=1), wanted.from_at + DEALERS_WITHIN)
    else:
        until_at = today + timedelta(days=1)
    from_at = wanted.from_at if wanted.from_at is not None else until_at - DEALERS_WITHIN
    if until_at - from_at > DEALERS_WITHIN_MAX:
        raise wrong_query("from", "not_in_range")
    return ReportFilter(
        from_at=from_at,
        until_at=until_at,
        clock=wanted.clock,
        region=wanted.region,
        unit=wanted.unit,
        dealer=wanted.dealer,
    )


async def _coverage(call: Call) -> Response:
    limit = limit_of(call.request)

    async def turn(connection: ReadConnection, place: str | None) -> Report:
        return await reports.coverage(connection, call.scope, cursor=place, limit=limit)

    return await _report(call, turn)


# --- how they are described -----------------------------------------------------------------------

_ID = {"type": "string", "format": "uuid"}
_WORD = {"type": "string", "minLength": 1, "maxLength": 128}
_INSTANT = {"type": "string", "format": "date-time"}
_WHOLE = {"type": "integer"}
_KINDS: dict[str, JsonSchema] = {
    "case_id": _ID,
    "event_id": _ID,
    "met": {"type": ["boolean", "null"], "description": "In time or not; null while it runs."},
    "share_in_time": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
    "median_first_response_s": {"type": ["integer", "null"]},
    "median_resolution_s": {"type": ["integer", "null"]},
    "clock_n": {"type": ["integer", "null"]},
    **dict.fromkeys(
        (
            "n", "rung", "position", "open", "breached", "kept", "missed", "from_position",
            "up_to_position", "owed", "told", "withheld", "pending", "gaps",
        ),
        _WHOLE,
    ),
}  # fmt: skip


def _schema(about: str, columns: Sequence[str]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for column in columns:
        instant = {"type": ["string", "null"], "format": "date-time"}
        plain = instant if column.endswith("_at") else {"type": ["string", "null"]}
        properties[column] = _KINDS.get(column, plain)
    return {
        "type": "object",
        "description": about,
        "required": list(columns),
        "properties": properties,
    }


COMPONENTS: dict[str, Any] = {
    "ReportedDeadline": _schema(
        "A clock of a case. `order_at` is the last due instant that was known.",
        reports.DEADLINE_COLUMNS,
    ),
    "ReportedEscalation": _schema(
        "An escalation, on the rung that it has reached.", reports.ESCALATION_COLUMNS
    ),
    "ReportedDealer": _schema(
        "How a dealer keeps deadlines: `open` clocks, `kept` and `missed` ones, seconds it takes.",
        reports.DEALER_COLUMNS,
    ),
    "CoverageGap": _schema("What nobody was told of.", reports.GAP_COLUMNS),
    "CoverageCheck": _schema("What a nightly check found.", reports.CHECK_COLUMNS),
}

_FILTERS = (
    Query(name="clock", schema=_WORD, about="What is measured: first_response, resolution, …"),
    Query(name="region", schema=_WORD, about="Whose region the case belongs to."),
    Query(name="unit", schema=_WORD, about="A unit that has a part in the case."),
    Query(name="dealer", schema=_WORD, about="Whose dealer's case it is."),
)


def _time(of: str) -> tuple[Query, ...]:
    return (
        Query(name="from", schema=_INSTANT, about=f"{of} at this instant or later."),
        Query(name="to", schema=_INSTANT, about=f"{of} before this instant."),
    )


def _states(words: type[StrEnum]) -> Query:
    schema = {"type": "string", "enum": [word.value for word in words]}
    return Query(name="state", schema=schema, about="How it stands.")


def _page(item: str, **more: JsonSchema) -> JsonSchema:
    return {
        "type": "object",
        "required": ["items", "next", *more],
        "properties": {
            "items": {"type": "array", "items": {"$ref": f"#/components/schemas/{item}"}},
            "next": {"type": ["string", "null"], "description": "The cursor of the next page."},
            **more,
        },
    }


_CHECK: JsonSchema = {
    "oneOf": [{"$ref": "#/components/schemas/CoverageCheck"}, {"type": "null"}],
    "description": "What the newest check found; null before the first.",
}

_operation = partial(Operation, method="GET", tag="reports", headers=READ_HEADERS, fails=LIST_FAILS)


def _answers(schema: JsonSchema) -> dict[int, Answer]:
    about = "A page. With `Accept: text/csv` a table, and the next page in `Link`."
    return {200: Answer(about=about, schema=schema, headers=ANSWER_HEADERS), 304: UNCHANGED}


OPERATIONS: tuple[Operation, ...] = (
    _operation(
        path="/v1/reports/deadlines",
        name="report_deadlines",
        summary="Read the clocks within sight by the instant they are or were due.",
        handler=_deadlines,
        queries=(
            *_time("Due"),
            _states(ClockState),
            Query(
                name="standing",
                schema={"type": "boolean"},
                about="With true, only clocks that run or stand still.",
            ),
            Query(name="breached", schema={"type": "boolean"}, about="Only those missed, or not."),
            *_FILTERS,
            *PAGE_QUERIES,
        ),
        answers=_answers(_page("ReportedDeadline")),
    ),
    _operation(
        path="/v1/reports/escalations",
        name="report_escalations",
        summary="Read the escalations within sight, the newest first.",
        handler=_escalations,
        queries=(*_time("Raised"), _states(EscalationState), *_FILTERS, *PAGE_QUERIES),
        answers=_answers(_page("ReportedEscalation")),
    ),
    _operation(
        path="/v1/reports/dealers",
        name="report_dealers",
        summary="Read how dealers keep the deadlines due in a time.",
        about="Without `from` and `to`: due in the last 90 days. At most some three years.",
        handler=_dealers,
        queries=(*_time("Due"), *_FILTERS, *PAGE_QUERIES),
        answers=_answers(_page("ReportedDealer")),
    ),
    _operation(
        path="/v1/reports/coverage",
        name="report_coverage",
        summary="Read whether somebody was told of every breach and escalation.",
        handler=_coverage,
        queries=PAGE_QUERIES,
        answers=_answers(_page("CoverageGap", check=_CHECK)),
    ),
)
