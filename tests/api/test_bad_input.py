"""Bad input gets its problem document, nothing is stored, nothing crashes."""

import json
import socket
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from domain.declare import Role
from tests.api.service import COMPANY, Service, problem

COMPLAINT = {"kind": "quality", "channel": "phone", "narrative": "It jerks."}
PATH = "/v1/complaints"


@pytest.fixture
def head(service: Service) -> Any:
    """See to it that the log is as long after a test as it was before."""
    before = service.app.state.desk.casebook.head()
    yield before
    assert service.app.state.desk.casebook.head() == before


def sent(service: Service, raw: bytes, **headers: str) -> httpx.Response:
    given = {"content-type": "application/json", **headers}
    return service.client.post(PATH, content=raw, headers=service.specialist.headers(given))


def refused_field(service: Service, body: dict[str, Any], pointer: str, code: str) -> None:
    answer = service.specialist.post(PATH, body)
    [error] = problem(answer, 422, "request.invalid")["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)
    assert error["message"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("colour", "red", "extra_forbidden"),
        ("kind", "complaint", "enum"),
        ("kind", 5, "enum"),
        ("kind", None, "enum"),
        ("narrative", 5, "string_type"),
        ("narrative", "", "string_too_short"),
        ("narrative", "   ", "string_too_short"),
        ("narrative", "x" * 20_001, "string_too_long"),
        ("narrative", "It\u0000jerks", "control_character"),
        ("complainant_name", "Sara \u202eevil", "bidirectional_character"),
        ("complainant_name", "Sara \u2066Rad", "bidirectional_character"),
        ("mileage", "5", "int_type"),
        ("mileage", 5.5, "int_type"),
        ("mileage", -1, "greater_than_equal"),
        ("mileage", True, "int_type"),
        ("fire", "yes", "bool_type"),
        ("fire", 1, "bool_type"),
        ("occurred_on", "1948-03-01", "greater_than_equal"),
        ("occurred_on", "9999-12-31", "less_than_equal"),
        ("occurred_on", "2026-02-30", "date_parsing"),
        ("occurred_on", 1700000000, "date_type"),
        ("received_at", "2026-02-01T10:00:00", "timezone_aware"),
        ("received_at", "9999-12-31T23:59:59-12:00", "less_than_equal"),
        ("received_at", "yesterday", "datetime_parsing"),
        ("customer_id", "me", "uuid_parsing"),
        ("dealer_id", "dealer\n12", "control_character"),
        ("dealer_id", "؛", "string_pattern_mismatch"),
        ("id", "1; DROP TABLE", "uuid_parsing"),
    ],
)
def test_a_field_that_is_not_acceptable_is_named(
    service: Service, head: int, field: str, value: object, code: str
) -> None:
    answer = service.specialist.post(PATH, {**COMPLAINT, field: value})
    [error] = problem(answer, 422, "request.invalid")["errors"]
    assert error["pointer"] == f"#/{field}"
    assert error["code"] in (code, "string_pattern_mismatch", "int_from_float"), error
    if isinstance(value, str) and len(value) > 3:
        assert value not in answer.text


def test_every_wrong_field_is_named_at_once(service: Service, head: int) -> None:
    answer = service.specialist.post(PATH, {"kind": 1, "fire": 2, "x": 3})
    pointers = {error["pointer"] for error in problem(answer, 422, "request.invalid")["errors"]}
    assert pointers == {"#/kind", "#/fire", "#/x", "#/channel"}


@pytest.mark.parametrize("raw", [b"{", b"", b"[1", b'{"kind":}', b"\x00", b"[" * 100_000, b"nul"])
def test_what_is_not_json_is_refused(service: Service, head: int, raw: bytes) -> None:
    answer = sent(service, raw)
    if raw:
        problem(answer, 400, "request.malformed")
    else:
        problem(answer, 422, "request.invalid")


@pytest.mark.parametrize("raw", [b"[]", b'"x"', b"5", b"null", b"true"])
def test_json_that_is_no_object_is_refused(service: Service, head: int, raw: bytes) -> None:
    [error] = problem(sent(service, raw), 422, "request.invalid")["errors"]
    assert error["pointer"] == "#"


def test_bad_utf_8_is_refused(service: Service, head: int) -> None:
    raw = b'{"kind":"quality","channel":"phone","narrative":"\xff\xfe"}'
    [error] = problem(sent(service, raw), 400, "request.malformed")["errors"]
    assert error["code"] == "not_utf8"


