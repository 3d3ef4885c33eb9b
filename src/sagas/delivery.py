"""Sends notices: by one channel after the other, at least once, each with a key that stays.

The only module of the program that sends anything. Nothing is recorded as sent before its receiver
took it, so whoever dies in between sends it again, and the receiver knows the repetition by its
key. Addresses are read at the moment of sending from the record of the person, and kept nowhere.

An instance is one notice, or all that go out in one digest: those of one person for one instant.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from domain.clocks.messages import Urgency
from domain.declare import Command, stored_name
from domain.notification import DECIDER as NOTIFICATION
from domain.notification import (
    ChannelExhausted,
    DeliveryFailed,
    DueAttempt,
    HoldBackNotification,
    Notification,
    NotificationPlanned,
    NotificationPostponed,
    NotificationSent,
    NotificationUndeliverable,
    PostponeNotification,
    RecordDelivered,
    RecordDeliveryFailure,
    RecordSent,
    WithheldReason,
    due_attempt,
)
from sagas.addressees import addressee_of, is_urgent
from sagas.channels import Channels, Deferred, NotSent
from sagas.channels.webhooks import WEBHOOK
from sagas.declare import Do, Hands, Saga, Wake, made_by
from sagas.wording import Said, message_of
from store.log import Recorded

TOGETHER_MAX = 100
"""How many notices one message holds at most."""

# --- state ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A notice that is to be sent; `cause` is the event that said when.

    One that is `over` (seen, answered, held back) is not sent any more. It is remembered until the
    others of its digest are sent, for the digest is known to its receiver by its first notice.
    """

    notice: UUID
    at: datetime
    planned_at: datetime
    cause: UUID
    over: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """What goes out together, in the order in which it was planned."""

    urgency: Urgency
    notices: tuple[Outgoing, ...]
    is_digest: bool = False


# --- evolve ---------------------------------------------------------------------------------------


def key(recorded: Recorded) -> UUID:
    """Return the notice, or the digest that a planned notice goes out with."""
    event = recorded.event
    if isinstance(event, NotificationPlanned) and event.digest is not None:
        reader = event.staff_id or event.customer_id
        assert reader is not None
        return made_by(reader, f"digest {event.send_after_at.isoformat()}")
    return recorded.stream


def reaches(recorded: Recorded) -> tuple[str, ...]:
    """Return the word by which a digest hears what becomes of one of its notices."""
    if isinstance(recorded.event, NotificationPlanned):
        return ()
    return (str(recorded.stream),)


def tags(delivery: Delivery) -> tuple[str, ...]:
    """Return the words of a digest: its notices."""
    return tuple(str(one.notice) for one in delivery.notices) if delivery.is_digest else ()


def evolve(delivery: Delivery | None, recorded: Recorded, _: Any) -> Delivery | None:
    """Follow one event of a notice; None when nothing is to be sent any more."""
    event = recorded.event
    if isinstance(event, NotificationPlanned):
        return _planned(delivery, event, recorded)
    if delivery is None:
        return None
    match event:
        case DeliveryFailed(retry_at=at) | ChannelExhausted(next_at=at) if at is not None:
            change: dict[str, Any] = {"at": at, "cause": recorded.event_id}
        case NotificationPostponed(until_at=at):
            change = {"at": at, "cause": recorded.event_id}
        case DeliveryFailed():
            return delivery
        case NotificationSent() | NotificationUndeliverable() | ChannelExhausted():
            left = tuple(one for one in delivery.notices if one.notice != recorded.stream)
            return _left(replace(delivery, notices=left))
        case _:
            change = {"over": True}
    notices = tuple(
        replace(one, **change) if one.notice == recorded.stream else one for one in delivery.notices
    )
    return _left(replace(delivery, notices=notices))


def _planned(
    delivery: Delivery | None, event: NotificationPlanned, recorded: Recorded
) -> Delivery | None:
    if not event.channels:
        return delivery  # it lies in the inbox, and that is all
    added = Outgoing(recorded.stream, event.send_after_at, recorded.recorded_at, recorded.event_id)
    if delivery is None:
        return Delivery(event.urgency, (added,), event.digest is not None)
    return replace(
        delivery,
        urgency=min(delivery.urgency, event.urgency, key=lambda urgency: urgency.lane),
        notices=(*delivery.notices, added),
    )


def _left(delivery: Delivery) -> Delivery | None:
    return None if all(one.over for one in delivery.notices) else delivery


def wake(delivery: Delivery) -> Wake:
    """Wake when the first of the notices is to be sent."""
    return Wake(min(one.at for one in delivery.notices if not one.over), delivery.urgency)


