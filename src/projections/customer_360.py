"""The 360° view: one customer, everything, in one statement and one answer.

Nothing is stored for it: the statement puts stored pieces of JSON together, by index, so it costs
the same however long the histories are. The cases of records that were merged into this one are
shown with `merged_from`; undoing the merge takes them away again.
"""

from dataclasses import dataclass
from uuid import UUID

from domain.declare import Parties
from projections.reading import Reading, all_rows, one_row
from store.views import beside

SQL = beside(__file__)

ITEMS_MAX = 20
"""How many of the newest items each section shows beside its counts."""


@dataclass(frozen=True, slots=True)
class Everything:
    """A customer's 360° as JSON bytes: `customer`, `merged`, `vehicles`, `complaints`, `recent`.

    A section is `{"total", "open", "items"}`, newest activity first.
    """

    position: int
    body: bytes | None
    """None where there is no such customer."""
    parties: Parties


async def fetch(connection: Reading, customer_id: UUID, *, outside: bool = False) -> Everything:
    """Return a customer's 360°; `outside` shows what she herself may see."""
    found = await one_row(
        connection,
        SQL["fetch"],
        {"customer": customer_id, "outside": outside, "items": ITEMS_MAX},
    )
    if found is None:
        return Everything(0, None, Parties())
    position, body, owner = found
    return Everything(position, body, Parties(customer_id=owner))


async def records(connection: Reading, customer_id: UUID) -> list[UUID]:
    """Return a customer's record and all that were merged into it, over however many merges."""
    rows = await all_rows(connection, SQL["records"], {"customer": customer_id})
    return [row[0] for row in rows]
