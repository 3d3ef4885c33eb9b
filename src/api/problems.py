"""Problem documents (RFC 9457), and the only place that knows HTTP status codes of failures.

`type` is the code of the refusal, `title` its sentence in the caller's language, `detail` the
English one, `params` its facts. No value that a client sent is ever repeated.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from api.texts import DEFAULT_LOCALE, Texts, preferred_locale
from domain.declare import NotFound, NotPermitted, Refusal, Unacceptable
from store.casebook import KeyReusedWithOtherBody, RequestIsRunning, VersionIsStale
from store.readers import UNAVAILABLE
from store.recorder import CommitUnknown

MEDIA_TYPE = "application/problem+json"

FAMILIES: tuple[tuple[type[Refusal], int], ...] = (
    (VersionIsStale, 412),
    (KeyReusedWithOtherBody, 422),
    (RequestIsRunning, 409),
    (NotPermitted, 403),
    (NotFound, 404),
    (Unacceptable, 422),
    (Refusal, 409),
)
"""A refusal's status is that of the first family it belongs to."""

KINDS: dict[str, tuple[int, str]] = {
    "request.malformed": (400, "The request cannot be read as what it says it is."),
    "request.header_is_wrong": (400, "A header of the request is not acceptable."),
    "request.invalid": (422, "Some fields of the request are not acceptable."),
    "request.too_slow": (408, "The request's body did not come in time."),
    "request.too_large": (413, "The request's body is too large."),
    "request.unsupported_media_type": (415, "This kind of content is not accepted here."),
    "token.missing": (401, "Sign in first: the request carries no access token."),
    "token.invalid": (401, "The access token is not valid here."),
    "token.expired": (401, "The access token has expired; sign in again."),
    "role.not_entitled": (403, "None of your roles may do this."),
    "route.not_found": (404, "There is nothing at this address."),
    "route.method_not_allowed": (405, "This address does not know this method."),
    "service.busy": (503, "The service is busy or its database is away; try again shortly."),
    "service.outcome_unknown": (
        503,
        "The database went away while this was being stored; repeat it with the same key.",
    ),
    "service.behind": (503, "What you ask for is not visible here yet; try again shortly."),
    "service.keys_unavailable": (503, "Access tokens cannot be verified now; try again shortly."),
    "service.failed": (500, "Something went wrong here; nothing was said about your request."),
}
"""The problems that are no refusals of the domain: status, and the English sentence."""

RETRY_AFTER_S = 1

