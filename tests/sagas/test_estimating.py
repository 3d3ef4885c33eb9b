"""The nightly estimates: worked out in a real PostgreSQL, published when they changed."""

import random
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from psycopg import Connection
from pydantic import TypeAdapter

from domain.clocks.rules import Estimates
from sagas.estimating import DOCUMENT, SAGA, publish_estimates, worked_out
from sagas.instances import view_of
from sagas.watch.forecast import NOTHING_KNOWN, cell, follow_publication
from sagas.watch.journey import Journey
from sagas.watch.timing import Sample, TimedCase, estimates_of
from store.casebook import Casebook
from store.database import pool
from store.keys import Keys
from store.views import catch_up
from store.views.declare import Row
from store.views.follower import opened
from store.views.tracking import LIVE
from tests.sagas.clocks import DAY, START

NOW = START + 100 * DAY
STATES = TypeAdapter(TimedCase)


@pytest.fixture
def casebook(database_url: str) -> Iterator[Casebook]:
    with pool(database_url, "writer", size=2) as own:
        yield Casebook(own, database_url, Keys(b"k" * 32), clock=lambda: NOW)


@pytest.fixture
def connection(database_url: str, casebook: Casebook) -> Iterator[Connection[Row]]:
    """A connection to instances that are folded from an empty log."""
    catch_up(database_url, casebook.log_reader, [view_of(SAGA)])
    with opened(database_url, LIVE) as own:
        yield own


def keep(connection: Connection[Row], cases: list[TimedCase]) -> None:
    connection.cursor().executemany(
        "INSERT INTO saga_step_times (key, state, position) VALUES (%s, %s, 1)",
        [(case.journey.stream, STATES.dump_json(case).decode()) for case in cases],
    )


def timed(number: int, *samples: Sample, ended: bool = True, days_ago: int = 1) -> TimedCase:
    journey = Journey(
        stream=UUID(int=number),
        step="complaint.closed",
        entered_at=NOW - days_ago * DAY,
        ended=ended,
    )
    return TimedCase(journey, samples=samples)


def random_cases(count: int) -> list[TimedCase]:
    chance = random.Random(7)
    kinds, priorities = [None, "sales", "quality"], [None, "high", "normal"]
    cases = []
    for number in range(count):
        kind = chance.choice(kinds)
        samples = [
            Sample(
                clock, f"complaint.{step}", kind, chance.choice(priorities), chance.randint(1, 9)
            )
            for clock in ("resolution", "plan")
            for step in ("registered", "assigned")
        ]
        cases.append(timed(number, *samples))
    return cases


def test_the_database_works_out_what_the_pure_function_does(connection: Connection[Row]) -> None:
    cases = random_cases(200)
    keep(connection, cases)
    found = worked_out(connection, NOW, cases_min=15)
    samples = [sample for case in cases for sample in case.samples]
    assert found.estimates == estimates_of(samples, cases_min=15)
    assert len(found.estimates) > 12


def test_only_cases_that_ended_within_the_window_count(connection: Connection[Row]) -> None:
    sample = Sample("plan", "complaint.assigned", None, None, 60)
    keep(
        connection,
        [
            timed(1, sample),
            timed(2, sample, ended=False),
            timed(3, sample, days_ago=31),
            timed(4, sample, days_ago=30),
        ],
    )
    found = worked_out(connection, NOW, cases_min=1, window=timedelta(days=30))
    assert [each.cases for each in found.estimates] == [2]


def test_of_too_few_cases_nothing_is_said_nor_published(
    connection: Connection[Row], casebook: Casebook
) -> None:
    keep(connection, random_cases(4))
    assert worked_out(connection, NOW).estimates == ()
    assert publish_estimates(casebook, connection, NOW) is None
    assert casebook.head() == 0


def test_estimates_are_published_when_they_changed_and_forecasts_go_by_them(
    connection: Connection[Row], casebook: Casebook
) -> None:
    sample = Sample("plan", "complaint.assigned", "sales", "high", 60)
    keep(connection, [timed(number, sample) for number in range(20)])
    assert publish_estimates(casebook, connection, NOW) == 1
    assert publish_estimates(casebook, connection, NOW + DAY) is None
    assert casebook.rules.in_force(Estimates, DOCUMENT, NOW).content.until_at == NOW
    longer = Sample("plan", "complaint.assigned", "sales", "high", 600)
    keep(connection, [timed(number, longer) for number in range(20, 60)])
    assert publish_estimates(casebook, connection, NOW + 2 * DAY) == 2
    known = NOTHING_KNOWN
    for recorded in casebook.read(0, 10):
        known = follow_publication(known, recorded)
    assert known.pin is not None and known.pin.version == 2
    assert known.cells[cell("plan", "complaint.assigned", "sales", "high")] == (600, 600)
    assert known.cells[cell("plan", "complaint.assigned", None, None)] == (600, 600)
