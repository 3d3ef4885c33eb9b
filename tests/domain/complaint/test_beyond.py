from datetime import date
from typing import Any

from domain import complaint as c
from domain.organisation import UnitUnknown
from tests.domain.complaint.desk import CLOSED, SALES, an_id
from tests.scenario import CASE

DAY, LATER, TOO_LATE = date(2026, 2, 1), date(2026, 2, 20), date(2026, 6, 1)

ARBITRATION = c.ArbitrationOpened(
    arbitration_id=an_id(90), body="Provincial board", file_number="7/12", opened_on=DAY
)
LITIGATION = c.LitigationOpened(
    litigation_id=an_id(91), court="Court 12", file_number=None, opened_on=DAY, support_unit="legal"
)


def open_arbitration(number: int = 90, **facts: Any) -> c.OpenArbitration:
    defaults: dict[str, Any] = {"body": "Provincial board", "file_number": "7/12", "opened_on": DAY}
    return c.OpenArbitration(stream=CASE, arbitration_id=an_id(number), **{**defaults, **facts})


def end_arbitration(
    outcome: c.ArbitrationOutcome = c.ArbitrationOutcome.SETTLED, on: date = LATER
) -> c.EndArbitration:
    return c.EndArbitration(stream=CASE, arbitration_id=an_id(90), outcome=outcome, ended_on=on)


def open_litigation(number: int = 91, **facts: Any) -> c.OpenLitigation:
    defaults: dict[str, Any] = {"court": "Court 12", "opened_on": DAY}
    return c.OpenLitigation(stream=CASE, litigation_id=an_id(number), **{**defaults, **facts})


def end_litigation(
    outcome: c.LitigationOutcome = c.LitigationOutcome.WITHDRAWN, on: date = LATER
) -> c.EndLitigation:
    return c.EndLitigation(stream=CASE, litigation_id=an_id(91), outcome=outcome, ended_on=on)


def test_an_arbitration_is_opened_also_after_the_case_was_closed() -> None:
    SALES.when(open_arbitration()).then(ARBITRATION)
    CLOSED.when(open_arbitration()).then(ARBITRATION)
    SALES.when(open_arbitration(opened_on=TOO_LATE)).refused(c.DayInFuture)


def test_one_arbitration_is_open_at_a_time() -> None:
    case = SALES.given(ARBITRATION)
    case.when(open_arbitration(95)).refused(c.ArbitrationIsOpen)
    case.when(open_arbitration(body="Another board")).refused(c.ItemExists)


def test_what_is_ended_was_opened_before() -> None:
    before = date(2026, 1, 31)
    SALES.given(ARBITRATION).when(end_arbitration(on=before)).refused(
        c.EndedBeforeOpened, opened="2026-02-01", ended="2026-01-31"
    )
    SALES.given(LITIGATION).when(end_litigation(on=before)).refused(c.EndedBeforeOpened)


def test_an_arbitration_ends_once() -> None:
    case = (
        SALES.given(ARBITRATION)
        .when(end_arbitration())
        .then(
            c.ArbitrationEnded(
                arbitration_id=an_id(90),
                outcome=c.ArbitrationOutcome.SETTLED,
                ended_on=LATER,
                ruling=None,
            )
        )
    )
    case.when(end_arbitration(c.ArbitrationOutcome.DISMISSED)).refused(c.ArbitrationHasEnded)
    case.when(open_arbitration(95)).then(
        c.ArbitrationOpened(
            arbitration_id=an_id(95), body="Provincial board", file_number="7/12", opened_on=DAY
        )
    )
    SALES.given(ARBITRATION).when(end_arbitration(on=TOO_LATE)).refused(c.DayInFuture)
    SALES.when(end_arbitration()).refused(c.ArbitrationNotFound)


def test_legal_supports_a_litigation_and_has_a_part_in_the_case() -> None:
    case = SALES.when(open_litigation()).then(LITIGATION)
    assert "legal" in c.parties(case.state).units
    SALES.when(open_litigation(support_unit="astrology")).refused(UnitUnknown)
    SALES.when(open_litigation(opened_on=TOO_LATE)).refused(c.DayInFuture)


def test_one_litigation_is_open_at_a_time() -> None:
    case = SALES.given(LITIGATION)
    case.when(open_litigation(95)).refused(c.LitigationIsOpen)
    case.when(open_litigation(court="Court 13")).refused(c.ItemExists)


def test_a_litigation_ends_once() -> None:
    case = (
        SALES.given(LITIGATION)
        .when(end_litigation())
        .then(
            c.LitigationEnded(
                litigation_id=an_id(91),
                outcome=c.LitigationOutcome.WITHDRAWN,
                ended_on=LATER,
                ruling=None,
            )
        )
    )
    case.when(end_litigation(c.LitigationOutcome.SETTLED)).refused(c.LitigationHasEnded)
    SALES.given(LITIGATION).when(end_litigation(on=TOO_LATE)).refused(c.DayInFuture)
    SALES.when(end_litigation()).refused(c.LitigationNotFound)
