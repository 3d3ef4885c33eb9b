"""Mail, SMS and messengers, all through `apprise`.

The library tells a failure by False alone, and what it writes to its log names recipients and, at
its lower levels, passwords. So its log goes nowhere, save that a code is read off the lines that
say why an attempt failed.
"""

import html
import logging
import re
import threading
import warnings
from collections.abc import Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import quote

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat

from sagas.channels.messages import (
    ADDRESS_UNUSABLE,
    CHANNEL_NOT_CONFIGURED,
    NOT_ACCEPTED,
    UNREACHABLE,
    Message,
    NotSent,
    Target,
    http_code,
)

PLACE = "{address}"
KEY_HEADER = "X-Parvandeh-Key"
REFERENCE_CHARS = 8

_ASSET: Final = AppriseAsset(
    app_id="Parvandeh",
    app_desc="Parvandeh",
    async_mode=False,
    http_redirects=False,
    pem_autogen=False,
    pgp_autogen=False,
)
_CONNECT_S: Final = 5.0
_ANSWER_S: Final = 8.0
_SEPARATES: Final = re.compile(r"[\s,;|\\?#%&<>\"'\x00-\x1f]|/(?=/)|\.\.")
"""What a library could take for the end of one address and the beginning of another."""
_OF_SEVERAL_PARTS: Final = frozenset({"teams"})
"""Kinds whose addresses are a path: a workflow of Teams and its signature."""
_MAIL: Final = re.compile(r"[^@]{1,64}@[^@.][^@]*\.[^@.]+")
_HTTP_ERROR: Final = re.compile(r"error=([45][0-9]{2})\b")
_TALKATIVE: Final = ("apprise", "urllib3", "httpcore", "requests")
_RIGHT_TO_LEFT: Final = frozenset({"fa"})


class _Reasons(logging.Filter):
    """Takes what a library says, keeps a code of it for the thread that asked, lets none pass."""

    def __init__(self) -> None:
        super().__init__()
        self._of_thread = threading.local()

    def begin(self) -> None:
        """Forget what was said before."""
        self._of_thread.code = NOT_ACCEPTED

    @property
    def code(self) -> str:
        """Return why the attempt of this thread failed."""
        return str(self._of_thread.code)

    def filter(self, record: logging.LogRecord) -> bool:
        """Read a code off a line, and drop the line."""
        line = record.getMessage()
        if found := _HTTP_ERROR.search(line):
            self._of_thread.code = http_code(int(found.group(1)))
        elif "onnection error" in line:
            self._of_thread.code = UNREACHABLE
        return False


_REASONS: Final = _Reasons()


def hush() -> None:
    """Keep recipients, passwords and addresses out of every log; doing it again is harmless."""
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.setLevel(logging.WARNING)
        logger.handlers = [logging.NullHandler()]
    logging.getLogger("apprise").addFilter(_REASONS)


@cache
def _load() -> None:
    """Load the library's plugins once: one of them imports what the language will drop."""
    hush()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        Apprise.instantiate("json://localhost", asset=_ASSET)


def filled(template: str, kind: str, address: str) -> str:
    """Put an address into a template; whatever it holds, it stays the value it was."""
    safe = "/" if kind in _OF_SEVERAL_PARTS else ""
    return template.replace(PLACE, quote(address, safe=safe))


def notifier(address: str) -> NotifyBase | None:
    """Return what sends to an apprise address, None where the library cannot use it."""
    _load()
    try:
        made = Apprise.instantiate(address, asset=_ASSET)
    except (TypeError, ValueError, AttributeError):
        return None
    if not isinstance(made, NotifyBase):
        return None
    made.optional, made.retry = False, 0  # a template must not hide a failure or repeat it
    return made


class Notifiers:
    """Sends through the templates of the channels file; safe for any number of threads."""

    def __init__(self, templates: Mapping[str, str]) -> None:
        hush()
        if templates:
            _load()
        self._templates = templates

    def send(self, target: Target, message: Message) -> None:
        """Send one message; raises `NotSent` unless the receiver took it."""
        template = self._templates.get(target.kind)
        if template is None:
            raise NotSent(CHANNEL_NOT_CONFIGURED, is_final=True)
        made = _for(template, target)
        headers = getattr(made, "headers", None)
        if isinstance(headers, dict):
            headers[KEY_HEADER] = str(message.key)
        made.socket_connect_timeout = _ANSWER_S if target.kind == "email" else _CONNECT_S
        made.socket_read_timeout = _ANSWER_S
        sender = Apprise(asset=_ASSET)
        sender.add(made)
        _REASONS.begin()
        if not sender.notify(**_content(target.kind, message, with_reference=headers is None)):
            raise NotSent(_REASONS.code)


def _for(template: str, target: Target) -> NotifyBase:
    """Return what sends to this address and to no other. Raises `NotSent`."""
    address, kind = target.address, target.kind
    parts = kind in _OF_SEVERAL_PARTS
    odd = _SEPARATES.search(address) or (not parts and "/" in address)
    if odd or not address or (kind == "email" and not _MAIL.fullmatch(address)):
        raise NotSent(ADDRESS_UNUSABLE, is_final=True)
    made = notifier(filled(template, kind, address))
    if made is None or len(made) != 1 or getattr(made, "targets", True) == []:
        raise NotSent(ADDRESS_UNUSABLE, is_final=True)
    return made


def _content(kind: str, message: Message, *, with_reference: bool) -> dict[str, Any]:
    """Return what is said: a page with its direction for mail, plain text for all others.

    Where a channel cannot carry the key beside the text, its first characters end the text, so
    that a person at least knows a repetition by them.
    """
    if kind == "email":
        return {
            "title": message.title,
            "body": _page(message),
            "body_format": NotifyFormat.HTML,
        }
    lines = [*message.paragraphs, *([message.link] if message.link else [])]
    if with_reference:
        lines.append(f"#{str(message.key)[:REFERENCE_CHARS]}")
    return {
        "title": message.title,
        "body": "\n".join(lines),
        "body_format": NotifyFormat.TEXT,
    }


def _page(message: Message) -> str:
    direction = "rtl" if message.locale in _RIGHT_TO_LEFT else "ltr"
    paragraphs = [
        "<p>" + html.escape(text).replace("\n", "<br>") + "</p>" for text in message.paragraphs
    ]
    if message.link:
        link = html.escape(message.link)
        paragraphs.append(f'<p><a href="{link}" dir="ltr">{link}</a></p>')
    return f'<div lang="{message.locale}" dir="{direction}">{"".join(paragraphs)}</div>'
