"""The API's threads on one core: the one on which the system runs the event loop.

Python runs one thread of a process at a time. Where they take turns on several cores, each finds
the objects it needs in the caches of another one, since even to look at an object changes its count
of references: a registration then takes up to half as much processor time again. So the threads
stay together while more than the loop's is at work. For a moment of every second they are free: the
system can move them to where there is less to do, and several processes on one machine do not meet
on one core for long.

Pages are set by threads that need no other (AnyIO's): those are free. A system that does not let a
program choose its cores, such as macOS, does as it likes.
"""

import asyncio
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from pathlib import Path

TOGETHER_S = 1.0
FREE_S = 0.02
SHARED = 0.1
"""Of the time, how much other threads than the loop's need for all to be kept together."""

_FREE_THREADS = "AnyIO"
_CORE_FIELD = 36
"""Of `/proc/thread-self/stat`, behind the program's name: the core the thread ran on last."""


@asynccontextmanager
async def on_one_core() -> AsyncIterator[None]:
    """Keep the threads of this process with that of the running loop, until the block ends."""
    cores = _cores()
    if len(cores) < 2:
        yield
        return
    keeping = asyncio.create_task(_keep(cores))
    try:
        yield
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        _put_on(cores, cores)


def _cores() -> Collection[int]:
    """Return the cores that this process may use, none where a program cannot choose."""
    if sys.platform != "linux" or not Path("/proc/thread-self/stat").exists():
        return ()
    return os.sched_getaffinity(0)


async def _keep(cores: Collection[int]) -> None:
    others_s = _used_by_others_s()
    while True:
        await asyncio.sleep(TOGETHER_S)
        before_s, others_s = others_s, _used_by_others_s()
        _put_on(cores, cores)
        if others_s - before_s > SHARED * TOGETHER_S:
            await asyncio.sleep(FREE_S)
            _put_on({_own_core()}, cores)


def _used_by_others_s() -> float:
    """Return how much processor time other threads than the calling one have had."""
    return time.process_time() - time.thread_time()


def _own_core() -> int:
    """Return the core on which the calling thread runs."""
    behind_the_name = (
        Path("/proc/thread-self/stat").read_text("ascii", "replace").rpartition(")")[2]
    )
    return int(behind_the_name.split()[_CORE_FIELD])


def _put_on(cores: Collection[int], free: Collection[int]) -> None:
    """Put every thread on these cores, those that need no other on the free ones."""
    for thread in threading.enumerate():
        theirs = free if thread.name.startswith(_FREE_THREADS) else cores
        if thread.native_id is not None:
            with suppress(OSError):  # it has ended, or somebody took the core from the process
                os.sched_setaffinity(thread.native_id, theirs)
