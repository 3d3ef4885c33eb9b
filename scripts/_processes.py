"""Processes that stand and fall with ours: started, watched, started again, ended in order.

A child learns that its parent is gone by a pipe whose only other end the parent holds: the kernel
closes it however the parent went, `kill -9` included, on every system.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger("processes")

LIFELINE = "PARVANDEH_LIFELINE"
HOPELESS = 78
"""The exit code (EX_CONFIG) of a child that would fail in the same way again."""

BACK_OFF_S = (0.5, 30.0)
STABLE_AFTER_S = 60.0
END_WITHIN_S = 10.0


@dataclass(slots=True)
class Child:
    """One process that should be running, and what became of it so far."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    descriptors: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at_s: float = 0.0
    start_after_s: float = 0.0
    wait_s: float = field(default=BACK_OFF_S[0])


class Processes:
    """The children of this process."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._lifeline, self._other_end = os.pipe()

    def add(self, child: Child) -> None:
        """Start a child and keep it running from now on."""
        self._children.append(child)
        self._start(child)

    def look_after(self) -> bool:
        """Start again whoever ended, after a pause that doubles; False when that is hopeless."""
        now_s = time.monotonic()
        for child in self._children:
            if child.process is None:
                if now_s >= child.start_after_s:
                    self._start(child)
                continue
            code = child.process.poll()
            if code is None:
                continue
            if code == HOPELESS:
                return False
            if now_s - child.started_at_s > STABLE_AFTER_S:
                child.wait_s = BACK_OFF_S[0]
            log.error("process.ended", process=child.name, code=code, again_in_s=child.wait_s)
            child.process = None
            child.start_after_s = now_s + child.wait_s
            child.wait_s = min(2 * child.wait_s, BACK_OFF_S[1])
        return True

    def end(self, hurry: threading.Event) -> None:
        """Ask all to end and wait for it; who takes too long, or when in a hurry, is killed."""
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            process.terminate()
        deadline_s = time.monotonic() + END_WITHIN_S
        for process in running:
            while process.poll() is None:
                if hurry.wait(0.02) or time.monotonic() > deadline_s:
                    process.kill()
                    process.wait()
        os.close(self._other_end)
        os.close(self._lifeline)

    def _start(self, child: Child) -> None:
        child.started_at_s = time.monotonic()
        child.process = subprocess.Popen(
            child.command,
            env={**child.environment, LIFELINE: str(self._lifeline)},
            pass_fds=(self._lifeline, *child.descriptors),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )


def end_with_parent(stop: threading.Event | None = None) -> None:
    """In a child: end in good order when the parent is gone, and for certain soon after.

    `stop` is set by then, and by SIGTERM; without it the signal's own handler does the work.
    """
    descriptor = os.environ.pop(LIFELINE, None)
    if stop is not None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    if descriptor is not None:
        watch = threading.Thread(target=_watch, args=(int(descriptor),), daemon=True)
        watch.start()


def _watch(descriptor: int) -> None:
    os.set_inheritable(descriptor, False)
    while os.read(descriptor, 64):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(END_WITHIN_S)
    os._exit(1)
