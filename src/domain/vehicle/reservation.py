"""For which purchase order a vehicle is meant; it is meant for one at a time.

The order says the same in the same moment. Whoever allocates decides on both, so that neither can
be read without the other.
"""

from collections.abc import Sequence
from typing import Annotated, assert_never
from uuid import UUID

from domain import identifiers
from domain.declare import Command, Context, Refusal, Unacceptable, command
from domain.fields import Text
from domain.vehicle.events import ReservationEnd, ReservationEnded, VehicleEvent, VehicleReserved
from domain.vehicle.state import Vehicle, require_vehicle_care

# --- commands -------------------------------------------------------------------------------------


@command
class ReserveVehicle(Command):
    """Mean the vehicle for a purchase order; `vin` is the one that the order was told."""

    order_id: UUID
    vin: Annotated[str, Text(max=40)]


@command
class EndReservation(Command):
    """Say that the vehicle is meant for that order no longer."""

    order_id: UUID
    end: ReservationEnd = ReservationEnd.WITHDRAWN


ReservationCommand = ReserveVehicle | EndReservation

# --- refusals -------------------------------------------------------------------------------------


class ReservedForAnother(Refusal, code="vehicle.reserved_for_another"):
    """The vehicle is meant for another purchase order."""


class VinOfAnother(Unacceptable, code="vehicle.vin_of_another"):
    """The vehicle has another VIN, or its full VIN is not known yet."""


class VehicleIsSold(Refusal, code="vehicle.is_sold"):
    """Somebody has the vehicle already; it is not for sale."""


# --- decide ---------------------------------------------------------------------------------------


def decide(
    vehicle: Vehicle, command: ReservationCommand, context: Context
) -> Sequence[VehicleEvent]:
    """Decide for which order the vehicle is meant."""
    match command:
        case ReserveVehicle(order_id=order_id, vin=vin):
            require_vehicle_care(context)
            if vehicle.vin is None or identifiers.vin(vin) != vehicle.vin:
                raise VinOfAnother
            if vehicle.reserved_for == order_id:
                return []
            if vehicle.reserved_for is not None:
                raise ReservedForAnother
            if vehicle.holder is not None:
                raise VehicleIsSold
            return [VehicleReserved(order_id=order_id)]
        case EndReservation(order_id=order_id, end=end):
            if vehicle.reserved_for != order_id:
                return []
            return [ReservationEnded(order_id=order_id, end=end)]
    assert_never(command)
