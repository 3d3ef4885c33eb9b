"""The OpenAPI document, made of the same rows that the routes are made of.

FastAPI's own generator is not used, because bodies and answers pass through without its models:
what stands here is the domain's commands as JSON Schema, and what the views answer.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from api import doors
from api.operations import Answer, Operation
from api.problems import KINDS, MEDIA_TYPE

VERSION = "1.0.0"
_PATH_PART = re.compile(r"\{([a-z_]+)\}")

ABOUT = """\
The record of an automaker's customer care: every case is a history of events that nobody edits.

Send a bearer token. Commands are `POST`; they answer the case's version and the position of what
was recorded. `If-Match` with a version guards against overwriting what somebody else decided
meanwhile, `Idempotency-Key` makes any `POST` safe to repeat, and `If-Position-At-Least` lets a
read wait for what you have just written. What you may not see answers 404. Every failure is a
problem document (RFC 9457) whose `type` is a code and whose `title` is in your language.
"""

TAGS: Mapping[str, str] = {
    "customers": "Who they are, how to reach them, what they agreed to, and finding them.",
    "vehicles": "One case per VIN: owners over time, papers, warranties, visits.",
    "complaints": "A complaint from its registration to its end.",
    "draws": "Draws of cars that anybody can check: rules, commitment, ranking, proof file.",
    "leases": "Application, papers, guarantees, contract, payments, restructuring, settlement.",
    "cases": "Any case's history: every event, its state at a version or instant, differences.",
    "audit": "Who did what, when, in which role and why.",
    "worklist": "What a person should do next, most urgent first.",
    "reports": "Deadlines, escalations, dealers, and whether somebody was told.",
    "notifications": "What somebody is told of, and her answer for it.",
    "staff": "Who works where, how and when she is reached.",
    "rulebook": "Rules in force, past and to come.",
    "texts": "Sentences for every code, by language.",
    "service": "How the service does.",
}

PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "If-Match": {
        "description": "Decide only if the case still has this version; else 412.",
        "schema": {"type": "string", "pattern": '^"(0|[1-9][0-9]{0,8})"$'},
    },
    "Idempotency-Key": {
        "description": "The same key and body give the stored answer, however often they are sent.",
        "schema": {
            "type": "string", "minLength": 1, "maxLength": 200,
            "pattern": "^[!-~]([ -~]{0,198}[!-~])?$",
        },
    },
    "If-Position-At-Least": {
        "description": "Answer with what stands at least at this position, or 503 after a while.",
        "schema": {"type": "string", "pattern": "^(0|[1-9][0-9]{0,17})$"},
    },
    "Last-Event-ID": {
        "description": "Go on after the event of this id, which is a position.",
        "schema": {"type": "string", "pattern": "^(0|[1-9][0-9]{0,17})$"},
    },
    "If-None-Match": {
        "description": "Answer 304 if the caller has what this tag names.",
        "schema": {"type": "string"},
    },
}  # fmt: skip
"""Request headers; that they are optional and where they stand is added below."""

HEADERS: Mapping[str, Mapping[str, Any]] = {
    "ETag": {"description": "The version of a case, or a weak tag of a composed answer."},
    "Casebook-Position": {"description": "The position in the log that this answer reflects."},
    "Location": {"description": "Where the new case stands."},
}

PROBLEM_ABOUT: Mapping[int, str] = {
    400: "The request, or a header of it, cannot be read.",
    401: "No valid access token.",
    403: "The caller may not do this.",
    404: "There is no such case, or it is not the caller's to see.",
    405: "The address does not know the method.",
    408: "The body did not come in time.",
    409: "Refused as things stand.",
    412: "The case has changed since the version named.",
    413: "The body is too large.",
    415: "The kind of content is not accepted.",
    422: "Fields are not acceptable, or contradict each other.",
    503: "Busy, or not yet as fresh as asked for; try again after `Retry-After` seconds.",
}


def _problem_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "A problem document (RFC 9457).",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "description": "The code of the refusal or problem."},
            "title": {"type": "string", "description": "The sentence in the caller's language."},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "The sentence in English."},
            "params": {"type": "object", "description": "Facts: codes, numbers, ids."},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["pointer", "code", "message"],
                    "properties": {
                        "pointer": {
                            "type": "string",
                            "description": "`#/…` in the body, `query/…`, `header/…`, `path/…`.",
                        },
                        "code": {"type": "string"},
                        "message": {"type": "string"},
                        "params": {"type": "object"},
                    },
                },
            },
        },
    }


RECEIPT: Mapping[str, Any] = {
    "type": "object",
    "description": "What became of a command: the case, its version now, and the position.",
    "required": ["id", "version", "position"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "version": {"type": "integer", "minimum": 1},
        "position": {"type": "integer", "minimum": 0},
    },
}


class _Schemas(GenerateJsonSchema):
    """Leaves out titles, which would only say the fields' names again."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def document(
    operations: Sequence[Operation],
    components: Mapping[str, Any],
    models: Sequence[type[BaseModel]] = (),
) -> dict[str, Any]:
    """Return the whole document; `components` and `models` are further schemas referred to."""
    bodies = {o.body.model for o in operations if o.body is not None} | set(models)
    ordered = sorted(bodies, key=lambda model: model.__name__)
    names, defined = models_json_schema(
        [(model, "validation") for model in ordered],
        ref_template="#/components/schemas/{model}",
        schema_generator=_Schemas,
    )
    schemas: dict[str, Any] = {
        "Problem": _problem_schema(),
        "Receipt": dict(RECEIPT),
        **components,
        **defined.get("$defs", {}),
    }
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        described = _operation(operation, names)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": "Parvandeh", "version": VERSION, "description": ABOUT},
        "tags": [{"name": name, "description": about} for name, about in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
        "security": [{"token": []}],
    }


