"""What the escalation saga does, and when: given what is recorded, at an instant, then this."""

from datetime import timedelta
from uuid import UUID

from domain import complaint as c
from domain.clocks.messages import Binds, Urgency
from domain.declare import Role
from domain.rulebook import Pin
from sagas.declare import made_by
from sagas.sla_escalation import SAGA
from tests.domain.complaint.desk import DEALER, TECHNICAL, by, registered
from tests.sagas.clocks import DAY, HOUR, START, breached, clocks, due, paused, resumed, started
from tests.sagas.clocks import stopped as stop
from tests.scenario import CASE, SagaScenario, saga

DUE_AT = START + 3 * DAY
LADDER = Pin(name="customer_care", version=1)


def escalated(scenario: SagaScenario, **facts: object) -> c.ComplaintEscalated:
    """The escalation that follows from the newest event."""
    values = {
        "escalation_id": made_by(scenario.event_id, "escalation"),
        "n": 1,
        "cause": c.EscalationCause.BREACH,
        "clock": 1,
        "ladder": LADDER,
        "rung": 0,
        "role": Role.SUPERVISOR,
        "unit": "complaints",
        "region": None,
        "dealer_id": None,
        "climbs_at": DUE_AT + 4 * HOUR,
        "reason": None,
        **facts,
    }
    return c.ComplaintEscalated(**values)  # type: ignore[arg-type]


def climbed(rung: int, climbs_at: object) -> c.EscalationClimbed:
    return c.EscalationClimbed(
        n=1,
        rung=rung,
        role=Role.UNIT_HEAD,
        unit="complaints",
        region=None,
        climbs_at=climbs_at,  # type: ignore[arg-type]
    )


RUNNING = saga(SAGA).given(registered(), clocks(started(1, DUE_AT)), at=START)
BREACHED = RUNNING.given(breached(1, DUE_AT), at=DUE_AT)
ESCALATED = BREACHED.given(escalated(BREACHED))


def test_a_case_without_clocks_is_left_alone() -> None:
    saga(SAGA).given(registered()).sleeps().then_nothing()


def test_a_clock_is_waited_for_and_its_breach_recorded_at_its_instant() -> None:
    RUNNING.wakes(DUE_AT, Urgency.ESCALATION)
    RUNNING.at(DUE_AT - timedelta(seconds=1)).then_nothing()
    RUNNING.at(DUE_AT).then(c.RecordBreach(stream=CASE, n=1))


def test_what_is_to_be_done_is_caused_by_the_event_that_made_it_due() -> None:
    assert [do.cause for do in RUNNING.at(DUE_AT).todo()] == [RUNNING.event_id]


def test_a_breach_is_brought_before_somebody_with_an_id_made_from_it() -> None:
    BREACHED.wakes(DUE_AT, Urgency.ESCALATION).then(
        c.EscalateComplaint(
            stream=CASE,
            escalation_id=made_by(BREACHED.event_id, "escalation"),
            cause=c.EscalationCause.BREACH,
            clock=1,
            reason=None,
        )
    )


def test_a_clock_without_a_ladder_records_its_breach_and_brings_it_before_nobody() -> None:
    quiet = saga(SAGA).given(registered(), clocks(started(1, DUE_AT, ladder=None)), at=START)
    quiet.at(DUE_AT).then(c.RecordBreach(stream=CASE, n=1))
    quiet.given(breached(1, DUE_AT), at=DUE_AT).sleeps().then_nothing()


def test_a_clock_that_binds_the_authority_escalates_nothing() -> None:
    theirs = started(1, DUE_AT, binds=Binds.AUTHORITY, urgency=Urgency.STATUTORY)
    saga(SAGA).given(registered(), clocks(theirs), at=START).sleeps().at(
        DUE_AT + DAY
    ).then_nothing()


def test_a_plan_that_nobody_made_is_escalated_as_such() -> None:
    scenario = saga(SAGA).given(registered(), clocks(started(1, DUE_AT, clock="plan")), at=START)
    missed = scenario.given(breached(1, DUE_AT), at=DUE_AT)
    (do,) = missed.todo()
    (command,) = do.commands
    assert isinstance(command, c.EscalateComplaint)
    assert command.cause is c.EscalationCause.NO_PLAN


def test_a_team_that_gave_up_is_escalated_without_a_clock() -> None:
    formed = c.VrtFormed(
        vrt_id=UUID(int=70),
        n=1,
        kind=c.VrtKind.QUALITY,
        lead="tara",
        unit="technical",
        task="Find out why it brakes late.",
        by=by(TECHNICAL),
    )
    failed = c.VrtFailed(n=1, vrt_id=UUID(int=70), reason="No test bench.", by=by(TECHNICAL))
    scenario = saga(SAGA).given(registered(), formed, failed)
    scenario.wakes(scenario.now, Urgency.ESCALATION).then(
        c.EscalateComplaint(
            stream=CASE,
            escalation_id=made_by(scenario.event_id, "escalation"),
            cause=c.EscalationCause.VRT_FAILED,
            clock=None,
            reason=None,
        )
    )


