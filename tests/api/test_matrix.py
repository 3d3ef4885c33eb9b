"""Who may use what, on whose case: every route of the OpenAPI document, every role, own and other.

The document is asked which routes there are; what is expected of each stands in `tests.api.doors`.
A route that is not there fails, and so does one about a kind of case that `cases` does not make.
"""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from api import openapi
from api.routes import OPERATIONS
from api.schemas import COMPONENTS, MODELS
from domain.clocks.messages import Urgency
from domain.declare import Actor, ActorId, Role
from domain.notification import PlanNotification
from domain.staff import RegisterStaffMember
from tests.api.doors import EXPECTED
from tests.api.service import COMPANY, Person, Service

DOCUMENT = openapi.document(OPERATIONS, COMPONENTS, MODELS)
ROUTES = {
    described["operationId"]: (method.upper(), path, described)
    for path, methods in DOCUMENT["paths"].items()
    for method, described in methods.items()
}
ROLES = [role for role in Role if role is not Role.SYSTEM]

REGIONS = {"own": "north", "other": "south"}
UNITS = {"own": "parts", "other": "legal"}
SEES_ALL = {"secretariat", "special_expert", "manager", "auditor", "admin"}


@pytest.fixture(scope="module")
def cases(service: Service) -> dict[str, dict[str, str]]:
    """Make each kind of case twice: of one customer, dealer, unit and region, and of others."""
    specialist = service.specialist
    made: dict[str, dict[str, str]] = {"own": {}, "other": {}}
    for whose, found in made.items():
        customer = specialist.done("/v1/customers", {"name": whose})["id"]
        vehicle = specialist.done(
            "/v1/vehicles", {"make": "Example", "model": "E5", "vin_source": "phone"}
        )["id"]
        specialist.done(
            f"/v1/vehicles/{vehicle}/ownership",
            {"customer_id": customer, "from_on": "2025-01-01"},
        )
        complaint = specialist.done(
            "/v1/complaints",
            {
                "kind": "quality", "channel": "phone", "narrative": "It jerks.",
                "customer_id": customer, "vehicle_id": vehicle,
            },
        )["id"]  # fmt: skip
        specialist.done(f"/v1/complaints/{complaint}/judgement", {"valid": True})
        specialist.done(
            f"/v1/complaints/{complaint}/classification", {"kind": "quality", "subject": "gearbox"}
        )
        specialist.done(f"/v1/complaints/{complaint}/grading", {"importance": "normal"})
        specialist.done(
            f"/v1/complaints/{complaint}/assignment",
            {"region": REGIONS[whose], "dealer_id": f"dealer-{whose}"},
        )
        service.expert.done(
            f"/v1/complaints/{complaint}/inquiries", {"unit": UNITS[whose], "question": "?"}
        )
        found |= {"customer": customer, "vehicle": vehicle, "complaint": complaint}
        found |= bought(service, whose, customer)
        found["draw"] = service.person(Role.MANAGER, **COMPANY).done("/v1/draws", draw(whose))["id"]
        found["referral"] = referral(service, whose)
        found |= {"staff": colleague(service, whose), "notification": notice(service, whose)}
    found = made["own"]
    found["position"] = str(service.app.state.desk.casebook.head())
    return made


def draw(whose: str) -> dict[str, Any]:
    return {
        "name": f"draw-{whose}", "quotas": [{"model": "E5", "winners": 1, "reserves": 1}],
        "source": "A public value", "value_expected_at": "2030-03-07T12:30:00Z",
        "opens_at": "2030-03-01T08:00:00Z", "closes_at": "2030-03-06T08:00:00Z",
    }  # fmt: skip


