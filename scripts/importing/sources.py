"""Reading source files as streams: plain or gzip, delimited rows with their lines, never whole."""

import csv
import gzip
import io
import re
import zlib
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Self, cast

from importing.cases import Reject, SourceRefused, SourceRow

LINE_CHARACTERS_MAX = 1_000_000
_LINES_OF_A_ROW_MAX = 2_000
_GZIP_MAGIC = b"\x1f\x8b"

csv.field_size_limit(LINE_CHARACTERS_MAX)


class SourceFile:
    """A source file, gzip or plain, and how far the reading has come (in bytes on the disk)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.size_bytes = path.stat().st_size
            self._disk: BinaryIO = path.open("rb")
        except OSError as error:
            raise SourceRefused(f"{path} cannot be read: {error.strerror}") from error
        packed = self._disk.read(2) == _GZIP_MAGIC
        self._disk.seek(0)
        self.stream: BinaryIO = self._disk
        if packed:
            self.stream = cast(BinaryIO, gzip.GzipFile(fileobj=self._disk, mode="rb"))

    @property
    def read_bytes(self) -> int:
        """Return how many bytes of the file were read from the disk so far."""
        return self._disk.tell()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()
        self._disk.close()


READ_ERRORS = (EOFError, gzip.BadGzipFile, zlib.error, OSError)
"""What a truncated or damaged file raises in the middle of being read."""


class Lines:
    """The lines of a text file, with their numbers, and with a way to hand lines back.

    Bytes that are no UTF-8 are read as Windows-1252, which is what such files are written in.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._text = io.TextIOWrapper(
            io.BufferedReader(_Raw(stream)), "utf-8", "surrogateescape", newline="\n"
        )
        self._returned: deque[str] = deque()
        self.number = 0
        self.taken: list[str] = []

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        if self._returned:
            line = self._returned.popleft()
        else:
            line = self._text.readline(LINE_CHARACTERS_MAX)
            if not line:
                raise StopIteration
        self.number += 1
        self.taken.append(line)
        if len(self.taken) > _LINES_OF_A_ROW_MAX:
            raise csv.Error("a quoted field does not end")
        return line

    def give_back(self, lines: list[str]) -> None:
        """Hand lines back; they are read again before any other."""
        self._returned.extendleft(reversed(lines))
        self.number -= len(lines)


class _Raw(io.RawIOBase):
    """Lets a text wrapper read a stream without ever closing it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        part = self._stream.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)


def delimited_rows(
    lines: Lines, *, columns: int, tabs: bool
) -> Iterator[tuple[SourceRow, list[str]] | Reject]:
    """Go through the rows; a row of another number of columns is a reject.

    A quote that never ends would swallow the rows after it: where a row of several lines does not
    come out right, only its first line is rejected, and reading goes on with the next one.
    """
    style: dict[str, object] = {"delimiter": "\t", "quoting": csv.QUOTE_NONE} if tabs else {}
    reader = csv.reader(lines, **style)  # type: ignore[arg-type]
    while True:
        lines.taken = []
        first = lines.number + 1
        problem = ""
        row: list[str] = []
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = str(error)
        except READ_ERRORS as error:
            yield damaged(lines.number + 1, error)
            return
        if not row and not problem:
            continue
        raw = "".join(lines.taken).rstrip("\r\n")
        if not problem and len(row) != columns:
            problem = f"{len(row)} columns instead of {columns}"
        if not problem:
            yield SourceRow(first, "", raw), row
            continue
        if len(lines.taken) > 1:
            raw = lines.taken[0].rstrip("\r\n")
            lines.give_back(lines.taken[1:])
            reader = csv.reader(lines, **style)  # type: ignore[arg-type]
        yield Reject(SourceRow(first, "", raw), "row.malformed", problem)


def damaged(line: int, error: Exception) -> Reject:
    """Return the reject that stands for all that could not be read of a damaged file."""
    message = f"the file breaks off or is damaged here ({type(error).__name__}: {error})"
    return Reject(SourceRow(line, "", ""), "file.damaged", message)


_HIGH = re.compile("[^\x00-\x7f]+")
_CONTROLS = re.compile("[\x80-\x9f\udc80-\udcff]")


def readable(text: str) -> str:
    """Return a field as its writer meant it, where its encoding was mistaken on the way.

    Two mistakes are undone, both recognised beyond doubt: bytes of Windows-1252 in a UTF-8 file,
    and UTF-8 that some program took for Windows-1252 (where it left C1 control characters).
    """
    if _CONTROLS.search(text) is None:
        return text
    return _HIGH.sub(lambda found: _meant(found.group()), text)


def _meant(run: str) -> str:
    """Return a run of letters beyond ASCII as it was meant; what is no UTF-8 was none."""
    try:
        return b"".join(_byte(letter) for letter in run).decode("utf-8")
    except UnicodeError:
        return "".join(_letter(letter) for letter in run)


def _byte(letter: str) -> bytes:
    if "\x80" <= letter <= "\x9f":
        return letter.encode("latin-1")
    if "\udc80" <= letter <= "\udcff":
        return letter.encode("utf-8", "surrogateescape")
    return letter.encode("cp1252")


def _letter(letter: str) -> str:
    """Return what Windows-1252 has at the place of a stray byte; what it has not stays."""
    if not _CONTROLS.match(letter):
        return letter
    byte = _byte(letter)
    try:
        return byte.decode("cp1252")
    except UnicodeDecodeError:
        return byte.decode("latin-1")
