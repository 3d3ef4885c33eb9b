"""What holds of the clocks of a complaint, whatever is done with them in whatever order."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain import complaint as c
from domain.clocks import book as books
from domain.clocks.book import ClockState
from domain.clocks.calendar import Calendar
from domain.clocks.course import Why
from domain.clocks.deriving import calendar_of
from domain.clocks.messages import ClockDue, PauseReason, Unit
from domain.clocks.reckoning import reckon
from domain.declare import Actor, Context, Refusal
from domain.rulebook import Rules
from tests.domain.complaint.desk import CUSTOMER, DEALER, EXPERT, IMPORTER, SUPERVISOR
from tests.domain.complaint.desk import an_id as known_id
from tests.domain.complaint.timing import (
    HEAD,
    MANAGER,
    PACED,
    PACK,
    SUPERVISOR_NORTH,
    calendar,
    rules,
)
from tests.scenario import CASE

PEOPLE = [
    CUSTOMER,
    DEALER,
    EXPERT,
    HEAD,
    IMPORTER,
    MANAGER,
    SUPERVISOR,
    SUPERVISOR_NORTH,
]
RULES = rules(calendar(), calendar(date(2026, 3, 8), date(2026, 3, 17)), packs=(PACK,))
few = st.integers(1, 8)
reasons = st.sampled_from([*PauseReason, *[PauseReason.CUSTOMER] * 4])
ids = st.integers(200, 208).map(known_id)
words = st.sampled_from(["One word.", "Another."])


def of(command: type[Any], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(command, stream=st.just(CASE), **fields)


def wishes(now: datetime, case: c.Complaint) -> st.SearchStrategy[Any]:
    """Anything that anybody may want of clocks at an instant, mostly of those that there are."""
    ahead = st.integers(1, 240).map(lambda hours: now + timedelta(hours=hours))
    past = st.none() | st.integers(0, 48).map(lambda hours: now - timedelta(hours=hours))
    on = [clock.n for clock in case.clocks.on()]
    clocks = st.sampled_from(on) if on else few
    clocks = st.one_of(clocks, clocks, clocks, few)
    return st.one_of(
        of(c.PauseClocks, pause_id=ids, reason=reasons, note=words, paused_at=past),
        of(
            c.PauseClocks,
            pause_id=ids,
            reason=reasons,
            note=words,
            clocks=st.lists(clocks, max_size=2).map(tuple),
        ),
        of(c.EndPause, n=st.integers(1, len(case.clocks.pauses) + 1), ended_at=past),
        of(c.EndPause, n=st.integers(1, len(case.clocks.pauses) + 1)),
        of(c.SetDeadline, n=clocks, due_at=ahead, reason=words),
        of(c.MakePromise, promise_id=ids, promise=words, due_at=ahead),
        of(c.ExtendClock, n=clocks, amount=st.integers(1, 20), reason=words),
        of(c.ResetClock, n=clocks, from_at=past.map(lambda at: at or now), reason=words),
        of(c.CancelClock, n=clocks, reason=words),
        of(c.StopClock, n=clocks, stopped_at=past),
        of(c.RederiveClocks, cause=st.sampled_from([c.RederivedFor.CALENDAR, c.RederivedFor.PACK])),
        of(c.WarnOfDeadline, n=clocks, code=st.sampled_from(["share_75", "lead_1_working_days"])),
        of(c.RecordBreach, n=clocks),
        of(
            c.EscalateComplaint,
            escalation_id=ids,
            cause=st.sampled_from(c.EscalationCause),
            clock=st.none() | clocks,
        ),
        of(c.ClimbEscalation, n=few, rung=st.integers(0, 3)),
        of(c.AcknowledgeEscalation, n=few, will_do=words, done_by_at=ahead),
        of(c.GradeComplaint, importance=st.sampled_from(c.Importance), reason=words),
        of(c.SubmitPlan, plan_id=ids, plan=words, carry_out_by_on=st.just(date(2026, 3, 18))),
        of(c.ApprovePlan, plan_id=st.just(case.work.plan_id or known_id(1))),
        of(c.RejectPlan, plan_id=st.just(case.work.plan_id or known_id(1)), reason=words),
        of(c.JudgeComplaint, valid=st.just(False), reason=words),
    )


def fit_for(command: Any) -> Actor:
    """Return somebody who may want this."""
    if isinstance(command, c.SubmitPlan):
        return DEALER
    watching = c.WarnOfDeadline | c.RecordBreach | c.RederiveClocks | c.ClimbEscalation
    if isinstance(command, watching | c.EscalateComplaint):
        return IMPORTER
    return SUPERVISOR_NORTH


class AnyClocks(RuleBasedStateMachine):
    """One case, whoever may ask for it, and time that goes on."""

    @initialize()
    def begin(self) -> None:
        self.history: list[Any] = list(PACED.events)
        self.state: c.Complaint = PACED.state
        self.now = PACED.now
        self.in_force: Rules = RULES

    @rule(hours=st.integers(0, 60))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(data=st.data(), who=st.none() | st.sampled_from(PEOPLE))
    def ask(self, data: st.DataObject, who: Actor | None) -> None:
        command = data.draw(wishes(self.now, self.state))
        who = who or fit_for(command)
        context = Context(now=self.now, actor=who, rules=self.in_force)
        try:
            made = c.DECIDER.decide(self.state, command, context)
        except Refusal:
            return
        before = self.state
        for event in made:
            self.state = c.DECIDER.evolve(self.state, event)
        self.history.extend(made)
        assert list(c.DECIDER.decide(self.state, command, context)) == [], "twice is not once"
        self.moved(before, made)

    def moved(self, before: c.Complaint, made: Sequence[Any]) -> None:
        """Used time is kept: only a reset lets a clock count from another instant."""
        reset = {event.due.n for event in made if isinstance(event, c.ComplaintClockReset)}
        for was, clock in zip(before.clocks.clocks, self.state.clocks.clocks, strict=False):
            started_at = clock.due.derivation.started_at
            assert started_at == was.due.derivation.started_at or clock.n in reset

    @invariant()
    def numbers_are_places(self) -> None:
        book = self.state.clocks
        assert [clock.n for clock in book.clocks] == list(range(1, len(book.clocks) + 1))
        assert [pause.n for pause in book.pauses] == list(range(1, len(book.pauses) + 1))

    @invariant()
    def a_clock_stands_still_exactly_in_its_open_pauses(self) -> None:
        for clock in self.state.clocks.on():
            paused = bool(self.state.clocks.open_pauses(clock.n))
            assert (clock.state is ClockState.PAUSED) == paused
            assert (clock.due_at is None) == paused

    @invariant()
    def what_is_recorded_is_what_is_reckoned_from_it(self) -> None:
        for clock in self.state.clocks.on():
            if clock.state is ClockState.RUNNING:
                self.derives_again(clock.due)

    def derives_again(self, due: ClockDue) -> None:
        derivation = due.derivation
        assert due.due_at is not None
        stretches = derivation.stretches
        if not stretches:  # a day was promised that was over when the plan was approved
            assert derivation.span is None
            assert due.due_at <= derivation.started_at
            return
        assert stretches[0].from_at == derivation.started_at
        assert stretches[-1].until_at == due.due_at
        assert all(a.until_at == b.from_at for a, b in pairwise(stretches))
        if derivation.span is None:
            return
        by: Calendar = calendar_of(derivation, self.in_force).content
        known = self.state.clocks.standstills(due.n)
        again = reckon(derivation.span, derivation.started_at, by, known)
        assert (again.due_at, again.stretches) == (due.due_at, stretches)
        if derivation.span.unit is Unit.WORKING_DAYS:
            assert sum(s.days for s in stretches) == derivation.span.amount
        if derivation.span.unit is Unit.WORKING_HOURS:
            assert sum(s.minutes for s in stretches) == 60 * derivation.span.amount
        assert all(s.why is Why.COUNTED for s in stretches if s.days or s.minutes)

    @invariant()
    def an_ended_clock_is_nobodys_escalation(self) -> None:
        for escalation in self.state.escalations:
            number = escalation.raised.clock
            if escalation.is_open and number is not None:
                clock = self.state.clocks.clock(number)
                assert clock is not None
                assert clock.is_on

    def teardown(self) -> None:
        """Folding the history anew gives the state, and the book alone likewise."""
        folded = c.DECIDER.initial
        for event in self.history:
            folded = c.DECIDER.evolve(folded, event)
        assert folded == self.state
        timed = [e for e in self.history if type(e).__mro__[1] in books.FOLLOW]
        assert books.after(books.NO_CLOCKS, timed) == self.state.clocks


TestAnyClocks = AnyClocks.TestCase
TestAnyClocks.settings = settings(
    stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
