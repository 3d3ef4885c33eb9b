"""Command routes: each is one row that says path and command; what they share happens here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, get_type_hints
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from api import access, sight
from api.bodies import Body, body_of_command, references
from api.conventions import (
    Stored,
    body_of,
    expected_version,
    idempotency_key,
    require_json,
    uuid_in_path,
    version_tag,
)
from api.examples import example_of
from api.operations import Answer, Call, Operation
from api.problems import FieldError, Problem
from domain.customer import CustomerIsMerged
from domain.declare import Actor, AlreadyExists, CaseNotFound, Command
from store.casebook import Casebook, Idempotency, Receipt

REFERENCES: Mapping[str, str] = {
    "customer_id": "customer",
    "vehicle_id": "vehicle",
    "absorbed_id": "customer",
    "complaint_id": "complaint",
    "order_id": "order",
    "draw_id": "draw",
    "lease_id": "lease",
    "to_ledger_id": "loyalty",
}
"""Fields of commands that name another case, and of which kind that one has to be."""

NUMBER_MAX = 100_000
VEHICLES = "vehicles"

RECEIPT_SCHEMA = {"$ref": "#/components/schemas/Receipt"}
RECEIPT_EXAMPLE = {"id": "0192f6a0-7c1e-7d3a-9b52-0f2d8c4a6e10", "version": 3, "position": 1042}
WRITE_HEADERS = ("If-Match", "Idempotency-Key")
WRITE_FAILS = (400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 503)

Expand = Callable[[Command], Sequence[Command]]
Attach = Callable[[Casebook, Command], Sequence[Command]]
"""Names the commands on other cases that go with one, from what stands in the log."""
Check = Callable[[Call, Command], None]


class Wish(NamedTuple):
    """What a request wants done, and the headers that say under which conditions."""

    commands: tuple[Command, ...]
    reason: str | None
    expected_version: int | None
    idempotency: Idempotency | None
    attach: Attach | None = None


def path_value(hint: Any, text: str) -> Any:
    """Return a command's field from the path: an id, or the number of an item."""
    if hint is UUID:
        return uuid_in_path(text)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= NUMBER_MAX:
        raise CaseNotFound
    return int(text)


def idempotency_of(request: Request, actor: Actor, body: bytes) -> Idempotency | None:
    """Return what makes a request safe to repeat, None where it brings no key."""
    key = idempotency_key(request)
    if key is None:
        return None
    return Idempotency(f"{actor.id} {request.method} {request.url.path}", key, body)


def execute(call: Call, wish: Wish) -> Receipt:
    """Decide the commands within the caller's sight; blocks, so it runs in a thread."""
    call = _as_merged(call, wish)
    _check_sight(call, wish)
    _check_references(call, wish.commands[0])
    commands, aside = wish.commands, frozenset[UUID]()
    if wish.attach is not None:
        attached = tuple(wish.attach(call.desk.casebook, commands[0]))
        named = {command.stream for command in commands}
        aside = frozenset(command.stream for command in attached) - named
        own = [command for command in attached if command.stream == commands[0].stream]
        others = [command for command in attached if command.stream != commands[0].stream]
        commands = (*(own or commands), *others)
    return call.desk.casebook.execute(
        *commands,
        actor=call.actor,
        reason=wish.reason,
        expected_version=wish.expected_version,
        idempotency=wish.idempotency,
        correlation_id=call.correlation_id,
        guard=access.Guard(call.scope, call.actor, aside),
    )


def _asks_nothing(call: Call, wish: Wish) -> bool:
    """Tell whether a case is opened that names no other: nothing has to be asked before that."""
    body = call.operation.body
    return (
        body is not None
        and body.opens
        and wish.attach is None
        and wish.expected_version is None
        and not references(wish.commands[0], REFERENCES)
    )


async def _open(call: Call, wish: Wish) -> Receipt:
    """As `execute`, where nothing has to be asked: a thread is needed for hard cases only."""
    casebook, desk = call.desk.casebook, call.desk
    with casebook.wishing(
        *wish.commands,
        actor=call.actor,
        reason=wish.reason,
        idempotency=wish.idempotency,
        correlation_id=call.correlation_id,
        guard=access.Guard(call.scope, call.actor),
    ) as held:
        attempted = await desk.openings.attempt(held)
        if attempted is not None and attempted.was_recorded():
            return casebook.conclude(held, attempted)
        return await desk.writers.run(casebook.conclude, held, attempted)


def _as_merged(call: Call, wish: Wish) -> Call:
    body = call.operation.body
    if call.scope.customer_id is None or (body is not None and body.opens):
        return call
    own = call.desk.casebook.state(wish.commands[0].stream)
    return sight.as_merged(call, own.decider.parties(own.state))


