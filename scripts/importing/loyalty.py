"""Files of another club: baskets that earn, redemptions that spend, balances it had already.

Households become customers who are not known by name (each has her household's number for one),
with a ledger. Which kind of rows a file holds, its header says; several files are gone through as
one, in the order of time.
"""

import heapq
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from domain.customer import RegisterCustomer
from domain.loyalty import (
    CarryOverBalance,
    EarningRule,
    EarningSource,
    EarnPoints,
    LoyaltyProgramme,
    OpenLedger,
    RedeemPoints,
    SpendingPurpose,
    ledger_id,
)
from domain.money import MINOR_DIGITS, Currency, Money
from domain.rulebook import Rules, RulesNotPublished
from importing.cases import IMPORTS, Reject, RowRefused, SourceRefused, SourceRow
from importing.sources import Lines, SourceFile, delimited_rows

SHIPPED_MAPPING = Path(__file__).with_suffix(".toml")
DIGITS_MAX = 15
REFERENCE_CHARACTERS_MAX = 100
TOMORROW = timedelta(days=1, microseconds=-1)


class Form(StrEnum):
    """What a row of a file tells."""

    BASKET = "baskets"
    REDEMPTION = "redemptions"
    OPENING = "opening_balances"


@dataclass(frozen=True, slots=True)
class Meanings:
    """Of which club the files are, and what their columns are called."""

    source: str
    programme: str
    zone: ZoneInfo
    forms: Mapping[Form, Mapping[str, Any]]
    earns_as: EarningSource
    spends_on: SpendingPurpose
    points_each: int

    def columns(self, form: Form) -> set[str]:
        """Return the columns that a file of this form must have."""
        said = self.forms[form]
        named = [said["household"], said.get("at") or said["on"], *_listed(said["reference"])]
        named += [said[key] for key in ("amount", "origin") if key in said]
        if form is Form.OPENING:
            named.append(said["points"])
        return set(named)


def _listed(named: str | Sequence[str]) -> Sequence[str]:
    return (named,) if isinstance(named, str) else named


