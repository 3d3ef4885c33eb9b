"""A sale scheme as a rule document: what is refused in one, and what the shipped ones hold."""

import copy
import tomllib
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from domain import order as o
from domain.clocks.calendar import Calendar, Holiday
from domain.order import OrderAct, OrderStage, SaleScheme
from domain.rulebook import Published, Rules
from tests.domain.complaint.desk import SHIPPED
from tests.domain.order.desk import (
    CONTRACT_ON,
    CUSTOMER,
    DEALER,
    MANAGER,
    PRICE,
    RULES,
    order,
    place,
    rial,
)
from tests.scenario import Scenario

SCHEMES = sorted(path.stem for path in (SHIPPED / "sale_scheme").glob("*.toml"))
READER: TypeAdapter[SaleScheme] = TypeAdapter(SaleScheme)


def content(name: str = "immediate") -> dict[str, Any]:
    path = SHIPPED / "sale_scheme" / f"{name}.toml"
    return copy.deepcopy(tomllib.loads(path.read_text(encoding="utf-8"))["content"])


def under(**changes: Any) -> Scenario:
    """An order that is still to be placed, where the immediate sale is changed like this."""
    documents = dict(RULES.documents)
    published = documents[SaleScheme, "immediate"][0]
    changed = replace(published.content, **changes)
    documents[SaleScheme, "immediate"] = [
        Published("immediate", 1, published.effective_from_at, changed)
    ]
    return replace(order(), rules=Rules(documents))


def refused(scheme: dict[str, Any], saying: str) -> None:
    with pytest.raises(ValidationError, match=saying):
        READER.validate_python(scheme)


@pytest.mark.parametrize("name", SCHEMES)
def test_a_shipped_scheme_lists_its_stages_in_an_order_in_which_they_can_be_reached(
    name: str,
) -> None:
    scheme = READER.validate_python(content(name))
    stages = [s for s in scheme.stages.steps if s.name in {stage.value for stage in OrderStage}]
    seen: set[str] = set()
    for step in stages:
        assert set(step.needs) <= seen, step.name
        seen.add(step.name)
    acts = {step.name for step in scheme.stages.steps} - seen
    drawn = scheme.has(OrderStage.DRAW)
    assert acts == {act.value for act in OrderAct if drawn or act is not OrderAct.DRAW_RELEASE}


@pytest.mark.parametrize("name", SCHEMES)
def test_a_shipped_scheme_offers_a_way_out_for_every_reason(name: str) -> None:
    scheme = READER.validate_python(content(name))
    offered = {reason for terms in scheme.cancellation for reason in terms.reasons}
    assert offered == set(o.OrderCancelReason)
    hers = {reason for t in scheme.cancellation if t.by_customer for reason in t.reasons}
    assert {o.OrderCancelReason.CUSTOMER_WITHDREW, o.OrderCancelReason.LATE_DELIVERY} <= hers


def test_a_scheme_knows_the_stages_there_are_and_has_the_ones_it_needs() -> None:
    unknown = content()
    unknown["stages"]["steps"].append({"name": "christening"})
    refused(unknown, "no stage or act called christening")
    without = content()
    without["stages"]["steps"] = [{"name": "placement"}, {"name": "delivery"}]
    refused(without, "a scheme has the stages allocation too")


def test_a_payment_plan_is_the_whole_price_in_parts_that_can_be_told_apart() -> None:
    short = content()
    short["plan"] = [{"code": "half", "share_bp": 5_000}]
    refused(short, "10000 basis points")
    twice = content()
    twice["plan"] = [{"code": "half", "share_bp": 5_000}] * 2
    refused(twice, "has a code twice")
    refused({**content(), "plan": []}, "at least 1 item")


def test_what_a_lease_pays_goes_with_the_stage_of_its_financing() -> None:
    leased = content("leased")
    leased["plan"] = [{"code": "price", "share_bp": 10_000}]
    refused(leased, "if and only if financing is a stage")
    paid = content()
    paid["plan"] = [{"code": "price", "share_bp": 10_000, "by_lease": True}]
    refused(paid, "if and only if financing is a stage")


def test_rates_are_written_as_decimals_and_days_lie_within_reason() -> None:
    for wrong in ("2,5", "-0.01", "0.025x", "1e-3"):
        scheme = content()
        scheme["delay"]["rate"] = {"monthly": wrong}
        refused(scheme, "pattern")
    scheme = content()
    scheme["delay"]["rate"] = {"monthly": "0.01", "month_days": 0}
    refused(scheme, "greater than or equal to 28")
    refused({**content(), "delivery_within_days": 0}, "greater than or equal to 1")


def test_a_scheme_ends_after_it_begins() -> None:
    scheme = {**content(), "from_on": date(2026, 2, 1), "until_on": date(2026, 1, 1)}
    refused(scheme, "ends before it begins")


def test_nothing_is_sold_outside_the_days_of_a_scheme() -> None:
    over = under(until_on=date(2025, 12, 31))
    over.when(place()).refused(o.SchemeNotOnSale, on="2026-03-01")
    ahead = under(from_on=date(2026, 4, 1))
    ahead.when(place()).refused(o.SchemeNotOnSale)
    then = datetime.combine(CONTRACT_ON, datetime.min.time(), order().now.tzinfo)
    carried = over.after((MANAGER, place(placed_at=then, source_ref="row-7")))
    assert carried.state.placed.source_ref == "row-7"


def test_the_prices_of_a_scheme_are_the_ones_that_customers_and_dealers_sell_at() -> None:
    prices = (
        o.ModelPrice(model="E5", price=PRICE),
        o.ModelPrice(model="E5", trim="full", price=rial(PRICE.minor + 9)),
    )
    listed = under(prices=prices)
    hers = place(price=None, contract_on=None)
    assert listed.after((CUSTOMER, hers)).state.price == PRICE
    full = place(price=None, contract_on=None, trim="full")
    assert listed.after((CUSTOMER, full)).state.price == rial(PRICE.minor + 9)
    listed.when(place(price=rial(5)), by=DEALER).refused(o.TermsNotYours)
    assert listed.after((DEALER, place())).state.price == PRICE
    assert listed.after((MANAGER, place(price=rial(5)))).state.price == rial(5)
    listed.when(place(price=None, model="E9"), by=DEALER).refused(o.PriceIsMissing)


def test_an_order_repeated_after_the_calendar_has_changed_is_still_the_same() -> None:
    wish = place("definitive_pre_sale")
    placed = order().after((MANAGER, wish))
    due_on = placed.state.instalments[1].due_on
    documents = dict(RULES.documents)
    published = documents[Calendar, "iran"][0]
    holiday = Holiday(on=due_on, name="A new holiday")
    changed = replace(published.content, holidays=(*published.content.holidays, holiday))
    documents[Calendar, "iran"] = [Published("iran", 1, published.effective_from_at, changed)]
    later = replace(placed, rules=Rules(documents))
    assert list(later.decide(wish, later.state)) == []
    fresh = replace(order(), rules=Rules(documents)).after((MANAGER, wish))
    assert fresh.state.instalments[1].due_on > due_on
    assert fresh.state.instalments[1].due_on <= due_on + timedelta(days=7)
