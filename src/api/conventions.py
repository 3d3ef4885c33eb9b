"""What every path shares: preconditions, idempotency keys, tags, positions, cursors, bodies."""

import asyncio
import hashlib
import hmac
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from api.problems import Problem, wrong_header, wrong_query
from api.queries import POSITION_MAX
from domain.declare import CaseNotFound

JSON_BYTES_MAX = 1_048_576
BODY_WITHIN_S = 10.0
BODY_BYTES_PER_S_MIN = 50_000
"""A body comes in within ten seconds and the time that the largest one takes on a poor line."""
KEY_CHARACTERS_MAX = 200
VERSION_MAX = 2**31 - 1

POSITION_HEADER = "casebook-position"

_STRONG_VERSION = re.compile(r'"(0|[1-9][0-9]{0,9})"')
_WHOLE = re.compile(r"0|[1-9][0-9]{0,18}")
_KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def uuid_in_path(text: str) -> UUID:
    """Return the id in a path; whatever is no UUID names no case."""
    if not _UUID.fullmatch(text):
        raise CaseNotFound
    return UUID(text)


def expected_version(request: Request) -> int | None:
    """Return the version that `If-Match` names, None without the header."""
    given = header(request, b"if-match")
    if given is None:
        return None
    match = _STRONG_VERSION.fullmatch(given.strip())
    if match is None or int(match[1]) > VERSION_MAX:
        raise wrong_header("If-Match", "version_expected")
    return int(match[1])


def idempotency_key(request: Request) -> str | None:
    """Return the `Idempotency-Key`, None without the header."""
    given = header(request, b"idempotency-key")
    if given is None:
        return None
    if not _KEY.fullmatch(given):
        raise wrong_header("Idempotency-Key", "key_expected")
    return given


def header(request: Request, name: bytes) -> str | None:
    """Return a header by its lower-case name; it is asked for often: no framework's mapping."""
    for given, text in request.scope["headers"]:
        if given == name:
            value: str = text.decode("latin-1")
            return value
    return None


def wanted_position(request: Request) -> int | None:
    """Return the position that `If-Position-At-Least` names, None without the header."""
    given = header(request, b"if-position-at-least")
    if given is None:
        return None
    if not _WHOLE.fullmatch(given.strip()) or int(given) > POSITION_MAX:
        raise wrong_header("If-Position-At-Least", "position_expected")
    return int(given)


def not_modified(request: Request, etag: str) -> bool:
    """Tell whether `If-None-Match` names this tag (weak comparison, RFC 9110, 13.1.2)."""
    given = header(request, b"if-none-match")
    if given is None:
        return False
    wanted = etag.removeprefix("W/")
    return any(part.strip().removeprefix("W/") in (wanted, "*") for part in given.split(","))


def version_tag(version: int) -> str:
    """Return the strong tag of a case document: its version."""
    return f'"{version}"'


def content_tag(body: bytes) -> str:
    """Return the weak tag of a composed answer: a hash of its bytes."""
    return f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'


class Stored(Response):
    """An answer whose body and headers are bytes already."""

    def __init__(self, body: bytes, headers: list[tuple[bytes, bytes]], status: int = 200) -> None:
        self.status_code = status
        self.background = None
        self.body = body
        self.raw_headers = headers


def answer(request: Request, body: bytes, *, etag: str, position: int) -> Response:
    """Answer a read: the JSON bytes as they are, or 304 when the caller has them."""
    headers = [
        (b"etag", etag.encode()),
        (b"cache-control", b"private, no-cache"),
        (b"casebook-position", b"%d" % position),
        (b"vary", b"Authorization"),  # one address and tag, but each sees her own part of it
    ]
    if not_modified(request, etag):
        return Stored(b"", headers, 304)
    headers.append((b"content-type", b"application/json"))
    headers.append((b"content-length", b"%d" % len(body)))
    return Stored(body, headers)


async def body_of(request: Request, bytes_max: int = JSON_BYTES_MAX) -> bytes:
    """Read a request's body, or refuse it as soon as it is known to be too large."""
    declared = request.headers.get("content-length")
    if declared is not None and (not _WHOLE.fullmatch(declared) or int(declared) > bytes_max):
        raise Problem("request.too_large", bytes_max=bytes_max)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_WITHIN_S + bytes_max / BODY_BYTES_PER_S_MIN):
            async for part in request.stream():
                size += len(part)
                if size > bytes_max:
                    raise Problem("request.too_large", bytes_max=bytes_max)
                parts.append(part)
    except ClientDisconnect:
        raise Problem("request.malformed") from None
    except TimeoutError:
        raise Problem("request.too_slow", headers={"connection": "close"}) from None
    return b"".join(parts)


def require_json(request: Request) -> None:
    """Refuse a body that does not say it is JSON."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != "application/json":
        raise Problem("request.unsupported_media_type", accepted="application/json")


class Cursors:
    """Opaque cursors: where a list goes on, signed, so that nobody can make up a place in it.

    A cursor belongs to one list of one actor under one set of filters; with others it is refused.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def _mac(self, place: bytes, context: Sequence[str]) -> bytes:
        said = json.dumps([*context, place.decode("latin-1")]).encode()  # its parts cannot shift
        return hmac.digest(self._key, said, "sha256")[:16]

    def write(self, keyset: Sequence[Any], context: Sequence[str]) -> str:
        """Return the cursor that stands after a row with these sort values."""
        place = json.dumps(list(keyset), separators=(",", ":"), default=str).encode()
        return urlsafe_b64encode(self._mac(place, context) + place).rstrip(b"=").decode()

    def read(self, text: str, context: Sequence[str]) -> list[Any]:
        """Return the sort values of a cursor, or the problem that it is not one of this list."""
        try:
            raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        except ValueError:
            raise _wrong_cursor() from None
        mac, place = raw[:16], raw[16:]
        if not hmac.compare_digest(mac, self._mac(place, context)):
            raise _wrong_cursor()
        keyset = json.loads(place)
        assert isinstance(keyset, list)
        return keyset


def _wrong_cursor() -> Problem:
    return wrong_query("cursor", "cursor_unknown")


def cursor_context(name: str, actor_id: str, query: Mapping[str, str]) -> list[str]:
    """Return what a cursor is bound to: the list, the actor and the filters."""
    filters = sorted((k, v) for k, v in query.items() if k not in ("cursor", "limit"))
    return [name, actor_id, *(f"{k}={v}" for k, v in filters)]


def page(items: Sequence[bytes], following: str | None) -> bytes:
    """Return the body of one page of a list, from items that are JSON already."""
    return b'{"items":[' + b",".join(items) + b'],"next":' + json.dumps(following).encode() + b"}"
