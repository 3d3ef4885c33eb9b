"""Carrying cases over: many at once, each all or nothing, and every source row counted once."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import OperationalError

from domain.complaint import ComplaintRegistered, RegisterComplaint
from domain.declare import (
    Actor,
    ActorId,
    AlreadyClaimed,
    AlreadyExists,
    CaseNotFound,
    Command,
    Refusal,
    Role,
)
from domain.identifiers import vin as full_vin
from domain.vehicle.identity import RegisterVehicle
from importing.cases import Case, Reject, Step, sentence
from store.casebook import Casebook, Receipt, TooMuchContention
from store.ids import new_id

WORKERS = 16
PATIENCE_SECONDS = 10.0
"""How long a database that does not answer is asked again."""

_WAITING_CASES_PER_WORKER = 8
LOST_CONNECTION = (OperationalError, psycopg.OperationalError, psycopg.InterfaceError)


_COMPARED = tuple(
    name
    for name in RegisterComplaint.__dataclass_fields__
    if name in ComplaintRegistered.__dataclass_fields__
    and name not in ("procedure", "mileage_unit")
)


class DatabaseLost(Exception):  # noqa: N818
    """The database went away and did not come back in time."""


@dataclass(slots=True)
class Account:
    """What became of the source rows; all of them together are the rows read."""

    imported: int = 0
    already_there: int = 0
    rejected: int = 0
    cases: int = 0
    cases_new: int = 0
    events: int = 0

    @property
    def rows(self) -> int:
        """Return how many rows something became of."""
        return self.imported + self.already_there + self.rejected


def _told(opening: Sequence[Command]) -> str | None:
    """Return the narrative of the registration among these commands."""
    return next((c.narrative for c in opening if isinstance(c, RegisterComplaint)), None)


def _unlike(step: Step, standing: Any) -> list[str]:
    """Return the fields in which a command wishes for something else than the event that stands.

    What the event holds in another form (a document's version for its name) is not compared.
    """
    wished, stands = asdict(step.command), asdict(standing)
    return [
        name
        for name, value in wished.items()
        if name in stands and type(value) is type(stands[name]) and value != stands[name]
    ]


class Carrier:
    """Executes cases in a fixed number of threads, so that their appends share commits.

    A case always goes to the same thread, so that its rows keep their order.
    """

    def __init__(
        self,
        casebook: Casebook,
        source: str,
        reject: Callable[[Reject], None],
        *,
        workers: int = WORKERS,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self.account = Account()
        self._casebook = casebook
        self._actor = Actor(id=ActorId(f"system:import:{source}"), roles=frozenset({Role.SYSTEM}))
        self._correlation_id = new_id()
        self._reject = reject
        self._patience_seconds = patience_seconds
        self._mutex = threading.Lock()
        self._stopped = threading.Event()
        self._failure: BaseException | None = None
        self._queues: list[queue.Queue[Case | None]] = [
            queue.Queue(_WAITING_CASES_PER_WORKER) for _ in range(workers)
        ]
        self._threads = [
            threading.Thread(target=self._work, args=(waiting,), name="import", daemon=True)
            for waiting in self._queues
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, case: Case) -> None:
        """Have a case carried over; waits while its thread has enough to do.

        Raises what a thread has failed with: `DatabaseLost`, or a programming error.
        """
        self._put(self._queues[case.stream.int % len(self._queues)], case)

    def reject(self, reject: Reject) -> None:
        """Account for a row that did not become part of a case."""
        with self._mutex:
            self.account.rejected += 1
            self._reject(reject)

    def finish(self) -> Account:
        """Wait until everything submitted is done, and return the account."""
        for waiting in self._queues:
            self._put(waiting, None)
        for thread in self._threads:
            thread.join()
        if self._failure is not None:
            raise self._failure
        return self.account

    def stop(self) -> None:
        """Let every thread end after the case it has in hand."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _put(self, waiting: queue.Queue[Case | None], case: Case | None) -> None:
        while True:
            if self._failure is not None:
                raise self._failure
            try:
                waiting.put(case, timeout=0.2)
                return
            except queue.Full:
                continue

    def _work(self, waiting: queue.Queue[Case | None]) -> None:
        while not self._stopped.is_set():
            try:
                case = waiting.get(timeout=0.2)
            except queue.Empty:
                continue
            if case is None:
                return
            try:
                self._carry(case)
            except BaseException as failure:  # noqa: BLE001 (raised again by the main thread)
                with self._mutex:
                    self._failure = self._failure or failure
                self._stopped.set()

    # --- one case ------------------------------------------------------------------------------

    def _carry(self, case: Case) -> None:
        told = _told(case.opening)
        commands = [command for step in case.steps for command in step.commands(told)]
        try:
            receipt = self._execute((*case.opening, *commands))
        except Refusal as refusal:
            self._carry_row_by_row(case, refusal)
        else:
            self._count(case, case.steps, receipt, opened=True)

    def _carry_row_by_row(self, case: Case, refusal: Refusal) -> None:
        """Carry over each row that can be; the row that was refused is the only one left out."""
        opening, told = self._opening_after(case, refusal)
        new = True
        for step in case.steps:
            try:
                receipt = self._execute((*opening, *step.commands(told)))
            except AlreadyExists as found:
                self.reject(self._differs(case, step, opening, found))
            except Refusal as found:
                self.reject(Reject(step.row, found.code, sentence(found)))
            else:
                self._count(case, (step,), receipt, opened=new)
                opening, new = (), False

    def _opening_after(
        self, case: Case, refusal: Refusal
    ) -> tuple[tuple[Command, ...], str | None]:
        """Return how the case is opened when the usual way was refused, and what that tells."""
        if isinstance(refusal, AlreadyClaimed) and case.vin is not None:
            holder = self._holder(full_vin(case.vin))
            if holder is not None:
                opening = tuple(
                    replace(command, vehicle_id=holder)
                    if isinstance(command, RegisterComplaint)
                    else command
                    for command in case.opening
                    if not isinstance(command, RegisterVehicle)
                )
                return opening, _told(opening)
        if isinstance(refusal, AlreadyExists):
            standing = self._registration(case)
            if standing is not None and standing.source_ref != case.opened_by:
                told = standing.narrative
                return (), told if isinstance(told, str) else None
        return case.opening, _told(case.opening)

    def _registration(self, case: Case) -> ComplaintRegistered | None:
        try:
            state: Any = self._casebook.state(case.stream).state
        except CaseNotFound:
            return None
        found: ComplaintRegistered | None = getattr(state, "registered", None)
        return found if isinstance(found, ComplaintRegistered) else None

    def _differs(
        self, case: Case, step: Step, opening: Sequence[Command], refusal: Refusal
    ) -> Reject:
        """Say in which fields the case stands there already, otherwise."""
        message = "the row was imported before, with other content"
        standing = self._registration(case)
        if standing is None:
            carried = self._carried(case)
            if carried is None:
                return Reject(step.row, refusal.code, sentence(refusal))
            return Reject(step.row, "row.differs", message, " ".join(_unlike(step, carried)))
        wished = next((c for c in opening if isinstance(c, RegisterComplaint)), None)
        names = [
            name
            for name in _COMPARED
            if wished is not None and getattr(wished, name) != getattr(standing, name)
        ]
        return Reject(step.row, "row.differs", message, " ".join(names))

    def _carried(self, case: Case) -> Any | None:
        """Return the event that carried the case over, where it is one that has a single one."""
        try:
            history = self._casebook.history(case.stream)
        except CaseNotFound:
            return None
        found = [each.event for each in history if isinstance(each.event, case.carried)]
        return found[0] if len(found) == 1 else None

    def _holder(self, vin: str) -> UUID | None:
        """Return the vehicle that holds a full VIN."""
        with self._casebook.pool.connection() as connection:
            row = connection.execute(
                "SELECT originator_id, held FROM casebook.claims"
                " WHERE kind = 'vin' AND value_hash = %s ORDER BY position DESC, held DESC LIMIT 1",
                (self._casebook.keys.lookup_hash("vin", vin),),
            ).fetchone()
        return row[0] if row is not None and row[1] else None

    def _count(self, case: Case, steps: Sequence[Step], receipt: Receipt, *, opened: bool) -> None:
        added = sum(isinstance(event, case.carried) for event in receipt.events)
        with self._mutex:
            account = self.account
            account.imported += added
            account.already_there += len(steps) - added
            account.events += len(receipt.events)
            if opened:
                account.cases += 1
                account.cases_new += receipt.created

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
