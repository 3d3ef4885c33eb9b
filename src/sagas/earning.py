"""Credits points for what customers do: purchases, services, answers to call-backs, taking part.

One instance per order, vehicle, complaint or customer. What earns, and who is enrolled by it, is
the programmes' data. The reference of an earning is the event that it is for, so that it is
credited once; a visit that turns out not to have been is taken back. What happened before an order
was carried over, or is recorded later than a programme allows, earns nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain import complaint as co
from domain import customer as c
from domain import loyalty as lo
from domain import order as o
from domain import vehicle as v
from domain.clocks.messages import Urgency
from domain.declare import CaseNotFound, Command, Refusal, stored_name
from domain.fields import Erased
from domain.money import Money
from sagas.addressees import record_of
from sagas.declare import Do, Hands, Saga, Wake, made_by
from sagas.programmes import PROGRAMMES, Programmes, day_at_noon
from store.log import Recorded

# --- state ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Having:
    """That a customer has a vehicle from a day on, to one that is not included."""

    ownership: UUID
    customer: UUID
    is_lessee: bool
    from_on: date
    to_on: date | None = None


@dataclass(frozen=True)
class Earning:
    """Points of one programme for what the event `cause` says; `item` is the visit, if it is one.

    `credited_to` is the ledger that has them. `taken_back_by` is the event by which they are to be
    taken back, or not to be credited in the first place.
    """

    cause: UUID
    source: lo.EarningSource
    customer: UUID
    programme: str
    since: datetime
    occurred_at: datetime
    amount: Money | None = None
    item: UUID | None = None
    credited_to: UUID | None = None
    taken_back_by: UUID | None = None

    @property
    def reference(self) -> str:
        """Return by what the ledger knows it."""
        return str(self.cause)

    @property
    def owed(self) -> bool:
        """Tell whether something is to be done about it."""
        return (self.credited_to is None) == (self.taken_back_by is None)


@dataclass(frozen=True)
class Doings:
    """What one case says of what its customer did."""

    customer: UUID | None = None
    price: Money | None = None
    carried_over_at: datetime | None = None
    once: bool = False
    """Whether that has happened which earns only once in a case."""
    having: tuple[Having, ...] = ()
    earnings: tuple[Earning, ...] = ()

    @property
    def owed(self) -> tuple[Earning, ...]:
        """Return what is to be credited or taken back."""
        return tuple(each for each in self.earnings if each.owed)


NOTHING = Doings()

# --- evolve ---------------------------------------------------------------------------------------


def _earned(
    doings: Doings,
    recorded: Recorded,
    programmes: Programmes,
    source: lo.EarningSource,
    *,
    customer: UUID | None,
    on: date | None = None,
    amount: Money | None = None,
    item: UUID | None = None,
) -> Doings:
    """Owe her what an event earns in each programme that it earns in."""
    if customer is None:
        return doings
    at = recorded.recorded_at
    occurred_at = at if on is None else day_at_noon(on, at)
    currency = None if amount is None else amount.currency
    added = tuple(
        Earning(recorded.event_id, source, customer, name, at, occurred_at, amount, item)
        for name in programmes.earning(source, occurred_at, at, currency)
    )
    return replace(doings, earnings=(*doings.earnings, *added))


def _placed(doings: Doings, recorded: Recorded, _: Programmes) -> Doings:
    event: o.OrderPlaced = recorded.event
    carried = None if event.source_ref is None else recorded.recorded_at
    return replace(doings, customer=event.customer_id, price=event.price, carried_over_at=carried)


def _contracted(doings: Doings, recorded: Recorded, _: Programmes) -> Doings:
    return replace(doings, price=recorded.event.price)


def _delivered(doings: Doings, recorded: Recorded, programmes: Programmes) -> Doings:
    on: date = recorded.event.delivered_on
    carried = doings.carried_over_at
    if carried is not None and on < carried.date():
        return doings
    return _earned(
        doings, recorded, programmes, lo.EarningSource.PURCHASE,
        customer=doings.customer, on=on, amount=doings.price,
    )  # fmt: skip


def _has(doings: Doings, recorded: Recorded, _: Programmes) -> Doings:
    event: v.OwnershipRecorded = recorded.event
    is_lessee = event.role is v.OwnershipRole.LESSEE
    added = Having(event.ownership_id, event.customer_id, is_lessee, event.from_on, event.to_on)
    return replace(doings, having=(*doings.having, added))


def _has_no_longer(doings: Doings, recorded: Recorded, _: Programmes) -> Doings:
    event: v.OwnershipEnded = recorded.event
    having = tuple(
        replace(each, to_on=event.to_on) if each.ownership == event.ownership_id else each
        for each in doings.having
    )
    return replace(doings, having=having)


def _never_had(doings: Doings, recorded: Recorded, _: Programmes) -> Doings:
    gone: UUID = recorded.event.ownership_id
    return replace(doings, having=tuple(h for h in doings.having if h.ownership != gone))


def _visited(doings: Doings, recorded: Recorded, programmes: Programmes) -> Doings:
    event: v.VisitRecorded = recorded.event
    if v.WorkKind.PERIODIC_SERVICE not in event.works:
        return doings
    return _earned(
        doings, recorded, programmes, lo.EarningSource.SERVICE,
        customer=_holder(doings, event.visited_on), on=event.visited_on, item=event.visit_id,
    )  # fmt: skip


def _holder(doings: Doings, on: date) -> UUID | None:
    """Return the customer who had the vehicle on a day: the lessee, where there was one."""
    had = [h for h in doings.having if h.from_on <= on and (h.to_on is None or on < h.to_on)]
    if not had:
        return None
    return max(had, key=lambda each: (each.is_lessee, each.from_on)).customer


def _not_visited(doings: Doings, recorded: Recorded, _: Programmes) -> Doings:
    """Take back what was credited for a visit that was none, and credit nothing any more.

    What is being credited just now is heard of later, and taken back then.
    """
    item: UUID = recorded.event.visit_id
    earnings = tuple(
        replace(each, taken_back_by=recorded.event_id) if each.item == item else each
        for each in doings.earnings
    )
    return replace(doings, earnings=earnings)


def _registered(doings: Doings, recorded: Recorded, _: Programmes) -> Doings:
    customer: UUID | None = recorded.event.customer_id
    return replace(doings, customer=customer or doings.customer)


def _called_back(doings: Doings, recorded: Recorded, programmes: Programmes) -> Doings:
    event: co.CalledBack = recorded.event
    if event.satisfaction is None or doings.once:
        return doings
    return _earned(
        replace(doings, once=True), recorded, programmes, lo.EarningSource.CALLBACK,
        customer=doings.customer,
    )  # fmt: skip


def _took_part(doings: Doings, recorded: Recorded, programmes: Programmes) -> Doings:
    if doings.once:
        return doings
    return _earned(
        replace(doings, once=True), recorded, programmes, lo.EarningSource.PARTICIPATION,
        customer=recorded.stream,
    )  # fmt: skip


def _credited(doings: Doings, recorded: Recorded, _: Programmes) -> Doings:
    """Know where the points are; what can never be taken back is forgotten."""
    event: lo.PointsEarned = recorded.event
    wanted = (event.reference, event.source, event.programme.name)
    left = []
    for each in doings.earnings:
        if (each.reference, each.source, each.programme) != wanted:
            left.append(each)
        elif each.item is not None and event.points > 0:
            left.append(replace(each, credited_to=recorded.stream))
    return replace(doings, earnings=tuple(left))


def _taken_back(doings: Doings, recorded: Recorded, _: Programmes) -> Doings:
    event: lo.PointsClawedBack = recorded.event
    gone = (event.reference, event.source, recorded.stream)
    left = tuple(
        each
        for each in doings.earnings
        if not event.is_whole or (each.reference, each.source, each.credited_to) != gone
    )
    return replace(doings, earnings=left)


_FOLLOW: Mapping[type[Any], Callable[[Doings, Recorded, Programmes], Doings]] = {
    o.OrderPlaced: _placed,
    o.OrderContracted: _contracted,
    o.OrderDelivered: _delivered,
    v.OwnershipRecorded: _has,
    v.OwnershipEnded: _has_no_longer,
    v.OwnershipWithdrawn: _never_had,
    v.VisitRecorded: _visited,
    v.VisitWithdrawn: _not_visited,
    co.ComplaintRegistered: _registered,
    co.ComplainantIdentified: _registered,
    co.CalledBack: _called_back,
    c.PortalAccountOpened: _took_part,
    lo.PointsEarned: _credited,
    lo.PointsClawedBack: _taken_back,
}
_OF_LEDGERS = (lo.PointsEarned, lo.PointsClawedBack)


def evolve(doings: Doings | None, recorded: Recorded, programmes: Programmes) -> Doings | None:
    """Follow one event; None where nothing is known that could ever earn."""
    found = _FOLLOW[type(recorded.event)](doings or NOTHING, recorded, programmes)
    return None if found == NOTHING else found


def key(recorded: Recorded) -> UUID | None:
    """Return the case that an event is of; what ledgers say goes to what it was earned by."""
    return None if isinstance(recorded.event, _OF_LEDGERS) else recorded.stream


def reaches(recorded: Recorded) -> tuple[str, ...]:
    """Return the reference of points that were credited or taken back."""
    event = recorded.event
    if not isinstance(event, _OF_LEDGERS) or event.source is lo.EarningSource.OPENING:
        return ()
    return (event.reference,) if _is_ours(event.reference) else ()


def _is_ours(reference: str) -> bool:
    try:
        return str(UUID(reference)) == reference
    except ValueError:
        return False


# --- wake and perform -----------------------------------------------------------------------------


def wake(doings: Doings) -> Wake | None:
    """Wake when something is to be credited or taken back."""
    since = min((each.since for each in doings.owed), default=None)
    return None if since is None else Wake(since, Urgency.REMINDER)


def perform(doings: Doings, _: datetime, hands: Hands) -> bool:
    """Credit what is owed, each by itself; True: none of it could be, or all of it was."""
    rests, refused = True, None
    for each in doings.owed:
        try:
            commands = _commands(each, hands)
            if commands and hands.act(Do(commands, each.taken_back_by or each.cause)).events:
                rests = False
        except Refusal as refusal:
            refused = refusal
    if refused is not None:
        raise refused
    return rests


def _commands(earning: Earning, hands: Hands) -> tuple[Command, ...]:
    """Return what credits the customer as her record stands; nothing, where she was erased.

    What was credited before her record was merged into another one is not credited to that too.
    """
    programme = earning.programme
    if earning.taken_back_by is not None:
        assert earning.credited_to is not None
        what = f"claw-back/{programme}"
        return (
            lo.ClawBackPoints(
                stream=earning.credited_to,
                claw_back_id=made_by(earning.taken_back_by, what),
                source=earning.source,
                reference=earning.reference,
            ),
        )
    found = record_of(earning.customer, hands)
    if found is None or isinstance(found[1].name, Erased):
        return ()
    customer = found[0]
    ledger = lo.ledger_id(customer, programme)
    if customer != earning.customer and _has_credited(earning, hands):
        return ()
    return (
        lo.OpenLedger(stream=ledger, customer_id=customer, programme=programme),
        lo.EarnPoints(
            stream=ledger,
            earning_id=made_by(earning.cause, f"points/{programme}"),
            source=earning.source,
            reference=earning.reference,
            amount=earning.amount,
            occurred_at=earning.occurred_at,
        ),
    )


def _has_credited(earning: Earning, hands: Hands) -> bool:
    try:
        state = hands.casebook.state(lo.ledger_id(earning.customer, earning.programme)).state
    except CaseNotFound:
        return False
    ledger: lo.Ledger = state
    return ledger.reference(earning.source, earning.reference) is not None


SAGA: Saga[Doings] = Saga(
    name="earning",
    revision=1,
    topics=tuple(stored_name(event) for event in _FOLLOW),
    state_type=Doings,
    key=key,
    evolve=evolve,
    wake=wake,
    todo=lambda _, __: (),
    perform=perform,
    waits=False,
    shared=PROGRAMMES,
    tags=lambda doings: tuple({each.reference for each in doings.earnings}),
    reaches=reaches,
)
