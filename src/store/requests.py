"""Requests that may be repeated: done once, answered again from what was kept."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.declare import Refusal, Unacceptable
from store.keys import Keys
from store.log import SQL
from store.recorder import Outcome, Pool

Request = tuple[bytes, bytes]
"""The keyed hashes of a request's scope (actor, route, key) and of its body."""


class KeyReusedWithOtherBody(Unacceptable, code="idempotency.other_body"):
    """This Idempotency-Key was used before with another request."""


class RequestIsRunning(Refusal, code="idempotency.running"):
    """The request with this Idempotency-Key is still being answered; ask again shortly."""


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A request that may be repeated: `scope` is its actor and route, `body` its exact bytes."""

    scope: str
    key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of the commands; `stream` and `version` are those of the first one's case."""

    stream: UUID
    version: int
    position: int
    """The last position written; where nothing had to be, one at which the case stood so."""
    created: bool
    events: tuple[Any, ...] = ()
    replayed: bool = False


class Requests:
    """What is being answered in this process, and what was answered in any."""

    def __init__(self, keys: Keys, pool: Pool) -> None:
        self._keys = keys
        self._pool = pool
        self._running: set[bytes] = set()
        self._mutex = threading.Lock()

    @contextlib.contextmanager
    def only_once(self, idempotency: Idempotency) -> Iterator[Request]:
        """Hold a request while it is answered; raises `RequestIsRunning` when it is already."""
        scope = self._keys.request_hash(idempotency.scope.encode(), idempotency.key.encode())
        body = self._keys.request_hash(idempotency.body)
        with self._mutex:
            if scope in self._running:
                raise RequestIsRunning
            self._running.add(scope)
        try:
            yield scope, body
        finally:
            with self._mutex:
                self._running.discard(scope)

    def answered(self, request: Request | None) -> Receipt | None:
        """Return the answer that was kept; raises `KeyReusedWithOtherBody`."""
        if request is None:
            return None
        scope, body = request
        with self._pool.connection() as connection:
            row = connection.execute(
                SQL["answer"],
                (scope,),
                binary=True,
            ).fetchone()
        if row is None:
            return None
        if row[4] != body:
            raise KeyReusedWithOtherBody
        return Receipt(row[0], row[1], row[2], row[3], replayed=True)

    def replayed(self, outcome: Outcome, request: Request | None) -> Receipt:
        """Return the answer that an append came upon; raises `KeyReusedWithOtherBody`."""
        assert request is not None and outcome.answer_stream is not None
        if outcome.answer_body_mac != request[1]:
            raise KeyReusedWithOtherBody
        return Receipt(
            outcome.answer_stream,
            outcome.answer_version,
            outcome.answer_position,
            outcome.answer_created,
            replayed=True,
        )
