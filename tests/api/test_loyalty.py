"""Loyalty ledgers over HTTP: opened, earned, spent, given back; two desks; cash and transfers."""

import threading
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.declare import Role
from domain.loyalty import ledger_id
from tests.api.service import COMPANY, Person, Service, problem

IRR = "IRR"


class Club:
    """A member with her ledger, and the people of the club."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.specialist = service.specialist
        self.officer = service.person(Role.LOYALTY_OFFICER, sub="u-loyalty", **COMPANY)
        self.other = service.person(Role.LOYALTY_OFFICER, sub="u-loyalty-2", **COMPANY)
        self.customer_id, self.customer = service.customer()

    def open(self, **facts: Any) -> "Club":
        said = {"customer_id": str(self.customer_id), "programme": "club", **facts}
        self.id = self.specialist.done("/v1/loyalty-ledgers", said)["id"]
        return self

    def at(self, part: str) -> str:
        return f"/v1/loyalty-ledgers/{self.id}/{part}"

    def earn(self, visits: int = 1, minor: int = 100_000_000) -> "Club":
        for _ in range(visits):
            body = {
                "source": "service",
                "reference": f"visit-{uuid4()}",
                "amount": {"minor": minor, "currency": IRR},
            }
            self.specialist.done(self.at("earnings"), body)
        return self

    def read(self, person: Person | None = None) -> dict[str, Any]:
        reader = person or self.specialist
        reader.position = max(reader.position, self.officer.position, self.specialist.position)
        found = reader.get(f"/v1/loyalty-ledgers/{self.id}")
        assert found.status_code == 200, found.text
        body: dict[str, Any] = found.json()
        return body


@pytest.fixture
def club(service: Service) -> Club:
    return Club(service).open()


def test_points_are_earned_spent_and_given_back(club: Club) -> None:
    assert UUID(club.id) == ledger_id(club.customer_id, "club")
    club.earn()
    assert club.read()["balance_points"] == 300
    spent = {"purpose": "service", "points": 120, "redemption_id": str(uuid4())}
    club.specialist.done(club.at("redemptions"), spent)
    seen = club.read(club.customer)
    assert (seen["balance_points"], seen["totals"]["spent"]) == (180, 120)
    assert sum(seen["expiring"].values()) == 180
    assert seen["next_expiry"]["points"] == 180
    given_back = {"redemption_id": spent["redemption_id"]}
    club.specialist.done(club.at("reversals"), given_back)
    assert club.read()["balance_points"] == 300
    lots = club.specialist.get(club.at("lots")).json()
    assert [(lot["points"], lot["state"]) for lot in lots["items"]] == [(300, "active")]
    assert lots["next"] is None
