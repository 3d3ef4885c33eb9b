"""Notices on their way: a real casebook, real receivers on this machine, and a said time."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from standardwebhooks import Webhook

from domain import DECIDERS
from domain.clocks.messages import Urgency
from domain.declare import Actor, ActorId, Role
from domain.notification import (
    DeliveryFailed,
    MarkSeen,
    NotificationSent,
    NotificationStatus,
    NotificationWithheld,
    SettleNotification,
    WithheldReason,
)
from domain.staff import DeactivateStaffMember, RemoveStaffChannel, SetQuietHours
from sagas.channels import Channels
from sagas.channels.webhooks import webhook_secret
from sagas.declare import Do, Hands
from sagas.delivery import SAGA, perform
from store.casebook import Casebook
from store.database import pool
from store.rulebook import SHIPPED, publication_of
from store.views import rebuild
from store.views.follower import opened
from store.views.tracking import LIVE
from tests.sagas.post import KEYS, NOW, SARA, Post
from tests.sagas.receivers import free_port, http_receiver, smtp_receiver

HERSELF = Actor(id=ActorId("sara"), roles=frozenset({Role.SUPERVISOR}))
REMINDER = "complaint.reminder_sent"


@pytest.fixture
def casebook(database_url: str) -> Iterator[Casebook]:
    with pool(database_url, "writer", size=8) as own:
        book = Casebook(own, database_url, KEYS, deciders=DECIDERS)
        yield book
        book.close()


@pytest.fixture
def post(database_url: str, casebook: Casebook) -> Post:
    return Post(database_url, casebook, Channels(KEYS, webhooks_to_loopback=True))


def by_mail(template: str) -> Channels:
    return Channels(KEYS, {"email": template}, webhooks_to_loopback=True)


def failures(post: Post, notice: UUID) -> list[str]:
    history = post.casebook.history(notice)
    return [one.event.error for one in history if isinstance(one.event, DeliveryFailed)]


# --- one notice -----------------------------------------------------------------------------------


def test_a_notice_goes_to_a_webhook_and_is_delivered(post: Post) -> None:
    with http_receiver() as receiver:
        channel = post.channel("webhook", receiver.address)
        post.now = datetime.now(UTC)
        notice = post.plan()
        assert post.send() == 1
        assert post.send() == 0
    (got,) = receiver.posts
    said = Webhook(webhook_secret(KEYS, channel.channel_id)).verify(got.body, got.headers)
    assert said["type"] == "complaint.deadline_breached"
    assert said["data"]["notification_id"] == str(notice)
    assert said["data"]["params"]["clock"] == "resolution"
    assert got.headers["webhook-id"] == str(uuid5(notice, str(channel.channel_id)))
    assert post.became(notice) == ["sent", "delivered"]
    assert post.notice(notice).sent == NotificationSent(
        channel_id=channel.channel_id, kind="webhook", attempt=1, key=got.headers["webhook-id"]
    )


def test_a_notice_goes_by_mail_in_the_language_and_calendar_of_its_reader(post: Post) -> None:
    with smtp_receiver() as receiver:
        post.channels = Channels(
            KEYS, {"email": receiver.template}, public_url="https://care.example.com/"
        )
        channel = post.channel("email", "sara@example.com")
        notice = post.plan()
        post.send()
    ((recipients, mail),) = receiver.mail
    assert recipients == ["sara@example.com"]
    assert mail["subject"] == "موعد گذشت: حل‌وفصل"
    page = mail.get_body(("html",))
    assert page is not None
    text = page.get_content()
    assert 'dir="rtl"' in text
    assert "سررسید: دوشنبه ۱۱ اسفند ۱۴۰۴، ۰۹:۰۰" in text
    assert "اولویت: فوری" in text
    assert "https://care.example.com/complaints/00000000-0000-0000-0000-00000000ca5e" in text
    assert mail["X-Parvandeh-Key"] == str(uuid5(notice, str(channel.channel_id)))
    assert post.became(notice) == ["sent"]


def test_what_fails_is_tried_again_later_and_then_by_the_next_channel(post: Post) -> None:
    with http_receiver(500, 500, 500, 500) as broken, smtp_receiver() as mail:
        post.channels = by_mail(mail.template)
        first = post.channel("webhook", broken.address)
        post.channel("email", "sara@example.com")
        notice = post.plan()
        instants = []
        while (at := post.next_at()) is not None:
            instants.append(at - NOW)
            post.send(at)
    assert len(broken.posts) == 4 and len(mail.mail) == 1
    waits_s = [0, 60, 360, 2160, 2160]
    assert instants == [timedelta(seconds=seconds) for seconds in waits_s]
    assert post.became(notice) == ["delivery_failed"] * 4 + ["channel_exhausted", "sent"]
    assert failures(post, notice) == ["http_500"] * 4
    assert {got.headers["webhook-id"] for got in broken.posts} == {
        str(uuid5(notice, str(first.channel_id)))
    }


def test_nothing_is_sent_before_it_is_to_be_retried(post: Post) -> None:
    with http_receiver(500) as receiver:
        post.channel("webhook", receiver.address)
        post.plan()
        post.send()
        assert post.send(NOW + timedelta(seconds=59)) == 0
        assert post.send(NOW + timedelta(seconds=60)) == 1
    assert len(receiver.posts) == 2


def test_a_notice_that_no_channel_takes_is_undeliverable_and_stays_in_the_inbox(post: Post) -> None:
    post.channel("telegram", "12345")
    post.channel("webhook", f"http://127.0.0.1:{free_port()}/")
    notice = post.plan()
    post.send_all()
    assert failures(post, notice) == ["channel_not_configured", *["unreachable"] * 4]
    assert post.notice(notice).status is NotificationStatus.UNDELIVERABLE
    assert post.send(post.now + timedelta(days=9)) == 0


def test_a_removed_channel_is_passed_over(post: Post) -> None:
    with http_receiver() as old, http_receiver() as new:
        channel = post.channel("webhook", old.address)
        post.channel("webhook", new.address)
        notice = post.plan()
        post.wish(RemoveStaffChannel(stream=SARA, channel_id=channel.channel_id))
        post.send_all()
    assert (len(old.posts), len(new.posts)) == (0, 1)
    assert failures(post, notice) == ["channel_removed"]


def test_nothing_is_sent_to_somebody_who_does_not_work_here_any_more(post: Post) -> None:
    with http_receiver() as receiver:
        post.channel("webhook", receiver.address)
        notice = post.plan()
        post.wish(DeactivateStaffMember(stream=SARA))
        post.send()
    assert receiver.posts == []
    withheld = post.casebook.history(notice)[-1].event
    assert isinstance(withheld, NotificationWithheld)
    assert withheld.reason is WithheldReason.INACTIVE


@pytest.mark.parametrize("wish", ["seen", "settled"])
def test_what_was_seen_or_settled_is_not_sent_any_more(post: Post, wish: str) -> None:
    with http_receiver() as receiver:
        post.channel("webhook", receiver.address)
        notice = post.plan()
        if wish == "seen":
            post.execute(MarkSeen(stream=notice), actor=HERSELF)
        else:
            post.wish(SettleNotification(stream=notice, why="clock_stopped"))
        assert post.send() == 0
    assert receiver.posts == []


def test_what_is_seen_between_two_attempts_is_not_sent_again(post: Post) -> None:
    with http_receiver(500) as receiver:
        post.channel("webhook", receiver.address)
        notice = post.plan()
        post.send()
        post.execute(MarkSeen(stream=notice), actor=HERSELF)
        assert post.send(NOW + timedelta(hours=1)) == 0
    assert len(receiver.posts) == 1


def test_without_a_channel_a_notice_lies_in_the_inbox_and_that_is_all(post: Post) -> None:
    notice = post.plan(channels=())
    assert post.send() == 0
    assert post.notice(notice).status is NotificationStatus.PLANNED


# --- quiet hours ----------------------------------------------------------------------------------

AT_NIGHT = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
"""Half past eleven in the evening in Tehran."""
MORNING = datetime(2026, 3, 3, 3, 30, tzinfo=UTC)


def quiet(post: Post, *, allows_urgent: bool = True) -> None:
    post.wish(
        SetQuietHours(
            stream=SARA, starts_local="22:00", ends_local="07:00", zone="Asia/Tehran",
            allows_urgent=allows_urgent,
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("urgency", "allows_urgent", "waits"),
    [
        (Urgency.WARNING, True, True),
        (Urgency.REMINDER, True, True),
        (Urgency.ESCALATION, True, False),
        (Urgency.ESCALATION, False, True),
        (Urgency.STATUTORY, True, False),
    ],
)
def test_quiet_hours_set_after_the_planning_are_heeded_and_urgent_notices_may_pass(
    post: Post, urgency: Urgency, allows_urgent: bool, waits: bool
) -> None:
    with http_receiver() as receiver:
        post.channel("webhook", receiver.address)
        post.now = AT_NIGHT
        notice = post.plan(urgency=urgency)
        quiet(post, allows_urgent=allows_urgent)
        post.send()
        assert len(receiver.posts) == (0 if waits else 1)
        assert post.send(MORNING - timedelta(seconds=1)) == 0
        post.send(MORNING)
    assert len(receiver.posts) == 1
    postponed = ["postponed"] if waits else []
    assert post.became(notice) == [*postponed, "sent", "delivered"]


# --- crashes --------------------------------------------------------------------------------------


DYING = """
import socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("listening", flush=True)
connection, _ = listener.accept()
request = b""
while b"webhook-id" not in request or not request.endswith(b"}"):
    request += connection.recv(65536)
