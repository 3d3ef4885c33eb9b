"""Running a simulation: the shares of a source at once, each in a process, added up in order."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import ceil
from multiprocessing import get_context

from domain.rulebook import PublishRules, Rules
from sagas.estimating import CASES_MIN
from sagas.watch.timing import Sample, estimates_of
from simulating.acknowledging import Acknowledging
from simulating.acts import Extent, Play, Source
from simulating.learning import samples_of, with_estimates
from simulating.playing import Stage
from simulating.policies import under
from simulating.tally import Changes, Tally

LEARNED_FROM_MAX = 2_000
"""From about so many cases it is learned how long they take, evenly chosen from a larger source."""


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
    extent: Extent
    rules: Rules
    policies: tuple[PublishRules, ...]
    until_at: datetime
    from_at: datetime | None = None
    acknowledging: Acknowledging | None = None

    def share(self, share: int, shares: int) -> Outcome:
        """Play one share of the cases; those that began before `from_at` are left out."""
        outcome = Outcome()
        stage = Stage(self.rules, self.until_at, self.acknowledging)
        other: Stage | None = None
        if self.policies:
            rules = under(self.rules, self.policies)
            other = Stage(rules, self.until_at, self.acknowledging)
            outcome.what_if = Tally()
        for play in self._plays(share, shares):
            seen = stage.play(play, outcome.baseline)
            if other is not None and outcome.what_if is not None:
                outcome.changes.compare(seen, other.play(play, outcome.what_if))
        outcome.rows_left_out = self.source.rows_left_out
        return outcome

    def samples(self, share: int, shares: int, every: int) -> list[Sample]:
        """Return how long the cases of a share took, of those that are learned from."""
        share, shares = share * every, shares * every
        return [
            sample
            for play in self._plays(share, shares)
            for sample in samples_of(play, self.rules, self.until_at)
        ]

    def _plays(self, share: int, shares: int) -> Iterator[Play]:
        for play in self.source.plays(share, shares):
            early = self.from_at is not None and play.begins_at < self.from_at
            if not early and play.begins_at <= self.until_at:
                yield play


def run(simulation: Simulation, jobs: int, *, foresee: bool) -> Outcome:
    """Play all cases in so many processes; the answer does not depend on how many.

    To `foresee`, cases are gone through once before, to learn how long they take: all of them, or
    every n-th of a large source.
    """
    outcome = Outcome()
    extent = simulation.extent
    every = max(1, ceil(extent.cases / LEARNED_FROM_MAX))
    if jobs == 1:
        if foresee:
            simulation = _learned(simulation, simulation.samples(0, 1, every), extent)
        return simulation.share(0, 1)
    # Spawned, not forked: nothing of the parent's (threads, connections) is carried along.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        shares = [jobs] * jobs
        if foresee:
            found = pool.map(simulation.samples, range(jobs), shares, [every] * jobs)
            samples = [sample for share in found for sample in share]
            simulation = _learned(simulation, samples, extent)
        for share in pool.map(simulation.share, range(jobs), shares):
            outcome.add(share)
    return outcome


def _learned(simulation: Simulation, samples: list[Sample], extent: Extent) -> Simulation:
    estimates = estimates_of(samples, cases_min=CASES_MIN)
    rules = with_estimates(simulation.rules, estimates, extent.from_at, simulation.until_at)
    return replace(simulation, rules=rules)
