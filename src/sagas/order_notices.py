"""What a customer is told of her own orders, over the contacts that she agreed to.

One instance per order, until the car is handed over or the order cancelled. What is recorded long
after it happened is no news, nor is a promise that was broken before the order was carried over.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from domain import order as o
from domain.declare import stored_name
from sagas.declare import Hands, Saga, Wake
from sagas.policies import POLICIES, Policies, morning_of
from sagas.to_customers import News, case_of, params_of, tell, wake_for, without
from store.log import Recorded

LATE = "order.delivery_late"
"""That the promised day has passed, which no event says: the day itself does."""

# --- state ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Followed:
    """A customer's order, as far as she is told of it."""

    order: UUID
    customer: UUID
    model: str
    number: str | None = None
    news: tuple[News, ...] = ()
    late: News | None = None
    """That her car is late, to be told when the promised day has passed."""
    ended: bool = False

    @property
    def untold(self) -> tuple[News, ...]:
        """Return all that is to be told, now or later."""
        return self.news if self.late is None else (*self.news, self.late)


# --- evolve ---------------------------------------------------------------------------------------


def evolve(order: Followed | None, recorded: Recorded, policies: Policies) -> Followed | None:
    """Follow one event of an order, or of a notice about it; None when all is told."""
    event = recorded.event
    if order is None:
        if not isinstance(event, o.OrderPlaced):
            return None
        placed = Followed(recorded.stream, event.customer_id, event.model, event.number)
        return _promised(placed, event.promised_on, recorded, policies)
    if case_of(recorded) is not None:
        late = order.late
        if late is not None and late.notice == recorded.stream:
            late = None
        order = replace(order, news=without(order.news, recorded), late=late)
    else:
        follow = _FOLLOW.get(type(event))
        order = order if follow is None else follow(order, recorded, policies)
    return None if order.ended and not order.untold else order


def _said(order: Followed, recorded: Recorded, policies: Policies, **facts: object) -> Followed:
    rule = policies.rule(recorded.topic, recorded.recorded_at)
    news = News(
        recorded.event_id,
        recorded.recorded_at,
        recorded.topic,
        params_of(number=order.number, model=order.model, **facts),
        consent=rule.consent,
    )
    return replace(order, news=(*order.news, news))


def _promised(
    order: Followed, promised_on: date | None, recorded: Recorded, policies: Policies
) -> Followed:
    """Wait for the day after the promised one; a promise that is broken already is no news."""
    if promised_on is None:
        return replace(order, late=None)
    at = recorded.recorded_at
    policy = policies.at(at)
    next_on = promised_on + timedelta(days=1)
    told_at = morning_of(next_on, policy.digest_local, policy.zone)
    if told_at <= at:
        return replace(order, late=None)
    facts = params_of(number=order.number, model=order.model, promised_on=promised_on)
    consent = policy.rule(LATE).consent
    return replace(order, late=News(recorded.event_id, told_at, LATE, facts, consent=consent))


def _contracted(order: Followed, recorded: Recorded, policies: Policies) -> Followed:
    known = replace(order, number=recorded.event.number or order.number)
    return _promised(known, recorded.event.promised_on, recorded, policies)


def _corrected(order: Followed, recorded: Recorded, _: Policies) -> Followed:
    return replace(order, number=recorded.event.number, model=recorded.event.model)


def _moved(order: Followed, recorded: Recorded, policies: Policies) -> Followed:
    event: o.PromiseMoved = recorded.event
    told = _said(
        order,
        recorded,
        policies,
        promised_on=event.promised_on,
        was_on=event.was_on,
        order_promise_reason=event.reason.value,
    )
    return _promised(told, event.promised_on, recorded, policies)


def _invited(order: Followed, recorded: Recorded, policies: Policies) -> Followed:
    """She is asked to pay the rest: how much of it is due last, and by when."""
    event: o.OrderInvited = recorded.event
    if _is_old(event.invited_on, recorded, policies):
        return order
    due_on = max((part.due_on for part in event.instalments), default=None)
    return _said(order, recorded, policies, price=event.price, due_on=due_on)


