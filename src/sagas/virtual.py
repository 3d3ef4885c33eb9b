"""Virtual time: deciders and sagas run together in memory, as fast as they can be worked out.

The clock is a number here: it jumps to whatever is due next, so years pass in seconds. What the
sagas would do in the log they do here, by the same pure functions, and nothing leaves the process.
Claims (what is unique across cases) are not checked, and no saga that acts on the world acts.
"""

import heapq
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, cast
from uuid import UUID, uuid5

from domain.declare import (
    Actor,
    CaseNotFound,
    Command,
    Context,
    Decider,
    Refusal,
    stored_name,
)
from domain.rulebook import NO_RULES, Published, Rules, RulesPublished
from sagas.declare import Do, Hands, Saga
from store.log import Recorded
from store.mapper import leading_role
from store.requests import Receipt
from store.rulebook import rules_from

FIRED_AT_ONE_INSTANT_MAX = 1_000

AnyDecider = Decider[Any, Any, Any]


class NeverDone(RuntimeError):  # noqa: N818
    """A saga does something at one instant again and again; one of its rules is wrong."""


class Refused(NamedTuple):
    """A command of a saga's that a decider refused; the instance sleeps until an event wakes it."""

    at: datetime
    saga: str
    key: UUID
    do: Do
    refusal: Refusal


class Case(NamedTuple):
    """A stream as it stands."""

    decider: AnyDecider
    state: Any
    version: int


@dataclass(slots=True)
class Instance:
    """An instance of a saga; `mark` is the position it was folded to: older wake-ups are void."""

    state: Any
    mark: int
    fired_at: datetime | None = None
    fired: int = 0


