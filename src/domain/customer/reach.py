"""How a customer may be reached: her contacts, and what she agreed to."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

from domain.customer.state import (
    Consent,
    ConsentChannel,
    ConsentPurpose,
    Contact,
    ContactChannel,
    Customer,
    require_customer_care,
)
from domain.declare import (
    Command,
    Context,
    NotFound,
    Refusal,
    Unacceptable,
    command,
    event,
)
from domain.fields import Instant, Line, Personal
from domain.identifiers import phone_number

CONTACTS_MAX = 200

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far the clocks of two machines may differ before a time counts as lying ahead."""

_EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")

# --- events ---------------------------------------------------------------------------------------


@event("customer.contact_added")
class ContactAdded:
    """A phone number (in normal form), e-mail address, postal address or WeChat id was added."""

    contact_id: UUID
    channel: ContactChannel
    value: Personal[str]
    verified: bool = False


@event("customer.contact_verified")
class ContactVerified:
    """The customer was reached through this contact, so it is hers."""

    contact_id: UUID


@event("customer.contact_preferred")
class ContactPreferred:
    """Among the contacts of its channel, this one is to be used first."""

    contact_id: UUID


@event("customer.contact_removed")
class ContactRemoved:
    """The contact is not to be used any more."""

    contact_id: UUID


@event("customer.consent_granted")
class ConsentGranted:
    """The customer agreed to a purpose at that time."""

    purpose: ConsentPurpose
    channel: ConsentChannel
    occurred_at: datetime


@event("customer.consent_withdrawn")
class ConsentWithdrawn:
    """The customer does not agree, or no longer, to a purpose."""

    purpose: ConsentPurpose
    channel: ConsentChannel
    occurred_at: datetime


# --- commands -------------------------------------------------------------------------------------


@command
class AddContact(Command):
    """Add a way to reach the customer."""

    contact_id: UUID
    channel: ContactChannel
    value: Line
    verified: bool = False


@command
class VerifyContact(Command):
    """Record that the customer was reached through a contact."""

    contact_id: UUID


@command
class PreferContact(Command):
    """Use this contact first among those of its channel."""

    contact_id: UUID


@command
class RemoveContact(Command):
    """Stop using a contact."""

    contact_id: UUID


@command
class RecordConsent(Command):
    """Record that the customer agrees, or does not, to one purpose; now, unless a time is given."""

    purpose: ConsentPurpose
    granted: bool
    channel: ConsentChannel
    occurred_at: Instant | None = None


ReachEvent = (
    ContactAdded
    | ContactVerified
    | ContactPreferred
    | ContactRemoved
    | ConsentGranted
    | ConsentWithdrawn
)

ReachCommand = AddContact | VerifyContact | PreferContact | RemoveContact | RecordConsent

# --- refusals -------------------------------------------------------------------------------------


class EmailIsWrong(Unacceptable, code="customer.email_is_wrong"):
    """This is no e-mail address."""


class ContactNotFound(NotFound, code="customer.contact_not_found"):
    """The customer has no such contact."""


class ContactExists(Refusal, code="customer.contact_exists"):
    """A contact with this id exists with other content; choose another id."""


class ContactIsRemoved(Refusal, code="customer.contact_is_removed"):
    """This contact was removed; add it again under a new id."""


class TooManyContacts(Refusal, code="customer.too_many_contacts"):
    """The customer has as many contacts as a record can hold."""


class ConsentIsOutdated(Refusal, code="customer.consent_is_outdated"):
    """A newer statement of the customer on this purpose stands already."""


class ConsentLiesAhead(Unacceptable, code="customer.consent_lies_ahead"):
    """A customer cannot have agreed at a time that is still to come."""


# --- decide ---------------------------------------------------------------------------------------


def _usable(channel: ContactChannel, text: str) -> str:
    if channel is ContactChannel.PHONE:
        return phone_number(text)
    if channel is ContactChannel.EMAIL and not _EMAIL.fullmatch(text):
        raise EmailIsWrong
    return text


