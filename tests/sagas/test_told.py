"""Who is told, on a real casebook: from a registration to the answer for its escalation."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain import complaint as c
from domain import notification as n
from domain.declare import Actor, ActorId, Role
from domain.staff import RegisterStaffMember
from sagas import deadline_warnings, notices, sla_escalation
from sagas.instances import view_of
from store.casebook import Casebook
from store.database import connect, pool
from store.keys import Keys
from store.log import Recorded
from store.rulebook import publish_shipped
from store.views import rebuild
from tests.domain.complaint.desk import SPECIALIST
from tests.sagas.desk import Desk

CASE = UUID("01990000-0000-7000-8000-000000000002")
SUNDAY = datetime.fromisoformat("2027-05-09T08:00+03:30")
SAGAS = (deadline_warnings.SAGA, sla_escalation.SAGA, notices.SAGA)
SYSTEM = Actor(id=ActorId("system:tests"), roles=frozenset({Role.SYSTEM}))
MARYAM = Actor(id=ActorId("maryam"), roles=frozenset({Role.SUPERVISOR}), region="north")


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    with pool(database_url, "writer", size=4) as own:
        casebook = Casebook(own, database_url, Keys(b"k" * 32))
        publish_shipped(casebook)
        yield Desk(database_url, casebook, SAGAS, now=SUNDAY)


def colleague(desk: Desk, account: str, role: Role, **place: str) -> None:
    stream = UUID(int=sum(account.encode()))
    desk.execute(
        RegisterStaffMember(stream=stream, account=account, name="X", roles=(role,), **place),
        actor=SYSTEM,
    )


def register(desk: Desk) -> None:
    desk.execute(
        c.RegisterComplaint(
            stream=CASE, kind=c.Kind.QUALITY, channel=c.Channel.PHONE, region="north",
            narrative="The brakes squeal.",
        ),
        actor=SPECIALIST,
    )  # fmt: skip
    desk.settle()


def due_at(desk: Desk) -> datetime:
    state: c.Complaint = desk.casebook.state(CASE).state
    found = next(each for each in state.clocks.clocks if each.code == "first_response").due.due_at
    assert found is not None
    return found


def of(desk: Desk, kind: type[Any]) -> list[Recorded]:
    return [each for each in desk.casebook.read(0, 10_000) if isinstance(each.event, kind)]


def told(desk: Desk) -> list[tuple[str, str]]:
    return [(e.event.recipient, e.event.code) for e in of(desk, n.NotificationPlanned)]


def test_a_supervisor_is_told_of_the_breach_and_of_the_escalation_and_answers(desk: Desk) -> None:
    colleague(desk, "maryam", Role.SUPERVISOR, region="north")
    colleague(desk, "parisa", Role.UNIT_HEAD, unit="customer_care")
    register(desk)
    assert told(desk) == []
    desk.now = due_at(desk) - timedelta(minutes=1)
    desk.settle()
    assert told(desk) == [("maryam", "complaint.deadline_warned")]
    desk.now += timedelta(minutes=2)
    desk.settle()
    assert told(desk)[1:] == [
        ("maryam", "complaint.deadline_breached"), ("maryam", "complaint.escalated"),
    ]  # fmt: skip
    (escalated,) = [each for each in of(desk, n.NotificationPlanned) if each.event.must_acknowledge]
    (cause,) = of(desk, c.ComplaintEscalated)
    assert escalated.causation_id == escalated.event.cause == cause.event_id
    desk.now = cause.event.climbs_at
    desk.settle()
    assert told(desk)[3:] == [("parisa", "complaint.escalation_climbed")]
    answer = c.AcknowledgeEscalation(
        stream=CASE, n=1, will_do="Call her.", done_by_at=desk.now + timedelta(hours=2)
    )
    desk.execute(n.AcknowledgeNotification(stream=escalated.stream), answer, actor=MARYAM)
    desk.settle()
    settled = {each.stream for each in of(desk, n.NotificationSettled)}
    (climbed,) = [
        each.stream for each in of(desk, n.NotificationPlanned) if each.event.recipient == "parisa"
    ]
    assert settled == {climbed}


def test_a_breach_of_which_nobody_is_told_says_so(desk: Desk) -> None:
    register(desk)
    desk.now = due_at(desk) + timedelta(minutes=1)
    desk.settle()
    assert told(desk) == []
    withheld = [each.event for each in of(desk, n.NotificationWithheld)]
    (breach,) = of(desk, c.ComplaintDeadlineBreached)
    assert breach.event_id in {event.cause for event in withheld}
    assert {event.reason for event in withheld} == {n.WithheldReason.NOBODY_TO_TELL}


def test_nobody_is_told_twice_whatever_is_fired_again(desk: Desk, database_url: str) -> None:
    colleague(desk, "maryam", Role.SUPERVISOR, region="north")
    register(desk)
    desk.now = due_at(desk) + timedelta(minutes=1)
    desk.settle()
    before, head = told(desk), desk.casebook.head()

    def rows() -> list[Any]:
        with connect(database_url, "views") as connection:
            return connection.execute(
                "SELECT key, state, position, lane, wake_at FROM views.saga_notices"
            ).fetchall()

    live = rows()
    rebuild(database_url, desk.casebook.log_reader, view_of(notices.SAGA))
    assert rows() == live
    assert desk.settle() == 0
    assert (told(desk), desk.casebook.head()) == (before, head)


def test_who_is_told_is_who_was_there_when_it_happened(desk: Desk) -> None:
    colleague(desk, "maryam", Role.SUPERVISOR, region="north")
    register(desk)
    desk.now = due_at(desk) + timedelta(minutes=1)
    desk.settle()
    first = told(desk)
    colleague(desk, "omid", Role.SUPERVISOR, region="north")
    desk.settle()
    assert told(desk) == first
