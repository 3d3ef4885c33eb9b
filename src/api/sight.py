"""Sight that one case gives of another: a complaint of its vehicle, a record of what merged."""

from dataclasses import replace
from uuid import UUID

from api.access import Scope, is_outsider, scope_of
from api.operations import Call
from domain.customer import Customer
from domain.declare import CaseNotFound, Parties
from projections import complaint_list
from projections.complaint_list import ComplaintFilter
from store.casebook import Casebook

_EVERYTHING = Scope(everything=True)
_HOPS_MAX = 100
"""How long a chain of merged records is followed."""


async def of_vehicle(call: Call, vehicle: UUID) -> Call:
    """Return the call with sight of this vehicle, if a complaint of the dealer's is about it."""
    if call.scope.dealer_id is None or not is_outsider(call.actor):
        return call
    wanted = ComplaintFilter(vehicle=vehicle, dealer=call.scope.dealer_id)
    async with call.desk.readers.connection() as connection:
        found = await complaint_list.page(connection, wanted, call.scope, outside=True, limit=1)
    return call._replace(scope=_EVERYTHING) if found.items else call


def as_merged(call: Call, parties: Parties) -> Call:
    """Return the call of a customer as that record of hers which was merged, if the case is its.

    Records that lead to hers, over however many merges, are she; what is said in their cases is
    said as them. Any other call stays what it is. Blocks: the log is asked, which knows an undone
    merge at once.
    """
    whose, own = parties.customer_id, call.scope.customer_id
    if own is None or whose is None or not _leads_to(call.desk.casebook, whose, own):
        return call
    actor = replace(call.actor, customer_id=whose)
    return call._replace(actor=actor, scope=scope_of(actor))


async def sees(call: Call, parties: Parties) -> bool:
    """Tell whether the caller sees a case of these parties, as one of her records or another."""
    if call.scope.sees(parties):
        return True
    if call.scope.customer_id is None:
        return False
    found = await call.desk.writers.run(as_merged, call, parties)
    return found.scope.sees(parties)


def _leads_to(casebook: Casebook, record: UUID, wanted: UUID) -> bool:
    for _ in range(_HOPS_MAX):
        if record == wanted:
            return True
        try:
            state = casebook.state(record).state
        except CaseNotFound:
            return False
        if not isinstance(state, Customer) or state.merged_into is None:
            return False
        record = state.merged_into
    return False
