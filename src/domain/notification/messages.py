"""What can happen to a notice to one person, and what may be wished of it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from domain.clocks.messages import Urgency
from domain.declare import Command, command, event, value
from domain.fields import Between, Code, Instant, Items, Text
from domain.quiet_hours import QuietHours
from domain.rulebook import Pin


class WithheldReason(StrEnum):
    """Why somebody is not told, or not by any channel."""

    NOBODY_TO_TELL = "nobody_to_tell"
    DUPLICATE = "duplicate"
    """She was told the same a short while ago: `of` names that notice."""
    INACTIVE = "inactive"
    CARRIED_OVER = "carried_over"
    """It happened before the case was brought in from another system."""
    OVER = "over"
    """What it is about ended before it could be sent."""
    NO_CONSENT = "no_consent"
    """A customer has not agreed, or agrees no longer, to be told such things."""
    NO_CONTACT = "no_contact"
    """A customer has no contact through which she was ever reached."""
    ERASED = "erased"
    """The customer's data were erased."""


@value
class Param:
    """One fact that the notice states: a code, a number, an id or an instant; nothing personal."""

    name: str
    value: str


@value
class PlannedChannel:
    """A channel of the recipient's, by its id in her record; where it leads, the record says.

    A customer's channel is one of her contacts.
    """

    channel_id: UUID
    kind: str


# --- events ---------------------------------------------------------------------------------------


@event("notification.planned")
class NotificationPlanned:
    """Somebody is to be told; from now on the notice lies in her inbox.

    `channels` are tried one after the other from `send_after_at` on, each up to `attempts_max`
    times, `back_off_s` apart. `digest` names the day's digest it goes out with, if it does.
    """

    recipient: str
    """Her account, the token's `sub`; of a customer `customer:` and the id of her record."""
    staff_id: UUID | None
    """The record of a member of staff; None of a customer."""
    locale: str
    zone: str
    """In which she reads instants."""
    code: str
    """What it says: the stored name of the event that it tells of."""
    case_id: UUID
    case_category: str
    params: tuple[Param, ...]
    urgency: Urgency
    must_acknowledge: bool
    cause: UUID
    """The `event_id` of what it tells of."""
    send_after_at: datetime
    channels: tuple[PlannedChannel, ...]
    quiet_hours: QuietHours | None
    """The quiet hours that sending waits for; None where it does not."""
    digest: str | None
    attempts_max: int
    back_off_s: tuple[int, ...]
    policy: Pin | None
    customer_id: UUID | None = None
    """The record of a customer; None of a member of staff."""
    consent: str | None = None
    """What a customer must agree to for it to be sent."""


@event("notification.withheld")
class NotificationWithheld:
    """Somebody, or nobody, is not told, and this is why."""

    reason: WithheldReason
    code: str
    case_id: UUID
    case_category: str
    params: tuple[Param, ...]
    cause: UUID
    recipient: str | None
    staff_id: UUID | None
    of: UUID | None
    customer_id: UUID | None = None


@event("notification.sent")
class NotificationSent:
    """A channel took the notice over; `key` is what its receiver knows a repetition by."""

    channel_id: UUID
    kind: str
    attempt: int
    key: str


@event("notification.delivered")
class NotificationDelivered:
    """The receiving side has said that it has it."""

    channel_id: UUID
    kind: str
    attempt: int


@event("notification.delivery_failed")
class DeliveryFailed:
    """An attempt failed; `retry_at` None: it is not tried again by this channel."""

    channel_id: UUID
    kind: str
    attempt: int
    error: str
    retry_at: datetime | None


@event("notification.channel_exhausted")
class ChannelExhausted:
    """A channel was tried often enough; the next one, where there is one, is tried."""

    channel_id: UUID
    kind: str
    next_channel: PlannedChannel | None
    next_at: datetime | None


@event("notification.undeliverable")
class NotificationUndeliverable:
    """No channel is left; the notice still lies in her inbox."""


