"""The 360° view: whole counts, bounded work, and the notices about a customer's cases."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic_core import from_json

from domain import complaint as c
from domain import customer as cu
from domain import notification as n
from domain.clocks.messages import Urgency
from projections import VIEWS, customer_360
from projections.case_documents import VIEW
from projections.customer_360 import ITEMS_MAX, Section, SectionPage
from projections.reading import CursorIsWrong, cursor_of
from store.database import connect
from store.views import catch_up, compare
from tests.domain.complaint import desk
from tests.projections.asking import ask
from tests.projections.world import World, world

LEILA, OMID = desk.LEILA, UUID(int=0xC2)


def planned(case: UUID, code: str = "complaint.deadline_warned", **to: Any) -> Any:
    """Return a notice of a case, to a member of staff where nothing else is said."""
    given = {"recipient": "maryam", "staff_id": uuid4(), "customer_id": None, **to}
    return n.NotificationPlanned(
        locale="en", zone="UTC", code=code, case_id=case, case_category="complaint", params=(),
        urgency=Urgency.WARNING, must_acknowledge=False, cause=uuid4(),
        send_after_at=datetime(2026, 3, 1, tzinfo=UTC), channels=(), quiet_hours=None, digest=None,
        attempts_max=1, back_off_s=(), policy=None, **given,
    )  # fmt: skip


class Room:
    """A world with two customers, asked for what is shown of them."""

    def __init__(self, told: World) -> None:
        self.told = told
        for person in (LEILA, OMID):
            told.happened(
                person,
                cu.CustomerRegistered(
                    customer_id=person, name="x", kind=cu.CustomerKind.PERSON, locale=cu.Locale.FA
                ),
            )

    def complaint(self, customer: UUID | None = LEILA) -> UUID:
        case = uuid4()
        self.told.happened(case, desk.registered(customer_id=customer))
        return case

    def catch_up(self) -> None:
        catch_up(self.told.url, self.told.log, VIEWS)

    def shown(self, customer: UUID, *, outside: bool = False) -> Any:
        self.catch_up()
        found = ask(self.told.url, lambda r: customer_360.fetch(r, customer, outside=outside))
        return None if found.body is None else from_json(found.body)

    def page(self, customer: UUID, wanted: Section, **more: Any) -> SectionPage:
        self.catch_up()
        return ask(self.told.url, lambda r: customer_360.section(r, customer, wanted, **more))

    def rows(self, query: str) -> list[Any]:
        with connect(self.told.url, "reader") as reader:
            return reader.execute(query.encode()).fetchall()


@pytest.fixture
def room(database_url: str) -> Iterator[Room]:
    with world(database_url) as told:
        yield Room(told)


def test_a_notice_about_her_case_is_shown_to_staff_as_long_as_the_case_is_hers(room: Room) -> None:
    case, notice = room.complaint(None), uuid4()
    room.told.happened(notice, planned(case))
    assert room.shown(LEILA)["notifications"] == {"total": 0, "items": []}
    identified = c.ComplainantIdentified(customer_id=LEILA)
    room.told.happened(case, identified)
    shown = room.shown(LEILA)["notifications"]
    assert shown["total"] == 1
    assert shown["items"][0]["id"] == str(notice)
    assert shown["items"][0]["case_id"] == str(case)
    room.told.happened(notice, n.NotificationSeen(seen_at=datetime(2026, 3, 2, tzinfo=UTC)))
    assert room.shown(LEILA)["notifications"]["items"][0]["status"] == "seen"
    assert room.shown(OMID)["notifications"]["total"] == 0
    assert room.shown(LEILA, outside=True)["notifications"] == {"total": 0, "items": []}
    assert compare(room.told.url, room.told.log, VIEW) == []


def test_a_customer_sees_what_she_was_told_herself(room: Room) -> None:
    case, notice = room.complaint(), uuid4()
    room.told.happened(uuid4(), planned(case))
    to_her = planned(
        case, recipient=f"customer:{LEILA}", staff_id=None, customer_id=LEILA,
        code="complaint.closed",
    )  # fmt: skip
    room.told.happened(notice, to_her)
    assert room.shown(LEILA)["notifications"]["total"] == 2
    herself = room.shown(LEILA, outside=True)["notifications"]
    assert herself["total"] == 1
    assert [item["id"] for item in herself["items"]] == [str(notice)]
    assert "recipient" not in herself["items"][0]
    page = room.page(LEILA, Section.NOTIFICATIONS, outside=True).page
    assert [from_json(item)["id"] for item in page.items] == [str(notice)]


def test_a_section_goes_on_where_its_page_ended_and_says_what_came_from_a_merged_record(
    room: Room,
) -> None:
    cases = [room.complaint(OMID if number % 3 == 0 else LEILA) for number in range(7)]
    room.told.happened_at_once(
        (LEILA, [cu.CustomerAbsorbed(absorbed_id=OMID)]),
        (OMID, [cu.CustomerMerged(survivor_id=LEILA)]),
    )
    found, cursor = [], None
    while True:
        one = room.page(LEILA, Section.COMPLAINTS, cursor=cursor, limit=3)
        assert one.parties.customer_id == LEILA
        found += [from_json(item) for item in one.page.items]
        cursor = one.page.next
        if cursor is None:
            break
    assert [item["id"] for item in found] == [str(case) for case in reversed(cases)]
    merged = {item["id"] for item in found if item.get("merged_from") == str(OMID)}
    assert merged == {str(case) for case in cases[::3]}
    of_nobody = room.page(uuid4(), Section.COMPLAINTS)
    assert (of_nobody.page.items, of_nobody.parties.customer_id) == ([], None)
    with pytest.raises(CursorIsWrong):
        room.page(LEILA, Section.ORDERS, cursor=cursor_of("x"))


COUNTED = """
    SELECT customer_id, category, count(*), count(*) FILTER (WHERE is_open)
    FROM views.cases WHERE customer_id IS NOT NULL GROUP BY 1, 2
    UNION ALL
    SELECT about_customer_id, 'about', count(*), 0
    FROM views.cases WHERE about_customer_id IS NOT NULL GROUP BY 1
    ORDER BY 1, 2
