"""How a script reaches the casebook: `DATABASE_URL`, else the running server's private database."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from store.casebook import Casebook, UnreadableLog
from store.database import connect, pool
from store.keys import Keys
from store.private_postgres import find_running
from store.settings import Settings, SettingsError

_CONNECTIONS = 6


class CannotConnect(Exception):  # noqa: N818
    """There is no casebook to work on; the message is one line that says what to do."""


@contextmanager
def open_casebook(
    data_dir: Path | None = None, *, cached_states_max: int = 256
) -> Iterator[Casebook]:
    """Open the casebook for a script, and close its connections afterwards.

    A `data_dir` given on the command line means the private database there, whatever the
    environment says. The private database is found, never started: it belongs to the server.
    Raises `CannotConnect`.
    """
    url, keys = find_casebook(data_dir)
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # scripts say it in one line
    connections = pool(url, "writer", size=_CONNECTIONS)
    casebook = Casebook(connections, url, keys, cached_states_max=cached_states_max)
    try:
        try:
            casebook.check()
        except UnreadableLog as error:
            raise CannotConnect(str(error)) from None
        yield casebook
    finally:
        casebook.close()
        connections.close()


def find_casebook(data_dir: Path | None = None) -> tuple[str, Keys]:
    """Return the address of the database with the casebook, and its keys; raises `CannotConnect`.

    It was tried once, for a pool would only say that no connection became free.
    """
    try:
        given = {} if data_dir is None else {"data_dir": data_dir, "database_url": ""}
        settings = Settings.load(**given)
        url = settings.database_url or find_running(settings.data_dir)
        if url is None:
            raise CannotConnect(
                f"No server runs on {settings.data_dir}: start it (python3 scripts/serve.py), name"
                " its folder with --data-dir, or set DATABASE_URL."
            )
        keys = Keys(settings.master_key_bytes())
    except SettingsError as error:
        raise CannotConnect(str(error)) from None
    _check_database(url)
    return url, keys


def _check_database(url: str) -> None:
    try:
        with connect(url, "writer") as connection:
            connection.execute("SELECT 1 FROM casebook.events LIMIT 1")
    except psycopg.OperationalError as error:
        raise CannotConnect(f"The database cannot be reached: {_first_line(error)}") from None
    except psycopg.Error as error:
        raise CannotConnect(
            "This database holds no casebook that can be used; start the server on it once"
            f" ({_first_line(error)})."
        ) from None


def _first_line(error: psycopg.Error) -> str:
    """Return what the database said, in one line."""
    lines = str(error).strip().splitlines()
    return lines[0].strip() if lines else type(error).__name__
