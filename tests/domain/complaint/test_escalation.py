"""An escalation reaches whoever may decide, climbs until answered, and ends with its cause."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain import complaint as c
from domain.clocks import moves
from domain.clocks.messages import RuleKind
from domain.clocks.rules import AuthorisationLimits, Ladder, Limit
from domain.declare import Role
from domain.money import Currency, Money
from domain.rulebook import Pin, Rules, RulesNotPublished
from tests.domain.complaint.desk import (
    CUSTOMER,
    DEALER,
    EXPERT,
    MANAGER,
    SPECIALIST,
    SUPERVISOR,
    TECHNICAL,
    actor,
    an_id,
    by,
)
from tests.domain.complaint.timing import (
    HEAD,
    HEAD_OF_SALES,
    PACED,
    REGISTERED,
    SAGA,
    SUPERVISOR_NORTH,
    SUPERVISOR_SOUTH,
    TIMED,
    at,
    clock,
    decided,
    dues,
    kinds,
    newest,
    published,
)
from tests.scenario import CASE, NOW, Scenario

LADDER = Pin(name="customer_care", version=1)


def escalate(number: int = 70, **facts: Any) -> c.EscalateComplaint:
    defaults: dict[str, Any] = {"stream": CASE, "escalation_id": an_id(number)}
    return c.EscalateComplaint(**{**defaults, **facts})


def raised(**facts: Any) -> c.ComplaintEscalated:
    defaults: dict[str, Any] = {
        "escalation_id": an_id(70),
        "n": 1,
        "cause": c.EscalationCause.COUNTER,
        "clock": None,
        "ladder": LADDER,
        "rung": 0,
        "role": Role.SUPERVISOR,
        "unit": None,
        "region": "north",
        "dealer_id": "D-17",
        "climbs_at": at(2, 5),
        "reason": None,
    }
    return c.ComplaintEscalated(**{**defaults, **facts})


BREACH = c.RecordBreach(stream=CASE, n=4)
MISSED = decided(PACED, BREACH, by=SAGA, when=at(4, 12, 30))
BREACHED = escalate(cause=c.EscalationCause.BREACH, clock=4)
ESCALATED = decided(MISSED, BREACHED, by=SAGA, when=at(4, 12, 30))
"""The dealer has made no plan in time, and a supervisor of its region was told."""


def acknowledge(n: int = 1, **facts: Any) -> c.AcknowledgeEscalation:
    defaults: dict[str, Any] = {
        "stream": CASE,
        "n": n,
        "will_do": "I see the dealer on Saturday.",
        "done_by_at": at(7, 12),
    }
    return c.AcknowledgeEscalation(**{**defaults, **facts})


def climb(rung: int, n: int = 1) -> c.ClimbEscalation:
    return c.ClimbEscalation(stream=CASE, n=n, rung=rung)


# --- whom it reaches ------------------------------------------------------------------------------


def test_at_the_counter_the_superior_comes_to_the_customer() -> None:
    asked = escalate(reason="She will not leave before somebody decides.")
    PACED.when(asked).then(raised(reason="She will not leave before somebody decides."))


def test_a_missed_deadline_is_brought_before_the_supervisor_of_the_region() -> None:
    assert newest(ESCALATED) == [
        raised(cause=c.EscalationCause.BREACH, clock=4, climbs_at=at(7, 8, 30))
    ]


def test_a_foreseen_breach_is_escalated_like_a_missed_one() -> None:
    foresee = c.ForeseeBreach(
        stream=CASE, n=3, expected_at=at(12, 9), step="complaint.assigned", estimates=LADDER
    )
    wish = escalate(cause=c.EscalationCause.FORESEEN, clock=3)
    PACED.when(wish, by=SAGA).refused(moves.NotYetDue)
    foreseen = decided(PACED, foresee, by=SAGA)
    foreseen.when(wish, by=SAGA).then(raised(cause=c.EscalationCause.FORESEEN, clock=3))


def planned(cost: Money | None) -> Scenario:
    plan = c.SubmitPlan(
        stream=CASE,
        plan_id=an_id(50),
        plan="A new engine.",
        cost=cost,
        carry_out_by_on=date(2026, 4, 1),
    )
    return decided(PACED, plan, by=DEALER)


def rials(minor: int) -> Money:
    return Money(minor=minor, currency=Currency.IRR)


@pytest.mark.parametrize(
    ("cost", "rung", "role", "unit", "region"),
    [
        (None, 0, Role.SUPERVISOR, None, "north"),
        (rials(50_000_000), 0, Role.SUPERVISOR, None, "north"),
        (rials(50_000_001), 1, Role.UNIT_HEAD, "customer_care", None),
        (rials(500_000_001), 2, Role.MANAGER, None, None),
        (Money(minor=1, currency=Currency.CNY), 2, Role.MANAGER, None, None),
    ],
)
def test_it_reaches_first_whoever_may_approve_what_the_plan_costs(
    cost: Money | None, rung: int, role: Role, unit: str | None, region: str | None
) -> None:
    (event,) = newest(decided(planned(cost), escalate()))
    assert (event.rung, event.role, event.unit, event.region) == (rung, role, unit, region)


def test_where_nobody_may_approve_it_the_last_rung_is_asked() -> None:
    documents: dict[Any, Any] = dict(TIMED.documents)
    limits = AuthorisationLimits(limits=(Limit(role=Role.SUPERVISOR, up_to=rials(1)),))
    documents[AuthorisationLimits, "default"] = published("default", limits)
    strict = replace(planned(rials(2)), rules=Rules(documents))
    assert newest(decided(strict, escalate()))[0].role is Role.MANAGER
    del documents[AuthorisationLimits, "default"]
    without = replace(planned(rials(2)), rules=Rules(documents))
    assert newest(decided(without, escalate()))[0].role is Role.SUPERVISOR


def test_a_case_of_a_unit_is_its_supervisors_and_an_unassigned_one_any_supervisors() -> None:
    (unassigned,) = newest(decided(REGISTERED, escalate()))
    assert (unassigned.unit, unassigned.region) == (None, None)
    to_unit = c.ComplaintAssigned(region=None, dealer_id=None, unit="sales", by=by(SPECIALIST))
    (in_unit,) = newest(decided(REGISTERED.given(to_unit), escalate()))
    assert (in_unit.unit, in_unit.region) == ("sales", None)


# --- refused --------------------------------------------------------------------------------------


def test_the_same_thing_is_escalated_once_while_it_waits() -> None:
    ESCALATED.when(BREACHED, by=SAGA).then_nothing()
    ESCALATED.when(replace(BREACHED, reason="Else."), by=SAGA).refused(c.ItemExists)
    again = replace(BREACHED, escalation_id=an_id(71))
    ESCALATED.when(again, by=SAGA).refused(c.EscalationIsOpen, n=1)
    counter = decided(ESCALATED, escalate(72))
    counter.when(escalate(73)).refused(c.EscalationIsOpen, n=2)
    known = decided(ESCALATED, acknowledge(), by=SUPERVISOR_NORTH, when=at(4, 13))
    assert newest(decided(known, again, by=SAGA, when=at(8, 9)))[0].n == 2


def test_staff_escalate_at_the_counter_and_the_system_everything_else() -> None:
    for cause in (c.EscalationCause.VRT_FAILED, c.EscalationCause.NO_PLAN):
        PACED.when(escalate(cause=cause)).refused(c.EscalationNotYours)
        assert newest(decided(PACED, escalate(cause=cause), by=SAGA))[0].cause is cause
    for outsider in (CUSTOMER, DEALER):
        PACED.when(escalate(), by=outsider).refused(c.EscalationNotYours)
    decided(PACED, escalate(), by=TECHNICAL)


def test_a_missed_deadline_is_escalated_with_its_clock() -> None:
    PACED.when(escalate(cause=c.EscalationCause.BREACH), by=SAGA).refused(c.EscalationUnclear)
    PACED.when(BREACHED, by=SAGA).refused(moves.NotYetDue)
    PACED.when(replace(BREACHED, clock=1), by=SAGA).refused(moves.ClockHasEnded)
    PACED.when(replace(BREACHED, clock=9), by=SAGA).refused(moves.ClockNotFound)
    documents = {k: v for k, v in TIMED.documents.items() if k[0] is not Ladder}
    without = replace(PACED, rules=Rules(documents))
    without.when(escalate()).refused(RulesNotPublished)


def test_an_ended_case_is_not_brought_before_anybody() -> None:
    invalid = decided(REGISTERED, c.JudgeComplaint(stream=CASE, valid=False, reason="A question."))
    invalid.when(escalate()).refused(c.ComplaintIsInvalid)


# --- climbing -------------------------------------------------------------------------------------


def test_it_climbs_on_its_own_timetable_and_reminds_the_last_of_the_ladder() -> None:
    once = decided(ESCALATED, climb(1), by=SAGA, when=at(7, 8, 30))
    assert newest(once) == [
        c.EscalationClimbed(
            n=1,
            rung=1,
            role=Role.UNIT_HEAD,
            unit="customer_care",
            region=None,
            climbs_at=at(8, 8, 30),
        )
    ]
    twice = decided(once, climb(2), by=SAGA, when=at(8, 8, 33))  # a tick a little late
    assert (newest(twice)[0].role, newest(twice)[0].climbs_at) == (Role.MANAGER, at(9, 8, 30))
    thrice = decided(twice, climb(2), by=SAGA, when=at(9, 8, 30))
    assert (newest(thrice)[0].rung, newest(thrice)[0].climbs_at) == (2, at(10, 8, 30))


def test_after_an_outage_the_time_to_acknowledge_begins_when_it_could_be_told() -> None:
    late = decided(MISSED, BREACHED, by=SAGA, when=at(7, 6))
    assert newest(late)[0].climbs_at == at(7, 10)
    climbed = decided(ESCALATED, climb(1), by=SAGA, when=at(8, 4, 30))
    assert newest(climbed)[0].climbs_at == at(8, 12, 30)


def test_it_does_not_climb_too_early_too_far_or_by_hand() -> None:
    ESCALATED.when(climb(1), by=SAGA, at=at(7, 8)).refused(moves.NotYetDue)
    ESCALATED.when(climb(2), by=SAGA, at=at(7, 9)).refused(moves.NotYetDue)
    ESCALATED.when(climb(1), by=SUPERVISOR, at=at(7, 9)).refused(c.EscalationNotYours)
    ESCALATED.when(climb(1, n=2), by=SAGA, at=at(7, 9)).refused(c.EscalationNotFound, n=2)
    known = decided(ESCALATED, acknowledge(), by=SUPERVISOR_NORTH, when=at(4, 13))
    known.when(climb(1), by=SAGA, at=at(7, 9)).refused(c.EscalationIsOver)


def test_a_ladder_that_does_not_repeat_ends() -> None:
    documents: dict[Any, Any] = dict(TIMED.documents)
    ladder = TIMED.in_force(Ladder, "customer_care", NOW).content
    once = replace(ladder, repeat_after=None, rungs=ladder.rungs[-1:])
    documents[Ladder, "customer_care"] = published("customer_care", once)
    last = decided(replace(PACED, rules=Rules(documents)), escalate())
    assert newest(last)[0].climbs_at is None
    last.when(climb(0), by=SAGA).then_nothing()
    last.when(climb(1), by=SAGA).refused(moves.NotYetDue)


# --- answering ------------------------------------------------------------------------------------


def test_an_acknowledgement_says_what_will_be_done_and_becomes_a_clock() -> None:
    known = decided(ESCALATED, acknowledge(), by=SUPERVISOR_NORTH, when=at(4, 13))
    assert newest(known, 2)[0] == c.EscalationAcknowledged(
        n=1,
        by=by(SUPERVISOR_NORTH),
        will_do="I see the dealer on Saturday.",
        done_by_at=at(7, 12),
    )
    assert kinds(known, 1) == [c.ComplaintClocksStarted]
    promise = clock(known, 5)
    assert (promise.about, promise.due_at) == (an_id(70), at(7, 12))
    assert promise.due.derivation.rule.kind is RuleKind.SET
    assert promise.started.ladder == "customer_care"


def test_nobody_acknowledges_what_she_was_not_told() -> None:
    beside = (SUPERVISOR_SOUTH, HEAD_OF_SALES, HEAD_OF_SOUTH, SUPERVISOR_OF_SALES)
    for stranger in (*beside, SPECIALIST, EXPERT, EXPERT_FOR_ALL, DEALER, SAGA):
        ESCALATED.when(acknowledge(), by=stranger, at=at(4, 13)).refused(c.NotTold)
    climbed = decided(ESCALATED, climb(1), by=SAGA, when=at(7, 8, 30))
    monday = replace(acknowledge(), done_by_at=at(9, 9))
    climbed.when(monday, by=HEAD_OF_SALES, at=at(7, 9)).refused(c.NotTold)
    decided(climbed, monday, by=HEAD, when=at(7, 9))
    decided(climbed, monday, by=SUPERVISOR_NORTH, when=at(7, 9))  # she was told before


HEAD_OF_SOUTH = actor("hasti", Role.UNIT_HEAD, unit="sales", region="south")
SUPERVISOR_OF_SALES = actor("sanam", Role.SUPERVISOR, unit="sales")
EXPERT_FOR_ALL = actor("erfan", Role.EXPERT, region="*")
SUPERVISOR_FOR_ALL = actor("soraya", Role.SUPERVISOR, region="*")
SUPERVISOR_ABOVE = actor("shadi", Role.SUPERVISOR, unit="customer_care")
HEAD_OF_NORTH = actor("hana", Role.UNIT_HEAD, unit="sales", region="north")
HEAD_FOR_ALL = actor("hila", Role.UNIT_HEAD, unit="sales", region="*")


@pytest.mark.parametrize(
    "instead",
    [SUPERVISOR_FOR_ALL, SUPERVISOR_ABOVE, HEAD, HEAD_OF_NORTH, HEAD_FOR_ALL, MANAGER],
    ids=lambda one: str(one.id),
)
def test_who_is_told_where_the_rung_has_nobody_answers_for_it(instead: Any) -> None:
    known = decided(ESCALATED, acknowledge(), by=instead, when=at(4, 13))
    assert newest(known, 2)[0].by == by(instead)


def test_what_reached_a_unit_head_goes_up_and_not_down_again() -> None:
    to_head = raised(role=Role.UNIT_HEAD, rung=1, unit="customer_care", region=None)
    before = REGISTERED.given(to_head)
    answer = acknowledge(done_by_at=NOW + timedelta(days=1))
    for below in (SUPERVISOR_NORTH, SUPERVISOR_FOR_ALL):
        before.when(answer, by=below).refused(c.NotTold)
    decided(before, answer, by=HEAD_FOR_ALL)
    decided(before, answer, by=MANAGER)
    to_manager = replace(to_head, role=Role.MANAGER, rung=2, unit=None)
    REGISTERED.given(to_manager).when(answer, by=HEAD_FOR_ALL).refused(c.NotTold)


def test_an_escalation_is_acknowledged_once_for_an_instant_to_come() -> None:
    past = acknowledge(done_by_at=at(4, 12))
    ESCALATED.when(past, by=SUPERVISOR_NORTH, at=at(4, 13)).refused(moves.DueInPast)
    ESCALATED.when(acknowledge(2), by=SUPERVISOR_NORTH).refused(c.EscalationNotFound)
    known = decided(ESCALATED, acknowledge(), by=SUPERVISOR_NORTH, when=at(4, 13))
    other = acknowledge(will_do="Something else.")
    known.when(other, by=SUPERVISOR_NORTH, at=at(4, 14)).refused(c.EscalationIsOver)


# --- ends -----------------------------------------------------------------------------------------


def ended(scenario: Scenario) -> list[Any]:
    return [event for event in scenario.events if isinstance(event, c.EscalationEnded)]


def test_an_escalation_ends_when_what_was_awaited_is_done() -> None:
    submit = c.SubmitPlan(stream=CASE, plan_id=an_id(50), plan="New discs.")
    done = decided(ESCALATED, submit, by=DEALER, when=at(7, 6))
    assert ended(done) == [c.EscalationEnded(n=1, why=c.EscalationEnd.CLOCK_STOPPED)]
    acknowledge_late = acknowledge(done_by_at=at(9, 9))
    done.when(acknowledge_late, by=SUPERVISOR_NORTH, at=at(7, 9)).refused(c.EscalationIsOver)
    known = decided(ESCALATED, acknowledge(), by=SUPERVISOR_NORTH, when=at(4, 13))
    assert ended(decided(known, submit, by=DEALER, when=at(7, 6))) == []  # it was answered for


def test_an_escalation_ends_when_its_clock_is_cancelled() -> None:
    cancel = c.CancelClock(stream=CASE, n=4, reason="The region plans itself.")
    cancelled = decided(ESCALATED, cancel, by=SUPERVISOR, when=at(7, 6))
    assert ended(cancelled) == [c.EscalationEnded(n=1, why=c.EscalationEnd.CLOCK_CANCELLED)]


def test_an_escalation_for_want_of_a_plan_ends_with_the_plan() -> None:
    wanting = decided(PACED, escalate(cause=c.EscalationCause.NO_PLAN), by=SAGA)
    submit = c.SubmitPlan(stream=CASE, plan_id=an_id(50), plan="New discs.")
    assert ended(decided(wanting, submit, by=DEALER)) == [
        c.EscalationEnded(n=1, why=c.EscalationEnd.CAUSE_GONE)
    ]


def test_an_escalation_ends_with_the_case() -> None:
    asked = decided(
        decided(REGISTERED, escalate()),
        c.JudgeComplaint(stream=CASE, valid=False, reason="A question."),
    )
    answer = c.AnswerInvalidComplaint(
        stream=CASE,
        through=c.AnswerThrough.SERVICE_SPECIALIST,
        channel=c.Channel.PHONE,
        answer="It is no complaint.",
    )
    answered = decided(asked, answer)
    assert ended(answered) == [c.EscalationEnded(n=1, why=c.EscalationEnd.CASE_ENDED)]
    assert dues(answered) == {}


def test_a_broken_promise_that_outlives_the_case_climbs_on() -> None:
    promise = c.MakePromise(stream=CASE, promise_id=an_id(90), promise="A call.", due_at=at(3, 9))
    invalid = decided(
        REGISTERED, promise, c.JudgeComplaint(stream=CASE, valid=False, reason="A question.")
    )
    broken = decided(invalid, c.RecordBreach(stream=CASE, n=4), by=SAGA, when=at(3, 9))
    told = decided(
        broken, escalate(cause=c.EscalationCause.BREACH, clock=4), by=SAGA, when=at(3, 9)
    )
    answer = c.AnswerInvalidComplaint(
        stream=CASE,
        through=c.AnswerThrough.SERVICE_SPECIALIST,
        channel=c.Channel.PHONE,
        answer="It is no complaint.",
    )
    answered = decided(told, answer, when=at(3, 10))
    assert ended(answered) == []
    kept = c.StopClock(stream=CASE, n=4)
    assert ended(decided(answered, kept, when=at(3, 11))) == [
        c.EscalationEnded(n=1, why=c.EscalationEnd.CLOCK_STOPPED)
    ]


def test_an_acknowledged_promise_is_watched_like_any_other() -> None:
    known = decided(ESCALATED, acknowledge(), by=SUPERVISOR_NORTH, when=at(4, 13))
    broken = decided(known, c.RecordBreach(stream=CASE, n=5), by=SAGA, when=at(7, 12))
    wish = escalate(75, cause=c.EscalationCause.BREACH, clock=5)
    assert newest(decided(broken, wish, by=SAGA, when=at(7, 12)))[0].n == 2
