"""A server that is told to end does not wait for streams that never do."""

import http.client
import json
import socket
import threading
import time
from pathlib import Path

import uvicorn

from api.app import create_app
from api.issuer import own_issuer
from api.wire import BoundedHttp
from domain.declare import Role
from projections.inbox import VIEW
from store.casebook import Casebook
from store.database import pool
from store.keys import Keys
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
