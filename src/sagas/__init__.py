"""What is still to be done, and by when: every saga is one line of the table below."""

from typing import Any

from sagas import (
    deadline_warnings,
    delivery,
    draw,
    draw_places,
    earning,
    estimating,
    financing,
    instalments,
    loyalty_expiry,
    mass_changes,
    notices,
    order_notices,
    points_notices,
    portal_account,
    referral,
    sla_escalation,
)
from sagas.declare import Saga

SAGAS: tuple[Saga[Any], ...] = (
    notices.SAGA,
    deadline_warnings.SAGA,
    sla_escalation.SAGA,
    referral.SAGA,
    estimating.SAGA,
    delivery.SAGA,
    mass_changes.SAGA,
    draw.SAGA,
    draw_places.SAGA,
    loyalty_expiry.SAGA,
    portal_account.SAGA,
    order_notices.SAGA,
    instalments.SAGA,
    financing.SAGA,
    earning.SAGA,
    points_notices.SAGA,
)
"""Every saga there is."""
