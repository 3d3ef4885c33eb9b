"""What every test may ask for: a real PostgreSQL, and a fresh migrated database of its own.

One private server serves a whole run, whatever number of xdist workers it has: each of them starts
it or finds it started. It is gone, with all its data, when the run is over.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from store.migrate import migrate
from store.private_postgres import PrivatePostgres

RUN_FOLDER = "PARVANDEH_TEST_FOLDER"
TEMPLATE = "migrated"
TEMPLATE_LOCK = 7305161301
SERVER_SETTINGS = {"max_connections": "400", "shared_buffers": "32MB"}
"""A database is copied after a checkpoint, which goes through all buffers."""
LONGEST = ("test_readme", "test_serve", "test_killed", "test_import_killed", "test_bench")

settings.register_profile(
    "ci",
    max_examples=14,
    derandomize=True,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "nightly", settings.get_profile("ci"), derandomize=False, max_examples=2_000
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_configure(config: pytest.Config) -> None:
    """Forget the caller's own settings, and name the folder of this run before workers start."""
    for name in list(os.environ):
        ours = name.startswith("APP_") and name != "APP_PG_BIN"
        if ours or name in ("DATABASE_URL", "READ_DATABASE_URLS"):
            del os.environ[name]
    if not hasattr(config, "workerinput"):
        os.environ[RUN_FOLDER] = tempfile.mkdtemp(prefix="parvandeh-tests-")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest and mostly waits, so that no worker is left with it alone."""
    items.sort(key=lambda item: not item.path.name.startswith(LONGEST))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the folder of this run; its server went with the last process that held it."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(RUN_FOLDER), ignore_errors=True)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """Return the address of the run's server, where databases may be made and dropped."""
    server = PrivatePostgres(
        Path(os.environ[RUN_FOLDER]) / "server", fsync=False, settings=SERVER_SETTINGS
    )
    url = server.start()
    _make_template(url)
    yield url
    server.stop()


@pytest.fixture
def database_url(server_url: str) -> Iterator[str]:
    """Return the address of a migrated database with nothing in it, for one test alone."""
    with _database(server_url) as url:
        yield url


@pytest.fixture(scope="module")
def module_database_url(server_url: str) -> Iterator[str]:
    """Return the address of a migrated database that the tests of a module share."""
    with _database(server_url) as url:
        yield url


def _make_template(server_url: str) -> None:
    """Migrate one database, once in a run, that all others are copies of."""
    with psycopg.connect(server_url, autocommit=True) as owner:
        owner.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE_LOCK])
        if not _is_template(owner):
            owner.execute(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")
            owner.execute(f"CREATE DATABASE {TEMPLATE}")
            migrate(_with_name(server_url, TEMPLATE))
            owner.execute(f"ALTER DATABASE {TEMPLATE} IS_TEMPLATE true")


def _is_template(owner: psycopg.Connection) -> bool:
    query = "SELECT 1 FROM pg_database WHERE datname = %s AND datistemplate"
    return owner.execute(query, [TEMPLATE]).fetchone() is not None


@contextmanager
def _database(server_url: str) -> Iterator[str]:
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server_url, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    try:
        yield _with_name(server_url, name)
    finally:
        with psycopg.connect(server_url, autocommit=True) as owner:
            owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _with_name(server_url: str, name: str) -> str:
    return server_url.replace("@/parvandeh?", f"@/{name}?", 1)
