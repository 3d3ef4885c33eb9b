"""A written log under rules of its own or of a what-if: its clocks derived anew, its sagas too.

What people did happens as it did. What the rules made of it is dropped with what sagas made, and
is made anew. Acts that were about a clock, a pause or an escalation are done to its counterpart;
where there is none, or the rules refuse them now, they are counted: they have lost their cause.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID, uuid5

from domain import rulebook
from domain.clocks.messages import (
    ClocksPaused,
    ClocksRederived,
    ClocksResumed,
    ClocksStarted,
    ClocksStopped,
    DeadlineBreached,
)
from domain.complaint import DECIDER, Complaint, EscalationEnded, StepCarriedOver
from domain.complaint.consequences import with_consequences
from domain.declare import Context, Refusal
from domain.rulebook import NO_RULES, PublishRules, Rules, RulesPublished
from sagas.virtual import VirtualTime
from simulating.counterparts import ACTS, NoCounterpart, act_anew
from simulating.playing import JUST_BEFORE, played_sagas
from simulating.policies import under
from simulating.remaking import SAGA_ACTOR, actor_of
from simulating.running import Outcome
from simulating.tally import Tally, Watch
from store.log import Recorded

_FOLLOWS = (ClocksStopped, ClocksRederived)
"""What the rules make of a fact; alone in a transaction it is somebody's act."""

_ALWAYS_FOLLOWS = (ClocksStarted, DeadlineBreached, EscalationEnded)
_FOLLOWS_SOURCE = (ClocksPaused, ClocksResumed)


class Rederiving:
    """One run over a log, with these policies in force at any time, none for the log's own.

    `rules` are those that hold before the log's first publication.
    """

    def __init__(
        self, policies: Sequence[PublishRules], tally: Tally, *, rules: Rules = NO_RULES
    ) -> None:
        self._rules = rules
        self.tally = tally
        self.watches: dict[UUID, Watch] = {}
        self._policies = policies
        self._cases: dict[UUID, Complaint] = {}
        """The cases as the log has them, which the numbers in recorded acts speak of."""
        self._own = frozenset(DECIDER.events)
        self._appending: UUID | None = None

    def run(self, events: Sequence[Recorded]) -> None:
        """Go through the log, to the instant of its newest event."""
        begins_at, until_at = events[0].recorded_at, events[-1].recorded_at
        self._world = VirtualTime(
            (rulebook.DECIDER, DECIDER),
            played_sagas(),
            now=begins_at,
            rules=under(self._rules, self._policies),
            event_id=self._event_id,
            heard=self._heard,
            keeps_log=False,
        )
        for transaction in _transactions(events):
            at = transaction[0].recorded_at
            by_saga = transaction[0].actor.startswith(SAGA_ACTOR)
            self._world.run_until(at if by_saga else at - JUST_BEFORE)
            self._world.sleep_until(at)
            self._happen(transaction)
        self._world.run_until(until_at)
        self.tally.cases = len(self.watches)
        self.tally.events = self._world.position
        for stream, watch in self.watches.items():
            watch.end(self._world.cases[stream].state, until_at)

    def _happen(self, transaction: Sequence[Recorded]) -> None:
        follows, of_source = False, False
        for recorded in transaction:
            event = recorded.event
            if isinstance(event, RulesPublished):
                self._append(recorded, [event])
                self._world.rules = under(self._world.rules, self._policies)
            elif type(event) in self._own:
                if not self._is_made(recorded, follows=follows, of_source=of_source):
                    self._act(recorded)
                    follows = True
                    of_source = of_source or isinstance(event, StepCarriedOver)
                standing = self._cases.get(recorded.stream, DECIDER.initial)
                self._cases[recorded.stream] = DECIDER.evolve(standing, event)

    def _is_made(self, recorded: Recorded, *, follows: bool, of_source: bool) -> bool:
        """Tell whether the rules or a saga made it, so that it is made anew."""
        event = recorded.event
        return (
            recorded.actor.startswith(SAGA_ACTOR)
            or isinstance(event, _ALWAYS_FOLLOWS)
            or (follows and isinstance(event, _FOLLOWS))
            or (of_source and isinstance(event, _FOLLOWS_SOURCE))
        )

    def _act(self, recorded: Recorded) -> None:
        world, event = self._world, recorded.event
        self.tally.acts += 1
        case: Complaint = world.case(recorded.stream, DECIDER).state
        if type(event) not in ACTS:
            context = Context(now=world.now, actor=actor_of(recorded), rules=world.rules)
            made = with_consequences(case, [event], context, DECIDER.evolve)
            self._append(recorded, made)
            return
        standing = self._cases.get(recorded.stream, DECIDER.initial)
        self._appending = recorded.event_id
        try:
            command, actor = act_anew(recorded, standing, case)
            world.execute(command, actor=actor)
        except (NoCounterpart, Refusal):
            self.tally.without_cause[recorded.topic] += 1
        self._appending = None

    def _append(self, recorded: Recorded, made: Sequence[Any]) -> None:
        self._appending = recorded.event_id
        self._world.append(recorded.stream, *made, actor=actor_of(recorded))
        self._appending = None

    def _event_id(self, stream: UUID, version: int, event: Any) -> UUID:
        """Name an event as the log does where it has it, so that ids made of it are the same."""
        if self._appending is not None and not isinstance(event, (*_FOLLOWS, *_ALWAYS_FOLLOWS)):
            return self._appending
        return uuid5(stream, f"made anew {version}")

    def _heard(self, recorded: Recorded) -> None:
        case = self._world.cases[recorded.stream].state
        if isinstance(case, Complaint):
            watch = self.watches.get(recorded.stream)
            if watch is None:
                watch = self.watches[recorded.stream] = Watch(str(recorded.stream), self.tally)
            watch.see(recorded.recorded_at, recorded.event, case)


def _transactions(events: Iterable[Recorded]) -> Iterator[list[Recorded]]:
    """Yield what was appended together, as far as that shows: one instant, one actor, one cause."""
    together: list[Recorded] = []
    for recorded in events:
        if together and _of(together[0]) != _of(recorded):
            yield together
            together = []
        together.append(recorded)
    if together:
        yield together


def _of(recorded: Recorded) -> tuple[object, ...]:
    return recorded.recorded_at, recorded.actor, recorded.correlation_id, recorded.causation_id


def compared(events: Sequence[Recorded], policies: Sequence[PublishRules]) -> Outcome:
    """Return what a log comes to by its own rules, and beside it by those of a what-if.

    Both are derived anew, in the same way, so that nothing but the rules makes a difference.
    """
    outcome = Outcome(what_if=Tally())
    assert outcome.what_if is not None
    before, after = Rederiving((), outcome.baseline), Rederiving(policies, outcome.what_if)
    before.run(events)
    after.run(events)
    for stream, watch in before.watches.items():
        outcome.changes.compare(watch, after.watches[stream])
    return outcome
