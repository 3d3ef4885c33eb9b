"""Laws of special cases: whatever is wished for in whatever order, the last word comes last."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain import referral as r
from domain.clocks.messages import PauseReason
from domain.declare import Actor, Context, Refusal
from domain.procedure import Procedure
from domain.rulebook import Published, Rules
from tests.domain.complaint.desk import CLOCK_RULES
from tests.domain.referral import desk as d
from tests.scenario import CASE

LAST = (r.ReplyType.FINAL, r.ReplyType.SUMMARY_RESOLUTION)
ACTORS = (d.SECRETARY, d.SPECIAL, d.OTHER_SPECIAL, d.SUPERVISOR, d.SPECIALIST, d.MANAGER, d.SAGA)
UK_FINAL = (
    "decision", "reasons", "fos_leaflet", "fos_url", "six_month_notice", "time_limit_waiver",
)  # fmt: skip
SUMMARY = ("acceptance", "resolution", "ombudsman_right")


def _loose() -> Rules:
    """Return the rules with a procedure of referrals that asks for no order and of nobody."""
    steps = tuple(
        replace(step, needs=(), until=(), apart=(), roles=(), repeatable=True)
        for step in CLOCK_RULES.documents[Procedure, "referral"][0].content.steps
    )
    loose = Published("referral", 1, d.NOW - timedelta(days=900), Procedure(steps=steps))
    return Rules({**CLOCK_RULES.documents, (Procedure, "referral"): [loose]})


LOOSE = _loose()
NUMBERS = st.integers(1, 4)


def in_order(events: Sequence[Any]) -> None:
    """Assert that each last word stands after a control and an information that stand."""
    controlled = informed = prepared = False
    for event in events:
        match event:
            case r.FinalControlPassed():
                controlled, informed = True, False
            case r.CustomerInformed():
                assert controlled, "the customer was informed before the final control"
                informed = True
            case r.ReferralSentBack() | r.HandlingResumed():
                controlled = informed = prepared = False
            case r.ReplyPrepared() if event.reply in LAST:
                assert controlled and informed, "a last word was prepared too early"
                prepared = True
            case r.ReplySent() if event.reply in LAST:
                assert controlled and informed and prepared, "a last word went out too early"


class SpecialCase(RuleBasedStateMachine):
    """Anybody wishes for anything, at any time, under a strict procedure or a loose one."""

    def __init__(self) -> None:
        super().__init__()
        self.rulebook, self.now, self.state = CLOCK_RULES, d.NOW, r.DECIDER.initial
        self.events: list[Any] = []
        self.complaint_version = 1

    @initialize(pack=st.sampled_from(("iran", "uk_disp")), loose=st.booleans())
    def begin(self, pack: str, loose: bool) -> None:
        self.rulebook = LOOSE if loose else CLOCK_RULES
        self.wish(d.receive(answer_by_on=None if pack == "uk_disp" else d.ANSWER_BY), d.SECRETARY)
        self.wish(d.register(pack), d.SECRETARY)

    def wish(self, command: Any, actor: Actor) -> None:
        context = Context(now=self.now, actor=actor, rules=self.rulebook)
        try:
            made = r.DECIDER.decide(self.state, command, context)
        except Refusal:
            return
        for event in made:
            self.state = r.DECIDER.evolve(self.state, event)
            self.events.append(event)
        again = Context(now=self.now, actor=actor, rules=self.rulebook)
        assert list(r.DECIDER.decide(self.state, command, again)) == [], type(command).__name__

    @rule(minutes=st.integers(1, 5_000))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(who=st.sampled_from(ACTORS), unit=st.sampled_from(("after_sales", "parts")))
    def distribute(self, who: Actor, unit: str) -> None:
        self.wish(d.distribute(unit=unit, reason="It is theirs."), who)
        self.wish(d.LINK, d.SAGA)

    @rule(who=st.sampled_from((d.SAGA, d.SPECIAL)), works=st.sampled_from(ACTORS))
    def conclude(self, who: Actor, works: Actor) -> None:
        self.complaint_version += 1
        self.wish(d.conclude(self.complaint_version, d.by(works)), who)

    @rule(who=st.sampled_from((d.SAGA, d.SUPERVISOR)))
    def resume(self, who: Actor) -> None:
        self.complaint_version += 1
        self.wish(r.ResumeHandling(stream=CASE, complaint_version=self.complaint_version), who)

    @rule(who=st.sampled_from(ACTORS), n=NUMBERS, done=st.booleans())
    def control(self, who: Actor, n: int, done: bool) -> None:
        done_at = self.now if done else None
        self.wish(d.control(n, action=f"action_{n % 2}", done_at=done_at), who)

    @rule(who=st.sampled_from(ACTORS), n=NUMBERS, way=st.sampled_from(("accepted", "sent_back")))
    def final_control(self, who: Actor, n: int, way: str) -> None:
        self.wish(d.final_control(10 + n, way, remark="It was looked at."), who)

    @rule(who=st.sampled_from(ACTORS), n=NUMBERS, hours=st.integers(-48, 0))
    def inform(self, who: Actor, n: int, hours: int) -> None:
        self.wish(d.inform(20 + n, informed_at=self.now + timedelta(hours=hours)), who)

    @rule(
        who=st.sampled_from(ACTORS),
        n=NUMBERS,
        reply=st.sampled_from(tuple(r.ReplyType)),
        all_elements=st.booleans(),
    )
    def prepare(self, who: Actor, n: int, reply: r.ReplyType, all_elements: bool) -> None:
        known = (*d.ELEMENTS["iran"]["final"], "reference", "actions_so_far", "which_time_limit")
        held = ("reason_for_delay", "expected_date", *UK_FINAL, *SUMMARY)
        elements = (*known, *held) if all_elements else ("reference",)
        day = date(2027, 1, 1) if reply is r.ReplyType.HOLDING else None
        self.wish(d.prepare(reply.value, 30 + n, elements=elements, expected_on=day), who)

    @rule(who=st.sampled_from(ACTORS), n=NUMBERS, hours=st.integers(-48, 0))
    def send(self, who: Actor, n: int, hours: int) -> None:
        self.wish(d.send(n, sent_at=self.now + timedelta(hours=hours)), who)

    @rule(who=st.sampled_from(ACTORS), n=NUMBERS)
    def pause(self, who: Actor, n: int) -> None:
        pause_id = d.an_id(70 + n)
        reason = (PauseReason.PARTS, PauseReason.CUSTOMER)[n % 2]
        command = r.PauseReferralClocks(
            stream=CASE, pause_id=pause_id, reason=reason, note="It waits."
        )
        self.wish(command, who)

    @rule(who=st.sampled_from(ACTORS), n=NUMBERS)
    def end_pause(self, who: Actor, n: int) -> None:
        self.wish(r.EndReferralPause(stream=CASE, n=n), who)

    @rule(steps=st.integers(1, 4), n=NUMBERS)
    def go_on(self, steps: int, n: int) -> None:
        """Take the proper next steps, so that what goes wrong can go wrong late too."""
        every = (*d.ELEMENTS["iran"]["final"], *UK_FINAL)
        for _ in range(steps):
            self.now += timedelta(minutes=10)
            replies = self.state.number_of(r.ReplyPrepared)
            match self.state.status:
                case r.ReferralStatus.REGISTERED:
                    self.distribute(d.SECRETARY, "after_sales")
                case r.ReferralStatus.DISTRIBUTED:
                    self.conclude(d.SAGA, d.MANAGER)
                case r.ReferralStatus.HANDLED:
                    self.wish(d.control(40, action="action_0", done_at=self.now), d.SPECIAL)
                    self.wish(d.control(41, action="action_1", done_at=self.now), d.SPECIAL)
                    self.wish(d.final_control(50 + self.state.version), d.SPECIAL)
                case r.ReferralStatus.CONTROLLED:
                    self.wish(d.inform(500 + self.state.version), d.SPECIALIST)
                case r.ReferralStatus.INFORMED if n % 2 and replies:
                    self.wish(d.send(replies), d.SECRETARY)
                case r.ReferralStatus.INFORMED:
                    number = 1_000 + self.state.version
                    self.wish(d.prepare(number=number, elements=every), d.SPECIAL)

    @rule(who=st.sampled_from((d.SECRETARY, d.SUPERVISOR)))
    def close(self, who: Actor) -> None:
        self.wish(d.CLOSE, who)

    @invariant()
    def the_last_word_comes_last(self) -> None:
        in_order(self.events)

    @invariant()
    def an_ended_case_has_no_clock_that_runs(self) -> None:
        if self.state.status in r.ENDED:
            assert not list(self.state.clocks.on())

    @invariant()
    def a_running_clock_is_due_and_one_that_stands_still_is_not(self) -> None:
        for clock in self.state.clocks.on():
            assert (clock.due_at is None) == bool(self.state.clocks.open_pauses(clock.n))

    @invariant()
    def the_companys_own_clock_is_the_earlier_one(self) -> None:
        due = {clock.code: clock.due for clock in self.state.clocks.on()}
        own, theirs = due.get(r.OWN_REPLY), due.get(r.AUTHORITY_REPLY)
        untouched = own is not None and not self.state.clocks.pauses
        if untouched and theirs is not None and own is not None:
            assert own.due_at is not None and theirs.due_at is not None
            assert own.due_at <= theirs.due_at


TestSpecialCase = SpecialCase.TestCase
TestSpecialCase.settings = settings(max_examples=20, stateful_step_count=40)


@given(cut=st.integers(0, 40))
def test_a_case_folded_in_two_parts_is_the_case(cut: int) -> None:
    events = d.CLOSED.events
    state = r.DECIDER.initial
    for event in events[:cut]:
        state = r.DECIDER.evolve(state, event)
    for event in events[cut:]:
        state = r.DECIDER.evolve(state, event)
    assert state == d.CLOSED.state
