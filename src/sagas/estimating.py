"""Estimates: how long the project's own ended cases took, worked out nightly and published.

The saga of this module asks for nothing. Its instances keep how long each case took from its steps
to the stop of its clocks; once a night one statement makes percentiles of them in the database, and
what differs from the newest published estimates is published. So a forecast folds only the log.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from psycopg import Connection

from domain.clocks.rules import Estimate, Estimates
from domain.declare import Actor, ActorId, Role
from domain.rulebook import Provenance, RulesNotPublished
from sagas.declare import Saga
from sagas.watch import journey, topics
from sagas.watch.timing import TimedCase, evolve
from store.blocks import beside
from store.rulebook import publication
from store.views.declare import Row

if TYPE_CHECKING:
    from store.casebook import Casebook

SQL = beside(__file__)

ESTIMATOR = Actor(id=ActorId("job:estimates"), roles=frozenset({Role.SYSTEM}))
DOCUMENT = "complaint"
CASES_MIN = 20
"""Of fewer cases nothing is said: a percentile of five cases is an anecdote."""
WINDOW = timedelta(days=730)
"""Cases that ended longer ago say little about how long they take now."""

SAGA: Saga[TimedCase] = Saga(
    name="step_times",
    revision=1,
    topics=(*journey.TOPICS, *topics.CLOCKS),
    state_type=TimedCase,
    key=lambda recorded: recorded.stream,
    evolve=lambda case, recorded, _: evolve(case, recorded),
    wake=lambda _: None,
    todo=lambda _case, _now: (),
)


def worked_out(
    connection: Connection[Row],
    now: datetime,
    *,
    cases_min: int = CASES_MIN,
    window: timedelta = WINDOW,
) -> Estimates:
    """Return the estimates of the cases that ended within the window before `now`.

    The database makes the percentiles; of the log nothing is read but what the fold has kept.
    """
    from_at = now - window
    parameters = {"from_at": from_at, "until_at": now, "cases_min": cases_min}
    rows = connection.execute(SQL["estimates"], parameters).fetchall()
    reached = connection.execute(SQL["reached"]).fetchone()
    return Estimates(
        from_at=from_at,
        until_at=now,
        position=0 if reached is None else reached[0],
        estimates=tuple(
            Estimate(
                clock=clock,
                step=step,
                kind=kind,
                priority=priority,
                cases=cases,
                median_s=median_s,
                p80_s=p80_s,
            )
            for clock, step, kind, priority, cases, median_s, p80_s in rows
        ),
    )


def publish_estimates(
    casebook: "Casebook",
    connection: Connection[Row],
    now: datetime,
    *,
    cases_min: int = CASES_MIN,
    window: timedelta = WINDOW,
) -> int | None:
    """Publish what is worked out where it differs from what stands; return the new version.

    None where nothing changed, or nothing can be said yet.
    """
    found = worked_out(connection, now, cases_min=cases_min, window=window)
    try:
        standing = casebook.rules.in_force(Estimates, DOCUMENT, now).content.estimates
    except RulesNotPublished:
        standing = ()
    if found.estimates == standing:
        return None
    command = publication(
        "estimates",
        DOCUMENT,
        found,
        now,
        Provenance(source="the project's own ended cases", confirmed="measured"),
    )
    return casebook.execute(command, actor=ESTIMATOR, reason="nightly estimates").version
