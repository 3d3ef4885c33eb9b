"""The laws of reckoning: over random calendars, zones, changes of clocks and pauses."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks.course import Why
from domain.clocks.messages import Span, Unit
from domain.clocks.reckoning import Standstill, elapsed, reckon, share_at
from tests.domain.clocks import counting
from tests.domain.clocks.calendars import Case, cases, spans

MOMENT = timedelta(microseconds=1)
TIMED = (Unit.HOURS, Unit.WORKING_HOURS, Unit.STARTED_DAYS)
later = st.integers(0, 20 * 86_400).map(lambda seconds: timedelta(seconds=seconds))


@given(cases(), st.sampled_from(Unit), later, later)
def test_what_lies_between_two_instants_adds_up(
    case: Case, unit: Unit, first: timedelta, then: timedelta
) -> None:
    a = case.started_at
    b, c = a + first, a + first + then
    parts = elapsed(unit, a, b, case.calendar), elapsed(unit, b, c, case.calendar)
    assert parts[0] + parts[1] == elapsed(unit, a, c, case.calendar)  # type: ignore[operator]
    assert elapsed(unit, b, a, case.calendar) == -parts[0]


@given(cases(pauses_max=0), st.integers(1, 30), st.sampled_from(Unit))
def test_a_span_is_used_up_exactly_when_it_is_due(case: Case, amount: int, unit: Unit) -> None:
    span = Span(amount=1 if unit is Unit.MONTHS else amount, unit=unit)
    due_at = reckon(span, case.started_at, case.calendar).due_at
    assert due_at is not None
    if unit in TIMED:
        hours = amount * (24 if unit is Unit.STARTED_DAYS else 1)
        used = elapsed(unit, case.started_at, due_at, case.calendar)
        assert used == timedelta(hours=hours)
        return
    used = elapsed(unit, case.started_at, due_at - MOMENT, case.calendar)
    days = {Unit.WEEKS: range(7 * amount - 1, 7 * amount + 1), Unit.MONTHS: range(27, 32)}
    assert used in days.get(unit, (amount,))


@given(cases(), spans())
@settings(max_examples=60)
def test_it_is_due_when_a_counter_of_minutes_says_so(case: Case, span: Span) -> None:
    found = reckon(span, case.started_at, case.calendar, case.pauses)
    assert found.due_at == counting.due(span, case)


@given(cases(), spans(), st.integers(0, 3000), st.integers(0, 3000))
def test_dividing_a_pause_changes_nothing(
    case: Case, span: Span, from_minute: int, length: int
) -> None:
    from_at = case.started_at + timedelta(minutes=from_minute)
    middle, until_at = from_at + timedelta(minutes=length / 2), from_at + timedelta(minutes=length)
    whole = (*case.pauses, Standstill(9, from_at, until_at))
    halves = (
        *case.pauses,
        Standstill(9, from_at, middle),
        Standstill(9, middle, until_at),
    )
    assert reckon(span, case.started_at, case.calendar, whole) == reckon(
        span, case.started_at, case.calendar, halves
    )


@given(cases(), spans(8))
def test_stretches_leave_no_gap_and_add_up_to_the_span(case: Case, span: Span) -> None:
    found = reckon(span, case.started_at, case.calendar, case.pauses)
    stretches = found.stretches
    assert len(stretches) <= 60
    for one, following in pairwise(stretches):
        assert one.from_at < one.until_at == following.from_at
    if found.due_at is None:
        opened = [pause for pause in case.pauses if pause.until_at is None]
        starts = min(pause.from_at for pause in opened)
        assert stretches == () or stretches[-1].until_at >= max(starts, case.started_at)
        return
    assert (stretches[0].from_at, stretches[-1].until_at) == (case.started_at, found.due_at)
    assert stretches[-1].why is Why.COUNTED
    assert all(not one.minutes and not one.days for one in stretches if one.why is not Why.COUNTED)
    if span.unit in TIMED:
        hours = span.amount * (24 if span.unit is Unit.STARTED_DAYS else 1)
        assert sum(one.minutes for one in stretches) == hours * 60
    if span.unit not in (Unit.HOURS, Unit.WORKING_HOURS):
        assert sum(one.days for one in stretches) == span.amount


@given(cases(), spans(8))
def test_a_longer_share_is_used_up_later_and_the_whole_when_it_is_due(
    case: Case, span: Span
) -> None:
    pauses = tuple(pause for pause in case.pauses if pause.until_at is not None)
    instants = [
        share_at(span, case.started_at, case.calendar, pauses, percent)
        for percent in (1, 25, 50, 75, 99, 100)
    ]
    assert instants == sorted(instants)
    assert instants[-1] == reckon(span, case.started_at, case.calendar, pauses).due_at
    assert all(not _stands_still(pauses, at) for at in instants)


def _stands_still(pauses: tuple[Standstill, ...], at: datetime) -> bool:
    return any(
        pause.from_at < at and pause.until_at is not None and at < pause.until_at
        for pause in pauses
    )


@given(cases(), spans(), later)
def test_a_pause_never_makes_it_due_earlier(case: Case, span: Span, shift: timedelta) -> None:
    without = reckon(span, case.started_at, case.calendar).due_at
    found = reckon(span, case.started_at, case.calendar, case.pauses).due_at
    assert without is not None
    assert found is None or found >= without
    later_start = reckon(span, case.started_at + shift, case.calendar).due_at
    assert later_start is not None
    assert later_start >= without
