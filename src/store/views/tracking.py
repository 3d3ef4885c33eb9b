"""Where the views stand: their tracking rows, and what health checks and metrics read of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from store.blocks import beside
from store.views.declare import Row, View

SQL = beside(__file__)

LIVE = "views"
BESIDE = "views_rebuild"


@dataclass(frozen=True, slots=True)
class ViewStatus:
    """How far a view has come, and what stops it, if anything does."""

    view: str
    position: int
    head: int
    """The newest position of the log at the same moment."""
    moved_at: datetime
    stuck_at: int | None
    stuck_topic: str | None
    stuck_error: str | None
    stuck_since: datetime | None
    attempts: int

    @property
    def lag_events(self) -> int:
        """Return how many events the view has still to apply."""
        return self.head - self.position

    @property
    def is_stuck(self) -> bool:
        """Tell whether the view stands before an event that it cannot apply."""
        return self.stuck_at is not None


def view_status(connection: Connection[Row]) -> list[ViewStatus]:
    """Return where every view stands, by name; needs the role `views` or `writer`."""
    return [ViewStatus(*row) for row in connection.execute(SQL["status"])]


def ensure(connection: Connection[Row], view: View) -> bool:
    """Make the view's tables if there are none; tell whether those that stand need a rebuild.

    Tables of a newer revision are left alone: a newer program leads the view.
    """
    found = connection.execute(SQL["find"], {"view": view.name}).fetchone()
    if found is None:
        with connection.transaction():
            connection.execute(SQL["prepare"], {"view": view.name})
            found = connection.execute(SQL["find"], {"view": view.name}).fetchone()
            if found is None:
                create(connection, view, view.name)
                connection.execute(view.sql.get("index", ""))
                return False
    return is_outdated(view, found[2], found[3])


def create(connection: Connection[Row], view: View, tracked_as: str) -> None:
    """Make the view's tables in the schema of the connection, and its tracking row at 0."""
    connection.execute(view.sql["create"])
    parameters: dict[str, Any] = {
        "view": tracked_as,
        "revision": view.revision,
        "shape": view.shape,
    }
    connection.execute(SQL["begin"], parameters)


def is_outdated(view: View, revision: int, shape: str) -> bool:
    """Tell whether stored tables are older than the view's definition."""
    return revision < view.revision or (revision == view.revision and shape != view.shape)


def is_ours(view: View, revision: int, shape: str) -> bool:
    """Tell whether stored tables are exactly those of the view's definition."""
    return revision == view.revision and shape == view.shape


def positions(statuses: Sequence[ViewStatus]) -> dict[str, int]:
    """Return the position of every view by its name."""
    return {status.view: status.position for status in statuses}
