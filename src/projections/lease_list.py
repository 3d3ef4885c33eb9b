"""The list of leases: filtered, newest activity first, with what is owed and when next."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pydantic_core import from_json, to_json

from projections import customer_360
from projections.complaint_list import Page, Sight, sight_parameters
from projections.reading import Reading, all_rows, bounded, cursor_of, keys_of
from store.views import beside

SQL = beside(__file__)

_ACCOUNT = frozenset(
    {
        "as_of_on", "paid_minor", "outstanding_minor", "instalments_left", "oldest_unpaid_due_on",
        "oldest_unpaid_minor", "next_due_on", "next_due_minor", "arrears_minor", "surplus_minor",
    }
)  # fmt: skip
"""What a lease's outline says of its account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseFilter:
    """What to look for; what is None does not filter. The days are not included."""

    status: str | None = None
    product: str | None = None
    provider: str | None = None
    bank: str | None = None
    number: str | None = None
    bucket: str | None = None
    """The class of arrears that was recorded last."""
    dealer: str | None = None
    region: str | None = None
    customer: UUID | None = None
    order: UUID | None = None
    is_open: bool | None = None
    next_due_before_on: date | None = None
    """Leases of which an instalment is unpaid that is due before this day."""


async def page(
    connection: Reading,
    wanted: LeaseFilter,
    sight: Sight,
    *,
    outside: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Page:
    """Return one page; `outside` shows what the lessee or the dealer of a lease may see of it.

    The account is none of the dealer's, and what somebody is not shown is not filtered by either.
    Raises `CursorIsWrong`.
    """
    before = keys_of(cursor, (int,))
    size = bounded(limit)
    own = sight.customer_id
    due_before = wanted.next_due_before_on
    hides_account = outside and own is None
    rows = await all_rows(
        connection,
        SQL["page"],
        {
            **sight_parameters(sight),
            "own_customers": None if own is None else await customer_360.records(connection, own),
            "status": wanted.status,
            "product": wanted.product,
            "provider": wanted.provider,
            "bank": wanted.bank,
            "number": wanted.number,
            "bucket": wanted.bucket,
            "dealer": wanted.dealer,
            "region": wanted.region,
            "customer": wanted.customer,
            "order": wanted.order,
            "is_open": wanted.is_open,
            "next_due_before_on": None if due_before is None else due_before.isoformat(),
            "outside": outside,
            "hides_account": hides_account,
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
        items=[_without_account(row[2]) if hides_account else row[2] for row in found],
        next=cursor_of(found[-1][1]) if more else None,
    )


def _without_account(outline: str) -> str:
    shown = from_json(outline)
    return to_json({k: each for k, each in shown.items() if k not in _ACCOUNT}).decode()
