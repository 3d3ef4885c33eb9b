"""Schemathesis over the whole document: no server error, and every answer is one that is described.

The budget is fixed: so many generated requests per operation, the same ones in every run; the
nightly profile tries more. Valid requests may still be refused by the rules, so that a refusal is
described is asked here, and what the rules say is tested elsewhere.
"""

import os
import re
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from api import openapi
from api.routes import OPERATIONS
from api.schemas import COMPONENTS, MODELS
from domain.declare import Role
from tests.api.service import COMPANY, Person, Service
from tests.api.test_notifications import plan

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
EXAMPLES = 200 if NIGHTLY else 3
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
    unsupported_method,
)

UUIDS = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

schema = schemathesis.openapi.from_dict(openapi.document(OPERATIONS, COMPONENTS, MODELS)).exclude(
    operation_id="stream_notifications"  # its answer does not end; test_notifications reads it
)

LETTER = {
    "route": "courier", "authority": "Board", "letter_number": "1", "letter_on": "2026-01-01",
    "kind": "quality", "matter": "It jerks.",
}  # fmt: skip

ORDER = {
    "scheme": "immediate", "model": "E5", "price": {"minor": 9_800_000_000, "currency": "IRR"},
    "contract_on": "2026-01-10",
}  # fmt: skip


@pytest.fixture(scope="module")
def everybody(service: Service) -> Person:
    """Return somebody who may use every route, so that what lies behind it is reached."""
    others = (Role.SYSTEM, Role.CUSTOMER, Role.DEALER, Role.AUDITOR)
    staff = [role for role in Role if role not in others]
    return service.person(*staff, sub="u-everybody", unit="complaints", **COMPANY)


@pytest.fixture(scope="module")
def standing(service: Service, everybody: Person) -> dict[str, str]:
    """Make one case of each kind, for requests that name a case."""
    customer = everybody.done("/v1/customers", {"name": "Sara Rad"})["id"]
    vehicle = everybody.done(
        "/v1/vehicles", {"make": "Example", "model": "E5", "vin_source": "phone"}
    )["id"]
    herself = {"account": "u-everybody", "name": "Everybody", "roles": ["manager"]}
    return {
        "customers": customer,
        "vehicles": vehicle,
        "complaints": service.complaint(),
        "referrals": everybody.done("/v1/referrals", LETTER)["id"],
        "staff": everybody.done("/v1/staff", herself)["id"],
        "orders": everybody.done("/v1/orders", {**ORDER, "customer_id": customer})["id"],
        "notifications": str(plan(service, "u-everybody")[0]),
    }


@schema.parametrize()
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_that_is_described(
    case: Any, service: Service, everybody: Person, standing: dict[str, str]
) -> None:
    parts = case.operation.path.split("/")
    if len(parts) > 3 and parts[3] == "{id}" and UUIDS.fullmatch(str(case.path_parameters["id"])):
        case.path_parameters["id"] = standing.get(parts[2], standing["complaints"])
    if str((case.headers or {}).get("If-Position-At-Least", "")).isdigit():
        case.headers["If-Position-At-Least"] = "1"  # no view would reach most others
    checks = list(CHECKS)
    if parts[-1] == "identification":  # other methods are answered by /v1/customers/{id}
        checks.remove(unsupported_method)
    case.call_and_validate(
        base_url=service.url,
        headers={"authorization": f"Bearer {everybody.token}"},
        checks=checks,
    )
