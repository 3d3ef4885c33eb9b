"""Prepayment: what becomes of a schedule when principal is paid before its time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from fractions import Fraction

from domain.finance.duedates import DueDate
from domain.finance.schedules import Instalment, Method, Terms, schedule


class Prepayment(StrEnum):
    """What the customer chooses: the same instalment for a shorter time, or a lower one."""

    SHORTER_TERM = "shorter_term"
    LOWER_INSTALMENT = "lower_instalment"


def after_prepayment(
    mode: Prepayment,
    principal_minor: int,
    annual_rate: Fraction,
    terms: Terms,
    from_on: date,
    dates: Sequence[DueDate],
    instalment_minor: int,
    *,
    balloon_minor: int = 0,
) -> tuple[Instalment, ...]:
    """Return the schedule of the principal that is left, from a day on, over the dates that are.

    `instalment_minor` is the equal instalment so far (with equal principals the principal in it).
    With a shorter term the last instalment is what is left. Where the interest is spread as a
    whole, it is the fewest instalments that are none larger. Raises `ScheduleDoesNotRepay`.
    """
    if principal_minor == 0:
        return ()
    balloon_minor = min(balloon_minor, principal_minor)
    free = sum(each.n <= terms.principal_free for each in dates)

    def over(count: int, equal_minor: int | None) -> tuple[Instalment, ...]:
        return schedule(
            principal_minor,
            annual_rate,
            replace(terms, principal_free=min(free, count - 1)),
            from_on,
            dates[:count],
            balloon_minor=balloon_minor,
            instalment_minor=equal_minor,
        )

    if mode is Prepayment.LOWER_INSTALMENT:
        return over(len(dates), None)
    if terms.method in (Method.ANNUITY, Method.EQUAL_PRINCIPAL):
        balance = principal_minor
        for count, each in enumerate(over(len(dates), instalment_minor), start=1):
            balance -= each.principal_minor
            if balance <= balloon_minor:
                return over(count, instalment_minor)
    for count in range(1, len(dates)):  # the whole interest is spread: fewer dates, less of it
        found = over(count, None)
        if found[0].total_minor <= instalment_minor:
            return found
    return over(len(dates), None)
