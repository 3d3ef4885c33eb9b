"""The letter of a reply to an authority, as a PDF that is made when it is asked for."""

import hashlib
import json
from dataclasses import asdict

import anyio
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.responses import Response

from api.commands import path_value
from api.conventions import POSITION_HEADER, not_modified, uuid_in_path
from api.operations import Answer, Call, Operation
from api.problems import Problem
from api.reads import ANSWER_HEADERS, READ_HEADERS, UNCHANGED, case_body
from projections.letters import Letter, letter_of, render

WITHIN_S = 15
"""A letter takes some tenths of a second; a process that is busier than this says so."""

AT_ONCE = 2
_RENDERING = CapacityLimiter(AT_ONCE)


async def _read(call: Call) -> Response:
    """Render the reply from the events of the case, if it may go out or has gone out."""
    await case_body(call, "referral")  # whoever does not see the case sees no letter of it
    stream = uuid_in_path(call.path("id"))
    n = int(path_value(int, call.path("n")))

    def written() -> tuple[Letter, int]:
        history = call.desk.casebook.history(stream)
        return letter_of(history, n), history[-1].position

    letter, position = await call.desk.writers.run(written)
    facts = json.dumps(asdict(letter), ensure_ascii=False, sort_keys=True)
    headers = {
        "etag": f'"{hashlib.sha256(facts.encode()).hexdigest()[:32]}"',
        "cache-control": "private, no-cache",
        "vary": "Authorization",
        "content-disposition": f'inline; filename="reply-{n}.pdf"',
        "content-language": letter.locale,
        POSITION_HEADER: str(position),
    }
    if not_modified(call.request, headers["etag"]):
        return Response(status_code=304, headers=headers)
    try:
        with anyio.fail_after(WITHIN_S):
            content = await run_sync(render, letter, abandon_on_cancel=True, limiter=_RENDERING)
    except TimeoutError:
        raise Problem("service.busy") from None
    return Response(content, headers=headers, media_type="application/pdf")


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/v1/referrals/{id}/reply/{n}/letter",
        name="read_reply_letter",
        tag="referrals",
        summary="Read a reply to the authority as a letter (PDF).",
        about=(
            "In the language of the reply: Persian from right to left with Jalali dates, Chinese, "
            "or English. It cites the events that it rests on. A last word is refused before the "
            "final control and the information of the customer; what was not sent is a draft."
        ),
        handler=_read,
        answers={
            200: Answer(
                about="The letter.",
                schema={"type": "string", "contentMediaType": "application/pdf"},
                media_type="application/pdf",
                headers=ANSWER_HEADERS,
            ),
            304: UNCHANGED,
        },
        headers=READ_HEADERS,
        fails=(400, 404, 409, 422, 503),
    ),
)
