"""What `serve.py` does: prepare the database, start the processes, look after them, end them."""

import http.client
import os
import signal
import socket
import sys
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from rich.console import Console

from _demo import load_demo
from _logs import configure
from _processes import Child, Processes
from sagas import SAGAS
from store.casebook import Casebook, UnreadableLog
from store.database import pool
from store.keys import Keys, WrongMasterKey
from store.migrate import MigrationError, migrate
from store.private_postgres import PrivatePostgres, PrivatePostgresError
from store.rulebook import publish_shipped
from store.saga_status import activate
from store.settings import Settings, SettingsError

READY_WITHIN_S = 60.0
UNFINISHED_DEMO = "demo.unfinished"

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
say = Console(highlight=False, soft_wrap=True)


class Part(StrEnum):
    """A kind of process; any number of each may run against one database."""

    API = "api"
    VIEWS = "views"
    SAGAS = "sagas"


class CannotServe(Exception):  # noqa: N818
    """The server cannot run as it was asked to; the message is one line."""


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Where the API listens; 0 takes a free one.")] = 8000,
    host: Annotated[str, typer.Option(help="The address it listens on.")] = "127.0.0.1",
    data_dir: Annotated[
        Path | None, typer.Option(help="The folder of the private database and of files.")
    ] = None,
    empty: Annotated[
        bool, typer.Option("--empty", help="Load no demo at the first start.")
    ] = False,
    only: Annotated[Part | None, typer.Option(help="Run this kind of process alone.")] = None,
) -> None:
    """Run the server; without DATABASE_URL, on a private PostgreSQL in the data folder."""
    stop, hurry = _obey_signals()
    try:
        settings = Settings.load(data_dir=data_dir)
        configure(settings.log_level)
        with ExitStack() as opened:
            _serve(settings, host, port, empty, only, stop, hurry, opened)
    except (
        CannotServe,
        MigrationError,
        PrivatePostgresError,
        SettingsError,
        UnreadableLog,
        WrongMasterKey,
    ) as error:
        _give_up(str(error))
    except psycopg.OperationalError as error:
        _give_up(f"the database cannot be reached: {str(error).strip().splitlines()[0]}")


def _serve(
    settings: Settings,
    host: str,
    port: int,
    empty: bool,
    only: Part | None,
    stop: threading.Event,
    hurry: threading.Event,
    opened: ExitStack,
) -> None:
    listener = None
    if only in (None, Part.API):
        settings.check_issuer(host)
        listener = opened.enter_context(_listen(host, port))
    postgres = None
    environment = {**os.environ, "APP_DATA_DIR": str(settings.data_dir)}
    url = settings.database_url
    if settings.uses_private_database:
        postgres = PrivatePostgres(settings.data_dir)
        url = postgres.start()
        opened.callback(postgres.stop)
        own_key = settings.make_master_key()
        if own_key is not None:
            environment["APP_MASTER_KEY_FILE"] = str(own_key)
        environment["DATABASE_URL"] = url
    migrate(url)
    activate(url, [saga.name for saga in SAGAS])
    demo = _prepare(settings, url, with_demo=postgres is not None and not empty)
    if stop.is_set():
        return
    processes = Processes()
    opened.callback(processes.end, hurry)
    parts = str(Path(__file__).with_name("_parts.py"))
    for part in (Part.VIEWS, Part.SAGAS):
        if only in (None, part):
            processes.add(Child(part, [sys.executable, parts, part], environment))
    if listener is not None:
        descriptor = listener.fileno()
        command = [sys.executable, parts, "api", str(descriptor)]
        processes.add(Child("api", command, environment, descriptors=(descriptor,)))
        address = _address(host, listener)
        _await_answer(host, listener.getsockname()[1], processes, stop)
        if not stop.is_set():
            _greet(settings, address, demo)
    while not stop.wait(0.2):
        if not processes.look_after():
            raise CannotServe("it goes no further, for the reason above")
        if postgres is not None and not postgres.is_alive():
            postgres.start()


def _prepare(settings: Settings, url: str, *, with_demo: bool) -> list[str]:
    """Publish the shipped rules and, in an empty database, load the demo; return what to say."""
    unfinished = settings.data_dir / UNFINISHED_DEMO
    with pool(url, "writer", size=4) as connections:
        casebook = Casebook(connections, url, Keys(settings.master_key_bytes()))
        try:
            casebook.check()
            if not with_demo or not (casebook.head() == 0 or unfinished.exists()):
                publish_shipped(casebook)
                return []
            say.print("Loading a small demo (its people are made up) ...")
            unfinished.touch()
            loaded = load_demo(casebook, datetime.now(UTC))
            unfinished.unlink()
        finally:
            casebook.close()
    return [
        f"Demo: {loaded.customers} customers, {loaded.complaints} complaints, orders and a lease.",
        f"  a customer of the portal   {loaded.portal_customer_id}",
        f"  a complaint from end to end  {loaded.complaint_id}",
    ]


def _obey_signals() -> tuple[threading.Event, threading.Event]:
    """Return what the first signal to end sets, and what the second one sets."""
    stop, hurry = threading.Event(), threading.Event()

    def obey(*_: object) -> None:
        (hurry if stop.is_set() else stop).set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, obey)
    return stop, hurry


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        number = getattr(error, "errno", None) or 0
        reason = os.strerror(number) if number > 0 else error
        raise CannotServe(
            f"cannot listen on {host} port {port} ({reason}): choose another --port or --host"
        ) from None


def _address(host: str, listener: socket.socket) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{listener.getsockname()[1]}"


def _await_answer(host: str, port: int, processes: Processes, stop: threading.Event) -> None:
    deadline_s = time.monotonic() + READY_WITHIN_S
    while not stop.wait(0.05):
        if _is_ready(host, port):
            return
        if not processes.look_after():
            raise CannotServe("the API does not start, for the reason above")
        if time.monotonic() > deadline_s:
            raise CannotServe(f"the API does not answer in {READY_WITHIN_S:.0f} s")


def _is_ready(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _greet(settings: Settings, address: str, demo: list[str]) -> None:
    for line in demo:
        say.print(line)
    say.print(f"Parvandeh answers at {address} (described at {address}/openapi.json).")
    if settings.is_own_issuer:
        folder = f" --data-dir {settings.data_dir}"
        say.print(f"A token: python3 scripts/token.py --role expert{folder}")
    say.print(f"Data: {settings.data_dir}. Ctrl-C ends it.")


def _give_up(line: str) -> None:
    sys.stderr.write(f"parvandeh: {line}\n")
    raise SystemExit(1)
