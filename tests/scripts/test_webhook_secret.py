"""The secret of a webhook, printed for whoever receives it."""

import base64
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from standardwebhooks import Webhook

from _webhook_secret import app
from sagas.channels import Channels, Message, Target
from store.keys import Keys
from tests.sagas.receivers import http_receiver
from tests.scripts.running import run

MASTER_KEY = bytes(range(32))
CHANNEL = UUID(int=7)


def test_what_is_printed_verifies_what_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_MASTER_KEY", base64.b64encode(MASTER_KEY).decode())
    printed = run(app, str(CHANNEL)).stdout.strip()
    message = Message(
        key=UUID(int=1), locale="en", title="", paragraphs=(), link=None, payload={"type": "test"}
    )
    channels = Channels(Keys(MASTER_KEY), webhooks_to_loopback=True)
    with http_receiver() as receiver:
        target = Target(channel_id=CHANNEL, kind="webhook", address=receiver.address)
        channels.send(target, message, datetime.now(UTC))
    (post,) = receiver.posts
    assert Webhook(printed).verify(post.body, post.headers) == {"type": "test"}


def test_without_a_master_key_nothing_is_printed(tmp_path: Path) -> None:
    result = run(app, str(CHANNEL), "--data-dir", tmp_path)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "APP_MASTER_KEY" in result.stderr