@dataclass(slots=True)
class Folded:
    """A saga with all its instances and its shared value."""

    saga: Saga[Any]
    shared: Any
    instances: dict[UUID, Instance] = field(default_factory=dict)
    tagged: dict[str, dict[UUID, None]] = field(default_factory=dict)
    topics: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Have the topics at hand."""
        self.topics = frozenset(self.saga.topics)


class VirtualTime:
    """The log, the cases and the sagas of one run, at the instant `now`.

    Of sagas that act on the world those in `performs` act too: they ask of it nothing but how cases
    stand, and do nothing but commands. `event_id(stream, version, event)` names events; by default
    from stream and version. `heard` is shown every event as it is recorded. `keeps_log` can be
    turned off for very long runs. What `holds_back` answers True for is not done; whoever holds it
    back fires its instance later.
    """

    def __init__(
        self,
        deciders: Sequence[AnyDecider],
        sagas: Sequence[Saga[Any]] = (),
        *,
        now: datetime,
        rules: Rules = NO_RULES,
        event_id: Callable[[UUID, int, Any], UUID] | None = None,
        heard: Callable[[Recorded], None] | None = None,
        performs: Collection[str] = (),
        holds_back: Callable[[Saga[Any], UUID, Sequence[Do]], bool] | None = None,
        keeps_log: bool = True,
    ) -> None:
        self.now = now
        self.rules = rules
        self.position = 0
        self.log: list[Recorded] = []
        self.refused: list[Refused] = []
        self.cases: dict[UUID, Case] = {}
        self._by_command = {cls: decider for decider in deciders for cls in decider.commands}
        self._by_event = {cls: decider for decider in deciders for cls in decider.events}
        self._event_id = event_id or (lambda stream, version, _: uuid5(stream, str(version)))
        self._heard = heard
        self._performs = frozenset(performs)
        self._holds_back = holds_back
        self._keeps_log = keeps_log
        self._folded = [
            Folded(saga, saga.shared.initial if saga.shared else None) for saga in sagas
        ]
        self._moved: dict[tuple[int, UUID], Folded] = {}
        """Instances whose wake-up is asked for when time passes, once for all that moved them."""
        self._wakes: list[tuple[datetime, int, int, int, int]] = []

    # --- what happens ---------------------------------------------------------------------------

    def execute(
        self, *commands: Command, actor: Actor, cause: UUID | None = None
    ) -> list[Recorded]:
        """Decide commands now, in order, and record what follows from them, all or nothing.

        Raises a `Refusal`.
        """
        context = Context(now=self.now, actor=actor, rules=self.rules)
        tentative: dict[UUID, Case] = {}
        made: list[tuple[UUID, Any]] = []
        for command in commands:
            case = tentative.get(command.stream) or self.case(
                command.stream, self._by_command[type(command)]
            )
            for event in case.decider.decide(case.state, command, context):
                made.append((command.stream, event))
                case = _followed(case, event)
            tentative[command.stream] = case
        return [self._record(stream, event, actor, cause) for stream, event in made]

    def append(
        self, stream: UUID, *events: Any, actor: Actor, cause: UUID | None = None
    ) -> list[Recorded]:
        """Record events that are known to have happened, without deciding anything."""
        return [self._record(stream, event, actor, cause) for event in events]

    def case(self, stream: UUID, decider: AnyDecider | None = None) -> Case:
        """Return a stream as it stands; a decider tells what it would begin as."""
        found = self.cases.get(stream)
        if found is None:
            if decider is None:
                raise KeyError(stream)
            found = Case(decider, decider.initial, 0)
        return found

    def _record(self, stream: UUID, event: Any, actor: Actor, cause: UUID | None) -> Recorded:
        case = _followed(self.case(stream, self._by_event[type(event)]), event)
        self.cases[stream] = case
        self.position += 1
        recorded = Recorded(
            self.position, stream, case.version, stored_name(type(event)), event,
            self._event_id(stream, case.version, event), self.now, actor.id, leading_role(actor),
            None, None, cause, None, b"",
        )  # fmt: skip
        if isinstance(event, RulesPublished):
            self.rules = with_publication(self.rules, event)
        if self._keeps_log:
            self.log.append(recorded)
        for number, folded in enumerate(self._folded):
            self._fold(number, folded, recorded)
        if self._heard is not None:
            self._heard(recorded)
        return recorded

    # --- what the sagas make of it --------------------------------------------------------------

    def _fold(self, number: int, folded: Folded, recorded: Recorded) -> None:
        for key in follow(folded, recorded):
            self._moved[number, key] = folded

    def _set_wake(self, number: int, folded: Folded, key: UUID) -> None:
        instance = folded.instances.get(key)
        saga = folded.saga
        if instance is None or (saga.perform is not None and saga.name not in self._performs):
            return
        wake = folded.saga.wake(instance.state)
        if wake is not None:
            entry = (wake.at, wake.urgency.lane, number, key.int, instance.mark)
            heapq.heappush(self._wakes, entry)

    def instances(self, saga: Saga[Any]) -> dict[UUID, Any]:
        """Return the states of a saga's instances by their keys."""
        return {key: instance.state for key, instance in self._of(saga).instances.items()}

    def shared(self, saga: Saga[Any]) -> Any:
        """Return the shared value of a saga."""
        return self._of(saga).shared

    def folded_to(self, saga: Saga[Any], key: UUID) -> int:
        """Return the position of the event that an instance was folded from last."""
        return self._of(saga).instances[key].mark

    def _of(self, saga: Saga[Any]) -> Folded:
        return next(each for each in self._folded if each.saga.name == saga.name)

    def next_at(self) -> datetime | None:
        """Return when a saga wakes next, None where none ever will."""
        for (number, moved), folded in self._moved.items():
            self._set_wake(number, folded, moved)
        self._moved.clear()
        while self._wakes:
            at, _, number, key, mark = self._wakes[0]
            if self._is_newest(number, key, mark):
                return at
            heapq.heappop(self._wakes)
        return None

    def _is_newest(self, number: int, key: int, mark: int) -> bool:
        instance = self._folded[number].instances.get(UUID(int=key))
        return instance is not None and instance.mark == mark

    def sleep_until(self, at: datetime) -> None:
        """Let time pass without any saga waking: an outage."""
        self.now = max(self.now, at)

    def run_until(self, at: datetime) -> None:
        """Let time pass: whatever wakes by then wakes at its instant, the earliest first."""
        while (due_at := self.next_at()) is not None and due_at <= at:
            _, _, number, key, _ = heapq.heappop(self._wakes)
            self.now = max(self.now, due_at)
            self.fire(self._folded[number].saga, UUID(int=key))
        self.now = max(self.now, at)

    def fire(self, saga: Saga[Any], key: UUID) -> None:
        """Do what an instance has to do now; raises `NeverDone` where that has no end."""
        instance = self._of(saga).instances.get(key)
        if instance is None:
            return
        again = instance.fired_at == self.now
        instance.fired, instance.fired_at = (instance.fired + 1 if again else 1), self.now
        if instance.fired > FIRED_AT_ONE_INSTANT_MAX:
            raise NeverDone(f"{saga.name} {key} at {self.now}")
        todo = self.todo(saga, instance.state)
        if self._holds_back is not None and todo and self._holds_back(saga, key, todo):
            return
        if saga.perform is not None:
            self._perform(saga, instance.state, lambda do: self._do(saga, key, do))
            return
        for do in todo:
            self._do(saga, key, do)

    def todo(self, saga: Saga[Any], state: Any) -> Sequence[Do]:
        """Return what a saga would do now; of one that performs, what it would do first."""
        if saga.perform is None:
            return saga.todo(state, self.now)
        found: list[Do] = []

        def note(do: Do) -> Receipt:
            found.append(do)
            return _receipt(do, [])

        self._perform(saga, state, note)
        return found

    def _perform(self, saga: Saga[Any], state: Any, act: Callable[[Do], Receipt]) -> None:
        assert saga.perform is not None
        hands = Hands(cast(Any, _Standing(self)), act)
        with suppress(Refusal):  # it is asked again when an event changes the instance
            saga.perform(state, self.now, hands)

    def _do(self, saga: Saga[Any], key: UUID, do: Do) -> Receipt:
        try:
            return _receipt(do, self.execute(*do.commands, actor=saga.actor, cause=do.cause))
        except Refusal as refusal:
            self.refused.append(Refused(self.now, saga.name, key, do, refusal))
            return _receipt(do, [])


