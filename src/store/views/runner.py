"""Running the views: a thread per view, any number of processes, one leader per view at a time."""

import threading
import time
from collections.abc import Sequence

import psycopg
import structlog

from store.log import Doorbell, Log, head
from store.views.declare import View
from store.views.follower import Follower, Pass, follow_to, is_transient, opened
from store.views.memory import seldom_collected
from store.views.rebuild import RebuildIsRunning, RebuildIsStuck, SwapIsBlocked, rebuild
from store.views.tracking import LIVE, ensure

log = structlog.get_logger(__name__)

PACE_S = 0.02
"""Batches of one view start at least this far apart, so that under load many events share one."""

BACK_OFF_S = (0.2, 60.0)
"""First and longest wait before a stuck view, or a database that is away, is tried again."""

POLL_S = 1.0
_WATCH_S = 0.5


class RunnerDied(Exception):  # noqa: N818
    """A view's thread has ended by itself; start the process again."""


class ViewIsStuck(Exception):  # noqa: N818
    """A view cannot apply the event at this position."""


def run(
    url: str,
    casebook: Log,
    views: Sequence[View],
    stop: threading.Event,
    *,
    poll_s: float = POLL_S,
    pace_s: float = PACE_S,
    back_off_s: tuple[float, float] = BACK_OFF_S,
) -> None:
    """Keep all views up with the log until `stop` is set; returns when every thread has ended.

    Nothing that happens to one view's data or connection stops another, and nothing is skipped. A
    thread that ends by itself is a programming error: all of them are stopped, `RunnerDied` raised.
    """
    doorbell = Doorbell(url, poll_s=poll_s)
    runners = [
        _Runner(url, casebook, view, doorbell, stop, pace_s=pace_s, back_off_s=back_off_s)
        for view in views
    ]
    threads = [
        threading.Thread(target=runner.run, name=f"view-{runner.view.name}", daemon=True)
        for runner in runners
    ]
    with seldom_collected():
        for thread in threads:
            thread.start()
        died: list[str] = []
        while not died and not stop.wait(_WATCH_S):
            ended = [thread.name for thread in threads if not thread.is_alive()]
            died = [] if stop.is_set() else ended
        stop.set()
        doorbell.close()
        for thread in threads:
            thread.join()
    if died:
        raise RunnerDied(", ".join(died))


def catch_up(url: str, casebook: Log, views: Sequence[View], *, up_to: int | None = None) -> int:
    """Apply the log to all views up to its head (or a position) and return that position.

    Makes and rebuilds tables as `run` does. Raises `ViewIsStuck`, and transient errors as they
    come.
    """
    reached = up_to
    for view in views:
        with opened(url, LIVE) as connection:
            if ensure(connection, view):
                rebuild(url, casebook, view)
            reached = head(connection) if reached is None else reached
            follower = Follower(connection, view, casebook)
            with seldom_collected():
                ended = follow_to(follower, reached)
            if ended is not Pass.CAUGHT_UP:
                raise ViewIsStuck(f"{view.name}: {ended.value} at {follower.position + 1}")
    return reached or 0


class _Runner:
    """One view's thread."""

    def __init__(
        self,
        url: str,
        casebook: Log,
        view: View,
        doorbell: Doorbell,
        stop: threading.Event,
        *,
        pace_s: float,
        back_off_s: tuple[float, float],
    ) -> None:
        self.view = view
        self._url = url
        self._log = casebook
        self._doorbell = doorbell
        self._stop = stop
        self._pace_s = pace_s
        self._back_off_s = back_off_s

    def run(self) -> None:
        """Follow the log; connect again whenever the connection or the database was away."""
        first_s, longest_s = self._back_off_s
        wait_s = first_s
        while not self._stop.is_set():
            started_s = time.monotonic()
            try:
                self._follow()
            except (RebuildIsRunning, RebuildIsStuck, SwapIsBlocked) as error:
                log.warning("view.rebuild_waits", view=self.view.name, error=type(error).__name__)
            except (psycopg.Error, OSError) as error:
                level = log.warning if is_transient(error) else log.error
                level("view.reconnecting", view=self.view.name, error=type(error).__name__)
            if time.monotonic() - started_s > longest_s:
                wait_s = first_s
            self._stop.wait(wait_s)
            wait_s = min(wait_s * 2, longest_s)

    def _follow(self) -> None:
        with opened(self._url, LIVE) as connection:
            if ensure(connection, self.view):
                log.info("view.rebuilding", view=self.view.name, revision=self.view.revision)
                rebuild(self._url, self._log, self.view)
            follower = Follower(connection, self.view, self._log)
            seen = 0
            back_off_s = self._back_off_s[0]
            while not self._stop.is_set():
                started_s = time.monotonic()
                ended = follower.advance()
                match ended:
                    case Pass.APPLIED:
                        back_off_s = self._back_off_s[0]
                        if not follower.has_more:
                            self._stop.wait(self._pace_s - (time.monotonic() - started_s))
                    case Pass.HALVED:
                        pass
                    case Pass.ELSEWHERE:
                        self._stop.wait(self._pace_s)
                        seen = self._doorbell.wait(seen, self._stop.is_set)
                    case Pass.CAUGHT_UP:
                        seen = self._doorbell.wait(seen, self._stop.is_set)
                    case Pass.STUCK | Pass.NOT_OURS:
                        self._stop.wait(back_off_s)
                        back_off_s = min(back_off_s * 2, self._back_off_s[1])
                        if ended is Pass.NOT_OURS and ensure(connection, self.view):
                            return
