"""The portals' homes over many cases: who sees what, capped counts, and no scan of all cases."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from pydantic_core import from_json

from domain.order import OrderStage
from projections import VIEWS, identifiers, portals
from projections.portals import COUNT_MAX, ITEMS_MAX
from store.database import connect
from store.views import catch_up
from tests.projections.asking import EVERYTHING, Sees, ask
from tests.projections.world import KEYS, World, world

LEILA = UUID(int=0xC1)
LEASES = """
    INSERT INTO views.cases (stream, category, version, position, customer_id, units, unassigned,
                             is_open, next_roles, opened_at, updated_at, last_topic, summary,
                             outline)
    SELECT l.stream, 'lease', 1, l.position, gen_random_uuid(), '{}', false, l.is_open, '{}',
           now(), now(), 'x', '{"id":"' || l.stream || '"}', '{"id":"' || l.stream || '"}'
    FROM views.lease_desk l
"""
DESK = """
    INSERT INTO views.lease_desk (stream, position, is_open, status, bucket, overdue_on, papers,
                                  guarantees, region, units, unassigned)
    SELECT gen_random_uuid(), i, i %% 10 <> 0,
           CASE WHEN i %% 10 = 0 THEN 'completed' WHEN i %% 4 = 0 THEN 'applied' ELSE 'active' END,
           CASE WHEN i %% 10 <> 0 AND i %% 4 <> 0 THEN 'b' || i %% 2 END,
           date '2026-01-01' + i %% 300, CASE WHEN i %% 4 = 0 THEN 1 ELSE 0 END,
           CASE WHEN i %% 5 = 0 THEN 1 ELSE 0 END, 'r' || i %% 3, '{}', false
    FROM generate_series(1, %(leases)s) i
"""
CASES = """
    INSERT INTO views.cases (stream, category, version, position, customer_id, dealer_id, units,
                             unassigned, is_open, next_step, next_roles, opened_at, updated_at,
                             last_topic, customer_due_at, summary, outline)
    SELECT gen_random_uuid(), k.category, 1, 100000 + i * 5 + k.place,
           CASE WHEN i %% 20 = 0 THEN %(customer)s::uuid ELSE gen_random_uuid() END,
           'd' || i %% 7, '{}', false, i %% 3 = 0, 'placement', '{}', now(), now(), 'x',
           now() + make_interval(mins => i),
           '{"id":"x"}', '{"id":"x","currency":"IRR","next_due_minor":5,"oldest_unpaid_minor":7}'
    FROM generate_series(1, %(cases)s) i
    CROSS JOIN (VALUES ('complaint', 1), ('order', 2), ('lease', 3), ('vehicle', 4))
        AS k(category, place)
"""
WORK = """
    INSERT INTO views.work (stream, category, rank, due_hour, grade_rank, due_at, opened_at,
                            dealer_id, units, unassigned, next_step, next_roles)
    SELECT c.stream, 'complaint', 2, 'infinity', 99, 'infinity', c.opened_at, c.dealer_id, '{}',
           false, 'plan', ARRAY['dealer']
    FROM views.cases c WHERE c.category = 'complaint' AND c.is_open
"""


@pytest.fixture(scope="module")
def crowd(module_database_url: str) -> Iterator[World]:
    """Thousands of leases and of other cases, most of them of nobody who is asked about."""
    with world(module_database_url, rules=False) as told:
        catch_up(told.url, told.log, VIEWS)
        with connect(told.url) as owner:
            owner.execute(DESK.encode(), {"leases": 9_000})
            owner.execute(LEASES.encode())
            owner.execute(CASES.encode(), {"cases": 6_000, "customer": LEILA})
            owner.execute(WORK.encode())
            for table in ("cases", "work", "lease_desk"):
                owner.execute(f"VACUUM ANALYZE views.{table}".encode())
        yield told


def leasing(told: World, sight: Sees = EVERYTHING) -> Any:
    body = ask(told.url, lambda c: portals.leasing(c, sight)).body
    assert body is not None
    return from_json(body)


def test_a_leasing_home_counts_to_a_number_and_shows_what_waits_longest(crowd: World) -> None:
    home = leasing(crowd)
    statuses = {each["status"]: each for each in home["applications"]["by_status"]}
    assert statuses["applied"] == {"status": "applied", "count": COUNT_MAX, "more": True}
    assert "completed" not in statuses
    assert len(home["applications"]["items"]) == len(home["papers"]["items"]) == ITEMS_MAX
    assert home["papers"]["to_verify"] == {"count": COUNT_MAX, "more": True}
    assert [each["bucket"] for each in home["arrears"]["by_bucket"]] == ["b0", "b1"]
    assert len(home["arrears"]["items"]) == len(home["guarantees"]["items"]) == ITEMS_MAX
    assert home["guarantees"]["held"]["count"] == home["guarantees"]["to_return"]["count"] == 900


def test_a_leasing_home_is_of_what_its_reader_sees(crowd: World) -> None:
    regional = leasing(crowd, Sees(region="r1"))
    whole, nobody = leasing(crowd), leasing(crowd, Sees(region="nowhere"))
    assert regional["guarantees"]["to_return"]["count"] == 300
    assert whole["guarantees"]["to_return"]["count"] == 900
    for part in nobody.values():
        assert part["items"] == []


def test_a_dealers_home_counts_what_it_has_to_plan(crowd: World) -> None:
    body = ask(crowd.url, lambda c: portals.dealer(c, "d3")).body
    assert body is not None
    home = from_json(body)
    assert home["complaints"]["plans_due"] == home["complaints"]["ours"]
    assert 0 < home["complaints"]["open"]["count"] < COUNT_MAX
    assert len(home["complaints"]["items"]) == len(home["orders"]["items"]) == ITEMS_MAX
    [stage] = home["orders"]["by_next_stage"]
    assert stage["stage"] == OrderStage.PLACEMENT
    assert stage["count"] == home["complaints"]["open"]["count"]


WANTED = {
    "customer": LEILA, "dealer": "d3", "stages": ["placement"], "items": 20, "count": 1000,
    "everything": False, "own_dealer": None, "own_unit": None, "own_region": "r1",
    "unassigned": True, "statuses": ["applied", "active"], "applications": ["applied"],
    "kinds": ["phone"], "hashes": [KEYS.lookup_hash("phone", "+98")], "limit": 50,
}  # fmt: skip


@pytest.mark.parametrize("block", ["customer", "dealer", "leasing", "find"])
def test_a_home_or_a_look_up_scans_no_table_of_cases(crowd: World, block: str) -> None:
    sql = identifiers.SQL if block == "find" else portals.SQL
    with connect(crowd.url, "reader") as reader:
        rows = reader.execute(b"EXPLAIN " + sql[block].encode(), WANTED, prepare=False).fetchall()
    plan = "\n".join(row[0] for row in rows)
    for table in ("cases", "case_documents", "work"):
        assert f"Seq Scan on {table} " not in plan, plan


def test_a_customers_first_instalment_is_found_among_many(crowd: World) -> None:
    with connect(crowd.url, "reader") as reader:
        rows = reader.execute(
            b"EXPLAIN (ANALYZE, FORMAT JSON) " + portals.SQL["customer"].encode(), WANTED
        ).fetchall()
    touched = [
        node["Actual Rows"] * node["Actual Loops"]
        for node in _nodes(rows[0][0][0]["Plan"])
        if node.get("Relation Name") == "cases"
    ]
    assert sum(touched) <= 8 * ITEMS_MAX, touched


def _nodes(plan: Any) -> Iterator[Any]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)
