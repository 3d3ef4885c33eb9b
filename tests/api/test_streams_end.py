"""A server that is told to end does not wait for streams that never do."""

import asyncio
import http.client
import json
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from api import streams
from api.app import create_app
from api.issuer import own_issuer
from api.streams import EventStream, Going, Streams, event, parts_of
from api.wire import BoundedHttp
from domain.declare import Role
from projections.inbox import VIEW, Notice
from store.casebook import Casebook
from store.database import pool
from store.keys import Keys
from store.readers import Readers
from store.settings import Settings
from store.views import catch_up
from tests.api.conftest import MASTER_KEY


def test_a_stream_ends_when_the_server_does(database_url: str, tmp_path: Path) -> None:

    settings = Settings.load(data_dir=tmp_path, database_url=database_url, master_key=MASTER_KEY)
    with pool(database_url, "writer", size=1) as own:
        casebook = Casebook(own, database_url, Keys(settings.master_key_bytes()))
        catch_up(database_url, casebook.log_reader, [VIEW])
    config = uvicorn.Config(
        create_app(settings), http=BoundedHttp, log_config=None, access_log=False, ws="none"
    )
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        serving.start()
        while not server.started:
            assert serving.is_alive()
            time.sleep(0.01)
        token = own_issuer(tmp_path).token(Role.SUPERVISOR, subject="u-1", hours=1)
        port = listening.getsockname()[1]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request(
            "GET", "/v1/notifications/stream", headers={"Authorization": f"Bearer {token}"}
        )
        with connection.getresponse() as answer:
            assert answer.status == 200, answer.read()
            assert answer.readline() == b"retry: 2000\n"
            began_s = time.monotonic()
            server.should_exit = True
            said = answer.read().decode()
        serving.join(timeout=10)
        connection.close()
    assert not serving.is_alive()
    assert time.monotonic() - began_s < 5
    assert json.loads(said.partition("data: ")[2]) == {"why": "closing"}


async def read_nothing(url: str) -> float:
    """Open a stream for a client that takes the head and no more; return how long it lasted."""
    readers = Readers.make(url)
    await readers.open()
    open_streams = Streams(readers)
    listener = open_streams.open("u-1")
    went: list[Any] = []

    async def send(message: Any) -> None:
        went.append(message["type"])
        if message["type"] == "http.response.body":
            await asyncio.sleep(60)

    async def receive() -> Any:
        await asyncio.sleep(60)

    began_s = time.monotonic()
    going = Going(after=0, first=[], position=0, until_s=time.time() + 600)
    await EventStream(open_streams, listener, going)({"type": "http"}, receive, send)
    assert went == ["http.response.start", "http.response.body"]
    assert not open_streams._listeners
    lasted_s = time.monotonic() - began_s
    await open_streams.shut()
    await readers.close()
    return lasted_s


async def read_slowly(url: str) -> list[bytes]:
    """Read what a stream has, the token of which expires before the second event is taken."""
    readers = Readers.make(url)
    await readers.open()
    open_streams = Streams(readers)
    listener = open_streams.open("u-1")
    found = [Notice(position=n, changed=n, body=b"{}") for n in range(1, 4)]
    going = Going(after=0, first=found, position=3, until_s=time.time() + 0.3)
    took: list[bytes] = []
    async for part in parts_of(open_streams, listener, going):
        took.append(part)
        if len(took) == 2:
            await asyncio.sleep(0.4)
    await open_streams.shut()
    await readers.close()
    return took


def test_who_reads_slowly_gets_nothing_after_her_token_has_expired(database_url: str) -> None:
    _, first, last = asyncio.run(read_slowly(database_url))
    assert first == event("notification", b"{}", 1)
    assert last == event("end", b'{"why": "token_expired"}')


def test_a_stream_that_nobody_reads_is_given_up(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "SEND_WITHIN_S", 0.05)
    assert asyncio.run(read_nothing(database_url)) < 5
