"""Rebuilding a view beside the live one, taking its place, and comparing the two."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, Cursor, errors, sql

from store.log import Log, head
from store.views.declare import Row, View
from store.views.follower import Follower, Pass, follow_to, is_transient, opened
from store.views.memory import seldom_collected
from store.views.tracking import BESIDE, LIVE, SQL, create, ensure

SWAP_ATTEMPTS_MAX = 20
_LOCK = 7305161303
_CLOSE_EVENTS = 2_000

Progress = Callable[[int, int], None]
"""Is told the position reached and the position to reach."""


class RebuildIsRunning(Exception):  # noqa: N818
    """Another process rebuilds this view; wait for it to end."""


class RebuildIsStuck(Exception):  # noqa: N818
    """The rebuild met an event that the view cannot apply; the live view was left as it was."""


class SwapIsBlocked(Exception):  # noqa: N818
    """Long reads of the live tables left no moment to put the rebuilt ones in their place."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not the same in the live view and in its rebuild."""

    table: str
    key: tuple[Any, ...]
    live: bool
    """Whether the live view has a row of this key."""
    rebuilt: bool


def _nothing(_position: int, _head: int) -> None:
    return None


def _beside_name(view: View) -> str:
    return f"{view.name}__rebuild"


def rebuild(url: str, casebook: Log, view: View, *, progress: Progress = _nothing) -> int:
    """Build the view anew from the whole log, put it in the live one's place, return its position.

    Readers go on with the live tables until the new ones take their names in one transaction. What
    an interrupted rebuild left is dropped first. Raises `RebuildIsRunning`, `RebuildIsStuck`, and
    `SwapIsBlocked` after `SWAP_ATTEMPTS_MAX` attempts.
    """
    with _alone(url, view), opened(url, BESIDE) as connection:
        with opened(url, LIVE) as live:
            ensure(live, view)
        follower = _built(connection, casebook, view, progress)
        for attempt in range(SWAP_ATTEMPTS_MAX):
            try:
                return _swap(connection, follower, view)
            except (errors.LockNotAvailable, errors.DeadlockDetected):
                time.sleep(min(0.05 * 2**attempt, 2.0))
                _follow(follower, head(connection))
        raise SwapIsBlocked(view.name)


def compare(
    url: str,
    casebook: Log,
    view: View,
    *,
    progress: Progress = _nothing,
    differences_max: int = 100,
) -> list[Difference]:
    """Build the view anew, compare all columns of all rows with the live one, and drop it again.

    Both stand at the same position when they are compared; the live view goes on meanwhile.
    """
    with (
        _alone(url, view),
        opened(url, BESIDE) as connection,
        opened(url, LIVE) as live,
        opened(url, BESIDE) as eye,
    ):
        if ensure(live, view):
            raise RebuildIsStuck(f"{view.name}: the live tables are of an older revision")
        follower = _built(connection, casebook, view, progress)
        with contextlib.ExitStack() as held, eye.transaction():
            held.enter_context(live.transaction())
            position = _held_position(live, view.name)
            _follow(follower, position)
            eye.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            eye.execute("SELECT 1 FROM views.tracking LIMIT 1")
            held.close()
            found = _differences(eye, view, differences_max)
        _drop_beside(connection, view)
        return found


@contextlib.contextmanager
def _alone(url: str, view: View) -> Iterator[None]:
    """Hold the view's rebuild lock as long as the connection lives, whatever is killed.

    It is given back by name: a connection that was closed lives on for a moment in the server.
    """
    with opened(url, LIVE) as guard:
        parameters = {"lock": _LOCK, "view": view.name}
        row = guard.execute(
            "SELECT pg_try_advisory_lock(hashtextextended(%(view)s, %(lock)s))", parameters
        ).fetchone()
        if row is None or not row[0]:
            raise RebuildIsRunning(view.name)
        yield
        guard.execute("SELECT pg_advisory_unlock(hashtextextended(%(view)s, %(lock)s))", parameters)


