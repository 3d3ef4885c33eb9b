"""Playing cases: acts and sagas in virtual time, each case alone, what comes of it counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain import DECIDERS
from domain.complaint import Complaint
from domain.declare import Actor, Command, Refusal
from domain.rulebook import Rules
from sagas import SAGAS
from sagas.declare import Saga
from sagas.virtual import VirtualTime
from simulating.acts import Play
from simulating.tally import Tally, Watch
from store.log import Recorded

JUST_BEFORE = timedelta(microseconds=1)
"""Of an act and a deadline at one instant the act comes first: what is done by then is in time."""

PLAYED = frozenset({"deadline_warnings", "sla_escalation"})
"""The sagas of a play: those that watch deadlines. The others tell people, or serve referrals."""

_COMPLAINTS = tuple(decider for decider in DECIDERS if decider.category == "complaint")


def played_sagas() -> tuple[Saga[Any], ...]:
    """Return the sagas that a play runs."""
    return tuple(saga for saga in SAGAS if saga.name in PLAYED)


@dataclass(frozen=True)
class Stage:
    """By which rules cases are played, with which sagas, and when the virtual clock stops."""

    rules: Rules
    until_at: datetime
    sagas: tuple[Saga[Any], ...]

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
            self._world.run_until(act.at - JUST_BEFORE)
            self._world.sleep_until(act.at)
            self._tally.acts += 1
            self._do(act.commands, act.actor)
        self._world.run_until(until_at)
        self._tally.cases += 1
        self._tally.events += self._world.position
        for refused in self._world.refused:
            self._tally.refused[f"{refused.saga}: {refused.refusal.code}"] += 1
        standing = self._world.cases.get(self._play.stream)
        if standing is not None:
            self._watch.end(standing.state, until_at)
        return self._watch

    def _do(self, commands: Sequence[Command], actor: Actor) -> None:
        try:
            self._world.execute(*commands, actor=actor)
        except Refusal as refusal:
            self._tally.refused[f"{type(commands[-1]).__name__}: {refusal.code}"] += 1

    def _heard(self, recorded: Recorded) -> None:
        case = self._world.cases[recorded.stream].state
        if isinstance(case, Complaint):
            self._watch.see(recorded.recorded_at, recorded.event, case)


def _event_id(stream: UUID, version: int, _event: Any) -> UUID:
    """Name an event of a play: its case's id with the version in its place of the counter."""
    return UUID(int=(stream.int & ~0xFFFFFFFF) | version)
