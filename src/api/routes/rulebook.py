"""The rulebook: rules in force, past and to come; each version as it was published."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError
from pydantic_core import from_json, to_json
from starlette.responses import Response

from api.bodies import STRICT, parse
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
    VERSION_MAX,
    answer,
    body_of,
    content_tag,
    expected_version,
    require_json,
)
from api.operations import Answer, Call, Operation, Query
from api.problems import invalid
from api.queries import whole_in_query
from domain import DOCUMENT_TYPES
from domain.fields import Instant, Text
from domain.rulebook import (
    APPLICABLE,
    ApplyRules,
    Provenance,
    RulesNotPublished,
    RulesPublished,
    document_id,
)
from store.casebook import Receipt
from store.rulebook import canonical, check_references, publication

_KINDS = {content_type: kind for kind, content_type in DOCUMENT_TYPES.items()}


class PublishRulesBody(BaseModel):
    """A new version of a document; its content has the form its kind asks for."""

    model_config = STRICT

    effective_from_at: Instant
    content: dict[str, Any] = Field(description="The document, in the form its kind asks for.")
    source: Annotated[str, Text(max=500)] = Field(description="A law's article, a decision, …")
    confirmed: Annotated[str, Text(max=64)] = "policy"
    decided_by: Annotated[str, Text(max=120)] | None = None


class ApplyRulesBody(BaseModel):
    """The newest version of a pack, for clocks that run by an older one, and why."""

    model_config = STRICT

    version: Annotated[int, Field(ge=1, le=VERSION_MAX)]
    reason: Annotated[str, Text(max=2_000)]


def _publications(call: Call, kind: str, name: str) -> list[RulesPublished]:
    found = [
        recorded.event
        for recorded in call.desk.casebook.history(document_id(kind, name))
        if isinstance(recorded.event, RulesPublished)
    ]
    if not found:
        raise RulesNotPublished(kind=kind[:64], name=name[:64])
    return found


def _entry(event: RulesPublished, in_force: bool) -> dict[str, Any]:
    return {
        "kind": event.kind,
        "name": event.name,
        "version": event.version,
        "effective_from_at": event.effective_from_at,
        "in_force": in_force,
        "sha256": event.sha256,
        "provenance": event.provenance,
    }


def _in_force(events: list[RulesPublished]) -> int:
    now = datetime.now(UTC)
    return max((e.version for e in events if e.effective_from_at <= now), default=0)


async def _list(call: Call) -> Response:
    def listed() -> tuple[bytes, int]:
        head = call.desk.casebook.head()
        items: list[dict[str, Any]] = []
        documents = call.desk.casebook.rules.documents
        for content_type, name in sorted(documents, key=lambda key: (_KINDS[key[0]], key[1])):
            events = _publications(call, _KINDS[content_type], name)
            in_force = _in_force(events)
            items.extend(_entry(event, event.version == in_force) for event in events)
        return to_json({"items": items, "next": None}), head

    body, head = await call.desk.writers.run(listed)
    return answer(call.request, body, etag=content_tag(body), position=head)


async def _read(call: Call) -> Response:
    kind, name = call.path("kind"), call.path("name")
    version = whole_in_query(call.request, "version", at_least=1, at_most=VERSION_MAX)

    def read() -> tuple[bytes, int]:
        head = call.desk.casebook.head()
        events = _publications(call, kind, name)
        in_force = _in_force(events)
        wanted = version if version is not None else in_force
        for event in events:
            if event.version == wanted:
                entry = _entry(event, event.version == in_force)
                return to_json({**entry, "content": from_json(event.content)}), head
        raise RulesNotPublished(kind=kind[:64], name=name[:64])

    body, head = await call.desk.writers.run(read)
    return answer(call.request, body, etag=content_tag(body), position=head)


async def _publish(call: Call) -> Response:
    request = call.request
    kind, name = call.path("kind"), call.path("name")
    version = expected_version(request)
    require_json(request)
    raw = await body_of(request)
    draft = parse(PublishRulesBody, raw)
    provenance = Provenance(
        source=draft.source, confirmed=draft.confirmed, decided_by=draft.decided_by
    )

    def publish() -> Receipt:
        try:
            canonical(kind, draft.content)
        except ValidationError as error:
            raise invalid(error, "#/content") from None
        try:
            command = publication(kind, name, draft.content, draft.effective_from_at, provenance)
        except ValidationError as error:
            raise invalid(error, "path") from None
        check_references([command], call.desk.casebook.rules)
        repeatable = idempotency_of(request, call.actor, raw)
        return execute(call, Wish((command,), None, version, repeatable))

    receipt = await call.desk.writers.run(publish)
    return receipt_answer(receipt, f"/v1/rulebook/{kind}/{name}?version={receipt.version}")


async def _apply(call: Call) -> Response:
    request = call.request
    kind, name = call.path("kind"), call.path("name")
    version = expected_version(request)
    require_json(request)
    raw = await body_of(request)
    draft = parse(ApplyRulesBody, raw)

    def apply() -> Receipt:
        stream = document_id(kind, name)
        command = ApplyRules(stream=stream, kind=kind, name=name, version=draft.version)
        repeatable = idempotency_of(request, call.actor, raw)
        return execute(call, Wish((command,), draft.reason, version, repeatable))

    receipt = await call.desk.writers.run(apply)
    return receipt_answer(receipt, f"/v1/rulebook/{kind}/{name}?version={draft.version}")


_NAME_SCHEMA = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$"}
_PATH_SCHEMAS: dict[str, dict[str, Any]] = {
    "kind": {"type": "string", "enum": sorted(DOCUMENT_TYPES)},
    "name": _NAME_SCHEMA,
}
_ENTRY_PROPERTIES = {
    "kind": {"type": "string"},
    "name": {"type": "string"},
    "version": {"type": "integer", "minimum": 1},
    "effective_from_at": {"type": "string", "format": "date-time"},
    "in_force": {"type": "boolean"},
    "sha256": {"type": "string"},
    "provenance": {
        "type": "object",
        "required": ["source", "confirmed", "decided_by"],
        "properties": {
            "source": {"type": "string"},
            "confirmed": {"type": "string"},
            "decided_by": {"type": ["string", "null"]},
        },
    },
}
COMPONENTS: dict[str, Any] = {
    "RulesVersion": {
        "type": "object",
        "description": "One version of a rule document, without its content.",
        "required": list(_ENTRY_PROPERTIES),
        "properties": _ENTRY_PROPERTIES,
    },
    "RulesDocument": {
        "type": "object",
        "description": "One version of a rule document with its content.",
        "required": [*_ENTRY_PROPERTIES, "content"],
        "properties": {**_ENTRY_PROPERTIES, "content": {"type": "object"}},
    },
}
_READ_HEADERS = ("ETag", "Casebook-Position")

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/v1/rulebook",
        name="list_rules",
        tag="rulebook",
        summary="List every version of every rule document.",
        handler=_list,
        answers={
            200: Answer(
                about="The versions, oldest first by document.",
                schema={
                    "type": "object",
                    "required": ["items", "next"],
                    "properties": {
                        "items": {
                            "type": "array",
                            "items": {"$ref": "#/components/schemas/RulesVersion"},
                        },
                        "next": {"type": "null"},
                    },
                },
                headers=_READ_HEADERS,
            ),
            304: Answer(about="As the caller has it."),
        },
        headers=("If-None-Match",),
        fails=(422, 503),
    ),
    Operation(
        method="GET",
        path="/v1/rulebook/{kind}/{name}",
        name="read_rules",
        tag="rulebook",
        summary="Read the version in force, or another one.",
        handler=_read,
        queries=(
            Query(
                name="version",
                schema={"type": "integer", "minimum": 1, "maximum": VERSION_MAX},
                about="Which version; without it, the one in force now.",
            ),
        ),
        answers={
            200: Answer(
                about="The document.",
                schema={"$ref": "#/components/schemas/RulesDocument"},
                headers=_READ_HEADERS,
            ),
            304: Answer(about="As the caller has it."),
        },
        path_schemas=_PATH_SCHEMAS,
        headers=("If-None-Match",),
        fails=(404, 422, 503),
    ),
    Operation(
        method="POST",
        path="/v1/rulebook/{kind}/{name}",
        name="publish_rules",
        tag="rulebook",
        summary="Publish a version of a document, in force from an instant on.",
        handler=_publish,
        answers={
            201: Answer(about="The first version stands.", schema=RECEIPT_SCHEMA),
            200: Answer(
                about="Another version stands, or exactly this did.", schema=RECEIPT_SCHEMA
            ),
        },
        body_schema={
            "application/json": {"schema": {"$ref": "#/components/schemas/PublishRulesBody"}}
        },
        path_schemas=_PATH_SCHEMAS,
        headers=WRITE_HEADERS,
        fails=WRITE_FAILS,
    ),
    Operation(
        method="POST",
        path="/v1/rulebook/{kind}/{name}/application",
        name="apply_rules",
        tag="rulebook",
        summary="Let running clocks follow the newest version of a pack.",
        about=(
            "Publishing a pack moves no clock that runs. This does: every open case that pinned an"
            " older version is derived anew, one after the other, keeping the time already used."
        ),
        handler=_apply,
        answers={200: Answer(about="The cases will follow.", schema=RECEIPT_SCHEMA)},
        body_schema={
            "application/json": {"schema": {"$ref": "#/components/schemas/ApplyRulesBody"}}
        },
        path_schemas={
            "kind": {"type": "string", "enum": sorted(APPLICABLE)},
            "name": _NAME_SCHEMA,
        },
        headers=WRITE_HEADERS,
        fails=WRITE_FAILS,
    ),
)
