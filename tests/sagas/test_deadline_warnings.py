"""What the warnings saga does, and when: shares, leads, and what is foreseen by the estimates."""

import json
from datetime import datetime, timedelta
from typing import Any

from domain import complaint as c
from domain.clocks.messages import Urgency
from domain.rulebook import Pin, Provenance, RulesPublished, document_id
from sagas.deadline_warnings import SAGA
from tests.domain.complaint.desk import GRADED, JUDGED, TO_DEALER, classified, registered
from tests.sagas.clocks import (
    DAY,
    HOUR,
    START,
    breached,
    clocks,
    due,
    paused,
    resumed,
    started,
    warned,
)
from tests.scenario import CASE, SagaScenario, saga

DUE_AT = START + 4 * DAY
SHARE_AT = START + 3 * DAY
LEAD_AT = DUE_AT - 12 * HOUR

RUNNING = saga(SAGA).given(
    registered(),
    clocks(started(1, DUE_AT, ("share_75", SHARE_AT), ("lead_12h", LEAD_AT))),
    at=START,
)
ESTIMATES = Pin(name="complaint", version=3)


def warn(code: str) -> c.WarnOfDeadline:
    return c.WarnOfDeadline(stream=CASE, n=1, code=code)


def estimates(version: int = 3, **cells: tuple[timedelta, timedelta]) -> RulesPublished:
    """Estimates for the clock `resolution`: median and 80th percentile by step."""
    found = [
        {
            "clock": "resolution",
            "step": f"complaint.{step}",
            "kind": None,
            "priority": None,
            "cases": 30,
            "median_s": int(median.total_seconds()),
            "p80_s": int(p80.total_seconds()),
        }
        for step, (median, p80) in cells.items()
    ]
    return RulesPublished(
        kind="estimates",
        name="complaint",
        version=version,
        effective_from_at=START,
        content=json.dumps({"estimates": found}),
        sha256="",
        provenance=Provenance(source="test"),
    )


def foresee(expected_at: datetime, step: str, **facts: Any) -> c.ForeseeBreach:
    values = {"n": 1, "step": f"complaint.{step}", "estimates": ESTIMATES, **facts}
    return c.ForeseeBreach(stream=CASE, expected_at=expected_at, **values)


def knowing(published: RulesPublished) -> SagaScenario:
    stream = document_id("estimates", "complaint")
    return (
        saga(SAGA)
        .given(published, at=START - DAY, stream=stream)
        .given(registered(), clocks(started(1, DUE_AT)), at=START)
    )


def test_each_warning_is_given_at_its_instant_and_once() -> None:
    RUNNING.wakes(SHARE_AT, Urgency.WARNING).at(SHARE_AT).then(warn("share_75"))
    first = RUNNING.given(warned(1, "share_75", DUE_AT), at=SHARE_AT)
    first.then_nothing().wakes(LEAD_AT).at(LEAD_AT).then(warn("lead_12h"))
    first.given(warned(1, "lead_12h", DUE_AT), at=LEAD_AT).sleeps()


def test_after_an_outage_warnings_are_given_in_their_order() -> None:
    RUNNING.at(DUE_AT - HOUR).then(warn("share_75"), warn("lead_12h"))


def test_nobody_is_warned_of_what_is_missed_already() -> None:
    RUNNING.at(DUE_AT).then_nothing()
    RUNNING.given(breached(1, DUE_AT), at=DUE_AT).sleeps()


def test_a_warning_that_stays_at_its_instant_is_not_given_again_after_a_pause() -> None:
    given = RUNNING.given(warned(1, "share_75", DUE_AT), at=SHARE_AT)
    still = given.given(paused(1, SHARE_AT + HOUR, 1), at=SHARE_AT + HOUR).sleeps()
    again = due(1, DUE_AT + DAY, ("share_75", SHARE_AT), ("lead_12h", LEAD_AT + DAY))
    going = still.given(resumed(1, SHARE_AT + DAY + HOUR, again), at=SHARE_AT + DAY + HOUR)
    going.then_nothing().wakes(LEAD_AT + DAY)


