"""The inbox: what each person was told, newest first, and what she has still to see or answer.

It holds what the notice says in codes, numbers and instants. Each row is of one account.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from domain import notification as n
from domain.declare import stored_name
from domain.notification import NotificationStatus as Status
from projections.reading import Reading, all_rows, bounded, cursor_of, keys_of
from store.log import Recorded
from store.views import TableView, Work, beside

SQL = beside(__file__)

_PLANNED = (
    "id", "recipient", "code", "case_id", "case_category", "params", "urgency",
    "must_acknowledge", "planned_at", "position",
)  # fmt: skip
_CHANGED = ("id", "changed", "seen_at", "acknowledged_at", "settled_at", "delivery")

STATES = ("all", "unseen", "unacknowledged")
"""What may be asked for."""


@dataclass(slots=True)
class _Change:
    """What a batch changes of one notice; the first instants count, and the last delivery."""

    changed: int | None = None
    seen_at: datetime | None = None
    acknowledged_at: datetime | None = None
    settled_at: datetime | None = None
    delivery: str | None = None

    def take(self, recorded: Recorded) -> None:
        at = recorded.recorded_at
        match recorded.event:
            case n.NotificationSeen():
                self.seen_at, self.changed = self.seen_at or at, recorded.position
            case n.NotificationAcknowledged():
                self.acknowledged_at = self.acknowledged_at or at
                self.changed = recorded.position
            case n.NotificationSettled():
                self.settled_at, self.changed = self.settled_at or at, recorded.position
            case n.NotificationWithheld():
                self.delivery = Status.WITHHELD.value
            case n.NotificationSent():
                self.delivery = Status.SENT.value
            case n.NotificationDelivered():
                self.delivery = Status.DELIVERED.value
            case n.NotificationUndeliverable():
                self.delivery = Status.UNDELIVERABLE.value
            case n.DeliveryFailed():
                self.delivery = Status.PLANNED.value


def _planned(recorded: Recorded, event: n.NotificationPlanned) -> tuple[Any, ...]:
    params = {param.name: param.value for param in event.params}
    return (
        recorded.stream, event.recipient, event.code, event.case_id, event.case_category,
        to_json(params).decode(), event.urgency.value, event.must_acknowledge,
        recorded.recorded_at, recorded.position,
    )  # fmt: skip


def _fill(work: Work) -> None:
    planned: list[tuple[Any, ...]] = []
    changes: dict[UUID, _Change] = {}
    for recorded in work.events:
        if isinstance(recorded.event, n.NotificationPlanned):
            planned.append(_planned(recorded, recorded.event))
        else:
            changes.setdefault(recorded.stream, _Change()).take(recorded)
    work.write("insert", _PLANNED, planned)
    rows = [
        (
            stream, change.changed, change.seen_at, change.acknowledged_at, change.settled_at,
            change.delivery,
        )
        for stream, change in changes.items()
    ]  # fmt: skip
    work.write("change", _CHANGED, rows)


VIEW = TableView(
    name="inbox",
    sql=SQL,
    tables={"inbox": ("id",)},
    topics=tuple(
        stored_name(cls)
        for cls in n.DECIDER.events
        if cls not in (n.ChannelExhausted, n.NotificationPostponed)
    ),
    fill=_fill,
)


# --- asking ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice as its recipient sees it: JSON ready to be sent, and where it stands."""

    changed: int
    position: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """One page of somebody's inbox, and how much of all of it waits for her."""

    position: int
    items: list[bytes]
    next: str | None
    unseen: int
    unacknowledged: int


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def _state(
    seen_at: datetime | None, acknowledged_at: datetime | None, settled_at: datetime | None
) -> str:
    """Return how far its recipient has come with a notice; `planned`: she has not seen it."""
    if acknowledged_at is not None:
        return Status.ACKNOWLEDGED.value
    if settled_at is not None:
        return Status.SETTLED.value
    return Status.PLANNED.value if seen_at is None else Status.SEEN.value


def _notice(row: Sequence[Any]) -> Notice:
    (
        position, notice_id, code, case_id, case_category, params, urgency, must_acknowledge,
        planned_at, seen_at, acknowledged_at, settled_at, delivery, changed,
    ) = row  # fmt: skip
    body = to_json(
        {
            "id": notice_id,
            "code": code,
            "case_id": case_id,
            "case_category": case_category,
            "urgency": urgency,
            "must_acknowledge": must_acknowledge,
            "state": _state(seen_at, acknowledged_at, settled_at),
            "delivery": delivery,
            "planned_at": _instant(planned_at),
            "seen_at": _instant(seen_at),
            "acknowledged_at": _instant(acknowledged_at),
            "settled_at": _instant(settled_at),
            "position": changed,
        }
    )
    whole = body[:-1] + b',"params":' + str(params).encode() + b"}"
    return Notice(changed, position, whole)


async def page(
    connection: Reading,
    recipient: str,
    *,
    state: str = "all",
    cursor: str | None = None,
    limit: int = 50,
) -> Page:
    """Return one page of an account's notices, newest first. Raises `CursorIsWrong`."""
    before = keys_of(cursor, (int,))
    size = bounded(limit)
    rows = await all_rows(
        connection,
        SQL["page"],
        {
            "recipient": recipient,
            "state": state,
            "before": before[0] if before else None,
            "limit": size + 1,
        },
        planned_anew=True,
    )
    position, unseen, unacknowledged = rows[0][:3]
    found = [_notice(row[3:]) for row in rows if row[3] is not None]
    more = len(found) > size
    found = found[:size]
    following = cursor_of(found[-1].position) if more else None
    return Page(position, [one.body for one in found], following, unseen, unacknowledged)


async def changes(
    connection: Reading, recipient: str, after: int, *, limit: int = 100
) -> tuple[int, list[Notice]]:
    """Return the view's position, and an account's notices that changed after another one.

    Each is as it stands now; what changed twice comes once. With fewer than `limit`, all that the
    view knows up to its position are there.
    """
    rows = await all_rows(
        connection, SQL["changes"], {"recipient": recipient, "after": after, "limit": limit}
    )
    return rows[0][0] or 0, [_notice(row[1:]) for row in rows if row[1] is not None]


async def moved(
    connection: Reading, recipients: Sequence[str], after: int
) -> tuple[int, frozenset[str]]:
    """Return the view's position, and whose of these inboxes changed after another one."""
    rows = await all_rows(
        connection, SQL["moved"], {"recipients": list(recipients), "after": after}
    )
    return rows[0][0] or 0, frozenset(row[1] for row in rows if row[1] is not None)
