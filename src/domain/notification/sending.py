"""What becomes of a notice on its way: taken over, delivered, failed, or put off."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain.notification.messages import (
    ChannelExhausted,
    DeliveryFailed,
    NotificationDelivered,
    NotificationEvent,
    NotificationPlanned,
    NotificationPostponed,
    NotificationSent,
    NotificationUndeliverable,
    RecordDelivered,
    RecordDeliveryFailure,
    RecordSent,
)
from domain.notification.notice import AttemptIsNotDue, DueAttempt, Notification, due_attempt
from domain.quiet_hours import quiet_until


def record(
    notice: Notification, command: RecordSent | RecordDelivered
) -> Sequence[NotificationEvent]:
    """Record that a channel took the notice over, or that its receiver has it."""
    sent = notice.sent
    if sent is not None:
        if (sent.channel_id, sent.attempt) != (command.channel_id, command.attempt):
            raise AttemptIsNotDue
        if isinstance(command, RecordSent):
            if sent.key != command.key:
                raise AttemptIsNotDue
            return []
        delivered = NotificationDelivered(
            channel_id=sent.channel_id, kind=sent.kind, attempt=sent.attempt
        )
        return [] if notice.delivered else [delivered]
    due = notice.next_attempt
    if isinstance(command, RecordDelivered) or due is None or not _is(due, command):
        raise AttemptIsNotDue
    return [
        NotificationSent(
            channel_id=command.channel_id,
            kind=due.channel.kind,
            attempt=command.attempt,
            key=command.key,
        )
    ]


def _is(due: DueAttempt, command: RecordSent | RecordDeliveryFailure) -> bool:
    return (due.channel.channel_id, due.attempt) == (command.channel_id, command.attempt)


def fail(
    notice: Notification,
    planned: NotificationPlanned,
    command: RecordDeliveryFailure,
    now: datetime,
) -> Sequence[NotificationEvent]:
    """Record a failure, also one that is heard of after the channel had taken the notice over."""
    if (command.channel_id, command.attempt) in notice.failed:
        return []
    before = replace(notice, sent=None)
    due = before.next_attempt
    if notice.delivered or due is None or not _is(due, command):
        raise AttemptIsNotDue
    again = command.attempt < planned.attempts_max and not command.permanent
    wait_s = planned.back_off_s[min(command.attempt, len(planned.back_off_s)) - 1]
    retry_at = quiet_until(planned.quiet_hours, now + timedelta(seconds=wait_s))
    failed = DeliveryFailed(
        channel_id=command.channel_id,
        kind=due.channel.kind,
        attempt=command.attempt,
        error=command.error,
        retry_at=retry_at if again else None,
    )
    if again:
        return [failed]
    left = planned.channels[notice.tried + 1 :]
    exhausted = ChannelExhausted(
        channel_id=command.channel_id,
        kind=due.channel.kind,
        next_channel=left[0] if left else None,
        next_at=quiet_until(planned.quiet_hours, now) if left else None,
    )
    return [failed, exhausted] if left else [failed, exhausted, NotificationUndeliverable()]


def postpone(notice: Notification, until_at: datetime) -> Sequence[NotificationEvent]:
    """Put the next attempt off; one that is no earlier than that anyway stays as it is."""
    due = due_attempt(notice)
    if due is None or due.at >= until_at:
        return []
    return [NotificationPostponed(until_at=until_at)]
