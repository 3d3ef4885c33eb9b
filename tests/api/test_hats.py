"""What several roles in one token mean, and what an answer must not tell of others' cases."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import uuid4

import pytest

from api.problems import Problem
from domain.declare import Role
from tests.api.service import COMPANY, Person, Service, problem


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
    assert problem(answer, 412, "case.version_is_stale")["params"] == {"version": 2}
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


# --- caches, cursors, methods, metrics ------------------------------------------------------------


def test_a_cache_keeps_apart_what_two_people_see_of_one_address(service: Service) -> None:
    customer, sara = service.customer()
    case = service.complaint(customer_id=str(customer))
    sara.position = head(service)
    for path in (f"/v1/complaints/{case}", "/v1/complaints", f"/v1/customers/{customer}/360"):
        answer = sara.get(path)
        assert answer.status_code == 200
        assert answer.headers["vary"] == "Authorization", path
        again = sara.get(path, if_none_match=answer.headers["etag"])
        assert (again.status_code, again.headers["vary"]) == (304, "Authorization")


def test_a_cursor_put_together_of_another_ones_filters_is_refused(service: Service) -> None:
    cursors = service.app.state.desk.cursors
    given = cursors.write(["b"], ["list", "u-1", 'q=a\x01["x"]'])
    raw = urlsafe_b64decode(given + "=" * (-len(given) % 4))
    forged = urlsafe_b64encode(raw[:16] + b'["x"]\x01' + raw[16:]).rstrip(b"=").decode()
    with pytest.raises(Problem):
        cursors.read(forged, ["list", "u-1", "q=a"])


def test_an_address_says_every_method_it_knows(service: Service) -> None:
    answer = service.client.delete("/v1/complaints")
    problem(answer, 405, "route.method_not_allowed")
    assert answer.headers["allow"] == "GET, POST"


def test_metrics_without_a_token_are_for_the_machine_itself(service: Service) -> None:
    assert service.client.get("/metrics").status_code == 200
    for name, value in (
        ("host", "rebound.example"), ("x-forwarded-for", "10.0.0.7"), ("x-real-ip", "10.0.0.7"),
        ("forwarded", "for=10.0.0.7"), ("via", "1.1 proxy"), ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "cases.example"), ("origin", "http://rebound.example"),
    ):  # fmt: skip
        answer = service.client.get("/metrics", headers={name: value})
        assert answer.status_code == 401, name


# --- merged records -------------------------------------------------------------------------------


def merged_twice(service: Service) -> tuple[list[str], Person, str, str]:
    """Merge three records into the last; return them, her, and the first one's case and vehicle."""
    specialist = service.specialist
    records = [specialist.done("/v1/customers", {"name": name})["id"] for name in "abc"]
    case = service.complaint(customer_id=records[0])
    vehicle = specialist.done(
        "/v1/vehicles", {"make": "Example", "model": "E5", "vin_source": "phone"}
    )["id"]
    specialist.done(
        f"/v1/vehicles/{vehicle}/ownership", {"customer_id": records[0], "from_on": "2025-01-01"}
    )
    specialist.done(f"/v1/customers/{records[1]}/merges", {"absorbed_id": records[0]})
    specialist.done(f"/v1/customers/{records[2]}/merges", {"absorbed_id": records[1]})
    person = service.person(Role.CUSTOMER, customer_id=records[2])
    person.position = head(service)
    return records, person, case, vehicle


def test_what_the_360_of_a_merged_customer_lists_she_opens(service: Service) -> None:
    records, sara, case, vehicle = merged_twice(service)
    everything = sara.get(f"/v1/customers/{records[2]}/360").json()
    assert [item["id"] for item in everything["complaints"]["items"]] == [case]
    assert [item["id"] for item in everything["vehicles"]["items"]] == [vehicle]
    assert [item["id"] for item in sara.get("/v1/complaints").json()["items"]] == [case]
    paths = [f"/v1/complaints/{case}", f"/v1/vehicles/{vehicle}"]
    for record in records:
        paths += [f"/v1/customers/{record}", f"/v1/customers/{record}/360"]
    for path in paths:
        assert sara.get(path).status_code == 200, path
    body = sara.get(f"/v1/complaints/{case}").json()
    assert "inquiries" not in body


