"""The recorder against the stock one, and against plain single-row transactions."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from uuid import uuid4

from eventsourcing.persistence import InfrastructureFactory, StoredEvent
from eventsourcing.utils import Environment
from psycopg import Connection

from bench.figures import Figure
from bench.place import Place, stock_environment
from bench.rounds import Contender, Step, in_turn
from store.database import pool
from store.recorder import CasebookRecorder

BODY = b'{"text": "' + b"x" * 288 + b'"}'
TOPIC = "bench.noted"


@contextmanager
def ours(url: str, threads: int) -> Iterator[Contender]:
    """Yield the shipped recorder, one event per append, each thread on a stream of its own."""
    with pool(url, "writer", size=threads) as connections:
        recorder = CasebookRecorder(connections, url)

        def contender(_number: int) -> Step:
            stream, versions = uuid4(), itertools.count(1)

            def step() -> None:
                recorder.insert_events([StoredEvent(stream, next(versions), TOPIC, BODY)])

            return step

        yield contender


@contextmanager
def stock(url: str) -> Iterator[Contender]:
    """Yield the library's own recorder, as its factory makes it."""
    environment = Environment("Bench", stock_environment(url))
    factory = InfrastructureFactory.construct(environment)
    try:
        recorder = factory.application_recorder()

        def contender(_number: int) -> Step:
            stream, versions = uuid4(), itertools.count(1)

            def step() -> None:
                recorder.insert_events([StoredEvent(stream, next(versions), TOPIC, BODY)])

            return step

        yield contender
    finally:
        factory.close()


@contextmanager
def raw(url: str, threads: int) -> Iterator[Contender]:
    """Yield plain psycopg: a connection per thread, a prepared insert, a transaction per row."""
    with ExitStack() as stack:
        connections = [
            stack.enter_context(Connection.connect(url, autocommit=True)) for _ in range(threads)
        ]
        connections[0].execute(
            "CREATE TABLE plain (id bigserial PRIMARY KEY, stream uuid NOT NULL,"
            " version integer NOT NULL, topic text NOT NULL, body bytea NOT NULL,"
            " UNIQUE (stream, version))"
        )

        def contender(number: int) -> Step:
            connection, stream, versions = connections[number], uuid4(), itertools.count(1)

            def step() -> None:
                connection.execute(
                    "INSERT INTO plain (stream, version, topic, body) VALUES (%s, %s, %s, %b)"
                    " RETURNING id",
                    (stream, next(versions), TOPIC, BODY),
                    prepare=True,
                ).fetchone()

            return step

        yield contender


def against_stock(place: Place) -> Figure:
    """Measure the recorder against the stock `PostgresApplicationRecorder`."""
    scale = place.scale
    with (
        ours(place.database("recorder"), scale.threads) as our_steps,
        stock(place.empty_database("stock")) as stock_steps,
    ):
        found = in_turn(our_steps, stock_steps, scale.threads, scale.rounds)
    return Figure(
        name="recorder",
        what=f"appends of one 300-byte event, {scale.threads} threads",
        unit="appends/s",
        ours=found[0],
        peer=found[1],
        target=4,
        bound="at least",
    )


def against_plain_rows(place: Place) -> Figure:
    """Measure the recorder against plain psycopg transactions of one row."""
    scale = place.scale
    with (
        ours(place.database("recorder"), scale.threads) as our_steps,
        raw(place.empty_database("plain"), scale.threads) as raw_steps,
    ):
        found = in_turn(our_steps, raw_steps, scale.threads, scale.rounds)
    return Figure(
        name="recorder-plain",
        what=f"the same against psycopg, one row per transaction, {scale.threads} connections",
        unit="appends/s",
        ours=found[0],
        peer=found[1],
        target=0.4,
        bound="at least",
    )
