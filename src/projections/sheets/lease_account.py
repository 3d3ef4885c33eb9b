"""What moved on a lease's account: payments with where they go now, fees, refunds, schedules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from domain.finance import Part, Share
from domain.lease import (
    Account,
    Lease,
    LeaseCarriedOver,
    LeaseContractSigned,
    LeaseFeeCharged,
    LeasePaymentReceived,
    LeasePaymentReversed,
    LeasePrepaid,
    LeaseRefundReclaimed,
    LeaseRestructured,
    LeaseScheduleWithdrawn,
    LeaseSettled,
    LeaseSurplusRefunded,
)
from domain.money import Money
from store.log import Recorded


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of the account, in minor units: what was paid, and of it for what.

    A charge has an amount and pays nothing; a payment taken back is the payment below zero.
    """

    on: date
    what: str
    amount: int = 0
    penalty: int = 0
    fee: int = 0
    interest: int = 0
    principal: int = 0
    lent: int = 0
    principal_left: int = 0


def movements(history: Sequence[Recorded], lease: Lease) -> list[Movement]:
    """Return the lines of an account by their days of value, with the principal left after each."""
    lines = _Lines(lease.account)
    for recorded in history:
        lines.follow(recorded.event, recorded.recorded_at.date())
    found = sorted(lines.found, key=lambda each: each.on)  # of one day in the order of the log
    left = 0
    for place, each in enumerate(found):
        left += each.lent - each.principal
        found[place] = replace(each, principal_left=left)
    return found


class _Lines:
    """The lines that events make; it remembers those that a later event may take back."""

    def __init__(self, account: Account) -> None:
        self.now = _shares_now(account)
        self.found: list[Movement] = []
        self.paid: dict[UUID, Movement] = {}
        self.lent: dict[int, int] = {}

    def follow(self, event: object, recorded_on: date) -> None:
        """Add the line of an event, if it makes one."""
        match event:
            case LeaseContractSigned():
                lent = event.financed.minor
                self.found.append(Movement(on=event.starts_on, what="financed", lent=lent))
            case LeaseCarriedOver():
                lent = event.outstanding.minor
                self.found.append(Movement(on=event.as_of_on, what="carried_over", lent=lent))
            case LeasePaymentReceived():
                shares = self.now.get(event.payment_id, event.shares)
                self.pay(event, event.kind.value, shares)
            case LeasePrepaid():
                self.pay(event, "prepayment", event.shares)
            case LeaseSettled():
                self.pay(event, "settlement", event.shares)
            case LeasePaymentReversed():
                self.take_back(event.payment_id, event.reversed_on)
            case LeaseFeeCharged():
                self.charge(event.charged_on, "fee_charged", event.amount)
            case LeaseRefundReclaimed():
                self.charge(event.charged_on, "refund_reclaimed", event.amount)
            case LeaseSurplusRefunded():
                self.charge(event.refunded_on, "refund", event.amount)
            case LeaseRestructured():
                lent = self.lent[event.schedule_n] = event.capitalised_minor
                self.found.append(Movement(on=event.effective_on, what="restructuring", lent=lent))
            case LeaseScheduleWithdrawn():
                lent = -self.lent.get(event.schedule_n, 0)
                on = max([recorded_on, *(each.on for each in self.found)])
                if event.payment_id is not None:
                    self.take_back(event.payment_id, on)
                self.found.append(Movement(on=on, what="schedule_withdrawn", lent=lent))

    def pay(
        self,
        event: LeasePaymentReceived | LeasePrepaid | LeaseSettled,
        what: str,
        shares: Iterable[Share],
    ) -> None:
        """Add a payment, with where it goes."""
        of = dict.fromkeys(Part, 0)
        for share in shares:
            of[share.part] += share.minor
        made = Movement(
            on=event.value_on,
            what=what,
            amount=event.amount.minor,
            penalty=of[Part.PENALTY],
            fee=of[Part.FEE],
            interest=of[Part.INTEREST],
            principal=of[Part.PRINCIPAL],
        )
        self.paid[event.payment_id] = made
        self.found.append(made)

    def take_back(self, payment_id: UUID, on: date) -> None:
        """Add a payment below zero, where it stood."""
        was = self.paid.pop(payment_id, None)
        if was is None:
            return
        self.found.append(
            Movement(
                on=max(on, was.on),
                what="reversal",
                amount=-was.amount,
                penalty=-was.penalty,
                fee=-was.fee,
                interest=-was.interest,
                principal=-was.principal,
            )
        )

    def charge(self, on: date, what: str, amount: Money) -> None:
        """Add what is owed, or went back, besides instalments."""
        self.found.append(Movement(on=on, what=what, amount=-amount.minor))


def _shares_now(account: Account) -> dict[UUID, tuple[Share, ...]]:
    """Return where each payment goes as things stand, under whichever schedule it counts."""
    found: dict[UUID, tuple[Share, ...]] = {}
    standing: Account | None = account
    while standing is not None:
        for entry in standing.entries:
            found.setdefault(entry.payment_id, entry.shares)
        standing = standing.former
    return found
