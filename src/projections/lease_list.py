"""The list of leases: filtered, newest activity first, with what is owed and when next."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from pydantic_core import from_json, to_json

from projections.case_list import CaseList
from projections.reading import Page, Reading
from projections.sight import Sight
from store.views import beside

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


LIST = CaseList(
    category="lease",
    filters=LeaseFilter,
    blocks=beside(__file__),
    given={"next_due_before_on": date.isoformat},
)


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
    hides_account = outside and sight.customer_id is None
    hidden = {"bucket": outside, "next_due_before_on": hides_account}
    found = await LIST.page(
        connection,
        wanted,
        sight,
        outside=outside,
        hidden=[name for name, is_hidden in hidden.items() if is_hidden],
        cursor=cursor,
        limit=limit,
    )
    if not hides_account:
        return found
    return replace(found, items=[_without_account(item) for item in found.items])


def _without_account(outline: str) -> str:
    shown = from_json(outline)
    return to_json({k: each for k, each in shown.items() if k not in _ACCOUNT}).decode()
