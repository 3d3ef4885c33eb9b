"""Whether ledgers hold what their files say: the files counted plainly, household by household.

Plain means: whole steps of each amount in the order of time, and a redemption where there was
enough; no lots, no states, nothing of the program that keeps the ledgers.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from domain.declare import CaseNotFound
from domain.loyalty import EarningRule, Ledger, LotState
from importing.cases import SourceRefused
from importing.loyalty import Club, Form, Row
from store.casebook import Casebook

SHOWN_MAX = 20


@dataclass(slots=True)
class Counted:
    """What a household earned and spent, and how many redemptions it had not enough for."""

    earned: int = 0
    spent: int = 0
    refused: int = 0

    @property
    def balance(self) -> int:
        """Return what is left."""
        return self.earned - self.spent


@dataclass(slots=True)
class Comparison:
    """How many households agree, the sums of all, and those that differ."""

    households: int = 0
    earned: int = 0
    spent: int = 0
    refused: int = 0
    differing: list[str] = field(default_factory=list)


def counted(rows: Iterable[Row], rule: EarningRule) -> dict[str, Counted]:
    """Count every row by plain arithmetic; raises `SourceRefused` for rules that need more."""
    plain = rule.earned_per_day_max is None and rule.earnings_per_day_max is None
    if not plain or rule.expiry is not None or rule.pending_days:
        raise SourceRefused("the programme caps, delays or ends points: it is not counted plainly")
    found: dict[str, Counted] = {}
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        if (row.form, row.household, row.reference) in seen:
            continue
        seen.add((row.form, row.household, row.reference))
        household = found.setdefault(row.household, Counted())
        if row.form is Form.BASKET:
            if row.number >= rule.amount_minor_min:
                steps = row.number // rule.step_minor if rule.step_minor else 0
                household.earned += rule.points_each + rule.points_per_step * steps
        elif row.form is Form.OPENING:
            household.earned += row.number
        elif household.balance >= row.number:
            household.spent += row.number
        else:
            household.refused += 1
    return found


def compare(casebook: Casebook, club: Club, found: dict[str, Counted]) -> Comparison:
    """Compare every household's ledger with what was counted."""
    result = Comparison(len(found))
    for household, count in found.items():
        result.earned += count.earned
        result.spent += count.spent
        result.refused += count.refused
        try:
            ledger = casebook.state(club.ledger_of(household)).state
        except CaseNotFound:
            ledger = Ledger()
        balance = ledger.points_in(LotState.ACTIVE)
        if (ledger.earned, ledger.spent, balance) != (count.earned, count.spent, count.balance):
            result.differing.append(
                f"household {household}: the file makes {count.earned} - {count.spent} ="
                f" {count.balance}, the ledger says {ledger.earned} - {ledger.spent} = {balance}"
            )
    return result
