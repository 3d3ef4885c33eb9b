"""A lease's account as a child would keep it: day by day, and told anew each time."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

from domain.lease import LeaseInstalment

ONE_DAY = timedelta(days=1)


@dataclass
class Money:
    """A payment that somebody made."""

    id: UUID
    on: date
    minor: int


@dataclass
class Model:
    """What was agreed, and what happened; `told` says where every payment goes."""

    instalments: tuple[LeaseInstalment, ...]
    annual: Fraction
    grace_days: int
    on_principal_only: bool
    payments: dict[UUID, Money] = field(default_factory=dict)
    fees: dict[UUID, tuple[date, int]] = field(default_factory=dict)
    pauses: list[tuple[date, date]] = field(default_factory=list)

    def told(self) -> tuple[dict[UUID, dict[tuple[int, str], int]], dict[UUID, int]]:
        """Return the parts of each payment by instalment, and what is left over of it."""
        left = {
            each.n: {"interest": each.interest_minor, "principal": each.principal_minor}
            for each in self.instalments
        }
        overdue: dict[int, dict[date, int]] = {each.n: {} for each in self.instalments}
        paid_penalty = dict.fromkeys(left, 0)
        fees = sorted((on, str(one.int).zfill(40), minor) for one, (on, minor) in self.fees.items())
        charged_on = [on for on, _, _ in fees]
        fee_left = [minor for _, _, minor in fees]
        parts: dict[UUID, dict[tuple[int, str], int]] = {}
        over: dict[UUID, int] = {}
        today = min((each.due_on for each in self.instalments), default=date.min)
        for payment in sorted(self.payments.values(), key=lambda one: (one.on, one.id.int)):
            while today < payment.on:  # what is unpaid at the end of a day is overdue for that day
                for each in self.instalments:
                    base = left[each.n]["principal"]
                    if not self.on_principal_only:
                        base += left[each.n]["interest"]
                    for day in self._days_counted(each.due_on, today):
                        overdue[each.n][day] = base
                today += ONE_DAY
            money = payment.minor
            found: dict[tuple[int, str], int] = {}

            def pay(n: int, part: str, owed: int) -> int:
                nonlocal money
                share = max(min(money, owed), 0)
                money -= share
                if share:
                    found[n, part] = found.get((n, part), 0) + share  # noqa: B023
                return share

            for when in ("past", "due", "ahead"):
                debts: list[tuple[date, int, str]] = []
                for each in self.instalments:
                    if self._when(each.due_on, payment.on) == when:
                        debts.append((each.due_on, each.n, "instalment"))
                for place, on in enumerate(charged_on):
                    if on <= payment.on and self._when(on, payment.on) == when:
                        debts.append((on, place, "fee"))
                for on in sorted({debt[0] for debt in debts}):
                    here = [debt for debt in debts if debt[0] == on]
                    lines = sorted(n for _, n, kind in here if kind == "instalment")
                    for n in lines:
                        owed = self._penalty(n, overdue[n], payment.on) - paid_penalty[n]
                        paid_penalty[n] += pay(n, "penalty", owed)
                    for _, place, kind in here:
                        if kind == "fee":
                            fee_left[place] -= pay(0, "fee", fee_left[place])
                    for part in ("interest", "principal"):
                        for n in lines:
                            left[n][part] -= pay(n, part, left[n][part])
            parts[payment.id], over[payment.id] = found, money
        return parts, over

    def _days_counted(self, due_on: date, today: date) -> list[date]:
        """Return the days that count at the end of one: those of grace all at once, at its end."""
        late = (today - due_on).days
        if late < self.grace_days:
            return []
        days = (
            [today] if late > self.grace_days else [due_on + n * ONE_DAY for n in range(late + 1)]
        )
        return [day for day in days if not self._paused(day)]

    def _when(self, due_on: date, on: date) -> str:
        return "past" if due_on < on else "due" if due_on == on else "ahead"

    def _paused(self, on: date) -> bool:
        return any(from_on <= on < to_on for from_on, to_on in self.pauses)

    def _penalty(self, n: int, overdue: dict[date, int], on: date) -> int:
        due_on = next(each.due_on for each in self.instalments if each.n == n)
        if (on - due_on).days <= self.grace_days:
            return 0
        return round(sum(overdue.values()) * self.annual / 365)
