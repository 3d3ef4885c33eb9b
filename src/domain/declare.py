"""How events, commands, values, refusals and deciders are declared.

A decider file always reads in this order: events, commands, refusals, state, `decide`, `evolve`,
`DECIDER`. Everything here is plain data; nothing registers itself anywhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NewType, TypeVar, dataclass_transform
from uuid import UUID

if TYPE_CHECKING:
    from domain.rulebook import Rules

T = TypeVar("T")
S = TypeVar("S")
C = TypeVar("C")
E = TypeVar("E")

ActorId = NewType("ActorId", str)
"""An opaque account id (the token's `sub`), never a name, a phone number or an address."""

ParamValue = str | int | bool | None | Sequence[str]


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(stored_name: str) -> Callable[[type[T]], type[T]]:
    """Declare a fact. `stored_name` is what the log keeps for ever, whatever the class is called.

    Event classes are structural: they carry types and `Personal` marks, never constraints, so
    that every history opens however the rules for new commands are tightened.
    """

    def declare(cls: type[T]) -> type[T]:
        made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        made.__stored_name__ = stored_name  # type: ignore[attr-defined]
        return made

    return declare


@dataclass_transform(frozen_default=True, kw_only_default=True)
def command(cls: type[T]) -> type[T]:
    """Declare a wish. Its fields may carry constraints (`domain.fields`); `stream` comes first."""
    return dataclass(frozen=True, slots=True, kw_only=True)(cls)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def value(cls: type[T]) -> type[T]:
    """Declare a part of an event, a command or a rule document. Unknown keys are refused."""
    made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
    made.__pydantic_config__ = {"extra": "forbid"}  # type: ignore[attr-defined]
    return made


def stored_name(cls: type[Any]) -> str:
    """Return the name under which events of this class stand in the log."""
    name: str = cls.__stored_name__
    return name


@command
class Command:
    """What somebody wants of one case; `stream` is that case's id."""

    stream: UUID


class Role(StrEnum):
    """In which capacity somebody acts. The names are those of the token's `roles` claim."""

    CUSTOMER = "customer"
    DEALER = "dealer"
    SPECIALIST = "specialist"
    EXPERT = "expert"
    TECHNICAL = "technical"
    UNIT = "unit"
    SECRETARIAT = "secretariat"
    SPECIAL_EXPERT = "special_expert"
    SUPERVISOR = "supervisor"
    UNIT_HEAD = "unit_head"
    MANAGER = "manager"
    LEASING_OFFICER = "leasing_officer"
    LOYALTY_OFFICER = "loyalty_officer"
    AUDITOR = "auditor"
    ADMIN = "admin"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, in which roles, and for whom she may act."""

    id: ActorId
    roles: frozenset[Role]
    unit: str | None = None
    region: str | None = None
    dealer_id: str | None = None
    customer_id: UUID | None = None

    def has(self, *roles: Role) -> bool:
        """Tell whether the actor holds any of these roles."""
        return not self.roles.isdisjoint(roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """All that a decision may know besides the case itself: the instant, the actor, the rules."""

    now: datetime
    actor: Actor
    rules: "Rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Whose case it is: what `api.access` compares with what an actor may act for."""

    customer_id: UUID | None = None
    dealer_id: str | None = None
    region: str | None = None
    units: frozenset[str] = frozenset()


class Refusal(Exception):  # noqa: N818 (a refusal is an answer, not an error)
    """The wish cannot be granted as things stand.

    One reason is one class with one `code`; the first line of its docstring is the English
    sentence. `params` are facts (codes, numbers, ids), never personal data.
    """

    code: ClassVar[str] = "refused"
    params: Mapping[str, ParamValue]

    def __init_subclass__(cls, code: str | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if code is not None:
            cls.code = code

    def __init__(self, **params: ParamValue) -> None:
        super().__init__(self.code)
        self.params = params

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.params == self.params

    def __hash__(self) -> int:
        return hash(type(self))


class NotPermitted(Refusal):
    """This person may not do this (a family: role, unit, or a second party is asked for)."""


class NotFound(Refusal):
    """There is no such thing, or it is not this person's to see (a family)."""


class Unacceptable(Refusal):
    """The wish contradicts itself or the facts it names (a family)."""


class AlreadyExists(Refusal, code="case.already_exists"):
    """A case with this id exists with other content; choose another id."""


class CaseNotFound(NotFound, code="case.not_found"):
    """There is no such case, or it is not yours to see."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Says that from this event on, `value` of this `kind` belongs to this case and no other."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Release:
    """Gives a claimed `value` back."""

    kind: str
    value: str


class AlreadyClaimed(Refusal, code="claim.already_claimed"):
    """Another case already holds this identifier; look that case up instead."""


def _nobody(_state: Any) -> Parties:
    return Parties()


def _no_subject(_stream: UUID, _state: Any, _event: Any) -> UUID | None:
    return None


def _no_claims(_state: Any, _event: Any) -> Sequence[Claim | Release]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider(Generic[S, C, E]):
    """One kind of case: its initial state, what it decides, and how its state follows.

    `decide(state, command, context)` answers the events to append, an empty sequence when exactly
    this wish is already true, or raises a `Refusal`. `evolve(state, event)` never refuses.
    `subject(stream, state_after, event)` names the person whose key encrypts the event's
    `Personal` fields. `claims(state_before, event)` names identifiers taken or given back.
    `opens` are the commands that start a case, so that the store need not look for a history first.
    """

    category: str
    initial: S
    decide: Callable[[S, C, Context], Sequence[E]]
    evolve: Callable[[S, E], S]
    commands: tuple[type[Any], ...]
    events: tuple[type[Any], ...]
    opens: tuple[type[Any], ...] = ()
    parties: Callable[[S], Parties] = field(default=_nobody)
    subject: Callable[[UUID, S, E], UUID | None] = field(default=_no_subject)
    claims: Callable[[S, E], Sequence[Claim | Release]] = field(default=_no_claims)