"""
KEPT = "SELECT customer_id, section, total, open FROM views.customer_tallies ORDER BY 1, 2"


def test_counts_that_are_kept_are_what_counting_gives(room: Room) -> None:
    told, small = room.told, replace(VIEW, batch_events=1)
    case = room.complaint()
    for notice in (uuid4(), uuid4()):
        told.happened(notice, planned(case))
    ended = uuid4()
    told.happened(ended, *desk.CLOSED.events)
    unknown = room.complaint(None)
    told.happened(uuid4(), planned(unknown))
    catch_up(told.url, told.log, (small,))
    assert room.rows(KEPT) == room.rows(COUNTED)
    told.happened(unknown, c.ComplainantIdentified(customer_id=OMID))
    told.happened_at_once(
        (LEILA, [cu.CustomerAbsorbed(absorbed_id=OMID)]),
        (OMID, [cu.CustomerMerged(survivor_id=LEILA)]),
    )
    catch_up(told.url, told.log, (small,))
    assert room.rows(KEPT) == room.rows(COUNTED)
    assert (OMID, "about", 1, 0) in room.rows(KEPT)
    told.happened_at_once(
        (LEILA, [cu.AbsorptionUndone(absorbed_id=OMID)]),
        (OMID, [cu.MergeUndone(survivor_id=LEILA)]),
    )
    room.catch_up()
    assert room.rows(KEPT) == room.rows(COUNTED)
    assert compare(told.url, told.log, VIEW) == []


# --- bounded --------------------------------------------------------------------------------------

FILLED = """
    INSERT INTO views.cases (stream, category, version, position, customer_id, units, unassigned,
                             is_open, next_roles, opened_at, updated_at, last_topic, about_id,
                             about_customer_id, summary, outline)
    SELECT gen_random_uuid(), k.category, 1, 1000 + i * 7 + k.place,
           CASE WHEN k.category <> 'about' THEN %(customer)s::uuid END, '{}', true,
           i %% 3 = 0, '{}', now(), now(), 'x', NULL,
           CASE WHEN k.category = 'about' THEN %(customer)s::uuid END,
           '{"id":"x"}', '{"id":"x"}'
    FROM generate_series(1, %(cases)s) i
    CROSS JOIN (VALUES ('complaint', 1), ('vehicle', 2), ('order', 3), ('lease', 4),
                       ('loyalty', 5), ('notification', 6), ('about', 7)) AS k(category, place)
