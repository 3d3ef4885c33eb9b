"""Complaints as the programs handle them: through the shipped commands, with like-sized texts."""

import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID, uuid4

from bench.rounds import Step
from domain.complaint import (
    Channel,
    ClassifyComplaint,
    Correspondent,
    Direction,
    JudgeComplaint,
    Kind,
    RecordCorrespondence,
    RegisterComplaint,
)
from domain.complaint.deciding import ComplaintCommand
from domain.declare import Actor, ActorId, Role
from store.casebook import Casebook
from store.rulebook import publish_shipped

EXPERT = Actor(
    id=ActorId("bench-expert"),
    roles=frozenset({Role.EXPERT, Role.SPECIALIST, Role.SYSTEM}),
)
CONTENT = (
    "The customer called and asked when the part arrives; she was told that it left the depot on "
    "Monday, and that the workshop will call her to make an appointment as soon as it is there. "
)
"""Some 190 characters: with envelope and sealing, a stored body of some 500 bytes."""


EVENTS_MIN = 5
"""Three facts that open a case, and clocks that start with the first and stop with the second."""


def registration(stream: UUID, customer_id: UUID | None = None) -> RegisterComplaint:
    """Return the command that opens a case."""
    return RegisterComplaint(
        stream=stream,
        kind=Kind.SALES,
        channel=Channel.PHONE,
        customer_id=customer_id,
        narrative=f"Delivery is late and nobody says why. {CONTENT}",
        complainant_name="Shirin Example",
        complainant_contact="+98 21 0000 0000",
        mileage=12,
        dealer_id="D-0001",
        region="north",
    )


def correspondence(stream: UUID) -> RecordCorrespondence:
    """Return the command that adds one more letter, call or message."""
    return RecordCorrespondence(
        stream=stream,
        correspondence_id=uuid4(),
        direction=random.choice((Direction.IN, Direction.OUT)),  # noqa: S311
        correspondent=Correspondent.CUSTOMER,
        channel=Channel.PHONE,
        content=CONTENT,
    )


def life(stream: UUID, events: int, customer_id: UUID | None = None) -> Iterator[ComplaintCommand]:
    """Yield the commands of an open case of so many events, `EVENTS_MIN` at least."""
    yield registration(stream, customer_id)
    yield JudgeComplaint(stream=stream, valid=True)
    yield ClassifyComplaint(stream=stream, kind=Kind.SALES, subject="delivery")
    for _ in range(events - EVENTS_MIN):
        yield correspondence(stream)


def open_cases(casebook: Casebook, lengths: Sequence[int], threads: int = 8) -> list[UUID]:
    """Publish the shipped rules and open cases of these many events; return their ids."""
    publish_shipped(casebook)
    streams = [uuid4() for _ in lengths]

    def fill(stream: UUID, events: int) -> None:
        casebook.execute(*life(stream, events), actor=EXPERT)

    with ThreadPoolExecutor(threads) as workers:
        list(workers.map(fill, streams, lengths))
    return streams


def interleaved(casebook: Casebook, lengths: Sequence[int], group: int = 250) -> list[UUID]:
    """Open cases as `open_cases` does, their events mixed as they are where many people work."""
    publish_shipped(casebook)
    streams = [uuid4() for _ in lengths]
    lives = [list(life(*case)) for case in zip(streams, lengths, strict=True)]
    turns = [number for number, commands in enumerate(lives) for _ in commands]
    random.shuffle(turns)
    ahead = [iter(commands) for commands in lives]
    for start in range(0, len(turns), group):
        commands = [next(ahead[number]) for number in turns[start : start + group]]
        casebook.execute(*commands, actor=EXPERT)
    return streams


def adding(casebook: Casebook, streams: Sequence[UUID], threads: int) -> Callable[[int], Step]:
    """Return steps that add a letter to one open case after the other; no two threads share one."""

    def step(own: Iterator[UUID]) -> None:
        casebook.execute(correspondence(next(own)), actor=EXPERT)

    def contender(number: int) -> Step:
        return partial(step, _round_and_round(streams[number::threads]))

    return contender


def _round_and_round(streams: Sequence[UUID]) -> Iterator[UUID]:
    while True:
        yield from random.sample(streams, len(streams))
