"""The strict order: final control, then the customer is informed, then the last reply."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain import referral as r
from domain.organisation import RegionUnknown, UnitUnknown
from domain.procedure import (
    Procedure,
    SamePartyMayNot,
    StepAlreadyTaken,
    StepIsPast,
    StepNeedsEarlierStep,
    StepNotYours,
)
from domain.rulebook import Published, Rules
from tests.domain.complaint.desk import CLOCK_RULES
from tests.domain.referral import desk as d
from tests.scenario import CASE


def test_the_whole_way_is_gone_in_order() -> None:
    stages = [d.RECEIVED, d.REGISTERED, d.DISTRIBUTED, d.HANDLED, d.CONTROLLED, d.INFORMED]
    assert [stage.state.status.value for stage in (*stages, d.REPLIED, d.CLOSED)] == [
        "received", "registered", "distributed", "handled", "controlled", "informed", "replied",
        "closed",
    ]  # fmt: skip


@pytest.mark.parametrize("stage", [d.REGISTERED, d.DISTRIBUTED, d.HANDLED])
def test_nothing_of_the_last_three_comes_before_the_final_control(stage: object) -> None:
    assert isinstance(stage, type(d.REGISTERED))
    stage.when(d.inform(), by=d.SPECIALIST).refused(r.CustomerInformedTooEarly)
    stage.when(d.prepare(), by=d.SPECIAL).refused(r.ReplyBeforeFinalControl)


def test_the_last_reply_waits_for_the_information_of_the_customer() -> None:
    d.CONTROLLED.when(d.prepare(), by=d.SPECIAL).refused(r.ReplyBeforeCustomerInformation)


def test_the_order_stands_even_under_a_procedure_that_does_not_ask_for_it() -> None:
    loose = []
    for step in CLOCK_RULES.documents[Procedure, "referral"][0].content.steps:
        loose.append(replace(step, needs=(), until=(), apart=(), roles=()))
    published = Published("referral", 1, d.NOW - timedelta(days=900), Procedure(steps=tuple(loose)))
    rules = Rules({**CLOCK_RULES.documents, (Procedure, "referral"): [published]})
    for stage in (d.REGISTERED, d.HANDLED):
        case = replace(stage, rules=rules)
        case.when(d.inform(), by=d.SPECIAL).refused(r.CustomerInformedTooEarly)
        case.when(d.prepare(), by=d.SPECIAL).refused(r.ReplyBeforeFinalControl)
    case = replace(d.CONTROLLED, rules=rules)
    case.when(d.prepare(), by=d.SPECIAL).refused(r.ReplyBeforeCustomerInformation)


def test_the_final_control_needs_a_result_and_a_controlled_action() -> None:
    d.DISTRIBUTED.when(d.final_control(), by=d.SPECIAL).refused(StepNeedsEarlierStep)
    only_handled = d.DISTRIBUTED.after((d.SAGA, d.conclude()))
    only_handled.when(d.final_control(), by=d.SPECIAL).refused(
        StepNeedsEarlierStep, missing=("action_control",)
    )


def test_an_action_that_is_not_done_keeps_the_case_from_passing() -> None:
    late = d.control(2, action="courtesy_car", due_at=d.NOW - timedelta(days=1), done_at=None)
    case = d.HANDLED.after((d.SPECIAL, late))
    assert case.state.actions["courtesy_car"].verdict is r.ControlVerdict.OVERDUE
    case.when(d.final_control(), by=d.SPECIAL).refused(
        r.ActionsOutstanding, actions=["courtesy_car"]
    )
    done = d.control(3, action="courtesy_car", due_at=d.NOW - timedelta(days=1), done_at=d.NOW)
    case = case.after((d.SPECIAL, done))
    assert case.state.actions["courtesy_car"].verdict is r.ControlVerdict.LATE
    case.after((d.SPECIAL, d.final_control()))


def test_an_action_is_outstanding_while_its_time_has_not_passed() -> None:
    waits = d.control(2, action="part", due_at=d.NOW + timedelta(days=1), done_at=None)
    made = d.HANDLED.decide(waits, d.HANDLED.state, d.SPECIAL)
    assert made[0].verdict is r.ControlVerdict.OUTSTANDING
    ahead = d.control(2, action="part", done_at=d.NOW + timedelta(days=1))
    d.HANDLED.when(ahead, by=d.SPECIAL).refused(r.LiesAhead)


def test_nobody_controls_what_she_worked_on() -> None:
    own = d.DISTRIBUTED.after((d.SAGA, d.conclude(9, d.by(d.SPECIAL))), (d.SPECIAL, d.control()))
    own.when(d.final_control(), by=d.SPECIAL).refused(SamePartyMayNot, other="handling")
    own.after((d.OTHER_SPECIAL, d.final_control()))
    d.HANDLED.when(d.final_control(), by=d.SECRETARY).refused(StepNotYours)


def test_a_case_is_sent_back_with_a_reason_and_everything_is_to_be_done_anew() -> None:
    back = d.final_control(11, "sent_back", remark="The repair order is missing.")
    d.HANDLED.when(d.final_control(11, "sent_back"), by=d.SPECIAL).refused(r.SendingBackNeedsReason)
    case = d.HANDLED.after((d.SPECIAL, back))
    assert case.state.status is r.ReferralStatus.DISTRIBUTED
    assert (case.state.handling, case.state.round) == (None, 2)
    case.when(d.final_control(12), by=d.SPECIAL).refused(StepNeedsEarlierStep)
    again = case.after((d.SAGA, d.conclude(12)), (d.SPECIAL, d.control(4)))
    again.after((d.SPECIAL, d.final_control(12)))


def test_a_result_that_is_taken_back_takes_the_last_steps_with_it() -> None:
    resumed = r.ResumeHandling(stream=CASE, complaint_version=10)
    case = d.WRITTEN.after((d.SAGA, resumed))
    assert case.state.status is r.ReferralStatus.DISTRIBUTED
    case.when(resumed, by=d.SAGA).then_nothing()
    case.when(d.send(), by=d.SECRETARY).refused(r.ReplyBeforeFinalControl)
    case = case.after(
        (d.SAGA, d.conclude(12)),
        (d.SPECIAL, d.control(5)),
        (d.SPECIAL, d.final_control(13)),
        (d.SPECIALIST, d.inform(21)),
    )
    case.when(d.send(), by=d.SECRETARY).refused(r.ReplyIsOfEarlierRound)


def test_an_older_word_of_the_complaint_says_nothing_new() -> None:
    d.HANDLED.when(d.conclude(8), by=d.SAGA).refused(r.HandlingWordIsOld, known_version=9)
    d.HANDLED.when(d.conclude(9), by=d.SAGA).then_nothing()
    d.REGISTERED.after((d.SECRETARY, d.distribute())).when(d.conclude(), by=d.SAGA).refused(
        r.ComplaintNotLinked
    )
    d.HANDLED.when(d.conclude(12), by=d.SPECIAL).refused(StepNotYours)


def test_the_customer_is_informed_after_the_control_and_that_is_shown() -> None:
    before = d.inform(informed_at=d.NOW - timedelta(hours=1))
    d.CONTROLLED.when(before, by=d.SPECIALIST).refused(r.CustomerInformedTooEarly)
    d.CONTROLLED.when(d.inform(evidence=None), by=d.SPECIALIST).refused(r.InformationNotProven)
    d.CONTROLLED.when(d.inform(), by=d.SUPERVISOR).refused(StepNotYours)
    d.INFORMED.when(d.inform(), by=d.SPECIALIST).then_nothing()
    d.INFORMED.when(d.inform(22), by=d.SPECIALIST).refused(StepAlreadyTaken)


def test_a_matter_is_given_to_one_body_that_there_is() -> None:
    for unclear in (d.distribute(unit=None), d.distribute(region="north", dealer_id="D-1")):
        d.REGISTERED.when(unclear).refused(r.DistributionUnclear)
    d.REGISTERED.when(d.distribute(unit="moon")).refused(UnitUnknown)
    to_dealer = d.distribute(unit=None, region="nowhere", dealer_id="D-1")
    d.REGISTERED.when(to_dealer).refused(RegionUnknown)
    d.DISTRIBUTED.when(d.distribute()).then_nothing()
    d.DISTRIBUTED.when(d.distribute(unit="parts")).refused(r.AlreadyDistributed)
    d.DISTRIBUTED.after((d.SECRETARY, d.distribute(unit="parts", reason="A part.")))
    d.CONTROLLED.when(d.distribute(unit="parts", reason="Late.")).refused(StepIsPast)
    d.RECEIVED.when(d.distribute()).refused(StepNeedsEarlierStep)


def test_a_matter_is_handled_as_one_complaint() -> None:
    d.DISTRIBUTED.when(d.LINK, by=d.SAGA).then_nothing()
    other = replace(d.LINK, complaint_id=d.LEILA)
    d.DISTRIBUTED.when(other, by=d.SAGA).refused(r.ComplaintAlreadyLinked)
    given = d.distribute(complaint_id=d.LEILA, reason="It is the same matter.")
    d.DISTRIBUTED.when(given).refused(r.ComplaintAlreadyLinked)


def test_a_case_is_closed_after_its_reply_and_then_it_is_over() -> None:
    d.WRITTEN.when(d.CLOSE).refused(r.LastReplyNotSent)
    d.CLOSED.when(d.CLOSE).then_nothing()
    d.CLOSED.when(d.distribute(unit="parts", reason="x")).refused(r.ReferralIsOver)
    d.CLOSED.when(d.prepare(number=31), by=d.SPECIAL).refused(r.ReferralIsOver)


WITHDRAW = r.WithdrawReferral(
    stream=CASE, withdrawal_id=d.an_id(95), reason="It was meant for another maker."
)


def test_an_authority_may_take_its_letter_back_until_it_has_its_reply() -> None:
    case = d.HANDLED.after((d.SECRETARY, WITHDRAW))
    assert case.state.status is r.ReferralStatus.WITHDRAWN
    assert not list(case.state.clocks.on())
    case.when(WITHDRAW).then_nothing()
    d.REPLIED.when(WITHDRAW).refused(StepIsPast)
