"""A sales desk for tests: its people, its schemes as shipped, and the wishes of an order's life."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from domain import order as o
from domain.declare import Role
from domain.money import Currency, Money
from tests.domain.complaint.desk import CLOCK_RULES, actor
from tests.scenario import CASE, SYSTEM, Scenario, case

RULES = CLOCK_RULES

LEILA = UUID(int=0xC1)
CAR, OTHER_CAR = UUID(int=0xCA), UUID(int=0xCB)
DRAW, LEASE = UUID(int=0xD1), UUID(int=0x1EA5E)

CUSTOMER = actor("leila", Role.CUSTOMER, customer_id=LEILA)
DEALER = actor("dara", Role.DEALER, dealer_id="D-17")
EXPERT = actor("erfan", Role.EXPERT, unit="sales")
ACCOUNTANT = actor("amir", Role.UNIT, unit="accounting")
SUPERVISOR = actor("simin", Role.SUPERVISOR)
MANAGER = actor("mina", Role.MANAGER)
SAGA = SYSTEM

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
CONTRACT_ON = date(2025, 11, 1)
PRICE = Money(minor=9_800_000_000, currency=Currency.IRR)
VIN, OTHER_VIN = "NAAXX00LAKA123456", "NAAXX00LAKA654321"


def rial(minor: int) -> Money:
    return Money(minor=minor, currency=Currency.IRR)


def an_id(number: int) -> UUID:
    return UUID(int=0x3000 + number)


def after(days: int, since: date = CONTRACT_ON) -> date:
    return since + timedelta(days=days)


def place(scheme: str = "immediate", **facts: Any) -> o.PlaceOrder:
    said = {"customer_id": LEILA, "model": "E5", "price": PRICE, "contract_on": CONTRACT_ON}
    return o.PlaceOrder(stream=CASE, scheme=scheme, **{**said, **facts})


def register(**facts: Any) -> o.PlaceOrder:
    """Place an order whose contract comes later."""
    said: dict[str, Any] = {"scheme": "ordinary_pre_sale", "price": None, "contract_on": None}
    return place(**{**said, "placed_at": datetime(2025, 10, 1, 8, 0, tzinfo=UTC), **facts})


def contract(**facts: Any) -> o.SignOrderContract:
    said = {"contract_on": CONTRACT_ON, "price": PRICE}
    return o.SignOrderContract(stream=CASE, **{**said, **facts})


def pay(minor: int, number: int = 1, on: date = CONTRACT_ON, **facts: Any) -> Any:
    said = {"method": o.OrderPaymentMethod.BANK_TRANSFER, "amount": rial(minor)}
    return o.ReceiveOrderPayment(
        stream=CASE, payment_id=an_id(number), received_on=on, **{**said, **facts}
    )


def reverse(number: int = 1, on: date = TODAY) -> o.ReverseOrderPayment:
    return o.ReverseOrderPayment(
        stream=CASE,
        reversal_id=an_id(100 + number),
        payment_id=an_id(number),
        reason=o.OrderReversalReason.CHEQUE_BOUNCED,
        reversed_on=on,
    )


def refund(minor: int, number: int = 1, on: date = TODAY) -> o.RefundOrder:
    return o.RefundOrder(
        stream=CASE,
        refund_id=an_id(200 + number),
        amount=rial(minor),
        paid_on=on,
        method=o.OrderPaymentMethod.BANK_TRANSFER,
    )


def enter(**facts: Any) -> o.EnterDraw:
    return o.EnterDraw(stream=CASE, **{"draw_id": DRAW, **facts})


def outcome(what: o.OrderDrawOutcome, rank: int = 3) -> o.RecordOutcome:
    return o.RecordOutcome(stream=CASE, draw_id=DRAW, outcome=what, rank=rank, quota="E5")


WON, RESERVE, LOST = (
    outcome(o.OrderDrawOutcome.WINNER),
    outcome(o.OrderDrawOutcome.RESERVE),
    outcome(o.OrderDrawOutcome.NOT_DRAWN),
)
MOVE_UP = o.MoveUp(stream=CASE, draw_id=DRAW, rank=3)
LET_GO = o.ReleaseDrawPlace(stream=CASE, draw_id=DRAW)


def allocate(vin: str = VIN, vehicle: UUID = CAR, number: int = 1) -> o.AllocateVehicle:
    return o.AllocateVehicle(
        stream=CASE, allocation_id=an_id(300 + number), vehicle_id=vehicle, vin=vin
    )


TAKE_BACK = o.WithdrawAllocation(stream=CASE, because=o.OrderAllocationEnd.DAMAGED, vehicle_id=CAR)


def release(on: date = TODAY, **facts: Any) -> o.ReleaseOrder:
    said = {"source": o.OrderReleaseSource.FACTORY}
    return o.ReleaseOrder(stream=CASE, released_on=on, **{**said, **facts})


def papers(on: date = TODAY) -> o.PrepareDocuments:
    ready = (o.PaperReady(kind=o.OrderPaper.REGISTRATION, number="R-1"),)
    return o.PrepareDocuments(stream=CASE, prepared_on=on, papers=ready)


def plate(on: date = TODAY) -> o.PlateOrder:
    return o.PlateOrder(stream=CASE, plate="12 ب 345 67", plated_on=on, vehicle_id=CAR)


READY = (release(), papers(), plate())


def deliver(on: date = TODAY, **facts: Any) -> o.DeliverOrder:
    said: dict[str, Any] = {
        "mileage_km": 12,
        "keys": 2,
        "papers": (
            o.OrderPaper.INVOICE,
            o.OrderPaper.REGISTRATION,
            o.OrderPaper.INSURANCE,
            o.OrderPaper.WARRANTY_BOOKLET,
        ),
        "signed_by": (o.OrderSignatory.CUSTOMER, o.OrderSignatory.DEALER),
        "vehicle_id": CAR,
    }
    return o.DeliverOrder(stream=CASE, delivery_id=an_id(400), delivered_on=on, **{**said, **facts})


def cancel(because: o.OrderCancelReason, on: date = TODAY, **facts: Any) -> o.CancelOrder:
    return o.CancelOrder(stream=CASE, because=because, cancelled_on=on, **facts)


def settle(
    kind: o.OrderCreditKind = o.OrderCreditKind.DELAY_COMPENSATION,
    form: o.OrderCreditForm = o.OrderCreditForm.PAID_OUT,
    on: date = TODAY,
    number: int = 1,
) -> o.SettleCompensation:
    return o.SettleCompensation(
        stream=CASE, settlement_id=an_id(500 + number), kind=kind, form=form, settled_on=on
    )


def order() -> Scenario:
    """An order that is still to be placed, with a manager at the desk."""
    return case(o.DECIDER, stream=CASE, rules=RULES, actor=MANAGER, now=NOW)


def paid(scheme: str = "immediate", **facts: Any) -> Scenario:
    """An order of a scheme without draw and contract stage, paid in full on the contract's day."""
    return order().after((MANAGER, place(scheme, **facts)), (MANAGER, pay(PRICE.minor)))


def with_car() -> Scenario:
    """An immediate sale, paid, with a car that is ready to be handed over."""
    steps = (allocate(), *READY)
    return paid().after(*((MANAGER, step) for step in steps))


def drawn(result: o.RecordOutcome | None = None) -> Scenario:
    """An order of an ordinary pre-sale in its draw, with this outcome."""
    scenario = order().after((CUSTOMER, _hers()), (CUSTOMER, enter()))
    return scenario if result is None else scenario.after((SAGA, result))


def _hers() -> o.PlaceOrder:
    return register(placed_at=None)
