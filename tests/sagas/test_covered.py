"""What sagas do on a real casebook, judged by the check that reads the raw log alone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from domain import complaint as c
from domain.declare import Actor, ActorId, Role
from domain.staff import RegisterStaffMember
from projections import coverage
from projections.coverage import Check
from sagas import deadline_warnings, notices, referral, sla_escalation
from store.casebook import Casebook
from store.database import connect, pool
from store.keys import Keys
from store.rulebook import publish_shipped
from tests.domain.complaint.desk import SPECIALIST
from tests.domain.referral import desk as d
from tests.sagas.desk import Desk

NOW = datetime(2028, 5, 7, 8, 0, tzinfo=UTC)
"""Later than any database's own clock, which says since when something is owed."""
ADMIN = Actor(id=ActorId("admin"), roles=frozenset({Role.ADMIN}))
WATCHED = (deadline_warnings.SAGA, sla_escalation.SAGA, notices.SAGA, referral.SAGA)
LETTER = {"letter_on": date(2028, 5, 3), "answer_by_on": date(2028, 5, 24)}


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    with pool(database_url, "writer", size=4) as own:
        casebook = Casebook(own, database_url, Keys(b"k" * 32))
        publish_shipped(casebook)
        yield Desk(database_url, casebook, WATCHED, now=NOW)


def checked(desk: Desk) -> Check:
    with connect(desk.url, "views") as connection:
        return coverage.check(connection, desk.now, days=None)


@pytest.mark.parametrize("has_staff", [True, False])
def test_whatever_is_missed_in_weeks_is_covered(desk: Desk, has_staff: bool) -> None:
    if has_staff:
        supervisor = RegisterStaffMember(
            stream=UUID(int=0x57AFF), account="simin", name="Simin", locale="fa",
            roles=(Role.SUPERVISOR,), region="north",
        )  # fmt: skip
        desk.execute(supervisor, actor=ADMIN)
    for number in range(3):
        register = c.RegisterComplaint(
            stream=UUID(f"01990000-0000-7000-8000-00000000000{number}"), kind=c.Kind.QUALITY,
            channel=c.Channel.PHONE, region="north", narrative="The brakes squeal.",
        )  # fmt: skip
        desk.execute(register, actor=SPECIALIST)
    for wish in (d.receive(customer_id=None, matter="It jerks.", **LETTER), d.register(),
                 d.distribute(handler="erfan")):  # fmt: skip
        desk.execute(replace(wish, stream=UUID(int=0xF1)), actor=d.SECRETARY)
    for _ in range(30):
        desk.now += timedelta(days=1)
        desk.settle()
    found = checked(desk)
    assert found.owed > 6
    assert (found.gaps, found.pending) == ([], 0)
    assert found.told + found.withheld == found.owed
    assert (found.told > 0) is has_staff
    kinds = {event.topic for event in desk.casebook.read(0, 10_000)}
    assert {"complaint.escalation_climbed", "referral.deadline_breached"} <= kinds
    assert "referral.escalated" in kinds