def meanings_of(path: Path) -> Meanings:
    """Read a mapping file; raises `SourceRefused` naming what is wrong with it."""
    try:
        file = tomllib.loads(path.read_text(encoding="utf-8"))
        forms = {form: file[form] for form in Form if form in file}
        meanings = Meanings(
            source=str(file["source"]),
            programme=str(file["programme"]),
            zone=ZoneInfo(str(file.get("zone", "UTC"))),
            forms=forms,
            earns_as=EarningSource(forms.get(Form.BASKET, {}).get("earns_as", "purchase")),
            spends_on=SpendingPurpose(forms.get(Form.REDEMPTION, {}).get("spends_on", "discount")),
            points_each=int(forms.get(Form.REDEMPTION, {}).get("points", 0)),
        )
        for form in forms:
            meanings.columns(form)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceRefused(f"the mapping {path} cannot be read: {error}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise SourceRefused(f"the mapping {path} is not complete: {error}") from error
    return meanings


class Row(NamedTuple):
    """One source row: whose, when, what, and the number of points or minor units."""

    at: datetime
    form: Form
    household: str
    reference: str
    number: int
    origin: str
    source: SourceRow


class Club:
    """Makes commands of rows; the same household is the same customer and ledger for ever."""

    def __init__(self, meanings: Meanings, currency: Currency, rule: EarningRule) -> None:
        self.meanings = meanings
        self.currency = currency
        self.rule = rule
        self._prefix = f"loyalty/{meanings.source}"
        self._ledgers: dict[str, UUID] = {}

    @classmethod
    def in_force(cls, meanings: Meanings, rules: Rules, now: datetime) -> "Club":
        """Return the club by the programme that is in force; raises `SourceRefused`."""
        try:
            programme = rules.in_force(LoyaltyProgramme, meanings.programme, now).content
        except RulesNotPublished:
            raise SourceRefused(
                f"no programme {meanings.programme} is published in this database; start the"
                " server on it once, or publish it"
            ) from None
        rule = programme.earns(meanings.earns_as)
        if rule is None:
            raise SourceRefused(f"{meanings.programme} has no rule for {meanings.earns_as}")
        return cls(meanings, programme.currency, rule)

    def customer_of(self, household: str) -> UUID:
        """Return the customer that a household is."""
        return uuid5(IMPORTS, f"{self._prefix}/household/{household}")

    def ledger_of(self, household: str) -> UUID:
        """Return a household's ledger."""
        found = self._ledgers.get(household)
        if found is None:
            found = ledger_id(self.customer_of(household), self.meanings.programme)
            self._ledgers[household] = found
        return found

    def register(self, household: str) -> RegisterCustomer:
        """Return what registers a household as a customer."""
        return RegisterCustomer(stream=self.customer_of(household), name=f"household {household}")

    def open(self, household: str) -> OpenLedger:
        """Return what opens a household's ledger."""
        return OpenLedger(
            stream=self.ledger_of(household),
            customer_id=self.customer_of(household),
            programme=self.meanings.programme,
            membership_number=household,
        )

    def command(self, row: Row) -> EarnPoints | RedeemPoints | CarryOverBalance:
        """Return what carries a row over."""
        ledger = self.ledger_of(row.household)
        item = uuid5(ledger, f"{row.form}/{row.reference}")
        match row.form:
            case Form.BASKET:
                return EarnPoints(
                    stream=ledger,
                    earning_id=item,
                    source=self.meanings.earns_as,
                    reference=row.reference,
                    amount=Money(minor=row.number, currency=self.currency),
                    occurred_at=row.at,
                )
            case Form.REDEMPTION:
                return RedeemPoints(
                    stream=ledger,
                    redemption_id=item,
                    purpose=self.meanings.spends_on,
                    points=row.number,
                    reference=row.reference,
                    occurred_at=row.at,
                )
            case Form.OPENING:
                return CarryOverBalance(
                    stream=ledger,
                    earning_id=item,
                    reference=row.reference,
                    points=row.number,
                    origin=row.origin,
                    occurred_at=row.at,
                )


class Files:
    """The files of a club, read as one stream of rows in the order of time."""

    def __init__(self, paths: Sequence[Path], meanings: Meanings, currency: Currency) -> None:
        self._meanings = meanings
        self._digits = MINOR_DIGITS[currency]
        self._stack = ExitStack()
        self._sources = [self._stack.enter_context(SourceFile(path)) for path in paths]
        self.seen = 0
        """How many rows there were so far, whosever they are."""
        self.size_bytes = sum(source.size_bytes for source in self._sources)

    @property
    def read_bytes(self) -> int:
        """Return how many bytes were read from the disk so far."""
        return sum(0 if source.stream.closed else source.read_bytes for source in self._sources)

    def close(self) -> None:
        """Close the files."""
        self._stack.close()

    def rows(
        self, reject: Callable[[Reject], None], takes: Callable[[str], bool] | None = None
    ) -> Iterator[Row]:
        """Go through the rows, the earliest first; what is no row goes to `reject`.

        Where `takes` is given, the rows of other households are passed by.
        """
        return heapq.merge(
            *[self._rows(source, reject, takes) for source in self._sources],
            key=lambda row: row.at,
        )

    def _rows(
        self,
        source: SourceFile,
        reject: Callable[[Reject], None],
        takes: Callable[[str], bool] | None,
    ) -> Iterator[Row]:
        lines = Lines(source.stream)
        header = next(lines, "").lstrip("\ufeff").rstrip("\r\n").split(",")
        form = self._form_of(source.path, header)
        read = _Reader(self._meanings, form, header, source.path.name, self._digits)
        for found in delimited_rows(lines, columns=len(header), tabs=False):
            self.seen += 1
            if isinstance(found, Reject):
                reject(found)
                continue
            try:
                if takes is not None and not takes(read.household(found[1])):
                    continue
                row = read.row(*found)
            except RowRefused as refused:
                reject(refused.of(found[0]))
            else:
                yield row

    def _form_of(self, path: Path, header: Sequence[str]) -> Form:
        fits = [
            form for form in self._meanings.forms if self._meanings.columns(form) <= set(header)
        ]
        if len(fits) != 1:
            wanted = "; or ".join(
                ", ".join(sorted(self._meanings.columns(form))) for form in self._meanings.forms
            )
            raise SourceRefused(f"{path}: its header must have these columns: {wanted}")
        return fits[0]


class _Reader:
    """Reads the rows of one file."""

    def __init__(
        self, meanings: Meanings, form: Form, header: Sequence[str], file: str, digits: int
    ) -> None:
        said = meanings.forms[form]
        place = {name: n for n, name in reversed(list(enumerate(header)))}
        self._form = form
        self._file = file
        self._zone = meanings.zone
        self._digits = digits
        self._household = place[said["household"]]
        self._reference = [place[name] for name in _listed(said["reference"])]
        self._when, self._is_day = said.get("at") or said["on"], "at" not in said
        self._at = place[self._when]
        self._amount = place[said["amount"]] if form is Form.BASKET else None
        self._points = place[said["points"]] if form is Form.OPENING else None
        self._origin = place[said["origin"]] if "origin" in said else None
        self._said = said
        self._points_each = meanings.points_each

    def row(self, source: SourceRow, fields: Sequence[str]) -> Row:
        """Return a row as it is meant; raises `RowRefused` naming the field at fault."""
        household = self.household(fields)
        reference = "/".join(fields[place] for place in self._reference)
        self._name(reference, "reference")
        if self._amount is not None:
            number = minor_of(fields[self._amount], self._digits, str(self._said["amount"]))
        elif self._points is not None:
            number = _whole(fields[self._points], str(self._said["points"]))
        else:
            number = self._points_each
        return Row(
            self._instant(fields[self._at]),
            self._form,
            household,
            reference,
            number,
            self._file if self._origin is None else fields[self._origin] or self._file,
            SourceRow(source.line, f"{self._file}:{reference}", source.text),
        )

    def household(self, fields: Sequence[str]) -> str:
        """Return whose row it is."""
        return self._name(fields[self._household], "household")

    def _name(self, text: str, what: str) -> str:
        if not text or len(text) > REFERENCE_CHARACTERS_MAX or not text.isprintable():
            named = self._said[what]
            field = named if isinstance(named, str) else "/".join(named)
            raise RowRefused("value.missing", "it names nothing that can be kept", field)
        return text

    def _instant(self, text: str) -> datetime:
        """Return the instant, or of a day its last."""
        try:
            if self._is_day:
                begins = datetime.combine(date.fromisoformat(text), time(), self._zone)
                return begins.astimezone(UTC) + TOMORROW
            at = datetime.fromisoformat(text)
        except ValueError:
            message = "it is no date, or no instant, of ISO 8601"
            raise RowRefused("value.date", message, self._when) from None
        return (at if at.tzinfo else at.replace(tzinfo=self._zone)).astimezone(UTC)


def minor_of(text: str, digits: int, field: str) -> int:
    """Return a decimal number of the major unit in minor units; nothing of it is rounded away."""
    whole, _, rest = text.strip().partition(".")
    rest = rest.rstrip("0")
    plain = (whole + rest).isascii() and (whole + rest).isdigit()
    if not plain or len(rest) > digits or len(whole) > DIGITS_MAX:
        message = f"it is no amount of at most {digits} decimals that is not negative"
        raise RowRefused("value.amount", message, field)
    return int(whole + rest.ljust(digits, "0"))


def _whole(text: str, field: str) -> int:
    if not (text.isascii() and text.isdigit()) or not int(text[:DIGITS_MAX]) > 0:
        raise RowRefused("value.points", "it is no number of points above zero", field)
    return int(text[:DIGITS_MAX])
