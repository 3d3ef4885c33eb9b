"""What every source is turned into: source rows, cases to carry over, and rows that cannot be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from domain.complaint import RecordCorrespondence, StepCarriedOver
from domain.declare import Command, Refusal

C = TypeVar("C", bound=Command)

IMPORTS = UUID("1f6d3a52-2f0c-5c0e-9a35-6d1f5b7c8e21")
"""Namespace of every id that an import makes: the same source row is the same case for ever."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of the source: where it stands, what it is called there, and its very text."""

    line: int
    ref: str
    text: str | Callable[[], str]

    @property
    def raw(self) -> str:
        """Return the text, which only a reject needs."""
        return self.text if isinstance(self.text, str) else self.text()


@dataclass(frozen=True, slots=True)
class Step:
    """The command that carries one source row over.

    `narrative` records what the row tells; it is for rows that tell something else than the case's
    registration does.
    """

    row: SourceRow
    command: Command
    narrative: RecordCorrespondence | None = None

    def commands(self, told: str | None) -> tuple[Command, ...]:
        """Return what is to be executed, where the registration has told this."""
        if self.narrative is None or self.narrative.content == told:
            return (self.command,)
        return (self.command, self.narrative)


@dataclass(frozen=True, slots=True)
class Case:
    """A case to carry over: how it is opened, then one step per source row.

    `vin` is the full VIN of the vehicle that `opening` registers, where the source gives one: if
    somebody else's record holds that VIN, the case belongs to that vehicle. `opened_by` is the
    `source_ref` of the registration: a case that another row has opened only gets the steps. Where
    it is None, the registration says nothing that the steps do not say, and any will do.
    `carried` is the event that a step adds when it carries its row over: one for each row.
    """

    stream: UUID
    opening: tuple[Command, ...]
    steps: tuple[Step, ...]
    opened_by: str | None = None
    vin: str | None = None
    carried: type[Any] = StepCarriedOver


@dataclass(frozen=True, slots=True)
class Reject:
    """A source row that is not carried over, and why."""

    row: SourceRow
    code: str
    message: str
    field: str = ""


class RowRefused(Exception):  # noqa: N818 (an answer about a row, not an error)
    """A source row cannot become commands; says which field of it is at fault."""

    def __init__(self, code: str, message: str, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field

    def of(self, row: SourceRow) -> Reject:
        """Return the reject of a row."""
        return Reject(row, self.code, self.message, self.field)


class SourceRefused(Exception):  # noqa: N818
    """The file as a whole is not what it should be; the message is one clear line."""


@dataclass(slots=True)
class Fields:
    """From which source field a command's field came, so that a reject names the source's."""

    names: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str) -> str:
        """Return the source's name of a command's field."""
        return self.names.get(name, name)


_ADAPTERS: dict[type[Command], TypeAdapter[Any]] = {}


def checked(command: type[C], source: Fields, /, **values: Any) -> C:
    """Return a command whose constraints hold, or raise `RowRefused` naming the source's field.

    The same marks that check an HTTP body check a source row.
    """
    try:
        if command not in _ADAPTERS:
            _ADAPTERS[command] = TypeAdapter(command)
        made: C = _ADAPTERS[command].validate_python(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = source.of(str(first["loc"][0])) if first["loc"] else ""
        raise RowRefused(f"value.{first['type']}", first["msg"], name) from None
    return made


def sentence(refusal: Refusal) -> str:
    """Return a refusal's English sentence with its facts."""
    text = (type(refusal).__doc__ or refusal.code).strip().splitlines()[0]
    facts = ", ".join(f"{name}={value}" for name, value in refusal.params.items())
    return f"{text} ({facts})" if facts else text
