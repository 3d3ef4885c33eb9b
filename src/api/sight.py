"""Sight that one case gives of another: a dealer's complaint, of the vehicle it is about."""

from uuid import UUID

from api.access import Scope, is_outsider
from api.operations import Call
from projections import complaint_list
from projections.complaint_list import ComplaintFilter

_EVERYTHING = Scope(everything=True)


async def of_vehicle(call: Call, vehicle: UUID) -> Call:
    """Return the call with sight of this vehicle, if a complaint of the dealer's is about it."""
    if call.scope.dealer_id is None or not is_outsider(call.actor):
        return call
    wanted = ComplaintFilter(vehicle=vehicle, dealer=call.scope.dealer_id)
    async with call.desk.readers.connection() as connection:
        found = await complaint_list.page(connection, wanted, call.scope, outside=True, limit=1)
    return call._replace(scope=_EVERYTHING) if found.items else call
