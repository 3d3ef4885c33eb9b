"""What was learnt from ended cases foresees the next breach, and the forecast can be replayed."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain import complaint as c
from domain import rulebook
from domain.clocks import messages as m
from domain.clocks.rules import Estimates
from domain.rulebook import Provenance
from sagas import deadline_warnings, estimating, sla_escalation
from sagas.estimating import DOCUMENT, ESTIMATOR, publish_estimates
from sagas.instances import view_of
from sagas.virtual import VirtualTime, folded_anew
from sagas.watch.timing import estimates_of
from store.casebook import Casebook
from store.database import connect, pool
from store.keys import Keys
from store.rulebook import publication, publish_shipped
from store.views import rebuild
from store.views.follower import opened
from store.views.tracking import LIVE
from tests.domain.complaint import desk as people
from tests.sagas.desk import Desk
from tests.sagas.random_cases import DAY, RULES
from tests.scenario import NOW

WATCHED = (deadline_warnings.SAGA, sla_escalation.SAGA, estimating.SAGA)


def case(number: int) -> UUID:
    return UUID(int=0xCA5E0000 + number)


def sort_out(run: VirtualTime, stream: UUID) -> None:
    to_dealer = {"region": "north", "dealer_id": "D-17"}
    for command in (
        people.register(stream=stream, kind=c.Kind.QUALITY, received_at=None),
        c.JudgeComplaint(stream=stream, valid=True),
        c.ClassifyComplaint(stream=stream, kind=c.Kind.QUALITY, subject="brakes"),
        c.GradeComplaint(stream=stream, importance=c.Importance.NORMAL),
        c.AssignComplaint(stream=stream, **to_dealer),
    ):
        run.execute(command, actor=people.SPECIALIST)


def plan(run: VirtualTime, stream: UUID) -> None:
    command = c.SubmitPlan(stream=stream, plan_id=stream, plan="New pads.")
    run.execute(command, actor=people.DEALER)


def end(run: VirtualTime, stream: UUID) -> None:
    """She takes her complaint back, and says so in a letter."""
    letter = c.AddDocument(
        stream=stream,
        document_id=UUID(int=stream.int + 1000),
        kind=c.PaperKind.CUSTOMER_ACCEPTANCE,
        title="Her letter.",
        media_type="application/pdf",
        size_bytes=1,
        content_sha256="ab" * 32,
    )
    result = c.AnnounceResult(
        stream=stream,
        result_id=UUID(int=stream.int + 2000),
        outcome=c.Outcome.EXPLAINED,
        channel=c.Channel.PHONE,
        answer="New pads squeal for a week.",
    )
    close = c.CloseComplaint(
        stream=stream,
        closure_id=UUID(int=stream.int + 3000),
        ground=c.ClosingGround.WITHDRAWN,
        paper_ids=(letter.document_id,),
    )
    for command in (letter, result, close):
        run.execute(command, actor=people.EXPERT)


def publish(run: VirtualTime) -> None:
    cases = run.instances(estimating.SAGA).values()
    samples = [sample for one in cases if one.journey.ended for sample in one.samples]
    found = Estimates(
        from_at=NOW,
        until_at=run.now,
        position=run.position,
        estimates=estimates_of(samples, cases_min=20),
    )
    source = Provenance(source="ended cases", confirmed="measured")
    run.execute(publication("estimates", DOCUMENT, found, run.now, source), actor=ESTIMATOR)


def test_a_breach_is_foreseen_from_how_long_cases_took_and_brought_before_somebody() -> None:
    run = VirtualTime((c.DECIDER, rulebook.DECIDER), WATCHED, now=NOW, rules=RULES)
    for number in range(25):  # dealers make their plans in 40 hours; they have 30
        sort_out(run, case(number))
        run.run_until(run.now + timedelta(hours=40))
        plan(run, case(number))
        run.run_until(run.now + timedelta(hours=1))
        end(run, case(number))
    assert not [each for each in run.log if isinstance(each.event, m.DeadlineForeseen)]
    publish(run)

    sort_out(run, case(99))
    began_at = run.now
    run.run_until(began_at)
    [foreseen] = [each for each in run.log if isinstance(each.event, m.DeadlineForeseen)]
    assert foreseen.stream == case(99)
    assert foreseen.event.step == "complaint.assigned"
    assert foreseen.event.expected_at == began_at + timedelta(hours=40)
    assert foreseen.event.due_at == began_at + timedelta(hours=30)
    assert foreseen.event.estimates.name == "complaint"
    raised = run.log[-1].event
    assert isinstance(raised, c.ComplaintEscalated)
    assert raised.cause is c.EscalationCause.FORESEEN

    run.run_until(began_at + timedelta(hours=31))
    of_case = [each for each in run.log if each.stream == case(99)]
    assert any(isinstance(each.event, m.DeadlineBreached) for each in of_case)
    assert sum(isinstance(each.event, c.ComplaintEscalated) for each in of_case) == 1
    for saga in WATCHED:
        assert folded_anew(saga, run.log) == run.instances(saga)
    assert run.refused == []


# --- from cases of another system, on a real casebook ---------------------------------------------


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    with pool(database_url, "writer", size=4) as own:
        casebook = Casebook(own, database_url, Keys(b"k" * 32))
        publish_shipped(casebook)
        yield Desk(database_url, casebook, WATCHED, now=datetime.fromisoformat("2026-03-02T09:00Z"))


def carry_over(desk: Desk, number: int, *, took: timedelta, ends: bool = True) -> None:
    """A case that another system had: received long ago, assigned a day later, perhaps closed."""
    received_at = datetime.fromisoformat("2025-04-05T08:00Z")
    stream = case(number)
    steps: list[tuple[timedelta, c.CarriedMeaning]] = [
        (DAY, c.CarriedMeaning.ASSIGNED),
        (2 * DAY, c.CarriedMeaning.IN_PROGRESS),
    ]
    if ends:
        steps.append((DAY + took, c.CarriedMeaning.CLOSED))
    commands: list[Any] = [
        people.register(
            stream=stream,
            kind=c.Kind.SERVICE,
            received_at=received_at,
            procedure="carried_over",
            occurred_on=date(2025, 4, 1),
        )
    ]
    for place, (after, meaning) in enumerate(steps):
        commands.append(
            c.CarryOverStep(
                stream=stream,
                step_id=UUID(int=stream.int * 16 + place),
                source_row=f"{number}/{place}",
                happened_at=received_at + after,
                source_status="Accepted",
                meaning=meaning,
            )
        )
    desk.execute(*commands, actor=people.IMPORTER)


def test_ended_cases_of_another_system_teach_how_long_cases_take(
    desk: Desk, database_url: str
) -> None:
    for number in range(24):
        carry_over(desk, number, took=(5 + number) * DAY)
    desk.fold()
    with opened(database_url, LIVE) as connection:
        published = publish_estimates(desk.casebook, connection, desk.now)
        assert published == 1
        assert publish_estimates(desk.casebook, connection, desk.now) is None
    known = desk.casebook.rules.in_force(Estimates, DOCUMENT, desk.now).content
    cells = {(each.clock, each.step, each.kind): each for each in known.estimates}
    of_assigned = cells["resolution", "complaint.assigned", "service"]
    assert of_assigned.cases == 24
    assert of_assigned.median_s == (16 * DAY).total_seconds()
    assert of_assigned.p80_s == (24 * DAY).total_seconds()


def test_a_rebuilt_saga_forecasts_by_what_was_published_when(desk: Desk, database_url: str) -> None:
    [first] = desk.casebook.read(0, 1)
    desk.now = first.recorded_at  # instants of the log are the database's own
    for number in range(20):
        carry_over(desk, number, took=40 * DAY)
    desk.fold()
    assign(desk, case(50))
    with opened(database_url, LIVE) as connection:
        publish_estimates(desk.casebook, connection, desk.now)
    assign(desk, case(51))
    desk.now += timedelta(minutes=2)
    desk.settle()
    [foreseen] = desk.casebook.read(0, 10_000, ["complaint.deadline_foreseen"])
    assert (foreseen.stream, foreseen.event.estimates.version) == (case(51), 1)

    def rows() -> list[Any]:
        with connect(database_url, "views") as connection:
            return connection.execute(
                "SELECT key, state, position, lane, wake_at FROM views.saga_deadline_warnings"
            ).fetchall()

    before, head = rows(), desk.casebook.head()
    rebuild(database_url, desk.casebook.log_reader, view_of(deadline_warnings.SAGA))
    assert sorted(rows()) == sorted(before)
    assert desk.settle() == 0
    assert desk.casebook.head() == head


def assign(desk: Desk, stream: UUID) -> None:
    for command in (
        people.register(stream=stream, kind=c.Kind.SERVICE, received_at=None),
        c.JudgeComplaint(stream=stream, valid=True),
        c.ClassifyComplaint(stream=stream, kind=c.Kind.SERVICE, subject="brakes"),
        c.GradeComplaint(stream=stream, importance=c.Importance.NORMAL),
        c.AssignComplaint(stream=stream, region="north", dealer_id="D-17"),
    ):
        desk.execute(command, actor=people.SPECIALIST)


def test_nothing_is_said_of_what_was_due_before_a_case_was_carried_over(desk: Desk) -> None:
    carry_over(desk, 1, took=DAY, ends=False)
    state: c.Complaint = desk.casebook.state(case(1)).state
    [resolution] = state.clocks.clocks
    assert resolution.due.due_at is not None and resolution.due.due_at < desk.now
    head = desk.casebook.head()
    assert desk.settle() == 0
    desk.now += 400 * DAY
    assert desk.settle() == 0
    assert desk.casebook.head() == head
