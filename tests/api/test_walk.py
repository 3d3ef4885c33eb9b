"""The whole path of a complaint over HTTP, as the README walks it."""

from domain.declare import Role
from tests.api.service import COMPANY, Service


def test_a_complaint_is_handled_from_its_registration_to_its_end(service: Service) -> None:
    specialist, expert = service.specialist, service.expert
    unit = service.person(Role.UNIT, sub="u-accounting", unit="accounting")
    supervisor = service.person(
        Role.SUPERVISOR, sub="u-supervisor", unit="customer_care", **COMPANY
    )
    customer_id = specialist.done("/v1/customers", {"name": "Sara Rad"})["id"]
    customer = service.person(Role.CUSTOMER, customer_id=customer_id)
    made = specialist.post(
        "/v1/complaints",
        {
            "kind": "sales", "channel": "phone", "customer_id": customer_id,
            "narrative": "The deposit was not paid back.",
        },
    )  # fmt: skip
    assert made.status_code == 201
    case = made.headers["location"]
    assert made.headers["etag"] == '"2"'  # its clocks have started
    specialist.done(f"{case}/judgement", {"valid": True}, if_match='"2"')
    specialist.done(f"{case}/classification", {"kind": "sales", "subject": "refund"})
    specialist.done(f"{case}/grading", {"importance": "high"})
    specialist.done(f"{case}/assignment", {"unit": "accounting"})
    expert.done(f"{case}/inquiries", {"unit": "accounting", "question": "When was it paid back?"})
    unit.done(f"{case}/inquiries/1/answer", {"answer": "On 3 March."})
    expert.done(
        f"{case}/result", {"outcome": "met", "channel": "phone", "answer": "It was paid back."}
    )
    letter = expert.done(
        f"{case}/correspondence",
        {
            "direction": "out", "correspondent": "customer", "channel": "letter",
            "content": "Receipt of the transfer.",
            "correspondence_id": "0192f6a0-7c1e-7d3a-9b52-0000000000aa",
        },
    )  # fmt: skip
    assert letter["version"] == 12
    customer.done(f"{case}/confirmations", {"party": "customer", "confirmed": True})
    supervisor.done(f"{case}/confirmations", {"party": "second", "confirmed": True})
    closed = expert.done(
        f"{case}/closure",
        {"ground": "carried_out", "paper_ids": ["0192f6a0-7c1e-7d3a-9b52-0000000000aa"]},
    )
    document = expert.get(case)
    assert document.headers["etag"] == f'"{closed["version"]}"'
    assert document.json()["status"] == "closed"
    assert "inquiries" in document.json()

    customer.position = expert.position
    seen = customer.get(case).json()
    assert seen["status"] == "closed"
    assert "inquiries" not in seen

    specialist.position = expert.position
    everything = specialist.get(f"/v1/customers/{customer_id}/360").json()
    assert everything["complaints"]["total"] == 1
    assert everything["complaints"]["open"] == 0

    case_id = made.json()["id"]
    at_5 = expert.get(f"/v1/cases/{case_id}?version=5").json()
    assert (at_5["version"], at_5["status"]) == (5, "classified")
    changes = expert.get(f"/v1/cases/{case_id}/diff?from=5&to=6").json()["changes"]
    assert "/priority" in {change["pointer"] for change in changes}
    events = expert.get(f"/v1/cases/{case_id}/events").json()["items"]
    assert [event["version"] for event in events] == list(range(1, closed["version"] + 1))
    assert events[0]["topic"] == "complaint.registered"

    service.auditor.position = expert.position
    trail = service.auditor.get(f"/v1/audit?case={case_id}&topic=complaint.closed").json()["items"]
    assert [entry["actor"] for entry in trail] == ["u-expert"]


def test_the_desk_is_told_what_to_do_next(service: Service) -> None:
    specialist = service.specialist
    case = specialist.done(
        "/v1/complaints", {"kind": "service", "channel": "portal", "narrative": "No call back."}
    )["id"]
    work = specialist.get("/v1/worklist?limit=200").json()["items"]
    assert "judgement" in {item["next_step"] for item in work if item["id"] == case}
    unit = service.person(Role.UNIT, unit="parts")
    unit.position = specialist.position
    assert case not in {item["id"] for item in unit.get("/v1/worklist").json()["items"]}


def test_a_case_is_found_by_words_of_its_narrative(service: Service) -> None:
    specialist = service.specialist
    case = specialist.done(
        "/v1/complaints",
        {"kind": "quality", "channel": "wechat", "narrative": "变速箱顿挫，می‌لرزد وقتی سرد است"},
    )["id"]
    for words in ("变速箱", "顿挫", "میلرزد", "مي لرزد"):
        found = specialist.get(f"/v1/complaints?q={words}").json()["items"]
        assert [item["id"] for item in found] == [case], words


def test_somebody_on_the_phone_is_found_by_her_number(service: Service) -> None:
    specialist = service.specialist
    identifier = {"kind": "phone", "value": "0912 000 0042"}
    customer = specialist.done("/v1/customers", {"name": "Li Na", "identifiers": [identifier]})[
        "id"
    ]
    answer = specialist.post(
        "/v1/customers/identification",
        {"identifiers": [{"kind": "phone", "value": "+98 ۹۱۲ ۰۰۰ ۰۰۴۲"}]},
    ).json()
    assert (answer["outcome"], answer["customer_id"]) == ("one", customer)
    nobody = specialist.post(
        "/v1/customers/identification",
        {"identifiers": [{"kind": "phone", "value": "0912 999 9999"}]},
    ).json()
    assert (nobody["outcome"], nobody["customer_id"], nobody["matches"]) == ("none", None, [])


def test_two_records_of_one_person_are_merged_and_parted_again(service: Service) -> None:
    specialist = service.specialist
    keeps = specialist.done("/v1/customers", {"name": "Sara Rad"})["id"]
    goes = specialist.done("/v1/customers", {"name": "S. Rad"})["id"]
    specialist.done(f"/v1/customers/{keeps}/merges", {"absorbed_id": goes})
    assert specialist.get(f"/v1/customers/{keeps}/360").json()["merged"] == [goes]
    complaint = {"customer_id": goes, "kind": "sales", "channel": "phone", "narrative": "Late."}
    refused = specialist.post("/v1/complaints", complaint)
    assert refused.status_code == 409
    assert refused.json()["type"] == "customer.is_merged"
    assert refused.json()["params"] == {"survivor_id": keeps}
    specialist.done(f"/v1/customers/{keeps}/merges/{goes}/undoing")
    assert specialist.get(f"/v1/customers/{keeps}/360").json()["merged"] == []


def test_rules_are_published_and_read_in_every_version(service: Service) -> None:
    manager = service.person(Role.MANAGER)
    standing = manager.get("/v1/rulebook/document_policy/default").json()
    content = {**standing["content"], "documents_max": 100}
    published = manager.post(
        "/v1/rulebook/document_policy/default",
        {"effective_from_at": "2026-01-01T00:00:00Z", "content": content, "source": "decision 12"},
    )
    assert published.status_code == 200
    first = manager.get("/v1/rulebook/document_policy/default?version=1").json()
    newest = manager.get("/v1/rulebook/document_policy/default").json()
    assert first["content"]["documents_max"] == standing["content"]["documents_max"]
    assert (newest["version"], newest["content"]["documents_max"]) == (2, 100)
    listed = manager.get("/v1/rulebook").json()["items"]
    versions = [e["version"] for e in listed if e["kind"] == "document_policy"]
    assert versions == [1, 2]
