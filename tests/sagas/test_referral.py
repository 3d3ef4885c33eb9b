"""The referral saga on a real casebook: a special complaint and its referral follow each other."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from domain import complaint as c
from domain import referral as r
from domain.declare import Actor, Command
from sagas.declare import made_by
from sagas.referral import SAGA
from store.casebook import Casebook
from store.database import pool
from store.keys import Keys
from store.rulebook import publish_shipped
from tests.domain.complaint.desk import EXPERT, TECHNICAL, WORKSHOP
from tests.domain.referral import desk as d
from tests.sagas.desk import Desk
from tests.sagas.promises import MASTER_KEY

REFERRAL = UUID("0192f6a0-7c1e-7d3a-9b52-0000000000f1")
NOW = datetime(2028, 5, 7, 8, 0, tzinfo=UTC)
"""Later than any database's own clock, which says since when something is owed."""
LETTER = {"letter_on": date(2028, 5, 3), "answer_by_on": date(2028, 5, 24)}
STORY = "The gearbox jerks; three repairs did not help."


def of(command: Command, stream: UUID = REFERRAL) -> Command:
    return replace(command, stream=stream)


class Secretariat(Desk):
    """A desk whose log has the shipped rules, and a referral that was distributed."""

    def begun(self, **given: object) -> UUID:
        publish_shipped(self.casebook)
        self.say(d.receive(customer_id=None, matter=STORY, **LETTER), d.SECRETARY)
        self.say(d.register(), d.SECRETARY)
        self.say(d.distribute(**given), d.SECRETARY)
        self.settle()
        found = self.referral.complaint_id
        assert found is not None
        return found

    def say(self, command: Command, who: Actor, stream: UUID = REFERRAL) -> None:
        self.execute(of(command, stream), actor=who)

    @property
    def referral(self) -> r.Referral:
        found: r.Referral = self.casebook.state(REFERRAL).state
        return found

    def complaint(self, stream: UUID) -> c.Complaint:
        found: c.Complaint = self.casebook.state(stream).state
        return found

    def graded(self, stream: UUID) -> None:
        self.say(c.JudgeComplaint(stream=stream, valid=True), EXPERT, stream)
        classify = c.ClassifyComplaint(stream=stream, kind=c.Kind.QUALITY, subject="gearbox")
        self.say(classify, EXPERT, stream)
        self.say(c.GradeComplaint(stream=stream, importance=c.Importance.HIGH), EXPERT, stream)

    def announced(self, stream: UUID, number: int = 1) -> None:
        said = c.AnnounceResult(
            stream=stream,
            result_id=d.an_id(400 + number),
            outcome=c.Outcome.EXPLAINED,
            channel=c.Channel.PHONE,
            answer="It is explained.",
        )
        self.say(said, EXPERT, stream)
        self.settle()


@pytest.fixture
def secretariat(database_url: str) -> Iterator[Secretariat]:
    with pool(database_url, "writer", size=4) as own:
        casebook = Casebook(own, database_url, Keys(MASTER_KEY))
        yield Secretariat(database_url, casebook, (SAGA,), NOW)


def test_a_distributed_referral_becomes_a_complaint_with_what_the_letter_says(
    secretariat: Secretariat,
) -> None:
    stream = secretariat.begun(handler="erfan")
    case = secretariat.complaint(stream)
    assert case.registered is not None
    assert case.registered.narrative == STORY
    assert case.registered.complainant_name == "لیلا کریمی"
    assert case.facts.origin is c.Origin.AUTHORITY
    assert case.registered.number == "S-1404-0017"
    assert (case.sorting.unit, case.sorting.handler) == ("after_sales", "erfan")
    assert case.procedure is not None and case.procedure.name == "special"
    assert secretariat.settle() == 0


def test_no_personal_data_is_kept_beside_the_log(secretariat: Secretariat) -> None:
    secretariat.begun()
    with psycopg.connect(secretariat.url) as connection:
        rows = connection.execute("SELECT state FROM views.saga_referral").fetchall()
    assert rows
    assert all(STORY not in row[0] and "کریمی" not in row[0] for row in rows)


def test_the_id_of_the_complaint_follows_from_the_distribution(secretariat: Secretariat) -> None:
    stream = secretariat.begun()
    history = list(secretariat.casebook.history(REFERRAL))
    distributed = next(e for e in history if e.topic == "referral.distributed")
    assert stream == made_by(distributed.event_id, "complaint")
    linked = next(e for e in history if e.topic == "referral.complaint_linked")
    assert linked.causation_id == distributed.event_id
    assert linked.actor == "saga:referral"


def test_an_announced_result_makes_the_referral_ready_for_its_final_control(
    secretariat: Secretariat,
) -> None:
    stream = secretariat.begun()
    secretariat.graded(stream)
    assert secretariat.referral.status is r.ReferralStatus.DISTRIBUTED
    secretariat.announced(stream)
    case = secretariat.referral
    assert case.status is r.ReferralStatus.HANDLED
    assert case.handling is not None
    assert [taker.id for taker in case.handling.handled_by] == [EXPERT.id]


