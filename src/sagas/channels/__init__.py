"""The ways out: what `sagas.delivery` hands a message to, and learns from whether it was taken.

Each attempt has a thread of its own and ten seconds. A lane, which is a kind of channel or, for
webhooks, one receiver, has a few attempts under way at most and rests after repeated failures, so
that whatever is slow or away holds up nothing else. Resting loses nothing: a notice that is
deferred is simply still to be sent.
"""

import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

import structlog

from sagas.channels.messages import (
    CONNECTION_LOST,
    SEND_WITHIN_S,
    TIMED_OUT,
    UNREACHABLE,
    Message,
    NotSent,
    Target,
)
from sagas.channels.notifiers import Notifiers
from sagas.channels.templates import load_templates
from sagas.channels.webhooks import WEBHOOK, Webhooks
from sagas.tallies import Tallies
from store.keys import Keys
from store.settings import Settings

log = structlog.get_logger(__name__)

AT_ONCE = 4
AT_ONCE_TO_ONE_RECEIVER = 2
"""Attempts under way in a lane; urgent messages have as many places again, for themselves alone."""

RESTS_AFTER_FAILURES = 5
RESTS = (timedelta(seconds=30), timedelta(minutes=10))
"""First and longest rest of a lane."""
LANES_MAX = 10_000
_PATIENCE_S = 0.5
"""How long an attempt waits for a place in its lane."""
_GRACE_S = 0.5
_AWAY = frozenset({TIMED_OUT, UNREACHABLE, CONNECTION_LOST, "http_429"})


class Deferred(Exception):  # noqa: N818
    """Nothing was tried: the lane is busy or rests. The message is to be sent later."""


@dataclass(slots=True)
class _Lane:
    places: tuple[threading.BoundedSemaphore, threading.BoundedSemaphore]
    """The free places: of ordinary messages, and of urgent ones."""
    failures: int = 0
    rests_until_at: datetime | None = None
    rest: timedelta = field(default=RESTS[0])


class Channels:
    """Sends by every kind of channel; safe for any number of threads.

    `templates` are apprise addresses by kind. `public_url` is where the portal shows a case.
    """

    def __init__(
        self,
        keys: Keys,
        templates: Mapping[str, str] | None = None,
        *,
        webhooks_to_loopback: bool = False,
        public_url: str | None = None,
        within_s: float = SEND_WITHIN_S,
    ) -> None:
        self.public_url = public_url
        self.within_s = within_s
        self.tallies = Tallies()
        self._notifiers = Notifiers(templates or {})
        self._webhooks = Webhooks(keys, to_loopback=webhooks_to_loopback, within_s=within_s)
        self._lanes: dict[str, _Lane] = {}
        self._mutex = threading.Lock()

    @classmethod
    def of(cls, settings: Settings, keys: Keys) -> Self:
        """Make what the settings ask for, and say once what there is. Raises `SettingsError`."""
        path = settings.channels_file
        templates = {} if path is None else load_templates(path)
        if path is None:
            log.info("channels.inbox_and_webhooks_only", fix="set APP_CHANNELS_FILE")
        else:
            log.info("channels.configured", kinds=sorted(templates))
        return cls(
            keys,
            templates,
            webhooks_to_loopback=settings.webhooks_to_loopback,
            public_url=settings.public_url,
        )

    def send(
        self, target: Target, message: Message, now: datetime, *, urgent: bool = False
    ) -> None:
        """Send one message to one address; an urgent one never waits behind ordinary ones.

        Raises `NotSent` when the receiver did not take it, as far as we know, and `Deferred` when
        nothing was tried.
        """
        lane = self._lane(target)
        place = lane.places[urgent]
        self._begin(lane, place, target.kind, now)
        started_s = time.monotonic()
        try:
            self._in_time(place, target.kind, self._attempt(target, message, now))
        except NotSent as failure:
            self._failed(lane, target.kind, failure, now)
            self.tallies.attempted(target.kind, failure.code, time.monotonic() - started_s)
            raise
        with self._mutex:
            lane.failures, lane.rests_until_at, lane.rest = 0, None, RESTS[0]
        self.tallies.attempted(target.kind, "sent", time.monotonic() - started_s)

    def _attempt(self, target: Target, message: Message, now: datetime) -> Callable[[], None]:
        if target.kind == WEBHOOK:
            return lambda: self._webhooks.send(target, message, now)
        return lambda: self._notifiers.send(target, message)

    def _lane(self, target: Target) -> _Lane:
        is_webhook = target.kind == WEBHOOK
        name = str(target.channel_id) if is_webhook else target.kind
        with self._mutex:
            lane = self._lanes.get(name)
            if lane is None:
                if len(self._lanes) >= LANES_MAX:
                    self._lanes.clear()
                at_once = AT_ONCE_TO_ONE_RECEIVER if is_webhook else AT_ONCE
                free = threading.BoundedSemaphore
                lane = self._lanes[name] = _Lane((free(at_once), free(at_once)))
            return lane

    def _begin(
        self, lane: _Lane, place: threading.BoundedSemaphore, kind: str, now: datetime
    ) -> None:
        """Take one of the lane's places; after a rest, one attempt goes ahead to see."""
        with self._mutex:
            until_at = lane.rests_until_at
            if until_at is not None and now < until_at:
                self.tallies.attempted(kind, "deferred", 0.0)
                raise Deferred
            if until_at is not None:
                lane.rests_until_at = now + lane.rest
        if not place.acquire(timeout=_PATIENCE_S):
            self.tallies.attempted(kind, "deferred", 0.0)
            raise Deferred

    def _failed(self, lane: _Lane, kind: str, failure: NotSent, now: datetime) -> None:
        """Count what says that the lane is away; a refusal of one address says nothing of it."""
        if not _is_away(failure):
            return
        with self._mutex:
            lane.failures += 1
            if lane.failures < RESTS_AFTER_FAILURES:
                return
            rest, lane.rests_until_at = lane.rest, now + lane.rest
            lane.rest = min(lane.rest * 2, RESTS[1])
        log.warning("channels.rests", kind=kind, error=failure.code, rest_s=rest.total_seconds())

    def _in_time(
        self, place: threading.BoundedSemaphore, kind: str, attempt: Callable[[], None]
    ) -> None:
        """Run the attempt; when it takes too long it is left to itself, and keeps its place."""
        outcome: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()

        def run() -> None:
            try:
                attempt()
            except BaseException as error:  # noqa: BLE001 (handed to whoever waits)
                outcome.put(error)
            else:
                outcome.put(None)
            finally:
                place.release()

        threading.Thread(target=run, name=f"send-{kind}", daemon=True).start()
        try:
            error = outcome.get(timeout=self.within_s + _GRACE_S)
        except queue.Empty:
            raise NotSent(TIMED_OUT) from None
        if error is not None:
            raise error


def _is_away(failure: NotSent) -> bool:
    code = failure.code
    return code in (TIMED_OUT, UNREACHABLE, CONNECTION_LOST, "http_429") or code.startswith(
        "http_5"
    )


__all__ = ["Channels", "Deferred", "Message", "NotSent", "Target"]
