"""A running API with a client beside it, each in a process of its own."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.access import WHOLE_COMPANY
from api.issuer import own_issuer
from bench.place import MASTER_KEY
from domain.declare import Role

_SCRIPTS = Path(__file__).resolve().parent.parent
_PATHS = (_SCRIPTS.parent / "src", _SCRIPTS)
END_WITHIN_S = 10


@dataclass(frozen=True, slots=True)
class Load:
    """What a round of requests gave."""

    per_second: float
    server_cpu_us: float
    """Processor time of the server per request, in microseconds."""


@dataclass
class RunningApi:
    """The server, the client, and the token that both agree on."""

    server: "subprocess.Popen[str]"
    client: "subprocess.Popen[str]"
    token: str
    connections: int

    def load(self, requests: Sequence[dict[str, str]], seconds: float) -> Load:
        """Ask these requests again and again; raises `RuntimeError` when one was not granted."""
        before_s = self._server_cpu_s()
        order = {
            "requests": list(requests),
            "token": self.token,
            "connections": self.connections,
            "seconds": seconds,
        }
        found: dict[str, Any] = json.loads(_ask(self.client, json.dumps(order)))
        if found["failed"] or not found["answered"]:
            raise RuntimeError(f"{found['failed']} of {found['answered']} requests failed")
        used_s = self._server_cpu_s() - before_s
        return Load(found["answered"] / found["seconds"], used_s / found["answered"] * 1e6)

    def _server_cpu_s(self) -> float:
        return float(_ask(self.server, ""))


def _ask(process: "subprocess.Popen[str]", line: str) -> str:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    if not answer:
        raise RuntimeError("a process of the bench has ended; see its log in the bench's folder")
    return answer


def environment(url: str, data_dir: Path) -> dict[str, str]:
    """Return the environment of a process of ours that works on this database."""
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, _PATHS)),
        "DATABASE_URL": _as_address(url),
        "APP_DATA_DIR": str(data_dir),
        "APP_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
    }


def _as_address(url: str) -> str:
    """Return a connection string as the address that settings take."""
    from urllib.parse import quote, urlencode

    from psycopg.conninfo import conninfo_to_dict

    parts = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    user, password = quote(parts.pop("user", ""), safe=""), parts.pop("password", None)
    name = parts.pop("dbname", "")
    login = user if password is None else f"{user}:{quote(password, safe='')}"
    return f"postgresql://{login}@/{name}?{urlencode(parts)}"


@contextmanager
def running_api(url: str, folder: Path, connections: int) -> Iterator[RunningApi]:
    """Start server and client on a database, and end both afterwards."""
    data_dir = folder / "api"
    token = own_issuer(data_dir).token(Role.EXPERT, region=WHOLE_COMPANY)
    with (
        (folder / "api.log").open("a") as log,
        _started("bench.serving", [], environment(url, data_dir), log) as server,
    ):
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        with _started("bench.client", [port], environment(url, data_dir), log) as client:
            yield RunningApi(server, client, token, connections)


@contextmanager
def _started(
    module: str, arguments: Sequence[str], variables: dict[str, str], log: Any
) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        env=variables,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()
