"""The tables of routes, one file per kind of thing; `OPERATIONS` is the table of contents."""

from api.operations import Operation
from api.routes import (
    audit,
    cases,
    complaints,
    customers,
    documents,
    draws,
    health,
    letters,
    loyalty,
    notifications,
    orders,
    overviews,
    portals,
    referrals,
    reports,
    rulebook,
    staff,
    texts,
    vehicles,
    worklist,
)

OPERATIONS: tuple[Operation, ...] = (
    *customers.OPERATIONS,
    *overviews.OPERATIONS,
    *vehicles.OPERATIONS,
    *complaints.OPERATIONS,
    *referrals.OPERATIONS,
    *orders.OPERATIONS,
    *loyalty.OPERATIONS,
    *draws.OPERATIONS,
    *documents.OPERATIONS,
    *letters.OPERATIONS,
    *cases.OPERATIONS,
    *audit.OPERATIONS,
    *worklist.OPERATIONS,
    *portals.OPERATIONS,
    *reports.OPERATIONS,
    *notifications.OPERATIONS,
    *staff.OPERATIONS,
    *rulebook.OPERATIONS,
    *texts.OPERATIONS,
    *health.OPERATIONS,
)
"""Every route there is."""
