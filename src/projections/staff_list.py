"""The list of staff: who works where, in which roles; the newest change first."""

from dataclasses import dataclass

from projections.case_list import CaseList
from store.views import beside


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffFilter:
    """What to look for; what is None does not filter."""

    role: str | None = None
    unit: str | None = None
    region: str | None = None
    active: bool | None = None


LIST = CaseList(category="staff", filters=StaffFilter, blocks=beside(__file__), sights=None)
page = LIST.page
