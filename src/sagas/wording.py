"""What a notice says to a person, in her language, digits, calendar and time zone; pure.

`texts/<locale>.toml` holds the sentences by the stored name of the event that is told of, the names
of facts, and the words for codes. A notice holds codes, numbers and instants alone, so that nothing
personal can get into a message; whoever may see more opens the case.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from persiantools.digits import en_to_fa
from persiantools.jdatetime import JalaliDate, JalaliDateTime

from domain.money import MINOR_DIGITS, Currency, Money
from domain.notification import NotificationPlanned, Param
from sagas.channels.messages import Message

FOLDER = Path(__file__).parent / "texts"
LOCALES = ("en", "fa", "zh")
DEFAULT_LOCALE = "en"
NOTICES_OF_A_DIGEST_MAX = 50
DIGEST = "notification.digest"
"""The type of a digest, as programs read it."""

_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}.*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONEY = re.compile(r"(-?[0-9]{1,18}) ([A-Z]{3})")
_PLACES = {"loyalty": "loyalty"}
"""Where the portal shows cases whose place is not their category with an `s`."""

Texts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """A notice that a message tells: its id, when it was planned, and what it says."""

    notice: UUID
    at: datetime
    planned: NotificationPlanned


@cache
def texts(locale: str) -> Texts:
    """Return the texts of a locale; English ones where there are none of it."""
    name = locale if locale in LOCALES else DEFAULT_LOCALE
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def message_of(
    said: Sequence[Said], message_key: UUID, *, as_digest: bool, url: str | None
) -> Message:
    """Return what is sent: one notice, or a digest of several of one person."""
    first = said[0].planned
    if not as_digest:
        return Message(
            key=message_key,
            locale=first.locale,
            title=title_of(first),
            paragraphs=(_text_of(first), "\n".join(facts_of(first, with_case=url is None))),
            link=link_of(first, url),
            payload=_payload(said[0]),
        )
    words = texts(first.locale)["digest"]
    shown, left = said[:NOTICES_OF_A_DIGEST_MAX], len(said) - NOTICES_OF_A_DIGEST_MAX
    paragraphs = [_paragraph(one.planned, url) for one in shown]
    if left > 0:
        paragraphs.append(words["more"].format(n=number(left, first.locale)))
    return Message(
        key=message_key,
        locale=first.locale,
        title=words["title"].format(n=number(len(said), first.locale)),
        paragraphs=tuple(paragraphs),
        link=None,
        payload={
            "type": DIGEST,
            "timestamp": _iso(said[-1].at),
            "data": {"notifications": [_payload(one) for one in said]},
        },
    )


def title_of(planned: NotificationPlanned) -> str:
    """Return the heading: what happened, and to which deadline or step."""
    table = texts(planned.locale)
    title: str = table["notices"].get(planned.code, table["other"])["title"]
    params = {param.name: param.value for param in planned.params}
    about = next((params[name] for name in ("clock", "awaited") if name in params), None)
    if about is None:
        return title
    word = _word("clock" if "clock" in params else "awaited", about, planned.locale)
    return f"{title}: {word}"


def facts_of(planned: NotificationPlanned, *, with_case: bool) -> list[str]:
    """Return a line for each fact that has a name: `Due: 2026-03-01 12:30`."""
    names: Mapping[str, str] = texts(planned.locale)["facts"]
    params = {param.name: param for param in planned.params}
    if with_case:
        params["case"] = Param(name="case", value=str(planned.case_id))
    return [
        f"{name}: {shown(params[code], planned.locale, planned.zone)}"
        for code, name in names.items()
        if code in params
    ]


def shown(param: Param, locale: str, zone: str) -> str:
    """Return a fact as its reader writes it."""
    if _INSTANT.fullmatch(param.value):
        return f"{instant(datetime.fromisoformat(param.value), locale, zone)} ({zone})"
    if _DAY.fullmatch(param.value):
        return day(date.fromisoformat(param.value), locale)
    if (found := _MONEY.fullmatch(param.value)) and found.group(2) in Currency.__members__:
        return money(Money(minor=int(found.group(1)), currency=Currency(found.group(2))), locale)
    if param.value.isdecimal():
        return number(int(param.value), locale)
    return _word(param.name, param.value, locale)


def instant(at: datetime, locale: str, zone: str) -> str:
    """Return an instant by her calendar, in her zone and her digits."""
    local = at.astimezone(ZoneInfo(zone))
    match locale:
        case "fa":
            jalali = JalaliDateTime.to_jalali(local)  # type: ignore[no-untyped-call]
            weekday, rest = jalali.strftime("%A|%B %Y، %H:%M", locale="fa").split("|")
            return f"{weekday} {number(jalali.day, locale)} {rest}"
        case "zh":
            return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"
    return f"{local:%Y-%m-%d %H:%M}"


def day(on: date, locale: str) -> str:
    """Return a day by her calendar, in her digits."""
    match locale:
        case "fa":
            jalali = JalaliDate.to_jalali(on)  # type: ignore[no-untyped-call]
            weekday, rest = jalali.strftime("%A|%B %Y", locale="fa").split("|")
            return f"{weekday} {number(jalali.day, locale)} {rest}"
        case "zh":
            return f"{on.year}年{on.month}月{on.day}日"
    return on.isoformat()


def money(amount: Money, locale: str) -> str:
    """Return an amount in her digits, in thousands, with its currency's code."""
    digits = MINOR_DIGITS[amount.currency]
    whole, rest = divmod(abs(amount.minor), 10**digits)
    sign = "-" if amount.minor < 0 else ""
    fraction = f".{rest:0{digits}}" if digits else ""
    text = f"{sign}{whole:,}{fraction}"
    if locale == "fa":
        text = en_to_fa(text.replace(",", "٬").replace(".", "٫"))
    return f"{text} {amount.currency.value}"


def number(amount: int, locale: str) -> str:
    """Return a number in her digits."""
    return en_to_fa(str(amount)) if locale == "fa" else str(amount)


def link_of(planned: NotificationPlanned, url: str | None) -> str | None:
    """Return where the portal shows the case: `<url>/complaints/<id>`."""
    if url is None:
        return None
    place = _PLACES.get(planned.case_category, f"{planned.case_category}s")
    return f"{url.rstrip('/')}/{place}/{planned.case_id}"


def _text_of(planned: NotificationPlanned) -> str:
    table = texts(planned.locale)
    text: str = table["notices"].get(planned.code, {}).get("text", planned.code)
    return text


def _paragraph(planned: NotificationPlanned, url: str | None) -> str:
    link = link_of(planned, url)
    lines = [
        title_of(planned),
        *facts_of(planned, with_case=link is None),
        *([link] if link else []),
    ]
    return "\n".join(lines)


def _word(name: str, code: str, locale: str) -> str:
    said = texts(locale)
    found: str = said["words"].get(name, {}).get(code) or said["topics"].get(code, code)
    return found


def _payload(said: Said) -> Mapping[str, Any]:
    """Return the notice for programs: the same at every attempt, and nothing personal."""
    planned = said.planned
    return {
        "type": planned.code,
        "timestamp": _iso(said.at),
        "data": {
            "notification_id": str(said.notice),
            "case_category": planned.case_category,
            "case_id": str(planned.case_id),
            "must_acknowledge": planned.must_acknowledge,
            "params": {param.name: param.value for param in planned.params},
        },
    }


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
