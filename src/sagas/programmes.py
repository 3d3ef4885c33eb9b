"""Which loyalty programmes enrol customers by what they do, and what earns: shared by sagas."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter

from domain import loyalty as lo
from domain.money import Currency
from domain.rulebook import RulesPublished
from sagas.declare import Shared
from store.log import Recorded

_PROGRAMME = TypeAdapter(lo.LoyaltyProgramme)


@dataclass(frozen=True)
class Earns:
    """That a source earns, and how late it may be recorded."""

    source: lo.EarningSource
    late_days: int


@dataclass(frozen=True)
class ProgrammeInForce:
    """One version of a programme, from when on it holds, and what earns by it."""

    name: str
    effective_from_at: datetime
    currency: Currency
    enrols: bool
    earns: tuple[Earns, ...]

    def takes(self, source: lo.EarningSource, currency: Currency | None, late_days: int) -> bool:
        """Tell whether something earns that was recorded so late, in this currency."""
        fits = currency is None or currency is self.currency
        return (
            self.enrols
            and fits
            and any(each.source is source and late_days <= each.late_days for each in self.earns)
        )


@dataclass(frozen=True)
class Programmes:
    """Every version of every programme, in the order in which they were published."""

    versions: tuple[ProgrammeInForce, ...] = ()

    def earning(
        self,
        source: lo.EarningSource,
        occurred_at: datetime,
        recorded_at: datetime,
        currency: Currency | None = None,
    ) -> tuple[str, ...]:
        """Return the programmes by which something earns that happened and was recorded then."""
        in_force: dict[str, ProgrammeInForce] = {}
        for version in self.versions:
            if version.effective_from_at <= occurred_at:
                in_force[version.name] = version
        late_days = (recorded_at - occurred_at).days
        return tuple(
            name
            for name, version in sorted(in_force.items())
            if version.takes(source, currency, late_days)
        )


def day_at_noon(on: date, recorded_at: datetime) -> datetime:
    """Return an instant of a day for what has no time of day, never one still to come."""
    noon = datetime(on.year, on.month, on.day, 12, tzinfo=recorded_at.tzinfo)
    return min(noon, recorded_at)


def _evolve(programmes: Programmes, recorded: Recorded) -> Programmes:
    event: Any = recorded.event
    if not isinstance(event, RulesPublished) or event.kind != "loyalty_programme":
        return programmes
    content = _PROGRAMME.validate_json(event.content)
    version = ProgrammeInForce(
        event.name,
        event.effective_from_at,
        content.currency,
        content.enrols,
        tuple(Earns(rule.source, rule.late_days) for rule in content.earning),
    )
    return replace(programmes, versions=(*programmes.versions, version))


PROGRAMMES: Shared[Programmes] = Shared(
    topics=("rulebook.published",),
    state_type=Programmes,
    initial=Programmes(),
    evolve=_evolve,
)
