"""The list of special cases: filtered, newest activity first, with the authority's deadline."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from projections.case_list import CaseList
from store.views import beside


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralFilter:
    """What to look for; what is None does not filter. `due_before_at` is not included."""

    status: str | None = None
    kind: str | None = None
    authority: str | None = None
    pack: str | None = None
    number: str | None = None
    letter_number: str | None = None
    unit: str | None = None
    region: str | None = None
    handler: str | None = None
    customer: UUID | None = None
    complaint: UUID | None = None
    is_open: bool | None = None
    due_before_at: datetime | None = None


LIST = CaseList(
    category="referral",
    filters=ReferralFilter,
    blocks=beside(__file__),
    sights=("dealer", "unit", "region", "unassigned"),  # customers are told nothing of them
    given={"complaint": str},
)
page = LIST.page
