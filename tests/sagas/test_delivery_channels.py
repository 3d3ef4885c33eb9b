"""The ways out, each against a real receiver on this machine."""

import ipaddress
import json
import logging
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import structlog
from prometheus_client import generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from standardwebhooks import Webhook

from domain.staff import StaffChannelKind
from sagas.channels import RESTS_AFTER_FAILURES, Channels, Deferred, Message, NotSent, Target
from sagas.channels.guarded import is_public
from sagas.channels.messages import ADDRESS_NOT_ALLOWED, ADDRESS_UNUSABLE
from sagas.channels.notifiers import filled
from sagas.channels.templates import load_templates
from sagas.channels.webhooks import webhook_secret
from store.keys import Keys
from store.saga_status import metrics
from store.settings import Settings, SettingsError
from tests.sagas.receivers import (
    HttpReceiver,
    certified,
    free_port,
    http_receiver,
    smtp_receiver,
)

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
KEYS = Keys(bytes(range(32)))
CHANNEL = UUID(int=7)
MESSAGE = Message(
    key=UUID(int=99),
    locale="fa",
    title="مهلت پاسخ گذشت",
    paragraphs=("مهلت رسیدگی به پرونده گذشته است.", "سررسید: ۱۰ اسفند ۱۴۰۴"),
    link="https://care.example.com/complaints/1",
    payload={"type": "complaint.deadline_breached", "data": {"note": "مهلت"}},
)


def to(kind: str, address: str, channel_id: UUID = CHANNEL) -> Target:
    return Target(channel_id=channel_id, kind=kind, address=address)


def hooks(**options: Any) -> Channels:
    return Channels(KEYS, webhooks_to_loopback=True, **options)


def why(channels: Channels, target: Target, now: datetime = NOW) -> str:
    with pytest.raises(NotSent) as failure:
        channels.send(target, MESSAGE, now)
    return failure.value.code


# --- webhooks -------------------------------------------------------------------------------------


def test_a_webhook_is_signed_as_the_standard_says() -> None:
    now = datetime.now(UTC)
    with http_receiver() as receiver:
        hooks().send(to("webhook", receiver.address), MESSAGE, now)
    (post,) = receiver.posts
    said = Webhook(webhook_secret(KEYS, CHANNEL)).verify(post.body, post.headers)
    assert said == MESSAGE.payload == json.loads(post.body)
    assert post.headers["webhook-id"] == str(MESSAGE.key)
    assert post.headers["content-type"] == "application/json"


@pytest.mark.parametrize(("named", "reached"), [("localhost", True), ("example.com", False)])
def test_a_webhook_goes_to_whom_the_certificate_names_and_to_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, reached: bool
) -> None:
    trusted, tls = certified(tmp_path, named)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    channels = hooks()
    with http_receiver(tls=tls) as receiver:
        target = to("webhook", f"https://localhost:{receiver.port}/hook")
        if reached:
            channels.send(target, MESSAGE, NOW)
        else:
            assert why(channels, target) == "unreachable"
    assert len(receiver.posts) == reached
    if reached:
        assert receiver.posts[0].headers["host"] == f"localhost:{receiver.port}"


def test_every_channel_has_a_secret_of_its_own() -> None:
    secrets = {webhook_secret(KEYS, UUID(int=number)) for number in range(20)}
    assert len(secrets) == 20
    assert all(secret.startswith("whsec_") for secret in secrets)


@pytest.mark.parametrize(
    ("status", "code", "is_final"),
    [
        (500, "http_500", False),
        (404, "http_404", False),
        (429, "http_429", False),
        (302, "redirected", False),
        (307, "redirected", False),
        (410, "gone", True),
    ],
)
def test_an_answer_that_is_no_success_is_a_failure_with_its_code(
    status: int, code: str, is_final: bool
) -> None:
    with http_receiver(status) as receiver, pytest.raises(NotSent) as failure:
        hooks().send(to("webhook", receiver.address), MESSAGE, NOW)
    assert (failure.value.code, failure.value.is_final) == (code, is_final)


def test_no_redirect_is_followed() -> None:
    with http_receiver(302) as receiver, http_receiver() as elsewhere:
        receiver.location = elsewhere.address
        assert why(hooks(), to("webhook", receiver.address)) == "redirected"
        assert elsewhere.posts == []


def test_nobody_who_listens_and_nobody_who_answers_are_failures() -> None:
    target = to("webhook", f"http://127.0.0.1:{free_port()}/")
    assert why(hooks(), target) == "unreachable"
    with http_receiver(waits=True) as receiver:
        assert why(hooks(within_s=0.3), to("webhook", receiver.address)) == "timed_out"


