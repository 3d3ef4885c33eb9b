from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from domain import complaint as c
from domain.procedure import StepNotInProcedure, StepNotYours
from tests.domain.complaint.desk import (
    EXPERT,
    FRESH,
    IMPORTER,
    INVALID,
    LETTER_IN,
    SALES,
    an_id,
    closed,
    register,
    registered,
)
from tests.scenario import CASE, NOW

M = c.CarriedMeaning
AT = datetime(2010, 3, 31, 14, 59, 42, tzinfo=UTC)
CARRIED = FRESH.given(
    registered("carried_over", narrative=None, customer_id=None, channel=c.Channel.OTHER_SYSTEM)
).by(IMPORTER)

FACTS: dict[str, Any] = {
    "source_row": "incidents:1-364285768:1",
    "happened_at": AT,
    "source_status": "Accepted/In Progress",
    "unit": "V13 2nd 3rd",
    "org_role": "A2_5",
    "resource": "r-77",
    "impact": "Medium",
    "priority": c.Priority.NORMAL,
}


def carry(meaning: c.CarriedMeaning, number: int = 1, **facts: Any) -> c.CarryOverStep:
    return c.CarryOverStep(
        stream=CASE, step_id=an_id(number), meaning=meaning, **{**FACTS, **facts}
    )


def carried(meaning: c.CarriedMeaning, number: int = 1, **facts: Any) -> c.StepCarriedOver:
    return c.StepCarriedOver(step_id=an_id(number), meaning=meaning, **{**FACTS, **facts})


def test_a_case_is_registered_and_its_rows_are_carried_over_in_one_go() -> None:
    command = register(
        kind=c.Kind.OTHER,
        channel=c.Channel.OTHER_SYSTEM,
        procedure="carried_over",
        narrative=None,
        customer_id=None,
    )
    case = FRESH.when(command, carry(M.ASSIGNED), carry(M.IN_PROGRESS, 2), by=IMPORTER).then(
        registered(
            "carried_over", narrative=None, customer_id=None, channel=c.Channel.OTHER_SYSTEM
        ),
        carried(M.ASSIGNED),
        carried(M.IN_PROGRESS, 2),
    )
    assert case.state.status is c.Status.IN_HANDLING
    assert case.state.sorting.priority is c.Priority.NORMAL
    assert c.parties(case.state).units == {"V13 2nd 3rd"}


@pytest.mark.parametrize(
    ("meaning", "status"),
    [
        (M.ASSIGNED, c.Status.ASSIGNED),
        (M.IN_PROGRESS, c.Status.IN_HANDLING),
        (M.COMPLETED, c.Status.COMPLETED),
        (M.CLOSED, c.Status.CLOSED),
        (M.CANCELLED, c.Status.CLOSED),
        (M.REOPENED, c.Status.IN_HANDLING),
        (M.NOTED, c.Status.REGISTERED),
    ],
)
def test_the_case_stands_where_its_source_says(meaning: c.CarriedMeaning, status: c.Status) -> None:
    assert CARRIED.when(carry(meaning)).then(carried(meaning)).state.status is status


def test_a_step_that_waits_says_for_whom() -> None:
    case = CARRIED.when(carry(M.WAITING, waiting_for=c.WaitingFor.USER)).then(
        carried(M.WAITING, waiting_for=c.WaitingFor.USER)
    )
    assert case.state.status is c.Status.WAITING
    CARRIED.when(carry(M.WAITING)).refused(c.WaitingForNobody)
    CARRIED.when(carry(M.CLOSED, waiting_for=c.WaitingFor.USER)).refused(c.WaitingForNobody)


def test_two_rows_that_say_the_same_are_two_steps() -> None:
    case = CARRIED.given(carried(M.CLOSED, 1))
    case.when(carry(M.CLOSED, 2)).then(carried(M.CLOSED, 2))
    case.when(carry(M.CLOSED, 1)).then_nothing()
    case.when(carry(M.CLOSED, 1, impact="High")).refused(c.ItemExists)


def test_a_source_that_works_on_has_reopened_the_case() -> None:
    for ended in (M.CLOSED, M.COMPLETED, M.CANCELLED):
        case = CARRIED.given(carried(ended, 1))
        for works in (M.IN_PROGRESS, M.ASSIGNED, M.REOPENED):
            case.when(carry(works, 2)).then(carried(works, 2, reopened=True))
        case.when(carry(M.NOTED, 2)).then(carried(M.NOTED, 2))


def test_rows_keep_their_own_instant_in_utc() -> None:
    there = timezone(timedelta(hours=2))
    CARRIED.when(carry(M.CLOSED, happened_at=datetime(2010, 3, 31, 16, 59, 42, tzinfo=there))).then(
        carried(M.CLOSED)
    )
    CARRIED.when(carry(M.CLOSED, happened_at=NOW + timedelta(days=1))).refused(c.InstantInFuture)


def test_a_row_that_knows_little_is_carried_over_too() -> None:
    unknown: dict[str, Any] = dict.fromkeys(("unit", "org_role", "resource", "impact", "priority"))
    CARRIED.when(carry(M.CLOSED, **unknown)).then(carried(M.CLOSED, **unknown))


def test_only_a_carried_over_case_carries_steps_over_and_only_an_import_does() -> None:
    SALES.when(carry(M.CLOSED), by=IMPORTER).refused(StepNotInProcedure)
    CARRIED.when(carry(M.CLOSED), by=EXPERT).refused(StepNotYours)


def test_a_case_that_was_closed_here_is_no_longer_led_by_its_source() -> None:
    case = CARRIED.given(LETTER_IN, closed(c.ClosingGround.WITHDRAWN, paper_ids=(an_id(31),)))
    case.when(carry(M.IN_PROGRESS)).refused(c.ComplaintIsClosed)


def test_a_carried_over_case_is_closed_here_without_steps_its_source_does_not_know() -> None:
    close = c.CloseComplaint(
        stream=CASE,
        closure_id=an_id(40),
        ground=c.ClosingGround.WITHDRAWN,
        paper_ids=(an_id(31),),
    )
    CARRIED.given(carried(M.IN_PROGRESS), LETTER_IN).when(close, by=EXPERT).then(
        closed(c.ClosingGround.WITHDRAWN, paper_ids=(an_id(31),))
    )


def test_a_case_that_was_judged_invalid_here_is_no_longer_led_by_its_source() -> None:
    CARRIED.given(INVALID).when(carry(M.ASSIGNED), by=IMPORTER).refused(c.ComplaintIsInvalid)
