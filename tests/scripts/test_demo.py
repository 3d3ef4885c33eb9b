"""The demo: in every state, through the same commands as everyone, and only once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from _demo import load_demo
from demo import ended_cases, open_cases
from demo.people import (
    CUSTOMERS,
    STAFF,
    customer_commands,
    staff_commands,
    vehicle_commands,
)
from demo.story import Stories
from domain import DECIDERS
from domain.complaint import ComplaintClosed, Status, clocks, escalation
from domain.declare import Command
from store.casebook import Casebook, Receipt

NOW = datetime.now(UTC)
OF_CLOCKS = {
    event.__name__
    for phase in (clocks, escalation)
    for event in vars(phase).values()
    if hasattr(event, "__stored_name__")
}
"""What happens to clocks and escalations, which sagas and people see to from now on."""


def stories() -> Stories:
    told = Stories(NOW)
    open_cases.tell(told)
    ended_cases.tell(told)
    return told


def test_it_loads_once(installation: Casebook) -> None:
    summary = load_demo(installation, NOW)
    assert summary.complaints >= 30
    assert summary.customers == 10
    again = load_demo(installation, NOW + timedelta(days=1))
    assert again.events_added == 0
    assert installation.state(summary.complaint_id).version > 15
    assert installation.state(summary.portal_customer_id).decider.category == "customer"


class Interrupted(Casebook):
    """A casebook whose process is killed after a while."""

    executions = 0

    def execute(self, *commands: Command, **how: Any) -> Receipt:
        self.executions += 1
        if self.executions > 190:
            raise KeyboardInterrupt
        return super().execute(*commands, **how)


def test_an_interrupted_load_is_finished(installation: Casebook) -> None:
    fragile = Interrupted(
        installation.pool, installation.case_recorder.url, installation.keys, cached_states_max=0
    )
    rules = installation.head()
    with pytest.raises(KeyboardInterrupt):
        load_demo(fragile, NOW)
    interrupted_at = installation.head()
    load_demo(installation, NOW + timedelta(hours=1))
    assert rules < interrupted_at < installation.head()
    for story in stories().told:
        marks = {
            recorded.correlation_id: recorded.version
            for recorded in installation.history(story.stream)
        }
        assert list(marks) == [story.id(f"act/{n}") for n, _ in enumerate(story.acts)]


def test_it_shows_every_status_and_every_event_but_a_few(installation: Casebook) -> None:
    load_demo(installation, NOW)
    states = [installation.state(story.stream).state for story in stories().told]
    assert {state.status for state in states} == set(Status) - {Status.NOT_REGISTERED}
    grounds = {
        recorded.event.ground
        for story in stories().told
        for recorded in installation.history(story.stream)
        if isinstance(recorded.event, ComplaintClosed)
    }
    assert len(grounds) == 4
    complaint = next(decider for decider in DECIDERS if decider.category == "complaint")
    shown = {type(recorded.event) for recorded in installation.read(0, 10_000)}
    missing = {event.__name__ for event in complaint.events if event not in shown}
    assert missing <= {"CrisisEnded", *OF_CLOCKS}


def test_its_commands_would_pass_the_counter(installation: Casebook) -> None:
    commands: list[Command] = [act.command for story in stories().told for act in story.acts]
    for colleague in STAFF:
        commands.extend(staff_commands(colleague))
    for person in CUSTOMERS:
        commands.extend((*customer_commands(person), *vehicle_commands(person, NOW)))
    for command in commands:
        adapter: TypeAdapter[Command] = TypeAdapter(type(command))
        assert adapter.validate_json(adapter.dump_json(command)) == command


def test_it_is_told_in_three_languages_and_by_many_people(installation: Casebook) -> None:
    assert {person.locale.value for person in CUSTOMERS} == {"en", "fa", "zh"}
    actors = {act.actor.id for story in stories().told for act in story.acts}
    assert len(actors) >= 12
