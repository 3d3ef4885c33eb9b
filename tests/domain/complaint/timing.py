"""A case with clocks: the shipped packs on a calendar that is easily counted in the head.

Work is from Saturday to Wednesday, 08:00 to 16:00 in Tehran: 04:30 to 12:30 in UTC. `NOW` is a
Sunday, 12:30 there, with three and a half hours of work left.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from domain import complaint as c
from domain.clocks.book import Clock
from domain.clocks.calendar import Calendar, Holiday, Weekday, Window, WorkingDay
from domain.clocks.messages import PauseReason
from domain.clocks.rules import SlaPack
from domain.declare import Actor, Role
from domain.rulebook import Published, Rules
from tests.domain.complaint.desk import CLOCK_RULES, SPECIALIST, actor, an_id, register
from tests.scenario import CASE, NOW, Scenario, case

WORK = (Window(starts_local="08:00", ends_local="16:00"),)
DAYS = (Weekday.SATURDAY, Weekday.SUNDAY, Weekday.MONDAY, Weekday.TUESDAY, Weekday.WEDNESDAY)


def calendar(*holidays: date) -> Calendar:
    return Calendar(
        zone="Asia/Tehran",
        week=tuple(WorkingDay(day=day, windows=WORK) for day in DAYS),
        holidays=tuple(Holiday(on=on, name="a holiday") for on in holidays),
        special_days=(),
        covers_from_on=date(2020, 1, 1),
        covers_until_on=date(2028, 12, 31),
    )


def published(name: str, *contents: Any, since: datetime = datetime(2020, 1, 1, tzinfo=UTC)) -> Any:
    return tuple(Published(name, n, since, content) for n, content in enumerate(contents, 1))


def rules(
    *calendars: Calendar, packs: tuple[SlaPack, ...] = (), base: Rules = CLOCK_RULES
) -> Rules:
    documents: dict[Any, Any] = dict(base.documents)
    documents[Calendar, "iran"] = published("iran", *(calendars or (calendar(),)))
    if packs:
        documents[SlaPack, "complaint"] = published("complaint", *packs)
    return Rules(documents)


PACK: SlaPack = CLOCK_RULES.in_force(SlaPack, "complaint", NOW).content
TIMED = rules()

FRESH = case(c.DECIDER, rules=TIMED, actor=SPECIALIST)
SUPERVISOR_NORTH = actor("simin", Role.SUPERVISOR, region="north")
SUPERVISOR_SOUTH = actor("sepideh", Role.SUPERVISOR, region="south")
HEAD = actor("hamid", Role.UNIT_HEAD, unit="customer_care")
HEAD_OF_SALES = actor("homa", Role.UNIT_HEAD, unit="sales")
MANAGER = actor("mina", Role.MANAGER)
SAGA = actor("saga:sla_escalation", Role.SYSTEM)


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def decided(
    scenario: Scenario, *commands: Any, by: Actor | None = None, when: datetime | None = None
) -> Scenario:
    """Go on with what these commands lead to; each repeated must change nothing."""
    for command in commands:
        here = scenario if when is None else scenario.at(when)
        made = here.decide(command, here.state, by or here.actor)
        outcome = here.when(command, by=by)
        scenario = outcome.then(*made) if made else outcome.then_nothing()
    return scenario


def clock(scenario: Scenario, n: int) -> Clock:
    found: Clock | None = scenario.state.clocks.clock(n)
    assert found is not None
    return found


def dues(scenario: Scenario) -> dict[str, datetime | None]:
    """Return when the clocks are due that have not ended, by their codes."""
    return {each.code: each.due_at for each in scenario.state.clocks.on()}


def newest(scenario: Scenario, count: int = 1) -> list[Any]:
    return list(scenario.events[-count:])


def kinds(scenario: Scenario, count: int) -> list[type]:
    return [type(event) for event in newest(scenario, count)]


REGISTERED = decided(FRESH, register(received_at=None))
"""A sales complaint with its first three clocks: first response, judgement, resolution."""

PACED = decided(
    REGISTERED,
    c.JudgeComplaint(stream=CASE, valid=True),
    c.ClassifyComplaint(stream=CASE, kind=c.Kind.QUALITY, subject="brakes"),
    c.GradeComplaint(stream=CASE, importance=c.Importance.NORMAL),
    c.AssignComplaint(stream=CASE, region="north", dealer_id="D-17"),
)
"""A quality complaint that a dealer of the north owes a plan for: clocks 3 and 4 run."""


def pause(**facts: Any) -> c.PauseClocks:
    defaults: dict[str, Any] = {
        "stream": CASE,
        "pause_id": an_id(80),
        "reason": PauseReason.CUSTOMER,
        "note": "She is abroad.",
    }
    return c.PauseClocks(**{**defaults, **facts})


def graded(importance: c.Importance) -> c.GradeComplaint:
    return c.GradeComplaint(stream=CASE, importance=importance, reason="Looked at again.")


def later(scenario: Scenario, when: datetime) -> Scenario:
    return replace(scenario, now=when)


def about(scenario: Scenario, n: int) -> UUID | None:
    return clock(scenario, n).about