def test_a_merged_customer_goes_on_with_the_cases_of_every_record_of_hers(
    service: Service,
) -> None:
    _, sara, case, vehicle = merged_twice(service)
    answer = sara.client.post(
        f"/v1/complaints/{case}/documents",
        data={"kind": "letter", "title": "Receipt"},
        files={"file": ("x.txt", b"text", "text/plain")},
        headers={"authorization": f"Bearer {sara.token}"},
    )
    assert answer.status_code == 200, answer.text
    refused = sara.post(f"/v1/complaints/{case}/reopening", {"reason": "It is back."})
    assert refused.status_code == 409, refused.text
    body = {"kind": "quality", "channel": "portal", "narrative": "x", "vehicle_id": vehicle}
    sara.done("/v1/complaints", body)


def test_an_undone_merge_takes_the_cases_away_again(service: Service) -> None:
    records, sara, case, vehicle = merged_twice(service)
    service.specialist.done(f"/v1/customers/{records[2]}/merges/{records[1]}/undoing")
    sara.position = head(service)
    for path in (f"/v1/complaints/{case}", f"/v1/vehicles/{vehicle}"):
        problem(sara.get(path), 404, "case.not_found")
    answer = sara.post(f"/v1/complaints/{case}/reopening", {"reason": "It is back."})
    problem(answer, 404, "case.not_found")
    assert sara.get("/v1/complaints").json()["items"] == []


# --- one dealer after another ---------------------------------------------------------------------


def test_a_dealer_does_not_read_what_another_one_said_and_planned_before(
    service: Service,
) -> None:
    case, specialist = service.complaint(), service.specialist
    dealers = {
        name: service.person(Role.DEALER, sub=f"u-{name}", dealer_id=name)
        for name in ("dealer-a", "dealer-b")
    }

    def said(path: str, body: dict[str, object], by: Person = specialist) -> None:
        by.done(f"/v1/complaints/{case}/{path}", body)

    def letter(content: str) -> dict[str, object]:
        return {
            "direction": "in", "correspondent": "dealer", "channel": "email", "content": content,
        }  # fmt: skip

    def upload(person: Person, title: str) -> None:
        answer = person.client.post(
            f"/v1/complaints/{case}/documents",
            data={"kind": "repair_order", "title": title},
            files={"file": ("x.txt", title.encode(), "text/plain")},
            headers={"authorization": f"Bearer {person.token}"},
        )
        assert answer.status_code == 200, answer.text

    said("judgement", {"valid": True})
    said("classification", {"kind": "quality", "subject": "gearbox"})
    said("grading", {"importance": "normal"})
    said("assignment", {"region": "north", "dealer_id": "dealer-a"})
    money = {"minor": 12_345, "currency": "IRR"}
    said("plan", {"plan": "plan of a", "cost": money}, dealers["dealer-a"])
    said("correspondence", letter("letter of a"), dealers["dealer-a"])
    upload(dealers["dealer-a"], "paper of a")
    said("assignment", {"region": "north", "dealer_id": "dealer-a", "reason": "x", "handler": "h"})
    dealers["dealer-a"].position = head(service)
    own = json.dumps(dealers["dealer-a"].get(f"/v1/complaints/{case}").json())
    assert all(f"{what} of a" in own for what in ("plan", "letter", "paper"))

    said("assignment", {"region": "south", "dealer_id": "dealer-b", "reason": "It moved."})
    said("plan", {"plan": "plan of b", "cost": money}, dealers["dealer-b"])
    said("correspondence", letter("letter of b"), dealers["dealer-b"])
    upload(dealers["dealer-b"], "paper of b")
    for person in dealers.values():
        person.position = head(service)
    problem(dealers["dealer-a"].get(f"/v1/complaints/{case}"), 404, "case.not_found")
    seen = json.dumps(dealers["dealer-b"].get(f"/v1/complaints/{case}").json())
    assert all(f"{what} of b" in seen for what in ("plan", "letter", "paper"))
    assert "of a" not in seen
