"""Whatever becomes of notices, the delivery saga wakes for just what is still to be sent."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain import notification as n
from domain.clocks.messages import Urgency
from domain.declare import Actor, ActorId, Context, Refusal, Role, stored_name
from domain.rulebook import NO_RULES
from sagas import delivery
from sagas.delivery import SAGA, Delivery
from store.log import Recorded

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DIGEST_AT = START + timedelta(hours=3)
HERSELF = Actor(id=ActorId("sara"), roles=frozenset({Role.SYSTEM, Role.SUPERVISOR}))
CHANNELS = tuple(n.PlannedChannel(channel_id=UUID(int=c), kind=f"k{c}") for c in (1, 2))
NOTICES = tuple(UUID(int=100 + number) for number in range(4))


def planned(channels: int, *, in_digest: bool, urgency: Urgency) -> n.NotificationPlanned:
    return n.NotificationPlanned(
        recipient="sara", staff_id=UUID(int=9), locale="en", zone="UTC",
        code="complaint.reminder_sent", case_id=UUID(int=8), case_category="complaint", params=(),
        urgency=urgency, must_acknowledge=False, cause=UUID(int=7),
        send_after_at=DIGEST_AT if in_digest else START, channels=CHANNELS[:channels],
        quiet_hours=None, digest="2026-03-02" if in_digest else None, attempts_max=2,
        back_off_s=(60,), policy=None,
    )  # fmt: skip


def recorded_as(stream: UUID, position: int, event: Any) -> Recorded:
    return Recorded(
        position=position, stream=stream, version=position, topic=stored_name(type(event)),
        event=event, event_id=UUID(int=position), recorded_at=START, actor="x", role="system",
        reason=None, correlation_id=None, causation_id=None, subject_id=None, state=b"",
    )  # fmt: skip


class World:
    """The notices as the log has them, and the instances of the saga."""

    def __init__(self) -> None:
        self.notices: dict[UUID, n.Notification] = {}
        self.instances: dict[UUID, Delivery] = {}
        self.position = 0

    def record(self, stream: UUID, events: Sequence[Any]) -> None:
        for event in events:
            self.position += 1
            before = self.notices.get(stream, n.Notification())
            self.notices[stream] = n.DECIDER.evolve(before, event)
            self._fold(recorded_as(stream, self.position, event))

    def wish(self, command: n.NotificationCommand, now: datetime) -> None:
        state = self.notices.get(command.stream, n.Notification())
        context = Context(now=now, actor=HERSELF, rules=NO_RULES)
        try:
            self.record(command.stream, n.decide(state, command, context))
        except Refusal:
            return

    def _fold(self, recorded: Recorded) -> None:
        words = set(delivery.reaches(recorded))
        reached = [key for key, one in self.instances.items() if words & set(delivery.tags(one))]
        for key in dict.fromkeys([delivery.key(recorded), *reached]):
            state = SAGA.evolve(self.instances.get(key), recorded, None)
            if state is None:
                self.instances.pop(key, None)
            else:
                self.instances[key] = state

    def due(self) -> dict[UUID, datetime]:
        found = {stream: n.due_attempt(notice) for stream, notice in self.notices.items()}
        return {stream: attempt.at for stream, attempt in found.items() if attempt is not None}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(NOTICES),
        st.sampled_from(["sent", "failed", "gone", "seen", "settled", "held", "postponed", "plan"]),
    ),
    max_size=30,
)


@given(
    plans=st.lists(
        st.tuples(st.integers(0, 2), st.booleans(), st.sampled_from(list(Urgency))),
        min_size=4,
        max_size=4,
    ),
    steps=STEPS,
)
def test_the_saga_wakes_for_just_what_is_still_to_be_sent(
    plans: list[tuple[int, bool, Urgency]], steps: list[tuple[UUID, str]]
) -> None:
    world, now = World(), START
    wanted = dict(zip(NOTICES, plans, strict=True))
    for stream, what in [*((stream, "plan") for stream in NOTICES[:3]), *steps]:
        now += timedelta(seconds=30)
        happen(world, stream, what, now, wanted[stream])
        outgoing = {
            out.notice: out.at
            for instance in world.instances.values()
            for out in instance.notices
            if not out.over
        }
        assert outgoing == world.due()
        for instance in world.instances.values():
            waits = [out.at for out in instance.notices if not out.over]
            assert delivery.wake(instance).at == min(waits)


def happen(
    world: World, stream: UUID, what: str, now: datetime, plan: tuple[int, bool, Urgency]
) -> None:
    notice = world.notices.get(stream)
    if what == "plan":
        if notice is None:
            channels, in_digest, urgency = plan
            world.record(stream, [planned(channels, in_digest=in_digest, urgency=urgency)])
        return
    due = None if notice is None else notice.next_attempt
    at: dict[str, Any] = {"stream": stream, "channel_id": UUID(int=1), "attempt": 1}
    if due is not None:
        at |= {"channel_id": due.channel.channel_id, "attempt": due.attempt}
    wishes: dict[str, n.NotificationCommand] = {
        "sent": n.RecordSent(**at, key="k"),
        "failed": n.RecordDeliveryFailure(**at, error="timed_out"),
        "gone": n.RecordDeliveryFailure(**at, error="gone", permanent=True),
        "seen": n.MarkSeen(stream=stream),
        "settled": n.SettleNotification(stream=stream, why="over"),
        "held": n.HoldBackNotification(stream=stream, reason=n.WithheldReason.INACTIVE),
        "postponed": n.PostponeNotification(stream=stream, until_at=now + timedelta(hours=9)),
    }
    if what in ("failed", "gone") and notice is not None and notice.sent is not None:
        return  # nobody tells us of what bounced later
    world.wish(wishes[what], now)