def _operation(operation: Operation, names: Mapping[Any, Any]) -> dict[str, Any]:
    roles = doors.ROUTES[operation.name]
    described: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "parameters": _parameters(operation),
        "responses": _responses(operation),
    }
    if operation.about:
        described["description"] = operation.about
    if roles is None:
        described["security"] = []
    else:
        described["x-roles"] = sorted(role.value for role in roles)
    if operation.body is not None:
        content: dict[str, Any] = {"schema": dict(names[(operation.body.model, "validation")])}
        if operation.example is not None:
            content["example"] = operation.example
        described["requestBody"] = {"required": True, "content": {"application/json": content}}
    elif operation.body_schema is not None:
        described["requestBody"] = {"required": True, "content": dict(operation.body_schema)}
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in _PATH_PART.findall(operation.path):
        schema = operation.path_schemas.get(name) or _path_schema(name)
        found.append({"name": name, "in": "path", "required": True, "schema": dict(schema)})
    for query in operation.queries:
        found.append(
            {
                "name": query.name,
                "in": "query",
                "required": query.required,
                "description": query.about,
                "schema": dict(query.schema),
            }
        )
    for header in operation.headers:
        found.append({"name": header, "in": "header", "required": False, **PARAMETERS[header]})
    return found


def _path_schema(name: str) -> Mapping[str, Any]:
    if name == "n":
        return {"type": "integer", "minimum": 1, "maximum": 100_000}
    return {"type": "string", "format": "uuid"}


def _responses(operation: Operation) -> dict[str, Any]:
    answers = {str(status): _answer(answer) for status, answer in operation.answers.items()}
    fails = set(operation.fails) | ({401, 403} if doors.ROUTES[operation.name] else set())
    problems = {
        str(status): {
            "description": PROBLEM_ABOUT[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in sorted(fails)
    }
    return answers | problems


def _answer(answer: Answer) -> dict[str, Any]:
    described: dict[str, Any] = {"description": answer.about}
    if answer.schema is not None:
        content: dict[str, Any] = {"schema": dict(answer.schema)}
        if answer.example is not None:
            content["example"] = answer.example
        described["content"] = {answer.media_type: content}
    if answer.headers:
        described["headers"] = {
            name: {**HEADERS[name], "schema": {"type": "string"}} for name in answer.headers
        }
    return described


def as_bytes(described: Mapping[str, Any]) -> bytes:
    """Return the document as it is sent."""
    return json.dumps(described, ensure_ascii=False, separators=(",", ":")).encode()


def problem_codes() -> Iterable[str]:
    """Return the codes of problems that are no refusals, for the texts."""
    return KINDS.keys()
