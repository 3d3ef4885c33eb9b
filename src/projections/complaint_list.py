"""The list of complaints: filtered, searched, newest activity first."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from projections.case_list import CaseList
from projections.search_terms import query_of
from store.views import beside


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
    """What somebody typed into a search field; nothing that could be a word finds nothing."""


LIST = CaseList(
    category="complaint",
    filters=ComplaintFilter,
    blocks=beside(__file__),
    given={"text": query_of},
    reads={"text": "search"},
)
page = LIST.page
