"""An order on paper: what was agreed, paid and is still owed, and what a late delivery accrued."""

from collections.abc import Sequence
from datetime import date

from domain.order import (
    DECIDER,
    Order,
    OrderCreditForm,
    OrderHasNoContract,
    OrderPaymentReceived,
    OrderPaymentReversed,
    OrderRefunded,
    SaleScheme,
)
from domain.order.compensation import AccruedDay, account_of, days, settled_minor, span_of
from domain.order.words import OrderCreditKind, OrderStage
from projections.letters import Line
from projections.sheets import Column, Sheet, Table, newest
from projections.sheets.lease import Name
from projections.sheets.writer import Writer
from store.log import Recorded

_DELAY = OrderCreditKind.DELAY_COMPENSATION


def folded(history: Sequence[Recorded]) -> Order:
    """Return an order from the events of its case, oldest first."""
    order: Order = DECIDER.initial
    for recorded in history:
        order = DECIDER.evolve(order, recorded.event)
    return order


def order_sheet(
    order: Order, scheme: SaleScheme, name: Name, locale: str, as_of_on: date, zone: str
) -> Sheet:
    """Return the statement of an order; compensation is reckoned through a day.

    Raises `OrderHasNoContract` where nothing was agreed yet.
    """
    if order.price is None or order.scheme is None:
        raise OrderHasNoContract
    writer = Writer(locale, order.price.currency, zone)
    accrued = _accrued(order, scheme, as_of_on)
    plan = (_plan(order, writer),) if order.instalments else ()
    tables = (*plan, _payments(order, writer), *_compensation(accrued, order, writer))
    return Sheet(
        locale=locale,
        direction=writer.words["direction"],
        words=writer.words,
        title=writer.words["order_statement"],
        subtitle=writer.said("as_of", day=writer.day(as_of_on)),
        addressee=writer.name(name),
        head=writer.lines(
            order_number=order.number,
            scheme=writer.word("schemes", order.scheme.name),
            model=" · ".join(part for part in (order.model, order.trim, order.colour) if part),
            contract_on=writer.day(order.contract_on),
            promised_on=writer.day(order.promised_on),
            delivered_on=writer.day(order.delivered.delivered_on) if order.delivered else None,
            cancelled_on=writer.day(order.cancelled.cancelled_on) if order.cancelled else None,
            status=_stage(order, scheme, writer),
        ),
        facts=_facts(order, accrued, writer),
        tables=tables,
    )


def _stage(order: Order, scheme: SaleScheme, writer: Writer) -> str:
    """Return the last stage that the order reached, or how it ended."""
    if order.cancelled is not None:
        return writer.word("order_statuses", order.status.value)
    reached = [stage for stage in OrderStage if stage in order.done]
    known = [step.name for step in scheme.stages.steps if step.name in reached]
    return writer.word("stages", known[-1]) if known else ""


def _facts(order: Order, accrued: list[AccruedDay], writer: Writer) -> tuple[Line, ...]:
    sums = order.sums
    given = settled_minor(order, _DELAY)
    return writer.lines(
        price=writer.money(sums.price_minor or 0),
        paid=writer.money(sums.paid_minor),
        outstanding=writer.money(sums.outstanding_minor),
        refunded=writer.money(sums.refunded_minor) if sums.refunded_minor else None,
        refundable=writer.money(sums.refundable_minor) if sums.refundable_minor else None,
        financed_by_lease=writer.money(sums.financed_minor) if sums.financed_minor else None,
        compensation=writer.money(accrued[-1].total_minor) if accrued else None,
        compensation_given=writer.money(given) if given else None,
    )


