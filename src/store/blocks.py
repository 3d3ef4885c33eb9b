"""SQL stands in `.sql` files beside the modules that ask it, in blocks with names."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import LiteralString

_BLOCK = re.compile(r"^-- ([a-z][a-z0-9_]*) --$", re.MULTILINE)


def _short(text: str) -> LiteralString:
    """Return a statement without indentation and lines of comment; no text of ours spans lines.

    The driver remembers how it reads a statement's parameters up to a length of 4,096 characters.
    """
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("--"))


class Blocks(Mapping[str, LiteralString]):
    """The `-- name --` blocks of a `.sql` file, which is a part of the program, hence literal."""

    def __init__(self, path: Path) -> None:
        parts = _BLOCK.split(path.read_text(encoding="utf-8"))
        names = parts[1::2]
        if len(set(names)) != len(names):
            raise ValueError(f"{path.name}: a block occurs twice")
        self._blocks = {name: _short(text) for name, text in zip(names, parts[2::2], strict=True)}

    def __getitem__(self, name: str) -> LiteralString:
        return self._blocks[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._blocks)

    def __len__(self) -> int:
        return len(self._blocks)


def beside(module_file: str) -> Blocks:
    """Return the blocks of the `.sql` that stands beside a module: `SQL = beside(__file__)`."""
    return Blocks(Path(module_file).with_suffix(".sql"))