MESSAGES: dict[str, str] = {
    "missing": "This field is required.",
    "extra_forbidden": "There is no such field here.",
    "json_invalid": "This is not JSON.",
    "uuid_parsing": "This is not a UUID.",
    "uuid_type": "This is not a UUID.",
    "enum": "This is none of the values listed for this field.",
    "literal_error": "This is none of the values listed for this field.",
    "string_type": "This must be a text.",
    "string_unicode": "This text is not valid Unicode.",
    "string_too_short": "This text is too short.",
    "string_too_long": "This text is too long.",
    "string_pattern_mismatch": "This text does not have the form asked for.",
    "int_type": "This must be a whole number.",
    "int_from_float": "This must be a whole number.",
    "int_parsing": "This must be a whole number.",
    "int_parsing_size": "This number is too large.",
    "bool_type": "This must be true or false.",
    "date_type": "This must be a date, as in 2026-11-21.",
    "date_parsing": "This must be a date, as in 2026-11-21.",
    "date_from_datetime_parsing": "This must be a date, as in 2026-11-21.",
    "date_from_datetime_inexact": "This must be a date, as in 2026-11-21.",
    "datetime_type": "This must be an instant, as in 2026-11-21T08:30:00Z.",
    "datetime_parsing": "This must be an instant, as in 2026-11-21T08:30:00Z.",
    "datetime_from_date_parsing": "This must be an instant, as in 2026-11-21T08:30:00Z.",
    "timezone_aware": "This instant must say its offset from UTC, as in 2026-11-21T08:30:00Z.",
    "greater_than_equal": "This is below the least that is accepted.",
    "less_than_equal": "This is above the most that is accepted.",
    "too_short": "This list has too few items.",
    "too_long": "This list has too many items.",
    "tuple_type": "This must be a list.",
    "list_type": "This must be a list.",
    "dataclass_type": "This must be an object.",
    "model_type": "This must be an object.",
    "model_attributes_type": "This must be an object.",
    "dataclass_exact_type": "This must be an object.",
    "unexpected_keyword_argument": "There is no such field here.",
    "value_error": "This value is not acceptable.",
    "control_character": "This text holds a control character.",
    "bidirectional_character": "This text holds a character that turns the reading direction.",
    "amount_too_large": "This amount is larger than any amount can be.",
    "not_utf8": "The body is not UTF-8.",
    "not_a_form": "This is not a form of single fields and one part `file`.",
    "file_missing": "A file is required.",
    "version_expected": 'This must be one version in quotes, as in "3".',
    "key_expected": "This must be 1 to 200 printable ASCII characters.",
    "position_expected": "This must be a position, a whole number.",
    "not_in_range": "This must be a whole number in the range of such numbers.",
    "cursor_unknown": "This cursor does not belong to this list.",
    "parameter_unknown": "There is no such parameter here.",
    "parameter_twice": "This parameter is given more than once.",
    "parameter_missing": "This parameter is required.",
    "parameter_unprintable": "This value is empty, too long or unreadable.",
    "instant_expected": "This must be an instant, as in 2026-11-21T08:30:00Z.",
    "version_or_instant": "Name a version or an instant, not both.",
    "case_not_found": "There is no such case, or it is not yours to see.",
}
"""What is said of a field, by the code of its error; never with the value in it."""

_VALUE_ERRORS: Mapping[str, str] = {
    "text holds a control character": "control_character",
    "text holds a bidirectional control character": "bidirectional_character",
    "the amount is larger than any amount can be": "amount_too_large",
}
"""The checks of ours that raise ValueError, by what they say."""

