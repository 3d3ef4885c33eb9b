"""The list of loyalty ledgers: filtered, newest activity first."""

from dataclasses import dataclass
from uuid import UUID

from projections.case_list import CaseList
from store.views import beside


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFilter:
    """What to look for; what is None does not filter."""

    programme: str | None = None
    grade: str | None = None
    customer: UUID | None = None
    household: UUID | None = None


LIST = CaseList(
    category="loyalty",
    filters=LedgerFilter,
    blocks=beside(__file__),
    sights=("customer", "unassigned"),  # no ledger has a dealer, a region or a unit
    given={"household": str},
)
page = LIST.page
