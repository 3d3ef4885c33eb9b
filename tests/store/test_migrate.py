"""Migrations: once, in order, together, and never an edited one."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from store.database import DatabaseRole, connect, role_name
from store.migrate import MigrationError, migrate, migrations


def test_a_migrated_database_needs_nothing_more(database_url: str) -> None:
    assert migrate(database_url) == []


def test_several_processes_may_migrate_at_once(database_url: str, tmp_path: Path) -> None:
    number = len(migrations()) + 1
    for file in migrations():
        (tmp_path / f"{file.name}.sql").write_text(file.sql, encoding="utf-8")
    new = tmp_path / f"{number:04}_more.sql"
    new.write_text("CREATE TABLE casebook.more (n integer)", encoding="utf-8")
    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(lambda _: migrate(database_url, tmp_path), range(8)))
    assert sorted(names for names in done if names) == [[new.stem]]


def test_a_failing_migration_leaves_nothing_behind(database_url: str, tmp_path: Path) -> None:
    for file in migrations():
        (tmp_path / f"{file.name}.sql").write_text(file.sql, encoding="utf-8")
    broken = tmp_path / f"{len(migrations()) + 1:04}_broken.sql"
    broken.write_text("CREATE TABLE casebook.half (n integer); SELECT 1/0", encoding="utf-8")
    with pytest.raises(Exception, match="division by zero"):
        migrate(database_url, tmp_path)
    with connect(database_url) as owner:
        found = owner.execute("SELECT to_regclass('casebook.half')").fetchone()
    assert found == (None,)


def test_an_edited_migration_is_refused(database_url: str, tmp_path: Path) -> None:
    for file in migrations():
        (tmp_path / f"{file.name}.sql").write_text(file.sql + "\n-- edited", encoding="utf-8")
    with pytest.raises(MigrationError, match="edited"):
        migrate(database_url, tmp_path)


def test_a_database_newer_than_the_program_is_refused(database_url: str) -> None:
    with connect(database_url) as owner:
        owner.execute(
            "INSERT INTO public.parvandeh_migrations (number, name, sha256) VALUES (9999, 'z', 'z')"
        )
    with pytest.raises(MigrationError, match="newer"):
        migrate(database_url)


ROLES: tuple[DatabaseRole, ...] = ("writer", "views", "reader")


@pytest.fixture
def app_url(server_url: str) -> Iterator[str]:
    """An empty database of a login that has made the roles, but is no superuser."""
    app = f"app_{secrets.token_hex(4)}"
    with connect(server_url) as superuser:
        if superuser.info.server_version < 160000:
            pytest.skip("before PostgreSQL 16, who makes a role is simply its member")
        superuser.execute(f"CREATE ROLE {app} LOGIN CREATEROLE PASSWORD 'x'")
        for role in map(role_name, ROLES):
            superuser.execute(f"GRANT {role} TO {app} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")
        superuser.execute(f"CREATE DATABASE {app} OWNER {app}")
        yield make_conninfo(server_url, dbname=app, user=app, password="x")
        superuser.execute(f"DROP DATABASE {app} WITH (FORCE)")
        superuser.execute(f"DROP OWNED BY {app} CASCADE")
        superuser.execute(f"DROP ROLE {app}")


def test_an_owner_who_is_no_superuser_may_migrate_and_take_every_role(app_url: str) -> None:
    assert migrate(app_url) == [migration.name for migration in migrations()]
    for role in ROLES:
        with connect(app_url, role) as taken:
            assert taken.execute("SELECT current_user").fetchone() == (role_name(role),)


@pytest.mark.parametrize(
    ("names", "said"),
    [(["1_x.sql"], "NNNN_name"), (["0001_a.sql", "0003_b.sql"], "without a gap")],
)
def test_misnumbered_files_are_refused(tmp_path: Path, names: list[str], said: str) -> None:
    for name in names:
        (tmp_path / name).write_text("SELECT 1", encoding="utf-8")
    with pytest.raises(MigrationError, match=said):
        migrations(tmp_path)
