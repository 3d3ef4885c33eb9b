"""Running a script's command line as its user does."""

from pathlib import Path
from typing import Any
from uuid import uuid5

from typer import Typer
from typer.testing import CliRunner, Result

from importing.cases import IMPORTS
from store.casebook import Casebook
from store.log import Recorded


def run(app: Typer, *arguments: str | Path) -> Result:
    """Run a command; a crash is a crash of the test."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def nhtsa_case(casebook: Casebook, odino: int | str) -> list[Recorded]:
    """Return the history of an imported NHTSA complaint."""
    return casebook.history(uuid5(IMPORTS, f"nhtsa/complaint/{odino}"))


def xes_case(casebook: Casebook, name: str, source: str = "bpic2013") -> list[Recorded]:
    """Return the history of an imported trace."""
    return casebook.history(uuid5(IMPORTS, f"xes/{source}/{name}"))


def events(history: list[Recorded]) -> list[Any]:
    """Return the events of a history."""
    return [recorded.event for recorded in history]
