"""Carrying rows of a club over: many rows of many ledgers in one piece, each counted once.

A household always goes to the same thread, so that its rows keep their order; a piece is decided on
the states at hand and appended at once. Twice is once, so whatever is killed the next run goes on.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from domain.customer import RegisterCustomer
from domain.declare import Actor, ActorId, CaseNotFound, Command, Context, Refusal, Role
from domain.loyalty import DECIDER, Ledger, LedgerOpened, OpenLedger, PointsEarned, PointsRedeemed
from importing.carrying import LOST_CONNECTION, PATIENCE_SECONDS, Account, DatabaseLost
from importing.cases import Reject, sentence
from importing.loyalty import Club, Form, Row
from store.casebook import Casebook, Receipt, TooMuchContention
from store.ids import new_id

WORKERS = 2
ROWS_PER_PIECE = 250
ROWS_PER_WINDOW = 6_000
"""How many rows a thread gathers to go through them ledger by ledger: what is touched together is
done together, and a ledger gets several events at a time."""

_WINDOWS_WAITING = 1


class Crediting:
    """Executes rows in a fixed number of threads."""

    def __init__(
        self,
        casebook: Casebook,
        club: Club,
        reject: Callable[[Reject], None],
        *,
        workers: int = WORKERS,
        rows_per_piece: int = ROWS_PER_PIECE,
        rows_per_window: int = ROWS_PER_WINDOW,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self.account = Account()
        self._casebook = casebook
        self._club = club
        self._reject = reject
        self._rows_per_piece = rows_per_piece
        self._rows_per_window = rows_per_window
        self._patience_seconds = patience_seconds
        actor = ActorId(f"system:import:{club.meanings.source}")
        self._actor = Actor(id=actor, roles=frozenset({Role.SYSTEM}))
        self._correlation_id = new_id()
        self._opened: set[str] = set()
        self._mutex = threading.Lock()
        self._stopped = threading.Event()
        self._failure: BaseException | None = None
        self._gathered: list[list[Row]] = [[] for _ in range(workers)]
        self._queues: list[queue.Queue[list[Row] | None]] = [
            queue.Queue(_WINDOWS_WAITING) for _ in range(workers)
        ]
        self._threads = [
            threading.Thread(target=self._work, args=(waiting,), name="crediting", daemon=True)
            for waiting in self._queues
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, row: Row) -> None:
        """Have a row carried over; waits while its thread has enough to do."""
        place = self._club.ledger_of(row.household).int % len(self._queues)
        window = self._gathered[place]
        window.append(row)
        if len(window) >= self._rows_per_window:
            self._gathered[place] = []
            self._put(self._queues[place], window)

    def reject(self, reject: Reject) -> None:
        """Account for a row that is not carried over."""
        with self._mutex:
            self.account.rejected += 1
            self._reject(reject)

    def finish(self) -> Account:
        """Wait until everything submitted is done, and return the account."""
        for waiting, window in zip(self._queues, self._gathered, strict=True):
            self._put(waiting, window)
            self._put(waiting, None)
        for thread in self._threads:
            thread.join()
        if self._failure is not None:
            raise self._failure
        return self.account

    def stop(self) -> None:
        """Let every thread end after the piece that it has in hand."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _put(self, waiting: queue.Queue[list[Row] | None], window: list[Row] | None) -> None:
        while True:
            if self._failure is not None:
                raise self._failure
            try:
                waiting.put(window, timeout=0.2)
                return
            except queue.Full:
                continue

    def _work(self, waiting: queue.Queue[list[Row] | None]) -> None:
        while not self._stopped.is_set():
            try:
                window = waiting.get(timeout=0.2)
            except queue.Empty:
                continue
            if window is None:
                return
            try:
                self._carry_window(window)
            except BaseException as failure:  # noqa: BLE001 (raised again by the main thread)
                with self._mutex:
                    self._failure = self._failure or failure
                self._stopped.set()

    def _carry_window(self, window: list[Row]) -> None:
        """Carry over rows ledger by ledger; within a ledger they keep the order of time."""
        window.sort(key=lambda row: row.household)
        for first in range(0, len(window), self._rows_per_piece):
            if self._stopped.is_set():
                return
            self._carry(window[first : first + self._rows_per_piece])

    # --- one piece -----------------------------------------------------------------------------

    def _carry(self, piece: Sequence[Row]) -> None:
        self._open({row.household for row in piece})
        rows = self._without_refused(piece)
        try:
            receipt = self._execute([self._club.command(row) for row in rows]) if rows else None
        except Refusal:
            for row in rows:
                self._carry_row(row)
        else:
            self._count(len(rows), receipt)

    def _carry_row(self, row: Row) -> None:
        try:
            receipt = self._execute([self._club.command(row)])
        except Refusal as refusal:
            self.reject(Reject(row.source, refusal.code, sentence(refusal)))
        else:
            self._count(1, receipt)

    def _open(self, households: set[str]) -> None:
        """Open what a run meets for the first time; a ledger that stands is left as it is."""
        new = sorted(households - self._opened)
        if not new:
            return
        opening: list[Command] = []
        for household in new:
            opening += [self._club.register(household), self._club.open(household)]
        try:
            receipt = self._execute(opening)
        except Refusal:  # somebody has corrected a name since, or has the number
            for household in new:
                self._open_one(household)
        else:
            self._count(0, receipt)
        with self._mutex:
            self._opened.update(new)
            self.account.cases += len(new)

    def _open_one(self, household: str) -> None:
        wanted: tuple[RegisterCustomer | OpenLedger, ...] = (
            self._club.register(household),
            self._club.open(household),
        )
        for command in wanted:
            if self._state(command.stream) is None:
                self._count(0, self._execute([command]))

    def _without_refused(self, piece: Sequence[Row]) -> list[Row]:
        """Leave out the redemptions that will be refused, going through their ledgers ahead.

        Of a ledger that nothing is taken from in this piece, nothing can be refused for want of
        points; what is refused for another reason is found when the piece is executed.
        """
        spending = {row.household for row in piece if row.form is Form.REDEMPTION}
        if not spending:
            return list(piece)
        casebook = self._casebook
        context = Context(now=casebook.clock(), actor=self._actor, rules=casebook.rules)
        states: dict[str, Any] = {}
        for household in spending:
            states[household] = self._state(self._club.ledger_of(household)) or Ledger()
        kept = []
        for row in piece:
            state = states.get(row.household)
            if state is not None:
                try:
                    for event in DECIDER.decide(state, self._club.command(row), context):
                        state = DECIDER.evolve(state, event)
                except Refusal as refusal:
                    self.reject(Reject(row.source, refusal.code, sentence(refusal)))
                    continue
                states[row.household] = state
            kept.append(row)
        return kept

    def _state(self, stream: UUID) -> Any:
        try:
            return self._casebook.state(stream).state
        except CaseNotFound:
            return None

    def _count(self, rows: int, receipt: Receipt | None) -> None:
        events = receipt.events if receipt is not None else ()
        kinds = (PointsEarned, PointsRedeemed)
        added = sum(isinstance(event, kinds) for event in events)
        with self._mutex:
            account = self.account
            account.imported += added
            account.already_there += rows - added
            account.events += len(events)
            account.cases_new += sum(isinstance(event, LedgerOpened) for event in events)

    def _execute(self, commands: Sequence[Command]) -> Receipt:
        """Execute; a lost connection is bridged, for doing it twice is doing it once."""
        asked_until: float | None = None
        while True:
            try:
                return self._casebook.execute(
                    *commands, actor=self._actor, correlation_id=self._correlation_id
                )
            except (TooMuchContention, *LOST_CONNECTION) as error:
                asked_until = asked_until or time.monotonic() + self._patience_seconds
                if time.monotonic() >= asked_until or self._stopped.wait(0.25):
                    raise DatabaseLost(type(error).__name__) from error
