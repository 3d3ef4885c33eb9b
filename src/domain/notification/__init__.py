"""A notice to one person: planned, sent, delivered or failed, seen, acknowledged.

One stream per person and cause. A notice lies in the inbox from the moment it is planned; besides,
it goes out by her channels, one after the other, until one of them takes it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import assert_never
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.declare import (
    AlreadyExists,
    CaseNotFound,
    Context,
    Decider,
    Parties,
    Role,
)
from domain.notification.messages import (
    AcknowledgeNotification,
    ChannelExhausted,
    DeliveryFailed,
    HoldBackNotification,
    MarkSeen,
    NotificationAcknowledged,
    NotificationCommand,
    NotificationDelivered,
    NotificationEvent,
    NotificationPlanned,
    NotificationPostponed,
    NotificationSeen,
    NotificationSent,
    NotificationSettled,
    NotificationUndeliverable,
    NotificationWithheld,
    Param,
    PlannedChannel,
    PlanNotification,
    PostponeNotification,
    RecordDelivered,
    RecordDeliveryFailure,
    RecordSent,
    SettleNotification,
    WithheldReason,
    WithholdNotification,
)
from domain.notification.notice import (
    OUTAGE,
    AlreadySent,
    AttemptIsNotDue,
    DueAttempt,
    Notification,
    NotificationIsWithheld,
    NotificationsAreTheSystems,
    NotificationStatus,
    NotTheRecipient,
    QuietHoursAreWrong,
    RecipientIsUnclear,
    due_attempt,
    recipient_of,
)
from domain.notification.sending import fail, postpone, record
from domain.notification_policy import NotificationPolicy
from domain.quiet_hours import next_local, quiet_until
from domain.rulebook import Published, RulesNotPublished

# --- decide ---------------------------------------------------------------------------------------


def decide(
    notice: Notification, command: NotificationCommand, context: Context
) -> Sequence[NotificationEvent]:
    """Decide who is told, when and by what; and what became of it."""
    match command:
        case PlanNotification():
            _require_system(context)
            return _plan(notice, command, context)
        case WithholdNotification():
            _require_system(context)
            return _withhold(notice, command)
        case MarkSeen() | AcknowledgeNotification():
            return _answer(notice, command, context)
    _require_system(context)
    if notice.planned is None:
        raise CaseNotFound if notice.withheld is None else NotificationIsWithheld
    match command:
        case HoldBackNotification(reason=reason):
            return _hold_back(notice, notice.planned, reason)
        case SettleNotification(why=why):
            over = notice.settled or notice.acknowledged or notice.withheld is not None
            settled = NotificationSettled(why=why, case_id=notice.planned.case_id)
            return [] if over else [settled]
        case RecordSent() | RecordDelivered():
            return record(notice, command)
        case RecordDeliveryFailure():
            return fail(notice, notice.planned, command, context.now)
        case PostponeNotification(until_at=until_at):
            return postpone(notice, until_at)
    assert_never(command)


def _require_system(context: Context) -> None:
    if not context.actor.has(Role.SYSTEM):
        raise NotificationsAreTheSystems


def _policy(context: Context, at: datetime) -> Published[NotificationPolicy] | None:
    try:
        return context.rules.in_force(NotificationPolicy, "default", at)
    except RulesNotPublished:
        return None


def _plan(
    notice: Notification, command: PlanNotification, context: Context
) -> Sequence[NotificationEvent]:
    standing = notice.planned
    if (command.staff_id is None) == (command.customer_id is None):
        raise RecipientIsUnclear
    if notice.withheld is not None and standing is None:
        raise AlreadyExists
    if standing is not None:
        if _whom_of_what(standing) != _whom_of_what(command):
            raise AlreadyExists
        return []
    published = _policy(context, command.caused_at)
    policy = NotificationPolicy() if published is None else published.content
    rule = policy.rule(command.code)
    is_customer = command.customer_id is not None
    hours = policy.customers_quiet if is_customer else command.quiet_hours
    zone = policy.zone if hours is None else hours.zone
    pressing = not {command.priority, command.urgency}.isdisjoint(rule.overrides_quiet_hours_for)
    if pressing and command.allows_urgent:
        hours = None
    late = context.now - command.caused_at > OUTAGE
    from_at = context.now if late else command.caused_at
    digest = None
    try:
        if rule.digest:
            from_at = next_local(from_at, policy.digest_local, zone)
            digest = from_at.astimezone(ZoneInfo(zone)).date().isoformat()
        send_after_at = quiet_until(hours, from_at)
    except (KeyError, ValueError, OSError):
        raise QuietHoursAreWrong from None
    return [
        NotificationPlanned(
            recipient=command.recipient,
            staff_id=command.staff_id,
            customer_id=command.customer_id,
            consent=rule.consent if is_customer else None,
            locale=command.locale,
            zone=zone,
            code=command.code,
            case_id=command.case_id,
            case_category=command.case_category,
            params=command.params,
            urgency=command.urgency,
            must_acknowledge=rule.must_acknowledge,
            cause=command.cause,
            send_after_at=send_after_at,
            channels=_in_order(command.channels, rule.channels),
            quiet_hours=hours,
            digest=digest,
            attempts_max=rule.attempts_max,
            back_off_s=rule.back_off_s,
            policy=None if published is None else published.pin,
        )
    ]


def _whom_of_what(
    notice: NotificationPlanned | PlanNotification,
) -> tuple[str, UUID | None, UUID | None, str, UUID]:
    return (notice.recipient, notice.staff_id, notice.customer_id, notice.code, notice.cause)


def _in_order(
    channels: Sequence[PlannedChannel], kinds: Sequence[str]
) -> tuple[PlannedChannel, ...]:
    """Return the channels of these kinds in the order of the kinds; all, where no kind is said."""
    if not kinds:
        return tuple(channels)
    return tuple(channel for kind in kinds for channel in channels if channel.kind == kind)


def _withhold(notice: Notification, command: WithholdNotification) -> Sequence[NotificationEvent]:
    withheld = NotificationWithheld(
        reason=command.reason,
        code=command.code,
        case_id=command.case_id,
        case_category=command.case_category,
        params=command.params,
        cause=command.cause,
        recipient=command.recipient,
        staff_id=command.staff_id,
        customer_id=command.customer_id,
        of=command.of,
    )
    if notice.planned is None and notice.withheld is None:
        return [withheld]
    if notice.planned is None and notice.withheld == withheld:
        return []
    raise AlreadyExists


def _hold_back(
    notice: Notification, planned: NotificationPlanned, reason: WithheldReason
) -> Sequence[NotificationEvent]:
    if notice.withheld is not None:
        return []
    if notice.sent is not None:
        raise AlreadySent
    return [
        NotificationWithheld(
            reason=reason,
            code=planned.code,
            case_id=planned.case_id,
            case_category=planned.case_category,
            params=planned.params,
            cause=planned.cause,
            recipient=planned.recipient,
            staff_id=planned.staff_id,
            customer_id=planned.customer_id,
            of=None,
        )
    ]


def _answer(
    notice: Notification, command: MarkSeen | AcknowledgeNotification, context: Context
) -> Sequence[NotificationEvent]:
    planned = notice.planned
    if planned is None:
        raise CaseNotFound
    if recipient_of(context.actor) != planned.recipient:
        raise NotTheRecipient
    match command:
        case MarkSeen():
            seen = notice.seen_at is not None
            return [] if seen else [NotificationSeen(seen_at=context.now)]
        case AcknowledgeNotification():
            acknowledged = NotificationAcknowledged(by=planned.recipient, case_id=planned.case_id)
            return [] if notice.acknowledged else [acknowledged]
    assert_never(command)


# --- evolve ---------------------------------------------------------------------------------------


def evolve(notice: Notification, event: NotificationEvent) -> Notification:
    """Follow one event of a notice."""
    match event:
        case NotificationPlanned():
            return replace(notice, planned=event)
        case NotificationWithheld():
            return replace(notice, withheld=event)
        case NotificationSent():
            return replace(notice, sent=event)
        case NotificationDelivered():
            return replace(notice, delivered=True)
        case DeliveryFailed(channel_id=channel_id, attempt=attempt, retry_at=retry_at):
            failed = notice.failed | {(channel_id, attempt)}
            return replace(notice, sent=None, attempts=attempt, failed=failed, retry_at=retry_at)
        case ChannelExhausted(next_at=next_at):
            return replace(notice, tried=notice.tried + 1, attempts=0, retry_at=next_at)
        case NotificationUndeliverable():
            return notice
        case NotificationPostponed(until_at=until_at):
            return replace(notice, retry_at=until_at)
        case NotificationSeen(seen_at=seen_at):
            return replace(notice, seen_at=seen_at)
        case NotificationAcknowledged():
            return replace(notice, acknowledged=True)
        case NotificationSettled():
            return replace(notice, settled=True)
    assert_never(event)


def _parties(notice: Notification) -> Parties:
    """A notice to a customer is hers; one to a member of staff is nobody's case."""
    told = notice.planned or notice.withheld
    return Parties(customer_id=None if told is None else told.customer_id)


