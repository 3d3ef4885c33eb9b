"""Customers with everything that one can have, made by the shipped commands."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from bench.cases import EVENTS_MIN, EXPERT, life
from domain.clocks.messages import Urgency
from domain.customer import RegisterCustomer
from domain.declare import Actor, ActorId, Command, Role
from domain.lease import ApplyForLease
from domain.loyalty import EarningSource, EarnPoints, OpenLedger, ledger_id
from domain.money import Currency, Money
from domain.notification import PlanNotification
from domain.order import PlaceOrder
from domain.vehicle import RecordOwnership, RegisterVehicle
from projections.customer_360 import ITEMS_MAX
from store.casebook import Casebook

SYSTEM = Actor(id=ActorId("system:bench"), roles=frozenset({Role.SYSTEM, Role.LEASING_OFFICER}))
PRICE = Money(minor=9_800_000_000, currency=Currency.IRR)
PROGRAMME = "club"
CONTRACT_ON = date(2024, 3, 20)
EARNED_AT = datetime(2024, 4, 1, 9, tzinfo=UTC)
EVENTS_PER_COMPLAINT = 16


def whole_customer(casebook: Casebook, events: int, items: int = ITEMS_MAX) -> UUID:
    """Return a customer with so many events behind her, and as many items of each section.

    What is left over when every section has its items are complaints.
    """
    customer = uuid4()
    casebook.execute(RegisterCustomer(stream=customer, name="Shirin Example"), actor=EXPERT)
    complaints = [uuid4() for _ in range(items)]
    before = casebook.head()
    for command in _of_every_kind(customer, items):
        casebook.execute(*command, actor=SYSTEM)
    for number, case in enumerate(complaints):
        casebook.execute(*life(case, EVENTS_MIN, customer), actor=EXPERT)
        casebook.execute(_notice(case, number), actor=SYSTEM)
    while (left := events - 1 - (casebook.head() - before)) > 0:
        taken = max(EVENTS_MIN, min(left, EVENTS_PER_COMPLAINT))
        casebook.execute(*life(uuid4(), taken, customer), actor=EXPERT)
    return customer


def _of_every_kind(customer: UUID, items: int) -> Iterator[tuple[Command, ...]]:
    ledger = ledger_id(customer, PROGRAMME)
    yield (OpenLedger(stream=ledger, customer_id=customer, programme=PROGRAMME),)
    for number in range(items):
        vehicle = RegisterVehicle(stream=uuid4(), make="Example", model="One", vin_source="bench")
        owned = RecordOwnership(
            stream=vehicle.stream, ownership_id=uuid4(), customer_id=customer, from_on=CONTRACT_ON
        )
        yield vehicle, owned
        yield (
            PlaceOrder(
                stream=uuid4(),
                customer_id=customer,
                scheme="immediate",
                model="One",
                price=PRICE,
                contract_on=CONTRACT_ON,
                dealer_id="D-0001",
                region="north",
            ),
        )
        yield (
            ApplyForLease(
                stream=uuid4(),
                customer_id=customer,
                product="ir_in_house",
                price=PRICE,
                down_payment=Money(minor=4_900_000_000, currency=Currency.IRR),
                term_months=24,
                region="north",
            ),
        )
        yield (
            EarnPoints(
                stream=ledger,
                earning_id=uuid4(),
                source=EarningSource.SURVEY,
                reference=f"survey-{number}",
                occurred_at=EARNED_AT,
            ),
        )


def _notice(case: UUID, number: int) -> PlanNotification:
    return PlanNotification(
        stream=uuid4(),
        recipient=f"account-{number}",
        staff_id=uuid4(),
        locale="en",
        code="complaint.deadline_warned",
        case_id=case,
        case_category="complaint",
        urgency=Urgency.WARNING,
        cause=uuid4(),
        caused_at=datetime.now(UTC),
    )
