"""Members of staff over HTTP: registered and placed by administrators, reached as they say."""

from typing import Any
from uuid import uuid4

import pytest

from domain.declare import Role
from tests.api.service import COMPANY, Person, Service, problem

ROOT = "/v1/staff"


def admin(service: Service) -> Person:
    return service.person(Role.ADMIN, sub="u-admin")


def register(service: Service, account: str, **more: Any) -> str:
    body = {"account": account, "name": "Maryam Rad", "roles": ["supervisor"], "region": "north"}
    found: str = admin(service).done(ROOT, {**body, **more})["id"]
    return found


def herself(service: Service, account: str) -> Person:
    return service.person(Role.SUPERVISOR, sub=account, region="north")


def test_she_is_registered_placed_renamed_and_let_go(service: Service) -> None:
    account = f"u-{uuid4()}"
    member, boss = register(service, account, locale="fa"), admin(service)
    again = boss.post(
        ROOT, {"account": account, "name": "Somebody", "roles": ["expert"], "unit": "complaints"}
    )
    problem(again, 409, "claim.already_claimed")
    path = f"{ROOT}/{member}"
    boss.done(f"{path}/place", {"roles": ["unit_head"], "unit": "customer_care"})
    boss.done(f"{path}/name", {"name": "Maryam Rad-Karimi"})
    boss.done(f"{path}/deactivation")
    body = boss.get(path).json()
    assert (body["roles"], body["unit"], body["region"]) == (["unit_head"], "customer_care", None)
    assert (body["name"], body["locale"], body["active"]) == ("Maryam Rad-Karimi", "fa", False)
    boss.done(f"{path}/reactivation")
    assert boss.get(path).json()["active"]


def test_she_says_herself_how_and_when_she_is_reached(service: Service) -> None:
    account = f"u-{uuid4()}"
    member, person = register(service, account), herself(service, account)
    path = f"{ROOT}/{member}"
    mail, hook = str(uuid4()), str(uuid4())
    person.done(
        f"{path}/channels", {"channel_id": mail, "kind": "email", "address": "m@example.com"}
    )
    address = "https://hooks.example.com/notices"
    person.done(f"{path}/channels", {"channel_id": hook, "kind": "webhook", "address": address})
    person.done(f"{path}/channels/{mail}/removal")
    quiet = {"starts_local": "22:00", "ends_local": "07:00", "zone": "Asia/Tehran"}
    person.done(f"{path}/quiet-hours", {**quiet, "allows_urgent": False})
    body = person.get(path).json()
    assert [channel["channel_id"] for channel in body["channels"]] == [hook]
    assert body["quiet_hours"]["allows_urgent"] is False
    person.done(f"{path}/quiet-hours/lifting")
    assert person.get(path).json()["quiet_hours"] is None


@pytest.mark.parametrize(
    "address",
    [
        "http://hooks.example.com/notices",
        "http://127.0.0.1:9000/notices",
        "https://localhost/notices",
        "ftp://hooks.example.com",
        "https://",
        "https://user:secret@hooks.example.com/",
        "https://hooks.example.com/#part",
        "https://[::1",
        "maryam",
    ],
)
def test_a_webhook_that_is_none_is_refused(service: Service, address: str) -> None:
    account = f"u-{uuid4()}"
    member = register(service, account)
    refused = herself(service, account).post(
        f"{ROOT}/{member}/channels", {"kind": "webhook", "address": address}
    )
    problem(refused, 422, "staff.webhook_is_wrong")


@pytest.mark.parametrize(
    "address",
    ["maryam", "a@b", "a@b.cc,c@d.ee", "a@b.cc\nBcc: c@d.ee", "a b@c.dd", "a@@b.cc", "@b.cc",
     "a@b..cc", "a@b.cc?cc=d@e.ff", "A <a@b.cc>"],
)  # fmt: skip
def test_mail_that_goes_to_nobody_or_to_several_is_refused(service: Service, address: str) -> None:
    account = f"u-{uuid4()}"
    member = register(service, account)
    channels = f"{ROOT}/{member}/channels"
    refused = herself(service, account).post(channels, {"kind": "email", "address": address})
    problem(refused, 422, "staff.email_is_wrong")
    herself(service, account).done(channels, {"kind": "email", "address": "m.rad+1@mail.ex.com"})


def test_a_colleagues_record_is_not_hers_to_see_or_change(service: Service) -> None:
    account = f"u-{uuid4()}"
    member = register(service, account)
    boss = admin(service)
    expert = service.person(Role.EXPERT, **COMPANY)
    colleague = herself(service, f"u-{uuid4()}")
    for person in (expert, colleague):
        person.position = boss.position
        problem(person.get(f"{ROOT}/{member}"), 404, "case.not_found")
    hours = {"starts_local": "22:00", "ends_local": "07:00", "zone": "UTC"}
    for person in (expert, colleague):
        problem(person.get(f"/v1/cases/{member}"), 404, "case.not_found")
        problem(person.get(f"/v1/cases/{member}/events"), 404, "case.not_found")
        problem(person.post(f"{ROOT}/{member}/quiet-hours", hours), 404, "case.not_found")
    problem(colleague.get(f"{ROOT}/{uuid4()}"), 404, "case.not_found")
    complaint = service.complaint()
    problem(boss.get(f"{ROOT}/{complaint}"), 404, "case.not_found")


def test_the_list_says_who_works_where(service: Service) -> None:
    unit = "loyalty"
    one = register(service, f"u-{uuid4()}", unit=unit, region=None, roles=["loyalty_officer"])
    other = register(service, f"u-{uuid4()}", unit=unit, region="south")
    boss = admin(service)
    boss.done(f"{ROOT}/{other}/deactivation")
    boss.position = service.app.state.desk.casebook.head()

    def listed(query: str) -> list[str]:
        answer = boss.get(f"{ROOT}?unit={unit}&{query}")
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert listed("") == [other, one]
    assert listed("active=true") == [one]
    assert listed("region=south") == [other]
    assert listed("role=loyalty_officer") == [one]
    first = boss.get(f"{ROOT}?unit={unit}&limit=1").json()
    assert [item["id"] for item in first["items"]] == [other]
    assert listed(f"limit=1&cursor={first['next']}") == [one]
    assert first["items"][0]["name"] == "Maryam Rad"
    problem(boss.get(f"{ROOT}?role=king"), 422, "request.invalid")