def _built(connection: Connection[Row], casebook: Log, view: View, progress: Progress) -> Follower:
    _drop_beside(connection, view)
    with connection.transaction():
        create(connection, view, _beside_name(view))
    follower = Follower(connection, view, casebook, tracked_as=_beside_name(view))
    target = head(connection)
    follower.sweeps = True
    with seldom_collected():
        while target - follower.position > _CLOSE_EVENTS:
            _step(follower, target)
            target = max(target, head(connection))
            progress(follower.position, target)
    if "index" in view.sql:
        connection.execute(view.sql["index"])
    follower.sweeps = False
    while _settled_some(connection, view):
        progress(follower.position, target)
    _follow(follower, head(connection))
    progress(follower.position, follower.position)
    return follower


def _settled_some(connection: Connection[Row], view: View) -> bool:
    """Do once what the batches have put off, in a transaction of its own; tell whether more is."""
    with connection.transaction(), connection.cursor() as cursor:
        return view.settle(cursor)


def _step(follower: Follower, target: int) -> None:
    if follower.advance(target) in (Pass.STUCK, Pass.NOT_OURS):
        raise RebuildIsStuck(f"{follower.view.name}: position {follower.position + 1}")


def _follow(follower: Follower, position: int) -> None:
    if follow_to(follower, position) is not Pass.CAUGHT_UP:
        raise RebuildIsStuck(f"{follower.view.name}: position {follower.position + 1}")


def _swap(connection: Connection[Row], follower: Follower, view: View) -> int:
    """Apply what is still missing under the live view's lock, and take its names."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        live = _held_position(connection, view.name)
        reached = _held_position(connection, _beside_name(view))
        while reached < max(live, head(connection)):
            reached = _applied(cursor, follower, reached)
        cursor.execute("SET LOCAL lock_timeout = '300ms'")
        for table in view.tables:
            names = {"live": sql.Identifier(LIVE), "beside": sql.Identifier(BESIDE)}
            names["table"] = sql.Identifier(table)
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS {live}.{table}").format(**names))
            cursor.execute(
                sql.SQL("ALTER TABLE {beside}.{table} SET SCHEMA {live}").format(**names)
            )
        cursor.execute(
            SQL["replace"],
            {
                "view": view.name,
                "position": reached,
                "revision": view.revision,
                "shape": view.shape,
            },
        )
        cursor.execute(SQL["remove"], {"view": _beside_name(view)})
        return reached


def _applied(cursor: Cursor[Row], follower: Follower, after: int) -> int:
    """Apply one batch; raises `RebuildIsStuck` for an event that came last and cannot be."""
    try:
        return follower.apply_within(cursor, after)
    except Exception as error:
        if is_transient(error):
            raise
        raise RebuildIsStuck(f"{follower.view.name}: after position {after}") from None


def _held_position(connection: Connection[Row], tracked_as: str) -> int:
    """Return the position that the tables are really at, and keep it there."""
    row = connection.execute(SQL["hold"], {"view": tracked_as}).fetchone()
    if row is None:  # another rebuild began after this one had lost its lock's connection
        raise RebuildIsRunning(tracked_as)
    return int(row[0])


def _drop_beside(connection: Connection[Row], view: View) -> None:
    with connection.transaction():
        for table in view.tables:
            connection.execute(
                sql.SQL("DROP TABLE IF EXISTS {}.{}").format(
                    sql.Identifier(BESIDE), sql.Identifier(table)
                )
            )
        connection.execute(SQL["remove"], {"view": _beside_name(view)})


def _differences(connection: Connection[Row], view: View, limit: int) -> list[Difference]:
    found: list[Difference] = []
    for table, keys in view.tables.items():
        query = sql.SQL(
            "SELECT {keys}, l.is_there IS NOT NULL, r.is_there IS NOT NULL"
            " FROM (SELECT {columns}, t::text AS whole, true AS is_there FROM {live}.{table} t) l"
            " FULL JOIN"
            " (SELECT {columns}, t::text AS whole, true AS is_there FROM {beside}.{table} t) r"
            " USING ({columns})"
            " WHERE l.whole IS DISTINCT FROM r.whole LIMIT {limit}"
        ).format(
            keys=sql.SQL(", ").join(map(sql.Identifier, keys)),
            columns=sql.SQL(", ").join(map(sql.Identifier, keys)),
            live=sql.Identifier(LIVE),
            beside=sql.Identifier(BESIDE),
            table=sql.Identifier(table),
            limit=sql.Literal(limit),
        )
        for row in connection.execute(query):
            found.append(Difference(table, tuple(row[:-2]), row[-2], row[-1]))
    return found
