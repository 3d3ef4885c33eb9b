"""Purchase orders over HTTP: the whole life of one, and what is refused on the way."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.declare import Role
from tests.api.service import COMPANY, Person, Service, problem

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
PRICE = {"minor": 9_800_000_000, "currency": "IRR"}


def day(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


def rial(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "IRR"}


@pytest.fixture(autouse=True)
def at_now(service: Service) -> Iterator[None]:
    """Let the casebook believe that it is always the same instant."""
    casebook = service.app.state.desk.casebook
    clock = casebook.clock
    casebook.clock = lambda: NOW
    yield
    casebook.clock = clock


@pytest.fixture
def desk(service: Service) -> Person:
    return service.person(Role.MANAGER, sub="u-manager", **COMPANY)


_serial = iter(range(100_000, 200_000))


def vin() -> str:
    return f"NAAXX00LAKA{next(_serial)}"


def car(desk: Person, number: str) -> str:
    body = {"make": "Example Motor", "model": "E5", "vin": number}
    made: str = desk.done("/v1/vehicles", body)["id"]
    return made


def placed(service: Service, desk: Person, customer: str | None = None, **fields: Any) -> str:
    """Place an order of 100 days ago, promised for 70 days ago."""
    customer = customer or str(service.customer()[0])
    body = {
        "customer_id": customer,
        "scheme": "immediate",
        "model": "E5",
        "price": PRICE,
        "contract_on": day(-100),
        **fields,
    }
    made: str = desk.done("/v1/orders", body)["id"]
    return made


def pay(desk: Person, order: str, minor: int, on: int = -100, **fields: Any) -> str:
    payment = str(uuid4())
    body = {
        "payment_id": payment,
        "amount": rial(minor),
        "received_on": day(on),
        "method": "bank_transfer",
        **fields,
    }
    desk.done(f"/v1/orders/{order}/payments", body)
    return payment


def allocated(desk: Person, order: str) -> tuple[str, str]:
    number = vin()
    vehicle = car(desk, number)
    desk.done(f"/v1/orders/{order}/allocation", {"vehicle_id": vehicle, "vin": number})
    return vehicle, number


HANDED_OVER = {
    "delivered_on": day(0),
    "mileage_km": 12,
    "keys": 2,
    "papers": ["invoice", "registration", "insurance", "warranty_booklet"],
    "signed_by": ["customer", "dealer"],
    "defects": [{"code": "scratch", "remark": "Left mirror."}],
}


def ready(desk: Person, order: str, plate: str = "12 ب 345 67") -> None:
    released = {"released_on": day(-1), "source": "factory"}
    desk.done(f"/v1/orders/{order}/release", released)
    papers = {"prepared_on": day(-1), "papers": [{"kind": "registration", "number": "R-1"}]}
    desk.done(f"/v1/orders/{order}/documents", papers)
    desk.done(f"/v1/orders/{order}/plating", {"plate": plate, "plated_on": day(-1)})


def test_an_order_is_placed_paid_allocated_and_delivered_late(
    service: Service, desk: Person
) -> None:
    customer_id, customer = service.customer()
    order = placed(service, desk, str(customer_id))
    pay(desk, order, PRICE["minor"])
    vehicle, number = allocated(desk, order)
    ready(desk, order)
    desk.done(f"/v1/orders/{order}/delivery", HANDED_OVER)

    customer.position = desk.position
    shown = customer.get(f"/v1/orders/{order}").json()
    assert (shown["status"], shown["stage"]) == ("delivered", "delivery")
    assert [s["stage"] for s in shown["stages"] if s["done"]] == [
        "placement", "full_payment", "allocation", "release", "documents", "plating", "delivery",
    ]  # fmt: skip
    assert shown["money"]["balance_minor"] == PRICE["minor"]
    assert shown["delivery"]["late_by_days"] == 70
    owed = PRICE["minor"] * 70 * 25 // 1000 // 30
    assert abs(shown["delivery"]["compensation_minor"] - owed) <= 1
    owner = customer.get(f"/v1/vehicles/{vehicle}").json()
    assert owner["ownerships"][0]["customer_id"] == str(customer_id)
    assert owner["plate"] == "12ب34567"

    accrued = customer.get(f"/v1/orders/{order}/compensation?as_of={day(30)}").json()
    delay = accrued["accruals"][0]
    assert (delay["kind"], len(delay["days"])) == ("delay_compensation", 70)
    assert sum(each["accrued_minor"] for each in delay["days"]) == delay["accrued_minor"]
    assert delay["accrued_minor"] == shown["delivery"]["compensation_minor"]
    assert date.fromisoformat(delay["days"][-1]["on"]) == TODAY
