"""The inbox of each person, and what a stream of it goes on by."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic_core import from_json

from domain import notification as n
from domain.clocks.messages import Urgency
from projections import inbox
from projections.reading import CursorIsWrong
from store.database import connect
from store.views import catch_up, compare
from tests.projections.asking import ask
from tests.projections.world import World, world

CASE = UUID(int=0xCA5E)
PLANNED = n.NotificationPlanned(
    recipient="maryam", staff_id=UUID(int=1), locale="fa", zone="Asia/Tehran",
    code="complaint.escalated", case_id=CASE, case_category="complaint",
    params=(n.Param(name="escalation", value="1"),), urgency=Urgency.ESCALATION,
    must_acknowledge=True, cause=UUID(int=2), send_after_at=datetime(2026, 3, 1, tzinfo=UTC),
    channels=(), quiet_hours=None, digest=None, attempts_max=3, back_off_s=(60,), policy=None,
)  # fmt: skip
SENT = n.NotificationSent(channel_id=UUID(int=3), kind="sms", attempt=1, key="k")
FAILED = n.DeliveryFailed(
    channel_id=UUID(int=3), kind="sms", attempt=1, error="timeout", retry_at=None
)
SEEN = n.NotificationSeen(seen_at=datetime(2026, 3, 1, 10, tzinfo=UTC))
ACKNOWLEDGED = n.NotificationAcknowledged(by="maryam", case_id=CASE)
SETTLED = n.NotificationSettled(why="escalation_ended", case_id=CASE)


class Post:
    """Notices that were planned in this world, and the questions that are asked of them."""

    def __init__(self, told: World) -> None:
        self.told = told

    def notice(self, *events: Any, **plan: Any) -> UUID:
        stream = uuid4()
        self.told.happened(stream, replace(PLANNED, **plan), *events)
        return stream

    def page(self, recipient: str = "maryam", **wanted: Any) -> inbox.Page:
        catch_up(self.told.url, self.told.log, [inbox.VIEW])
        return ask(self.told.url, lambda c: inbox.page(c, recipient, **wanted))

    def changes(self, after: int, recipient: str = "maryam", **more: Any) -> Any:
        catch_up(self.told.url, self.told.log, [inbox.VIEW])
        return ask(self.told.url, lambda c: inbox.changes(c, recipient, after, **more))


@pytest.fixture
def post(database_url: str) -> Iterator[Post]:
    with world(database_url, rules=False) as told:
        yield Post(told)


@pytest.mark.parametrize(
    ("events", "state", "delivery"),
    [
        ((), "planned", "planned"),
        ((SENT,), "planned", "sent"),
        ((FAILED,), "planned", "planned"),
        ((SENT, FAILED), "planned", "planned"),
        ((n.NotificationUndeliverable(),), "planned", "undeliverable"),
        ((SENT, SEEN), "seen", "sent"),
        ((SEEN, SETTLED), "settled", "planned"),
        ((SETTLED, ACKNOWLEDGED), "acknowledged", "planned"),
    ],
)
def test_it_says_how_far_a_notice_has_come(
    post: Post, events: Any, state: str, delivery: str
) -> None:
    post.notice(*events)
    (item,) = [from_json(item) for item in post.page().items]
    assert (item["state"], item["delivery"]) == (state, delivery)


def test_a_batch_and_single_events_lead_to_the_same_rows(post: Post) -> None:
    for events in ((SENT, SEEN), (FAILED, SETTLED), (SEEN, ACKNOWLEDGED, SEEN)):
        stream = post.notice()
        for event in events:
            post.page()
            post.told.happened(stream, event)
        post.notice(*events)
    post.page()
    assert compare(post.told.url, post.told.log, inbox.VIEW) == []
    small = replace(inbox.VIEW, batch_events=2)
    assert compare(post.told.url, post.told.log, small) == []


def test_a_change_is_known_by_its_position_and_comes_once(post: Post) -> None:
    first, second = post.notice(), post.notice(SENT)
    position, found = post.changes(0)
    assert [from_json(one.body)["id"] for one in found] == [str(first), str(second)]
    assert [one.changed for one in found] == [1, 2]
    assert position == 3
    post.told.happened(first, SEEN)
    post.told.happened(second, FAILED)  # a matter of delivery is nothing to tell her
    _, found = post.changes(2)
    assert [(from_json(one.body)["state"], one.changed) for one in found] == [("seen", 4)]
    assert post.changes(4) == (5, [])
    assert post.changes(0, "somebody-else")[1] == []


def test_changes_come_page_by_page(post: Post) -> None:
    told = [post.notice() for _ in range(5)]
    after, seen = 0, []
    while found := post.changes(after, limit=2)[1]:
        seen += [UUID(from_json(one.body)["id"]) for one in found]
        after = found[-1].changed
    assert seen == told


def test_one_look_says_whose_inboxes_changed(post: Post) -> None:
    post.notice()
    post.notice(recipient="omid")
    post.page()

    def moved(after: int) -> Any:
        return ask(post.told.url, lambda c: inbox.moved(c, ["maryam", "omid", "reza"], after))

    assert moved(0) == (2, {"maryam", "omid"})
    assert moved(1) == (2, {"omid"})
    assert moved(2) == (2, frozenset())


def test_an_empty_inbox_has_its_position_too(post: Post) -> None:
    post.notice(recipient="omid")
    assert post.page() == inbox.Page(1, [], None, 0, 0)
    with pytest.raises(CursorIsWrong):
        post.page(cursor="nonsense")


def test_an_inbox_is_found_by_its_owner_among_many(post: Post) -> None:
    post.page()
    with connect(post.told.url, "views") as views:
        views.execute(
            """
            INSERT INTO views.inbox (id, recipient, code, case_id, case_category, params, urgency,
                must_acknowledge, planned_at, position, changed, delivery)
            SELECT gen_random_uuid(), 'account-' || (k % 500), 'x', gen_random_uuid(), 'complaint',
                '{}', 'warning', k % 7 = 0, now(), k, k, 'planned'
            FROM generate_series(1, 20000) k
            """
        )
        views.execute("ANALYZE views.inbox")
        wanted = {
            "recipient": "account-7", "state": "all", "before": None, "limit": 51, "after": 19_000,
            "recipients": ["account-7"],
        }  # fmt: skip
        for block in ("page", "changes", "moved"):
            plan = "\n".join(
                row[0] for row in views.execute("EXPLAIN " + inbox.SQL[block], wanted).fetchall()
            )
            assert "Seq Scan on inbox" not in plan, plan
