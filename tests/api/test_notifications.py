"""The inbox over HTTP: one's own notices, being told at once, and answering for them."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from api import streams
from domain.clocks.messages import Urgency
from domain.complaint import AcknowledgeEscalation, EscalateComplaint
from domain.declare import Actor, ActorId, Role
from domain.notification import (
    HoldBackNotification,
    Param,
    PlanNotification,
    SettleNotification,
    WithheldReason,
    WithholdNotification,
)
from store.casebook import Casebook
from tests.api.service import COMPANY, Person, Service, problem

SYSTEM = Actor(id=ActorId("saga:notices"), roles=frozenset({Role.SYSTEM}))
ROOT = "/v1/notifications"


def casebook(service: Service) -> Casebook:
    found: Casebook = service.app.state.desk.casebook
    return found


def plan(service: Service, account: str, **more: Any) -> tuple[UUID, int]:
    """Plan a notice and return its id and the position of its planning."""
    wish = PlanNotification(
        **{
            "stream": uuid4(), "recipient": account, "staff_id": uuid4(), "locale": "en",
            "code": "complaint.deadline_warned", "case_id": uuid4(), "case_category": "complaint",
            "params": (Param(name="clock", value="resolution"),), "urgency": Urgency.WARNING,
            "cause": uuid4(), "caused_at": datetime.now(UTC), **more,
        }
    )  # fmt: skip
    receipt = casebook(service).execute(wish, actor=SYSTEM)
    return receipt.stream, receipt.position


def supervisor(service: Service, account: str | None = None) -> tuple[str, Person]:
    account = account or f"u-{uuid4()}"
    return account, service.person(Role.SUPERVISOR, sub=account, region="north")


# --- the inbox ------------------------------------------------------------------------------------


def test_an_inbox_holds_what_its_owner_was_told_newest_first(service: Service) -> None:
    account, person = supervisor(service)
    first, _ = plan(service, account)
    second, position = plan(service, account, code="complaint.escalated")
    plan(service, "somebody-else")
    person.position = position
    answer = person.get(ROOT)
    assert int(answer.headers["casebook-position"]) >= position
    body = answer.json()
    assert [item["id"] for item in body["items"]] == [str(second), str(first)]
    assert (body["unseen"], body["unacknowledged"], body["next"]) == (2, 1, None)
    item = body["items"][1]
    assert item["params"] == {"clock": "resolution"}
    assert (item["state"], item["code"]) == ("planned", "complaint.deadline_warned")
    assert "recipient" not in item
    again = person.get(ROOT, if_none_match=answer.headers["etag"])
    assert again.status_code == 304


def test_an_inbox_is_read_page_by_page(service: Service) -> None:
    account, person = supervisor(service)
    told = [plan(service, account) for _ in range(5)]
    person.position = told[-1][1]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = person.get(f"{ROOT}?limit=2" + (f"&cursor={cursor}" if cursor else "")).json()
        seen += [item["id"] for item in page["items"]]
        assert (page["unseen"], page["unacknowledged"]) == (5, 0)
        cursor = page["next"]
    assert seen == [str(notice) for notice, _ in reversed(told)]


def test_what_is_seen_answered_or_settled_waits_no_more(service: Service) -> None:
    account, person = supervisor(service)
    seen, _ = plan(service, account)
    settled, _ = plan(service, account)
    answered, _ = plan(service, account, code="complaint.escalated")
    open_one, _ = plan(service, account, code="complaint.escalated")
    person.done(f"{ROOT}/{seen}/seen")
    person.done(f"{ROOT}/{answered}/acknowledgement")
    casebook(service).execute(SettleNotification(stream=settled, why="x"), actor=SYSTEM)
    held, _ = plan(service, account)
    receipt = casebook(service).execute(
        HoldBackNotification(stream=held, reason=WithheldReason.INACTIVE), actor=SYSTEM
    )
    person.position = receipt.position
    body = person.get(ROOT).json()
    states = {item["id"]: item["state"] for item in body["items"]}
    assert states == {
        str(seen): "seen", str(settled): "settled", str(answered): "acknowledged",
        str(open_one): "planned", str(held): "planned",
    }  # fmt: skip
    assert [item["delivery"] for item in body["items"]] == ["withheld", *4 * ["planned"]]
    assert (body["unseen"], body["unacknowledged"]) == (2, 1)
    for state, waiting in (("unseen", {open_one, held}), ("unacknowledged", {open_one})):
        items = person.get(f"{ROOT}?state={state}").json()["items"]
        assert {item["id"] for item in items} == {str(one) for one in waiting}
    problem(person.get(f"{ROOT}?state=lost"), 422, "request.invalid")


def test_what_was_withheld_from_the_start_is_in_no_inbox(service: Service) -> None:
    account, person = supervisor(service)
    withheld = casebook(service).execute(
        WithholdNotification(
            stream=uuid4(), reason=WithheldReason.DUPLICATE, code="complaint.deadline_warned",
            case_id=uuid4(), case_category="complaint", cause=uuid4(), recipient=account,
        ),
        actor=SYSTEM,
    )  # fmt: skip
    person.position = withheld.position
    assert person.get(ROOT).json()["items"] == []
    problem(person.post(f"{ROOT}/{withheld.stream}/seen"), 404, "case.not_found")


def test_anothers_notice_is_no_notice(service: Service) -> None:
    account, person = supervisor(service)
    notice, position = plan(service, account)
    manager = service.person(Role.MANAGER, sub="u-manager", **COMPANY)
    for other in (supervisor(service)[1], manager):
        for part in ("seen", "acknowledgement"):
            problem(other.post(f"{ROOT}/{notice}/{part}"), 404, "case.not_found")
            stale = other.post(f"{ROOT}/{notice}/{part}", if_match='"7"')
            problem(stale, 404, "case.not_found")
            problem(other.post(f"{ROOT}/{uuid4()}/{part}"), 404, "case.not_found")
    person.position = position
    for path in (f"/v1/cases/{notice}", f"/v1/cases/{notice}/events"):
        problem(person.get(path), 404, "case.not_found")
        manager.position = position
        assert manager.get(path).status_code == 200
    complaint = service.complaint()
    problem(manager.post(f"{ROOT}/{complaint}/seen"), 404, "case.not_found")


def test_a_customer_has_an_inbox_by_her_record_whatever_her_account_is(service: Service) -> None:
    hers = uuid4()
    notice, position = plan(
        service, f"customer:{hers}", staff_id=None, customer_id=hers, code="order.drawn",
        case_category="order",
    )  # fmt: skip
    person = service.person(Role.CUSTOMER, sub=f"portal:{uuid4()}", customer_id=str(hers))
    other = service.person(Role.CUSTOMER, customer_id=str(uuid4()))
    person.position = other.position = position
    assert [item["id"] for item in person.get(ROOT).json()["items"]] == [str(notice)]
    assert other.get(ROOT).json()["items"] == []
    seen = other.post(f"{ROOT}/{notice}/seen", {})
    assert problem(seen, 404, "case.not_found")
    person.done(f"{ROOT}/{notice}/seen", {})
    assert person.get(ROOT).json()["unseen"] == 0


def test_seen_and_acknowledged_twice_is_once(service: Service) -> None:
    account, person = supervisor(service)
    notice, _ = plan(service, account)
    for part in ("seen", "acknowledgement"):
        once = person.done(f"{ROOT}/{notice}/{part}")
        assert person.done(f"{ROOT}/{notice}/{part}") == once
    answer = person.post(f"{ROOT}/{notice}/seen", if_match='"1"')
    problem(answer, 412, "case.version_is_stale")


# --- the stream -----------------------------------------------------------------------------------


@dataclass
class Wire:
    """A stream of events, read line by line as it comes."""

    answer: http.client.HTTPResponse
    ids: list[int] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def block(self) -> dict[str, str] | None:
        """Return the next block's fields, None at the end of the stream."""
        found: dict[str, str] = {}
        while line := self.answer.readline().decode():
            self.lines.append(line)
            name, _, said = line.rstrip("\n").partition(": ")
            if line == "\n":
                return found
            if name == "id":
                self.ids.append(int(said))
            found[name] = said
        return None

    def event(self) -> tuple[str, dict[str, Any]]:
        """Return the next event's name and data, after blocks that are no events."""
        while (block := self.block()) is not None:
            if "data" in block:
                return block["event"], json.loads(block["data"])
        raise AssertionError("the stream has ended")