"""


@pytest.fixture(scope="module")
def crowded(module_database_url: str) -> Iterator[tuple[Room, UUID, UUID]]:
    """A customer with 50 cases of every kind and one with 700, among thousands of others."""
    with world(module_database_url) as told:
        room = Room(told)
        room.catch_up()
        with connect(told.url) as owner:
            for customer, cases in ((LEILA, 50), (OMID, 700)):
                owner.execute(FILLED.encode(), {"customer": customer, "cases": cases})
            for _ in range(40):
                owner.execute(FILLED.encode(), {"customer": uuid4(), "cases": 40})
            owner.execute(
                """
                INSERT INTO views.customer_tallies (customer_id, section, total, open)
                SELECT customer_id, category, count(*), 0 FROM views.cases
                WHERE customer_id IS NOT NULL AND category <> 'customer' GROUP BY 1, 2
                UNION ALL
                SELECT about_customer_id, 'about', count(*), 0 FROM views.cases
                WHERE about_customer_id IS NOT NULL GROUP BY 1
                """
            )
            owner.execute(
                "INSERT INTO views.repaged"
                " SELECT DISTINCT customer_id, '*' FROM views.customer_tallies"
            )
            owner.execute("SET search_path = views")
            while VIEW.settle(owner.cursor()):
                pass
            owner.execute("VACUUM ANALYZE views.customer_pages")
            owner.execute("VACUUM ANALYZE views.cases")
            owner.execute("VACUUM ANALYZE views.customer_tallies")
        yield room, LEILA, OMID


def explained(room: Room, block: str, **parameters: Any) -> Any:
    with connect(room.told.url, "reader") as reader:
        reader.execute("SET plan_cache_mode = force_generic_plan")
        query = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + customer_360.SQL[block]
        reader.execute(query.encode(), parameters, prepare=True)
        [(found,)] = reader.execute(query.encode(), parameters, prepare=True).fetchall()
        return found[0]["Plan"]


def nodes(plan: Any) -> Iterator[Any]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


@pytest.mark.parametrize("outside", [False, True])
@pytest.mark.parametrize("block", ["fetch", "section"])
def test_a_360_and_its_sections_touch_as_much_of_a_long_history_as_of_a_short_one(
    crowded: tuple[Room, UUID, UUID], block: str, outside: bool
) -> None:
    room, few, many = crowded
    more = {
        "outside": outside, "items": ITEMS_MAX, "category": "complaint", "about": False,
        "before": None, "limit": 21,
    }  # fmt: skip
    touched = []
    for customer in (few, many):
        plan = explained(room, block, customer=customer, **more)
        for node in nodes(plan):
            if node["Node Type"] == "Seq Scan":
                assert node["Relation Name"] == "tracking", json.dumps(node)
        rows = sum(
            node["Actual Rows"] * node["Actual Loops"]
            for node in nodes(plan)
            if node.get("Relation Name") == "cases"
        )
        touched.append((rows, plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]))
    (few_rows, few_blocks), (many_rows, many_blocks) = touched
    assert many_rows <= few_rows
    assert many_blocks <= few_blocks * 1.5 + 20


def test_a_page_is_written_from_as_much_of_a_long_history_as_of_a_short_one(
    crowded: tuple[Room, UUID, UUID],
) -> None:
    room, few, many = crowded
    read = []
    for customer in (few, many):
        with connect(room.told.url) as owner:
            owner.autocommit = False
            owner.execute("SET search_path = views")
            owner.execute("INSERT INTO repaged VALUES (%s, '*')", (customer,))
            query = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + VIEW.sql["page"]
            [(found,)] = owner.execute(query.encode()).fetchall()
            owner.rollback()
        plan = found[0]["Plan"]
        assert not [
            node for node in nodes(plan)
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] != "repaged"
        ]  # fmt: skip
        read.append(
            sum(
                node["Actual Rows"] * node["Actual Loops"]
                for node in nodes(plan)
                if node.get("Relation Name") == "cases"
            )
        )
    assert read[1] <= read[0]


def test_a_360_says_how_many_there_are_and_shows_the_newest(
    crowded: tuple[Room, UUID, UUID],
) -> None:
    room, _, many = crowded
    shown = room.shown(many)
    for section in Section:
        assert shown[section]["total"] == 700, section
        assert len(shown[section]["items"]) == ITEMS_MAX
    assert len(shown["recent"]) == ITEMS_MAX
