"""Running a simulation: the shares of a source at once, each in a process, added up in order."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing import get_context

from domain.rulebook import PublishRules, Rules
from simulating.acts import Source
from simulating.playing import Stage, played_sagas
from simulating.policies import under
from simulating.tally import Changes, Tally


@dataclass(slots=True)
class Outcome:
    """What a simulation came to: the baseline, and the what-if beside it where one was asked."""

    baseline: Tally = field(default_factory=Tally)
    what_if: Tally | None = None
    changes: Changes = field(default_factory=Changes)
    rows_left_out: int = 0

    def add(self, other: "Outcome") -> None:
        """Add what another share came to."""
        self.baseline.add(other.baseline)
        if other.what_if is not None:
            self.what_if = self.what_if or Tally()
            self.what_if.add(other.what_if)
        self.changes.add(other.changes)
        self.rows_left_out += other.rows_left_out


@dataclass(frozen=True)
class Simulation:
    """All that one share needs to know, so that a process of its own can play it."""

    source: Source
    rules: Rules
    policies: tuple[PublishRules, ...]
    until_at: datetime
    from_at: datetime | None = None

    def share(self, share: int, shares: int) -> Outcome:
        """Play one share of the cases; those that began before `from_at` are left out."""
        outcome = Outcome()
        sagas = played_sagas()
        stage = Stage(self.rules, self.until_at, sagas)
        other: Stage | None = None
        if self.policies:
            other = Stage(under(self.rules, self.policies), self.until_at, sagas)
            outcome.what_if = Tally()
        for play in self.source.plays(share, shares):
            if play.begins_at > self.until_at:
                continue
            if self.from_at is not None and play.begins_at < self.from_at:
                continue
            seen = stage.play(play, outcome.baseline)
            if other is not None and outcome.what_if is not None:
                outcome.changes.compare(seen, other.play(play, outcome.what_if))
        outcome.rows_left_out = self.source.rows_left_out
        return outcome


def run(simulation: Simulation, jobs: int) -> Outcome:
    """Play all cases in so many processes; the answer does not depend on how many."""
    if jobs == 1:
        return simulation.share(0, 1)
    outcome = Outcome()
    # Spawned, not forked: nothing of the parent's (threads, connections) is carried along.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for share in pool.map(simulation.share, range(jobs), [jobs] * jobs):
            outcome.add(share)
    return outcome
