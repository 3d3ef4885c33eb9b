"""A leasing desk for tests: its people, its products as shipped, and a lease at every stage."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from domain import lease as l
from domain.declare import Role
from domain.finance import Prepayment
from domain.money import Currency, Money
from tests.domain.complaint.desk import CLOCK_RULES, actor
from tests.scenario import CASE, Scenario, case

RULES = CLOCK_RULES
SARA = UUID(int=0xC1)
"""Sara, who leases."""
NASRIN = UUID(int=0xC7)
"""Nasrin, who stands in for her."""

CUSTOMER = actor("sara", Role.CUSTOMER, customer_id=SARA)
DEALER = actor("dara", Role.DEALER, dealer_id="D-17")
OFFICER = actor("omid", Role.LEASING_OFFICER, unit="leasing", region="north")
OTHER_OFFICER = actor("olga", Role.LEASING_OFFICER, unit="leasing", region="north")
COMMITTEE = actor("simin", Role.SUPERVISOR, unit="leasing")
MANAGER = actor("mina", Role.MANAGER)
SPECIALIST = actor("sahar", Role.SPECIALIST, unit="customer_centre")
SAGA = actor("saga:financing", Role.SYSTEM)

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
APPLIED_ON = date(2025, 1, 10)
SIGNED_ON = date(2025, 2, 1)

CURRENCIES = {
    "ir_in_house": Currency.IRR,
    "ir_bank_flat": Currency.IRR,
    "us_simple_interest": Currency.USD,
    "cn_auto_finance": Currency.CNY,
}
PRICES = {
    "ir_in_house": (15_000_000_000, 6_000_000_000, 36),
    "ir_bank_flat": (10_000_000_000, 4_000_000_000, 24),
    "us_simple_interest": (3_000_000, 500_000, 60),
    "cn_auto_finance": (20_000_000, 6_000_000, 36),
}


def an_id(number: int) -> UUID:
    return UUID(int=0x3000 + number)


def money(minor: int, product: str = "us_simple_interest") -> Money:
    return Money(minor=minor, currency=CURRENCIES[product])


def apply(product: str = "us_simple_interest", **facts: Any) -> l.ApplyForLease:
    price, down_payment, term_months = PRICES[product]
    said: dict[str, Any] = {
        "stream": CASE,
        "customer_id": SARA,
        "product": product,
        "price": money(price, product),
        "down_payment": money(down_payment, product),
        "term_months": term_months,
        "applied_on": APPLIED_ON,
        "bank": "melli" if product == "ir_bank_flat" else None,
    }
    return l.ApplyForLease(**{**said, **facts})


def upload(number: int, kind: l.LeasePaper, **facts: Any) -> l.AddLeaseDocument:
    said: dict[str, Any] = {
        "stream": CASE,
        "document_id": an_id(number),
        "kind": kind,
        "title": "A paper",
        "media_type": "application/pdf",
        "size_bytes": 1000,
        "content_sha256": "0" * 64,
    }
    return l.AddLeaseDocument(**{**said, **facts})


def verify(number: int) -> l.VerifyLeaseDocument:
    return l.VerifyLeaseDocument(stream=CASE, document_id=an_id(number))


def reject(number: int, ground: str = "illegible") -> l.RejectLeaseDocument:
    return l.RejectLeaseDocument(
        stream=CASE, document_id=an_id(number), ground=l.PaperRejection(ground)
    )


def check(number: int = 20, **facts: Any) -> l.CheckCredit:
    said: dict[str, Any] = {
        "outcome": l.CreditOutcome.PASSED,
        "source": "bureau",
        "score": 700,
        "checked_on": date(2025, 1, 15),
    }
    return l.CheckCredit(stream=CASE, check_id=an_id(number), **{**said, **facts})


def approve(number: int = 21, product: str = "us_simple_interest", **facts: Any) -> l.DecideOnLease:
    bank = product == "ir_bank_flat"
    said: dict[str, Any] = {
        "outcome": l.LeaseOutcome.APPROVED,
        "decided_by": l.LeaseDecisionBy.BANK if bank else l.LeaseDecisionBy.COMMITTEE,
        "reference": "B-17" if bank else None,
        "decided_on": date(2025, 1, 20),
    }
    return l.DecideOnLease(stream=CASE, decision_id=an_id(number), **{**said, **facts})


def guarantor() -> l.NameGuarantor:
    return l.NameGuarantor(stream=CASE, guarantor_id=NASRIN, name="Nasrin", national_id="1")


def guarantee(number: int, kind: str, **facts: Any) -> l.ReceiveGuarantee:
    said: dict[str, Any] = {"kind": l.GuaranteeKind(kind), "received_on": date(2025, 1, 25)}
    return l.ReceiveGuarantee(stream=CASE, guarantee_id=an_id(number), **{**said, **facts})


def sign(**facts: Any) -> l.SignLeaseContract:
    said: dict[str, Any] = {"contract_number": "L-1403-17", "signed_on": SIGNED_ON}
    return l.SignLeaseContract(stream=CASE, **{**said, **facts})


def activate(on: date = date(2025, 2, 5), **facts: Any) -> l.ActivateLease:
    return l.ActivateLease(stream=CASE, on=on, **facts)


def pay(number: int, minor: int, on: date, **facts: Any) -> l.ReceiveLeasePayment:
    product = facts.pop("product", "us_simple_interest")
    return l.ReceiveLeasePayment(
        stream=CASE,
        payment_id=an_id(100 + number),
        amount=money(minor, product),
        value_on=on,
        **facts,
    )


def take_back(number: int, ground: str = "bounced", **facts: Any) -> l.ReverseLeasePayment:
    return l.ReverseLeasePayment(
        stream=CASE,
        reversal_id=an_id(5000 + number),
        payment_id=an_id(100 + number),
        ground=l.ReversalReason(ground),
        **facts,
    )


def _until_decided(product: str) -> tuple[tuple[Any, Any], ...]:
    identity = l.LeasePaper.NATIONAL_ID
    if product == "us_simple_interest":
        identity = l.LeasePaper.DRIVING_LICENCE
    steps: list[tuple[Any, Any]] = [
        (OFFICER, apply(product)),
        (CUSTOMER, upload(1, identity)),
        (CUSTOMER, upload(2, l.LeasePaper.BANK_STATEMENT)),
        (OFFICER, verify(1)),
        (OFFICER, verify(2)),
        (OFFICER, check()),
        (COMMITTEE, approve(product=product)),
    ]
    return tuple(steps)


def _until_secured(product: str) -> tuple[tuple[Any, Any], ...]:
    match product:
        case "ir_in_house":
            return (
                (OFFICER, guarantor()),
                (OFFICER, upload(3, l.LeasePaper.NATIONAL_ID, guarantor_id=NASRIN)),
                (OFFICER, verify(3)),
                (OFFICER, guarantee(30, "cheque", amount=money(11_000_000_000, product))),
                (OFFICER, guarantee(31, "guarantor", guarantor_id=NASRIN)),
            )
        case "ir_bank_flat":
            return (
                (OFFICER, upload(3, l.LeasePaper.BANK_DECISION)),
                (OFFICER, verify(3)),
                (OFFICER, guarantee(30, "cheque", amount=money(6_000_000_000, product))),
                (OFFICER, guarantee(31, "promissory_note", amount=money(4_000_000_000, product))),
            )
        case "cn_auto_finance":
            return (
                (OFFICER, upload(3, l.LeasePaper.DRIVING_LICENCE)),
                (OFFICER, verify(3)),
                (OFFICER, guarantee(30, "vehicle_lien")),
            )
    return ((OFFICER, guarantee(30, "vehicle_lien")),)


FRESH: Scenario = case(l.DECIDER, rules=RULES, actor=OFFICER, now=NOW)
EARLY = FRESH.at(datetime(2025, 2, 10, 9, 0, tzinfo=UTC))


def until(product: str, stage: str) -> Scenario:
    """Return a lease of a product that has come to a stage; from then on it is July 2026."""
    scenario = EARLY.after((OFFICER, apply(product)))
    if stage != "applied":
        scenario = EARLY.after(*_until_decided(product))
    if stage in ("secured", "contracted", "active"):
        scenario = scenario.after(*_until_secured(product))
    if stage in ("contracted", "active"):
        scenario = scenario.after((OFFICER, sign()))
    if stage == "active":
        scenario = scenario.after((SAGA, activate()))
    return scenario.at(NOW)


APPLIED = until("us_simple_interest", "applied")
APPROVED = until("us_simple_interest", "approved")
SECURED = until("us_simple_interest", "secured")
CONTRACTED = until("us_simple_interest", "contracted")
ACTIVE = until("us_simple_interest", "active")
INSTALMENT = 49_372
"""What an American lease of these tests pays each month, in cents."""


def days(number: int) -> timedelta:
    return timedelta(days=number)


def a_life() -> Scenario:
    """Return a lease to which everything happened that can happen to one, but for default."""
    first = date(2025, 3, 1)
    prepaid = l.PrepayLease(
        stream=CASE,
        payment_id=an_id(150),
        mode=Prepayment.LOWER_INSTALMENT,
        amount=money(300_000),
        value_on=date(2025, 5, 20),
    )
    fee = l.ChargeLeaseFee(
        stream=CASE,
        charge_id=an_id(900),
        fee=l.LeaseFee.RETURNED_PAYMENT,
        amount=money(2_500),
        charged_on=date(2025, 4, 3),
    )
    pause = l.PauseArrears(
        stream=CASE,
        pause_id=an_id(950),
        ground=l.ArrearsPauseReason.DISPUTE,
        from_on=date(2025, 6, 10),
        to_on=date(2025, 7, 10),
    )
    extended = l.RestructureLease(
        stream=CASE,
        restructuring_id=an_id(800),
        kind=l.RestructuringKind.EXTENSION,
        effective_on=date(2025, 9, 15),
        months=70,
    )
    undone = l.WithdrawSchedule(
        stream=CASE,
        withdrawal_id=an_id(850),
        schedule_n=3,
        ground=l.ScheduleWithdrawal.AGREEMENT_ENDED,
    )
    return ACTIVE.after(
        (OFFICER, guarantor()),
        (OFFICER, upload(9, l.LeasePaper.NATIONAL_ID, guarantor_id=NASRIN)),
        (OFFICER, reject(9)),
        (OFFICER, pay(1, INSTALMENT, first)),
        (OFFICER, pay(2, INSTALMENT + 5_000, date(2025, 5, 10))),
        (OFFICER, pay(3, INSTALMENT, date(2025, 4, 1))),
        (OFFICER, take_back(1, reversed_on=date(2025, 4, 2))),
        (OFFICER, fee),
        (OFFICER, pay(4, 2 * INSTALMENT, date(2025, 5, 19))),
        (OFFICER, prepaid),
        (MANAGER, pause),
        (SAGA, l.AssessArrears(stream=CASE, as_of_on=date(2025, 8, 20))),
        (OFFICER, pay(5, 1_000, date(2025, 8, 21))),
        (OFFICER, extended),
        (OFFICER, pay(6, INSTALMENT, date(2025, 10, 1))),
        (OFFICER, undone),
        (OFFICER, l.QuoteSettlement(stream=CASE, quote_id=an_id(700), settle_on=NOW.date())),
    )


def settled(life: Scenario) -> Scenario:
    """Return a lease that was quoted, settled by just that."""
    quote = life.events[-1]
    return life.after(
        (
            OFFICER,
            l.SettleLease(
                stream=CASE,
                payment_id=an_id(750),
                quote_id=quote.quote_id,
                amount=quote.amount,
                value_on=NOW.date(),
            ),
        ),
        (OFFICER, l.ReturnGuarantee(stream=CASE, guarantee_id=an_id(30))),
    )