def test_a_lone_surrogate_is_refused(service: Service, head: int) -> None:
    raw = b'{"kind":"quality","channel":"phone","narrative":"\\ud800"}'
    assert sent(service, raw).status_code in (400, 422)


def test_what_does_not_say_it_is_json_is_refused(service: Service, head: int) -> None:
    raw = json.dumps(COMPLAINT).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "", "application/xml"):
        problem(sent(service, raw, **{"content-type": kind}), 415, "request.unsupported_media_type")


def test_ten_megabytes_are_refused(service: Service, head: int) -> None:
    raw = json.dumps({**COMPLAINT, "narrative": "x" * 10_000_000}).encode()
    problem(sent(service, raw), 413, "request.too_large")


def test_ten_megabytes_of_which_the_size_is_not_said_are_refused(
    service: Service, head: int
) -> None:
    def parts() -> Any:
        for _ in range(160):
            yield b"x" * 65_536

    headers = service.specialist.headers({"content-type": "application/json"})
    with httpx.Client(base_url=service.url) as client:
        problem(client.post(PATH, content=parts(), headers=headers), 413, "request.too_large")


def test_the_id_of_another_persons_case_is_the_id_of_no_case(service: Service) -> None:
    other = service.complaint()
    _, customer = service.customer()
    unit = service.person(Role.UNIT, unit="parts")
    dealer = service.person(Role.DEALER, dealer_id="dealer-77")
    for person in (customer, dealer, unit):
        problem(person.get(f"{PATH}/{other}"), 404, "case.not_found")
    problem(customer.get(f"{PATH}/{uuid4()}"), 404, "case.not_found")
    before = service.app.state.desk.casebook.head()
    body = {"party": "customer", "confirmed": True}
    problem(customer.post(f"{PATH}/{other}/confirmations", body), 404, "case.not_found")
    problem(dealer.post(f"{PATH}/{other}/plan", {"plan": "x"}), 404, "case.not_found")
    problem(customer.post(f"{PATH}/{uuid4()}/confirmations", body), 404, "case.not_found")
    assert service.app.state.desk.casebook.head() == before


def test_a_customer_opens_cases_of_her_own_only(service: Service) -> None:
    customer_id, customer = service.customer()
    other_id, _ = service.customer()
    body = {"kind": "sales", "channel": "portal", "narrative": "Late."}
    problem(customer.post(PATH, {**body, "customer_id": str(other_id)}), 404, "case.not_found")
    own = customer.done(PATH, body)["id"]
    assert customer.get(f"{PATH}/{own}").json()["customer_id"] == str(customer_id)
    nobody = service.person(Role.CUSTOMER)
    problem(nobody.post(PATH, body), 404, "case.not_found")


def test_a_customer_speaks_of_her_own_vehicle_only(service: Service) -> None:
    _, customer = service.customer()
    car = service.specialist.done(
        "/v1/vehicles", {"make": "Example", "model": "E5", "vin_source": "phone"}
    )["id"]
    answer = customer.post(
        PATH, {"kind": "quality", "channel": "portal", "narrative": "x", "vehicle_id": car}
    )
    [error] = problem(answer, 422, "request.invalid")["errors"]
    assert (error["pointer"], error["code"]) == ("#/vehicle_id", "case_not_found")


@pytest.mark.parametrize("field", ["customer_id", "vehicle_id"])
def test_a_complaint_names_no_case_that_does_not_exist(
    service: Service, head: int, field: str
) -> None:
    refused_field(service, {**COMPLAINT, field: str(uuid4())}, f"#/{field}", "case_not_found")


def test_a_vin_that_cannot_be_one_is_refused(service: Service, head: int) -> None:
    vehicle = {"make": "Example", "model": "E5"}
    for vin in ("IOQ45678901234567", "123", "LSGJA52U7AH00001ü"):
        answer = service.specialist.post("/v1/vehicles", {**vehicle, "vin": vin})
        assert problem(answer, 422, answer.json()["type"])["type"].startswith("identifier.vin")


def test_a_complaint_about_an_unknown_vehicle_says_what_is_known_of_it(service: Service) -> None:
    case = service.complaint(vin_partial="LSGJA52U7AH", vehicle_described="a white E5")
    expert = service.expert
    expert.position = service.app.state.desk.casebook.head()
    assert expert.get(f"{PATH}/{case}").json()["vin_partial"] == "LSGJA52U7AH"


