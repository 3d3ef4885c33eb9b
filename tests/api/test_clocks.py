"""Deadlines, pauses, promises and escalations over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.declare import Role
from tests.api.service import Person, Service, problem

PATH = "/v1/complaints"


def ahead(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def opened(specialist: Person) -> str:
    """Open a case of the north and return its path."""
    made = specialist.done(
        PATH,
        {
            "kind": "sales",
            "channel": "phone",
            "region": "north",
            "narrative": "The deposit was not paid back.",
        },
    )
    return f"{PATH}/{made['id']}"


def clocks(reader: Person, case: str) -> dict[str, Any]:
    return {clock["clock"]: clock for clock in reader.get(case).json()["clocks"]}


def test_a_case_shows_when_it_is_due_and_why(service: Service) -> None:
    specialist = service.specialist
    shown = clocks(specialist, opened(specialist))
    assert list(shown) == ["first_response", "judgement", "resolution"]
    derivation = shown["resolution"]["derivation"]
    assert derivation["rule"]["pack"] == {"name": "complaint", "version": 1}
    assert derivation["span"]["unit"] == "working_days"
    assert sum(stretch.get("days", 0) for stretch in derivation["stretches"]) == 10
    assert derivation["stretches"][-1]["until_at"] == shown["resolution"]["due_at"]


def test_a_pause_has_a_reason_and_an_end_after_its_start(service: Service) -> None:
    specialist = service.specialist
    case = opened(specialist)
    answer = specialist.post(f"{case}/pauses", {"note": "She is abroad."})
    [error] = problem(answer, 422, "request.invalid")["errors"]
    assert error["pointer"] == "#/reason"
    answer = specialist.post(f"{case}/pauses", {"reason": "customer"})
    problem(answer, 422, "clocks.pause_not_proven")
    specialist.done(f"{case}/pauses", {"reason": "customer", "note": "She is abroad."})
    assert clocks(specialist, case)["resolution"]["due_at"] is None
    early = {"ended_at": ahead(-1)}
    answer = specialist.post(f"{case}/pauses/1/end", early)
    problem(answer, 422, "clocks.pause_ends_before_start")
    specialist.done(f"{case}/pauses/1/end")
    assert clocks(specialist, case)["resolution"]["due_at"] is not None
    problem(specialist.post(f"{case}/pauses/7/end"), 404, "clocks.pause_not_found")
    problem(specialist.post(f"{case}/pauses/1/end"), 409, "clocks.pause_has_ended")


def test_a_deadline_is_set_lengthened_and_given_up(service: Service) -> None:
    specialist = service.specialist
    case = opened(specialist)
    supervisor = service.person(Role.SUPERVISOR, region="north")
    said = {"amount": 12, "reason": "The bank needs longer."}
    specialist.done(f"{case}/deadlines/3/extension", said)
    assert clocks(specialist, case)["resolution"]["derivation"]["span"]["amount"] == 12
    due_at = ahead(30)
    specialist.done(f"{case}/deadlines", {"n": 3, "due_at": due_at, "reason": "Agreed."})
    shown = clocks(specialist, case)["resolution"]
    assert datetime.fromisoformat(shown["due_at"]) == datetime.fromisoformat(due_at)
    assert [change["move"] for change in shown["history"]] == ["extended", "set"]
    past = {"n": 3, "due_at": ahead(-1), "reason": "Too late."}
    problem(specialist.post(f"{case}/deadlines", past), 422, "clocks.due_in_past")
    why = {"reason": "She sold the car."}
    assert specialist.post(f"{case}/deadlines/3/cancellation", why).status_code == 403
    supervisor.done(f"{case}/deadlines/3/cancellation", why)
    problem(specialist.post(f"{case}/deadlines", past), 409, "clocks.has_ended")


def test_a_promise_is_kept(service: Service) -> None:
    specialist = service.specialist
    case = opened(specialist)
    specialist.done(f"{case}/promises", {"promise": "We call her.", "due_at": ahead(2)})
    assert clocks(specialist, case)["promise"]["state"] == "running"
    problem(specialist.post(f"{case}/deadlines/3/stop"), 409, "clocks.stops_by_itself")
    specialist.done(f"{case}/deadlines/4/stop")
    shown = clocks(specialist, case)["promise"]
    assert (shown["state"], shown["met"]) == ("stopped", True)


def test_an_escalation_is_acknowledged_by_whom_it_reached(service: Service) -> None:
    specialist = service.specialist
    case = opened(specialist)
    specialist.done(f"{case}/escalations", {"reason": "She will not leave."})
    answer = {"will_do": "I speak with her.", "done_by_at": ahead(1)}
    acknowledge = f"{case}/escalations/1/acknowledgement"
    problem(specialist.post(acknowledge, answer), 403, "complaint.not_told")
    supervisor = service.person(Role.SUPERVISOR, sub="u-north", region="north")
    supervisor.done(acknowledge, answer)
    specialist.position = supervisor.position
    shown = specialist.get(case).json()
    assert shown["escalations"][0]["acknowledgement"]["by"]["id"] == "u-north"
    assert [clock["clock"] for clock in shown["clocks"]][-1] == "promise"
    again = supervisor.post(acknowledge, {**answer, "will_do": "Something else."})
    problem(again, 409, "complaint.escalation_is_over")
