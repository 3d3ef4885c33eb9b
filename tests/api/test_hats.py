"""What several roles in one token mean, and what an answer must not tell of others' cases."""

from uuid import uuid4

import pytest

from domain.declare import Role
from tests.api.service import COMPANY, Service, problem


def head(service: Service) -> int:
    found: int = service.app.state.desk.casebook.head()
    return found


# --- others' cases --------------------------------------------------------------------------------


def test_a_stale_version_of_anothers_case_is_that_of_no_case(service: Service) -> None:
    _, sara = service.customer()
    theirs, nobodys = service.complaint(), str(uuid4())
    another, _ = service.customer()
    for case in (theirs, nobodys, str(another)):
        answer = sara.post(
            f"/v1/complaints/{case}/reopening", {"reason": "It is back."}, if_match='"99"'
        )
        found = problem(answer, 404, "case.not_found")
        assert "params" not in found
    body = {"id": theirs, "kind": "quality", "channel": "portal", "narrative": "x"}
    problem(sara.post("/v1/complaints", body, if_match='"99"'), 404, "case.not_found")


def test_a_stale_version_of_ones_own_case_is_still_said(service: Service) -> None:
    customer, sara = service.customer()
    case = service.complaint(customer_id=str(customer))
    answer = sara.post(
        f"/v1/complaints/{case}/reopening", {"reason": "It is back."}, if_match='"99"'
    )
    assert problem(answer, 412, "case.version_is_stale")["params"] == {"version": 1}
    body = {"kind": "quality", "channel": "portal", "narrative": "x"}
    answer = sara.post("/v1/complaints", body, if_match='"99"')
    assert problem(answer, 412, "case.version_is_stale")["params"] == {"version": 0}


# --- several roles --------------------------------------------------------------------------------


def test_an_auditor_changes_nothing_whatever_else_she_is(service: Service) -> None:
    case = service.complaint()
    before = head(service)
    person = service.person(Role.AUDITOR, Role.EXPERT, Role.ADMIN, **COMPANY)
    answer = person.post(f"/v1/complaints/{case}/judgement", {"valid": True})
    problem(answer, 403, "role.not_entitled")
    assert head(service) == before


def test_a_colleague_does_not_see_her_own_complaint_as_staff_do(service: Service) -> None:
    customer, sara = service.customer()
    case = service.complaint(customer_id=str(customer), region="south")
    both = service.person(
        Role.EXPERT, Role.CUSTOMER, region="north", unit="complaints", customer_id=str(customer)
    )
    sara.position = both.position = head(service)
    assert sara.get(f"/v1/complaints/{case}").status_code == 200
    problem(both.get(f"/v1/complaints/{case}"), 404, "case.not_found")
    answer = both.post(f"/v1/complaints/{case}/judgement", {"valid": True})
    problem(answer, 404, "case.not_found")


def test_a_dealer_does_not_work_on_what_is_hers_as_a_customer(service: Service) -> None:
    customer, _ = service.customer()
    specialist = service.specialist
    vehicle = specialist.done(
        "/v1/vehicles", {"make": "Example", "model": "E5", "vin_source": "phone"}
    )["id"]
    specialist.done(
        f"/v1/vehicles/{vehicle}/ownership",
        {"customer_id": str(customer), "from_on": "2025-01-01"},
    )
    visit = str(uuid4())
    specialist.done(
        f"/v1/vehicles/{vehicle}/visits",
        {
            "visit_id": visit, "dealer_id": "dealer-other", "visited_on": "2026-03-05",
            "mileage_km": 20350, "works": ["repair"],
        },
    )  # fmt: skip
    both = service.person(
        Role.DEALER, Role.CUSTOMER, dealer_id="dealer-own", customer_id=str(customer)
    )
    answer = both.post(f"/v1/vehicles/{vehicle}/visits/{visit}/withdrawal")
    problem(answer, 404, "case.not_found")


# --- what a filter tells --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["handler=u-expert", "priority=high", "region=north", "due_before=2030-01-01T00:00:00Z"],
)
def test_a_customer_does_not_guess_by_filters_what_she_may_not_see(
    service: Service, query: str
) -> None:
    _, sara = service.customer()
    found = problem(sara.get(f"/v1/complaints?{query}"), 422, "request.invalid")
    assert found["errors"][0]["code"] == "parameter_unknown"
    dealer = service.person(Role.DEALER, dealer_id="dealer-12")
    assert dealer.get(f"/v1/complaints?{query}").status_code == 200
