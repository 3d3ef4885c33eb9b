"""Whose cases somebody sees, as the statements of lists and reports ask for it."""

from typing import Protocol
from uuid import UUID


class Sight(Protocol):
    """Whose cases somebody sees: all, or those of which any of these is true."""

    @property
    def everything(self) -> bool:
        """Every case."""
        ...

    @property
    def unassigned(self) -> bool:
        """Cases that have no dealer, region or unit yet."""
        ...

    @property
    def customer_id(self) -> UUID | None:
        """Cases of this customer."""
        ...

    @property
    def dealer_id(self) -> str | None:
        """Cases of this dealer."""
        ...

    @property
    def unit(self) -> str | None:
        """Cases in which this unit has a part."""
        ...

    @property
    def region(self) -> str | None:
        """Cases of this region."""
        ...


def sight_parameters(sight: Sight) -> dict[str, object]:
    """Return whose cases are seen as the parameters of the statements."""
    return {
        "everything": sight.everything,
        "unassigned": sight.unassigned,
        "own_dealer": sight.dealer_id,
        "own_unit": sight.unit,
        "own_region": sight.region,
    }
