"""Shapes of values that many routes take and answer, as JSON schemas."""

from enum import StrEnum

from api.operations import JsonSchema

ID: JsonSchema = {"type": "string", "format": "uuid"}
DAY: JsonSchema = {"type": "string", "format": "date"}
INSTANT: JsonSchema = {"type": "string", "format": "date-time"}
FLAG: JsonSchema = {"type": "boolean"}


def words(listed: type[StrEnum]) -> JsonSchema:
    """Return the shape of one of a list of words."""
    return {"type": "string", "enum": [word.value for word in listed]}


def text(characters_max: int = 64) -> JsonSchema:
    """Return the shape of a text of at least one character."""
    return {"type": "string", "minLength": 1, "maxLength": characters_max}
