"""The schemas of what is answered, gathered from the routes; commands' come from the domain."""

from typing import Any

from api.routes import (
    audit,
    cases,
    complaints,
    customers,
    documents,
    draws,
    leases,
    loyalty,
    notifications,
    orders,
    overviews,
    portals,
    referrals,
    reports,
    rulebook,
    staff,
    worklist,
)

MODELS = (
    customers.FindCustomer,
    rulebook.PublishRulesBody,
    rulebook.ApplyRulesBody,
    *documents.MODELS,
    notifications.Acknowledgement,
)
COMPONENTS: dict[str, Any] = {
    **cases.COMPONENTS,
    **customers.COMPONENTS,
    **overviews.COMPONENTS,
    **complaints.COMPONENTS,
    **referrals.COMPONENTS,
    **leases.COMPONENTS,
    **loyalty.COMPONENTS,
    **orders.COMPONENTS,
    **draws.COMPONENTS,
    **audit.COMPONENTS,
    **worklist.COMPONENTS,
    **portals.COMPONENTS,
    **rulebook.COMPONENTS,
    **notifications.COMPONENTS,
    **staff.COMPONENTS,
    **reports.COMPONENTS,
}