print(request.decode(), flush=True)
import os, signal
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_receiver_killed_between_accepting_and_our_recording_sees_the_same_key_again(
    post: Post,
) -> None:
    port = free_port()
    command = [sys.executable, "-c", DYING, str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as dying:
        assert dying.stdout is not None and dying.stdout.readline() == "listening\n"
        post.channel("webhook", f"http://127.0.0.1:{port}/hook")
        notice = post.plan()
        post.send()
        accepted = dying.stdout.read()
    assert failures(post, notice) == ["connection_lost"]
    with http_receiver(port=port) as receiver:
        post.send_all()
    (again,) = receiver.posts
    headers = dict(line.split(": ", 1) for line in accepted.splitlines() if ": " in line)
    lowered = {name.lower(): value for name, value in headers.items()}
    assert lowered["webhook-id"] == again.headers["webhook-id"]
    assert accepted.endswith(again.body.decode() + "\n")
    assert post.became(notice) == ["delivery_failed", "sent", "delivered"]


class Killed(BaseException):
    """Our own process ends here."""


def test_we_killed_between_the_acceptance_and_its_recording_send_the_same_key_again(
    post: Post,
) -> None:
    with http_receiver() as receiver:
        post.channel("webhook", receiver.address)
        notice = post.plan()
        state = SAGA.evolve(None, post.casebook.history(notice)[0], None)
        assert state is not None

        def die(_: Do) -> Any:
            raise Killed

        with pytest.raises(Killed):
            perform(state, post.now, Hands(post.casebook, die, post.channels))
        assert post.became(notice) == []
        assert post.send() == 1
    keys = {got.headers["webhook-id"] for got in receiver.posts}
    assert (len(receiver.posts), len(keys)) == (2, 1)
    assert post.became(notice) == ["sent", "delivered"]


def test_performing_what_is_recorded_already_sends_nothing(post: Post) -> None:
    with http_receiver() as receiver:
        post.channel("webhook", receiver.address)
        notice = post.plan()
        state = SAGA.evolve(None, post.casebook.history(notice)[0], None)
        assert state is not None
        post.send()
        perform(
            state,
            post.now,
            Hands(post.casebook, lambda _: pytest.fail("recorded twice"), post.channels),
        )
    assert len(receiver.posts) == 1


def test_a_rebuilt_saga_stands_as_the_live_one_and_sends_nothing(post: Post) -> None:
    with http_receiver(500) as receiver:
        post.channel("webhook", receiver.address)
        for _ in range(3):
            post.plan()
        post.send()
        (view,) = post.views
        post.fold()
        before = rows(post)
        sent = len(receiver.posts)
        rebuild(post.url, post.casebook.log_reader, view)
        assert rows(post) == before
        assert len(receiver.posts) == sent


def rows(post: Post) -> list[Any]:
    with opened(post.url, LIVE) as connection:
        query = "SELECT key, state, lane, wake_at, tags FROM saga_delivery ORDER BY key"
        return connection.execute(query).fetchall()


# --- digests --------------------------------------------------------------------------------------

DIGEST_AT = datetime(2026, 3, 3, 4, 30, tzinfo=UTC)
"""Eight in the morning in Tehran."""


@pytest.fixture
def daily(post: Post) -> Post:
    """The post, with the shipped policy, by which reminders wait for the day's digest."""
    post.wish(publication_of(SHIPPED / "notification_policy" / "default.toml"))
    return post


def test_reminders_of_a_day_go_out_as_one_message_under_one_key(daily: Post) -> None:
    with smtp_receiver() as receiver:
        daily.channels = by_mail(receiver.template)
        daily.channel("email", "sara@example.com")
        notices = [daily.plan(REMINDER, case_id=UUID(int=case)) for case in (1, 2, 3)]
        assert daily.send(DIGEST_AT - timedelta(seconds=1)) == 0
        assert daily.send(DIGEST_AT) == 1
        assert daily.send(DIGEST_AT + timedelta(days=1)) == 0
    ((_, mail),) = receiver.mail
    assert mail["subject"] == "گزارش روزانهٔ شما: ۳ اعلان"
    page = mail.get_body(("plain",))
    assert page is not None
    for case in (1, 2, 3):
        assert str(UUID(int=case)) in page.get_content()
    sent = [daily.notice(notice).sent for notice in notices]
    assert {one.key for one in sent if one is not None} == {mail["X-Parvandeh-Key"]}
    assert None not in sent


def test_what_was_seen_is_not_in_the_digest_and_its_others_are(daily: Post) -> None:
    with http_receiver() as receiver:
        daily.channel("webhook", receiver.address)
        seen, left = daily.plan(REMINDER), daily.plan(REMINDER)
        daily.execute(MarkSeen(stream=seen), actor=HERSELF)
        daily.send(DIGEST_AT)
    (got,) = receiver.posts
    said = json.loads(got.body)
    assert said["type"] == "notification.digest"
    ids = [one["data"]["notification_id"] for one in said["data"]["notifications"]]
    assert ids == [str(left)]
    assert daily.became(seen) == ["seen"]
    assert daily.became(left) == ["sent", "delivered"]


def test_a_digest_that_fails_is_tried_again_as_a_whole_under_its_key(daily: Post) -> None:
    with http_receiver(503) as receiver:
        daily.channel("webhook", receiver.address)
        notices = [daily.plan(REMINDER) for _ in range(3)]
        daily.send(DIGEST_AT)
        for notice in notices:
            assert failures(daily, notice) == ["http_503"]
        daily.execute(MarkSeen(stream=notices[0]), actor=HERSELF)
        daily.send_all()
    first, again = receiver.posts
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert len(json.loads(first.body)["data"]["notifications"]) == 3
    assert len(json.loads(again.body)["data"]["notifications"]) == 2


def test_a_notice_that_comes_after_its_digest_goes_out_under_a_key_of_its_own(daily: Post) -> None:
    with http_receiver() as receiver:
        daily.channel("webhook", receiver.address)
        daily.plan(REMINDER)
        late = {"caused_at": NOW}
        daily.send(DIGEST_AT)
        daily.now = NOW + timedelta(minutes=1)
        daily.plan(REMINDER, **late)
        assert daily.send(DIGEST_AT) == 1
    first, second = receiver.posts
    assert first.headers["webhook-id"] != second.headers["webhook-id"]


def test_other_people_and_other_days_have_digests_of_their_own(daily: Post) -> None:
    with http_receiver() as receiver:
        daily.channel("webhook", receiver.address)
        daily.plan(REMINDER)
        daily.now = NOW + timedelta(days=1)
        daily.plan(REMINDER)
        daily.send_all()
    assert len(receiver.posts) == 2


# --- what is kept, and what is held up ------------------------------------------------------------


def test_neither_addresses_nor_secrets_reach_the_log_of_events_or_the_sagas_rows(
    post: Post,
) -> None:
    with http_receiver(500, 410) as receiver:
        address = receiver.address + "/private-token"
        channel = post.channel("webhook", address)
        template = f"json://care:correct-horse@127.0.0.1:{receiver.port}/{{address}}"
        post.channels = Channels(KEYS, {"sms": template}, webhooks_to_loopback=True)
        post.channel("sms", "+989121234567")
        notice = post.plan()
        post.send()
        kept = str(rows(post))
        post.send_all()
        assert post.notice(notice).sent is not None
    with opened(post.url, LIVE) as connection:
        query = "SELECT convert_from(state, 'UTF8'), reason FROM casebook.events"
        kept += str(connection.execute(query).fetchall())
    secret = webhook_secret(KEYS, channel.channel_id).removeprefix("whsec_")
    for hidden in ("private-token", "9891212", "correct-horse", "Sara", secret):
        assert hidden not in kept


def test_a_resting_channel_loses_nothing_and_is_tried_when_it_has_rested(post: Post) -> None:
    with http_receiver(*[503] * 5) as receiver:
        post.channel("webhook", receiver.address)
        notices = [post.plan() for _ in range(6)]
        assert post.send() == 6
        assert len(receiver.posts) == 5
        assert [len(post.became(notice)) for notice in notices].count(0) == 1
        post.send_all()
    assert [post.became(notice)[-1] for notice in notices] == ["delivered"] * 6


def test_a_slow_receiver_does_not_hold_up_the_others(post: Post) -> None:
    with http_receiver() as well, http_receiver(waits=True) as slow:
        slow_channel = post.channel("webhook", slow.address)
        well_channel = post.channel("webhook", well.address)
        for _ in range(4):
            post.plan(channels=(slow_channel,))
        told = post.plan(channels=(well_channel,))
        post.fold()
        with post.timers(senders=post.channels, workers=4) as timers:
            for _ in range(3):
                timers.tick()
                timers.await_room(2.0)
            while post.became(told) != ["sent", "delivered"]:
                timers.await_room(0.1)
                timers.tick()
            assert len(well.posts) == 1
            slow.holds.set()
