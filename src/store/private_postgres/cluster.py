"""The folder a server keeps its data in: made once, whole or not at all."""

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from store.private_files import create_private_file, sync_folder
from store.private_postgres.binaries import Binaries
from store.private_postgres.failure import PrivatePostgresError
from store.private_postgres.owner import ServerOwner, may_reach

OWNER_ROLE = "owner"
BUILTIN_LOCALE_SINCE = 17


@dataclass(frozen=True, slots=True)
class Opened:
    """A folder as the server's user names it, and the descriptors that name needs."""

    path: str
    descriptors: tuple[int, ...]


@contextmanager
def opened_for(folder: Path, owner: ServerOwner) -> Iterator[Opened]:
    """Yield a name by which the server's user can open `folder`.

    A data folder of root's often lies below a folder closed to everyone else. The server then
    gets it as an open descriptor, and reaches it as `/proc/self/fd/N`, so that nobody's
    permissions have to be changed.
    """
    if may_reach(folder, owner):
        yield Opened(str(folder), ())
        return
    if sys.platform != "linux":
        raise PrivatePostgresError(
            f"user {owner.name}, as whom root runs PostgreSQL, cannot enter {folder}: "
            "choose another data folder or start as an ordinary user"
        )
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield Opened(f"/proc/self/fd/{descriptor}", (descriptor,))
    finally:
        os.close(descriptor)


def made_by_version(cluster: Path) -> int | None:
    """Return the major version of PostgreSQL that made this cluster; None when there is none."""
    try:
        text = (cluster / "PG_VERSION").read_text(errors="replace").strip()
    except FileNotFoundError:
        return None
    if not (text.isascii() and text.isdigit()):
        raise PrivatePostgresError(
            f"{cluster / 'PG_VERSION'} says no version: bring {cluster} back from a backup"
        )
    return int(text)


def password_of(data_dir: Path) -> str:
    """Return the owner role's password, made at the first call."""
    made = secrets.token_urlsafe(24).encode()
    return create_private_file(data_dir / "postgres-password", made).decode()


def make_cluster(
    cluster: Path, binaries: Binaries, owner: ServerOwner, scratch: Path, *, fsync: bool
) -> None:
    """Run initdb beside `cluster` and move the result there, so that it is whole or not at all."""
    half = cluster.with_name(f"{cluster.name}.new")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    password = scratch / "initdb-password"
    password.unlink(missing_ok=True)
    descriptor = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, password_of(cluster.parent).encode())
        if owner.is_somebody_else:
            os.chown(half, owner.uid, owner.gid)
            os.fchown(descriptor, owner.uid, owner.gid)
        with opened_for(half, owner) as opened:
            _initdb(opened, binaries, owner, password, fsync)
        half.rename(cluster)
        sync_folder(cluster.parent)  # or a power cut brings the name back that a start removes
    finally:
        os.close(descriptor)
        password.unlink(missing_ok=True)


def _initdb(
    opened: Opened, binaries: Binaries, owner: ServerOwner, password: Path, fsync: bool
) -> None:
    command = [
        str(binaries.program("initdb")),
        f"--pgdata={opened.path}",
        f"--username={OWNER_ROLE}",
        f"--pwfile={password}",
        "--auth=scram-sha-256",
        "--data-checksums",
        "--encoding=UTF8",
        "--no-instructions",
        *_locale(binaries.version),
        *([] if fsync else ["--no-sync"]),
    ]
    somebody_else = owner.is_somebody_else
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        cwd="/",
        env=server_environment(),
        pass_fds=opened.descriptors,
        user=owner.uid if somebody_else else None,
        group=owner.gid if somebody_else else None,
        extra_groups=[] if somebody_else else None,
    )
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if "error" in line.lower()]
        raise PrivatePostgresError(f"initdb failed: {(said or ['no reason was given'])[0]}")


def _locale(version: int) -> list[str]:
    """Return the flags for code point order and Unicode character classes, on every system."""
    if version >= BUILTIN_LOCALE_SINCE:
        provider = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        character_type = "C" if sys.platform == "darwin" else "C.UTF-8"
        return [*provider, "--lc-collate=C", f"--lc-ctype={character_type}", "--lc-messages=C"]
    character_type = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    return ["--lc-collate=C", f"--lc-ctype={character_type}", "--lc-messages=C"]


def server_environment() -> dict[str, str]:
    """Return the environment of PostgreSQL's programs: nothing of ours leaks into them."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
