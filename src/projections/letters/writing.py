"""How a day, a number and an amount are written in the language of a letter."""

from datetime import date

from persiantools.jdatetime import JalaliDate

from domain.money import MINOR_DIGITS, Currency

_PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_PERSIAN_SEPARATORS = str.maketrans(",.", "\u066c\u066b")
_JALALI_MONTHS = (
    "فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور",
    "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند",
)  # fmt: skip
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def digits_of(text: str, locale: str) -> str:
    """Return the text with the digits of its language."""
    return text.translate(_PERSIAN) if locale == "fa" else text


def day_in_words(on: date, locale: str) -> str:
    """Return a day in the calendar of its reader: Jalali in Persian, else Gregorian."""
    if locale == "fa":
        jalali = JalaliDate(on)  # type: ignore[no-untyped-call]
        month = _JALALI_MONTHS[jalali.month - 1]
        return digits_of(f"{jalali.day} {month} {jalali.year}", locale)
    if locale == "zh":
        return f"{on.year}年{on.month}月{on.day}日"
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def day_in_figures(on: date, locale: str) -> str:
    """Return a day as it stands in a table: Jalali in Persian, else Gregorian."""
    if locale == "fa":
        jalali = JalaliDate(on)  # type: ignore[no-untyped-call]
        return digits_of(f"{jalali.year}/{jalali.month:02}/{jalali.day:02}", locale)
    if locale == "zh":
        return on.isoformat()
    return f"{on.day} {_MONTHS[on.month - 1][:3]} {on.year}"


def number_in_figures(number: int, locale: str) -> str:
    """Return a whole number with its thousands set off; a real minus sign before it."""
    return _grouped(f"{abs(number):,}", number, locale)


def amount_in_figures(minor: int, currency: Currency, locale: str) -> str:
    """Return an amount in its major unit, without the currency's name."""
    digits = MINOR_DIGITS[currency]
    whole, part = divmod(abs(minor), 10**digits)
    text = f"{whole:,}.{part:0{digits}}" if digits else f"{whole:,}"
    return _grouped(text, minor, locale)


def _grouped(text: str, number: int, locale: str) -> str:
    if locale == "fa":
        text = digits_of(text.translate(_PERSIAN_SEPARATORS), locale)
    return f"\u2212{text}" if number < 0 else text
