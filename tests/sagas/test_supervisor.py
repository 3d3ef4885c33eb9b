"""A complaint on a real casebook, from its registration to the answer for its escalation."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain import complaint as c
from domain.clocks.book import Clock
from domain.declare import Role
from sagas import deadline_warnings, sla_escalation
from sagas.instances import view_of
from sagas.timers import URGENT
from store.casebook import Casebook
from store.database import connect, pool
from store.keys import Keys
from store.log import Recorded
from store.rulebook import publish_shipped
from store.views import rebuild
from tests.domain.complaint.desk import SPECIALIST, actor
from tests.sagas.desk import Desk

CASE = UUID("01990000-0000-7000-8000-000000000001")
SUNDAY = datetime.fromisoformat("2026-05-10T08:00+03:30")
WATCHED = (deadline_warnings.SAGA, sla_escalation.SAGA)


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    with pool(database_url, "writer", size=4) as own:
        casebook = Casebook(own, database_url, Keys(b"k" * 32))
        publish_shipped(casebook)
        yield Desk(database_url, casebook, WATCHED, now=SUNDAY)


def register(desk: Desk) -> None:
    desk.execute(
        c.RegisterComplaint(
            stream=CASE,
            kind=c.Kind.QUALITY,
            channel=c.Channel.PHONE,
            region="north",
            narrative="The brakes squeal.",
        ),
        actor=SPECIALIST,
    )


def clock(desk: Desk, code: str) -> Clock:
    state: c.Complaint = desk.casebook.state(CASE).state
    return next(each for each in state.clocks.clocks if each.code == code)


def topics(history: list[Recorded]) -> list[str]:
    return [each.topic.removeprefix("complaint.") for each in history]


def made_by_sagas(desk: Desk) -> list[Recorded]:
    return [each for each in desk.casebook.history(CASE) if each.actor.startswith("saga:")]


def told(raised: Recorded) -> Any:
    """Somebody whom the escalation reached."""
    event = raised.event
    return actor("told", event.role, unit=event.unit, region=event.region)


def test_a_complaint_is_warned_of_breached_escalated_climbs_and_is_acknowledged(
    desk: Desk,
) -> None:
    register(desk)
    assert desk.settle() == 0
    first = clock(desk, "first_response")
    [warning] = first.due.warnings
    due_at = first.due.due_at
    assert due_at is not None and warning.at < due_at

    desk.now = warning.at - timedelta(seconds=1)
    assert desk.settle() == 0
    desk.now = warning.at
    desk.settle()
    assert topics(made_by_sagas(desk)) == ["deadline_warned"]

    desk.now = due_at + timedelta(seconds=1)
    desk.settle()
    [_, breach, raised] = made_by_sagas(desk)
    assert (breach.topic, breach.event.due_at) == ("complaint.deadline_breached", due_at)
    assert raised.event.escalation_id is not None
    assert (raised.event.role, raised.event.region) == (Role.SUPERVISOR, "north")
    assert raised.causation_id == breach.event_id

    desk.now = raised.event.climbs_at
    desk.settle()
    assert topics(made_by_sagas(desk))[3:] == ["escalation_climbed"]

    desk.now += timedelta(minutes=20)
    answer = c.AcknowledgeEscalation(
        stream=CASE, n=1, will_do="Call her.", done_by_at=desk.now + timedelta(hours=2)
    )
    desk.execute(answer, actor=told(raised))
    desk.settle()
    promised = clock(desk, "promise")
    assert promised.due.due_at == answer.done_by_at
    desk.now += timedelta(days=30)
    desk.settle()
    assert "escalation_climbed" not in [
        each.topic.removeprefix("complaint.")
        for each in made_by_sagas(desk)[4:]
        if each.event.n == 1
    ]


def test_a_breach_does_not_wait_behind_warnings_that_wait(desk: Desk) -> None:
    """Where reminders by the thousand are paced, only the urgent lanes of this case are fired."""
    register(desk)
    due_at = clock(desk, "first_response").due.due_at
    warned_at = clock(desk, "judgement").due.warnings[0].at
    assert due_at is not None
    desk.now = max(due_at, warned_at)
    assert desk.now < (clock(desk, "judgement").due.due_at or desk.now)
    desk.fold()
    with desk.timers(lanes=URGENT) as timers:
        timers.tick()
        desk.fold()
        timers.tick()
    assert topics(made_by_sagas(desk)) == ["deadline_breached", "escalated"]
    desk.settle()
    assert topics(made_by_sagas(desk))[2:] == ["deadline_warned"]


def test_a_rebuild_knows_what_was_known_and_sends_nothing(desk: Desk, database_url: str) -> None:
    register(desk)
    due_at = clock(desk, "first_response").due.due_at
    assert due_at is not None
    desk.now = due_at
    desk.settle()
    head = desk.casebook.head()

    def rows() -> list[Any]:
        with connect(database_url, "views") as connection:
            return [
                connection.execute(
                    f"SELECT key, state, position, lane, wake_at FROM views.saga_{saga.name}"
                ).fetchall()
                for saga in WATCHED
            ]

    before = rows()
    for saga in WATCHED:
        rebuild(database_url, desk.casebook.log_reader, view_of(saga))
    assert rows() == before
    assert desk.casebook.head() == head
    assert desk.settle() == 0


def test_after_an_outage_of_days_everything_is_made_up_for_in_order(desk: Desk) -> None:
    register(desk)
    desk.now += timedelta(days=9)
    desk.settle()
    made = [
        e.event for e in made_by_sagas(desk) if isinstance(e.event, c.ComplaintDeadlineBreached)
    ]
    dues = sorted(
        each.due.due_at
        for each in desk.casebook.state(CASE).state.clocks.clocks
        if each.due.due_at is not None and each.due.due_at <= desk.now
    )
    assert len(dues) >= 2
    assert [each.due_at for each in made] == dues
    assert desk.settle() == 0
