"""Laws that hold of every vehicle's record."""

from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain import vehicle
from domain.declare import (
    Context,
    Refusal,
)
from domain.rulebook import NO_RULES
from domain.vehicle import events as happened
from tests.domain.steps import CASE, NOW, SPECIALIST
from tests.domain.test_vehicle import (
    EMPTY,
    FILE,
    FIRST,
    INSPECT,
    OMID,
    OTHER_VIN,
    PARTLY,
    REGISTER,
    SARA,
    SECOND,
    VIN,
    WARRANT,
)

IDS = st.sampled_from([FIRST, SECOND, UUID(int=3)])
DAYS = st.dates(date(2024, 1, 1), date(2026, 6, 1))


def _wishes() -> st.SearchStrategy[Any]:
    def wish(cls: type[Any], **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.builds(cls, stream=st.just(CASE), **parts)

    vins = st.sampled_from([VIN, OTHER_VIN])
    return st.one_of(
        st.sampled_from([REGISTER, WARRANT, FILE, INSPECT]),
        wish(vehicle.CompleteVin, vin=vins),
        wish(vehicle.CorrectVin, vin=vins),
        wish(vehicle.RecordPlate, plate=st.sampled_from(["12ب34567", "京A12345"])),
        wish(
            vehicle.RecordOwnership,
            ownership_id=IDS,
            customer_id=st.sampled_from([SARA, OMID]),
            role=st.sampled_from(happened.OwnershipRole),
            from_on=DAYS,
            to_on=st.none() | DAYS,
        ),
        wish(vehicle.EndOwnership, ownership_id=IDS, to_on=DAYS),
        wish(vehicle.WithdrawOwnership, ownership_id=IDS),
        wish(vehicle.VoidWarranty, warranty_id=IDS),
        wish(vehicle.WithdrawVehicleDocument, document_id=IDS),
        wish(vehicle.RecordInsurance, insurer=st.just("Sayeh"), expires_on=DAYS),
        wish(vehicle.RecordInspection, inspected_on=DAYS, passed=st.booleans()),
        wish(
            vehicle.RecordVisit,
            visit_id=IDS,
            dealer_id=st.just("D-17"),
            visited_on=DAYS,
            mileage_km=st.integers(0, 50_000),
            works=st.lists(st.sampled_from(happened.WorkKind), min_size=1, max_size=3).map(tuple),
        ),
        wish(vehicle.WithdrawVisit, visit_id=IDS),
    )


@given(st.lists(_wishes(), max_size=12))
def test_any_wish_twice_is_that_wish_once(wishes: list[Any]) -> None:
    context = Context(now=NOW, actor=SPECIALIST, rules=NO_RULES)
    case = EMPTY.given(PARTLY)
    for wish in wishes:
        try:
            events = vehicle.decide(case.state, wish, context)
        except Refusal:
            continue
        case = case.given(*events)
        assert vehicle.decide(case.state, wish, context) == []


@given(st.lists(_wishes(), max_size=20))
def test_nobody_has_a_vehicle_while_somebody_else_has_it_in_the_same_role(
    wishes: list[Any],
) -> None:
    context = Context(now=NOW, actor=SPECIALIST, rules=NO_RULES)
    case = EMPTY.given(PARTLY)
    for wish in wishes:
        try:
            case = case.given(*vehicle.decide(case.state, wish, context))
        except Refusal:
            continue
    standing = case.state.standing_ownerships
    for one in standing:
        for other in standing:
            if one is not other and one.role is other.role and one.from_on <= other.from_on:
                until = case.state.until(one.ownership_id)
                assert until is not None
                assert until <= other.from_on or one.from_on == until
