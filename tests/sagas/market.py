"""A showroom: customers, orders under a plain scheme, and sagas driven at a said instant.

`Showroom` is one in memory, in virtual time; `RealShowroom` the same on a casebook.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

from domain import DECIDERS
from domain import customer as c
from domain import order as o
from domain.declare import Actor, ActorId, Command, Role
from domain.money import Currency, Money
from domain.notification import NotificationPlanned, NotificationWithheld
from domain.notification_policy import NoticeRule, NotificationPolicy
from domain.procedure import Procedure, ProcedureStep
from domain.quiet_hours import QuietHours
from domain.rulebook import Provenance
from sagas.declare import Saga
from sagas.virtual import VirtualTime, folded_anew
from store.log import Recorded
from store.rulebook import publication
from tests.sagas.desk import Desk

NOW = datetime(2028, 5, 7, 8, 0, tzinfo=UTC)
"""A Sunday at half past eleven in Tehran."""
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
TEHRAN = "Asia/Tehran"
CLERK = Actor(id=ActorId("u-17"), roles=frozenset({Role.SPECIALIST, Role.MANAGER}))
SYSTEM = Actor(id=ActorId("system:test"), roles=frozenset({Role.SYSTEM}))
LEILA = UUID(int=0x1E11A)
ORDER = UUID(int=0x0D0)
CAR = UUID(int=0xCA)
VIN = "NAAP03EE8KJ123456"
PRICE = Money(minor=9_500_000_000, currency=Currency.IRR)
STEPS = (*o.OrderStage, *o.OrderAct)
QUIET = QuietHours(starts_local="22:00", ends_local="08:00", zone=TEHRAN)
POLICY = NotificationPolicy(
    zone=TEHRAN,
    digest_local="09:00",
    customers_quiet=QUIET,
    rules=(
        NoticeRule(code="lease.instalment_due", days_before=(7, 1, 0)),
        NoticeRule(code="loyalty.points_expiring", days_before=(30, 7)),
    ),
)


def scheme(*, leased: bool = False) -> o.SaleScheme:
    """Return a scheme in which everything is allowed to everybody at any time."""
    without = {o.OrderStage.CONTRACT, *(() if leased else (o.OrderStage.FINANCING,))}
    steps = tuple(
        ProcedureStep(name=step.value, repeatable=True) for step in STEPS if step not in without
    )
    parts = [o.PlanPart(code="whole", share_bp=4_000 if leased else 10_000)]
    if leased:
        parts.append(o.PlanPart(code="lease", share_bp=6_000, by_lease=True))
    anything = o.CancellationTerms(reasons=tuple(o.OrderCancelReason))
    return o.SaleScheme(
        stages=Procedure(steps=steps),
        plan=tuple(parts),
        delivery_within_days=90,
        delay=None,
        cancellation=(anything,),
        hand_over=o.HandOver(signatories=(), keys_min=0),
    )


class Market:
    """Short words for what happens to customers and their orders, wherever it is recorded."""

    now: datetime

    def execute(self, *wishes: Command, actor: Actor = CLERK) -> int:
        """Execute what somebody wants, and return a position."""
        raise NotImplementedError

    def state(self, stream: UUID) -> Any:
        """Return a case as it stands."""
        raise NotImplementedError

    def log(self) -> Sequence[Recorded]:
        """Return all that was recorded."""
        raise NotImplementedError

    def begin(self, policy: NotificationPolicy = POLICY) -> None:
        """Publish the schemes and the notification policy."""
        for kind, name, content in (
            ("sale_scheme", "cash", scheme()),
            ("sale_scheme", "leased", scheme(leased=True)),
            ("notification_policy", "default", policy),
        ):
            self.publish(kind, name, content)

    def publish(self, kind: str, name: str, content: object, since: datetime = LONG_AGO) -> None:
        """Publish a rule document."""
        source = Provenance(source="tests", confirmed="policy")
        self.wish(publication(kind, name, content, since, source))

    def wish(self, *wishes: Command) -> int:
        """Execute as the system."""
        return self.execute(*wishes, actor=SYSTEM)

    def say(self, *wishes: Command) -> int:
        """Execute as a clerk."""
        return self.execute(*wishes, actor=CLERK)

    # --- customers ------------------------------------------------------------------------------

    def customer(
        self,
        stream: UUID = LEILA,
        *,
        phone: str | None = "09121234567",
        email: str | None = None,
        agrees: bool = True,
        locale: c.Locale = c.Locale.FA,
    ) -> UUID:
        """Register a customer with verified contacts, who agrees to be told or says nothing."""
        self.say(c.RegisterCustomer(stream=stream, name="Leila Karimi", locale=locale))
        for channel, value in ((c.ContactChannel.PHONE, phone), (c.ContactChannel.EMAIL, email)):
            if value is not None:
                self.contact(stream, channel, value)
        if agrees:
            self.consent(stream, granted=True)
        return stream

    def contact(
        self, stream: UUID, channel: c.ContactChannel, value: str, *, verified: bool = True
    ) -> UUID:
        """Add a contact."""
        contact_id = uuid5(stream, value)
        self.say(
            c.AddContact(
                stream=stream,
                contact_id=contact_id,
                channel=channel,
                value=value,
                verified=verified,
            )
        )
        return contact_id

    def consent(self, stream: UUID, *, granted: bool) -> None:
        """Record whether she agrees to notices."""
        self.say(
            c.RecordConsent(
                stream=stream,
                purpose=c.ConsentPurpose.SERVICE_NOTICES,
                granted=granted,
                channel=c.ConsentChannel.PHONE,
            )
        )

    def merge(self, absorbed: UUID, survivor: UUID) -> None:
        """Merge two records of one person."""
        self.say(
            c.AbsorbCustomer(stream=survivor, absorbed_id=absorbed),
            c.MarkAsMerged(stream=absorbed, survivor_id=survivor),
        )

    def person(self, stream: UUID = LEILA) -> c.Customer:
        """Return a customer's record."""
        found: c.Customer = self.state(stream)
        return found

    # --- orders ---------------------------------------------------------------------------------

    def order(self, stream: UUID = ORDER, customer: UUID = LEILA, **given: Any) -> UUID:
        """Place an order, by default today for cash."""
        wish: dict[str, Any] = {
            "scheme": "cash",
            "model": "Dena Plus",
            "price": PRICE,
            "contract_on": self.now.date(),
            **given,
        }
        self.say(o.PlaceOrder(stream=stream, customer_id=customer, **wish))
        return stream

    def allocate(self, stream: UUID = ORDER, vehicle_id: UUID = CAR) -> None:
        """Allocate a car."""
        self.say(
            o.AllocateVehicle(
                stream=stream,
                allocation_id=uuid5(stream, str(vehicle_id)),
                vehicle_id=vehicle_id,
                vin=VIN,
                colour="white",
            )
        )

    def release(self, stream: UUID = ORDER, on: date | None = None) -> None:
        """Release the car from the factory."""
        source = o.OrderReleaseSource.FACTORY
        self.say(
            o.ReleaseOrder(
                stream=stream, released_on=on or self.now.date(), source=source, reference="R-1"
            )
        )

    def deliver(self, stream: UUID = ORDER, vehicle_id: UUID = CAR, on: date | None = None) -> None:
        """Hand the car over, by default today."""
        self.say(
            o.DeliverOrder(
                stream=stream,
                delivery_id=uuid5(stream, "delivery"),
                delivered_on=on or self.now.date(),
                mileage_km=7,
                keys=2,
                signed_by=(),
                vehicle_id=vehicle_id,
            )
        )

    def cancel(self, stream: UUID = ORDER, vehicle_id: UUID | None = None) -> None:
        """Cancel an order today; `vehicle_id` is the car that is allocated."""
        self.say(
            o.CancelOrder(
                stream=stream,
                because=o.OrderCancelReason.CUSTOMER_WITHDREW,
                cancelled_on=self.now.date(),
                vehicle_id=vehicle_id,
            )
        )

    # --- what was said --------------------------------------------------------------------------

    def all_of(self, kind: type[Any]) -> list[Recorded]:
        """Return every event of a class."""
        return [one for one in self.log() if isinstance(one.event, kind)]

    def told(self) -> Sequence[str]:
        """Return the codes of all notices that were planned."""
        return [one.event.code for one in self.all_of(NotificationPlanned)]

    def withheld(self) -> Sequence[tuple[str, str]]:
        """Return the codes of all notices that were withheld, and why."""
        kept = self.all_of(NotificationWithheld)
        return [(one.event.code, one.event.reason.value) for one in kept]


