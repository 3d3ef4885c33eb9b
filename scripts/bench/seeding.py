"""A log of any length, by COPY: cases that the real deciders made, sealed for people of their own.

Some dozens of cases are decided for real and then told again under new ids, customers and keys, a
few hundred of them open at a time, as in the log of a desk at work. The database adds what it alone
can: ids of events, instants and leaf hashes.
"""

import random
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bench.cases import EXPERT, life
from domain.complaint import DECIDER as COMPLAINT
from domain.complaint import ComplaintRegistered
from domain.customer import DECIDER as CUSTOMER
from domain.customer import RegisterCustomer
from domain.declare import Context
from domain.rulebook import Rules
from store.casebook import Casebook
from store.codec import Place
from store.database import connect
from store.ids import new_id
from store.rulebook import publish_shipped

EVENTS_PER_COMPLAINT = tuple(range(6, 25))
COMPLAINTS_PER_CUSTOMER = 10
OPEN_AT_A_TIME_MAX = 300
TEMPLATES = 57

_STAGED = """
CREATE TEMPORARY TABLE staged (
    position bigint, stream uuid, version integer, topic text, state bytea, subject uuid)
"""
_RECORDED = """
INSERT INTO casebook.events (
    notification_id, originator_id, originator_version, topic, state, event_id, recorded_at, actor,
    role, reason, correlation_id, causation_id, subject_id, leaf_hash)
SELECT s.position, s.stream, s.version, s.topic, s.state, s.event_id, s.at, %(actor)s, 'expert',
       NULL, NULL, NULL, s.subject,
       casebook.leaf_hash(s.position, s.stream, s.version, s.topic, s.state, s.event_id, s.at,
                          %(actor)s, 'expert', NULL, NULL, NULL, s.subject)
FROM (SELECT position, stream, version, topic, state, subject, gen_random_uuid() AS event_id,
             now() - interval '1 millisecond' * (%(last)s - position) AS at FROM staged) s
ORDER BY s.position
"""
_TOPICS = "INSERT INTO casebook.topics SELECT DISTINCT topic FROM staged ON CONFLICT DO NOTHING"


@dataclass(frozen=True, slots=True)
class Seeded:
    """What a program may ask a seeded log for: all of it is in the log to its last event."""

    complaints: Sequence[UUID]
    customers: Sequence[UUID]


def seed(url: str, casebook: Casebook, events: int) -> Seeded:
    """Fill a log that has at most the shipped rules up to so many events."""
    publish_shipped(casebook)
    first = casebook.head() + 1
    told = _Told(casebook, open_at_a_time=max(2, min(OPEN_AT_A_TIME_MAX, events // 100)))
    rows = (row for _, row in zip(range(first, events + 1), told.rows(), strict=False))
    fill(url, rows, first, told.keys)
    return Seeded(told.complaints, told.customers)


def fill(url: str, rows: "Iterable[Row]", first: int, keys: Collection[tuple[UUID, bytes]]) -> None:
    """Put rows into the log from a position on, and the keys of their subjects beside it.

    `keys` is looked at when the rows are there.
    """
    with connect(url) as connection, connection.transaction():
        connection.execute(_STAGED)
        last = first - 1
        with connection.cursor().copy("COPY staged FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int8", "uuid", "int4", "text", "bytea", "uuid"])
            for last, row in enumerate(rows, first):
                copy.write_row((last, *row))
        with connection.cursor().copy("COPY casebook.subject_keys FROM STDIN (FORMAT BINARY)") as c:
            c.set_types(["uuid", "bytea"])
            for key in keys:
                c.write_row(key)
        connection.execute(_TOPICS)
        connection.execute(_RECORDED, {"actor": str(EXPERT.id), "last": last})
        connection.execute("DROP TABLE staged")
    _settle(url)


def _settle(url: str) -> None:
    """Let a measurement not meet the vacuum that follows so much copying."""
    with connect(url) as connection:
        connection.execute("VACUUM (ANALYZE) casebook.events")
        connection.execute("VACUUM (ANALYZE) casebook.subject_keys")
        connection.execute("CHECKPOINT")


Row = tuple[UUID, int, str, bytes, UUID]


class _Told:
    """Tells cases again and again, each time of other people."""

    def __init__(self, casebook: Casebook, open_at_a_time: int) -> None:
        self._codec = casebook.codec
        self._ring = casebook.ring
        self._templates = _templates(casebook.rules)
        self._open_at_a_time = open_at_a_time
        self._unfinished: Counter[UUID] = Counter()
        self.complaints: list[UUID] = []
        self.customers: list[UUID] = []
        self.keys: list[tuple[UUID, bytes]] = []

    def rows(self) -> Iterator[Row]:
        """Yield rows of the log without end, a few hundred cases at a time."""
        open_cases: list[Iterator[Row]] = []
        fresh = self._cases()
        while True:
            while len(open_cases) < self._open_at_a_time:
                open_cases.append(next(fresh))
            place = random.randrange(self._open_at_a_time)  # noqa: S311
            row = next(open_cases[place], None)
            if row is None:
                open_cases[place] = next(fresh)
            else:
                yield row

    def _cases(self) -> Iterator[Iterator[Row]]:
        [register] = _registered_customer()
        while True:
            customer = new_id()
            cipher, wrapped = self._ring.make(customer)
            self.keys.append((customer, wrapped))
            self._unfinished[customer] = COMPLAINTS_PER_CUSTOMER + 1
            own = replace(register, customer_id=customer)
            yield self._case(customer, [own], customer, cipher)
            for _ in range(COMPLAINTS_PER_CUSTOMER):
                stream = new_id()
                [registered, *others] = random.choice(self._templates)  # noqa: S311
                events = [replace(registered, customer_id=customer), *others]
                yield self._case(stream, events, customer, cipher)

    def _case(
        self, stream: UUID, events: Sequence[Any], subject: UUID, cipher: Any
    ) -> Iterator[Row]:
        codec, text = self._codec, str(stream)
        for version, event in enumerate(events, 1):
            topic = codec.topic(event)
            state = codec.encode(event, Place(text, version, topic), cipher)
            yield stream, version, topic, state, subject
        self._unfinished[subject] -= 1
        if stream != subject:
            self.complaints.append(stream)
        if not self._unfinished[subject]:
            self.customers.append(subject)


def _templates(rules: Rules) -> list[list[Any]]:
    context = Context(now=datetime.now(UTC), actor=EXPERT, rules=rules)
    made = []
    for number in range(TEMPLATES):
        length = EVENTS_PER_COMPLAINT[number % len(EVENTS_PER_COMPLAINT)]
        state, events = COMPLAINT.initial, []
        for command in life(new_id(), length):
            for event in COMPLAINT.decide(state, command, context):
                state = COMPLAINT.evolve(state, event)
                events.append(event)
        assert isinstance(events[0], ComplaintRegistered)
        made.append(events)
    return made


def _registered_customer() -> Sequence[Any]:
    context = Context(now=datetime.now(UTC), actor=EXPERT, rules=Rules({}))
    command = RegisterCustomer(stream=new_id(), name="Shirin Example")
    return CUSTOMER.decide(CUSTOMER.initial, command, context)
