"""What every path shares: safe repeats, versions, freshness, tags, pages, correlation."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import httpx

from domain.declare import Role
from tests.api.service import COMPANY, Service, problem

COMPLAINT = {"kind": "quality", "channel": "phone", "narrative": "It jerks."}
PATH = "/v1/complaints"


def test_the_same_key_and_body_give_the_stored_answer(service: Service) -> None:
    specialist = service.specialist
    key = str(uuid4())
    first = specialist.post(PATH, COMPLAINT, idempotency_key=key)
    again = specialist.post(PATH, COMPLAINT, idempotency_key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    for name in ("etag", "location", "casebook-position"):
        assert first.headers[name] == again.headers[name]
    assert again.headers["idempotency-replayed"] == "true"


def test_the_same_key_with_another_body_is_refused(service: Service) -> None:
    specialist = service.specialist
    key = str(uuid4())
    specialist.done(PATH, COMPLAINT, idempotency_key=key)
    other = specialist.post(PATH, {**COMPLAINT, "fire": True}, idempotency_key=key)
    problem(other, 422, "idempotency.other_body")


def test_a_key_belongs_to_one_person_and_one_address(service: Service) -> None:
    key = str(uuid4())
    mine = service.specialist.done(PATH, COMPLAINT, idempotency_key=key)
    hers = service.expert.done(PATH, COMPLAINT, idempotency_key=key)
    assert mine["id"] != hers["id"]


def test_a_refusal_is_not_stored_under_a_key(service: Service) -> None:
    case, key = service.complaint(), str(uuid4())
    path = f"{PATH}/{case}/classification"
    body = {"kind": "quality", "subject": "gearbox"}
    assert service.expert.post(path, body, idempotency_key=key).status_code == 409
    service.expert.done(f"{PATH}/{case}/judgement", {"valid": True})
    assert service.expert.post(path, body, idempotency_key=key).status_code == 200


def test_many_at_once_with_one_key_make_one_case(service: Service) -> None:
    key = str(uuid4())
    headers = service.specialist.headers({"idempotency-key": key})

    def send(_: int) -> httpx.Response:
        with httpx.Client(base_url=service.url, timeout=30) as client:
            return client.post(PATH, json=COMPLAINT, headers=headers)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(send, range(16)))
    done = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(done) == 1
    for answer in answers:
        if answer.status_code != 201:
            problem(answer, 409, "idempotency.running")


def test_a_key_is_printable_and_bounded(service: Service) -> None:
    for key in (b"x" * 201, b"a\tb", b"\xe9"):
        own = [(n.encode(), v.encode()) for n, v in service.specialist.headers().items()]
        answer = service.client.post(
            PATH, json=COMPLAINT, headers=[*own, (b"idempotency-key", key)]
        )
        [error] = problem(answer, 400, "request.header_is_wrong")["errors"]
        assert error["pointer"] == "header/Idempotency-Key"


def test_a_stale_version_is_refused_and_the_standing_one_is_said(service: Service) -> None:
    path = f"{PATH}/{service.complaint()}/judgement"
    body = problem(
        service.expert.post(path, {"valid": True}, if_match='"7"'), 412, "case.version_is_stale"
    )
    assert body["params"] == {"version": 2}
    assert service.expert.post(path, {"valid": True}, if_match='"2"').status_code == 200


def test_a_version_is_a_strong_tag(service: Service) -> None:
    path = f"{PATH}/{service.complaint()}/judgement"
    for tag in ("1", 'W/"1"', '"x"', '"1", "2"', "*", '""', '"-1"', '"01"', '"99999999999"'):
        answer = service.expert.post(path, {"valid": True}, if_match=tag)
        [error] = problem(answer, 400, "request.header_is_wrong")["errors"]
        assert error["pointer"] == "header/If-Match"


def test_one_of_two_who_decide_on_the_same_version_wins(service: Service) -> None:
    path = f"{PATH}/{service.complaint()}/judgement"
    start = threading.Barrier(2)

    def judge(valid: bool) -> int:
        with httpx.Client(base_url=service.url, timeout=30) as client:
            headers = service.expert.headers({"if-match": '"2"'})
            start.wait()
            body = {"valid": valid, "reason": "no fault found"}
            return client.post(path, json=body, headers=headers).status_code

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(judge, (True, False))) == [200, 412]


def test_a_read_shows_ones_own_last_command(service: Service) -> None:
    specialist = service.specialist
    for _ in range(5):
        case = specialist.done(PATH, COMPLAINT)["id"]
        answer = specialist.get(f"{PATH}/{case}")
        assert answer.status_code == 200
        assert int(answer.headers["casebook-position"]) >= specialist.position
        newest = specialist.get(f"{PATH}?limit=1").json()["items"]
        assert newest[0]["id"] == case


def test_a_position_that_is_not_reached_in_time_is_said_so(service: Service) -> None:
    answer = service.expert.get(PATH, if_position_at_least=str(10**9))
    problem(answer, 503, "service.behind")
    assert int(answer.headers["retry-after"]) >= 1
    for wrong in ("x", "-1", "1.5", str(2**64), "01"):
        problem(
            service.expert.get(PATH, if_position_at_least=wrong), 400, "request.header_is_wrong"
        )


def test_what_the_caller_has_is_not_sent_again(service: Service) -> None:
    specialist = service.specialist
    case = specialist.done(PATH, COMPLAINT)["id"]
    for path in (f"{PATH}/{case}", f"{PATH}?limit=2", f"/v1/cases/{case}/events", "/v1/texts/fa"):
        tag = specialist.get(path).headers["etag"]
        again = specialist.get(path, if_none_match=f'"other", {tag}')
        assert (again.status_code, again.content) == (304, b""), path
        assert again.headers["etag"] == tag
    specialist.done(f"{PATH}/{case}/judgement", {"valid": True})
    assert specialist.get(f"{PATH}/{case}", if_none_match='"1"').status_code == 200


def test_a_list_is_read_to_its_end_without_a_gap(service: Service) -> None:
    dealer = f"dealer-{uuid4().hex[:8]}"
    specialist = service.specialist
    made = [
        specialist.done(PATH, {**COMPLAINT, "origin": "dealer", "dealer_id": dealer})["id"]
        for _ in range(7)
    ]
    reader = service.person(Role.DEALER, dealer_id=dealer)
    reader.position = specialist.position
    seen, cursor, pages = [], "", 0
    while True:
        answer = reader.get(f"{PATH}?limit=3{cursor}").json()
        seen += [item["id"] for item in answer["items"]]
        pages += 1
        if answer["next"] is None:
            break
        cursor = f"&cursor={answer['next']}"
    assert seen == made[::-1]
    assert pages == 3


def test_a_cursor_belongs_to_its_reader_and_its_filters(service: Service) -> None:
    for _ in range(3):
        service.complaint()
    specialist = service.specialist
    specialist.position = service.app.state.desk.casebook.head()
    cursor = specialist.get(f"{PATH}?limit=1").json()["next"]
    assert specialist.get(f"{PATH}?limit=2&cursor={cursor}").status_code == 200
    for person, path in (
        (service.expert, f"{PATH}?limit=1&cursor={cursor}"),
        (specialist, f"{PATH}?limit=1&kind=sales&cursor={cursor}"),
        (specialist, f"/v1/worklist?limit=1&cursor={cursor}"),
        (specialist, f"{PATH}?limit=1&cursor={cursor[:-2]}AA"),
    ):
        [error] = problem(person.get(path), 422, "request.invalid")["errors"]
        assert error["pointer"] == "query/cursor"


def test_the_correlation_id_is_the_callers_and_stands_in_the_log(service: Service) -> None:
    mine = uuid4()
    made = service.specialist.post(PATH, COMPLAINT, x_correlation_id=str(mine))
    assert made.headers["x-correlation-id"] == str(mine)
    stream = UUID(made.json()["id"])
    history = service.app.state.desk.casebook.history(stream)
    assert {recorded.correlation_id for recorded in history} == {mine}
    answer = service.client.get("/health", headers={"x-correlation-id": "not one"})
    assert UUID(answer.headers["x-correlation-id"]).version == 7


def test_the_reason_stands_in_the_envelope(service: Service) -> None:
    made = service.specialist.done(PATH, {**COMPLAINT, "reason": "she called twice"})
    recorded = service.app.state.desk.casebook.history(UUID(made["id"]))[0]
    assert recorded.reason == "she called twice"
    assert b"called twice" not in recorded.state


def test_an_item_that_is_sent_twice_is_there_once(service: Service) -> None:
    case = service.complaint()
    body = {"instruction": "Call her today.", "instruction_id": str(uuid4())}
    superior = service.person(Role.SUPERVISOR, **COMPANY)
    service.expert.done(f"{PATH}/{case}/judgement", {"valid": True})
    first = superior.done(f"{PATH}/{case}/instructions", body)
    again = superior.done(f"{PATH}/{case}/instructions", body)
    assert first == again


def test_events_are_read_in_pages(service: Service) -> None:
    case = service.complaint()
    service.expert.done(f"{PATH}/{case}/judgement", {"valid": True})
    first = service.expert.get(f"/v1/cases/{case}/events?limit=1").json()
    assert [event["version"] for event in first["items"]] == [1]
    cursor = first["next"]
    rest = service.expert.get(f"/v1/cases/{case}/events?limit=1&cursor={cursor}").json()
    assert [event["version"] for event in rest["items"]] == [2]
    last = service.expert.get(f"/v1/cases/{case}/events?limit=9&cursor={rest['next']}").json()
    assert [event["topic"] for event in last["items"]] == [
        "complaint.judged_valid",
        "complaint.clocks_stopped",
    ]
    assert last["next"] is None


def test_a_case_is_seen_as_it_stood_at_an_instant(service: Service) -> None:
    case = service.complaint()
    service.expert.done(f"{PATH}/{case}/judgement", {"valid": True})
    events = service.expert.get(f"/v1/cases/{case}/events").json()["items"]
    before = service.expert.get(f"/v1/cases/{case}?at={events[0]['recorded_at']}")
    assert before.json()["version"] == 2  # the registration and the clocks it started
    problem(service.expert.get(f"/v1/cases/{case}?at=1990-01-01T00:00:00Z"), 404, "case.not_found")
    problem(service.expert.get(f"/v1/cases/{case}?version=9"), 404, "case.not_found")
    wrong = service.expert.get(f"/v1/cases/{case}?version=1&at=2026-01-01T00:00:00Z")
    problem(wrong, 422, "request.invalid")


def test_health_says_nothing_and_metrics_say_nothing_of_anybody(service: Service) -> None:
    case = service.complaint()
    service.expert.get(f"{PATH}/{case}?q=Sara")
    assert service.client.get("/health").json() == {"status": "ok"}
    assert service.client.get("/ready").json() == {"status": "ok"}
    measured = service.client.get("/metrics")
    assert measured.status_code == 200
    assert 'route="/v1/complaints/{id}"' in measured.text
    assert case not in measured.text
    assert "parvandeh_saga_lateness_seconds" in measured.text
    through_a_proxy = service.client.get("/metrics", headers={"x-forwarded-for": "10.0.0.1"})
    problem(through_a_proxy, 401, "token.missing")
    assert service.expert.get("/metrics").status_code == 403
    assert service.auditor.get("/metrics").status_code == 200
    views = service.auditor.get("/health/views").json()
    assert {view["view"] for view in views["views"]} >= {"case_documents", "audit_trail"}
    assert json.dumps(views).count("null") >= 1
    assert views["sagas"] == []  # no process of theirs has looked yet
