"""What holds of every complaint, whatever is asked of it in whatever order.

A machine lets random people ask random things of one case and keeps its own small model of it.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain import complaint as c
from domain.declare import Actor, Context, Refusal
from domain.procedure import Procedure
from tests.domain.complaint.desk import (
    ACCOUNTANT,
    CUSTOMER,
    DEALER,
    EXPERT,
    IMPORTER,
    OTHER_EXPERT,
    RECEIVED,
    RULES,
    SELLER,
    SPECIALIST,
    SUPERVISOR,
    TECHNICAL,
    WORKSHOP,
    an_id,
    register,
)
from tests.scenario import CASE, NOW

PEOPLE = [
    ACCOUNTANT,
    CUSTOMER,
    DEALER,
    EXPERT,
    IMPORTER,
    OTHER_EXPERT,
    SELLER,
    SPECIALIST,
    SUPERVISOR,
    TECHNICAL,
    WORKSHOP,
]
people = st.sampled_from(PEOPLE)
ids = st.integers(1, 8).map(an_id)
few = st.integers(1, 3)
words = st.sampled_from(["One word.", "Another."])
days = st.sampled_from([date(2026, 2, 28), date(2026, 3, 20)])
reasons = st.none() | words


def of(command: type[Any], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(command, stream=st.just(CASE), **fields)


paper_ids = st.lists(ids, max_size=2).map(tuple)
channels = st.just(c.Channel.PHONE)

SORTING = st.one_of(
    of(c.JudgeComplaint, valid=st.sampled_from([True, True, False]), reason=reasons),
    of(
        c.ClassifyComplaint,
        kind=st.sampled_from(c.Kind),
        subject=st.sampled_from(["brakes", "refund"]),
        reason=reasons,
    ),
    of(c.GradeComplaint, importance=st.sampled_from(c.Importance), reason=reasons),
    of(
        c.AssignComplaint,
        region=st.just("north"),
        dealer_id=st.just("D-17"),
        reason=reasons,
    ),
    of(c.AssignComplaint, unit=st.sampled_from(["sales", "accounting"]), reason=reasons),
)
WORK = st.one_of(
    of(c.SendInquiry, inquiry_id=ids, unit=st.just("accounting"), question=words),
    of(c.AnswerInquiry, n=few, answer=words),
    of(c.SubmitPlan, plan_id=ids, plan=words),
    of(c.ApprovePlan, plan_id=ids),
    of(c.RejectPlan, plan_id=ids, reason=words),
    of(c.CarryOutPlan, plan_id=ids, carried_out_on=days, paper_ids=paper_ids),
    of(
        c.CompleteWork,
        completion_id=ids,
        completed_on=days,
        report=words,
        to_unit=st.sampled_from([None, "after_sales"]),
    ),
    of(
        c.FormVrt,
        vrt_id=ids,
        kind=st.sampled_from(c.VrtKind),
        lead=st.sampled_from(["tara", "sara"]),
        task=words,
    ),
    of(c.ReportVrtFailure, n=few, reason=words),
    of(c.MakeVrtProposal, n=few, proposal=words),
)
ENDING = st.one_of(
    of(
        c.AnnounceResult,
        result_id=ids,
        outcome=st.sampled_from(c.Outcome),
        channel=channels,
        answer=words,
    ),
    of(
        c.ConfirmResult,
        confirmation_id=ids,
        party=st.sampled_from(c.ConfirmingParty),
        confirmed=st.booleans(),
        comment=reasons,
    ),
    of(
        c.CloseComplaint,
        closure_id=ids,
        ground=st.sampled_from(c.ClosingGround),
        paper_ids=paper_ids,
        basis=st.sampled_from([None, "warranty 4.2"]),
        follow_up_on=st.none() | days,
        follow_up_reason=st.none() | st.sampled_from(c.FollowUpReason),
    ),
    of(c.ReopenComplaint, reopening_id=ids, reason=words),
    of(c.RecordCallback, callback_id=ids, reached=st.just(True), satisfaction=st.just(4)),
    of(
        c.AnswerInvalidComplaint,
        through=st.sampled_from(c.AnswerThrough),
        channel=channels,
        answer=words,
    ),
)
ASIDE = st.one_of(
    of(
        c.AddDocument,
        document_id=ids,
        kind=st.sampled_from(c.PaperKind),
        title=words,
        media_type=st.just("application/pdf"),
        size_bytes=st.just(1),
        content_sha256=st.just("ab" * 32),
    ),
    of(
        c.RecordCorrespondence,
        correspondence_id=ids,
        direction=st.sampled_from(c.Direction),
        correspondent=st.just(c.Correspondent.CUSTOMER),
        channel=channels,
        content=words,
    ),
    of(
        c.CorrectComplaint,
        correction_id=ids,
        corrects_version=few,
        reason=words,
        fire=st.none() | st.booleans(),
        statement=reasons,
    ),
    of(
        c.SendReminder,
        reminder_id=ids,
        awaited=st.sampled_from(c.Awaited),
        n=st.none() | few,
    ),
    of(c.GiveInstruction, instruction_id=ids, instruction=words),
    of(c.DeclareCrisis, crisis_id=ids, level=st.sampled_from(c.CrisisLevel), reason=words),
    of(c.EndCrisis, crisis_id=ids, summary=words),
    of(
        c.CarryOverStep,
        step_id=ids,
        source_row=words,
        happened_at=st.just(RECEIVED),
        source_status=st.just("Accepted"),
        meaning=st.sampled_from([m for m in c.CarriedMeaning if m is not c.CarriedMeaning.WAITING]),
    ),
)


WORKED = c.WorkCompleted | c.PlanCarriedOut


def going_on(step: str, number: int, case: c.Complaint) -> tuple[Actor, Any] | None:
    """What somebody who does her work would do next, with a new id where one is made."""
    new = an_id(number)
    paid = c.ClosingGround.CARRIED_OUT
    inquiries = [item for item in case.items.values() if isinstance(item, c.InquirySent)]
    unanswered = [q.n for q in inquiries if not case.outcomes.has(q.inquiry_id)]
    papers = [item.document_id for item in case.items.values() if isinstance(item, PAPER)]
    works: dict[str, tuple[Actor, Any]] = {
        "inquiry": (
            EXPERT,
            c.SendInquiry(stream=CASE, inquiry_id=new, unit="accounting", question="Paid?"),
        ),
        "inquiry_answer": (
            ACCOUNTANT,
            c.AnswerInquiry(stream=CASE, n=min(unanswered, default=1), answer="Yes."),
        ),
        "plan": (DEALER, c.SubmitPlan(stream=CASE, plan_id=new, plan="Repair.")),
        "completion": (
            DEALER,
            c.CompleteWork(
                stream=CASE,
                completion_id=new,
                completed_on=date(2026, 2, 28),
                report="Done.",
                to_unit="after_sales",
            ),
        ),
        "result": (
            EXPERT,
            c.AnnounceResult(
                stream=CASE,
                result_id=new,
                outcome=c.Outcome.MET,
                channel=c.Channel.PHONE,
                answer="Done.",
            ),
        ),
        "customer_confirmation": (CUSTOMER, confirming(new, c.ConfirmingParty.CUSTOMER)),
        "second_confirmation": (OTHER_EXPERT, confirming(new, c.ConfirmingParty.SECOND)),
        "closure": (
            SUPERVISOR,
            c.CloseComplaint(stream=CASE, closure_id=new, ground=paid, paper_ids=tuple(papers[:1])),
        ),
    }
    if case.work.plan_id is not None:
        plan_id = case.work.plan_id
        works["plan_approval"] = (SUPERVISOR, c.ApprovePlan(stream=CASE, plan_id=plan_id))
        works["plan_execution"] = (
            DEALER,
            c.CarryOutPlan(
                stream=CASE,
                plan_id=plan_id,
                carried_out_on=date(2026, 2, 28),
                paper_ids=tuple(papers[:1]),
            ),
        )
    return works.get(step)


PAPER = c.DocumentAdded


def document(new: UUID) -> c.AddDocument:
    return c.AddDocument(
        stream=CASE,
        document_id=new,
        kind=c.PaperKind.CUSTOMER_ACCEPTANCE,
        title="Signed.",
        media_type="application/pdf",
        size_bytes=1,
        content_sha256="ab" * 32,
    )


def confirming(new: UUID, party: c.ConfirmingParty) -> c.ConfirmResult:
    return c.ConfirmResult(stream=CASE, confirmation_id=new, party=party, confirmed=True)


class AnyComplaint(RuleBasedStateMachine):
    """One case, asked anything by anybody; the model remembers a few plain facts."""

    def __init__(self) -> None:
        super().__init__()
        self.state: c.Complaint = c.DECIDER.initial
        self.history: list[Any] = []
        self.new = 0
        self.round: list[Any] = []
        """The events since the case was last sent back or reopened."""

    def decide(self, who: Actor, command: Any) -> Sequence[Any]:
        context = Context(now=NOW, actor=who, rules=RULES)
        return c.DECIDER.decide(self.state, command, context)

    def ask(self, who: Actor, command: Any) -> None:
        before, ended = self.state, self.state.status in c.ENDED
        try:
            events = self.decide(who, command)
        except Refusal:
            assert self.state == before
            return
        for event in events:
            self.judge(event, ended)
            self.state = c.DECIDER.evolve(self.state, event)
            self.history.append(event)
            self.round.append(event)
        assert self.decide(who, command) == []
        if events and isinstance(events[-1], c.ResultNotConfirmed | c.ComplaintReopened):
            self.round = []

    def judge(self, event: Any, ended: bool) -> None:
        """What must be so for this event to happen, as the model sees it."""
        this_round = {type(earlier) for earlier in self.round}
        match event:
            case c.ResultConfirmed() | c.ResultNotConfirmed():
                assert c.ResultAnnounced in this_round
                assert event.by.id not in {
                    e.by.id
                    for e in self.history
                    if isinstance(e, c.WorkCompleted | c.PlanCarriedOut)
                }
            case c.PlanCarriedOut():
                assert any(
                    isinstance(e, c.PlanApproved) and e.plan_id == event.plan_id
                    for e in self.history
                )
            case c.ComplaintReopened():
                assert ended or self.state.status is c.Status.INVALID
            case c.CalledBack():
                assert ended
            case c.ComplaintClosed(ground=c.ClosingGround.CARRIED_OUT) if self.follows_rules:
                confirmations = [e for e in self.round if isinstance(e, c.ResultConfirmed)]
                assert {e.party for e in confirmations} == set(c.ConfirmingParty)
                assert len({e.by.id for e in confirmations}) == 2
            case c.InquirySent() | c.PlanSubmitted() | c.WorkCompleted() | c.ResultAnnounced():
                assert not ended

    @property
    def follows_rules(self) -> bool:
        assert self.state.procedure is not None
        return self.state.procedure.name != "carried_over"

    @initialize(
        kind=st.sampled_from(c.Kind),
        procedure=st.sampled_from([None, None, None, "carried_over"]),
        sorted_out=st.booleans(),
    )
    def register(self, kind: c.Kind, procedure: str | None, sorted_out: bool) -> None:
        who = SPECIALIST if procedure is None else IMPORTER
        self.ask(who, register(kind=kind, procedure=procedure))
        if sorted_out:
            to_dealer = {"region": "north", "dealer_id": "D-17"}
            for command in (
                c.JudgeComplaint(stream=CASE, valid=True),
                c.ClassifyComplaint(stream=CASE, kind=kind, subject="brakes"),
                c.GradeComplaint(stream=CASE, importance=c.Importance.NORMAL),
                c.AssignComplaint(stream=CASE, **to_dealer),
            ):
                self.ask(SPECIALIST, command)

    @rule(proof=st.booleans())
    def go_on(self, proof: bool) -> None:
        """Somebody does what the worklist shows first, after adding a document or not."""
        assert self.state.procedure is not None
        self.new += 1
        if proof:
            self.ask(EXPERT, document(an_id(1000 + self.new)))
        procedure = RULES.pinned(Procedure, self.state.procedure)
        for step in c.next_steps(procedure, self.state.taken, self.state.status):
            going = going_on(step.name, 2000 + self.new, self.state)
            if going is not None and not step.optional:
                self.ask(*going)
                return

    @rule(who=people, command=SORTING)
    def sort(self, who: Actor, command: Any) -> None:
        self.ask(who, command)

    @rule(who=people, command=WORK)
    def work(self, who: Actor, command: Any) -> None:
        self.ask(who, command)

    @rule(who=people, command=ENDING)
    def end(self, who: Actor, command: Any) -> None:
        self.ask(who, command)

    @rule(who=people, command=ASIDE)
    def aside(self, who: Actor, command: Any) -> None:
        self.ask(who, command)

    @invariant()
    def versions_count_events(self) -> None:
        assert self.state.version == len(self.history)

    @invariant()
    def numbers_count_from_one(self) -> None:
        inquiries = [event.n for event in self.history if isinstance(event, c.InquirySent)]
        assert inquiries == list(range(1, len(inquiries) + 1))

    @invariant()
    def every_item_has_one_id(self) -> None:
        items = list(self.state.items.values())
        assert len(items) == len({id(item) for item in items})

    def teardown(self) -> None:
        """Folding the history anew gives the state."""
        folded = c.DECIDER.initial
        for event in self.history:
            folded = c.DECIDER.evolve(folded, event)
        assert folded == self.state


TestAnyComplaint = AnyComplaint.TestCase
TestAnyComplaint.settings = settings(
    stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
