"""The list of complaints: filtered, searched, newest activity first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from projections import customer_360
from projections.reading import Page as Page
from projections.reading import Reading, all_rows, bounded, cursor_of, keys_of
from projections.search_terms import query_of
from store.views import beside

SQL = beside(__file__)


class Sight(Protocol):
    """Whose cases somebody sees: all, or those of which any of these is true."""

    @property
    def everything(self) -> bool:
        """Every case."""
        ...

    @property
    def unassigned(self) -> bool:
        """Cases that have no dealer, region or unit yet."""
        ...

    @property
    def customer_id(self) -> UUID | None:
        """Cases of this customer."""
        ...

    @property
    def dealer_id(self) -> str | None:
        """Cases of this dealer."""
        ...

    @property
    def unit(self) -> str | None:
        """Cases in which this unit has a part."""
        ...

    @property
    def region(self) -> str | None:
        """Cases of this region."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintFilter:
    """What to look for; what is None does not filter. `due_before_at` is not included."""

    status: str | None = None
    kind: str | None = None
    priority: str | None = None
    dealer: str | None = None
    region: str | None = None
    handler: str | None = None
    customer: UUID | None = None
    vehicle: UUID | None = None
    is_open: bool | None = None
    due_before_at: datetime | None = None
    text: str | None = None
    """What somebody typed into a search field."""


def sight_parameters(sight: Sight) -> dict[str, object]:
    """Return whose cases are seen as the parameters of the lists' statements."""
    return {
        "everything": sight.everything,
        "unassigned": sight.unassigned,
        "own_dealer": sight.dealer_id,
        "own_unit": sight.unit,
        "own_region": sight.region,
    }


async def page(
    connection: Reading,
    wanted: ComplaintFilter,
    sight: Sight,
    *,
    outside: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Page:
    """Return one page; `outside` shows what the customer or dealer of a case may see of it.

    Raises `CursorIsWrong`. A search for nothing that could be a word finds nothing.
    """
    before = keys_of(cursor, (int,))
    size = bounded(limit)
    query = None if wanted.text is None else query_of(wanted.text)
    own = sight.customer_id
    rows = await all_rows(
        connection,
        SQL["page" if query is None else "page_of_search"],
        {
            **sight_parameters(sight),
            "own_customers": None if own is None else await customer_360.records(connection, own),
            "status": wanted.status,
            "kind": wanted.kind,
            "priority": wanted.priority,
            "dealer": wanted.dealer,
            "region": wanted.region,
            "handler": wanted.handler,
            "customer": wanted.customer,
            "vehicle": wanted.vehicle,
            "is_open": wanted.is_open,
            "due_before_at": wanted.due_before_at,
            "query": query,
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
