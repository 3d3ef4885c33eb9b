"""Signed webhooks, by the Standard Webhooks specification.

Each channel has a secret of its own, derived from the master key, so that none is stored and a
receiver who loses hers endangers nobody else's.
"""

import base64
import json
import ssl
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import httpcore
from standardwebhooks import Webhook

from sagas.channels.guarded import Deadline, GuardedNetwork
from sagas.channels.messages import (
    ADDRESS_NOT_ALLOWED,
    ADDRESS_UNUSABLE,
    CONNECTION_LOST,
    GONE,
    REDIRECTED,
    SEND_WITHIN_S,
    TIMED_OUT,
    UNREACHABLE,
    Message,
    NotSent,
    Target,
    http_code,
)
from store.keys import Keys
from store.settings import is_loopback

WEBHOOK = "webhook"
"""The kind of channel."""

_CONNECT_S = 5.0
_GONE = 410


def webhook_secret(keys: Keys, channel_id: UUID) -> str:
    """Return the secret by which a channel's receiver checks signatures: `whsec_…`."""
    secret = keys.derived(f"webhook {channel_id}")
    return "whsec_" + base64.b64encode(secret).decode()


def body_of(message: Message) -> bytes:
    """Return the payload as JSON; the same bytes for every attempt."""
    return json.dumps(message.payload, ensure_ascii=False, separators=(",", ":")).encode()


class Webhooks:
    """Posts messages to the addresses of channels; safe for any number of threads."""

    def __init__(
        self, keys: Keys, *, to_loopback: bool = False, within_s: float = SEND_WITHIN_S
    ) -> None:
        self._keys = keys
        self._to_loopback = to_loopback
        self._within_s = within_s
        self._tls = ssl.create_default_context()

    def send(self, target: Target, message: Message, now: datetime) -> None:
        """Post the message, signed as of `now`; raises `NotSent` unless the answer is a 2xx.

        No redirect is followed and no body of an answer is read.
        """
        address = self._checked(target.address)
        body = body_of(message)
        headers = {
            "content-type": "application/json",
            "user-agent": "Parvandeh",
            **self._signature(target.channel_id, message.key, body, now),
        }
        network = GuardedNetwork(Deadline(self._within_s), to_loopback=self._to_loopback)
        try:
            with (
                httpcore.ConnectionPool(
                    ssl_context=self._tls, network_backend=network, max_keepalive_connections=0
                ) as pool,
                pool.stream(
                    "POST",
                    address,
                    headers=list(headers.items()),
                    content=body,
                    extensions={"timeout": {"connect": _CONNECT_S}},
                ) as answer,
            ):
                status = answer.status
        except httpcore.TimeoutException:
            raise NotSent(TIMED_OUT) from None
        except (httpcore.ReadError, httpcore.WriteError, httpcore.RemoteProtocolError):
            raise NotSent(CONNECTION_LOST) from None
        except (httpcore.NetworkError, ssl.SSLError, OSError):
            raise NotSent(UNREACHABLE) from None
        except (httpcore.LocalProtocolError, httpcore.UnsupportedProtocol, ValueError):
            raise NotSent(ADDRESS_UNUSABLE, is_final=True) from None
        _judge(status)

    def _signature(self, channel_id: UUID, key: UUID, body: bytes, now: datetime) -> dict[str, str]:
        webhook = Webhook(webhook_secret(self._keys, channel_id))
        return {
            "webhook-id": str(key),
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": webhook.sign(str(key), now, body.decode()),
        }

    def _checked(self, address: str) -> str:
        """Return the address, or raise `NotSent` for one that is no plain https address."""
        try:
            parts = urlsplit(address)
            host, _port = parts.hostname, parts.port
        except ValueError:
            raise NotSent(ADDRESS_UNUSABLE, is_final=True) from None
        if not host or not address.isascii() or parts.username or parts.password:
            raise NotSent(ADDRESS_UNUSABLE, is_final=True)
        plain = parts.scheme == "http" and self._to_loopback and is_loopback(host)
        if parts.scheme != "https" and not plain:
            raise NotSent(ADDRESS_NOT_ALLOWED, is_final=True)
        return parts._replace(fragment="").geturl()


def _judge(status: int) -> None:
    if 200 <= status < 300:
        return
    if status == _GONE:
        raise NotSent(GONE, is_final=True)
    if 300 <= status < 400:
        raise NotSent(REDIRECTED)
    raise NotSent(http_code(status))
