"""A year of one customer, with all that follows of itself: every saga of hers at work together."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

from domain import lease as ls
from domain import loyalty as lo
from domain import notification as n
from domain import order as o
from domain import vehicle as v
from domain.declare import Role
from domain.staff import RegisterStaffMember
from sagas import (
    earning,
    financing,
    instalments,
    loyalty_expiry,
    notices,
    order_notices,
    points_notices,
    portal_account,
)
from sagas.instances import view_of
from store.casebook import Casebook
from store.database import pool
from store.keys import Keys
from store.rulebook import SHIPPED, publication_of
from store.views import compare, rebuild
from tests.sagas.leasing import LEASE, SPRING, Lender, Lending
from tests.sagas.market import CAR, LEILA, ORDER, VIN, RealShowroom
from tests.sagas.promises import MASTER_KEY

HERS = (
    portal_account.SAGA,
    order_notices.SAGA,
    financing.SAGA,
    instalments.SAGA,
    earning.SAGA,
    points_notices.SAGA,
    loyalty_expiry.SAGA,
    notices.SAGA,
)
LEDGER = lo.ledger_id(LEILA, "club")


class Year(Lender):
    """A lender with the shipped club and the shipped policy, and one leasing officer."""

    def __init__(self) -> None:
        super().__init__(*HERS)
        self.wish(publication_of(SHIPPED / "loyalty_programme" / "club.toml"))
        self.wish(publication_of(SHIPPED / "notification_policy" / "default.toml"))
        self.wish(
            RegisterStaffMember(
                stream=UUID(int=7), account="omid", name="X", roles=(Role.LEASING_OFFICER,)
            )
        )
        self.customer()

    def to(self, on: date) -> None:
        """Let time pass to noon in Tehran of a day."""
        self.time.run_until(datetime(on.year, on.month, on.day, 8, 30, tzinfo=SPRING.tzinfo))

    def drive(self) -> None:
        """Register the car as hers, and have it serviced after some months."""
        self.say(v.RegisterVehicle(stream=CAR, make="IKCO", model="Dena", vin=VIN))
        self.say(
            v.RecordOwnership(
                stream=CAR,
                ownership_id=uuid5(CAR, "hers"),
                customer_id=LEILA,
                role=v.OwnershipRole.LESSEE,
                from_on=self.now.date(),
            )
        )


def live_through(year: Year) -> None:
    """Order, lease, wait too long, drive, pay late, have the car serviced, and let a year pass."""
    year.order(scheme="leased", lease_id=LEASE, promised_on=SPRING.date() + timedelta(days=20))
    year.settle()
    year.lease()
    year.to(SPRING.date() + timedelta(days=25))
    year.allocate()
    year.release()
    year.settle()
    year.to(SPRING.date() + timedelta(days=28))
    year.deliver()
    year.drive()
    for number, line in enumerate(year.lines()):
        late_days = 9 if number == 1 else -1
        year.to(line.due_on + timedelta(days=late_days))
        owed = ls.standing(year.standing(), year.now.date()).penalty_minor
        owed += sum(each.unpaid for each in year.lines()[: number + 1])
        year.pay(f"instalment {number}", owed)
    year.to(date(2026, 12, 1))
    year.say(
        v.RecordVisit(
            stream=CAR,
            visit_id=uuid5(CAR, "visit"),
            dealer_id="T-17",
            visited_on=year.now.date(),
            mileage_km=9_000,
            works=(v.WorkKind.PERIODIC_SERVICE,),
        )
    )
    year.to(date(2027, 5, 10))


def test_a_year_goes_by_itself_and_every_saga_is_what_the_log_folds_into() -> None:
    year = Year()
    live_through(year)
    assert year.person().account is not None
    assert year.state(ORDER).status is o.OrderStatus.DELIVERED
    assert year.standing().activated is not None
    ledger: lo.Ledger = year.state(LEDGER)
    assert ledger.earned == 20 + 950 + 200  # the account, the car and the service
    assert year.standing().status is ls.LeaseStatus.COMPLETED
    told = Counter(each.event.code for each in year.all_of(n.NotificationPlanned))
    assert told["order.delivery_late"] == 1
    assert told["order.vehicle_allocated"] == told["order.released"] == 1
    assert told["lease.in_arrears"] == told["lease.bucket_changed"] == 1
    assert told["lease.instalment_due"] >= 2 * 6
    assert year.time.refused == []
    assert year.settle() == 0
    for saga in HERS:
        assert year.is_as_folded_anew(saga), saga.name
    notices_made = [each.stream for each in year.all_of(n.NotificationPlanned)]
    assert len(notices_made) == len(set(notices_made))


# --- on a real casebook ---------------------------------------------------------------------------


class RealYear(RealShowroom, Lending):
    """The same on a casebook, beginning today."""


def test_on_a_real_casebook_each_saga_is_equal_to_its_rebuild_which_tells_nothing(
    database_url: str,
) -> None:
    with pool(database_url, "writer", size=4) as own:
        casebook = Casebook(own, database_url, Keys(MASTER_KEY))
        year = RealYear(database_url, casebook, HERS, datetime.now(UTC) + timedelta(minutes=1))
        year.begin()
        year.begin_lending()
        year.wish(publication_of(SHIPPED / "loyalty_programme" / "club.toml"))
        year.customer()
        year.order(scheme="leased", promised_on=year.now.date() + timedelta(days=9))
        year.lease(order_id=ORDER)
        year.settle()
        year.now += timedelta(days=24)  # before the first instalment, however months lie
        while not year.all_of(ls.ArrearsBucketChanged):
            year.settle()
            year.now += timedelta(days=7)
        year.pay("late", 300_000_000)
        year.settle()
        told = Counter(each.event.code for each in year.all_of(n.NotificationPlanned))
        assert told["order.delivery_late"] == told["lease.in_arrears"] == 1
        assert told["lease.instalment_due"] >= 1
        changed = [each.event.bucket for each in year.all_of(ls.ArrearsBucketChanged)]
        assert changed == ["overdue", None]
        head = casebook.head()
        for saga in HERS:
            assert compare(year.url, casebook.log_reader, view_of(saga)) == [], saga.name
        rebuild(year.url, casebook.log_reader, view_of(instalments.SAGA))
        assert (year.settle(), casebook.head()) == (0, head)
