"""The homes of the portals: what a customer, a dealer or a leasing officer looks at first.

Each is one statement over rows that the views keep anyway, bounded whatever there is: lists show
the first items of an order that an index has, and a count says `more` from a number on.
"""

from dataclasses import dataclass
from uuid import UUID

from domain.lease import LeaseStatus
from domain.order import OrderStage
from projections.reading import Reading, all_rows
from projections.sight import Sight, sight_parameters
from store.views import beside

SQL = beside(__file__)

ITEMS_MAX = 20
"""How many items a part of a home shows."""
COUNT_MAX = 1_000
"""Up to which number things are counted; beyond it the count says `more`."""

_LIMITS = {"items": ITEMS_MAX, "count": COUNT_MAX}
_APPLICATIONS = (LeaseStatus.APPLIED, LeaseStatus.CHECKED, LeaseStatus.APPROVED)
"""The statuses of a lease on which somebody has to decide or to sign."""


@dataclass(frozen=True, slots=True)
class Home:
    """A portal's home as JSON bytes; None where there is no such customer."""

    position: int
    body: bytes | None


async def customer(connection: Reading, customer_id: UUID) -> Home:
    """Return what a customer has to do and may expect: everything of hers that is open."""
    return await _home(connection, "customer", {"customer": customer_id})


async def dealer(connection: Reading, dealer_id: str) -> Home:
    """Return a dealer's complaints with what is due, its orders, and the vehicles of both."""
    stages = [stage.value for stage in OrderStage]
    return await _home(connection, "dealer", {"dealer": dealer_id, "stages": stages})


async def leasing(connection: Reading, sight: Sight) -> Home:
    """Return the leases within sight by what they wait for."""
    wanted = {
        **sight_parameters(sight),
        "statuses": [status.value for status in LeaseStatus],
        "applications": [status.value for status in _APPLICATIONS],
    }
    return await _home(connection, "leasing", wanted, planned_anew=True)


async def _home(
    connection: Reading, block: str, wanted: dict[str, object], *, planned_anew: bool = False
) -> Home:
    found = await all_rows(connection, SQL[block], {**wanted, **_LIMITS}, planned_anew=planned_anew)
    return Home(found[0][0] or 0, found[0][1]) if found else Home(0, None)
