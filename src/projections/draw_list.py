"""The list of draws: every one is public, newest activity first."""

from dataclasses import dataclass

from projections.case_list import CaseList
from store.views import beside


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawFilter:
    """What to look for; what is None does not filter."""

    status: str | None = None
    name: str | None = None
    is_open: bool | None = None


LIST = CaseList(category="draw", filters=DrawFilter, blocks=beside(__file__), sights=None)
page = LIST.page
