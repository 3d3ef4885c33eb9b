"""The casebook: commands in, events appended, histories out. One log for every kind of case.

`execute` decides optimistically on folded state it has at hand and lets the append check, under
its lock, that nothing newer stood in the log; before it refuses, or answers that a wish is already
true, it reads what is newer. So a cached state can never give a wrong answer, only a second try.
"""

import contextlib
import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eventsourcing.application import Application
from eventsourcing.persistence import OperationalError
from eventsourcing.utils import Environment, EnvType

from domain import DECIDERS
from domain.declare import (
    Actor,
    AlreadyClaimed,
    AlreadyExists,
    CaseNotFound,
    Command,
    Context,
    Refusal,
)
from domain.rulebook import Rules
from store.codec import Codec
from store.ids import new_id
from store.keys import KeyRing, Keys
from store.log import SQL, Log, Recorded, head
from store.mapper import CasebookFactory, CaseMapper, Fact, leading_role
from store.proposals import Proposal
from store.recorder import Append, CasebookRecorder, ClaimRow, KeyRow, Outcome, Pool, RequestRow
from store.requests import (
    Idempotency,
    KeyReusedWithOtherBody,
    Receipt,
    Request,
    RequestIsRunning,
    Requests,
)
from store.states import AnyDecider, Known, States

ATTEMPTS_MAX = 12
TURNS = 64
CACHED_STATES_MAX = 4096

Guard = Callable[[AnyDecider, UUID, Any, int], None]


