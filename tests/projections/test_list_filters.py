"""What a list is asked for is found by an index, however many cases say something else."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import fields
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import AsyncConnection

from projections import VIEWS, lease_list, ledger_list, order_list, referral_list
from projections.lease_list import LeaseFilter
from projections.ledger_list import LedgerFilter
from projections.order_list import OrderFilter
from projections.reading import Page, Reading
from projections.referral_list import ReferralFilter
from store.database import connect, conninfo
from store.views import catch_up
from tests.projections.asking import EVERYTHING
from tests.projections.world import world

Row = tuple[Any, ...]
OTHERS, RARE_ONES = 6_000, 3
RARE = UUID(int=0x4A4E)
TOUCHED_MAX = 200
"""Rows that a page of three may look at; each list has twenty times as many."""

FILLED = """
INSERT INTO views.cases (stream, category, version, position, units, unassigned, is_open, status,
                         number, next_roles, opened_at, updated_at, last_topic, summary, outline)
SELECT gen_random_uuid(), %(category)s, 1, %(after)s + i, '{}', false, true, 'open',
       %(number)s::text || CASE WHEN %(rare)s::boolean THEN '' ELSE i::text END, '{}', now(),
       now(), 't', s, '{}'
FROM generate_series(1, %(count)s) i
CROSS JOIN LATERAL (SELECT json_build_object(
    'draw_id', v, 'lease_id', v, 'model', v, 'stage', v, 'refundable_minor', %(minor)s::integer,
    'provider', v, 'bank', v, 'household_id', v, 'grade', v, 'letter_number', v,
    'complaint_id', v)::text AS s FROM (VALUES (%(value)s::text)) AS given (v)) said
"""


class Explaining(AsyncConnection[Row]):
    """Keeps the plan of what it is asked, with what it took."""

    plans: list[Any]

    async def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
        explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {query}".encode()
        [(plan,)] = await (await super().execute(explain, params)).fetchall()
        self.plans.append(plan[0]["Plan"])
        return await super().execute(query, params, **how)


@pytest.fixture(scope="module")
def url(module_database_url: str) -> Iterator[str]:
    """A few cases of every kind behind thousands that say something else."""
    with world(module_database_url) as told:
        catch_up(told.url, told.log, VIEWS)
        with connect(told.url) as owner:
            for category in ("order", "lease", "loyalty", "referral"):
                for rare, value, count in ((True, RARE, RARE_ONES), (False, uuid4(), OTHERS)):
                    owner.execute(FILLED.encode(), {
                        "category": category, "after": 0 if rare else RARE_ONES, "rare": rare,
                        "number": "rare" if rare else "N-", "count": count, "value": str(value),
                        "minor": 5 if rare else 0,
                    })  # fmt: skip
            owner.execute("ANALYZE views.cases")
        yield told.url


def _touched(node: Any) -> int:
    own = 0
    if node.get("Relation Name") == "cases":
        rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        own = int(rows * node["Actual Loops"])
    return own + sum(_touched(part) for part in node.get("Plans", ()))


def _asked(url: str, question: Callable[[Reading], Awaitable[Page]]) -> tuple[Page, int]:
    async def asked() -> tuple[Page, int]:
        async with await Explaining.connect(conninfo(url, "reader"), autocommit=True) as connection:
            connection.plans = []
            page = await question(connection)
            return page, sum(map(_touched, connection.plans))

    return asyncio.run(asked())


def _field(wanted: Any) -> str:
    """Return the field by which a filter filters."""
    return next(field.name for field in fields(wanted) if getattr(wanted, field.name) is not None)


@pytest.mark.parametrize(
    "wanted",
    [
        OrderFilter(draw=RARE),
        OrderFilter(lease=RARE),
        OrderFilter(model=str(RARE)),
        OrderFilter(stage=str(RARE)),
        OrderFilter(refundable=True),
        OrderFilter(number="rare"),
        LeaseFilter(provider=str(RARE)),
        LeaseFilter(bank=str(RARE)),
        LeaseFilter(number="rare"),
        LedgerFilter(household=RARE),
        LedgerFilter(grade=str(RARE)),
        ReferralFilter(letter_number=str(RARE)),
        ReferralFilter(complaint=RARE),
        ReferralFilter(number="rare"),
    ],
    ids=lambda wanted: f"{type(wanted).__name__}.{_field(wanted)}",
)
def test_a_few_among_thousands_are_found_by_an_index(url: str, wanted: Any) -> None:
    page: Any = {
        OrderFilter: order_list.page,
        LeaseFilter: lease_list.page,
        LedgerFilter: ledger_list.page,
        ReferralFilter: referral_list.page,
    }[type(wanted)]
    found, touched = _asked(url, lambda reading: page(reading, wanted, EVERYTHING))
    assert len(found.items) == RARE_ONES
    assert touched <= TOUCHED_MAX
