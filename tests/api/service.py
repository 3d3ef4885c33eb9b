"""How tests speak with the service: as somebody, and in the order of what they have just done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

from api.issuer import Issuer
from domain.declare import Role

COMPANY = {"region": "*"}


@dataclass
class Person:
    """Somebody with a token; her reads are as fresh as her own last command."""

    client: httpx.Client
    token: str
    position: int = 0

    def headers(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        own = {"authorization": f"Bearer {self.token}"}
        if self.position:
            own["if-position-at-least"] = str(self.position)
        return {**own, **(more or {})}

    def get(self, path: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers=self.headers(named))

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.post(
            path, json={} if body is None else body, headers=self.headers(named)
        )
        self.remember(answer)
        return answer

    def remember(self, answer: httpx.Response) -> None:
        self.position = max(self.position, int(answer.headers.get("casebook-position", 0)))

    def done(self, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """Post, and expect it to be done."""
        answer = self.post(path, body, **headers)
        assert answer.status_code in (200, 201), f"{path}: {answer.text}"
        found: dict[str, Any] = answer.json()
        return found


@dataclass
class Service:
    """The running service, and tokens for it."""

    url: str
    client: httpx.Client
    issuer: Issuer
    app: FastAPI
    people: dict[Any, Person] = field(default_factory=dict)

    def person(self, *roles: Role, sub: str | None = None, **acts_for: str) -> Person:
        token = self.issuer.token(*roles, subject=sub or f"u-{uuid4()}", hours=12, **acts_for)
        return Person(self.client, token)

    @property
    def specialist(self) -> Person:
        return self.person(Role.SPECIALIST, sub="u-specialist", unit="customer_centre", **COMPANY)

    @property
    def expert(self) -> Person:
        return self.person(Role.EXPERT, sub="u-expert", unit="complaints", **COMPANY)

    @property
    def auditor(self) -> Person:
        return self.person(Role.AUDITOR, sub="u-auditor")

    def customer(self) -> tuple[UUID, Person]:
        """Register a customer and return her with a token of hers."""
        made = self.specialist.done("/v1/customers", {"name": "Sara Rad"})
        return UUID(made["id"]), self.person(Role.CUSTOMER, customer_id=made["id"])

    def complaint(self, **fields: Any) -> str:
        """Register a complaint and return its id."""
        body = {"kind": "quality", "channel": "phone", "narrative": "It jerks.", **fields}
        found: str = self.specialist.done("/v1/complaints", body)["id"]
        return found


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Expect a problem document of this status and type, and return it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert (body["type"], body["status"]) == (code, status), body
    assert body["title"]
    assert body["detail"]
    return body
