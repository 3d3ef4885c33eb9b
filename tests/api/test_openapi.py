"""The OpenAPI document: whole, stable, and with examples that work."""

import json
from typing import Any

import pytest

from api import openapi
from api.bodies import REASON
from api.doors import ROUTES
from api.examples import unused_special_fields
from api.operations import Operation
from api.problems import KINDS, MESSAGES
from api.routes import OPERATIONS
from api.routes.customers import LookedUp
from api.schemas import COMPONENTS, MODELS
from domain import DECIDERS
from domain.complaint import CarryOverStep
from projections import identifiers

DOCUMENT = openapi.document(OPERATIONS, COMPONENTS, MODELS)
WITH_BODY = [operation for operation in OPERATIONS if operation.body is not None]

NOT_OVER_HTTP = {
    CarryOverStep.__name__,  # what an import says of a source; no person does
    "CarryOverLease",
    "MarkAsMerged",  # the other half of a merge
    "ReserveVehicle",  # the car's half of an allocation
    "EndReservation",
    "RecordOutcome",  # what a draw and a lease decide, their sagas tell the order
    "MoveUp",
    "ConfirmFinancing",
    "FailFinancing",
    "UndoMerge",
    "PlanNotification",  # notices are the system's; people see and acknowledge them
    "WithholdNotification",
    "HoldBackNotification",
    "RecordSent",
    "RecordDelivered",
    "RecordDeliveryFailure",
    "PostponeNotification",
    "SettleNotification",
    "WarnOfDeadline",  # the system watches deadlines and derives them anew
    "ForeseeBreach",
    "RecordBreach",
    "RederiveClocks",
    "ClimbEscalation",
    "WarnOfReferralDeadline",
    "ForeseeReferralBreach",
    "RecordReferralBreach",
    "RederiveReferralClocks",
    "ClimbReferralEscalation",
    "LinkComplaint",  # the saga says of which complaint a referral is, and how that one stands
    "ConcludeHandling",
    "ResumeHandling",
    "ActivateLots",  # the saga says what time brings to a ledger
    "ExpirePoints",
    "ReviewGrade",
    "GiveTransfer",  # the two halves of a transfer
    "AcceptTransfer",
    "AdmitEntry",  # is decided together with an order
    "SealEntries",  # what follows from the log says the draw itself
    "RecordRanking",
    "SkipOutcome",
    "FinishHandingOut",
    "PassPlaceOn",
}


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        found = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return found.union(*(references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(references(value) for value in node))
    return set()


def test_every_operation_has_one_name() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(set(names)) == len(names)
    assert set(names) == set(ROUTES)


def test_every_reference_leads_somewhere() -> None:
    schemas = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    assert references(DOCUMENT) <= schemas


@pytest.mark.parametrize("operation", WITH_BODY, ids=lambda operation: operation.name)
def test_the_example_of_a_body_is_one(operation: Operation) -> None:
    body = operation.body
    assert body is not None
    assert operation.example is not None
    body.parse(json.dumps(operation.example).encode())
    assert unused_special_fields(body) == set()


@pytest.mark.parametrize("operation", WITH_BODY, ids=lambda operation: operation.name)
def test_a_body_has_the_fields_of_its_command_and_why(operation: Operation) -> None:
    body = operation.body
    assert body is not None
    of_command = set(body.command.__dataclass_fields__) - {"stream"}
    extra = ({"id"} if body.opens else set()) | {REASON}
    assert set(body.model.model_fields) == of_command - body.given | extra


def test_every_command_of_people_has_its_route() -> None:
    routed = {operation.body.command.__name__ for operation in WITH_BODY if operation.body}
    routed |= {
        "AddDocument",
        "AddReferralDocument",
        "AddLeaseDocument",
        "PublishRules",
        "ApplyRules",
    }
    routed |= {"AcknowledgeNotification"}
    for decider in DECIDERS:
        for command in decider.commands:
            assert command.__name__ in routed | NOT_OVER_HTTP, command.__name__


def test_every_operation_says_how_it_fails() -> None:
    for path, methods in DOCUMENT["paths"].items():
        for described in methods.values():
            for status, answer in described["responses"].items():
                if int(status) >= 400:
                    assert set(answer["content"]) == {"application/problem+json"}, path


def test_the_kinds_of_identifiers_are_those_of_the_view() -> None:
    assert [kind.value for kind in LookedUp] == list(identifiers.LOOKED_UP)


def test_codes_of_problems_and_messages_are_words() -> None:
    for code in (*KINDS, *MESSAGES):
        assert code == code.lower()
        assert " " not in code
