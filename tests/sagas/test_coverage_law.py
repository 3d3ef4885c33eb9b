"""No breach without coverage: whoever is to be told is told, or it is recorded why nobody is."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import complaint as c
from domain import notification, staff
from domain.clocks import messages as m
from domain.declare import Role
from sagas import notices
from sagas.virtual import folded_anew
from tests.sagas.random_cases import DAY, SAGAS, Act, Run, acts, lived

DECIDERS = (c.DECIDER, staff.DECIDER, notification.DECIDER)
WATCHED = (*SAGAS, notices.SAGA)

COLLEAGUES: tuple[tuple[str, tuple[Role, ...], dict[str, str]], ...] = (
    ("simin", (Role.SUPERVISOR,), {"region": "north"}),
    ("hadi", (Role.UNIT_HEAD,), {"unit": "complaints"}),
    ("mina", (Role.MANAGER,), {}),
    ("erfan", (Role.EXPERT,), {"unit": "complaints"}),
)


def told_of(run: Run, cause: UUID) -> list[str]:
    """What stands in the log of an event: notices planned, or why none was."""
    return [
        each.topic
        for each in run.time.log
        if each.causation_id == cause
        and each.topic in ("notification.planned", "notification.withheld")
    ]


def company(members: int) -> tuple[tuple[UUID, staff.StaffMemberRegistered], ...]:
    """Some people who work there; the first one is the first who is told."""
    return tuple(
        (
            UUID(int=0x57AFF + number),
            staff.StaffMemberRegistered(
                account=account, name="Somebody", locale="fa", roles=roles, **place
            ),
        )
        for number, (account, roles, place) in enumerate(COLLEAGUES[:members])
    )


@given(acts(outages=True), st.integers(0, len(COLLEAGUES)))
def test_there_is_no_breach_and_no_escalation_without_coverage(
    history: list[Act], members: int
) -> None:
    run = lived(history, sagas=WATCHED, deciders=DECIDERS, given=company(members))
    spoken = (m.DeadlineBreached, c.ComplaintEscalated, c.EscalationClimbed)
    for each in run.history(*spoken):
        found = told_of(run, each.event_id)
        assert found, f"nobody was told of {each.topic}, and nothing says why"
        if members == 0:
            assert found == ["notification.withheld"]
    for saga in WATCHED:
        assert folded_anew(saga, run.time.log) == run.time.instances(saga)


@pytest.mark.parametrize("members", [0, 4])
def test_a_breach_after_an_outage_is_covered_too(members: int) -> None:
    run = lived([], sagas=WATCHED, deciders=DECIDERS, given=company(members), then=0 * DAY)
    run.time.sleep_until(run.time.now + 30 * DAY)
    run.time.run_until(run.time.now)
    breached = run.history(m.DeadlineBreached)
    assert breached
    assert all(told_of(run, each.event_id) for each in breached)
