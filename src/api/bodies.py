"""Request bodies made from the domain's commands: the same fields, the same constraints.

A body has every field of its command but `stream` and what the path says. Ids of a new case or of
an item may be brought by the caller (so that repeating the request is harmless); where they are
left out the server makes one. Every body may say a `reason`, which goes to the envelope.
"""

import dataclasses
from collections.abc import Collection, Mapping
from datetime import datetime
from enum import Enum
from inspect import getdoc
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
)

from api.problems import FieldError, Problem, invalid
from domain.declare import Command
from domain.fields import Instant, Narrative
from domain.money import Money
from store.ids import new_id

M = TypeVar("M", bound=BaseModel)

REASON = "reason"
MINOR_MAX = 10**15
"""No amount in any currency has more minor units than this; a larger one is a slip of the hand."""

STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


def parse(model: type[M], raw: bytes) -> M:
    """Return a validated body, or raise the problem that says what is wrong where."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Problem("request.malformed", FieldError("#", "not_utf8")) from None
    try:
        return model.model_validate_json(raw or b"{}")
    except ValidationError as error:
        raise invalid(error) from None


@dataclasses.dataclass(frozen=True, slots=True)
class Body:
    """How a command is written as JSON.

    `made` are the id fields that the server makes when the caller does not; `own_id` is the body's
    name of the stream's id where the command opens a case.
    """

    command: type[Command]
    model: type[BaseModel]
    made: frozenset[str]
    opens: bool
    given: frozenset[str]
    names: tuple[str, ...]
    """The fields that the caller may say."""

    def parse(self, raw: bytes) -> BaseModel:
        """Return the validated body, or raise the problem that says what is wrong where."""
        return parse(self.model, raw)

    def to_command(
        self, parsed: BaseModel, stream: UUID | None, given: Mapping[str, Any]
    ) -> Command:
        """Return the command for a case, with what the path says and ids that had to be made."""
        said = parsed.__dict__
        values: dict[str, Any] = {name: said[name] for name in self.names}
        for name in self.made:
            if values.get(name) is None:
                values[name] = new_id()
        if stream is None:
            stream = getattr(parsed, "id", None) or new_id()
        return self.command(stream=stream, **values, **given)

    def reason(self, parsed: BaseModel) -> str | None:
        """Return why the caller says this is done, which the command may ask for itself."""
        said = getattr(parsed, REASON, None)
        return said if isinstance(said, str) and not isinstance(said, Enum) else None


def body_of_command(
    command: type[Command],
    *,
    opens: bool = False,
    given: frozenset[str] = frozenset(),
    made: frozenset[str] = frozenset(),
) -> Body:
    """Make the body of a command once; `given` are the fields that the path or server fills."""
    hints = get_type_hints(command, include_extras=True)
    fields: dict[str, Any] = {}
    if opens:
        about_id = Field(default=None, description="The new case's id; made here when left out.")
        fields["id"] = (Annotated[UUID, AfterValidator(_some_id)] | None, about_id)
    for field in dataclasses.fields(command):
        if field.name == "stream" or field.name in given:
            continue
        fields[field.name] = _field(field, hints[field.name], field.name in made)
    if REASON not in fields:
        about = Field(default=None, description="Why this is done, for the audit trail.")
        fields[REASON] = (Annotated[Narrative | None, about], None)
    model = create_model(command.__name__, __config__=STRICT, __doc__=getdoc(command), **fields)
    names = tuple(name for name in hints if name in fields)
    return Body(command, model, made, opens, given, names)


def _field(field: "dataclasses.Field[Any]", hint: Any, made: bool) -> tuple[Any, Any]:
    hint = _bounded(hint)
    if made:
        about = Field(default=None, description="The new item's id; made here when left out.")
        return UUID | None, about
    if field.default is not dataclasses.MISSING:
        return hint, field.default
    if field.default_factory is not dataclasses.MISSING:
        return hint, Field(default_factory=field.default_factory)
    return hint, ...


def _some_id(given: UUID) -> UUID:
    if given.int == 0:
        raise ValueError("an id of zeros is what a program sends that has made none")
    return given


def _sane_amount(money: Money) -> Money:
    if abs(money.minor) > MINOR_MAX:
        raise ValueError("the amount is larger than any amount can be")
    return money


def _bounded(hint: Any) -> Any:
    """Return the type with instants that must say their offset, and amounts within reason."""
    if hint is datetime:
        return Instant
    if hint is Money:
        return Annotated[Money, AfterValidator(_sane_amount)]
    if get_origin(hint) in (Union, UnionType):
        return Union[tuple(_bounded(part) for part in get_args(hint))]  # noqa: UP007 (made here)
    return hint


def references(command: Command, names: Collection[str]) -> list[tuple[str, UUID]]:
    """Return the other cases that a command names, by field."""
    found = ((name, getattr(command, name, None)) for name in names)
    return [(name, value) for name, value in found if isinstance(value, UUID)]