def _add(customer: Customer, command: AddContact) -> Sequence[ReachEvent]:
    text = _usable(command.channel, command.value)
    known = customer.contacts.get(command.contact_id)
    if known is not None:
        if known.removed:
            raise ContactIsRemoved
        if (known.channel, known.value) != (command.channel, text):
            raise ContactExists
        if known.verified or not command.verified:
            return []
        return [ContactVerified(contact_id=command.contact_id)]
    if len(customer.contacts) >= CONTACTS_MAX:
        raise TooManyContacts(at_most=CONTACTS_MAX)
    return [
        ContactAdded(
            contact_id=command.contact_id,
            channel=command.channel,
            value=text,
            verified=command.verified,
        )
    ]


def _standing(customer: Customer, contact_id: UUID) -> Contact:
    contact = customer.contacts.get(contact_id)
    if contact is None:
        raise ContactNotFound
    if contact.removed:
        raise ContactIsRemoved
    return contact


def _consent(customer: Customer, command: RecordConsent, context: Context) -> Sequence[ReachEvent]:
    known = customer.consents.get(command.purpose)
    occurred_at = command.occurred_at or context.now
    if occurred_at > context.now + CLOCK_TOLERANCE:
        raise ConsentLiesAhead
    if known is not None:
        same = (known.granted, known.channel) == (command.granted, command.channel)
        if same and command.occurred_at in (None, known.occurred_at):
            return []
        if occurred_at < known.occurred_at:
            raise ConsentIsOutdated(newest=known.occurred_at.isoformat())
    said = ConsentGranted if command.granted else ConsentWithdrawn
    return [said(purpose=command.purpose, channel=command.channel, occurred_at=occurred_at)]


def decide(customer: Customer, command: ReachCommand, context: Context) -> Sequence[ReachEvent]:
    """Decide how the customer may be reached."""
    match command:
        case AddContact():
            if command.verified:
                require_customer_care(context)
            return _add(customer, command)
        case VerifyContact(contact_id=contact_id):
            require_customer_care(context)
            verified = _standing(customer, contact_id).verified
            return [] if verified else [ContactVerified(contact_id=contact_id)]
        case PreferContact(contact_id=contact_id):
            channel = _standing(customer, contact_id).channel
            if customer.preferred.get(channel) == contact_id:
                return []
            return [ContactPreferred(contact_id=contact_id)]
        case RemoveContact(contact_id=contact_id):
            contact = customer.contacts.get(contact_id)
            if contact is None:
                raise ContactNotFound
            return [] if contact.removed else [ContactRemoved(contact_id=contact_id)]
        case RecordConsent():
            return _consent(customer, command, context)
    assert_never(command)


# --- evolve ---------------------------------------------------------------------------------------


def evolve(customer: Customer, event: ReachEvent) -> Customer:
    """Follow how the customer may be reached."""
    match event:
        case ContactAdded():
            contact = Contact(channel=event.channel, value=event.value, verified=event.verified)
            return replace(customer, contacts={**customer.contacts, event.contact_id: contact})
        case ContactVerified(contact_id=contact_id):
            contact = replace(customer.contacts[contact_id], verified=True)
            return replace(customer, contacts={**customer.contacts, contact_id: contact})
        case ContactPreferred(contact_id=contact_id):
            channel = customer.contacts[contact_id].channel
            return replace(customer, preferred={**customer.preferred, channel: contact_id})
        case ContactRemoved(contact_id=contact_id):
            contact = replace(customer.contacts[contact_id], removed=True)
            kept = {c: known for c, known in customer.preferred.items() if known != contact_id}
            return replace(
                customer, contacts={**customer.contacts, contact_id: contact}, preferred=kept
            )
        case ConsentGranted() | ConsentWithdrawn():
            consent = Consent(
                granted=isinstance(event, ConsentGranted),
                channel=event.channel,
                occurred_at=event.occurred_at,
            )
            return replace(customer, consents={**customer.consents, event.purpose: consent})
    assert_never(event)
