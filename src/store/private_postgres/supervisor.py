"""A PostgreSQL server of our own for one data folder, with nothing to install or to look after.

The data folder holds `cluster` (the server's files), `postgres.lock`, `postgres-password`,
`postgres-connection.json` and `postgres.log`. The lock is an flock whose descriptor the server
inherits with all its processes: it is free exactly when nothing of an earlier server is left.
"""

import fcntl
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import psycopg

from store.private_files import make_private_folder, write_private_file
from store.private_postgres import launcher
from store.private_postgres.binaries import Binaries, find_binaries, reachable_binaries
from store.private_postgres.cluster import (
    OWNER_ROLE,
    made_by_version,
    make_cluster,
    opened_for,
    password_of,
    server_environment,
)
from store.private_postgres.failure import PrivatePostgresError
from store.private_postgres.holding import Holding
from store.private_postgres.leftovers import remove_leftovers
from store.private_postgres.owner import ServerOwner, choose_owner
from store.private_postgres.places import PORT, holders_socket, remove_socket_folder, socket_folder

DATABASE = "parvandeh"
LOG_BYTES_MAX = 16 * 1024 * 1024
POLL_SECONDS = 0.01
_PASSWORD_IS_WRONG = ("password authentication failed", "no password supplied")

SERVER_SETTINGS: Mapping[str, str] = {
    "shared_buffers": "128MB",
    "max_connections": "100",
    "wal_compression": "on",
    "jit": "off",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # A statement or a failing row in the log could carry personal data.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


class PrivatePostgres:
    """The server of one data folder, held for as long as this object (or its process) lives.

    Several processes may hold the server of one folder: the first starts it, the others get the
    same address, and it shuts down when the last of them is gone, killed or not. `settings` adds
    to the server's settings; `fsync=False` is for tests, where a power cut may cost everything.
    """

    def __init__(
        self,
        data_dir: Path | str,
        *,
        fsync: bool = True,
        settings: Mapping[str, str] | None = None,
        start_within_seconds: float = 300.0,
    ) -> None:
        self.data_dir = Path(data_dir).absolute()
        self._fsync = fsync
        self._settings = dict(settings or {})
        self._patience_seconds = start_within_seconds
        self._holding: Holding | None = None
        self._launcher: subprocess.Popen[bytes] | None = None

    @property
    def connection_file(self) -> Path:
        """The file (0600) from which other programs of ours learn the address."""
        return _connection_file(self.data_dir)

    @property
    def started_here(self) -> bool:
        """Tell whether this object started the server rather than finding it running."""
        return self._launcher is not None

    def is_alive(self) -> bool:
        """Tell whether the server is still there; when it is not, `start` brings it back."""
        return self._holding is not None and self._holding.is_answered()

    def start(self) -> str:
        """Return the address of this folder's database, starting the server if none runs.

        Raises `PrivatePostgresError`, whose message is one line that says what to do.
        """
        self._forget_dead_server()
        deadline = time.monotonic() + self._patience_seconds
        try:
            make_private_folder(self.data_dir)
            while True:
                lock = _try_lock(self.data_dir / "postgres.lock")
                if lock is not None:
                    try:
                        return self._start_server(lock, deadline)
                    finally:
                        os.close(lock)
                url = self._attach()
                if url is not None:
                    return url
                if time.monotonic() > deadline:
                    raise PrivatePostgresError(
                        f"another process holds {self.data_dir}, but its database does not "
                        "answer: stop that process or choose another data folder"
                    )
                time.sleep(5 * POLL_SECONDS)
        except OSError as error:
            raise PrivatePostgresError(f"the private database cannot start: {error}") from error

    def stop(self) -> None:
        """Let go of the server; if nobody else needs it, wait until it is down."""
        if self._holding is None:
            return
        self._holding.give_up(2.5 * launcher.SHUTDOWN_WITHIN_SECONDS)
        self._holding = None
        self._forget_dead_server()
        lock = _try_lock(self.data_dir / "postgres.lock")
        if lock is not None:
            try:
                self._tidy()
            finally:
                os.close(lock)

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _forget_dead_server(self) -> None:
        if self._holding is not None and not self._holding.is_answered():
            self._holding.close()
            self._holding = None
        if self._holding is None and self._launcher is not None:
            try:
                self._launcher.wait(timeout=1)
            except subprocess.TimeoutExpired:
                self._launcher.returncode = 0  # It goes on for others; it is no longer ours.
            self._launcher = None

    def _tidy(self) -> None:
        """Remove what only a running server needs; called under the lock, when none runs."""
        known = _read_connection(self.connection_file)
        self.connection_file.unlink(missing_ok=True)
        if known is not None:
            remove_socket_folder(known[1].parent)

    def _attach(self) -> str | None:
        """Return the address of the server that somebody else started, once it answers."""
        known = _read_connection(self.connection_file)
        if known is None:
            return None
        url, holders = known
        holding = Holding.on(holders)
        if holding is None:
            return None
        try:
            _connect_once(url)
        except psycopg.Error:
            holding.close()
            return None
        self._holding = holding
        return url

    def _start_server(self, lock: int, deadline: float) -> str:
        cluster = self.data_dir / "cluster"
        owner = choose_owner(cluster)
        folder = socket_folder(self.data_dir, owner)
        self.connection_file.unlink(missing_ok=True)
        remove_leftovers(cluster, folder)
        try:
            url = self._bring_up(cluster, folder, owner, lock, deadline)
        except BaseException:
            self.stop()
            remove_socket_folder(folder)
            raise
        assert self._launcher is not None
        known = {
            "url": url,
            "holders": str(holders_socket(folder)),
            "launcher_pid": self._launcher.pid,
        }
        write_private_file(self.connection_file, json.dumps(known).encode())
        return url

    def _bring_up(
        self, cluster: Path, folder: Path, owner: ServerOwner, lock: int, deadline: float
    ) -> str:
        version = made_by_version(cluster) if cluster.exists() else None
        binaries = reachable_binaries(find_binaries(version), owner)
        if version is None:
            make_cluster(cluster, binaries, owner, folder, fsync=self._fsync)
        log = self.data_dir / "postgres.log"
        said_before = _open_log(log)
        self._launch(cluster, folder, binaries, owner, lock, log)
        password = quote(password_of(self.data_dir), safe="")
        sockets = quote(str(folder), safe="/")
        url = f"postgresql://{OWNER_ROLE}:{password}@/{DATABASE}?host={sockets}&port={PORT}"
        self._wait_until_ready(url, deadline, log, said_before)
        return url

    def _launch(
        self,
        cluster: Path,
        folder: Path,
        binaries: Binaries,
        owner: ServerOwner,
        lock: int,
        log: Path,
    ) -> None:
        with (
            _listen(holders_socket(folder)) as listener,
            opened_for(cluster, owner) as opened,
            log.open("ab") as output,
        ):
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(str(holders_socket(folder)))
            self._holding = Holding(connection)
            self._launcher = subprocess.Popen(
                [
                    *(sys.executable, "-I", "-S", launcher.__file__),
                    *(str(listener.fileno()), str(owner.uid), str(owner.gid), "--"),
                    *(str(binaries.program("postgres")), "-D", opened.path),
                    *self._server_flags(folder),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=server_environment(),
                pass_fds=(listener.fileno(), lock, *opened.descriptors),
                start_new_session=True,
            )

    def _server_flags(self, folder: Path) -> list[str]:
        settings = {
            **SERVER_SETTINGS,
            **({} if self._fsync else {"fsync": "off", "full_page_writes": "off"}),
            **self._settings,
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": str(folder),
            "unix_socket_permissions": "0700",
        }
        return [flag for name, value in settings.items() for flag in ("-c", f"{name}={value}")]

    def _wait_until_ready(self, url: str, deadline: float, log: Path, said_before: int) -> None:
        """Wait until the server answers, however long it recovers, and make the database."""
        while True:
            try:
                _make_database(url)
            except psycopg.OperationalError as error:
                if any(said in str(error) for said in _PASSWORD_IS_WRONG):
                    raise PrivatePostgresError(
                        f"the password in {self.data_dir / 'postgres-password'} is not the "
                        "server's: bring that file back from a backup"
                    ) from None
                if not self.is_alive():
                    raise PrivatePostgresError(_last_words(log, said_before)) from None
                if time.monotonic() > deadline:
                    raise PrivatePostgresError(f"PostgreSQL is not ready yet: see {log}") from None
                time.sleep(POLL_SECONDS)
            else:
                return


def find_running(data_dir: Path | str) -> str | None:
    """Return the address of the server that runs on `data_dir` now; None when none answers.

    The address is not held: the server may go. A program that needs it for longer than a moment
    uses `PrivatePostgres`, which finds a running server as well.
    """
    try:
        known = _read_connection(_connection_file(Path(data_dir).absolute()))
        if known is None:
            return None
        _connect_once(known[0])
    except (OSError, psycopg.Error):
        return None
    return known[0]


def _connection_file(data_dir: Path) -> Path:
    return data_dir / "postgres-connection.json"


def _read_connection(path: Path) -> tuple[str, Path] | None:
    """Return address and holders' socket; None where no file says so, or nothing that is one."""
    try:
        known = json.loads(path.read_bytes())
        return str(known["url"]), Path(known["holders"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return None  # damaged from outside: a start writes it anew, whoever attaches is told


def _try_lock(path: Path) -> int | None:
    """Return the lock's open descriptor, or None while a server or another start has it."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _listen(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    path.chmod(0o600)
    listener.listen(64)
    return listener


def _connect_once(url: str) -> None:
    psycopg.connect(url, connect_timeout=10).close()


def _make_database(url: str) -> None:
    """Create our database unless it stands (an interrupted first start may have left it out)."""
    maintenance = url.replace(f"@/{DATABASE}?", "@/postgres?", 1)
    with psycopg.connect(maintenance, autocommit=True, connect_timeout=10) as connection:
        stands = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(stands, [DATABASE]).fetchone() is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _open_log(path: Path) -> int:
    """Make sure the log is there, private and not without end; return its length."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    if path.stat().st_size > LOG_BYTES_MAX:
        path.replace(path.with_name(f"{path.name}.1"))
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    return path.stat().st_size


def _last_words(log: Path, said_before: int) -> str:
    with log.open("rb") as file:
        file.seek(said_before)
        lines = file.read().decode(errors="replace").splitlines()
    fatal = [line for line in lines if "FATAL:" in line or "PANIC:" in line]
    reason = (fatal or lines or ["it gave no reason"])[0].partition("FATAL:")
    return f"PostgreSQL did not start: {(reason[2] or reason[0]).strip()} (see {log})"
