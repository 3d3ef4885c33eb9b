"""HTTP on the wire: uvicorn's protocol, with bounds on the head of a request and on its patience.

The parser has no bound of its own: one connection without a token could send a header without end,
or nothing at all for ever. Bodies are bounded where they are read, in `api.conventions`.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES_MAX = 65_536
HEAD_WITHIN_S = 20.0
LOOK_EVERY_S = 5.0
CLOSING_KEY = "parvandeh.closing"
"""Where a request's scope says that the server closes its connections (an `asyncio.Event`)."""


class BoundedHttp(HttpToolsProtocol):
    """Ends a connection whose request's head grows too large or does not come to its end."""

    _waits_since_s: float | None = None
    """Since when a head is awaited; None while a request is answered or the connection idles."""
    _head_bytes = 0
    _looking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Await the first head."""
        super().connection_made(transport)
        self._closing = asyncio.Event()
        self._waits_since_s = self.loop.time()
        self._looking = self.loop.call_later(LOOK_EVERY_S, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Await the rest of a head of which the first byte has come."""
        self._head_bytes = 0
        self._waits_since_s = self.loop.time()
        super().on_message_begin()
        scope: Any = self.scope  # a typed dictionary of what ASGI names
        scope[CLOSING_KEY] = self._closing

    def shutdown(self) -> None:
        """Tell a request that goes on without end that it has to, and let the others end."""
        self._closing.set()
        super().shutdown()

    def on_headers_complete(self) -> None:
        """Wait no more."""
        self._waits_since_s = None
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Take what came, and end the connection if that was too much of a head."""
        super().data_received(data)
        if self._waits_since_s is None:
            cycle: Any = self.cycle  # None before the first request, whatever its type says
            if cycle is not None and not cycle.response_complete:
                return  # a body
            self._waits_since_s = self.loop.time()  # line feeds before a head that may not come
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES_MAX and not self.transport.is_closing():
            self.send_400_response("The request's head is too large.")

    def _look(self) -> None:
        since_s = self._waits_since_s
        if since_s is not None and self.loop.time() - since_s > HEAD_WITHIN_S:
            self.transport.close()
            return
        self._looking = self.loop.call_later(LOOK_EVERY_S, self._look)