def test_each_clock_of_the_complaint_that_stops_is_an_action_controlled(
    secretariat: Secretariat,
) -> None:
    stream = secretariat.begun()
    secretariat.graded(stream)
    secretariat.settle()
    controls = secretariat.referral.actions
    assert controls["judgement"].verdict is r.ControlVerdict.IN_TIME
    assert controls["judgement"].done_at == NOW
    before = len(list(secretariat.casebook.history(REFERRAL)))
    assert secretariat.settle() == 0
    assert len(list(secretariat.casebook.history(REFERRAL))) == before


def test_a_result_that_is_not_confirmed_takes_the_referral_back_to_its_handling(
    secretariat: Secretariat,
) -> None:
    stream = secretariat.begun()
    secretariat.graded(stream)
    secretariat.announced(stream)
    secretariat.say(d.final_control(), d.SPECIAL)
    no = c.ConfirmResult(
        stream=stream,
        confirmation_id=d.an_id(500),
        party=c.ConfirmingParty.SECOND,
        confirmed=False,
        comment="The repair order is missing.",
    )
    secretariat.say(no, d.OTHER_SPECIAL, stream)
    secretariat.settle()
    case = secretariat.referral
    assert case.status is r.ReferralStatus.DISTRIBUTED
    assert case.handling is None
    assert not case.stands(r.ReferralStep.FINAL_CONTROL)
    secretariat.announced(stream, 2)
    assert secretariat.referral.status is r.ReferralStatus.HANDLED


def test_a_referral_that_is_sent_back_reopens_its_closed_complaint_for_the_same_reason(
    secretariat: Secretariat,
) -> None:
    stream = secretariat.begun()
    secretariat.graded(stream)
    secretariat.announced(stream)
    confirm = c.ConfirmResult(
        stream=stream,
        confirmation_id=d.an_id(501),
        party=c.ConfirmingParty.SECOND,
        confirmed=True,
    )
    secretariat.say(confirm, d.OTHER_SPECIAL, stream)
    word = c.RecordCorrespondence(
        stream=stream,
        correspondence_id=d.an_id(502),
        direction=c.Direction.IN,
        correspondent=c.Correspondent.CUSTOMER,
        channel=c.Channel.EMAIL,
        content="I accept that.",
    )
    secretariat.say(word, EXPERT, stream)
    close = c.CloseComplaint(
        stream=stream,
        closure_id=d.an_id(503),
        ground=c.ClosingGround.WITHDRAWN,
        paper_ids=(d.an_id(502),),
    )
    secretariat.say(close, EXPERT, stream)
    secretariat.settle()
    why = "The dealer's repair orders are not looked into."
    secretariat.say(d.final_control(outcome="sent_back", remark=why), d.SPECIAL)
    secretariat.settle()
    assert secretariat.complaint(stream).status is not c.Status.CLOSED
    reopened = [
        event.event
        for event in secretariat.casebook.history(stream)
        if event.topic == "complaint.reopened"
    ]
    assert [event.reason for event in reopened] == [why]
    assert secretariat.referral.status is r.ReferralStatus.DISTRIBUTED


def test_a_matter_given_to_somebody_else_moves_its_complaint_along(
    secretariat: Secretariat,
) -> None:
    stream = secretariat.begun()
    again = d.distribute(unit="parts", reason="It is about a spare part.")
    secretariat.say(again, d.SECRETARY)
    secretariat.settle()
    assert secretariat.complaint(stream).sorting.unit == "parts"


def test_a_complaint_that_stood_already_is_linked_with_the_result_it_has(
    secretariat: Secretariat,
) -> None:
    publish_shipped(secretariat.casebook)
    stream = UUID("0192f6a0-7c1e-7d3a-9b52-0000000000f2")
    stood = c.RegisterComplaint(
        stream=stream,
        kind=c.Kind.QUALITY,
        channel=c.Channel.PHONE,
        narrative=STORY,
        procedure="special",
    )
    secretariat.execute(stood, actor=EXPERT)
    secretariat.graded(stream)
    assign = c.AssignComplaint(stream=stream, unit="after_sales")
    secretariat.say(assign, EXPERT, stream)
    secretariat.announced(stream)
    assert secretariat.begun(complaint_id=stream) == stream
    assert secretariat.referral.status is r.ReferralStatus.HANDLED


def test_the_whole_order_is_kept_with_a_saga_at_work(secretariat: Secretariat) -> None:
    stream = secretariat.begun()
    secretariat.graded(stream)
    secretariat.announced(stream)
    secretariat.now += timedelta(hours=1)
    secretariat.say(d.final_control(), d.SPECIAL)
    secretariat.say(d.inform(), d.SPECIALIST)
    secretariat.say(d.prepare(), d.SPECIAL)
    secretariat.say(d.send(), d.SECRETARY)
    secretariat.say(d.CLOSE, d.SECRETARY)
    secretariat.settle()
    assert secretariat.referral.status is r.ReferralStatus.CLOSED
    assert {TECHNICAL.id, WORKSHOP.id}.isdisjoint(
        taker.id for takers in secretariat.referral.taken.takers.values() for taker in takers
    )