_FACTS = ("min_length", "max_length", "ge", "le", "pattern", "expected")


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one place of a request.

    `pointer` is `#/…` (a JSON pointer into the body), `query/…`, `header/…` or `path/…`.
    """

    pointer: str
    code: str
    """A key of `MESSAGES`."""
    params: Mapping[str, object] | None = None


class Problem(Exception):  # noqa: N818 (an answer, like a refusal)
    """An answer that is not the domain's: the request itself, the caller or the service."""

    def __init__(
        self,
        code: str,
        *errors: FieldError,
        headers: Mapping[str, str] | None = None,
        **params: str | int,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.errors = errors
        self.headers = dict(headers or {})
        self.params = params


def wrong_header(name: str, code: str) -> Problem:
    """Return the problem of a header that cannot be used."""
    return Problem("request.header_is_wrong", FieldError(f"header/{name}", code))


def wrong_query(name: str, code: str) -> Problem:
    """Return the problem of a query parameter that cannot be used."""
    return Problem("request.invalid", FieldError(f"query/{name}", code))


def pointer(place: Sequence[str | int], root: str = "#") -> str:
    """Return the JSON pointer of a place (RFC 6901), each part bounded in length."""
    parts = (str(part)[:64].replace("~", "~0").replace("/", "~1") for part in place)
    return "/".join((root, *parts))


def invalid(error: ValidationError, root: str = "#") -> Problem:
    """Return the problem of a body that does not fit its model, without repeating any value."""
    found = [
        _field_error(entry, root)
        for entry in error.errors(include_url=False, include_input=False)[:50]
    ]
    if len(found) == 1 and found[0].code == "json_invalid":
        return Problem("request.malformed", *found)
    return Problem("request.invalid", *found)


def _field_error(entry: Any, root: str) -> FieldError:
    code = str(entry["type"])
    context = entry.get("ctx") or {}
    if code == "value_error":
        code = _VALUE_ERRORS.get(str(context.get("error")), code)
    facts = {name: _plain(context[name]) for name in _FACTS if name in context}
    if code not in MESSAGES:
        code = "value_error"
    place = getattr(context.get("error"), "place", ())  # where in a rule document it does not fit
    return FieldError(pointer((*entry["loc"], *place), root), code, facts or None)


def _plain(value: object) -> object:
    return value if isinstance(value, (int, str)) else str(value)


def refusal_status(refusal: type[Refusal]) -> int:
    """Return the status with which a class of refusals is answered."""
    return next(status for family, status in FAMILIES if issubclass(refusal, family))


def sentence(refusal: type[Refusal]) -> str:
    """Return the English sentence of a refusal: the first line of its docstring."""
    return (refusal.__doc__ or "").strip().partition("\n")[0]


def document(
    request: Request,
    status: int,
    code: str,
    english: str,
    *,
    params: Mapping[str, object],
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Build the answer for one problem in the caller's language."""
    texts: Texts = request.app.state.texts
    locale = preferred_locale(request.headers.get("accept-language", DEFAULT_LOCALE)[:200])
    title = texts.title(locale, code, english, params)
    body: dict[str, Any] = {"type": code, "title": title, "status": status, "detail": english}
    if params:
        body["params"] = dict(params)
    if errors:
        body["errors"] = [
            {
                "pointer": error.pointer,
                "code": error.code,
                "message": texts.message(locale, error.code, MESSAGES[error.code]),
            }
            | ({"params": dict(error.params)} if error.params else {})
            for error in errors
        ]
    answer_headers = {"content-language": locale, "cache-control": "no-store"}
    if status == 401:
        kind = "" if code == "token.missing" else ', error="invalid_token"'
        answer_headers["www-authenticate"] = f'Bearer realm="parvandeh"{kind}'
    if status == 503:
        answer_headers["retry-after"] = str(RETRY_AFTER_S)
    return Response(
        json.dumps(body, ensure_ascii=False, default=str).encode(),
        status_code=status,
        headers=answer_headers | dict(headers or {}),
        media_type=MEDIA_TYPE,
    )


def of_problem(request: Request, problem: Problem) -> Response:
    """Answer a problem of the request, the caller or the service."""
    status, english = KINDS[problem.code]
    return document(
        request,
        status,
        problem.code,
        english,
        params=problem.params,
        errors=problem.errors,
        headers=problem.headers,
    )


def of_refusal(request: Request, refusal: Refusal) -> Response:
    """Answer a refusal of the domain or the casebook."""
    kind = type(refusal)
    status = refusal_status(kind)
    return document(request, status, kind.code, sentence(kind), params=refusal.params)


def of_failure(request: Request) -> Response:
    """Answer a failure of ours without a word about it."""
    return of_problem(request, Problem("service.failed"))


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return of_problem(request, error)


async def _on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return of_refusal(request, error)


async def _on_outage(request: Request, error: Exception) -> Response:
    request.app.state.desk.readers.replace_dead()
    unknown = isinstance(error, CommitUnknown)
    return of_problem(request, Problem("service.outcome_unknown" if unknown else "service.busy"))


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {404: "route.not_found", 405: "route.method_not_allowed", 413: "request.too_large"}.get(
        error.status_code, "request.malformed"
    )
    headers = {name.lower(): text for name, text in (error.headers or {}).items()}
    if error.status_code == 405:  # the framework names the methods of one route only
        headers["allow"] = ", ".join(_methods_at(request))
    return of_problem(request, Problem(code, headers=headers))


def _methods_at(request: Request) -> list[str]:
    routes = request.app.routes
    found = (r.methods or () for r in routes if r.matches(request.scope)[0] is not Match.NONE)
    return sorted({method for methods in found for method in methods})


def install(app: FastAPI) -> None:
    """Let every failure be answered with its problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(Refusal, _on_refusal)
    app.add_exception_handler(HTTPException, _on_http_exception)
    for outage in UNAVAILABLE:
        app.add_exception_handler(outage, _on_outage)
