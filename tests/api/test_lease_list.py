"""What a list of leases lets somebody outside know, by what it shows and by what it filters."""

from functools import partial

import pytest

from domain.declare import Role
from tests.api import test_leases
from tests.api.service import Service
from tests.api.test_leases import at_now, committee, contracted, officer

__all__ = ["at_now", "committee", "officer"]

LATE = "next_due_before=2100-01-01"


def test_the_account_of_a_lease_is_none_of_its_dealers(
    service: Service, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold_by = partial(test_leases.applied, dealer_id="D-77")
    monkeypatch.setattr(test_leases, "applied", sold_by)
    desk = request.getfixturevalue("officer")
    lease, customer, _ = contracted(service, desk, request.getfixturevalue("committee"))
    dealer = service.person(Role.DEALER, sub="u-dealer-77", dealer_id="D-77")
    customer.position = dealer.position = desk.position
    [hers] = customer.get(f"/v1/leases?{LATE}").json()["items"]
    assert hers["outstanding_minor"] > 0
    [sold] = [item for item in dealer.get("/v1/leases").json()["items"] if item["id"] == lease]
    assert sold["status"] == hers["status"]
    money = {name for name in hers if name.endswith("_minor")}
    assert money
    assert not money.intersection(sold)
    assert dealer.get(f"/v1/leases?{LATE}").json()["items"] == []