def test_bytes_that_drip_do_not_stretch_the_deadline() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            while not stopped.wait(0.02):
                try:
                    connection.sendall(b"H")
                except OSError:
                    return

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        assert why(hooks(within_s=0.4), to("webhook", address)) == "timed_out"
    finally:
        stopped.set()
        thread.join()
        listener.close()


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/",
        "https://localhost/hook",
        "https://[::1]/",
        "https://2130706433/",
        "https://10.0.0.8/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[fe80::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://0.0.0.0/",
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
    ],
)
def test_a_webhook_leads_nowhere_inside(address: str) -> None:
    with pytest.raises(NotSent) as failure:
        Channels(KEYS).send(to("webhook", address), MESSAGE, NOW)
    assert failure.value.code in (ADDRESS_NOT_ALLOWED, ADDRESS_UNUSABLE)
    assert failure.value.is_final


def test_loopback_is_open_for_trying_out_and_other_inner_addresses_stay_closed() -> None:
    assert why(hooks(), to("webhook", "https://10.0.0.8/")) == ADDRESS_NOT_ALLOWED
    assert why(hooks(), to("webhook", "http://10.0.0.8/")) == ADDRESS_NOT_ALLOWED
    assert why(hooks(), to("webhook", "http://user:secret@127.0.0.1/")) == ADDRESS_UNUSABLE


@pytest.mark.parametrize(
    "inner",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.1.1", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "::", "::1",
        "fe80::1", "fc00::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "2002:7f00:1::",
        "64:ff9b::7f00:1", "64:ff9b::a00:1", "2001:db8::1", "3fff::1",
        "64:ff9b:1::808:808", "64:ff9b:1:7f00:0:100:808:808",
    ],
)  # fmt: skip
def test_inner_addresses_are_known_in_every_disguise(inner: str) -> None:
    assert not is_public(ipaddress.ip_address(inner))


@pytest.mark.parametrize(
    "outer", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_addresses_of_the_internet_are_open(outer: str) -> None:
    assert is_public(ipaddress.ip_address(outer))


def test_a_name_of_which_one_address_lies_inside_is_refused_as_a_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def resolved(*_: object, **__: object) -> list[Any]:
        found = ["93.184.215.14", "10.0.0.8"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    assert why(Channels(KEYS), to("webhook", "https://example.com/")) == ADDRESS_NOT_ALLOWED


# --- mail and messengers --------------------------------------------------------------------------


def test_a_persian_mail_can_be_read_from_right_to_left() -> None:
    with smtp_receiver() as receiver:
        channels = Channels(KEYS, {"email": receiver.template})
        channels.send(to("email", "sara+care@example.com"), MESSAGE, NOW)
    ((recipients, mail),) = receiver.mail
    assert recipients == ["sara+care@example.com"]
    assert mail["subject"] == MESSAGE.title
    assert mail["X-Parvandeh-Key"] == str(MESSAGE.key)
    page, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert page is not None and text is not None
    assert '<div lang="fa" dir="rtl">' in page.get_content()
    for said in (*MESSAGE.paragraphs, str(MESSAGE.link)):
        assert said in page.get_content()
        assert said in text.get_content()


def test_a_refused_recipient_and_an_absent_server_are_told_apart() -> None:
    with smtp_receiver() as receiver:
        receiver.refuses = "550 no such mailbox"
        channels = Channels(KEYS, {"email": receiver.template})
        assert why(channels, to("email", "sara@example.com")) == "not_accepted"
        assert receiver.mail == []
    assert why(channels, to("email", "sara@example.com")) == "unreachable"


def test_a_template_can_neither_hide_a_failure_nor_repeat_it() -> None:
    with http_receiver(500) as receiver:
        template = f"json://127.0.0.1:{receiver.port}/{{address}}?optional=yes&retry=3&wait=0"
        channels = Channels(KEYS, {"wecom": template})
        assert why(channels, to("wecom", "somebody")) == "http_500"
    assert len(receiver.posts) == 1


def test_the_key_goes_beside_the_text_where_it_can() -> None:
    with http_receiver() as receiver:
        template = f"json://127.0.0.1:{receiver.port}/{{address}}"
        Channels(KEYS, {"wecom": template}).send(to("wecom", "somebody"), MESSAGE, NOW)
    (post,) = receiver.posts
    assert post.headers["x-parvandeh-key"] == str(MESSAGE.key)
    assert str(MESSAGE.key)[:8] not in post.body.decode()
    assert json.loads(post.body)["title"] == MESSAGE.title


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("email", "sara@example.com,boss@example.com"),
        ("email", "sara@example.com boss@example.com"),
        ("email", "sara"),
        ("email", ""),
        ("email", "sara@example.com?bcc=spy@example.com"),
        ("sms", "989121234567,989121234568"),
        ("sms", "989121234567/989121234568"),
        ("sms", "not a number"),
        ("teams", "a/../../b"),
    ],
)
def test_an_address_is_one_address(kind: str, address: str) -> None:
    templates = {
        "email": "mailto://127.0.0.1:1?from=care@example.com&to={address}",
        "sms": "kavenegar://apikey/{address}",
        "teams": "workflows://127.0.0.1/{address}",
    }
    assert why(Channels(KEYS, templates), to(kind, address)) == ADDRESS_UNUSABLE


