"""Simulations of a log that the server wrote: the same again, and what a what-if leaves of it."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

import psycopg
import pytest

from domain import complaint as c
from domain.clocks.messages import PauseReason
from domain.declare import Role
from domain.staff import RegisterStaffMember
from simulating.command import app
from simulating.remaking import made_again
from store.casebook import Casebook
from store.database import pool
from store.keys import Keys
from store.rulebook import publish_shipped
from tests.domain.complaint.desk import DEALER, EXPERT, SPECIALIST, actor
from tests.domain.referral import desk as referrals
from tests.scripts.conftest import MASTER_KEY
from tests.scripts.running import run
from tests.scripts.stepped import SteppedDesk
from tests.scripts.test_simulate import counted, policy

SATURDAY = datetime(2025, 10, 11, 5, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LATE, PROMPT = UUID(int=0xA1), UUID(int=0xA2)
ADMIN = actor("ada", Role.ADMIN)
SUPERVISOR = actor("simin", Role.SUPERVISOR, unit="complaints", region="north")

REFERRAL = UUID(int=0xA3)


@pytest.fixture(scope="module")
def desk(module_database_url: str) -> Iterator[SteppedDesk]:
    with (
        psycopg.connect(module_database_url, autocommit=True) as owner,
        pool(module_database_url, "writer", size=4) as connections,
    ):
        casebook = Casebook(connections, module_database_url, Keys(MASTER_KEY))
        desk = SteppedDesk(module_database_url, owner, casebook, made_again(), SATURDAY)
        publish_shipped(casebook)
        _two_weeks(desk)
        yield desk


@pytest.fixture(autouse=True)
def place(desk: SteppedDesk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", desk.url)
    monkeypatch.setenv("APP_MASTER_KEY", base64.b64encode(MASTER_KEY).decode())
    monkeypatch.chdir(tmp_path)


def _two_weeks(desk: SteppedDesk) -> None:
    """One case whose dealer makes no plan in time, and one in which all goes well."""
    for colleague in (SUPERVISOR, EXPERT, SPECIALIST):
        desk.execute(
            RegisterStaffMember(
                stream=uuid5(LATE, colleague.id),
                account=colleague.id,
                name="Somebody",
                roles=tuple(colleague.roles),
                unit=colleague.unit,
                region=colleague.region,
                locale="fa",
            ),
            actor=ADMIN,
        )
    for case, kind in ((LATE, c.Kind.QUALITY), (PROMPT, c.Kind.QUALITY)):
        desk.execute(
            c.RegisterComplaint(
                stream=case, kind=kind, channel=c.Channel.PHONE, narrative="It squeaks."
            ),
            actor=SPECIALIST,
        )
    letter = {"letter_on": date(2025, 10, 9), "answer_by_on": date(2025, 10, 30)}
    for command, who in (
        (referrals.receive(customer_id=None, **letter), referrals.SECRETARY),
        (referrals.register(), referrals.SECRETARY),
        (referrals.distribute(), referrals.SECRETARY),
    ):
        desk.execute(replace(command, stream=REFERRAL), actor=who)
    desk.live(2 * HOUR)
    for case in (LATE, PROMPT):
        desk.execute(c.JudgeComplaint(stream=case, valid=True), actor=SPECIALIST)
        desk.execute(
            c.ClassifyComplaint(stream=case, kind=c.Kind.QUALITY, subject="paint"),
            c.GradeComplaint(stream=case, importance=c.Importance.NORMAL),
            c.AssignComplaint(stream=case, region="north", dealer_id="D-17"),
            actor=EXPERT,
        )
    desk.live(DAY)
    desk.execute(_plan(PROMPT), actor=DEALER)
    desk.execute(
        c.PauseClocks(
            stream=PROMPT, pause_id=UUID(int=0xB1), reason=PauseReason.PARTS, note="No hinge."
        ),
        actor=EXPERT,
    )
    desk.live(3 * DAY)
    desk.execute(c.EndPause(stream=PROMPT, n=1), actor=EXPERT)
    desk.live(3 * HOUR)
    desk.execute(
        c.AcknowledgeEscalation(
            stream=LATE, n=1, will_do="Visit the dealer.", done_by_at=desk.now + DAY
        ),
        actor=SUPERVISOR,
    )
    desk.step(DAY + HOUR)  # nobody looks for a day
    desk.live(2 * DAY)
    desk.execute(_plan(LATE), actor=DEALER)
    desk.live(5 * DAY)


def _plan(case: UUID) -> c.SubmitPlan:
    return c.SubmitPlan(stream=case, plan_id=UUID(int=case.int + 0x100), plan="Oil it.")


def test_what_sagas_made_is_made_again_and_the_same(desk: SteppedDesk) -> None:
    head = desk.casebook.head()
    result = run(app, "log", "--json", "found.json")
    assert result.exit_code == 0, result.stdout
    assert "made again: the same events, in the same order, of every case" in result.stdout
    assert desk.casebook.head() == head
    found = counted(Path("found.json"))
    assert found["made_again"]["differences"] == []
    dropped = found["made_again"]["dropped"]
    sagas = ("sla_escalation", "deadline_warnings", "notices", "referral")
    assert min(dropped[name] for name in sagas) > 2
    clock = found["baseline"]["by_clock"]["plan"]
    assert (clock["breached"], clock["escalated"], clock["acknowledged"]) == (1, 1, 1)


def test_a_what_if_leaves_an_acknowledgement_without_a_cause(
    desk: SteppedDesk, tmp_path: Path
) -> None:
    span = 'span = { amount = 3, unit = "working_days" }\nwarnings = [{ lead = { amount = 1'
    patient = policy(tmp_path, "sla_pack", "complaint", span, span.replace("3", "30"))
    head = desk.casebook.head()
    result = run(app, "log", "--policy", patient, "--json", "found.json")
    assert result.exit_code == 0, result.stderr
    found = counted(Path("found.json"))
    assert found["baseline"]["without_cause"] == {}
    assert found["what_if"]["without_cause"] == {"complaint.escalation_acknowledged": 1}
    assert found["changes"]["no_longer_breached"]["plan"] == 1
    assert "acts left without a cause in the what-if: complaint.escalation_ack" in result.stdout
    assert run(app, "log", "--policy", patient).stdout == result.stdout
    assert desk.casebook.head() == head
