"""What the company owes beyond the customer's own money, reckoned day by day.

A late delivery, the profit of a participation and the interest of a cancellation are one sum: a
rate on a base, for each day of a span, without compounding. Money that came in on a day counts
from the next day on, and the day of the delivery is the last that counts; so a car delivered seven
days late has seven days. Exact shares are added up, and only the running total is rounded: the
amounts of the days together are always the total.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from domain.order.case import Order
from domain.order.scheme import Accruing, OrderBase, SaleScheme
from domain.order.words import OrderCreditForm, OrderCreditKind

DAYS_MAX = 3_660
"""After so many days a span accrues no more; nobody waits ten years for a car."""


class Move(NamedTuple):
    """Money of the customer's that came in (or went back, below zero) on a day."""

    on: date
    minor: int


class Account(NamedTuple):
    """The order's money, by day: moves, what was due of the customer, and what she was credited."""

    price_minor: int
    moves: tuple[Move, ...]
    dues: tuple[Move, ...] = ()
    credits: tuple[Move, ...] = ()


class Span(NamedTuple):
    """That a rate runs after one day through another, or until further notice."""

    kind: OrderCreditKind
    rate: Accruing
    after_on: date
    until_on: date | None
    not_while_overdue: bool = False


class AccruedDay(NamedTuple):
    """What one day accrued; `counted` is False where the customer herself was behind that day."""

    on: date
    balance_minor: int
    counted: bool
    accrued_minor: int
    total_minor: int


def days(span: Span, account: Account, as_of: date) -> Iterator[AccruedDay]:
    """Go through the days of a span up to a day, oldest first."""
    last = as_of if span.until_on is None else min(as_of, span.until_on)
    moves, dues = _Running(account.moves), _Running(account.dues)
    credits = _Running(account.credits)
    a_day = span.rate.a_day
    on, exact, before_minor = span.after_on + timedelta(days=1), Fraction(0), 0
    for _ in range(DAYS_MAX):
        if on > last:
            return
        balance_minor = moves.before(on)
        overdue = dues.before(on) - credits.before(on) > balance_minor
        counted = not (span.not_while_overdue and overdue)
        base = account.price_minor
        if span.rate.base is OrderBase.PAID:  # what is beyond the price waits for no car
            base = min(base, balance_minor)
        if counted and base > 0:
            exact += base * a_day
        total_minor = round(exact)
        yield AccruedDay(on, balance_minor, counted, total_minor - before_minor, total_minor)
        before_minor = total_minor
        on += timedelta(days=1)


class _Running:
    """A sum of moves that follows the days."""

    def __init__(self, moves: Sequence[Move]) -> None:
        self._moves = sorted(moves)
        self._at = 0
        self._sum = 0

    def before(self, on: date) -> int:
        while self._at < len(self._moves) and self._moves[self._at].on < on:
            self._sum += self._moves[self._at].minor
            self._at += 1
        return self._sum


def accrued_minor(span: Span, account: Account, as_of: date) -> int:
    """Return what a span has accrued by the end of a day."""
    total_minor = 0
    for day in days(span, account, as_of):
        total_minor = day.total_minor
    return total_minor


def account_of(order: Order) -> Account:
    """Return the order's money by day; a payment that was reversed never came in."""
    price_minor = 0 if order.price is None else order.price.minor
    paid = [
        Move(p.received_on, p.amount.minor)
        for p in order.payments
        if p.payment_id not in order.reversed
    ]
    back = [Move(refund.paid_on, -refund.amount.minor) for refund in order.refunds]
    return Account(
        price_minor=price_minor,
        moves=(*paid, *back),
        dues=tuple(Move(i.due_on, i.minor) for i in order.instalments if not i.by_lease),
        credits=tuple(
            Move(s.settled_on, s.amount.minor)
            for s in order.settlements
            if s.form is OrderCreditForm.CREDITED
        ),
    )


def counts_from_on(order: Order) -> date | None:
    """Return the promised day by which compensation is reckoned: the contract's, or an excused."""
    if order.first_promised_on is None or order.excused_until_on is None:
        return order.first_promised_on
    return max(order.first_promised_on, order.excused_until_on)


class Course(NamedTuple):
    """The days on which it depends what accrues; `terms` are those of a cancellation, from 1."""

    contract_on: date | None
    counts_from_on: date | None
    ends_on: date | None = None
    terms: int | None = None


def course_of(order: Order) -> Course:
    """Return the days of an order."""
    ends_on = None if order.delivered is None else order.delivered.delivered_on
    terms = None
    if order.cancelled is not None:
        ends_on, terms = order.cancelled.cancelled_on, order.cancelled.terms
    return Course(order.contract_on, counts_from_on(order), ends_on, terms)


def spans(course: Course, scheme: SaleScheme) -> list[Span]:
    """Return every span of an order in which something accrues, or may yet."""
    contract_on, promised_on, ends_on = course.contract_on, course.counts_from_on, course.ends_on
    if promised_on is None or contract_on is None:
        return []
    terms = None if course.terms is None else scheme.cancellation[course.terms - 1]
    found: list[Span] = []
    if scheme.delay is not None and (terms is None or terms.keeps_delay_compensation):
        found.append(
            Span(
                OrderCreditKind.DELAY_COMPENSATION,
                scheme.delay.rate,
                promised_on + timedelta(days=scheme.delay.after_days),
                ends_on,
                scheme.delay.not_while_overdue,
            )
        )
    if scheme.profit is not None and terms is None:
        until_on = promised_on if ends_on is None else min(promised_on, ends_on)
        profit = OrderCreditKind.PARTICIPATION_PROFIT
        found.append(Span(profit, scheme.profit, contract_on, until_on))
    if terms is not None and terms.interest is not None:
        interest = OrderCreditKind.CANCELLATION_INTEREST
        found.append(Span(interest, terms.interest, contract_on, ends_on))
    return found


def span_of(order: Order, scheme: SaleScheme, kind: OrderCreditKind) -> Span | None:
    """Return the span of one kind, None where an order has none."""
    return next((span for span in spans(course_of(order), scheme) if span.kind is kind), None)


def settled_minor(order: Order, kind: OrderCreditKind) -> int:
    """Return what of one kind the customer was given."""
    return sum(s.amount.minor for s in order.settlements if s.kind is kind)
