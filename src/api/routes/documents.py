"""A case's papers: a file comes in as a form, is kept encrypted, and is read by its id."""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, partial

from pydantic_core import from_json
from starlette.responses import Response

from api import access, sight
from api.bodies import Body, body_of_command
from api.commands import (
    RECEIPT_SCHEMA,
    WRITE_FAILS,
    WRITE_HEADERS,
    Wish,
    execute,
    idempotency_of,
    receipt_answer,
)
from api.conventions import (
    POSITION_HEADER,
    body_of,
    expected_version,
    not_modified,
    uuid_in_path,
)
from api.operations import Answer, Call, JsonSchema, Operation
from api.reads import ANSWER_HEADERS, READ_FAILS, READ_HEADERS, UNCHANGED, case_body
from api.uploads import FORM_BYTES_MAX, form_of, media_type_of
from domain.complaint import AddDocument, PaperKind, PaperNotFound
from domain.declare import CaseNotFound, Command, NotFound
from domain.lease import AddLeaseDocument, LeasePaper, LeasePaperNotFound
from domain.referral import AddReferralDocument, ReferralPaper, ReferralPaperNotFound
from store.casebook import Receipt

FILE_BYTES_MAX = 25 * 1_048_576
"""What is read into memory at most; how large a document may be is said by the document policy."""

_FILLED_HERE = frozenset({"media_type", "size_bytes", "content_sha256"})


@dataclass(frozen=True)
class _Folder:
    """The documents of one kind of case: how one is added, and what says that there is none."""

    category: str
    command: type[Command]
    kinds: type[StrEnum]
    missing: type[NotFound]

    @cached_property
    def body(self) -> Body:
        """Return the fields that come with the file."""
        return body_of_command(self.command, given=_FILLED_HERE, made=frozenset({"document_id"}))


_COMPLAINT = _Folder("complaint", AddDocument, PaperKind, PaperNotFound)
_REFERRAL = _Folder("referral", AddReferralDocument, ReferralPaper, ReferralPaperNotFound)

_LEASE = _Folder("lease", AddLeaseDocument, LeasePaper, LeasePaperNotFound)

MODELS = (_COMPLAINT.body.model, _REFERRAL.body.model, _LEASE.body.model)
"""What comes with a file, for the schemas."""


async def _add(call: Call, *, folder: _Folder) -> Response:
    request = call.request
    stream = uuid_in_path(call.path("id"))
    version = expected_version(request)
    raw = await body_of(request, FILE_BYTES_MAX + FORM_BYTES_MAX)
    form = form_of(request.headers.get("content-type", ""), raw)
    media_type = media_type_of(form.content, form.declared_type)
    body = folder.body
    parsed = body.parse(json.dumps(dict(form.fields)).encode())
    said = json.dumps(dict(form.fields), sort_keys=True).encode()
    repeatable = idempotency_of(request, call.actor, said + hashlib.sha256(form.content).digest())

    def add() -> Receipt:
        known = call.desk.casebook.state(stream)
        parties = known.decider.parties(known.state)
        access.require_sight(sight.as_merged(call, parties).scope, parties)
        if known.decider.category != folder.category:
            raise CaseNotFound
        subject = known.decider.subject(stream, known.state, parsed)  # whose paper it is
        keeping = call.desk.files.kept_if_done(form.content, stream=stream, subject=subject)
        with keeping as address:
            filled = {
                "media_type": media_type,
                "size_bytes": len(form.content),
                "content_sha256": address,
            }
            command = body.to_command(parsed, stream, filled)
            return execute(call, Wish((command,), body.reason(parsed), version, repeatable))

    return receipt_answer(await call.desk.writers.run(add))


async def _read(call: Call, *, folder: _Folder) -> Response:
    """Read a file that the caller's own view of the case lists, and no other."""
    stream, document_id = uuid_in_path(call.path("id")), uuid_in_path(call.path("document_id"))
    position, case = await case_body(call, folder.category)
    assert case.body is not None
    papers = from_json(case.body).get("documents", [])
    paper = next((each for each in papers if each["document_id"] == str(document_id)), None)
    if paper is None:
        raise folder.missing
    address = paper["content_sha256"]
    headers = {
        "etag": f'"{address}"',
        "cache-control": "private, no-cache",
        "vary": "Authorization",
        "content-disposition": f'attachment; filename="{document_id}"',
        POSITION_HEADER: str(position),
    }
    if not_modified(call.request, headers["etag"]):
        return Response(status_code=304, headers=headers)
    content = await call.desk.writers.run(call.desk.files.read, address, stream=stream)
    return Response(content, headers=headers, media_type=paper["media_type"])


def _form_schema(folder: _Folder) -> JsonSchema:
    further: JsonSchema = {}
    if "guarantor_id" in folder.body.model.model_fields:
        about = "The guarantor whose paper it is; the applicant's own where left out."
        further = {"guarantor_id": {"type": "string", "format": "uuid", "description": about}}
    return {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file", "kind", "title"],
                "additionalProperties": False,
                "properties": {
                    "file": {"type": "string", "contentMediaType": "application/octet-stream"},
                    "document_id": {
                        "type": "string",
                        "format": "uuid",
                        "description": "The new document's id; made here when left out.",
                    },
                    "kind": {"type": "string", "enum": [kind.value for kind in folder.kinds]},
                    "title": {"type": "string", "minLength": 1, "maxLength": 300},
                    "reason": {"type": "string", "minLength": 1, "maxLength": 20_000},
                    **further,
                },
            },
            "encoding": {"file": {"contentType": "application/pdf, image/jpeg, image/png"}},
        }
    }


def _routes(folder: _Folder, suffix: str = "") -> tuple[Operation, Operation]:
    root = f"/v1/{folder.category}s/{{id}}/documents"
    return (
        Operation(
            method="POST",
            path=root,
            name=f"add_{suffix}document",
            tag=f"{folder.category}s",
            summary="Add a document: its file, what kind of paper it is, and a title.",
            about=(
                "The file's kind is told from its bytes and has to be what the form says. It is "
                "kept encrypted with the customer's key. The same file sent twice is kept once."
            ),
            handler=partial(_add, folder=folder),
            answers={200: Answer(about="It belongs to the case.", schema=RECEIPT_SCHEMA)},
            body_schema=_form_schema(folder),
            headers=WRITE_HEADERS,
            fails=WRITE_FAILS,
        ),
        Operation(
            method="GET",
            path=f"{root}/{{document_id}}",
            name=f"read_{suffix}document",
            tag=f"{folder.category}s",
            summary="Read a document's file.",
            handler=partial(_read, folder=folder),
            answers={
                200: Answer(
                    about="The file, as it was sent.",
                    schema={"type": "string", "contentMediaType": "application/octet-stream"},
                    media_type="*/*",
                    headers=ANSWER_HEADERS,
                ),
                304: UNCHANGED,
            },
            headers=READ_HEADERS,
            fails=READ_FAILS,
        ),
    )


OPERATIONS: tuple[Operation, ...] = (
    *_routes(_COMPLAINT),
    *_routes(_REFERRAL, "referral_"),
    *_routes(_LEASE, "lease_"),
)
