"""How long cases took from their steps to the stop of their clocks."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain import complaint as c
from domain.clocks.rules import Estimate
from sagas.estimating import SAGA
from sagas.watch.timing import Sample, estimates_of
from tests.domain.complaint.desk import GRADED, JUDGED, TO_DEALER, classified, closed, registered
from tests.sagas.clocks import DAY, HOUR, START, clocks, due, paused, resumed, started, stopped
from tests.scenario import CASE, SagaScenario, saga

RUNNING = saga(SAGA).given(registered(), clocks(started(1, START + 9 * DAY)), at=START)
SORTED = [JUDGED, classified("dealer", c.Kind.QUALITY, "brakes"), GRADED, TO_DEALER]


def seconds(scenario: SagaScenario) -> dict[str, timedelta]:
    samples: tuple[Sample, ...] = scenario.state().samples
    return {
        each.step.removeprefix("complaint."): timedelta(seconds=each.seconds) for each in samples
    }


def test_every_step_is_timed_to_the_stop_of_the_clock() -> None:
    assigned = RUNNING.given(*SORTED, at=START + DAY)
    done = assigned.given(stopped(1, START + 3 * DAY), at=START + 3 * DAY)
    assert seconds(done) == {
        "registered": 3 * DAY,
        "judged_valid": 2 * DAY,
        "classified": 2 * DAY,
        "graded": 2 * DAY,
        "assigned": 2 * DAY,
    }
    assert {(each.kind, each.priority) for each in done.state().samples} == {("quality", "normal")}


def test_pauses_are_left_out() -> None:
    still = RUNNING.given(paused(1, START + HOUR, 1), at=START + HOUR)
    inside = still.given(JUDGED, at=START + 2 * HOUR)
    going = inside.given(resumed(1, START + 5 * HOUR, due(1, START + DAY)), at=START + 5 * HOUR)
    done = going.given(stopped(1, START + 6 * HOUR), at=START + 6 * HOUR)
    assert seconds(done) == {"registered": 2 * HOUR, "judged_valid": HOUR}


def test_a_clock_that_stops_while_it_stands_still_took_until_the_pause() -> None:
    still = RUNNING.given(paused(1, START + HOUR, 1), at=START + HOUR)
    done = still.given(stopped(1, START + DAY, met=None), at=START + DAY)
    assert seconds(done) == {"registered": HOUR}


def test_a_step_that_is_entered_again_is_timed_from_the_last_time() -> None:
    twice = RUNNING.given(JUDGED, at=START + HOUR).given(JUDGED, at=START + 3 * HOUR)
    assert seconds(twice.given(stopped(1, START + 4 * HOUR), at=START + 4 * HOUR)) == {
        "registered": 4 * HOUR,
        "judged_valid": HOUR,
    }


def test_a_case_counts_when_it_has_ended() -> None:
    done = RUNNING.given(stopped(1, START + DAY), at=START + DAY)
    assert not done.state().journey.ended
    assert done.given(closed(), at=START + DAY).state().journey.ended


def test_a_cancelled_clock_says_nothing() -> None:
    cancelled = c.ComplaintClockCancelled(n=1, reason="Not a complaint of ours.")
    assert RUNNING.given(cancelled, at=START + DAY).state().samples == ()


def test_nothing_is_ever_asked_for() -> None:
    RUNNING.sleeps().at(START + 99 * DAY).then_nothing(key=CASE)


def sample(seconds_: int, kind: str | None = None, priority: str | None = None) -> Sample:
    return Sample("resolution", "complaint.assigned", kind, priority, seconds_)


def test_estimates_are_of_the_closest_cell_and_of_wider_ones() -> None:
    samples = [sample(n * 10, "sales", "high") for n in range(1, 6)]
    samples += [sample(1000, "sales", "low"), sample(2000)]
    place = {"clock": "resolution", "step": "complaint.assigned"}
    assert estimates_of(samples, cases_min=5) == (
        Estimate(**place, kind=None, priority=None, cases=7, median_s=40, p80_s=1000),
        Estimate(**place, kind="sales", priority=None, cases=6, median_s=30, p80_s=50),
        Estimate(**place, kind="sales", priority="high", cases=5, median_s=30, p80_s=40),
    )


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=40), st.integers(1, 20))
def test_half_of_all_cases_took_no_longer_than_the_median(took: list[int], cases_min: int) -> None:
    found = estimates_of([sample(each) for each in took], cases_min=cases_min)
    if len(took) < cases_min:
        assert found == ()
        return
    (cell,) = found
    assert sum(each <= cell.median_s for each in took) * 2 >= len(took)
    assert sum(each <= cell.p80_s for each in took) * 5 >= len(took) * 4
    assert cell.median_s <= cell.p80_s