class Showroom(Market):
    """A showroom in memory: the same rules and sagas, in virtual time, with no claims."""

    def __init__(self, *sagas: Saga[Any], now: datetime = NOW) -> None:
        self.time = VirtualTime(DECIDERS, sagas, now=now, performs=[saga.name for saga in sagas])
        self.begin()

    @property
    def now(self) -> datetime:
        """The instant that it is."""
        return self.time.now

    @now.setter
    def now(self, at: datetime) -> None:
        self.time.sleep_until(at)

    def execute(self, *wishes: Command, actor: Actor = CLERK) -> int:
        """Execute what somebody wants, and return the position."""
        self.time.execute(*wishes, actor=actor)
        return self.time.position

    def state(self, stream: UUID) -> Any:
        """Return a case as it stands."""
        return self.time.case(stream).state

    def log(self) -> Sequence[Recorded]:
        """Return all that was recorded."""
        return self.time.log

    def settle(self) -> int:
        """Let the sagas do all that is due, and return how many events that made."""
        before = self.time.position
        self.time.run_until(self.time.now)
        return self.time.position - before

    def is_as_folded_anew(self, saga: Saga[Any]) -> bool:
        """Tell whether a saga's instances are what its log folds into."""
        return self.time.instances(saga) == folded_anew(saga, self.time.log)


class RealShowroom(Market, Desk):
    """A showroom on a casebook."""

    def execute(self, *wishes: Command, actor: Actor = CLERK) -> int:
        """Execute what somebody wants, and return the position."""
        return Desk.execute(self, *wishes, actor=actor)

    def state(self, stream: UUID) -> Any:
        """Return a case as it stands."""
        return self.casebook.state(stream).state

    def log(self) -> Sequence[Recorded]:
        """Return all that was recorded."""
        return self.casebook.read(0, 100_000)
