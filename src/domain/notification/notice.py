"""What is known of a notice to one person, and what is to be sent next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from domain.declare import Actor, NotPermitted, Refusal, Role, Unacceptable
from domain.notification.messages import (
    NotificationPlanned,
    NotificationSent,
    NotificationWithheld,
    PlannedChannel,
)

# --- refusals -------------------------------------------------------------------------------------


class NotificationsAreTheSystems(NotPermitted, code="notification.are_the_systems"):
    """Notices are planned, sent and settled by the system alone."""


class NotTheRecipient(NotPermitted, code="notification.not_the_recipient"):
    """Only the person it is for can have seen or acknowledged a notice."""


class NotificationIsWithheld(Refusal, code="notification.is_withheld"):
    """This notice was never given to anybody."""


class AttemptIsNotDue(Refusal, code="notification.attempt_is_not_due"):
    """This is not the attempt that the notice is waiting for."""


class AlreadySent(Refusal, code="notification.already_sent"):
    """The notice has been sent; it cannot be held back any more."""


class QuietHoursAreWrong(Unacceptable, code="notification.quiet_hours_are_wrong"):
    """The quiet hours name a time or a zone that there is not."""


class RecipientIsUnclear(Unacceptable, code="notification.recipient_is_unclear"):
    """A notice is for a member of staff or for a customer, and for one of them alone."""


# --- state ----------------------------------------------------------------------------------------

OUTAGE = timedelta(minutes=5)
"""What is planned later than this after its cause is planned from now on, not from the cause."""


class NotificationStatus(StrEnum):
    """How far a notice has come; the last of these that is true."""

    PLANNED = "planned"
    UNDELIVERABLE = "undeliverable"
    SENT = "sent"
    DELIVERED = "delivered"
    SEEN = "seen"
    SETTLED = "settled"
    ACKNOWLEDGED = "acknowledged"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class DueAttempt:
    """What is to be sent next, by which channel and from when on."""

    channel: PlannedChannel
    attempt: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A notice to one person; of one that was withheld from the start, nothing is planned."""

    planned: NotificationPlanned | None = None
    withheld: NotificationWithheld | None = None
    tried: int = 0
    """How many of the planned channels were given up."""
    attempts: int = 0
    """How many attempts by the present channel failed."""
    failed: frozenset[tuple[UUID, int]] = frozenset()
    retry_at: datetime | None = None
    sent: NotificationSent | None = None
    delivered: bool = False
    seen_at: datetime | None = None
    acknowledged: bool = False
    settled: bool = False

    @property
    def status(self) -> NotificationStatus:
        """Return how far the notice has come."""
        reached = (
            (self.withheld is not None, NotificationStatus.WITHHELD),
            (self.acknowledged, NotificationStatus.ACKNOWLEDGED),
            (self.settled, NotificationStatus.SETTLED),
            (self.seen_at is not None, NotificationStatus.SEEN),
            (self.delivered, NotificationStatus.DELIVERED),
            (self.sent is not None, NotificationStatus.SENT),
            (self.is_undeliverable, NotificationStatus.UNDELIVERABLE),
        )
        return next((status for so, status in reached if so), NotificationStatus.PLANNED)

    @property
    def is_undeliverable(self) -> bool:
        """Tell whether every channel there was has been given up."""
        planned = self.planned
        return planned is not None and 0 < len(planned.channels) <= self.tried

    @property
    def is_over(self) -> bool:
        """Tell whether there is nothing more to send: it was held back, seen or answered."""
        done = self.seen_at is not None or self.acknowledged or self.settled
        return done or self.withheld is not None

    @property
    def next_attempt(self) -> DueAttempt | None:
        """Return the attempt that comes next, whether or not it is still worth making."""
        planned = self.planned
        if planned is None or self.sent is not None or self.tried >= len(planned.channels):
            return None
        at = self.retry_at or planned.send_after_at
        return DueAttempt(planned.channels[self.tried], self.attempts + 1, at)


def recipient_of(actor: Actor) -> str:
    """Return by what notices name who acts: a customer by her record, all others by account."""
    if actor.customer_id is not None and actor.roles == {Role.CUSTOMER}:
        return f"customer:{actor.customer_id}"
    return actor.id


def due_attempt(notice: Notification) -> DueAttempt | None:
    """Return what is to be sent next and when; None where nothing is to be sent any more."""
    return None if notice.is_over else notice.next_attempt
