"""The import of a club in several processes, each for households of its own.

Every process goes through the files by itself and takes the rows of its households, so nothing is
handed from one to another but what became of them. A process whose parent is gone ends.
"""

import gc
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, NamedTuple

from _connect import open_casebook
from importing.carrying import Account
from importing.cases import Reject
from importing.crediting import Crediting
from importing.loyalty import Club, Files, Meanings, Row
from store.casebook import Casebook

LEDGERS_AT_HAND = 10_000
"""How many ledgers are kept folded while rows come in the order of time, not of ledgers."""

ROWS_PER_WORD = 1_000


class Word(NamedTuple):
    """What a part says: how far it is, a reject, or how it ended."""

    read_bytes: int = 0
    rows: int = 0
    reject: Reject | None = None
    carried: "Carried | None" = None
    failure: BaseException | None = None


class Carried(NamedTuple):
    """What became of a part's rows, and how many rows the files have in all."""

    account: Account
    seen: int


Say = Callable[[Word], None]


@dataclass(frozen=True, slots=True)
class Share:
    """Which of the households a part takes: those whose ledger leaves `part` over."""

    part: int = 0
    parts: int = 1

    def takes(self, club: Club, household: str) -> bool:
        """Tell whether a household is of this part."""
        return club.ledger_of(household).int % self.parts == self.part


@contextmanager
def few_collections() -> Iterator[None]:
    """Put off collecting cycles: very many small values live long here, and none is in one."""
    thresholds = gc.get_threshold()
    gc.set_threshold(500_000, 50, 1_000)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


def carry(
    casebook: Casebook, paths: Sequence[Path], club: Club, say: Say, share: Share | None = None
) -> Carried:
    """Carry over the rows of a share of the households; all of them where none is named."""
    share = share or Share()
    files = Files(paths, club.meanings, club.currency)
    crediting = Crediting(casebook, club, lambda found: say(Word(reject=_plain(found))))
    try:
        with few_collections():
            for row in _counted(files, files.rows(*_taking(club, share, crediting)), say):
                crediting.submit(row)
            return Carried(crediting.finish(), files.seen)
    except BaseException:
        crediting.stop()
        raise
    finally:
        files.close()


def _taking(
    club: Club, share: Share, crediting: Crediting
) -> tuple[Callable[[Reject], None], Callable[[str], bool] | None]:
    """Return what takes rejects, and which households; a row of nobody is the first part's."""

    def reject(found: Reject) -> None:
        if share.part == 0:
            crediting.reject(found)

    if share.parts == 1:
        return reject, None
    return reject, lambda household: share.takes(club, household)


def _plain(found: Reject) -> Reject:
    """Return a reject that another process can read."""
    row = found.row
    return Reject(type(row)(row.line, row.ref, row.raw), found.code, found.message, found.field)


def _counted(files: Files, rows: Iterator[Row], say: Say) -> Iterator[Row]:
    parent = os.getppid()
    for number, row in enumerate(rows, 1):
        if number % ROWS_PER_WORD == 0:
            say(Word(read_bytes=files.read_bytes, rows=ROWS_PER_WORD))
            if os.getppid() != parent:
                raise KeyboardInterrupt
        yield row


class Parts:
    """So many processes, begun; `carried` waits for them.

    They are forked off where this process has one thread alone, so that they need not import
    anything anew; so they are to be begun before a casebook is opened here.
    """

    def __init__(
        self, parts: int, paths: Sequence[Path], meanings: Meanings, data_dir: Path | None
    ) -> None:
        alone = threading.active_count() == 1 and "fork" in multiprocessing.get_all_start_methods()
        context: Any = multiprocessing.get_context("fork" if alone else "spawn")
        self._hearing: list[Connection] = []
        self._running = []
        for part in range(parts):
            here, there = context.Pipe(duplex=False)
            arguments = (there, Share(part, parts), list(paths), meanings, data_dir)
            process = context.Process(target=_part, args=arguments, daemon=True)
            process.start()
            there.close()
            self._hearing.append(here)
            self._running.append(process)

    def carried(self, hear: Say) -> Carried:
        """Wait for all, and raise what one of them has failed with."""
        total, seen = Account(), 0
        hearing = list(self._hearing)
        try:
            while hearing:
                ready = wait(hearing)
                for here in [each for each in hearing if each in ready]:
                    word = _heard(here)
                    if word.failure is not None:
                        raise word.failure
                    if word.carried is None:
                        hear(word)
                        continue
                    hearing.remove(here)
                    seen = word.carried.seen
                    for name in Account.__slots__:
                        more = getattr(word.carried.account, name)
                        setattr(total, name, getattr(total, name) + more)
        finally:
            for process in self._running:
                if hearing:
                    process.terminate()
                process.join()
        return Carried(total, seen)


def _heard(here: Connection) -> Word:
    try:
        word: Any = here.recv()
    except EOFError:
        return Word(failure=ChildProcessError(0, "a part of the import was ended from outside"))
    assert isinstance(word, Word)
    return word


def _part(
    there: Connection, share: Share, paths: list[Path], meanings: Meanings, data_dir: Path | None
) -> None:
    """Be one of the processes."""
    try:
        with open_casebook(data_dir, cached_states_max=LEDGERS_AT_HAND) as casebook:
            rules = casebook.rules
            club = Club.in_force(meanings, rules, casebook.clock())
            carried = carry(casebook, paths, club, there.send, share)
        there.send(Word(carried=carried))
    except KeyboardInterrupt:
        there.close()
    except Exception as failure:  # noqa: BLE001 (raised again by the parent, if it can be sent)
        there.send(Word(failure=failure))
