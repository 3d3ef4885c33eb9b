"""Rules over HTTP that contradict themselves or name what is not there: the old ones stay."""

from typing import Any

import pytest

from domain.declare import Role
from tests.api.service import Service, problem

LADDER = "/v1/rulebook/ladder/customer_care"
HOURS = {"amount": 1, "unit": "hours"}


def publish(service: Service, content: dict[str, Any]) -> Any:
    body = {"effective_from_at": "2026-01-01T00:00:00Z", "content": content, "source": "a test"}
    return service.person(Role.MANAGER).post(LADDER, body)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"rungs": [{"role": "manager", "climb_after": HOURS}]}, "#/content/rungs/0/climb_after"),
        ({"rungs": [{"role": "manager"}, {"role": "admin"}]}, "#/content/rungs/0/climb_after"),
        ({"rungs": []}, "#/content/rungs"),
        ({"repeat_after": {"amount": 0, "unit": "hours"}}, "#/content/repeat_after/amount"),
        ({"repeat_after": {"amount": 1, "unit": "fortnights"}}, "#/content/repeat_after/unit"),
    ],
)
def test_a_ladder_that_contradicts_itself_is_refused_at_its_place(
    service: Service, change: dict[str, Any], pointer: str
) -> None:
    reader = service.person(Role.AUDITOR)
    standing = reader.get(LADDER).json()
    answer = publish(service, {**standing["content"], **change})
    body = problem(answer, 422, "request.invalid")
    assert [error["pointer"] for error in body["errors"]] == [pointer]
    assert reader.get(LADDER).json() == standing


def test_a_document_that_names_an_unknown_one_is_refused_and_the_old_one_stays(
    service: Service,
) -> None:
    reader = service.person(Role.AUDITOR)
    standing = reader.get(LADDER).json()
    answer = publish(service, {**standing["content"], "calendar": "atlantis"})
    params = problem(answer, 422, "rulebook.reference_unknown")["params"]
    assert (params["kind"], params["pointer"]) == ("calendar", "calendar")
    assert {"iran", "china"} <= set(params["known"])
    assert reader.get(LADDER).json() == standing
