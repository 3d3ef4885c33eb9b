"""A database whose clock stands where a test puts it, so that a log is written as if in days."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import psycopg

from sagas.declare import Saga
from store.casebook import Casebook
from tests.sagas.desk import Desk

_CLOCK = """
CREATE SCHEMA stepped;
CREATE TABLE stepped.clock (now_at timestamptz NOT NULL);
INSERT INTO stepped.clock VALUES ('1970-01-01Z');
CREATE FUNCTION stepped.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
    'SELECT now_at FROM stepped.clock';
ALTER FUNCTION casebook.append SET search_path = stepped, pg_catalog, pg_temp;
"""


class SteppedDesk(Desk):
    """A desk at which the log's own clock goes too, and only when it is told to."""

    def __init__(
        self,
        url: str,
        owner: psycopg.Connection,
        casebook: Casebook,
        sagas: Sequence[Saga[Any]],
        now: datetime,
    ) -> None:
        self._owner = owner
        owner.execute(_CLOCK)
        super().__init__(url, casebook, sagas, now)
        self.step(timedelta())

    def step(self, span: timedelta) -> None:
        """Let so much time pass, and no saga wake."""
        self.now += span
        self._owner.execute("UPDATE stepped.clock SET now_at = %s", [self.now])

    def live(self, span: timedelta) -> None:
        """Let time pass, and the sagas do what is due when it is due."""
        until = self.now + span
        self.settle()
        while self.now < until:
            self.step(min(self._next_wake() or until, until) - self.now)
            self.settle()

    def _next_wake(self) -> datetime | None:
        tables = " UNION ALL ".join(f"SELECT wake_at FROM views.{v.name}" for v in self.views)
        question = f"SELECT min(wake_at) FROM ({tables}) w WHERE wake_at > %s"
        found = self._owner.execute(question.encode(), [self.now]).fetchone()
        at: datetime | None = None if found is None else found[0]
        return at
