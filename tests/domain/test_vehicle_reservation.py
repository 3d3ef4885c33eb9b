"""A vehicle is meant for one purchase order, and changes hands by it alone."""

from dataclasses import replace
from uuid import UUID

from domain import vehicle
from domain.identifiers import VinIsWrong
from domain.vehicle import events as happened
from domain.vehicle.reservation import ReservedForAnother, VehicleIsSold, VinOfAnother
from domain.vehicle.state import VehicleCareOnly, VehicleIsReserved
from tests.domain.steps import CASE, CUSTOMER, fresh
from tests.domain.test_vehicle import END, OTHER_VIN, OWN, OWNED, PARTLY, REGISTERED, VIN
from tests.scenario import Scenario

ORDER, OTHER_ORDER = UUID(int=0x0D), UUID(int=0x0E)
RESERVE = vehicle.ReserveVehicle(stream=CASE, order_id=ORDER, vin=VIN.lower())
FREE = vehicle.EndReservation(stream=CASE, order_id=ORDER)
RESERVED = happened.VehicleReserved(order_id=ORDER)
FREED = happened.ReservationEnded(order_id=ORDER, end=happened.ReservationEnd.WITHDRAWN)


def registered() -> Scenario:
    return fresh(vehicle.DECIDER).given(REGISTERED)


def test_a_vehicle_is_reserved_for_one_order() -> None:
    reserved = registered().when(RESERVE).then(RESERVED)
    reserved.when(replace(RESERVE, order_id=OTHER_ORDER)).refused(ReservedForAnother)
    registered().when(RESERVE, by=CUSTOMER).refused(VehicleCareOnly)


def test_a_vehicle_is_reserved_by_its_own_full_vin() -> None:
    registered().when(replace(RESERVE, vin=OTHER_VIN)).refused(VinOfAnother)
    registered().when(replace(RESERVE, vin="I" + VIN[1:])).refused(VinIsWrong)
    fresh(vehicle.DECIDER).given(PARTLY).when(RESERVE).refused(VinOfAnother)


def test_a_vehicle_that_somebody_has_is_not_reserved() -> None:
    registered().given(OWNED).when(RESERVE).refused(VehicleIsSold)
    registered().given(OWNED).after((registered().actor, END)).when(RESERVE).then(RESERVED)


def test_a_reservation_ends_for_the_order_that_has_it() -> None:
    reserved = registered().given(RESERVED)
    reserved.when(replace(FREE, order_id=OTHER_ORDER)).then_nothing()
    free = reserved.when(FREE).then(FREED)
    free.when(replace(RESERVE, order_id=OTHER_ORDER)).then(
        happened.VehicleReserved(order_id=OTHER_ORDER)
    )


def test_a_reserved_vehicle_is_neither_sold_nor_renumbered() -> None:
    reserved = registered().given(RESERVED)
    reserved.when(OWN).refused(VehicleIsReserved)
    correct = vehicle.CorrectVin(stream=CASE, vin=OTHER_VIN)
    reserved.when(correct).refused(VehicleIsReserved)
    handed_over = happened.ReservationEnd.DELIVERED
    reserved.when(replace(FREE, end=handed_over), OWN).then(
        happened.ReservationEnded(order_id=ORDER, end=handed_over), OWNED
    )
