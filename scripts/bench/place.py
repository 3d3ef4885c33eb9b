"""Where the programs run: a PostgreSQL server with databases of their own, and a scale."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bench.rounds import Rounds
from store.casebook import Casebook
from store.database import pool
from store.keys import MASTER_KEY_BYTES, Keys
from store.migrate import migrate

MASTER_KEY = b"b" * MASTER_KEY_BYTES
"""The bench's databases are dropped; their key protects nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much is measured. The tests run everything once, tiny."""

    threads: int = 16
    rounds: Rounds = field(default_factory=lambda: Rounds(7, 0.7))
    repeats: int = 7
    cases: int = 1_000
    long_case_events: int = 1_000
    catch_up_events: int = 12_000
    catch_up_peer_events: int = 600
    customer_events: int = 500
    short_log_events: int = 10_000
    long_log_events: int = 1_000_000
    import_events: int = 65_533
    read_connections: int = 8
    write_connections: int = 16
    requests_s: float = 1.0
    request_rounds: int = 7
    catch_up_rounds: int = 3
    open_clocks: int = 100_000
    few_open_clocks: int = 1_000
    timers: int = 2_000
    reminders: int = 100_000
    urgent_timers: int = 100
    timer_processes: int = 3
    draw_entries: int = 1_000_000
    baskets: int = 155_848
    ledgers: int = 100_000
    ledgers_due: int = 500


FULL = Scale()
TINY = Scale(
    threads=3,
    rounds=Rounds(1, 0.1),
    repeats=1,
    cases=6,
    long_case_events=40,
    catch_up_events=200,
    catch_up_peer_events=40,
    customer_events=30,
    short_log_events=400,
    long_log_events=600,
    import_events=120,
    read_connections=3,
    write_connections=3,
    requests_s=0.2,
    request_rounds=1,
    catch_up_rounds=2,
    open_clocks=300,
    few_open_clocks=200,
    timers=12,
    reminders=40,
    urgent_timers=6,
    timer_processes=1,
    draw_entries=300,
    baskets=60,
    ledgers=40,
    ledgers_due=4,
)


@dataclass
class Place:
    """A server and what rows share on it; databases are made on demand and dropped at the end."""

    url: str
    scale: Scale = FULL
    folder: Path = field(default_factory=lambda: Path(tempfile.gettempdir()))
    shared: dict[str, Any] = field(default_factory=dict)
    _made: list[str] = field(default_factory=list)
    _count: int = 0
    _prefix: str = field(default_factory=lambda: f"bench_{uuid4().hex[:8]}")

    def database(self, purpose: str) -> str:
        """Make an empty migrated database and return its address."""
        url = self.empty_database(purpose)
        migrate(url)
        return url

    def empty_database(self, purpose: str) -> str:
        """Make a database without any tables and return its address."""
        self._count += 1
        name = f"{self._prefix}_{purpose}_{self._count}"
        with Connection.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        self._made.append(name)
        return make_conninfo(self.url, dbname=name)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Let one row run, and leave the server nothing of it to tidy up while the next one runs.

        Databases that the row shares with others stay.
        """
        before, shared = len(self._made), len(self.shared)
        with Connection.connect(self.url, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        yield
        if len(self.shared) == shared:
            self._drop(self._made[before:])

    def drop_all(self) -> None:
        """Drop every database made here."""
        self._drop(list(self._made))

    def _drop(self, names: list[str]) -> None:
        with Connection.connect(self.url, autocommit=True) as connection:
            for name in names:
                connection.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
                )
                self._made.remove(name)


@contextlib.contextmanager
def casebook_at(url: str, *, size: int = 20, **options: Any) -> Iterator[Casebook]:
    """Open the shipped casebook on a database."""
    with pool(url, "writer", size=size) as connections:
        yield Casebook(connections, url, Keys(MASTER_KEY), **options)


@contextlib.contextmanager
def server(folder: Path) -> Iterator[str]:
    """Yield the address of `DATABASE_URL`'s server, or of a private one that ends with us."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given
        return
    from store.private_postgres import PrivatePostgres

    with PrivatePostgres(folder / "database") as url:
        yield url


def stock_environment(url: str) -> dict[str, str]:
    """Return the environment with which the stock library opens a database."""
    parts = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": parts["dbname"],
        "POSTGRES_HOST": parts.get("host", ""),
        "POSTGRES_PORT": parts.get("port", "5432"),
        "POSTGRES_USER": parts.get("user", ""),
        "POSTGRES_PASSWORD": parts.get("password", "") or "none",
        "POSTGRES_POOL_SIZE": "20",
        "POSTGRES_MAX_OVERFLOW": "10",
    }