DECIDER: Decider[Notification, NotificationCommand, NotificationEvent] = Decider(
    category="notification",
    initial=Notification(),
    decide=decide,
    evolve=evolve,
    commands=(
        PlanNotification,
        WithholdNotification,
        HoldBackNotification,
        RecordSent,
        RecordDelivered,
        RecordDeliveryFailure,
        PostponeNotification,
        MarkSeen,
        AcknowledgeNotification,
        SettleNotification,
    ),
    opens=(PlanNotification, WithholdNotification),
    parties=_parties,
    events=(
        NotificationPlanned,
        NotificationWithheld,
        NotificationSent,
        NotificationDelivered,
        DeliveryFailed,
        ChannelExhausted,
        NotificationUndeliverable,
        NotificationPostponed,
        NotificationSeen,
        NotificationAcknowledged,
        NotificationSettled,
    ),
)

__all__ = [
    "DECIDER",
    "AcknowledgeNotification",
    "AlreadySent",
    "AttemptIsNotDue",
    "ChannelExhausted",
    "DeliveryFailed",
    "DueAttempt",
    "HoldBackNotification",
    "MarkSeen",
    "NotTheRecipient",
    "Notification",
    "NotificationAcknowledged",
    "NotificationCommand",
    "NotificationDelivered",
    "NotificationEvent",
    "NotificationIsWithheld",
    "NotificationPlanned",
    "NotificationPostponed",
    "NotificationSeen",
    "NotificationSent",
    "NotificationSettled",
    "NotificationStatus",
    "NotificationUndeliverable",
    "NotificationWithheld",
    "NotificationsAreTheSystems",
    "Param",
    "PlanNotification",
    "PlannedChannel",
    "PostponeNotification",
    "QuietHoursAreWrong",
    "RecipientIsUnclear",
    "RecordDelivered",
    "RecordDeliveryFailure",
    "RecordSent",
    "SettleNotification",
    "WithheldReason",
    "WithholdNotification",
    "due_attempt",
    "recipient_of",
]
