"""What is sent, and what may go wrong with it: values that every channel shares."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

SEND_WITHIN_S = 10.0
"""How long one attempt may take, from the look-up of a name to the receiver's answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one person: sentences for people, `payload` for programs.

    `key` is the same for every attempt on one channel, so that a receiver knows what it has
    already got. `link` is the address of the case in the portal.
    """

    key: UUID
    locale: str
    title: str
    paragraphs: tuple[str, ...]
    link: str | None
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a message goes: the address is personal data, read at the moment of sending.

    It is never shown: not by `repr`, not in a log, not in an error.
    """

    channel_id: UUID
    kind: str
    address: str

    def __repr__(self) -> str:
        return f"Target({self.kind}, {self.channel_id})"


class NotSent(Exception):  # noqa: N818
    """The message was not accepted, as far as we know.

    `code` is one of ours, never what a receiver or a library said. `is_final` says that trying
    again would end the same way, so that the next channel's turn has come.
    """

    def __init__(self, code: str, *, is_final: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.is_final = is_final


CHANNEL_NOT_CONFIGURED = "channel_not_configured"
ADDRESS_UNUSABLE = "address_unusable"
ADDRESS_NOT_ALLOWED = "address_not_allowed"
REDIRECTED = "redirected"
GONE = "gone"
TIMED_OUT = "timed_out"
UNREACHABLE = "unreachable"
CONNECTION_LOST = "connection_lost"
"""It may have been taken or not."""
NOT_ACCEPTED = "not_accepted"


def http_code(status: int) -> str:
    """Return the code of an HTTP answer that is not a success: `http_503`."""
    return f"http_{status}"
