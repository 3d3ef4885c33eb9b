"""A post office: notices to one member of staff, sent by the delivery saga at a said instant."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4, uuid5

from domain.clocks.messages import Urgency
from domain.declare import Actor, ActorId, Command, Role, stored_name
from domain.notification import (
    Notification,
    Param,
    PlannedChannel,
    PlanNotification,
    due_attempt,
)
from domain.staff import (
    AddStaffChannel,
    RegisterStaffMember,
    StaffChannelKind,
)
from sagas.channels import Channels
from sagas.delivery import SAGA
from store.casebook import Casebook
from store.keys import Keys
from tests.sagas.desk import NOW, Desk

KEYS = Keys(bytes(range(32)))
SYSTEM = Actor(id=ActorId("system:test"), roles=frozenset({Role.SYSTEM}))
SARA = UUID(int=0x5A8A)
BREACHED = "complaint.deadline_breached"
CASE = UUID(int=0xCA5E)
FACTS = (
    Param(name="clock", value="resolution"),
    Param(name="due_at", value="2026-03-02T09:00:00Z"),
    Param(name="priority", value="urgent"),
)
_NUMBERS = count(1)


class Post(Desk):
    """The desk of the delivery saga, with channels, and Sara as the one to be told."""

    def __init__(self, url: str, casebook: Casebook, channels: Channels) -> None:
        super().__init__(url, casebook, [SAGA])
        self.channels = channels
        self.added: list[PlannedChannel] = []
        self.wish(RegisterStaffMember(
            stream=SARA, account="sara", name="Sara Ahmadi", roles=(Role.SUPERVISOR,),
            unit="care", locale="fa",
        ))  # fmt: skip

    def wish(self, *wishes: Command) -> None:
        """Execute as the system."""
        self.execute(*wishes, actor=SYSTEM)

    def channel(self, kind: str, address: str) -> PlannedChannel:
        """Give Sara a further channel."""
        channel_id = uuid5(SARA, f"{kind} {address} {len(self.added)}")
        self.wish(
            AddStaffChannel(
                stream=SARA, channel_id=channel_id, kind=StaffChannelKind(kind), address=address
            )
        )
        added = PlannedChannel(channel_id=channel_id, kind=kind)
        self.added.append(added)
        return added

    def plan(self, code: str = BREACHED, **changes: Any) -> UUID:
        """Plan a notice to Sara by all her channels."""
        wish = {
            "stream": uuid4(), "recipient": "sara", "staff_id": SARA, "locale": "fa",
            "code": code, "case_id": CASE, "case_category": "complaint", "params": FACTS,
            "urgency": Urgency.ESCALATION, "cause": UUID(int=next(_NUMBERS)),
            "caused_at": self.now, "channels": tuple(self.added), **changes,
        }  # fmt: skip
        self.wish(PlanNotification(**wish))
        return UUID(str(wish["stream"]))

    def send(self, at: datetime | None = None) -> int:
        """Fold, and fire what is due by an instant, once."""
        self.now = at or self.now
        self.fold()
        with self.timers(senders=self.channels) as timers:
            return timers.tick()

    def send_all(self, within: timedelta = timedelta(days=2)) -> None:
        """Go from one due instant to the next, until nothing is to be sent any more.

        Where what is due cannot be sent yet, a minute passes.
        """
        end = self.now + within
        while (at := self.next_at()) is not None and max(at, self.now) <= end:
            if not self.send(max(at, self.now)):
                self.now += timedelta(minutes=1)

    def next_at(self) -> datetime | None:
        """Return when the next notice is to be sent."""
        dues = [due_attempt(self.notice(stream)) for stream in self.streams()]
        return min((due.at for due in dues if due is not None), default=None)

    def streams(self) -> Sequence[UUID]:
        """Return all notices that were planned."""
        planned = self.casebook.read(0, 10_000, ["notification.planned"])
        return [recorded.stream for recorded in planned]

    def notice(self, stream: UUID) -> Notification:
        """Return a notice as it stands."""
        found: Notification = self.casebook.state(stream).state
        return found

    def became(self, stream: UUID) -> list[str]:
        """Return what happened to a notice after it was planned."""
        names = [stored_name(type(one.event)) for one in self.casebook.history(stream)]
        return [name.removeprefix("notification.") for name in names[1:]]


__all__ = ["BREACHED", "CASE", "FACTS", "KEYS", "NOW", "SARA", "SYSTEM", "Post"]
