"""The pages of the 360° view: kept section by section, and always what the cases say."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from importlib import import_module
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic_core import from_json

from domain import complaint as c
from domain import customer as cu
from domain import vehicle as v
from projections import customer_360
from projections.case_documents import VIEW
from projections.customer_360 import ITEMS_MAX, Section
from store.database import connect
from store.views import catch_up, compare, rebuild
from tests.domain.complaint import desk
from tests.projections.asking import ask
from tests.projections.test_overviews import planned
from tests.projections.world import World, world

REBUILDING = import_module("store.views.rebuild")


@pytest.fixture
def told(database_url: str) -> Iterator[World]:
    with world(database_url) as told:
        yield told


def registered(told: World) -> UUID:
    customer = uuid4()
    told.happened(
        customer,
        cu.CustomerRegistered(
            customer_id=customer, name="x", kind=cu.CustomerKind.PERSON, locale=cu.Locale.FA
        ),
    )
    return customer


def merged(told: World, absorbed: UUID, survivor: UUID) -> None:
    told.happened_at_once(
        (survivor, [cu.CustomerAbsorbed(absorbed_id=absorbed)]),
        (absorbed, [cu.CustomerMerged(survivor_id=survivor)]),
    )


def parted(told: World, absorbed: UUID, survivor: UUID) -> None:
    told.happened_at_once(
        (survivor, [cu.AbsorptionUndone(absorbed_id=absorbed)]),
        (absorbed, [cu.MergeUndone(survivor_id=survivor)]),
    )


def shown(told: World, customer: UUID, *, outside: bool = False) -> Any:
    found = ask(told.url, lambda r: customer_360.fetch(r, customer, outside=outside))
    assert found.body is not None
    return from_json(found.body)


def selected(told: World, customer: UUID, *, outside: bool) -> dict[str, Any]:
    """Return what a page has to show, put together from the rows of cases by other statements."""

    def items(section: Section) -> list[Any]:
        one = ask(
            told.url,
            lambda r: customer_360.section(r, customer, section, outside=outside, limit=ITEMS_MAX),
        )
        return [from_json(item) for item in one.page.items]

    ids = ask(told.url, lambda r: customer_360.records(r, customer))
    with connect(told.url, "reader") as reader:
        recent = reader.execute(
            "SELECT stream::text FROM views.cases WHERE customer_id = ANY (%s)"
            " AND category NOT IN ('notification', 'referral') ORDER BY position DESC LIMIT %s",
            (ids, ITEMS_MAX),
        ).fetchall()
        totals = {
            section: reader.execute(
                "SELECT count(*), count(*) FILTER (WHERE is_open) FROM views.cases"
                " WHERE CASE WHEN %(about)s THEN about_customer_id ELSE customer_id END"
                " = ANY (%(ids)s) AND category = %(category)s",
                {
                    "about": section is Section.NOTIFICATIONS and not outside,
                    "ids": ids,
                    "category": section.category,
                },
            ).fetchone()
            for section in Section
        }
    return {
        "merged": sorted(str(one) for one in ids if one != customer),
        "recent": [case for (case,) in recent],
        **{section.value: (totals[section], items(section)) for section in Section},
    }


def paged(told: World, customer: UUID, *, outside: bool) -> dict[str, Any]:
    whole = shown(told, customer, outside=outside)
    with_open = {Section.COMPLAINTS, Section.ORDERS, Section.LEASES, Section.LOYALTY}

    def counted(section: Section) -> tuple[int, int]:
        part = whole[section.value]
        if section not in with_open:
            assert "open" not in part
            return part["total"], -1
        return part["total"], part["open"]

    return {
        "merged": whole["merged"],
        "recent": [one["case"] for one in whole["recent"]],
        **{s.value: (counted(s), whole[s.value]["items"]) for s in Section},
    }


def assert_pages_hold(told: World, customers: list[UUID]) -> None:
    for customer in customers:
        for outside in (False, True):
            wanted = selected(told, customer, outside=outside)
            found = paged(told, customer, outside=outside)
            for section in (Section.VEHICLES.value, Section.NOTIFICATIONS.value):
                (total, _), items = wanted[section]
                wanted[section] = ((total, -1), items)
            assert found == wanted


class Life:
    """Customers to whom things happen that move cases from page to page."""

    def __init__(self, told: World, seed: int) -> None:
        self.told = told
        self.dice = random.Random(seed)
        self.customers = [registered(told) for _ in range(4)]
        self.survivors: dict[UUID, UUID] = {}
        self.complaints: list[UUID] = []
        self.notices = 0

    def anybody(self) -> UUID:
        return self.dice.choice(self.customers)

    def step(self) -> None:
        deeds: list[Callable[[], None]] = [
            self.complains, self.complains, self.is_identified, self.is_told, self.buys,
            self.merges, self.parts, self.ends,
        ]  # fmt: skip
        self.dice.choice(deeds)()

    def complains(self) -> None:
        case = uuid4()
        whose = self.anybody() if self.dice.random() < 0.7 else None
        self.told.happened(case, desk.registered(customer_id=whose))
        self.complaints.append(case)

    def is_identified(self) -> None:
        if self.complaints:
            case = self.dice.choice(self.complaints)
            self.told.happened(case, c.ComplainantIdentified(customer_id=self.anybody()))

    def ends(self) -> None:
        if self.complaints:
            self.told.happened(self.dice.choice(self.complaints), desk.closed())

    def is_told(self) -> None:
        if self.complaints:
            to: dict[str, Any] = {}
            if self.dice.random() < 0.5:
                whom = self.anybody()
                to = {"recipient": f"customer:{whom}", "staff_id": None, "customer_id": whom}
            self.told.happened(uuid4(), planned(self.dice.choice(self.complaints), **to))

    def buys(self) -> None:
        vehicle = uuid4()
        self.told.happened(
            vehicle,
            v.VehicleRegistered(make="Example", model="One", vin_source="told"),
            v.OwnershipRecorded(
                ownership_id=uuid4(),
                customer_id=self.anybody(),
                role=v.OwnershipRole.OWNER,
                from_on=date(2026, 3, 1),
            ),
        )

    def merges(self) -> None:
        absorbed, survivor = self.dice.sample(self.customers, 2)
        top = survivor
        while top in self.survivors:
            top = self.survivors[top]
        if absorbed not in self.survivors and top != absorbed:
            merged(self.told, absorbed, survivor)
            self.survivors[absorbed] = survivor

    def parts(self) -> None:
        if self.survivors:
            absorbed = self.dice.choice(sorted(self.survivors))
            parted(self.told, absorbed, self.survivors.pop(absorbed))


@pytest.mark.parametrize(("seed", "batch_events"), [(1, 1), (2, 3), (3, 7), (4, 1_000)])
def test_pages_hold_what_the_cases_say_whatever_happens(
    told: World, monkeypatch: pytest.MonkeyPatch, seed: int, batch_events: int
) -> None:
    life = Life(told, seed)
    view = replace(VIEW, batch_events=batch_events)
    for _ in range(6):
        for _ in range(12):
            life.step()
        catch_up(told.url, told.log, (view,))
        assert_pages_hold(told, life.customers)
    assert compare(told.url, told.log, VIEW) == []
    monkeypatch.setattr(REBUILDING, "_CLOSE_EVENTS", 5)  # else it would not sweep
    assert compare(told.url, told.log, view) == []


def test_a_section_holds_its_newest_items_and_counts_all(told: World) -> None:
    customer, absorbed = registered(told), registered(told)
    cases = []
    for number in range(ITEMS_MAX + 7):
        case = uuid4()
        whose = absorbed if number % 2 else customer
        told.happened(case, desk.registered(customer_id=whose))
        cases.append(str(case))
    merged(told, absorbed, customer)
    catch_up(told.url, told.log, (VIEW,))
    section = shown(told, customer)["complaints"]
    assert section["total"] == section["open"] == len(cases)
    assert [item["id"] for item in section["items"]] == cases[: -ITEMS_MAX - 1 : -1]


def test_a_page_on_which_nothing_stands_any_more_is_gone(told: World) -> None:
    customer, nobody, case = registered(told), uuid4(), uuid4()
    told.happened(case, desk.registered(customer_id=nobody))
    catch_up(told.url, told.log, (VIEW,))
    pages = "SELECT count(*) FROM views.customer_pages WHERE customer_id = %s"
    with connect(told.url, "reader") as reader:
        assert reader.execute(pages, (nobody,)).fetchone() == (2,)
        told.happened(case, c.ComplainantIdentified(customer_id=customer))
        catch_up(told.url, told.log, (VIEW,))
        assert reader.execute(pages, (nobody,)).fetchone() == (0,)
    assert compare(told.url, told.log, VIEW) == []


def test_a_rebuild_makes_the_pages_once_it_has_swept_the_log(
    told: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = registered(told)
    for _ in range(5):
        told.happened(uuid4(), desk.registered(customer_id=customer))
    catch_up(told.url, told.log, (VIEW,))
    before = shown(told, customer)
    monkeypatch.setattr(REBUILDING, "_CLOSE_EVENTS", 0)
    rebuild(told.url, told.log, VIEW)
    assert shown(told, customer) == before
    assert before["complaints"]["total"] == 5


def test_many_pages_are_written_some_at_a_time(told: World) -> None:
    customer = registered(told)
    catch_up(told.url, told.log, (VIEW,))
    before = shown(told, customer)
    with connect(told.url) as owner, owner.transaction():
        owner.execute("SET LOCAL search_path = views")
        owner.execute(
            "INSERT INTO repaged SELECT gen_random_uuid(), 'recent' FROM generate_series(1, 4500)"
        )
        owner.execute("INSERT INTO repaged VALUES (%s, '*')", (customer,))
        cursor = owner.cursor()
        assert [VIEW.settle(cursor) for _ in range(3)] == [True, True, False]
        assert owner.execute("SELECT count(*) FROM repaged").fetchone() == (0,)
        assert owner.execute("SELECT count(*) FROM customer_pages").fetchone() == (2,)
    assert shown(told, customer) == before
