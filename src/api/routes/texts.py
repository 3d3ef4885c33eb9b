"""The sentences of every code, topic and status, by language, to be cached by clients."""

from starlette.responses import Response

from api.conventions import not_modified
from api.operations import Answer, Call, Operation
from api.problems import Problem
from api.texts import LOCALES


async def _read(call: Call) -> Response:
    locale = call.desk.texts.locales.get(call.path("locale"))
    if locale is None:
        raise Problem("route.not_found")
    headers = {
        "etag": locale.etag,
        "cache-control": "public, max-age=300",
        "content-language": locale.name,
    }
    if not_modified(call.request, locale.etag):
        return Response(status_code=304, headers=headers)
    return Response(locale.document, headers=headers, media_type="application/json")


TEXTS_SCHEMA = {
    "type": "object",
    "required": ["locale", "direction"],
    "properties": {
        "locale": {"enum": list(LOCALES)},
        "direction": {"enum": ["ltr", "rtl"]},
    },
    "additionalProperties": {"type": "object"},
}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/v1/texts/{locale}",
        name="read_texts",
        tag="texts",
        summary="Read the sentences of one language.",
        about="Tables (topics, refusals, problems, statuses, …) of sentences by code.",
        handler=_read,
        answers={
            200: Answer(about="The tables.", schema=TEXTS_SCHEMA, headers=("ETag",)),
            304: Answer(about="As the caller has it."),
        },
        path_schemas={"locale": {"type": "string", "enum": list(LOCALES)}},
        headers=("If-None-Match",),
        fails=(404, 422),
    ),
)
