"""What a server killed without warning leaves behind, removed before the next one starts.

Called under the data folder's lock. That lock is free only when no process of an earlier server is
left, so its files are stale, whatever process has got its number since. PostgreSQL itself asks
only whether a process of that number exists, and then refuses to start.
"""

import os
import subprocess
import sys
from pathlib import Path

from store.private_postgres.failure import PrivatePostgresError
from store.private_postgres.places import socket_files


def remove_leftovers(cluster: Path, sockets: Path) -> None:
    """Remove stale files of the server; refuse if somebody started one there by hand."""
    note = cluster / "postmaster.pid"
    try:
        process = int(note.read_text().splitlines()[0])
    except (FileNotFoundError, ValueError, IndexError):
        pass
    else:
        if _serves(process, cluster):
            raise PrivatePostgresError(
                f"process {process} is a PostgreSQL started on {cluster} by hand: stop it first"
            )
    for path in (note, *socket_files(sockets)):
        path.unlink(missing_ok=True)


def _serves(process: int, cluster: Path) -> bool:
    if sys.platform == "linux":
        try:
            return os.path.samefile(f"/proc/{process}/cwd", cluster)
        except OSError:
            return False
    else:
        command = ["/bin/ps", "-o", "comm=", "-p", str(process)]
        return "postgres" in subprocess.run(command, capture_output=True, text=True).stdout
