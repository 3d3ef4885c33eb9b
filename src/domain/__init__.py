"""The rules of customer care, with the standard library alone.

The two tables below are this package's table of contents: every kind of case, and every kind of
rule document, is one line of them.
"""

from typing import Any

from domain import (
    complaint,
    customer,
    draw,
    lease,
    loyalty,
    notification,
    order,
    referral,
    rulebook,
    staff,
    vehicle,
)
from domain.clocks.calendar import Calendar
from domain.clocks.rules import (
    AuthorisationLimits,
    ClassPause,
    Estimates,
    Ladder,
    SlaPack,
    StatutoryPack,
)
from domain.complaint import Grading
from domain.declare import Decider
from domain.document_policy import DocumentPolicy
from domain.lease import LeaseProduct
from domain.loyalty import LoyaltyProgramme
from domain.notification_policy import NotificationPolicy
from domain.order import SaleScheme
from domain.organisation import Organisation
from domain.procedure import Procedure

DECIDERS: tuple[Decider[Any, Any, Any], ...] = (
    rulebook.DECIDER,
    customer.DECIDER,
    vehicle.DECIDER,
    staff.DECIDER,
    notification.DECIDER,
    complaint.DECIDER,
    referral.DECIDER,
    order.DECIDER,
    draw.DECIDER,
    lease.DECIDER,
    loyalty.DECIDER,
)
"""Every kind of case there is."""

DOCUMENT_TYPES: dict[str, type[Any]] = {
    "calendar": Calendar,
    "sla_pack": SlaPack,
    "ladder": Ladder,
    "authorisation_limits": AuthorisationLimits,
    "estimates": Estimates,
    "procedure": Procedure,
    "grading": Grading,
    "organisation": Organisation,
    "document_policy": DocumentPolicy,
    "notification_policy": NotificationPolicy,
    "statutory_pack": StatutoryPack,
    "class_pause": ClassPause,
    "sale_scheme": SaleScheme,
    "lease_product": LeaseProduct,
    "loyalty_programme": LoyaltyProgramme,
}
"""Every kind of rule document, by the name it is published under, with the type of its content."""
