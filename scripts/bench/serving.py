"""The API in a process of its own, with two routes more: what the real ones are compared with.

The peers stand behind the same middleware and the same authentication, and each does the least
that a route can do: send one stored row's bytes by primary key, or insert one row. Started as
`python -m bench.serving`; it prints its port, and answers each line of its input with the seconds
of processor time that it has used.
"""

import socket
import sys
import threading
import time

import psycopg
import uvicorn
from psycopg_pool import AsyncConnectionPool
from starlette.requests import Request
from starlette.responses import Response

from _logs import configure
from api import access
from api.app import create_app
from api.conventions import body_of, require_json, uuid_in_path
from api.desk import Desk
from api.middleware import ACTOR_KEY, ROUTE_KEY
from api.wire import BoundedHttp
from domain.declare import CaseNotFound, Role
from store.database import async_pool
from store.ids import new_id
from store.settings import Settings

STORED_PATH = "/v1/bench/stored/{id}"
INSERTED_PATH = "/v1/bench/inserted"
PEER_TABLES = """
CREATE TABLE views.bench_stored (id uuid PRIMARY KEY, body bytea NOT NULL);
ALTER TABLE views.bench_stored ALTER COLUMN body SET STORAGE EXTERNAL;
GRANT SELECT ON views.bench_stored TO parvandeh_reader;
CREATE TABLE casebook.bench_inserted (id uuid PRIMARY KEY, body bytea NOT NULL);
GRANT INSERT ON casebook.bench_inserted TO parvandeh_writer;
"""
STAFF = frozenset({Role.EXPERT})

WriterPool = AsyncConnectionPool[psycopg.AsyncConnection[tuple[object, ...]]]


async def _admitted(request: Request, path: str) -> Desk:
    """Do what every real route does before its handler."""
    request.scope[ROUTE_KEY] = path
    desk: Desk = request.app.state.desk
    actor = await desk.verifier.actor(request.headers.get("authorization"))
    request.scope[ACTOR_KEY] = actor.id
    access.permit(STAFF, actor)
    return desk


async def stored(request: Request) -> Response:
    """Send one stored row's bytes by primary key."""
    desk = await _admitted(request, STORED_PATH)
    wanted = uuid_in_path(request.path_params["id"])
    async with desk.readers.connection() as connection:
        cursor = await connection.execute(
            "SELECT body FROM views.bench_stored WHERE id = %s", (wanted,), binary=True
        )
        row = await cursor.fetchone()
    if row is None:
        raise CaseNotFound
    return Response(row[0], media_type="application/json")


async def inserted(request: Request) -> Response:
    """Insert the body as one row, in a transaction of its own."""
    await _admitted(request, INSERTED_PATH)
    require_json(request)
    body = await body_of(request)
    pool: WriterPool = request.app.state.bench_writers
    made = new_id()
    async with pool.connection() as connection:
        await connection.execute(
            "INSERT INTO casebook.bench_inserted (id, body) VALUES (%s, %b)", (made, body)
        )
    return Response(b'{"id":"%b"}' % str(made).encode(), 201, media_type="application/json")


def _answer_cpu_seconds() -> None:
    for _ in sys.stdin:
        print(time.process_time(), flush=True)


class _Server(uvicorn.Server):
    """Opens the peers' pool once the loop runs."""

    def __init__(self, config: uvicorn.Config, writers: WriterPool) -> None:
        super().__init__(config)
        self._writers = writers

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the pool, then listen."""
        await self._writers.open()
        await super().startup(sockets)


def main() -> None:
    """Serve on a free port of the loopback address until told to stop."""
    settings = Settings.load()
    configure(settings.log_level)
    app = create_app(settings, own_process=True)
    app.add_api_route(STORED_PATH, stored, methods=["GET"], response_model=None)
    app.add_api_route(INSERTED_PATH, inserted, methods=["POST"], response_model=None)
    routes = app.router.routes  # tried in turn: the peers come first, as the busiest of ours do
    routes[:0] = [routes.pop(), routes.pop()]
    writers = app.state.bench_writers = async_pool(settings.database_url, "writer", size=16)
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=_answer_cpu_seconds, daemon=True).start()
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=BoundedHttp,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
    )
    _Server(config, writers).run(sockets=[listener])


if __name__ == "__main__":
    main()
