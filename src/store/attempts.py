"""First attempts: what the threads of a process want at the same moment is decided by one of them.

It loads the cases for all in one question, decides one wish after the other, and appends for all in
one transaction; while the database writes, the next thread loads and decides for whoever has come
since. So a command costs one turn of a thread instead of three, which the interpreter
lets run one at a time anyway, and the database is asked twice for as many commands as had to wait.
Whatever is not plainly granted (a refusal, a lost race, a long case, an error) is left to the
caller's own thread, which decides it again on the newest state.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from eventsourcing.persistence import OperationalError

from store.deciding import Deciding, Wish
from store.proposals import Proposal
from store.recorder import Append, CasebookRecorder, Outcome, touched_by
from store.relay import Relay
from store.states import Known, States

TOGETHER_COMMANDS_MAX = 32
"""A wish of more commands is attempted by its own thread: nobody waits for it."""

TOGETHER_EVENTS_MAX = 500
"""A case with more events than this is loaded by the thread that wants it."""


class Attempt(NamedTuple):
    """A proposal and how its append ended."""

    proposal: Proposal
    outcome: Outcome

    def was_recorded(self) -> bool:
        """Tell whether it is done."""
        return self.outcome.outcome == "recorded"


Prepared = tuple[Proposal, Append]
"""What was decided for a wish, and how it would be appended."""


class FirstAttempts:
    """Attempts wishes on state at hand, together where several come at once."""

    def __init__(self, deciding: Deciding, states: States, recorder: CasebookRecorder) -> None:
        self._deciding = deciding
        self._states = states
        self._recorder = recorder
        self._together = Relay(self._prepare, self._record, touches=_cases)

    def attempt(self, wish: Wish) -> Attempt | None:
        """Return how a wish's append ended, or None when it has to be decided on newest state.

        Raises `OperationalError` when the database cannot be reached.
        """
        if len(wish.commands) > TOGETHER_COMMANDS_MAX:
            return self._record(self._prepare([wish]))[0]
        return self._together.submit(wish)

    def prepared_at_once(self, wish: Wish) -> "Prepared | None":
        """Return what a wish that opens cases would append, None where anything has to be asked.

        The log is not asked, so this does not block.
        """
        if len(wish.commands) > TOGETHER_COMMANDS_MAX or not self._deciding.opens_only(wish):
            return None
        return self._prepared(wish, {}, asks=False)

    def ended(self, prepared: "Prepared", outcome: Outcome) -> Attempt:
        """Return an attempt whose append has ended, and keep what it made true."""
        proposal, append = prepared
        if outcome.outcome == "recorded":
            self._deciding.recorded(proposal, append, outcome.last_position)
        return Attempt(proposal, outcome)

    def _prepare(self, wishes: Sequence[Wish]) -> list[Prepared | None]:
        try:
            loaded = self._loaded(wishes)
        except OperationalError:
            raise
        except Exception:  # noqa: BLE001 (each wish's own thread will meet it again, and raise it)
            return [None] * len(wishes)
        return [self._prepared(wish, loaded) for wish in wishes]

    def _record(self, found: Sequence[Prepared | None]) -> list[Attempt | None]:
        prepared: list[tuple[int, Proposal, Append]] = []
        touched: set[object] = set()
        for number, one in enumerate(found):
            if one is None:
                continue
            wants = touched_by(one[1])
            if touched.isdisjoint(wants):
                touched |= wants
                prepared.append((number, *one))
        attempts: list[Attempt | None] = [None] * len(found)
        if prepared:
            for (number, proposal, append), outcome in zip(
                prepared, self._written([append for _, _, append in prepared]), strict=False
            ):
                attempts[number] = self.ended((proposal, append), outcome)
        return attempts

    def _loaded(self, wishes: Sequence[Wish]) -> dict[UUID, Known]:
        cold = set[UUID]().union(*(self._deciding.cold(wish) for wish in wishes))
        return self._states.load(cold, events_max=TOGETHER_EVENTS_MAX) if cold else {}

    def _prepared(
        self, wish: Wish, loaded: dict[UUID, Known], *, asks: bool = True
    ) -> Prepared | None:
        try:
            if not self._deciding.cold(wish) <= loaded.keys():
                return None
            proposal = self._deciding.propose(wish, fresh=False, loaded=loaded)
            if not proposal.facts or not proposal.changes_all():
                return None
            return proposal, self._deciding.append_of(wish, proposal, fresh=False, asks=asks)
        except Exception:  # noqa: BLE001 (the wish's own thread will meet it again, and raise it)
            return None

    def _written(self, appends: Sequence[Append]) -> Sequence[Outcome]:
        """Append for all; where the database refuses one of them, each is tried again alone."""
        try:
            return self._recorder.write(appends)
        except OperationalError:
            raise
        except Exception:  # noqa: BLE001 (as above)
            return ()


def _cases(wish: Wish) -> set[object]:
    return {command.stream for command in wish.commands}