def _check_sight(call: Call, wish: Wish) -> None:
    """Ask for the case itself before anything else that an answer could tell of it.

    A stale version or a wrong reference says that there is a case; only its own people are told.
    """
    command, body = wish.commands[0], call.operation.body
    if body is None:
        return
    if wish.expected_version is None and (body.opens or not references(command, REFERENCES)):
        return  # the guard sees it first
    try:
        own = call.desk.casebook.state(command.stream)
    except CaseNotFound:
        if body.opens:
            return
        raise
    if type(command) not in own.decider.commands:
        raise AlreadyExists if body.opens else CaseNotFound
    access.require_case(call.actor, call.scope, own.decider, own.state)


def _check_references(call: Call, command: Command) -> None:
    named = references(command, REFERENCES)
    for name, other in named:
        try:
            known = call.desk.casebook.state(other)
            if known.decider.category != REFERENCES[name]:
                raise CaseNotFound
            if access.must_own(call.actor, name):
                parties = known.decider.parties(known.state)
                access.require_sight(sight.as_merged(call, parties).scope, parties)
        except CaseNotFound:
            raise Problem(
                "request.invalid",
                FieldError(f"#/{name}", "case_not_found"),
            ) from None
        if name == "customer_id" and known.state.merged_into is not None:
            raise CustomerIsMerged(survivor_id=str(known.state.merged_into))


def receipt_answer(receipt: Receipt, location: str | None = None) -> Response:
    """Answer a command: 201 for a new case, 200 else, with where it stands now."""
    stream, version, position = str(receipt.stream), receipt.version, receipt.position
    body = f'{{"id":"{stream}","version":{version},"position":{position}}}'.encode()
    headers = [
        (b"etag", version_tag(version).encode()),
        (b"casebook-position", b"%d" % position),
        (b"cache-control", b"no-store"),
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
    ]
    if receipt.created and location is not None:
        headers.append((b"location", location.encode("latin-1")))
    if receipt.replayed:
        headers.append((b"idempotency-replayed", b"true"))
    return Stored(body, headers, 201 if receipt.created else 200)


async def _handle(
    call: Call,
    *,
    body: Body,
    path_fields: Mapping[str, tuple[str, Any]],
    expand: Expand | None,
    check: Check | None,
    attach: Attach | None,
) -> Response:
    request = call.request
    version = expected_version(request)
    require_json(request)
    raw = await body_of(request)
    idempotency = idempotency_of(request, call.actor, raw)
    stream = None if body.opens else uuid_in_path(call.path("id"))
    if stream is not None and call.operation.tag == VEHICLES:
        call = await sight.of_vehicle(call, stream)
    given = {
        field: path_value(hint, call.path(part)) for part, (field, hint) in path_fields.items()
    }
    parsed: BaseModel = body.parse(raw)
    command = body.to_command(parsed, stream, given)
    filled = access.acting_for(call.actor, command)
    if filled:
        command = replace(command, **filled)
    if check is not None:
        check(call, command)
    commands = tuple(expand(command)) if expand else (command,)
    wish = Wish(commands, body.reason(parsed), version, idempotency, attach)
    if _asks_nothing(call, wish):
        receipt = await _open(call, wish)
    else:
        receipt = await call.desk.writers.run(execute, call, wish)
    location = f"{call.operation.path}/{receipt.stream}" if body.opens else None
    return receipt_answer(receipt, location)


def snake(name: str) -> str:
    """Return a class name as an operation id: `RegisterComplaint` is `register_complaint`."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def command_route(
    path: str,
    command: type[Command],
    *,
    tag: str,
    opens: bool = False,
    made: Sequence[str] = (),
    path_fields: Mapping[str, str] | None = None,
    expand: Expand | None = None,
    check: Check | None = None,
    attach: Attach | None = None,
    name: str | None = None,
) -> Operation:
    """Make the route of one command.

    `made` are ids of items that the server makes where the caller brings none; `path_fields` maps
    parts of the path to fields; `expand` turns the command into those of several cases that the
    caller names; `attach` is asked for what the service itself has to do with it, and may answer
    the command anew; `check` refuses what this installation does not allow.
    """
    fields = dict(path_fields or {})
    body = body_of_command(
        command, opens=opens, given=frozenset(fields.values()), made=frozenset(made)
    )
    hints = get_type_hints(command)
    typed = {part: (field, hints[field]) for part, field in fields.items()}
    summary = (command.__doc__ or "").strip().partition("\n")[0]
    done = {200: Answer(about="Done, or already so.", schema=RECEIPT_SCHEMA)}
    if opens:
        done = {
            201: Answer(about="A new case stands.", schema=RECEIPT_SCHEMA, headers=("Location",)),
            200: Answer(about="The case stood already, exactly like this.", schema=RECEIPT_SCHEMA),
        }
    return Operation(
        method="POST",
        path=path,
        name=name or snake(command.__name__),
        tag=tag,
        summary=summary,
        handler=partial(
            _handle, body=body, path_fields=typed, expand=expand, check=check, attach=attach
        ),
        answers=done,
        body=body,
        headers=WRITE_HEADERS,
        fails=WRITE_FAILS,
        example=example_of(body),
    )