def test_a_warning_is_given_anew_where_its_instant_moved() -> None:
    given = RUNNING.given(warned(1, "share_75", DUE_AT), at=SHARE_AT)
    longer = due(1, DUE_AT + 8 * DAY, ("share_75", SHARE_AT + 6 * DAY))
    extended = c.ComplaintClockExtended(due=longer, reason="Parts.", paper_ids=())
    given.given(extended).wakes(SHARE_AT + 6 * DAY)


def test_warnings_of_a_law_go_before_breaches_of_our_own() -> None:
    lawful = started(1, DUE_AT, ("share_75", SHARE_AT), urgency=Urgency.STATUTORY)
    saga(SAGA).given(registered(), clocks(lawful), at=START).wakes(SHARE_AT, Urgency.STATUTORY)


def test_without_estimates_nothing_is_foreseen() -> None:
    saga(SAGA).given(registered(), clocks(started(1, DUE_AT)), at=START).sleeps()


def test_a_breach_is_foreseen_at_once_when_half_of_such_cases_took_longer() -> None:
    scenario = knowing(estimates(registered=(6 * DAY, 9 * DAY)))
    scenario.wakes(START).then(foresee(START + 6 * DAY, "registered"))


def test_it_is_foreseen_later_when_the_case_is_not_among_the_faster_half() -> None:
    scenario = knowing(estimates(registered=(2 * DAY, 9 * DAY)))
    scenario.then_nothing().wakes(START + 2 * DAY, Urgency.WARNING)
    scenario.at(START + 2 * DAY).then(foresee(START + 9 * DAY, "registered"))


def test_nothing_is_foreseen_when_most_such_cases_were_done_in_time() -> None:
    knowing(estimates(registered=(2 * DAY, 3 * DAY))).sleeps()


def test_what_is_foreseen_follows_the_step_the_case_is_in() -> None:
    published = estimates(registered=(2 * DAY, 3 * DAY), assigned=(DAY, 2 * DAY))
    sorting = [JUDGED, classified("dealer", c.Kind.QUALITY, "brakes"), GRADED, TO_DEALER]
    late = START + 3 * DAY + 12 * HOUR
    scenario = knowing(published).given(*sorting, at=late)
    scenario.wakes(late).then(foresee(late + DAY, "assigned"))


def test_it_is_foreseen_once_for_a_due_instant() -> None:
    scenario = knowing(estimates(registered=(6 * DAY, 9 * DAY), judged_valid=(6 * DAY, 9 * DAY)))
    foreseen = c.ComplaintDeadlineForeseen(
        n=1,
        due_at=DUE_AT,
        expected_at=START + 6 * DAY,
        step="complaint.registered",
        estimates=ESTIMATES,
    )
    scenario.given(foreseen).sleeps().given(JUDGED, at=START + DAY).sleeps()


def test_a_pause_does_not_count_for_what_is_usual() -> None:
    scenario = knowing(estimates(registered=(3 * DAY, 3 * DAY)))
    still = scenario.given(paused(1, START + DAY, 1), at=START + DAY)
    later = START + 11 * DAY
    still.given(resumed(1, later, due(1, DUE_AT + 10 * DAY)), at=later).sleeps()
    short = still.given(resumed(1, later, due(1, later + DAY)), at=later)
    short.wakes(later).then(foresee(later + 2 * DAY, "registered"))


def test_new_estimates_count_from_the_next_event_of_a_case() -> None:
    stream = document_id("estimates", "complaint")
    scenario = knowing(estimates(registered=(2 * DAY, 3 * DAY)))
    anew = estimates(4, registered=(6 * DAY, 9 * DAY))
    known = scenario.given(anew, at=START + DAY, stream=stream).sleeps()
    noted = c.InstructionGiven(instruction_id=CASE, instruction="Hurry.", to_unit=None)
    known.given(noted, at=START + DAY + HOUR).sleeps()
    moved = c.ComplaintClockDueSet(due=due(1, DUE_AT), reason="Agreed with her.")
    known.given(moved, at=START + 2 * DAY).wakes(START + 2 * DAY).then(
        foresee(START + 6 * DAY, "registered", estimates=Pin(name="complaint", version=4))
    )
