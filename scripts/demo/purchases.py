"""What the demo's customers bought: a car that is late, one that was delivered, and a lease."""

from datetime import date, datetime, timedelta
from functools import partial
from hashlib import sha256
from uuid import UUID, uuid5

from demo.people import (
    ACCOUNTING,
    CUSTOMERS,
    EXPERT,
    LEASING,
    MANAGER,
    PORTAL_CUSTOMER,
    SPECIALIST,
    Person,
    demo_id,
)
from demo.story import Tale
from domain import lease as le
from domain import order as o
from domain import vehicle as v
from domain.money import Currency, Money

LATE_PRICE_MINOR = 14_500_000_000
PRICE_MINOR = 2_890_000_000
FINANCED_MINOR = 5_000_000_000
DOWN_PAYMENT_MINOR = 4_000_000_000
PAPERS = (
    o.OrderPaper.INVOICE,
    o.OrderPaper.REGISTRATION,
    o.OrderPaper.INSURANCE,
    o.OrderPaper.WARRANTY_BOOKLET,
)


def tell(now: datetime) -> tuple[Tale, ...]:
    """Tell them all, each from its beginning to where it stands now."""
    return (_late_order(now), _delivered_order(now), _lease(now))


def _days_ago(now: datetime, days: int) -> date:
    return (now - timedelta(days=days)).date()


def _rials(minor: int) -> Money:
    return Money(minor=minor, currency=Currency.IRR)


# --- orders ---------------------------------------------------------------------------------------


def _order(person: Person, now: datetime, days_ago: int) -> Tale:
    return Tale(demo_id(f"order/{person.n}"), now, days_ago=days_ago)


