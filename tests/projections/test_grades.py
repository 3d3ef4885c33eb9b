"""A customer's grade in the order of work: whenever it changes, and whatever records are hers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic_core import from_json

from domain import complaint as c
from domain import customer as cu
from domain import loyalty as lo
from domain.declare import Role
from domain.rulebook import Pin
from projections import worklist
from projections.case_documents import VIEW
from store.database import connect
from store.views import catch_up, compare
from tests.domain.complaint import desk
from tests.projections.asking import EVERYTHING, Sees, ask
from tests.projections.test_deadlines import started
from tests.projections.world import World, world

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
CLUB = Pin(name="club", version=1)
PEOPLE = {name: uuid4() for name in ("leila", "omid", "sara")}


class Hall:
    """Three people and their cases, by name; the view reads three events at a time."""

    def __init__(self, told: World) -> None:
        self.told = told
        self.cases: dict[str, UUID] = {}
        self.view = replace(VIEW, batch_events=3)
        for person in PEOPLE.values():
            told.happened(
                person,
                cu.CustomerRegistered(
                    customer_id=person, name="x", kind=cu.CustomerKind.PERSON, locale=cu.Locale.FA
                ),
            )

    def ledger(self, who: str) -> None:
        opened = lo.LedgerOpened(
            customer_id=PEOPLE[who], programme=CLUB, opened_at=NOW, grade="basic"
        )
        self.told.happened(lo.ledger_id(PEOPLE[who], "club"), opened)

    def graded(self, who: str, grade: str) -> None:
        changed = lo.GradeChanged(
            grade=grade, was=None, by_rule=lo.GradeRule.GRANTED, figures=None, changed_at=NOW,
            review_at=None, programme=CLUB,
        )  # fmt: skip
        self.told.happened(lo.ledger_id(PEOPLE[who], "club"), changed)

    def complained(self, name: str, who: str | None = None, **due: timedelta) -> UUID:
        received_at = desk.RECEIVED + timedelta(minutes=len(self.cases))
        case = self.cases[name] = uuid4()
        customer = PEOPLE[who or name]
        events: list[Any] = [desk.registered(customer_id=customer, received_at=received_at)]
        if due:
            events.append(started(*((clock, NOW + span) for clock, span in due.items())))
        self.told.happened(case, *events)
        return case

    def merged(self, survivor: str, gone: str) -> None:
        self.told.happened_at_once(
            (PEOPLE[survivor], [cu.CustomerAbsorbed(absorbed_id=PEOPLE[gone])]),
            (PEOPLE[gone], [cu.CustomerMerged(survivor_id=PEOPLE[survivor])]),
        )

    def parted(self, survivor: str, gone: str) -> None:
        self.told.happened_at_once(
            (PEOPLE[survivor], [cu.AbsorptionUndone(absorbed_id=PEOPLE[gone])]),
            (PEOPLE[gone], [cu.MergeUndone(survivor_id=PEOPLE[survivor])]),
        )

    def work(self, **more: Any) -> list[tuple[str, str | None, str | None]]:
        """Return the order of work: case, grade, and by what it comes after the one before it."""
        catch_up(self.told.url, self.told.log, (self.view,))
        found = ask(self.told.url, lambda r: worklist.page(r, list(Role), EVERYTHING, **more))
        called = {str(case): name for name, case in self.cases.items()}
        items = [from_json(item) for item in found.items]
        return [
            (called[i["id"]], i["standing"]["grade"], i["standing"]["after_previous_by"])
            for i in items
        ]

    def page_by_page(self) -> list[str | None]:
        """Return by what each case comes after the one before it, read one by one."""
        found: list[str | None] = []
        cursor: str | None = None
        while len(found) < len(self.cases):
            question = partial(
                worklist.page, roles=list(Role), sight=EVERYTHING, cursor=cursor, limit=1
            )
            page = ask(self.told.url, question)
            found += [from_json(item)["standing"]["after_previous_by"] for item in page.items]
            cursor = page.next
        return found

    def equals_its_rebuild(self) -> bool:
        with connect(self.told.url, "reader") as reader:
            assert reader.execute("SELECT count(*) FROM views.regraded").fetchone() == (0,)
        return compare(self.told.url, self.told.log, VIEW) == []


@pytest.fixture
def hall(database_url: str) -> Iterator[Hall]:
    with world(database_url) as told:
        yield Hall(told)


def test_a_grade_moves_the_open_work_of_its_holder_whenever_it_changes(hall: Hall) -> None:
    for name in ("leila", "omid"):
        hall.complained(name)
    assert hall.work() == [("leila", None, None), ("omid", None, "age")]
    hall.ledger("omid")
    assert hall.work() == [("omid", "basic", None), ("leila", None, "grade")]
    hall.ledger("leila")
    hall.graded("leila", "gold")
    assert hall.work() == [("leila", "gold", None), ("omid", "basic", "grade")]
    hall.graded("omid", "gold")
    hall.graded("leila", "silver")
    assert hall.work() == [("omid", "gold", None), ("leila", "silver", "grade")]
    again = hall.complained("again", "leila")
    assert hall.work()[-1] == ("again", "silver", "age")
    hall.told.happened(again, c.ComplainantIdentified(customer_id=PEOPLE["omid"]))
    assert hall.work()[1] == ("again", "gold", "age")
    assert hall.equals_its_rebuild()


def test_a_grade_counts_within_the_hour_in_which_cases_are_due(hall: Hall) -> None:
    hall.ledger("sara")
    hall.graded("sara", "gold")
    hall.complained("leila", resolution=timedelta(minutes=10))
    hall.complained("sara", resolution=timedelta(minutes=50))
    hall.complained("omid", resolution=timedelta(minutes=70))
    hall.complained("late", "sara", resolution=timedelta(minutes=80))
    order = [("sara", None), ("leila", "grade"), ("late", "due"), ("omid", "grade")]
    assert [(name, by) for name, _, by in hall.work()] == order
    assert hall.page_by_page() == [by for _, by in order]


def test_a_dealer_is_told_when_the_first_clock_is_due_that_it_sees(hall: Hall) -> None:
    hall.complained("leila", first_response=timedelta(hours=1), resolution=timedelta(hours=5))
    registered = desk.registered(
        origin=c.Origin.DEALER, dealer_id="d-1", customer_id=PEOPLE["omid"]
    )
    case = hall.cases["omid"] = uuid4()
    spans = (("first_response", NOW + timedelta(hours=1)), ("plan", NOW + timedelta(hours=5)))
    hall.told.happened(case, registered, started(*spans))
    catch_up(hall.told.url, hall.told.log, (hall.view,))

    def due_at(outside: bool) -> str:
        page = ask(
            hall.told.url,
            lambda r: worklist.page(r, list(Role), Sees(dealer_id="d-1"), outside=outside),
        )
        [item] = [from_json(item) for item in page.items]
        assert item["id"] == str(case)
        found: str = item["standing"]["due_at"]
        return found

    assert due_at(outside=False).startswith("2026-03-01T10:00")
    assert due_at(outside=True).startswith("2026-03-01T14:00")


def test_all_records_of_a_person_have_her_best_grade_until_they_part(hall: Hall) -> None:
    hall.ledger("sara")
    hall.graded("sara", "gold")
    for name in ("leila", "omid"):
        hall.complained(name)
    hall.merged("omid", "sara")
    hall.merged("leila", "omid")
    grades = {name: grade for name, grade, _ in hall.work()}
    assert grades == {"leila": "gold", "omid": "gold"}
    hall.ledger("leila")
    assert {grade for _, grade, _ in hall.work()} == {"gold"}
    hall.graded("sara", "silver")
    assert {grade for _, grade, _ in hall.work()} == {"silver"}
    hall.parted("omid", "sara")
    assert {grade for _, grade, _ in hall.work()} == {"basic"}
    hall.parted("leila", "omid")
    grades = {name: grade for name, grade, _ in hall.work()}
    assert grades == {"leila": "basic", "omid": None}
    assert hall.equals_its_rebuild()
