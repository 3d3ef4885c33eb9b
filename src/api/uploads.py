"""One file of a multipart form, read into bounded memory, with its kind told from its first bytes.

The form is taken apart here and not by a form library, because those spill large parts into
temporary files, and a customer's papers are never written to a disk in the clear.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message

from api.problems import FieldError, Problem

PARTS_MAX = 8
PART_HEAD_BYTES_MAX = 4_096
FIELD_BYTES_MAX = 65_536
FORM_BYTES_MAX = 1_048_576
"""What a form may hold besides its file."""

_SIGNATURES: tuple[tuple[str, int, bytes], ...] = (
    ("application/pdf", 0, b"%PDF-"),
    ("image/jpeg", 0, b"\xff\xd8\xff"),
    ("image/png", 0, b"\x89PNG\r\n\x1a\n"),
    ("image/gif", 0, b"GIF87a"),
    ("image/gif", 0, b"GIF89a"),
    ("image/tiff", 0, b"II*\x00"),
    ("image/tiff", 0, b"MM\x00*"),
    ("image/webp", 8, b"WEBP"),
    ("audio/wav", 8, b"WAVE"),
    ("image/heic", 4, b"ftypheic"),
    ("image/heic", 4, b"ftypheix"),
    ("image/heic", 4, b"ftypmif1"),
    ("video/quicktime", 4, b"ftypqt"),
    ("audio/mp4", 4, b"ftypM4A"),
    ("video/mp4", 4, b"ftyp"),
    ("audio/mpeg", 0, b"ID3"),
    ("audio/mpeg", 0, b"\xff\xfb"),
    ("audio/mpeg", 0, b"\xff\xf3"),
    ("audio/ogg", 0, b"OggS"),
    ("application/zip", 0, b"PK\x03\x04"),
)
_ALSO_KNOWN_AS: Mapping[str, str] = {
    "image/jpg": "image/jpeg",
    "image/heif": "image/heic",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/x-m4a": "audio/mp4",
    "audio/mp3": "audio/mpeg",
}
_ZIPPED = frozenset(
    {
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.oasis.opendocument.text",
    }
)
_NOT_TEXT = frozenset(range(32)) - {9, 10, 12, 13}


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form, and its one file with the media type its sender says it has."""

    fields: Mapping[str, str]
    content: bytes
    declared_type: str


def media_type_of(content: bytes, declared: str) -> str:
    """Return what a file is by its bytes; raises the 415 problem where it is not what it says.

    Text has no signature: it is taken at its word when it is UTF-8 without control characters.
    """
    declared = _ALSO_KNOWN_AS.get(declared, declared)
    for media_type, offset, signature in _SIGNATURES:
        if content.startswith(signature, offset):
            if media_type == "application/zip" and declared in _ZIPPED:
                return declared
            if declared in (media_type, "application/octet-stream", ""):
                return media_type
            raise Problem("request.unsupported_media_type", found=media_type)
    if declared in ("text/plain", "text/csv") and _is_text(content):
        return declared
    raise Problem("request.unsupported_media_type", found="unknown")


def _is_text(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return _NOT_TEXT.isdisjoint(content)


def form_of(content_type: str, body: bytes) -> Form:
    """Take a `multipart/form-data` body apart (RFC 7578): fields, and exactly one part `file`."""
    header = Message()
    header["content-type"] = content_type
    boundary = header.get_boundary()
    if header.get_content_type() != "multipart/form-data" or not boundary or len(boundary) > 70:
        raise Problem("request.unsupported_media_type", accepted="multipart/form-data")
    delimiter = re.escape(b"\r\n--" + boundary.encode("latin-1", "replace"))
    delimiters = delimiter + rb"(?=--|[ \t]*\r\n)"
    pieces = re.split(delimiters, b"\r\n" + body, maxsplit=PARTS_MAX + 2)
    if len(pieces) < 3 or len(pieces) > PARTS_MAX + 2 or not pieces[-1].startswith(b"--"):
        raise _malformed()
    fields: dict[str, str] = {}
    file: tuple[bytes, str] | None = None
    for piece in pieces[1:-1]:
        name, declared_type, content, is_file = _part(piece)
        if is_file:
            if file is not None or name != "file":
                raise _malformed()
            file = (content, declared_type)
        elif name in fields or len(content) > FIELD_BYTES_MAX:
            raise _malformed()
        else:
            fields[name] = _text(content)
    if file is None or not file[0]:
        raise Problem("request.invalid", FieldError("#/file", "file_missing"))
    return Form(fields, *file)


def _part(piece: bytes) -> tuple[str, str, bytes, bool]:
    head, found, content = piece.partition(b"\r\n\r\n")
    if not found or len(head) > PART_HEAD_BYTES_MAX:
        raise _malformed()
    headers = Message()
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip():
            headers[name.strip().decode("latin-1")] = value.strip().decode("latin-1")
    if headers.get_content_disposition() != "form-data" or "content-transfer-encoding" in headers:
        raise _malformed()
    field = headers.get_param("name", header="content-disposition")
    file_name = headers.get_param("filename", header="content-disposition")
    if not isinstance(field, str) or not field:
        raise _malformed()
    declared = headers.get_content_type() if "content-type" in headers else ""
    return field, declared, content, file_name is not None


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed() from None


def _malformed() -> Problem:
    return Problem(
        "request.malformed",
        FieldError("#", "not_a_form"),
    )
