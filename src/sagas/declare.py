"""What a saga is: plain data and pure functions that the runner drives.

A saga remembers what is still to be done, and by when. It is folded from the log like a view; its
wake-up is a row; waking, it answers commands. So after any crash the question is only: what does
the log say is still to be done? Nothing here reads a clock, a database or a random number.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID, uuid5

from domain.clocks.messages import Urgency
from domain.declare import Actor, ActorId, Command, Role
from store.log import Recorded

if TYPE_CHECKING:
    from store.casebook import Casebook
    from store.requests import Receipt

S = TypeVar("S")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Wake:
    """When to look at an instance again, and how urgent that is; the first lane goes first."""

    at: datetime
    urgency: Urgency


@dataclass(frozen=True, slots=True)
class Do:
    """Commands that are executed together, all or nothing, because of one event.

    `cause` is that event's id: it becomes the `causation_id` of all that follows. Ids in the
    commands are made from it (`made_by`), so doing it again changes nothing.
    """

    commands: tuple[Command, ...]
    cause: UUID


@dataclass(frozen=True, slots=True)
class Shared(Generic[V]):
    """One value beside all instances, folded from events of `topics` (who works where, the rules).

    An instance's `evolve` is shown it as it stood at the event that is being folded.
    """

    topics: tuple[str, ...]
    state_type: type[V]
    initial: V
    evolve: Callable[[V, Recorded], V]


@dataclass(frozen=True, slots=True)
class Hands:
    """What `perform` may touch: commands through `act`, histories and states, and the senders.

    `act(do)` executes as the saga's actor, caused by `do.cause`, and may raise a `Refusal`.
    """

    casebook: "Casebook"
    act: Callable[[Do], "Receipt"]
    senders: Any = None


@dataclass(frozen=True)
class Saga(Generic[S]):
    """A process that outlives every request: one instance per `key`, with a state and a wake-up.

    `name` is for ever (its tables and its actor `saga:<name>` are called by it); `revision` is
    raised when `evolve`, `wake` or the state change meaning, and the instances are folded anew.
    States hold codes, ids and instants: no personal data, and no sets, whose order is not stable.
    """

    name: str
    revision: int
    topics: tuple[str, ...]
    """Stored names of the events that instances are folded from, what the saga causes included:
    a wake-up moves only when an event that the saga's own commands made is folded."""
    state_type: type[S]
    """A frozen dataclass that pydantic reads back from its own JSON."""
    key: Callable[[Recorded], UUID | None]
    """Which instance an event belongs to; None: none."""
    evolve: Callable[[S | None, Recorded, Any], S | None]
    """The next state, from None before the first event and the shared value (None where the saga
    has none). Answering None drops the instance: nothing about it will ever be asked again."""
    wake: Callable[[S], Wake | None]
    """When to look again; None: not before an event changes the state."""
    todo: Callable[[S, datetime], Sequence[Do]]
    """What is to be done at an instant; nothing, when it is too early or already done."""
    shared: Shared[Any] | None = None
    perform: Callable[[S, datetime, Hands], bool | None] | None = None
    """Instead of `todo`, for a saga that acts on the world: at least once, and may take a while.

    True says that nothing was recorded and nothing can be before an event: it is not asked soon."""
    tags: Callable[[S], tuple[str, ...]] | None = None
    """Words by which an event can reach many instances at once (`calendar:iran`)."""
    reaches: Callable[[Recorded], tuple[str, ...]] | None = None
    """The words of an event that goes to every instance having one of them; empty: to none."""
    waits: bool = True
    """Whether `perform` may wait for the world, and has workers of its own; one that only reads
    cases and executes commands shares those of all other sagas."""
    lease: timedelta = timedelta(seconds=15)
    """For how long nobody else takes an instance that somebody began to execute."""

    @property
    def has_own_workers(self) -> bool:
        """Tell whether its instances are executed beside those of other sagas."""
        return self.perform is not None and self.waits

    @property
    def actor(self) -> Actor:
        """Return who the log says did it."""
        return Actor(id=ActorId(f"saga:{self.name}"), roles=frozenset({Role.SYSTEM}))


def made_by(cause: UUID, what: str) -> UUID:
    """Return the id of what a saga makes because of an event: always the same for the same cause.

    `what` tells apart several things of one cause (`escalation`, a recipient's account).
    """
    return uuid5(cause, what)
