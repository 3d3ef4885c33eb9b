"""A lender: leases of one plain product for the customers of a showroom."""

import tomllib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

from domain import lease as ls
from domain.declare import Actor, ActorId, Role
from domain.money import Currency, Money
from domain.procedure import Procedure, ProcedureStep, Variant
from domain.rulebook import Provenance
from sagas.declare import Saga
from store.rulebook import SHIPPED, publication, publication_of
from tests.sagas.market import LEILA, LONG_AGO, Market, Showroom

SPRING = datetime(2026, 5, 10, 8, 0, tzinfo=UTC)
LEASE = UUID(int=0x1EA5E)
OFFICER = Actor(
    id=ActorId("omid"),
    roles=frozenset({Role.LEASING_OFFICER, Role.SUPERVISOR, Role.MANAGER}),
)
FINANCED = Money(minor=1_200_000_000, currency=Currency.IRR)
STEPS = (*ls.LeaseStep,)


def procedure() -> Procedure:
    """Return a procedure in which everybody may take every step at any time."""
    ways = tuple(Variant(name=outcome.value) for outcome in ls.LeaseOutcome)
    return Procedure(
        steps=tuple(
            ProcedureStep(
                name=step.value,
                repeatable=True,
                variants=ways if step is ls.LeaseStep.DECISION else (),
            )
            for step in STEPS
        )
    )


def product() -> dict[str, Any]:
    """Return the shipped product of the company's own leases, without papers and guarantees."""
    path = SHIPPED / "lease_product" / "ir_in_house.toml"
    content: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))["content"]
    return {**content, "procedure": "plain", "guarantees": [], "checklist": []}


class Lending(Market):
    """Short words for what happens to leases."""

    def begin_lending(self) -> None:
        """Publish the product with all that it needs."""
        source = Provenance(source="tests", confirmed="policy")
        self.wish(
            publication_of(SHIPPED / "calendar" / "iran.toml"),
            publication("procedure", "plain", procedure(), LONG_AGO, source),
            publication("lease_product", "plain", product(), LONG_AGO, source),
        )

    def officer(self, *wishes: Any) -> int:
        """Execute as a leasing officer."""
        return self.execute(*wishes, actor=OFFICER)

    def apply(
        self, stream: UUID = LEASE, customer: UUID = LEILA, order_id: UUID | None = None
    ) -> UUID:
        """Apply for a lease of six months."""
        self.officer(
            ls.ApplyForLease(
                stream=stream,
                customer_id=customer,
                product="plain",
                price=Money(minor=2_000_000_000, currency=Currency.IRR),
                down_payment=Money(minor=800_000_000, currency=Currency.IRR),
                term_months=6,
                order_id=order_id,
                region="north",
            )
        )
        return stream

    def decide(self, stream: UUID = LEASE, *, approved: bool = True) -> None:
        """Check the credit and decide."""
        self.officer(
            ls.CheckCredit(
                stream=stream,
                check_id=uuid5(stream, f"check {self.now}"),
                outcome=ls.CreditOutcome.PASSED,
                source="bureau",
            )
        )
        self.officer(
            ls.DecideOnLease(
                stream=stream,
                decision_id=uuid5(stream, f"decision {self.now}"),
                outcome=ls.LeaseOutcome.APPROVED if approved else ls.LeaseOutcome.REJECTED,
                decided_by=ls.LeaseDecisionBy.COMMITTEE,
                ground=None if approved else ls.RejectionGround.CREDIT,
            )
        )

    def sign(self, stream: UUID = LEASE) -> None:
        """Sign the contract today."""
        number = f"L-{stream.int % 1000}"
        self.officer(
            ls.SignLeaseContract(stream=stream, contract_number=number, signed_on=self.now.date())
        )

    def lease(
        self, stream: UUID = LEASE, customer: UUID = LEILA, order_id: UUID | None = None
    ) -> UUID:
        """Apply for a lease, have it approved and signed."""
        self.apply(stream, customer, order_id)
        self.decide(stream)
        self.sign(stream)
        return stream

    def pay(self, name: str, minor: int, on: date | None = None, stream: UUID = LEASE) -> UUID:
        """Record a payment, by default of today."""
        payment_id = uuid5(stream, name)
        self.officer(
            ls.ReceiveLeasePayment(
                stream=stream,
                payment_id=payment_id,
                amount=Money(minor=minor, currency=Currency.IRR),
                value_on=on or self.now.date(),
            )
        )
        return payment_id

    def reverse(self, payment_id: UUID, stream: UUID = LEASE) -> None:
        """Take a payment back."""
        self.officer(
            ls.ReverseLeasePayment(
                stream=stream,
                reversal_id=uuid5(payment_id, "reversal"),
                payment_id=payment_id,
                ground=ls.ReversalReason.BOUNCED,
            )
        )

    def standing(self, stream: UUID = LEASE) -> ls.Lease:
        """Return a lease as it stands."""
        found: ls.Lease = self.state(stream)
        return found

    def lines(self, stream: UUID = LEASE) -> Sequence[Any]:
        """Return the instalments of the schedule in force."""
        return self.standing(stream).account.lines


class Lender(Showroom, Lending):
    """A showroom in memory that also lends."""

    def __init__(self, *sagas: Saga[Any], now: datetime = SPRING) -> None:
        super().__init__(*sagas, now=now)
        self.begin_lending()