@contextmanager
def listening(
    service: Service, token: str, *, after: int | None = None, query: str = ""
) -> Iterator[Wire]:
    host, port = service.url.removeprefix("http://").split(":")
    headers = {"Authorization": f"Bearer {token}"}
    if after is not None:
        headers["Last-Event-ID"] = str(after)
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    try:
        connection.request("GET", f"{ROOT}/stream{query}", headers=headers)
        with connection.getresponse() as answer:
            assert answer.status == 200, answer.read()
            assert (answer.getheader("content-type") or "").startswith("text/event-stream")
            yield Wire(answer)
    finally:
        connection.close()


def test_a_notice_comes_at_once_and_again_when_it_changes(service: Service) -> None:
    account, person = supervisor(service)
    with listening(service, person.token) as wire:
        notice, position = plan(service, account)
        plan(service, "somebody-else")
        name, said = wire.event()
        assert (name, said["id"], said["state"]) == ("notification", str(notice), "planned")
        assert (said["position"], wire.ids[-1]) == (position, position)
        assert said["params"] == {"clock": "resolution"}
        seen = person.done(f"{ROOT}/{notice}/seen")
        name, said = wire.event()
        assert (said["state"], said["position"]) == ("seen", seen["position"])


def test_a_stream_goes_on_after_the_last_event_without_loss_or_doubling(service: Service) -> None:
    account, person = supervisor(service)
    told = [plan(service, account) for _ in range(3)]
    with listening(service, person.token, after=told[0][1] - 1) as wire:
        first = wire.event()[1]["id"]
        last_id = wire.ids[-1]
    missed = [plan(service, account) for _ in range(streams.PAGE + 5)]
    expected = [str(notice) for notice, _ in (*told[1:], *missed)]
    assert first == str(told[0][0])
    with listening(service, person.token, after=last_id) as wire:
        more, _ = plan(service, account)
        found = [wire.event()[1]["id"] for _ in (*expected, more)]
        assert found == [*expected, str(more)]
        assert wire.ids == sorted(wire.ids)
    with listening(service, person.token, query=f"?after={missed[-1][1]}") as wire:
        assert wire.event()[1]["id"] == str(more)


