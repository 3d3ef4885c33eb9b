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
    LeaseSettled,
    LeaseSurplusRefunded,
)
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
    now = _shares_now(lease.account)
    found: list[Movement] = []
    paid: dict[UUID, Movement] = {}
    for recorded in history:
        made = _movement(recorded.event, now, paid, recorded.recorded_at.date())
        if made is not None:
            found.append(made)
    found.sort(key=lambda each: each.on)  # those of one day stay in the order of the log
    left = 0
    for place, each in enumerate(found):
        left += each.lent - each.principal
        found[place] = replace(each, principal_left=left)
    return found


def _movement(
    event: object, now: dict[UUID, tuple[Share, ...]], paid: dict[UUID, Movement], on: date
) -> Movement | None:
    """Return the line that an event makes; `paid` remembers the lines of payments."""
    match event:
        case LeasePaymentReceived():
            shares = now.get(event.payment_id, event.shares)
            made = _payment(event.value_on, event.kind.value, event.amount.minor, shares)
            paid[event.payment_id] = made
            return made
        case LeasePrepaid():
            made = _payment(event.value_on, "prepayment", event.amount.minor, event.shares)
            paid[event.payment_id] = made
            return made
        case LeaseSettled():
            made = _payment(event.value_on, "settlement", event.amount.minor, event.shares)
            paid[event.payment_id] = made
            return made
        case LeasePaymentReversed():
            was = paid[event.payment_id]
            return Movement(
                on=max(event.reversed_on, was.on),
                what="reversal",
                amount=-was.amount,
                penalty=-was.penalty,
                fee=-was.fee,
                interest=-was.interest,
                principal=-was.principal,
            )
        case LeaseFeeCharged():
            return Movement(on=event.charged_on, what="fee_charged", amount=-event.amount.minor)
        case LeaseRefundReclaimed():
            return Movement(
                on=event.charged_on, what="refund_reclaimed", amount=-event.amount.minor
            )
        case LeaseSurplusRefunded():
            return Movement(on=event.refunded_on, what="refund", amount=-event.amount.minor)
        case LeaseRestructured():
            lent = event.capitalised_minor
            return Movement(on=event.effective_on, what="restructuring", lent=lent)
    return _opening(event)


def _opening(event: object) -> Movement | None:
    match event:
        case LeaseContractSigned():
            return Movement(on=event.starts_on, what="financed", lent=event.financed.minor)
        case LeaseCarriedOver():
            return Movement(on=event.as_of_on, what="carried_over", lent=event.outstanding.minor)
    return None


def _payment(on: date, what: str, amount: int, shares: Iterable[Share]) -> Movement:
    of = dict.fromkeys(Part, 0)
    for share in shares:
        of[share.part] += share.minor
    return Movement(
        on=on,
        what=what,
        amount=amount,
        penalty=of[Part.PENALTY],
        fee=of[Part.FEE],
        interest=of[Part.INTEREST],
        principal=of[Part.PRINCIPAL],
    )


def _shares_now(account: Account) -> dict[UUID, tuple[Share, ...]]:
    """Return where each payment goes as things stand, under whichever schedule it counts."""
    found: dict[UUID, tuple[Share, ...]] = {}
    standing: Account | None = account
    while standing is not None:
        for entry in standing.entries:
            found.setdefault(entry.payment_id, entry.shares)
        standing = standing.former
    return found
