"""Forgetting a person: what views keep readable of her is written anew without it."""

from collections.abc import Sequence
from uuid import UUID

from store.log import Log, Recorded
from store.views.declare import Erasure, View
from store.views.follower import PublishedRules, opened
from store.views.tracking import LIVE, SQL, ensure


def forget(url: str, casebook: Log, views: Sequence[View], subject_id: UUID) -> None:
    """Let every view forget a person whose key has been destroyed and is at hand nowhere.

    Each view does so in one transaction, while it stands still; readers go on. Doing it again
    changes nothing. The log's ring must not hold the key any more, or it would still be read.
    """
    casebook.ring.forget(subject_id)
    for view in views:
        _forget(url, casebook, view, subject_id)


def _forget(url: str, casebook: Log, view: View, subject_id: UUID) -> None:
    with opened(url, LIVE) as connection:
        ensure(connection, view)
        with connection.transaction():
            held = connection.execute(SQL["hold"], {"view": view.name}).fetchone()
            assert held is not None
            position = int(held[0])
            streams = connection.execute(
                SQL["streams_of_subject"], {"subject": subject_id, "position": position}
            ).fetchall()

            def history(stream: UUID, topics: Sequence[str]) -> list[Recorded]:
                recorded = casebook.history(connection, stream)
                wanted = [one for one in recorded if one.position <= position]
                return [one for one in wanted if not topics or one.topic in topics]

            view.forget(
                Erasure(
                    connection=connection,
                    subject_id=subject_id,
                    streams=[stream for (stream,) in streams],
                    rules=PublishedRules(casebook).newest(connection),
                    history=history,
                )
            )
            connection.execute(SQL["turn_over"], {"view": view.name})