@event("notification.postponed")
class NotificationPostponed:
    """It waits for the end of quiet hours that she set after it was planned."""

    until_at: datetime


@event("notification.seen")
class NotificationSeen:
    """She has seen it."""

    seen_at: datetime


@event("notification.acknowledged")
class NotificationAcknowledged:
    """She has answered for it; the case is told so that whoever follows it hears of it."""

    by: str
    case_id: UUID


@event("notification.settled")
class NotificationSettled:
    """Nothing is asked of her any more: somebody else acted, or it is over; `why` is a code."""

    why: str
    case_id: UUID


NotificationEvent = (
    NotificationPlanned
    | NotificationWithheld
    | NotificationSent
    | NotificationDelivered
    | DeliveryFailed
    | ChannelExhausted
    | NotificationUndeliverable
    | NotificationPostponed
    | NotificationSeen
    | NotificationAcknowledged
    | NotificationSettled
)

# --- commands -------------------------------------------------------------------------------------

Params = Annotated[tuple[Param, ...], Items(max=30)]
Channels = Annotated[tuple[PlannedChannel, ...], Items(max=50)]
Topic = Annotated[str, Text(max=100, pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$")]


@command
class PlanNotification(Command):
    """Tell somebody what has happened; how, the notification policy in force then decides.

    `channels` and `quiet_hours` are those of her record as it stood at `caused_at`, when it
    happened; `allows_urgent` says whether urgent notices may come in her quiet hours. She is a
    member of staff or a customer, and one of the two ids is given.
    """

    recipient: Code
    staff_id: UUID | None = None
    customer_id: UUID | None = None
    locale: Annotated[str, Text(max=2)]
    code: Topic
    case_id: UUID
    case_category: Topic
    params: Params = ()
    urgency: Urgency
    priority: Code | None = None
    cause: UUID
    caused_at: Instant
    channels: Channels = ()
    quiet_hours: QuietHours | None = None
    allows_urgent: bool = True


@command
class WithholdNotification(Command):
    """Record that somebody, or nobody, is not told, and why."""

    reason: WithheldReason
    code: Topic
    case_id: UUID
    case_category: Topic
    params: Params = ()
    cause: UUID
    recipient: Code | None = None
    staff_id: UUID | None = None
    customer_id: UUID | None = None
    of: UUID | None = None


@command
class HoldBackNotification(Command):
    """Do not send what was planned; it stays in her inbox."""

    reason: WithheldReason


Attempt = Annotated[int, Between(1, 1_000)]


@command
class RecordSent(Command):
    """Record that a channel took the notice over at this attempt."""

    channel_id: UUID
    attempt: Attempt
    key: Annotated[str, Text(max=200)]


@command
class RecordDelivered(Command):
    """Record that the receiving side says it has what this attempt sent."""

    channel_id: UUID
    attempt: Attempt


@command
class RecordDeliveryFailure(Command):
    """Record that an attempt failed; after a `permanent` failure the channel is not tried again.

    `error` is a code (`timeout`, `smtp_550`), never what a server said.
    """

    channel_id: UUID
    attempt: Attempt
    error: Code
    permanent: bool = False


@command
class PostponeNotification(Command):
    """Do not send it before an instant: its recipient has quiet hours until then."""

    until_at: Instant


@command
class MarkSeen(Command):
    """Say that you have seen the notice."""


@command
class AcknowledgeNotification(Command):
    """Answer for what the notice tells of."""


@command
class SettleNotification(Command):
    """Ask nothing of her any more, because of `why`."""

    why: Code


NotificationCommand = (
    PlanNotification
    | WithholdNotification
    | HoldBackNotification
    | RecordSent
    | RecordDelivered
    | RecordDeliveryFailure
    | PostponeNotification
    | MarkSeen
    | AcknowledgeNotification
    | SettleNotification
)
