"""Opens a customer's portal account with her first order.

The login's phone number is personal data, so it is read from her record when the account is opened:
her preferred phone through which she was reached, else another such. Without one the account waits
until there is one. A record that was merged opens the account of the record that stands for her. An
account that staff closed is not opened again, and an order that was carried over opens none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import customer as c
from domain.clocks.messages import Urgency
from domain.declare import AlreadyClaimed, Command
from domain.fields import Erased
from domain.order import OrderPlaced
from sagas.addressees import record_of
from sagas.declare import Do, Hands, Saga, Wake, made_by
from store.log import Recorded

# --- state ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opening:
    """A customer who has ordered; `person` is the record that stands for her.

    The matter is `settled` when that record has, or had, a portal account; `had`: her own had one.
    """

    customer: UUID
    person: UUID
    order: UUID | None = None
    """The event by which the first order was placed; None where only the account is known of."""
    at: datetime | None = None
    had: bool = False
    settled: bool = False
    closed: tuple[int, datetime] | None = None
    """Version and instant of the newest closing of her own account."""


# --- evolve ---------------------------------------------------------------------------------------


def key(recorded: Recorded) -> UUID:
    """Return the customer who ordered, or whose record it is."""
    event = recorded.event
    return event.customer_id if isinstance(event, OrderPlaced) else recorded.stream


def evolve(opening: Opening | None, recorded: Recorded, _: Any) -> Opening | None:
    """Follow orders, accounts and merges; a record that neither ordered nor has one is nothing."""
    event, stream = recorded.event, recorded.stream
    match event:
        case OrderPlaced(customer_id=customer_id, source_ref=None):
            known = opening or Opening(customer_id, customer_id)
            if known.order is not None:
                return known
            return replace(known, order=recorded.event_id, at=recorded.recorded_at)
        case c.PortalAccountOpened():
            known = opening or Opening(stream, stream)
            return replace(known, settled=True, had=known.had or known.customer == stream)
        case c.PortalAccountClosed():
            return _closed(opening or Opening(stream, stream), recorded)
    if opening is None:
        return None
    match event:
        case c.CustomerMerged(survivor_id=survivor_id):
            by_staff = opening.closed is not None and not _closed_with(opening, recorded)
            return replace(opening, person=survivor_id, settled=by_staff)
        case c.MergeUndone():
            return replace(opening, person=stream, settled=opening.had)
    return opening


def _closed(opening: Opening, recorded: Recorded) -> Opening:
    if opening.customer != recorded.stream:
        return replace(opening, settled=True)
    closed = (recorded.version, recorded.recorded_at)
    return replace(opening, settled=True, had=True, closed=closed)


def _closed_with(opening: Opening, merged: Recorded) -> bool:
    """Tell whether it was the merge itself that closed her account, and not staff before it."""
    return opening.closed == (merged.version - 1, merged.recorded_at)


def reaches(recorded: Recorded) -> tuple[str, ...]:
    """An event of a record goes to all whose place it takes."""
    return () if isinstance(recorded.event, OrderPlaced) else (str(recorded.stream),)


# --- wake and perform -----------------------------------------------------------------------------


def wake(opening: Opening) -> Wake | None:
    """Return since when an account is to be opened."""
    if opening.settled or opening.at is None:
        return None
    return Wake(opening.at, Urgency.REMINDER)


def perform(opening: Opening, _: datetime, hands: Hands) -> bool:
    """Open the account by the first of her numbers that is nobody else's; True: none can be."""
    found = record_of(opening.customer, hands)
    if found is None or opening.order is None:
        return True
    stream, person = found
    had = person.account is not None or person.account_was_closed
    if had or isinstance(person.name, Erased):
        return True
    account = f"portal:{made_by(stream, 'portal account')}"
    for number in _numbers(person):
        wish: Command = c.OpenPortalAccount(stream=stream, account=account, login_phone=number)
        try:
            return not hands.act(Do((wish,), opening.order)).events
        except AlreadyClaimed:
            continue  # somebody else logs in with it: a phone that is shared
    return True


def _numbers(person: c.Customer) -> Sequence[str]:
    """Return the phone numbers through which she was reached, the preferred one first."""
    preferred = person.preferred.get(c.ContactChannel.PHONE)
    usable = [
        (contact_id != preferred, contact.value)
        for contact_id, contact in person.contacts.items()
        if contact.channel is c.ContactChannel.PHONE
        and contact.verified
        and not contact.removed
        and isinstance(contact.value, str)
    ]
    return [str(number) for _, number in sorted(usable, key=lambda one: one[0])]


SAGA: Saga[Opening] = Saga(
    name="portal_account",
    revision=1,
    topics=(
        "order.placed",
        "customer.portal_account_opened",
        "customer.portal_account_closed",
        "customer.merged",
        "customer.merge_undone",
        "customer.contact_added",
        "customer.contact_verified",
    ),
    state_type=Opening,
    key=key,
    evolve=evolve,
    wake=wake,
    todo=lambda _, __: (),
    perform=perform,
    waits=False,
    tags=lambda opening: (str(opening.person),),
    reaches=reaches,
)
