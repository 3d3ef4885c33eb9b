"""Random bytes of the operating system, fetched for many uses at once.

Each question to the system hands the interpreter's lock to another thread, and under load a thread
waits longer to get it back than for the bytes. What is fetched is used once, by one thread; a
forked child begins with nothing of its parent's.
"""

import os
import threading

_FETCHED_BYTES = 1_024


class _Fetched(threading.local):
    """What one thread has fetched and not used."""

    def __init__(self) -> None:
        self.left = b""


_fetched = [_Fetched()]


def random_bytes(count: int) -> bytes:
    """Return fresh bytes, as unpredictable as the system's own; `count` is at most 1,024."""
    fetched = _fetched[0]
    left = fetched.left
    if len(left) < count:
        left = os.urandom(_FETCHED_BYTES)
    fetched.left = left[count:]
    return left[:count]


def _begin_anew() -> None:
    _fetched[0] = _Fetched()


os.register_at_fork(after_in_child=_begin_anew)
