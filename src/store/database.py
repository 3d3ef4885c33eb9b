"""Connections to PostgreSQL: every pool takes exactly one of the casebook's roles.

The login of `DATABASE_URL` is a member of the three group roles; a pool switches to its role when
a connection opens, so a statement of the views cannot write the log, and a read writes nothing.
"""

from typing import Any, Literal

from psycopg import AsyncConnection, Connection, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import AsyncConnectionPool, ConnectionPool

DatabaseRole = Literal["writer", "views", "reader"]

APPLICATION = "parvandeh"

_SESSION = (
    "timezone=UTC",
    # The append reads the head of the log after it has waited for its lock.
    "default_transaction_isolation=read\\ committed",
    # Whatever a plan is believed to cost, our statements end before they would be compiled.
    "jit=off",
    # A node that vanished holds its views' row locks until the server notices.
    "tcp_keepalives_idle=15",
    "tcp_keepalives_interval=5",
    "tcp_keepalives_count=3",
)
_CLIENT = {
    "connect_timeout": 5,
    # A server that vanished keeps the thread that leads a group, and all behind it, until then.
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""What an address does not say; the systems' own patience with a silent peer is two hours."""


def role_name(role: DatabaseRole) -> str:
    """Return the name of the group role in the database."""
    return f"parvandeh_{role}"


def conninfo(url: str, role: DatabaseRole | None = None) -> str:
    """Return the connection string for a role; `None` keeps the login itself (the owner)."""
    parts = conninfo_to_dict(url)
    options = [str(parts.get("options") or ""), *(f"-c {setting}" for setting in _SESSION)]
    if role is not None:
        options.append(f"-c role={role_name(role)}")
    parts["options"] = " ".join(option for option in options if option)
    parts.setdefault("application_name", f"{APPLICATION}-{role or 'owner'}")
    for name, value in _CLIENT.items():
        parts.setdefault(name, value)
    return make_conninfo("", **{key: str(value) for key, value in parts.items()})


def connect(url: str, role: DatabaseRole | None = None) -> Connection[tuple[Any, ...]]:
    """Open one autocommit connection."""
    return Connection.connect(conninfo(url, role), autocommit=True)


def pool(
    url: str, role: DatabaseRole, *, size: int, timeout_s: float = 5.0
) -> ConnectionPool[Connection[tuple[Any, ...]]]:
    """Open a pool of autocommit connections; a full pool answers after `timeout_s` seconds."""
    return ConnectionPool(
        conninfo(url, role),
        kwargs={"autocommit": True, "prepare_threshold": 2},
        min_size=1,
        max_size=size,
        timeout=timeout_s,
        open=True,
        name=f"{APPLICATION}-{role}",
    )


def replace_dead(pool: ConnectionPool[Connection[tuple[Any, ...]]]) -> None:
    """Replace the idle connections that a server left dead when it restarted.

    One of them has failed; else each of the others would fail somebody, one after the other.
    """
    pool.check()


def async_pool(
    url: str, role: DatabaseRole, *, size: int, timeout_s: float = 5.0
) -> AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]:
    """Make a pool for `async` reads; open it with `await pool.open()`."""
    return AsyncConnectionPool(
        conninfo(url, role),
        kwargs={"autocommit": True, "prepare_threshold": 2},
        min_size=1,
        max_size=size,
        timeout=timeout_s,
        open=False,
        name=f"{APPLICATION}-{role}-async",
    )


def identifier(name: str) -> sql.Identifier:
    """Quote a name that is not a parameter (a table that is being rebuilt)."""
    return sql.Identifier(name)
