"""Applying a pack over HTTP to the clocks that run already."""

from typing import Any

from domain.declare import Role
from tests.api.service import Service, problem

PACK = "/v1/rulebook/sla_pack/referral"


def test_a_pack_is_applied_to_what_runs_by_a_recorded_command(service: Service) -> None:
    manager = service.person(Role.MANAGER)
    version = manager.get(PACK).json()["version"]
    wish = {"version": version, "reason": "Decision 12 of the board."}
    applied = manager.post(f"{PACK}/application", wish)
    assert applied.status_code == 200
    told = manager.get(f"/v1/audit?case={applied.json()['id']}").json()["items"]
    assert [row["topic"] for row in told][:1] == ["rulebook.applied"]
    again = manager.post(f"{PACK}/application", wish)
    assert again.json()["position"] == applied.json()["position"]


def test_the_next_version_of_an_applied_pack_has_the_next_number(service: Service) -> None:
    manager = service.person(Role.MANAGER)
    standing = manager.get(PACK).json()
    body: dict[str, Any] = {
        "effective_from_at": "2026-01-01T00:00:00Z",
        "content": standing["content"],
        "source": "decision 13",
    }
    manager.post(f"{PACK}/application", {"version": standing["version"], "reason": "So decided."})
    assert manager.post(PACK, body).status_code == 200
    assert manager.get(PACK).json()["version"] == standing["version"] + 1
    older = manager.post(f"{PACK}/application", {"version": standing["version"], "reason": "x"})
    assert problem(older, 409, "rulebook.not_newest")["params"] == {
        "newest": standing["version"] + 1
    }


def test_what_cannot_be_applied_is_said(service: Service) -> None:
    manager = service.person(Role.MANAGER)
    wish = {"version": 1, "reason": "So decided."}
    grading = manager.post("/v1/rulebook/grading/default/application", wish)
    problem(grading, 422, "rulebook.not_applicable")
    nowhere = manager.post("/v1/rulebook/sla_pack/nowhere/application", wish)
    problem(nowhere, 404, "rulebook.not_published")
    problem(manager.post(f"{PACK}/application", {"version": 1}), 422, "request.invalid")
    problem(service.expert.post(f"{PACK}/application", wish), 403, "role.not_entitled")
    strange = manager.post("/v1/rulebook/sla_pack/No%20Name/application", wish)
    assert strange.status_code in (404, 422)
