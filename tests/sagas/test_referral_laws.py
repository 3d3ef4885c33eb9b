"""The laws of deadlines hold of referrals as they do of complaints."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain import notification
from domain import referral as r
from domain.clocks import messages as m
from domain.declare import Actor, Refusal
from sagas import notices
from sagas.virtual import VirtualTime, folded_anew
from tests.domain.complaint.desk import CLOCK_RULES, actor
from tests.domain.referral import desk
from tests.sagas.missed import Missed, missed
from tests.sagas.random_cases import SAGAS
from tests.scenario import CASE

DAY = timedelta(days=1)


def told(run: VirtualTime) -> tuple[Actor, Any] | None:
    """Somebody who was told acknowledges the first escalation that is open."""
    for n, escalation in enumerate(run.cases[CASE].state.escalations, 1):
        if escalation.is_open:
            role, unit, region = escalation.reached[-1]
            answer = r.AcknowledgeReferralEscalation(
                stream=CASE, n=n, will_do="Write today.", done_by_at=run.now + DAY
            )
            return actor("told", role, unit=unit, region=region), answer
    return None


STEPS: Sequence[tuple[Actor, Any]] = (
    (desk.SECRETARY, desk.register()),
    (desk.SECRETARY, desk.distribute()),
    (desk.SAGA, desk.LINK),
    (desk.SAGA, desk.conclude()),
    (desk.SPECIAL, desk.control()),
    (desk.SPECIAL, desk.final_control()),
    (desk.SPECIALIST, desk.inform()),
    (desk.SPECIAL, desk.prepare()),
    (desk.SECRETARY, desk.send()),
    (desk.SECRETARY, desk.CLOSE),
)


def on_clock(command: type[Any], **fields: Any) -> st.SearchStrategy[Any]:
    return st.builds(command, stream=st.just(CASE), **fields)


numbers = st.integers(1, 4)
ASIDE = st.one_of(
    on_clock(
        r.PauseReferralClocks,
        pause_id=st.integers(700, 702).map(desk.an_id),
        reason=st.sampled_from(m.PauseReason),
        note=st.just("Waits."),
    ),
    on_clock(r.EndReferralPause, n=numbers),
    on_clock(r.StopReferralClock, n=numbers),
    on_clock(r.CancelReferralClock, n=numbers, reason=st.just("Taken back.")),
    on_clock(
        r.SetReferralDeadline,
        n=numbers,
        due_at=st.integers(1, 40).map(lambda days: desk.NOW + days * DAY),
        reason=st.just("Agreed."),
    ),
)


@dataclass(frozen=True)
class Act:
    """After so many hours, in which the sagas were awake or not, this is tried."""

    after_hours: int
    asleep: bool
    wish: Any
    """`step`: the next step of the referral; `answer`: an escalation is acknowledged."""


def acts(*, outages: bool) -> st.SearchStrategy[list[Act]]:
    wishes = st.one_of(st.sampled_from(["step", "step", "step", "answer"]), ASIDE)
    hours = st.sampled_from([0, 1, 7, 30, 100, 400])
    asleep = st.booleans() if outages else st.just(False)
    return st.lists(st.builds(Act, hours, asleep, wishes), min_size=3, max_size=20)


def lived(history: Sequence[Act]) -> VirtualTime:
    deciders = (r.DECIDER, notification.DECIDER)
    run = VirtualTime(deciders, (*SAGAS, notices.SAGA), now=desk.NOW, rules=CLOCK_RULES)
    run.execute(desk.receive(answer_by_on=None), actor=desk.SECRETARY)
    steps = list(reversed(STEPS))
    for act in history:
        at = run.now + timedelta(hours=act.after_hours)
        if act.asleep:
            run.sleep_until(at)
        else:
            run.run_until(at)
        wish = (desk.SUPERVISOR, act.wish)
        if act.wish == "step":
            wish = steps.pop() if steps else (desk.SECRETARY, desk.CLOSE)
        elif act.wish == "answer":
            found = told(run)
            if found is None:
                continue
            wish = found
        try:
            run.execute(wish[1], actor=wish[0])
        except Refusal:
            continue
    run.run_until(run.now + 60 * DAY)
    return run


def breaches(run: VirtualTime) -> list[Missed]:
    return [
        Missed(each.event.n, each.event.due_at)
        for each in run.log
        if isinstance(each.event, m.DeadlineBreached)
    ]


@given(acts(outages=True))
def test_every_deadline_of_ours_that_passes_is_recorded_once(history: list[Act]) -> None:
    run = lived(history)
    found = breaches(run)
    assert len(found) == len(set(found))
    assert set(found) == missed(run.log, run.now)


@given(acts(outages=True))
def test_nothing_is_refused_and_folded_anew_all_is_known(history: list[Act]) -> None:
    run = lived(history)
    assert [(each.do, each.refusal.code) for each in run.refused] == []
    for saga in SAGAS:
        assert folded_anew(saga, run.log) == run.instances(saga)


@given(acts(outages=True))
def test_no_breach_and_no_escalation_of_a_referral_is_untold(history: list[Act]) -> None:
    run = lived(history)
    told_of = {
        each.causation_id
        for each in run.log
        if each.topic in ("notification.planned", "notification.withheld")
    }
    for each in run.log:
        if isinstance(
            each.event,
            m.DeadlineBreached | r.ReferralEscalated | r.ReferralEscalationClimbed,
        ):
            assert each.event_id in told_of


@given(acts(outages=False))
def test_an_open_escalation_climbs_at_its_instants(history: list[Act]) -> None:
    run = lived(history)
    for raised in run.log:
        if not isinstance(raised.event, r.ReferralEscalated):
            continue
        climbs_at = raised.event.climbs_at
        for each in run.log[raised.position :]:
            if getattr(each.event, "n", None) != raised.event.n:
                continue
            if isinstance(each.event, r.ReferralEscalationClimbed):
                assert each.recorded_at == climbs_at
                climbs_at = each.event.climbs_at
            elif isinstance(
                each.event, r.ReferralEscalationAcknowledged | r.ReferralEscalationEnded
            ):
                climbs_at = None
                break
        assert climbs_at is None or climbs_at > run.now
