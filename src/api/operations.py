"""A route is a row: its method, path and name, what it takes, what it answers, and who handles it.

`mount` makes a FastAPI route of each row; the row is also what the OpenAPI document is made of, so
what is described is what runs. Who may use it stands in `api.doors.ROUTES`, under its name.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from api import access, doors
from api.bodies import Body
from api.desk import Desk
from api.middleware import ACTOR_KEY, CORRELATION_KEY, ROUTE_KEY
from api.queries import only_known_queries
from domain.declare import Actor

JsonSchema = Mapping[str, Any]


class Call(NamedTuple):
    """One request, as a handler sees it."""

    request: Request
    desk: Desk
    actor: Actor
    scope: access.Scope
    operation: "Operation"

    @property
    def correlation_id(self) -> UUID:
        """Return the id shared by all that this request causes."""
        found: UUID = self.request.scope[CORRELATION_KEY]
        return found

    def path(self, name: str) -> str:
        """Return a part of the path as it was sent."""
        part: str = self.request.path_params[name]
        return part


Handler = Callable[[Call], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One parameter of a query string."""

    name: str
    schema: JsonSchema
    about: str
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a successful answer holds."""

    about: str
    schema: JsonSchema | None = None
    media_type: str = "application/json"
    headers: tuple[str, ...] = ()
    example: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One route; `name` is its operation id, for ever."""

    method: str
    path: str
    name: str
    tag: str
    summary: str
    handler: Handler
    answers: Mapping[int, Answer]
    about: str = ""
    body: Body | None = None
    body_schema: Mapping[str, Any] | None = None
    queries: tuple[Query, ...] = ()
    headers: tuple[str, ...] = ()
    fails: tuple[int, ...] = ()
    path_schemas: Mapping[str, JsonSchema] = field(default_factory=dict)
    example: Mapping[str, Any] | None = None


def _endpoint(operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    roles = doors.ROUTES[operation.name]
    handler = operation.handler
    known_queries = frozenset(query.name for query in operation.queries)

    async def endpoint(request: Request) -> Response:
        scope = request.scope
        scope[ROUTE_KEY] = operation.path
        desk: Desk = scope["app"].state.desk
        actor = access.NOBODY
        if roles is not None:
            actor = await desk.verifier.actor(request.headers.get("authorization"))
            scope[ACTOR_KEY] = actor.id
            access.permit(roles, actor)
        if scope["query_string"]:
            only_known_queries(request, known_queries)
        return await handler(Call(request, desk, actor, access.scope_of(actor), operation))

    endpoint.__name__ = operation.name
    return endpoint


BUSIEST = ("read_complaint", "register_complaint", "list_complaints", "read_customer_360")


def _busiest_first(operation: Operation) -> tuple[int, bool]:
    name = operation.name
    return BUSIEST.index(name) if name in BUSIEST else len(BUSIEST), operation.method != "GET"


def mount(app: FastAPI, operations: tuple[Operation, ...]) -> None:
    """Make a route of each row; a row whose name `doors.ROUTES` lacks is a KeyError.

    Routes are tried one after the other, so the busiest come first, then the other reads; no
    request fits two of them.
    """
    for operation in sorted(operations, key=_busiest_first):
        app.add_api_route(
            operation.path,
            _endpoint(operation),
            methods=[operation.method],
            name=operation.name,
            operation_id=operation.name,
            response_model=None,
        )
