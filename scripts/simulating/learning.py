"""Learning how long cases take, from the very cases that are then played: hindsight, and said so.

A running server learns from cases that have ended by then, night by night. A simulation knows the
whole log, and foresees by it from the first day on.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from domain import DECIDERS
from domain.clocks.rules import Estimate, Estimates
from domain.declare import Refusal
from domain.rulebook import Pin, Published, Rules
from sagas import deadline_warnings, estimating
from sagas.declare import Saga
from sagas.virtual import VirtualTime
from sagas.watch.forecast import KnownEstimates, cell
from sagas.watch.timing import Sample
from simulating.acts import Play

NAME = estimating.DOCUMENT

_COMPLAINTS = tuple(decider for decider in DECIDERS if decider.category == "complaint")


def samples_of(play: Play, rules: Rules, until_at: datetime) -> tuple[Sample, ...]:
    """Return how long one case took from its steps to the stops of its clocks, if it ended."""
    world = VirtualTime(
        _COMPLAINTS, (estimating.SAGA,), now=play.begins_at, rules=rules, keeps_log=False
    )
    for act in play.acts:
        if act.at > until_at:
            break
        world.sleep_until(act.at)
        try:
            world.execute(*act.commands, actor=act.actor)
        except Refusal:
            continue
    case = world.instances(estimating.SAGA).get(play.stream)
    return case.samples if case is not None and case.journey.ended else ()


def with_estimates(
    rules: Rules, estimates: tuple[Estimate, ...], from_at: datetime, until_at: datetime
) -> Rules:
    """Return rules with these estimates, in force at any time."""
    content = Estimates(from_at=from_at, until_at=until_at, position=0, estimates=estimates)
    documents: dict[Any, Any] = dict(rules.documents)
    documents[Estimates, NAME] = (Published(NAME, 1, from_at, content),)
    return Rules(documents)


def foreseeing(saga: Saga[Any], rules: Rules) -> Saga[Any]:
    """Return a saga that knows the newest estimates of these rules from the beginning."""
    published = rules.documents.get((Estimates, NAME), ())
    if saga is not deadline_warnings.SAGA or saga.shared is None or not published:
        return saga
    newest: Published[Estimates] = published[-1]
    known = KnownEstimates(
        Pin(name=newest.name, version=newest.version),
        {
            cell(each.clock, each.step, each.kind, each.priority): (each.median_s, each.p80_s)
            for each in newest.content.estimates
        },
    )
    return replace(saga, shared=replace(saga.shared, initial=known))