def _receipt(do: Do, made: Sequence[Recorded]) -> Receipt:
    """Return what the casebook would answer, as far as sagas look at it."""
    last = made[-1].position if made else 0
    return Receipt(do.commands[0].stream, 0, last, created=False, events=tuple(made))


class _Standing:
    """How cases stand in virtual time, asked as the casebook is asked."""

    def __init__(self, time: VirtualTime) -> None:
        self._time = time

    def state(self, stream: UUID) -> Case:
        """Return a case; raises `CaseNotFound`."""
        found = self._time.cases.get(stream)
        if found is None:
            raise CaseNotFound
        return found


def follow(folded: Folded, recorded: Recorded) -> Iterable[UUID]:
    """Fold one event into a saga, and return the keys of the instances it changed."""
    saga = folded.saga
    if saga.shared is not None and recorded.topic in saga.shared.topics:
        folded.shared = saga.shared.evolve(folded.shared, recorded)
    if recorded.topic not in folded.topics:
        return ()
    keys: dict[UUID, None] = {}
    if (own := saga.key(recorded)) is not None:
        keys[own] = None
    if saga.reaches is not None:
        for word in saga.reaches(recorded):
            keys.update(folded.tagged.get(word, {}))
    for key in keys:
        _evolve(folded, key, recorded)
    return keys


def _evolve(folded: Folded, key: UUID, recorded: Recorded) -> None:
    saga, instance = folded.saga, folded.instances.get(key)
    state = saga.evolve(None if instance is None else instance.state, recorded, folded.shared)
    if saga.tags is not None and instance is not None:
        for word in saga.tags(instance.state):
            folded.tagged.get(word, {}).pop(key, None)
    if state is None:
        folded.instances.pop(key, None)
        return
    if saga.tags is not None:
        for word in saga.tags(state):
            folded.tagged.setdefault(word, {})[key] = None
    if instance is None:
        folded.instances[key] = Instance(state, recorded.position)
    else:
        instance.state, instance.mark = state, recorded.position


def folded_anew(saga: Saga[Any], log: Iterable[Recorded]) -> dict[UUID, Any]:
    """Return a saga's instances folded from a log alone, as a rebuild does."""
    folded = Folded(saga, saga.shared.initial if saga.shared else None)
    for recorded in log:
        follow(folded, recorded)
    return {key: instance.state for key, instance in folded.instances.items()}


def with_publication(rules: Rules, event: RulesPublished) -> Rules:
    """Return the rules with one more publication."""
    documents = dict(rules.documents)
    for place, published in rules_from([event]).documents.items():
        standing: Sequence[Published[Any]] = documents.get(place, ())
        documents[place] = (*standing, *published)
    return Rules(documents)


def _followed(case: Case, event: Any) -> Case:
    return Case(case.decider, case.decider.evolve(case.state, event), case.version + 1)
