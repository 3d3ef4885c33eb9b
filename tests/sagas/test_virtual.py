"""Virtual time: the clock jumps to what is due next, and what sagas do is done at its instant."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clocks.messages import Urgency
from sagas.declare import Do, Saga
from sagas.virtual import NeverDone, VirtualTime, folded_anew
from tests.sagas.desk import CLERK, NOW
from tests.sagas.promises import (
    DECIDER,
    MINUTE,
    REMINDING,
    Awaited,
    Keep,
    Make,
    MoveTopic,
    Remind,
    WasKept,
)

SECOND = timedelta(seconds=1)


def time(saga: Saga[Awaited] = REMINDING) -> VirtualTime:
    return VirtualTime([DECIDER], [saga], now=NOW)


def promise(number: int) -> UUID:
    return UUID(int=number)


def reminded(run: VirtualTime) -> list[tuple[int, timedelta]]:
    """Which promises were reminded of, and how long after the beginning."""
    return [
        (each.stream.int, each.recorded_at - NOW)
        for each in run.log
        if each.topic == "promise.reminded"
    ]


def test_what_is_due_is_done_at_its_instant_the_earliest_first() -> None:
    run = time()
    for number, minutes in ((1, 3), (2, 1), (3, 2)):
        run.execute(Make(stream=promise(number), due_at=NOW + minutes * MINUTE), actor=CLERK)
    run.run_until(NOW + 2 * MINUTE)
    assert reminded(run) == [(2, MINUTE), (3, 2 * MINUTE)]
    assert run.now == NOW + 2 * MINUTE
    assert run.next_at() == NOW + 3 * MINUTE


def test_what_is_due_at_one_instant_is_done_by_urgency() -> None:
    run = time()
    for number, urgency in enumerate(reversed(Urgency)):
        made = Make(stream=promise(number), due_at=NOW + MINUTE, urgency=urgency)
        run.execute(made, actor=CLERK)
    run.run_until(NOW + MINUTE)
    assert [number for number, _ in reminded(run)] == [3, 2, 1, 0]


def test_after_an_outage_nothing_is_lost_and_the_oldest_goes_first() -> None:
    run = time()
    for number in (2, 1, 3):
        run.execute(Make(stream=promise(number), due_at=NOW + number * MINUTE), actor=CLERK)
    run.sleep_until(NOW + timedelta(days=3))
    run.run_until(run.now)
    assert reminded(run) == [(number, timedelta(days=3)) for number in (1, 2, 3)]


def test_what_the_sagas_do_names_its_cause_and_who_did_it() -> None:
    run = time()
    [made] = run.execute(Make(stream=promise(1), due_at=NOW), actor=CLERK)
    run.run_until(NOW)
    done = run.log[-1]
    assert (done.causation_id, done.actor) == (made.event_id, "saga:reminding")


def test_commands_executed_together_are_all_recorded_or_none() -> None:
    run = time()
    run.execute(Make(stream=promise(1), due_at=NOW), Keep(stream=promise(1)), actor=CLERK)
    with pytest.raises(WasKept):
        run.execute(
            Make(stream=promise(2), due_at=NOW), Remind(stream=promise(1), n=1), actor=CLERK
        )
    assert promise(2) not in run.cases


def test_a_refused_command_is_remembered_and_not_tried_before_something_happens() -> None:
    stubborn = replace(
        REMINDING,
        wake=lambda awaited: REMINDING.wake(replace(awaited, kept_after=None)),
    )
    run = time(stubborn)
    run.execute(Make(stream=promise(1), due_at=NOW), Keep(stream=promise(1)), actor=CLERK)
    run.run_until(NOW + timedelta(days=1))
    assert [type(each.refusal) for each in run.refused] == [WasKept]


def test_a_saga_that_never_ends_is_told_from_one_that_has_much_to_do() -> None:
    def todo(awaited: Awaited, _now: datetime) -> Sequence[Do]:
        return [Do((Remind(stream=awaited.promise, n=awaited.reminded + 1),), awaited.cause)]

    endless = replace(
        REMINDING,
        wake=lambda awaited: REMINDING.wake(replace(awaited, reminded=0)),
        todo=todo,
    )
    run = time(endless)
    run.execute(Make(stream=promise(1), due_at=NOW), actor=CLERK)
    with pytest.raises(NeverDone):
        run.run_until(NOW)


def test_an_event_reaches_every_instance_that_has_its_word() -> None:
    run = time()
    for number, topic in ((1, "brakes"), (2, "brakes"), (3, "paint")):
        made = Make(stream=promise(number), due_at=NOW + MINUTE, topic=topic)
        run.execute(made, actor=CLERK)
    run.execute(MoveTopic(stream=promise(9), topic="brakes", by=MINUTE), actor=CLERK)
    run.run_until(NOW + 5 * MINUTE)
    assert reminded(run) == [(3, MINUTE), (1, 2 * MINUTE), (2, 2 * MINUTE)]


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["make", "keep", "move", "wait", "sleep"]),
        st.integers(1, 5),
        st.integers(0, 10),
    ),
    max_size=30,
)


@given(ACTS)
def test_folded_anew_the_instances_are_those_that_were_followed(
    acts: list[tuple[str, int, int]],
) -> None:
    run = time()
    for act, number, minutes in acts:
        at, stream = run.now + minutes * MINUTE, promise(number)
        known = stream in run.cases
        match act:
            case "make":
                run.execute(Make(stream=stream, due_at=at, topic=f"t{minutes % 2}"), actor=CLERK)
            case "keep" if known:
                run.execute(Keep(stream=stream), actor=CLERK)
            case "move":
                run.execute(MoveTopic(stream=promise(99), topic="t1", by=MINUTE), actor=CLERK)
            case "wait":
                run.run_until(at)
            case "sleep":
                run.sleep_until(at)
    run.run_until(run.now + 99 * MINUTE)
    assert folded_anew(REMINDING, run.log) == run.instances(REMINDING)
    due = {s for s, state in run.instances(REMINDING).items() if state.kept_after is None}
    assert due <= {promise(number) for number, _ in reminded(run)}
    assert len(reminded(run)) == len({number for number, _ in reminded(run)})
