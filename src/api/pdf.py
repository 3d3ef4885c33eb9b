"""Answering a PDF: its tag is that of the facts on it, and it is set beside the event loop."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

import anyio
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.responses import Response

from api.conventions import POSITION_HEADER, not_modified
from api.operations import Answer, Call
from api.problems import Problem
from api.reads import ANSWER_HEADERS, UNCHANGED

D = TypeVar("D")

WITHIN_S = 15
"""A page takes some tenths of a second; a process that is busier than this says so."""

AT_ONCE = 2
_SETTING = CapacityLimiter(AT_ONCE)

ANSWERS = {
    200: Answer(
        about="The PDF.",
        schema={"type": "string", "contentMediaType": "application/pdf"},
        media_type="application/pdf",
        headers=ANSWER_HEADERS,
    ),
    304: UNCHANGED,
}
FAILS = (400, 404, 409, 422, 503)


async def pdf(
    call: Call,
    document: D,
    render: Callable[[D], bytes],
    *,
    name: str,
    locale: str,
    position: int,
) -> Response:
    """Answer a document (a dataclass) as a PDF, or 304 where the caller has it already."""
    facts = json.dumps(_facts(document), ensure_ascii=False, sort_keys=True)
    headers = {
        "etag": f'"{hashlib.sha256(facts.encode()).hexdigest()[:32]}"',
        "cache-control": "private, no-cache",
        "vary": "Authorization, Accept-Language",
        "content-disposition": f'inline; filename="{name}.pdf"',
        "content-language": locale,
        POSITION_HEADER: str(position),
    }
    if not_modified(call.request, headers["etag"]):
        return Response(status_code=304, headers=headers)
    try:
        with anyio.fail_after(WITHIN_S):
            content = await run_sync(render, document, abandon_on_cancel=True, limiter=_SETTING)
    except TimeoutError:
        raise Problem("service.busy") from None
    return Response(content, headers=headers, media_type="application/pdf")


def _facts(document: Any) -> dict[str, Any]:
    return asdict(document)
