"""The waterfall: which debts a payment pays first, as data, and payments in their order of value.

The twelve steps, the two ways to go through instalments and the rules for what is not yet due are
those of Apache Fineract's advanced payment allocation.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.declare import value


class Part(StrEnum):
    """What a debt is for."""

    PENALTY = "penalty"
    FEE = "fee"
    INTEREST = "interest"
    PRINCIPAL = "principal"


class AllocationStep(StrEnum):
    """Debts of one kind that are past due, due on the day, or not yet due."""

    PAST_DUE_PENALTY = "past_due_penalty"
    PAST_DUE_FEE = "past_due_fee"
    PAST_DUE_INTEREST = "past_due_interest"
    PAST_DUE_PRINCIPAL = "past_due_principal"
    DUE_PENALTY = "due_penalty"
    DUE_FEE = "due_fee"
    DUE_INTEREST = "due_interest"
    DUE_PRINCIPAL = "due_principal"
    IN_ADVANCE_PENALTY = "in_advance_penalty"
    IN_ADVANCE_FEE = "in_advance_fee"
    IN_ADVANCE_INTEREST = "in_advance_interest"
    IN_ADVANCE_PRINCIPAL = "in_advance_principal"


WATERFALL_ORDER = tuple(AllocationStep)
"""Past due before due before in advance; of each penalty, fee, interest, principal."""


class Processing(StrEnum):
    """How a waterfall goes through several instalments.

    `horizontal` pays one in all its parts before the next; `vertical` one part of all of them
    before the next part.
    """

    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"


class InAdvance(StrEnum):
    """Which instalment comes first of those not yet due; `keep` pays none of them."""

    NEXT = "next"
    LAST = "last"
    KEEP = "keep"


@value
class Waterfall:
    """In which order a transaction of one type pays debts. A step left out is never paid by it."""

    transaction: str
    order: tuple[AllocationStep, ...] = WATERFALL_ORDER
    processing: Processing = Processing.HORIZONTAL
    in_advance: InAdvance = InAdvance.NEXT

    def __post_init__(self) -> None:
        """Refuse a step that stands twice, with `ValueError`."""
        if len(set(self.order)) != len(self.order) or not self.order:
            raise ValueError("each step stands once in the order of a waterfall, and at least one")


@value
class Owed:
    """A debt or what is left of it: of instalment `n` (0 where it belongs to none)."""

    n: int
    due_on: date
    part: Part
    minor: int


@value
class Share:
    """What of a payment went to one part of one instalment."""

    n: int
    part: Part
    minor: int


@value
class Shares:
    """Where a payment went; the shares and what is left over sum to it."""

    shares: tuple[Share, ...]
    left_minor: int

    def of(self, part: Part) -> int:
        """Return what went to one kind of debt, in minor units."""
        return sum(share.minor for share in self.shares if share.part is part)


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment to be allocated: on which day it counts, and what kind of transaction it is."""

    id: UUID
    value_on: date
    amount_minor: int
    transaction: str = "payment"


def allocate(amount_minor: int, owed: Iterable[Owed], on: date, waterfall: Waterfall) -> Shares:
    """Return where an amount goes that counts on a day."""
    if amount_minor < 0:
        raise ValueError("a payment is not negative; take one back by leaving it out")
    left = amount_minor
    paid: dict[tuple[int, Part], int] = {}
    for debt in _in_order([debt for debt in owed if debt.minor > 0], on, waterfall):
        if left == 0:
            break
        share = min(left, debt.minor)
        paid[debt.n, debt.part] = paid.get((debt.n, debt.part), 0) + share
        left -= share
    shares = tuple(Share(n=n, part=part, minor=minor) for (n, part), minor in paid.items())
    return Shares(shares=shares, left_minor=left)


def remaining(owed: Iterable[Owed], shares: Iterable[Share]) -> tuple[Owed, ...]:
    """Return what is left of debts after shares were paid; the earlier debt of a kind first."""
    paid: dict[tuple[int, Part], int] = {}
    for share in shares:
        paid[share.n, share.part] = paid.get((share.n, share.part), 0) + share.minor
    left = []
    for debt in owed:
        key = debt.n, debt.part
        part = min(paid.get(key, 0), debt.minor)
        if part:
            paid[key] -= part
        if debt.minor > part:
            minor = debt.minor - part
            left.append(Owed(n=debt.n, due_on=debt.due_on, part=debt.part, minor=minor))
    return tuple(left)


def replay(
    owed: Sequence[Owed], payments: Iterable[Payment], waterfalls: Mapping[str, Waterfall]
) -> dict[UUID, Shares]:
    """Return where each payment goes, in the order of their days of value and then their ids.

    In which order they arrived is of no account.
    """
    left: Sequence[Owed] = owed
    found: dict[UUID, Shares] = {}
    for payment in sorted(payments, key=lambda one: (one.value_on, one.id)):
        waterfall = waterfalls[payment.transaction]
        shares = allocate(payment.amount_minor, left, payment.value_on, waterfall)
        left = remaining(left, shares.shares)
        found[payment.id] = shares
    return found


def _in_order(owed: list[Owed], on: date, waterfall: Waterfall) -> list[Owed]:
    """Return the debts that a waterfall pays, in its order; equal ones as they were given."""
    place = {step: number for number, step in enumerate(waterfall.order)}
    horizontal = waterfall.processing is Processing.HORIZONTAL
    first_of = _first_of_each_time(waterfall.order)

    def key(found: tuple[AllocationStep, Owed]) -> tuple[int, ...]:
        step, debt = found
        days = debt.due_on.toordinal()
        time = _time(step)
        if time == "in_advance" and waterfall.in_advance is InAdvance.LAST:
            days = -days
        if horizontal:
            return first_of[time], days, place[step], debt.n
        return place[step], days, debt.n

    steps = [(_step(debt, on), debt) for debt in owed]
    taken = [
        (step, debt)
        for step, debt in steps
        if step in place
        and not (waterfall.in_advance is InAdvance.KEEP and _time(step) == "in_advance")
    ]
    return [debt for _, debt in sorted(taken, key=key)]


def _first_of_each_time(order: Sequence[AllocationStep]) -> dict[str, int]:
    first: dict[str, int] = {}
    for number, step in enumerate(order):
        first.setdefault(_time(step), number)
    return first


def _time(step: AllocationStep) -> str:
    return step.value.rpartition("_")[0]


def _step(debt: Owed, on: date) -> AllocationStep:
    time = "past_due" if debt.due_on < on else "due" if debt.due_on == on else "in_advance"
    return AllocationStep(f"{time}_{debt.part.value}")