def bought(service: Service, whose: str, customer: str) -> dict[str, str]:
    """Place an order with a region's dealer, apply for a lease there, and open a ledger."""
    manager = service.person(Role.MANAGER, **COMPANY)
    order = {
        "customer_id": customer, "scheme": "immediate", "model": "E5", "contract_on": "2026-01-10",
        "price": {"minor": 9_800_000_000, "currency": "IRR"}, "dealer_id": f"dealer-{whose}",
        "region": REGIONS[whose],
    }  # fmt: skip
    lease = {
        "customer_id": customer, "product": "ir_in_house", "applied_on": "2026-01-10",
        "price": {"minor": 15_000_000_000, "currency": "IRR"}, "term_months": 36,
        "down_payment": {"minor": 6_000_000_000, "currency": "IRR"},
        "dealer_id": f"dealer-{whose}", "region": REGIONS[whose],
    }  # fmt: skip
    ledger = {"customer_id": customer, "programme": "club"}
    return {
        "order": manager.done("/v1/orders", order)["id"],
        "lease": manager.done("/v1/leases", lease)["id"],
        "ledger": manager.done("/v1/loyalty-ledgers", ledger)["id"],
    }


SYSTEM = Actor(id=ActorId("system:tests"), roles=frozenset({Role.SYSTEM}))


def referral(service: Service, whose: str) -> str:
    """Receive a letter of an authority, and give it to a region and its dealer."""
    secretary = service.person(Role.SECRETARIAT)
    letter = {
        "route": "courier", "authority": "Board", "letter_number": whose, "kind": "quality",
        "letter_on": "2026-01-01", "matter": "It jerks.",
    }  # fmt: skip
    case: str = secretary.done("/v1/referrals", letter)["id"]
    secretary.done(f"/v1/referrals/{case}/registration", {"number": f"S-{whose}", "pack": "iran"})
    secretary.done(
        f"/v1/referrals/{case}/distribution",
        {"region": REGIONS[whose], "dealer_id": f"dealer-{whose}"},
    )
    return case


def colleague(service: Service, whose: str) -> str:
    """Register a member of staff of a unit and region."""
    command = RegisterStaffMember(
        stream=uuid4(), account=f"account-{whose}", name="Reza Example", roles=(Role.EXPERT,),
        unit=UNITS[whose], region=REGIONS[whose],
    )  # fmt: skip
    return str(service.app.state.desk.casebook.execute(command, actor=SYSTEM).stream)


def notice(service: Service, whose: str) -> str:
    """Plan a notice for that member of staff."""
    command = PlanNotification(
        stream=uuid4(), recipient=f"account-{whose}", staff_id=uuid4(), locale="en",
        code="complaint.deadline_warned", case_id=uuid4(), case_category="complaint",
        urgency=Urgency.WARNING, cause=uuid4(), caused_at=datetime.now(UTC),
    )  # fmt: skip
    return str(service.app.state.desk.casebook.execute(command, actor=SYSTEM).stream)


def acting(service: Service, cases: dict[str, dict[str, str]], role: Role) -> Person:
    """Return somebody of one role whose own cases are the own ones."""
    acts_for: dict[str, str] = {}
    match role:
        case Role.CUSTOMER:
            acts_for = {"customer_id": cases["own"]["customer"]}
        case Role.DEALER:
            acts_for = {"dealer_id": "dealer-own"}
        case _:
            acts_for = {"region": REGIONS["own"], "unit": UNITS["own"]}
    person = service.person(role, **acts_for)
    person.position = int(cases["own"]["position"])
    return person


def sent(person: Person, name: str, case: str) -> Any:
    method, path, described = ROUTES[name]
    fills = {
        "id": case, "n": "1", "locale": "en", "kind": "document_policy", "name": "default",
    }  # fmt: skip
    for part in described["parameters"]:
        if part["in"] == "path" and part["name"] not in fills:
            fills[part["name"]] = str(uuid4())
    address = path.format(**fills)
    if name == "read_case_diff":
        address += "?from=0&to=1"
    if method == "GET":
        return person.get(address)
    if name in ("add_document", "add_referral_document", "add_lease_document"):
        answer = person.client.post(
            address,
            data={"kind": "other", "title": "x"},
            files={"file": ("x.txt", b"text", "text/plain")},
            headers={"authorization": f"Bearer {person.token}"},
        )
        person.remember(answer)
        return answer
    content = described["requestBody"]["content"]["application/json"]
    return person.post(address, content.get("example", {}))


KINDS = {
    "cases": "complaint", "complaints": "complaint", "customers": "customer", "orders": "order",
    "vehicles": "vehicle", "notifications": "notification", "referrals": "referral",
    "loyalty-ledgers": "ledger", "staff": "staff", "leases": "lease",
    "draws": "draw",
}  # fmt: skip
"""Of which kind a case in a path is, by the path's first part."""


