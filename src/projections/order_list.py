"""The list of purchase orders: filtered, newest activity first, with stage, money and promise."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from projections import customer_360
from projections.complaint_list import Page, Sight, sight_parameters
from projections.reading import Reading, all_rows, bounded, cursor_of, keys_of
from store.views import beside

SQL = beside(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """What to look for; what is None does not filter. `promised_before_on` is not included."""

    status: str | None = None
    scheme: str | None = None
    stage: str | None = None
    number: str | None = None
    model: str | None = None
    dealer: str | None = None
    region: str | None = None
    customer: UUID | None = None
    vehicle: UUID | None = None
    draw: UUID | None = None
    lease: UUID | None = None
    is_open: bool | None = None
    refundable: bool | None = None
    """Whether money has to go back."""
    promised_before_on: date | None = None


def _text(found: object) -> str | None:
    return None if found is None else str(found)


async def page(
    connection: Reading,
    wanted: OrderFilter,
    sight: Sight,
    *,
    outside: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Page:
    """Return one page; `outside` shows what the customer or dealer of an order may see of it.

    Raises `CursorIsWrong`.
    """
    before = keys_of(cursor, (int,))
    size = bounded(limit)
    own = sight.customer_id
    rows = await all_rows(
        connection,
        SQL["page"],
        {
            **sight_parameters(sight),
            "own_customers": None if own is None else await customer_360.records(connection, own),
            "status": wanted.status,
            "scheme": wanted.scheme,
            "stage": wanted.stage,
            "number": wanted.number,
            "model": wanted.model,
            "dealer": wanted.dealer,
            "region": wanted.region,
            "customer": wanted.customer,
            "vehicle": wanted.vehicle,
            "draw": _text(wanted.draw),
            "lease": _text(wanted.lease),
            "is_open": wanted.is_open,
            "refundable": wanted.refundable,
            "promised_before_on": _text(wanted.promised_before_on),
            "outside": outside,
            "before": before[0] if before else None,
            "limit": size + 1,
        },
        planned_anew=True,
    )
    found = [row for row in rows if row[1] is not None]
    more = len(found) > size
    found = found[:size]
    return Page(
        position=rows[0][0],
        items=[row[2] for row in found],
        next=cursor_of(found[-1][1]) if more else None,
    )
