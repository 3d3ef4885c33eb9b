"""Where a notice leads when it is sent: read from the record of its recipient at that moment.

A member of staff has channels and quiet hours of her own. A customer has contacts: only one through
which she was reached, that she has not taken back, and only while she agrees to be told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.channels import StaffChannelKind
from domain.clocks.messages import Urgency
from domain.customer import ConsentPurpose, Contact, ContactChannel, Customer
from domain.declare import CaseNotFound
from domain.fields import Erased
from domain.notification import NotificationPlanned, PlannedChannel, WithheldReason
from domain.quiet_hours import quiet_until
from domain.staff import StaffMember
from sagas.channels import NotSent, Target
from sagas.declare import Hands

CHANNEL_REMOVED = "channel_removed"
ADDRESS_ERASED = "address_erased"
MERGES_FOLLOWED_MAX = 100
"""How long a chain of merged records is followed."""

KINDS: dict[ContactChannel, StaffChannelKind] = {
    ContactChannel.PHONE: StaffChannelKind.SMS,
    ContactChannel.EMAIL: StaffChannelKind.EMAIL,
    ContactChannel.WECHAT: StaffChannelKind.WECOM,
}
"""By which kind of channel a contact is reached; a postal address by none."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """A recipient as she is when something is to be sent to her."""

    withheld: WithheldReason | None
    """Why nothing is sent to her at all."""
    quiet_until: Callable[[datetime], datetime]
    """The end of her quiet hours at an instant; the instant itself where it is not quiet."""
    target: Callable[[UUID], Target]
    """Where one of her channels leads; raises `NotSent` where it leads nowhere any more."""


def addressee_of(planned: NotificationPlanned, hands: Hands) -> Addressee:
    """Read the record of a notice's recipient."""
    if planned.customer_id is not None:
        return _customer(planned, planned.customer_id, hands)
    assert planned.staff_id is not None, "a notice is for a member of staff or for a customer"
    staff: StaffMember = hands.casebook.state(planned.staff_id).state
    gone = not staff.active or isinstance(staff.name, Erased)
    return Addressee(
        WithheldReason.INACTIVE if gone else None,
        lambda now: _quiet_of_staff(staff, planned, now),
        lambda channel_id: _target_of_staff(staff, channel_id),
    )


# --- staff ----------------------------------------------------------------------------------------


def is_urgent(urgency: Urgency) -> bool:
    """Tell whether notices of this urgency go ahead of others, and may come in quiet hours."""
    return urgency in (Urgency.STATUTORY, Urgency.ESCALATION)


def _quiet_of_staff(staff: StaffMember, planned: NotificationPlanned, now: datetime) -> datetime:
    """Return the end of the quiet hours that she has now, `now` where it is not quiet.

    When it was planned, hers of then were heeded. What was held to be urgent enough for them then,
    or came when she had none, still comes, if it is an escalation and she lets such come.
    """
    hours = staff.quiet_hours
    passes = planned.quiet_hours is None and is_urgent(planned.urgency)
    if hours is None or (passes and hours.allows_urgent):
        return now
    return quiet_until(hours, now)


def _target_of_staff(staff: StaffMember, channel_id: UUID) -> Target:
    channel = staff.channels.get(channel_id)
    if channel is None or channel_id in staff.channels_removed:
        raise NotSent(CHANNEL_REMOVED, is_final=True)
    if isinstance(channel.address, Erased):
        raise NotSent(ADDRESS_ERASED, is_final=True)
    return Target(channel_id=channel_id, kind=channel.kind.value, address=channel.address)


# --- customers ------------------------------------------------------------------------------------


def record_of(customer_id: UUID, hands: Hands) -> tuple[UUID, Customer] | None:
    """Return the record that stands for a customer now, and its id; None where there is none."""
    at = customer_id
    for _ in range(MERGES_FOLLOWED_MAX):
        try:
            found = hands.casebook.state(at).state
        except CaseNotFound:
            return None
        if not isinstance(found, Customer):
            return None
        if found.merged_into is None:
            return at, found
        at = found.merged_into
    return None


def person_of(customer_id: UUID, hands: Hands) -> Customer | None:
    """Return the record that stands for a customer now; None where there is none."""
    found = record_of(customer_id, hands)
    return None if found is None else found[1]


def may_not_be_told(person: Customer | None, consent: str | None) -> WithheldReason | None:
    """Return why a customer is told nothing of this purpose, None where she is."""
    if person is None or isinstance(person.name, Erased):
        return WithheldReason.ERASED
    said = person.consents.get(ConsentPurpose(consent)) if consent is not None else None
    if consent is not None and (said is None or not said.granted):
        return WithheldReason.NO_CONSENT
    return None


def channels_of(person: Customer) -> tuple[PlannedChannel, ...]:
    """Return how a customer can be reached: of each channel her preferred contact, or the newest.

    Only contacts count through which she was reached.
    """
    found: list[PlannedChannel] = []
    for channel, kind in KINDS.items():
        usable = [
            contact_id
            for contact_id, contact in person.contacts.items()
            if contact.channel is channel and _is_usable(contact)
        ]
        preferred = person.preferred.get(channel)
        if usable:
            chosen = preferred if preferred in usable else usable[-1]
            found.append(PlannedChannel(channel_id=chosen, kind=kind.value))
    return tuple(found)


def _is_usable(contact: Contact) -> bool:
    return contact.verified and not contact.removed and not isinstance(contact.value, Erased)


def _customer(planned: NotificationPlanned, customer_id: UUID, hands: Hands) -> Addressee:
    person = person_of(customer_id, hands)
    return Addressee(
        may_not_be_told(person, planned.consent),
        lambda now: quiet_until(planned.quiet_hours, now),
        lambda channel_id: _target_of_customer(person, channel_id),
    )


def _target_of_customer(person: Customer | None, channel_id: UUID) -> Target:
    contact = None if person is None else person.contacts.get(channel_id)
    if contact is None or contact.removed or not contact.verified:
        raise NotSent(CHANNEL_REMOVED, is_final=True)
    if isinstance(contact.value, Erased):
        raise NotSent(ADDRESS_ERASED, is_final=True)
    kind = KINDS[contact.channel]
    return Target(channel_id=channel_id, kind=kind.value, address=contact.value)
