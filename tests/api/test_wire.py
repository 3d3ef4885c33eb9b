"""What a connection may cost before anybody knows who is there."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from api import conventions, wire
from tests.api.service import Service

HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


@contextmanager
def connected(service: Service) -> Iterator[socket.socket]:
    host, port = service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        yield connection


def ended(connection: socket.socket) -> bytes:
    """Read until the server closes the connection."""
    found = b""
    try:
        while part := connection.recv(65_536):
            found += part
    except ConnectionError:
        pass
    return found


@pytest.mark.parametrize("head", [b"X-A: " + b"a" * 1_000_000, b"X-A: y\r\n" * 100_000])
def test_a_head_without_end_is_refused(service: Service, head: bytes) -> None:
    with connected(service) as connection:
        try:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n" + head)
        except ConnectionError:
            return
        assert ended(connection)[:12] in (b"HTTP/1.1 400", b"")


@pytest.mark.parametrize(
    "begun", [b"", b"\r\n", b"GET /health HTTP/1.1\r\nHo", HEALTH + b"GET /he", HEALTH]
)
def test_a_head_that_does_not_come_is_not_awaited_for_ever(
    service: Service, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(wire, "HEAD_WITHIN_S", 0.2)
    monkeypatch.setattr(wire, "LOOK_EVERY_S", 0.05)
    with connected(service) as connection:
        connection.sendall(begun)
        if begun == HEALTH:
            assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
            connection.sendall(b"\r\n")  # ends uvicorn's patience with an idle connection
        started_s = time.monotonic()
        ended(connection)
        assert time.monotonic() - started_s < 2


def test_a_request_that_takes_its_time_is_answered(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "HEAD_WITHIN_S", 0.2)
    monkeypatch.setattr(wire, "LOOK_EVERY_S", 0.05)
    person = service.expert
    person.position = 10**9  # waits two seconds for what is not there
    assert person.get("/v1/complaints").status_code == 503


def test_a_body_that_does_not_come_is_not_awaited_for_ever(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conventions, "BODY_WITHIN_S", 0.1)
    monkeypatch.setattr(conventions, "BODY_BYTES_PER_S_MIN", 10**9)
    head = (
        "POST /v1/complaints HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {service.expert.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    )
    with connected(service) as connection:
        connection.sendall(head.encode())
        assert ended(connection).startswith(b"HTTP/1.1 408")
