"""A saga's instances on a real PostgreSQL: folded in order, rebuilt equal, stuck alone."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.clocks.messages import Urgency
from sagas.declare import Saga
from sagas.instances import view_of, views_of
from store.database import connect
from store.saga_status import activate
from store.views import ViewIsStuck, catch_up, compare, rebuild
from tests.sagas.desk import NOW, Desk
from tests.sagas.promises import (
    MINUTE,
    REMINDING,
    Awaited,
    Keep,
    Make,
    MoveTopic,
    Remind,
    changed,
    failing,
)


def rows(url: str, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connect(url, "views") as connection:
        return connection.execute(query.encode(), parameters).fetchall()


def waking(desk: Desk) -> dict[UUID, tuple[Any, ...]]:
    found = rows(desk.url, "SELECT key, lane, wake_at FROM views.saga_reminding")
    return {key: wake for key, *wake in found}  # type: ignore[misc]


def promised(desk: Desk, count: int = 1, **fields: Any) -> list[UUID]:
    streams = [uuid4() for _ in range(count)]
    fields.setdefault("due_at", NOW + MINUTE)
    desk.execute(*(Make(stream=stream, **fields) for stream in streams))
    return streams


def test_an_instance_is_folded_from_its_events_and_says_when_to_look_again(desk: Desk) -> None:
    [statutory] = promised(desk, urgency=Urgency.STATUTORY)
    [kept] = promised(desk)
    desk.execute(Keep(stream=kept))
    desk.fold()
    assert waking(desk) == {statutory: [0, NOW + MINUTE], kept: [None, None]}


def test_the_shared_value_is_as_of_the_event_that_is_folded(desk: Desk) -> None:
    [first] = promised(desk)
    desk.execute(Keep(stream=first))
    [second] = promised(desk)
    desk.fold()  # one batch, in which the shared value changed twice
    desk.execute(Keep(stream=second))
    promised(desk)
    desk.fold()
    view = view_of(REMINDING)
    states = dict(rows(desk.url, "SELECT key, state FROM views.saga_reminding"))
    assert view.states.validate_json(states[first]).kept_after == 1
    assert view.states.validate_json(states[second]).kept_after == 2
    assert rows(desk.url, "SELECT state FROM views.saga_reminding_shared") == [('{"made":3}',)]


def test_an_event_reaches_every_instance_that_has_its_tag(desk: Desk) -> None:
    parts, bodies = promised(desk, 2, topic="parts"), promised(desk, 2, topic="bodies")
    desk.fold()
    early = promised(desk, topic="parts")
    desk.execute(Keep(stream=parts[0]))  # and has its tag no longer
    desk.execute(MoveTopic(stream=uuid4(), topic="parts", by=10 * MINUTE))
    late = promised(desk, topic="parts")
    desk.fold()
    found = {key: wake_at for key, (_, wake_at) in waking(desk).items()}
    assert found == {
        parts[0]: None,
        parts[1]: NOW + 11 * MINUTE,
        early[0]: NOW + 11 * MINUTE,
        late[0]: NOW + MINUTE,
    } | dict.fromkeys(bodies, NOW + MINUTE)


def test_an_event_that_reaches_too_many_for_memory_reaches_them_all(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sagas.instances.AT_HAND_MAX", 3)
    many = promised(desk, 10, topic="parts")
    other = promised(desk, 2, topic="bodies")
    desk.fold()
    late = promised(desk, 2, topic="parts")
    desk.execute(Keep(stream=many[0]))
    for _ in range(2):
        desk.execute(MoveTopic(stream=uuid4(), topic="parts", by=MINUTE))
    desk.execute(Keep(stream=many[1]))
    desk.fold()
    found = {key: wake_at for key, (_, wake_at) in waking(desk).items()}
    assert found == {
        **dict.fromkeys(many[:2]),
        **dict.fromkeys((*many[2:], *late), NOW + 3 * MINUTE),
        **dict.fromkeys(other, NOW + MINUTE),
    }
    desk.execute(MoveTopic(stream=uuid4(), topic="parts", by=MINUTE))
    desk.fold()  # with nothing at hand that is out of date
    assert tuple(waking(desk)[many[5]]) == (3, NOW + 4 * MINUTE)
    assert compare(desk.url, desk.casebook.log_reader, desk.views[0]) == []


def random_history(desk: Desk) -> None:
    for _ in range(3):
        streams = promised(desk, 12, topic="parts")
        desk.fold()
        desk.execute(MoveTopic(stream=uuid4(), topic="parts", by=MINUTE), Keep(stream=streams[0]))
        promised(desk, 3, due_at=NOW)
        desk.settle()
        desk.execute(MoveTopic(stream=uuid4(), topic="bodies", by=MINUTE), Keep(stream=streams[5]))
    desk.fold()


def test_rebuilt_instances_are_the_live_ones_in_all_columns(desk: Desk) -> None:
    random_history(desk)
    [view] = desk.views
    assert len(waking(desk)) == 45
    assert compare(desk.url, desk.casebook.log_reader, view) == []


def test_a_rebuild_sends_nothing_and_lets_nobody_lose_a_lease(desk: Desk) -> None:
    promised(desk, 5, due_at=NOW)
    desk.fold()
    with connect(desk.url, "views") as connection:
        connection.execute(
            "INSERT INTO sagas.leases (saga, key, until_at, tries)"
            " SELECT 'reminding', key, '2026-03-02 09:00:10Z', 1 FROM views.saga_reminding"
        )
    head = desk.casebook.head()
    rebuild(desk.url, desk.casebook.log_reader, desk.views[0])
    assert desk.casebook.head() == head
    assert rows(desk.url, "SELECT count(*) FROM sagas.leases") == [(5,)]
    assert desk.tick() == 0  # somebody else executes them
    desk.now += MINUTE
    assert desk.tick() == 5


def test_an_event_that_is_applied_again_changes_nothing(desk: Desk) -> None:
    [stream] = promised(desk)
    desk.fold()
    with connect(desk.url) as owner:
        owner.execute("UPDATE views.tracking SET position = 0")
    before = rows(desk.url, "SELECT state, position FROM views.saga_reminding")
    desk.fold()
    assert rows(desk.url, "SELECT state, position FROM views.saga_reminding") == before
    assert stream in waking(desk)


def test_a_dropped_instance_is_gone_and_can_begin_anew(desk: Desk) -> None:
    def until_kept(awaited: Awaited | None, recorded: Any, shared: Any) -> Awaited | None:
        if recorded.topic == "promise.kept":
            return None
        return REMINDING.evolve(awaited, recorded, shared)

    desk = Desk(desk.url, desk.casebook, [changed(REMINDING, evolve=until_kept, shared=None)])
    first, second = promised(desk, 2)
    desk.fold()
    desk.execute(Keep(stream=first))
    desk.fold()
    assert list(waking(desk)) == [second]
    assert compare(desk.url, desk.casebook.log_reader, desk.views[0]) == []


def test_a_saga_that_cannot_go_on_leaves_the_others_running(desk: Desk) -> None:
    poisoned = changed(
        REMINDING, name="poisoned", evolve=failing(lambda r: r.topic == "promise.kept")
    )
    desk = Desk(desk.url, desk.casebook, [poisoned, REMINDING])
    first, second = promised(desk, 2, due_at=NOW)
    desk.execute(Keep(stream=first))
    with pytest.raises(ViewIsStuck, match="saga_poisoned"):
        catch_up(desk.url, desk.casebook.log_reader, [view_of(poisoned)])
    catch_up(desk.url, desk.casebook.log_reader, [view_of(REMINDING)])
    assert desk.tick() == 1
    assert desk.casebook.state(second).state.reminded == 1


def test_what_lies_before_a_saga_became_active_is_folded_and_not_acted_on(desk: Desk) -> None:
    old, moving = promised(desk, 2, due_at=NOW)
    activate(desk.url, ["reminding"])
    activate(desk.url, ["reminding"])  # said once and for all
    [new] = promised(desk, due_at=NOW)
    desk.execute(MoveTopic(stream=uuid4(), topic="nothing", by=MINUTE))
    desk.fold()
    assert waking(desk) == {old: [None, None], moving: [None, None], new: [3, NOW]}
    desk.execute(MoveTopic(stream=uuid4(), topic="any", by=MINUTE))
    desk.fold()
    assert set(map(tuple, waking(desk).values())) == {(3, NOW + MINUTE)}
    assert compare(desk.url, desk.casebook.log_reader, desk.views[0]) == []


@pytest.mark.parametrize("name", ["", "Reminding", "a b", 'x"; --', "a__b", "x_shared", "x" * 41])
def test_a_name_that_cannot_be_a_tables_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name of a saga"):
        view_of(changed(REMINDING, name=name))


def test_sagas_that_share_nothing_share_no_table() -> None:
    sagas: list[Saga[Any]] = [REMINDING, changed(REMINDING, name="another")]
    tables = [table for view in views_of(sagas) for table in view.tables]
    assert len(tables) == len(set(tables)) == 4


def test_an_event_of_a_person_who_was_forgotten_changes_no_instance(desk: Desk) -> None:
    [stream] = promised(desk)
    desk.execute(Remind(stream=stream, n=1))
    desk.fold()
    before = waking(desk)
    from store.views import forget

    forget(desk.url, desk.casebook.log_reader, desk.views, stream)
    assert waking(desk) == before