def _late_order(now: datetime) -> Tale:
    """A pre-sale that was promised for six months after its contract, 40 days ago."""
    person, day = PORTAL_CUSTOMER, partial(_days_ago, now)
    tale = _order(person, now, 221)
    half = _rials(LATE_PRICE_MINOR // 2)
    placed = o.PlaceOrder(
        stream=tale.stream,
        customer_id=person.id,
        scheme="definitive_pre_sale",
        model="S7 Turbo",
        number="DEMO-ORDER-1",
        dealer_id="D-101",
        region="north",
        price=_rials(LATE_PRICE_MINOR),
        contract_on=tale.received_at.date(),
        placed_at=tale.received_at,
    )
    tale.by(SPECIALIST, placed)
    for name, days in (("first", 219), ("rest", 75)):
        if name == "rest":
            invited = o.InviteToPay(stream=tale.stream, invited_on=day(80))
            tale.by(EXPERT, invited, now - timedelta(days=80))
        paid = o.ReceiveOrderPayment(
            stream=tale.stream,
            payment_id=tale.id(name),
            amount=half,
            received_on=day(days),
            method=o.OrderPaymentMethod.BANK_TRANSFER,
        )
        tale.by(ACCOUNTING, paid, now - timedelta(days=days))
    return tale


def _delivered_order(now: datetime) -> Tale:
    """A car from stock, handed over within two weeks."""
    person = CUSTOMERS[7]
    tale = _order(person, now, 21)
    car, vin = uuid5(tale.stream, "vehicle"), f"DEM0ZZZ0026{person.n:06}"
    placed = o.PlaceOrder(
        stream=tale.stream,
        customer_id=person.id,
        scheme="immediate",
        model="P1",
        number="DEMO-ORDER-2",
        dealer_id="D-202",
        region="south",
        price=_rials(PRICE_MINOR),
        contract_on=tale.received_at.date(),
        placed_at=tale.received_at,
    )
    stock = v.RegisterVehicle(stream=car, make="Phoenix", model="P1", vin=vin, model_year=2026)
    tale.by(SPECIALIST, placed, None, stock)
    paid = o.ReceiveOrderPayment(
        stream=tale.stream,
        payment_id=tale.id("payment"),
        amount=_rials(PRICE_MINOR),
        received_on=_days_ago(now, 19),
        method=o.OrderPaymentMethod.BANK_TRANSFER,
    )
    tale.by(ACCOUNTING, paid, now - timedelta(days=19))
    allocated = o.AllocateVehicle(
        stream=tale.stream, allocation_id=tale.id("allocation"), vehicle_id=car, vin=vin
    )
    reserved = v.ReserveVehicle(stream=car, order_id=tale.stream, vin=vin)
    tale.by(EXPERT, allocated, now - timedelta(days=18), reserved)
    _prepared(tale, now, car)
    _handed_over(tale, now, car, person)
    return tale


def _prepared(tale: Tale, now: datetime, car: UUID) -> None:
    """The car is released, its papers are ready, it has its plate."""
    released = o.ReleaseOrder(
        stream=tale.stream,
        released_on=_days_ago(now, 15),
        source=o.OrderReleaseSource.FACTORY,
    )
    tale.by(EXPERT, released, now - timedelta(days=15))
    ready = tuple(o.PaperReady(kind=kind) for kind in PAPERS)
    papers = o.PrepareDocuments(stream=tale.stream, prepared_on=_days_ago(now, 14), papers=ready)
    tale.by(EXPERT, papers, now - timedelta(days=14))
    plated = o.PlateOrder(
        stream=tale.stream, plate="DEMO208", plated_on=_days_ago(now, 13), vehicle_id=car
    )
    plate = v.RecordPlate(stream=car, plate="DEMO208")
    tale.by(EXPERT, plated, now - timedelta(days=13), plate)


def _handed_over(tale: Tale, now: datetime, car: UUID, person: Person) -> None:
    """The car is hers, in its own record too."""
    delivered = o.DeliverOrder(
        stream=tale.stream,
        delivery_id=tale.id("delivery"),
        delivered_on=_days_ago(now, 12),
        mileage_km=9,
        keys=2,
        papers=PAPERS,
        signed_by=(o.OrderSignatory.CUSTOMER, o.OrderSignatory.DEALER),
        vehicle_id=car,
    )
    ended = v.EndReservation(stream=car, order_id=tale.stream, end=v.ReservationEnd.DELIVERED)
    owned = v.RecordOwnership(
        stream=car,
        ownership_id=tale.id("delivery"),
        customer_id=person.id,
        role=v.OwnershipRole.OWNER,
        from_on=_days_ago(now, 12),
    )
    tale.by(EXPERT, delivered, now - timedelta(days=12), ended, owned)


# --- a lease --------------------------------------------------------------------------------------


def _lease(now: datetime) -> Tale:
    """A lease of a year and a half: two instalments paid, the third one overdue."""
    person, day = PORTAL_CUSTOMER, partial(_days_ago, now)
    tale = Tale(demo_id(f"lease/{person.n}"), now, days_ago=126)
    guarantor = demo_id("guarantor/1")
    tale.by(
        LEASING,
        le.ApplyForLease(
            stream=tale.stream,
            customer_id=person.id,
            product="ir_in_house",
            price=_rials(FINANCED_MINOR + DOWN_PAYMENT_MINOR),
            down_payment=_rials(DOWN_PAYMENT_MINOR),
            term_months=18,
            applied_on=day(125),
            region="north",
        ),
    )
    naming = le.NameGuarantor(stream=tale.stream, guarantor_id=guarantor, name="بهرام ضامن‌نمونه")
    tale.by(LEASING, naming)
    papers = (
        ("identity", le.LeasePaper.NATIONAL_ID, None),
        ("income", le.LeasePaper.PROOF_OF_INCOME, None),
        ("guarantor-identity", le.LeasePaper.NATIONAL_ID, guarantor),
    )
    for name, kind, whose in papers:
        paper = le.AddLeaseDocument(
            stream=tale.stream,
            document_id=tale.id(name),
            kind=kind,
            title=name,
            media_type="application/pdf",
            size_bytes=48_000,
            content_sha256=sha256(name.encode()).hexdigest(),
            guarantor_id=whose,
        )
        tale.by(LEASING, paper)
        tale.by(LEASING, le.VerifyLeaseDocument(stream=tale.stream, document_id=tale.id(name)))
    checked = le.CheckCredit(
        stream=tale.stream,
        check_id=tale.id("check"),
        outcome=le.CreditOutcome.PASSED,
        source="credit_bureau",
        score=655,
        checked_on=day(118),
    )
    tale.by(LEASING, checked, now - timedelta(days=118))
    decided = le.DecideOnLease(
        stream=tale.stream,
        decision_id=tale.id("decision"),
        outcome=le.LeaseOutcome.APPROVED,
        decided_by=le.LeaseDecisionBy.COMMITTEE,
        reference="minutes 12",
        decided_on=day(115),
    )
    tale.by(MANAGER, decided, now - timedelta(days=115))
    _sign_and_pay(
        tale,
        now,
        guarantor=le.ReceiveGuarantee(
            stream=tale.stream,
            guarantee_id=tale.id("guarantor"),
            kind=le.GuaranteeKind.GUARANTOR,
            guarantor_id=guarantor,
        ),
    )
    return tale


def _sign_and_pay(tale: Tale, now: datetime, guarantor: le.ReceiveGuarantee) -> None:
    """The contract is signed 108 days ago; two instalments come in, the third does not."""
    cheque = le.ReceiveGuarantee(
        stream=tale.stream,
        guarantee_id=tale.id("cheque"),
        kind=le.GuaranteeKind.CHEQUE,
        amount=_rials(FINANCED_MINOR * 6 // 5),
        reference="DEMO 4471",
    )
    tale.by(LEASING, guarantor, now - timedelta(days=110))
    tale.by(LEASING, cheque)
    signed_on = _days_ago(now, 108)
    signed = le.SignLeaseContract(
        stream=tale.stream, contract_number="DEMO-LEASE-1", signed_on=signed_on
    )
    tale.by(LEASING, signed, now - timedelta(days=108))
    tale.by(LEASING, le.ActivateLease(stream=tale.stream, on=signed_on))
    for n, days in ((1, 77), (2, 46)):
        paid = le.ReceiveLeasePayment(
            stream=tale.stream,
            payment_id=tale.id(f"instalment/{n}"),
            amount=_rials(331_000_000),
            value_on=_days_ago(now, days),
        )
        tale.by(LEASING, paid, now - timedelta(days=days))