# --- what is to be done ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Next:
    """A notice as the log has it now, and the attempt that comes next, worth making or not."""

    out: Outgoing
    notice: Notification
    planned: NotificationPlanned
    attempt: DueAttempt

    def is_due(self, now: datetime) -> bool:
        """Tell whether it is to be sent by now."""
        return due_attempt(self.notice) is not None and self.attempt.at <= now

    def goes_with(self, other: "_Next") -> bool:
        """Tell whether both are to be sent by the same channel at the same attempt."""
        mine, its = self.attempt, other.attempt
        return (mine.channel, mine.attempt) == (its.channel, its.attempt)


def perform(delivery: Delivery, now: datetime, hands: Hands) -> None:
    """Make one attempt by one channel for all that are due by it, and record what became of it.

    Where a channel is busy or rests nothing is recorded: it is tried when the lease has expired.
    """
    senders: Channels = hands.senders
    outgoing = _outgoing(delivery, hands)
    first = next((one for one in outgoing if one.is_due(now)), None)
    if first is None:
        return
    group = _group(outgoing, first)
    due = [one for one in group if one.is_due(now)]
    reader = addressee_of(first.planned, hands)
    if (why := reader.withheld) is not None:
        _record(hands, [(one, [_held_back(one, why)]) for one in outgoing if one.is_due(now)])
        return
    until_at = reader.quiet_until(now)
    if until_at > now:
        _record(hands, [(one, [_postponed(one, until_at)]) for one in due])
        return
    message_key = _key_of(group, first.attempt.channel.channel_id)
    try:
        target = reader.target(first.attempt.channel.channel_id)
        said = [Said(one.out.notice, one.out.planned_at, one.planned) for one in due]
        message = message_of(
            said, message_key, as_digest=delivery.is_digest, url=senders.public_url
        )
        senders.send(target, message, now, urgent=is_urgent(delivery.urgency))
    except Deferred:
        return
    except NotSent as failure:
        _record(hands, [(one, [_failed(one, failure)]) for one in due])
        return
    _record(hands, [(one, _sent(one, target.kind, message_key)) for one in due])


def _outgoing(delivery: Delivery, hands: Hands) -> list[_Next]:
    found = []
    for out in delivery.notices:
        notice: Notification = hands.casebook.state(out.notice).state
        attempt = notice.next_attempt
        if attempt is not None and notice.planned is not None:
            found.append(_Next(out, notice, notice.planned, attempt))
    return found


def _group(outgoing: Sequence[_Next], first: _Next) -> Sequence[_Next]:
    """Return what goes with the first that is due, in one message of a bounded size."""
    together = [one for one in outgoing if one.goes_with(first)]
    place = together.index(first)
    start = place - place % TOGETHER_MAX
    return together[start : start + TOGETHER_MAX]


def _key_of(group: Sequence[_Next], channel_id: UUID) -> UUID:
    """Return the key of a message: the same whenever the same notices go by the same channel.

    What was seen or held back meanwhile counts, so that a message that was taken, but not recorded,
    has the same key when it is sent again.
    """
    first, *others = (one.out.notice for one in group)
    return uuid5(first, ",".join(map(str, (channel_id, *others))))


def _held_back(one: _Next, why: WithheldReason) -> Command:
    return HoldBackNotification(stream=one.out.notice, reason=why)


def _postponed(one: _Next, until_at: datetime) -> Command:
    return PostponeNotification(stream=one.out.notice, until_at=until_at)


def _failed(one: _Next, failure: NotSent) -> Command:
    return RecordDeliveryFailure(
        stream=one.out.notice,
        channel_id=one.attempt.channel.channel_id,
        attempt=one.attempt.attempt,
        error=failure.code,
        permanent=failure.is_final,
    )


def _sent(one: _Next, kind: str, message_key: UUID) -> list[Command]:
    """Return what is recorded: a webhook's receiver answers itself, others through a carrier."""
    stream, channel, attempt = one.out.notice, one.attempt.channel, one.attempt.attempt
    sent: list[Command] = [
        RecordSent(
            stream=stream, channel_id=channel.channel_id, attempt=attempt, key=str(message_key)
        )
    ]
    if kind == WEBHOOK:
        sent.append(RecordDelivered(stream=stream, channel_id=channel.channel_id, attempt=attempt))
    return sent


def _record(hands: Hands, wishes: Sequence[tuple[_Next, Sequence[Command]]]) -> None:
    """Record what became of all that went together, all or nothing."""
    commands = tuple(command for _, wished in wishes for command in wished)
    hands.act(Do(commands, wishes[0][0].out.cause))


SAGA: Saga[Delivery] = Saga(
    name="delivery",
    revision=1,
    topics=tuple(stored_name(event) for event in NOTIFICATION.events),
    state_type=Delivery,
    key=key,
    evolve=evolve,
    wake=wake,
    todo=lambda _delivery, _now: (),
    perform=perform,
    tags=tags,
    reaches=reaches,
    lease=timedelta(seconds=30),
)
