"""Streams of notices (server-sent events): one look at the inbox for all of a process's streams.

While anybody listens, one task looks whose inboxes have changed and wakes their streams; each then
reads for itself what it has not sent yet. What a stream sends is known by the log's position at
which it changed: going on after a position, nothing is lost and nothing comes twice.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api import metrics
from api.middleware import STREAM_KEY
from api.problems import Problem
from api.wire import CLOSING_KEY
from projections import inbox
from store.readers import UNAVAILABLE, Readers

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 0.2
AWAY_S = 1.0
"""How long the look waits when the database is away."""
HEARTBEAT_S = 15.0
SEND_WITHIN_S = 20.0
"""How long a client may take to read what was sent before its stream is ended."""
OF_ACCOUNT_MAX = 5
"""How many streams an account may have; one more ends the oldest."""
IN_PROCESS_MAX = 2_000
RETRY_MS = 2_000
PAGE = 100

TOKEN_EXPIRED = "token_expired"  # noqa: S105 (a word, no secret)
SUPERSEDED = "superseded"
CLOSING = "closing"
UNAVAILABLE_NOW = "unavailable"


@dataclass(eq=False)
class Listener:
    """One stream: `woken` when there may be something to send, `over` when it has to end."""

    account: str
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    over: str | None = None

    def ends(self) -> bool:
        """Tell whether the stream has to end."""
        return self.over is not None

    def end(self, why: str) -> None:
        """Let the stream end, saying why; the first reason stands."""
        self.over = self.over or why
        self.woken.set()


class Streams:
    """The streams of this process."""

    def __init__(self, readers: Readers, *, look_every_s: float = LOOK_EVERY_S) -> None:
        self._readers = readers
        self._look_every_s = look_every_s
        self._listeners: dict[Listener, None] = {}
        self._looking: asyncio.Task[None] | None = None
        self._position = 0

    def open(self, account: str) -> Listener:
        """Begin to listen for an account; raises the 503 problem when there are too many."""
        if len(self._listeners) >= IN_PROCESS_MAX:
            raise Problem("service.busy")
        own = [one for one in self._listeners if one.account == account]
        for oldest in own[: max(0, len(own) + 1 - OF_ACCOUNT_MAX)]:
            oldest.end(SUPERSEDED)
        listener = Listener(account)
        self._listeners[listener] = None
        metrics.STREAMS.set(len(self._listeners))
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return listener

    def close(self, listener: Listener) -> None:
        """Listen no more."""
        self._listeners.pop(listener, None)
        metrics.STREAMS.set(len(self._listeners))

    async def changes(self, account: str, after: int) -> tuple[int, list[inbox.Notice]]:
        """Return the inbox's position, and an account's notices that changed after another one."""
        async with self._readers.connection(freshest=True) as connection:
            return await inbox.changes(connection, account, after, limit=PAGE)

    async def _look(self) -> None:
        while self._listeners:
            started_s = time.monotonic()
            try:
                await self._wake()
            except UNAVAILABLE as error:
                log.warning("streams_cannot_look", kind=type(error).__name__)
                await asyncio.sleep(AWAY_S)
            await asyncio.sleep(max(0.0, self._look_every_s - (time.monotonic() - started_s)))

    async def _wake(self) -> None:
        accounts = {one.account for one in self._listeners}
        async with self._readers.connection(freshest=True) as connection:
            position, moved = await inbox.moved(connection, sorted(accounts), self._position)
        self._position = max(self._position, position)
        for one in self._listeners:
            if one.account in moved:
                one.woken.set()

    async def shut(self) -> None:
        """End every stream and stop looking."""
        for one in tuple(self._listeners):
            one.end(CLOSING)
        if self._looking is not None:
            self._looking.cancel()


def event(name: str, data: bytes, position: int | None = None) -> bytes:
    """Return one event as it is written on the wire; its data is JSON, which has no line breaks."""
    known = b"" if position is None else b"id: %d\n" % position
    return b"%sevent: %s\ndata: %s\n\n" % (known, name.encode(), data)


@dataclass(frozen=True)
class Going:
    """Where a stream begins and when it ends at the latest (seconds of the epoch)."""

    after: int
    first: list[inbox.Notice]
    position: int
    until_s: float


async def parts_of(streams: Streams, listener: Listener, going: Going) -> AsyncIterator[bytes]:
    """Yield what a stream writes, until it has to end."""
    sent, position, found = going.after, going.position, going.first
    yield b"retry: %d\nid: %d\n\n" % (RETRY_MS, sent)
    while not listener.ends():
        for notice in found:
            if time.time() >= going.until_s:
                listener.end(TOKEN_EXPIRED)  # also of a client that reads slowly, or has much to
            if listener.ends():
                break
            yield event("notification", notice.body, notice.changed)
            sent = notice.changed
        if not listener.ends() and len(found) < PAGE:
            sent = max(sent, position)
            while not await _woken(listener, going.until_s):
                yield b": still here\nid: %d\n\n" % sent
        if not listener.ends():
            listener.woken.clear()  # before reading: what changes meanwhile wakes it again
            try:
                position, found = await streams.changes(listener.account, sent)
            except UNAVAILABLE:
                listener.end(UNAVAILABLE_NOW)
    yield event("end", json.dumps({"why": listener.over}).encode())


async def _woken(listener: Listener, until_s: float) -> bool:
    """Wait for the listener to be woken; False when it is time for a sign of life instead."""
    left_s = until_s - time.time()
    try:
        async with asyncio.timeout(max(0.0, min(HEARTBEAT_S, left_s))):
            await listener.woken.wait()
    except TimeoutError:
        if left_s > HEARTBEAT_S:
            return False
        listener.end(TOKEN_EXPIRED)
    return True


class EventStream(Response):
    """An answer that goes on until the caller leaves, her token expires or the process ends."""

    def __init__(self, streams: Streams, listener: Listener, going: Going) -> None:
        self._streams = streams
        self._listener = listener
        self._going = going
        self.background = None
        self.status_code = 200
        self.raw_headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
            (b"vary", b"Authorization"),
            (b"casebook-position", b"%d" % going.position),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what there is, as fast as the caller reads it, and end with the caller."""
        scope[STREAM_KEY] = True
        leaving = asyncio.create_task(_leave(self._listener, receive, scope.get(CLOSING_KEY)))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async for part in parts_of(self._streams, self._listener, self._going):
                async with asyncio.timeout(SEND_WITHIN_S):
                    await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            log.info("stream_not_read")
        finally:
            leaving.cancel()
            self._streams.close(self._listener)


async def _leave(listener: Listener, receive: Receive, closing: asyncio.Event | None) -> None:
    """End the stream when its caller hangs up, or when the server closes its connections."""

    async def hung_up() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    waits: list[asyncio.Task[object]] = [asyncio.create_task(hung_up())]
    if closing is not None:
        waits.append(asyncio.create_task(closing.wait()))
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        listener.end(CLOSING)
    finally:
        for wait in waits:
            wait.cancel()
