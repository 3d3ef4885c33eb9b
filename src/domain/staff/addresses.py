"""Addresses of channels: what can be sent to."""

import re
from urllib.parse import urlsplit

from domain.declare import Unacceptable
from domain.identifiers import phone_number
from domain.staff.messages import StaffChannelKind

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""This machine itself, as an address names it."""


class WebhookIsWrong(Unacceptable, code="staff.webhook_is_wrong"):
    """A webhook needs an https:// address that names no account and no part of a page."""


class EmailIsWrong(Unacceptable, code="staff.email_is_wrong"):
    """This is not one address of mail, such as name@example.com."""


_PART = r"[^@.\s,;|\\?#%&<>\"'/]"
_MAIL = re.compile(rf"{_PART}+(\.{_PART}+)*@{_PART}+(\.{_PART}+)+")
"""One address and no more: nothing by which a sender would take it for several."""


def address_of(kind: StaffChannelKind, text: str) -> str:
    """Return an address as it is used, or refuse one by which nothing can be sent."""
    match kind:
        case StaffChannelKind.SMS:
            return phone_number(text)
        case StaffChannelKind.EMAIL:
            if not _MAIL.fullmatch(text):
                raise EmailIsWrong
        case StaffChannelKind.WEBHOOK:
            if not is_webhook(text):
                raise WebhookIsWrong
    return text


def is_webhook(text: str) -> bool:
    """Tell whether a text is an address that signed notices may be posted to.

    It is https, so that nobody on the way reads it; http on this machine itself is for trying it
    out, and the settings say whether that is sent to. It names no account, and no part of a page.
    """
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname
    except ValueError:
        return False
    if not host or port == 0 or parts.username is not None or parts.fragment or " " in text:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)


def is_loopback(text: str) -> bool:
    """Tell whether a webhook's address names this machine itself."""
    return is_webhook(text) and urlsplit(text).hostname in LOOPBACK
