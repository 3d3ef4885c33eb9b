"""Moves a lease and the order that it pays for together.

A signed contract confirms the order's financing; a rejected or withdrawn application says that it
failed. The hand-over activates the lease, and a cancelled order withdraws a lease that has not
begun; of one that has, leasing officers hear (`notices`), since only people can end it.

One instance per lease. What is to be done is read from both cases when it is done, so that doing it
again changes nothing; a lease and an order of two different people are never moved together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from domain import lease as ls
from domain import order as o
from domain.clocks.messages import Urgency
from domain.declare import CaseNotFound, Command, Refusal, Unacceptable, stored_name
from sagas.addressees import record_of
from sagas.declare import Do, Hands, Saga, Wake
from store.log import Recorded

# --- state ----------------------------------------------------------------------------------------


class Wish(StrEnum):
    """What the one case is to be told of the other."""

    CONFIRM = "confirm"
    FAIL = "fail"
    ACTIVATE = "activate"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Owed:
    """Something to be done since `at`, because of the event `cause`."""

    wish: Wish
    cause: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Pair:
    """A lease and the order that it pays for, once one of them has named the other."""

    lease: UUID
    order: UUID | None = None
    signed: Owed | None = None
    over: Owed | None = None
    """That the lease pays nothing: it was rejected or withdrawn."""
    delivered: Owed | None = None
    delivered_on: date | None = None
    cancelled: Owed | None = None
    confirmed: bool = False
    failed: bool = False
    activated: bool = False
    paid: bool = False
    """Whether the lease is completed or settled, unless it is owed again."""

    @property
    def is_over(self) -> bool:
        """Tell whether nothing that could still happen asks for anything."""
        ended = self.delivered is not None or self.cancelled is not None
        if self.over is not None:
            return self.order is None or not self.owed
        return self.paid and ended

    @property
    def owed(self) -> tuple[Owed, ...]:
        """Return what is to be done, in the order in which it has to be."""
        if self.order is None:
            return ()
        if self.over is not None:
            ended = self.cancelled is not None or (
                self.delivered is not None and not self.confirmed  # else its price is not paid
            )
            return () if self.failed or ended else (self.over,)
        if self.cancelled is not None:
            return () if self.paid else (self.cancelled,)
        handed_over = self.delivered is not None
        begun = self.activated or self.paid or self.signed is None
        wishes = [
            None if self.confirmed or handed_over else self.signed,
            None if begun else self.delivered,
        ]
        return tuple(each for each in wishes if each is not None)


# --- evolve ---------------------------------------------------------------------------------------


def _owed(wish: Wish, recorded: Recorded) -> Owed:
    return Owed(wish, recorded.event_id, recorded.recorded_at)


def _applied(pair: Pair, recorded: Recorded) -> Pair:
    return replace(pair, order=recorded.event.order_id or pair.order, over=None)


def _named(pair: Pair, recorded: Recorded) -> Pair:
    return replace(pair, order=pair.order or recorded.stream)


def _decided(pair: Pair, recorded: Recorded) -> Pair:
    rejected = recorded.event.outcome is ls.LeaseOutcome.REJECTED
    return replace(pair, over=_owed(Wish.FAIL, recorded)) if rejected else pair


def _signed(pair: Pair, recorded: Recorded) -> Pair:
    return replace(pair, signed=_owed(Wish.CONFIRM, recorded))


def _withdrawn(pair: Pair, recorded: Recorded) -> Pair:
    return replace(pair, over=_owed(Wish.FAIL, recorded))


def _activated(pair: Pair, _: Recorded) -> Pair:
    return replace(pair, activated=True)


def _paid(pair: Pair, _: Recorded) -> Pair:
    return replace(pair, paid=True)


def _owed_again(pair: Pair, _: Recorded) -> Pair:
    return replace(pair, paid=False)


def _confirmed(pair: Pair, recorded: Recorded) -> Pair:
    return replace(pair, confirmed=True) if recorded.event.lease_id == pair.lease else pair


def _failed(pair: Pair, recorded: Recorded) -> Pair:
    return replace(pair, failed=True) if recorded.event.lease_id == pair.lease else pair


def _delivered(pair: Pair, recorded: Recorded) -> Pair:
    owed = _owed(Wish.ACTIVATE, recorded)
    return replace(pair, delivered=owed, delivered_on=recorded.event.delivered_on)


def _cancelled(pair: Pair, recorded: Recorded) -> Pair:
    return replace(pair, cancelled=_owed(Wish.WITHDRAW, recorded))


_FOLLOW: Mapping[type[Any], Callable[[Pair, Recorded], Pair]] = {
    ls.LeaseApplied: _applied,
    ls.LeaseDecided: _decided,
    ls.LeaseContractSigned: _signed,
    ls.LeaseWithdrawn: _withdrawn,
    ls.LeaseActivated: _activated,
    ls.LeaseCompleted: _paid,
    ls.LeaseSettled: _paid,
    ls.LeaseReopened: _owed_again,
    ls.LeaseScheduleWithdrawn: _owed_again,
    o.OrderPlaced: _named,
    o.FinancingConfirmed: _confirmed,
    o.FinancingFailed: _failed,
    o.OrderDelivered: _delivered,
    o.OrderCancelled: _cancelled,
}


def evolve(pair: Pair | None, recorded: Recorded, _: Any) -> Pair | None:
    """Return the pair one event later; None before there is one and when it needs nothing more."""
    event = recorded.event
    if pair is None:
        lease = key(recorded)
        if lease is None or not isinstance(event, ls.LeaseApplied | o.OrderPlaced):
            return None
        pair = Pair(lease)
        if isinstance(event, o.OrderPlaced):  # the lease has ended, or is not there yet
            pair = replace(pair, over=_owed(Wish.FAIL, recorded))
    moved = _FOLLOW[type(event)](pair, recorded)
    return None if moved.is_over else moved


def key(recorded: Recorded) -> UUID | None:
    """Return the lease that an event is of, or that an order names when it is placed."""
    event = recorded.event
    if isinstance(event, o.OrderPlaced):
        return event.lease_id
    return recorded.stream if recorded.topic.startswith("lease.") else None


def reaches(recorded: Recorded) -> tuple[str, ...]:
    """An event of an order goes to the leases that are to pay for it."""
    is_order = recorded.topic.startswith("order.") and not isinstance(recorded.event, o.OrderPlaced)
    return (str(recorded.stream),) if is_order else ()


# --- wake and perform -----------------------------------------------------------------------------


class _Cases(NamedTuple):
    """Both cases as they stand."""

    lease: ls.Lease
    order: o.Order


def wake(pair: Pair) -> Wake | None:
    """Wake when something is to be done."""
    since = min((each.at for each in pair.owed), default=None)
    return None if since is None else Wake(since, Urgency.ESCALATION)


def perform(pair: Pair, _: datetime, hands: Hands) -> bool:
    """Do all that is owed; one that is refused does not keep the others back.

    What contradicts the order itself (a sale without financing, another currency) is not asked for
    again before something changes.
    """
    rests, refused = True, None
    for owed in pair.owed:
        try:
            cases = _cases(pair, hands)
            commands = () if cases is None else _COMMANDS[owed.wish](pair, cases)
            if commands and hands.act(Do(tuple(commands), owed.cause)).events:
                rests = False
        except Unacceptable:
            continue
        except Refusal as refusal:
            refused = refusal
    if refused is not None:
        raise refused
    return rests


def _cases(pair: Pair, hands: Hands) -> _Cases | None:
    """Return lease and order, None where one of them is missing or they are not one person's."""
    assert pair.order is not None
    try:
        lease = hands.casebook.state(pair.lease).state
        order = hands.casebook.state(pair.order).state
    except CaseNotFound:
        return None
    if not isinstance(lease, ls.Lease) or not isinstance(order, o.Order):
        return None
    if lease.customer_id is None or order.customer_id is None:
        return None
    if lease.customer_id != order.customer_id:
        found = [record_of(one, hands) for one in (lease.customer_id, order.customer_id)]
        if None in found or found[0] is None or found[1] is None or found[0][0] != found[1][0]:
            return None
    return _Cases(lease, order)


