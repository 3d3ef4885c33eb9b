"""What several roles in one token mean, and what an answer must not tell of others' cases."""

from uuid import uuid4

from tests.api.service import Service, problem


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
