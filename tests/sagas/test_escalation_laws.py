"""What holds of deadlines and escalations in any history, whatever happens in whatever order."""

import sys
from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given

from domain import complaint as c
from domain.clocks import messages as m
from domain.clocks.messages import Binds
from domain.declare import Refusal
from sagas.virtual import folded_anew
from tests.sagas.missed import Missed, missed
from tests.sagas.random_cases import DAY, LADDER, SAGAS, Act, Run, acts, lived


def breaches(run: Run) -> list[Missed]:
    """Which clocks were recorded as missed, and at which due instants."""
    return [Missed(each.event.n, each.event.due_at) for each in run.history(m.DeadlineBreached)]


def clock_with_ladder(run: Run, n: int) -> bool:
    started = [clock for each in run.history(m.ClocksStarted) for clock in each.event.clocks]
    return next(clock for clock in started if clock.n == n).ladder is not None


@given(acts(outages=False))
def test_every_deadline_that_passes_is_recorded_once_at_its_instant(history: list[Act]) -> None:
    run = lived(history)
    found = breaches(run)
    assert len(found) == len(set(found))
    assert set(found) == missed(run.time.log, run.time.now)
    recorded_at = {each.event_id: each.recorded_at for each in run.time.log}
    for each in run.history(m.DeadlineBreached):
        derived_at = recorded_at.get(each.causation_id, run.time.log[0].recorded_at)
        assert each.recorded_at == max(each.event.due_at, derived_at)


@given(acts(outages=True))
def test_after_outages_no_missed_deadline_is_lost_and_none_is_recorded_twice(
    history: list[Act],
) -> None:
    run = lived(history)
    found = breaches(run)
    assert len(found) == len(set(found))
    assert set(found) == missed(run.time.log, run.time.now)


@given(acts(outages=True))
def test_every_breach_is_brought_before_somebody(history: list[Act]) -> None:
    run = lived(history)
    for each in run.history(m.DeadlineBreached):
        n, place = each.event.n, each.position
        if clock_with_ladder(run, n) and not ends_with(run, n, place):
            assert any(clock == n and until > place for _, until, clock in told(run))


@given(acts(outages=True))
def test_nobody_is_told_a_second_time_before_she_has_answered(history: list[Act]) -> None:
    run = lived(history)
    causes = [each.causation_id for each in run.history(c.ComplaintEscalated)]
    by_sagas = [cause for cause in causes if cause is not None]
    assert len(by_sagas) == len(set(by_sagas))
    for since, until, clock in told(run):
        others = [other for other in told(run) if other[0] != since and other[2] == clock]
        assert clock is None or all(other[0] > until or other[1] < since for other in others)


def told(run: Run) -> list[tuple[int, int, int | None]]:
    """Of every escalation, from which position to which it was open, and of which clock it is."""
    spans: dict[int, tuple[int, int, int | None]] = {}
    for each in run.time.log:
        if isinstance(each.event, c.ComplaintEscalated):
            spans[each.event.n] = (each.position, sys.maxsize, each.event.clock)
        elif isinstance(each.event, c.EscalationAcknowledged | c.EscalationEnded):
            since, _, clock = spans[each.event.n]
            spans[each.event.n] = (since, each.position, clock)
    return list(spans.values())


def ends_with(run: Run, n: int, position: int) -> bool:
    """Tell whether a clock ended in the very act that recorded its breach."""
    for each in run.time.log[position:]:
        if each.causation_id is not None or each.recorded_at > run.time.log[position].recorded_at:
            return False
        if isinstance(each.event, m.ClocksStopped) and n in {s.n for s in each.event.stops}:
            return True
        if isinstance(each.event, m.ClockCancelled) and each.event.n == n:
            return True
    return False


@given(acts(outages=False))
def test_an_escalation_climbs_at_its_instants_until_it_is_acknowledged_or_ends(
    history: list[Act],
) -> None:
    run = lived(history)
    for raised in run.history(c.ComplaintEscalated):
        n, climbs_at, rung = raised.event.n, raised.event.climbs_at, raised.event.rung
        for each in run.time.log[raised.position :]:
            if getattr(each.event, "n", None) != n:
                continue
            if isinstance(each.event, c.EscalationClimbed):
                assert each.recorded_at == climbs_at
                assert rung <= each.event.rung < len(LADDER.rungs)
                climbs_at, rung = each.event.climbs_at, each.event.rung
            elif isinstance(each.event, c.EscalationAcknowledged | c.EscalationEnded):
                assert climbs_at is None or each.recorded_at <= climbs_at
                climbs_at = None
                break
        assert climbs_at is None or climbs_at > run.time.now


@given(acts(outages=True))
def test_nothing_that_the_sagas_want_is_refused(history: list[Act]) -> None:
    assert [(each.do, each.refusal.code) for each in lived(history).time.refused] == []


@given(acts(outages=True))
def test_twice_equals_once(history: list[Act]) -> None:
    run = lived(history)
    before = list(run.time.log)
    for saga, do in run.wished:
        try:
            again: Sequence[object] = run.time.execute(*do.commands, actor=saga.actor)
        except Refusal:
            again = ()
        assert list(again) == []
    assert run.time.log == before


@given(acts(outages=True))
def test_folded_anew_the_sagas_know_what_they_knew(history: list[Act]) -> None:
    run = lived(history)
    for saga in SAGAS:
        assert folded_anew(saga, run.time.log) == run.time.instances(saga)


@given(acts(outages=True))
def test_in_the_end_nothing_is_left_to_be_done(history: list[Act]) -> None:
    run = lived(history)
    for saga in SAGAS:
        for state in run.time.instances(saga).values():
            assert saga.todo(state, run.time.now) == []


@given(acts(outages=True))
def test_warnings_come_before_the_deadline_and_each_once(history: list[Act]) -> None:
    run = lived(history)
    said = [(e.event.n, e.event.code, e.event.due_at) for e in run.history(m.DeadlineWarned)]
    assert len(said) == len(set(said))
    assert all(e.recorded_at < e.event.due_at for e in run.history(m.DeadlineWarned))
    company = {
        clock.n
        for each in run.history(m.ClocksStarted)
        for clock in each.event.clocks
        if clock.binds is Binds.COMPANY
    }
    assert {n for n, _, _ in said} <= company


@given(acts(outages=False))
def test_after_an_outage_of_days_the_oldest_obligation_comes_first(history: list[Act]) -> None:
    run = lived(history, then=timedelta())
    before = len(run.time.log)
    run.time.sleep_until(run.time.now + 9 * DAY)
    run.time.run_until(run.time.now)
    first = [
        each.event.due_at
        for each in run.time.log[before:]
        if isinstance(each.event, m.DeadlineBreached)
    ]
    assert first == sorted(first)
