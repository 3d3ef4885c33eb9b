"""The words of the loyalty ledger: what points are earned from and spent on, and parts of lots."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid5

from domain.declare import value

LEDGER_NAMESPACE = UUID("c2b3a1d4-6f0e-5d57-9a0c-3e1f8a7b6c5d")


def ledger_id(customer_id: UUID, programme: str) -> UUID:
    """Return the stream of a customer's ledger in a programme: the same for ever."""
    return uuid5(LEDGER_NAMESPACE, f"{customer_id}/{programme}")


class EarningSource(StrEnum):
    """What points are earned from."""

    PURCHASE = "purchase"
    SERVICE = "service"
    SURVEY = "survey"
    CALLBACK = "callback"
    PARTICIPATION = "participation"
    GAME = "game"
    OPENING = "opening"
    """A balance carried over from another system."""


class SpendingPurpose(StrEnum):
    """What points are spent on; cash has a life of its own."""

    SERVICE = "service"
    INSPECTION = "inspection"
    CAR_WASH = "car_wash"
    INSURANCE = "insurance"
    CONSUMABLES = "consumables"
    DISCOUNT = "discount"


class AdjustmentReason(StrEnum):
    """Why points are given or taken by hand."""

    GOODWILL = "goodwill"
    CORRECTION = "correction"
    MISSING_EARNING = "missing_earning"
    DUPLICATE_EARNING = "duplicate_earning"
    CARRIED_OVER = "carried_over"


class HeldBy(StrEnum):
    """By which rule an earning waits for somebody to look at it."""

    VELOCITY = "velocity"
    SELF_REFERRAL = "self_referral"
    BY_HAND = "by_hand"


class LotState(StrEnum):
    """Where the points of a lot stand that nothing reserves."""

    PENDING = "pending"
    ACTIVE = "active"
    FROZEN = "frozen"
    """Held by a fraud rule until another person clears it: neither spendable nor lost."""


class HoldEnd(StrEnum):
    """How a hold ended."""

    RELEASED = "released"
    LAPSED = "lapsed"
    USED = "used"


class CashOutStatus(StrEnum):
    """Where a cash-out stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    PAID = "paid"


class CashOutRejection(StrEnum):
    """Why a cash-out is not paid."""

    WITHDRAWN = "withdrawn"
    NOT_ENTITLED = "not_entitled"
    ACCOUNT_UNKNOWN = "account_unknown"
    SUSPICION = "suspicion"
    PAYMENT_FAILED = "payment_failed"


class GradeRule(StrEnum):
    """By what a grade changed."""

    FIGURES = "figures"
    GRANTED = "granted"


@value
class Part:
    """So many points of one lot; `state` is where they stood, or stand from now on.

    `expires_at` is None where the lot never expires.
    """

    lot_id: UUID
    points: int
    expires_at: datetime | None = None
    state: LotState = LotState.ACTIVE


@value
class Figures:
    """What a grade is judged by: all that counts from one day to another, both included."""

    from_on: date
    until_on: date
    points: int
    earnings: int
    amount_minor: int


def points_of(parts: tuple[Part, ...]) -> int:
    """Return the points of several parts together."""
    return sum(part.points for part in parts)
