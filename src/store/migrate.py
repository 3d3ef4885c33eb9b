"""Migrations: numbered plain SQL, forward only, one at a time under a lock, with timeouts."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from psycopg import Connection, errors

from store.blocks import beside
from store.database import connect

SQL = beside(__file__)
FOLDER = Path(__file__).parent / "migrations"
_LOCK = 7305161300
_NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")


class MigrationError(Exception):
    """The database cannot be brought to this version; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its number, its name and its text."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """Return the hash that tells an edited file from the applied one."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations(folder: Path = FOLDER) -> list[Migration]:
    """Return the files in order; numbers run from 1 without a gap."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = _NAME.match(path.name)
        if match is None:
            raise MigrationError(f"{path.name}: a migration is named NNNN_name.sql")
        found.append(Migration(int(match[1]), path.stem, path.read_text(encoding="utf-8")))
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise MigrationError("migrations must be numbered 0001, 0002, … without a gap")
    return found


def migrate(url: str, folder: Path = FOLDER) -> list[str]:
    """Apply what is missing and return its names; safe to call from several processes at once.

    Raises `MigrationError` when an applied file was edited, when the database is newer than this
    program, or when the login may not create roles or schemas.
    """
    wanted = migrations(folder)
    with connect(url) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        try:
            return _migrate(connection, wanted)
        except errors.InsufficientPrivilege as error:
            raise MigrationError(
                "the login of DATABASE_URL may not create roles or schemas "
                f"({error.diag.message_primary}); use the database's owner, with CREATEROLE, or as"
                " a member (with admin option) of the parvandeh roles that stand already"
            ) from error
        finally:
            connection.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))


def _migrate(connection: Connection[tuple[object, ...]], wanted: list[Migration]) -> list[str]:
    connection.execute(
        "CREATE TABLE IF NOT EXISTS public.parvandeh_migrations (number integer PRIMARY KEY,"
        " name text NOT NULL, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
    )
    rows = connection.execute("SELECT number, sha256 FROM public.parvandeh_migrations").fetchall()
    applied = {int(str(number)): str(sha256) for number, sha256 in rows}
    if applied and max(applied) > len(wanted):
        raise MigrationError("the database is newer than this program; start the newer one")
    if not applied:
        connection.execute(SQL["roles"])
    done = []
    for migration in wanted:
        if migration.number in applied:
            if applied[migration.number] != migration.sha256:
                raise MigrationError(f"{migration.name} was edited after it had been applied")
            continue
        with connection.transaction():
            connection.execute("SET LOCAL lock_timeout = '5s'")
            connection.execute("SET LOCAL statement_timeout = '120s'")
            connection.execute(migration.sql.encode())
            connection.execute(
                "INSERT INTO public.parvandeh_migrations (number, name, sha256)"
                " VALUES (%s, %s, %s)",
                (migration.number, migration.name, migration.sha256),
            )
        done.append(migration.name)
    return done
