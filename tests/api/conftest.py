"""The whole service on the loopback address: uvicorn, real PostgreSQL, views kept up."""

import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import uvicorn

import projections
from api.app import create_app
from api.issuer import own_issuer
from api.wire import BoundedHttp
from store.casebook import Casebook
from store.database import connect
from store.rulebook import publish_shipped
from store.settings import Settings
from store.views import run
from tests.api.service import Service

MASTER_KEY = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="


def await_views(url: str) -> None:
    """Return when every view has its tables."""
    deadline_s = time.monotonic() + 60
    with connect(url, "reader") as connection:
        while True:
            row = connection.execute("SELECT count(*) FROM views.tracking").fetchone()
            if row is not None and row[0] >= len(projections.VIEWS):
                return
            assert time.monotonic() < deadline_s, "the views were not made"
            time.sleep(0.02)


@pytest.fixture(scope="module")
def service(
    module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """Serve a database of the module's own, with the shipped rules published."""
    data_dir = tmp_path_factory.mktemp("data")
    settings = Settings.load(
        data_dir=data_dir, database_url=module_database_url, master_key=MASTER_KEY
    )
    app = create_app(settings)
    config = uvicorn.Config(
        app, loop="uvloop", http=BoundedHttp, log_config=None, access_log=False, ws="none"
    )
    server = uvicorn.Server(config)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    serving.start()
    while not server.started:
        assert serving.is_alive(), "the server did not start"
        time.sleep(0.01)
    casebook: Casebook = app.state.desk.casebook
    publish_shipped(casebook)
    stop = threading.Event()
    views = threading.Thread(
        target=run,
        args=(module_database_url, casebook.log_reader, projections.VIEWS, stop),
        kwargs={"poll_s": 0.05},
    )
    views.start()
    await_views(module_database_url)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with httpx.Client(base_url=url, timeout=30) as client:
        yield Service(url, client, own_issuer(data_dir), app)
    stop.set()
    views.join()
    server.should_exit = True
    serving.join()
    listening.close()
