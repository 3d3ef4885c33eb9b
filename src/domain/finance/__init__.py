"""Lease mathematics: day counts, due dates, schedules, waterfalls, settlement; pure and exact.

Amounts are integers in minor units, rates are `Fraction`s; nothing here knows a case or a
currency. What is to be used from outside stands in this list.
"""

from domain.finance.allocation import (
    WATERFALL_ORDER,
    AllocationStep,
    InAdvance,
    Owed,
    Part,
    Payment,
    Processing,
    Share,
    Shares,
    Waterfall,
    allocate,
    replay,
)
from domain.finance.cost import annual_percentage_rate_bp
from domain.finance.daycounts import DayCount, accrued, year_fraction
from domain.finance.duedates import (
    DueDate,
    DueDates,
    EndOfMonth,
    MonthsBy,
    NoWorkingDay,
    Shift,
    due_dates,
    shifted,
)
from domain.finance.months import (
    GREGORIAN,
    CivilMonths,
    Months,
    MonthsNotCovered,
    NoCivilMonths,
    civil_months,
)
from domain.finance.prepayment import Prepayment, after_prepayment
from domain.finance.rates import PercentText, basis_points, percent
from domain.finance.schedules import (
    Instalment,
    Method,
    ScheduleDoesNotRepay,
    Terms,
    annuity_minor,
    schedule,
)
from domain.finance.settlement import Rebate, Settlement, SettlementTerms, settlement

__all__ = [
    "GREGORIAN",
    "WATERFALL_ORDER",
    "AllocationStep",
    "CivilMonths",
    "DayCount",
    "DueDate",
    "DueDates",
    "EndOfMonth",
    "InAdvance",
    "Instalment",
    "Method",
    "Months",
    "MonthsBy",
    "MonthsNotCovered",
    "NoCivilMonths",
    "NoWorkingDay",
    "Owed",
    "Part",
    "Payment",
    "PercentText",
    "Prepayment",
    "Processing",
    "Rebate",
    "ScheduleDoesNotRepay",
    "Settlement",
    "SettlementTerms",
    "Share",
    "Shares",
    "Shift",
    "Terms",
    "Waterfall",
    "accrued",
    "after_prepayment",
    "allocate",
    "annual_percentage_rate_bp",
    "annuity_minor",
    "basis_points",
    "civil_months",
    "due_dates",
    "percent",
    "replay",
    "schedule",
    "settlement",
    "shifted",
    "year_fraction",
]