def test_an_escalation_climbs_at_its_instant_until_the_last_rung() -> None:
    ESCALATED.wakes(DUE_AT + 4 * HOUR).at(DUE_AT + 3 * HOUR).then_nothing()
    ESCALATED.at(DUE_AT + 4 * HOUR).then(c.ClimbEscalation(stream=CASE, n=1, rung=1))
    higher = ESCALATED.given(climbed(1, DUE_AT + 8 * HOUR), at=DUE_AT + 4 * HOUR)
    higher.wakes(DUE_AT + 8 * HOUR)
    higher.given(climbed(2, None), at=DUE_AT + 8 * HOUR).sleeps()


def test_an_acknowledged_escalation_climbs_no_further() -> None:
    acknowledged = c.EscalationAcknowledged(
        n=1, by=by(DEALER), will_do="Call her today.", done_by_at=DUE_AT + DAY
    )
    ESCALATED.given(acknowledged, at=DUE_AT + HOUR).sleeps().at(DUE_AT + DAY).then_nothing()


def test_an_escalation_that_ended_climbs_no_further() -> None:
    ended = c.EscalationEnded(n=1, why=c.EscalationEnd.CLOCK_STOPPED)
    ESCALATED.given(ended, at=DUE_AT + HOUR).sleeps()


def test_a_paused_clock_waits_and_a_resumed_one_is_due_at_its_new_instant() -> None:
    still = RUNNING.given(paused(1, START + DAY, 1), at=START + DAY)
    still.sleeps().at(DUE_AT + DAY).then_nothing()
    later = DUE_AT + 5 * DAY
    going = still.given(resumed(1, START + 6 * DAY, due(1, later)), at=START + 6 * DAY)
    going.wakes(later).at(later).then(c.RecordBreach(stream=CASE, n=1))


def test_a_clock_that_stopped_is_missed_no_longer_and_nobody_is_brought_in_for_it() -> None:
    RUNNING.given(stop(1, START + DAY), at=START + DAY).sleeps()
    BREACHED.given(stop(1, DUE_AT + HOUR, met=False), at=DUE_AT + HOUR).sleeps()


def test_a_deadline_moved_after_its_breach_can_be_missed_again() -> None:
    later = DUE_AT + 10 * DAY
    moved = ESCALATED.given(
        c.ComplaintClockExtended(due=due(1, later), reason="Parts are late.", paper_ids=())
    )
    moved.at(later).then(
        c.ClimbEscalation(stream=CASE, n=1, rung=1), c.RecordBreach(stream=CASE, n=1)
    )


def test_what_was_foreseen_of_a_deadline_that_moved_is_brought_before_nobody() -> None:
    foreseen = c.ComplaintDeadlineForeseen(
        n=1,
        due_at=DUE_AT,
        expected_at=DUE_AT + DAY,
        step="complaint.assigned",
        estimates=Pin(name="complaint", version=1),
    )
    known = RUNNING.given(foreseen, at=START + HOUR)
    assert len(known.todo()) == 1
    anew = due(1, DUE_AT + 9 * DAY)
    moved = known.given(c.ComplaintClockExtended(due=anew, reason="A letter.", paper_ids=()))
    moved.wakes(DUE_AT + 9 * DAY).at(START + DAY).then_nothing()


def test_after_an_outage_the_oldest_goes_first() -> None:
    scenario = saga(SAGA).given(
        registered(),
        clocks(started(1, DUE_AT), started(2, DUE_AT - DAY, clock="plan")),
        at=START,
    )
    scenario.wakes(DUE_AT - DAY).at(DUE_AT + 9 * DAY).then(
        c.RecordBreach(stream=CASE, n=2), c.RecordBreach(stream=CASE, n=1)
    )


def test_a_case_under_a_law_goes_before_others() -> None:
    scenario = saga(SAGA).given(
        registered(),
        clocks(
            started(1, DUE_AT), started(2, DUE_AT + DAY, clock="reply", urgency=Urgency.STATUTORY)
        ),
        at=START,
    )
    scenario.wakes(DUE_AT, Urgency.STATUTORY)


def test_what_was_due_before_a_case_was_carried_over_is_nobodys_any_more() -> None:
    carried = c.StepCarriedOver(
        step_id=UUID(int=5),
        source_row="17",
        happened_at=START - 300 * DAY,
        source_status="Accepted",
        meaning=c.CarriedMeaning.IN_PROGRESS,
    )
    scenario = saga(SAGA).given(
        registered("carried_over"),
        clocks(started(1, START - 200 * DAY), started(2, START + DAY, clock="plan")),
        carried,
        at=START,
    )
    scenario.wakes(START + DAY).at(START + 2 * DAY).then(c.RecordBreach(stream=CASE, n=2))