def test_a_filled_template_holds_the_address_as_one_value() -> None:
    assert filled("a://b/{address}?c", "sms", "x/y&z=ü") == "a://b/x%2Fy%26z%3D%C3%BC?c"
    assert filled("a://b/{address}?c", "teams", "x/y") == "a://b/x/y?c"


def test_a_kind_without_a_template_is_a_final_failure() -> None:
    with pytest.raises(NotSent) as failure:
        Channels(KEYS).send(to("telegram", "12345"), MESSAGE, NOW)
    assert (failure.value.code, failure.value.is_final) == ("channel_not_configured", True)


# --- lanes ----------------------------------------------------------------------------------------


def fail(channels: Channels, receiver: HttpReceiver, times: int, channel: int = 7) -> None:
    target = to("webhook", receiver.address, UUID(int=channel))
    for _ in range(times):
        assert why(channels, target) == "http_503"


def test_a_receiver_that_keeps_failing_is_left_alone_for_a_while_and_then_tried_once() -> None:
    channels = hooks()
    with http_receiver(*[503] * (RESTS_AFTER_FAILURES + 1)) as receiver:
        fail(channels, receiver, RESTS_AFTER_FAILURES)
        target = to("webhook", receiver.address)
        with pytest.raises(Deferred):
            channels.send(target, MESSAGE, NOW + timedelta(seconds=29))
        assert len(receiver.posts) == RESTS_AFTER_FAILURES
        assert why(channels, target, NOW + timedelta(seconds=31)) == "http_503"
        with pytest.raises(Deferred):
            channels.send(target, MESSAGE, NOW + timedelta(seconds=80))
        channels.send(target, MESSAGE, NOW + timedelta(seconds=92))
        channels.send(target, MESSAGE, NOW + timedelta(seconds=92))


def test_a_receiver_that_fails_holds_up_no_other() -> None:
    channels = hooks()
    with http_receiver(*[503] * RESTS_AFTER_FAILURES) as away, http_receiver() as well:
        fail(channels, away, RESTS_AFTER_FAILURES)
        channels.send(to("webhook", well.address, UUID(int=8)), MESSAGE, NOW)
        assert len(well.posts) == 1


def test_a_receiver_that_is_slow_gets_few_attempts_at_once_and_holds_up_no_other() -> None:
    channels = hooks()
    with (
        http_receiver() as well,
        ThreadPoolExecutor(3) as threads,
        http_receiver(waits=True) as slow,
    ):
        target = to("webhook", slow.address)
        under_way = [threads.submit(channels.send, target, MESSAGE, NOW) for _ in range(2)]
        assert slow.arrived.acquire(timeout=5) and slow.arrived.acquire(timeout=5)
        with pytest.raises(Deferred):
            channels.send(target, MESSAGE, NOW)
        urgent = threads.submit(channels.send, target, MESSAGE, NOW, urgent=True)
        assert slow.arrived.acquire(timeout=5)
        channels.send(to("webhook", well.address, UUID(int=8)), MESSAGE, NOW)
        slow.holds.set()
        assert [one.result() for one in (*under_way, urgent)] == [None] * 3


def test_refusals_of_single_addresses_do_not_stop_the_mail() -> None:
    with smtp_receiver() as receiver:
        channels = Channels(KEYS, {"email": receiver.template})
        receiver.refuses = "550 no such mailbox"
        for _ in range(RESTS_AFTER_FAILURES + 2):
            assert why(channels, to("email", "gone@example.com")) == "not_accepted"
        receiver.refuses = ""
        channels.send(to("email", "sara@example.com"), MESSAGE, NOW)


