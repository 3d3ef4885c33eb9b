"""Lists of cases: each field of a filter has its condition, and nothing else is asked."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, get_args, get_type_hints
from uuid import UUID

import pytest

import projections
from domain import customer as cu
from projections import VIEWS, complaint_list, draw_list, ledger_list
from projections.case_list import CaseList, _statement
from projections.draw_list import DrawFilter
from projections.ledger_list import LedgerFilter
from projections.reading import Page
from store.blocks import Blocks
from store.views import catch_up
from tests.projections.asking import EVERYTHING, Sees, ask
from tests.projections.world import World, world

LISTS: tuple[CaseList[Any], ...] = tuple(
    import_module(f"projections.{path.stem}").LIST
    for path in sorted(Path(projections.__path__[0]).glob("*_list.py"))
    if path.stem != "case_list"
)
VALUES = {
    str: "x",
    bool: True,
    UUID: UUID(int=7),
    date: date(2024, 3, 20),
    datetime: datetime(2024, 3, 20, tzinfo=UTC),
}
NOBODY = Sees()
SOMEBODY = Sees(
    unassigned=True, customer_id=UUID(int=7), dealer_id="D-17", unit="quality", region="tehran"
)
ASKED = [
    pytest.param(of, field.name, id=f"{of.category}-{field.name}")
    for of in LISTS
    for field in dataclasses.fields(of.filters)
]


def value(of: CaseList[Any], name: str) -> object:
    return VALUES[get_args(get_type_hints(of.filters)[name])[0]]


@pytest.fixture(scope="module")
def told(module_database_url: str) -> Iterator[World]:
    """A log of one customer, so that no list has a case but every view has a position."""
    with world(module_database_url) as told:
        registered = cu.CustomerRegistered(
            customer_id=UUID(int=7), name="Leila", kind=cu.CustomerKind.PERSON, locale=cu.Locale.FA
        )
        told.happened(UUID(int=7), registered)
        catch_up(told.url, told.log, VIEWS)
        yield told


def found(told: World, of: CaseList[Any], sight: Sees, **more: Any) -> Page:
    wanted = of.filters(**more)
    return ask(told.url, lambda c: of.page(c, wanted, sight, outside=sight is not EVERYTHING))


def test_the_lists_are_all_here() -> None:
    assert sorted(of.category for of in LISTS) == [
        "complaint", "draw", "lease", "loyalty", "order", "referral", "staff",
    ]  # fmt: skip


@pytest.mark.parametrize(("of", "name"), ASKED)
def test_a_field_is_a_condition_that_postgresql_understands(
    told: World, of: CaseList[Any], name: str
) -> None:
    page = found(told, of, EVERYTHING, **{name: value(of, name)})
    assert (page.items, page.next, page.position) == ([], None, told.casebook.head())


@pytest.mark.parametrize("of", LISTS, ids=lambda of: str(of.category))
@pytest.mark.parametrize("sight", [EVERYTHING, SOMEBODY, NOBODY])
def test_all_fields_are_asked_at_once(told: World, of: CaseList[Any], sight: Sees) -> None:
    everything = {field.name: value(of, field.name) for field in dataclasses.fields(of.filters)}
    for wanted in ({}, everything):
        page = found(told, of, sight, **wanted)
        assert (page.items, page.position) == ([], told.casebook.head())


@pytest.mark.parametrize(
    ("filters", "asks"),
    [
        pytest.param(DrawFilter, "", id="field without a condition"),
        pytest.param(
            LedgerFilter,
            "-- by_programme --\ntrue\n-- by_grade --\ntrue\n-- by_household --\ntrue\n"
            "-- by_colour --\ntrue\n",
            id="condition without a field",
        ),
    ],
)
def test_a_list_whose_filter_does_not_fit_its_conditions_is_none(
    tmp_path: Path, filters: type[Any], asks: str
) -> None:
    sql = tmp_path / "odd_list.sql"
    sql.write_text(asks, encoding="utf-8")
    with pytest.raises(ValueError, match="odd"):
        CaseList(category="odd", filters=filters, blocks=Blocks(sql))


def test_a_form_of_a_field_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="by_text"):
        CaseList(
            category="draw", filters=DrawFilter, blocks=draw_list.LIST.blocks, given={"text": str}
        )


def test_a_statement_asks_for_nothing_that_nobody_asked() -> None:
    of = complaint_list.LIST
    bare = _statement(of, "summary", (), None)
    assert "WHERE c.category = %(category)s\nORDER BY" in bare
    one = _statement(of, "outline", ("by_status",), ("dealer",))
    assert "c.status = %(status)s\nAND (c.dealer_id = %(own_dealer)s)\nORDER BY" in one
    assert one.count("%(") == 5
    assert one is _statement(of, "outline", ("by_status",), ("dealer",))


def test_the_longest_statement_is_short_enough_for_the_driver_to_remember() -> None:
    for of in LISTS:
        names = tuple(f"by_{field.name}" for field in dataclasses.fields(of.filters))
        text = _statement(of, "outline", (*names, "after_cursor"), of.sights)
        assert len(text) < 4_096, of.category


def test_who_sees_nothing_finds_nothing_and_who_sees_all_is_not_asked_why() -> None:
    assert "AND false\n" in _statement(ledger_list.LIST, "outline", (), ())
    everything = _statement(complaint_list.LIST, "summary", (), None)
    assert "own_" not in everything
    assert "unassigned" not in everything


def test_a_search_is_as_fresh_as_the_staler_of_its_views(told: World) -> None:
    told.happened(
        UUID(int=8),
        cu.CustomerRegistered(
            customer_id=UUID(int=8), name="Omid", kind=cu.CustomerKind.PERSON, locale=cu.Locale.FA
        ),
    )
    before = told.casebook.head() - 1
    catch_up(told.url, told.log, [view for view in VIEWS if view.name != "search"])
    try:
        assert found(told, complaint_list.LIST, EVERYTHING).position == before + 1
        searched = found(told, complaint_list.LIST, EVERYTHING, text="omid")
        assert searched.position == before
    finally:
        catch_up(told.url, told.log, VIEWS)
