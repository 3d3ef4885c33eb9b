import pytest

from domain import complaint as c
from domain.organisation import UnitUnknown
from tests.domain.complaint.desk import (
    APPROVED,
    ASKED,
    CLOSED,
    EXPERT,
    PLAN,
    QUALITY,
    REGISTERED,
    REPLIED,
    SALES,
    SUPERVISOR,
    an_id,
    by,
)
from tests.scenario import CASE, Scenario

VRT = c.VrtFormed(
    vrt_id=an_id(60),
    n=1,
    kind=c.VrtKind.QUALITY,
    lead="tara",
    unit="technical",
    task="Is it the disc?",
    by=by(EXPERT),
)


def instruct(number: int = 70, unit: str | None = "sales") -> c.GiveInstruction:
    return c.GiveInstruction(
        stream=CASE, instruction_id=an_id(number), instruction="Pay it today.", to_unit=unit
    )


def remind(awaited: c.Awaited, n: int | None = None, note: str | None = None) -> c.SendReminder:
    return c.SendReminder(stream=CASE, reminder_id=an_id(71), awaited=awaited, n=n, note=note)


def test_a_superior_gives_an_instruction() -> None:
    case = SALES.when(instruct(unit="parts"), by=SUPERVISOR).then(
        c.InstructionGiven(instruction_id=an_id(70), instruction="Pay it today.", to_unit="parts")
    )
    assert "parts" in c.parties(case.state).units
    case.when(instruct(unit="sales"), by=SUPERVISOR).refused(c.ItemExists)
    SALES.when(instruct(unit="astrology"), by=SUPERVISOR).refused(UnitUnknown)


def test_nobody_else_gives_instructions() -> None:
    SALES.when(instruct(), by=EXPERT).refused(c.InstructionFromBelow)


def test_whoever_owes_an_answer_is_reminded() -> None:
    case = (
        SALES.given(ASKED)
        .when(remind(c.Awaited.INQUIRY_ANSWER, 1, "Since Monday."))
        .then(
            c.ReminderSent(
                reminder_id=an_id(71),
                awaited=c.Awaited.INQUIRY_ANSWER,
                n=1,
                to_unit="accounting",
                note="Since Monday.",
            )
        )
    )
    case.given(REPLIED).when(remind(c.Awaited.INQUIRY_ANSWER, 1, "Since Monday.")).then_nothing()
    case.when(remind(c.Awaited.INQUIRY_ANSWER, 1, "Since Tuesday.")).refused(c.ItemExists)


def test_the_lead_of_a_team_is_reminded_of_its_report() -> None:
    QUALITY.given(VRT).when(remind(c.Awaited.VRT_REPORT, 1)).then(
        c.ReminderSent(reminder_id=an_id(71), awaited=c.Awaited.VRT_REPORT, n=1, to_handler="tara")
    )


def test_the_dealer_is_reminded_of_its_plan_and_of_carrying_it_out() -> None:
    QUALITY.when(remind(c.Awaited.PLAN)).then(
        c.ReminderSent(reminder_id=an_id(71), awaited=c.Awaited.PLAN, to_dealer_id="D-17")
    )
    QUALITY.given(PLAN, APPROVED).when(remind(c.Awaited.PLAN_EXECUTION)).then(
        c.ReminderSent(reminder_id=an_id(71), awaited=c.Awaited.PLAN_EXECUTION, to_dealer_id="D-17")
    )


def test_the_offices_are_reminded_of_the_judgement() -> None:
    REGISTERED.when(remind(c.Awaited.JUDGEMENT)).then(
        c.ReminderSent(reminder_id=an_id(71), awaited=c.Awaited.JUDGEMENT)
    )


@pytest.mark.parametrize(
    ("case", "awaited", "n"),
    [
        (SALES, c.Awaited.INQUIRY_ANSWER, 1),
        (SALES.given(ASKED, REPLIED), c.Awaited.INQUIRY_ANSWER, 1),
        (QUALITY, c.Awaited.VRT_REPORT, 1),
        (SALES, c.Awaited.PLAN, None),
        (QUALITY, c.Awaited.PLAN_APPROVAL, None),
        (QUALITY, c.Awaited.JUDGEMENT, None),
        (QUALITY.given(PLAN), c.Awaited.PLAN, None),
    ],
)
def test_nobody_is_reminded_of_what_is_not_owed(
    case: Scenario, awaited: c.Awaited, n: int | None
) -> None:
    case.when(remind(awaited, n)).refused(c.NothingAwaited)


def test_a_reminder_says_of_which_inquiry() -> None:
    SALES.given(ASKED).when(remind(c.Awaited.INQUIRY_ANSWER)).refused(c.ReminderUnclear)
    QUALITY.when(remind(c.Awaited.PLAN, 1)).refused(c.ReminderUnclear)


def test_a_closed_case_is_not_guided() -> None:
    CLOSED.when(instruct(), by=SUPERVISOR).refused(c.ComplaintIsClosed)
    CLOSED.when(remind(c.Awaited.RESULT)).refused(c.ComplaintIsClosed)
