"""The list of purchase orders: filtered, newest activity first, with stage, money and promise."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from projections.case_list import CaseList
from store.views import beside


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """What to look for; what is None does not filter. `promised_before_on` is not included."""

    status: str | None = None
    scheme: str | None = None
    stage: str | None = None
    number: str | None = None
    model: str | None = None
    dealer: str | None = None
    region: str | None = None
    customer: UUID | None = None
    vehicle: UUID | None = None
    draw: UUID | None = None
    lease: UUID | None = None
    is_open: bool | None = None
    refundable: bool | None = None
    """Whether money has to go back."""
    promised_before_on: date | None = None


LIST = CaseList(
    category="order",
    filters=OrderFilter,
    blocks=beside(__file__),
    given={"draw": str, "lease": str, "promised_before_on": date.isoformat},
)
page = LIST.page