def kind_of(path: str) -> str:
    return KINDS[path.split("/")[2]] if "{id}" in path else "complaint"


def test_every_route_of_the_document_is_expected_here() -> None:
    assert set(ROUTES) == set(EXPECTED)


def test_the_document_says_which_roles_open_a_route() -> None:
    for name, (_, _, described) in ROUTES.items():
        expected = EXPECTED[name]
        if expected is None:
            assert described["security"] == []
        else:
            assert described["x-roles"] == sorted(expected.split()), name


@pytest.mark.parametrize("name", sorted(n for n, roles in EXPECTED.items() if roles is not None))
def test_a_route_is_closed_without_a_token_and_to_every_other_role(
    service: Service, cases: dict[str, dict[str, str]], name: str
) -> None:
    expected = EXPECTED[name]
    assert expected is not None
    case = cases["own"][kind_of(ROUTES[name][1])]
    nobody = Person(service.client, "x")
    assert sent(nobody, name, case).status_code == 401
    before = service.app.state.desk.casebook.head()
    for role in ROLES:
        if role.value in expected.split():
            continue
        answer = sent(acting(service, cases, role), name, case)
        assert answer.status_code == 403, f"{role}: {answer.status_code} {answer.text}"
        assert answer.json()["type"] == "role.not_entitled"
    assert service.app.state.desk.casebook.head() == before


@pytest.mark.parametrize("name", sorted(n for n, (_, path, _) in ROUTES.items() if "{id}" in path))
def test_anothers_case_is_no_case_and_ones_own_is_one(
    service: Service, cases: dict[str, dict[str, str]], name: str
) -> None:
    method, path, _ = ROUTES[name]
    kind = kind_of(path)
    expected = EXPECTED[name]
    assert expected is not None
    before = service.app.state.desk.casebook.head()
    for role in ROLES:
        if role.value not in expected.split() or role.value in SEES_ALL:
            continue
        person = acting(service, cases, role)
        unassigned = kind in ("customer", "vehicle", "ledger") and role not in (
            Role.CUSTOMER, Role.DEALER, Role.UNIT, Role.TECHNICAL,
        )  # fmt: skip
        if kind == "draw":  # it is public, so that whoever lost can check it
            assert sent(person, name, cases["other"][kind]).status_code in (200, 409)
        elif not unassigned:
            answer = sent(person, name, cases["other"][kind])
            assert answer.status_code == 404, f"{role}: {answer.status_code} {answer.text}"
            assert answer.json()["type"] == "case.not_found"
            assert service.app.state.desk.casebook.head() == before
        if method == "GET" and sees_own(role, kind):
            own = sent(person, name, cases["own"][kind])
            missing = MISSING.get(name)
            assert own.status_code in ((404, 409) if missing else (200,)), f"{role}: {own.text}"
            if missing:
                assert own.json()["type"] == missing


MISSING = {
    "read_document": "complaint.paper_not_found",
    "read_referral_document": "referral.paper_not_found",
    "read_reply_letter": "referral.reply_not_found",
    "read_draw_proof": "draw.no_proof_yet",
    "read_lease_document": "lease.paper_not_found",
    "read_lease_account": "case.not_found",
    "read_lease_contract": "lease.not_contracted",
    "read_lease_statement": "lease.not_contracted",
}
"""What a read says of a case that is one's own and has no such thing."""


def sees_own(role: Role, kind: str) -> bool:
    """Tell whether a role sees a case of this kind that is its own."""
    if kind == "staff":  # her own, by her account, and nobody else's
        return False
    if role is Role.CUSTOMER or kind in ("complaint", "draw"):
        return True
    if kind == "order":  # it has no part for a unit in it
        return role is not Role.UNIT
    if role is Role.DEALER:  # its complaint is about the vehicle
        return kind in ("vehicle", "lease")
    return role not in (Role.UNIT, Role.TECHNICAL)


