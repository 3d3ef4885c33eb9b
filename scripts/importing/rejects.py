"""The reject file: every row that was not carried over, with its reason and its very text."""

import csv
import os
from pathlib import Path
from typing import TextIO

from importing.cases import Reject
from importing.sources import readable

COLUMNS = ("line", "row", "code", "field", "message", "raw")


class RejectFile:
    """Written as rejects come, readable by its owner alone; not there while there are none.

    A file of an earlier run is replaced, for every run rejects what is still wrong.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: TextIO | None = None
        if path.is_file() and _is_ours(path):
            path.unlink()

    def write(self, reject: Reject) -> None:
        """Add a row."""
        if self._file is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            descriptor = os.open(self.path, flags, 0o600)
            self._file = os.fdopen(
                descriptor, "w", encoding="utf-8", errors="backslashreplace", newline=""
            )
            csv.writer(self._file).writerow(COLUMNS)
        row = reject.row
        csv.writer(self._file).writerow(
            (row.line, row.ref, reject.code, reject.field, reject.message, readable(row.raw))
        )
        self._file.flush()

    def close(self) -> None:
        """Finish the file."""
        if self._file is not None:
            self._file.close()


def _is_ours(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.readline().strip() == ",".join(COLUMNS)
    except OSError:
        return False
