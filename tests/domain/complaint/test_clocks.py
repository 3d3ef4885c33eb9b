"""Clocks follow the case, and what people do with them is decided like anything else."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain import complaint as c
from domain.clocks import moves
from domain.clocks.book import ClockState
from domain.clocks.course import Stretch, Why
from domain.clocks.messages import PauseReason, RuleKind, Unit
from domain.clocks.rules import SlaPack
from domain.complaint.sla import rule_name
from domain.declare import CaseNotFound
from domain.rulebook import Pin
from tests.domain.complaint.desk import (
    CUSTOMER,
    DEALER,
    EXPERT,
    OTHER_EXPERT,
    RECEIPT,
    SPECIALIST,
    SUPERVISOR,
    TECHNICAL,
    an_id,
    by,
    register,
)
from tests.domain.complaint.desk import RULES as WITHOUT_PACK
from tests.domain.complaint.timing import (
    FRESH,
    PACED,
    PACK,
    REGISTERED,
    SAGA,
    TIMED,
    at,
    calendar,
    clock,
    decided,
    dues,
    graded,
    kinds,
    newest,
    pause,
    rules,
)
from tests.scenario import CASE, NOW, case

DUE = at(10, 12, 30)
"""When the case of the dealer is to be closed: the seventh working day after Sunday."""


def stop(scenario: Any, n: int) -> tuple[ClockState, bool | None]:
    found = clock(scenario, n)
    return found.state, found.met


# --- starting and stopping ------------------------------------------------------------------------


def test_a_registration_starts_its_clocks_in_the_same_decision() -> None:
    assert kinds(REGISTERED, 2) == [c.ComplaintRegistered, c.ComplaintClocksStarted]
    assert dues(REGISTERED) == {
        "first_response": at(2, 9),  # eight working hours: 3.5 today, the rest tomorrow
        "judgement": at(3, 12, 30),
        "resolution": at(15, 12, 30),
    }


def test_a_clock_says_what_it_was_derived_from() -> None:
    derivation = clock(REGISTERED, 1).due.derivation
    assert derivation.rule.pack == Pin(name="complaint", version=1)
    assert derivation.rule.kind is RuleKind.SLA
    assert derivation.calendar == Pin(name="iran", version=1)
    assert derivation.stretches == (
        Stretch(from_at=NOW, until_at=at(1, 12, 30), why=Why.COUNTED, minutes=210),
        Stretch(from_at=at(1, 12, 30), until_at=at(2, 4, 30), why=Why.OUTSIDE_HOURS),
        Stretch(from_at=at(2, 4, 30), until_at=at(2, 9), why=Why.COUNTED, minutes=270),
    )


def test_without_a_published_pack_there_are_no_clocks() -> None:
    bare = decided(case(c.DECIDER, rules=WITHOUT_PACK, actor=SPECIALIST), register())
    assert newest(bare, 1) == list(bare.events)
    assert bare.state.clocks.clocks == ()


def test_a_case_older_than_the_calendar_is_registered_without_what_cannot_be_counted() -> None:
    old = decided(FRESH, register(received_at=at(1, 9).replace(year=2012)))
    assert dues(old) == {}


def test_clocks_count_from_the_receipt_of_a_letter_that_lay_on_a_desk() -> None:
    late = decided(FRESH, register(received_at=at(25, 5, month=2)))
    assert dues(late)["judgement"] == at(1, 12, 30)
    assert dues(late)["first_response"] == at(28, 5, month=2)


def test_a_judgement_stops_the_clocks_that_wait_for_it() -> None:
    judged = decided(REGISTERED, c.JudgeComplaint(stream=CASE, valid=True), when=at(2, 8))
    assert kinds(judged, 2) == [c.ComplaintJudgedValid, c.ComplaintClocksStopped]
    assert stop(judged, 1) == stop(judged, 2) == (ClockState.STOPPED, True)
    assert list(dues(judged)) == ["resolution"]


def test_only_a_word_to_the_customer_is_a_first_response() -> None:
    def letter(number: int, direction: c.Direction) -> c.RecordCorrespondence:
        return c.RecordCorrespondence(
            stream=CASE,
            correspondence_id=an_id(number),
            direction=direction,
            correspondent=c.Correspondent.CUSTOMER,
            channel=c.Channel.PHONE,
            content="We look into it.",
        )

    from_her = decided(REGISTERED, letter(1, c.Direction.IN))
    assert stop(from_her, 1) == (ClockState.RUNNING, None)
    assert stop(decided(from_her, letter(2, c.Direction.OUT)), 1) == (ClockState.STOPPED, True)


def test_what_is_done_too_late_is_recorded_as_missed_first() -> None:
    late = decided(REGISTERED, c.JudgeComplaint(stream=CASE, valid=True), when=at(3, 12, 30))
    assert newest(late, 4)[:3] == [
        c.ComplaintJudgedValid(by=by(SPECIALIST)),
        c.ComplaintDeadlineBreached(n=1, due_at=at(2, 9)),
        c.ComplaintDeadlineBreached(n=2, due_at=at(3, 12, 30)),
    ]
    assert stop(late, 1) == stop(late, 2) == (ClockState.STOPPED, False)


def test_an_assignment_to_a_dealer_starts_the_clock_of_its_plan() -> None:
    assert dues(PACED) == {"resolution": DUE, "plan": at(4, 12, 30)}
    submitted = decided(PACED, submit(), by=DEALER)
    assert kinds(submitted, 2) == [c.PlanSubmitted, c.ComplaintClocksStopped]
    sales = decided(
        REGISTERED,
        c.JudgeComplaint(stream=CASE, valid=True),
        c.ClassifyComplaint(stream=CASE, kind=c.Kind.SALES, subject="refund"),
        c.GradeComplaint(stream=CASE, importance=c.Importance.LOW),
        c.AssignComplaint(stream=CASE, unit="sales"),
    )
    assert "plan" not in dues(sales)  # its procedure asks for none


def submit(number: int = 50, on: date | None = date(2026, 3, 10)) -> c.SubmitPlan:
    return c.SubmitPlan(stream=CASE, plan_id=an_id(number), plan="New discs.", carry_out_by_on=on)


def test_a_plan_that_is_rejected_is_awaited_anew() -> None:
    submitted = decided(PACED, submit(), by=DEALER)
    reject = c.RejectPlan(stream=CASE, plan_id=an_id(50), reason="Too dear.")
    rejected = decided(submitted, reject, by=SUPERVISOR, when=at(3, 6))
    assert dues(rejected) == {"resolution": DUE, "plan": at(8, 12, 30)}
    assert clock(rejected, 5).due.derivation.started_at == at(3, 6)


def test_each_response_team_has_its_own_clock() -> None:
    def team(number: int) -> c.FormVrt:
        return c.FormVrt(
            stream=CASE,
            vrt_id=an_id(number),
            kind=c.VrtKind.SERVICE,
            lead="tara",
            task="Why does it pull to the left?",
        )

    formed = decided(PACED, team(60), team(61))
    assert [clock(formed, n).about for n in (5, 6)] == [an_id(60), an_id(61)]
    proposal = c.MakeVrtProposal(stream=CASE, n=2, proposal="Align the wheels.")
    done = decided(formed, proposal, by=TECHNICAL)
    assert stop(done, 5) == (ClockState.RUNNING, None)
    assert stop(done, 6) == (ClockState.STOPPED, True)


def test_an_invalid_complaint_is_still_to_be_answered_in_time() -> None:
    judged = decided(REGISTERED, c.JudgeComplaint(stream=CASE, valid=False, reason="A question."))
    assert list(dues(judged)) == ["resolution"]
    answer = c.AnswerInvalidComplaint(
        stream=CASE,
        through=c.AnswerThrough.SERVICE_SPECIALIST,
        channel=c.Channel.PHONE,
        answer="It is no complaint.",
    )
    assert dues(decided(judged, answer)) == {}


def announced_and_confirmed(scenario: Any) -> Any:
    done = scenario.given(
        c.ResultAnnounced(
            result_id=an_id(20),
            outcome=c.Outcome.PLANNED,
            channel=c.Channel.PHONE,
            answer="New discs in April.",
            by=by(EXPERT),
        )
    )
    for number, party, who in (
        (21, c.ConfirmingParty.CUSTOMER, CUSTOMER),
        (22, c.ConfirmingParty.SECOND, OTHER_EXPERT),
    ):
        confirm = c.ConfirmResult(
            stream=CASE, confirmation_id=an_id(number), party=party, confirmed=True
        )
        done = decided(done, confirm, by=who)
    return done


def followed_up() -> Any:
    """A quality complaint that is closed with the plan still to be carried out."""
    planned = decided(decided(PACED, submit(), by=DEALER), approve(), by=SUPERVISOR)
    close = c.CloseComplaint(
        stream=CASE,
        closure_id=an_id(40),
        ground=c.ClosingGround.FOLLOW_UP,
        follow_up_on=date(2026, 4, 2),
        follow_up_reason=c.FollowUpReason.OBJECTIVE,
    )
    return decided(announced_and_confirmed(planned), close, by=EXPERT)


def approve() -> c.ApprovePlan:
    return c.ApprovePlan(stream=CASE, plan_id=an_id(50))


def test_an_approved_plan_is_a_promise_until_the_end_of_its_day() -> None:
    planned = decided(decided(PACED, submit(), by=DEALER), approve(), by=SUPERVISOR)
    assert dues(planned)["promise"] == at(10, 20, 30)  # midnight in Tehran
    promise = clock(planned, 5)
    assert (promise.about, promise.due.derivation.rule.kind) == (an_id(50), RuleKind.SET)
    assert [warning.at for warning in promise.due.warnings] == [at(10, 8, 30)]
    carried_out = c.CarryOutPlan(
        stream=CASE,
        plan_id=an_id(50),
        carried_out_on=date(2026, 3, 1),
        paper_ids=(an_id(30),),
    )
    assert stop(decided(planned.given(RECEIPT), carried_out, by=DEALER), 5)[1] is True
    without_day = decided(decided(PACED, submit(on=None), by=DEALER), approve(), by=SUPERVISOR)
    assert "promise" not in dues(without_day)


def test_closing_stops_every_clock_and_a_follow_up_is_a_promise() -> None:
    ended = followed_up()
    assert kinds(ended, 3) == [
        c.ComplaintClosed,
        c.ComplaintClocksStopped,
        c.ComplaintClocksStarted,
    ]
    assert dues(ended) == {"promise": at(2, 20, 30, month=4)}
    called = c.RecordCallback(stream=CASE, callback_id=an_id(41), reached=True, satisfaction=5)
    assert dues(decided(ended, called)) == {}


def test_a_promise_that_is_not_kept_after_the_end_still_warns_and_is_missed() -> None:
    ended = followed_up()
    n = len(ended.state.clocks.clocks)
    warn = c.WarnOfDeadline(stream=CASE, n=n, code="lead_4_working_hours")
    warned = decided(ended, warn, by=SAGA, when=at(2, 20, month=4))
    missed = decided(warned, c.RecordBreach(stream=CASE, n=n), by=SAGA, when=at(2, 21, month=4))
    assert newest(missed) == [c.ComplaintDeadlineBreached(n=n, due_at=at(2, 20, 30, month=4))]


def test_a_case_that_is_taken_up_again_has_its_clocks_anew() -> None:
    reopen = c.ReopenComplaint(stream=CASE, reopening_id=an_id(42), reason="It squeals again.")
    again = decided(followed_up(), reopen, when=at(8, 6))
    assert kinds(again, 3) == [
        c.ComplaintReopened,
        c.ComplaintClocksStopped,
        c.ComplaintClocksStarted,
    ]
    assert dues(again) == {"resolution": at(17, 12, 30)}  # its plan still stands
    assert clock(again, len(again.state.clocks.clocks)).due.derivation.started_at == at(8, 6)


# --- other rules ----------------------------------------------------------------------------------


def test_a_case_that_is_graded_anew_keeps_the_time_it_has_used() -> None:
    lower = decided(PACED, graded(c.Importance.LOW), when=at(8, 6))
    (moved,) = newest(lower)
    assert isinstance(moved, c.ComplaintClocksRederived)
    assert (moved.cause, [due.n for due in moved.dues]) == (c.RederivedFor.PRIORITY, [3])
    assert dues(lower)["resolution"] == at(15, 12, 30)
    assert clock(lower, 3).due.derivation.started_at == NOW


def test_a_deadline_set_by_hand_is_not_moved_by_a_priority() -> None:
    set_ = decided(PACED, set_deadline(3, at(20, 9)))
    assert dues(decided(set_, graded(c.Importance.LOW)))["resolution"] == at(20, 9)


def test_a_corrected_receipt_moves_what_was_counted_from_it() -> None:
    earlier = c.CorrectComplaint(
        stream=CASE,
        correction_id=an_id(43),
        corrects_version=1,
        reason="The stamp says so.",
        received_at=at(25, 6, month=2),
    )
    corrected = decided(PACED, earlier, by=EXPERT)
    assert newest(corrected)[0].cause is c.RederivedFor.RECEIVED
    assert dues(corrected)["resolution"] == at(8, 12, 30)


def test_another_origin_has_other_clocks() -> None:
    special = c.CorrectComplaint(
        stream=CASE,
        correction_id=an_id(43),
        corrects_version=1,
        reason="A ministry wrote.",
        origin=c.Origin.AUTHORITY,
    )
    corrected = decided(REGISTERED, special, by=EXPERT)
    assert newest(corrected)[0].cause is c.RederivedFor.ORIGIN
    assert dues(corrected)["first_response"] == at(2, 5)


def shorter(days: int = 4) -> SlaPack:
    """The shipped pack with that many working days to close a case of high priority."""
    return replace(
        PACK,
        clocks=tuple(
            replace(rule, span=replace(rule.span, amount=days))
            if rule_name(rule) == "resolution/high"
            else rule
            for rule in PACK.clocks
        ),
    )


def test_another_pack_moves_a_running_clock_only_by_command() -> None:
    newer = replace(PACED, rules=rules(packs=(PACK, shorter())))
    looked_at = decided(newer, graded(c.Importance.HIGH))
    assert dues(looked_at)["resolution"] == DUE  # pinned to the first version
    rederive = c.RederiveClocks(stream=CASE, cause=c.RederivedFor.PACK, by_publication=UUID(int=9))
    moved = decided(newer, rederive, by=SAGA)
    assert newest(moved)[0].by_publication == UUID(int=9)
    assert dues(moved)["resolution"] == at(7, 12, 30)
    assert moved.state.clocks.pack == Pin(name="complaint", version=2)
    newer.when(rederive, by=EXPERT).refused(c.DeadlinesAreWatched)


def test_a_clock_that_another_pack_does_not_move_stops_as_its_own_pack_says() -> None:
    newer = replace(PACED, rules=rules(packs=(PACK, shorter())))
    rederive = c.RederiveClocks(stream=CASE, cause=c.RederivedFor.PACK, by_publication=UUID(int=9))
    extend = c.ExtendClock(stream=CASE, n=4, amount=9, reason="The parts are at sea.")
    for kept in (decided(newer, extend), decided(newer, set_deadline(4, at(20, 9)))):
        moved = decided(kept, rederive, by=SAGA)
        assert moved.state.clocks.pack == Pin(name="complaint", version=2)
        assert stop(decided(moved, submit(), by=DEALER), 4) == (ClockState.STOPPED, True)


def test_a_changed_calendar_moves_open_clocks_with_an_event() -> None:
    holiday = rules(calendar(), calendar(date(2026, 3, 3)))
    rederive = c.RederiveClocks(stream=CASE, cause=c.RederivedFor.CALENDAR)
    moved = decided(replace(PACED, rules=holiday), rederive, by=SAGA)
    assert dues(moved) == {"resolution": at(11, 12, 30), "plan": at(7, 12, 30)}
    assert {due.derivation.calendar for due in newest(moved)[0].dues} == {
        Pin(name="iran", version=2)
    }


def test_what_is_derived_anew_while_it_stands_still_is_due_when_it_runs_again() -> None:
    paused = decided(PACED, pause(), when=at(2, 6))
    holiday = rules(calendar(), calendar(date(2026, 3, 9)))
    rederive = c.RederiveClocks(stream=CASE, cause=c.RederivedFor.CALENDAR)
    moved = decided(replace(paused, rules=holiday), rederive, by=SAGA, when=at(2, 7))
    assert dues(moved) == {"resolution": None, "plan": None}
    resumed = decided(moved, c.EndPause(stream=CASE, n=1), when=at(3, 6))
    assert dues(resumed) == {"resolution": at(14, 12, 30), "plan": at(7, 12, 30)}
    codes = [warning.code for warning in clock(resumed, 3).due.warnings]
    assert codes == ["share_75", "lead_1_working_days"]


# --- pauses ---------------------------------------------------------------------------------------


def test_a_pause_with_a_reason_stops_what_may_stand_still_and_ends_with_new_dues() -> None:
    paused = decided(PACED, pause(), when=at(2, 6))
    assert newest(paused) == [
        c.ComplaintClocksPaused(
            pause_id=an_id(80),
            n=1,
            reason=PauseReason.CUSTOMER,
            paused_at=at(2, 6),
            clocks=(3, 4),
            note="She is abroad.",
            paper_ids=(),
            ordered_by=None,
        )
    ]
    assert dues(paused) == {"resolution": None, "plan": None}
    resumed = decided(paused, c.EndPause(stream=CASE, n=1), when=at(8, 6))
    assert isinstance(newest(resumed)[0], c.ComplaintClocksResumed)
    assert dues(resumed) == {"resolution": at(16, 12, 30), "plan": at(10, 12, 30)}
    assert any(s.why is Why.PAUSED for s in clock(resumed, 3).due.derivation.stretches)


def test_pauses_overlap_and_the_last_to_end_lets_the_clock_run() -> None:
    both = decided(
        PACED,
        pause(),
        pause(pause_id=an_id(81), reason=PauseReason.PARTS, clocks=(3,)),
        when=at(2, 6),
    )
    one = decided(both, c.EndPause(stream=CASE, n=1), when=at(3, 6))
    assert dues(one) == {"resolution": None, "plan": at(7, 12, 30)}
    none = decided(one, c.EndPause(stream=CASE, n=2, ended_at=at(4, 6)), when=at(4, 7))
    assert dues(none)["resolution"] == at(14, 12, 30)


def test_a_pause_has_a_reason_that_its_clocks_know_and_is_proven() -> None:
    PACED.when(pause(note=None)).refused(moves.PauseNotProven)
    PACED.when(pause(paper_ids=(an_id(99),))).refused(c.PaperNotFound)
    PACED.when(pause(clocks=(9,))).refused(moves.ClockNotFound, n=9)
    PACED.when(pause(clocks=(1,))).refused(moves.ClockHasEnded, n=1)
    other_system = pause(reason=PauseReason.OTHER_SYSTEM, clocks=(4,))
    PACED.when(other_system).refused(moves.ClockNotPausable, n=4)
    decided(PACED.given(RECEIPT), pause(note=None, paper_ids=(an_id(30),)))
    first = REGISTERED.when(pause(reason=PauseReason.CUSTOMER, clocks=(1,)))
    first.refused(moves.ClockNotPausable, n=1)
    parts = case(c.DECIDER, rules=TIMED, actor=SPECIALIST).given(*followed_up().events)
    parts.when(pause()).refused(moves.NothingToPause)


def test_a_pause_lies_between_the_start_of_its_clocks_and_now() -> None:
    PACED.when(pause(clocks=(3,), paused_at=at(28, 9, month=2))).refused(moves.PauseBeforeStart)
    PACED.when(pause(paused_at=at(9, 9))).refused(c.InstantInFuture)
    paused = decided(PACED, pause(), when=at(2, 6)).at(at(8, 6))
    end = c.EndPause(stream=CASE, n=1, ended_at=at(2, 5))
    paused.when(end).refused(moves.PauseEndsBeforeStart)
    paused.when(c.EndPause(stream=CASE, n=2)).refused(moves.PauseNotFound)
    resumed = decided(paused, c.EndPause(stream=CASE, n=1))
    later = resumed.at(at(9, 6))
    later.when(c.EndPause(stream=CASE, n=1)).refused(moves.PauseHasEnded)
    later.when(c.EndPause(stream=CASE, n=1, ended_at=at(8, 6))).then_nothing()
    later.when(pause(note="Otherwise.")).refused(c.ItemExists)


def test_a_pause_ends_with_the_last_of_its_clocks() -> None:
    paused = decided(PACED, pause(clocks=(4,)), when=at(2, 6))
    submitted = decided(paused, submit(), by=DEALER, when=at(3, 6))
    assert stop(submitted, 4) == (ClockState.STOPPED, None)
    submitted.when(c.EndPause(stream=CASE, n=1), at=at(4, 6)).refused(moves.PauseHasEnded)


def test_only_the_system_pauses_for_a_publication() -> None:
    ordered = pause(reason=PauseReason.REGULATOR, note=None, ordered_by=UUID(int=7))
    PACED.when(ordered, by=EXPERT).refused(c.DeadlinesAreWatched)
    assert newest(decided(PACED, ordered, by=SAGA))[0].ordered_by == UUID(int=7)


def test_a_breach_before_a_pause_stays_one() -> None:
    paused = decided(PACED, pause(), when=at(5, 6))
    assert newest(paused, 2)[0] == c.ComplaintDeadlineBreached(n=4, due_at=at(4, 12, 30))
    resumed = decided(paused, c.EndPause(stream=CASE, n=1), when=at(8, 6))
    assert clock(resumed, 4).due_at == clock(resumed, 4).breached_at == at(4, 12, 30)
    resumed.when(c.RecordBreach(stream=CASE, n=4), by=SAGA).then_nothing()


# --- by hand --------------------------------------------------------------------------------------


def set_deadline(n: int, due_at: Any) -> c.SetDeadline:
    return c.SetDeadline(stream=CASE, n=n, due_at=due_at, reason="Agreed with her.")


def test_the_specialist_sets_a_deadline() -> None:
    moved = decided(PACED, set_deadline(3, at(20, 9)))
    (event,) = newest(moved)
    assert isinstance(event, c.ComplaintClockDueSet)
    assert (event.due.due_at, event.due.derivation.span) == (at(20, 9), None)
    assert event.due.derivation.rule.kind is RuleKind.SET
    assert [warning.code for warning in event.due.warnings] == ["share_75", "lead_1_working_days"]
    PACED.when(set_deadline(3, NOW)).refused(moves.DueInPast)
    PACED.when(set_deadline(9, at(20, 9))).refused(moves.ClockNotFound)
    PACED.when(set_deadline(1, at(20, 9))).refused(moves.ClockHasEnded)
    PACED.when(set_deadline(3, at(20, 9)), by=DEALER).refused(c.DeadlinesNotYours)
    decided(PACED, pause()).when(set_deadline(3, at(20, 9))).refused(moves.ClockStandsStill)


def test_a_promise_has_a_clock_that_is_stopped_when_it_is_kept() -> None:
    promise = c.MakePromise(
        stream=CASE, promise_id=an_id(90), promise="We call on Tuesday.", due_at=at(3, 9)
    )
    made = decided(PACED, promise)
    assert newest(made, 2)[0] == c.PromiseMade(
        promise_id=an_id(90), promise="We call on Tuesday.", due_at=at(3, 9)
    )
    assert (clock(made, 5).about, dues(made)["promise"]) == (an_id(90), at(3, 9))
    made.when(replace(promise, due_at=at(4, 9))).refused(c.ItemExists)
    kept = decided(made, c.StopClock(stream=CASE, n=5), when=at(2, 9))
    assert stop(kept, 5) == (ClockState.STOPPED, True)
    kept.when(c.StopClock(stream=CASE, n=5), at=at(2, 10)).refused(moves.ClockHasEnded)
    told_late = c.StopClock(stream=CASE, n=5, stopped_at=at(3, 8))
    assert stop(decided(made, told_late, when=at(4, 9)), 5)[1] is True
    too_early = c.StopClock(stream=CASE, n=5, stopped_at=at(1, 8))
    made.when(too_early, at=at(4, 9)).refused(moves.StoppedBeforeStart)
    PACED.when(c.StopClock(stream=CASE, n=3)).refused(moves.ClockStopsByItself)
    PACED.when(replace(promise, due_at=NOW)).refused(moves.DueInPast)
    followed_up().when(promise).refused(c.ComplaintIsClosed)


def test_a_promise_needs_no_pack() -> None:
    bare = decided(case(c.DECIDER, rules=WITHOUT_PACK, actor=SPECIALIST), register())
    promise = c.MakePromise(stream=CASE, promise_id=an_id(90), promise="A call.", due_at=at(3, 9))
    made = decided(bare, promise)
    assert (dues(made), clock(made, 1).due.derivation.zone) == ({"promise": at(3, 9)}, "UTC")


def test_a_promise_by_name_outlives_the_case() -> None:
    promise = c.MakePromise(stream=CASE, promise_id=an_id(90), promise="A call.", due_at=at(3, 9))
    invalid = decided(
        REGISTERED, promise, c.JudgeComplaint(stream=CASE, valid=False, reason="A question.")
    )
    answer = c.AnswerInvalidComplaint(
        stream=CASE,
        through=c.AnswerThrough.SERVICE_SPECIALIST,
        channel=c.Channel.PHONE,
        answer="It is no complaint.",
    )
    assert dues(decided(invalid, answer)) == {"promise": at(3, 9)}


def test_a_clock_is_extended_in_its_own_unit() -> None:
    extend = c.ExtendClock(stream=CASE, n=3, amount=9, reason="A holding letter was sent.")
    extended = decided(PACED, extend)
    (event,) = newest(extended)
    assert isinstance(event, c.ComplaintClockExtended)
    assert event.due.derivation.span is not None
    assert (event.due.derivation.span.amount, event.due.due_at) == (9, at(14, 12, 30))
    assert dues(decided(extended, graded(c.Importance.LOW)))["resolution"] == at(14, 12, 30)
    PACED.when(replace(extend, amount=6)).refused(
        moves.NotLonger, amount=7, unit=Unit.WORKING_DAYS.value
    )
    PACED.when(replace(extend, paper_ids=(an_id(99),))).refused(c.PaperNotFound)
    decided(PACED, set_deadline(3, at(20, 9))).when(extend).refused(moves.ClockIsNamed)


def test_a_superior_lets_a_clock_count_anew() -> None:
    reset = c.ResetClock(stream=CASE, n=3, from_at=at(3, 6), reason="A new demand.")
    anew = decided(PACED, reset, by=SUPERVISOR, when=at(3, 7))
    assert isinstance(newest(anew)[0], c.ComplaintClockReset)
    assert dues(anew)["resolution"] == at(14, 12, 30)
    PACED.when(reset, by=SPECIALIST, at=at(3, 7)).refused(c.DeadlinesNotYours)
    PACED.when(reset, by=SUPERVISOR).refused(moves.ResetBeforeStart)
    before = replace(reset, from_at=NOW - timedelta(days=1))
    PACED.when(before, by=SUPERVISOR).refused(moves.ResetBeforeStart)
    set_ = decided(PACED, set_deadline(3, at(20, 9)))
    set_.when(reset, by=SUPERVISOR, at=at(3, 7)).refused(moves.ClockIsNamed)


def test_a_superior_cancels_a_clock() -> None:
    cancel = c.CancelClock(stream=CASE, n=4, reason="The region plans itself.")
    cancelled = decided(PACED, cancel, by=SUPERVISOR)
    assert newest(cancelled) == [c.ComplaintClockCancelled(n=4, reason="The region plans itself.")]
    assert list(dues(cancelled)) == ["resolution"]
    PACED.when(cancel, by=EXPERT).refused(c.DeadlinesNotYours)
    PACED.when(replace(cancel, n=1), by=SUPERVISOR).refused(moves.ClockHasEnded)


@pytest.mark.parametrize(
    "command",
    [
        pause(),
        c.EndPause(stream=CASE, n=1),
        set_deadline(1, at(20, 9)),
        c.RecordBreach(stream=CASE, n=1),
    ],
)
def test_a_case_that_is_not_there_has_no_clocks(command: Any) -> None:
    FRESH.when(command, by=SAGA).refused(CaseNotFound)


# --- watching -------------------------------------------------------------------------------------


def test_a_warning_is_recorded_once_and_not_before_its_instant() -> None:
    warn = c.WarnOfDeadline(stream=CASE, n=4, code="lead_1_working_days")
    PACED.when(warn, by=SAGA, at=at(3, 12)).refused(moves.NotYetDue)
    PACED.when(warn, by=SUPERVISOR, at=at(3, 13)).refused(c.DeadlinesAreWatched)
    warned = decided(PACED, warn, by=SAGA, when=at(3, 12, 30))
    assert newest(warned) == [
        c.ComplaintDeadlineWarned(n=4, code="lead_1_working_days", due_at=at(4, 12, 30))
    ]
    unknown = replace(warn, code="share_10")
    PACED.when(unknown, by=SAGA, at=at(3, 13)).refused(moves.NotYetDue)
    decided(PACED, pause()).when(warn, by=SAGA, at=at(3, 13)).refused(moves.ClockStandsStill)


def test_a_warning_is_given_again_only_where_its_instant_moved() -> None:
    share = c.WarnOfDeadline(stream=CASE, n=3, code="share_75")
    warned = decided(PACED, share, by=SAGA, when=at(9, 7))
    paused = decided(warned, pause(clocks=(3,)), when=at(10, 8))
    resumed = decided(paused, c.EndPause(stream=CASE, n=1), when=at(11, 8))
    assert clock(resumed, 3).warned == {"share_75"}
    extend = c.ExtendClock(stream=CASE, n=3, amount=20, reason="A long journey.")
    assert clock(decided(resumed, extend, when=at(11, 9)), 3).warned == frozenset()


def test_a_breach_is_foreseen_by_the_estimates() -> None:
    foresee = c.ForeseeBreach(
        stream=CASE,
        n=3,
        expected_at=at(12, 9),
        step="complaint.assigned",
        estimates=Pin(name="complaint", version=4),
    )
    foreseen = decided(PACED, foresee, by=SAGA)
    assert newest(foreseen) == [
        c.ComplaintDeadlineForeseen(
            n=3,
            due_at=DUE,
            expected_at=at(12, 9),
            step="complaint.assigned",
            estimates=Pin(name="complaint", version=4),
        )
    ]
    in_time = replace(foresee, expected_at=at(10, 9))
    PACED.when(in_time, by=SAGA).refused(moves.NotYetDue)
    assert not clock(decided(foreseen, set_deadline(3, at(20, 9))), 3).foreseen


def test_a_missed_deadline_is_recorded_once() -> None:
    breach = c.RecordBreach(stream=CASE, n=4)
    PACED.when(breach, by=SAGA, at=at(4, 12)).refused(moves.NotYetDue)
    missed = decided(PACED, breach, by=SAGA, when=at(4, 12, 30))
    assert newest(missed) == [c.ComplaintDeadlineBreached(n=4, due_at=at(4, 12, 30))]
    assert list(dues(missed)) == ["resolution", "plan"]  # it runs on until the plan is there
    assert stop(decided(missed, submit(), by=DEALER, when=at(4, 13)), 4)[1] is False
    moved = decided(missed, set_deadline(4, at(8, 9)), when=at(4, 13))
    again = decided(moved, breach, by=SAGA, when=at(8, 9))
    assert newest(again) == [c.ComplaintDeadlineBreached(n=4, due_at=at(8, 9))]


def test_a_deadline_that_passed_unnoticed_is_missed_before_it_is_moved() -> None:
    moved = decided(PACED, set_deadline(4, at(8, 9)), when=at(4, 13))
    assert kinds(moved, 2) == [c.ComplaintDeadlineBreached, c.ComplaintClockDueSet]
