"""The rules of customer care, with the standard library alone.

The two tables below are this package's table of contents: every kind of case, and every kind of
rule document, is one line of them.
"""

from typing import Any

from domain import customer, rulebook, staff, vehicle
from domain.declare import Decider

DECIDERS: tuple[Decider[Any, Any, Any], ...] = (
    rulebook.DECIDER,
    customer.DECIDER,
    vehicle.DECIDER,
    staff.DECIDER,
)
"""Every kind of case there is."""

DOCUMENT_TYPES: dict[str, type[Any]] = {}
"""Every kind of rule document, by the name it is published under, with the type of its content."""