def test_attempts_are_counted_by_kind_and_outcome_and_by_nothing_personal() -> None:
    channels = hooks()
    with http_receiver(200, 500) as receiver:
        channels.send(to("webhook", receiver.address), MESSAGE, NOW)
        why(channels, to("webhook", receiver.address))
    why(channels, to("sms", "+989121234567"))
    text = generate_latest(_Collected(list(metrics([], channels.tallies.take())))).decode()
    for line in (
        'parvandeh_channel_attempts_total{kind="webhook",outcome="sent"} 1.0',
        'parvandeh_channel_attempts_total{kind="webhook",outcome="http_500"} 1.0',
        'parvandeh_channel_attempts_total{kind="sms",outcome="channel_not_configured"} 1.0',
        'parvandeh_channel_seconds_count{kind="webhook"} 2.0',
    ):
        assert line in text
    assert str(CHANNEL) not in text and "98912" not in text


@dataclass
class _Collected(Collector):
    """A registry of what was counted."""

    families: list[Metric]

    def collect(self) -> list[Metric]:
        return self.families


# --- the channels file ----------------------------------------------------------------------------

SECRET = "correct-horse"
GOOD = f'email = "mailtos://care:{SECRET}@smtp.example.com?from=care@example.com&to={{address}}"\n'


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "channels.toml"
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return path


def test_the_channels_file_is_read(tmp_path: Path) -> None:
    text = GOOD + 'sms = "kavenegar://apikey/{address}"\nteams = "workflows://h:443/{address}"\n'
    assert sorted(load_templates(written(tmp_path, text))) == ["email", "sms", "teams"]


def test_the_example_of_the_manual_can_be_used(tmp_path: Path) -> None:
    manual = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
    example = manual.split("```toml\n")[1].split("```")[0]
    kinds = {kind.value for kind in StaffChannelKind} - {"webhook"}
    assert set(load_templates(written(tmp_path, example))) == kinds


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620])
def test_a_channels_file_that_others_may_open_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(SettingsError, match="chmod 600"):
        load_templates(written(tmp_path, GOOD, mode))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD + 'pigeon = "x://{address}"', "line 2: no kind of channel has this name"),
        (GOOD + "sms = 5", "line 2: sms: must be an apprise address"),
        (f'email = "mailtos://care:{SECRET}@smtp.example.com"', "must hold {address} once"),
        (f'\n# mail\nemail = "nonsense://{SECRET}/{{address}}"', "line 3: email: is not an"),
        (f'email = "mailtos://{SECRET}', "is not valid TOML"),
        ('webhook = "json://{address}"', "no kind of channel has this name"),
    ],
)
def test_a_wrong_channels_file_is_refused_by_line_and_without_its_secrets(
    tmp_path: Path, text: str, says: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as refused:
        load_templates(path)
    assert says in str(refused.value)
    assert str(path) in str(refused.value) and "APP_CHANNELS_FILE" in str(refused.value)
    assert SECRET not in str(refused.value)


def test_without_a_channels_file_it_is_said_once_that_the_inbox_is_all() -> None:
    with structlog.testing.capture_logs() as lines:
        Channels.of(Settings.load(), KEYS)
    assert [line["event"] for line in lines] == ["channels.inbox_and_webhooks_only"]


def test_nothing_that_is_secret_or_personal_reaches_a_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as lines, smtp_receiver() as mail, http_receiver() as web:
        text = (
            f'email = "mailto://127.0.0.1:{mail.port}?from=care@example.com&to={{address}}"\n'
            f'sms = "json://care:{SECRET}@127.0.0.1:{web.port}/{{address}}"\n'
        )
        settings = Settings.load(channels_file=written(tmp_path, text), webhooks_to_loopback=True)
        channels = Channels.of(settings, KEYS)
        channels.send(to("email", "sara@example.com"), MESSAGE, NOW)
        mail.refuses = "550 no"
        why(channels, to("email", "sara@example.com"))
        channels.send(to("sms", "+989121234567"), MESSAGE, NOW)
        web.answers[:] = [500] * (RESTS_AFTER_FAILURES + 1)
        why(channels, to("sms", "+989121234567"))
        for _ in range(RESTS_AFTER_FAILURES):
            why(channels, to("webhook", web.address + "/private-token"))
    ours = [record for record in caplog.records if record.name != "mail.log"]  # the receiver's own
    said = [f"{record.name} {record.getMessage()} {record.exc_text}" for record in ours]
    written_down = "".join([str(lines), *said, *capfd.readouterr()])
    assert "channels.rests" in written_down
    for kept in (SECRET, "sara", "98912", "private-token", "مهلت", "whsec"):
        assert kept not in written_down
