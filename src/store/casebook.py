"""The casebook: commands in, events appended, histories out. One log for every kind of case.

`execute` decides optimistically on folded state it has at hand and lets the append check, under
its lock, that nothing newer stood in the log; before it refuses, or answers that a wish is already
true, it reads what is newer. So a cached state can never give a wrong answer, only a second try.
"""

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import ClassVar, TypeVar
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.persistence import OperationalError
from eventsourcing.utils import Environment, EnvType
from psycopg_pool import PoolTimeout

from domain import DECIDERS
from domain.declare import (
    Actor,
    AlreadyClaimed,
    CaseNotFound,
    Command,
    Refusal,
)
from domain.rulebook import Rules
from store.attempts import Attempt, FirstAttempts
from store.codec import Codec
from store.database import replace_dead
from store.deciding import Deciding, Guard, VersionIsStale, Wish
from store.keys import KeyRing, Keys
from store.log import SQL, Log, Recorded, head
from store.mapper import CasebookFactory, CaseMapper, leading_role
from store.openings import Openings, WriterPool
from store.proposals import Proposal
from store.recorder import CasebookRecorder, Pool
from store.requests import (
    Idempotency,
    KeyReusedWithOtherBody,
    Receipt,
    RequestIsRunning,
    Requests,
)
from store.states import AnyDecider, Known, States

T = TypeVar("T")

ATTEMPTS_MAX = 12
TURNS = 64
CACHED_STATES_MAX = 4096


class TooMuchContention(Refusal, code="case.too_much_contention"):
    """Others keep changing this case at the same moment; ask again shortly."""


class UnreadableLog(ValueError):  # noqa: N818
    """The log was written by a newer program, or by one with other kinds of cases."""


