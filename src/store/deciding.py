"""Deciding: from what somebody wants, on folded state, to what would be appended."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.declare import Actor, AlreadyExists, CaseNotFound, Command, Context, Refusal
from store.ids import new_id
from store.keys import KeyRing
from store.mapper import CaseMapper, Fact, leading_role
from store.proposals import Proposal
from store.recorder import Append, ClaimRow, KeyRow, Pool, RequestRow
from store.requests import Request
from store.states import AnyDecider, Known, States

Guard = Callable[[AnyDecider, UUID, Any, int], None]

NOTHING_LOADED: Mapping[UUID, Known] = {}


class VersionIsStale(Refusal, code="case.version_is_stale"):
    """Somebody else was faster: the case has changed since you read it."""


class KeyNotAtHand(Exception):  # noqa: N818
    """A person's key stands in the database, or nowhere; it was not to be asked for."""


class Wish(NamedTuple):
    """What one caller of `execute` wants: its arguments."""

    commands: Sequence[Command]
    actor: Actor
    reason: str | None
    expected_version: int | None
    request: Request | None
    correlation_id: UUID | None
    causation_id: UUID | None
    guard: Guard | None


class Deciding:
    """Decides wishes; safe for any number of threads."""

    def __init__(
        self,
        deciders: Sequence[AnyDecider],
        states: States,
        ring: KeyRing,
        mapper: CaseMapper,
        pool: Pool,
        clock: Callable[[], datetime],
    ) -> None:
        self._of_command = {c: decider for decider in deciders for c in decider.commands}
        self._opens = {c for decider in deciders for c in decider.opens}
        self._states = states
        self._ring = ring
        self._mapper = mapper
        self._pool = pool
        self._clock = clock

    def cold(self, wish: Wish) -> set[UUID]:
        """Return the cases of which nothing is at hand; a new one has nothing to be read."""
        return {
            command.stream
            for command in wish.commands
            if type(command) not in self._opens and self._states.at_hand(command.stream) is None
        }

    def opens_only(self, wish: Wish) -> bool:
        """Tell whether each command opens a case, and the rules are at hand to decide it by."""
        return self._states.has_rules() and all(type(c) in self._opens for c in wish.commands)

    def propose(
        self, wish: Wish, *, fresh: bool, loaded: Mapping[UUID, Known] = NOTHING_LOADED
    ) -> Proposal:
        """Decide a wish: on the newest state if `fresh`, else on what was `loaded` or is at hand.

        Raises a `Refusal`, which holds for certain only of the newest state.
        """
        rules_at, rules = self._states.rules(fresh=fresh)
        context = Context(now=self._clock(), actor=wish.actor, rules=rules)
        proposal = Proposal(first=wish.commands[0].stream, rules_position=rules_at)
        after = proposal.after
        for command in wish.commands:
            stream = command.stream
            decider = self._of_command[type(command)]
            opening = type(command) in self._opens
            known = after.get(stream)
            if known is None:
                known = None if fresh else loaded.get(stream)
                if known is None:
                    known = self._known(stream, decider, fresh=fresh, opening=opening)
                if wish.guard is not None:
                    wish.guard(decider, stream, known.state, known.version)
                if stream == proposal.first and wish.expected_version not in (None, known.version):
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

    def append_of(
        self, wish: Wish, proposal: Proposal, *, fresh: bool, asks: bool = True
    ) -> Append:
        """Return what a proposal appends, sealed for its subjects; new ones get a key.

        Raises `KeyNotAtHand` for somebody's key that would have to be asked for, unless it `asks`.
        """
        new_keys: dict[UUID, tuple[AESGCM, KeyRow]] = {}
        role = leading_role(wish.actor)
        events = []
        codec = self._mapper.codec
        for stream, version, payload, subject in proposal.facts:
            cipher = None
            if subject is not None and (
                wish.reason is not None or codec.is_personal(codec.topic(payload))
            ):
                is_new = not fresh and subject in proposal.before
                is_new = is_new and proposal.before[subject].version == 0
                cipher = self._cipher(subject, new_keys, is_new=is_new, asks=asks)
            fact = Fact(
                stream, version, payload, new_id(), wish.actor.id, role, wish.reason,
                wish.correlation_id, wish.causation_id, subject, cipher,
            )  # fmt: skip
            events.append(self._mapper.to_stored_event(fact))
        row = None
        if wish.request is not None:
            first, was = proposal.after[proposal.first], proposal.before[proposal.first]
            created = was.version == 0 and first.version > 0
            row = RequestRow(*wish.request, proposal.first, first.version, created)
        return Append(
            events=events,
            looked_at=proposal.looked_at() if events else (),
            claims=[
                ClaimRow(kind, self._ring.keys.lookup_hash(kind, value), stream, held)
                for kind, value, stream, held in proposal.settled_claims
            ],
            keys=[key for _, key in new_keys.values()],
            request=row,
            rules_position=proposal.rules_position,
        )

    def recorded(self, proposal: Proposal, append: Append, position: int) -> None:
        """Keep what an append made true: new keys, and the states that followed."""
        for key in append.keys:
            self._ring.remember(key.subject_id, key.wrapped)
        for stream, known in proposal.after.items():
            if known.version > proposal.before[stream].version:
                self._states.remember(stream, known._replace(position=position))

    def forget_keys(self, proposal: Proposal) -> None:
        """Drop the ciphers that a proposal was sealed with: one of them is somebody else's."""
        for _, _, _, subject in proposal.facts:
            if subject is not None:
                self._ring.forget(subject)

    def _known(self, stream: UUID, decider: AnyDecider, *, fresh: bool, opening: bool) -> Known:
        nothing = Known(decider, decider.initial, 0, 0)
        if fresh:
            return self._states.newest(stream) or nothing
        known = self._states.at_hand(stream)
        if known is not None:
            return known
        return nothing if opening else self._states.newest(stream) or nothing

    def _cipher(
        self,
        subject: UUID,
        new_keys: dict[UUID, tuple[AESGCM, KeyRow]],
        *,
        is_new: bool,
        asks: bool,
    ) -> AESGCM:
        """Return a person's cipher; for one who `is_new` none is sought, for she has none yet."""
        known = self._ring.known(subject)
        if known is not None:
            return known
        if subject in new_keys:
            return new_keys[subject][0]
        if not is_new:
            if not asks:
                raise KeyNotAtHand
            with self._pool.connection() as connection:
                found = self._ring.load(connection, [subject]).get(subject)
            if found is not None:
                return found
        cipher, wrapped = self._ring.make(subject)
        new_keys[subject] = (cipher, KeyRow(subject, wrapped))
        return cipher
