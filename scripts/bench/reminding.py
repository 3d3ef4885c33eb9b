"""A saga for the bench: each instance is owed one letter in an open case, by an instant."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection

from bench.cases import CONTENT
from domain.clocks.messages import Urgency
from domain.complaint import Channel, Correspondent, Direction, RecordCorrespondence
from sagas.declare import Do, Saga, Wake
from sagas.instances import view_of
from store.database import connect
from store.views.tracking import ensure


@dataclass(frozen=True)
class Letter:
    """A letter that is owed."""

    case: UUID
    letter: UUID
    due_at: datetime
    urgency: Urgency


def _todo(owed: Letter, _now: datetime) -> Sequence[Do]:
    command = RecordCorrespondence(
        stream=owed.case,
        correspondence_id=owed.letter,
        direction=Direction.IN,
        correspondent=Correspondent.CUSTOMER,
        channel=Channel.PHONE,
        content=CONTENT,
    )
    return [Do((command,), owed.letter)]


SAGA: Saga[Letter] = Saga(
    name="bench",
    revision=1,
    topics=("complaint.correspondence_recorded",),
    state_type=Letter,
    key=lambda recorded: recorded.event.correspondence_id,
    evolve=lambda _owed, _recorded, _shared: None,
    wake=lambda owed: Wake(owed.due_at, owed.urgency),
    todo=_todo,
)
"""Its instances are put there by the bench; the letter, once recorded, ends them."""

_INSERT = """
INSERT INTO views.saga_bench (key, state, position, lane, wake_at)
SELECT u.key, json_build_object('case', u.case_id, 'letter', u.key, 'due_at', u.due_at,
                                'urgency', %(urgency)s::text)::text,
       1, %(lane)s, u.due_at
FROM unnest(%(keys)s::uuid[], %(cases)s::uuid[], %(dues)s::timestamptz[])
    AS u(key, case_id, due_at)
"""


def prepare(url: str) -> None:
    """Make the saga's table."""
    with connect(url, "views") as connection:
        connection.execute("SET search_path = views")
        ensure(connection, view_of(SAGA))


def owe(
    connection: Connection[tuple[object, ...]],
    keys: Sequence[UUID],
    cases: Sequence[UUID],
    dues: Sequence[datetime],
    urgency: Urgency,
) -> None:
    """Put timers in place; neighbours in time are of different cases."""
    spread = [cases[number % len(cases)] for number in range(len(keys))]
    columns = {"keys": list(keys), "cases": spread, "dues": list(dues)}
    connection.execute(_INSERT, {**columns, "urgency": urgency.value, "lane": urgency.lane})


@contextmanager
def processes(url: str, count: int) -> Iterator[None]:
    """Run processes of the sagas on a database."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "bench.timers_part", url]
    with ExitStack() as running:
        for _ in range(count):
            process = running.enter_context(
                subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
            )
            running.callback(process.terminate)
            assert process.stdout is not None
            if process.stdout.readline() != "running\n":
                raise RuntimeError("a process of the sagas did not start")
        yield
