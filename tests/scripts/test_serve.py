"""The whole server as one command, its processes really killed."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest

from _processes import HOPELESS, Child, Processes

ROOT = Path(__file__).parents[2]
START = f"import sys; sys.path[1:1] = [{str(ROOT / 'scripts')!r}]; from _serving import app; app()"
DOWN_WITHIN_S = 30
OF_A_WHOLE_SERVER = 3
"""Connections that listen for the log to grow: the views', and two of the sagas'."""


class Server:
    def __init__(self, data_dir: Path, *options: str, **environment: str) -> None:
        self.data_dir = data_dir
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, "--port", "0", "--data-dir", str(data_dir), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **environment},
            text=True,
        )
        self.said = ""

    def address(self) -> str:
        assert self.process.stdout is not None
        while "Ctrl-C" not in self.said:
            line = self.process.stdout.readline()
            assert line, self.process.communicate()[1]
            self.said += line
        found = re.search(r"answers at (http://\S+)", self.said)
        assert found is not None
        return found[1]

    def child(self, part: str) -> int:
        """Return the process number of a part of this server."""
        question = ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="]
        listed = subprocess.run(question, capture_output=True, text=True, check=True).stdout
        found = re.search(rf"^\s*(\d+)\s+{self.process.pid}\s.*_parts.py {part}", listed, re.M)
        assert found is not None, listed
        return int(found[1])

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        self.process.communicate(timeout=DOWN_WITHIN_S)
        return self.process.returncode


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(*options: str, **environment: str) -> Server:
        servers.append(Server(tmp_path / "data", *options, **environment))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.end()


def ready(address: str) -> bool:
    with urllib.request.urlopen(f"{address}/ready", timeout=20) as answer:
        return bool(json.load(answer) == {"status": "ok"})


def eventually(holds: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + DOWN_WITHIN_S
    while not holds():
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_first_start_loads_the_demo_and_a_signal_ends_it_all(
    serve: Callable[..., Server],
) -> None:
    server = serve()
    assert ready(server.address())
    assert "Demo: " in server.said
    api = server.child("api")
    assert server.end(signal.SIGINT) == 0
    assert not is_alive(api)
    again = serve()
    assert ready(again.address())
    assert "Demo: " not in again.said


def test_a_killed_server_takes_its_processes_along_and_comes_back(
    serve: Callable[..., Server],
) -> None:
    server = serve("--empty")
    assert ready(server.address())
    assert "Demo: " not in server.said
    family = [server.child(part) for part in ("api", "views", "sagas")]
    pid_file = server.data_dir / "cluster" / "postmaster.pid"
    family.append(int(pid_file.read_text().splitlines()[0]))
    server.end(signal.SIGKILL)
    eventually(lambda: not any(map(is_alive, family)))
    assert ready(serve("--empty").address())


def test_a_part_that_dies_is_started_again_and_no_connection_is_lost(
    serve: Callable[..., Server],
) -> None:
    server = serve("--empty")
    address = server.address()
    os.kill(server.child("api"), signal.SIGKILL)
    assert ready(address)
    pid_file = server.data_dir / "cluster" / "postmaster.pid"
    os.kill(int(pid_file.read_text().splitlines()[0]), signal.SIGKILL)

    def back() -> bool:
        try:
            return ready(address)
        except OSError:
            return False

    eventually(back)


@pytest.mark.parametrize(
    ("options", "environment", "said"),
    [
        (("--host", "0.0.0.0"), {}, "not 0.0.0.0"),
        ((), {"APP_LOG_LEVEL": "LOUD"}, "APP_LOG_LEVEL: "),
        ((), {"DATABASE_URL": "postgresql://localhost/x"}, "APP_JWKS_URL: "),
        (("--only", "views"), {"DATABASE_URL": "postgresql:///x?host=/nowhere"}, "be reached"),
    ],
)
def test_what_cannot_be_served_is_said_in_one_line(
    serve: Callable[..., Server], options: tuple[str, ...], environment: dict[str, str], said: str
) -> None:
    server = serve(*options, **environment)
    _, error = server.process.communicate(timeout=DOWN_WITHIN_S)
    assert server.process.returncode == 1
    assert error.startswith("parvandeh: ")
    assert said in error
    assert len(error.splitlines()) == 1


def test_a_part_alone_joins_a_server_that_runs(serve: Callable[..., Server]) -> None:
    server = serve("--empty")
    assert ready(server.address())
    found = json.loads((server.data_dir / "postgres-connection.json").read_text())["url"]

    def listeners() -> int:
        with psycopg.connect(found) as connection:
            row = connection.execute(
                "SELECT count(DISTINCT pid) FROM pg_stat_activity"
                " WHERE query LIKE 'LISTEN%' AND application_name LIKE 'parvandeh%'"
            ).fetchone()
        return 0 if row is None else int(row[0])

    def joins(part: Server) -> bool:
        return part.process.poll() is not None or listeners() > OF_A_WHOLE_SERVER

    for part in ("views", "sagas"):
        eventually(lambda: listeners() == OF_A_WHOLE_SERVER)
        alone = serve("--only", part)
        eventually(partial(joins, alone))
        assert alone.process.poll() is None
        assert alone.end() == 0
    assert ready(server.address())


def test_a_child_that_is_hopeless_is_not_started_again() -> None:
    processes = Processes()
    processes.add(Child("hopeless", [sys.executable, "-c", f"exit({HOPELESS})"], os.environ))
    eventually(lambda: not processes.look_after())
    processes.end(threading.Event())


def test_a_child_that_does_not_listen_is_killed_when_there_is_a_hurry() -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    processes = Processes()
    child = Child("deaf", [sys.executable, "-c", deaf], os.environ)
    processes.add(child)
    hurry = threading.Event()
    hurry.set()
    processes.end(hurry)
    assert child.process is not None
    assert child.process.returncode in (-signal.SIGKILL, -signal.SIGTERM)