def test_an_id_that_exists_with_other_content_is_refused(service: Service) -> None:
    case = str(uuid4())
    specialist = service.specialist
    assert specialist.post(PATH, {**COMPLAINT, "id": case}).status_code == 201
    assert specialist.post(PATH, {**COMPLAINT, "id": case}).status_code == 200
    other = {**COMPLAINT, "id": case, "narrative": "It burns."}
    problem(specialist.post(PATH, other), 409, "case.already_exists")
    customer = specialist.done("/v1/customers", {"name": "Sara"})["id"]
    problem(specialist.post(PATH, {**COMPLAINT, "id": customer}), 409, "case.already_exists")


def test_ids_that_are_none_name_no_case(service: Service) -> None:
    for part in ("x", "1", "%00", "..%2f", "0" * 36, "é", "{id}"):
        answer = service.expert.get(f"{PATH}/{part}")
        assert answer.status_code == 404, part
        assert answer.json()["type"] in ("case.not_found", "route.not_found")
    answer = service.expert.post(
        f"{PATH}/{service.complaint()}/inquiries/0/answer", {"answer": "x"}
    )
    problem(answer, 404, "case.not_found")


def test_what_nobody_knows_in_a_query_is_refused(service: Service) -> None:
    expert = service.expert
    for query, name in (
        ("colour=red", "colour"), ("status=open", "status"), ("limit=0", "limit"),
        ("limit=201", "limit"), ("limit=x", "limit"), ("limit=1&limit=2", "limit"),
        ("cursor=x", "cursor"), ("cursor=AAAA", "cursor"), ("customer=x", "customer"),
        ("due_before=tomorrow", "due_before"), ("q=", "q"), ("q=%00", "q"), ("q=%ff", "q"),
        ("open=1", "open"), (f"q={'x' * 300}", "q"),
    ):  # fmt: skip
        [error] = problem(expert.get(f"{PATH}?{query}"), 422, "request.invalid")["errors"]
        assert error["pointer"] == f"query/{name}", query


def test_a_method_and_an_address_that_do_not_exist_are_said_to(service: Service) -> None:
    problem(service.client.get("/v1/nothing"), 404, "route.not_found")
    answer = service.client.delete(PATH)
    problem(answer, 405, "route.method_not_allowed")
    assert "allow" in answer.headers


def test_titles_are_in_the_callers_language(service: Service) -> None:
    titles = {
        locale: service.expert.get(f"{PATH}/{uuid4()}", accept_language=locale).json()["title"]
        for locale in ("fa", "zh-CN,zh;q=0.9", "en", "xx, fa;q=0.5, zh;q=0.2")
    }
    assert titles["fa"] == titles["xx, fa;q=0.5, zh;q=0.2"]
    assert len(set(titles.values())) == 3


def test_a_request_that_is_no_http_does_not_crash_the_service(service: Service) -> None:
    host, port = service.url.removeprefix("http://").split(":")
    for raw in (b"\x16\x03\x01\x00", b"GET /\xff HTTP/1.1\r\n\r\n", b"POST / HTTP/1.1\r\n"):
        with socket.create_connection((host, int(port)), timeout=5) as line:
            line.sendall(raw)
            line.shutdown(socket.SHUT_WR)
            line.recv(1024)
    assert service.client.get("/health").status_code == 200


def test_an_auditor_changes_nothing(service: Service, head: int) -> None:
    problem(service.auditor.post(PATH, COMPLAINT), 403, "role.not_entitled")


def test_whoever_holds_no_role_opens_nothing(service: Service, head: int) -> None:
    nobody = service.person()
    problem(nobody.get(PATH), 403, "role.not_entitled")
    problem(nobody.post(PATH, COMPLAINT), 403, "role.not_entitled")


def test_no_answer_says_where_it_was_made(service: Service) -> None:
    answer = service.expert.get(f"{PATH}/{uuid4()}")
    assert "server" not in {name.lower() for name in answer.headers} - {"server"}
    assert "Traceback" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_staff_of_one_region_do_not_see_another_ones(service: Service) -> None:
    case = service.complaint(region="north")
    north = service.person(Role.SPECIALIST, region="north")
    south = service.person(Role.SPECIALIST, region="south")
    company = service.person(Role.SPECIALIST, **COMPANY)
    for person, status in ((north, 200), (company, 200), (south, 404)):
        person.position = service.app.state.desk.casebook.head()
        assert person.get(f"{PATH}/{case}").status_code == status


def test_an_id_of_nothing_but_zeros_is_not_the_id_of_a_new_case(
    service: Service, head: int
) -> None:
    body = {"id": str(UUID(int=0)), "name": "Sara Rad"}
    found = problem(service.specialist.post("/v1/customers", body), 422, "request.invalid")
    assert found["errors"][0]["pointer"] == "#/id"