class Casebook(Application[UUID]):
    """The application: every kind of case, one log.

    Safe for any number of threads. `clock` answers the present as an aware UTC instant.
    """

    name: str = "casebook"
    env: ClassVar[dict[str, str]] = {}

    def __init__(
        self,
        pool: Pool,
        url: str,
        keys: Keys,
        *,
        deciders: Sequence[AnyDecider] = DECIDERS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        cached_states_max: int = CACHED_STATES_MAX,
    ) -> None:
        self.keys = keys
        self.ring = KeyRing(keys)
        self.codec = Codec(deciders)
        self.log_reader = Log(self.codec, self.ring)
        self.pool = pool
        self.clock = clock
        self.case_recorder = CasebookRecorder(pool, url)
        self.case_mapper = CaseMapper(self.codec, self.ring, pool)
        self._states = States(self.log_reader, pool, states_max=cached_states_max)
        self._deciding = Deciding(
            deciders, self._states, self.ring, self.case_mapper, pool, lambda: self.clock()
        )
        self._first = FirstAttempts(self._deciding, self._states, self.case_recorder)
        self._requests = Requests(keys, pool)
        self._turns = [threading.Lock() for _ in range(TURNS)]
        super().__init__()

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Take nothing from the process environment: settings are passed in."""
        return Environment(name, dict(env or {}))

    def construct_factory(self, env: Environment) -> CasebookFactory:
        """Plug our recorder in."""
        return CasebookFactory(env, self.case_recorder)

    def construct_mapper(self) -> CaseMapper:
        """Plug our mapper in."""
        return self.case_mapper

    # --- writing -------------------------------------------------------------------------------

    def execute(
        self,
        *commands: Command,
        actor: Actor,
        reason: str | None = None,
        expected_version: int | None = None,
        idempotency: Idempotency | None = None,
        correlation_id: UUID | None = None,
        causation_id: UUID | None = None,
        guard: Guard | None = None,
    ) -> Receipt:
        """Decide commands in order and append what follows from them, all or nothing.

        `expected_version` is that of the first command's case (0 for a new one). `guard` is shown
        each case before its first decision and raises what it will not let pass.

        Raises a `Refusal`; `VersionIsStale`; `KeyReusedWithOtherBody`, `RequestIsRunning`;
        `TooMuchContention` after `ATTEMPTS_MAX` lost races; `OperationalError` when the database
        cannot be reached.
        """
        with self.wishing(
            *commands, actor=actor, reason=reason, expected_version=expected_version,
            idempotency=idempotency, correlation_id=correlation_id, causation_id=causation_id,
            guard=guard,
        ) as wish:  # fmt: skip
            return self.conclude(wish, self._first.attempt(wish))

    def wishing(
        self,
        *commands: Command,
        actor: Actor,
        reason: str | None = None,
        expected_version: int | None = None,
        idempotency: Idempotency | None = None,
        correlation_id: UUID | None = None,
        causation_id: UUID | None = None,
        guard: Guard | None = None,
    ) -> contextlib.AbstractContextManager[Wish]:
        """Hold what `execute` is given, for whoever takes its two steps singly.

        They are an attempt (`openings`) and `conclude`. Raises `RequestIsRunning`.
        """
        if not commands:
            raise TypeError("there has to be a command")
        wish = Wish(
            commands, actor, reason, expected_version, None, correlation_id, causation_id, guard
        )
        return (
            contextlib.nullcontext(wish) if idempotency is None else self._once(wish, idempotency)
        )

    @contextlib.contextmanager
    def _once(self, wish: Wish, idempotency: Idempotency) -> Iterator[Wish]:
        with self._requests.only_once(idempotency) as request:
            yield wish._replace(request=request)

    def openings(self, pool: WriterPool) -> Openings:
        """Return what attempts, in the running event loop, wishes that open cases."""
        return Openings(self._first, self.case_recorder, pool)

    def conclude(self, wish: Wish, attempted: Attempt | None) -> Receipt:
        """Return the receipt of an attempt that `was_recorded`; any other is made again: it blocks.

        Raises as `execute`.
        """
        if attempted is not None and attempted.was_recorded():
            return _receipt(attempted.proposal, attempted.outcome.last_position)
        with contextlib.ExitStack() as turn:
            for attempt in range(ATTEMPTS_MAX):
                if attempted is None:
                    try:
                        proposal = self._asked(partial(self._deciding.propose, wish, fresh=True))
                    except Refusal as refusal:
                        found = self._asked(partial(self._requests.answered, wish.request))
                        if found is not None:
                            return found
                        raise refusal
                    if not proposal.facts and wish.request is None:
                        return _receipt(proposal, proposal.after[proposal.first].position)
                    attempted = self._append(wish, proposal)
                proposal, outcome = attempted
                attempted = None
                if outcome.outcome == "recorded":
                    return _receipt(proposal, outcome.last_position)
                if outcome.outcome == "replayed":
                    return self._requests.replayed(outcome, wish.request)
                if outcome.outcome == "claim":
                    raise AlreadyClaimed(kind=outcome.detail)
                if outcome.outcome == "key":
                    self._deciding.forget_keys(proposal)
                if attempt == 0:
                    self._queue_up(turn, proposal)
                if attempt > 1:
                    time.sleep(random.uniform(0, 0.002 * 2 ** min(attempt, 6)))  # noqa: S311
            raise TooMuchContention

    def _append(self, wish: Wish, proposal: Proposal) -> Attempt:
        append = self._asked(partial(self._deciding.append_of, wish, proposal, fresh=True))
        outcome = self.case_recorder.append(append)
        if outcome.outcome == "recorded":
            self._deciding.recorded(proposal, append, outcome.last_position)
        return Attempt(proposal, outcome)

    def _asked(self, question: Callable[[], T]) -> T:
        """Return the answer to what only reads; a restarted server's dead connection is bridged."""
        try:
            try:
                return question()
            except PoolTimeout:
                raise
            except (psycopg.OperationalError, psycopg.InterfaceError):
                replace_dead(self.pool)
                return question()
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise OperationalError("the database could not be asked") from error

    def _queue_up(self, turn: contextlib.ExitStack, proposal: Proposal) -> None:
        """After a lost race, wait for this process's other losers on the same cases in turn."""
        for number in sorted({stream.int % len(self._turns) for stream in proposal.after}):
            turn.enter_context(self._turns[number])

    # --- reading -------------------------------------------------------------------------------

    @property
    def rules(self) -> Rules:
        """Return the published rules as they stand in the log now."""
        return self._states.rules(fresh=True)[1]

    def state(self, stream: UUID) -> Known:
        """Return a case folded to its newest event; raises `CaseNotFound`."""
        found = self._states.newest(stream)
        if found is None:
            raise CaseNotFound
        return found

    def history(
        self,
        stream: UUID,
        *,
        after_version: int = 0,
        up_to_version: int | None = None,
        up_to_at: datetime | None = None,
        limit: int | None = None,
    ) -> list[Recorded]:
        """Return a case's events, oldest first, up to a version or a recorded instant."""
        with self.pool.connection() as connection:
            return self.log_reader.history(
                connection,
                stream,
                after_version=after_version,
                up_to_version=up_to_version,
                up_to_at=up_to_at,
                limit=limit,
            )

    def read(self, after_position: int, limit: int, topics: Sequence[str] = ()) -> list[Recorded]:
        """Return up to `limit` events after a position, in the order of the log."""
        with self.pool.connection() as connection:
            return self.log_reader.read(connection, after_position, limit, topics)

    def head(self) -> int:
        """Return the newest position, 0 for an empty log."""
        with self.pool.connection() as connection:
            return head(connection)

    def check(self) -> None:
        """Check before the first command that this program and its master key fit the database.

        Raises `WrongMasterKey` and `UnreadableLog`, whose message is one line.
        """
        with self.pool.connection() as connection:
            self.ring.check(connection)
        self.check_topics()

    def check_topics(self) -> None:
        """Raise `UnreadableLog` when the log holds a stored name that nothing here can read."""
        with self.pool.connection() as connection:
            rows = connection.execute(SQL["topics"]).fetchall()
        unknown = sorted({str(row[0]) for row in rows} - set(self.codec.topics()))
        if unknown:
            raise UnreadableLog(f"the log holds events that nothing here can read: {unknown}")


def _receipt(proposal: Proposal, position: int) -> Receipt:
    first = proposal.after[proposal.first]
    return Receipt(
        stream=proposal.first,
        version=first.version,
        position=position,
        created=proposal.before[proposal.first].version == 0 and first.version > 0,
        events=tuple([payload for _, _, payload, _ in proposal.facts]),
    )


__all__ = [
    "Casebook", "Idempotency", "KeyReusedWithOtherBody", "OperationalError", "Receipt",
    "RequestIsRunning", "TooMuchContention", "UnreadableLog", "VersionIsStale", "leading_role",
]  # fmt: skip
