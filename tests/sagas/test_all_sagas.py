"""Every saga there is over the demo's log: settled, equal to its rebuild, and silent in one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from _demo import load_demo
from sagas import SAGAS
from sagas.channels import Channels
from sagas.instances import view_of
from store.casebook import Casebook
from store.database import pool
from store.keys import Keys
from store.views import compare, rebuild
from tests.sagas.desk import Desk
from tests.sagas.promises import MASTER_KEY

KEYS = Keys(MASTER_KEY)
HALF_DAYS = 12


@pytest.fixture(scope="module")
def desk(module_database_url: str) -> Iterator[Desk]:
    """A desk at which the demo was loaded, and the sagas worked for some days."""
    with pool(module_database_url, "writer", size=4) as own:
        casebook = Casebook(own, module_database_url, KEYS)
        now = datetime.now(UTC) + timedelta(minutes=1)
        load_demo(casebook, now)
        desk = Desk(module_database_url, casebook, SAGAS, now=now)
        for _ in range(HALF_DAYS):
            desk.settle(senders=Channels(KEYS))
            desk.now += timedelta(hours=12)
        desk.settle(senders=Channels(KEYS))
        yield desk


def test_the_sagas_come_to_rest_and_were_heard(desk: Desk) -> None:
    assert desk.settle(senders=Channels(KEYS)) == 0
    actors = {each.actor for each in desk.casebook.read(0, 1_000_000)}
    assert {"saga:deadline_warnings", "saga:sla_escalation", "saga:notices"} <= actors


@pytest.mark.parametrize("name", [saga.name for saga in SAGAS])
def test_every_saga_is_equal_to_its_rebuild_which_sends_nothing(desk: Desk, name: str) -> None:
    [saga] = [each for each in SAGAS if each.name == name]
    assert compare(desk.url, desk.casebook.log_reader, view_of(saga)) == []
    head = desk.casebook.head()
    rebuild(desk.url, desk.casebook.log_reader, view_of(saga))
    assert desk.settle(senders=Channels(KEYS)) == 0
    assert desk.casebook.head() == head
