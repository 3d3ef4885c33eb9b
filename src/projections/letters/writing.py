"""How a day and a number are written in the language of a letter."""

from datetime import date

from persiantools.jdatetime import JalaliDate

_PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
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