class VersionIsStale(Refusal, code="case.version_is_stale"):
    """Somebody else was faster: the case has changed since you read it."""


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
        self._of_command = {c: decider for decider in deciders for c in decider.commands}
        self._opens = {c for decider in deciders for c in decider.opens}
        self._states = States(self.log_reader, pool, states_max=cached_states_max)
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
        if not commands:
            raise TypeError("execute needs a command")
        with self._requests.only_once(idempotency) as request, contextlib.ExitStack() as turn:
            fresh = queued = False
            for attempt in range(ATTEMPTS_MAX):
                try:
                    proposal = self._propose(commands, actor, expected_version, guard, fresh=fresh)
                except Refusal as refusal:
                    if not fresh:
                        fresh = True
                        continue
                    if (found := self._requests.answered(request)) is not None:
                        return found
                    raise refusal
                if not fresh and not proposal.changes_all():
                    fresh = True
                    continue
                if not proposal.facts and request is None:
                    return self._receipt(proposal, ())
                outcome = self._append(
                    proposal, actor, reason, request, correlation_id, causation_id, fresh=fresh
                )
                if outcome.outcome == "recorded":
                    return self._recorded(proposal, outcome)
                if outcome.outcome == "replayed":
                    return self._requests.replayed(outcome, request)
                if outcome.outcome == "claim":
                    raise AlreadyClaimed(kind=outcome.detail)
                if outcome.outcome == "key":
                    for _, _, _, subject in proposal.facts:
                        if subject is not None:
                            self.ring.forget(subject)
                if not queued:
                    self._queue_up(turn, proposal)
                    queued = True
                fresh = True
                if attempt > 1:
                    time.sleep(random.uniform(0, 0.002 * 2 ** min(attempt, 6)))  # noqa: S311
            raise TooMuchContention

    def _queue_up(self, turn: contextlib.ExitStack, proposal: Proposal) -> None:
        """After a lost race, wait for this process's other losers on the same cases in turn."""
        for number in sorted({stream.int % len(self._turns) for stream in proposal.after}):
            turn.enter_context(self._turns[number])

    def _propose(
        self,
        commands: Sequence[Command],
        actor: Actor,
        expected_version: int | None,
        guard: Guard | None,
        *,
        fresh: bool,
    ) -> Proposal:
        rules_at, rules = self._states.rules(fresh=fresh)
        context = Context(now=self.clock(), actor=actor, rules=rules)
        proposal = Proposal(first=commands[0].stream, rules_position=rules_at)
        after = proposal.after
        for command in commands:
            stream = command.stream
            decider = self._of_command[type(command)]
            opening = type(command) in self._opens
            known = after.get(stream)
            if known is None:
                known = self._known(stream, decider, fresh=fresh, opening=opening)
                if guard is not None:
                    guard(decider, stream, known.state, known.version)
                if stream == proposal.first and expected_version not in (None, known.version):
                    raise VersionIsStale(version=known.version)
                proposal.before[stream] = known
            if known.decider is not decider:
                raise AlreadyExists if opening else CaseNotFound
            if known.version == 0 and decider.opens and not opening:
                raise CaseNotFound
            state, version = known.state, known.version
            for payload in decider.decide(state, command, context):
                proposal.claim(stream, decider.claims(state, payload))
                state = decider.evolve(state, payload)
                version += 1
                subject = decider.subject(stream, state, payload)
                proposal.facts.append((stream, version, payload, subject))
            after[stream] = Known(decider, state, version, known.position)
        proposal.settle_claims()
        return proposal

    def _append(
        self,
        proposal: Proposal,
        actor: Actor,
        reason: str | None,
        request: Request | None,
        correlation_id: UUID | None,
        causation_id: UUID | None,
        *,
        fresh: bool,
    ) -> Outcome:
        new_keys: dict[UUID, tuple[AESGCM, KeyRow]] = {}
        role = leading_role(actor)
        events = []
        for stream, version, payload, subject in proposal.facts:
            cipher = None
            if subject is not None and (
                reason is not None or self.codec.is_personal(self.codec.topic(payload))
            ):
                is_new = not fresh and subject in proposal.before
                is_new = is_new and proposal.before[subject].version == 0
                cipher = self._cipher(subject, new_keys, is_new=is_new)
            fact = Fact(
                stream, version, payload, new_id(), actor.id, role, reason,
                correlation_id, causation_id, subject, cipher,
            )  # fmt: skip
            events.append(self.case_mapper.to_stored_event(fact))
        row = None
        if request is not None:
            first, was = proposal.after[proposal.first], proposal.before[proposal.first]
            created = was.version == 0 and first.version > 0
            row = RequestRow(*request, proposal.first, first.version, created)
        outcome = self.case_recorder.append(
            Append(
                events=events,
                looked_at=proposal.looked_at() if events else (),
                claims=[
                    ClaimRow(kind, self.keys.lookup_hash(kind, value), stream, held)
                    for kind, value, stream, held in proposal.settled_claims
                ],
                keys=[key for _, key in new_keys.values()],
                request=row,
                rules_position=proposal.rules_position,
            )
        )
        if outcome.outcome == "recorded":
            for subject, (_, key) in new_keys.items():
                self.ring.remember(subject, key.wrapped)
        return outcome

    def _cipher(
        self,
        subject: UUID,
        new_keys: dict[UUID, tuple[AESGCM, KeyRow]],
        *,
        is_new: bool,
    ) -> AESGCM:
        """Return a person's cipher; for one who `is_new` none is sought, for she has none yet."""
        known = self.ring.known(subject)
        if known is not None:
            return known
        if subject in new_keys:
            return new_keys[subject][0]
        if not is_new:
            with self.pool.connection() as connection:
                found = self.ring.load(connection, [subject]).get(subject)
            if found is not None:
                return found
        cipher, wrapped = self.ring.make(subject)
        new_keys[subject] = (cipher, KeyRow(subject, wrapped))
        return cipher

    def _recorded(self, proposal: Proposal, outcome: Outcome) -> Receipt:
        for stream, known in proposal.after.items():
            if known.version > proposal.before[stream].version:
                self._states.remember(stream, known._replace(position=outcome.last_position))
        payloads = tuple(payload for _, _, payload, _ in proposal.facts)
        return self._receipt(proposal, payloads, outcome.last_position)

    def _receipt(
        self, proposal: Proposal, events: tuple[Any, ...], position: int | None = None
    ) -> Receipt:
        first = proposal.after[proposal.first]
        return Receipt(
            stream=proposal.first,
            version=first.version,
            position=first.position if position is None else position,
            created=proposal.before[proposal.first].version == 0 and first.version > 0,
            events=events,
        )

    def _known(self, stream: UUID, decider: AnyDecider, *, fresh: bool, opening: bool) -> Known:
        nothing = Known(decider, decider.initial, 0, 0)
        if fresh:
            return self._states.newest(stream) or nothing
        known = self._states.at_hand(stream)
        if known is not None:
            return known
        return nothing if opening else self._states.newest(stream) or nothing

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


__all__ = [
    "Casebook", "Idempotency", "KeyReusedWithOtherBody", "OperationalError", "Receipt",
    "RequestIsRunning", "TooMuchContention", "UnreadableLog", "VersionIsStale", "leading_role",
]  # fmt: skip
