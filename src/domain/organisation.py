"""The organisation: units, regions, and who stands above whom, as a rule document."""

from domain.declare import Unacceptable, value


@value
class Unit:
    """A unit by its code; `above` is the unit that it answers to, None at the top."""

    code: str
    above: str | None = None


@value
class Region:
    """A region by its code, which coordinates and supervises its dealers."""

    code: str
    above: str | None = None


@value
class Organisation:
    """The units and regions there are. A code that is not listed is refused, not guessed at."""

    units: tuple[Unit, ...]
    regions: tuple[Region, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a document in which a body answers to one that is not there, with `ValueError`."""
        units = [unit.code for unit in self.units]
        regions = [region.code for region in self.regions]
        if len(set(units)) != len(units) or len(set(regions)) != len(regions):
            raise ValueError("an organisation lists a unit or region twice")
        bodies: tuple[Unit | Region, ...] = (*self.units, *self.regions)
        for body in bodies:
            if body.above is not None and body.above not in units:
                raise ValueError(f"{body.code} answers to {body.above}, which is not a unit")

    def check_unit(self, code: str) -> None:
        """Raise `UnitUnknown` unless there is such a unit."""
        if all(unit.code != code for unit in self.units):
            raise UnitUnknown(unit=code)

    def check_region(self, code: str) -> None:
        """Raise `RegionUnknown` unless there is such a region."""
        if all(region.code != code for region in self.regions):
            raise RegionUnknown(region=code)

    def chain_above(self, code: str) -> tuple[str, ...]:
        """Return the units above a unit or region, the nearest first."""
        bodies: tuple[Unit | Region, ...] = (*self.regions, *self.units)
        above = {body.code: body.above for body in bodies}
        chain: list[str] = []
        at = above.get(code)
        while at is not None and at not in chain:
            chain.append(at)
            at = above.get(at)
        return tuple(chain)


class UnitUnknown(Unacceptable, code="organisation.unit_unknown"):
    """The organisation has no such unit."""


class RegionUnknown(Unacceptable, code="organisation.region_unknown"):
    """The organisation has no such region."""
