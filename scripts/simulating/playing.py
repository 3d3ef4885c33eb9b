"""Playing cases: acts and sagas in virtual time, each case alone, what comes of it counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from heapq import heappop, heappush
from typing import Any
from uuid import UUID

from domain import DECIDERS
from domain.complaint import Complaint
from domain.declare import Actor, Command, Refusal
from domain.rulebook import NO_RULES, Rules
from sagas import SAGAS
from sagas.declare import Saga
from sagas.virtual import VirtualTime
from simulating.acknowledging import Acknowledging, Answer
from simulating.acts import Play
from simulating.learning import foreseeing
from simulating.tally import Tally, Watch
from store.log import Recorded

JUST_BEFORE = timedelta(microseconds=1)
"""Of an act and a deadline at one instant the act comes first: what is done by then is in time."""

PLAYED = frozenset({"deadline_warnings", "sla_escalation"})
"""The sagas of a play: those that watch deadlines. The others tell people, or serve referrals."""

_COMPLAINTS = tuple(decider for decider in DECIDERS if decider.category == "complaint")


def played_sagas(rules: Rules = NO_RULES) -> tuple[Saga[Any], ...]:
    """Return the sagas that a play runs; they know what estimates the rules hold."""
    return tuple(foreseeing(saga, rules) for saga in SAGAS if saga.name in PLAYED)


@dataclass(frozen=True)
class Stage:
    """By which rules cases are played, until when, and who acknowledges: None: nobody does."""

    rules: Rules
    until_at: datetime
    acknowledging: Acknowledging | None = None

    @cached_property
    def sagas(self) -> tuple[Saga[Any], ...]:
        """Return the sagas that watch."""
        return played_sagas(self.rules)

    def play(self, play: Play, tally: Tally) -> Watch:
        """Play one case from its first act to the end of time, and count what comes of it."""
        return _Performance(self, play, tally).run()


class _Performance:
    """One play on a stage."""

    def __init__(self, stage: Stage, play: Play, tally: Tally) -> None:
        self._stage = stage
        self._play = play
        self._tally = tally
        self._watch = Watch(play.name, tally)
        self._answers: list[tuple[datetime, int, Answer]] = []
        self._world = VirtualTime(
            _COMPLAINTS,
            stage.sagas,
            now=play.begins_at,
            rules=stage.rules,
            event_id=_event_id,
            heard=self._heard,
            keeps_log=False,
        )

    def run(self) -> Watch:
        until_at = self._stage.until_at
        for act in self._play.acts:
            if act.at > until_at:
                break
            self._pass_time(act.at - JUST_BEFORE)
            self._world.sleep_until(act.at)
            self._tally.acts += 1
            self._do(act.commands, act.actor)
        self._pass_time(until_at)
        self._tally.cases += 1
        self._tally.events += self._world.position
        for refused in self._world.refused:
            self._tally.refused[f"{refused.saga}: {refused.refusal.code}"] += 1
        standing = self._world.cases.get(self._play.stream)
        if standing is not None:
            self._watch.end(standing.state, until_at)
        return self._watch

    def _pass_time(self, until_at: datetime) -> None:
        """Let sagas and whoever was told act in turn; at one instant the people come first."""
        world, answers = self._world, self._answers
        if self._stage.acknowledging is None:
            world.run_until(until_at)
            return
        while True:
            wakes_at = world.next_at()
            if answers and answers[0][0] <= min(wakes_at or until_at, until_at):
                at, _, answer = heappop(answers)
                world.sleep_until(at)
                if answer.is_due(world.cases[self._play.stream].state):
                    self._do((answer.command,), answer.actor)
            elif wakes_at is not None and wakes_at <= until_at:
                world.run_until(wakes_at)
            else:
                world.sleep_until(until_at)
                return

    def _do(self, commands: Sequence[Command], actor: Actor) -> None:
        try:
            self._world.execute(*commands, actor=actor)
        except Refusal as refusal:
            self._tally.refused[f"{type(commands[-1]).__name__}: {refusal.code}"] += 1

    def _heard(self, recorded: Recorded) -> None:
        case = self._world.cases[recorded.stream].state
        if isinstance(case, Complaint):
            self._watch.see(recorded.recorded_at, recorded.event, case)
        if self._stage.acknowledging is not None:
            for n, answer in enumerate(self._stage.acknowledging.answers(recorded)):
                heappush(self._answers, (answer.at, recorded.position * 1_000 + n, answer))


def _event_id(stream: UUID, version: int, _event: Any) -> UUID:
    """Name an event of a play: its case's id with the version in its place of the counter."""
    return UUID(int=(stream.int & ~0xFFFFFFFF) | version)
