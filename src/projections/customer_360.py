"""The 360° view: one customer, everything, in one statement and one answer.

Each section stands ready on the customer's page, with its whole count and its newest items, and is
written anew when one of them changes (`case_documents`): the statement reads two rows by their
keys, however long the histories are. The cases of records that were merged into this one are shown
with `merged_from`; undoing the merge takes them away again. Each section goes on by a path of its
own.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from domain.declare import Parties
from projections.reading import Page, Reading, all_rows, bounded, cursor_of, keys_of, one_row
from store.views import beside

SQL = beside(__file__)

NOBODYS = Parties()
ITEMS_MAX = 20
"""How many of the newest items each section shows beside its counts; block `page` keeps as many."""


class Section(StrEnum):
    """The sections that have items, as they are called in the answer and in paths."""

    VEHICLES = "vehicles"
    COMPLAINTS = "complaints"
    ORDERS = "orders"
    LEASES = "leases"
    LOYALTY = "loyalty"
    NOTIFICATIONS = "notifications"

    @property
    def category(self) -> str:
        """Return the kind of case that the section lists."""
        return self.value if self is Section.LOYALTY else self.value.removesuffix("s")


@dataclass(frozen=True, slots=True)
class Everything:
    """A customer's 360° as JSON bytes: `customer`, `merged`, a key per section, `recent`.

    A section is `{"total", "open", "items"}`, newest activity first.
    """

    position: int
    body: bytes | None
    """None where there is no such customer."""
    parties: Parties


async def fetch(connection: Reading, customer_id: UUID, *, outside: bool = False) -> Everything:
    """Return a customer's 360°; `outside` shows what she herself may see."""
    found = await one_row(connection, SQL["fetch"], {"customer": customer_id, "outside": outside})
    if found is None:
        return Everything(0, None, Parties())
    position, body, owner = found
    return Everything(position, body, Parties(customer_id=owner))


@dataclass(frozen=True, slots=True)
class SectionPage:
    """One page of a section, and whose record it belongs to: nobody's where there is none."""

    page: Page
    parties: Parties


async def section(
    connection: Reading,
    customer_id: UUID,
    wanted: Section,
    *,
    outside: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> SectionPage:
    """Return a page of one section, newest activity first; raises `CursorIsWrong`."""
    before = keys_of(cursor, (int,))
    size = bounded(limit)
    rows = await all_rows(
        connection,
        SQL["section"],
        {
            "customer": customer_id,
            "category": wanted.category,
            "about": wanted is Section.NOTIFICATIONS and not outside,
            "outside": outside,
            "before": before[0] if before else None,
            "limit": size + 1,
        },
        planned_anew=True,
    )
    found = [row for row in rows if row[2] is not None]
    more = len(found) > size
    found = found[:size]
    page = Page(
        position=rows[0][0] if rows else 0,
        items=[row[3] for row in found],
        next=cursor_of(found[-1][2]) if more else None,
    )
    return SectionPage(page, Parties(customer_id=rows[0][1] if rows else None))


async def records(connection: Reading, customer_id: UUID) -> list[UUID]:
    """Return a customer's record and all that were merged into it, over however many merges."""
    rows = await all_rows(connection, SQL["records"], {"customer": customer_id})
    return [row[0] for row in rows]
