"""The letter of a reply to an authority, as a PDF that is made when it is asked for."""

from starlette.responses import Response

from api.commands import path_value
from api.conventions import uuid_in_path
from api.operations import Call, Operation
from api.pdf import ANSWERS, FAILS, pdf
from api.reads import READ_HEADERS, case_body
from projections.letters import Letter, letter_of, render


async def _read(call: Call) -> Response:
    """Render the reply from the events of the case, if it may go out or has gone out."""
    await case_body(call, "referral")  # whoever does not see the case sees no letter of it
    stream = uuid_in_path(call.path("id"))
    n = int(path_value(int, call.path("n")))

    def written() -> tuple[Letter, int]:
        history = call.desk.casebook.history(stream)
        return letter_of(history, n), history[-1].position

    letter, position = await call.desk.writers.run(written)
    name = f"reply-{n}"
    return await pdf(call, letter, render, name=name, locale=letter.locale, position=position)


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
        answers=ANSWERS,
        headers=READ_HEADERS,
        fails=FAILS,
    ),
)
