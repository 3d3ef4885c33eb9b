"""Loads the demo into a casebook, through the same commands as everyone uses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from demo import ended_cases, open_cases, purchases
from demo.people import (
    CUSTOMERS,
    PORTAL_CUSTOMER,
    STAFF,
    SYSTEM,
    customer_commands,
    demo_id,
    staff_commands,
    vehicle_commands,
)
from demo.story import Stories, Tale
from domain.declare import CaseNotFound, Command
from store.casebook import Casebook
from store.rulebook import publish_shipped


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What was loaded, and where to look first."""

    customers: int
    staff: int
    complaints: int
    events_added: int
    portal_customer_id: UUID
    complaint_id: UUID
    """A case with a whole life, of the portal customer."""


def load_demo(casebook: Casebook, now: datetime) -> DemoSummary:
    """Load whatever of the demo is not there yet; what is there is left as it is.

    Ids are the same every time, so a second run adds nothing and an interrupted one is finished.
    """
    publish_shipped(casebook)
    before = casebook.head()
    for colleague in STAFF:
        _open(casebook, demo_id(f"staff/{colleague.account}"), staff_commands(colleague))
    for person in CUSTOMERS:
        _open(casebook, person.id, customer_commands(person))
        _open(casebook, person.vehicle_id, vehicle_commands(person, now))
    stories = Stories(now)
    open_cases.tell(stories)
    interesting = ended_cases.tell(stories)
    present = casebook.clock
    try:
        for story in (*stories.told, *purchases.tell(now)):
            _perform(casebook, story)
    finally:
        casebook.clock = present
    return DemoSummary(
        customers=len(CUSTOMERS),
        staff=len(STAFF),
        complaints=len(stories.told),
        events_added=casebook.head() - before,
        portal_customer_id=PORTAL_CUSTOMER.id,
        complaint_id=interesting.stream,
    )


def _version(casebook: Casebook, stream: UUID) -> int:
    try:
        return casebook.state(stream).version
    except CaseNotFound:
        return 0


def _open(casebook: Casebook, stream: UUID, commands: Sequence[Command]) -> None:
    if _version(casebook, stream) == 0:
        casebook.execute(*commands, actor=SYSTEM)


def _same(at: datetime) -> datetime:
    return at


def _perform(casebook: Casebook, story: Tale) -> None:
    """Go on where the story was left: what an act records bears the act's mark.

    An act may record more than its own event, for clocks start and stop with it. Before there were
    marks it was one event each, so of a story without marks the version counts the acts.
    """
    marks = [story.id(f"act/{n}") for n, _ in enumerate(story.acts)]
    known = {recorded.correlation_id for recorded in casebook.history(story.stream)}
    done = [n for n, mark in enumerate(marks) if mark in known]
    begin = done[-1] + 1 if done else _version(casebook, story.stream)
    for n, (act, mark) in list(enumerate(zip(story.acts, marks, strict=True)))[begin:]:
        at = story.instant_of(n)
        casebook.clock = partial(_same, at)  # an act is decided in its own time
        commands = (act.command, *act.beside)
        receipt = casebook.execute(*commands, actor=act.actor, correlation_id=mark)
        assert receipt.events, act.command
