"""Under which user the server runs, and what that user can get at."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from store.private_postgres.failure import PrivatePostgresError

UNPRIVILEGED_USERS = ("parvandeh", "nobody")


@dataclass(frozen=True, slots=True)
class ServerOwner:
    """The user that owns the cluster's files and runs the server; never root."""

    uid: int
    gid: int
    name: str

    @property
    def is_somebody_else(self) -> bool:
        """Tell whether the server must be started under another user than ours."""
        return self.uid != os.geteuid()


def choose_owner(cluster: Path) -> ServerOwner:
    """Return who runs the server: the cluster's owner, else ourselves, else an unprivileged user.

    PostgreSQL refuses to run as root. Root therefore runs it as the user who made the folder, and
    a new folder as the system user `parvandeh` where there is one, else as `nobody`.
    """
    euid = os.geteuid()
    try:
        status = cluster.stat()
    except FileNotFoundError:
        return _unprivileged() if euid == 0 else _named(euid, os.getegid())
    if euid not in (0, status.st_uid):
        raise PrivatePostgresError(
            f"{cluster} belongs to user {_named(status.st_uid, status.st_gid).name}: "
            "start as that user or as root, or choose another data folder"
        )
    if status.st_uid == 0:
        raise PrivatePostgresError(
            f"{cluster} belongs to root, and PostgreSQL does not run as root: "
            f"give it to another user (chown -R) or choose another data folder"
        )
    return _named(status.st_uid, status.st_gid)


def may_reach(path: Path, owner: ServerOwner) -> bool:
    """Tell whether `owner` may enter every folder down to and including `path`."""
    if not owner.is_somebody_else:
        return True
    path = path.resolve()
    return all(_may_enter(folder, owner) for folder in (path, *path.parents))


def _may_enter(folder: Path, owner: ServerOwner) -> bool:
    status = folder.stat()
    if status.st_uid == owner.uid:
        return bool(status.st_mode & 0o100)
    if status.st_gid == owner.gid:
        return bool(status.st_mode & 0o010)
    return bool(status.st_mode & 0o001)


def _named(uid: int, gid: int) -> ServerOwner:
    try:
        return ServerOwner(uid, gid, pwd.getpwuid(uid).pw_name)
    except KeyError:
        return ServerOwner(uid, gid, str(uid))


def _unprivileged() -> ServerOwner:
    for name in UNPRIVILEGED_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerOwner(entry.pw_uid, entry.pw_gid, name)
    raise PrivatePostgresError(
        "PostgreSQL does not run as root and there is no user parvandeh or nobody: "
        "add one (useradd --system parvandeh) or start as an ordinary user"
    )