LISTS = {
    "complaint": "list_complaints", "order": "list_orders", "lease": "list_leases",
    "ledger": "list_ledgers", "referral": "list_referrals",
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_a_list_holds_what_its_reader_sees(
    service: Service, cases: dict[str, dict[str, str]], role: Role
) -> None:
    person = acting(service, cases, role)
    for kind, name in LISTS.items():
        expected = EXPECTED[name]
        assert expected is not None
        if role.value not in expected.split():
            continue
        items = person.get(f"{ROUTES[name][1]}?limit=200").json()["items"]
        listed = {item["id"] for item in items}
        alone = kind == "ledger" and role is not Role.CUSTOMER  # no region's and no unit's
        whole = role.value in SEES_ALL
        assert (cases["own"][kind] in listed) == (whole or alone or sees_own(role, kind)), kind
        assert (cases["other"][kind] in listed) == (whole or alone), kind


def test_a_dealer_records_visits_of_vehicles_that_its_complaints_are_about(
    service: Service, cases: dict[str, dict[str, str]]
) -> None:
    dealer = acting(service, cases, Role.DEALER)
    visit = {
        "dealer_id": "dealer-own", "visited_on": "2026-03-05", "mileage_km": 20350,
        "works": ["repair"],
    }  # fmt: skip
    dealer.done(f"/v1/vehicles/{cases['own']['vehicle']}/visits", visit)
    seen = dealer.get(f"/v1/vehicles/{cases['own']['vehicle']}").json()
    assert [each["mileage_km"] for each in seen["visits"]] == [20350]
    assert cases["own"]["customer"] not in json.dumps(seen)
    other = dealer.post(f"/v1/vehicles/{cases['other']['vehicle']}/visits", visit)
    assert other.status_code == 404
    another = {**visit, "dealer_id": "dealer-other"}
    refused = dealer.post(f"/v1/vehicles/{cases['own']['vehicle']}/visits", another)
    assert refused.status_code == 404


def test_whoever_sees_everything_sees_anothers(
    service: Service, cases: dict[str, dict[str, str]]
) -> None:
    for name in sorted(SEES_ALL):
        person = acting(service, cases, Role(name))
        other = cases["other"]["complaint"]
        assert person.get(f"/v1/complaints/{other}").status_code == 200
    company = service.person(Role.SPECIALIST, **COMPANY)
    company.position = int(cases["own"]["position"])
    assert company.get(f"/v1/complaints/{cases['other']['complaint']}").status_code == 200


def test_staff_whose_token_says_neither_unit_nor_region_see_what_nobody_has(
    service: Service, cases: dict[str, dict[str, str]]
) -> None:
    person = service.person(Role.SPECIALIST)
    person.position = int(cases["own"]["position"])
    for whose in ("own", "other"):
        assert person.get(f"/v1/complaints/{cases[whose]['complaint']}").status_code == 404
    fresh = service.complaint()
    person.position = service.app.state.desk.casebook.head()
    assert person.get(f"/v1/complaints/{fresh}").status_code == 200


def test_records_of_colleagues_are_for_those_who_keep_them_and_for_auditors(
    service: Service,
) -> None:
    member = uuid4()
    casebook = service.app.state.desk.casebook
    command = RegisterStaffMember(
        stream=member, account="account-9c21", name="Reza Example", roles=(Role.EXPERT,),
        unit="complaints",
    )  # fmt: skip
    casebook.execute(command, actor=SYSTEM)
    superiors = ((Role.SUPERVISOR, 404), (Role.UNIT_HEAD, 404), (Role.MANAGER, 200))
    for role, status in ((Role.SPECIALIST, 404), *superiors, (Role.AUDITOR, 200)):
        person = service.person(role, **COMPANY)
        person.position = casebook.head()
        for path in (f"/v1/cases/{member}", f"/v1/cases/{member}/events"):
            assert person.get(path).status_code == status, f"{role} {path}"


def test_a_customer_and_a_dealer_see_less_of_the_same_case(
    service: Service, cases: dict[str, dict[str, str]]
) -> None:
    path = f"/v1/complaints/{cases['own']['complaint']}"
    whole = acting(service, cases, Role.AUDITOR).get(path).json()
    for role in (Role.CUSTOMER, Role.DEALER):
        seen = acting(service, cases, role).get(path).json()
        assert set(seen) < set(whole)
        assert "inquiries" not in seen
        assert "u-expert" not in json.dumps(seen)
