"""A tiny case with claims, personal fields and rules, for trying the casebook itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from domain.declare import (
    Actor,
    ActorId,
    AlreadyExists,
    Claim,
    Command,
    Context,
    Decider,
    Refusal,
    Release,
    Role,
    command,
    event,
)
from domain.fields import Personal

CLERK = Actor(id=ActorId("u-17"), roles=frozenset({Role.SPECIALIST}))


@event("tried.opened")
class Opened:
    plate: str
    owner: Personal[str]


@event("tried.noted")
class Noted:
    note_id: UUID
    text: Personal[str]


@event("tried.let_go")
class LetGo:
    plate: str


@command
class Open(Command):
    plate: str
    owner: str = "Shirin"


@command
class Note(Command):
    note_id: UUID
    text: str = "x"
    limit: int = 1_000_000


@command
class Let(Command):
    pass


class LimitReached(Refusal, code="tried.limit_reached"):
    """There are as many notes as this wish allows."""


@dataclass(frozen=True, slots=True)
class Tried:
    plate: str | None = None
    notes: frozenset[UUID] = frozenset()
    let_go: bool = False


Wish = Open | Note | Let
Fact = Opened | Noted | LetGo


def decide(case: Tried, wish: Wish, _context: Context) -> Sequence[Fact]:
    match wish:
        case Open(plate=plate, owner=owner):
            if case.plate == plate:
                return []
            if case.plate is not None:
                raise AlreadyExists
            return [Opened(plate=plate, owner=owner)]
        case Note(note_id=note_id, text=text, limit=limit):
            if note_id in case.notes:
                return []
            if len(case.notes) >= limit:
                raise LimitReached(limit=limit)
            return [Noted(note_id=note_id, text=text)]
        case Let():
            return [] if case.let_go else [LetGo(plate=str(case.plate))]


def evolve(case: Tried, fact: Fact) -> Tried:
    match fact:
        case Opened(plate=plate):
            return replace(case, plate=plate)
        case Noted(note_id=note_id):
            return replace(case, notes=case.notes | {note_id})
        case LetGo():
            return replace(case, let_go=True)


def claims(_case: Tried, fact: Fact) -> Sequence[Claim | Release]:
    match fact:
        case Opened(plate=plate):
            return [Claim("plate", plate)]
        case LetGo(plate=plate):
            return [Release("plate", plate)]
        case _:
            return []


DECIDER: Decider[Tried, Wish, Fact] = Decider(
    category="tried",
    initial=Tried(),
    decide=decide,
    evolve=evolve,
    commands=(Open, Note, Let),
    events=(Opened, Noted, LetGo),
    opens=(Open,),
    subject=lambda stream, _state, _fact: stream,
    claims=claims,
)
