"""A database with published rules, named in the environment as an installation names it."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.casebook import Casebook
from store.database import pool
from store.keys import Keys
from store.rulebook import publish_shipped

MASTER_KEY = bytes(range(32))


@pytest.fixture
def installation(
    database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Casebook]:
    """Return the casebook of an installation that a script finds; the script runs in `tmp_path`."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("APP_MASTER_KEY", base64.b64encode(MASTER_KEY).decode())
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    with pool(database_url, "writer", size=4) as connections:
        casebook = Casebook(connections, database_url, Keys(MASTER_KEY), cached_states_max=0)
        publish_shipped(casebook)
        yield casebook