def _plan(order: Order, writer: Writer) -> Table:
    """Return the plan, each part with what the customer's money pays of it, the earliest first."""
    words = writer.words
    left = order.sums.balance_minor + order.sums.credited_minor
    rows = []
    for each in order.instalments:
        paid = 0 if each.by_lease else max(0, min(left, each.minor))
        left -= paid
        state = "by_lease" if each.by_lease else "open"
        if paid:
            state = "paid" if paid == each.minor else "part"
        rows.append(
            (
                writer.word("parts", each.code),
                writer.short(each.due_on),
                writer.figure(each.minor),
                writer.figure(each.minor - paid),
                writer.word("plan_states", state),
            )
        )
    columns = (
        Column(words["part"]),
        Column(words["due_on"]),
        Column(words["amount"], is_number=True),
        Column(words["unpaid"], is_number=True),
        Column(words["state"]),
    )
    note = writer.currency_note()
    return Table(heading=words["plan"], columns=columns, rows=tuple(rows), note=note)


def _payments(order: Order, writer: Writer) -> Table:
    words = writer.words
    moved: list[tuple[date, str, str, int]] = []
    amounts = {each.payment_id: each.amount.minor for each in order.payments}
    for each in order.items.values():
        match each:
            case OrderPaymentReceived():
                method = writer.word("methods", each.method.value)
                moved.append((each.received_on, "payment", method, each.amount.minor))
            case OrderPaymentReversed():
                minor = -amounts[each.payment_id]
                moved.append((each.reversed_on, "reversal", "", minor))
            case OrderRefunded():
                method = writer.word("methods", each.method.value)
                moved.append((each.paid_on, "refund", method, -each.amount.minor))
    for given in order.settlements:
        paid_out = given.form is OrderCreditForm.PAID_OUT
        what = "compensation_paid" if paid_out else "compensation_credited"
        moved.append((given.settled_on, what, "", given.amount.minor))
    rows = [
        (writer.short(on), writer.word("order_movements", what), method, writer.figure(minor))
        for on, what, method, minor in sorted(moved, key=lambda one: one[0])
    ]
    shown, left_out = newest(rows, writer.locale)
    columns = (
        Column(words["day"]),
        Column(words["what"]),
        Column(words["method"]),
        Column(words["amount"], is_number=True),
    )
    note = f"{writer.currency_note()} {left_out}".strip()
    return Table(heading=words["payments"], columns=columns, rows=shown, note=note)


def _accrued(order: Order, scheme: SaleScheme, as_of_on: date) -> list[AccruedDay]:
    span = span_of(order, scheme, _DELAY)
    return [] if span is None else list(days(span, account_of(order), as_of_on))


def _compensation(accrued: list[AccruedDay], order: Order, writer: Writer) -> tuple[Table, ...]:
    """Return what the delay accrued, a line for each month of the reader's calendar."""
    if not accrued:
        return ()
    words = writer.words
    months: list[list[AccruedDay]] = []
    for each in accrued:
        if months and _month(months[-1][-1].on, writer) == _month(each.on, writer):
            months[-1].append(each)
        else:
            months.append([each])
    rows = [
        (
            writer.short(month[-1].on),
            writer.number(sum(each.counted for each in month)),
            writer.figure(month[-1].balance_minor),
            writer.figure(sum(each.accrued_minor for each in month)),
            writer.figure(month[-1].total_minor),
        )
        for month in months
    ]
    shown, left_out = newest(rows, writer.locale)
    columns = (
        Column(words["month"]),
        Column(words["days"], is_number=True),
        Column(words["paid"], is_number=True),
        Column(words["accrued"], is_number=True),
        Column(words["running"], is_number=True),
    )
    promised = writer.day(order.first_promised_on)
    note = f"{writer.said('rate_by_day', day=promised)} {writer.currency_note()} {left_out}".strip()
    return (Table(heading=words["accrual"], columns=columns, rows=shown, note=note),)


def _month(on: date, writer: Writer) -> str:
    """Return what the days of one month have in common as they are written."""
    said = writer.short(on)
    if writer.locale == "en":
        return said.partition(" ")[2]
    return said[:-2]
