"""A network that leads to public addresses only, and within a deadline.

The address of a webhook is written by whoever owns the channel, so it may name anything that this
machine can reach: its own services, a cloud's metadata, a printer. Every name is resolved here, all
of its addresses are judged, and the connection goes to an address that was judged, so that a name
that changes between two look-ups leads nowhere else.
"""

import ipaddress
import socket
import time
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from ssl import SSLContext
from typing import Any

import httpcore

from sagas.channels.messages import ADDRESS_NOT_ALLOWED, TIMED_OUT, UNREACHABLE, NotSent

_NAT64 = IPv6Network("64:ff9b::/96")
_NOT_PUBLIC = (IPv6Network("64:ff9b:1::/48"), IPv6Network("3fff::/20"))
"""What older releases of Python take for the internet: a network's own translation prefix, which
embeds an address wherever that network likes, and the block for documentation."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address is one of the internet's, and not one that embeds another kind."""
    if isinstance(address, IPv6Address):
        if any(address in network for network in _NOT_PUBLIC):
            return False
        if address in _NAT64:
            return is_public(IPv4Address(address.packed[-4:]))
        for embedded in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())):
            if embedded is not None and not is_public(embedded):
                return False
        if address.ipv4_mapped is not None:
            return True
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def judged(host: str, port: int, *, to_loopback: bool) -> str:
    """Resolve a host and return the address to connect to, once all of them are allowed.

    Raises `NotSent`.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotSent(UNREACHABLE) from None
    addresses = [ipaddress.ip_address(str(where[0]).partition("%")[0]) for *_, where in found]
    for address in addresses:
        if not (is_public(address) or (to_loopback and address.is_loopback)):
            raise NotSent(ADDRESS_NOT_ALLOWED, is_final=True)
    if not addresses:
        raise NotSent(UNREACHABLE)
    return str(addresses[0])


class Deadline:
    """An instant of the monotonic clock; what is left of the time is given to each step."""

    def __init__(self, within_s: float) -> None:
        self._ends_s = time.monotonic() + within_s

    def left_s(self, at_most_s: float | None = None) -> float:
        """Return the seconds that are left; raises `NotSent` when there are none."""
        left_s = self._ends_s - time.monotonic()
        if left_s <= 0:
            raise NotSent(TIMED_OUT)
        return left_s if at_most_s is None else min(left_s, at_most_s)


class GuardedNetwork(httpcore.NetworkBackend):
    """Connects to judged addresses; one per message, for it carries the message's deadline."""

    def __init__(self, deadline: Deadline, *, to_loopback: bool) -> None:
        self._deadline = deadline
        self._to_loopback = to_loopback
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Judge the host's addresses and connect to one of them."""
        address = judged(host, port, to_loopback=self._to_loopback)
        stream = self._network.connect_tcp(
            address,
            port,
            timeout=self._deadline.left_s(timeout),
            local_address=local_address,
            socket_options=socket_options,
        )
        return _Bounded(stream, self._deadline)


class _Bounded(httpcore.NetworkStream):
    """A connection of which every step ends by the deadline, however slowly bytes come."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout=self._deadline.left_s(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout=self._deadline.left_s(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(
            ssl_context, server_hostname, timeout=self._deadline.left_s(timeout)
        )
        return _Bounded(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
