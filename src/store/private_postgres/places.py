"""Where the server's socket lies: a short path that the server's user and we can both enter."""

import hashlib
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from store.private_postgres.failure import PrivatePostgresError
from store.private_postgres.owner import ServerOwner, may_reach

PORT = 5432
"""Only names the socket's file: the server listens on no network address."""

SOCKET_PATH_BYTES_MAX = 103
"""macOS takes 103 bytes and a NUL in a socket's address, Linux 107."""


def socket_folder(data_dir: Path, owner: ServerOwner) -> Path:
    """Return the folder for the sockets of this data folder's server, made if need be."""
    inside = data_dir / "run"
    if _fits(inside) and may_reach(data_dir, owner) and _claim(inside, owner):
        return inside
    name = f"parvandeh-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]}"
    bases = [Path("/tmp")]  # noqa: S108 (the folder is private, and refused if it is not ours)
    if os.geteuid() == 0:
        bases.insert(0, Path("/run"))
    for base in bases:
        folder = base / name
        if base.is_dir() and os.access(base, os.W_OK) and _claim(folder, owner):
            return folder
    try:
        folder = Path(tempfile.mkdtemp(prefix="parvandeh-", dir="/tmp"))
        os.chown(folder, owner.uid, owner.gid)
    except OSError as error:
        raise PrivatePostgresError(f"no place for the database's socket: {error}") from error
    return folder


def socket_files(folder: Path) -> tuple[Path, ...]:
    """Return the files that a server killed without warning leaves behind in `folder`."""
    server = folder / f".s.PGSQL.{PORT}"
    return (server, server.with_name(f"{server.name}.lock"), holders_socket(folder))


def remove_socket_folder(folder: Path) -> None:
    """Remove the folder of a server that is down; what others put into it stays, and so does it."""
    for path in socket_files(folder):
        path.unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def holders_socket(folder: Path) -> Path:
    """Return the address at which the launcher counts those who need the server."""
    return folder / "holders"


def _fits(folder: Path) -> bool:
    return len(os.fsencode(socket_files(folder)[0])) <= SOCKET_PATH_BYTES_MAX


def _claim(folder: Path, owner: ServerOwner) -> bool:
    """Make `folder` for the server's user alone, or tell whether it already is just that."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        status = folder.lstat()
        private = not status.st_mode & 0o077
        return stat.S_ISDIR(status.st_mode) and status.st_uid == owner.uid and private
    except OSError:
        return False
    if owner.is_somebody_else:
        os.chown(folder, owner.uid, owner.gid)
    return True
