"""Instances after any history, however it is cut into batches, are those of one fold of it all."""

import random
from uuid import uuid4

import pytest

from domain.clocks.messages import Urgency
from store.views import compare, rebuild
from tests.sagas.desk import Desk
from tests.sagas.promises import MINUTE, Keep, Make, MoveTopic, Remind
from tests.sagas.test_instances import rows

TOPICS = ("parts", "bodies", "paint")
STEPS = 40


def wishes(chance: random.Random, desk: Desk) -> list[Make | Keep | MoveTopic | Remind]:
    known = [key for (key,) in rows(desk.url, "SELECT key FROM views.saga_reminding ORDER BY key")]
    found: list[Make | Keep | MoveTopic | Remind] = []
    for _ in range(chance.randint(1, 4)):
        kind = chance.random()
        if kind < 0.5 or not known:
            due_at = desk.now + chance.randint(-3, 6) * MINUTE
            urgency = chance.choice(list(Urgency))
            topic = chance.choice(TOPICS)
            found.append(Make(stream=uuid4(), due_at=due_at, urgency=urgency, topic=topic))
        elif kind < 0.7:
            by = chance.randint(-2, 4) * MINUTE
            found.append(MoveTopic(stream=uuid4(), topic=chance.choice(TOPICS), by=by))
        elif kind < 0.85:
            found.append(Keep(stream=chance.choice(known)))
        else:
            found.append(Remind(stream=chance.choice(known), n=chance.randint(1, 3)))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_after_any_history_rebuilt_is_live_and_a_rebuild_sends_nothing(
    desk: Desk, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr("sagas.instances.AT_HAND_MAX", chance.choice((2, 5, 2_000)))
    desk.fold()
    for _ in range(STEPS):
        for wish in wishes(chance, desk):
            if not (isinstance(wish, Remind) and is_kept(desk, wish)):
                desk.execute(wish)
        if chance.random() < 0.6:
            desk.fold()
        if chance.random() < 0.3:
            desk.tick()
        desk.now += chance.randint(0, 2) * MINUTE
    desk.settle()
    [view] = desk.views
    assert compare(desk.url, desk.casebook.log_reader, view) == []
    head = desk.casebook.head()
    rebuild(desk.url, desk.casebook.log_reader, view)
    assert desk.settle() == 0
    assert desk.casebook.head() == head


def is_kept(desk: Desk, wish: Remind) -> bool:
    return bool(desk.casebook.state(wish.stream).state.kept)
