"""Draws over HTTP: who may do what, what everybody sees, and the proof file byte for byte."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain import draw as d
from domain.declare import Actor, ActorId, Role
from domain.draw.ranking import commitment_of
from projections.draw_entries import VIEW, facts, live
from sagas.draw_reading import result, seal
from store.views import catch_up
from tests.api.service import Person, Service, problem

SYSTEM = Actor(id=ActorId("system:test"), roles=frozenset({Role.SYSTEM}))
SEED = bytes(range(32))
NOW = datetime.now(UTC)
AHEAD = timedelta(days=3)


def instant(at: datetime) -> str:
    return at.isoformat()


def announcement(**said: Any) -> dict[str, Any]:
    return {
        "name": "spring",
        "quotas": [{"model": "E5", "winners": 1, "reserves": 1}],
        "source": "Tehran Stock Exchange, TEDPIX at closing",
        "opens_at": instant(NOW - timedelta(hours=1)),
        "closes_at": instant(NOW + AHEAD),
        "value_expected_at": instant(NOW + 2 * AHEAD),
        **said,
    }


@pytest.fixture
def manager(service: Service) -> Person:
    return service.person(Role.MANAGER, sub="u-manager")


def opened(manager: Person, **said: Any) -> str:
    draw: str = manager.done("/v1/draws", announcement(**said))["id"]
    manager.done(f"/v1/draws/{draw}/commitment", {"seed_sha256": commitment_of(SEED)})
    manager.done(f"/v1/draws/{draw}/opening")
    return draw


def ordered(service: Service, customer: UUID, draw: str) -> str:
    body = {"customer_id": str(customer), "scheme": "ordinary_pre_sale", "model": "E5"}
    order: str = service.specialist.done("/v1/orders", body)["id"]
    service.specialist.done(f"/v1/orders/{order}/draw-entry", {"draw_id": draw})
    return order


def held(service: Service, draw: str) -> None:
    """Let days pass: the draw is closed, sealed, revealed and ranked, as its saga does it."""
    casebook, stream = service.app.state.desk.casebook, UUID(draw)
    url, clock = casebook.case_recorder.url, casebook.clock
    try:
        casebook.clock = lambda: NOW + AHEAD
        casebook.execute(d.CloseDraw(stream=stream), actor=SYSTEM)
        catch_up(url, casebook.log_reader, [VIEW])
        with casebook.pool.connection() as connection:
            known = facts(live(connection), stream)
            assert known is not None
            closed = known.closed_position
            assert closed is not None
            sealed = seal(connection, stream, closed)
        casebook.clock = lambda: NOW + 2 * AHEAD
        counted = tuple(d.ModelCount(model=m, entries=n) for m, n in sealed.counted.items())
        casebook.execute(
            d.SealEntries(
                stream=stream, closed_position=closed, count=sealed.count, root=sealed.root,
                counted=counted,
            ),
            d.RevealDraw(stream=stream, seed=SEED.hex(), public_value="2,043,129.85"),
            actor=SYSTEM,
        )  # fmt: skip
        catch_up(url, casebook.log_reader, [VIEW])
        with casebook.pool.connection() as connection:
            ranked = dict(result(connection, stream, closed))
        outcomes = tuple(d.ModelOutcome(**one) for one in ranked.pop("outcomes"))
        casebook.execute(d.RecordRanking(stream=stream, outcomes=outcomes, **ranked), actor=SYSTEM)
    finally:
        casebook.clock = clock


def test_a_draw_is_held_and_its_proof_file_is_everybodys(service: Service, manager: Person) -> None:
    sara, customer = service.customer()
    draw = opened(manager)
    order = ordered(service, sara, draw)
    read = f"/v1/draws/{draw}"
    customer.position = manager.position
    shown = customer.get(read)
    assert shown.json()["status"] == "open"
    assert shown.json()["seed_sha256"] == commitment_of(SEED)
    assert "u-manager" not in shown.text  # in public an account is nobody's business
    problem(customer.get(f"{read}/proof"), 409, "draw.no_proof_yet")

    held(service, draw)

    proof = customer.get(f"{read}/proof")
    assert proof.status_code == 200
    assert proof.headers["content-type"].startswith("application/jsonl")
    assert int(proof.headers["content-length"]) == len(proof.content)
    customer.position = service.app.state.desk.casebook.head()
    ranked = customer.get(read).json()["ranked"]
    assert hashlib.sha256(proof.content).hexdigest() == ranked["proof_sha256"]
    assert proof.headers["etag"] == f'"{ranked["proof_sha256"]}"'
    lines = [json.loads(line) for line in proof.text.splitlines()]
    assert lines[1][1] == order
    assert lines[2] == ["E5", 1, "winner", 1]
    assert str(sara) not in proof.text
    again = customer.get(f"{read}/proof", if_none_match=proof.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    for person in (service.auditor, service.expert, service.person(Role.DEALER, dealer_id="d-1")):
        assert person.get(f"{read}/proof").content == proof.content


def test_a_customer_enters_her_own_order_while_the_draw_is_open(
    service: Service, manager: Person
) -> None:
    sara, customer = service.customer()
    _, somebody = service.customer()
    draw = opened(manager)
    body = {"scheme": "ordinary_pre_sale", "model": "E5"}
    order = customer.done("/v1/orders", body)["id"]
    entry = f"/v1/orders/{order}/draw-entry"
    problem(somebody.post(entry, {"draw_id": draw}), 404, "case.not_found")
    customer.done(entry, {"draw_id": draw})
    customer.done(entry, {"draw_id": draw})
    second = customer.done("/v1/orders", body)["id"]
    twice = customer.post(f"/v1/orders/{second}/draw-entry", {"draw_id": draw})
    problem(twice, 409, "claim.already_claimed")
    closed = opened(manager, name="other", quotas=[{"model": "Dena", "winners": 1}])
    wrong = customer.post(f"/v1/orders/{second}/draw-entry", {"draw_id": closed})
    problem(wrong, 422, "draw.model_not_in_draw")
    nowhere = customer.post(f"/v1/orders/{second}/draw-entry", {"draw_id": str(uuid4())})
    assert nowhere.status_code in (404, 422)
    assert str(sara) not in twice.text


def test_only_the_operator_holds_a_draw(service: Service, manager: Person) -> None:
    draw = opened(manager)
    _, customer = service.customer()
    wishes = {
        "commitment": {"seed_sha256": commitment_of(SEED)},
        "opening": {},
        "closing": {},
        "exclusions": {"order_id": str(uuid4()), "reason": "ineligible"},
        "revelation": {"seed": SEED.hex(), "public_value": "1"},
    }
    for part, body in wishes.items():
        for person in (customer, service.expert, service.auditor):
            problem(person.post(f"/v1/draws/{draw}/{part}", body), 403, "role.not_entitled")
    problem(service.expert.post("/v1/draws", announcement()), 403, "role.not_entitled")


def test_what_would_steer_a_draw_is_refused_in_the_operators_words(
    service: Service, manager: Person
) -> None:
    draw = opened(manager)
    here = f"/v1/draws/{draw}"
    problem(manager.post(f"{here}/closing"), 409, "draw.not_yet")
    seed = {"seed": SEED.hex(), "public_value": "1"}
    problem(manager.post(f"{here}/revelation", seed), 409, "draw.not_closed")
    other = {"seed_sha256": commitment_of(b"another")}
    problem(manager.post(f"{here}/commitment", other), 409, "draw.seed_is_committed")
    sara, _ = service.customer()
    elsewhere = {"order_id": ordered(service, sara, opened(manager)), "reason": "ineligible"}
    problem(manager.post(f"{here}/exclusions", elsewhere), 422, "draw.not_entered")
    nowhere = {**elsewhere, "order_id": str(uuid4())}
    problem(manager.post(f"{here}/exclusions", nowhere), 422, "request.invalid")
    for short in ("00" * 31, "zz" * 32, "00" * 32 + "0"):
        answer = manager.post(f"{here}/revelation", {**seed, "seed": short})
        problem(answer, 422, "request.invalid")
    early = announcement(value_expected_at=instant(NOW + timedelta(hours=1)))
    problem(manager.post("/v1/draws", early), 422, "draw.dates_out_of_order")


def test_an_entry_is_left_out_and_taken_in_again(service: Service, manager: Person) -> None:
    sara, _ = service.customer()
    draw = opened(manager)
    order = ordered(service, sara, draw)
    wish = {"order_id": order, "reason": "false_statement"}
    manager.done(f"/v1/draws/{draw}/exclusions", wish)
    shown = manager.get(f"/v1/draws/{draw}").json()["exclusions"]
    assert (shown["total"], shown["reasons"]) == (1, {"false_statement": 1})
    manager.done(f"/v1/draws/{draw}/exclusions/{order}/restoration")
    shown = manager.get(f"/v1/draws/{draw}").json()["exclusions"]
    assert shown == {"total": 0, "reasons": {}, "newest": []}


def test_draws_are_listed_for_everybody(service: Service, manager: Person) -> None:
    name = f"n{uuid4().hex[:12]}"
    first, second = opened(manager, name=name), opened(manager, name=name)
    _, customer = service.customer()
    customer.position = manager.position
    page = customer.get(f"/v1/draws?name={name}&limit=1").json()
    assert [item["id"] for item in page["items"]] == [second]
    more = customer.get(f"/v1/draws?name={name}&limit=1&cursor={page['next']}").json()
    assert ([item["id"] for item in more["items"]], more["next"]) == ([first], None)
    assert customer.get(f"/v1/draws?name={name}&status=ranked").json()["items"] == []
    problem(customer.get(f"/v1/draws/{uuid4()}"), 404, "case.not_found")
    problem(customer.get(f"/v1/draws/{uuid4()}/proof"), 404, "case.not_found")