def test_who_keeps_reconnecting_while_much_comes_in_misses_and_repeats_nothing(
    service: Service,
) -> None:
    account, person = supervisor(service)
    told: list[str] = []

    def tell() -> None:
        told.extend(str(plan(service, account)[0]) for _ in range(120))

    after = person.get(ROOT).headers["casebook-position"]
    telling = threading.Thread(target=tell)
    telling.start()
    found: list[str] = []
    last = int(after)
    while len(found) < 120:
        with listening(service, person.token, after=last) as wire:
            for _ in range(min(7, 120 - len(found))):
                found.append(wire.event()[1]["id"])
            last = wire.ids[-1]
    telling.join()
    assert found == told


def test_a_stream_begins_with_what_comes_and_signs_that_it_lives(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.05)
    account, person = supervisor(service)
    _, position = plan(service, account)
    person.position = position
    person.get(ROOT)
    with listening(service, person.token) as wire:
        assert wire.block() == {"retry": "2000", "id": str(position)}
        assert wire.block() == {"": "still here", "id": str(position)}
        notice, _ = plan(service, account)
        assert wire.event()[1]["id"] == str(notice)


def test_a_stream_ends_when_the_token_expires(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = f"u-{uuid4()}"
    token = service.issuer.token(Role.SUPERVISOR, subject=account, hours=1, region="north")
    monkeypatch.setattr(
        type(service.app.state.desk.verifier), "expires_at_s", lambda *_: time.time() + 0.3
    )
    with listening(service, token) as wire:
        assert wire.event() == ("end", {"why": streams.TOKEN_EXPIRED})
        assert wire.block() is None


def test_one_stream_too_many_ends_the_oldest(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "OF_ACCOUNT_MAX", 1)
    account, person = supervisor(service)
    with listening(service, person.token) as old:
        old.block()
        with listening(service, person.token) as new:
            assert old.event() == ("end", {"why": streams.SUPERSEDED})
            notice, _ = plan(service, account)
            assert new.event()[1]["id"] == str(notice)


def test_a_process_has_so_many_streams_and_no_more(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, person = supervisor(service)
    with listening(service, person.token):
        monkeypatch.setattr(streams, "IN_PROCESS_MAX", 1)
        problem(supervisor(service)[1].get(f"{ROOT}/stream"), 503, "service.busy")


def test_a_caller_who_hangs_up_is_forgotten(service: Service) -> None:
    _, person = supervisor(service)
    open_now = service.app.state.desk.streams
    with listening(service, person.token) as wire:
        wire.block()
        before = len(open_now._listeners)
        assert before >= 1
    until_s = time.monotonic() + 5
    while len(open_now._listeners) >= before:
        assert time.monotonic() < until_s
        time.sleep(0.01)


def test_a_stream_is_not_opened_after_what_is_no_position(service: Service) -> None:
    _, person = supervisor(service)
    for wrong in ("x", "-1", "9" * 30):
        answer = person.get(f"{ROOT}/stream", last_event_id=wrong)
        problem(answer, 400, "request.header_is_wrong")
    problem(person.get(f"{ROOT}/stream?after=x"), 422, "request.invalid")
    problem(Person(service.client, "x").get(f"{ROOT}/stream"), 401, "token.invalid")


# --- answering for an escalation ------------------------------------------------------------------

SOON = datetime.now(UTC) + timedelta(days=7)
WILL_DO = {"will_do": "I call the customer today.", "done_by_at": SOON.isoformat()}


def escalated(service: Service, account: str) -> tuple[str, UUID]:
    """Bring a complaint before the supervisor of the north, and tell her."""
    complaint = service.complaint(region="north")
    clerk = Actor(id=ActorId("u-clerk"), roles=frozenset({Role.SPECIALIST}))
    wish = EscalateComplaint(
        stream=UUID(complaint), escalation_id=uuid4(), reason="The customer is at the counter."
    )
    casebook(service).execute(wish, actor=clerk)
    notice, _ = plan(
        service, account, code="complaint.escalated", case_id=UUID(complaint),
        params=(Param(name="escalation", value="1"),),
    )  # fmt: skip
    return complaint, notice


def the_escalation(service: Service, complaint: str) -> Any:
    return casebook(service).state(UUID(complaint)).state.escalations[0]


def test_acknowledging_an_escalation_says_what_will_be_done_and_by_when(service: Service) -> None:
    account, person = supervisor(service)
    complaint, notice = escalated(service, account)
    path = f"{ROOT}/{notice}/acknowledgement"
    body = problem(person.post(path), 422, "request.invalid")
    assert [error["pointer"] for error in body["errors"]] == ["#/will_do", "#/done_by_at"]
    late = {**WILL_DO, "done_by_at": "2020-01-01T00:00:00Z"}
    refused = person.post(path, late)
    assert refused.status_code in (409, 422), refused.text
    before = casebook(service).head()
    done = person.done(path, WILL_DO, idempotency_key="once")
    assert done["id"] == str(notice)
    assert casebook(service).head() > before
    escalation = the_escalation(service, complaint)
    assert escalation.acknowledged.by.id == account
    assert casebook(service).state(notice).state.acknowledged
    assert person.done(path, WILL_DO, idempotency_key="once") == done
    assert person.done(path, WILL_DO) == done


def test_neither_is_acknowledged_where_one_may_not_be(service: Service) -> None:
    account = f"u-{uuid4()}"
    complaint, notice = escalated(service, account)
    elsewhere = service.person(Role.SUPERVISOR, sub=account, region="south")
    path = f"{ROOT}/{notice}/acknowledgement"
    problem(elsewhere.post(path, WILL_DO), 404, "case.not_found")
    expert = service.person(Role.EXPERT, sub=account, region="north")
    problem(expert.post(path, WILL_DO), 403, "complaint.not_told")
    assert not casebook(service).state(notice).state.acknowledged
    assert the_escalation(service, complaint).is_open


def test_what_somebody_else_answered_for_is_acknowledged_without_words(service: Service) -> None:
    account, person = supervisor(service)
    complaint, notice = escalated(service, account)
    other = Actor(id=ActorId("u-other"), roles=frozenset({Role.SUPERVISOR}), region="north")
    answer = AcknowledgeEscalation(stream=UUID(complaint), n=1, will_do="Done.", done_by_at=SOON)
    casebook(service).execute(answer, actor=other)
    person.done(f"{ROOT}/{notice}/acknowledgement")
    assert the_escalation(service, complaint).acknowledged.by.id == "u-other"
