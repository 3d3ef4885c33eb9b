"""Contracts and statements as PDFs, made when they are asked for, in the reader's language."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.responses import Response

from api.conventions import uuid_in_path
from api.operations import Call, Operation, Query
from api.pdf import ANSWERS, FAILS, pdf
from api.queries import day_in_query, listed_in_query
from api.reads import READ_HEADERS, case_body
from api.texts import preferred_locale
from domain import lease as le
from domain.clocks.calendar import Calendar
from domain.customer.state import Customer
from domain.fields import Erased
from domain.loyalty import LoyaltyProgramme
from domain.order import SaleScheme
from domain.rulebook import Rules, RulesNotPublished
from projections.sheets import Sheet, lease, loyalty, order, render
from store.casebook import Casebook
from store.log import Recorded

ZONE_OTHERWISE = "UTC"


class SheetLocale(StrEnum):
    """The languages that sheets are written in."""

    EN = "en"
    FA = "fa"
    ZH = "zh"


class Asked:
    """What a request asks for, and who it is about."""

    def __init__(self, casebook: Casebook, locale: str | None, as_of_on: date | None) -> None:
        self.casebook = casebook
        self.as_of_on = as_of_on
        self.given_locale = locale
        self.now: datetime = casebook.clock()

    @property
    def rules(self) -> Rules:
        """Return the rules that are in force and were."""
        return self.casebook.rules

    def customer(self, customer_id: UUID | None) -> tuple[str | Erased | None, str]:
        """Return a customer's name, and the language to write in: the one asked for, or hers."""
        found = None if customer_id is None else self.casebook.state(customer_id).state
        if not isinstance(found, Customer):
            return None, self.given_locale or SheetLocale.EN.value
        return found.name, self.given_locale or found.locale.value

    def day_in(self, zone: str) -> date:
        """Return the day asked for, or today where the company is."""
        return self.as_of_on or self.now.astimezone(ZoneInfo(zone)).date()

    def zone_of(self, calendar: str | None) -> str:
        """Return the time zone of a calendar by its name."""
        if calendar is None:
            return ZONE_OTHERWISE
        try:
            return self.rules.in_force(Calendar, calendar, self.now).content.zone
        except RulesNotPublished:
            return ZONE_OTHERWISE


def _lease_contract(asked: Asked, history: Sequence[Recorded]) -> Sheet:
    case = lease.folded(history)
    name, locale = asked.customer(case.customer_id)
    return lease.contract_sheet(case, _product(asked, case), name, locale)


def _lease_account(asked: Asked, history: Sequence[Recorded]) -> Sheet:
    case = lease.folded(history)
    name, locale = asked.customer(case.customer_id)
    zone = asked.zone_of(_product(asked, case).calendar)
    return lease.account_sheet(history, name, locale, asked.day_in(zone), zone)


def _product(asked: Asked, case: le.Lease) -> le.LeaseProduct:
    assert case.product is not None, "every lease has a product from its first event on"
    return asked.rules.pinned(le.LeaseProduct, case.product)


def _order(asked: Asked, history: Sequence[Recorded]) -> Sheet:
    case = order.folded(history)
    assert case.scheme is not None, "every order has a scheme from its first event on"
    scheme = asked.rules.pinned(SaleScheme, case.scheme)
    name, locale = asked.customer(case.customer_id)
    zone = asked.zone_of(scheme.calendar)
    return order.order_sheet(case, scheme, name, locale, asked.day_in(zone), zone)


def _ledger(asked: Asked, history: Sequence[Recorded]) -> Sheet:
    case = loyalty.folded(history)
    programme = asked.rules.in_force(LoyaltyProgramme, case.programme, asked.now)
    name, locale = asked.customer(case.customer_id)
    return loyalty.loyalty_sheet(history, name, locale, programme.content.zone)


async def _read(call: Call, *, category: str, write: Any, name: str) -> Response:
    """Write a sheet from the events of a case that its reader may see."""
    locale = listed_in_query(call.request, "locale", SheetLocale)
    if locale is None and "accept-language" in call.request.headers:
        locale = SheetLocale(preferred_locale(call.request.headers["accept-language"][:200]))
    as_of_on = day_in_query(call.request, "as_of")
    await case_body(call, category)  # whoever does not see the case sees no sheet of it
    stream = uuid_in_path(call.path("id"))
    casebook = call.desk.casebook

    def written() -> tuple[Sheet, int]:
        history = casebook.history(stream)
        return write(Asked(casebook, locale, as_of_on), history), history[-1].position

    sheet, position = await call.desk.writers.run(written)
    return await pdf(call, sheet, render, name=name, locale=sheet.locale, position=position)


LOCALE = Query(
    name="locale",
    schema={"type": "string", "enum": [each.value for each in SheetLocale]},
    about="The language, with its calendar and digits; else that of Accept-Language, else hers.",
)
AS_OF = Query(
    name="as_of",
    schema={"type": "string", "format": "date"},
    about="Through which day it is reckoned; today where it is left out.",
)
_ABOUT = (
    "Made from the events of the case when it is asked for: in Persian from right to left with"
    " Jalali dates and Persian digits, in Chinese, or in English, by `Accept-Language` too."
)


def _route(
    path: str, *, name: str, tag: str, summary: str, category: str, write: Any, dated: bool
) -> Operation:
    return Operation(
        method="GET",
        path=path,
        name=name,
        tag=tag,
        summary=summary,
        about=_ABOUT,
        handler=partial(_read, category=category, write=write, name=name.removeprefix("read_")),
        answers=ANSWERS,
        queries=(LOCALE, AS_OF) if dated else (LOCALE,),
        headers=READ_HEADERS,
        fails=FAILS,
    )


OPERATIONS: tuple[Operation, ...] = (
    _route(
        "/v1/leases/{id}/contract.pdf",
        name="read_lease_contract",
        tag="leases",
        summary="Read the contract of a lease with its schedule and terms (PDF).",
        category="lease",
        write=_lease_contract,
        dated=False,
    ),
    _route(
        "/v1/leases/{id}/statement.pdf",
        name="read_lease_statement",
        tag="leases",
        summary="Read the account of a lease: what moved, and what is open (PDF).",
        category="lease",
        write=_lease_account,
        dated=True,
    ),
    _route(
        "/v1/orders/{id}/statement.pdf",
        name="read_order_statement",
        tag="orders",
        summary="Read the statement of an order: what was agreed, paid and accrued (PDF).",
        category="order",
        write=_order,
        dated=True,
    ),
    _route(
        "/v1/loyalty-ledgers/{id}/statement.pdf",
        name="read_ledger_statement",
        tag="loyalty",
        summary="Read the statement of a ledger: what was earned, spent and expires (PDF).",
        category="loyalty",
        write=_ledger,
        dated=False,
    ),
)
"""Every route of contracts and statements."""
