"""A published list of applicants of a lottery: each row a customer, her order, and its entry.

The list is Iran Khodro's of June 2020, in which people have no names: `tracking_ref` is a keyed
hash of the applicant's tracking number, which is unique, and `masked_national_id_ref` one of her
national id as it was printed, with some digits masked. Different people can have the same masked
id, so it identifies nobody: every row is a customer of her own, who has the tracking reference for
a name until somebody learns the right one.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid5

from domain.customer import Locale, RegisterCustomer
from domain.declare import CaseNotFound
from domain.draw import AdmitEntry, Draw
from domain.order import EnterDraw, Order, OrderEnteredInDraw, PlaceOrder
from importing.cases import (
    IMPORTS,
    Case,
    Fields,
    Reject,
    RowRefused,
    SourceRefused,
    SourceRow,
    Step,
    checked,
)
from importing.sources import READ_ERRORS, Lines, SourceFile, delimited_rows
from store.casebook import Casebook

COLUMNS = ("model", "list_seq", "tracking_ref", "masked_national_id_ref", "tracking_rank")
SCHEME = "ordinary_pre_sale"
LISTED_AT = datetime(2020, 6, 1, tzinfo=UTC)
"""When the orders were placed at the latest known; of the list's day only the month is known."""

_FIELDS = Fields({"model": "model", "number": "tracking_ref", "source_ref": "list_seq"})
_DIGITS = frozenset("0123456789abcdef")

Entered = Callable[[UUID], bool]
"""Tells whether an order has its entry already."""


def _not_yet(_order: UUID) -> bool:
    return False


def cases(
    source: SourceFile, draw_id: UUID, scheme: str = SCHEME, entered: Entered = _not_yet
) -> Iterator[Case | Reject]:
    """Go through the applicants of a list, as orders that enter a draw.

    An order that has `entered` is not admitted again, so that a list is brought in twice also when
    the draw takes no more entries.
    """
    lines = Lines(source.stream)
    try:
        names = tuple(name.strip() for name in next(lines).lstrip("\ufeff").split(","))
    except StopIteration:
        raise SourceRefused(f"{source.path} is empty") from None
    except READ_ERRORS as error:
        raise SourceRefused(f"{source.path} cannot be read: {error}") from error
    if names != COLUMNS:
        raise SourceRefused(
            f"{source.path} is no list of applicants: its first line is not {','.join(COLUMNS)}"
        )
    for found in delimited_rows(lines, columns=len(COLUMNS), tabs=False):
        if isinstance(found, Reject):
            yield found
            continue
        row, values = found
        try:
            yield _case(row, dict(zip(COLUMNS, values, strict=True)), draw_id, entered, scheme)
        except RowRefused as refused:
            yield refused.of(row)


def entered_in(casebook: Casebook, draw_id: UUID) -> Entered:
    """Return what tells of an order whether it has entered this draw.

    Raises `SourceRefused` where there is no such draw, or nobody could have entered it yet.
    """
    try:
        draw = casebook.state(draw_id).state
    except CaseNotFound:
        draw = None
    if not isinstance(draw, Draw):
        raise SourceRefused(f"there is no draw {draw_id}; announce it first")
    if not draw.opened:
        raise SourceRefused(f"the draw {draw_id} is not open yet")

    def entered(order_id: UUID) -> bool:
        try:
            order = casebook.state(order_id).state
        except CaseNotFound:
            return False
        entry = order.entry if isinstance(order, Order) else None
        return entry is not None and entry.draw_id == draw_id and not entry.withdrawn

    return entered


def order_id(tracking_ref: str) -> UUID:
    """Return the order of an applicant."""
    return uuid5(IMPORTS, f"lottery/order/{tracking_ref}")


def _case(
    row: SourceRow, fields: dict[str, str], draw_id: UUID, entered: Entered, scheme: str
) -> Case:
    fields = {name: text.strip() for name, text in fields.items()}
    tracking_ref, seq = fields["tracking_ref"], fields["list_seq"]
    if not tracking_ref or not _DIGITS.issuperset(tracking_ref):
        raise RowRefused("value.tracking_ref", "this is no tracking reference", "tracking_ref")
    if not seq.isascii() or not seq.isdigit():
        raise RowRefused("value.list_seq", "this is no number in a list", "list_seq")
    order = order_id(tracking_ref)
    enter = checked(EnterDraw, _FIELDS, stream=order, draw_id=draw_id, model_group=fields["model"])
    step = Step(SourceRow(row.line, f"{fields['model']} {seq}", row.text), enter)
    if entered(order):
        return Case(order, (), (step,), carried=OrderEnteredInDraw)
    customer = uuid5(IMPORTS, f"lottery/customer/{tracking_ref}")
    opening = (
        checked(RegisterCustomer, _FIELDS, stream=customer, name=tracking_ref, locale=Locale.FA),
        checked(
            PlaceOrder,
            _FIELDS,
            stream=order,
            customer_id=customer,
            scheme=scheme,
            model=fields["model"],
            number=tracking_ref,
            draw_id=draw_id,
            placed_at=LISTED_AT,
            source_ref=f"lottery 2020-06 {fields['model']} {seq}",
        ),
        checked(AdmitEntry, _FIELDS, stream=draw_id, model=fields["model"]),
    )
    return Case(order, opening, (step,), carried=OrderEnteredInDraw)
