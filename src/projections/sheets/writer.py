"""What every sheet is written with: words, days, numbers and amounts of its reader's language."""

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.fields import Erased
from domain.money import Currency, Money
from projections.letters import Line
from projections.letters.writing import (
    amount_in_figures,
    day_in_figures,
    day_in_words,
    digits_of,
    number_in_figures,
)
from projections.sheets import texts


class Writer:
    """Puts facts into the words of one language; `zone` is where the company's days begin."""

    def __init__(self, locale: str, currency: Currency | None = None, zone: str = "UTC") -> None:
        self.locale = locale
        self.currency = currency
        self.zone = ZoneInfo(zone)
        self.texts: dict[str, Any] = texts(locale)
        self.words: dict[str, str] = self.texts["words"]

    def word(self, table: str, code: str) -> str:
        """Return what a code is called; one that has no name is written as it is."""
        found: str = self.texts[table].get(code, code.replace("_", " "))
        return found

    def said(self, name: str, /, **facts: object) -> str:
        """Return a sentence with its facts."""
        found: str = self.texts["sentences"][name]
        return found.format(**facts)

    def day(self, on: date | datetime | None) -> str:
        """Return a day as a text says it."""
        return "" if on is None else day_in_words(self.local(on), self.locale)

    def short(self, on: date | datetime | None) -> str:
        """Return a day as a table says it."""
        return "" if on is None else day_in_figures(self.local(on), self.locale)

    def local(self, on: date | datetime) -> date:
        """Return the day that an instant lies in, where the company is."""
        return on.astimezone(self.zone).date() if isinstance(on, datetime) else on

    def number(self, number: int) -> str:
        """Return a whole number with its thousands set off."""
        return number_in_figures(number, self.locale)

    def plain(self, text: str | int) -> str:
        """Return a number that is a name, or decimal text, in the language's digits."""
        said = digits_of(str(text), self.locale)
        return said.replace(".", "\u066b") if self.locale == "fa" else said

    def percent(self, text: str) -> str:
        """Return a percentage of decimal text, zeros at its end left out."""
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        return f"{self.plain(text)}\u066a" if self.locale == "fa" else f"{text}%"

    def figure(self, minor: int, *, blank: bool = False) -> str:
        """Return an amount as a table says it; none at all is left blank where asked for."""
        assert self.currency is not None
        if minor == 0 and blank:
            return ""
        return amount_in_figures(minor, self.currency, self.locale)

    def money(self, minor: int | Money) -> str:
        """Return an amount with its currency, as a text says it."""
        if isinstance(minor, Money):
            figure, currency = amount_in_figures(minor.minor, minor.currency, self.locale), minor
            name = self.texts["currencies"][currency.currency.value]
        else:
            assert self.currency is not None
            figure = self.figure(minor)
            name = self.texts["currencies"][self.currency.value]
        pattern: str = self.words["money"]
        return pattern.format(figure=figure, currency=name)

    def currency_note(self) -> str:
        """Return in which currency the amounts of a table are."""
        assert self.currency is not None
        return self.said("amounts_in", currency=self.texts["currencies"][self.currency.value])

    def line(self, name: str, value: str) -> Line:
        """Return a fact by its name in the words of sheets; figures keep their order."""
        straight = not any(letter.isalpha() for letter in value) or value.isascii()
        return Line(self.words[name], value, straight)

    def lines(self, **values: str | None) -> tuple[Line, ...]:
        """Return the facts that there are, in the order given."""
        return tuple(self.line(name, value) for name, value in values.items() if value)

    def name(self, name: str | Erased | None) -> tuple[str, ...]:
        """Return to whom the sheet is addressed; whoever was erased has no name any more."""
        return (self.words["erased"] if not isinstance(name, str) or not name else name,)

    def reference(self, value: str | Erased | None) -> str:
        """Return a personal reference, or nothing where it was erased or never given."""
        return value if isinstance(value, str) else ""

    def short_id(self, id: UUID) -> str:
        """Return the end of an id, by which staff find an item that has no number."""
        return id.hex[-8:]
