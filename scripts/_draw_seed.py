"""What `draw_seed.py` does: make a secret seed in a file, or print a file's commitment."""

import os
import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer

from domain.draw.ranking import commitment_of

SEED_BYTES = 32

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def seed(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the seed is, or will be.")],
    commitment: Annotated[
        bool, typer.Option("--commitment", help="Make nothing; print what is published of FILE.")
    ] = False,
) -> None:
    """Make the secret seed of a draw, and print the hash that the operator commits to.

    FILE gets 32 random bytes in hexadecimal, readable by its owner alone; one that exists is never
    replaced. Nobody and nothing else gets the seed: it is sent once, with the revelation. Keep a
    copy: without it a draw cannot be ended.
    """
    try:
        if not commitment:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as made:
                made.write(secrets.token_hex(SEED_BYTES) + "\n")
                made.flush()
                os.fsync(made.fileno())
        found = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except FileExistsError:
        raise _failed(f"{file} exists; with --commitment its hash is printed") from None
    except OSError as error:
        raise _failed(f"{file}: {error.strerror}") from None
    except ValueError:
        raise _failed(f"{file} holds no seed in hexadecimal") from None
    if len(found) < SEED_BYTES:
        raise _failed(f"{file} holds a seed of {len(found)} bytes, which could be guessed")
    print(commitment_of(found))


def _failed(line: str) -> SystemExit:
    sys.stderr.write(f"draw_seed.py: {line}\n")
    return SystemExit(1)
