"""A client lean enough not to be what is measured: keep-alive connections, prepared requests.

Started as `python -m bench.client PORT`; each line of its input is a JSON object with `requests`
(each a method, a path and a body), `token`, `connections` and `seconds`, and is answered by one
with `answered`, `seconds` and `failed` (answers other than 200 and 201).
"""

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Iterator
from functools import partial
from typing import Any, cast

import uvloop

WAIT_S = 10.0


class Caller(asyncio.Protocol):
    """One connection that asks again as soon as it was answered, until the time is up."""

    def __init__(self, requests: Iterator[bytes], until_s: float) -> None:
        self._requests = requests
        self._until_s = until_s
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None
        self.answered = 0
        self.failed = 0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask the first time."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by its type
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        """Count an answer that is complete, and ask again."""
        received = self._received
        received += data
        head = received.find(b"\r\n\r\n")
        if head < 0:
            return
        at = received.lower().find(b"content-length:", 0, head)
        end = received.find(b"\r", at)
        if len(received) < head + 4 + int(received[at + 15 : end]):
            return
        self.answered += 1
        self.failed += not received.startswith((b"200", b"201"), 9)
        received.clear()
        assert self._transport is not None
        if time.perf_counter() < self._until_s:
            self._transport.write(next(self._requests))
        else:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """End; an answer that was cut off is a failure."""
        self.failed += bool(self._received) or error is not None
        if not self.done.done():
            self.done.set_result(None)


def _prepared(order: dict[str, Any], request: dict[str, str]) -> bytes:
    body = request.get("body", "").encode()
    lines = [
        f"{request['method']} {request['path']} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {order['token']}",
    ]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _carry_out(order: dict[str, Any], port: int) -> dict[str, float]:
    prepared = [_prepared(order, request) for request in order["requests"]]
    loop = asyncio.get_running_loop()
    started_s = time.perf_counter()
    until_s = started_s + order["seconds"]
    callers = []
    for number in range(order["connections"]):
        turns = itertools.cycle(prepared[number % len(prepared) :] + prepared[:number])
        _, caller = await loop.create_connection(
            partial(Caller, turns, until_s),
            "127.0.0.1",
            port,
        )
        callers.append(caller)
    await asyncio.wait([caller.done for caller in callers], timeout=order["seconds"] + WAIT_S)
    return {
        "answered": sum(caller.answered for caller in callers),
        "failed": sum(caller.failed + (not caller.done.done()) for caller in callers),
        "seconds": time.perf_counter() - started_s,
    }


def main() -> None:
    """Carry out orders until the input ends."""
    port = int(sys.argv[1])
    for line in sys.stdin:
        print(json.dumps(uvloop.run(_carry_out(json.loads(line), port))), flush=True)


if __name__ == "__main__":
    main()
