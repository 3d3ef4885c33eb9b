"""Lease products as shipped, and what no product may be."""

import tomllib
from dataclasses import replace
from typing import Any

import pytest

from domain import lease as l
from domain.clocks.calendar import Calendar
from domain.finance import InAdvance
from domain.procedure import Procedure
from store.rule_checks import references
from tests.domain.complaint.desk import SHIPPED
from tests.domain.lease import desk as d


def product(name: str) -> l.LeaseProduct:
    content: l.LeaseProduct = d.RULES.documents[l.LeaseProduct, name][0].content
    return content


IN_HOUSE = product("ir_in_house")


@pytest.mark.parametrize("name", sorted(d.PRICES))
def test_a_shipped_product_says_where_it_comes_from_and_names_what_there_is(name: str) -> None:
    path = SHIPPED / "lease_product" / f"{name}.toml"
    provenance = tomllib.loads(path.read_text(encoding="utf-8"))["provenance"]
    assert provenance["source"] and provenance["confirmed"]
    kinds = {"calendar": Calendar, "procedure": Procedure}
    named = [(kinds[each.kind], each.name) for each in references(product(name))]
    assert len(named) == 2
    assert all(each in d.RULES.documents for each in named)


def test_every_kind_of_payment_has_its_waterfall() -> None:
    for name in d.PRICES:
        assert set(product(name).waterfall) == set(l.LeasePaymentKind)
    with pytest.raises(ValueError, match="insurance"):
        replace(
            IN_HOUSE,
            waterfalls=tuple(w for w in IN_HOUSE.waterfalls if w.transaction != "insurance"),
        )


@pytest.mark.parametrize(
    "facts",
    [
        {"terms_months": ()},
        {"terms_months": (0,)},
        {"financed_at_least_minor": 0},
        {"financed_at_most_minor": 1},
        {"checklist": (IN_HOUSE.checklist[0], IN_HOUSE.checklist[0])},
        {"waterfalls": (*IN_HOUSE.waterfalls, IN_HOUSE.waterfalls[0])},
        {
            "waterfalls": (
                replace(IN_HOUSE.waterfalls[0], in_advance=InAdvance.KEEP),
                *IN_HOUSE.waterfalls[1:],
            )
        },
    ],
)
def test_what_cannot_be_sold_is_no_product(facts: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        replace(IN_HOUSE, **facts)


@pytest.mark.parametrize("days", [(0,), (5, 5), (30, 5)])
def test_classes_of_arrears_are_in_order(days: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="buckets"):
        l.ArrearsTerms(buckets=tuple(l.Bucket(code=f"b{day}", from_days=day) for day in days))