def _not_financed(order: Followed, recorded: Recorded, policies: Policies) -> Followed:
    event: o.FinancingFailed = recorded.event
    return _said(order, recorded, policies, order_financing_failure=event.reason.value)


def _drawn(order: Followed, recorded: Recorded, policies: Policies) -> Followed:
    event: o.OrderDrawn = recorded.event
    return _said(order, recorded, policies, order_draw_outcome=event.outcome.value, rank=event.rank)


def _moved_up(order: Followed, recorded: Recorded, policies: Policies) -> Followed:
    return _said(order, recorded, policies)


def _allocated(order: Followed, recorded: Recorded, policies: Policies) -> Followed:
    event: o.VehicleAllocated = recorded.event
    return _said(order, recorded, policies, trim=event.trim, colour=event.colour)


def _released(order: Followed, recorded: Recorded, policies: Policies) -> Followed:
    event: o.OrderReleased = recorded.event
    if _is_old(event.released_on, recorded, policies):
        return order
    return _said(order, recorded, policies, released_on=event.released_on)


def _scheduled(order: Followed, recorded: Recorded, policies: Policies) -> Followed:
    event: o.DeliveryScheduled = recorded.event
    if event.at <= recorded.recorded_at:
        return order
    earlier = tuple(one for one in order.news if one.code != recorded.topic)
    current = replace(order, news=earlier)
    return _said(current, recorded, policies, appointment_at=event.at, place=event.place)


def _delivered(order: Followed, _: Recorded, __: Policies) -> Followed:
    """She has her car: what she was not told by now of its coming is no news."""
    return replace(order, news=(), late=None, ended=True)


def _cancelled(order: Followed, recorded: Recorded, policies: Policies) -> Followed:
    event: o.OrderCancelled = recorded.event
    over = replace(order, news=(), late=None, ended=True)
    if _is_old(event.cancelled_on, recorded, policies):
        return over
    facts = {"order_cancel_reason": event.reason.value, "refund_by_on": event.refund_by_on}
    return _said(over, recorded, policies, **facts)


def _is_old(on: date, recorded: Recorded, policies: Policies) -> bool:
    """Tell whether something is recorded so long after it happened that it is no news."""
    news_for_days = policies.rule(recorded.topic, recorded.recorded_at).news_for_days
    return (recorded.recorded_at.date() - on).days > news_for_days


_FOLLOW: Mapping[type[Any], Callable[[Followed, Recorded, Policies], Followed]] = {
    o.OrderContracted: _contracted,
    o.OrderCorrected: _corrected,
    o.PromiseMoved: _moved,
    o.OrderInvited: _invited,
    o.FinancingFailed: _not_financed,
    o.OrderDrawn: _drawn,
    o.OrderMovedUp: _moved_up,
    o.VehicleAllocated: _allocated,
    o.OrderReleased: _released,
    o.DeliveryScheduled: _scheduled,
    o.OrderDelivered: _delivered,
    o.OrderCancelled: _cancelled,
}

# --- wake and perform -----------------------------------------------------------------------------


def key(recorded: Recorded) -> UUID:
    """Return the order that an event is of, or that a notice to its customer is about."""
    return case_of(recorded) or recorded.stream


def wake(order: Followed) -> Wake | None:
    """Wake when there is something to be told."""
    return wake_for(order.untold)


def perform(order: Followed, now: datetime, hands: Hands) -> bool:
    """Tell her what is to be told by now."""
    return tell(order.order, order.customer, order.untold, now, hands)


SAGA: Saga[Followed] = Saga(
    name="order_notices",
    revision=1,
    topics=(
        "order.placed",
        *(stored_name(event) for event in _FOLLOW),
        "notification.planned",
        "notification.withheld",
    ),
    state_type=Followed,
    key=key,
    evolve=evolve,
    wake=wake,
    todo=lambda _, __: (),
    perform=perform,
    waits=False,
    shared=POLICIES,
)
