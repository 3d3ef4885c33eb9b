"""Keeping the server alive: a connection to its launcher that says "I still need it"."""

import os
import socket
import weakref
from functools import cache
from pathlib import Path

from store.private_postgres.launcher import STILL_HERE

_held: "weakref.WeakSet[Holding]" = weakref.WeakSet()


class Holding:
    """One process's claim on a running server; its end, by whatever cause, gives the claim up."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        _let_go_in_children()
        _held.add(self)

    @classmethod
    def on(cls, path: Path) -> "Holding | None":
        """Return a claim on the server that listens at `path`; None when there is none."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(10)
        try:
            connection.connect(str(path))
            if connection.recv(1) == STILL_HERE:
                return cls(connection)
        except OSError:
            pass
        connection.close()
        return None

    def is_answered(self) -> bool:
        """Tell whether the launcher is still there."""
        try:
            self._connection.settimeout(0)
            while self._connection.recv(64):
                pass
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def give_up(self, wait_seconds: float) -> bool:
        """Give the claim up; return whether all that follows of it was done in time.

        When this was the last claim, that is the server's shutdown.
        """
        try:
            self._connection.settimeout(wait_seconds)
            self._connection.shutdown(socket.SHUT_WR)
            while self._connection.recv(64):
                pass
        except TimeoutError:
            return False
        except OSError:
            return True
        finally:
            self.close()
        return True

    def close(self) -> None:
        """Drop the connection without a word."""
        self._connection.close()
        _held.discard(self)


@cache
def _let_go_in_children() -> None:
    os.register_at_fork(after_in_child=_let_go)


def _let_go() -> None:
    """Close the copies that a forked child got: a child's life is no claim."""
    for holding in list(_held):
        holding.close()