def _is_ours(pair: Pair, cases: _Cases) -> bool:
    """Tell whether no other lease pays for the order, or may still."""
    of_order, failed = cases.order.lease_id, cases.order.financing_failed
    return of_order in (None, pair.lease) or of_order == failed


def _confirm(pair: Pair, cases: _Cases) -> Sequence[Command]:
    contract = cases.lease.contract
    if contract is None or pair.order is None or not _is_ours(pair, cases):
        return ()
    return [o.ConfirmFinancing(stream=pair.order, lease_id=pair.lease, amount=contract.financed)]


def _fail(pair: Pair, cases: _Cases) -> Sequence[Command]:
    if pair.order is None or cases.order.lease_id not in (None, pair.lease):
        return ()
    because = _FAILURES.get(cases.lease.status)
    if because is None:
        return ()
    if cases.lease.withdrawn is ls.LeaseWithdrawal.EXPIRED:
        because = o.OrderFinancingFailure.EXPIRED
    return [o.FailFinancing(stream=pair.order, lease_id=pair.lease, because=because)]


_FAILURES = {
    ls.LeaseStatus.REJECTED: o.OrderFinancingFailure.REJECTED,
    ls.LeaseStatus.WITHDRAWN: o.OrderFinancingFailure.WITHDRAWN,
    ls.LeaseStatus.COMPLETED: o.OrderFinancingFailure.ENDED,
    ls.LeaseStatus.SETTLED: o.OrderFinancingFailure.ENDED,
}


def _activate(pair: Pair, cases: _Cases) -> Sequence[Command]:
    """Activate the lease that pays for the car that was handed over, and no other one."""
    on = pair.delivered_on
    if on is None or not _is_ours(pair, cases):
        return ()
    if cases.lease.status is not ls.LeaseStatus.CONTRACTED:
        return ()
    return [ls.ActivateLease(stream=pair.lease, on=on, order_id=pair.order)]


def _withdraw(pair: Pair, cases: _Cases) -> Sequence[Command]:
    """Withdraw the lease, unless its lessee has paid or drives already."""
    lease = cases.lease
    begun = lease.status in ls.RUNNING and lease.status is not ls.LeaseStatus.CONTRACTED
    if begun or lease.account.paid_any or lease.status in ls.ENDED:
        return ()
    why = ls.LeaseWithdrawal.ORDER_CANCELLED
    return [ls.WithdrawLease(stream=pair.lease, reason=why)]


_COMMANDS: Mapping[Wish, Callable[[Pair, _Cases], Sequence[Command]]] = {
    Wish.CONFIRM: _confirm,
    Wish.FAIL: _fail,
    Wish.ACTIVATE: _activate,
    Wish.WITHDRAW: _withdraw,
}

SAGA: Saga[Pair] = Saga(
    name="financing",
    revision=1,
    topics=tuple(stored_name(event) for event in _FOLLOW),
    state_type=Pair,
    key=key,
    evolve=evolve,
    wake=wake,
    todo=lambda _, __: (),
    perform=perform,
    waits=False,
    tags=lambda pair: () if pair.order is None else (str(pair.order),),
    reaches=reaches,
)
