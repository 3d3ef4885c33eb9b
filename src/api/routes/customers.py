"""Customers: who they are, how to reach them, what they agreed to, and finding them."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel
from pydantic_core import to_json
from starlette.responses import Response

from api.bodies import STRICT, parse
from api.commands import command_route
from api.conventions import POSITION_HEADER, body_of, require_json
from api.operations import Answer, Call, Operation
from api.reads import CASES, asked, case_route
from domain import customer as c
from domain.declare import Command
from domain.fields import Items, Text
from domain.identifiers import IdentifierKind, last_8_of_vin, normalized, vin_part
from projections import identifiers
from store.readers import ReadConnection

TAG = "customers"
ROOT = "/v1/customers"
CASE = f"{ROOT}/{{id}}"


def _on_case(part: str, command: type, *made: str, **path_fields: str) -> Operation:
    """Make the route of a command on one customer's record."""
    return command_route(f"{CASE}/{part}", command, tag=TAG, made=made, path_fields=path_fields)


def _on_both(command: Command) -> Sequence[Command]:
    """A merge stands on both records or on none."""
    match command:
        case c.AbsorbCustomer(stream=survivor, absorbed_id=absorbed):
            return (command, c.MarkAsMerged(stream=absorbed, survivor_id=survivor))
        case c.UndoAbsorption(stream=survivor, absorbed_id=absorbed):
            return (command, c.UndoMerge(stream=absorbed, survivor_id=survivor))
    raise TypeError(type(command).__name__)


# --- who is this? ---------------------------------------------------------------------------------


class LookedUp(StrEnum):
    """By what somebody can be looked up; a VIN by its last eight characters or a part, too."""

    NATIONAL_ID = "national_id"
    PHONE = "phone"
    CONTRACT_NUMBER = "contract_number"
    MEMBERSHIP_NUMBER = "membership_number"
    PLATE = "plate"
    VIN = "vin"
    VIN_LAST_8 = "vin_last_8"
    VIN_PART = "vin_part"


class GivenWord(BaseModel):
    """An identifier as somebody read it out, in any script and with any separators."""

    model_config = STRICT

    kind: LookedUp
    value: Annotated[str, Text(max=64)]


class FindCustomer(BaseModel):
    """Say who this is, by one identifier or several."""

    model_config = STRICT

    identifiers: Annotated[tuple[GivenWord, ...], Items(min=1, max=5)]


def _normal(given: GivenWord) -> tuple[str, str]:
    if given.kind is LookedUp.VIN_LAST_8:
        return identifiers.VIN_LAST_8, last_8_of_vin(vin_part(given.value))
    if given.kind is LookedUp.VIN_PART:
        return identifiers.VIN_PART, vin_part(given.value)
    kind = IdentifierKind(given.kind)
    return kind.value, normalized(kind, given.value)


async def _find(call: Call) -> Response:
    require_json(call.request)
    wanted = [_normal(g) for g in parse(FindCustomer, await body_of(call.request)).identifiers]

    async def ask(connection: ReadConnection) -> tuple[int, list[identifiers.Match]]:
        return await identifiers.find(connection, call.desk.casebook.keys, wanted)

    position, matches = await asked(call, (identifiers.VIEW.name, *CASES), ask)
    people = {match.customer_id for match in matches if match.customer_id is not None}
    body = {
        "outcome": ("none", "one")[len(people)] if len(people) < 2 else "several",
        "customer_id": next(iter(people)) if len(people) == 1 else None,
        "matches": [
            {
                "kind": match.kind,
                "case": match.stream,
                "category": match.category,
                "customer_id": match.customer_id,
            }
            for match in matches
        ],
    }
    headers = {"cache-control": "no-store", POSITION_HEADER: str(position)}
    return Response(to_json(body), headers=headers, media_type="application/json")


_ID = {"type": "string", "format": "uuid"}
_MAYBE_ID = {"type": ["string", "null"], "format": "uuid"}

COMPONENTS: dict[str, Any] = {
    "Identification": {
        "type": "object",
        "description": "Whom the identifiers lead to; several matches are not joined.",
        "required": ["outcome", "customer_id", "matches"],
        "properties": {
            "outcome": {"enum": ["none", "one", "several"]},
            "customer_id": _MAYBE_ID,
            "matches": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["kind", "case", "category", "customer_id"],
                    "properties": {
                        "kind": {"type": "string"},
                        "case": _ID,
                        "category": {"enum": ["customer", "vehicle", "order", "lease", "loyalty"]},
                        "customer_id": _MAYBE_ID,
                    },
                },
            },
        },
    },
}

_FIND = Operation(
    method="POST",
    path=f"{ROOT}/identification",
    name="find_customer",
    tag=TAG,
    summary="Say who this is: identifiers travel in the body, never in an address.",
    about=(
        "By national id, phone, contract number of an order or a lease, membership number, plate "
        "or VIN. Digits of any script, spaces and dashes do not matter. The last eight characters "
        "of a VIN (`vin_last_8`) are enough where they are unique. What matches more than one "
        "person says `several` and joins nothing; records that were merged are one person."
    ),
    handler=_find,
    answers={
        200: Answer(
            about="Whom they lead to.",
            schema={"$ref": "#/components/schemas/Identification"},
            headers=("Casebook-Position",),
        )
    },
    body_schema={
        "application/json": {
            "schema": {"$ref": "#/components/schemas/FindCustomer"},
            "example": {"identifiers": [{"kind": "phone", "value": "+98 912 000 0017"}]},
        }
    },
    headers=("If-Position-At-Least",),
    fails=(400, 408, 413, 415, 422, 503),
)

OPERATIONS: tuple[Operation, ...] = (
    command_route(ROOT, c.RegisterCustomer, tag=TAG, opens=True),
    case_route(
        CASE,
        name="read_customer",
        tag=TAG,
        summary="Read a customer's record.",
        category="customer",
        schema={"$ref": "#/components/schemas/Case"},
    ),
    _FIND,
    _on_case("identifiers", c.IdentifyCustomer),
    _on_case("identifiers/withdrawal", c.WithdrawIdentifier),
    _on_case("name", c.CorrectName),
    _on_case("locale", c.ChooseLocale),
    _on_case("contacts", c.AddContact, "contact_id"),
    _on_case("contacts/{contact_id}/verification", c.VerifyContact, contact_id="contact_id"),
    _on_case("contacts/{contact_id}/preference", c.PreferContact, contact_id="contact_id"),
    _on_case("contacts/{contact_id}/removal", c.RemoveContact, contact_id="contact_id"),
    _on_case("consents", c.RecordConsent),
    command_route(
        f"{CASE}/merges", c.AbsorbCustomer, tag=TAG, name="merge_customers", expand=_on_both
    ),
    command_route(
        f"{CASE}/merges/{{absorbed_id}}/undoing",
        c.UndoAbsorption,
        tag=TAG,
        name="undo_merge_of_customers",
        path_fields={"absorbed_id": "absorbed_id"},
        expand=_on_both,
    ),
    _on_case("portal-account", c.OpenPortalAccount),
    _on_case("portal-account/closing", c.ClosePortalAccount),
)
