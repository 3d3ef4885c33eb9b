"""The clocks of a case from another system run by the instants of its source."""

from typing import Any
from uuid import uuid5

from domain import complaint as c
from domain.clocks.book import ClockState
from domain.clocks.messages import PauseReason
from tests.domain.complaint.desk import EXPERT, IMPORTER, an_id, register
from tests.domain.complaint.timing import (
    FRESH,
    SAGA,
    at,
    clock,
    decided,
    dues,
    kinds,
    newest,
)
from tests.scenario import CASE, NOW

M = c.CarriedMeaning
CAME = at(1, 5, month=2)  # a Sunday in February, four weeks before it is carried over

OLD = decided(
    FRESH.by(IMPORTER),
    register(procedure="carried_over", kind=c.Kind.OTHER, narrative=None, received_at=CAME),
)


def row(number: int, meaning: c.CarriedMeaning, day: int, hour: int, **facts: Any) -> Any:
    return c.CarryOverStep(
        stream=CASE,
        step_id=an_id(number),
        source_row=str(number),
        happened_at=at(day, hour, month=2),
        source_status=meaning.value,
        meaning=meaning,
        **facts,
    )


WORKED = decided(OLD, row(1, M.IN_PROGRESS, 1, 6))
WAITING = decided(WORKED, row(2, M.WAITING, 2, 6, waiting_for=c.WaitingFor.USER))


def test_the_first_step_of_the_source_starts_the_clock_at_the_receipt() -> None:
    assert dues(OLD) == {}
    assert kinds(WORKED, 2) == [c.StepCarriedOver, c.ComplaintClocksStarted]
    assert clock(WORKED, 1).due.derivation.started_at == CAME
    assert dues(WORKED) == {"resolution": at(15, 12, 30, month=2)}


def test_a_row_that_waits_is_a_pause_at_its_own_instant() -> None:
    assert newest(WAITING) == [
        c.ComplaintClocksPaused(
            pause_id=uuid5(an_id(2), "pause"),
            n=1,
            reason=PauseReason.CUSTOMER,
            paused_at=at(2, 6, month=2),
            clocks=(1,),
            note=None,
            paper_ids=(),
            ordered_by=None,
        )
    ]
    still = decided(WAITING, row(3, M.WAITING, 3, 6, waiting_for=c.WaitingFor.CUSTOMER))
    assert kinds(still, 1) == [c.StepCarriedOver]
    noted = decided(still, row(4, M.NOTED, 4, 6))
    assert kinds(noted, 1) == [c.StepCarriedOver]


def test_whoever_else_is_waited_for_is_another_pause() -> None:
    supplier = decided(WAITING, row(3, M.WAITING, 3, 6, waiting_for=c.WaitingFor.VENDOR))
    assert kinds(supplier, 3) == [
        c.StepCarriedOver,
        c.ComplaintClocksResumed,
        c.ComplaintClocksPaused,
    ]
    reasons = [pause.reason for pause in supplier.state.clocks.pauses]
    assert reasons == [PauseReason.CUSTOMER, PauseReason.SUPPLIER]


def test_work_goes_on_where_the_source_says_so() -> None:
    working = decided(WAITING, row(3, M.IN_PROGRESS, 4, 6))
    assert working.state.clocks.pauses[0].resumed_at == at(4, 6, month=2)
    assert dues(working) == {"resolution": at(17, 12, 30, month=2)}


def test_the_end_of_the_source_stops_the_clock_and_a_later_row_starts_another() -> None:
    done = decided(WORKED, row(3, M.COMPLETED, 4, 6))
    assert (clock(done, 1).stopped_at, clock(done, 1).met) == (at(4, 6, month=2), True)
    assert kinds(decided(done, row(4, M.CLOSED, 5, 6)), 1) == [c.StepCarriedOver]
    again = decided(done, row(4, M.IN_PROGRESS, 7, 6))
    assert clock(again, 2).due.derivation.started_at == at(7, 6, month=2)


def test_a_row_too_late_was_missed_there_and_nobody_records_it_now() -> None:
    late = decided(WORKED, row(3, M.CLOSED, 16, 6))
    assert kinds(late, 2) == [c.StepCarriedOver, c.ComplaintClocksStopped]
    assert clock(late, 1).met is False


def test_a_case_that_ended_while_it_waited_has_no_open_pause() -> None:
    done = decided(WAITING, row(3, M.CLOSED, 4, 6))
    assert (clock(done, 1).state, clock(done, 1).met) == (ClockState.STOPPED, None)
    assert not done.state.clocks.pauses[0].is_open


def test_rows_that_are_out_of_order_end_a_pause_where_it_began() -> None:
    earlier = decided(WAITING, row(3, M.IN_PROGRESS, 2, 5))
    assert earlier.state.clocks.pauses[0].resumed_at == at(2, 6, month=2)


def test_a_priority_of_the_source_has_its_rule() -> None:
    urgent = decided(WORKED, row(3, M.IN_PROGRESS, 2, 6, priority=c.Priority.URGENT))
    assert kinds(urgent, 2) == [c.StepCarriedOver, c.ComplaintClocksRederived]
    assert dues(urgent) == {"resolution": at(4, 12, 30, month=2)}
    first = decided(OLD, row(1, M.IN_PROGRESS, 1, 6, priority=c.Priority.LOW))
    assert dues(first) == {"resolution": at(22, 12, 30, month=2)}


def test_what_is_done_here_goes_on_by_the_clock_here() -> None:
    missed = decided(WORKED, c.RecordBreach(stream=CASE, n=1), by=SAGA, when=NOW)
    assert clock(missed, 1).breached_at == at(15, 12, 30, month=2)
    close = c.CloseComplaint(
        stream=CASE,
        closure_id=an_id(40),
        ground=c.ClosingGround.UNFOUNDED,
        basis="warranty 4.2",
        paper_ids=(an_id(41),),
    )
    answered = missed.given(
        c.CorrespondenceRecorded(
            correspondence_id=an_id(41),
            direction=c.Direction.OUT,
            correspondent=c.Correspondent.CUSTOMER,
            channel=c.Channel.LETTER,
            content="The warranty has ended.",
            happened_at=NOW,
        )
    )
    assert dues(decided(answered, close, by=EXPERT)) == {}
